// SPDX-License-Identifier: GPL-2.0
/*
 * Exits for the curious: user space may take those that minivmx would handle.
 */
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <asm/traps.h>
#include <asm/vmx.h>

#include "event.h"
#include "exit_decode.h"
#include "policy.h"
#include "vmx_cpu.h"

/* Exits of the host's or of minivmx's own business; nobody else can have them. */
static const u8 not_to_be_had[] = {
	EXIT_REASON_EXCEPTION_NMI,	/* by exceptions, not as a whole */
	EXIT_REASON_EXTERNAL_INTERRUPT,
	EXIT_REASON_INTERRUPT_WINDOW,
	EXIT_REASON_NMI_WINDOW,
	EXIT_REASON_INVALID_STATE,
	EXIT_REASON_MSR_LOAD_FAIL,
	EXIT_REASON_MONITOR_TRAP_FLAG,
	EXIT_REASON_MCE_DURING_VMENTRY,
	EXIT_REASON_EPT_VIOLATION,
	EXIT_REASON_PREEMPTION_TIMER,
};

/* Exits that happen only if a control asks for them. */
static const struct {
	u8 reason;
	u32 control;
} on_demand[] = {
	{ EXIT_REASON_INVLPG, CPU_BASED_INVLPG_EXITING },
	{ EXIT_REASON_RDTSC, CPU_BASED_RDTSC_EXITING },
	{ EXIT_REASON_PAUSE_INSTRUCTION, CPU_BASED_PAUSE_EXITING },
	{ EXIT_REASON_CR_ACCESS, CPU_BASED_CR3_LOAD_EXITING },
	{ EXIT_REASON_CR_ACCESS, CPU_BASED_CR3_STORE_EXITING },
};

static bool wants_reason(const struct vcpu *vcpu, unsigned int basic)
{
	return basic < 128 &&
		vcpu->policy.reasons[basic / 64] & BIT_ULL(basic % 64);
}

/** policy_set() - see MINIVMX_SET_EXIT_POLICY */
int policy_set(struct vcpu *vcpu, void *arg)
{
	const struct minivmx_exit_policy *policy = arg;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(not_to_be_had); i++)
		if (policy->reasons[0] & BIT_ULL(not_to_be_had[i]))
			return -EINVAL;
	if (policy->flags || policy->nr_ports > MINIVMX_POLICY_MAX ||
	    policy->nr_msrs > MINIVMX_POLICY_MAX ||
	    policy->exceptions & BIT(X86_TRAP_MC))
		return -EINVAL;
	vcpu->policy = *policy;
	vcpu->policy_active = policy->reasons[0] | policy->reasons[1] |
		policy->exceptions | policy->nr_ports | policy->nr_msrs;
	vcpu->exceptions_dirty = true;
	msr_update_bitmap(vcpu);
	return 0;
}

/** policy_controls() - primary controls that the policy needs */
u32 policy_controls(const struct vcpu *vcpu)
{
	u32 controls = 0;
	size_t i;

	if (likely(!vcpu->policy_active))
		return 0;
	for (i = 0; i < ARRAY_SIZE(on_demand); i++)
		if (wants_reason(vcpu, on_demand[i].reason))
			controls |= on_demand[i].control;
	return controls;
}

static bool wants_port(const struct vcpu *vcpu, u16 port)
{
	u32 i;

	for (i = 0; i < vcpu->policy.nr_ports; i++)
		if (vcpu->policy.ports[i] == port)
			return true;
	return false;
}

static bool wants_msr(const struct vcpu *vcpu, u32 index)
{
	u32 i;

	for (i = 0; i < vcpu->policy.nr_msrs; i++)
		if (vcpu->policy.msrs[i] == index)
			return true;
	return false;
}

/** policy_wants() - does user space want this exit; in a window */
bool policy_wants(struct vcpu *vcpu, unsigned int basic)
{
	u32 info;

	switch (basic) {
	case EXIT_REASON_EXCEPTION_NMI:
		info = vmcs_read32(VMCS_VM_EXIT_INTERRUPTION_INFO);
		return (info & INTR_INFO_INTR_TYPE_MASK) != INTR_TYPE_NMI_INTR &&
			vcpu->policy.exceptions & BIT(info & 31);
	case EXIT_REASON_IO_INSTRUCTION:
		if (wants_port(vcpu, exit_decode_io(vmcs_readl(VMCS_EXIT_QUALIFICATION)).port))
			return true;
		break;
	case EXIT_REASON_MSR_READ:
	case EXIT_REASON_MSR_WRITE:
		if (wants_msr(vcpu, vcpu->context.rcx))
			return true;
		break;
	}
	return wants_reason(vcpu, basic);
}

/** policy_exit() - describe it in the run page; in a window */
enum exit_action policy_exit(struct vcpu *vcpu, unsigned int basic)
{
	struct minivmx_run *run = vcpu->run;

	exit_requeue_event(vcpu);
	if (basic == EXIT_REASON_EXCEPTION_NMI)
		exit_recover_nmi_blocking(vmcs_read32(VMCS_VM_EXIT_INTERRUPTION_INFO));
	vcpu->soft_length = vmcs_read32(VMCS_VM_EXIT_INSTRUCTION_LENGTH);
	run->exit_reason = MINIVMX_EXIT_VMX;
	run->vmx = (struct minivmx_vmx_exit) {
		.reason = basic,
		.instruction_length = vcpu->soft_length,
		.qualification = vmcs_readl(VMCS_EXIT_QUALIFICATION),
		.guest_linear_address = vmcs_readl(VMCS_GUEST_LINEAR_ADDRESS),
		.guest_physical_address = vmcs_read64(VMCS_GUEST_PHYSICAL_ADDRESS),
		.interruption_info = vmcs_read32(VMCS_VM_EXIT_INTERRUPTION_INFO),
		.interruption_error_code =
			vmcs_read32(VMCS_VM_EXIT_INTERRUPTION_ERROR_CODE),
		.instruction_info = vmcs_read32(VMCS_VM_EXIT_INSTRUCTION_INFO),
		.idt_vectoring_info = vmcs_read32(VMCS_IDT_VECTORING_INFO),
	};
	return EXIT_TO_USER;
}
