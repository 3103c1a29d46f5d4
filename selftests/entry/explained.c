// SPDX-License-Identifier: GPL-2.0
/*
 * Where the processor and the SDM differ, and why. docs/entry.md has the same list.
 */
#include <stdio.h>
#include <stdlib.h>

#include "entry.h"

#define RIGHTS_TYPE	0xf
#define RIGHTS_DPL(ar)	((ar) >> 5 & 3)

static uint64_t now(const struct base *base, const struct minivmx_entry_try *try,
		    uint32_t encoding)
{
	uint64_t value = base->value[field_index(encoding)];
	unsigned int i;

	for (i = 0; i < try->nr_fields; i++)
		if (try->fields[i].encoding == encoding)
			value = try->fields[i].value;
	return value;
}

/* Bochs compares the DPL of CS with the RPL of CS; the SDM, with the DPL of SS. */
static bool cs_rpl(const struct base *base, const struct minivmx_entry_try *try)
{
	uint64_t rights = now(base, try, VMCS_GUEST_CS_ACCESS_RIGHTS);
	unsigned int rpl = now(base, try, VMCS_GUEST_CS_SELECTOR) & 3;
	unsigned int type = rights & RIGHTS_TYPE;

	return ((type == 9 || type == 11) && rpl != RIGHTS_DPL(rights)) ||
		((type == 13 || type == 15) && rpl < RIGHTS_DPL(rights));
}

static bool pending_high(const struct base *base, const struct minivmx_entry_try *try)
{
	return !((uint32_t)now(base, try, VMCS_GUEST_PENDING_DEBUG_EXCEPTIONS) & 0xffffaff0);
}

static bool enters_smm(const struct base *base, const struct minivmx_entry_try *try)
{
	return now(base, try, VMCS_VM_ENTRY_CONTROLS) & 1 << 10;
}

/* In 64-bit mode, Bochs takes a null SS for one that is not usable. */
static bool null_ss(const struct base *base, const struct minivmx_entry_try *try)
{
	return now(base, try, VMCS_VM_ENTRY_CONTROLS) & 1 << 9 &&
		now(base, try, VMCS_GUEST_CS_ACCESS_RIGHTS) & 1 << 13 &&
		!(now(base, try, VMCS_GUEST_SS_SELECTOR) & ~3);
}

static bool nmi_after_sti(const struct base *base, const struct minivmx_entry_try *try)
{
	uint64_t info = now(base, try, VMCS_VM_ENTRY_INTERRUPTION_INFO);

	return info & 1U << 31 && (info >> 8 & 7) == 2 &&
		now(base, try, VMCS_GUEST_INTERRUPTIBILITY_STATE) & 1;
}

/* Of IA32_DEBUGCTL, KVM's guests may have LBR and BTF only. */
static bool kvm_debugctl(const struct base *base, const struct minivmx_entry_try *try)
{
	return now(base, try, VMCS_GUEST_IA32_DEBUGCTL) & ~3;
}

/* A guest that halts is not entered by KVM, and so not judged by a processor. */
static bool kvm_halts(const struct base *base, const struct minivmx_entry_try *try)
{
	return now(base, try, VMCS_GUEST_ACTIVITY_STATE) == 1 &&
		try->outcome == MINIVMX_ENTRY_ENTERED;
}

#define NO_RULE		ENTRY_NR_RULES		/* one that the SDM has not */
#define ANY_OF_GUEST	(ENTRY_NR_RULES + 1)
#define ANY_OF_SS	(ENTRY_NR_RULES + 2)

/* Rules that are checked otherwise, elsewhere, or not at all. Lane nested has Bochs, too. */
static const struct {
	unsigned int rule;
	bool nested;			/* only there */
	bool (*when)(const struct base *base, const struct minivmx_entry_try *try);
	const char *why;
} known[] = {
	{ NO_RULE, false, cs_rpl,
	  "Bochs wants the RPL of CS to be its DPL; in the SDM, that of SS counts" },
	{ NO_RULE, false, enters_smm,
	  "Bochs refuses entry to SMM by an exit, as if the guest's state were wrong" },
	{ NO_RULE, false, nmi_after_sti,
	  "Bochs injects no NMI where STI blocks: the SDM leaves that to the processor" },
	{ ENTRY_RULE_ENTRY_SMM, false, NULL, "the same, with other rules broken" },
	{ ENTRY_RULE_GUEST_CS_DPL, false, NULL,
	  "Bochs does not compare the DPL of CS with that of SS" },
	{ ANY_OF_SS, false, null_ss,
	  "Bochs does not check SS in 64-bit mode if its selector is null" },
	{ ENTRY_RULE_PENDING_RESERVED, false, pending_high,
	  "Bochs looks at bits 31:0 of the pending debug exceptions only" },
	{ ENTRY_RULE_HOST_PERF, false, NULL,
	  "Bochs has the control, but no performance counters: it ignores the host's field" },
	{ ENTRY_RULE_GUEST_PERF, false, NULL, "and the guest's" },
	{ ENTRY_RULE_GUEST_DEBUGCTL, false, NULL, "Bochs does not check IA32_DEBUGCTL" },
	{ ENTRY_RULE_GUEST_RIP_CANONICAL, false, NULL,
	  "Bochs does not check RIP in 64-bit mode" },
	{ ENTRY_RULE_GUEST_IA32E_PAGING, false, NULL,
	  "Bochs does not check that an IA-32e mode guest has CR0.PG" },
	{ ENTRY_RULE_GUEST_RFLAGS_VM, false, NULL,
	  "Bochs does not check that RFLAGS.VM is 0 in real mode" },
	{ ENTRY_RULE_ACTIVITY_INJECTED, false, NULL,
	  "Bochs does not check which events go with an activity state" },
	{ ENTRY_RULE_ACTIVITY_BLOCKED, false, NULL,
	  "Bochs does not check that a guest in HLT has no blocking by STI or MOV SS" },
	{ ENTRY_RULE_BLOCKING_NMI, false, NULL,
	  "Bochs does not check that NMIs are not blocked when one is injected" },
	{ ENTRY_RULE_PENDING_STEP, false, NULL,
	  "Bochs does not check whether a single step is pending" },
	{ NO_RULE, true, kvm_debugctl, "KVM's guests have LBR and BTF of IA32_DEBUGCTL only" },
	{ ENTRY_RULE_TSC_MULTIPLIER, true, NULL, "KVM does not check the TSC multiplier" },
	{ ENTRY_RULE_LINK_CURRENT, true, NULL,
	  "KVM takes the current VMCS for a link pointer" },
	{ ANY_OF_GUEST, true, kvm_halts,
	  "KVM lets a guest in HLT wait, and asks no processor whether it could enter" },
};

#define NR_KNOWN	(sizeof(known) / sizeof(known[0]))

static unsigned long counts[NR_KNOWN];

/* Rules that nothing here can break alone so that the processor notices. */
static const struct {
	enum entry_rule rule;
	const char *why;
	bool nested;			/* only there */
} out_of_reach[] = {
	{ ENTRY_RULE_VE_PAGE, "KVM's guests have no such control", true },
	{ ENTRY_RULE_ENTRY_SMM, "KVM's guests have no such control", true },
	{ ENTRY_RULE_GUEST_RESERVED, "KVM drops these bits at VMWRITE", true },
	{ ENTRY_RULE_ACTIVITY_HLT, "KVM lets a guest in HLT wait", true },
	{ ENTRY_RULE_ACTIVITY_BLOCKED, "KVM lets a guest in HLT wait", true },
	{ ENTRY_RULE_LINK_CURRENT, "KVM takes it for a link pointer", true },
	{ ENTRY_RULE_TSC_MULTIPLIER, "KVM does not check it", true },
	{ ENTRY_RULE_TERTIARY_CONTROLS, "no such control on these models" },
	{ ENTRY_RULE_POSTED_INTERRUPTS, "no such control on these models" },
	{ ENTRY_RULE_POSTED_VECTOR, "no such control on these models" },
	{ ENTRY_RULE_POSTED_DESCRIPTOR, "no such control on these models" },
	{ ENTRY_RULE_EPT_ACCESSED_DIRTY, "these models have accessed and dirty flags" },
	{ ENTRY_RULE_SPP_TABLE, "no such control on these models" },
	{ ENTRY_RULE_PT_GUEST_ADDRESSES, "no such control on these models" },
	{ ENTRY_RULE_SECONDARY_EXIT_CONTROLS, "no such control on these models" },
	{ ENTRY_RULE_HOST_CET, "no such control on these models" },
	{ ENTRY_RULE_HOST_PKRS, "no such control on these models" },
	{ ENTRY_RULE_GUEST_CET, "no such control on these models" },
	{ ENTRY_RULE_GUEST_PKRS, "no such control on these models" },
	{ ENTRY_RULE_GUEST_BNDCFGS, "no such control on these models" },
	{ ENTRY_RULE_HOST_SS_NULL, "a 64-bit host breaks HOST_SIZE with it" },
	{ ENTRY_RULE_HOST_32_BIT, "a 64-bit host breaks HOST_SIZE with it" },
	{ ENTRY_RULE_ACTIVITY_SMM, "outside of SMM, ENTRY_SMM is broken with it" },
	{ ENTRY_RULE_BLOCKING_ENCLAVE, "no SGX on these models" },
	{ ENTRY_RULE_PENDING_RTM, "no RTM on these models" },
	{ ENTRY_RULE_HOST_PERF, "Bochs does not check it" },
	{ ENTRY_RULE_GUEST_PERF, "Bochs does not check it" },
	{ ENTRY_RULE_GUEST_DEBUGCTL, "Bochs does not check it" },
	{ ENTRY_RULE_GUEST_RIP_CANONICAL, "Bochs does not check it" },
	{ ENTRY_RULE_GUEST_RFLAGS_VM, "Bochs does not check it" },
	{ ENTRY_RULE_ACTIVITY_INJECTED, "Bochs does not check it" },
	{ ENTRY_RULE_BLOCKING_NMI, "Bochs does not check it" },
	{ ENTRY_RULE_PENDING_STEP, "Bochs does not check it" },
};

bool is_nested(void)
{
	static int nested = -1;

	if (nested < 0)
		nested = !system("grep -qw hypervisor /proc/cpuinfo");
	return nested;
}

static bool is_of(unsigned int row, const struct minivmx_broken_rule *broken)
{
	switch (known[row].rule) {
	case ANY_OF_GUEST:
		return broken->rule >= ENTRY_RULE_GUEST_CR0;
	case ANY_OF_SS:
		return broken->field == VMCS_GUEST_SS_ACCESS_RIGHTS ||
			broken->field == VMCS_GUEST_SS_BASE;
	default:
		return broken->rule == known[row].rule;
	}
}

static int find(const struct base *base, const struct minivmx_entry_try *try,
		const struct minivmx_broken_rule *broken)
{
	unsigned int i;

	for (i = 0; i < NR_KNOWN; i++)
		if ((!known[i].nested || is_nested()) &&
		    (broken ? is_of(i, broken) : known[i].rule == NO_RULE) &&
		    (!known[i].when || known[i].when(base, try)))
			return i;
	return -1;
}

/**
 * explain() - is it known why they disagree
 * @base: what was changed
 * @try: how, and what came of it
 * @left: what the checker said, without the rules that this processor sees otherwise
 *
 * Return: true if @left is what to compare with the processor's verdict.
 */
bool explain(const struct base *base, const struct minivmx_entry_try *try,
	     struct minivmx_entry_try *left)
{
	unsigned int i, nr = 0;
	int row, first = -1;

	*left = *try;
	for (i = 0; i < try->nr_broken && i < MINIVMX_TRY_MAX_BROKEN; i++) {
		row = find(base, try, &try->broken[i]);
		if (row < 0)
			left->broken[nr++] = try->broken[i];
		else if (first < 0)
			first = row;
	}
	left->nr_broken = nr;
	/* One that the processor has and the SDM has not, or has elsewhere. */
	if (!nr && try->outcome == MINIVMX_ENTRY_FAIL_EXIT) {
		first = find(base, try, NULL);
		left->broken[0].rule = ENTRY_RULE_GUEST_CS_DPL;
		left->nr_broken = 1;
	}
	if (first < 0)
		return false;
	counts[first]++;
	return true;
}

/** explain_missing() - why a rule was not hit; NULL if nobody knows */
const char *explain_missing(enum entry_rule rule)
{
	unsigned int i;

	for (i = 0; i < sizeof(out_of_reach) / sizeof(out_of_reach[0]); i++)
		if (out_of_reach[i].rule == rule &&
		    (!out_of_reach[i].nested || is_nested()))
			return out_of_reach[i].why;
	return NULL;
}

/** explain_print() - what was explained, and how often */
void explain_print(void)
{
	unsigned int i;

	for (i = 0; i < NR_KNOWN; i++)
		if (counts[i])
			printf("# explained %lu times: %s\n", counts[i], known[i].why);
}
