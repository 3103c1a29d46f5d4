// SPDX-License-Identifier: GPL-2.0
/*
 * Guest memory as the guest sees it: shared with its owner, gone when its slot
 * is gone, and never more than the owner may touch.
 *
 * Breakage it catches: a page mapped at a wrong address, a stale EPT entry
 * after a slot was deleted or moved, a page that is writable although its
 * owner's is not, an access without a slot that goes anywhere.
 */
#include <pthread.h>

#include "devices.h"
#include "guest_code.h"
#include "vm.h"

#define GPA		0x20000UL	/* above slot 0, in reach of real mode */
#define SLOT		1

DEVICE_FIXTURE(guest_memory) {
	struct vm vm;
	struct minivmx_run *run;
	int vcpu;
	uint8_t *page;		/* two of them */
};

DEVICE_FIXTURE_SETUP(guest_memory)
{
	ASSERT_EQ(0, vm_open(&self->vm, variant->path));
	self->run = self->vm.run;
	self->vcpu = self->vm.vcpu;
	self->page = vm_pages(2 * PAGE);
	ASSERT_NE(MAP_FAILED, (void *)self->page);
}

FIXTURE_TEARDOWN(guest_memory)
{
	vm_close(&self->vm);
}

/* Adds %ecx to the word at 0x20010, and halts; and again. */
GUEST_CODE(16, add,
	   "mov	$0x2000, %ax\n"
	   "mov	%ax, %ds\n"
	   "add_again:\n"
	   "add	%ecx, 0x10\n"
	   "hlt\n"
	   "jmp	add_again\n");

/* Reads the same word into %ebx. */
GUEST_CODE(16, load_word,
	   "mov	$0x2000, %ax\n"
	   "mov	%ax, %ds\n"
	   "mov	0x10, %ebx\n"
	   "hlt\n");

static void load_adder(struct __test_metadata *_metadata, struct vm *vm,
		       uint32_t number)
{
	struct minivmx_regs regs;

	ASSERT_EQ(0, vm_load(vm, CODE(add)));
	ASSERT_EQ(0, vm_get_regs(vm->vcpu, &regs));
	regs.rcx = number;
	ASSERT_EQ(0, vm_set_regs(vm->vcpu, &regs));
}

/* The last run touched what is not there, at that address. */
static void expect_mmio(struct __test_metadata *_metadata, struct vm *vm,
			uint64_t gpa)
{
	ASSERT_EQ(MINIVMX_EXIT_MMIO, vm->run->exit_reason);
	EXPECT_EQ(gpa, vm->run->mmio.phys_addr);
	EXPECT_EQ(4, vm->run->mmio.len);
}

TEST_DEVICE(guest_memory, shared)
{
	uint32_t *word = (uint32_t *)(self->page + 0x10);

	ASSERT_EQ(0, vm_region(self->vm.fd, SLOT, GPA, PAGE, self->page));
	load_adder(_metadata, &self->vm, 5);
	*word = 100;
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
	EXPECT_EQ(105, *word);
	*word = 200;
	ASSERT_EQ(0, vm_run(self->vcpu));
	EXPECT_EQ(205, *word);
}

/* The same page at two places is one page. */
TEST_DEVICE(guest_memory, twice)
{
	uint32_t *word = (uint32_t *)(self->page + 0x10);

	ASSERT_EQ(0, vm_region(self->vm.fd, SLOT, GPA, PAGE, self->page));
	ASSERT_EQ(0, vm_region(self->vm.fd, SLOT + 1, GPA + PAGE, PAGE, self->page));
	load_adder(_metadata, &self->vm, 1);
	ASSERT_EQ(0, vm_run(self->vcpu));
	EXPECT_EQ(1, *word);
	/* mov $0x2100, %ax instead of $0x2000: the other place. */
	load_adder(_metadata, &self->vm, 1);
	self->vm.memory[VM_ENTRY + 2] = 0x21;
	ASSERT_EQ(0, vm_run(self->vcpu));
	EXPECT_EQ(2, *word);
}

TEST_DEVICE(guest_memory, unmapped_read)
{
	ASSERT_EQ(0, vm_load(&self->vm, CODE(load_word)));
	ASSERT_EQ(0, vm_run(self->vcpu));
	expect_mmio(_metadata, &self->vm, GPA + 0x10);
}

TEST_DEVICE(guest_memory, unmapped_write)
{
	ASSERT_EQ(0, vm_load(&self->vm, CODE(add)));
	/* mov %ecx, 0x10 in the place of the addition */
	memcpy(self->vm.memory + VM_ENTRY + 5, "\x66\x89\x0e\x10\x00", 5);
	ASSERT_EQ(0, vm_run(self->vcpu));
	expect_mmio(_metadata, &self->vm, GPA + 0x10);
}

/* After an exit for missing memory the guest can be given it. */
TEST_DEVICE(guest_memory, given_late)
{
	struct minivmx_regs regs;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(load_word)));
	ASSERT_EQ(0, vm_run(self->vcpu));
	expect_mmio(_metadata, &self->vm, GPA + 0x10);

	memcpy(self->page + 0x10, "\xef\xbe\xad\xde", 4);
	ASSERT_EQ(0, vm_region(self->vm.fd, SLOT, GPA, PAGE, self->page));
	/* KVM would take its answer from the run page: start over instead. */
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
	ASSERT_EQ(0, vm_enter_at(self->vcpu, VM_ENTRY, 0));
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	EXPECT_EQ(0xdeadbeef, regs.rbx);
}

/* What the owner may not write, its guest may not. */
TEST_DEVICE(guest_memory, read_only)
{
	struct minivmx_regs regs;

	memcpy(self->page + 0x10, "\x01\x02\x03\x04", 4);
	ASSERT_EQ(0, mprotect(self->page, PAGE, PROT_READ));
	ASSERT_EQ(0, vm_region(self->vm.fd, SLOT, GPA, PAGE, self->page));
	ASSERT_EQ(0, vm_load(&self->vm, CODE(load_word)));
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	EXPECT_EQ(0x04030201, regs.rbx);

	load_adder(_metadata, &self->vm, 1);
	EXPECT_EQ(-EFAULT, vm_run(self->vcpu));
	EXPECT_EQ(1, self->page[0x10]);
}

TEST_DEVICE(guest_memory, no_access)
{
	ASSERT_EQ(0, mprotect(self->page, PAGE, PROT_NONE));
	ASSERT_EQ(0, vm_region(self->vm.fd, SLOT, GPA, PAGE, self->page));
	ASSERT_EQ(0, vm_load(&self->vm, CODE(load_word)));
	EXPECT_EQ(-EFAULT, vm_run(self->vcpu));
}

TEST_DEVICE(guest_memory, unmapped_by_owner)
{
	ASSERT_EQ(0, vm_region(self->vm.fd, SLOT, GPA, PAGE, self->page));
	ASSERT_EQ(0, munmap(self->page, PAGE));
	ASSERT_EQ(0, vm_load(&self->vm, CODE(load_word)));
	EXPECT_EQ(-EFAULT, vm_run(self->vcpu));
	/* The owner can put something there, and go on. */
	ASSERT_EQ((void *)self->page,
		  mmap(self->page, PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	EXPECT_EQ(0, vm_run(self->vcpu));
	EXPECT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
}

TEST_DEVICE(guest_memory, deleted)
{
	ASSERT_EQ(0, vm_region(self->vm.fd, SLOT, GPA, PAGE, self->page));
	load_adder(_metadata, &self->vm, 1);
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
	ASSERT_EQ(0, vm_region(self->vm.fd, SLOT, GPA, 0, NULL));
	ASSERT_EQ(0, vm_run(self->vcpu));
	expect_mmio(_metadata, &self->vm, GPA + 0x10);
	EXPECT_EQ(1, self->page[0x10]);
}

/* In its old place there is another page now. */
TEST_DEVICE(guest_memory, moved)
{
	ASSERT_EQ(0, vm_region(self->vm.fd, SLOT, GPA, PAGE, self->page));
	load_adder(_metadata, &self->vm, 1);
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(0, vm_region(self->vm.fd, SLOT, GPA + PAGE, PAGE, self->page));
	ASSERT_EQ(0, vm_region(self->vm.fd, SLOT + 1, GPA, PAGE, self->page + PAGE));
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
	EXPECT_EQ(1, self->page[0x10]);
	EXPECT_EQ(1, self->page[PAGE + 0x10]);
}

/* Reads the page for ever; IF is 1, so that every emulator can interrupt it. */
GUEST_CODE(16, read_forever,
	   "sti\n"
	   "mov	$0x2000, %ax\n"
	   "mov	%ax, %ds\n"
	   "reading:\n"
	   "addl	$1, 0\n"
	   "jmp	reading\n");

struct deleter {
	int vm;
	volatile uint32_t *counter;
	int err;
};

static void *delete_slot(void *arg)
{
	struct deleter *deleter = arg;

	/* The guest is at it. */
	while (*deleter->counter < 100)
		sched_yield();
	deleter->err = vm_region(deleter->vm, SLOT, GPA, 0, NULL);
	return NULL;
}

/* The guest stops at its next access: it cannot use what it had. */
TEST_DEVICE(guest_memory, deleted_while_running)
{
	struct deleter deleter = {
		.vm = self->vm.fd,
		.counter = (uint32_t *)self->page,
		.err = 1,
	};
	pthread_t thread;
	uint32_t last;

	ASSERT_EQ(0, vm_region(self->vm.fd, SLOT, GPA, PAGE, self->page));
	ASSERT_EQ(0, vm_load(&self->vm, CODE(read_forever)));
	ASSERT_EQ(0, pthread_create(&thread, NULL, delete_slot, &deleter));
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(0, deleter.err);
	expect_mmio(_metadata, &self->vm, GPA);
	last = *deleter.counter;
	EXPECT_LE(100, last);
	/* Not even once more. */
	EXPECT_EQ(0, vm_run(self->vcpu));
	EXPECT_EQ(last, *deleter.counter);
}

TEST_HARNESS_MAIN
