// SPDX-License-Identifier: GPL-2.0
/*
 * The options that concern turns: docs/sharing.md.
 */
#include <argp.h>
#include <string.h>

#include "exit_status.h"
#include "options.h"

#define DEFAULT_QUANTUM_US	5000
#define DEFAULT_WEIGHT		100

/* Much shorter ones are all switching; longer ones make the others wait too long. */
#define MIN_QUANTUM_US		10
#define MAX_QUANTUM_US		100000

enum {
	OPT_QUANTUM = 0x800,
	OPT_SHARE,
	OPT_WEIGHT,
};

static const struct argp_option option_table[] = {
	{ "share", OPT_SHARE, "FILE", 0,
	  "Take turns with all guests that name the same FILE, which need not exist; minivmx only",
	  0 },
	{ "weight", OPT_WEIGHT, "N", 0,
	  "With --share, the guest's part of the time, beside those of the others: 1 to 10000 (default: 100)",
	  0 },
	{ "quantum", OPT_QUANTUM, "TIME", 0,
	  "How long a turn is: time in the guest, from 10us to 100ms (default with --share: 5ms); minivmx only",
	  0 },
	{ 0 }
};

static void parse_quantum(const char *arg, struct share_options *opt,
			  struct argp_state *state)
{
	__u64 value;
	char *end;

	if (!options_parse_number(arg, &value, &end) || value > MAX_QUANTUM_US)
		value = 0;
	else if (!strcmp(end, "ms"))
		value *= 1000;
	else if (strcmp(end, "us"))
		value = 0;
	if (value < MIN_QUANTUM_US || value > MAX_QUANTUM_US)
		argp_failure(state, STATUS_USAGE, 0,
			     "--quantum=%s: not a time from 10us to 100ms (examples: 500us, 5ms)",
			     arg);
	opt->quantum_us = value;
}

static void parse_weight(const char *arg, struct share_options *opt,
			 struct argp_state *state)
{
	__u64 value;
	char *end;

	if (!options_parse_number(arg, &value, &end) || *end || !value || value > MAX_WEIGHT)
		argp_failure(state, STATUS_USAGE, 0, "--weight=%s: not a number from 1 to %d",
			     arg, MAX_WEIGHT);
	opt->weight = value;
}

/* Nothing is taken and ignored. */
static void complete(struct options *opt, struct argp_state *state)
{
	struct share_options *share = &opt->share;

	if (share->weight && !share->file)
		argp_failure(state, STATUS_USAGE, 0,
			     "--weight: beside whom? (give --share, too)");
	if ((share->quantum_us || share->file) && opt->lab.nr_changes)
		argp_failure(state, STATUS_USAGE, 0,
			     "--set-vmcs: there is no run for --quantum or --share");
	if (share->file && !share->quantum_us)
		share->quantum_us = DEFAULT_QUANTUM_US;
	if (!share->weight)
		share->weight = DEFAULT_WEIGHT;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *opt = state->input;

	switch (key) {
	case OPT_QUANTUM:
		parse_quantum(arg, &opt->share, state);
		return 0;
	case OPT_SHARE:
		opt->share.file = options_file("share", arg, state);
		return 0;
	case OPT_WEIGHT:
		parse_weight(arg, &opt->share, state);
		return 0;
	case ARGP_KEY_END:
		complete(opt, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp options_share = { .options = option_table, .parser = parse_option };
