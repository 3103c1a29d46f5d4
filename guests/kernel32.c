// SPDX-License-Identifier: GPL-2.0
/*
 * kernel32 - a kernel that has never heard of minivmx
 *
 * An ELF file of 32 bits, which any Multiboot loader boots. It knows a serial
 * port, which it asks before each byte whether it is ready, and says what its
 * loader told it.
 *
 * Exits:  IO (IN 0x3fd) and IO (OUT 0x3f8) for each byte of the output; IO (OUT
 *         0xf4)
 * Output: 32-bit kernel, the loader's name, the command line, the memory's size
 *         and its map, and of each module what it is told, its size and what is in
 *         it, a line each
 * Status: 0; 1 if it was not booted by a Multiboot loader
 */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define SERIAL_DATA	0x3f8
#define SERIAL_STATUS	0x3fd
#define SERIAL_CAN_SEND	0x20
#define EXIT_PORT	0xf4

/* Multiboot Specification 0.6.96, sections 3.1 to 3.3. */
#define LOADER_MAGIC	0x2badb002

#define INFO_MEMORY	0x001
#define INFO_CMDLINE	0x004
#define INFO_MODULES	0x008
#define INFO_MMAP	0x040
#define INFO_NAME	0x200

struct info {
	u32 flags;
	u32 mem_lower, mem_upper;
	u32 boot_device;
	u32 cmdline;
	u32 mods_count, mods_addr;
	u32 syms[4];
	u32 mmap_length, mmap_addr;
	u32 drives[2];
	u32 config_table;
	u32 boot_loader_name;
};

struct module {
	u32 start, end;
	u32 string;
	u32 reserved;
};

struct mmap_entry {
	u32 size;		/* of what follows */
	u32 addr[2];		/* 64 bits, but not aligned to them */
	u32 length[2];
	u32 type;
};

/* The header; and the start: without a stack, the loader's word in EAX and EBX. */
__asm__("	.section .multiboot, \"a\"\n"
	"	.balign	4\n"
	"	.long	0x1badb002, 0x3, -(0x1badb002 + 0x3)\n"
	"	.text\n"
	"	.globl	_start\n"
	"_start:\n"
	"	mov	$stack + 4096, %esp\n"
	"	push	%ebx\n"
	"	push	%eax\n"
	"	call	kernel_main\n"
	"	.local	stack\n"
	"	.comm	stack, 4096, 16\n");

static void out8(u16 port, u8 value)
{
	asm volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static u8 in8(u16 port)
{
	u8 value;

	asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void print_byte(char byte)
{
	while (!(in8(SERIAL_STATUS) & SERIAL_CAN_SEND))
		;
	out8(SERIAL_DATA, byte);
}

static void print(const char *text)
{
	for (; *text; text++)
		print_byte(*text);
}

static void print_line(const char *name, const char *text)
{
	print(name);
	print(text);
	print("\n");
}

static void print_hex(const char *name, u64 value)
{
	char digits[17];
	int i;

	for (i = 15; i >= 0; i--, value >>= 4)
		digits[i] = "0123456789abcdef"[value & 15];
	digits[16] = '\0';
	/* Without the zeros in front, but for one. */
	for (i = 0; i < 15 && digits[i] == '0'; i++)
		;
	print(name);
	print(digits + i);
}

static void print_map(const struct info *info)
{
	u32 at = info->mmap_addr;

	while (at < info->mmap_addr + info->mmap_length) {
		const struct mmap_entry *entry = (const void *)at;

		print_hex("map: ", (u64)entry->addr[1] << 32 | entry->addr[0]);
		print_hex(" + ", (u64)entry->length[1] << 32 | entry->length[0]);
		print_hex(", type ", entry->type);
		print("\n");
		at += entry->size + sizeof(entry->size);
	}
}

static void print_module(const struct module *module)
{
	u32 at;

	print("module ");
	print((const char *)module->string);
	print_hex(module->start & 0xfff ? ", unaligned: " : ": ", module->end - module->start);
	print(" bytes: ");
	for (at = module->start; at < module->end; at++)
		print_byte(*(const char *)at);
	print("\n");
}

static void print_modules(const struct info *info)
{
	const struct module *module = (const void *)info->mods_addr;
	u32 i;

	for (i = 0; i < info->mods_count; i++)
		print_module(&module[i]);
}

void kernel_main(u32 magic, const struct info *info);

/* Never returns. */
void kernel_main(u32 magic, const struct info *info)
{
	if (magic == LOADER_MAGIC) {
		print("32-bit kernel\n");
		if (info->flags & INFO_NAME)
			print_line("loader: ", (const char *)info->boot_loader_name);
		if (info->flags & INFO_CMDLINE)
			print_line("command line: ", (const char *)info->cmdline);
		if (info->flags & INFO_MEMORY) {
			print_hex("lower KiB: ", info->mem_lower);
			print_hex(", upper KiB: ", info->mem_upper);
			print("\n");
		}
		if (info->flags & INFO_MMAP)
			print_map(info);
		if (info->flags & INFO_MODULES)
			print_modules(info);
	}
	out8(EXIT_PORT, magic != LOADER_MAGIC);
	for (;;)
		asm volatile("hlt");
}
