// SPDX-License-Identifier: GPL-2.0
/*
 * What a VM entry checks of the host state, which the next exit will load: SDM
 * Vol. 3C, 27.2.2 to 27.2.4, edition 083. A rule that is broken is VM-instruction
 * error 8.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "entry_check.h"

#define F(name)		ENTRY_FIELD(c, name)

static bool is_64_bit(const struct entry_check *c)
{
	return c->exit & VM_EXIT_HOST_ADDR_SPACE_SIZE;
}

/* ------------------------- 27.2.2 ---------------------------------------- */

u32 entry_HOST_CR0(const struct entry_check *c)
{
	/* Neither entry nor exit changes CD and NW: they are not looked at. */
	u64 cr0 = F(HOST_CR0), ignored = X86_CR0_CD | X86_CR0_NW;

	return ENTRY_TEST(!(c->cpu->msrs.cr0_fixed0 & ~cr0 & ~ignored) &&
			  !(cr0 & ~c->cpu->msrs.cr0_fixed1 & ~ignored), HOST_CR0);
}

u32 entry_HOST_CR4(const struct entry_check *c)
{
	u64 cr4 = F(HOST_CR4);

	return ENTRY_TEST(!(c->cpu->msrs.cr4_fixed0 & ~cr4) &&
			  !(cr4 & ~c->cpu->msrs.cr4_fixed1) &&
			  !(cr4 & ENTRY_CR4_CET && !(F(HOST_CR0) & X86_CR0_WP)), HOST_CR4);
}

u32 entry_HOST_CR3(const struct entry_check *c)
{
	return ENTRY_TEST(!entry_above_width(c, F(HOST_CR3)), HOST_CR3);
}

u32 entry_HOST_SYSENTER(const struct entry_check *c)
{
	if (!entry_canonical(c, F(HOST_IA32_SYSENTER_ESP)))
		return VMCS_HOST_IA32_SYSENTER_ESP;
	return ENTRY_TEST(entry_canonical(c, F(HOST_IA32_SYSENTER_EIP)),
			  HOST_IA32_SYSENTER_EIP);
}

u32 entry_HOST_PERF(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->exit & VM_EXIT_LOAD_IA32_PERF_GLOBAL_CTRL) ||
			  !(F(HOST_IA32_PERF_GLOBAL_CTRL) & ~c->cpu->perf_global),
			  HOST_IA32_PERF_GLOBAL_CTRL);
}

u32 entry_HOST_PAT(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->exit & VM_EXIT_LOAD_IA32_PAT) ||
			  entry_pat_valid(F(HOST_IA32_PAT)), HOST_IA32_PAT);
}

u32 entry_HOST_EFER(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->exit & VM_EXIT_LOAD_IA32_EFER) ||
			  !(F(HOST_IA32_EFER) & ~c->cpu->efer), HOST_IA32_EFER);
}

u32 entry_HOST_EFER_MODE(const struct entry_check *c)
{
	const u64 both = EFER_LMA | EFER_LME;

	return ENTRY_TEST(!(c->exit & VM_EXIT_LOAD_IA32_EFER) ||
			  (F(HOST_IA32_EFER) & both) == (is_64_bit(c) ? both : 0),
			  HOST_IA32_EFER);
}

u32 entry_HOST_CET(const struct entry_check *c)
{
	if (!(c->exit & VMX_EXIT_LOAD_CET))
		return ENTRY_HOLDS;
	if (!entry_cet_valid(c, F(HOST_IA32_S_CET)))
		return VMCS_HOST_IA32_S_CET;
	if (F(HOST_SSP) & 3 || !entry_canonical(c, F(HOST_SSP)))
		return VMCS_HOST_SSP;
	return ENTRY_TEST(entry_canonical(c, F(HOST_IA32_INTERRUPT_SSP_TABLE)),
			  HOST_IA32_INTERRUPT_SSP_TABLE);
}

u32 entry_HOST_PKRS(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->exit & VMX_EXIT_LOAD_PKRS) || !(F(HOST_IA32_PKRS) >> 32),
			  HOST_IA32_PKRS);
}

/* ------------------------- 27.2.3 ---------------------------------------- */

u32 entry_HOST_SELECTORS(const struct entry_check *c)
{
	unsigned int i;

	for (i = VMCS_INDEX_HOST_ES_SELECTOR; i <= VMCS_INDEX_HOST_TR_SELECTOR; i++)
		if (c->vmcs->value[i] & 7)
			return VMCS_HOST_ES_SELECTOR +
				2 * (i - VMCS_INDEX_HOST_ES_SELECTOR);
	return ENTRY_HOLDS;
}

u32 entry_HOST_CS_NULL(const struct entry_check *c)
{
	return ENTRY_TEST(F(HOST_CS_SELECTOR), HOST_CS_SELECTOR);
}

u32 entry_HOST_TR_NULL(const struct entry_check *c)
{
	return ENTRY_TEST(F(HOST_TR_SELECTOR), HOST_TR_SELECTOR);
}

u32 entry_HOST_SS_NULL(const struct entry_check *c)
{
	return ENTRY_TEST(is_64_bit(c) || F(HOST_SS_SELECTOR), HOST_SS_SELECTOR);
}

u32 entry_HOST_BASES(const struct entry_check *c)
{
	unsigned int i;

	for (i = VMCS_INDEX_HOST_FS_BASE; i <= VMCS_INDEX_HOST_IDTR_BASE; i++)
		if (!entry_canonical(c, c->vmcs->value[i]))
			return VMCS_HOST_FS_BASE + 2 * (i - VMCS_INDEX_HOST_FS_BASE);
	return ENTRY_HOLDS;
}

/* ------------------------- 27.2.4 ---------------------------------------- */

u32 entry_HOST_SIZE(const struct entry_check *c)
{
	return ENTRY_TEST(is_64_bit(c) == c->cpu->ia32e, PRIMARY_VM_EXIT_CONTROLS);
}

u32 entry_HOST_32_BIT(const struct entry_check *c)
{
	if (is_64_bit(c))
		return ENTRY_HOLDS;
	if (c->entry & VM_ENTRY_IA32E_MODE)
		return VMCS_VM_ENTRY_CONTROLS;
	if (F(HOST_CR4) & X86_CR4_PCIDE)
		return VMCS_HOST_CR4;
	return ENTRY_TEST(!(F(HOST_RIP) >> 32), HOST_RIP);
}

u32 entry_HOST_PAE(const struct entry_check *c)
{
	return ENTRY_TEST(!is_64_bit(c) || F(HOST_CR4) & X86_CR4_PAE, HOST_CR4);
}

u32 entry_HOST_RIP(const struct entry_check *c)
{
	return ENTRY_TEST(!is_64_bit(c) || entry_canonical(c, F(HOST_RIP)), HOST_RIP);
}
