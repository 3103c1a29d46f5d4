// SPDX-License-Identifier: GPL-2.0
/*
 * MINIVMX_GET_SREGS2 and MINIVMX_SET_SREGS2: the PDPTEs of PAE paging are registers, and
 * memory may say something else by now.
 *
 * Breakage it catches: PDPTEs that are read from memory when user space gives them, or
 * given as memory has them; flags that are taken and ignored; an interrupt that is lost.
 */
#include "devices.h"
#include "vm.h"

#define TABLE		0x2000	/* the PDPT in memory; CR3 */
#define FIRST		0x3000	/* a page directory, and below it a table */
#define SECOND		0x5000
#define WINDOW		0x7000	/* linear: a page that the two map elsewhere */
#define SEEN_BY_FIRST	0x8000
#define SEEN_BY_SECOND	0x9000

#define PRESENT		0x1ULL
#define WRITABLE	0x3ULL

DEVICE_FIXTURE(sregs2) {
	struct vm vm;
	struct minivmx_sregs2 sregs2;
};

static void put(struct vm *vm, unsigned long at, uint64_t value)
{
	memcpy(vm->memory + at, &value, sizeof(value));
}

/* A page directory at @at that maps the code to itself, and WINDOW to a page. */
static void make_tables(struct vm *vm, unsigned long at, uint64_t window)
{
	put(vm, at, (at + PAGE) | WRITABLE);
	put(vm, at + PAGE + 8 * (VM_ENTRY / PAGE), VM_ENTRY | WRITABLE);
	put(vm, at + PAGE + 8 * (WINDOW / PAGE), window | WRITABLE);
}

DEVICE_FIXTURE_SETUP(sregs2)
{
	static const uint8_t code[] = {
		0xa0, 0x00, 0x70, 0x00, 0x00,	/* mov WINDOW, %al */
		0xe6, 0x10,			/* out %al, $0x10 */
	};
	struct minivmx_sregs sregs;
	struct vm *vm = &self->vm;

	ASSERT_EQ(0, vm_open(vm, variant->path));
	ASSERT_EQ(0, vm_load(vm, code, code + sizeof(code)));
	make_tables(vm, FIRST, SEEN_BY_FIRST);
	make_tables(vm, SECOND, SEEN_BY_SECOND);
	vm->memory[SEEN_BY_FIRST] = 0xaa;
	vm->memory[SEEN_BY_SECOND] = 0xbb;
	put(vm, TABLE, FIRST | PRESENT);

	ASSERT_EQ(0, vm_get_sregs(vm->vcpu, &sregs));
	vm_flat_segments(&sregs, 0);
	sregs.tr.type = 11;
	sregs.cr3 = TABLE;
	sregs.cr4 |= CR4_PAE;
	sregs.cr0 |= CR0_PG;
	ASSERT_EQ(0, vm_set_sregs(vm->vcpu, &sregs));
	ASSERT_EQ(0, vm_ioctl_p(vm->vcpu, MINIVMX_GET_SREGS2, &self->sregs2));
}

FIXTURE_TEARDOWN(sregs2)
{
	vm_close(&self->vm);
}

static int seen(struct vm *vm)
{
	if (vm_run(vm->vcpu) || vm->run->exit_reason != MINIVMX_EXIT_IO)
		return -1;
	return *(uint8_t *)vm_io_data(vm->run);
}

TEST_DEVICE(sregs2, get_has_what_was_loaded)
{
	EXPECT_EQ(MINIVMX_SREGS2_FLAGS_PDPTRS_VALID, self->sregs2.flags);
	EXPECT_EQ(FIRST | PRESENT, self->sregs2.pdptrs[0]);
	EXPECT_EQ(0, self->sregs2.pdptrs[1]);
	put(&self->vm, TABLE, SECOND | PRESENT);
	EXPECT_EQ(0xaa, seen(&self->vm));
	ASSERT_EQ(0, vm_ioctl_p(self->vm.vcpu, MINIVMX_GET_SREGS2, &self->sregs2));
	EXPECT_EQ(FIRST | PRESENT, self->sregs2.pdptrs[0]);
}

TEST_DEVICE(sregs2, set_loads_what_is_given)
{
	self->sregs2.pdptrs[0] = SECOND | PRESENT;
	ASSERT_EQ(0, vm_ioctl_p(self->vm.vcpu, MINIVMX_SET_SREGS2, &self->sregs2));
	EXPECT_EQ(0xbb, seen(&self->vm));
}

TEST_DEVICE(sregs2, set_reads_memory_without_the_flag)
{
	put(&self->vm, TABLE, SECOND | PRESENT);
	self->sregs2.flags = 0;
	ASSERT_EQ(0, vm_ioctl_p(self->vm.vcpu, MINIVMX_SET_SREGS2, &self->sregs2));
	EXPECT_EQ(0xbb, seen(&self->vm));
}

/* The rest is as in the other structure. */
TEST_DEVICE(sregs2, is_the_same_otherwise)
{
	struct minivmx_sregs sregs;

	ASSERT_EQ(0, vm_get_sregs(self->vm.vcpu, &sregs));
	EXPECT_EQ(0, memcmp(&sregs, &self->sregs2,
			    offsetof(struct minivmx_sregs, interrupt_bitmap)));
	self->sregs2.cr2 = 0x1234;
	self->sregs2.fs.base = 0x5678;
	ASSERT_EQ(0, vm_ioctl_p(self->vm.vcpu, MINIVMX_SET_SREGS2, &self->sregs2));
	ASSERT_EQ(0, vm_get_sregs(self->vm.vcpu, &sregs));
	EXPECT_EQ(0x1234, sregs.cr2);
	EXPECT_EQ(0x5678, sregs.fs.base);
}

TEST_DEVICE(sregs2, an_interrupt_stays)
{
	struct minivmx_interrupt interrupt = { .irq = 0x45 };
	struct minivmx_sregs sregs;

	ASSERT_EQ(0, vm_ioctl_p(self->vm.vcpu, MINIVMX_INTERRUPT, &interrupt));
	ASSERT_EQ(0, vm_ioctl_p(self->vm.vcpu, MINIVMX_SET_SREGS2, &self->sregs2));
	ASSERT_EQ(0, vm_get_sregs(self->vm.vcpu, &sregs));
	EXPECT_EQ(1ULL << (0x45 - 0x40), sregs.interrupt_bitmap[1]);
}

TEST_DEVICE(sregs2, refused)
{
	self->sregs2.flags = 2;
	EXPECT_EQ(-EINVAL, vm_ioctl_p(self->vm.vcpu, MINIVMX_SET_SREGS2, &self->sregs2));
	/* No such paging. */
	self->sregs2.flags = MINIVMX_SREGS2_FLAGS_PDPTRS_VALID;
	self->sregs2.cr0 &= ~CR0_PG;
	EXPECT_EQ(-EINVAL, vm_ioctl_p(self->vm.vcpu, MINIVMX_SET_SREGS2, &self->sregs2));
	self->sregs2.flags = 0;
	EXPECT_EQ(0, vm_ioctl_p(self->vm.vcpu, MINIVMX_SET_SREGS2, &self->sregs2));
	ASSERT_EQ(0, vm_ioctl_p(self->vm.vcpu, MINIVMX_GET_SREGS2, &self->sregs2));
	EXPECT_EQ(0, self->sregs2.flags);
	self->sregs2.efer = 1ULL << 40;
	EXPECT_EQ(variant->minivmx ? -EINVAL : 0,
		  vm_ioctl_p(self->vm.vcpu, MINIVMX_SET_SREGS2, &self->sregs2));
}

TEST_HARNESS_MAIN
