// SPDX-License-Identifier: GPL-2.0
/*
 * What a VM entry checks of the guest's state that is no register, and of the MSRs
 * that it loads: SDM Vol. 3C, 27.3.1.5 and 27.4, edition 083. A rule that is broken
 * is exit reason 33, that of MSRs 34.
 */
#include <linux/bits.h>
#include <asm/msr-index.h>
#include <asm/page_types.h>
#include <asm/processor-flags.h>
#include <asm/traps.h>
#include <asm/vmx.h>

#include "entry_check.h"

/* IA32_VMX_MISC: activity states other than active; HLT is bit 6. */
#define MISC_ACTIVITY_SHIFT	6
/* Bit 31 of the revision identifier: it is a shadow VMCS. */
#define SHADOW_VMCS		BIT(31)

/* SDM Vol. 3C, "Guest Non-Register State", 25.4.2: pending debug exceptions. */
#define PENDING_BUS_LOCK	BIT(11)
#define PENDING_ENABLED		BIT(12)
#define PENDING_BS		BIT(14)
#define PENDING_RTM		BIT(16)

#define BLOCKED		(GUEST_INTR_STATE_STI | GUEST_INTR_STATE_MOV_SS)

#define F(name)		ENTRY_FIELD(c, name)

static bool blocked(const struct entry_check *c, u32 by)
{
	return F(GUEST_INTERRUPTIBILITY_STATE) & by;
}

u32 entry_ACTIVITY(const struct entry_check *c)
{
	u64 state = F(GUEST_ACTIVITY_STATE);

	return ENTRY_TEST(state == GUEST_ACTIVITY_ACTIVE ||
			  (state <= GUEST_ACTIVITY_WAIT_SIPI &&
			   c->cpu->msrs.misc >> MISC_ACTIVITY_SHIFT & BIT(state - 1)),
			  GUEST_ACTIVITY_STATE);
}

u32 entry_ACTIVITY_HLT(const struct entry_check *c)
{
	return ENTRY_TEST(F(GUEST_ACTIVITY_STATE) != GUEST_ACTIVITY_HLT ||
			  !VMX_AR_DPL(F(GUEST_SS_ACCESS_RIGHTS)), GUEST_ACTIVITY_STATE);
}

u32 entry_ACTIVITY_BLOCKED(const struct entry_check *c)
{
	return ENTRY_TEST(F(GUEST_ACTIVITY_STATE) == GUEST_ACTIVITY_ACTIVE ||
			  !blocked(c, BLOCKED), GUEST_ACTIVITY_STATE);
}

u32 entry_ACTIVITY_INJECTED(const struct entry_check *c)
{
	u32 vector = entry_injected(c) & INTR_INFO_VECTOR_MASK;
	bool machine_check = entry_injects(c, INTR_TYPE_HARD_EXCEPTION) && vector == X86_TRAP_MC;
	bool holds = true;

	if (!entry_injected(c))
		return ENTRY_HOLDS;
	switch (F(GUEST_ACTIVITY_STATE)) {
	case GUEST_ACTIVITY_HLT:
		holds = machine_check || entry_injects(c, INTR_TYPE_EXT_INTR) ||
			entry_injects(c, INTR_TYPE_NMI_INTR) ||
			(entry_injects(c, INTR_TYPE_HARD_EXCEPTION) && vector == X86_TRAP_DB) ||
			(entry_injects(c, INTR_TYPE_OTHER_EVENT) && !vector);
		break;
	case GUEST_ACTIVITY_SHUTDOWN:
		holds = machine_check || entry_injects(c, INTR_TYPE_NMI_INTR);
		break;
	case GUEST_ACTIVITY_WAIT_SIPI:
		holds = false;
		break;
	}
	return ENTRY_TEST(holds, GUEST_ACTIVITY_STATE);
}

u32 entry_ACTIVITY_SMM(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->entry & VM_ENTRY_SMM) ||
			  F(GUEST_ACTIVITY_STATE) != GUEST_ACTIVITY_WAIT_SIPI,
			  GUEST_ACTIVITY_STATE);
}

u32 entry_BLOCKING_RESERVED(const struct entry_check *c)
{
	u32 reserved = GENMASK(31, 5);

	if (!c->cpu->sgx)
		reserved |= GUEST_INTR_STATE_ENCLAVE_INTR;
	return ENTRY_TEST(!blocked(c, reserved), GUEST_INTERRUPTIBILITY_STATE);
}

u32 entry_BLOCKING_BOTH(const struct entry_check *c)
{
	return ENTRY_TEST((F(GUEST_INTERRUPTIBILITY_STATE) & BLOCKED) != BLOCKED,
			  GUEST_INTERRUPTIBILITY_STATE);
}

u32 entry_BLOCKING_STI(const struct entry_check *c)
{
	return ENTRY_TEST(!blocked(c, GUEST_INTR_STATE_STI) ||
			  F(GUEST_RFLAGS) & X86_EFLAGS_IF, GUEST_INTERRUPTIBILITY_STATE);
}

u32 entry_BLOCKING_INTERRUPT(const struct entry_check *c)
{
	return ENTRY_TEST(!entry_injects(c, INTR_TYPE_EXT_INTR) || !blocked(c, BLOCKED),
			  GUEST_INTERRUPTIBILITY_STATE);
}

u32 entry_BLOCKING_NMI_MOV_SS(const struct entry_check *c)
{
	return ENTRY_TEST(!entry_injects(c, INTR_TYPE_NMI_INTR) ||
			  !blocked(c, GUEST_INTR_STATE_MOV_SS),
			  GUEST_INTERRUPTIBILITY_STATE);
}

u32 entry_BLOCKING_SMI(const struct entry_check *c)
{
	return ENTRY_TEST(!blocked(c, GUEST_INTR_STATE_SMI), GUEST_INTERRUPTIBILITY_STATE);
}

u32 entry_BLOCKING_NMI(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->pin & PIN_BASED_VIRTUAL_NMIS) ||
			  !entry_injects(c, INTR_TYPE_NMI_INTR) ||
			  !blocked(c, GUEST_INTR_STATE_NMI), GUEST_INTERRUPTIBILITY_STATE);
}

u32 entry_BLOCKING_ENCLAVE(const struct entry_check *c)
{
	const u32 both = GUEST_INTR_STATE_ENCLAVE_INTR | GUEST_INTR_STATE_MOV_SS;

	return ENTRY_TEST((F(GUEST_INTERRUPTIBILITY_STATE) & both) != both,
			  GUEST_INTERRUPTIBILITY_STATE);
}

u32 entry_PENDING_RESERVED(const struct entry_check *c)
{
	u64 reserved = GENMASK_ULL(63, 17) | BIT(15) | BIT(13) | GENMASK(10, 4);

	if (!c->cpu->bus_lock)
		reserved |= PENDING_BUS_LOCK;
	if (!c->cpu->rtm)
		reserved |= PENDING_RTM;
	return ENTRY_TEST(!(F(GUEST_PENDING_DEBUG_EXCEPTIONS) & reserved),
			  GUEST_PENDING_DEBUG_EXCEPTIONS);
}

u32 entry_PENDING_STEP(const struct entry_check *c)
{
	bool steps = F(GUEST_RFLAGS) & X86_EFLAGS_TF &&
		!(F(GUEST_IA32_DEBUGCTL) & DEBUGCTLMSR_BTF);
	bool pending = F(GUEST_PENDING_DEBUG_EXCEPTIONS) & PENDING_BS;

	return ENTRY_TEST((!blocked(c, BLOCKED) &&
			   F(GUEST_ACTIVITY_STATE) != GUEST_ACTIVITY_HLT) ||
			  pending == steps, GUEST_PENDING_DEBUG_EXCEPTIONS);
}

u32 entry_PENDING_RTM(const struct entry_check *c)
{
	const u64 clear = GENMASK(11, 0) | GENMASK(15, 13);
	u64 pending = F(GUEST_PENDING_DEBUG_EXCEPTIONS);

	if (!c->cpu->rtm || !(pending & PENDING_RTM))
		return ENTRY_HOLDS;
	return ENTRY_TEST(pending & PENDING_ENABLED && !(pending & clear) &&
			  !blocked(c, GUEST_INTR_STATE_MOV_SS),
			  GUEST_PENDING_DEBUG_EXCEPTIONS);
}

static bool has_link(const struct entry_check *c)
{
	return ~F(VMCS_LINK_POINTER);
}

u32 entry_LINK_POINTER(const struct entry_check *c)
{
	u64 link = F(VMCS_LINK_POINTER);

	return ENTRY_TEST(!has_link(c) ||
			  (!(link & ~PAGE_MASK) && !entry_above_width(c, link)),
			  VMCS_LINK_POINTER);
}

u32 entry_LINK_REVISION(const struct entry_check *c)
{
	u32 revision = c->cpu->msrs.basic & GENMASK(30, 0);

	if (c->secondary & SECONDARY_EXEC_SHADOW_VMCS)
		revision |= SHADOW_VMCS;
	return ENTRY_TEST(!has_link(c) || c->memory->link < 0 ||
			  c->memory->link == revision, VMCS_LINK_POINTER);
}

u32 entry_LINK_CURRENT(const struct entry_check *c)
{
	return ENTRY_TEST(!has_link(c) || F(VMCS_LINK_POINTER) != c->memory->current_vmcs,
			  VMCS_LINK_POINTER);
}

/* ------------------------- 27.4 ------------------------------------------ */

/** entry_msr_valid() - may it be in a VM-entry MSR-load area */
bool entry_msr_valid(const struct entry_msr *msr)
{
	/* What WRMSR takes is the processor's secret. */
	return !msr->reserved && msr->index != MSR_FS_BASE &&
		msr->index != MSR_GS_BASE && msr->index >> 8 != 8;
}

u32 entry_MSR_LOAD(const struct entry_check *c)
{
	u32 i;

	for (i = 0; i < c->memory->nr_msrs; i++)
		if (!entry_msr_valid(&c->memory->msrs[i]))
			return VMCS_VM_ENTRY_MSR_LOAD_ADDRESS;
	return ENTRY_HOLDS;
}
