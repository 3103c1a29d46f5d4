// SPDX-License-Identifier: GPL-2.0
/* KVM_SET_GUEST_DEBUG, and the guest's own debug registers. */
#include <stdio.h>
#include <string.h>

#include "diff.h"

#define DEBUG "KVM_SET_GUEST_DEBUG"
#define STEP (MINIVMX_GUESTDBG_ENABLE | MINIVMX_GUESTDBG_SINGLESTEP)
#define HW (MINIVMX_GUESTDBG_ENABLE | MINIVMX_GUESTDBG_USE_HW_BP)
#define SW (MINIVMX_GUESTDBG_ENABLE | MINIVMX_GUESTDBG_USE_SW_BP)

static int set_debug(struct rec *r, uint32_t control, uint64_t dr0, uint64_t dr7)
{
	struct minivmx_guest_debug debug = {
		.control = control,
		.arch.debugreg = { [0] = dr0, [7] = dr7 },
	};

	return vm_ioctl_p(r->vm.vcpu, MINIVMX_SET_GUEST_DEBUG, &debug);
}

/* ------------------------- single steps ----------------------------------- */

GUEST_CODE(16, step_nop, "nop\nnop\nnop\nhlt\n");
GUEST_CODE(16, step_sti, "sti\nnop\nnop\nhlt\n");
GUEST_CODE(16, step_movss, "mov %ss, %ax\nmov %ax, %ss\nnop\nnop\nhlt\n");
GUEST_CODE(16, step_out, "nop\nout %al, $0x10\nnop\nhlt\n");
GUEST_CODE(16, step_in, "nop\nin $0x10, %al\nnop\nhlt\n");
GUEST_CODE(16, step_cpuid, "nop\ncpuid\nnop\nhlt\n");
GUEST_CODE(16, step_int, "nop\nint $0x21\nnop\nhlt\n");
GUEST_CODE(16, step_ud2, "nop\nud2\nnop\nhlt\n");
GUEST_CODE(16, step_popf, "pushw $0x102\npopf\nnop\nnop\nhlt\n");
GUEST_CODE(16, step_pushf, "pushf\npop %ax\nmov %ax, 0x2000\nhlt\n");
GUEST_CODE(16, step_rep,
	   "mov	$3, %cx\n"
	   "mov	$0x2000, %di\n"
	   "rep stosb\n"
	   "nop\n"
	   "hlt\n");
GUEST_CODE(16, step_rep_out,
	   "mov	$3, %cx\n"
	   "mov	$0x2000, %si\n"
	   "mov	$0x10, %dx\n"
	   "rep outsb\n"
	   "nop\n"
	   "hlt\n");
GUEST_CODE(16, step_int3, "nop\nint3\nnop\nhlt\n");
GUEST_CODE(64, step_mmio, "nop\nmov %eax, 0x100000\nnop\nhlt\n");
GUEST_CODE(64, step_msr, "nop\nmov $0xc0000082, %ecx\nrdmsr\nwrmsr\nnop\nhlt\n");
GUEST_CODE(64, step_cr, "mov %cr0, %rax\nmov %rax, %cr0\nmov %cr8, %rbx\nmov %rbx, %cr8\nnop\nhlt\n");
GUEST_CODE(16, step_jmp, "jmp 1f\nnop\n1: call 2f\nhlt\n2: ret\n");
GUEST_CODE(16, step_dr, "mov %dr7, %eax\nmov %eax, %dr7\nnop\nhlt\n");

/* Did a run end with a step of nothing: no instruction, and no breakpoint */
static bool stepped_nothing(struct rec *r, uint32_t last,
			    const struct minivmx_regs *before)
{
	struct minivmx_run *run = r->vm.run;
	struct minivmx_regs after;

	/* What user space has completed has moved the guest already. */
	if (run->exit_reason != MINIVMX_EXIT_DEBUG || run->debug.arch.dr6 & 15 ||
	    last == MINIVMX_EXIT_IO || last == MINIVMX_EXIT_MMIO)
		return false;
	record_need(r, "GET_REGS", vm_get_regs(r->vm.vcpu, &after));
	return !memcmp(before, &after, sizeof(after));
}

/*
 * A run of a guest that is stepped. After an exit in the middle of a step, Bochs
 * reports the step once too often. minivmx clears what Bochs left pending, but not
 * inside KVM's nested VT-x: there, it was an exit to the outer KVM.
 */
static int record_step(struct rec *r)
{
	uint32_t last = r->vm.run->exit_reason;
	struct minivmx_regs before;
	int ret, tries = 3;

	do {
		record_need(r, "GET_REGS", vm_get_regs(r->vm.vcpu, &before));
		r->vm.run->exit_reason = 0xffff;
		ret = vm_run(r->vm.vcpu);
	} while (no_kvm && !ret && stepped_nothing(r, last, &before) && --tries);
	record_exit(r, ret);
	return ret ? ret : (int)r->vm.run->exit_reason;
}

static void steps(struct rec *r, const struct diff_case *c)
{
	int i, reason;

	record_vm(r);
	guest_start(r, c->arg, c->data, c->end);
	guest_warm(r);
	guest_return(&r->vm, c->arg, 0x21);
	record_ret(r, "SET_GUEST_DEBUG", set_debug(r, STEP, 0, 0));
	for (i = 0; i < 9; i++) {
		reason = record_step(r);
		record_regs(r, "rip rflags");
		if (reason != MINIVMX_EXIT_DEBUG && reason != MINIVMX_EXIT_IO &&
		    reason != MINIVMX_EXIT_MMIO)
			break;
	}
	record_ret(r, "off", set_debug(r, 0, 0, 0));
	record_regs(r, "rflags rax rcx rdi");
	record_words(r, "memory", r->vm.memory + 0x2000, 8);
}

/* Stepping begins in the middle, and is turned off in the middle. */
static void steps_between(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, REAL, CODE(step_out));
	guest_warm(r);
	record_run(r);
	record_ret(r, "on", set_debug(r, STEP, 0, 0));
	record_step(r);
	record_regs(r, "rip");
	record_ret(r, "off", set_debug(r, 0, 0, 0));
	record_run(r);
	record_regs(r, "rip rflags");
}

/* An interrupt or NMI arrives at a guest that is stepped. */
static void steps_event(struct rec *r, const struct diff_case *c)
{
	struct minivmx_interrupt irq = { .irq = 0x21 };
	int i;

	record_vm(r);
	guest_start(r, REAL, CODE(step_nop));
	guest_warm(r);
	guest_return(&r->vm, REAL, c->arg ? 2 : 0x21);
	guest_rflags(r, RFLAGS_IF);
	record_ret(r, "SET_GUEST_DEBUG", set_debug(r, STEP | c->arg2, 0, 0));
	record_step(r);
	if (c->arg)
		record_ret(r, "NMI", vm_ioctl(r->vm.vcpu, MINIVMX_NMI, 0));
	else
		record_ret(r, "INTERRUPT",
			   vm_ioctl_p(r->vm.vcpu, MINIVMX_INTERRUPT, &irq));
	for (i = 0; i < 6; i++) {
		record_step(r);
		record_regs(r, "rip rflags");
	}
}

/* Registers that are set while debugging is on. */
static void steps_set_regs(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, REAL, CODE(step_nop));
	guest_warm(r);
	record_ret(r, "SET_GUEST_DEBUG", set_debug(r, STEP, 0, 0));
	guest_rflags(r, c->arg);
	record_regs(r, "rflags");
	record_step(r);
	record_regs(r, "rip rflags");
	record_ret(r, "off", set_debug(r, 0, 0, 0));
	record_regs(r, "rflags");
	record_run(r);
}

/* A guest that steps itself: the traps go to the debugger. */
GUEST_CODE(16, tf_sti, "pushw $0x102\npopf\nsti\nnop\nnop\nhlt\n");

static void own_steps(struct rec *r, const struct diff_case *c)
{
	int i;

	record_vm(r);
	guest_start(r, REAL, CODE(tf_sti));
	guest_warm(r);
	record_ret(r, "SET_GUEST_DEBUG", set_debug(r, c->arg, 0, 0));
	for (i = 0; i < 4; i++) {
		record_run(r);
		record_regs(r, "rip rflags");
	}
}

/* ------------------------- controls --------------------------------------- */

static void controls(struct rec *r, const struct diff_case *c)
{
	int bit;

	for (bit = 0; bit < 32; bit++) {
		record_vm(r);
		guest_start(r, REAL, CODE(step_nop));
		guest_warm(r);
		record(r, "bit %d: %s", bit, errno_text(set_debug(r, 1u << bit, 0, 0)));
		record(r, "with ENABLE: %s",
		       errno_text(set_debug(r, 1u << bit | 1, 0, 0)));
		vm_close(&r->vm);
	}
}

static void inject(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, c->arg2, CODE(step_nop));
	guest_warm(r);
	record_ret(r, "SET_GUEST_DEBUG", set_debug(r, c->arg, 0, 0));
	record_events(r);
	record_ret(r, "again", set_debug(r, c->arg, 0, 0));
	record_run(r);
	record_regs(r, "rip rsp");
	record_words(r, "stack", r->vm.memory + GUEST_STACK - 48, 48);
	record_events(r);
}

/* ------------------------- software breakpoints --------------------------- */

static void int3(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, c->arg2, CODE(step_int3));
	guest_warm(r);
	guest_return(&r->vm, c->arg2, 3);
	record_ret(r, "SET_GUEST_DEBUG", set_debug(r, c->arg, 0, 0));
	record_run(r);
	record_regs(r, "rip rsp");
	record_run(r);
	record_regs(r, "rip rsp");
	record_ret(r, "SET_GUEST_DEBUG", set_debug(r, 0, 0, 0));
	record_run(r);
	record_run(r);
}

/* ------------------------- hardware breakpoints --------------------------- */

GUEST_CODE(16, hw_code,
	   "nop\n"
	   "nop\n"
	   "mov	0x2000, %al\n"
	   "mov	%al, 0x2001\n"
	   "mov	0x2004, %eax\n"
	   "out	%al, $0x10\n"
	   "nop\n"
	   "hlt\n");

static void hardware(struct rec *r, const struct diff_case *c)
{
	int i, reason;

	record_vm(r);
	guest_start(r, REAL, CODE(hw_code));
	guest_warm(r);
	record_ret(r, "SET_GUEST_DEBUG", set_debug(r, HW | (c->data ? STEP : 0),
						   c->arg, c->arg2));
	for (i = 0; i < 4; i++) {
		reason = record_step(r);
		record_regs(r, "rip rflags");
		if (reason == MINIVMX_EXIT_DEBUG)
			/* Past a breakpoint: RF. */
			guest_rflags(r, 0x10000);
		if (reason == MINIVMX_EXIT_HLT)
			break;
	}
}

/* The guest does not see the caller's registers, and may write its own. */
GUEST_CODE(16, dr_code,
	   "mov	%dr0, %eax\n"
	   "mov	%dr7, %ebx\n"
	   "mov	%dr6, %ecx\n"
	   "mov	$0x1234, %edx\n"
	   "mov	%edx, %dr0\n"
	   "mov	%dr0, %esi\n"
	   "mov	$0x403, %edx\n"
	   "mov	%edx, %dr7\n"
	   "mov	%dr7, %edi\n"
	   "nop\n"
	   "hlt\n");

static void record_debugregs(struct rec *r)
{
	struct minivmx_debugregs d;

	memset(&d, 0xff, sizeof(d));
	record_ret(r, "GET_DEBUGREGS",
		   vm_ioctl_p(r->vm.vcpu, MINIVMX_GET_DEBUGREGS, &d));
	record_words(r, "debugregs", &d, sizeof(d));
}

static void guest_registers(struct rec *r, const struct diff_case *c)
{
	int i;

	record_vm(r);
	guest_start(r, REAL, CODE(dr_code));
	guest_warm(r);
	if (c->arg)
		record_ret(r, "SET_GUEST_DEBUG", set_debug(r, c->arg, 0x5678, 0x402));
	for (i = 0; i < 12; i++)
		if (record_step(r) != MINIVMX_EXIT_DEBUG)
			break;
	record_regs(r, "rax rbx rcx rsi rdi");
	record_debugregs(r);
}

/* ------------------------- DEBUGREGS -------------------------------------- */

static void debugregs(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	record_ret(r, "SET_DEBUGREGS",
		   vm_ioctl_p(r->vm.vcpu, MINIVMX_SET_DEBUGREGS, c->data));
	record_debugregs(r);
	guest_start(r, REAL, CODE(dr_code));
	guest_warm(r);
	record_run(r);
	record_regs(r, "rax rbx rcx");
}

/* The guest's own breakpoint: a #DB that its handler sees. */
static void own_breakpoint(struct rec *r, const struct diff_case *c)
{
	struct minivmx_debugregs d = {
		.db[0] = c->arg, .dr6 = 0xffff0ff0, .dr7 = c->arg2,
	};
	int i;

	record_vm(r);
	guest_start(r, REAL, CODE(hw_code));
	guest_warm(r);
	guest_return(&r->vm, REAL, 1);
	record_ret(r, "SET_DEBUGREGS",
		   vm_ioctl_p(r->vm.vcpu, MINIVMX_SET_DEBUGREGS, &d));
	for (i = 0; i < 4; i++) {
		if (record_run(r) == MINIVMX_EXIT_HLT)
			break;
		record_words(r, "stack", r->vm.memory + GUEST_STACK - 8, 8);
		record_debugregs(r);
		if (c->data)
			break;
	}
}

#define S(name, mode, code)						\
	{ DEBUG, "step over " name, steps, .arg = mode, .data = code,	\
	  .end = code##_end }
#define DR(name, ...)							\
	{ "KVM_SET_DEBUGREGS", name, debugregs,				\
	  .data = &(const struct minivmx_debugregs) { __VA_ARGS__ } }

static const struct diff_case cases[] = {
	S("NOP", REAL, step_nop), S("NOP in protected mode", PROT32, step_nop),
	S("NOP in 64-bit mode", LONG, step_nop), S("STI", REAL, step_sti),
	S("MOV SS", REAL, step_movss), S("OUT", REAL, step_out),
	S("IN", REAL, step_in), S("CPUID", REAL, step_cpuid),
	S("INT n", REAL, step_int), S("UD2", REAL, step_ud2),
	S("UD2 in 64-bit mode", LONG, step_ud2), S("POPF with TF", REAL, step_popf),
	S("PUSHF", REAL, step_pushf), S("REP STOS", REAL, step_rep),
	S("REP OUTS", REAL, step_rep_out), S("INT3", REAL, step_int3),
	S("MMIO", LONG, step_mmio), S("RDMSR and WRMSR", LONG, step_msr),
	S("MOV CR", LONG, step_cr), S("JMP, CALL and RET", REAL, step_jmp),
	S("MOV DR", REAL, step_dr),
	{ DEBUG, "step after an OUT", steps_between },
	{ DEBUG, "step and interrupt", steps_event },
	{ DEBUG, "step and interrupt, BLOCKIRQ", steps_event,
	  .arg2 = MINIVMX_GUESTDBG_BLOCKIRQ },
	{ DEBUG, "step and NMI", steps_event, .arg = 1 },
	{ DEBUG, "step with IF set meanwhile", steps_set_regs, .arg = RFLAGS_IF },
	{ DEBUG, "step with TF set meanwhile", steps_set_regs, .arg = RFLAGS_TF },
	{ DEBUG, "guest's own steps over STI, USE_HW_BP", own_steps, .arg = HW },
	{ DEBUG, "controls", controls },
	{ DEBUG, "INJECT_DB", inject, .arg = MINIVMX_GUESTDBG_INJECT_DB, .arg2 = REAL },
	{ DEBUG, "INJECT_DB with ENABLE", inject,
	  .arg = MINIVMX_GUESTDBG_INJECT_DB | 1, .arg2 = REAL },
	{ DEBUG, "INJECT_BP", inject, DIFF_CPU, .arg = MINIVMX_GUESTDBG_INJECT_BP, .arg2 = REAL },
	{ DEBUG, "INJECT_BP in 64-bit mode", inject, DIFF_CPU,
	  .arg = MINIVMX_GUESTDBG_INJECT_BP, .arg2 = LONG },
	{ DEBUG, "INT3", int3, .arg = SW, .arg2 = REAL },
	{ DEBUG, "INT3 in 64-bit mode", int3, .arg = SW, .arg2 = LONG },
	{ DEBUG, "INT3 without USE_SW_BP", int3, .arg = 1, .arg2 = REAL },
	{ DEBUG, "INT3 without ENABLE", int3, .arg = MINIVMX_GUESTDBG_USE_SW_BP,
	  .arg2 = REAL },
	{ DEBUG, "execution at 0x1001", hardware, .arg = 0x1001, .arg2 = 0x402 },
	{ DEBUG, "execution, local", hardware, .arg = 0x1001, .arg2 = 0x401 },
	{ DEBUG, "execution at 0x1000, the first", hardware, .arg = 0x1000, .arg2 = 0x402 },
	{ DEBUG, "execution at an OUT", hardware, .arg = 0x100c, .arg2 = 0x402 },
	{ DEBUG, "execution, not enabled", hardware, .arg = 0x1001, .arg2 = 0x400 },
	{ DEBUG, "write at 0x2001", hardware, .arg = 0x2001, .arg2 = 0x10402 },
	{ DEBUG, "access at 0x2000", hardware, .arg = 0x2000, .arg2 = 0x30402 },
	{ DEBUG, "access of 4 bytes", hardware, .arg = 0x2004, .arg2 = 0xf0402 },
	{ DEBUG, "write, only read there", hardware, .arg = 0x2000, .arg2 = 0x10402 },
	{ DEBUG, "execution and single step", hardware, .arg = 0x1001,
	  .arg2 = 0x402, .data = "step" },
	{ DEBUG, "general detect", hardware, .arg = 0x1001, .arg2 = 0x2400 },
	{ DEBUG, "guest's registers without debugging", guest_registers },
	{ DEBUG, "guest's registers, USE_HW_BP", guest_registers, .arg = HW },
	{ DEBUG, "guest's registers, single steps", guest_registers, .arg = STEP },
	{ DEBUG, "guest's registers, ENABLE only", guest_registers, .arg = 1 },
	DR("round trip", .db = { 1, 2, 3, 4 }, .dr6 = 0xffff0ff1, .dr7 = 0x400),
	DR("zeros", .dr6 = 0),
	DR("DR6 of ones", .dr6 = 0xffffffff, .dr7 = 0x400),
	DR("DR7 of ones", .dr6 = 0xffff0ff0, .dr7 = 0xffffdfff),
	DR("DR6 upper half", .dr6 = 1UL << 32, .dr7 = 0x400),
	DR("DR7 upper half", .dr7 = 1UL << 32),
	DR("flags", .dr7 = 0x400, .flags = 1),
	DR("reserved", .dr7 = 0x400, .reserved = { 1 }),
	DR("addresses not canonical", .db = { 1UL << 63, 1UL << 47, -1UL, 0 },
	   .dr6 = 0xffff0ff0, .dr7 = 0x400),
	{ "KVM_GET_DEBUGREGS", "guest's breakpoint, write", own_breakpoint,
	  .arg = 0x2001, .arg2 = 0x10402 },
	{ "KVM_GET_DEBUGREGS", "guest's breakpoint, access", own_breakpoint,
	  .arg = 0x2000, .arg2 = 0x30401 },
	{ "KVM_GET_DEBUGREGS", "guest's breakpoint, execution", own_breakpoint,
	  .arg = 0x1001, .arg2 = 0x402, .data = "once" },
};

void add_debug(void)
{
	diff_add(cases, ARRAY_SIZE(cases));
}
