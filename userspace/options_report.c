// SPDX-License-Identifier: GPL-2.0
/*
 * The part of the command line that is about the report: --report.
 */
#include <argp.h>

#include "options.h"

/* Options without a one-letter form; no other file has these. */
enum {
	OPT_REPORT = 0x300,
};

static const struct argp_option option_table[] = {
	{ "report", OPT_REPORT, "FILE", 0,
	  "Write a page in HTML about all exits to FILE; minivmx only", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *opt = state->input;

	switch (key) {
	case OPT_REPORT:
		opt->report = options_file("report", arg, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* For options.c, which has the rest. */
const struct argp options_report = {
	.options = option_table,
	.parser = parse_option,
};
