// SPDX-License-Identifier: GPL-2.0
/*
 * The exits that reach the owner of a guest: IN and OUT, HLT, triple fault,
 * failed entry, internal error; and those that the kernel answers.
 *
 * Breakage it catches: a wrong port, size or direction, RAX spoilt by IN, an
 * instruction executed twice or not at all, a run page that says less than it
 * should, an exit that is swallowed.
 */
#include "devices.h"
#include "guest_code.h"
#include "vm.h"

DEVICE_FIXTURE(exits) {
	struct vm vm;
	struct minivmx_run *run;
	int vcpu;
};

DEVICE_FIXTURE_SETUP(exits)
{
	ASSERT_EQ(0, vm_open(&self->vm, variant->path));
	self->run = self->vm.run;
	self->vcpu = self->vm.vcpu;
}

FIXTURE_TEARDOWN(exits)
{
	vm_close(&self->vm);
}

/* ------------------------- IN and OUT ------------------------------------ */

GUEST_CODE(16, out_all,
	   "mov	$0x11223344, %eax\n"
	   "out	%al, $0x10\n"
	   "out	%ax, $0x20\n"
	   "out	%eax, $0x30\n"
	   "mov	$0x3f8, %dx\n"
	   "out	%al, %dx\n"
	   "mov	$0xfffe, %dx\n"
	   "out	%ax, %dx\n"
	   "mov	$0x8000, %dx\n"
	   "out	%eax, %dx\n"
	   "hlt\n");

TEST_DEVICE(exits, out)
{
	static const struct {
		uint16_t port;
		uint8_t size;
	} expect[] = {
		{ 0x10, 1 }, { 0x20, 2 }, { 0x30, 4 },
		{ 0x3f8, 1 }, { 0xfffe, 2 }, { 0x8000, 4 },
	};
	const uint32_t value = 0x11223344;
	size_t i;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(out_all)));
	for (i = 0; i < ARRAY_SIZE(expect); i++) {
		ASSERT_EQ(0, vm_run(self->vcpu));
		ASSERT_EQ(MINIVMX_EXIT_IO, self->run->exit_reason);
		EXPECT_EQ(MINIVMX_EXIT_IO_OUT, self->run->io.direction);
		EXPECT_EQ(expect[i].port, self->run->io.port);
		EXPECT_EQ(expect[i].size, self->run->io.size);
		EXPECT_EQ(1, self->run->io.count);
		ASSERT_LE(self->run->io.data_offset + expect[i].size,
			  self->vm.run_size);
		EXPECT_EQ(0, memcmp(vm_io_data(self->run), &value, expect[i].size));
	}
	ASSERT_EQ(0, vm_run(self->vcpu));
	EXPECT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
}

/* RAX is loaded with all its 64 bits by the test, which a guest here cannot. */
GUEST_CODE(16, in_al, "in	$0x10, %al\nhlt\n");
GUEST_CODE(16, in_ax, "in	$0x10, %ax\nhlt\n");
GUEST_CODE(16, in_eax, "in	$0x10, %eax\nhlt\n");
GUEST_CODE(16, in_al_dx, "in	%dx, %al\nhlt\n");
GUEST_CODE(16, in_ax_dx, "in	%dx, %ax\nhlt\n");
GUEST_CODE(16, in_eax_dx, "in	%dx, %eax\nhlt\n");

TEST_DEVICE(exits, in)
{
	static const struct {
		const uint8_t *code, *end;
		uint64_t rax;
		uint16_t port;
		uint8_t size;
	} expect[] = {
		{ CODE(in_al),     0x8877665544332299, 0x10, 1 },
		{ CODE(in_ax),     0x887766554433aa99, 0x10, 2 },
		{ CODE(in_eax),    0x00000000ccbbaa99, 0x10, 4 },
		{ CODE(in_al_dx),  0x8877665544332299, 0xabcd, 1 },
		{ CODE(in_ax_dx),  0x887766554433aa99, 0xabcd, 2 },
		{ CODE(in_eax_dx), 0x00000000ccbbaa99, 0xabcd, 4 },
	};
	const uint32_t value = 0xccbbaa99;
	struct minivmx_regs regs;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(expect); i++) {
		ASSERT_EQ(0, vm_load(&self->vm, expect[i].code, expect[i].end));
		ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
		regs.rax = 0x8877665544332211;
		regs.rdx = 0xabcd;
		ASSERT_EQ(0, vm_set_regs(self->vcpu, &regs));

		ASSERT_EQ(0, vm_run(self->vcpu));
		ASSERT_EQ(MINIVMX_EXIT_IO, self->run->exit_reason);
		EXPECT_EQ(MINIVMX_EXIT_IO_IN, self->run->io.direction);
		EXPECT_EQ(expect[i].port, self->run->io.port);
		EXPECT_EQ(expect[i].size, self->run->io.size);
		EXPECT_EQ(1, self->run->io.count);
		memcpy(vm_io_data(self->run), &value, sizeof(value));

		ASSERT_EQ(0, vm_run(self->vcpu));
		ASSERT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
		ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
		EXPECT_EQ(expect[i].rax, regs.rax);
	}
}

GUEST_CODE(16, out_twice,
	   "out	%al, $0x10\n"
	   "out	%al, $0x11\n"
	   "hlt\n");

/* While the owner looks, the instruction is not over. */
TEST_DEVICE(exits, rip_at_io)
{
	struct minivmx_regs regs;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(out_twice)));
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	EXPECT_EQ(VM_ENTRY, regs.rip);
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	EXPECT_EQ(VM_ENTRY + 2, regs.rip);
	EXPECT_EQ(0x11, self->run->io.port);
}

/* What is set without a new RIP does not disturb what is pending. */
TEST_DEVICE(exits, set_regs_at_io)
{
	struct minivmx_regs regs;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(in_al)));
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	regs.rax = 0x1234567890;
	regs.rbx = 7;
	ASSERT_EQ(0, vm_set_regs(self->vcpu, &regs));
	*(uint8_t *)vm_io_data(self->run) = 0x42;
	ASSERT_EQ(0, vm_run(self->vcpu));
	EXPECT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	EXPECT_EQ(0x1234567842, regs.rax);
	EXPECT_EQ(7, regs.rbx);
	EXPECT_EQ(VM_ENTRY + 3, regs.rip);
}

/* A new RIP is where the guest goes on: not two bytes after it. */
TEST_DEVICE(exits, set_rip_at_io)
{
	struct minivmx_regs regs;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(out_twice)));
	self->vm.memory[0x2000] = 0xf4;			/* HLT */
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	regs.rip = 0x2000;
	ASSERT_EQ(0, vm_set_regs(self->vcpu, &regs));
	ASSERT_EQ(0, vm_run(self->vcpu));
	EXPECT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	EXPECT_EQ(0x2001, regs.rip);
}

/* A hostile owner scribbles over the run page: the data is elsewhere. */
TEST_DEVICE(exits, run_page_scribbled)
{
	struct minivmx_regs regs;
	uint8_t *data;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(in_eax)));
	ASSERT_EQ(0, vm_run(self->vcpu));
	data = vm_io_data(self->run);
	memcpy(data, "\x44\x33\x22\x11", 4);
	self->run->exit_reason = 99;
	memset(self->run->padding, 0xff, sizeof(self->run->padding));
	ASSERT_EQ(0, vm_run(self->vcpu));
	EXPECT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	EXPECT_EQ(0x11223344, regs.rax);
}

GUEST_CODE(16, outs,
	   "mov	$0x2000, %si\n"
	   "mov	$0x10, %dx\n"
	   "outsb\n"
	   "hlt\n");

TEST_DEVICE(exits, outs)
{
	ASSERT_EQ(0, vm_load(&self->vm, CODE(outs)));
	self->vm.memory[0x2000] = 0x77;
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_IO, self->run->exit_reason);
	EXPECT_EQ(0x77, *(uint8_t *)vm_io_data(self->run));
}

/* ------------------------- HLT, triple fault ----------------------------- */

GUEST_CODE(16, halt_twice,
	   "hlt\n"
	   "inc	%bx\n"
	   "hlt\n");

TEST_DEVICE(exits, hlt)
{
	struct minivmx_regs regs;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(halt_twice)));
	ASSERT_EQ(0, vm_run(self->vcpu));
	EXPECT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
	EXPECT_EQ(0, self->run->if_flag);
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	EXPECT_EQ(VM_ENTRY + 1, regs.rip);

	ASSERT_EQ(0, vm_run(self->vcpu));
	EXPECT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	EXPECT_EQ(1, regs.rbx);
}

TEST_DEVICE(exits, if_flag)
{
	ASSERT_EQ(0, vm_load(&self->vm, CODE(halt_twice)));
	ASSERT_EQ(0, vm_enter_at(self->vcpu, VM_ENTRY, RFLAGS_IF));
	ASSERT_EQ(0, vm_run(self->vcpu));
	EXPECT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
	EXPECT_EQ(1, self->run->if_flag);
}

GUEST_CODE(16, triple_fault,
	   "lidtl " HERE(no_idt, triple_fault) "\n"
	   "int3\n"
	   "no_idt:\n"
	   ".word 0\n"
	   ".long 0\n");

TEST_DEVICE(exits, shutdown)
{
	ASSERT_EQ(0, vm_load(&self->vm, CODE(triple_fault)));
	ASSERT_EQ(0, vm_run(self->vcpu));
	EXPECT_EQ(MINIVMX_EXIT_SHUTDOWN, self->run->exit_reason);
}

/* ------------------------- what goes wrong ------------------------------- */

#define ENTRY_FAILURE		0x80000000U
#define INVALID_GUEST_STATE	(ENTRY_FAILURE | 33)

TEST_DEVICE(exits, fail_entry)
{
	struct minivmx_sregs sregs, good;
	int tries;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(halt_twice)));
	ASSERT_EQ(0, vm_get_sregs(self->vcpu, &good));
	sregs = good;
	sregs.cs.s = 0;
	ASSERT_EQ(0, vm_set_sregs(self->vcpu, &sregs));
	for (tries = 0; tries < 2; tries++) {
		self->run->fail_entry.cpu = 0xdeadbeef;
		ASSERT_EQ(0, vm_run(self->vcpu));
		ASSERT_EQ(MINIVMX_EXIT_FAIL_ENTRY, self->run->exit_reason);
		EXPECT_EQ(INVALID_GUEST_STATE,
			  self->run->fail_entry.hardware_entry_failure_reason);
		EXPECT_GT(1024, self->run->fail_entry.cpu);
	}
	/* It can be mended. */
	ASSERT_EQ(0, vm_set_sregs(self->vcpu, &good));
	ASSERT_EQ(0, vm_run(self->vcpu));
	EXPECT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
}

/* RFLAGS with a reserved bit. */
TEST_DEVICE(exits, fail_entry_rflags)
{
	ASSERT_EQ(0, vm_load(&self->vm, CODE(halt_twice)));
	ASSERT_EQ(0, vm_enter_at(self->vcpu, VM_ENTRY, 1UL << 63));
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_FAIL_ENTRY, self->run->exit_reason);
	EXPECT_EQ(INVALID_GUEST_STATE,
		  self->run->fail_entry.hardware_entry_failure_reason);
}

/* ------------------------- answered in the kernel ------------------------ */

GUEST_CODE(16, cpuid,
	   "mov	$0x80000008, %eax\n"
	   "mov	$-1, %ebx\n"
	   "mov	$-1, %ecx\n"
	   "mov	$-1, %edx\n"
	   "cpuid\n"
	   "hlt\n");

/* Without a table every leaf is zero. */
TEST_DEVICE(exits, cpuid)
{
	struct minivmx_regs regs;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(cpuid)));
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	EXPECT_EQ(0, regs.rax);
	EXPECT_EQ(0, regs.rbx);
	EXPECT_EQ(0, regs.rcx);
	EXPECT_EQ(0, regs.rdx);
}

GUEST_CODE(16, vmcall,
	   "mov	$999, %eax\n"
	   "vmcall\n"
	   "hlt\n");

TEST_DEVICE(exits, vmcall)
{
	struct minivmx_regs regs;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(vmcall)));
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	EXPECT_EQ((uint32_t)-1000, regs.rax);
}

GUEST_CODE(16, flush,
	   "movw	$0x1234, 0x2000\n"
	   "wbinvd\n"
	   "invd\n"
	   "movw	0x2000, %bx\n"
	   "hlt\n");

/* A guest flushes nothing, and INVD throws nothing away. */
TEST_DEVICE(exits, cache_flush)
{
	struct minivmx_regs regs;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(flush)));
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	EXPECT_EQ(0x1234, regs.rbx);
}

TEST_HARNESS_MAIN
