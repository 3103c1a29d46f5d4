/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest that spins, in a thread or in a process of its own, while a test does
 * something to the host. It counts where the test can see it.
 *
 *	ASSERT_EQ(0, spinner_start(&spinner, path, RFLAGS_IF));
 *	EXPECT_TRUE(spinner_advances(&spinner));
 *	EXPECT_EQ(0, spinner_stop(&spinner));
 */
#ifndef SELFTESTS_SPINNER_H
#define SELFTESTS_SPINNER_H

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "guest_code.h"
#include "vm.h"

#define SPINNER_GPA	0x20000UL	/* above slot 0, in reach of real mode */
#define SPINNER_SLOT	1

/* How far a guest has to come before it is said to go on. */
#define SPINNER_ENOUGH	1000

/* Counts at 0x20000, until it finds something at 0x20004. */
GUEST_CODE(16, spinner_code,
	   "mov	$0x2000, %ax\n"
	   "mov	%ax, %ds\n"
	   "spinner_spins:\n"
	   "addl	$1, 0\n"
	   "cmpl	$0, 4\n"
	   "je	spinner_spins\n"
	   "hlt\n");

/* The page at SPINNER_GPA; the guest knows the first two. */
struct spinner_page {
	volatile uint32_t count;
	volatile uint32_t stop;
	volatile uint32_t interrupted;	/* times that RUN ended with EINTR */
	volatile int tid;		/* of the thread that runs the guest */
};

/**
 * struct spinner - a guest that spins, and who runs it
 * @vm: its VM; in the child, if there is one
 * @page: shared with the child
 * @thread: of spinner_start()
 * @child: of spinner_fork()
 * @ret: how the run ended, in a thread
 */
struct spinner {
	struct vm vm;
	struct spinner_page *page;
	pthread_t thread;
	pid_t child;
	int ret;
};

/** spinner_open() - the VM alone; @rflags: RFLAGS_IF or 0 */
static inline int spinner_open(struct spinner *s, const char *path, uint64_t rflags)
{
	int ret = vm_open(&s->vm, path);

	if (!ret)
		ret = vm_region(s->vm.fd, SPINNER_SLOT, SPINNER_GPA, PAGE, s->page);
	if (!ret)
		ret = vm_load(&s->vm, CODE(spinner_code));
	return ret ? ret : vm_enter_at(s->vm.vcpu, VM_ENTRY, rflags);
}

/** spinner_run() - runs it until it halts; 0, or a negative errno */
static inline int spinner_run(struct spinner *s)
{
	int ret;

	s->page->tid = syscall(SYS_gettid);
	while ((ret = vm_run(s->vm.vcpu)) == -EINTR)
		s->page->interrupted++;
	if (!ret && s->vm.run->exit_reason != MINIVMX_EXIT_HLT)
		ret = -EPROTO;
	return ret;
}

static inline void *spinner_thread(void *arg)
{
	struct spinner *s = arg;

	s->ret = spinner_run(s);
	return NULL;
}

static inline int spinner_init(struct spinner *s)
{
	*s = (struct spinner){ .vm = { .dev = -1, .fd = -1, .vcpu = -1 } };
	s->page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	if (s->page != MAP_FAILED)
		return 0;
	s->page = NULL;
	return -ENOMEM;
}

/** spinner_start() - a guest in a thread */
static inline int spinner_start(struct spinner *s, const char *path, uint64_t rflags)
{
	int ret = spinner_init(s);

	if (!ret)
		ret = spinner_open(s, path, rflags);
	return ret ? ret : -pthread_create(&s->thread, NULL, spinner_thread, s);
}

/** spinner_fork() - a guest in a process, which ends with 0 if all went well */
static inline int spinner_fork(struct spinner *s, const char *path, uint64_t rflags)
{
	int ret = spinner_init(s);

	if (ret)
		return ret;
	s->child = fork();
	if (s->child < 0)
		return -errno;
	if (s->child)
		return 0;
	/* A test that ends, whyever, leaves no guest behind. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	ret = spinner_open(s, path, rflags);
	_exit(ret ? -ret : -spinner_run(s));
}

/* Is it still there? A zombie is not. */
static inline bool spinner_runs(struct spinner *s)
{
	siginfo_t info = {};

	if (!s->child)
		return !s->ret;
	return !waitid(P_PID, s->child, &info, WEXITED | WNOHANG | WNOWAIT) && !info.si_pid;
}

/**
 * spinner_advances() - waits until the guest has come further
 * @s: the guest
 *
 * Return: false if it has ended instead. If it is stuck, so is this: the time-out
 * of the harness decides.
 */
static inline bool spinner_advances(struct spinner *s)
{
	uint32_t before = s->page->count;
	useconds_t pause = 1000;

	while (s->page->count - before < SPINNER_ENOUGH) {
		if (!spinner_runs(s))
			return false;
		/*
		 * Where VMX is emulated twice, a guest is not entered before the next
		 * timer is due, if that is every millisecond.
		 */
		usleep(pause);
		if (pause < 200000)
			pause *= 2;
	}
	return true;
}

/** spinner_stands_still() - it does not get further, as far as can be seen */
static inline bool spinner_stands_still(struct spinner *s)
{
	uint32_t before = s->page->count;

	usleep(50000);
	return s->page->count == before;
}

/** spinner_bind() - on which CPU the guest is to run; 0, or a negative errno */
static inline int spinner_bind(struct spinner *s, int cpu)
{
	cpu_set_t set;

	while (!s->page->tid)
		usleep(1000);
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(s->page->tid, sizeof(set), &set) ? -errno : 0;
}

/**
 * spinner_stop() - lets the guest halt, and gives all back
 *
 * Return: 0 if it halted and nothing else happened; in a child, the wait status.
 */
static inline int spinner_stop(struct spinner *s)
{
	int ret = 0;

	if (!s->page)
		return 0;
	s->page->stop = 1;
	if (s->child > 0) {
		if (waitpid(s->child, &ret, 0) != s->child)
			ret = -errno;
	} else if (s->thread) {
		pthread_join(s->thread, NULL);
		ret = s->ret;
	}
	vm_close(&s->vm);
	munmap(s->page, PAGE);
	*s = (struct spinner){ .vm = { .dev = -1, .fd = -1, .vcpu = -1 } };
	return ret;
}

#endif /* SELFTESTS_SPINNER_H */
