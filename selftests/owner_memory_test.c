// SPDX-License-Identifier: GPL-2.0
/*
 * The memory of a guest stays its owner's: what the owner or the kernel does with
 * it shows in the guest at once, also while the guest runs.
 *
 * Breakage it catches: an EPT entry that outlives the owner's page, a write of the
 * guest's to a page that somebody else has by now, a page that a guest keeps from
 * the kernel.
 */
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>

#include "adder.h"
#include "devices.h"
#include "guest_code.h"
#include "vm.h"

#define GPA		0x20000UL	/* above slot 0, in reach of real mode */
#define LARGE_GPA	0x200000UL	/* aligned as a large page is */
#define SLOT		1
#define LARGE		0x200000UL

/* What a guest has done before its owner interferes. */
#define ENOUGH		100

DEVICE_FIXTURE(owner_memory) {
	struct vm vm;
};

DEVICE_FIXTURE_SETUP(owner_memory)
{
	ASSERT_EQ(0, vm_open(&self->vm, variant->path));
}

FIXTURE_TEARDOWN(owner_memory)
{
	vm_close(&self->vm);
}

/* Counts at 0x20000, for ever; IF is 1, so that every emulator can interrupt it. */
GUEST_CODE(16, count_forever,
	   "sti\n"
	   "mov	$0x2000, %ax\n"
	   "mov	%ax, %ds\n"
	   "counting:\n"
	   "addl	$1, 0\n"
	   "jmp	counting\n");

/* ------------------------- under a running guest -------------------------- */

/**
 * struct interference - what a second thread does while the guest counts
 * @counter: what the guest counts in
 * @act: changes the owner's mapping; has to end the guest's run, sooner or later
 * @arg: for @act
 * @good: @act found what it should
 */
struct interference {
	volatile uint32_t *counter;
	void (*act)(struct interference *i);
	long arg;
	bool good;
};

static void wait_for_count(volatile uint32_t *counter, uint32_t count)
{
	while (*counter < count)
		sched_yield();
}

static void *interfere(void *arg)
{
	struct interference *i = arg;

	wait_for_count(i->counter, ENOUGH);
	i->act(i);
	return NULL;
}

/* The guest counts in @page until @act makes MINIVMX_RUN fail with EFAULT. */
static void run_against(struct __test_metadata *_metadata, struct vm *vm, void *page,
			void (*act)(struct interference *i), long arg)
{
	struct interference i = { .counter = page, .act = act, .arg = arg };
	pthread_t thread;

	ASSERT_NE(MAP_FAILED, page);
	ASSERT_EQ(0, vm_region(vm->fd, SLOT, GPA, PAGE, page));
	ASSERT_EQ(0, vm_load(vm, CODE(count_forever)));
	ASSERT_EQ(0, pthread_create(&thread, NULL, interfere, &i));
	EXPECT_EQ(-EFAULT, vm_run(vm->vcpu));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_TRUE(i.good);
	/* It is not where it was by accident: it still cannot go on. */
	EXPECT_EQ(-EFAULT, vm_run(vm->vcpu));
}

static void unmap(struct interference *i)
{
	i->good = !munmap((void *)i->counter, PAGE);
}

TEST_DEVICE(owner_memory, unmapped)
{
	run_against(_metadata, &self->vm, vm_pages(PAGE), unmap, 0);
}

static void protect(struct interference *i)
{
	uint32_t last;
	int n;

	if (mprotect((void *)i->counter, PAGE, PROT_READ))
		return;
	/* From here on the guest must not write. */
	last = *i->counter;
	for (n = 0; n < 1000; n++)
		sched_yield();
	i->good = *i->counter == last;
}

TEST_DEVICE(owner_memory, write_protected)
{
	run_against(_metadata, &self->vm, vm_pages(PAGE), protect, 0);
}

/* Another page comes to the same place: the guest counts on there, from 0. */
static void replace(struct interference *i)
{
	void *page = (void *)i->counter;

	if (mmap(page, PAGE, PROT_READ | PROT_WRITE,
		 MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != page)
		return;
	wait_for_count(i->counter, ENOUGH);
	i->good = !munmap(page, PAGE);
}

TEST_DEVICE(owner_memory, replaced)
{
	run_against(_metadata, &self->vm, vm_pages(PAGE), replace, 0);
}

/* A child's copy is the child's; the guest stays with its owner. */
static void fork_child(struct interference *i)
{
	uint32_t last = *i->counter;
	pid_t child = fork();
	int status, n;

	if (child < 0)
		return;
	if (!child) {
		last = *i->counter;
		for (n = 0; n < 1000; n++)
			sched_yield();
		_exit(*i->counter == last ? 0 : 1);
	}
	wait_for_count(i->counter, last + ENOUGH);
	i->good = waitpid(child, &status, 0) == child && !status &&
		!munmap((void *)i->counter, PAGE);
}

TEST_DEVICE(owner_memory, forked)
{
	run_against(_metadata, &self->vm, vm_pages(PAGE), fork_child, 0);
}

static void truncate_file(struct interference *i)
{
	i->good = !ftruncate(i->arg, 0);
}

TEST_DEVICE(owner_memory, file_truncated)
{
	int fd = memfd_create("guest", MFD_CLOEXEC);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, PAGE));
	run_against(_metadata, &self->vm,
		    mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0),
		    truncate_file, fd);
	close(fd);
}

/* ------------------------- kinds of memory -------------------------------- */

/* The kernel's own page in every process, which it maps without a struct page. */
static void *vvar_page(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long start = 0;
	char line[256];

	while (maps && fgets(line, sizeof(line), maps))
		if (strstr(line, "[vvar]"))
			sscanf(line, "%lx", &start);
	if (maps)
		fclose(maps);
	return (void *)start;
}

/* A driver may take back such a page without telling anybody (CVE-2021-22543). */
TEST_DEVICE(owner_memory, no_page_of_a_driver)
{
	void *page = vvar_page();

	if (!variant->minivmx)
		SKIP(return, "KVM follows the page tables to it");
	ASSERT_NE(NULL, page);
	ASSERT_EQ(0, vm_region(self->vm.fd, SLOT, GPA, PAGE, page));
	ASSERT_EQ(0, vm_load(&self->vm, CODE(count_forever)));
	EXPECT_EQ(-EFAULT, vm_run(self->vm.vcpu));
}

/* How many levels EPT has at @gpa: 3 for a page of 2 MiB, 4 for one of 4 KiB. */
static int ept_levels(struct vm *vm, uint64_t gpa)
{
	struct minivmx_ept_walk walk = { .guest_phys_addr = gpa };
	int ret = vm_ioctl_p(vm->fd, MINIVMX_EPT_WALK, &walk);

	return ret ? ret : (int)walk.levels;
}

/* Does the kernel forbid large pages, as on a processor with iTLB multihit? */
static bool large_pages_forbidden(void)
{
	FILE *file = fopen("/sys/class/misc/minivmx/mitigations/large_pages", "r");
	char text[16] = "";

	if (!file)
		return false;
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	fclose(file);
	return !strncmp(text, "Mitigation", strlen("Mitigation"));
}

/* Two touches of a large page, 4 KiB apart; then one of its pages goes. */
static void large_page(struct __test_metadata *_metadata, struct vm *vm, uint8_t *memory,
		       bool minivmx)
{
	struct minivmx_regs regs;

	memory[0] = 1;
	ASSERT_EQ(0, vm_region(vm->fd, SLOT, LARGE_GPA, LARGE, memory));
	ASSERT_EQ(0, adder_start(vm, LARGE_GPA));
	ASSERT_EQ(0, vm_run(vm->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, vm->run->exit_reason);
	EXPECT_EQ(2, memory[0]);
	if (minivmx)
		/* Then only the page that was touched is there. */
		EXPECT_EQ(large_pages_forbidden() ? 4 : 3,
			  ept_levels(vm, LARGE_GPA + 5 * PAGE));

	ASSERT_EQ(0, vm_get_regs(vm->vcpu, &regs));
	regs.rbx = LARGE_GPA + 5 * PAGE;
	ASSERT_EQ(0, vm_set_regs(vm->vcpu, &regs));
	ASSERT_EQ(0, vm_run(vm->vcpu));
	EXPECT_EQ(1, memory[5 * PAGE]);
}

TEST_DEVICE(owner_memory, transparent_huge_page)
{
	uint8_t *all = vm_pages(2 * LARGE);
	uint8_t *memory = (uint8_t *)(((unsigned long)all + LARGE - 1) & -LARGE);

	ASSERT_NE(MAP_FAILED, (void *)all);
	if (madvise(memory, LARGE, MADV_HUGEPAGE))
		SKIP(return, "this kernel has no transparent huge pages");
	large_page(_metadata, &self->vm, memory, variant->minivmx);

	/* Split: this page cannot be written to any more, the others can. */
	ASSERT_EQ(0, mprotect(memory + 5 * PAGE, PAGE, PROT_READ));
	EXPECT_EQ(-EFAULT, vm_run(self->vm.vcpu));
	EXPECT_EQ(1, memory[5 * PAGE]);
	ASSERT_EQ(0, adder_start(&self->vm, LARGE_GPA + 6 * PAGE));
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	EXPECT_EQ(1, memory[6 * PAGE]);
	if (variant->minivmx)
		EXPECT_EQ(4, ept_levels(&self->vm, LARGE_GPA + 6 * PAGE));
	munmap(all, 2 * LARGE);
}

/* With a log of writes, large pages come apart, and each write shows. */
TEST_DEVICE(owner_memory, log_of_a_huge_page)
{
	uint8_t *all = vm_pages(2 * LARGE);
	uint8_t *memory = (uint8_t *)(((unsigned long)all + LARGE - 1) & -LARGE);
	struct minivmx_userspace_memory_region region = {
		.slot = SLOT, .flags = MINIVMX_MEM_LOG_DIRTY_PAGES,
		.guest_phys_addr = LARGE_GPA, .memory_size = LARGE,
		.userspace_addr = (unsigned long)memory,
	};
	uint64_t bits[LARGE / PAGE / 64];
	struct minivmx_dirty_log log = { .slot = SLOT, .dirty_bitmap = bits };

	ASSERT_NE(MAP_FAILED, (void *)all);
	if (madvise(memory, LARGE, MADV_HUGEPAGE))
		SKIP(return, "this kernel has no transparent huge pages");
	large_page(_metadata, &self->vm, memory, variant->minivmx);
	ASSERT_EQ(0, vm_ioctl_p(self->vm.fd, MINIVMX_SET_USER_MEMORY_REGION, &region));
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	EXPECT_EQ(2, memory[5 * PAGE]);
	ASSERT_EQ(0, vm_ioctl_p(self->vm.fd, MINIVMX_GET_DIRTY_LOG, &log));
	EXPECT_EQ(1 << 5, bits[0]);
	munmap(all, 2 * LARGE);
}

static long huge_pages(const char *name, long set)
{
	char path[128];
	long value = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/kernel/mm/hugepages/hugepages-2048kB/%s", name);
	file = fopen(path, set < 0 ? "r" : "w");
	if (!file)
		return -1;
	if (set < 0 && fscanf(file, "%ld", &value) != 1)
		value = -1;
	else if (set >= 0)
		value = fprintf(file, "%ld", set);
	fclose(file);
	return value;
}

TEST_DEVICE(owner_memory, hugetlbfs)
{
	uint8_t *memory;

	huge_pages("nr_hugepages", 2);
	if (huge_pages("free_hugepages", -1) < 1)
		SKIP(return, "this kernel has no huge pages to give");
	memory = mmap(NULL, LARGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)memory);
	large_page(_metadata, &self->vm, memory, variant->minivmx);
	ASSERT_EQ(0, munmap(memory, LARGE));
	EXPECT_EQ(-EFAULT, vm_run(self->vm.vcpu));
	/* Nobody keeps it. */
	EXPECT_EQ(huge_pages("nr_hugepages", -1), huge_pages("free_hugepages", -1));
	huge_pages("nr_hugepages", 0);
}

TEST_HARNESS_MAIN
