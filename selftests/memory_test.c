// SPDX-License-Identifier: GPL-2.0
/*
 * MINIVMX_SET_USER_MEMORY_REGION: what is refused, and what a slot may become.
 * What a guest sees of it, another test says.
 *
 * Breakage it catches: any check of a region left out, an overlap missed or
 * seen where there is none, a slot lost by a refused change.
 */
#include "devices.h"
#include "vm.h"

#define GPA	0x100000UL	/* above slot 0 */

DEVICE_FIXTURE(memory) {
	struct vm vm;
	uint8_t *pages;		/* four of them */
	uint32_t slots;
};

DEVICE_FIXTURE_SETUP(memory)
{
	ASSERT_EQ(0, vm_open(&self->vm, variant->path));
	self->pages = vm_pages(4 * PAGE);
	ASSERT_NE(MAP_FAILED, (void *)self->pages);
	self->slots = vm_ioctl(self->vm.dev, MINIVMX_CHECK_EXTENSION,
			       MINIVMX_CAP_NR_MEMSLOTS);
}

FIXTURE_TEARDOWN(memory)
{
	vm_close(&self->vm);
}

TEST_DEVICE(memory, misaligned)
{
	int vm = self->vm.fd;

	EXPECT_EQ(-EINVAL, vm_region(vm, 1, GPA + 1, PAGE, self->pages));
	EXPECT_EQ(-EINVAL, vm_region(vm, 1, GPA + 0x800, PAGE, self->pages));
	EXPECT_EQ(-EINVAL, vm_region(vm, 1, GPA, PAGE + 1, self->pages));
	EXPECT_EQ(-EINVAL, vm_region(vm, 1, GPA, 1, self->pages));
	EXPECT_EQ(-EINVAL, vm_region(vm, 1, GPA, PAGE, self->pages + 8));
}

TEST_DEVICE(memory, unknown)
{
	struct minivmx_userspace_memory_region region = {
		.slot = 1,
		.guest_phys_addr = GPA,
		.memory_size = PAGE,
		.userspace_addr = (unsigned long)self->pages,
	};
	int vm = self->vm.fd;

	EXPECT_EQ(-EINVAL, vm_region(vm, self->slots, GPA, PAGE, self->pages));
	EXPECT_EQ(-EINVAL, vm_region(vm, ~0U, GPA, PAGE, self->pages));
	region.flags = 0x80000000;
	EXPECT_EQ(-EINVAL, vm_ioctl_p(vm, MINIVMX_SET_USER_MEMORY_REGION, &region));
	region.flags = 4;
	EXPECT_EQ(-EINVAL, vm_ioctl_p(vm, MINIVMX_SET_USER_MEMORY_REGION, &region));
}

TEST_DEVICE(memory, out_of_range)
{
	const unsigned long kernel = 0xffff888000000000;
	int vm = self->vm.fd;

	/* The last byte is beyond 64 bits. */
	EXPECT_EQ(-EINVAL, vm_region(vm, 1, -PAGE, 2 * PAGE, self->pages));
	EXPECT_EQ(-EINVAL, vm_region(vm, 1, GPA, -PAGE, self->pages));
	/* Memory of the kernel is not the caller's to give. */
	EXPECT_EQ(-EINVAL, vm_region(vm, 1, GPA, PAGE, (void *)kernel));
	EXPECT_EQ(-EINVAL, vm_region(vm, 1, GPA, PAGE, (void *)-PAGE));
	/* No processor has 2^56 bytes. */
	EXPECT_EQ(-EINVAL, vm_region(vm, 1, 1UL << 56, PAGE, self->pages));
}

TEST_DEVICE(memory, overlap)
{
	int vm = self->vm.fd;

	ASSERT_EQ(0, vm_region(vm, 1, GPA, 2 * PAGE, self->pages));
	EXPECT_EQ(-EEXIST, vm_region(vm, 2, GPA, PAGE, self->pages));
	EXPECT_EQ(-EEXIST, vm_region(vm, 2, GPA + PAGE, PAGE, self->pages));
	EXPECT_EQ(-EEXIST, vm_region(vm, 2, GPA - PAGE, 2 * PAGE, self->pages));
	EXPECT_EQ(-EEXIST, vm_region(vm, 2, GPA - PAGE, 4 * PAGE, self->pages));
	EXPECT_EQ(-EEXIST, vm_region(vm, 2, VM_MEMORY - PAGE, PAGE, self->pages));
	/* Neighbours are none, and one page may be at two places. */
	EXPECT_EQ(0, vm_region(vm, 2, GPA - PAGE, PAGE, self->pages));
	EXPECT_EQ(0, vm_region(vm, 3, GPA + 2 * PAGE, PAGE, self->pages));
	EXPECT_EQ(0, vm_region(vm, self->slots - 1, GPA + 3 * PAGE, PAGE,
			       self->pages));
}

TEST_DEVICE(memory, delete)
{
	int vm = self->vm.fd;

	EXPECT_EQ(-EINVAL, vm_region(vm, 1, 0, 0, NULL));
	ASSERT_EQ(0, vm_region(vm, 1, GPA, PAGE, self->pages));
	/* The size alone says so; the addresses do not matter. */
	EXPECT_EQ(0, vm_region(vm, 1, 0x5000, 0, NULL));
	EXPECT_EQ(-EINVAL, vm_region(vm, 1, GPA, 0, self->pages));
	EXPECT_EQ(0, vm_region(vm, 2, GPA, PAGE, self->pages));
}

TEST_DEVICE(memory, same_again)
{
	ASSERT_EQ(0, vm_region(self->vm.fd, 1, GPA, PAGE, self->pages));
	EXPECT_EQ(0, vm_region(self->vm.fd, 1, GPA, PAGE, self->pages));
}

TEST_DEVICE(memory, move)
{
	int vm = self->vm.fd;

	ASSERT_EQ(0, vm_region(vm, 1, GPA, 2 * PAGE, self->pages));
	EXPECT_EQ(0, vm_region(vm, 1, GPA + PAGE, 2 * PAGE, self->pages));
	EXPECT_EQ(0, vm_region(vm, 2, GPA, PAGE, self->pages));
	/* Not onto another one; then it stays where it is. */
	EXPECT_EQ(-EEXIST, vm_region(vm, 1, GPA, 2 * PAGE, self->pages));
	EXPECT_EQ(-EEXIST, vm_region(vm, 3, GPA + 2 * PAGE, PAGE, self->pages));
}

TEST_DEVICE(memory, resize)
{
	int vm = self->vm.fd;

	ASSERT_EQ(0, vm_region(vm, 1, GPA, 2 * PAGE, self->pages));
	EXPECT_EQ(-EINVAL, vm_region(vm, 1, GPA, PAGE, self->pages));
	EXPECT_EQ(-EINVAL, vm_region(vm, 1, GPA, 4 * PAGE, self->pages));
	EXPECT_EQ(-EINVAL, vm_region(vm, 1, GPA, 2 * PAGE, self->pages + PAGE));
	/* A refused change changes nothing. */
	EXPECT_EQ(0, vm_region(vm, 1, GPA, 2 * PAGE, self->pages));
	EXPECT_EQ(-EEXIST, vm_region(vm, 2, GPA + PAGE, PAGE, self->pages));
}

/* Memory need not be there when it is given, only when it is touched. */
TEST_DEVICE(memory, not_mapped_yet)
{
	ASSERT_EQ(0, munmap(self->pages, 4 * PAGE));
	EXPECT_EQ(0, vm_region(self->vm.fd, 1, GPA, 4 * PAGE, self->pages));
}

TEST_HARNESS_MAIN
