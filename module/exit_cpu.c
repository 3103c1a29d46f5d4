// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions that the processor hands over, and that need no more than the
 * vCPU's own state.
 */
#include <asm/msr-index.h>
#include <asm/processor-flags.h>
#include <asm/traps.h>
#include <asm/vmx.h>

#include "exit.h"
#include "msr.h"
#include "sregs.h"
#include "vcpu.h"

/* Hypercalls of KVM's, and its answers. */
#define HYPERCALL_POLL_IRQ	1	/* of a local APIC in the kernel: none */
#define HYPERCALL_CLOCK_PAIRING	9
#define HYPERCALL_EPERM		1	/* user code made it */
#define HYPERCALL_EOPNOTSUPP	95
#define HYPERCALL_ENOSYS	1000

#define MISC_ENABLE_READ_ONLY \
	(MSR_IA32_MISC_ENABLE_BTS_UNAVAIL | MSR_IA32_MISC_ENABLE_PEBS_UNAVAIL)

/** exit_cpuid() - the answer comes from the vCPU's table */
enum exit_action exit_cpuid(struct vcpu *vcpu)
{
	cpuid_answer(vcpu);
	exit_skip_instruction(vcpu);
	return RESUME_GUEST;
}

/** exit_hlt() - nobody here could wake the guest: user space decides */
enum exit_action exit_hlt(struct vcpu *vcpu)
{
	exit_skip_instruction(vcpu);
	vcpu->run->exit_reason = MINIVMX_EXIT_HLT;
	return EXIT_TO_USER;
}

/**
 * exit_nop() - an instruction that has nothing to do here
 * @vcpu: the vCPU
 *
 * INVD, WBINVD: there is no device that could see what is in a cache. MONITOR,
 * MWAIT, as in KVM: an MWAIT may end at any time. PAUSE exits by policy only.
 */
enum exit_action exit_nop(struct vcpu *vcpu)
{
	exit_skip_instruction(vcpu);
	return RESUME_GUEST;
}

/** exit_undefined() - an instruction of VMX: the guest's processor has none */
enum exit_action exit_undefined(struct vcpu *vcpu)
{
	return exit_fault(vcpu, X86_TRAP_UD);
}

/** exit_rdpmc() - there are no performance counters */
enum exit_action exit_rdpmc(struct vcpu *vcpu)
{
	return exit_fault(vcpu, X86_TRAP_GP);
}

/** exit_vmcall() - hypercalls are user space's, if its exit policy says so */
enum exit_action exit_vmcall(struct vcpu *vcpu)
{
	bool is_64bit = exit_in_64bit_code();
	u64 number = vcpu->context.rax;
	long ret = -HYPERCALL_ENOSYS;

	/* Code below 64 bits sees, and leaves, 32 of them. */
	if (!is_64bit)
		number = (u32)number;
	if (VMX_AR_DPL(vmcs_read32(VMCS_GUEST_SS_ACCESS_RIGHTS)))
		ret = -HYPERCALL_EPERM;
	else if (number == HYPERCALL_POLL_IRQ)
		ret = 0;
	else if (number == HYPERCALL_CLOCK_PAIRING)
		ret = -HYPERCALL_EOPNOTSUPP;
	vcpu->context.rax = is_64bit ? ret : (u32)ret;
	exit_skip_instruction(vcpu);
	return RESUME_GUEST;
}

/** exit_rdmsr() - the guest reads an MSR that VM entry does not switch */
enum exit_action exit_rdmsr(struct vcpu *vcpu)
{
	u64 data;

	if (msr_read(vcpu, vcpu->context.rcx, &data))
		return exit_fault(vcpu, X86_TRAP_GP);
	vcpu->context.rax = lower_32_bits(data);
	vcpu->context.rdx = upper_32_bits(data);
	exit_skip_instruction(vcpu);
	return RESUME_GUEST;
}

/*
 * EFER of a guest that runs: LMA follows CR0.PG, and LME cannot change under
 * paging (SDM Vol. 3A, "Extended Feature Enable Register", 2.2.1).
 */
static bool write_efer(struct vcpu *vcpu, u64 efer)
{
	const u64 by_cpuid = EFER_NX | EFER_LME | EFER_LMA;
	u64 old = vmcs_read64(VMCS_GUEST_IA32_EFER);

	if (efer & ~SREGS_EFER || efer & by_cpuid & ~vcpu->cpuid.efer)
		return false;
	if ((efer ^ old) & EFER_LME && vmcs_readl(VMCS_GUEST_CR0) & X86_CR0_PG)
		return false;
	vmcs_write64(VMCS_GUEST_IA32_EFER, (efer & ~EFER_LMA) | (old & EFER_LMA));
	vcpu_follow_efer(vcpu, efer);
	return true;
}

/** exit_wrmsr() - the guest writes such an MSR */
enum exit_action exit_wrmsr(struct vcpu *vcpu)
{
	u64 data = (u32)vcpu->context.rax | vcpu->context.rdx << 32;
	u32 index = vcpu->context.rcx;
	bool ok;

	if (index == MSR_EFER)
		ok = write_efer(vcpu, data);
	else if (index == MSR_IA32_UCODE_REV)
		ok = true;	/* a guest cannot load microcode */
	else if (index == MSR_IA32_MISC_ENABLE)
		ok = !((data ^ vcpu->msrs.misc_enable) & MISC_ENABLE_READ_ONLY) &&
			!msr_write(vcpu, index, data & ~MSR_IA32_MISC_ENABLE_EMON);
	else
		ok = !msr_write(vcpu, index, data);
	if (!ok)
		return exit_fault(vcpu, X86_TRAP_GP);
	exit_skip_instruction(vcpu);
	/* The next window loads what this one has not. */
	return REOPEN_WINDOW;
}
