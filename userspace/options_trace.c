// SPDX-License-Identifier: GPL-2.0
/*
 * The part of the command line that is about exits: --trace, --stat, --json.
 */
#include <argp.h>

#include "options.h"

/* Options without a one-letter form; no other file has these. */
enum {
	OPT_TRACE = 0x200,
	OPT_STAT,
	OPT_JSON,
};

static const struct argp_option option_table[] = {
	{ "trace", OPT_TRACE, "FILE", OPTION_ARG_OPTIONAL,
	  "Write a line for each exit to FILE, or to standard error; to FILE.json, events for Perfetto",
	  0 },
	{ "stat", OPT_STAT, NULL, 0,
	  "At the end, print how many exits there were, and how long they took", 0 },
	{ "json", OPT_JSON, NULL, 0, "Print trace and statistics as JSON", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *opt = state->input;

	switch (key) {
	case OPT_TRACE:
		opt->trace = true;
		opt->trace_file = arg ? options_file("trace", arg, state) : NULL;
		return 0;
	case OPT_STAT:
		opt->stat = true;
		return 0;
	case OPT_JSON:
		opt->json = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* For options.c, which has the rest. */
const struct argp options_trace = {
	.options = option_table,
	.parser = parse_option,
};
