// SPDX-License-Identifier: GPL-2.0
/*
 * Multiboot and PVH kernels, as vmrun loads them: what they are told, the modules
 * that they get, and what becomes of files that are damaged. Each of those is refused
 * in one line that names the file and the reason.
 *
 * Breakage it catches: a loader that writes outside of the guest's memory or
 * reads outside of the file, boot information that is wrong or overwritten, an
 * entry state that is not the specification's.
 */
#include <elf.h>

#include "vmrun.h"

#define MAX_FILE	65536

#define KERNEL32_OUTPUT(command_line, upper, size)				\
	"32-bit kernel\nloader: vmrun\ncommand line: " command_line "\n"	\
	"lower KiB: 280, upper KiB: " upper "\nmap: 0 + " size ", type 1\n"

static const struct guest_run runs[] = {
	{ .guest = "kernel32.elf", .output = KERNEL32_OUTPUT("", "3c00", "1000000") },
	{ .guest = "kernel32.elf", .options = { "--append=root=none  x", "--strict" },
	  .output = KERNEL32_OUTPUT("root=none  x", "3c00", "1000000") },
	{ .guest = "kernel32.elf", .options = { "--format=multiboot", "--mem=64M" },
	  .output = KERNEL32_OUTPUT("", "fc00", "4000000") },
	{ .guest = "kernel64.elf", .output = "64-bit kernel\n" },
	{ .guest = "kernel64.elf", .options = { "--mem=2M" },
	  .output = "64-bit kernel\n" },

	{ .guest = "kernel32.elf", .options = { "--mem=1M" }, .status = STATUS_LOAD,
	  .says = "do not fit" },
	{ .guest = "kernel64.elf", .options = { "--mem=1M" }, .status = STATUS_LOAD,
	  .says = "do not fit" },
	{ .guest = "pvh.elf", .options = { "--mem=1M" }, .status = STATUS_LOAD,
	  .says = "more than 0x100000 bytes" },
	{ .guest = "hello.bin", .options = { "--format=multiboot" },
	  .status = STATUS_LOAD, .says = "without a Multiboot header" },
	{ .guest = "pvh.elf", .options = { "--format=multiboot" },
	  .status = STATUS_LOAD, .says = "without a Multiboot header" },
	{ .guest = "kernel64.elf", .options = { "--format=pvh" },
	  .status = STATUS_LOAD, .says = "no ELF file with a PVH entry" },
	{ .guest = "kernel32.elf", .options = { "--cpus=2" }, .status = STATUS_USAGE },
	{ .guest = "kernel32.elf", .options = { "--load=0" }, .status = STATUS_USAGE },
	{ .guest = "kernel32.elf", .options = { "--entry=0" }, .status = STATUS_USAGE },
};

/**
 * struct file - a file to damage
 * @bytes: its bytes
 * @size: how many
 * @elf32: its header, if it is kernel32
 * @segment32: its only segment
 * @elf64: the same for kernel64
 * @segment64: the same
 * @multiboot: its Multiboot header: magic number, flags, checksum, and so on
 */
struct file {
	unsigned char bytes[MAX_FILE];
	size_t size;
	Elf32_Ehdr *elf32;
	Elf32_Phdr *segment32;
	Elf64_Ehdr *elf64;
	Elf64_Phdr *segment64;
	__u32 *multiboot;
};

static void set_flags(struct file *file, __u32 flags)
{
	file->multiboot[1] = flags;
	file->multiboot[2] = -(file->multiboot[0] + flags);
}

static void bad_checksum(struct file *file)
{
	file->multiboot[2]++;
}

static void no_magic(struct file *file)
{
	file->multiboot[0] = 0;
}

/* The whole header has to lie in the first 8 KiB. */
static void late_header(struct file *file)
{
	__u32 header[3];

	memcpy(header, file->multiboot, sizeof(header));
	no_magic(file);
	memcpy(file->bytes + 8192 - 8, header, sizeof(header));
	file->size = 16384;
}

static void video_mode(struct file *file)
{
	set_flags(file, 1 << 2);
}

static void unknown_flag(struct file *file)
{
	set_flags(file, 1 << 15);
}

static void optional_flag(struct file *file)
{
	set_flags(file, 1 << 17);
}

static void far_segment32(struct file *file)
{
	file->segment32->p_paddr = 0xfffff000;
}

static void far_segment64(struct file *file)
{
	file->segment64->p_paddr = 0xfffffffffffff000;
}

static void large_segment64(struct file *file)
{
	file->segment64->p_memsz = 0xfffffffffff00000;
}

static void over_info32(struct file *file)
{
	file->segment32->p_paddr = 0x500;
}

static void over_info64(struct file *file)
{
	file->segment64->p_paddr = 0x500;
}

/* Elsewhere it would be loaded; it is the entry that counts. */
static void entry_outside32(struct file *file)
{
	file->elf32->e_entry = file->segment32->p_vaddr + file->segment32->p_memsz;
}

static void entry_outside64(struct file *file)
{
	file->elf64->e_entry = file->segment64->p_vaddr - 1;
}

static void segment_not_in_file32(struct file *file)
{
	file->segment32->p_offset = 0xfffffff0;
}

static void segment_not_in_file64(struct file *file)
{
	file->segment64->p_offset = 0xfffffffffffffff0;
}

static void more_in_file_than_in_memory(struct file *file)
{
	file->segment32->p_memsz = file->segment32->p_filesz - 1;
}

static void cut_short(struct file *file)
{
	file->size = (unsigned char *)file->multiboot - file->bytes + 12;
}

static void no_program_headers(struct file *file)
{
	file->elf32->e_phoff = 0xfffffff0;
}

static void nothing_to_load(struct file *file)
{
	file->segment32->p_type = PT_NOTE;
}

static void other_processor(struct file *file)
{
	file->elf32->e_machine = EM_ARM;
}

static void object_file(struct file *file)
{
	file->elf64->e_type = ET_REL;
}

static void bad_class(struct file *file)
{
	file->elf32->e_ident[EI_CLASS] = 7;
}

/* Linked for the upper half, loaded where it was: what GRUB does, too. */
static void upper_half(struct file *file)
{
	file->segment64->p_vaddr += 0xffffffff80000000;
	file->elf64->e_entry += 0xffffffff80000000;
}

/* No ELF file at all: the header says what goes where. */
static void kludge(struct file *file)
{
	static const __u32 header[] = {
		0x1badb002, 1 << 16, -(0x1badb002 + (1 << 16)),
		0x100004,	/* header_addr */
		0x100000,	/* load_addr */
		0,		/* load_end_addr: all of the file */
		0x102000,	/* bss_end_addr */
		0x100024,	/* entry_addr */
	};
	static const unsigned char code[] = {
		0x85, 0xc0,			/* test %eax, %eax */
		0x0f, 0x94, 0xc0,		/* sete %al */
		0x04, 0x07,			/* add $7, %al */
		0xe6, 0xf4,			/* out %al, $0xf4 */
	};

	memset(file->bytes, 0, sizeof(file->bytes));
	file->multiboot = (__u32 *)(file->bytes + 4);
	memcpy(file->multiboot, header, sizeof(header));
	memcpy(file->bytes + 0x24, code, sizeof(code));
	file->size = 0x24 + sizeof(code);
}

static void kludge_cut_short(struct file *file)
{
	kludge(file);
	file->size = 0x20;
}

static void kludge_end_before_start(struct file *file)
{
	kludge(file);
	file->multiboot[5] = 0xfffff;
}

static void kludge_header_before_file(struct file *file)
{
	kludge(file);
	file->multiboot[3] = 0x100008;
}

static void kludge_too_long(struct file *file)
{
	kludge(file);
	file->multiboot[5] = 0x101000;
}

static void kludge_entry_outside(struct file *file)
{
	kludge(file);
	file->multiboot[7] = 0x102000;
}

static void kludge_bss_outside(struct file *file)
{
	kludge(file);
	file->multiboot[6] = 0xfffff000;
}

static void kludge_over_info(struct file *file)
{
	kludge(file);
	file->multiboot[3] = 0x504;
	file->multiboot[4] = 0x500;
	file->multiboot[7] = 0x524;
}

/**
 * struct damage - a file, and what becomes of it
 * @kernel: the file that is whole
 * @name: what is done to it, for messages
 * @damage: does it
 * @run: what has to come of it; with a status of STATUS_LOAD, in one line
 */
static const struct damage {
	const char *kernel;
	const char *name;
	void (*damage)(struct file *file);
	struct guest_run run;
} damages[] = {
#define REFUSED(kernel, damage, why) \
	{ kernel ".elf", #damage, damage, { .status = STATUS_LOAD, .says = why } }
	REFUSED("kernel32", bad_checksum, "checksum"),
	REFUSED("kernel64", bad_checksum, "checksum"),
	REFUSED("kernel32", no_magic, "without a Multiboot header"),
	REFUSED("kernel32", late_header, "without a Multiboot header"),
	REFUSED("kernel32", video_mode, "video mode"),
	REFUSED("kernel64", unknown_flag, "(flags 0x8000)"),
	REFUSED("kernel32", far_segment32, "do not fit"),
	REFUSED("kernel64", far_segment64, "do not fit"),
	REFUSED("kernel64", large_segment64, "do not fit"),
	REFUSED("kernel32", over_info32, "overlap the boot information"),
	REFUSED("kernel64", over_info64, "overlap the boot information"),
	REFUSED("kernel32", entry_outside32, "outside of what is loaded"),
	REFUSED("kernel64", entry_outside64, "outside of what is loaded"),
	REFUSED("kernel32", segment_not_in_file32, "cut short"),
	REFUSED("kernel64", segment_not_in_file64, "cut short"),
	REFUSED("kernel32", more_in_file_than_in_memory, "corrupt"),
	REFUSED("kernel32", cut_short, "cut short"),
	REFUSED("kernel64", cut_short, "cut short"),
	REFUSED("kernel32", no_program_headers, "corrupt"),
	REFUSED("kernel32", nothing_to_load, "without a segment"),
	REFUSED("kernel32", other_processor, "another processor"),
	REFUSED("kernel64", object_file, "no program"),
	REFUSED("kernel32", bad_class, "neither an ELF file"),
	REFUSED("kernel32", kludge_cut_short, "not whole"),
	REFUSED("kernel32", kludge_end_before_start, "contradict"),
	REFUSED("kernel32", kludge_header_before_file, "contradict"),
	REFUSED("kernel32", kludge_too_long, "cut short"),
	REFUSED("kernel32", kludge_entry_outside, "outside of what is loaded"),
	REFUSED("kernel32", kludge_bss_outside, "do not fit"),
	REFUSED("kernel32", kludge_over_info, "overlap the boot information"),
#undef REFUSED
	{ "kernel32.elf", "optional_flag", optional_flag,
	  { .contains = "32-bit kernel\n" } },
	{ "kernel64.elf", "upper_half", upper_half, { .output = "64-bit kernel\n" } },
	{ "kernel32.elf", "kludge", kludge, { .status = 7 } },
};

DEVICE_FIXTURE(loader) {
	char device[64];
};

DEVICE_FIXTURE_SETUP(loader)
{
	snprintf(self->device, sizeof(self->device), "--device=%s", variant->path);
}

FIXTURE_TEARDOWN(loader)
{
}

/* An initrd and modules: @expect is a part of the output, or of a message. */
static void expect_modules(struct __test_metadata *_metadata, const char *device,
			   const char *guest, const char *initrd, const char *expect, int status)
{
	char first[] = "/tmp/module.XXXXXX", second[] = "/tmp/module.XXXXXX";
	char options[3][64], messages[MAX_OUTPUT];
	struct guest_run run = {
		.guest = guest, .options = { options[0], options[1] }, .status = status,
	};
	int fd = mkstemp(first);

	ASSERT_LE(0, fd);
	ASSERT_EQ(3, write(fd, "one", 3));
	close(fd);
	fd = mkstemp(second);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, status ? 0x200000 : 2));
	close(fd);
	snprintf(options[0], sizeof(options[0]), "--module=%s,a string, of 2", first);
	snprintf(options[1], sizeof(options[1]), "--module=%s", second);
	if (initrd) {
		snprintf(options[2], sizeof(options[2]), "--initrd=%s", first);
		run.options[2] = options[2];
	}
	run.options[initrd ? 3 : 2] = "--mem=2M";
	if (status) {
		run.says = expect;
	} else {
		run.contains = expect;
	}
	vmrun_expect(_metadata, device, &run, messages);
	unlink(first);
	unlink(second);
}

TEST_DEVICE(loader, modules)
{
	expect_modules(_metadata, self->device, "kernel32.elf", NULL,
		       "module a string, of 2: 3 bytes: one\nmodule : 2 bytes: ", 0);
	expect_modules(_metadata, self->device, "pvh.elf", NULL,
		       "module a string, of 2: 102000 + 3: one\nmodule : 103000 + 2: ", 0);
	expect_modules(_metadata, self->device, "pvh.elf", "initrd",
		       "module : 102000 + 3: one\nmodule a string, of 2: 103000 + 3: one\n"
		       "module : 104000 + 2: ", 0);
	expect_modules(_metadata, self->device, "kernel32.elf", NULL,
		       ": 2097152 bytes at 0x103000 do not fit into 2097152 bytes (use --mem)\n",
		       STATUS_LOAD);
	expect_modules(_metadata, self->device, "pvh.elf", NULL,
		       ": 2097152 bytes at 0x103000 do not fit into 2097152 bytes (use --mem)\n",
		       STATUS_LOAD);
}

TEST_DEVICE(loader, kernels)
{
	char messages[MAX_OUTPUT];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(runs); i++)
		vmrun_expect(_metadata, self->device, &runs[i], messages);
	TH_LOG("%zu runs", ARRAY_SIZE(runs));
}

static void read_kernel(struct __test_metadata *_metadata, const char *kernel,
			struct file *file)
{
	size_t offset;
	char path[256];
	ssize_t size;
	int fd;

	guest_path(path, sizeof(path), kernel);
	fd = open(path, O_RDONLY);
	ASSERT_LE(0, fd) {
		TH_LOG("%s: %m", path);
	}
	memset(file, 0, sizeof(*file));
	size = read(fd, file->bytes, sizeof(file->bytes));
	close(fd);
	ASSERT_LT(sizeof(Elf64_Ehdr), size);
	ASSERT_GT(MAX_FILE, size);
	file->size = size;

	file->elf32 = (void *)file->bytes;
	file->elf64 = (void *)file->bytes;
	if (file->elf32->e_ident[EI_CLASS] == ELFCLASS32) {
		file->segment32 = (void *)(file->bytes + file->elf32->e_phoff);
		offset = file->segment32->p_offset;
	} else {
		file->segment64 = (void *)(file->bytes + file->elf64->e_phoff);
		offset = file->segment64->p_offset;
	}
	ASSERT_GT(8192, offset);
	/* kernel.ld puts it there. */
	file->multiboot = (__u32 *)(file->bytes + offset);
	ASSERT_EQ(0x1badb002, file->multiboot[0]);
}

static void expect_damage(struct __test_metadata *_metadata, const char *device,
			  const struct damage *damage)
{
	static struct file file;
	char path[] = "/tmp/kernel.XXXXXX", messages[MAX_OUTPUT];
	struct guest_run run = damage->run;
	int fd = mkstemp(path), failed = !_metadata->passed;

	ASSERT_LE(0, fd);
	read_kernel(_metadata, damage->kernel, &file);
	damage->damage(&file);
	ASSERT_EQ(file.size, write(fd, file.bytes, file.size));
	close(fd);

	run.guest = path;
	vmrun_expect(_metadata, device, &run, messages);
	if (run.status == STATUS_LOAD) {
		const char *end = strchr(messages, '\n');

		EXPECT_NE(NULL, strstr(messages, path));
		EXPECT_TRUE(end && !end[1]);
	}
	if (!failed && !_metadata->passed)
		TH_LOG("%s: %s", damage->name, messages);
	unlink(path);
}

TEST_DEVICE(loader, damaged)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(damages); i++)
		expect_damage(_metadata, self->device, &damages[i]);
	TH_LOG("%zu files", ARRAY_SIZE(damages));
}

TEST_HARNESS_MAIN
