// SPDX-License-Identifier: GPL-2.0
/*
 * What keeps what alive: a vCPU its VM, a mapping its page, whatever the order
 * in which descriptors are closed.
 *
 * Breakage it catches: a reference that is not taken or not given back, memory
 * freed under a mapping. What leaks, leak_test.c finds; what is freed too
 * early is best seen with KASAN.
 */
#include "devices.h"
#include "guest_code.h"
#include "vm.h"

/* Reads the run page's port, so that data flows both ways, and halts. */
GUEST_CODE(16, in_and_halt,
	   "in	$0x10, %al\n"
	   "mov	%al, 0x3000\n"
	   "hlt\n");

DEVICE_FIXTURE(lifetime) {
	struct vm vm;
};

DEVICE_FIXTURE_SETUP(lifetime)
{
	ASSERT_EQ(0, vm_open(&self->vm, variant->path));
	ASSERT_EQ(0, vm_load(&self->vm, CODE(in_and_halt)));
}

FIXTURE_TEARDOWN(lifetime)
{
	vm_close(&self->vm);
}

static void close_fd(int *fd)
{
	close(*fd);
	*fd = -1;
}

/* The guest of this file runs to its IN. */
static void run_to_in(struct __test_metadata *_metadata, struct vm *vm)
{
	ASSERT_EQ(0, vm_run(vm->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_IO, vm->run->exit_reason);
}

/* And from there to its end. */
static void run_on_to_halt(struct __test_metadata *_metadata, struct vm *vm)
{
	*(uint8_t *)vm_io_data(vm->run) = 0x5a;
	ASSERT_EQ(0, vm_run(vm->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, vm->run->exit_reason);
	EXPECT_EQ(0x5a, vm->memory[0x3000]);
}

static void run_to_halt(struct __test_metadata *_metadata, struct vm *vm)
{
	run_to_in(_metadata, vm);
	run_on_to_halt(_metadata, vm);
}

TEST_DEVICE(lifetime, vcpu_outlives_device)
{
	close_fd(&self->vm.dev);
	run_to_halt(_metadata, &self->vm);
}

TEST_DEVICE(lifetime, vcpu_outlives_vm)
{
	close_fd(&self->vm.fd);
	close_fd(&self->vm.dev);
	run_to_halt(_metadata, &self->vm);
}

TEST_DEVICE(lifetime, vm_closed_between_runs)
{
	run_to_in(_metadata, &self->vm);
	close_fd(&self->vm.fd);
	run_on_to_halt(_metadata, &self->vm);
}

TEST_DEVICE(lifetime, run_page_outlives_all)
{
	struct minivmx_run *run = self->vm.run;

	run_to_halt(_metadata, &self->vm);
	close_fd(&self->vm.vcpu);
	close_fd(&self->vm.fd);
	close_fd(&self->vm.dev);
	EXPECT_EQ(MINIVMX_EXIT_HLT, run->exit_reason);
	run->exit_reason = 0;
	EXPECT_EQ(0, run->exit_reason);
}

TEST_DEVICE(lifetime, run_page_unmapped)
{
	struct minivmx_regs regs;

	ASSERT_EQ(0, munmap(self->vm.run, self->vm.run_size));
	self->vm.run = NULL;
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	ASSERT_EQ(0, vm_get_regs(self->vm.vcpu, &regs));
	EXPECT_EQ(VM_ENTRY, regs.rip);

	self->vm.run = vm_map_run(self->vm.vcpu, self->vm.run_size);
	ASSERT_NE(MAP_FAILED, (void *)self->vm.run);
	EXPECT_EQ(MINIVMX_EXIT_IO, self->vm.run->exit_reason);
}

/* Never mapped by anybody, never run. */
TEST_DEVICE(lifetime, unused)
{
	int fd = vm_ioctl(self->vm.fd, MINIVMX_CREATE_VCPU, 1);

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, close(fd));
	close_fd(&self->vm.vcpu);
	close_fd(&self->vm.fd);
}

/* A descriptor that was duplicated is closed when the last copy is. */
TEST_DEVICE(lifetime, duplicated)
{
	int copy = dup(self->vm.vcpu);

	ASSERT_LE(0, copy);
	close_fd(&self->vm.vcpu);
	self->vm.vcpu = copy;
	close_fd(&self->vm.fd);
	run_to_halt(_metadata, &self->vm);
}

/* The memory of the guest may go before the VM does. */
TEST_DEVICE(lifetime, memory_goes_first)
{
	run_to_halt(_metadata, &self->vm);
	ASSERT_EQ(0, munmap(self->vm.memory, VM_MEMORY));
	self->vm.memory = NULL;
	ASSERT_EQ(0, vm_region(self->vm.fd, VM_SLOT, 0, 0, NULL));
	close_fd(&self->vm.fd);
}

/* Two VMs of one process share nothing. */
TEST_DEVICE(lifetime, two_vms)
{
	struct vm other;

	ASSERT_EQ(0, vm_open(&other, variant->path));
	ASSERT_EQ(0, vm_load(&other, CODE(in_and_halt)));
	run_to_in(_metadata, &other);
	run_to_halt(_metadata, &self->vm);
	vm_close(&self->vm);
	run_on_to_halt(_metadata, &other);
	vm_close(&other);
}

TEST_HARNESS_MAIN
