// SPDX-License-Identifier: GPL-2.0
/*
 * A part of loader_sanitize: Linux kernels, made here, and each way in which one is
 * loaded or refused. A refusal is one line that names the file and says why.
 *
 * Breakage it catches: boot parameters, an initrd or a start that the boot protocol
 * does not have so, a limit of the kernel's that is not kept.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <asm/bootparam.h>

#include "loader_sanitize.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

#define CODE_SIZE	0x1000
#define INIT_SIZE	0x80000
#define KERNEL_END	(0x100000 + INIT_SIZE)
#define NOT_GIVEN	-1L

struct kernel {
	unsigned char bytes[MAX_FILE];
	struct setup_header *hdr;
	size_t code;
	size_t size;
};

static void make(struct kernel *kernel)
{
	struct boot_params *params = (void *)kernel->bytes;
	size_t i;

	/* What is not of the header must not get into the zero page. */
	memset(kernel->bytes, 0xff, sizeof(kernel->bytes));
	kernel->bytes[0x201] = sizeof(struct setup_header) - (0x202 - 0x1f1);
	kernel->hdr = &params->hdr;
	*kernel->hdr = (struct setup_header){
		.setup_sects = 1, .boot_flag = 0xaa55, .header = 0x53726448,
		.version = 0x20f, .loadflags = LOADED_HIGH, .code32_start = 0x100000,
		.initrd_addr_max = 0x7fffffff, .kernel_alignment = 0x1000,
		.relocatable_kernel = 1, .cmdline_size = 2047, .pref_address = 0x100000,
		.init_size = INIT_SIZE, .syssize = CODE_SIZE / 16,
		.jump = 0xeb | kernel->bytes[0x201] << 8,
	};
	kernel->code = 2 * 512;
	kernel->size = kernel->code + CODE_SIZE;
	for (i = 0; i < CODE_SIZE; i++)
		kernel->bytes[kernel->code + i] = i * 7;
}

/* Return: the size of a kernel, whose bytes are filled in. */
size_t linux_kernel(unsigned char *bytes)
{
	static struct kernel kernel;

	make(&kernel);
	memcpy(bytes, kernel.bytes, kernel.size);
	return kernel.size;
}

/* What is done to the kernel: each a line. */
#define CHANGE(name, statement) \
	static void name(struct kernel *k) { statement; }
CHANGE(as_it_is, (void)k)
CHANGE(no_setup_sects, k->hdr->setup_sects = 0; k->code += 3 * 512; k->size += 3 * 512)
CHANGE(fixed, k->hdr->relocatable_kernel = 0; k->hdr->pref_address = 0x123400)
CHANGE(fixed_and_far, fixed(k); k->hdr->pref_address = MEMORY - INIT_SIZE + 1)
CHANGE(initrd_in_file, k->hdr->ramdisk_image = 0x123000; k->hdr->ramdisk_size = 0x1000)
CHANGE(aligned_up, k->hdr->pref_address = 0x101000; k->hdr->kernel_alignment = 0x40000)
CHANGE(no_preference, k->hdr->pref_address = 0)
CHANGE(before_init_size, k->hdr->version = 0x209; k->hdr->init_size = ~0U)
CHANGE(before_pref_address, k->hdr->version = 0x209; k->hdr->pref_address = 0x150000)
CHANGE(paragraph_not_full, k->size -= 15)
CHANGE(signature_behind, k->size += 100)
CHANGE(low_initrd, k->hdr->initrd_addr_max = 0x1bffff)
CHANGE(no_magic, k->hdr->header++)
CHANGE(no_boot_flag, k->hdr->boot_flag++)
CHANGE(only_magic, k->size = 0x206)
CHANGE(part_of_header, k->size = 0x240)
CHANGE(short_header, k->bytes[0x201] = 0x20)
CHANGE(jump_backward, k->bytes[0x201] = 0x80)
CHANGE(old_protocol, k->hdr->version = 0x205)
CHANGE(zimage, k->hdr->loadflags = 0)
CHANGE(no_code, k->size = k->code; k->hdr->syssize = 0)
CHANGE(paragraph_missing, k->size -= 16)
CHANGE(no_alignment, k->hdr->kernel_alignment = 0)
CHANGE(odd_alignment, k->hdr->kernel_alignment = 0x3000)
CHANGE(huge_alignment, k->hdr->pref_address++; k->hdr->kernel_alignment = 0x80000000)
CHANGE(large_init_size, k->hdr->init_size = MEMORY - 0x100000 + 1)
CHANGE(largest_init_size, k->hdr->init_size = MEMORY - 0x100000)
CHANGE(far, k->hdr->pref_address = MEMORY - CODE_SIZE + 1; k->hdr->init_size = 0)
CHANGE(farthest, k->hdr->pref_address = ~0ULL)
CHANGE(over_boot_info, k->hdr->pref_address = 0x10000)
CHANGE(short_cmdline, k->hdr->cmdline_size = 4)
CHANGE(any_cmdline, k->hdr->cmdline_size = ~0U)
CHANGE(no_initrd, k->hdr->initrd_addr_max = 0)

/* 0x9fc00 - 0x10000 - a zero page - a GDT of 4 descriptors, with the 0. */
#define CMDLINE_ROOM	(0x9fc00 - 0x10000 - 0x1000 - 4 * 8)
static char longest[CMDLINE_ROOM], too_long[CMDLINE_ROOM + 1];

/**
 * struct row - a kernel, and what becomes of it
 * @name: for messages
 * @change: what is done to a kernel that can be loaded
 * @format: what --format says
 * @append: --append
 * @initrd: size of an initrd, if not NOT_GIVEN
 * @says: why it is refused; NULL if it is not
 * @other: it is no kernel, but this; FORMAT_AUTO: it is one
 * @entry: where it starts
 * @initrd_at: where the initrd is
 */
static const struct row {
	const char *name;
	void (*change)(struct kernel *kernel);
	enum format format;
	const char *append;
	long initrd;
	const char *says;
	enum format other;
	__u64 entry;
	__u32 initrd_at;
} rows[] = {
#define ROW(change)	#change, change, .initrd = NOT_GIVEN
#define INITRD(change)	#change, change
	{ ROW(as_it_is), .entry = 0x100000 },
	{ ROW(as_it_is), .entry = 0x100000, .format = FORMAT_LINUX, .append = "root=none  x" },
	{ ROW(no_setup_sects), .entry = 0x100000 },
	{ ROW(fixed), .entry = 0x100000 },
	{ ROW(initrd_in_file), .entry = 0x100000 },
	{ ROW(aligned_up), .entry = 0x140000 },
	{ ROW(no_preference), .entry = 0x100000 },
	{ ROW(before_init_size), .entry = 0x100000 },
	{ ROW(before_pref_address), .entry = 0x100000 },
	{ ROW(paragraph_not_full), .entry = 0x100000 },
	{ ROW(signature_behind), .entry = 0x100000 },
	{ ROW(largest_init_size), .entry = 0x100000 },
	{ ROW(short_cmdline), .entry = 0x100000, .append = "four" },
	{ ROW(any_cmdline), .entry = 0x100000, .append = longest },
	{ ROW(no_magic), .other = FORMAT_BOOT },
	{ ROW(no_boot_flag), .other = FORMAT_FLAT },
	{ INITRD(as_it_is), .entry = 0x100000, .initrd = 0x1001, .initrd_at = 0x1fe000 },
	{ INITRD(as_it_is), .entry = 0x100000, .initrd = MEMORY - KERNEL_END,
	  .initrd_at = KERNEL_END },
	{ INITRD(low_initrd), .entry = 0x100000, .initrd = 0x1000, .initrd_at = 0x1bf000 },
	{ INITRD(fixed), .entry = 0x100000, .initrd = MEMORY - 0x1a4000, .initrd_at = 0x1a4000 },

	{ ROW(no_magic), .format = FORMAT_LINUX, .says = "no Linux kernel" },
	{ ROW(no_boot_flag), .format = FORMAT_LINUX, .says = "no Linux kernel" },
	{ ROW(only_magic), .says = "cut short" },
	{ ROW(part_of_header), .says = "cut short" },
	{ ROW(short_header), .says = "header ends at 0x222" },
	{ ROW(jump_backward), .says = "header ends at 0x282" },
	{ ROW(old_protocol), .says = "boot protocol 2.05" },
	{ ROW(zimage), .says = "a zImage" },
	{ ROW(no_code), .says = "code at offset 0x400 is not in the file" },
	{ ROW(paragraph_missing), .says = "0xff0 bytes of code instead of 0x1000" },
	{ ROW(no_alignment), .says = "no power of two" },
	{ ROW(odd_alignment), .says = "no power of two" },
	{ ROW(huge_alignment), .says = "at 0x80000000, and memory ends at 0x200000" },
	{ ROW(large_init_size), .says = "needs 0x100001 bytes at 0x100000" },
	{ ROW(far), .says = "use --mem" },
	{ ROW(farthest), .says = "use --mem" },
	{ ROW(fixed_and_far), .says = "needs 0x80000 bytes at 0x180001" },
	{ INITRD(fixed), .initrd = MEMORY - 0x1a3000,
	  .says = "between the kernel, up to 0x1a3400" },
	{ ROW(over_boot_info), .says = "overlap the boot information" },
	{ ROW(short_cmdline), .append = "fours", .says = "of 5 bytes, and it takes 4 " },
	{ ROW(short_cmdline), .says = "of 13 bytes, and it takes 4 " },
	{ ROW(any_cmdline), .append = too_long, .says = "use a shorter --append" },
	{ INITRD(as_it_is), .initrd = 0, .says = "empty" },
	{ INITRD(as_it_is), .initrd = MEMORY - KERNEL_END + 1, .says = "use --mem" },
	{ INITRD(as_it_is), .initrd = MEMORY + 1, .says = "do not fit between" },
	{ INITRD(low_initrd), .initrd = 0x40001, .says = "use a smaller initrd" },
	{ INITRD(no_initrd), .initrd = 1, .says = "use a smaller initrd" },
#undef ROW
#undef INITRD
};

const int linux_nr_rows = ARRAY_SIZE(rows);

/* The GDT has, for @segment, what the processor shall have loaded from there. */
static bool is_flat(const struct vm *vm, const struct minivmx_segment *segment, int type)
{
	const unsigned char flat[] = { 0xff, 0xff, 0, 0, 0, 0x90 | type, 0xcf, 0 };
	__u64 at = loader_sregs.gdt.base + segment->selector;

	return IS(segment->selector + 7 <= loader_sregs.gdt.limit) &&
	       IS(!memcmp(vm->mem + at, flat, sizeof(flat))) &&
	       IS(segment->base == 0 && segment->limit == 0xffffffff) &&
	       IS(segment->type == type && segment->s && segment->present) &&
	       IS(segment->db && segment->g && !segment->l && !segment->dpl);
}

static bool starts(const struct vm *vm, const struct start *start)
{
	const struct minivmx_sregs *sregs = &loader_sregs;
	const struct minivmx_regs *regs = &loader_regs;

	return loader_sets_start(vm, start) &&
	       IS((sregs->cr0 & 0x80000001) == 1 && !sregs->efer) && IS(regs->rflags == 2) &&
	       IS(regs->rip == start->entry) && IS(regs->rsi == 0x10000) &&
	       IS(!regs->rbp && !regs->rdi && !regs->rbx) &&
	       IS(sregs->cs.selector == 0x10 && sregs->ds.selector == 0x18) &&
	       IS(sregs->es.selector == 0x18 && sregs->ss.selector == 0x18) &&
	       is_flat(vm, &sregs->cs, 0xb) && is_flat(vm, &sregs->ds, 0x3) &&
	       is_flat(vm, &sregs->es, 0x3) && is_flat(vm, &sregs->ss, 0x3);
}

static bool has_initrd(const struct row *row, const struct vm *vm,
		       const struct setup_header *hdr)
{
	long i;

	if (row->initrd == NOT_GIVEN)
		return IS(!hdr->ramdisk_image && !hdr->ramdisk_size);
	for (i = 0; i < row->initrd && vm->mem[row->initrd_at + i] == 'i'; i++)
		;
	return IS(hdr->ramdisk_image == row->initrd_at) &&
	       IS(hdr->ramdisk_size == row->initrd) && IS(i == row->initrd);
}

static bool is_told(const struct row *row, const struct vm *vm)
{
	static const struct boot_e820_entry map[] = {
		{ 0, 0x9fc00, 1 }, { 0x9fc00, 0x400, 2 }, { 0xf0000, 0x10000, 2 },
		{ 0x100000, MEMORY - 0x100000, 1 },
	};
	const struct boot_params *params = (void *)(vm->mem + 0x10000);
	const struct setup_header *hdr = &params->hdr;
	const char *cmdline = (char *)vm->mem + hdr->cmd_line_ptr;
	const unsigned char *rest = (unsigned char *)(hdr + 1);

	return IS(params->sentinel == 0) && IS(rest[0] == 0 && rest[1] == 0) &&
	       IS(hdr->header == 0x53726448 && hdr->boot_flag == 0xaa55) &&
	       IS(hdr->type_of_loader == 0xff && hdr->vid_mode == 0xffff) &&
	       IS(hdr->loadflags == LOADED_HIGH) && IS(hdr->code32_start == row->entry) &&
	       IS(hdr->cmd_line_ptr >= 0x11000 && hdr->cmd_line_ptr < 0x9fc00) &&
	       IS(!strcmp(cmdline, row->append ?: "console=ttyS0")) &&
	       IS(cmdline + strlen(cmdline) < (char *)vm->mem + 0x9fc00) &&
	       IS(params->e820_entries == ARRAY_SIZE(map)) &&
	       IS(!memcmp(params->e820_table, map, sizeof(map))) &&
	       has_initrd(row, vm, hdr);
}

static bool is_loaded(const struct row *row, const struct kernel *kernel,
		      const struct vm *vm, const struct start *start)
{
	return IS(start->entry == row->entry) &&
	       IS(!memcmp(vm->mem + row->entry, kernel->bytes + kernel->code,
			  kernel->size - kernel->code)) &&
	       is_told(row, vm) && starts(vm, start);
}

static bool try_row(const struct row *row, struct kernel *kernel, struct options *opt)
{
	struct vm vm = { .mem_size = MEMORY, .mem = calloc(1, MEMORY) };
	const char *file = row->initrd == NOT_GIVEN ? opt->file : opt->initrd;
	enum format format;
	struct start start;
	char *message;
	int status;
	bool good;

	status = loader_load(opt, &vm, &format, &start, &message);
	if (row->says)
		good = loader_refused(file, row->says, status, message);
	else if (row->other)
		good = IS(!status && format == row->other);
	else
		good = IS(!status && format == FORMAT_LINUX) &&
		       is_loaded(row, kernel, &vm, &start);
	free(vm.mem);
	free(message);
	return good;
}

void linux_rows(void)
{
	static struct kernel kernel;
	static char initrd[MEMORY + 1];
	char path[32], initrd_path[32];
	int fd, initrd_fd;
	size_t i;

	memset(initrd, 'i', sizeof(initrd));
	memset(longest, 'x', sizeof(longest) - 1);
	memset(too_long, 'x', sizeof(too_long) - 1);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		struct options opt = { .file = path, .format = row->format,
				       .append = row->append };
		bool good;

		make(&kernel);
		row->change(&kernel);
		fd = loader_file(path, sizeof(path), kernel.bytes, kernel.size);
		initrd_fd = loader_file(initrd_path, sizeof(initrd_path), initrd,
					row->initrd == NOT_GIVEN ? 0 : row->initrd);
		opt.initrd = row->initrd == NOT_GIVEN ? NULL : initrd_path;
		good = try_row(row, &kernel, &opt);
		loader_result(good);
		printf("linux %s: %s\n", row->name,
		       row->says ?: row->other ? "no kernel" : "loads");
		close(fd);
		close(initrd_fd);
	}
}
