// SPDX-License-Identifier: GPL-2.0
/*
 * A part of loader_sanitize: ELF kernels with a PVH entry, made here, with an initrd and
 * modules, some of them for Multiboot, too; and each way in which one is refused.
 *
 * Breakage it catches: a note that is not looked for where it is, or is believed; start
 * information or a start that the ABI does not have so; modules that lie badly.
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader_sanitize.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

#define KERNEL		0x100000
#define KERNEL_END	0x101234
#define ENTRY		(KERNEL + offsetof(struct kernel, code))
#define INFO		0x500

struct note {
	Elf64_Nhdr header;
	char name[4];
	__u64 entry;
};

struct kernel {
	Elf64_Ehdr header;
	Elf64_Phdr load, notes, other;
	__u32 multiboot[3];
	__u32 padding;
	struct note first, second;
	unsigned char code[64];
};

static const struct note other_note = {
	.header = { .n_namesz = 4, .n_descsz = 8, .n_type = 17 }, .name = "Xen", .entry = 1,
};

static const struct kernel good = {
	.header = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC, .e_machine = EM_X86_64, .e_version = EV_CURRENT,
		.e_entry = 0xffffffff80000000 + ENTRY - KERNEL,
		.e_phoff = offsetof(struct kernel, load),
		.e_ehsize = sizeof(Elf64_Ehdr), .e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 3,
	},
	.load = {
		.p_type = PT_LOAD, .p_vaddr = 0xffffffff80000000, .p_paddr = KERNEL,
		.p_filesz = sizeof(struct kernel), .p_memsz = KERNEL_END - KERNEL,
	},
	.notes = {
		.p_type = PT_NOTE, .p_align = 4, .p_offset = offsetof(struct kernel, first),
		.p_filesz = 2 * sizeof(struct note),
	},
	.other = { .p_type = PT_NULL },
	.first = {
		.header = { .n_namesz = 4, .n_descsz = 8, .n_type = 17 }, .name = "Xen",
		.entry = 1,
	},
	.second = {
		.header = { .n_namesz = 4, .n_descsz = 8, .n_type = 18 }, .name = "Xen",
		.entry = ENTRY,
	},
};

/* What is done to the kernel: each a line. */
#define CHANGE(name, statement) \
	static void name(struct kernel *k) { statement; }
CHANGE(as_it_is, (void)k)
CHANGE(other_entry, k->header.e_entry = ~0UL)
CHANGE(short_entry, k->second.header.n_descsz = 4; k->notes.p_filesz -= 4)
CHANGE(note_first, k->first = k->second; k->second = other_note)
CHANGE(note_behind_others, k->other = k->notes; k->notes.p_filesz = sizeof(struct note))
CHANGE(long_first_notes, note_behind_others(k); k->notes.p_filesz = sizeof(*k) - 1)
CHANGE(overlapping_notes, long_first_notes(k); k->notes.p_offset = 0)
CHANGE(multiboot_too, k->multiboot[0] = 0x1badb002; k->multiboot[2] = -0x1badb002)
CHANGE(no_notes, k->notes.p_type = PT_NULL)
CHANGE(other_type, k->second.header.n_type = 19)
CHANGE(other_name, k->second.name[2] = 'm')
CHANGE(name_without_end, k->second.header.n_namesz = 3)
CHANGE(longer_name, k->second.name[3] = 'o')
CHANGE(odd_entry, k->second.header.n_descsz = 6)
CHANGE(note_cut_short, k->notes.p_filesz--)
CHANGE(notes_not_in_file, k->notes.p_offset = ~0UL - 8)
CHANGE(long_note_name, k->second.header.n_namesz = ~0U)
CHANGE(long_note, k->first.header.n_descsz = ~0U)
CHANGE(entry_below, k->second.entry = KERNEL - 1)
CHANGE(entry_behind, k->second.entry = KERNEL_END)
CHANGE(interpreter, k->other.p_type = PT_INTERP)
CHANGE(program, interpreter(k); no_notes(k))
CHANGE(multiboot_program, interpreter(k); multiboot_too(k))
CHANGE(bad_checksum, no_notes(k); multiboot_too(k); k->multiboot[2]++)
CHANGE(no_elf, k->header.e_ident[0] = 0)
CHANGE(library, k->header.e_type = ET_DYN)
CHANGE(over_info, k->load.p_paddr = INFO; k->second.entry = INFO)
CHANGE(far, k->load.p_paddr = MEMORY - 0x1000)
CHANGE(up_to_the_end, k->load.p_memsz = MEMORY - KERNEL)

/* 0x9fc00 - 0x500 - start information, 4 rows of the map, 17 modules. */
#define STRING_ROOM	(0x9fc00 - INFO - 56 - 4 * 24 - 17 * 32)
static char longest[STRING_ROOM], too_long[STRING_ROOM + 1];

/**
 * struct row - a kernel, and what becomes of it
 * @name: for messages
 * @change: what is done to a kernel that can be loaded
 * @format: what --format says
 * @becomes: what it is loaded as, if not FORMAT_PVH
 * @append: --append
 * @initrd: it gets one, of 5 bytes
 * @sizes: of modules
 * @memory: size of the memory; 0 is the usual one
 * @says: why it is refused; NULL if it is not
 * @of_module: that is about a module
 */
static const struct row {
	const char *name;
	void (*change)(struct kernel *kernel);
	enum format format;
	enum format becomes;
	const char *append;
	bool initrd;
	size_t sizes[3];
	size_t memory;
	const char *says;
	bool of_module;
} rows[] = {
#define ROW(function)	.name = #function, .change = function
	{ ROW(as_it_is) },
	{ ROW(as_it_is), .format = FORMAT_PVH, .append = "root=none  x" },
	{ ROW(as_it_is), .append = longest },
	{ ROW(as_it_is), .initrd = true },
	{ ROW(as_it_is), .sizes = { 1, 0x1000, 0x1001 } },
	{ ROW(as_it_is), .initrd = true, .sizes = { 0x1fff, 7 }, .append = "x" },
	{ ROW(as_it_is), .sizes = { MEMORY - 0x102000 } },
	{ ROW(as_it_is), .sizes = { 1, MEMORY - 0x103000 } },
	{ ROW(as_it_is), .format = FORMAT_FLAT, .becomes = FORMAT_FLAT },
	{ ROW(other_entry) },
	{ ROW(short_entry) },
	{ ROW(note_first) },
	{ ROW(note_behind_others) },
	{ ROW(up_to_the_end) },
	{ ROW(multiboot_too), .becomes = FORMAT_MULTIBOOT, .sizes = { 1, 0x1000, 0x1001 } },
	{ ROW(multiboot_too), .becomes = FORMAT_MULTIBOOT, .append = "x" },
	{ ROW(multiboot_too), .format = FORMAT_PVH },

	{ ROW(no_notes), .says = "without a PVH entry, and without a Multiboot header" },
	{ ROW(no_notes), .format = FORMAT_PVH, .says = "no ELF file with a PVH entry" },
	{ ROW(other_type), .says = "without a PVH entry" },
	{ ROW(other_name), .says = "without a PVH entry" },
	{ ROW(name_without_end), .says = "without a PVH entry" },
	{ ROW(longer_name), .says = "without a PVH entry" },
	{ ROW(odd_entry), .says = "without a PVH entry" },
	{ ROW(note_cut_short), .says = "without a PVH entry" },
	{ ROW(notes_not_in_file), .says = "without a PVH entry" },
	{ ROW(overlapping_notes), .says = "without a PVH entry" },
	{ ROW(long_note_name), .says = "without a PVH entry" },
	{ ROW(long_note), .says = "without a PVH entry" },
	{ ROW(entry_below), .says = "entry 0xfffff: outside of what is loaded" },
	{ ROW(entry_behind), .says = "entry 0x101234: outside of what is loaded" },
	{ ROW(interpreter), .says = "(PT_INTERP)" },
	{ ROW(program), .says = "(PT_INTERP)" },
	{ ROW(multiboot_program), .says = "(PT_INTERP)" },
	{ ROW(bad_checksum), .says = "the checksum of its Multiboot header is wrong" },
	{ ROW(no_elf), .format = FORMAT_PVH, .says = "no ELF file with a PVH entry" },
	{ ROW(library), .says = "no program with fixed addresses" },
	{ ROW(over_info), .says = "overlap the boot information" },
	{ ROW(far), .says = "do not fit" },
	{ ROW(as_it_is), .memory = 0x100000, .says = "more than 0x100000 bytes" },
	{ ROW(as_it_is), .memory = 0x101000, .says = "do not fit" },
	{ ROW(as_it_is), .append = too_long, .says = "use shorter strings" },
	{ ROW(multiboot_too), .memory = 0x600, .says = "no room for the boot information" },
	{ ROW(as_it_is), .of_module = true, .sizes = { MEMORY - 0x102000 + 1 },
	  .says = "do not fit into 2097152 bytes (use --mem)" },
	{ ROW(multiboot_too), .of_module = true, .sizes = { MEMORY },
	  .says = "do not fit into 2097152 bytes (use --mem)" },
	{ ROW(up_to_the_end), .of_module = true, .sizes = { 1 }, .says = "do not fit" },
#undef ROW
};

const int pvh_nr_rows = ARRAY_SIZE(rows);

static __u32 read32(const struct vm *vm, __u64 at)
{
	__u32 value;

	memcpy(&value, vm->mem + at, sizeof(value));
	return value;
}

static __u64 read64(const struct vm *vm, __u64 at)
{
	return read32(vm, at) | (__u64)read32(vm, at + 4) << 32;
}

/* In memory that is told as free, and behind the lists. */
static bool is_string(const struct vm *vm, __u64 at, const char *string)
{
	return IS(at > INFO && at + strlen(string) < 0x9fc00) &&
	       IS(!strcmp((char *)vm->mem + at, string));
}

/* The module that lies there has to: it is filled with its number. */
static bool is_module(const struct vm *vm, __u64 *floor, size_t size, unsigned char with,
		      __u64 start, __u64 end)
{
	__u64 at, expected = (*floor + 0xfff) & ~0xfffULL;

	*floor = end;
	for (at = start; at < end && vm->mem[at] == with; at++)
		;
	return IS(start == expected) && IS(end == start + size) && IS(at == end);
}

static bool has_pvh_modules(const struct row *row, const struct vm *vm)
{
	__u64 at = read64(vm, INFO + 16), floor = KERNEL_END;
	unsigned int i, nr = 0;

	if (row->change == up_to_the_end)
		return IS(read32(vm, INFO + 12) == 0);
	if (row->initrd && nr++ == 0) {
		if (!is_module(vm, &floor, 5, 'i', read64(vm, at),
			       read64(vm, at) + read64(vm, at + 8)) ||
		    !is_string(vm, read64(vm, at + 16), ""))
			return false;
		at += 32;
	}
	for (i = 0; i < ARRAY_SIZE(row->sizes) && row->sizes[i]; i++, nr++, at += 32)
		if (!is_module(vm, &floor, row->sizes[i], '0' + i, read64(vm, at),
			       read64(vm, at) + read64(vm, at + 8)) ||
		    !is_string(vm, read64(vm, at + 16), i ? "a, string" : ""))
			return false;
	return IS(read32(vm, INFO + 12) == nr);
}

static bool pvh_is_told(const struct row *row, const struct vm *vm)
{
	static const __u64 map[4][3] = {
		{ 0, 0x9fc00, 1 }, { 0x9fc00, 0x400, 2 }, { 0xf0000, 0x10000, 2 },
		{ 0x100000, MEMORY - 0x100000, 1 },
	};

	return IS(read32(vm, INFO) == 0x336ec578 && read32(vm, INFO + 4) == 1) &&
	       IS(read32(vm, INFO + 8) == 0 && read64(vm, INFO + 32) == 0) &&
	       is_string(vm, read64(vm, INFO + 24), row->append ?: "") &&
	       IS(read32(vm, INFO + 48) == 4 && read32(vm, INFO + 52) == 0) &&
	       IS(!memcmp(vm->mem + read64(vm, INFO + 40), map, sizeof(map))) &&
	       has_pvh_modules(row, vm);
}

static bool has_multiboot_modules(const struct row *row, const struct vm *vm)
{
	__u64 at = read32(vm, INFO + 24), floor = KERNEL_END;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(row->sizes) && row->sizes[i]; i++, at += 16)
		if (!is_module(vm, &floor, row->sizes[i], '0' + i, read32(vm, at),
			       read32(vm, at + 4)) ||
		    !is_string(vm, read32(vm, at + 8), i ? "a, string" : "") ||
		    !IS(read32(vm, at + 12) == 0))
			return false;
	return IS(read32(vm, INFO + 20) == i);
}

static bool multiboot_is_told(const struct row *row, const struct vm *vm)
{
	return IS(read32(vm, INFO) == 0x24d) &&
	       IS(read32(vm, INFO + 4) == 640) &&
	       IS(read32(vm, INFO + 8) == (MEMORY - 0x100000) / 1024) &&
	       is_string(vm, read32(vm, INFO + 16), row->append ?: "") &&
	       has_multiboot_modules(row, vm);
}

static bool is_flat(const struct minivmx_segment *segment, int type)
{
	return IS(segment->base == 0 && segment->limit == 0xffffffff) &&
	       IS(segment->type == type && segment->s && segment->present) &&
	       IS(segment->db && segment->g && !segment->l && !segment->dpl);
}

static bool starts(const struct row *row, const struct vm *vm, const struct start *start)
{
	const struct minivmx_sregs *sregs = &loader_sregs;

	return loader_sets_start(vm, start) &&
	       IS(loader_regs.rip == ENTRY && loader_regs.rbx == INFO) &&
	       IS(loader_regs.rflags == 2) &&
	       is_flat(&sregs->cs, 0xb) && is_flat(&sregs->ds, 3) && is_flat(&sregs->es, 3) &&
	       is_flat(&sregs->fs, 3) && is_flat(&sregs->gs, 3) && is_flat(&sregs->ss, 3) &&
	       IS(!sregs->efer && !sregs->cr4 && (sregs->cr0 & 0x80000001) == 1) &&
	       (row->becomes == FORMAT_MULTIBOOT ? IS(loader_regs.rax == 0x2badb002) :
		IS(sregs->cr0 == 1) &&
		IS(sregs->tr.limit == 0x67 && sregs->tr.type == 0xb && !sregs->tr.base));
}

static bool try_row(const struct row *row, const struct kernel *kernel, struct options *opt)
{
	size_t memory = row->memory ?: MEMORY;
	struct vm vm = { .mem_size = memory, .mem = malloc(memory) };
	enum format format;
	struct start start;
	char *message;
	int status;
	bool good;

	/* All that is not written is wrong. */
	memset(vm.mem, 0xff, memory);
	status = loader_load(opt, &vm, &format, &start, &message);
	if (row->says)
		good = loader_refused(row->of_module ? opt->modules[0].file : opt->file,
				      row->says, status, message);
	else if (!IS(!status && format == (row->becomes ?: FORMAT_PVH)))
		good = false;
	else if (format == FORMAT_FLAT)
		good = IS(!memcmp(vm.mem + opt->load, kernel, sizeof(*kernel)));
	else
		good = IS(start.entry == ENTRY) &&
		       IS(!memcmp(vm.mem + KERNEL, kernel, sizeof(*kernel))) &&
		       (format == FORMAT_PVH ? pvh_is_told(row, &vm) :
			multiboot_is_told(row, &vm)) &&
		       starts(row, &vm, &start);
	if (!good && !row->says)
		printf("# message: %s\n", message);
	free(vm.mem);
	free(message);
	return good;
}

/* Files: the kernel's is the first, the initrd's the second. */
#define MAX_FILES	(2 + ARRAY_SIZE(rows[0].sizes))

static bool with_files(const struct row *row, const struct kernel *kernel)
{
	static char bytes[MEMORY];
	char paths[MAX_FILES][32];
	int fds[MAX_FILES], nr = 2;
	struct options opt = {
		.file = paths[0], .format = row->format, .append = row->append,
		.initrd = row->initrd ? paths[1] : NULL, .load = 0x1000,
	};
	unsigned int i;
	bool good;

	fds[0] = loader_file(paths[0], sizeof(paths[0]), kernel, sizeof(*kernel));
	fds[1] = loader_file(paths[1], sizeof(paths[1]), "iiiii", 5);
	for (i = 0; i < ARRAY_SIZE(row->sizes) && row->sizes[i]; i++, nr++) {
		memset(bytes, '0' + i, row->sizes[i]);
		fds[nr] = loader_file(paths[nr], sizeof(paths[nr]), bytes, row->sizes[i]);
		opt.modules[opt.nr_modules++] = (struct module_option){
			.file = paths[nr], .string = i ? "a, string" : "",
		};
	}
	good = try_row(row, kernel, &opt);
	while (nr > 0)
		close(fds[--nr]);
	return good;
}

void pvh_rows(void)
{
	size_t i;

	memset(longest, 'x', sizeof(longest) - 1);
	memset(too_long, 'x', sizeof(too_long) - 1);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		struct kernel kernel = good;

		row->change(&kernel);
		loader_result(with_files(row, &kernel));
		printf("pvh %s: %s\n", row->name, row->says ?: "loads");
	}
}
