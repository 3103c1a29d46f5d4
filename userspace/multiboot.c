// SPDX-License-Identifier: GPL-2.0
/*
 * Multiboot kernels, version 1: what GRUB boots. "Section" here is one of the
 * Multiboot Specification, version 0.6.96.
 */
#include <err.h>
#include <stddef.h>
#include <string.h>

#include "boot.h"
#include "elf_file.h"
#include "exit_status.h"
#include "multiboot.h"

/* Section 3.1: the header, somewhere in the first bytes of the file. */
#define SEARCH_SIZE		8192
#define HEADER_ALIGN		4
#define HEADER_MAGIC		0x1badb002

#define HEADER_PAGE_ALIGN	0x00001U		/* of modules: always so */
#define HEADER_MEMORY_INFO	0x00002U		/* always given */
#define HEADER_VIDEO_MODE	0x00004U
#define HEADER_MANDATORY	0x0ffffU		/* a loader has to know these */
#define HEADER_ADDRESSES	0x10000U		/* the "a.out kludge" */

struct multiboot_header {
	__u32 magic;
	__u32 flags;
	__u32 checksum;
	/* with HEADER_ADDRESSES only */
	__u32 header_addr;
	__u32 load_addr;
	__u32 load_end_addr;
	__u32 bss_end_addr;
	__u32 entry_addr;
};

#define SHORT_HEADER_SIZE	offsetof(struct multiboot_header, header_addr)

/* Section 3.3: the information that the kernel gets. */
#define INFO_MEMORY		0x001U
#define INFO_CMDLINE		0x004U
#define INFO_MODULES		0x008U
#define INFO_MEMORY_MAP		0x040U
#define INFO_LOADER_NAME	0x200U

struct multiboot_info {
	__u32 flags;
	__u32 mem_lower, mem_upper;	/* KiB, from 0 and from 1 MiB on */
	__u32 boot_device;
	__u32 cmdline;
	__u32 mods_count, mods_addr;
	__u32 syms[4];
	__u32 mmap_length, mmap_addr;
	__u32 drives_length, drives_addr;
	__u32 config_table;
	__u32 boot_loader_name;
	__u32 apm_table;
};

/* Without an end of its own: @end is the address of the byte behind the last one. */
struct multiboot_module {
	__u32 start, end;
	__u32 string;
	__u32 reserved;
};

struct multiboot_mmap {
	__u32 size;		/* of what follows */
	__u32 addr[2];		/* 64 bits, but not aligned to them */
	__u32 length[2];
	__u32 type;
};

/* The information and what it points to, in one piece: strings come last. */
struct boot_info {
	struct multiboot_info info;
	struct multiboot_mmap mmap;
	struct multiboot_module modules[MAX_BOOT_MODULES];
	char loader[8];
};

#define LOADER_NAME	"vmrun"
#define KIB		1024ULL
#define MAX_LOWER	(640 * KIB)

/**
 * multiboot_search() - look for a Multiboot header
 * @image: the file
 * @offset: filled in if there is one: where; may be NULL
 *
 * Return: what was found.
 */
enum multiboot_search multiboot_search(const struct image *image, size_t *offset)
{
	enum multiboot_search found = MULTIBOOT_NONE;
	size_t end = image->size < SEARCH_SIZE ? image->size : SEARCH_SIZE;
	size_t at;

	for (at = 0; at + SHORT_HEADER_SIZE <= end; at += HEADER_ALIGN) {
		struct multiboot_header header;

		memcpy(&header, image->data + at, SHORT_HEADER_SIZE);
		if (header.magic != HEADER_MAGIC)
			continue;
		if (header.magic + header.flags + header.checksum) {
			found = MULTIBOOT_CHECKSUM;
			continue;
		}
		if (offset)
			*offset = at;
		return MULTIBOOT_FOUND;
	}
	return found;
}

/**
 * multiboot_search_text() - what a search brought, in words
 * @found: its result
 *
 * Return: a phrase.
 */
const char *multiboot_search_text(enum multiboot_search found)
{
	switch (found) {
	case MULTIBOOT_FOUND:
		return "with a Multiboot header";
	case MULTIBOOT_NONE:
		return "without a Multiboot header in its first 8192 bytes";
	case MULTIBOOT_CHECKSUM:
		break;
	}
	return "the checksum of its Multiboot header is wrong";
}

static int check_flags(const struct image *image, __u32 flags)
{
	__u32 unknown = flags & HEADER_MANDATORY &
			~(HEADER_PAGE_ALIGN | HEADER_MEMORY_INFO | HEADER_VIDEO_MODE);

	if (flags & HEADER_VIDEO_MODE) {
		warnx("%s: the kernel asks for a video mode (flags bit 2), and there is no video",
		      image->file);
		return STATUS_LOAD;
	}
	if (unknown) {
		warnx("%s: the Multiboot header asks for what vmrun does not know (flags 0x%x)",
		      image->file, unknown);
		return STATUS_LOAD;
	}
	return 0;
}

/* Section 3.1.3: the header itself says what to put where. */
static int load_by_addresses(const struct image *image, const struct vm *vm, size_t at,
			     const struct range *reserved, struct loaded *loaded)
{
	struct multiboot_header h;
	struct range to;
	__u64 offset, size;

	if (at + sizeof(h) > image->size) {
		warnx("%s: cut short: the Multiboot header is not whole", image->file);
		return STATUS_LOAD;
	}
	memcpy(&h, image->data + at, sizeof(h));
	offset = at - ((__u64)h.header_addr - h.load_addr);
	if (h.load_addr > h.header_addr || offset > at ||
	    (h.load_end_addr && h.load_end_addr < h.load_addr)) {
		warnx("%s: the addresses in the Multiboot header contradict each other",
		      image->file);
		return STATUS_LOAD;
	}
	size = h.load_end_addr ? h.load_end_addr - h.load_addr : image->size - offset;
	to.start = h.load_addr;
	to.size = size;
	if (h.bss_end_addr > to.start + size)
		to.size = h.bss_end_addr - to.start;
	if (h.entry_addr < to.start || h.entry_addr >= to.start + to.size) {
		warnx("%s: entry 0x%x: outside of what is loaded", image->file, h.entry_addr);
		return STATUS_LOAD;
	}
	*loaded = (struct loaded){ .entry = h.entry_addr, .end = to.start + to.size };
	return image_copy(image, vm, offset, size, &to, reserved);
}

static void write_info(const struct vm *vm, const char *append,
		       const struct boot_modules *modules)
{
	struct boot_info *to = (void *)(vm->mem + BOOT_INFO_ADDR);
	__u64 size = vm->mem_size, strings = boot_info_address(sizeof(*to));
	__u64 upper = size > UPPER_START ? size - UPPER_START : 0;
	unsigned int i;

	to->info = (struct multiboot_info){
		.flags = INFO_MEMORY | INFO_CMDLINE | INFO_MODULES | INFO_MEMORY_MAP |
			 INFO_LOADER_NAME,
		.mem_lower = (size < MAX_LOWER ? size : MAX_LOWER) / KIB,
		.mem_upper = upper / KIB > ~0U ? ~0U : upper / KIB,
		.cmdline = boot_put_string(vm, &strings, append),
		.mods_count = modules->nr,
		.mods_addr = boot_info_address(offsetof(struct boot_info, modules)),
		.mmap_length = sizeof(to->mmap),
		.mmap_addr = boot_info_address(offsetof(struct boot_info, mmap)),
		.boot_loader_name = boot_info_address(offsetof(struct boot_info, loader)),
	};
	to->mmap = (struct multiboot_mmap){
		.size = sizeof(to->mmap) - sizeof(to->mmap.size),
		.length = { size, size >> 32 },
		.type = MEMORY_RAM,
	};
	for (i = 0; i < modules->nr; i++) {
		const struct boot_module *module = &modules->list[i];

		to->modules[i] = (struct multiboot_module){
			.start = module->at.start,
			.end = module->at.start + module->at.size,
			.string = boot_put_string(vm, &strings, module->string),
		};
	}
	strcpy(to->loader, LOADER_NAME);
}

/**
 * multiboot_load() - load a Multiboot kernel, and what it is told
 * @image: the kernel
 * @vm: where to
 * @opt: has the command line, and names modules
 * @start: filled in: how the guest starts
 *
 * Return: 0, or an exit status after a message.
 */
int multiboot_load(const struct image *image, const struct vm *vm,
		   const struct options *opt, struct start *start)
{
	struct multiboot_header header;
	enum multiboot_search found;
	struct boot_modules modules;
	struct loaded loaded;
	struct range info;
	int status;
	size_t at;

	found = multiboot_search(image, &at);
	if (found != MULTIBOOT_FOUND) {
		warnx("%s: %s", image->file, multiboot_search_text(found));
		return STATUS_LOAD;
	}
	memcpy(&header, image->data + at, SHORT_HEADER_SIZE);
	status = check_flags(image, header.flags);
	if (!status)
		status = boot_info_range(image, vm, opt, sizeof(struct boot_info), &info);
	if (status)
		return status;
	if (header.flags & HEADER_ADDRESSES)
		status = load_by_addresses(image, vm, at, &info, &loaded);
	else
		status = elf_load(image, vm, &info, NULL, &loaded);
	if (!status)
		status = boot_load_modules(&modules, vm, opt, loaded.end);
	if (status)
		return status;
	write_info(vm, opt->append ?: "", &modules);
	*start = (struct start){
		.mode = START_MULTIBOOT, .entry = loaded.entry, .info = BOOT_INFO_ADDR,
	};
	return 0;
}
