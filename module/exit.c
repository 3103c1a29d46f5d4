// SPDX-License-Identifier: GPL-2.0
/*
 * VM exits: exit reason -> handler, and the handlers.
 *
 * They run inside the window, with interrupts off: they neither allocate nor
 * sleep. What needs more is left to the run loop.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/nospec.h>
#include <linux/smp.h>
#include <asm/debugreg.h>
#include <asm/processor-flags.h>
#include <asm/traps.h>
#include <asm/vmx.h>

#include "exit.h"
#include "exit_decode.h"
#include "vcpu.h"
#include "vmcs.h"

/* KVM's answer to a hypercall that it does not know. */
#define HYPERCALL_ENOSYS	1000

/**
 * exit_step_trap() - let VM entry deliver the #DB of a guest that single-steps
 * @vcpu: the vCPU; its VMCS is current
 *
 * An instruction that we complete raises no trap by itself.
 */
void exit_step_trap(struct vcpu *vcpu)
{
	if (unlikely(vmcs_readl(VMCS_GUEST_RFLAGS) & X86_EFLAGS_TF))
		vmcs_writel(VMCS_GUEST_PENDING_DEBUG_EXCEPTIONS,
			    vmcs_readl(VMCS_GUEST_PENDING_DEBUG_EXCEPTIONS) |
			    DR_STEP);
}

/**
 * exit_skip_instruction() - let the guest go on after what it just executed
 * @vcpu: the vCPU; its VMCS is current
 *
 * An instruction that ended takes the blocking by STI or MOV SS with it (SDM
 * Vol. 3C, "Guest Non-Register State", 25.4.2, edition 083).
 */
void exit_skip_instruction(struct vcpu *vcpu)
{
	const u32 shadow = GUEST_INTR_STATE_STI | GUEST_INTR_STATE_MOV_SS;
	unsigned long rip = vmcs_readl(VMCS_GUEST_RIP);
	u32 interruptibility;

	/* EIP and IP are 32 bits wide in VMX, whatever the code segment says. */
	exit_step_trap(vcpu);
	vmcs_writel(VMCS_GUEST_RIP,
		    (u32)(rip + vmcs_read32(VMCS_VM_EXIT_INSTRUCTION_LENGTH)));

	interruptibility = vmcs_read32(VMCS_GUEST_INTERRUPTIBILITY_STATE);
	if (interruptibility & shadow)
		vmcs_write32(VMCS_GUEST_INTERRUPTIBILITY_STATE,
			     interruptibility & ~shadow);
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
	vmcs_write32(VMCS_VM_ENTRY_INTERRUPTION_INFO, 0);
	run->exit_reason = MINIVMX_EXIT_FAIL_ENTRY;
	run->fail_entry.hardware_entry_failure_reason = reason;
	run->fail_entry.cpu = vcpu->exit.cpu;
	return EXIT_TO_USER;
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

/*
 * An event whose delivery the exit interrupted is lost unless it is injected
 * again. After other exits in the middle of a delivery than EPT violations, the
 * instruction is executed again, or the guest is over.
 */
static void requeue_event(struct vcpu *vcpu)
{
	u32 info = vmcs_read32(VMCS_IDT_VECTORING_INFO);

	vcpu->event.info = exit_event_to_entry(info);
	if (!vcpu->event.info)
		return;
	if (info & INTR_INFO_DELIVER_CODE_MASK)
		vcpu->event.error_code = vmcs_read32(VMCS_IDT_VECTORING_ERROR_CODE);
	if (exit_event_has_length(info))
		vcpu->event.length = vmcs_read32(VMCS_VM_EXIT_INSTRUCTION_LENGTH);
}

/*
 * An exception that exits only so that the guest cannot hang the CPU with it:
 * it goes to the guest after all. A fault or an INT n that it may have interrupted
 * comes again by itself, since that instruction has not completed.
 */
static void reflect_exception(struct vcpu *vcpu, u32 info)
{
	const u32 shadow = GUEST_INTR_STATE_STI | GUEST_INTR_STATE_MOV_SS;

	/*
	 * A single step that ends in the shadow of STI: VM entry insists that
	 * the trap is pending (27.3.1.5), and an intercepted one is not.
	 */
	if ((info & INTR_INFO_VECTOR_MASK) == X86_TRAP_DB &&
	    vmcs_read32(VMCS_GUEST_INTERRUPTIBILITY_STATE) & shadow)
		exit_step_trap(vcpu);
	vcpu->event.info = exit_event_to_entry(info);
	if (info & INTR_INFO_DELIVER_CODE_MASK)
		vcpu->event.error_code =
			vmcs_read32(VMCS_VM_EXIT_INTERRUPTION_ERROR_CODE);
	if (exit_event_has_length(info))
		vcpu->event.length = vmcs_read32(VMCS_VM_EXIT_INSTRUCTION_LENGTH);
}

static enum exit_action exit_exception_or_nmi(struct vcpu *vcpu)
{
	u32 info = vmcs_read32(VMCS_VM_EXIT_INTERRUPTION_INFO);

	if ((info & INTR_INFO_INTR_TYPE_MASK) == INTR_TYPE_NMI_INTR) {
		/*
		 * The host's: taken as if it had come to the host. NMIs are
		 * blocked until the handler's IRET (SDM Vol. 3C, 28.5.5).
		 */
		asm volatile("int $2");
		/* perf may have changed what this window has saved. */
		return REOPEN_WINDOW;
	}

	switch (info & INTR_INFO_VECTOR_MASK) {
	case X86_TRAP_MC:
		asm volatile("int $18");
		return REOPEN_WINDOW;
	case X86_TRAP_DB:
	case X86_TRAP_AC:
		reflect_exception(vcpu, info);
		return RESUME_GUEST;
	default:
		vcpu->exit.qualification = info;
		vcpu->exit.gpa = 0;
		return exit_unexpected(vcpu);
	}
}

/* It stays pending, and the host takes it when the window is over. */
static enum exit_action exit_external_interrupt(struct vcpu *vcpu)
{
	return REOPEN_WINDOW;
}

/* The window has been open for long enough. */
static enum exit_action exit_preemption_timer(struct vcpu *vcpu)
{
	return REOPEN_WINDOW;
}

static enum exit_action exit_triple_fault(struct vcpu *vcpu)
{
	vcpu->run->exit_reason = MINIVMX_EXIT_SHUTDOWN;
	return EXIT_TO_USER;
}

/* Without a CPUID table every leaf is zero, as in KVM. */
static enum exit_action exit_cpuid(struct vcpu *vcpu)
{
	vcpu->context.rax = 0;
	vcpu->context.rbx = 0;
	vcpu->context.rcx = 0;
	vcpu->context.rdx = 0;
	exit_skip_instruction(vcpu);
	return RESUME_GUEST;
}

static enum exit_action exit_hlt(struct vcpu *vcpu)
{
	exit_skip_instruction(vcpu);
	vcpu->run->exit_reason = MINIVMX_EXIT_HLT;
	return EXIT_TO_USER;
}

/* There is no device that could see what is in a cache: nothing to flush. */
static enum exit_action exit_cache_flush(struct vcpu *vcpu)
{
	exit_skip_instruction(vcpu);
	return RESUME_GUEST;
}

static enum exit_action exit_vmcall(struct vcpu *vcpu)
{
	/* Code below 64 bits sees, and leaves, 32 of them. */
	vcpu->context.rax = (u32)-HYPERCALL_ENOSYS;
	exit_skip_instruction(vcpu);
	return RESUME_GUEST;
}

static enum exit_action exit_ept_violation(struct vcpu *vcpu)
{
	vcpu->exit.qualification = vmcs_readl(VMCS_EXIT_QUALIFICATION);
	vcpu->exit.gpa = vmcs_read64(VMCS_GUEST_PHYSICAL_ADDRESS);
	requeue_event(vcpu);
	return FAULT_IN_PAGE;
}

typedef enum exit_action (*exit_handler)(struct vcpu *vcpu);

/* SDM Vol. 3D, "VMX Basic Exit Reasons", Appendix C, edition 083. */
static const exit_handler handlers[] = {
	[EXIT_REASON_EXCEPTION_NMI]		= exit_exception_or_nmi,
	[EXIT_REASON_EXTERNAL_INTERRUPT]	= exit_external_interrupt,
	[EXIT_REASON_TRIPLE_FAULT]		= exit_triple_fault,
	[EXIT_REASON_CPUID]			= exit_cpuid,
	[EXIT_REASON_HLT]			= exit_hlt,
	[EXIT_REASON_INVD]			= exit_cache_flush,
	[EXIT_REASON_VMCALL]			= exit_vmcall,
	[EXIT_REASON_IO_INSTRUCTION]		= exit_io,
	[EXIT_REASON_EPT_VIOLATION]		= exit_ept_violation,
	[EXIT_REASON_PREEMPTION_TIMER]		= exit_preemption_timer,
	[EXIT_REASON_WBINVD]			= exit_cache_flush,
};

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

	vcpu->exit.reason = reason;
	vcpu->exit.cpu = raw_smp_processor_id();

	if (unlikely(reason & EXIT_REASON_ENTRY_FAILURE)) {
		if (basic == EXIT_REASON_MCE_DURING_VMENTRY)
			asm volatile("int $18");
		return exit_entry_failed(vcpu, reason);
	}

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
