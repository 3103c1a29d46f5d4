// SPDX-License-Identifier: GPL-2.0
/*
 * What a VM entry checks of the event that it injects: SDM Vol. 3C, "VM-Entry Control
 * Fields", 27.2.1.3, edition 083. A rule that is broken is VM-instruction error 7.
 */
#include <linux/bits.h>
#include <asm/processor-flags.h>
#include <asm/traps.h>
#include <asm/vmx.h>

#include "entry_check.h"

/* IA32_VMX_BASIC: any exception may come with an error code or without. */
#define BASIC_ANY_ERROR_CODE	BIT_ULL(56)

#define F(name)		ENTRY_FIELD(c, name)

u32 entry_INJECTED_TYPE(const struct entry_check *c)
{
	bool has_mtf = c->cpu->msrs.ctl[VMX_CTL_PRIMARY] >> 32 &
		CPU_BASED_MONITOR_TRAP_FLAG;

	return ENTRY_TEST(!entry_injects(c, INTR_TYPE_RESERVED) &&
			  (has_mtf || !entry_injects(c, INTR_TYPE_OTHER_EVENT)),
			  VM_ENTRY_INTERRUPTION_INFO);
}

u32 entry_INJECTED_VECTOR(const struct entry_check *c)
{
	u32 vector = entry_injected(c) & INTR_INFO_VECTOR_MASK;

	return ENTRY_TEST(!(entry_injects(c, INTR_TYPE_NMI_INTR) && vector != X86_TRAP_NMI) &&
			  !(entry_injects(c, INTR_TYPE_HARD_EXCEPTION) && vector > 31) &&
			  !(entry_injects(c, INTR_TYPE_OTHER_EVENT) && vector),
			  VM_ENTRY_INTERRUPTION_INFO);
}

u32 entry_INJECTED_ERROR_CODE(const struct entry_check *c)
{
	const u32 with_code = BIT(X86_TRAP_DF) | BIT(X86_TRAP_TS) | BIT(X86_TRAP_NP) |
		BIT(X86_TRAP_SS) | BIT(X86_TRAP_GP) | BIT(X86_TRAP_PF) | BIT(X86_TRAP_AC);
	bool protected = !(c->secondary & SECONDARY_EXEC_UNRESTRICTED_GUEST) ||
		F(GUEST_CR0) & X86_CR0_PE;
	u32 vector = entry_injected(c) & INTR_INFO_VECTOR_MASK;
	bool deliver = entry_injected(c) & INTR_INFO_DELIVER_CODE_MASK;
	bool may = protected && entry_injects(c, INTR_TYPE_HARD_EXCEPTION);

	if (!entry_injected(c))
		return ENTRY_HOLDS;
	if (may && c->cpu->msrs.basic & BASIC_ANY_ERROR_CODE)
		return ENTRY_HOLDS;
	return ENTRY_TEST(deliver == (may && vector < 32 && with_code & BIT(vector)),
			  VM_ENTRY_INTERRUPTION_INFO);
}

u32 entry_INJECTED_RESERVED(const struct entry_check *c)
{
	return ENTRY_TEST(!(entry_injected(c) & GENMASK(30, 12)), VM_ENTRY_INTERRUPTION_INFO);
}

u32 entry_INJECTED_ERROR_BITS(const struct entry_check *c)
{
	return ENTRY_TEST(!(entry_injected(c) & INTR_INFO_DELIVER_CODE_MASK) ||
			  !(F(VM_ENTRY_EXCEPTION_ERROR_CODE) >> 16),
			  VM_ENTRY_EXCEPTION_ERROR_CODE);
}

u32 entry_INJECTED_LENGTH(const struct entry_check *c)
{
	u64 length = F(VM_ENTRY_INSTRUCTION_LENGTH);
	u64 least = c->cpu->msrs.misc & VMX_MISC_ZERO_LEN_INS ? 0 : 1;

	if (!entry_injects(c, INTR_TYPE_SOFT_INTR) && !entry_injects(c, INTR_TYPE_SOFT_EXCEPTION) &&
	    !entry_injects(c, INTR_TYPE_PRIV_SW_EXCEPTION))
		return ENTRY_HOLDS;
	return ENTRY_TEST(length >= least && length <= 15, VM_ENTRY_INSTRUCTION_LENGTH);
}
