// SPDX-License-Identifier: GPL-2.0
/* KVM_RUN itself, the run page, signals, MP_STATE, TSC. */
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>

#include "diff.h"

#define RUN "KVM_RUN"

GUEST_CODE(16, outs, "out %al, $0x10\nout %al, $0x11\nhlt\nout %al, $0x12\nhlt\n");
/* With IF = 1: see docs/lab.md of guests that spin with IF = 0. */
GUEST_CODE(16, spin, "sti\n1: jmp 1b\n");

static void argument(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, REAL, CODE(outs));
	record_ret(r, "1", vm_ioctl(r->vm.vcpu, MINIVMX_RUN, 1));
	record_ret(r, "-1", vm_ioctl(r->vm.vcpu, MINIVMX_RUN, -1UL));
	record_ret(r, "1 << 32", vm_ioctl(r->vm.vcpu, MINIVMX_RUN, 1UL << 32));
	record_run(r);
}

static void exit_at_once(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, REAL, CODE(outs));
	r->vm.run->immediate_exit = c->arg;
	record_run(r);
	record(r, "exit reason %u, immediate_exit %u", r->vm.run->exit_reason,
	       r->vm.run->immediate_exit);
	record_regs(r, "rip");
	record_flags(r);
	r->vm.run->immediate_exit = 0;
	record_run(r);
	record_regs(r, "rip");
	/* It finishes the OUT. */
	r->vm.run->immediate_exit = 1;
	record_run(r);
	record_regs(r, "rip");
	r->vm.run->immediate_exit = 0;
	record_run(r);
	record_regs(r, "rip");
}

static void rip_at_exits(struct rec *r, const struct diff_case *c)
{
	int i;

	record_vm(r);
	guest_start(r, c->arg, CODE(outs));
	for (i = 0; i < 5; i++) {
		record_run(r);
		record_regs(r, "rip");
	}
}

/* Registers set after an exit: what has been left open is finished first. */
static void set_rip_after_exit(struct rec *r, const struct diff_case *c)
{
	struct minivmx_regs regs;

	record_vm(r);
	guest_start(r, REAL, CODE(outs));
	record_run(r);
	record_need(r, "GET_REGS", vm_get_regs(r->vm.vcpu, &regs));
	regs.rip = VM_ENTRY + c->arg;
	record_need(r, "SET_REGS", vm_set_regs(r->vm.vcpu, &regs));
	record_run(r);
	record_regs(r, "rip");
}

/* All of the page, before and after a run, over bytes of 0xff. */
static void whole_page(struct rec *r, const struct diff_case *c)
{
	struct minivmx_run *run;

	record_vm(r);
	run = r->vm.run;
	record_words(r, "new", run, offsetof(struct minivmx_run, s));
	guest_start(r, REAL, c->data, c->end);
	memset(run->padding1, 0xff, sizeof(run->padding1));
	memset(run->padding, 0xff, sizeof(run->padding));
	run->flags = 0xffff;
	run->if_flag = 0xff;
	run->ready_for_interrupt_injection = 0xff;
	run->apic_base = -1UL;
	record_run(r);
	record_words(r, "after", run, offsetof(struct minivmx_run, kvm_valid_regs));
}

static void cr8(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, REAL, CODE(outs));
	r->vm.run->cr8 = c->arg;
	record_run(r);
	record_flags(r);
}

GUEST_CODE(64, cr8_code,
	   "mov	%cr8, %rax\n"
	   "mov	$9, %ebx\n"
	   "mov	%rbx, %cr8\n"
	   "mov	$3, %ebx\n"
	   "mov	%rbx, %cr8\n"
	   "mov	%cr8, %rcx\n"
	   "mov	$5, %ebx\n"
	   "mov	%rbx, %cr8\n"
	   "mov	$16, %ebx\n"
	   "mov	%rbx, %cr8\n"
	   "hlt\n");

static void cr8_guest(struct rec *r, const struct diff_case *c)
{
	int i;

	record_vm(r);
	guest_start(r, LONG, CODE(cr8_code));
	r->vm.run->cr8 = 7;
	for (i = 0; i < 5; i++) {
		if (record_run(r) != MINIVMX_EXIT_SET_TPR)
			break;
		record_flags(r);
	}
	record_flags(r);
	record_regs(r, "rax rbx rcx rip");
}

/* ------------------------- signals ---------------------------------------- */

static volatile int caught;

static void on_signal(int number)
{
	caught++;
}

static void catch(int number)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(number, &action, NULL);
}

/* A signal that waits: RUN does not start. */
static void signal_waits(struct rec *r, const struct diff_case *c)
{
	struct {
		struct minivmx_signal_mask head;
		uint8_t set[8];
	} mask = { .head.len = 8 };
	sigset_t set;

	record_vm(r);
	guest_start(r, REAL, CODE(outs));
	catch(SIGUSR1);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	record_run(r);
	/* Nothing is blocked while it runs. */
	record_ret(r, "SET_SIGNAL_MASK",
		   vm_ioctl_p(r->vm.vcpu, MINIVMX_SET_SIGNAL_MASK, &mask));
	record_run(r);
	record_regs(r, "rip");
	record(r, "caught %d", caught);
	record_run(r);
	record_ret(r, "no mask",
		   vm_ioctl(r->vm.vcpu, MINIVMX_SET_SIGNAL_MASK, 0));
	record_run(r);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	record(r, "caught %d", caught);
}

static void mask_lengths(struct rec *r, const struct diff_case *c)
{
	static const uint32_t lengths[] = { 0, 4, 7, 8, 9, 16, 128, -1 };
	uint64_t mask[20] = { 0 };
	char name[32];
	size_t i;

	record_vm(r);
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		memcpy(mask, &lengths[i], 4);
		snprintf(name, sizeof(name), "%u", lengths[i]);
		record_ret(r, name, vm_ioctl_p(r->vm.vcpu,
					       MINIVMX_SET_SIGNAL_MASK, mask));
	}
}

static void on_alarm(int number)
{
	caught++;
}

/* A guest that never exits is interrupted. */
static void interrupted(struct rec *r, const struct diff_case *c)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct itimerval timer = { .it_value.tv_usec = 50000 };

	record_vm(r);
	guest_start(r, REAL, CODE(spin));
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	record_run(r);
	record(r, "caught %d, exit reason %u", caught, r->vm.run->exit_reason);
	record_regs(r, "rip rflags");
	record_flags(r);
}

/* ------------------------- MP_STATE, TSC ---------------------------------- */

static void mp_state(struct rec *r, const struct diff_case *c)
{
	struct minivmx_mp_state state = { .mp_state = c->arg };

	record_vm(r);
	guest_start(r, REAL, CODE(outs));
	record_ret(r, "SET_MP_STATE",
		   vm_ioctl_p(r->vm.vcpu, MINIVMX_SET_MP_STATE, &state));
	state.mp_state = 0xff;
	record_ret(r, "GET_MP_STATE",
		   vm_ioctl_p(r->vm.vcpu, MINIVMX_GET_MP_STATE, &state));
	record(r, "state %u", state.mp_state);
}

static void mp_state_hlt(struct rec *r, const struct diff_case *c)
{
	struct minivmx_mp_state state = { 0xff };

	record_vm(r);
	guest_start(r, REAL, CODE(outs));
	record_runs(r, 3);
	record_ret(r, "GET_MP_STATE",
		   vm_ioctl_p(r->vm.vcpu, MINIVMX_GET_MP_STATE, &state));
	record(r, "state %u", state.mp_state);
}

static void tsc_khz(struct rec *r, const struct diff_case *c)
{
	int khz;

	record_vm(r);
	khz = vm_ioctl(r->vm.vcpu, MINIVMX_GET_TSC_KHZ, 0);
	record(r, "%d kHz", khz);
	record(r, "the argument is ignored: %d",
	       vm_ioctl(r->vm.vcpu, MINIVMX_GET_TSC_KHZ, 1) == khz);
}

static const struct diff_case cases[] = {
	{ RUN, "argument", argument },
	{ RUN, "immediate_exit", exit_at_once, .arg = 1 },
	{ RUN, "immediate_exit of 0xff", exit_at_once, .arg = 0xff },
	{ RUN, "RIP at exits", rip_at_exits, .arg = REAL },
	{ RUN, "RIP at exits in 64-bit mode", rip_at_exits, .arg = LONG },
	{ RUN, "RIP set after OUT, elsewhere", set_rip_after_exit, .arg = 4 },
	{ RUN, "RIP set after OUT, behind it", set_rip_after_exit, .arg = 2 },
	{ RUN, "RIP set after OUT, back at it", set_rip_after_exit, .arg = 0 },
	{ RUN, "all bytes of the run page, HLT", whole_page, .data = outs + 4,
	  .end = outs + 5 },
	{ RUN, "all bytes of the run page, OUT", whole_page, .data = outs,
	  .end = outs_end },
	{ RUN, "cr8 = 15", cr8, .arg = 15 },
	{ RUN, "cr8 = 16", cr8, .arg = 16 },
	{ RUN, "cr8 = -1", cr8, .arg = -1UL },
	{ RUN, "CR8 from the guest", cr8_guest },
	{ RUN, "interrupted by a signal", interrupted },
	{ "KVM_SET_SIGNAL_MASK", "a signal waits", signal_waits },
	{ "KVM_SET_SIGNAL_MASK", "lengths", mask_lengths },
	{ "KVM_SET_MP_STATE", "RUNNABLE", mp_state, .arg = 0 },
	{ "KVM_SET_MP_STATE", "UNINITIALIZED", mp_state, .arg = 1 },
	{ "KVM_SET_MP_STATE", "INIT_RECEIVED", mp_state, .arg = 2 },
	{ "KVM_SET_MP_STATE", "HALTED", mp_state, .arg = 3 },
	{ "KVM_SET_MP_STATE", "SIPI_RECEIVED", mp_state, .arg = 4 },
	{ "KVM_SET_MP_STATE", "99", mp_state, .arg = 99 },
	{ "KVM_GET_MP_STATE", "after HLT", mp_state_hlt },
	{ "KVM_GET_TSC_KHZ", "number", tsc_khz, DIFF_CPU },
};

void add_run(void)
{
	diff_add(cases, ARRAY_SIZE(cases));
}
