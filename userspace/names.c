// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers into words.
 */
#include <stddef.h>
#include <asm/vmx.h>

#include "array_size.h"
#include "minivmx.h"
#include "names.h"

static const char *lookup(const char *const *table, size_t size, __u64 number,
			  const char *otherwise)
{
	return number < size && table[number] ? table[number] : otherwise;
}

/**
 * exit_name() - name of an exit of the API
 * @reason: MINIVMX_EXIT_*, or another that only KVM has
 *
 * Return: what follows MINIVMX_EXIT_ or KVM_EXIT_; "UNKNOWN" for others.
 */
const char *exit_name(__u32 reason)
{
	static const char *const names[] = {
		[MINIVMX_EXIT_UNKNOWN] = "UNKNOWN",
		[1] = "EXCEPTION",
		[MINIVMX_EXIT_IO] = "IO",
		[3] = "HYPERCALL",
		[MINIVMX_EXIT_DEBUG] = "DEBUG",
		[MINIVMX_EXIT_HLT] = "HLT",
		[MINIVMX_EXIT_MMIO] = "MMIO",
		[MINIVMX_EXIT_IRQ_WINDOW_OPEN] = "IRQ_WINDOW_OPEN",
		[MINIVMX_EXIT_SHUTDOWN] = "SHUTDOWN",
		[MINIVMX_EXIT_FAIL_ENTRY] = "FAIL_ENTRY",
		[MINIVMX_EXIT_INTR] = "INTR",
		[MINIVMX_EXIT_SET_TPR] = "SET_TPR",
		[16] = "NMI",
		[MINIVMX_EXIT_INTERNAL_ERROR] = "INTERNAL_ERROR",
		[24] = "SYSTEM_EVENT",
		[29] = "X86_RDMSR",
		[30] = "X86_WRMSR",
		[39] = "MEMORY_FAULT",
	};

	/* Far outside of KVM's numbers. */
	if (reason == MINIVMX_EXIT_VMX)
		return "VMX";
	if (reason == MINIVMX_EXIT_QUANTUM)
		return "QUANTUM";
	return lookup(names, ARRAY_SIZE(names), reason, "UNKNOWN");
}

/**
 * internal_error_text() - what the suberror of an INTERNAL_ERROR exit means
 * @suberror: minivmx_run.internal.suberror; minivmx has three, KVM four
 *
 * Return: what the hypervisor met.
 */
const char *internal_error_text(__u32 suberror)
{
	static const char *const texts[] = {
		[MINIVMX_INTERNAL_ERROR_EMULATION] = "an instruction that it cannot emulate",
		[2] = "two exceptions at once",
		[MINIVMX_INTERNAL_ERROR_DELIVERY_EV] = "an exit while it delivered an event",
		[MINIVMX_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON] =
			"an exit that it does not handle",
	};

	return lookup(texts, ARRAY_SIZE(texts), suberror, "an error that vmrun does not know");
}

/**
 * vmx_exit_name() - name of a basic exit reason of VMX
 * @reason: SDM Vol. 3D, "VMX Basic Exit Reasons", Appendix C, edition 083
 *
 * Return: what follows EXIT_REASON_ in <asm/vmx.h>; "UNKNOWN" for others.
 */
const char *vmx_exit_name(__u64 reason)
{
	static const struct {
		__u32 reason;
		const char *name;
	} names[] = { VMX_EXIT_REASONS };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].reason == reason)
			return names[i].name;
	return "UNKNOWN";
}

/**
 * vm_instruction_error_text() - what a VM-instruction error number means
 * @error: SDM Vol. 3C, "VM Instruction Error Numbers", 31.4, edition 083
 *
 * Return: a phrase.
 */
const char *vm_instruction_error_text(__u64 error)
{
	static const char *const texts[] = {
		[1] = "VMCALL in VMX root operation",
		[2] = "VMCLEAR of an address that is not valid",
		[3] = "VMCLEAR of the VMXON region",
		[4] = "VMLAUNCH of a VMCS that is not clear",
		[5] = "VMRESUME of a VMCS that is not launched",
		[6] = "VMRESUME after VMXOFF and VMXON",
		[7] = "a control field holds a value that is not allowed",
		[8] = "a host-state field holds a value that is not allowed",
		[9] = "VMPTRLD of an address that is not valid",
		[10] = "VMPTRLD of the VMXON region",
		[11] = "VMPTRLD of a region with another revision identifier",
		[12] = "VMREAD or VMWRITE of a field that does not exist",
		[13] = "VMWRITE to a read-only field",
		[15] = "VMXON in VMX root operation",
		[16] = "the executive-VMCS pointer is not valid",
		[17] = "the executive VMCS is not launched",
		[18] = "the executive-VMCS pointer is not the VMXON pointer",
		[19] = "VMCALL with a VMCS that is not clear",
		[20] = "VMCALL with invalid VM-exit controls",
		[22] = "VMCALL with another MSEG revision identifier",
		[23] = "VMXOFF while SMIs and SMM have two monitors",
		[24] = "VMCALL with invalid SMM-monitor features",
		[25] = "the VM-execution controls do not allow a return from SMM",
		[26] = "VM entry while MOV SS blocks events",
		[28] = "INVEPT or INVVPID with an operand that is not valid",
	};

	return lookup(texts, ARRAY_SIZE(texts), error, "a number without a meaning");
}
