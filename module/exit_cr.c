// SPDX-License-Identifier: GPL-2.0
/*
 * Control registers: what the guest may not write without us.
 *
 * Most bits of CR0 and CR4 are the guest's own, and so is CR3. A write that
 * changes a bit of ours exits. Once that bit is settled, the instruction is
 * executed again: now it changes none of ours, so it does not exit, and the
 * processor does the rest, which is to load PDPTEs, to enter or leave long mode,
 * and to check all that (SDM Vol. 3C, "Changes to Instruction Behavior in VMX
 * Non-Root Operation", 26.3, edition 083).
 */
#include <asm/msr-index.h>
#include <asm/processor-flags.h>
#include <asm/traps.h>
#include <asm/vmx.h>

#include "exit.h"
#include "exit_decode.h"
#include "vcpu.h"

/*
 * What makes MOV to CR0 fault, but for PDPTEs that are not valid. The processor
 * checks it too, but then our bits have changed already. SDM Vol. 2B, "MOV -
 * Move to/from Control Registers", edition 083.
 */
static bool cr0_faults(u64 old, u64 value)
{
	u64 cr4 = vmcs_readl(VMCS_GUEST_CR4);
	bool paging = value & X86_CR0_PG;

	if (upper_32_bits(value) || (paging && !(value & X86_CR0_PE)) ||
	    (value & X86_CR0_NW && !(value & X86_CR0_CD)))
		return true;
	if (!((old ^ value) & X86_CR0_PG))
		return false;
	if (!paging)
		return exit_in_64bit_code() || cr4 & X86_CR4_PCIDE;
	return vmcs_read64(VMCS_GUEST_IA32_EFER) & EFER_LME &&
		(!(cr4 & X86_CR4_PAE) ||
		 vmcs_read32(VMCS_GUEST_CS_ACCESS_RIGHTS) & VMX_AR_L_MASK);
}

static bool cr4_faults(const struct vcpu *vcpu, u64 old, u64 value)
{
	bool long_mode = vmcs_read64(VMCS_GUEST_IA32_EFER) & EFER_LMA;

	if (value & ~vcpu->cpuid.cr4 || (long_mode && !(value & X86_CR4_PAE)))
		return true;
	return value & ~old & X86_CR4_PCIDE &&
		(!long_mode || vmcs_readl(VMCS_GUEST_CR3) & ~PAGE_MASK);
}

static enum exit_action guest_write_cr0(struct vcpu *vcpu, u64 value)
{
	if (cr0_faults(vmcs_readl(VMCS_GUEST_CR0), value))
		return exit_fault(vcpu, X86_TRAP_GP);
	vmcs_writel(VMCS_CR0_READ_SHADOW, value);
	return RESUME_GUEST;
}

static enum exit_action guest_write_cr4(struct vcpu *vcpu, u64 value)
{
	u64 real = vmcs_readl(VMCS_GUEST_CR4);

	if (cr4_faults(vcpu, real, value))
		return exit_fault(vcpu, X86_TRAP_GP);
	vmcs_writel(VMCS_CR4_READ_SHADOW, value);
	if (!((real ^ value) & X86_CR4_OSXSAVE))
		return RESUME_GUEST;
	/* The next window loads the guest's XCR0, or does no more. */
	vmcs_writel(VMCS_GUEST_CR4, real ^ X86_CR4_OSXSAVE);
	vcpu->fpu.osxsave = value & X86_CR4_OSXSAVE;
	return REOPEN_WINDOW;
}

/* CR8 is the task-priority register of an APIC that user space may have. */
static enum exit_action guest_write_cr8(struct vcpu *vcpu, u64 value)
{
	u64 old = vcpu->sregs.cr8;

	if (value > 15)
		return exit_fault(vcpu, X86_TRAP_GP);
	vcpu->sregs.cr8 = value;
	exit_skip_instruction(vcpu);
	if (value >= old)
		return RESUME_GUEST;
	vcpu->run->exit_reason = MINIVMX_EXIT_SET_TPR;
	return EXIT_TO_USER;
}

/** exit_cr_access() - MOV to CR0, CR4 or CR8, or from CR8 */
enum exit_action exit_cr_access(struct vcpu *vcpu)
{
	u64 qualification = vmcs_readl(VMCS_EXIT_QUALIFICATION);
	struct exit_cr_info cr = exit_decode_cr(qualification);
	u64 value = exit_gpr(vcpu, cr.gpr);

	if (unlikely(upper_32_bits(value)) && !exit_in_64bit_code())
		value = (u32)value;
	if (cr.type == EXIT_CR_WRITE && cr.number == 0)
		return guest_write_cr0(vcpu, value);
	if (cr.type == EXIT_CR_WRITE && cr.number == 4)
		return guest_write_cr4(vcpu, value);
	if (cr.type == EXIT_CR_WRITE && cr.number == 8)
		return guest_write_cr8(vcpu, value);
	if (cr.type == EXIT_CR_READ && cr.number == 8) {
		exit_set_gpr(vcpu, cr.gpr, vcpu->sregs.cr8);
		exit_skip_instruction(vcpu);
		return RESUME_GUEST;
	}
	/* CLTS and LMSW change bits of the guest's own only. */
	return exit_unexpected(vcpu);
}

/** exit_xsetbv() - the guest writes XCR0 */
enum exit_action exit_xsetbv(struct vcpu *vcpu)
{
	u64 value = (u32)vcpu->context.rax | vcpu->context.rdx << 32;

	if ((u32)vcpu->context.rcx || !guest_fpu_xcr0_valid(vcpu, value))
		return exit_fault(vcpu, X86_TRAP_GP);
	vcpu->fpu.xcr0 = value;
	exit_skip_instruction(vcpu);
	return REOPEN_WINDOW;
}
