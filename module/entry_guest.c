// SPDX-License-Identifier: GPL-2.0
/*
 * What a VM entry checks of the guest's registers other than segments: SDM
 * Vol. 3C, 27.3.1.1, 27.3.1.3, 27.3.1.4 and 27.3.1.6, edition 083. A rule that is
 * broken is exit reason 33.
 */
#include <linux/bits.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "entry_check.h"

#define F(name)		ENTRY_FIELD(c, name)

static bool is_ia32e(const struct entry_check *c)
{
	return c->entry & VM_ENTRY_IA32E_MODE;
}

/* ------------------------- 27.3.1.1 -------------------------------------- */

u32 entry_GUEST_CR0(const struct entry_check *c)
{
	/* Neither entry nor exit changes CD and NW: they are not looked at. */
	u64 cr0 = F(GUEST_CR0), ignored = X86_CR0_CD | X86_CR0_NW;
	u64 must = c->cpu->msrs.cr0_fixed0;

	if (c->secondary & SECONDARY_EXEC_UNRESTRICTED_GUEST)
		must &= ~(u64)(X86_CR0_PE | X86_CR0_PG);
	return ENTRY_TEST(!(must & ~cr0 & ~ignored) &&
			  !(cr0 & ~c->cpu->msrs.cr0_fixed1 & ~ignored), GUEST_CR0);
}

u32 entry_GUEST_CR0_PAGING(const struct entry_check *c)
{
	return ENTRY_TEST(!(F(GUEST_CR0) & X86_CR0_PG) || F(GUEST_CR0) & X86_CR0_PE,
			  GUEST_CR0);
}

u32 entry_GUEST_CR4(const struct entry_check *c)
{
	u64 cr4 = F(GUEST_CR4);

	return ENTRY_TEST(!(c->cpu->msrs.cr4_fixed0 & ~cr4) &&
			  !(cr4 & ~c->cpu->msrs.cr4_fixed1) &&
			  !(cr4 & ENTRY_CR4_CET && !(F(GUEST_CR0) & X86_CR0_WP)), GUEST_CR4);
}

u32 entry_GUEST_DEBUGCTL(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->entry & VM_ENTRY_LOAD_DEBUG_CONTROLS) ||
			  !(F(GUEST_IA32_DEBUGCTL) & ~c->cpu->debugctl),
			  GUEST_IA32_DEBUGCTL);
}

u32 entry_GUEST_IA32E_PAGING(const struct entry_check *c)
{
	if (!is_ia32e(c))
		return ENTRY_HOLDS;
	if (!(F(GUEST_CR0) & X86_CR0_PG))
		return VMCS_GUEST_CR0;
	return ENTRY_TEST(F(GUEST_CR4) & X86_CR4_PAE, GUEST_CR4);
}

u32 entry_GUEST_PCIDE(const struct entry_check *c)
{
	return ENTRY_TEST(is_ia32e(c) || !(F(GUEST_CR4) & X86_CR4_PCIDE), GUEST_CR4);
}

u32 entry_GUEST_CR3(const struct entry_check *c)
{
	return ENTRY_TEST(!entry_above_width(c, F(GUEST_CR3)), GUEST_CR3);
}

u32 entry_GUEST_DR7(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->entry & VM_ENTRY_LOAD_DEBUG_CONTROLS) ||
			  !(F(GUEST_DR7) >> 32), GUEST_DR7);
}

u32 entry_GUEST_SYSENTER(const struct entry_check *c)
{
	if (!entry_canonical(c, F(GUEST_IA32_SYSENTER_ESP)))
		return VMCS_GUEST_IA32_SYSENTER_ESP;
	return ENTRY_TEST(entry_canonical(c, F(GUEST_IA32_SYSENTER_EIP)),
			  GUEST_IA32_SYSENTER_EIP);
}

u32 entry_GUEST_PERF(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->entry & VM_ENTRY_LOAD_IA32_PERF_GLOBAL_CTRL) ||
			  !(F(GUEST_IA32_PERF_GLOBAL_CTRL) & ~c->cpu->perf_global),
			  GUEST_IA32_PERF_GLOBAL_CTRL);
}

u32 entry_GUEST_PAT(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->entry & VM_ENTRY_LOAD_IA32_PAT) ||
			  entry_pat_valid(F(GUEST_IA32_PAT)), GUEST_IA32_PAT);
}

u32 entry_GUEST_EFER(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->entry & VM_ENTRY_LOAD_IA32_EFER) ||
			  !(F(GUEST_IA32_EFER) & ~c->cpu->efer), GUEST_IA32_EFER);
}

u32 entry_GUEST_EFER_LMA(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->entry & VM_ENTRY_LOAD_IA32_EFER) ||
			  !(F(GUEST_IA32_EFER) & EFER_LMA) == !is_ia32e(c),
			  GUEST_IA32_EFER);
}

u32 entry_GUEST_EFER_LME(const struct entry_check *c)
{
	u64 efer = F(GUEST_IA32_EFER);

	return ENTRY_TEST(!(c->entry & VM_ENTRY_LOAD_IA32_EFER) ||
			  !(F(GUEST_CR0) & X86_CR0_PG) ||
			  !(efer & EFER_LMA) == !(efer & EFER_LME), GUEST_IA32_EFER);
}

u32 entry_GUEST_BNDCFGS(const struct entry_check *c)
{
	u64 value = F(GUEST_IA32_BNDCFGS);

	return ENTRY_TEST(!(c->entry & VM_ENTRY_LOAD_BNDCFGS) ||
			  (!(value & GENMASK_ULL(11, 2)) && entry_canonical(c, value)),
			  GUEST_IA32_BNDCFGS);
}

u32 entry_GUEST_CET(const struct entry_check *c)
{
	if (!(c->entry & VMX_ENTRY_LOAD_CET))
		return ENTRY_HOLDS;
	if (!entry_cet_valid(c, F(GUEST_IA32_S_CET)))
		return VMCS_GUEST_IA32_S_CET;
	if (F(GUEST_SSP) & 3 || !entry_canonical(c, F(GUEST_SSP)))
		return VMCS_GUEST_SSP;
	return ENTRY_TEST(entry_canonical(c, F(GUEST_IA32_INTERRUPT_SSP_TABLE)),
			  GUEST_IA32_INTERRUPT_SSP_TABLE);
}

u32 entry_GUEST_PKRS(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->entry & VMX_ENTRY_LOAD_PKRS) || !(F(GUEST_IA32_PKRS) >> 32),
			  GUEST_IA32_PKRS);
}

/* ------------------------- 27.3.1.3 -------------------------------------- */

u32 entry_GUEST_TABLE_BASES(const struct entry_check *c)
{
	if (!entry_canonical(c, F(GUEST_GDTR_BASE)))
		return VMCS_GUEST_GDTR_BASE;
	return ENTRY_TEST(entry_canonical(c, F(GUEST_IDTR_BASE)), GUEST_IDTR_BASE);
}

u32 entry_GUEST_TABLE_LIMITS(const struct entry_check *c)
{
	if (F(GUEST_GDTR_LIMIT) >> 16)
		return VMCS_GUEST_GDTR_LIMIT;
	return ENTRY_TEST(!(F(GUEST_IDTR_LIMIT) >> 16), GUEST_IDTR_LIMIT);
}

/* ------------------------- 27.3.1.4 -------------------------------------- */

static bool is_64_bit(const struct entry_check *c)
{
	return is_ia32e(c) && F(GUEST_CS_ACCESS_RIGHTS) & VMX_AR_L_MASK;
}

u32 entry_GUEST_RIP_HIGH(const struct entry_check *c)
{
	return ENTRY_TEST(is_64_bit(c) || !(F(GUEST_RIP) >> 32), GUEST_RIP);
}

u32 entry_GUEST_RIP_CANONICAL(const struct entry_check *c)
{
	/* Bit N - 1 need not be like those above it: a quirk that the SDM names. */
	u64 above = (s64)F(GUEST_RIP) >> c->cpu->linear_bits;

	return ENTRY_TEST(!is_64_bit(c) || !above || !~above, GUEST_RIP);
}

u32 entry_GUEST_RFLAGS(const struct entry_check *c)
{
	const u64 reserved = GENMASK_ULL(63, 22) | BIT(15) | BIT(5) | BIT(3);

	return ENTRY_TEST(!(F(GUEST_RFLAGS) & reserved) &&
			  F(GUEST_RFLAGS) & X86_EFLAGS_FIXED, GUEST_RFLAGS);
}

u32 entry_GUEST_RFLAGS_VM(const struct entry_check *c)
{
	return ENTRY_TEST(!(F(GUEST_RFLAGS) & X86_EFLAGS_VM) ||
			  (!is_ia32e(c) && F(GUEST_CR0) & X86_CR0_PE), GUEST_RFLAGS);
}

u32 entry_GUEST_RFLAGS_IF(const struct entry_check *c)
{
	return ENTRY_TEST(!entry_injects(c, INTR_TYPE_EXT_INTR) ||
			  F(GUEST_RFLAGS) & X86_EFLAGS_IF, GUEST_RFLAGS);
}

/* ------------------------- 27.3.1.6 -------------------------------------- */

u32 entry_PDPTES(const struct entry_check *c)
{
	const u64 reserved = GENMASK_ULL(2, 1) | GENMASK_ULL(8, 5);
	unsigned int i;

	/* Without EPT they are in memory, where this does not look. */
	if (is_ia32e(c) || !(F(GUEST_CR0) & X86_CR0_PG) ||
	    !(F(GUEST_CR4) & X86_CR4_PAE) || !(c->secondary & SECONDARY_EXEC_ENABLE_EPT))
		return ENTRY_HOLDS;
	for (i = 0; i < 4; i++) {
		u64 pdpte = c->vmcs->value[VMCS_INDEX_GUEST_PDPTE_0 + i];

		if (pdpte & 1 && (pdpte & reserved || entry_above_width(c, pdpte)))
			return VMCS_GUEST_PDPTE_0 + 2 * i;
	}
	return ENTRY_HOLDS;
}
