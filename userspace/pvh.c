// SPDX-License-Identifier: GPL-2.0
/*
 * PVH kernels: ELF files that are entered as Xen's "x86/HVM direct boot ABI"
 * (docs/misc/pvh.pandoc of Xen) says, for which they have a note.
 */
#include <err.h>
#include <stddef.h>

#include "boot.h"
#include "elf_file.h"
#include "elf_note.h"
#include "exit_status.h"
#include "pvh.h"

/* Of Xen's public/arch-x86/hvm/start_info.h. */
#define START_INFO_MAGIC	0x336ec578
#define START_INFO_VERSION	1

struct hvm_start_info {
	__u32 magic;
	__u32 version;
	__u32 flags;
	__u32 nr_modules;
	__u64 modlist_paddr;
	__u64 cmdline_paddr;
	__u64 rsdp_paddr;	/* of ACPI; 0: there is none */
	__u64 memmap_paddr;
	__u32 memmap_entries;
	__u32 reserved;
};

struct hvm_modlist_entry {
	__u64 paddr;
	__u64 size;
	__u64 cmdline_paddr;
	__u64 reserved;
};

struct hvm_memmap_table_entry {
	__u64 addr;
	__u64 size;
	__u32 type;
	__u32 reserved;
};

/* The information and what it points to, in one piece: strings come last. */
struct boot_info {
	struct hvm_start_info info;
	struct hvm_memmap_table_entry map[BOOT_MAP_ROWS];
	struct hvm_modlist_entry modules[MAX_BOOT_MODULES];
};

static void write_info(const struct vm *vm, const char *append,
		       const struct boot_modules *modules)
{
	struct boot_info *to = (void *)(vm->mem + BOOT_INFO_ADDR);
	__u64 strings = boot_info_address(sizeof(*to));
	struct boot_range map[BOOT_MAP_ROWS];
	unsigned int i;

	to->info = (struct hvm_start_info){
		.magic = START_INFO_MAGIC,
		.version = START_INFO_VERSION,
		.nr_modules = modules->nr,
		.modlist_paddr = boot_info_address(offsetof(struct boot_info, modules)),
		.cmdline_paddr = boot_put_string(vm, &strings, append),
		.memmap_paddr = boot_info_address(offsetof(struct boot_info, map)),
		.memmap_entries = BOOT_MAP_ROWS,
	};
	boot_memory_map(vm, map);
	for (i = 0; i < BOOT_MAP_ROWS; i++)
		to->map[i] = (struct hvm_memmap_table_entry){
			.addr = map[i].at.start, .size = map[i].at.size, .type = map[i].type,
		};
	for (i = 0; i < modules->nr; i++)
		to->modules[i] = (struct hvm_modlist_entry){
			.paddr = modules->list[i].at.start,
			.size = modules->list[i].at.size,
			.cmdline_paddr = boot_put_string(vm, &strings, modules->list[i].string),
		};
}

/**
 * pvh_load() - load a PVH kernel, and what it is told
 * @image: the kernel
 * @vm: where to
 * @opt: has the command line, and names initrd and modules
 * @start: filled in: how the guest starts
 *
 * Return: 0, or an exit status after a message.
 */
int pvh_load(const struct image *image, const struct vm *vm,
	     const struct options *opt, struct start *start)
{
	const struct elf_notes notes = elf_notes(image);
	struct boot_modules modules;
	struct loaded loaded;
	struct range info;
	int status;

	if (!notes.has_entry) {
		warnx("%s: no ELF file with a PVH entry (XEN_ELFNOTE_PHYS32_ENTRY)", image->file);
		return STATUS_LOAD;
	}
	if (vm->mem_size <= UPPER_START) {
		warnx("%s: a PVH kernel needs more than 0x%llx bytes (use --mem)",
		      image->file, UPPER_START);
		return STATUS_LOAD;
	}
	status = boot_info_range(image, vm, opt, sizeof(struct boot_info), &info);
	if (!status)
		status = elf_load(image, vm, &info, &notes.entry, &loaded);
	if (!status)
		status = boot_load_modules(&modules, vm, opt, loaded.end);
	if (status)
		return status;
	write_info(vm, opt->append ?: "", &modules);
	*start = (struct start){
		.mode = START_PVH, .entry = loaded.entry, .info = BOOT_INFO_ADDR,
	};
	return 0;
}
