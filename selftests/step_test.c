// SPDX-License-Identifier: GPL-2.0
/*
 * What an exit in the middle of something must not lose, and what a vCPU that
 * is put elsewhere must not keep: single steps over instructions that exit or
 * end in a shadow, an interrupt shadow left behind, a page that may only be read.
 *
 * Breakage it catches: a #DB that is lost when RIP is advanced, an entry that
 * fails because a single step ended in the shadow of STI, stale interruptibility
 * after MINIVMX_SET_REGS.
 */
#include <stdlib.h>

#include "devices.h"
#include "guest_code.h"
#include "vm.h"

DEVICE_FIXTURE(step) {
	struct vm vm;
};

DEVICE_FIXTURE_SETUP(step)
{
	ASSERT_EQ(0, vm_open(&self->vm, variant->path));
}

FIXTURE_TEARDOWN(step)
{
	vm_close(&self->vm);
}

/* Sets TF: a trap after each instruction that follows. */
#define STEP				\
	"mov	$0x7000, %sp\n"		\
	"pushf\n"			\
	"pop	%ax\n"			\
	"or	$0x100, %ax\n"		\
	"push	%ax\n"			\
	"popf\n"

/* Where they go: SI counts them. */
#define TRAP(code)			\
	".org " #code " + 0x100\n"	\
	"inc	%si\n"			\
	"iret\n"

static void load_stepping(struct __test_metadata *_metadata, struct vm *vm,
			  const uint8_t *code, const uint8_t *end)
{
	uint16_t vector[2] = { VM_ENTRY + 0x100, 0 };

	ASSERT_EQ(0, vm_load(vm, code, end));
	memcpy(vm->memory + 1 * sizeof(vector), vector, sizeof(vector));
}

GUEST_CODE(16, step_sti,
	   STEP
	   "sti\n"
	   "nop\n"
	   "nop\n"
	   "out	%al, $0x10\n"
	   TRAP(step_sti));

/* A trap after each instruction, that in the shadow of STI included. */
TEST_DEVICE(step, over_sti)
{
	struct minivmx_regs regs;

	load_stepping(_metadata, &self->vm, CODE(step_sti));
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	ASSERT_EQ(MINIVMX_EXIT_IO, self->vm.run->exit_reason);
	ASSERT_EQ(0, vm_get_regs(self->vm.vcpu, &regs));
	EXPECT_EQ(3, regs.rsi);
}

GUEST_CODE(16, step_out,
	   STEP
	   "nop\n"
	   "out	%al, $0x10\n"
	   "cpuid\n"
	   "wbinvd\n"
	   "out	%al, $0x11\n"
	   TRAP(step_out));

/* Instructions that minivmx completes trap like those that the CPU does. */
TEST_DEVICE(step, over_exits)
{
	struct minivmx_regs regs;

	load_stepping(_metadata, &self->vm, CODE(step_out));
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	ASSERT_EQ(MINIVMX_EXIT_IO, self->vm.run->exit_reason);
	ASSERT_EQ(0x10, self->vm.run->io.port);
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	ASSERT_EQ(MINIVMX_EXIT_IO, self->vm.run->exit_reason);
	ASSERT_EQ(0x11, self->vm.run->io.port);
	ASSERT_EQ(0, vm_get_regs(self->vm.vcpu, &regs));
	/* nop, out, cpuid, wbinvd */
	EXPECT_EQ(4, regs.rsi);
}

GUEST_CODE(16, shadow_then_hlt,
	   "sti\n"
	   "out	%al, $0x10\n"
	   ".org shadow_then_hlt + 0x80\n"
	   "hlt\n");

/* The shadow of STI stays until it is taken away: IF=0 with it does not enter. */
TEST_DEVICE(step, elsewhere_from_shadow)
{
	struct minivmx_vcpu_events events;
	struct minivmx_regs regs;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(shadow_then_hlt)));
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	ASSERT_EQ(MINIVMX_EXIT_IO, self->vm.run->exit_reason);
	ASSERT_EQ(0, vm_ioctl_p(self->vm.vcpu, MINIVMX_GET_VCPU_EVENTS, &events));
	EXPECT_EQ(MINIVMX_X86_SHADOW_INT_STI, events.interrupt.shadow);
	events.interrupt.shadow = 0;
	ASSERT_EQ(0, vm_ioctl_p(self->vm.vcpu, MINIVMX_SET_VCPU_EVENTS, &events));
	ASSERT_EQ(0, vm_enter_at(self->vm.vcpu, VM_ENTRY + 0x80, 0));
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->vm.run->exit_reason);
	ASSERT_EQ(0, vm_get_regs(self->vm.vcpu, &regs));
	EXPECT_EQ(VM_ENTRY + 0x81, regs.rip);
}

GUEST_CODE(16, general_protection,
	   "mov	$0x6800, %sp\n"
	   "mov	$0xffff, %bx\n"
	   "mov	(%bx), %ax\n"		/* a word beyond the limit: #GP */
	   ".org general_protection + 0x100\n"
	   "hlt\n");

/*
 * The delivery of a #GP meets a stack page that nobody has touched. In real mode
 * it comes again without an error code, or VM entry would refuse it.
 */
TEST_DEVICE(step, fault_on_fresh_stack)
{
	uint16_t vector[2] = { VM_ENTRY + 0x100, 0 };
	struct minivmx_regs regs;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(general_protection)));
	memcpy(self->vm.memory + 13 * sizeof(vector), vector, sizeof(vector));
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->vm.run->exit_reason);
	ASSERT_EQ(0, vm_get_regs(self->vm.vcpu, &regs));
	EXPECT_EQ(VM_ENTRY + 0x101, regs.rip);
	/* IP, CS and FLAGS, and nothing else */
	EXPECT_EQ(0x6800 - 6, regs.rsp);
}

GUEST_CODE(16, read_page,
	   "mov	0x0, %al\n"
	   "out	%al, $0x10\n");

/* Read-only shared file memory: given back as clean as it was. */
TEST_DEVICE(step, read_only_file)
{
	char path[] = "/tmp/minivmx-XXXXXX";
	struct minivmx_sregs sregs;
	int fd = mkstemp(path);
	void *file;

	ASSERT_LE(0, fd);
	unlink(path);
	ASSERT_EQ(0, ftruncate(fd, PAGE));
	ASSERT_EQ(1, pwrite(fd, "x", 1, 0));
	file = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, file);
	ASSERT_EQ(0, vm_region(self->vm.fd, 1, VM_MEMORY, PAGE, file));
	ASSERT_EQ(0, vm_load(&self->vm, CODE(read_page)));
	ASSERT_EQ(0, vm_get_sregs(self->vm.vcpu, &sregs));
	sregs.ds.selector = VM_MEMORY >> 4;
	sregs.ds.base = VM_MEMORY;
	ASSERT_EQ(0, vm_set_sregs(self->vm.vcpu, &sregs));
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	ASSERT_EQ(MINIVMX_EXIT_IO, self->vm.run->exit_reason);
	EXPECT_EQ('x', *(char *)vm_io_data(self->vm.run));
	EXPECT_EQ(0, vm_region(self->vm.fd, 1, VM_MEMORY, 0, NULL));
	munmap(file, PAGE);
	close(fd);
}

TEST_HARNESS_MAIN
