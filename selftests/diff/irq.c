// SPDX-License-Identifier: GPL-2.0
/* External interrupts: KVM_INTERRUPT, and when the guest takes them. */
#include <stdio.h>

#include "diff.h"

#define IRQ "KVM_INTERRUPT"

static int interrupt(struct rec *r, uint32_t vector)
{
	struct minivmx_interrupt irq = { .irq = vector };

	return vm_ioctl_p(r->vm.vcpu, MINIVMX_INTERRUPT, &irq);
}

GUEST_CODE(16, outs,
	   "out	%al, $0x10\n"
	   "out	%al, $0x11\n"
	   "out	%al, $0x12\n"
	   "hlt\n");

static void deliver(struct rec *r, const struct diff_case *c)
{
	enum guest_mode mode = c->arg2;

	record_vm(r);
	guest_start(r, mode, CODE(outs));
	guest_warm(r);
	guest_return(&r->vm, mode, c->arg);
	guest_rflags(r, RFLAGS_IF);
	record_ret(r, "INTERRUPT", interrupt(r, c->arg));
	record_events(r);
	record_run(r);
	record_regs(r, "rsp rflags");
	record_words(r, "stack", r->vm.memory + GUEST_STACK - 48, 48);
	record_runs(r, 3);
}

static void vectors(struct rec *r, const struct diff_case *c)
{
	static const uint32_t numbers[] = { 0, 2, 3, 13, 31, 32, 255, 256, 0x121, -1 };
	char name[32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		record_vm(r);
		snprintf(name, sizeof(name), "%u", numbers[i]);
		record_ret(r, name, interrupt(r, numbers[i]));
		record_events(r);
		vm_close(&r->vm);
	}
}

static void closed(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, REAL, CODE(outs));
	guest_warm(r);
	record_ret(r, "INTERRUPT", interrupt(r, 0x21));
	record_run(r);
	record_events(r);
	record_flags(r);
	/* Once it can be taken, it is. */
	guest_rflags(r, RFLAGS_IF);
	record_run(r);
}

static void twice(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, REAL, CODE(outs));
	guest_warm(r);
	guest_return(&r->vm, REAL, 0x21);
	guest_return(&r->vm, REAL, 0x22);
	guest_rflags(r, RFLAGS_IF);
	record_ret(r, "INTERRUPT", interrupt(r, 0x21));
	record_ret(r, "INTERRUPT", interrupt(r, 0x22));
	record_events(r);
	record_runs(r, 6);
}

GUEST_CODE(16, hlt_if,
	   "sti\n"
	   "hlt\n"
	   "out	%al, $0x10\n"
	   "hlt\n");

static void wakes(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, REAL, CODE(hlt_if));
	guest_warm(r);
	guest_return(&r->vm, REAL, 0x21);
	record_run(r);
	record_regs(r, "rip");
	record_flags(r);
	record_ret(r, "INTERRUPT", interrupt(r, 0x21));
	record_runs(r, 4);
}

/* ------------------------- the window ------------------------------------- */

GUEST_CODE(16, closed_then_sti,
	   "out	%al, $0x10\n"
	   "sti\n"
	   "nop\n"
	   "out	%al, $0x11\n"
	   "cli\n"
	   "out	%al, $0x12\n"
	   "hlt\n");

GUEST_CODE(16, open_code,
	   "sti\n"
	   "nop\n"
	   "out	%al, $0x10\n"
	   "out	%al, $0x11\n"
	   "hlt\n");

GUEST_CODE(16, movss_window,
	   "sti\n"
	   "nop\n"
	   "out	%al, $0x10\n"
	   "mov	%ss, %ax\n"
	   "mov	%ax, %ss\n"
	   "nop\n"
	   "out	%al, $0x11\n"
	   "hlt\n");

GUEST_CODE(16, popf_window,
	   "out	%al, $0x10\n"
	   "pushw	$0x202\n"
	   "popf\n"
	   "out	%al, $0x11\n"
	   "hlt\n");

GUEST_CODE(16, sti_out,
	   "out	%al, $0x10\n"
	   "sti\n"
	   "out	%al, $0x11\n"
	   "out	%al, $0x12\n"
	   "hlt\n");

GUEST_CODE(16, sti_hlt_window,
	   "out	%al, $0x10\n"
	   "sti\n"
	   "hlt\n"
	   "out	%al, $0x12\n"
	   "hlt\n");

GUEST_CODE(16, sti_cli,
	   "out	%al, $0x10\n"
	   "sti\n"
	   "cli\n"
	   "out	%al, $0x11\n"
	   "hlt\n");

/* Asks for it from the start, or after the first exit; arg2: RFLAGS. */
static void window(struct rec *r, const struct diff_case *c)
{
	int i;

	record_vm(r);
	guest_start(r, REAL, c->data, c->end);
	guest_warm(r);
	guest_rflags(r, c->arg2);
	if (c->arg)
		record_run(r);
	r->vm.run->request_interrupt_window = 1;
	for (i = 0; i < 5; i++) {
		if (record_run(r) == MINIVMX_EXIT_HLT)
			break;
		record_regs(r, "rip");
		record_flags(r);
		if (r->vm.run->exit_reason == MINIVMX_EXIT_IRQ_WINDOW_OPEN)
			break;
	}
	/* It opens again and again, until it is not asked for. */
	record_run(r);
	record_regs(r, "rip");
	r->vm.run->request_interrupt_window = 0;
	record_runs(r, 4);
}

/* The usual way: ask, be told, inject. */
static void window_inject(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, REAL, c->data, c->end);
	guest_warm(r);
	guest_return(&r->vm, REAL, 0x21);
	record_run(r);
	r->vm.run->request_interrupt_window = 1;
	record_runs(r, 4);
	record_flags(r);
	record_ret(r, "INTERRUPT", interrupt(r, 0x21));
	r->vm.run->request_interrupt_window = c->arg;
	record_runs(r, 4);
	record_flags(r);
	record_runs(r, 3);
}

/* A window is wanted while an NMI is handled, and while one waits. */
static void window_nmi(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, REAL, CODE(open_code));
	guest_warm(r);
	guest_return(&r->vm, REAL, 2);
	record_run(r);
	record_ret(r, "NMI", vm_ioctl(r->vm.vcpu, MINIVMX_NMI, 0));
	record_ret(r, "NMI", vm_ioctl(r->vm.vcpu, MINIVMX_NMI, 0));
	r->vm.run->request_interrupt_window = 1;
	record_runs(r, 4);
	record_flags(r);
	record_events(r);
	r->vm.run->request_interrupt_window = 0;
	record_runs(r, 5);
}

/* There is no room for the handler's frame. */
static void vectoring(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);

	guest_start(r, REAL, CODE(outs));
	guest_warm(r);
	guest_rflags(r, RFLAGS_IF);
	/* The stack is where there is no memory. */
	{
		struct minivmx_sregs s;

		record_need(r, "GET_SREGS", vm_get_sregs(vm->vcpu, &s));
		s.ss.base = GUEST_NOTHING;
		record_need(r, "SET_SREGS", vm_set_sregs(vm->vcpu, &s));
	}
	record_ret(r, "INTERRUPT", interrupt(r, 0x21));
	record_run(r);
}

static void busy_exception(struct rec *r, const struct diff_case *c)
{
	struct minivmx_vcpu_events e = { .exception = { 1, 6, 0 } };

	record_vm(r);
	guest_start(r, REAL, CODE(outs));
	guest_warm(r);
	guest_rflags(r, RFLAGS_IF);
	record_ret(r, "SET_VCPU_EVENTS",
		   vm_ioctl_p(r->vm.vcpu, MINIVMX_SET_VCPU_EVENTS, &e));
	record_ret(r, "INTERRUPT", interrupt(r, 0x21));
	record_events(r);
	record_runs(r, 3);
}

#define W(name, code, asked, flags)					\
	{ "KVM_RUN", "interrupt window: " name, window, .arg = asked,	\
	  .arg2 = flags, .data = code, .end = code##_end }

static const struct diff_case cases[] = {
	{ IRQ, "0x21 in real mode", deliver, .arg = 0x21, .arg2 = REAL },
	{ IRQ, "0x21 in protected mode", deliver, .arg = 0x21, .arg2 = PROT32 },
	{ IRQ, "0x21 in 32-bit paging", deliver, .arg = 0x21, .arg2 = PAGING32 },
	{ IRQ, "0x21 in 64-bit mode", deliver, .arg = 0x21, .arg2 = LONG },
	{ IRQ, "0x21 in compatibility mode", deliver, .arg = 0x21, .arg2 = COMPAT },
	{ IRQ, "0xff", deliver, .arg = 0xff, .arg2 = PROT32 },
	{ IRQ, "0x06, a vector of exceptions", deliver, .arg = 6, .arg2 = PROT32 },
	{ IRQ, "vectors", vectors },
	{ IRQ, "with IF = 0", closed },
	{ IRQ, "twice", twice },
	{ IRQ, "wakes from HLT", wakes },
	{ IRQ, "beside an exception", busy_exception },
	{ IRQ, "the stack is nowhere", vectoring },
	W("open from the start", outs, 0, RFLAGS_IF),
	W("closed for ever", outs, 0, 0),
	W("STI, asked at first", closed_then_sti, 0, 0),
	W("STI, asked later", closed_then_sti, 1, 0),
	W("open, asked later", open_code, 1, 0),
	W("MOV SS", movss_window, 1, 0),
	W("POPF", popf_window, 1, 0),
	W("OUT in the shadow of STI", sti_out, 1, 0),
	W("HLT in the shadow of STI", sti_hlt_window, 1, 0),
	W("STI and CLI", sti_cli, 1, 0),
	{ "KVM_RUN", "interrupt window, injection", window_inject,
	  .data = closed_then_sti, .end = closed_then_sti_end },
	{ "KVM_RUN", "interrupt window, injection, still wanted", window_inject,
	  .arg = 1, .data = closed_then_sti, .end = closed_then_sti_end },
	{ "KVM_RUN", "interrupt window, injection after MOV SS", window_inject,
	  .data = movss_window, .end = movss_window_end },
	{ "KVM_RUN", "interrupt window and NMIs", window_nmi },
};

void add_irq(void)
{
	diff_add(cases, ARRAY_SIZE(cases));
}
