// SPDX-License-Identifier: GPL-2.0
/*
 * Events on their way to the guest: one that is being delivered, an interrupt
 * from user space, and NMIs that wait.
 */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/processor-flags.h>
#include <asm/traps.h>
#include <asm/vmx.h>

#include "event.h"
#include "exit_decode.h"
#include "observe.h"
#include "policy.h"
#include "vcpu.h"
#include "vmx_cpu.h"

#define SHADOW		(GUEST_INTR_STATE_STI | GUEST_INTR_STATE_MOV_SS)
#define NMI_BLOCKED	(SHADOW | GUEST_INTR_STATE_NMI)

/* Exceptions that push an error code: SDM Vol. 3A, table 6-1, edition 083. */
#define HAS_ERROR_CODE	(BIT(X86_TRAP_DF) | BIT(X86_TRAP_TS) | BIT(X86_TRAP_NP) | \
			 BIT(X86_TRAP_SS) | BIT(X86_TRAP_GP) | BIT(X86_TRAP_PF) | \
			 BIT(X86_TRAP_AC))

static u32 exception_info(u8 vector)
{
	bool soft = vector == X86_TRAP_BP || vector == X86_TRAP_OF;

	return INTR_INFO_VALID_MASK | vector |
		(soft ? INTR_TYPE_SOFT_EXCEPTION : INTR_TYPE_HARD_EXCEPTION) |
		(HAS_ERROR_CODE & BIT(vector) ? INTR_INFO_DELIVER_CODE_MASK : 0);
}

/**
 * event_raise() - let the guest have an exception
 * @vcpu: the vCPU; its instruction did not complete
 * @vector: the exception
 * @error_code: if it has one
 */
void event_raise(struct vcpu *vcpu, u8 vector, u32 error_code)
{
	vcpu->event = (struct vcpu_event) {
		.info = exception_info(vector),
		.error_code = error_code,
		/* As in KVM: an INT3 that exited is over when it is delivered. */
		.length = vcpu->soft_length,
		.raised = true,
	};
}

/*
 * What blocks events. Bochs keeps the blocking of one guest's NMIs for the next
 * guest; a processor does not. So it counts only after an NMI.
 */
static u32 read_interruptibility(struct vcpu *vcpu)
{
	u32 state = vmcs_read32(VMCS_GUEST_INTERRUPTIBILITY_STATE);

	if (!(state & GUEST_INTR_STATE_NMI)) {
		vcpu->nmi_blocked = false;
	} else if (!vcpu->nmi_blocked) {
		state &= ~GUEST_INTR_STATE_NMI;
		vmcs_write32(VMCS_GUEST_INTERRUPTIBILITY_STATE, state);
	}
	return state;
}

/**
 * event_write_rflags() - RFLAGS and what blocks events, into the VMCS
 * @vcpu: the vCPU; its VMCS is current
 */
void event_write_rflags(struct vcpu *vcpu)
{
	unsigned long rflags = vcpu->rflags;

	/* In a shadow, TF means a #DB that is pending: a step there has none. */
	if (vcpu->debug.steps_by_tf) {
		rflags |= X86_EFLAGS_TF;
		vcpu->interruptibility &= ~SHADOW;
		/* Bochs says so of steps that an interrupt of the host prevented. */
		vmcs_writel(VMCS_GUEST_PENDING_DEBUG_EXCEPTIONS, 0);
	}
	vmcs_writel(VMCS_GUEST_RFLAGS, rflags);
	vmcs_write32(VMCS_GUEST_INTERRUPTIBILITY_STATE, vcpu->interruptibility);
}

/** event_read_rflags() - the reverse */
void event_read_rflags(struct vcpu *vcpu)
{
	struct vcpu_debug *debug = &vcpu->debug;

	vcpu->rflags = vmcs_readl(VMCS_GUEST_RFLAGS);
	vcpu->interruptibility = read_interruptibility(vcpu);
	if (likely(!debug_uses_tf(debug)))
		return;
	/* An event that was delivered took TF with it, until its IRET. */
	debug->steps_by_tf = vcpu->rflags & X86_EFLAGS_TF;
	vcpu->rflags &= ~X86_EFLAGS_TF;
	vcpu->regs_dirty = true;
}

/**
 * event_step_trap() - give the #DB to a guest that single-steps
 * @vcpu: the vCPU
 * @rflags: the guest's RFLAGS
 *
 * An instruction that we complete raises no trap by itself.
 */
void event_step_trap(struct vcpu *vcpu, unsigned long rflags)
{
	if (likely(!(rflags & X86_EFLAGS_TF)) || vcpu->debug.steps_by_tf)
		return;
	debug_note_trap(vcpu, DR_STEP);
	event_raise(vcpu, X86_TRAP_DB, 0);
}

/* User space waits for the guest to take interrupts, and none is on its way. */
static bool wants_window(const struct vcpu *vcpu)
{
	return vcpu->want_window && vcpu->irq < 0;
}

static void set_primary(struct vcpu *vcpu, u32 controls)
{
	if (vcpu->primary == controls)
		return;
	vmcs_write32(VMCS_PRIMARY_EXEC_CONTROLS, controls);
	vcpu->primary = controls;
}

/**
 * event_prepare() - choose the exits that events need, for this window
 * @vcpu: the vCPU; its VMCS is current
 */
void event_prepare(struct vcpu *vcpu)
{
	u32 controls = vmx_caps.ctl[VMX_CTL_PRIMARY] | policy_controls(vcpu);

	if (wants_window(vcpu))
		controls |= CPU_BASED_INTR_WINDOW_EXITING;
	if (vcpu->debug.control & MINIVMX_GUESTDBG_SINGLESTEP && vmx_caps.monitor_trap)
		controls |= CPU_BASED_MONITOR_TRAP_FLAG;
	set_primary(vcpu, controls);
}

/* No exception is on its way: is there an interrupt, or an NMI? */
static void choose_event(struct vcpu *vcpu)
{
	if (vcpu->irq >= 0) {
		vcpu->event.info = INTR_INFO_VALID_MASK | INTR_TYPE_EXT_INTR |
			vcpu->irq;
	} else if (vcpu->nmis && !(vcpu->debug.control & MINIVMX_GUESTDBG_BLOCKIRQ) &&
		   !(read_interruptibility(vcpu) & NMI_BLOCKED)) {
		vcpu->nmis--;
		vcpu->event.info = INTR_INFO_VALID_MASK | INTR_TYPE_NMI_INTR |
			X86_TRAP_NMI;
	}
	vcpu->event.raised = false;
}

/* The vectors that are faults, as KVM sees it: RF is set in what they push. */
static bool is_fault(u8 vector)
{
	return !(BIT(vector) & (BIT(X86_TRAP_DB) | BIT(X86_TRAP_BP) |
				BIT(X86_TRAP_OF) | BIT(X86_TRAP_DF) |
				BIT(X86_TRAP_MC)));
}

static void inject(struct vcpu *vcpu)
{
	struct vcpu_event *event = &vcpu->event;
	u32 info = event->info;

	/* Real mode pushes no error codes (SDM Vol. 3C, 27.2.1.3). */
	if (info & INTR_INFO_DELIVER_CODE_MASK &&
	    !(vmcs_readl(VMCS_GUEST_CR0) & X86_CR0_PE))
		info &= ~INTR_INFO_DELIVER_CODE_MASK;
	if (info & INTR_INFO_DELIVER_CODE_MASK)
		vmcs_write32(VMCS_VM_ENTRY_EXCEPTION_ERROR_CODE, event->error_code);
	if (exit_event_has_length(info))
		vmcs_write32(VMCS_VM_ENTRY_INSTRUCTION_LENGTH, event->length);
	if (event->raised && is_fault(info & INTR_INFO_VECTOR_MASK))
		vmcs_writel(VMCS_GUEST_RFLAGS,
			    vmcs_readl(VMCS_GUEST_RFLAGS) | X86_EFLAGS_RF);
	/* The first time, or again after an exit in the middle of its delivery. */
	if ((info & INTR_INFO_INTR_TYPE_MASK) == INTR_TYPE_NMI_INTR)
		vcpu->nmi_blocked = true;
	vmcs_write32(VMCS_VM_ENTRY_INTERRUPTION_INFO, info);
	observe_inject(vcpu, info);
}

/**
 * event_inject_one() - tell the processor of the event that comes first
 * @vcpu: the vCPU; its VMCS is current
 *
 * It stays here until the guest was entered: event_delivered().
 */
void event_inject_one(struct vcpu *vcpu)
{
	u32 controls = vcpu->primary & ~CPU_BASED_NMI_WINDOW_EXITING;

	if (!wants_window(vcpu))
		controls &= ~CPU_BASED_INTR_WINDOW_EXITING;
	if (!vcpu->event.info)
		choose_event(vcpu);
	/*
	 * STI need not keep an NMI window shut (SDM Vol. 3C, "Other Causes of VM
	 * Exits", 26.2, edition 083), but no NMI is injected in its shadow. It is
	 * over when an interrupt could be taken.
	 */
	if (vcpu->nmis && !(vcpu->debug.control & MINIVMX_GUESTDBG_BLOCKIRQ))
		controls |= read_interruptibility(vcpu) & GUEST_INTR_STATE_STI ?
			CPU_BASED_INTR_WINDOW_EXITING : CPU_BASED_NMI_WINDOW_EXITING;
	set_primary(vcpu, controls);
	if (vcpu->event.info)
		inject(vcpu);
}

/** event_ready_for_interrupt() - could the guest take an interrupt now */
bool event_ready_for_interrupt(const struct vcpu *vcpu)
{
	return vcpu->rflags & X86_EFLAGS_IF && !(vcpu->interruptibility & SHADOW) &&
		vcpu->irq < 0 && !vcpu->event.info;
}

/** event_interrupt() - see MINIVMX_INTERRUPT */
int event_interrupt(struct vcpu *vcpu, void *interrupt)
{
	u32 irq = ((struct minivmx_interrupt *)interrupt)->irq;

	if (irq >= MINIVMX_NR_INTERRUPTS)
		return -EINVAL;
	vcpu->irq = irq;
	return 0;
}

/** event_nmi() - see MINIVMX_NMI */
int event_nmi(struct vcpu *vcpu)
{
	u8 most = vcpu->interruptibility & GUEST_INTR_STATE_NMI ? 1 : 2;

	if (vcpu->nmis < most)
		vcpu->nmis++;
	return 0;
}

/** event_get() - see MINIVMX_GET_VCPU_EVENTS */
int event_get(struct vcpu *vcpu, void *arg)
{
	u32 type = vcpu->event.info & INTR_INFO_INTR_TYPE_MASK;
	u8 vector = vcpu->event.info & INTR_INFO_VECTOR_MASK;
	struct minivmx_vcpu_events *events = arg;
	bool soft = vector == X86_TRAP_BP || vector == X86_TRAP_OF;

	memset(events, 0, sizeof(*events));
	events->flags = MINIVMX_VCPUEVENT_VALID_NMI_PENDING |
		MINIVMX_VCPUEVENT_VALID_SHADOW | MINIVMX_VCPUEVENT_VALID_SMM;
	if (vcpu->irq >= 0) {
		events->interrupt.injected = 1;
		events->interrupt.nr = vcpu->irq;
	}
	if (vcpu->interruptibility & GUEST_INTR_STATE_STI)
		events->interrupt.shadow |= MINIVMX_X86_SHADOW_INT_STI;
	if (vcpu->interruptibility & GUEST_INTR_STATE_MOV_SS)
		events->interrupt.shadow |= MINIVMX_X86_SHADOW_INT_MOV_SS;
	events->nmi.pending = vcpu->nmis != 0;
	events->nmi.masked = !!(vcpu->interruptibility & GUEST_INTR_STATE_NMI);
	if (!vcpu->event.info)
		return 0;

	switch (type) {
	case INTR_TYPE_EXT_INTR:
		events->interrupt.injected = 1;
		events->interrupt.nr = vector;
		break;
	case INTR_TYPE_SOFT_INTR:
		/* The instruction is executed again: nothing to migrate. */
		break;
	case INTR_TYPE_NMI_INTR:
		events->nmi.injected = 1;
		break;
	default:
		/* So are INT3 and INTO, and KVM says no more of them. */
		events->exception.injected = !soft;
		events->exception.pending = !soft && vcpu->event.raised;
		events->exception.nr = vector;
		events->exception.has_error_code =
			!!(vcpu->event.info & INTR_INFO_DELIVER_CODE_MASK);
		events->exception.error_code = vcpu->event.error_code;
		break;
	}
	return 0;
}

/** event_set() - see MINIVMX_SET_VCPU_EVENTS */
int event_set(struct vcpu *vcpu, void *arg)
{
	const struct minivmx_vcpu_events *events = arg;
	const u32 known = MINIVMX_VCPUEVENT_VALID_NMI_PENDING |
		MINIVMX_VCPUEVENT_VALID_SHADOW | MINIVMX_VCPUEVENT_VALID_SIPI_VECTOR |
		MINIVMX_VCPUEVENT_VALID_SMM;
	u32 *state = &vcpu->interruptibility;

	if (events->flags & ~known)
		return -EINVAL;
	if (events->flags & MINIVMX_VCPUEVENT_VALID_SMM &&
	    (events->smi.smm || events->smi.pending || events->smi.latched_init))
		return -EINVAL;
	if ((events->exception.injected || events->exception.pending) &&
	    (events->exception.nr > 31 || events->exception.nr == X86_TRAP_NMI))
		return -EINVAL;

	event_delivered(vcpu);
	if (events->exception.injected) {
		event_raise(vcpu, events->exception.nr, events->exception.error_code);
		vcpu->event.raised = false;
		vcpu->event.info &= ~INTR_INFO_DELIVER_CODE_MASK;
		if (events->exception.has_error_code)
			vcpu->event.info |= INTR_INFO_DELIVER_CODE_MASK;
	} else if (events->nmi.injected) {
		vcpu->event.info = INTR_INFO_VALID_MASK | INTR_TYPE_NMI_INTR |
			X86_TRAP_NMI;
		vcpu->nmi_blocked = true;
	} else if (events->interrupt.injected && events->interrupt.soft) {
		vcpu->event.info = INTR_INFO_VALID_MASK | INTR_TYPE_SOFT_INTR |
			events->interrupt.nr;
		vcpu->event.length = vcpu->soft_length;
	}
	if (events->interrupt.injected && !events->interrupt.soft)
		vcpu->irq = events->interrupt.nr;

	if (events->flags & MINIVMX_VCPUEVENT_VALID_NMI_PENDING)
		vcpu->nmis = min_t(u8, events->nmi.pending, 2);
	vcpu->nmi_blocked = events->nmi.masked || events->nmi.injected;
	*state &= ~GUEST_INTR_STATE_NMI;
	if (events->nmi.masked)
		*state |= GUEST_INTR_STATE_NMI;
	if (events->flags & MINIVMX_VCPUEVENT_VALID_SHADOW) {
		*state &= ~SHADOW;
		/* Not both: VM entry refuses that (SDM Vol. 3C, 27.3.1.5). */
		if (events->interrupt.shadow & MINIVMX_X86_SHADOW_INT_MOV_SS)
			*state |= GUEST_INTR_STATE_MOV_SS;
		else if (events->interrupt.shadow & MINIVMX_X86_SHADOW_INT_STI)
			*state |= GUEST_INTR_STATE_STI;
	}
	vcpu->regs_dirty = true;
	return 0;
}
