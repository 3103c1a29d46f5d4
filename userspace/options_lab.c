// SPDX-License-Identifier: GPL-2.0
/*
 * The options that concern VM entry and the VMCS: docs/entry.md.
 */
#include <argp.h>
#include <string.h>

#include "exit_status.h"
#include "minivmx.h"
#include "options.h"
#include "vmcs.h"

enum {
	OPT_CHECK_ENTRY = 0xd00,
	OPT_SET_VMCS,
	OPT_DUMP_VMCS,
};

static const struct argp_option option_table[] = {
	{ "check-entry", OPT_CHECK_ENTRY, NULL, 0,
	  "Before each MINIVMX_RUN, check its VM entry against the SDM's rules, and end the run if it breaks one; minivmx only",
	  0 },
	{ "set-vmcs", OPT_SET_VMCS, "FIELD=VALUE", 0,
	  "Instead of a run, try the first VM entry with a field of the VMCS changed, and say what comes of it: for root, and minivmx.ko with lab=1. FIELD is a name, or 0x and its encoding; ^=, |= and &= change bits. May be given 8 times",
	  0 },
	{ "dump-vmcs", OPT_DUMP_VMCS, "before|after|diff", OPTION_ARG_OPTIONAL,
	  "Print the VMCS before the first VM entry or after the run, or what the run changed (default: before); minivmx only",
	  0 },
	{ 0 }
};

static const struct vmcs_name *parse_field(const char *arg, const char *name,
					   struct argp_state *state)
{
	const struct vmcs_name *near[VMCS_NEAR], *field;
	__u64 encoding;
	char *end;

	if (options_parse_number(name, &encoding, &end)) {
		field = *end || encoding >> 32 ? NULL : vmcs_name(encoding);
		if (!field)
			argp_failure(state, STATUS_USAGE, 0,
				     "--set-vmcs=%s: no field has that encoding", arg);
		return field;
	}
	field = vmcs_find(name);
	if (!field) {
		vmcs_near(name, near);
		argp_failure(state, STATUS_USAGE, 0,
			     "--set-vmcs=%s: no such field (near it: %s, %s, %s)", arg,
			     near[0]->name, near[1]->name, near[2]->name);
	}
	return field;
}

/* FIELD=VALUE, FIELD^=BITS, FIELD|=BITS or FIELD&=BITS. */
static void parse_change(const char *arg, struct lab_options *opt, struct argp_state *state)
{
	const char *equals = strchr(arg, '=');
	const struct vmcs_name *field;
	struct lab_change *change;
	char name[64] = "";
	size_t length;
	char *end;

	if (opt->nr_changes == MINIVMX_TRY_MAX_FIELDS)
		argp_failure(state, STATUS_USAGE, 0, "--set-vmcs=%s: more than %d of them", arg,
			     MINIVMX_TRY_MAX_FIELDS);
	change = &opt->changes[opt->nr_changes++];
	change->op = '=';
	length = equals ? equals - arg : 0;
	if (length && strchr("^|&", arg[length - 1]))
		change->op = arg[--length];
	if (!length || length >= sizeof(name) ||
	    !options_parse_number(equals + 1, &change->value, &end) || *end)
		argp_failure(state, STATUS_USAGE, 0,
			     "--set-vmcs=%s: not FIELD=VALUE (examples: GUEST_RFLAGS=0, 0x6820^=2)",
			     arg);
	memcpy(name, arg, length);
	field = parse_field(arg, name, state);
	change->encoding = field->encoding;
	if (VMCS_FIELD_TYPE(field->encoding) == VMCS_TYPE_EXIT_INFORMATION)
		argp_failure(state, STATUS_USAGE, 0, "--set-vmcs=%s: the field is read-only",
			     arg);
	if (field->encoding == VMCS_HOST_RSP)
		argp_failure(state, STATUS_USAGE, 0,
			     "--set-vmcs=%s: the entry itself sets it, and nothing checks it",
			     arg);
	/* Bits that are cleared need not be there. */
	if (vmcs_width(field->encoding) < 64 && change->op != '&' &&
	    change->value >> vmcs_width(field->encoding))
		argp_failure(state, STATUS_USAGE, 0, "--set-vmcs=%s: the field has %u bits", arg,
			     vmcs_width(field->encoding));
}

static void parse_dump(const char *arg, struct lab_options *opt, struct argp_state *state)
{
	if (!arg || !strcmp(arg, "before"))
		opt->dump = DUMP_BEFORE;
	else if (!strcmp(arg, "after"))
		opt->dump = DUMP_AFTER;
	else if (!strcmp(arg, "diff"))
		opt->dump = DUMP_DIFF;
	else
		argp_failure(state, STATUS_USAGE, 0,
			     "--dump-vmcs=%s: unknown (use before, after or diff)", arg);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct lab_options *opt = &((struct options *)state->input)->lab;

	switch (key) {
	case OPT_CHECK_ENTRY:
		opt->check = true;
		return 0;
	case OPT_SET_VMCS:
		parse_change(arg, opt, state);
		return 0;
	case OPT_DUMP_VMCS:
		parse_dump(arg, opt, state);
		return 0;
	case ARGP_KEY_END:
		if (opt->nr_changes && opt->dump > DUMP_BEFORE)
			argp_failure(state, STATUS_USAGE, 0,
				     "--set-vmcs and --dump-vmcs: there is no run to look at after (use --dump-vmcs=before)");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp options_lab = { .options = option_table, .parser = parse_option };
