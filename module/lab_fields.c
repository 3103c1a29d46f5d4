// SPDX-License-Identifier: GPL-2.0
/*
 * Which changes of a VMCS the host survives if the entry succeeds. The guest does not
 * execute an instruction after such an entry, and is left at once: what matters is
 * what entry and exit themselves load, store and do.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <asm/page_types.h>
#include <asm/traps.h>
#include <asm/vmx.h>

#include "lab.h"
#include "snapshot.h"

/*
 * Interrupts do not end shutdown, and nothing but a SIPI ends the state that waits for
 * one: should the processor enter against all expectation, the CPU is lost.
 */
static bool comes_back(u64 activity)
{
	return activity <= GUEST_ACTIVITY_HLT || activity > GUEST_ACTIVITY_WAIT_SIPI;
}

/* A control word may have other bits than before, but @keep, and none of @never. */
static const struct {
	enum vmcs_index index;
	u32 keep, never;
} words[] = {
	/* What ends the guest, and what the host would not get. */
	{ VMCS_INDEX_PIN_EXEC_CONTROLS,
	  PIN_BASED_EXT_INTR_MASK | PIN_BASED_NMI_EXITING | PIN_BASED_VMX_PREEMPTION_TIMER,
	  PIN_BASED_POSTED_INTR },
	/* Without EPT, the guest's memory would be the host's; the others write to it. */
	{ VMCS_INDEX_PRIMARY_EXEC_CONTROLS, CPU_BASED_ACTIVATE_SECONDARY_CONTROLS,
	  CPU_BASED_ACTIVATE_TERTIARY_CONTROLS },
	{ VMCS_INDEX_SECONDARY_EXEC_CONTROLS, SECONDARY_EXEC_ENABLE_EPT,
	  SECONDARY_EXEC_VIRTUAL_INTR_DELIVERY | SECONDARY_EXEC_APIC_REGISTER_VIRT |
	  SECONDARY_EXEC_ENABLE_PML | SECONDARY_EXEC_PT_USE_GPA |
	  VMX_SECONDARY_EPT_VIOLATION_VE | VMX_SECONDARY_SUB_PAGE_WRITE },
	/* An acknowledged interrupt is lost; the rest would leave the guest's MSRs. */
	{ VMCS_INDEX_PRIMARY_VM_EXIT_CONTROLS,
	  VM_EXIT_HOST_ADDR_SPACE_SIZE | VM_EXIT_LOAD_IA32_EFER | VM_EXIT_LOAD_IA32_PAT |
	  VM_EXIT_LOAD_IA32_PERF_GLOBAL_CTRL,
	  VM_EXIT_ACK_INTR_ON_EXIT | VM_EXIT_CLEAR_BNDCFGS | VM_EXIT_CLEAR_IA32_RTIT_CTL |
	  GENMASK(31, 26) },
	{ VMCS_INDEX_VM_ENTRY_CONTROLS, 0,
	  VM_ENTRY_LOAD_BNDCFGS | VM_ENTRY_LOAD_IA32_RTIT_CTL | GENMASK(31, 19) },
};

/* Exceptions that could follow each other without end, and the host's #MC. */
#define EXCEPTIONS_KEPT	(BIT(X86_TRAP_DB) | BIT(X86_TRAP_AC) | BIT(X86_TRAP_MC))

/* Fields that must not change, unless the entry fails. */
static const enum vmcs_index fixed[] = {
	VMCS_INDEX_VIRTUAL_APIC_ADDRESS,	/* VTPR is read there */
	VMCS_INDEX_VM_EXIT_MSR_STORE_COUNT, VMCS_INDEX_VM_EXIT_MSR_LOAD_COUNT,
	VMCS_INDEX_VM_ENTRY_MSR_LOAD_COUNT,
	VMCS_INDEX_VMCS_LINK_POINTER,
	VMCS_INDEX_VMX_PREEMPTION_TIMER_VALUE,
};

/* Host state that lab.c puts back; the CPU would not come back from the rest. */
static const enum vmcs_index put_back[] = {
	VMCS_INDEX_HOST_ES_SELECTOR, VMCS_INDEX_HOST_DS_SELECTOR,
	VMCS_INDEX_HOST_FS_SELECTOR, VMCS_INDEX_HOST_FS_BASE,
	VMCS_INDEX_HOST_IA32_SYSENTER_CS, VMCS_INDEX_HOST_IA32_SYSENTER_ESP,
	VMCS_INDEX_HOST_IA32_SYSENTER_EIP, VMCS_INDEX_HOST_IA32_PAT,
	VMCS_INDEX_HOST_IA32_PERF_GLOBAL_CTRL,
};

static bool is_in(int index, const enum vmcs_index *list, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (list[i] == index)
			return true;
	return false;
}

static bool is_host_state(int index)
{
	return index >= VMCS_INDEX_HOST_ES_SELECTOR;
}

static bool may_change(int index, u64 old, u64 new)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i].index == index)
			return !(old & words[i].keep & ~new) &&
				!(new & ~old & words[i].never);
	switch (index) {
	case VMCS_INDEX_EXCEPTION_BITMAP:
		return !(old & EXCEPTIONS_KEPT & ~new);
	case VMCS_INDEX_EPT_POINTER:
		/* With five levels, a page of the guest's would be taken for a table. */
		return !((old ^ new) & (PAGE_MASK | VMX_EPTP_PWL_MASK));
	}
	if (is_host_state(index))
		return is_in(index, put_back, ARRAY_SIZE(put_back));
	return !is_in(index, fixed, ARRAY_SIZE(fixed));
}

static bool is_to_blame(int index, const struct entry_broken *broken, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (broken[i].field == snapshot_encoding(index))
			return true;
	return false;
}

/**
 * lab_may_enter() - does the host survive this entry
 * @before: the VMCS as minivmx made it
 * @after: the VMCS with the changes
 * @broken: rules that the entry breaks; none if it will succeed
 * @nr: how many
 *
 * A field for which the processor will refuse the entry is never loaded. The others have
 * to be harmless: should the processor see it otherwise, it enters with them.
 */
bool lab_may_enter(const struct vmcs_snapshot *before, const struct vmcs_snapshot *after,
		   const struct entry_broken *broken, unsigned int nr)
{
	int i;

	for (i = 0; i < VMCS_NR_FIELDS; i++) {
		if (before->value[i] == after->value[i])
			continue;
		if (i == VMCS_INDEX_GUEST_ACTIVITY_STATE && !comes_back(after->value[i]))
			return false;
		if (!is_to_blame(i, broken, nr) &&
		    !may_change(i, before->value[i], after->value[i]))
			return false;
	}
	return true;
}
