// SPDX-License-Identifier: GPL-2.0
/*
 * Guests that crash or do not end: what vmrun says of them, on both devices.
 *
 * Breakage it catches: a report without the likely cause, with that of another guest,
 * with an instruction of another mode or place, without the last exits; a timeout that
 * does not come, or ends a guest that would have ended by itself.
 */
#include <elf.h>

#include "guest_code.h"
#include "vmrun.h"

/*
 * Long enough for what a guest has to do before it hangs, on a slow machine, too: a few
 * exits, or the start of a second vCPU.
 */
#define SOON	"--timeout=1"
#define LATER	"--timeout=2.5"

/* A port of a PC that vmrun is not going to have. */
#define GAME_PORT	"0x201"

/**
 * struct crash - a guest, and what is said of it
 * @run: the guest; if its file is NULL, the code is the guest
 * @code: 16-bit code, up to @end
 * @says: parts of standard error
 * @minivmx: not for KVM, which cannot interrupt it in every emulator
 */
struct crash {
	struct guest_run run;
	const uint8_t *code, *end;
	const char *says[6];
	bool minivmx;
};

/* ------------------------- code that is no guest of its own ----------------- */

GUEST_CODE(16, port_code,
	   "mov	$" GAME_PORT ", %dx\n"
	   "mov	$0x5a, %al\n"
	   "out	%al, $0x80\n"
	   "out	%al, $0x80\n"
	   "out	%al, %dx\n");

/* 0xffff:0x14 is 4 bytes beyond 1 MiB. */
GUEST_CODE(16, beyond_code,
	   "mov	$0xffff, %ax\n"
	   "mov	%ax, %ds\n"
	   "movb	$0x5a, 0x14\n"
	   "hlt\n");

/* The zeros at 0x8000 are add %al, (%bx, %si). */
GUEST_CODE(16, zeros_code,
	   "mov	$0xffff, %ax\n"
	   "mov	%ax, %ds\n"
	   "mov	$0x10, %bx\n"
	   "mov	$0x8000, %ax\n"
	   "jmp	*%ax\n");

/* At 0x2000 there are zeros: an empty IDT. */
GUEST_CODE(16, ones_code,
	   "lidt	0x2000\n"
	   ".fill	16, 1, 0xff\n");

GUEST_CODE(16, division_code,
	   "lidt	0x2000\n"
	   "xor	%cx, %cx\n"
	   "div	%cx\n");

/* Memory that is not there, by an instruction that nobody emulates. */
GUEST_CODE(16, paddb_code,
	   "mov	$0xffff, %ax\n"
	   "mov	%ax, %ds\n"
	   "paddb	0x10, %mm0\n");

GUEST_CODE(16, poll_code,
	   "mov	$" GAME_PORT ", %dx\n"
	   "poll_again:\n"
	   "in	%dx, %al\n"
	   "jmp	poll_again\n");

/* A tick of the interval timer ends a HLT; then only input would end the next. */
GUEST_CODE(16, one_tick_code,
	   "movw	$" HERE(one_tick, one_tick_code) ", 0x20 * 4\n"
	   "mov	$1000, %ax\n"
	   "out	%ax, $0x50\n"
	   "sti\n"
	   "hlt\n"
	   "xor	%ax, %ax\n"
	   "out	%ax, $0x50\n"
	   "mov	$0xef, %al\n"
	   "out	%al, $0x21\n"
	   "mov	$0x3fc, %dx\n"
	   "mov	$0x08, %al\n"
	   "out	%al, %dx\n"
	   "mov	$0x3f9, %dx\n"
	   "mov	$0x01, %al\n"
	   "out	%al, %dx\n"
	   "one_tick_wait:\n"
	   "hlt\n"
	   "jmp	one_tick_wait\n"
	   "one_tick:\n"
	   "iret\n");

/* vCPU 0 waits for a vCPU 1 that has halted. */
GUEST_CODE(16, alone_code,
	   "test	%ax, %ax\n"
	   "jnz	alone_halt\n"
	   "sti\n"
	   "alone_wait:\n"
	   "pause\n"
	   "jmp	alone_wait\n"
	   "alone_halt:\n"
	   "hlt\n");

/* vCPU 1 cannot go on while vCPU 0 would for ever. */
GUEST_CODE(16, second_fails_code,
	   "test	%ax, %ax\n"
	   "jnz	second_fails\n"
	   "sti\n"
	   "first_waits:\n"
	   "jmp	first_waits\n"
	   "second_fails:\n"
	   "lidt	0x2000\n"
	   "ud2\n");

#define BLOB(name)	.code = name, .end = name##_end

#define SHUTDOWN	"triple fault: no handler for an exception, none for the double fault, "

static const struct crash crashes[] = {
	/* Triple faults. */
	{ .run = { .guest = "triplefault.bin", .status = STATUS_TRIPLE_FAULT },
	  .says = { "/triplefault.bin: " SHUTDOWN "at 0000:1005\n"
		    "  likely: INT3 is an exception (#BP), which nothing handled\n"
		    "  likely: the IDT is empty (limit 0): no exception can be delivered\n"
		    "  instruction: int3\n"
		    "  code at 0x1005: cc ",
		    "  last exits:\n    SHUTDOWN\n  rax ", "\n  cr0 60000010 " } },
	{ .run = { .guest = "undefined.bin", .status = STATUS_TRIPLE_FAULT },
	  .says = { SHUTDOWN "at 0x10", "  likely: UD2 is ",
		    "  likely: no IDT was loaded (limit 0xffff at base 0): the first exception or interrupt cannot be delivered\n"
		    "  instruction: ud2\n",
		    "  last exits:\n    OUT 0x80 <- 0x12\n    SHUTDOWN\n" } },
	{ .run = { .guest = "pagefault.bin", .status = STATUS_TRIPLE_FAULT },
	  .says = { "  likely: CR2 = 0x200018 is not mapped by the guest's page tables: a page fault with no handler\n",
		    "  instruction: movl 0x200018, %eax\n  code at 0x1077: 8b 04 25 ",
		    "  likely: no IDT was loaded", "  r8  00000000 ", "cr2 00200018" } },
	{ .run = { .guest = "nostack.bin", .status = STATUS_TRIPLE_FAULT },
	  .says = { "  likely: the stack pointer, 0x200010, is outside of memory: a push faults and so does the delivery of that fault\n"
		    "  likely: no handler can run without a stack",
		    "  instruction: pushq %rax\n" } },
	{ BLOB(ones_code), .run.status = STATUS_TRIPLE_FAULT,
	  .says = { "at 0000:1005\n",
		    "  likely: RIP is in memory that holds only 0xff bytes: the guest jumped into data, or to a device\n",
		    "  instruction: none\n  code at 0x1005: ff ff " } },
	{ BLOB(division_code), .run.status = STATUS_TRIPLE_FAULT,
	  .says = { "at 0000:1007\n", "  likely: a division by 0, or a quotient that is too large",
		    "  instruction: divw %cx\n" } },
	{ BLOB(second_fails_code), .run = {
		.options = { "--cpus=2", "--timeout=60" }, .status = STATUS_TRIPLE_FAULT },
	  .says = { ": vCPU 1: " SHUTDOWN "at 0000:100c\n", "  instruction: ud2\n",
		    "  rax 00000001 " } },

	/* In the weeds. */
	{ .run = { .guest = "weeds.bin", .status = STATUS_EXIT },
	  .says = { "an instruction that it cannot emulate (internal error 1)", ", at 0x100000\n"
		    "  likely: RIP is beyond the end of memory, after zeros: the guest jumped to where nothing was loaded, and ran through to the end\n"
		    "  code at 0x100000: no memory there\n" } },
	{ BLOB(zeros_code), .run = { .options = { "--strict" }, .status = STATUS_PORT },
	  .says = { "read at guest-physical address 0x100000, which nothing claims: 1 byte, at 0000:8000\n"
		    "  likely: RIP is in memory that holds only zeros: the guest jumped to where nothing was loaded\n"
		    "  instruction: addb %al, (%bx, %si)\n  code at 0x8000: 00 00 " } },
	{ BLOB(paddb_code), .run.status = STATUS_EXIT,
	  .says = { "  likely: the instruction accesses memory that is not there: a wrong pointer, or --mem is too small\n",
		    "  instruction: paddb 0x10, %mm0\n", "    INTERNAL_ERROR\n" } },

	/* Devices that are not there. */
	{ BLOB(port_code), .run = { .options = { "--strict" }, .status = STATUS_PORT },
	  .says = { "OUT to port " GAME_PORT ", which nothing claims: 1 byte, value 0x5a, at 0000:1009\n"
		    "  likely: that port is the game port of a PC, and no device of vmrun claims it\n"
		    "  instruction: outb %al, %dx\n",
		    "  last exits:\n    OUT 0x80 <- 0x5a, 2 times\n    OUT " GAME_PORT " <- 0x5a\n" } },
	{ BLOB(beyond_code), .run = { .options = { "--strict" }, .status = STATUS_PORT },
	  .says = { "write at guest-physical address 0x100004, which nothing claims: 1 byte, ",
		    "  likely: the address is 0x4 bytes beyond the end of memory: a wrong pointer, or --mem is too small\n"
		    "  next instruction: hlt\n",
		    "    MMIO write 0x100004 <- 0x5a\n" } },
	{ .run = { .guest = "mmio.bin", .options = { "--strict" }, .status = STATUS_PORT,
		   .output = "counter: 123" },
	  .says = { "  likely: memory ends at 0x100000, far below that: a wrong pointer\n",
		    "  instruction: movl 0xd0000008, %eax\n",
		    "    MMIO write 0xd0000000 <- 0x00000033 '3'\n"
		    "    MMIO read 0xd0000008 -> 0xffffffff\n" } },

	/* Guests that do not end. */
	{ .run = { .guest = "spin.bin", .options = { SOON }, .status = STATUS_TIMEOUT },
	  .says = { ": no end after 1 s (--timeout), at 0000:1001\n"
		    "  likely: the guest jumps to itself: a handler of an interrupt would have to end that\n"
		    "  instruction: jmp 0x1001\n",
		    "  no exit reached vmrun\n" } },
	{ .run = { .guest = "spin_cli.bin", .options = { SOON }, .status = STATUS_TIMEOUT },
	  .minivmx = true,
	  .says = { "at 0000:1000\n"
		    "  likely: interrupts are off (IF=0) and the guest jumps to itself: it waits for something that can never come\n" } },
	{ .run = { .guest = "echo_irq.bin", .options = { SOON }, .silent = true,
		   .status = STATUS_TIMEOUT },
	  .says = { "  likely: it waits in HLT for an interrupt, and none came\n"
		    "  next instruction: jmp 0x1036\n",
		    "    OUT 0x3f9 <- 0x01\n    HLT\n" } },
	{ BLOB(one_tick_code), .run = {
		.options = { SOON }, .silent = true, .status = STATUS_TIMEOUT },
	  .says = { "  likely: it waits in HLT for an interrupt, and none that came was what it waits for\n"
		    "  next instruction: jmp ",
		    "    OUT 0x50 <- 0x03e8\n    HLT\n    OUT 0x50 <- 0x0000\n" } },
	{ BLOB(poll_code), .run = { .options = { SOON }, .status = STATUS_TIMEOUT },
	  .says = { "  likely: the guest polls port " GAME_PORT ", and the answer stays the same\n",
		    "  last exits:\n    IN " GAME_PORT " -> 0xff, " } },
	{ BLOB(alone_code), .run = { .options = { "--cpus=2", LATER }, .status = STATUS_TIMEOUT },
	  .says = { ": vCPU 0: no end after 2.5 s (--timeout), at 0000:100",
		    "  likely: all other vCPUs have halted: if it waits for them, that is for ever\n",
		    ": vCPU 1: no end after 2.5 s (--timeout), at 0000:100a\n"
		    "  likely: it is in HLT with interrupts off (IF=0): nothing can wake it\n",
		    "  last exits:\n    HLT\n" } },

	/* It ends by itself. */
	{ .run = { .guest = "hello.bin", .options = { "--timeout=60" },
		   .output = "Hello, world!\n" } },
	{ .run = { .guest = "echo_irq.bin", .options = { "--timeout=60.000000001" },
		   .input = "ab\nc", .output = "ab\nc" } },
	{ .run = { .guest = "exitcode.bin", .options = { "--timeout=60" }, .status = 42 } },
};

DEVICE_FIXTURE(crash) {
	char device[64];
};

DEVICE_FIXTURE_SETUP(crash)
{
	snprintf(self->device, sizeof(self->device), "--device=%s", variant->path);
}

FIXTURE_TEARDOWN(crash)
{
}

static void write_file(struct __test_metadata *_metadata, char *path, const void *data,
		       size_t size)
{
	int fd = mkstemp(path);

	ASSERT_LE(0, fd);
	ASSERT_EQ(size, write(fd, data, size));
	close(fd);
}

static void expect_crash(struct __test_metadata *_metadata, const char *device,
			 const struct crash *crash)
{
	char path[] = "/tmp/guest.XXXXXX", messages[MAX_OUTPUT];
	struct guest_run run = crash->run;
	size_t i;

	if (crash->code) {
		write_file(_metadata, path, crash->code, crash->end - crash->code);
		run.guest = path;
	}
	vmrun_expect(_metadata, device, &run, messages);
	for (i = 0; i < ARRAY_SIZE(crash->says) && crash->says[i]; i++) {
		EXPECT_NE(NULL, strstr(messages, crash->says[i])) {
			TH_LOG("%s: \"%s\" is not in\n%s", run.guest, crash->says[i],
			       messages);
		}
	}
	if (!i) {
		EXPECT_STREQ("", messages);
	}
	if (crash->code)
		unlink(path);
}

TEST_DEVICE(crash, table)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(crashes); i++)
		if (variant->minivmx || !crashes[i].minivmx)
			expect_crash(_metadata, self->device, &crashes[i]);
	TH_LOG("%zu guests", ARRAY_SIZE(crashes));
}

/* A kernel whose first instruction is undefined, and has a name. */
TEST_DEVICE(crash, symbol)
{
	static const struct crash crash = {
		.run.status = STATUS_TRIPLE_FAULT,
		.says = { "  instruction at _start+0x0: ud2\n" },
	};
	static uint8_t file[0x10000];
	char kernel[256], path[] = "/tmp/kernel.XXXXXX";
	const Elf32_Ehdr *header = (void *)file;
	const Elf32_Phdr *segment;
	struct crash own = crash;
	ssize_t size;
	int fd, i;

	guest_path(kernel, sizeof(kernel), "kernel32.elf");
	fd = open(kernel, O_RDONLY);
	size = read(fd, file, sizeof(file));
	close(fd);
	ASSERT_LT(sizeof(*header), size);
	segment = (void *)(file + header->e_phoff);
	for (i = 0; i < header->e_phnum; i++, segment++)
		if (header->e_entry - segment->p_vaddr < segment->p_filesz)
			break;
	ASSERT_NE(header->e_phnum, i);
	memcpy(file + segment->p_offset + header->e_entry - segment->p_vaddr, "\x0f\x0b", 2);
	write_file(_metadata, path, file, size);
	own.run.guest = path;
	expect_crash(_metadata, self->device, &own);
	unlink(path);
}

/* Nothing that is not a time. */
TEST_DEVICE(crash, bad_timeout)
{
	static const char *const bad[] = {
		"--timeout=0", "--timeout=0.0", "--timeout=-1", "--timeout=", "--timeout=1s",
		"--timeout=.5", "--timeout=1.", "--timeout=1e3", "--timeout=inf",
		"--timeout=0.0000000001", "--timeout=1000000001",
		"--timeout=18446744073709551616",
	};
	struct guest_run run = {
		.guest = "hello.bin", .status = STATUS_USAGE,
		.says = ": not a time in seconds above 0 (examples: 10, 0.5)\n",
	};
	char messages[MAX_OUTPUT];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		run.options[0] = bad[i];
		vmrun_expect(_metadata, self->device, &run, messages);
	}
}

TEST_HARNESS_MAIN
