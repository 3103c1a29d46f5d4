// SPDX-License-Identifier: GPL-2.0
/*
 * What a kernel is given: options for Linux, of which a Multiboot kernel takes the
 * first, too.
 */
#include <argp.h>

#include "options.h"

enum {
	OPT_APPEND = 0x500,
	OPT_INITRD,
};

static const struct argp_option option_table[] = {
	{ "append", OPT_APPEND, "STRING", 0,
	  "Command line of a kernel (default: none; for linux console=ttyS0)", 0 },
	{ "initrd", OPT_INITRD, "FILE", 0,
	  "Initrd of a Linux kernel", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *opt = state->input;

	switch (key) {
	case OPT_APPEND:
		opt->append = arg;
		return 0;
	case OPT_INITRD:
		opt->initrd = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp options_linux = { .options = option_table, .parser = parse_option };
