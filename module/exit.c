// SPDX-License-Identifier: GPL-2.0
/*
 * VM exits: exit reason -> handler, and what handlers share.
 *
 * They run inside the window, with interrupts off: they neither allocate nor
 * sleep. What needs more is left to the run loop.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/nospec.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <asm/msr.h>
#include <asm/processor-flags.h>
#include <asm/traps.h>
#include <asm/vmx.h>

#include "event.h"
#include "exit.h"
#include "exit_decode.h"
#include "exit_stats.h"
#include "observe.h"
#include "policy.h"
#include "vcpu.h"
#include "vmcs.h"

/** exit_in_64bit_code() - is the code segment a 64-bit one, in long mode */
bool exit_in_64bit_code(void)
{
	return vmcs_read32(VMCS_GUEST_CS_ACCESS_RIGHTS) & VMX_AR_L_MASK &&
		vmcs_read64(VMCS_GUEST_IA32_EFER) & EFER_LMA;
}

/** exit_gpr() - a general-purpose register of the guest by its encoding */
unsigned long exit_gpr(struct vcpu *vcpu, unsigned int n)
{
	return n == 4 ? vmcs_readl(VMCS_GUEST_RSP) : *vcpu_gpr(vcpu, n);
}

/** exit_set_gpr() - likewise */
void exit_set_gpr(struct vcpu *vcpu, unsigned int n, unsigned long value)
{
	if (n == 4)
		vmcs_writel(VMCS_GUEST_RSP, value);
	else
		*vcpu_gpr(vcpu, n) = value;
}

/**
 * exit_skip_instruction() - let the guest go on after what it just executed
 * @vcpu: the vCPU; its VMCS is current
 *
 * An instruction that ended takes the blocking by STI or MOV SS with it (SDM
 * Vol. 3C, "Guest Non-Register State", 25.4.2, edition 083), and raises no trap
 * by itself.
 */
void exit_skip_instruction(struct vcpu *vcpu)
{
	const u32 shadow = GUEST_INTR_STATE_STI | GUEST_INTR_STATE_MOV_SS;
	unsigned long rip = vmcs_readl(VMCS_GUEST_RIP);
	unsigned long next = rip + vmcs_read32(VMCS_VM_EXIT_INSTRUCTION_LENGTH);
	u32 interruptibility;

	/* EIP and IP are 32 bits wide in VMX, whatever the code segment says. */
	if (unlikely((rip ^ next) >> 32) && !exit_in_64bit_code())
		next = (u32)next;
	event_step_trap(vcpu, vmcs_readl(VMCS_GUEST_RFLAGS));
	vmcs_writel(VMCS_GUEST_RIP, next);

	interruptibility = vmcs_read32(VMCS_GUEST_INTERRUPTIBILITY_STATE);
	if (interruptibility & shadow)
		vmcs_write32(VMCS_GUEST_INTERRUPTIBILITY_STATE,
			     interruptibility & ~shadow);
	vcpu->stepped = true;
}

/** exit_is_failed_entry() - the guest was not entered: this is no exit of it */
bool exit_is_failed_entry(void)
{
	return vmcs_read32(VMCS_EXIT_REASON) & EXIT_REASON_ENTRY_FAILURE;
}

/** exit_fault() - the instruction faults instead; #GP has error code 0 */
enum exit_action exit_fault(struct vcpu *vcpu, u8 vector)
{
	event_raise(vcpu, vector, 0);
	return RESUME_GUEST;
}

/**
 * exit_entry_failed() - tell user space that the guest could not be entered
 * @vcpu: the vCPU
 * @reason: as struct minivmx_run has it
 */
enum exit_action exit_entry_failed(struct vcpu *vcpu, u64 reason)
{
	struct minivmx_run *run = vcpu->run;

	/* Unlike an exit, a failed entry leaves the valid bit set (27.8). */
	vcpu->exit.injected = vmcs_read32(VMCS_VM_ENTRY_INTERRUPTION_INFO);
	vmcs_write32(VMCS_VM_ENTRY_INTERRUPTION_INFO, 0);
	/* It is not counted as an exit, so its time does not count either. */
	vcpu->exit_tsc = 0;
	run->exit_reason = MINIVMX_EXIT_FAIL_ENTRY;
	run->fail_entry.hardware_entry_failure_reason = reason;
	run->fail_entry.cpu = vcpu->exit.cpu;
	run->fail_entry.qualification = reason & EXIT_REASON_ENTRY_FAILURE ?
		vmcs_readl(VMCS_EXIT_QUALIFICATION) : 0;
	return ENTRY_FAILED;
}

/**
 * exit_unexpected() - tell user space of an exit that nobody handles
 * @vcpu: the vCPU; vcpu->exit is filled in
 */
enum exit_action exit_unexpected(struct vcpu *vcpu)
{
	struct minivmx_run *run = vcpu->run;

	run->exit_reason = MINIVMX_EXIT_INTERNAL_ERROR;
	run->internal.suberror = MINIVMX_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON;
	run->internal.ndata = MINIVMX_UNEXPECTED_EXIT_NDATA;
	run->internal.data[MINIVMX_UNEXPECTED_EXIT_REASON] = vcpu->exit.reason;
	run->internal.data[MINIVMX_UNEXPECTED_EXIT_CPU] = vcpu->exit.cpu;
	run->internal.data[MINIVMX_UNEXPECTED_EXIT_QUALIFICATION] =
		vcpu->exit.qualification;
	run->internal.data[MINIVMX_UNEXPECTED_EXIT_GPA] = vcpu->exit.gpa;
	return EXIT_TO_USER;
}

/* It stays pending, and the host takes it when the window is over. */
static enum exit_action exit_external_interrupt(struct vcpu *vcpu)
{
	return REOPEN_WINDOW;
}

/* The window has been open for long enough, or the guest has had its quantum. */
static enum exit_action exit_preemption_timer(struct vcpu *vcpu)
{
	if (likely(!quantum_ends(&vcpu->quantum)))
		return REOPEN_WINDOW;
	vcpu->run->exit_reason = MINIVMX_EXIT_QUANTUM;
	return EXIT_TO_USER;
}

static enum exit_action exit_triple_fault(struct vcpu *vcpu)
{
	vcpu->run->exit_reason = MINIVMX_EXIT_SHUTDOWN;
	return EXIT_TO_USER;
}

/* interrupt_window_open() and event_inject() do the rest. */
static enum exit_action exit_window(struct vcpu *vcpu)
{
	return RESUME_GUEST;
}

/* One instruction of a guest that is single-stepped. */
static enum exit_action exit_monitor_trap(struct vcpu *vcpu)
{
	return exit_debug(vcpu, X86_TRAP_DB, DR_STEP);
}

static enum exit_action exit_ept_violation(struct vcpu *vcpu)
{
	u64 qualification = vmcs_readl(VMCS_EXIT_QUALIFICATION);

	vcpu->exit.qualification = qualification;
	vcpu->exit.gpa = vmcs_read64(VMCS_GUEST_PHYSICAL_ADDRESS);
	exit_requeue_event(vcpu);
	/* An IRET that could not end blocks NMIs as before (28.2.3). */
	if (unlikely(exit_ept_unblocked_nmi(qualification)) && !vcpu->event.info)
		vmcs_write32(VMCS_GUEST_INTERRUPTIBILITY_STATE,
			     vmcs_read32(VMCS_GUEST_INTERRUPTIBILITY_STATE) |
			     GUEST_INTR_STATE_NMI);
	return FAULT_IN_PAGE;
}

typedef enum exit_action (*exit_handler)(struct vcpu *vcpu);

/* SDM Vol. 3D, "VMX Basic Exit Reasons", Appendix C, edition 083. */
static const exit_handler handlers[] = {
	[EXIT_REASON_EXCEPTION_NMI]		= exit_exception_or_nmi,
	[EXIT_REASON_EXTERNAL_INTERRUPT]	= exit_external_interrupt,
	[EXIT_REASON_TRIPLE_FAULT]		= exit_triple_fault,
	[EXIT_REASON_INTERRUPT_WINDOW]		= exit_window,
	[EXIT_REASON_NMI_WINDOW]		= exit_window,
	[EXIT_REASON_CPUID]			= exit_cpuid,
	[EXIT_REASON_HLT]			= exit_hlt,
	[EXIT_REASON_INVD]			= exit_nop,
	[EXIT_REASON_RDPMC]			= exit_rdpmc,
	[EXIT_REASON_VMCALL]			= exit_vmcall,
	[EXIT_REASON_VMCLEAR]			= exit_undefined,
	[EXIT_REASON_VMLAUNCH]			= exit_undefined,
	[EXIT_REASON_VMPTRLD]			= exit_undefined,
	[EXIT_REASON_VMPTRST]			= exit_undefined,
	[EXIT_REASON_VMREAD]			= exit_undefined,
	[EXIT_REASON_VMRESUME]			= exit_undefined,
	[EXIT_REASON_VMWRITE]			= exit_undefined,
	[EXIT_REASON_VMOFF]			= exit_undefined,
	[EXIT_REASON_VMON]			= exit_undefined,
	[EXIT_REASON_CR_ACCESS]			= exit_cr_access,
	[EXIT_REASON_DR_ACCESS]			= exit_mov_dr,
	[EXIT_REASON_IO_INSTRUCTION]		= exit_io,
	[EXIT_REASON_MSR_READ]			= exit_rdmsr,
	[EXIT_REASON_MSR_WRITE]			= exit_wrmsr,
	[EXIT_REASON_MWAIT_INSTRUCTION]		= exit_nop,
	[EXIT_REASON_MONITOR_TRAP_FLAG]		= exit_monitor_trap,
	[EXIT_REASON_MONITOR_INSTRUCTION]	= exit_nop,
	[EXIT_REASON_PAUSE_INSTRUCTION]		= exit_nop,
	[EXIT_REASON_EPT_VIOLATION]		= exit_ept_violation,
	[EXIT_REASON_INVEPT]			= exit_undefined,
	[EXIT_REASON_PREEMPTION_TIMER]		= exit_preemption_timer,
	[EXIT_REASON_INVVPID]			= exit_undefined,
	[EXIT_REASON_WBINVD]			= exit_nop,
	[EXIT_REASON_XSETBV]			= exit_xsetbv,
	[EXIT_REASON_VMFUNC]			= exit_undefined,
	[EXIT_REASON_ENCLS]			= exit_undefined,
};

static enum exit_action dispatch(struct vcpu *vcpu, unsigned int basic)
{
	if (likely(basic < ARRAY_SIZE(handlers))) {
		exit_handler handler =
			handlers[array_index_nospec(basic, ARRAY_SIZE(handlers))];

		if (likely(handler))
			return handler(vcpu);
	}
	vcpu->exit.qualification = vmcs_readl(VMCS_EXIT_QUALIFICATION);
	vcpu->exit.gpa = 0;
	return exit_unexpected(vcpu);
}

/* User space asked to be told as soon as the guest can take an interrupt. */
static bool interrupt_window_open(const struct vcpu *vcpu)
{
	const u32 shadow = GUEST_INTR_STATE_STI | GUEST_INTR_STATE_MOV_SS;

	return !vcpu->event.info && vmcs_readl(VMCS_GUEST_RFLAGS) & X86_EFLAGS_IF &&
		!(vmcs_read32(VMCS_GUEST_INTERRUPTIBILITY_STATE) & shadow);
}

/**
 * exit_handle() - decide what an exit means
 * @vcpu: the vCPU; its VMCS is current and has just exited
 *
 * Context: inside the window, interrupts off.
 */
enum exit_action exit_handle(struct vcpu *vcpu)
{
	u32 reason = vmcs_read32(VMCS_EXIT_REASON);
	unsigned int basic = exit_basic_reason(reason);
	enum exit_action action;

	vcpu->exit.reason = reason;
	vcpu->exit.cpu = raw_smp_processor_id();
	observe_exit(vcpu);

	if (unlikely(reason & EXIT_REASON_ENTRY_FAILURE)) {
		if (basic == EXIT_REASON_MCE_DURING_VMENTRY)
			asm volatile("int $18");
		return exit_entry_failed(vcpu, reason);
	}
	exit_stats_count(vcpu, basic);
	if (unlikely(vcpu->policy_active) && policy_wants(vcpu, basic))
		return policy_exit(vcpu, basic);

	action = dispatch(vcpu, basic);
	/* An instruction that was completed here is a step of the debugger's. */
	if (unlikely(vcpu->debug.control & MINIVMX_GUESTDBG_SINGLESTEP) &&
	    vcpu->stepped && action <= REOPEN_WINDOW &&
	    (!debug_uses_tf(&vcpu->debug) ||
	     vmcs_readl(VMCS_GUEST_RFLAGS) & X86_EFLAGS_TF))
		return exit_debug(vcpu, X86_TRAP_DB, DR_STEP);
	vcpu->stepped = false;
	if (unlikely(vcpu->want_window) && action <= REOPEN_WINDOW &&
	    interrupt_window_open(vcpu)) {
		vcpu->run->exit_reason = MINIVMX_EXIT_IRQ_WINDOW_OPEN;
		return EXIT_TO_USER;
	}
	return action;
}
