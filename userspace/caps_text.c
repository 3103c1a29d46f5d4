// SPDX-License-Identifier: GPL-2.0
/*
 * The report of "vmrun caps", for people.
 */
#include <stdio.h>

#include "caps.h"

#define INDENT	"                             "

static void print_verdict(const struct caps *caps)
{
	const struct vmx_verdict_text *text = &vmx_verdicts[caps->verdict];

	printf("Source: %s\n", caps->source);
	if (caps->note[0])
		printf("        %s\n", caps->note);
	if (caps->verdict == VMX_OK) {
		puts("Verdict: minivmx can run here");
		return;
	}
	printf("Verdict: minivmx cannot run here: %s", text->why);
	if (caps->missing)
		printf(" (missing: %s)", caps->missing);
	printf("\nRemedy: %s\n", text->remedy);
}

/* What the processor allows: "0 1", "1", "0". */
static const char *allowed(bool may_be_0, bool may_be_1)
{
	if (may_be_0)
		return may_be_1 ? "0 1" : "0";
	return may_be_1 ? "1" : "-";
}

static void print_why(const char *why)
{
	if (*why)
		printf(INDENT "- %s\n", why);
}

/* What has no name in the table: the SDM's reserved controls, and newer ones. */
static void print_rest(const char *what, __u32 bits)
{
	int bit;

	if (!bits)
		return;
	printf("  without a name here, %s:", what);
	for (bit = 0; bit < 32; bit++)
		if (bits >> bit & 1)
			printf(" %d", bit);
	putchar('\n');
}

static void print_word(const struct caps *caps, enum vmx_ctl_word word)
{
	__u64 value = caps->msrs.ctl[word];
	__u32 must = value, may = value >> 32, known = 0;
	enum vmx_msr msr = caps_word_msr(caps, word);
	unsigned int i;

	printf("\n%s\n  %s (%XH) = 0x%016llx", caps_word_titles[word], caps_msr_name(msr),
	       msr, value);
	if (caps->verdict == VMX_OK)
		printf(", written: 0x%08x", caps->used[word]);
	puts("\n  bit  may be  written  wish");
	for (i = 0; i < caps_nr_controls; i++) {
		const struct caps_control *c = &caps_controls[i];

		if (c->word != word)
			continue;
		known |= 1U << c->bit;
		printf("  %3u  %-6s  %-7s  %-9s  %s\n", c->bit,
		       allowed(!(must >> c->bit & 1), may >> c->bit & 1),
		       caps->verdict != VMX_OK ? "?" :
		       caps->used[word] >> c->bit & 1 ? "1" : "0",
		       caps_need_names[c->need], c->name);
		print_why(c->why);
	}
	print_rest("must be 1", must & ~known);
	print_rest("may be 0 or 1", may & ~must & ~known);
}

static void print_value(const struct caps_field *field, __u64 value)
{
	switch (field->format) {
	case CAPS_HEX:
		printf("0x%llx", value);
		break;
	case CAPS_MEMORY_TYPE:
		printf("%llu (%s)", value, value == 6 ? "write-back" : value ? "?" : "uncacheable");
		break;
	default:
		printf("%llu", value);
	}
}

static void print_field(const struct caps_field *field, __u64 msr)
{
	char bits[8];

	if (field->high == field->low)
		snprintf(bits, sizeof(bits), "%u", field->low);
	else
		snprintf(bits, sizeof(bits), "%u:%u", field->high, field->low);
	printf("  %5s  %-9s  %s: ", bits,
	       field->format == CAPS_FLAG ? caps_need_names[field->need] : "", field->name);
	print_value(field, caps_field_value(msr, field));
	putchar('\n');
	print_why(field->why);
}

static void print_msr(const struct caps *caps, const struct caps_msr *msr)
{
	__u64 value = caps_msr_value(caps, msr->msr);
	const struct caps_field *field;

	printf("\n%s (%XH) = 0x%016llx\n", msr->name, msr->msr, value);
	puts("   bits  wish");
	for (field = msr->fields; field->name; field++)
		print_field(field, value);
}

static void print_bits(const char *title, const struct caps_field *bits, __u64 value)
{
	__u64 known = 0, rest;
	int bit;

	printf("  %s:", title);
	for (; bits->name; bits++) {
		known |= 1ULL << bits->low;
		if (value >> bits->low & 1)
			printf(" %s", bits->name);
	}
	rest = value & ~known;
	for (bit = 0; bit < 64; bit++)
		if (rest >> bit & 1)
			printf(" %d", bit);
	putchar('\n');
}

static void print_register(const struct caps_register *reg, enum vmx_msr msr,
			   __u64 fixed0, __u64 fixed1)
{
	printf("\n%s in VMX operation: %s (%XH) = 0x%016llx, FIXED1 (%XH) = 0x%016llx\n",
	       reg->name, caps_msr_name(msr), msr, fixed0, msr + 1, fixed1);
	print_bits("must be 1", reg->bits, fixed0);
	print_bits("may be 0 or 1", reg->bits, fixed1 & ~fixed0);
}

/** caps_print_text() - all that is known, grouped as the SDM has it */
void caps_print_text(const struct caps *caps)
{
	const struct caps_msr *msr;
	int word;

	print_verdict(caps);
	if (!caps->have_msrs)
		return;
	for (msr = caps_msrs; msr->name; msr++)
		print_msr(caps, msr);
	for (word = 0; word < VMX_NR_CTL_WORDS; word++)
		print_word(caps, word);
	print_register(&caps_registers[0], VMX_MSR_CR0_FIXED0, caps->msrs.cr0_fixed0,
		       caps->msrs.cr0_fixed1);
	print_register(&caps_registers[1], VMX_MSR_CR4_FIXED0, caps->msrs.cr4_fixed0,
		       caps->msrs.cr4_fixed1);
}
