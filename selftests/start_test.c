// SPDX-License-Identifier: GPL-2.0
/*
 * vmrun --start=register: what one vCPU reads of its attempts to start others, and how
 * those start.
 *
 * Breakage it catches: a status that is not the documented one, a vCPU that starts by
 * itself, twice, elsewhere, or with something of its life before.
 */
#include "guest_code.h"
#include "vmrun.h"

/* Prints each status; '1' after the third is the number, read back. */
GUEST_CODE(16, starter,
	   "lgdtl	" HERE(starter_gdtr, starter) "\n"
	   "mov	%cr0, %eax\n"
	   "or	$1, %eax\n"
	   "mov	%eax, %cr0\n"
	   "ljmpl	$8, $" HERE(starter_flat, starter) "\n"
	   ".code32\n"
	   "starter_flat:\n"
	   "mov	$16, %eax\n"
	   "mov	%eax, %ds\n"
	   "mov	%eax, %ss\n"
	   "mov	$0x9000, %esp\n"
	   "sti\n"
	   ".macro	starts number, entry\n"
	   "movl	$\\number, 0xd0000008\n"
	   "movl	$\\entry, 0xd000000c\n"
	   "mov	0xd000000c, %eax\n"
	   ".endm\n"
	   ".macro	shows\n"
	   "add	$'0', %eax\n"
	   "mov	%al, 0xd0000000\n"
	   ".endm\n"
	   "starts	0, " HERE(starter_first, starter) "\n"
	   "shows\n"
	   "starts	2, " HERE(starter_first, starter) "\n"
	   "shows\n"
	   "starts	1, 0x100000\n"
	   "shows\n"
	   "mov	0xd0000008, %eax\n"
	   "shows\n"
	   "starts	1, " HERE(starter_first, starter) "\n"
	   "shows\n"
	   /* It runs until it is told not to. */
	   "starts	1, " HERE(starter_second, starter) "\n"
	   "shows\n"
	   "movl	$1, 0x8000\n"
	   "starter_again:\n"
	   "starts	1, " HERE(starter_second, starter) "\n"
	   "test	%eax, %eax\n"
	   "jnz	starter_again\n"
	   "starter_waits:\n"
	   "pause\n"
	   "mov	0x8004, %eax\n"
	   "test	%eax, %eax\n"
	   "jz	starter_waits\n"
	   "mov	%al, 0xd0000000\n"
	   "mov	$7, %al\n"
	   "out	%al, $0xf4\n"

	   ".code16\n"
	   "starter_first:\n"
	   "sti\n"
	   "cmp	$1, %ax\n"
	   "jne	starter_bad\n"
	   "starter_spins:\n"
	   "pause\n"
	   "cmpl	$0, 0x8000\n"
	   "je	starter_spins\n"
	   "mov	$0x1234, %ax\n"
	   "mov	%ax, %es\n"
	   "mov	%ax, %bx\n"
	   "mov	%ax, %sp\n"
	   "mov	%cr4, %eax\n"
	   "or	$0x10, %eax\n"
	   "mov	%eax, %cr4\n"
	   "hlt\n"

	   /* Nothing of that is left. */
	   "starter_second:\n"
	   "cmp	$1, %eax\n"
	   "jne	starter_bad\n"
	   "mov	%es, %ax\n"
	   "or	%sp, %bx\n"
	   "or	%ax, %bx\n"
	   "mov	%cr4, %eax\n"
	   "and	$0x10, %ax\n"
	   "or	%ax, %bx\n"
	   "pushf\n"
	   "pop	%ax\n"
	   "and	$0x200, %ax\n"
	   "or	%ax, %bx\n"
	   "jnz	starter_bad\n"
	   "movl	$'k', 0x8004\n"
	   "hlt\n"
	   "starter_bad:\n"
	   "movl	$'?', 0x8004\n"
	   "hlt\n"
	   ".balign	8\n"
	   "starter_gdt:\n"
	   ".quad	0, 0x00cf9a000000ffff, 0x00cf92000000ffff\n"
	   "starter_gdtr:\n"
	   ".word	23\n"
	   ".long	" HERE(starter_gdt, starter) "\n");

/* vCPU 1 would end the run with 9, if anybody started it. */
GUEST_CODE(16, alone,
	   "sti\n"
	   "test	%ax, %ax\n"
	   "jnz	alone_other\n"
	   "mov	$20000, %cx\n"
	   "alone_waits:\n"
	   "out	%al, $0x80\n"
	   "loop	alone_waits\n"
	   "mov	$8, %al\n"
	   "out	%al, $0xf4\n"
	   "alone_other:\n"
	   "mov	$9, %al\n"
	   "out	%al, $0xf4\n");

DEVICE_FIXTURE(start) {
	char device[64];
};

DEVICE_FIXTURE_SETUP(start)
{
	snprintf(self->device, sizeof(self->device), "--device=%s", variant->path);
}

FIXTURE_TEARDOWN(start)
{
}

static void expect_code(struct __test_metadata *_metadata, const char *device,
			const uint8_t *code, const uint8_t *end, struct guest_run *run)
{
	char path[] = "/tmp/start.XXXXXX", messages[MAX_OUTPUT];
	int fd = mkstemp(path);

	ASSERT_LE(0, fd);
	ASSERT_EQ(end - code, write(fd, code, end - code));
	close(fd);
	run->guest = path;
	vmrun_expect(_metadata, device, run, messages);
	unlink(path);
}

TEST_DEVICE(start, registers)
{
	struct guest_run run = {
		.options = { "--cpus=2", "--start=register", "--sandbox=on" },
		.output = "213102k", .status = 7,
	};

	expect_code(_metadata, self->device, CODE(starter), &run);
}

TEST_DEVICE(start, alone)
{
	struct guest_run run = {
		.options = { "--cpus=2", "--start=register" }, .status = 8,
	};

	expect_code(_metadata, self->device, CODE(alone), &run);
}

/* Without the option there is no such device. */
TEST_DEVICE(start, absent)
{
	struct guest_run run = {
		.options = { "--strict" }, .status = STATUS_PORT,
		.says = "0xd0000008, which nothing claims",
	};

	expect_code(_metadata, self->device, CODE(starter), &run);
}

TEST_HARNESS_MAIN
