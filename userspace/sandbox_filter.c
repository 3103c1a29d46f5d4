// SPDX-License-Identifier: GPL-2.0
/*
 * The filter of system calls: what the run loop, its devices and the end of
 * vmrun need. Any other call ends the process with SIGSYS.
 *
 * What is not here is the point: nothing that opens, connects, executes, starts,
 * maps or traces. A new call in the loop needs a row; without it, the tests die
 * of SIGSYS.
 */
#include <errno.h>
#include <seccomp.h>
#include <unistd.h>
#include <asm/ioctls.h>

#include "array_size.h"
#include "minivmx.h"
#include "sandbox.h"

/* The kernel tries the most frequent call first. */
#define FIRST	255

/* Whatever their arguments. */
static const int calls[] = {
	/* The guest's serial port, messages, the trace. */
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(poll), SCMP_SYS(ppoll),
	/* Time, where the vDSO has no clock for it; the alarm, the signals of the loop. */
	SCMP_SYS(clock_gettime), SCMP_SYS(timer_settime), SCMP_SYS(timer_delete),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigtimedwait), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigpending),
	SCMP_SYS(restart_syscall),
	/* The lock of the threads, and what the C library does for pthread_kill(). */
	SCMP_SYS(futex), SCMP_SYS(getpid), SCMP_SYS(gettid),
	/* A thread that was just started, and one that ends. */
	SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(madvise), SCMP_SYS(exit),
	/* --save-on: the file is written, and nothing of what was in it is left. */
	SCMP_SYS(ftruncate),
	/* The end: memory and descriptors are given back. free() may call brk(). */
	SCMP_SYS(munmap), SCMP_SYS(brk), SCMP_SYS(close), SCMP_SYS(exit_group),
};

/*
 * Of vCPUs, and of a VM that is looked at; those that make VMs, vCPUs and memory
 * were called already.
 */
static const unsigned long ioctls[] = {
	MINIVMX_RUN,
	MINIVMX_INTERRUPT,
	MINIVMX_SET_SREGS,	/* a vCPU that the guest starts again */
	MINIVMX_GET_QUANTUM,	/* what a turn has cost; it only reads */
	/* Hypercalls, and the report of a guest that cannot go on. */
	MINIVMX_GET_REGS, MINIVMX_SET_REGS, MINIVMX_GET_SREGS, MINIVMX_TRANSLATE,
	/* --save-on: they only read. */
	MINIVMX_GET_CPUID2, MINIVMX_GET_SREGS2, MINIVMX_GET_MSRS, MINIVMX_GET_XCRS,
	MINIVMX_GET_XSAVE, MINIVMX_GET_DEBUGREGS, MINIVMX_GET_VCPU_EVENTS, MINIVMX_GET_MP_STATE,
	MINIVMX_GET_TSC_KHZ,
	/* What has become of EPT, and the end of --stat: they only read. */
	MINIVMX_GET_EXIT_STATS, MINIVMX_GET_EXIT_TIMES, MINIVMX_EPT_SHAPE, MINIVMX_EPT_WALK,
	/*
	 * --dump-vmcs and --check-entry. Without capabilities, there is nothing of the
	 * host's in it, and no entry can be tried.
	 */
	MINIVMX_GET_VMCS, MINIVMX_TRY_ENTRY,
};

static int allow(scmp_filter_ctx filter)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < ARRAY_SIZE(calls) && !ret; i++)
		ret = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	for (i = 0; i < ARRAY_SIZE(ioctls) && !ret; i++)
		ret = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
				       SCMP_A1(SCMP_CMP_EQ, ioctls[i]));
	/* The terminal becomes again what it was. */
	if (!ret)
		ret = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 2,
				       SCMP_A0(SCMP_CMP_EQ, STDIN_FILENO),
				       SCMP_A1(SCMP_CMP_EQ, TCSETS));
	/* A signal for a thread of this process, and of no other. */
	if (!ret)
		ret = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
				       SCMP_A0(SCMP_CMP_EQ, getpid()));
	return ret ? ret : seccomp_syscall_priority(filter, SCMP_SYS(ioctl), FIRST);
}

/* For all threads; and 32-bit calls, which have other numbers, are none of ours. */
static int set_attributes(scmp_filter_ctx filter)
{
	int ret = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);

	return ret ? ret : seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
					    SCMP_ACT_KILL_PROCESS);
}

/**
 * sandbox_filter() - let the kernel refuse all calls but a few, for good
 *
 * Return: 0 or an error number.
 */
int sandbox_filter(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int ret = filter ? set_attributes(filter) : -ENOMEM;

	if (!ret)
		ret = allow(filter);
	if (!ret)
		ret = seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	return -ret;
}
