// SPDX-License-Identifier: GPL-2.0
/*
 * Where the processor and the SDM differ, and why. docs/entry.md has the same list.
 */
#include <stdio.h>
#include <string.h>

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

/*
 * Rules that are checked otherwise, or not at all: all that the checker says is of
 * these, or it says nothing and @stricter holds.
 */
static const struct {
	enum entry_rule rule;		/* ENTRY_NR_RULES: none is broken */
	bool (*when)(const struct base *base, const struct minivmx_entry_try *try);
	const char *why;
} bochs[] = {
	{ ENTRY_NR_RULES, cs_rpl,
	  "Bochs wants the RPL of CS to be its DPL; in the SDM, that of SS counts" },
	{ ENTRY_RULE_GUEST_CS_DPL, NULL,
	  "Bochs does not compare the DPL of CS with that of SS" },
	{ ENTRY_RULE_PENDING_RESERVED, pending_high,
	  "Bochs looks at bits 31:0 of the pending debug exceptions only" },
	{ ENTRY_RULE_HOST_PERF, NULL,
	  "Bochs has the control, but no performance counters: it ignores the field" },
	{ ENTRY_RULE_GUEST_PERF, NULL, "the same, of the guest" },
	{ ENTRY_RULE_GUEST_DEBUGCTL, NULL, "Bochs does not check IA32_DEBUGCTL" },
	{ ENTRY_RULE_GUEST_RIP_CANONICAL, NULL,
	  "Bochs does not check RIP in 64-bit mode" },
	{ ENTRY_RULE_GUEST_IA32E_PAGING, NULL,
	  "Bochs does not check that an IA-32e mode guest has CR0.PG" },
};

#define NR_BOCHS	(sizeof(bochs) / sizeof(bochs[0]))

static unsigned long counts[NR_BOCHS];

static int find(const struct base *base, const struct minivmx_entry_try *try,
		enum entry_rule rule)
{
	unsigned int i;

	for (i = 0; i < NR_BOCHS; i++)
		if (bochs[i].rule == rule && (!bochs[i].when || bochs[i].when(base, try)))
			return i;
	return -1;
}

/**
 * explain() - is it known why they disagree
 * @base: what was changed
 * @try: how, and what came of it
 * @left: the rules that the processor is left to check, if the known ones are struck
 *	out of what the checker said
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
		row = find(base, try, try->broken[i].rule);
		if (row < 0)
			left->broken[nr++] = try->broken[i];
		else if (first < 0)
			first = row;
	}
	left->nr_broken = nr;
	/* One that the processor has and the SDM has not. */
	if (!nr && try->outcome == MINIVMX_ENTRY_FAIL_EXIT) {
		row = find(base, try, ENTRY_NR_RULES);
		if (row < 0)
			return false;
		left->broken[0].rule = ENTRY_RULE_GUEST_CS_DPL;
		left->nr_broken = 1;
		first = row;
	}
	if (first < 0)
		return false;
	counts[first]++;
	return true;
}

void explain_print(void)
{
	unsigned int i;

	for (i = 0; i < NR_BOCHS; i++)
		if (counts[i])
			printf("# explained %lu times: %s\n", counts[i], bochs[i].why);
}
