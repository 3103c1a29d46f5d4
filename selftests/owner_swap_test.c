// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel does with a guest's memory what it does with any: it swaps it out, it
 * merges equal pages, it moves them to make room. The guest runs meanwhile.
 *
 * Breakage it catches: an EPT entry that outlives the page it leads to, be it by one
 * write; a page that cannot go since a guest has it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/swap.h>

#include "devices.h"
#include "file_text.h"
#include "guest_code.h"
#include "number_in.h"
#include "spinner.h"
#include "vm.h"

#define GPA		0x200000UL
#define SLOT		1
#define MEMORY		0x400000UL	/* 4 MiB */
#define PAGES		(MEMORY / PAGE)
#define WORDS		(PAGE / sizeof(uint32_t))
#define SWEPT		(WORDS / 2)	/* which word of each page the guest changes */
#define SWAP		"/dev/ram0"
#define GROUP		"/sys/fs/cgroup/owner_swap"
#define COMPACT		"/proc/sys/vm/compact_memory"
#define KSM		"/sys/kernel/mm/ksm/"
#define EQUAL_PAGES	32UL	/* to compare them takes an emulator long */

/*
 * Adds 1 to a word of each page, from %ebx on, %edx of them, as often as there is
 * no word at 0x3004; at 0x3000 it counts how often it went through. Then it halts.
 */
GUEST_CODE(32, sweep,
	   "sweeping:\n"
	   "mov	%ebx, %edi\n"
	   "mov	%edx, %ecx\n"
	   "sweep_next:\n"
	   "addl	$1, 0x800(%edi)\n"
	   "add	$0x1000, %edi\n"
	   "dec	%ecx\n"
	   "jnz	sweep_next\n"
	   "incl	0x3000\n"
	   "cmpl	$0, 0x3004\n"
	   "je	sweeping\n"
	   "hlt\n");

/**
 * struct sweeper - a guest that changes each page of its memory, again and again
 * @vm: the VM
 * @memory: at GPA, MEMORY in size
 * @thread: runs it
 * @ret: how that ended
 */
struct sweeper {
	struct vm vm;
	uint32_t *memory;
	pthread_t thread;
	volatile int ret;
};

DEVICE_FIXTURE(owner_swap) {
	struct sweeper sweeper, other;
	char ksm[3][32];		/* what its files held before */
	bool swaps;
};

static const char *const ksm_files[] = {
	KSM "run", KSM "pages_to_scan", KSM "sleep_millisecs",
};

DEVICE_FIXTURE_SETUP(owner_swap)
{
	size_t i;

	self->sweeper.vm = (struct vm) { .dev = -1, .fd = -1, .vcpu = -1 };
	self->other.vm = self->sweeper.vm;
	for (i = 0; i < ARRAY_SIZE(ksm_files); i++)
		if (file_read(ksm_files[i], self->ksm[i], sizeof(self->ksm[i])))
			self->ksm[i][0] = '\0';
}

static void sweeper_close(struct sweeper *s)
{
	vm_close(&s->vm);
	if (s->memory)
		munmap(s->memory, MEMORY);
	s->memory = NULL;
}

FIXTURE_TEARDOWN(owner_swap)
{
	size_t i;

	sweeper_close(&self->sweeper);
	sweeper_close(&self->other);
	for (i = 0; i < ARRAY_SIZE(ksm_files); i++)
		if (self->ksm[i][0])
			file_write(ksm_files[i], self->ksm[i]);
	if (self->swaps)
		EXPECT_EQ(0, swapoff(SWAP));
	file_write("/sys/fs/cgroup/cgroup.procs", "0");
	rmdir(GROUP);
}

/* What a word of the memory is before the guest changes it. */
static uint32_t word_at(size_t i)
{
	return (uint32_t)i * 2654435761U;
}

static void fill(struct sweeper *s)
{
	size_t i;

	for (i = 0; i < MEMORY / sizeof(uint32_t); i++)
		s->memory[i] = word_at(i);
}

/* Words that are not what they should be, after @sweeps through @pages. */
static size_t wrong_words(const struct sweeper *s, size_t pages, uint32_t sweeps)
{
	size_t i, wrong = 0;

	for (i = 0; i < MEMORY / sizeof(uint32_t); i++)
		wrong += s->memory[i] != word_at(i) +
			(i % WORDS == SWEPT && i / WORDS < pages ? sweeps : 0);
	return wrong;
}

static void sweeper_open(struct __test_metadata *_metadata, struct sweeper *s,
			 const char *path)
{
	struct minivmx_regs regs = {
		.rip = VM_ENTRY, .rflags = RFLAGS_FIXED | RFLAGS_IF,
		.rbx = GPA, .rdx = PAGES,
	};
	struct minivmx_sregs sregs;

	ASSERT_EQ(0, vm_open(&s->vm, path));
	s->memory = vm_pages(MEMORY);
	ASSERT_NE(MAP_FAILED, (void *)s->memory);
	ASSERT_EQ(0, vm_region(s->vm.fd, SLOT, GPA, MEMORY, s->memory));
	ASSERT_EQ(0, vm_load(&s->vm, CODE(sweep)));
	ASSERT_EQ(0, vm_get_sregs(s->vm.vcpu, &sregs));
	vm_flat_segments(&sregs, 0);
	ASSERT_EQ(0, vm_set_sregs(s->vm.vcpu, &sregs));
	ASSERT_EQ(0, vm_set_regs(s->vm.vcpu, &regs));
	fill(s);
}

/* How many pages it is to go through. */
static void set_pages(struct __test_metadata *_metadata, struct sweeper *s, size_t pages)
{
	struct minivmx_regs regs;

	ASSERT_EQ(0, vm_get_regs(s->vm.vcpu, &regs));
	regs.rip = VM_ENTRY;
	regs.rdx = pages;
	ASSERT_EQ(0, vm_set_regs(s->vm.vcpu, &regs));
}

static volatile uint32_t *sweeps(struct sweeper *s)
{
	return (void *)(s->vm.memory + 0x3000);
}

static void *sweeper_thread(void *arg)
{
	struct sweeper *s = arg;

	int ret = vm_run(s->vm.vcpu);

	s->ret = ret || s->vm.run->exit_reason == MINIVMX_EXIT_HLT ? ret : -EPROTO;
	return NULL;
}

static void sweeper_start(struct __test_metadata *_metadata, struct sweeper *s)
{
	ASSERT_EQ(0, pthread_create(&s->thread, NULL, sweeper_thread, s));
}

static void wait_for_sweeps(struct sweeper *s, uint32_t count)
{
	uint32_t before = *sweeps(s);
	useconds_t pause = 1000;

	/* Less often, the longer it takes: see spinner_advances(). */
	while (*sweeps(s) - before < count && !s->ret) {
		usleep(pause);
		if (pause < 200000)
			pause *= 2;
	}
}

/* It comes to its end, and nothing of what it did is lost. */
static void expect_good_work(struct __test_metadata *_metadata, struct sweeper *s)
{
	sweeps(s)[1] = 1;
	ASSERT_EQ(0, pthread_join(s->thread, NULL));
	ASSERT_EQ(0, s->ret);
	ASSERT_EQ(MINIVMX_EXIT_HLT, s->vm.run->exit_reason);
	EXPECT_EQ(0, wrong_words(s, PAGES, *sweeps(s)));
}

/* ------------------------- swap ------------------------------------------- */

/* The kernel's header of a swap area, at the end of its first KiB; and its mark. */
#define SWAP_VERSION	256	/* in words of 32 bits: version, then the last page */
#define SWAP_MARK	"SWAPSPACE2"

static int make_swap(void)
{
	static uint32_t page[WORDS];
	int fd = open(SWAP, O_RDWR | O_CLOEXEC);
	off_t size;
	int ret = 0;

	if (fd < 0)
		return -errno;
	size = lseek(fd, 0, SEEK_END);
	page[SWAP_VERSION] = 1;
	page[SWAP_VERSION + 1] = size / PAGE - 1;
	memcpy((char *)page + PAGE - strlen(SWAP_MARK), SWAP_MARK, strlen(SWAP_MARK));
	if (pwrite(fd, page, PAGE, 0) != PAGE || fsync(fd) || swapon(SWAP, 0))
		ret = -errno;
	close(fd);
	return ret;
}

/* Swap space, or a reason to skip the test. */
static const char *need_swap(FIXTURE_DATA(owner_swap) *self)
{
	int ret = make_swap();

	self->swaps = !ret;
	return ret ? strerror(-ret) : NULL;
}

/* A guest at rest has mapped all of it, and yet it goes; and comes back. */
TEST_DEVICE(owner_swap, paged_out_at_rest)
{
	struct sweeper *s = &self->sweeper;
	const char *why = need_swap(self);
	long rss, swapped;
	int i;

	if (why)
		SKIP(return, SWAP " as swap space: %s", why);
	sweeper_open(_metadata, s, variant->path);
	sweeps(s)[1] = 1;
	ASSERT_EQ(0, vm_run(s->vm.vcpu));
	ASSERT_EQ(1, *sweeps(s));
	rss = number_in("/proc/self/status", "VmRSS: %ld");
	/* KVM has to say more than once that the guest uses none of it now. */
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, madvise(s->memory, MEMORY, MADV_PAGEOUT));
	rss -= number_in("/proc/self/status", "VmRSS: %ld");
	swapped = number_in("/proc/self/status", "VmSwap: %ld");
	TH_LOG("of %lu KiB %ld are away, and %ld in swap", MEMORY / 1024, rss, swapped);
	EXPECT_LT(MEMORY / 1024 * 3 / 4, rss);
	EXPECT_LT(MEMORY / 1024 * 3 / 4, swapped);
	set_pages(_metadata, s, PAGES);
	sweeper_start(_metadata, s);
	expect_good_work(_metadata, s);
	EXPECT_EQ(2, *sweeps(s));
}

/* It is sent away again and again while the guest is at work on it. */
TEST_DEVICE(owner_swap, paged_out)
{
	long before = number_in("/proc/vmstat", "pswpin %ld"), back;
	struct sweeper *s = &self->sweeper;
	const char *why = need_swap(self);
	int i;

	if (!variant->minivmx)
		SKIP(return, "KVM says that the guest uses it, and then it stays");
	if (why)
		SKIP(return, SWAP " as swap space: %s", why);
	sweeper_open(_metadata, s, variant->path);
	sweeper_start(_metadata, s);
	for (i = 0; i < 3; i++) {
		wait_for_sweeps(s, 1);
		ASSERT_EQ(0, madvise(s->memory, MEMORY, MADV_PAGEOUT));
	}
	wait_for_sweeps(s, 1);
	back = number_in("/proc/vmstat", "pswpin %ld") - before;
	TH_LOG("%ld pages came back from swap", back);
	EXPECT_LT(PAGES, back);
	expect_good_work(_metadata, s);
}

/* It may have a third of what it works on. */
TEST_DEVICE(owner_swap, more_than_fits)
{
	long before = number_in("/proc/vmstat", "pswpin %ld");
	struct sweeper *s = &self->sweeper;
	const char *why = need_swap(self);
	char text[32];

	if (why)
		SKIP(return, SWAP " as swap space: %s", why);
	if (file_write("/sys/fs/cgroup/cgroup.subtree_control", "+memory") ||
	    (mkdir(GROUP, 0755) && errno != EEXIST))
		SKIP(return, "this kernel has no control groups for memory");
	snprintf(text, sizeof(text), "%lu", MEMORY / 3);
	ASSERT_EQ(0, file_write(GROUP "/memory.max", text));
	ASSERT_EQ(0, file_write(GROUP "/cgroup.procs", "0"));
	sweeper_open(_metadata, s, variant->path);
	sweeper_start(_metadata, s);
	wait_for_sweeps(s, 2);
	expect_good_work(_metadata, s);
	TH_LOG("%u times through %lu pages: %ld came from swap", *sweeps(s), PAGES,
	       number_in("/proc/vmstat", "pswpin %ld") - before);
	EXPECT_LT(before + (long)PAGES, number_in("/proc/vmstat", "pswpin %ld"));
	ASSERT_EQ(0, file_write("/sys/fs/cgroup/cgroup.procs", "0"));
	sweeper_close(s);
	EXPECT_EQ(0, rmdir(GROUP));
}

/* ------------------------- equal pages ------------------------------------ */

static long merged(void)
{
	return number_in(KSM "pages_sharing", "%ld");
}

/* Waits for pages to be merged; the number of scans only guards against a hang. */
static long wait_for_merged(long before, long count)
{
	long scans = number_in(KSM "full_scans", "%ld");

	while (merged() - before < count && number_in(KSM "full_scans", "%ld") - scans < 100)
		usleep(1000);
	return merged() - before;
}

/* Once through the memory: the guest has all of it mapped then, as it was filled. */
static void sweep_once(struct __test_metadata *_metadata, struct sweeper *s)
{
	sweeps(s)[1] = 1;
	set_pages(_metadata, s, EQUAL_PAGES);
	sweeper_start(_metadata, s);
	ASSERT_EQ(0, pthread_join(s->thread, NULL));
	ASSERT_EQ(0, s->ret);
	ASSERT_EQ(1, *sweeps(s));
	sweeps(s)[0] = 0;
	sweeps(s)[1] = 0;
	fill(s);
}

/* Two guests with the same in their memory, of which the kernel keeps one copy. */
TEST_DEVICE(owner_swap, equal_pages)
{
	struct sweeper *one = &self->sweeper, *two = &self->other;
	long before, shared;

	if (file_write(KSM "run", "1"))
		SKIP(return, KSM ": this kernel merges no pages");
	file_write(KSM "pages_to_scan", "2000");
	file_write(KSM "sleep_millisecs", "1");
	sweeper_open(_metadata, one, variant->path);
	sweeper_open(_metadata, two, variant->path);
	sweep_once(_metadata, one);
	sweep_once(_metadata, two);
	before = merged();
	ASSERT_EQ(0, madvise(one->memory, EQUAL_PAGES * PAGE, MADV_MERGEABLE));
	ASSERT_EQ(0, madvise(two->memory, EQUAL_PAGES * PAGE, MADV_MERGEABLE));

	/* The one guest changes its first half all the time, the other one none. */
	set_pages(_metadata, one, EQUAL_PAGES / 2);
	sweeper_start(_metadata, one);
	wait_for_sweeps(one, 1);
	shared = wait_for_merged(before, EQUAL_PAGES / 2);
	TH_LOG("of %lu pages %ld are shared", 2 * EQUAL_PAGES, shared);
	EXPECT_LE(EQUAL_PAGES / 2, shared);
	sweeps(one)[1] = 1;
	ASSERT_EQ(0, pthread_join(one->thread, NULL));
	ASSERT_EQ(0, one->ret);

	/* The other guest goes through its memory, once: all of it comes apart. */
	sweeps(two)[1] = 1;
	set_pages(_metadata, two, EQUAL_PAGES);
	sweeper_start(_metadata, two);
	ASSERT_EQ(0, pthread_join(two->thread, NULL));
	ASSERT_EQ(0, two->ret);
	EXPECT_EQ(1, *sweeps(two));
	EXPECT_EQ(0, wrong_words(two, EQUAL_PAGES, 1));
	EXPECT_EQ(0, wrong_words(one, EQUAL_PAGES / 2, *sweeps(one)));
}

/* ------------------------- pages that move -------------------------------- */

#define PFN_BITS	((1ULL << 55) - 1)

/* Where the pages are; how many of them are elsewhere than @before says. */
static long note_places(struct sweeper *s, uint64_t *places, const uint64_t *before)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	long moved = 0;
	size_t i;

	if (fd < 0 || pread(fd, places, PAGES * sizeof(*places),
			    (unsigned long)s->memory / PAGE * sizeof(*places)) < 0)
		moved = -1;
	for (i = 0; before && moved >= 0 && i < PAGES; i++)
		moved += (places[i] & PFN_BITS) != (before[i] & PFN_BITS);
	close(fd);
	return moved;
}

/*
 * The kernel fills free pages at the top of the memory with what is below. So we take
 * a lot, and give it back once the guest has its own. Return: how many pages moved.
 */
static long compact(struct __test_metadata *_metadata, struct sweeper *s, const char *path)
{
	static uint64_t before[PAGES], after[PAGES];
	const size_t size = 2 * MEMORY;
	uint8_t *lot = vm_pages(size);
	long moved;
	int i;

	ASSERT_NE(MAP_FAILED, (void *)lot);
	memset(lot, 1, size);
	sweeper_open(_metadata, s, path);
	munmap(lot, size);
	sweeper_start(_metadata, s);
	wait_for_sweeps(s, 1);
	ASSERT_EQ(0, note_places(s, before, NULL));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, file_write(COMPACT, "1"));
		wait_for_sweeps(s, 1);
	}
	moved = note_places(s, after, before);
	ASSERT_LE(0, moved);
	expect_good_work(_metadata, s);
	sweeper_close(s);
	return moved;
}

/* Where there is something to do, is the kernel's own choice. */
TEST_DEVICE(owner_swap, compaction)
{
	long moved = 0;
	int i;

	if (access(COMPACT, W_OK))
		SKIP(return, COMPACT ": this kernel moves no pages");
	for (i = 0; i < 4 && !moved; i++)
		moved = compact(_metadata, &self->sweeper, variant->path);
	TH_LOG("%ld of %lu pages are elsewhere", moved, PAGES);
	if (!moved && _metadata->passed)
		SKIP(return, "the kernel has moved no page of the guest's");
}

TEST_HARNESS_MAIN
