// SPDX-License-Identifier: GPL-2.0
/*
 * What is done to the process that runs a guest: it is stopped, frozen, interrupted,
 * traced. It obeys, and its guest goes on afterwards as if nothing had been.
 *
 * Breakage it catches: a guest that keeps its owner from stopping; one that goes on
 * while its owner stands still, or does not go on with it; a debugger's breakpoints
 * that a guest takes away.
 */
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/user.h>
#include <time.h>

#include "devices.h"
#include "file_text.h"
#include "spinner.h"

/* The kernel's own: a call that is made again, unless a handler of a signal runs. */
#define ERESTARTNOHAND	514

DEVICE_FIXTURE(owner_events) {
	struct spinner spinner;
};

DEVICE_FIXTURE_SETUP(owner_events)
{
}

FIXTURE_TEARDOWN(owner_events)
{
	if (self->spinner.child > 0)
		kill(self->spinner.child, SIGKILL);
	spinner_stop(&self->spinner);
}

/* Guests that take interrupts, and, where something gets them out, that do not. */
static const uint64_t interruptible[] = { RFLAGS_IF, 0 };

static size_t how_many(bool minivmx)
{
	/* KVM has no timer here, and Bochs holds the host's interrupts back. */
	return minivmx ? 2 : 1;
}

/* ------------------------- stopped ---------------------------------------- */

static void stop_and_go_on(struct __test_metadata *_metadata, struct spinner *spinner,
			   const char *path, uint64_t rflags)
{
	int status, i;

	ASSERT_EQ(0, spinner_fork(spinner, path, rflags));
	for (i = 0; i < 5; i++) {
		ASSERT_TRUE(spinner_advances(spinner));
		ASSERT_EQ(0, kill(spinner->child, SIGSTOP));
		ASSERT_EQ(spinner->child, waitpid(spinner->child, &status, WUNTRACED));
		ASSERT_TRUE(WIFSTOPPED(status));
		EXPECT_TRUE(spinner_stands_still(spinner));
		ASSERT_EQ(0, kill(spinner->child, SIGCONT));
	}
	ASSERT_TRUE(spinner_advances(spinner));
	EXPECT_EQ(0, spinner_stop(spinner));
}

TEST_DEVICE(owner_events, stopped)
{
	size_t i;

	for (i = 0; i < how_many(variant->minivmx); i++)
		stop_and_go_on(_metadata, &self->spinner, variant->path,
			       interruptible[i]);
}

/* ------------------------- frozen ----------------------------------------- */

#define GROUP	"/sys/fs/cgroup/owner_events"

/* The number of tries only guards against a hang. */
static bool wait_for_group(const char *words)
{
	char text[128];
	int tries;

	for (tries = 0; tries < 10000; tries++) {
		if (file_read(GROUP "/cgroup.events", text, sizeof(text)))
			return false;
		if (strstr(text, words))
			return true;
		usleep(1000);
	}
	return false;
}

TEST_DEVICE(owner_events, frozen)
{
	struct spinner *spinner = &self->spinner;
	char pid[16];
	size_t i;

	if (!variant->minivmx)
		SKIP(return, "the owner of a KVM guest does not freeze in this kernel");
	if (mkdir(GROUP, 0755) && errno != EEXIST)
		SKIP(return, GROUP ": %s", strerror(errno));
	/* If an earlier run did not come to its end. */
	ASSERT_EQ(0, file_write(GROUP "/cgroup.freeze", "0"));
	for (i = 0; i < how_many(variant->minivmx); i++) {
		ASSERT_EQ(0, spinner_fork(spinner, variant->path, interruptible[i]));
		snprintf(pid, sizeof(pid), "%d", spinner->child);
		ASSERT_EQ(0, file_write(GROUP "/cgroup.procs", pid));
		ASSERT_TRUE(spinner_advances(spinner));
		ASSERT_EQ(0, file_write(GROUP "/cgroup.freeze", "1"));
		ASSERT_TRUE(wait_for_group("frozen 1"));
		EXPECT_TRUE(spinner_stands_still(spinner));
		ASSERT_EQ(0, file_write(GROUP "/cgroup.freeze", "0"));
		ASSERT_TRUE(spinner_advances(spinner));
		EXPECT_EQ(0, spinner_stop(spinner));
	}
	EXPECT_TRUE(wait_for_group("populated 0"));
	EXPECT_EQ(0, rmdir(GROUP));
}

/* ------------------------- interrupted ------------------------------------ */

static volatile sig_atomic_t interrupts;

static void count_interrupt(int number)
{
	interrupts++;
}

static long microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

#define INTERRUPTS	20

/* From the signal to the return of RUN, as its owner sees it; the longest time. */
static long interrupt_often(struct __test_metadata *_metadata, struct spinner *spinner)
{
	struct spinner_page *page = spinner->page;
	long start, longest = 0;
	uint32_t before;
	int i;

	for (i = 0; i < INTERRUPTS; i++) {
		ASSERT_TRUE(spinner_advances(spinner));
		before = page->interrupted;
		start = microseconds();
		ASSERT_EQ(0, pthread_kill(spinner->thread, SIGINT));
		while (page->interrupted == before && !spinner->ret)
			sched_yield();
		start = microseconds() - start;
		longest = start > longest ? start : longest;
	}
	return longest;
}

TEST_DEVICE(owner_events, interrupted)
{
	const struct sigaction action = { .sa_handler = count_interrupt };
	struct spinner *spinner = &self->spinner;
	long longest;
	size_t i;

	ASSERT_EQ(0, sigaction(SIGINT, &action, NULL));
	for (i = 0; i < how_many(variant->minivmx); i++) {
		interrupts = 0;
		ASSERT_EQ(0, spinner_start(spinner, variant->path, interruptible[i]));
		longest = interrupt_often(_metadata, spinner);
		EXPECT_EQ(INTERRUPTS, interrupts);
		EXPECT_EQ(INTERRUPTS, spinner->page->interrupted);
		EXPECT_EQ(0, spinner_stop(spinner));
		TH_LOG("IF=%d: SIGINT ends RUN with EINTR, after %ld us at most",
		       !!interruptible[i], longest);
	}
}

/* ------------------------- traced ----------------------------------------- */

static void wait_for_trap(struct __test_metadata *_metadata, pid_t pid, int signal)
{
	int status;

	ASSERT_EQ(pid, waitpid(pid, &status, __WALL));
	ASSERT_TRUE(WIFSTOPPED(status)) {
		TH_LOG("wait status %#x", status);
	}
	ASSERT_EQ(signal, WSTOPSIG(status)) {
		TH_LOG("wait status %#x", status);
	}
}

/* A debugger comes, looks and goes. */
static void look_and_leave(struct __test_metadata *_metadata, struct spinner *spinner,
			   bool seize)
{
	struct user_regs_struct regs;
	pid_t pid = spinner->child;

	ASSERT_EQ(0, ptrace(seize ? PTRACE_SEIZE : PTRACE_ATTACH, pid, NULL, NULL));
	if (seize)
		ASSERT_EQ(0, ptrace(PTRACE_INTERRUPT, pid, NULL, NULL));
	wait_for_trap(_metadata, pid, seize ? SIGTRAP : SIGSTOP);
	ASSERT_EQ(0, ptrace(PTRACE_GETREGS, pid, NULL, &regs));
	/* Where it was is RUN: about to return, or, with the call's number, to be called again. */
	EXPECT_EQ(SYS_ioctl, regs.orig_rax);
	EXPECT_EQ(MINIVMX_RUN, regs.rsi);
	EXPECT_TRUE((long)regs.rax == -EINTR || (long)regs.rax == -ERESTARTNOHAND ||
		    regs.rax == SYS_ioctl) {
		TH_LOG("RUN seen with RAX %ld", (long)regs.rax);
	}
	EXPECT_TRUE(spinner_stands_still(spinner));
	ASSERT_EQ(0, ptrace(PTRACE_DETACH, pid, NULL, NULL));
	ASSERT_TRUE(spinner_advances(spinner));
}

TEST_DEVICE(owner_events, debugger_comes_and_goes)
{
	struct spinner *spinner = &self->spinner;
	size_t i;

	for (i = 0; i < how_many(variant->minivmx); i++) {
		ASSERT_EQ(0, spinner_fork(spinner, variant->path, interruptible[i]));
		ASSERT_TRUE(spinner_advances(spinner));
		look_and_leave(_metadata, spinner, false);
		look_and_leave(_metadata, spinner, true);
		EXPECT_EQ(0, spinner_stop(spinner));
	}
}

#define ROUNDS	20

GUEST_CODE(16, rounds,
	   "counting_rounds:\n"
	   "incw	0x3000\n"
	   "out	%al, $0x10\n"
	   "jmp	counting_rounds\n");

static volatile int watched;

/* Has a guest of its own. What @watched gets is seen by who traces it. */
static int traced_owner(const char *path)
{
	struct vm vm;
	int i;

	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) || vm_open(&vm, path) ||
	    vm_load(&vm, CODE(rounds)))
		return 1;
	raise(SIGSTOP);
	for (i = 1; i <= ROUNDS; i++) {
		if (vm_run(vm.vcpu) || vm.run->exit_reason != MINIVMX_EXIT_IO)
			return 2;
		watched = i;
	}
	return *(uint16_t *)(vm.memory + 0x3000) == ROUNDS ? 0 : 3;
}

static pid_t start_traced(struct __test_metadata *_metadata, const char *path)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(traced_owner(path));
	}
	wait_for_trap(_metadata, pid, SIGSTOP);
	return pid;
}

static void expect_good_end(struct __test_metadata *_metadata, int status)
{
	ASSERT_TRUE(WIFEXITED(status)) {
		TH_LOG("wait status %#x", status);
	}
	EXPECT_EQ(0, WEXITSTATUS(status));
}

/* One step of the tracee's, which ends in a SIGTRAP; its registers then. */
static void step(struct __test_metadata *_metadata, pid_t pid,
		 struct user_regs_struct *regs)
{
	ASSERT_EQ(0, ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL));
	wait_for_trap(_metadata, pid, SIGTRAP);
	ASSERT_EQ(0, ptrace(PTRACE_GETREGS, pid, NULL, regs));
}

#define STEPS	3

/*
 * RUN is one step, the instructions behind it are others, and the guest is not
 * stepped. The step begins inside of RUN: Bochs delivers that of a SYSCALL to the
 * kernel, which complains.
 */
TEST_DEVICE(owner_events, single_steps)
{
	pid_t pid = start_traced(_metadata, variant->path);
	struct __ptrace_syscall_info call;
	struct user_regs_struct regs, after;
	int status, runs = 0, i;

	ASSERT_EQ(0, ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD));
	while (!ptrace(PTRACE_SYSCALL, pid, NULL, NULL) &&
	       waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status)) {
		ASSERT_EQ(SIGTRAP | 0x80, WSTOPSIG(status));
		ASSERT_EQ(0, ptrace(PTRACE_GETREGS, pid, NULL, &regs));
		ASSERT_LT(0, ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(call), &call));
		if (call.op != PTRACE_SYSCALL_INFO_ENTRY ||
		    call.entry.nr != SYS_ioctl || call.entry.args[1] != MINIVMX_RUN)
			continue;
		step(_metadata, pid, &after);
		EXPECT_EQ(regs.rip, after.rip);
		/* Then it is called again, and this is not the step to look at. */
		if ((long)after.rax == -ERESTARTNOHAND)
			continue;
		EXPECT_EQ(0, after.rax);
		for (i = 0; i < STEPS; i++) {
			regs = after;
			step(_metadata, pid, &after);
			EXPECT_NE(regs.rip, after.rip);
		}
		runs++;
	}
	expect_good_end(_metadata, status);
	EXPECT_EQ(ROUNDS, runs);
}

/* A write to @watched, 4 bytes: DR0, and DR7's L0, R/W0 and LEN0. */
#define DR7_WATCH	(1UL | 1UL << 16 | 3UL << 18)

/* A debugger's breakpoint in the owner outlasts the guest's turns. */
TEST_DEVICE(owner_events, watchpoint)
{
	pid_t pid = start_traced(_metadata, variant->path);
	int status, hits = 0;

	ASSERT_EQ(0, ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[0]),
			    &watched));
	ASSERT_EQ(0, ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[7]),
			    DR7_WATCH));
	while (!ptrace(PTRACE_CONT, pid, NULL, NULL) &&
	       waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status)) {
		ASSERT_EQ(SIGTRAP, WSTOPSIG(status));
		hits++;
		EXPECT_EQ(hits, ptrace(PTRACE_PEEKDATA, pid, &watched, NULL));
	}
	expect_good_end(_metadata, status);
	EXPECT_EQ(ROUNDS, hits);
}

TEST_HARNESS_MAIN
