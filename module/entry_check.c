// SPDX-License-Identifier: GPL-2.0
/*
 * Would the processor enter this guest: every rule of entry_rules.h in turn.
 *
 * This file and those of the predicates (entry_controls.c, entry_event.c,
 * entry_host.c, entry_guest.c, entry_segment.c, entry_nonreg.c) are pure: they see a
 * copy of the VMCS and of the capability MSRs, and touch no register.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <asm/vmx.h>

#include "entry_check.h"

static const struct {
	u32 (*test)(const struct entry_check *c);
	enum entry_section section;
} rules[] = {
#define R(name, section, what, mend)	{ entry_##name, ENTRY_SECTION_##section },
	ENTRY_RULES(R)
#undef R
};

/** entry_pat_valid() - is each byte of an IA32_PAT a memory type */
bool entry_pat_valid(u64 pat)
{
	int i;

	/* 2 and 3 are none (SDM Vol. 3A, "IA32_PAT MSR", 12.12.2, edition 083). */
	for (i = 0; i < 64; i += 8)
		if ((pat >> i & 0xff) > 7 || (pat >> i & 6) == 2)
			return false;
	return true;
}

/** entry_cet_valid() - is it a value that IA32_S_CET can have */
bool entry_cet_valid(const struct entry_check *c, u64 s_cet)
{
	/* Bits 9:6 are reserved; SUPPRESS and TRACKER exclude each other. */
	return !(s_cet & GENMASK(9, 6)) && (s_cet >> 10 & 3) != 3 &&
		entry_canonical(c, s_cet);
}

/** entry_rule_section() - where in the SDM a rule stands */
enum entry_section entry_rule_section(enum entry_rule rule)
{
	return rules[rule].section;
}

/**
 * entry_check() - which rules does a VM entry break
 * @vmcs: the VMCS
 * @cpu: the processor
 * @memory: what the entry would read in memory
 * @broken: filled in, in the SDM's order
 * @room: entries that @broken has
 *
 * Return: how many rules are broken; @broken has the first of them.
 */
unsigned int entry_check(const struct vmcs_snapshot *vmcs,
			 const struct entry_processor *cpu,
			 const struct entry_memory *memory,
			 struct entry_broken *broken, unsigned int room)
{
	struct entry_check check = { .vmcs = vmcs, .cpu = cpu, .memory = memory };
	const struct entry_check *c = &check;
	unsigned int i, nr = 0;

	check.pin = ENTRY_FIELD(c, PIN_EXEC_CONTROLS);
	check.primary = ENTRY_FIELD(c, PRIMARY_EXEC_CONTROLS);
	if (check.primary & CPU_BASED_ACTIVATE_SECONDARY_CONTROLS)
		check.secondary = ENTRY_FIELD(c, SECONDARY_EXEC_CONTROLS);
	if (check.primary & CPU_BASED_ACTIVATE_TERTIARY_CONTROLS)
		check.tertiary = ENTRY_FIELD(c, TERTIARY_EXEC_CONTROLS);
	check.exit = ENTRY_FIELD(c, PRIMARY_VM_EXIT_CONTROLS);
	check.entry = ENTRY_FIELD(c, VM_ENTRY_CONTROLS);

	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		u32 field = rules[i].test(c);

		if (field == ENTRY_HOLDS)
			continue;
		if (nr < room)
			broken[nr] = (struct entry_broken){ .rule = i, .field = field };
		nr++;
	}
	return nr;
}
