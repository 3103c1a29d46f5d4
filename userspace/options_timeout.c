// SPDX-License-Identifier: GPL-2.0
/*
 * How long a guest may run: --timeout.
 */
#include <argp.h>
#include <ctype.h>

#include "devices/clock.h"
#include "exit_status.h"
#include "nsec.h"
#include "options.h"

/* Thirty years; the host's clock, in nanoseconds, counts on from there. */
#define MAX_SECONDS	1000000000ULL

/* Options without a one-letter form; no other file has these. */
enum {
	OPT_TIMEOUT = 0xa00,
};

static const struct argp_option option_table[] = {
	{ "timeout", OPT_TIMEOUT, "SECONDS", 0,
	  "End a guest that runs for longer, and report where it was (example: 0.5)", 0 },
	{ 0 }
};

/* Digits, and perhaps a point and up to nine more. False if it is something else, or 0. */
static bool parse_seconds(const char *arg, __u64 *nanoseconds)
{
	__u64 unit = NSEC_PER_SEC;
	char *end;

	if (!options_parse_number(arg, nanoseconds, &end) || *nanoseconds > MAX_SECONDS)
		return false;
	*nanoseconds *= NSEC_PER_SEC;
	if (*end == '.') {
		if (!isdigit((unsigned char)*++end))
			return false;
		for (; isdigit((unsigned char)*end); end++) {
			unit /= 10;
			if (!unit)
				return false;
			*nanoseconds += (*end - '0') * unit;
		}
	}
	return !*end && *nanoseconds;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *opt = state->input;

	switch (key) {
	case OPT_TIMEOUT:
		if (!parse_seconds(arg, &opt->timeout))
			argp_failure(state, STATUS_USAGE, 0,
				     "--timeout=%s: not a time in seconds above 0 (examples: 10, 0.5)",
				     arg);
		opt->timeout_text = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp options_timeout = { .options = option_table, .parser = parse_option };
