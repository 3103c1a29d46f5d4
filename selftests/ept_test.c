// SPDX-License-Identifier: GPL-2.0
/*
 * EPT under a lens: what it maps, pages mapped ahead of the guest's touch, the
 * size of its pages; and vmrun's options for all that.
 *
 * Breakage it catches: a range or a table that is not shown or shown twice, a
 * page that is missing after it was mapped ahead, rights or a dirty log that the
 * imitated read got wrong, an argument that is not checked, a sandbox that has
 * no way to look.
 */
#include "adder.h"
#include "devices_open.h"
#include "vmrun.h"

#define LARGE		0x200000UL
#define FAR		0x40000000UL	/* a slot at 1 GiB */
#define PAGES		300UL		/* of it; every other one makes 150 ranges */
#define VIOLATION	48

FIXTURE(ept) {
	struct vm vm;
	uint8_t *all, *memory;		/* of the slot far away, 2 MiB from a multiple on */
};

FIXTURE_SETUP(ept)
{
	device_need(_metadata, MINIVMX_PATH);
	ASSERT_EQ(0, vm_open(&self->vm, MINIVMX_PATH));
	self->all = vm_pages(2 * LARGE);
	ASSERT_NE(MAP_FAILED, (void *)self->all);
	self->memory = (uint8_t *)(((unsigned long)self->all + LARGE - 1) & -LARGE);
}

FIXTURE_TEARDOWN(ept)
{
	vm_close(&self->vm);
	munmap(self->all, 2 * LARGE);
}

static struct minivmx_ept_shape shape_from(struct __test_metadata *_metadata,
					   struct vm *vm, uint64_t start)
{
	struct minivmx_ept_shape shape;

	/* Only what goes in counts. */
	memset(&shape, 0xff, sizeof(shape));
	shape.start = start;
	shape.flags = 0;
	EXPECT_EQ(0, vm_ioctl_p(vm->fd, MINIVMX_EPT_SHAPE, &shape));
	EXPECT_EQ(start, shape.start);
	EXPECT_EQ(1, shape.tables[0]);
	return shape;
}

static void expect_range(struct __test_metadata *_metadata,
			 const struct minivmx_ept_range *range, uint64_t gpa, uint64_t size,
			 uint32_t rights, uint32_t page_size)
{
	EXPECT_EQ(gpa, range->guest_phys_addr);
	EXPECT_EQ(size, range->size);
	EXPECT_EQ(rights, range->rights);
	EXPECT_EQ(page_size, range->page_size);
}

static int populate(struct vm *vm, struct minivmx_ept_populate *p, uint64_t gpa,
		    uint64_t size)
{
	*p = (struct minivmx_ept_populate) { .guest_phys_addr = gpa, .size = size };
	return vm_ioctl_p(vm->fd, MINIVMX_EPT_POPULATE, p);
}

static uint64_t violations(struct __test_metadata *_metadata, struct vm *vm)
{
	static struct minivmx_exit_stats stats;

	EXPECT_EQ(0, vm_ioctl_p(vm->vcpu, MINIVMX_GET_EXIT_STATS, &stats));
	return stats.count[VIOLATION];
}

#define RX	(MINIVMX_EPT_READ | MINIVMX_EPT_EXECUTE)
#define RWX	(RX | MINIVMX_EPT_WRITE)

/* ------------------------- shape ------------------------------------------- */

TEST_F_TIMEOUT(ept, shape_of_touches, TIMEOUT)
{
	struct minivmx_ept_shape shape = shape_from(_metadata, &self->vm, 0);

	EXPECT_EQ(0, shape.nr_ranges);
	EXPECT_EQ(0, shape.next);
	EXPECT_EQ(0, shape.tables[1] + shape.tables[2] + shape.tables[3]);
	EXPECT_EQ(0, shape.pages_4k + shape.pages_2m);

	ASSERT_EQ(0, vm_region(self->vm.fd, 1, FAR, LARGE, self->memory));
	ASSERT_EQ(0, adder_start(&self->vm, FAR + 3 * PAGE));
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	EXPECT_EQ(2, violations(_metadata, &self->vm));
	shape = shape_from(_metadata, &self->vm, 0);
	EXPECT_EQ(1, shape.tables[1]);
	EXPECT_EQ(2, shape.tables[2]);
	EXPECT_EQ(2, shape.tables[3]);
	EXPECT_EQ(2, shape.pages_4k);
	EXPECT_EQ(0, shape.pages_2m);
	ASSERT_EQ(2, shape.nr_ranges);
	expect_range(_metadata, &shape.ranges[0], VM_ENTRY, PAGE, RWX, MINIVMX_EPT_4K);
	expect_range(_metadata, &shape.ranges[1], FAR + 3 * PAGE, PAGE, RWX, MINIVMX_EPT_4K);

	/* The statistics are of all of it, the ranges from there on. */
	shape = shape_from(_metadata, &self->vm, VM_ENTRY + PAGE);
	EXPECT_EQ(2, shape.pages_4k);
	ASSERT_EQ(1, shape.nr_ranges);
	EXPECT_EQ(FAR + 3 * PAGE, shape.ranges[0].guest_phys_addr);
	EXPECT_EQ(0, shape_from(_metadata, &self->vm, FAR + 4 * PAGE).nr_ranges);
}

/* More ranges than there is room for: none is lost, none comes twice. */
TEST_F_TIMEOUT(ept, many_ranges, TIMEOUT)
{
	struct minivmx_ept_shape shape = { 0 };
	struct minivmx_ept_populate p;
	uint64_t i, seen = 0, calls = 0;

	ASSERT_EQ(0, vm_region(self->vm.fd, 1, FAR, LARGE, self->memory));
	memset(self->memory, 1, LARGE);
	for (i = 0; i < PAGES; i += 2)
		ASSERT_EQ(0, populate(&self->vm, &p, FAR + i * PAGE, PAGE));
	do {
		shape = shape_from(_metadata, &self->vm, shape.next);
		for (i = 0; i < shape.nr_ranges; i++)
			expect_range(_metadata, &shape.ranges[i], FAR + 2 * seen++ * PAGE,
				     PAGE, RWX, MINIVMX_EPT_4K);
		EXPECT_EQ(PAGES / 2, shape.pages_4k);
		calls++;
	} while (shape.next && calls < PAGES);
	EXPECT_EQ(PAGES / 2, seen);
	EXPECT_EQ((PAGES / 2 + MINIVMX_EPT_RANGES - 1) / MINIVMX_EPT_RANGES, calls);

	/* With the others, it is one. */
	ASSERT_EQ(0, populate(&self->vm, &p, FAR, PAGES * PAGE));
	shape = shape_from(_metadata, &self->vm, 0);
	ASSERT_EQ(1, shape.nr_ranges);
	expect_range(_metadata, &shape.ranges[0], FAR, PAGES * PAGE, RWX, MINIVMX_EPT_4K);
}

/* ------------------------- ahead of the touch ------------------------------ */

TEST_F_TIMEOUT(ept, populate, TIMEOUT)
{
	struct minivmx_ept_shape shape;
	struct minivmx_ept_populate p;

	/* The first page is written to, the second read: it has no page of its own. */
	memset(self->vm.memory, 0, PAGE);
	ASSERT_EQ(0, self->vm.memory[PAGE]);
	ASSERT_EQ(0, populate(&self->vm, &p, 0, PAGE));
	EXPECT_EQ(PAGE, p.guest_phys_addr);
	EXPECT_EQ(0, p.size);
	ASSERT_EQ(0, populate(&self->vm, &p, PAGE, PAGE));
	shape = shape_from(_metadata, &self->vm, 0);
	/* Beside each other, and not the same. */
	ASSERT_EQ(2, shape.nr_ranges);
	expect_range(_metadata, &shape.ranges[0], 0, PAGE, RWX, MINIVMX_EPT_4K);
	expect_range(_metadata, &shape.ranges[1], PAGE, PAGE, RX, MINIVMX_EPT_4K);

	/* Then a guest has no EPT violation. */
	memset(self->vm.memory, 0, VM_MEMORY);
	ASSERT_EQ(0, populate(&self->vm, &p, 0, VM_MEMORY));
	ASSERT_EQ(0, adder_start(&self->vm, 5 * PAGE));
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	EXPECT_EQ(1, self->vm.memory[5 * PAGE]);
	EXPECT_EQ(0, violations(_metadata, &self->vm));
}

/* What cannot be: how far it came is said. */
TEST_F_TIMEOUT(ept, populate_fails, TIMEOUT)
{
	struct minivmx_ept_populate p;

	EXPECT_EQ(-ENOENT, populate(&self->vm, &p, VM_MEMORY - PAGE, 2 * PAGE));
	EXPECT_EQ(VM_MEMORY, p.guest_phys_addr);
	EXPECT_EQ(PAGE, p.size);
	EXPECT_EQ(1, shape_from(_metadata, &self->vm, 0).pages_4k);

	ASSERT_EQ(0, mprotect(self->vm.memory + 2 * PAGE, PAGE, PROT_NONE));
	EXPECT_EQ(-EFAULT, populate(&self->vm, &p, 0, VM_MEMORY));
	EXPECT_EQ(2 * PAGE, p.guest_phys_addr);
	EXPECT_EQ(VM_MEMORY - 2 * PAGE, p.size);

	EXPECT_EQ(-EINVAL, populate(&self->vm, &p, 1, PAGE));
	EXPECT_EQ(-EINVAL, populate(&self->vm, &p, 0, PAGE - 1));
	EXPECT_EQ(-EINVAL, populate(&self->vm, &p, 1UL << 48, PAGE));
	EXPECT_EQ(-EINVAL, populate(&self->vm, &p, PAGE, 1UL << 48));
	EXPECT_EQ(-EINVAL, populate(&self->vm, &p, -PAGE, 2 * PAGE));
	EXPECT_EQ(0, populate(&self->vm, &p, 1UL << 48, 0));
	p = (struct minivmx_ept_populate) { .size = PAGE, .flags = 1 };
	EXPECT_EQ(-EINVAL, vm_ioctl_p(self->vm.fd, MINIVMX_EPT_POPULATE, &p));
}

/* A read that is imitated is no write: the log of a slot has no word of it. */
TEST_F_TIMEOUT(ept, populate_a_log, TIMEOUT)
{
	struct minivmx_userspace_memory_region region = {
		.slot = 1, .flags = MINIVMX_MEM_LOG_DIRTY_PAGES, .guest_phys_addr = FAR,
		.memory_size = LARGE, .userspace_addr = (unsigned long)self->memory,
	};
	uint64_t bits[LARGE / PAGE / 64], i, any = 0;
	struct minivmx_dirty_log log = { .slot = 1, .dirty_bitmap = bits };
	struct minivmx_ept_populate p;

	memset(self->memory, 1, LARGE);
	ASSERT_EQ(0, vm_ioctl_p(self->vm.fd, MINIVMX_SET_USER_MEMORY_REGION, &region));
	ASSERT_EQ(0, populate(&self->vm, &p, FAR, LARGE));
	EXPECT_EQ(RX, shape_from(_metadata, &self->vm, FAR).ranges[0].rights);
	ASSERT_EQ(0, vm_ioctl_p(self->vm.fd, MINIVMX_GET_DIRTY_LOG, &log));
	for (i = 0; i < ARRAY_SIZE(bits); i++)
		any |= bits[i];
	EXPECT_EQ(0, any);
}

/* ------------------------- size of pages ----------------------------------- */

TEST_F_TIMEOUT(ept, page_size, TIMEOUT)
{
	struct minivmx_ept_shape shape;
	struct minivmx_ept_populate p;

	EXPECT_EQ(-EINVAL, vm_ioctl(self->vm.fd, MINIVMX_EPT_PAGE_SIZE, 0));
	EXPECT_EQ(-EINVAL, vm_ioctl(self->vm.fd, MINIVMX_EPT_PAGE_SIZE, 0x40000000));
	EXPECT_EQ(-EINVAL, vm_ioctl(self->vm.fd, MINIVMX_EPT_PAGE_SIZE,
				    1UL << 32 | MINIVMX_EPT_4K));
	if (madvise(self->memory, LARGE, MADV_HUGEPAGE))
		SKIP(return, "this kernel has no transparent huge pages");
	if (vm_ioctl(self->vm.fd, MINIVMX_EPT_PAGE_SIZE, MINIVMX_EPT_2M) == -EOPNOTSUPP)
		SKIP(return, "large pages are not to be had, or not safe here");

	self->memory[0] = 1;
	ASSERT_EQ(0, vm_region(self->vm.fd, 1, FAR, LARGE, self->memory));
	ASSERT_EQ(0, populate(&self->vm, &p, FAR + 5 * PAGE, PAGE));
	shape = shape_from(_metadata, &self->vm, FAR + LARGE - PAGE);
	EXPECT_EQ(1, shape.pages_2m);
	EXPECT_EQ(0, shape.pages_4k + shape.tables[3]);
	ASSERT_EQ(1, shape.nr_ranges);
	expect_range(_metadata, &shape.ranges[0], FAR, LARGE, RWX, MINIVMX_EPT_2M);
	/* All of it is one step. */
	ASSERT_EQ(0, populate(&self->vm, &p, FAR, LARGE));
	EXPECT_EQ(FAR + LARGE, p.guest_phys_addr);

	/* From now on. What is there stays. */
	ASSERT_EQ(0, vm_ioctl(self->vm.fd, MINIVMX_EPT_PAGE_SIZE, MINIVMX_EPT_4K));
	EXPECT_EQ(1, shape_from(_metadata, &self->vm, 0).pages_2m);
	ASSERT_EQ(0, vm_region(self->vm.fd, 1, FAR, 0, NULL));
	ASSERT_EQ(0, vm_region(self->vm.fd, 1, FAR, LARGE, self->memory));
	ASSERT_EQ(0, populate(&self->vm, &p, FAR + 5 * PAGE, PAGE));
	shape = shape_from(_metadata, &self->vm, 0);
	EXPECT_EQ(0, shape.pages_2m);
	EXPECT_EQ(1, shape.pages_4k);
}

TEST_F_TIMEOUT(ept, shape_arguments, TIMEOUT)
{
	struct minivmx_ept_shape shape = { .start = 1UL << 48 };

	EXPECT_EQ(-EINVAL, vm_ioctl_p(self->vm.fd, MINIVMX_EPT_SHAPE, &shape));
	shape = (struct minivmx_ept_shape) { .flags = 1 };
	EXPECT_EQ(-EINVAL, vm_ioctl_p(self->vm.fd, MINIVMX_EPT_SHAPE, &shape));
	shape = (struct minivmx_ept_shape) { .start = (1UL << 48) - 1 };
	EXPECT_EQ(0, vm_ioctl_p(self->vm.fd, MINIVMX_EPT_SHAPE, &shape));
}

/* ------------------------- vmrun ------------------------------------------- */

static const struct guest_run runs[] = {
	{ .guest = "hello.bin", .options = { "--ept" }, .output = "Hello, world!\n",
	  .says = "  0x00001000-0x00001fff  rwx  4K  1 page\nEPT: walk of 0x10" },
	{ .guest = "hello.bin", .options = { "--ept-page=4K" }, .output = "Hello, world!\n",
	  .says = "EPT: lazy, 4K pages: 1 EPT violation\n" },
	{ .guest = "exitcode.bin", .options = { "--ept=0x80000" }, .status = 42,
	  .says = "EPT: walk of 0x80000, EPT pointer 0x000000000000005e\n  PML4[  0]  " },
	{ .guest = "exitcode.bin", .options = { "--ept=0x80000" }, .status = 42,
	  .says = "PT  [128]  0x0000000000000000  nothing is mapped\n" },
	{ .guest = "exitcode.bin", .options = { "--ept=0x1000000000000" }, .status = 42,
	  .says = "EPT: 0x1000000000000 is beyond the 48 bits" },
	{ .guest = "triplefault.bin", .options = { "--ept" }, .status = STATUS_TRIPLE_FAULT,
	  .says = "\nEPT: lazy, 4K or 2M pages: " },
	{ .guest = "spinlock.bin", .options = { "--cpus=2", "--ept-map=eager" },
	  .output = "2000\n", .says = "EPT: eager, 4K or 2M pages: 0 EPT violations\n" },
	{ .guest = "touch.bin", .options = { "--mem=16M", "--ept-map=lazy", "--ept-page=4K" },
	  .says = "EPT: lazy, 4K pages: 2049 EPT violations\n" },
	{ .guest = "touch.bin", .options = { "--mem=16M", "--ept-map=eager", "--ept-page=4K" },
	  .says = "EPT: eager, 4K pages: 0 EPT violations\n" },
	{ .guest = "hello.bin", .options = { "--ept=x" }, .status = STATUS_USAGE,
	  .says = "--ept=x: not an address" },
	{ .guest = "hello.bin", .options = { "--ept-map=now" }, .status = STATUS_USAGE,
	  .says = "--ept-map=now: unknown (use lazy or eager)" },
	{ .guest = "hello.bin", .options = { "--ept-page=1G" }, .status = STATUS_USAGE,
	  .says = "--ept-page=1G: unknown (use 4K or 2M)" },
	{ .guest = "hello.bin", .options = { "--ept-page=2M" }, .status = STATUS_USAGE,
	  .says = "--ept-page=2M: 0x100000 bytes of memory: no multiple (use --mem)" },
};

/* These want huge pages of the host. */
static const struct guest_run large_runs[] = {
	{ .guest = "touch.bin", .options = { "--mem=16M", "--ept-map=lazy", "--ept-page=2M" },
	  .says = "EPT: lazy, 2M pages: 5 EPT violations\n" },
	{ .guest = "touch.bin", .options = { "--mem=16M", "--ept-map=eager", "--ept-page=2M" },
	  .says = "EPT: eager, 2M pages: 0 EPT violations\n" },
	{ .guest = "touch.bin", .options = { "--mem=16M", "--ept=0x200000", "--ept-page=2M" },
	  .says = "  0x00000000-0x009fffff  rwx  2M  5 pages\n" },
};

static void expect_runs(struct __test_metadata *_metadata, const struct guest_run *run,
			size_t nr, uid_t uid)
{
	char messages[MAX_OUTPUT];

	for (; nr--; run++) {
		struct guest_run mine = *run;
		int i = 0;

		/* All of the sandbox; an option of the row's own stays the last. */
		while (mine.options[i])
			i++;
		memmove(mine.options + 1, mine.options, i * sizeof(mine.options[0]));
		mine.options[0] = "--sandbox=on";
		mine.uid = uid;
		vmrun_expect(_metadata, "--device=" MINIVMX_PATH, &mine, messages);
	}
}

static void expect_runs_of(struct __test_metadata *_metadata, const struct guest_run *run,
			   size_t nr)
{
	mode_t mode = device_mode(_metadata, MINIVMX_PATH, 0666);

	expect_runs(_metadata, run, nr, 0);
	expect_runs(_metadata, run, nr, NOBODY);
	device_mode(_metadata, MINIVMX_PATH, mode);
}

TEST_F_TIMEOUT(ept, vmrun, TIMEOUT)
{
	expect_runs_of(_metadata, runs, ARRAY_SIZE(runs));
}

TEST_F_TIMEOUT(ept, vmrun_large, TIMEOUT)
{
	if (madvise(self->memory, LARGE, MADV_HUGEPAGE))
		SKIP(return, "this kernel has no transparent huge pages");
	if (vm_ioctl(self->vm.fd, MINIVMX_EPT_PAGE_SIZE, MINIVMX_EPT_2M) == -EOPNOTSUPP)
		SKIP(return, "large pages are not to be had, or not safe here");
	expect_runs_of(_metadata, large_runs, ARRAY_SIZE(large_runs));
}

/* Host addresses: root's, out of the sandbox, and nobody else's. */
TEST_F_TIMEOUT(ept, vmrun_addresses, TIMEOUT)
{
	struct guest_run run = {
		.guest = "hello.bin", .options = { "--ept", "--sandbox=off" },
		.output = "Hello, world!\n", .says = "page of 4K at 0x",
	};
	mode_t mode = device_mode(_metadata, MINIVMX_PATH, 0666);
	char messages[MAX_OUTPUT];

	vmrun_expect(_metadata, "--device=" MINIVMX_PATH, &run, messages);
	run.says = "page of 4K, address hidden";
	run.uid = NOBODY;
	vmrun_expect(_metadata, "--device=" MINIVMX_PATH, &run, messages);
	run.options[1] = "--sandbox=on";
	run.uid = 0;
	vmrun_expect(_metadata, "--device=" MINIVMX_PATH, &run, messages);
	device_mode(_metadata, MINIVMX_PATH, mode);
}

TEST(vmrun_on_kvm)
{
	static const char *const options[] = {
		"--ept", "--ept-map=eager", "--ept-map=lazy", "--ept-page=4K",
	};

	vmrun_refused_on_kvm(_metadata, options, ARRAY_SIZE(options),
			     "keeps its EPT to itself (--ept and --ept-* need minivmx)");
}

TEST_HARNESS_MAIN
