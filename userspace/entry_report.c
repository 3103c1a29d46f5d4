// SPDX-License-Identifier: GPL-2.0
/*
 * Why the processor did not enter a guest: what it said, and the rules of the SDM
 * that the entry breaks, with how to mend them.
 */
#include <stdio.h>
#include <asm/vmx.h>

#include "array_size.h"
#include "entry_report.h"
#include "entry_rules.h"
#include "names.h"
#include "vmcs.h"

static const struct {
	const char *name;
	enum entry_section section;
	const char *what, *mend;
} rules[] = {
#define R(name, section, what, mend)	{ #name, ENTRY_SECTION_##section, what, mend },
	ENTRY_RULES(R)
#undef R
};

static const struct {
	const char *number, *title;
} sections[] = {
#define S(name, number, title)	{ number, title },
	ENTRY_SECTIONS(S)
#undef S
};

/* SDM Vol. 3C, "VM-Entry Failures During or After Loading Guest State", 27.8. */
static const char *qualification_text(__u64 qualification)
{
	static const char *const texts[] = {
		[2] = ": a PDPTE is not valid",
		[3] = ": an NMI is injected while STI blocks events",
		[4] = ": the VMCS link pointer is not valid",
	};

	if (qualification < ARRAY_SIZE(texts) && texts[qualification])
		return texts[qualification];
	return "";
}

/**
 * entry_report_failure() - how the processor refused, without a newline
 * @reason: the exit-reason field, bit 31 set; or the VM-instruction error
 * @qualification: the exit qualification; NULL if it is not known
 */
void entry_report_failure(__u64 reason, const __u64 *qualification)
{
	if (!(reason & VMX_EXIT_REASONS_FAILED_VMENTRY)) {
		fprintf(stderr, "VM entry failed: VMfailValid, VM-instruction error %llu: %s",
			reason, vm_instruction_error_text(reason));
		return;
	}
	fputs("VM entry refused: ", stderr);
	switch (reason & 0xffff) {
	case EXIT_REASON_INVALID_STATE:
		fputs("the guest state is invalid", stderr);
		break;
	case EXIT_REASON_MSR_LOAD_FAIL:
		fputs("an MSR could not be loaded", stderr);
		break;
	case EXIT_REASON_MCE_DURING_VMENTRY:
		fputs("a machine check came in between", stderr);
		break;
	default:
		fputs("no reason that vmrun knows", stderr);
	}
	fprintf(stderr, " (exit reason 0x%llx, qualification ", reason);
	if (!qualification)
		fputs("unknown", stderr);
	else if ((reason & 0xffff) == EXIT_REASON_INVALID_STATE)
		fprintf(stderr, "%llu%s", *qualification, qualification_text(*qualification));
	else if ((reason & 0xffff) == EXIT_REASON_MSR_LOAD_FAIL)
		fprintf(stderr, "%llu: the number of the entry, from 1 on", *qualification);
	else
		fprintf(stderr, "%llu", *qualification);
	fputc(')', stderr);
}

static void print_field(const struct minivmx_broken_rule *broken, bool secrets)
{
	const struct vmcs_name *name = vmcs_name(broken->field);

	if (!name) {
		fprintf(stderr, "    field 0x%04x, which vmrun does not know\n", broken->field);
		return;
	}
	fprintf(stderr, "    %s (%s): ", name->sdm_name, name->name);
	/* Who may not see it is told 0. */
	if (!secrets && !broken->value && vmcs_is_secret(broken->field)) {
		fputs("0, or its value is only for root, with --sandbox=off\n", stderr);
		return;
	}
	vmcs_print_value(stderr, broken->field, broken->value);
	vmcs_print_bits(stderr, broken->field, broken->value);
	fputc('\n', stderr);
}

static void print_rule(const struct minivmx_broken_rule *broken, bool secrets)
{
	if (broken->rule >= ENTRY_NR_RULES) {
		fprintf(stderr, "  rule %u, which vmrun does not know\n", broken->rule);
		return;
	}
	fprintf(stderr, "  %s: SDM Vol. 3C, %s %s\n", rules[broken->rule].name,
		sections[rules[broken->rule].section].number,
		sections[rules[broken->rule].section].title);
	print_field(broken, secrets);
	fprintf(stderr, "    must hold: %s\n", rules[broken->rule].what);
	fprintf(stderr, "    to mend:   %s\n", rules[broken->rule].mend);
}

/**
 * entry_report_rules() - the rules that an entry breaks
 * @broken: the rules, in the SDM's order
 * @nr: how many are broken
 * @room: how many entries @broken has, at most
 * @secrets: values of the host's state are known not to be hidden from us
 */
void entry_report_rules(const struct minivmx_broken_rule *broken, __u32 nr, __u32 room,
			bool secrets)
{
	__u32 i;

	for (i = 0; i < nr && i < room; i++)
		print_rule(&broken[i], secrets);
	if (nr > room)
		fprintf(stderr, "  and %u more\n", nr - room);
}
