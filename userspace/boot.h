/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_BOOT_H
#define VMRUN_BOOT_H

#include "image.h"

/* A PC's memory: below 1 MiB, the last part is not free. */
#define LOWER_END	0x9fc00ULL
#define UPPER_START	0x100000ULL

/* Boot information starts where a PC has the first memory that no firmware uses. */
#define BOOT_INFO_ADDR	0x500ULL

/* Where something in the boot information is. */
static inline __u32 boot_info_address(size_t offset)
{
	return BOOT_INFO_ADDR + offset;
}

/**
 * struct boot_range - a row of the memory map
 * @at: which memory
 * @type: what E820h of a PC's firmware calls it
 */
struct boot_range {
	struct range at;
	__u32 type;
};

#define MEMORY_RAM	1
#define MEMORY_RESERVED	2

#define BOOT_MAP_ROWS	4

/* An initrd is one of them. */
#define MAX_BOOT_MODULES	(MAX_MODULES + 1)

/**
 * struct boot_module - a file in guest memory, for the kernel
 * @at: where
 * @string: what the kernel is told of it
 */
struct boot_module {
	struct range at;
	const char *string;
};

/**
 * struct boot_modules - all of them
 * @nr: how many
 * @list: each
 */
struct boot_modules {
	unsigned int nr;
	struct boot_module list[MAX_BOOT_MODULES];
};

void boot_memory_map(const struct vm *vm, struct boot_range *map);
int boot_load_modules(struct boot_modules *modules, const struct vm *vm,
		      const struct options *opt, __u64 floor);
int boot_info_range(const struct image *image, const struct vm *vm, const struct options *opt,
		    size_t fixed_size, struct range *info);
__u32 boot_put_string(const struct vm *vm, __u64 *at, const char *string);

#endif /* VMRUN_BOOT_H */
