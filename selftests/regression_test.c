// SPDX-License-Identifier: GPL-2.0
/*
 * Corners that are easy to get wrong, and that no other test comes to.
 *
 * Breakage it catches: what the tests' names say.
 */
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "devices.h"
#include "guest_code.h"
#include "vm.h"

#define GPA	0x20000UL	/* of slot 1 */

DEVICE_FIXTURE(regression) {
	struct vm vm;
	uint8_t *page;
};

DEVICE_FIXTURE_SETUP(regression)
{
	ASSERT_EQ(0, vm_open(&self->vm, variant->path));
	self->page = vm_pages(PAGE);
	ASSERT_NE(MAP_FAILED, self->page);
}

FIXTURE_TEARDOWN(regression)
{
	vm_close(&self->vm);
	munmap(self->page, PAGE);
}

static void set_slot(struct __test_metadata *_metadata, struct vm *vm,
		     uint32_t flags, uint64_t gpa, void *page)
{
	struct minivmx_userspace_memory_region region = {
		.slot = 1, .flags = flags, .guest_phys_addr = gpa,
		.memory_size = PAGE, .userspace_addr = (unsigned long)page,
	};

	ASSERT_EQ(0, vm_ioctl_p(vm->fd, MINIVMX_SET_USER_MEMORY_REGION, &region));
}

GUEST_CODE(16, rep_ins,
	   "rep insb\n"
	   "nop\n"
	   "hlt\n");

/*
 * INS, with its data on the way, becomes INS of larger items. What lies behind
 * the page of the data went to the guest, and the kernel's stack was written to.
 */
TEST_DEVICE(regression, ins_changes_its_size)
{
	struct minivmx_regs regs;
	struct vm *vm = &self->vm;
	unsigned int i;

	if (!variant->minivmx)
		SKIP(return, "KVM decodes an INS once");
	ASSERT_EQ(0, vm_load(vm, CODE(rep_ins)));
	memset(vm->memory + 0x4000, 0xaa, 0x8000);
	ASSERT_EQ(0, vm_get_regs(vm->vcpu, &regs));
	regs.rcx = PAGE;
	regs.rdi = 0x4000;
	regs.rdx = 0x3f8;
	ASSERT_EQ(0, vm_set_regs(vm->vcpu, &regs));
	ASSERT_EQ(0, vm_run(vm->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_IO, vm->run->exit_reason);
	ASSERT_EQ(PAGE, vm->run->io.count);
	/* REP INSB -> REP INSW */
	vm->memory[VM_ENTRY + 1] = 0x6d;
	ASSERT_EQ(0, vm_run(vm->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_IO, vm->run->exit_reason);
	ASSERT_EQ(0, vm_get_regs(vm->vcpu, &regs));
	EXPECT_EQ(0x4000 + PAGE, regs.rdi);
	for (i = 0x5000; i < 0xc000; i++)
		ASSERT_EQ(0xaa, vm->memory[i]);
}

GUEST_CODE(16, spin, "jmp	.\n");

/* A guest that spins is the process's time, and has its limits. */
TEST_DEVICE(regression, cpu_time_limit)
{
	const struct rlimit limit = { 1, 1 };
	int status;
	pid_t pid;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(spin)));
	ASSERT_EQ(0, vm_enter_at(self->vm.vcpu, VM_ENTRY, RFLAGS_IF));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		struct vm vm;

		/* The parent's VM is not this process's. */
		if (vm_open(&vm, variant->path) || vm_load(&vm, CODE(spin)) ||
		    vm_enter_at(vm.vcpu, VM_ENTRY, RFLAGS_IF) ||
		    setrlimit(RLIMIT_CPU, &limit))
			_exit(1);
		vm_run(vm.vcpu);
		_exit(2);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(SIGKILL, WTERMSIG(status));
}

GUEST_CODE(16, out_twice,
	   "out	%al, $0x10\n"
	   "nop\n"
	   "out	%al, $0x11\n"
	   "hlt\n"
	   ".org out_twice + 0x80\n"
	   "out	%al, $0x20\n"
	   "nop\n"
	   "out	%al, $0x21\n"
	   "iret\n");

GUEST_CODE(16, unblock,
	   "mov	$0x6000, %sp\n"
	   "pushf\n"
	   "push	%cs\n"
	   "push	$0x1080\n"
	   "iret\n"
	   ".org unblock + 0x80\n"
	   "hlt\n");

/*
 * The delivery of an NMI meets a stack page that nobody has touched, and is
 * begun again: NMIs are blocked in the handler all the same.
 */
TEST_DEVICE(regression, nmi_on_fresh_stack)
{
	static const uint16_t ports[] = { 0x20, 0x21, 0x20, 0x21, 0x11 };
	uint16_t vector[2] = { VM_ENTRY + 0x80, 0 };
	struct minivmx_vcpu_events events;
	struct minivmx_regs regs;
	struct vm *vm = &self->vm;
	size_t i;

	/* Bochs keeps the blocking of NMIs of one guest for the next. */
	ASSERT_EQ(0, vm_load(vm, CODE(unblock)));
	ASSERT_EQ(0, vm_run(vm->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, vm->run->exit_reason);
	ASSERT_EQ(0, vm_load(vm, CODE(out_twice)));
	memcpy(vm->memory + 2 * sizeof(vector), vector, sizeof(vector));
	ASSERT_EQ(0, vm_run(vm->vcpu));
	ASSERT_EQ(0, vm_get_regs(vm->vcpu, &regs));
	regs.rsp = 0x5800;
	ASSERT_EQ(0, vm_set_regs(vm->vcpu, &regs));
	ASSERT_EQ(0, vm_ioctl(vm->vcpu, MINIVMX_NMI, 0));
	for (i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		ASSERT_EQ(0, vm_run(vm->vcpu));
		ASSERT_EQ(MINIVMX_EXIT_IO, vm->run->exit_reason);
		ASSERT_EQ(ports[i], vm->run->io.port);
		if (i)
			continue;
		ASSERT_EQ(0, vm_ioctl_p(vm->vcpu, MINIVMX_GET_VCPU_EVENTS, &events));
		EXPECT_EQ(1, events.nmi.masked);
		/* It waits until the handler is over. */
		ASSERT_EQ(0, vm_ioctl(vm->vcpu, MINIVMX_NMI, 0));
	}
}

GUEST_CODE(16, write_slot,
	   "mov	$0x2000, %ax\n"
	   "mov	%ax, %ds\n"
	   "mov	%al, 0\n"
	   "hlt\n");

/* The log goes with a slot that moves. */
TEST_DEVICE(regression, log_of_a_slot_that_moves)
{
	uint64_t dirty = 0;
	struct minivmx_dirty_log log = { .slot = 1, .dirty_bitmap = &dirty };

	set_slot(_metadata, &self->vm, MINIVMX_MEM_LOG_DIRTY_PAGES, GPA, self->page);
	ASSERT_EQ(0, vm_load(&self->vm, CODE(write_slot)));
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->vm.run->exit_reason);
	set_slot(_metadata, &self->vm, MINIVMX_MEM_LOG_DIRTY_PAGES, 2 * GPA, self->page);
	ASSERT_EQ(0, vm_ioctl_p(self->vm.fd, MINIVMX_GET_DIRTY_LOG, &log));
	EXPECT_EQ(1, dirty);
}

GUEST_CODE(16, read_twice,
	   "mov	$0x2000, %ax\n"
	   "mov	%ax, %ds\n"
	   "mov	0, %al\n"
	   "out	%al, $0x10\n"
	   "mov	0, %al\n"
	   "out	%al, $0x10\n");

/* The guest reads a page that nobody has touched; its owner writes it then. */
TEST_DEVICE(regression, read_only_slot_follows_its_owner)
{
	set_slot(_metadata, &self->vm, MINIVMX_MEM_READONLY, GPA, self->page);
	ASSERT_EQ(0, vm_load(&self->vm, CODE(read_twice)));
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	ASSERT_EQ(MINIVMX_EXIT_IO, self->vm.run->exit_reason);
	EXPECT_EQ(0, *(uint8_t *)vm_io_data(self->vm.run));
	self->page[0] = 0x55;
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	EXPECT_EQ(0x55, *(uint8_t *)vm_io_data(self->vm.run));
}

TEST_HARNESS_MAIN
