// SPDX-License-Identifier: GPL-2.0
/*
 * The option that concerns the start of vCPUs.
 */
#include <argp.h>
#include <string.h>

#include "exit_status.h"
#include "options.h"

enum {
	OPT_START = 0x900,
};

static const struct argp_option option_table[] = {
	{ "start", OPT_START, "all|register", 0,
	  "With --cpus, who starts the vCPUs but the first: vmrun, or the guest with a register (default: all)",
	  0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *opt = state->input;

	switch (key) {
	case OPT_START:
		opt->start_given = true;
		opt->start_register = !strcmp(arg, "register");
		if (!opt->start_register && strcmp(arg, "all"))
			argp_failure(state, STATUS_USAGE, 0,
				     "--start=%s: unknown (use all or register)", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp options_start = { .options = option_table, .parser = parse_option };
