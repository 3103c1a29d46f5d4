// SPDX-License-Identifier: GPL-2.0
/*
 * Linux kernels: a bzImage, its command line and its initrd. "Boot protocol" is
 * Documentation/arch/x86/boot.rst of Linux, for version 2.15. Its 32-bit entry is the one
 * that every bzImage has; struct boot_params is what it calls the zero page.
 */
#include <err.h>
#include <stddef.h>
#include <string.h>
#include <asm/bootparam.h>

#include "boot.h"
#include "bzimage.h"
#include "exit_status.h"

/* Boot protocol, "The Real-Mode Kernel Header". It is at the same place in the file. */
#define HEADER_OFFSET		offsetof(struct boot_params, hdr)
#define MAGIC			0x53726448U	/* "HdrS" */
#define BOOT_FLAG		0xaa55
#define MAGIC_END		0x206
/* A jump over the header: its offset, from 0x202 on, is the header's end. */
#define JUMP_OFFSET		0x201
#define JUMP_FROM		0x202
#define JUMP_MAX		0x7f
#define HEADER_MIN_END		offsetof(struct boot_params, hdr.hardware_subarch)

#define PROTOCOL_CMDLINE_SIZE	0x206		/* the oldest that is served */
#define PROTOCOL_INIT_SIZE	0x20a		/* has pref_address, too */
#define SECTOR_SIZE		512
#define DEFAULT_SETUP_SECTS	4
#define PARAGRAPH_SIZE		16
#define DEFAULT_LOAD		0x100000ULL
#define LOADER_UNDEFINED	0xff		/* no number is assigned to this one */
#define VIDEO_NORMAL		0xffff

#define DEFAULT_CMDLINE		"console=ttyS0"

/* Flat segments of 4 GiB: execute and read, read and write; accessed. */
#define DESCRIPTOR_CODE		0x00cf9b000000ffffULL
#define DESCRIPTOR_DATA		0x00cf93000000ffffULL

/* What the kernel gets, in one piece: the command line comes last. */
#define INFO_ADDR		0x10000ULL

struct boot_info {
	struct boot_params params;
	__u64 gdt[START_LINUX_DATA / sizeof(__u64) + 1];
	char cmdline[];
};

#define CMDLINE_ROOM	(LOWER_END - INFO_ADDR - sizeof(struct boot_info) - 1)

/**
 * bzimage_is() - is a file a Linux kernel?
 * @image: the file
 *
 * Return: it has a kernel's header, whatever that says.
 */
bool bzimage_is(const struct image *image)
{
	__u16 boot_flag;
	__u32 magic;

	if (image->size < MAGIC_END)
		return false;
	memcpy(&boot_flag, image->data + offsetof(struct boot_params, hdr.boot_flag),
	       sizeof(boot_flag));
	memcpy(&magic, image->data + offsetof(struct boot_params, hdr.header), sizeof(magic));
	return boot_flag == BOOT_FLAG && magic == MAGIC;
}

static int refuse(const struct image *image, const char *why)
{
	warnx("%s: %s", image->file, why);
	return STATUS_LOAD;
}

/* All else of the zero page stays zero. */
static int read_header(const struct image *image, struct boot_params *params)
{
	size_t jump, end;

	if (!bzimage_is(image))
		return refuse(image, "no Linux kernel, with HdrS at 0x202 (use a bzImage)");
	jump = image->data[JUMP_OFFSET];
	end = JUMP_FROM + jump;
	if (jump > JUMP_MAX || end < HEADER_MIN_END) {
		warnx("%s: corrupt: the kernel's header ends at 0x%zx (use an intact bzImage)",
		      image->file, end);
		return STATUS_LOAD;
	}
	if (end > image->size)
		return refuse(image, "cut short: the kernel's header is not whole");
	memcpy((char *)params + HEADER_OFFSET, image->data + HEADER_OFFSET,
	       end - HEADER_OFFSET);
	return 0;
}

static int check_header(const struct image *image, const struct setup_header *hdr)
{
	if (hdr->version < PROTOCOL_CMDLINE_SIZE) {
		warnx("%s: boot protocol %u.%02u: too old (use Linux from 2.6.22 on: 2.06)",
		      image->file, hdr->version >> 8, hdr->version & 0xff);
		return STATUS_LOAD;
	}
	if (!(hdr->loadflags & LOADED_HIGH))
		return refuse(image, "a zImage, which runs below 1 MiB (use a bzImage)");
	if (hdr->relocatable_kernel &&
	    (!hdr->kernel_alignment || hdr->kernel_alignment & (hdr->kernel_alignment - 1))) {
		warnx("%s: corrupt: alignment 0x%x, no power of two (use an intact bzImage)",
		      image->file, hdr->kernel_alignment);
		return STATUS_LOAD;
	}
	return 0;
}

/* Of the file: behind the boot sector and the real-mode code, which nobody runs. */
static int find_code(const struct image *image, const struct setup_header *hdr,
		     struct range *code)
{
	__u64 size = (__u64)hdr->syssize * PARAGRAPH_SIZE;

	code->start = ((hdr->setup_sects ?: DEFAULT_SETUP_SECTS) + 1) * SECTOR_SIZE;
	if (code->start >= image->size) {
		warnx("%s: cut short: the 32-bit code at offset 0x%llx is not in the file",
		      image->file, code->start);
		return STATUS_LOAD;
	}
	/* There may be a signature behind it. Old kernels do not fill up a paragraph. */
	code->size = image->size - code->start;
	if (size >= code->size + PARAGRAPH_SIZE) {
		warnx("%s: cut short: 0x%llx bytes of code instead of 0x%llx", image->file,
		      code->size, size);
		return STATUS_LOAD;
	}
	return 0;
}

/*
 * Boot protocol, pref_address and init_size: where the kernel runs, and what it needs
 * from there on to uncompress itself. One that is not relocatable moves itself there.
 */
static int place_kernel(const struct image *image, const struct vm *vm,
			const struct setup_header *hdr, __u64 code_size,
			struct range *kernel)
{
	bool init_size = hdr->version >= PROTOCOL_INIT_SIZE;
	__u64 runs_at = init_size && hdr->pref_address ? hdr->pref_address : DEFAULT_LOAD;
	__u64 size = init_size && hdr->init_size > code_size ? hdr->init_size : code_size;

	if (runs_at < UPPER_START) {
		warnx("%s: corrupt: address 0x%llx would overlap the boot information below 1 MiB",
		      image->file, runs_at);
		return STATUS_LOAD;
	}
	if (hdr->relocatable_kernel && runs_at < vm->mem_size)
		runs_at = (runs_at + hdr->kernel_alignment - 1) & ~(hdr->kernel_alignment - 1ULL);
	if (runs_at > vm->mem_size || size > vm->mem_size - runs_at) {
		warnx("%s: needs 0x%llx bytes at 0x%llx, and memory ends at 0x%zx (use --mem)",
		      image->file, size, runs_at, vm->mem_size);
		return STATUS_LOAD;
	}
	kernel->start = hdr->relocatable_kernel ? runs_at : DEFAULT_LOAD;
	kernel->size = runs_at + size - kernel->start;
	return 0;
}

/* As high as possible: that is where the kernel's own memory is not. */
static int place_initrd(const struct image *initrd, const struct vm *vm,
			const struct setup_header *hdr, const struct range *kernel,
			struct range *to)
{
	__u64 floor = kernel->start + kernel->size;
	__u64 top = hdr->initrd_addr_max + 1ULL;
	bool by_memory = top > vm->mem_size;

	if (by_memory)
		top = vm->mem_size;
	to->size = initrd->size;
	to->start = top > to->size ? (top - to->size) & ~(PAGE_SIZE - 1) : 0;
	if (to->start >= floor)
		return 0;
	warnx("%s: 0x%llx bytes do not fit between the kernel, up to 0x%llx, and 0x%llx (%s)",
	      initrd->file, to->size, floor, top,
	      by_memory ? "use --mem" : "the kernel's limit: use a smaller initrd");
	return STATUS_LOAD;
}

static int load_initrd(const char *file, const struct vm *vm, const struct range *kernel,
		       const struct setup_header *hdr, struct range *to)
{
	struct image initrd = IMAGE_INIT;
	int status;

	status = image_read(&initrd, file, "an initrd is one, made by cpio");
	if (!status)
		status = place_initrd(&initrd, vm, hdr, kernel, to);
	if (!status)
		status = image_copy(&initrd, vm, 0, initrd.size, to, NULL);
	image_close(&initrd);
	return status;
}

static int check_cmdline(const struct image *image, const struct setup_header *hdr,
			 const char *cmdline)
{
	__u64 max = hdr->cmdline_size < CMDLINE_ROOM ? hdr->cmdline_size : CMDLINE_ROOM;

	if (strlen(cmdline) <= max)
		return 0;
	warnx("%s: a command line of %zu bytes, and it takes %llu (use a shorter --append)",
	      image->file, strlen(cmdline), max);
	return STATUS_LOAD;
}

static __u32 info_address(size_t offset)
{
	return INFO_ADDR + offset;
}

/* CAN_USE_HEAP and heap_end_ptr are for the real-mode code. */
static void write_info(const struct vm *vm, const struct boot_params *params,
		       const struct range *kernel, const struct range *initrd,
		       const char *cmdline)
{
	struct boot_info *to = (void *)(vm->mem + INFO_ADDR);
	struct setup_header *hdr = &to->params.hdr;
	struct boot_range map[BOOT_MAP_ROWS];
	unsigned int i;

	to->params = *params;
	boot_memory_map(vm, map);
	to->params.e820_entries = BOOT_MAP_ROWS;
	for (i = 0; i < BOOT_MAP_ROWS; i++)
		to->params.e820_table[i] = (struct boot_e820_entry){
			map[i].at.start, map[i].at.size, map[i].type,
		};
	hdr->type_of_loader = LOADER_UNDEFINED;
	hdr->vid_mode = VIDEO_NORMAL;
	hdr->code32_start = kernel->start;
	/* Whatever the file has there. */
	hdr->ramdisk_image = initrd->start;
	hdr->ramdisk_size = initrd->size;
	hdr->cmd_line_ptr = info_address(offsetof(struct boot_info, cmdline));
	to->gdt[START_LINUX_CODE / sizeof(to->gdt[0])] = DESCRIPTOR_CODE;
	to->gdt[START_LINUX_DATA / sizeof(to->gdt[0])] = DESCRIPTOR_DATA;
	strcpy(to->cmdline, cmdline);
}

/**
 * bzimage_load() - load a Linux kernel, and what it is told
 * @image: the kernel
 * @vm: where to
 * @opt: has the command line, and names the initrd
 * @start: filled in: how the guest starts
 *
 * Return: 0, or an exit status after a message.
 */
int bzimage_load(const struct image *image, const struct vm *vm,
		 const struct options *opt, struct start *start)
{
	const char *cmdline = opt->append ?: DEFAULT_CMDLINE;
	struct range code, kernel, to, initrd = { 0, 0 };
	struct boot_params params;
	int status;

	memset(&params, 0, sizeof(params));
	status = read_header(image, &params);
	if (!status)
		status = check_header(image, &params.hdr);
	if (!status)
		status = check_cmdline(image, &params.hdr, cmdline);
	if (!status)
		status = find_code(image, &params.hdr, &code);
	if (!status)
		status = place_kernel(image, vm, &params.hdr, code.size, &kernel);
	if (!status && opt->initrd)
		status = load_initrd(opt->initrd, vm, &kernel, &params.hdr, &initrd);
	if (status)
		return status;
	write_info(vm, &params, &kernel, &initrd, cmdline);
	*start = (struct start){
		.mode = START_LINUX, .entry = kernel.start, .info = INFO_ADDR,
		.gdt = info_address(offsetof(struct boot_info, gdt)),
		.gdt_size = sizeof(((struct boot_info *)NULL)->gdt),
	};
	/* What init_size asks for beyond is zero, and takes no memory yet. */
	to = (struct range){ .start = kernel.start, .size = code.size };
	return image_copy(image, vm, code.start, code.size, &to, NULL);
}
