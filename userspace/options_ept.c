// SPDX-License-Identifier: GPL-2.0
/*
 * The options that concern EPT: docs/ept.md.
 */
#include <argp.h>
#include <string.h>

#include "exit_status.h"
#include "minivmx.h"
#include "options.h"

enum {
	OPT_EPT = 0xc00,
	OPT_EPT_MAP,
	OPT_EPT_PAGE,
};

static const struct argp_option option_table[] = {
	{ "ept", OPT_EPT, "ADDR", OPTION_ARG_OPTIONAL,
	  "After the run, show what EPT maps, and how it translates ADDR (default: where the guest's next instruction is); minivmx only",
	  0 },
	{ "ept-map", OPT_EPT_MAP, "lazy|eager", 0,
	  "Map a page when the guest first touches it, or all before it runs (default: lazy)", 0 },
	{ "ept-page", OPT_EPT_PAGE, "4K|2M", 0,
	  "What one entry of EPT maps (default: 2M where the memory happens to allow it)", 0 },
	{ 0 }
};

static void parse_map(const char *arg, struct ept_options *opt, struct argp_state *state)
{
	opt->eager = !strcmp(arg, "eager");
	opt->lazy = !strcmp(arg, "lazy");
	if (!opt->eager && !opt->lazy)
		argp_failure(state, STATUS_USAGE, 0,
			     "--ept-map=%s: unknown (use lazy or eager)", arg);
}

static void parse_page(const char *arg, struct ept_options *opt, struct argp_state *state)
{
	if (!strcmp(arg, "4K"))
		opt->page_size = MINIVMX_EPT_4K;
	else if (!strcmp(arg, "2M"))
		opt->page_size = MINIVMX_EPT_2M;
	else
		argp_failure(state, STATUS_USAGE, 0, "--ept-page=%s: unknown (use 4K or 2M)",
			     arg);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct ept_options *opt = &((struct options *)state->input)->ept;

	switch (key) {
	case OPT_EPT:
		opt->show = true;
		opt->have_address = arg;
		if (arg)
			options_parse_address("ept", arg, &opt->address, state);
		return 0;
	case OPT_EPT_MAP:
		parse_map(arg, opt, state);
		return 0;
	case OPT_EPT_PAGE:
		parse_page(arg, opt, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp options_ept = { .options = option_table, .parser = parse_option };
