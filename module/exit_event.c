// SPDX-License-Identifier: GPL-2.0
/*
 * Exceptions that exit, and events whose delivery an exit interrupted.
 */
#include <asm/msr.h>
#include <asm/processor-flags.h>
#include <asm/traps.h>
#include <asm/vmx.h>

#include "event.h"
#include "exit.h"
#include "exit_decode.h"
#include "vcpu.h"

/**
 * exit_requeue_event() - deliver again what the exit interrupted
 * @vcpu: the vCPU; its VMCS is current
 *
 * An event whose delivery the exit interrupted is lost otherwise. After other
 * exits in the middle of a delivery than EPT violations, the instruction is
 * executed again, or the guest is over.
 */
void exit_requeue_event(struct vcpu *vcpu)
{
	u32 info = vmcs_read32(VMCS_IDT_VECTORING_INFO);

	vcpu->event.info = exit_event_to_entry(info);
	if (!vcpu->event.info)
		return;
	vcpu->event.raised = false;
	/* The NMI blocks others only once it is delivered (28.2.4). */
	if ((info & INTR_INFO_INTR_TYPE_MASK) == INTR_TYPE_NMI_INTR)
		vmcs_write32(VMCS_GUEST_INTERRUPTIBILITY_STATE,
			     vmcs_read32(VMCS_GUEST_INTERRUPTIBILITY_STATE) &
			     ~GUEST_INTR_STATE_NMI);
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
static enum exit_action reflect(struct vcpu *vcpu, u32 info)
{
	vcpu->event.info = exit_event_to_entry(info);
	vcpu->event.raised = true;
	if (info & INTR_INFO_DELIVER_CODE_MASK)
		vcpu->event.error_code =
			vmcs_read32(VMCS_VM_EXIT_INTERRUPTION_ERROR_CODE);
	if (exit_event_has_length(info))
		vcpu->event.length = vmcs_read32(VMCS_VM_EXIT_INSTRUCTION_LENGTH);
	return RESUME_GUEST;
}

/*
 * #DB: the debugger's, or the guest's. The exit left DR6 and DR7 as they were:
 * what DR6 would say is in the qualification (SDM Vol. 3C, 28.2.1, table 28-1).
 */
static enum exit_action debug_trap(struct vcpu *vcpu, u32 info)
{
	const u32 shadow = GUEST_INTR_STATE_STI | GUEST_INTR_STATE_MOV_SS;
	u64 dr6 = vmcs_readl(VMCS_EXIT_QUALIFICATION) & EVENT_DR6_CAUSES;

	if (vcpu->debug.control & (MINIVMX_GUESTDBG_SINGLESTEP |
				   MINIVMX_GUESTDBG_USE_HW_BP)) {
		/* The trap is the debugger's: in a shadow, entry would want one. */
		vmcs_write32(VMCS_GUEST_INTERRUPTIBILITY_STATE,
			     vmcs_read32(VMCS_GUEST_INTERRUPTIBILITY_STATE) & ~shadow);
		return exit_debug(vcpu, X86_TRAP_DB, dr6);
	}
	/*
	 * A single step that ends in the shadow of STI: VM entry insists that
	 * the trap is pending (27.3.1.5), and an intercepted one is not.
	 */
	if (vmcs_read32(VMCS_GUEST_INTERRUPTIBILITY_STATE) & shadow &&
	    vmcs_readl(VMCS_GUEST_RFLAGS) & X86_EFLAGS_TF)
		vmcs_writel(VMCS_GUEST_PENDING_DEBUG_EXCEPTIONS, DR_STEP);
	debug_note_trap(vcpu, dr6);
	/* INT1 is over when its trap is delivered, also if that fails. */
	if ((info & INTR_INFO_INTR_TYPE_MASK) == INTR_TYPE_PRIV_SW_EXCEPTION) {
		exit_skip_instruction(vcpu);
		vcpu->stepped = false;
		return exit_fault(vcpu, X86_TRAP_DB);
	}
	return reflect(vcpu, info);
}

/**
 * exit_recover_nmi_blocking() - an IRET that faulted blocks NMIs as before
 * @info: VM-exit interruption information; SDM Vol. 3C, 28.2.3, edition 083
 */
void exit_recover_nmi_blocking(u32 info)
{
	if (!(info & INTR_INFO_UNBLOCK_NMI) ||
	    (info & INTR_INFO_VECTOR_MASK) == X86_TRAP_DF ||
	    vmcs_read32(VMCS_IDT_VECTORING_INFO) & INTR_INFO_VALID_MASK)
		return;
	vmcs_write32(VMCS_GUEST_INTERRUPTIBILITY_STATE,
		     vmcs_read32(VMCS_GUEST_INTERRUPTIBILITY_STATE) |
		     GUEST_INTR_STATE_NMI);
}

/* Only code at level 3 that asks for it has alignment checks. */
static bool is_guests_own_ac(void)
{
	return VMX_AR_DPL(vmcs_read32(VMCS_GUEST_SS_ACCESS_RIGHTS)) == 3 &&
		vmcs_readl(VMCS_GUEST_CR0) & X86_CR0_AM &&
		vmcs_readl(VMCS_GUEST_RFLAGS) & X86_EFLAGS_AC;
}

/** exit_exception_or_nmi() - what the exception bitmap names, or an NMI */
enum exit_action exit_exception_or_nmi(struct vcpu *vcpu)
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

	exit_recover_nmi_blocking(info);
	switch (info & INTR_INFO_VECTOR_MASK) {
	case X86_TRAP_AC:
		/* The host detects split locks, and that of a guest too. */
		if (is_guests_own_ac())
			return reflect(vcpu, info);
		vcpu->exit.qualification = info;
		vcpu->exit.gpa = 0;
		return exit_unexpected(vcpu);
	case X86_TRAP_MC:
		asm volatile("int $18");
		return REOPEN_WINDOW;
	case X86_TRAP_DB:
		return debug_trap(vcpu, info);
	case X86_TRAP_BP:
		if (vcpu->debug.control & MINIVMX_GUESTDBG_USE_SW_BP)
			return exit_debug(vcpu, X86_TRAP_BP, 0);
		return reflect(vcpu, info);
	default:
		return reflect(vcpu, info);
	}
}
