// SPDX-License-Identifier: GPL-2.0
/*
 * The part of the command line that is about snapshots: docs/snapshot.md.
 */
#include <argp.h>
#include <signal.h>
#include <string.h>

#include "array_size.h"
#include "exit_status.h"
#include "options.h"

/* Options without a one-letter form; no other file has these. */
enum {
	OPT_SAVE_ON = 0xb00,
	OPT_RESTORE,
	OPT_CLONE,
};

static const struct argp_option option_table[] = {
	{ "save-on", OPT_SAVE_ON, "WHEN:FILE", 0,
	  "Save the machine to FILE, and end, when WHEN comes: SIGUSR1, SIGUSR2, or exits:N, the N-th exit of vCPU 0 to vmrun",
	  0 },
	{ "restore", OPT_RESTORE, "FILE", 0,
	  "Instead of a guest, go on with the machine that was saved to FILE", 0 },
	{ "clone", OPT_CLONE, "N", 0,
	  "With --restore, go on with N copies of it at once, 1000 at most; --stat tells what each cost",
	  0 },
	{ 0 }
};

static const struct {
	const char *prefix;
	int signal;
} moments[] = {
	{ "SIGUSR1:", SIGUSR1 },
	{ "SIGUSR2:", SIGUSR2 },
	{ "exits:", 0 },
};

static void parse_save_on(char *arg, struct snapshot_options *opt, struct argp_state *state)
{
	size_t i, length;
	char *end;

	if (opt->save)
		argp_failure(state, STATUS_USAGE, 0,
			     "--save-on=%s: one WHEN:FILE only (%s is the first)",
			     arg, opt->save);
	for (i = 0; i < ARRAY_SIZE(moments); i++) {
		length = strlen(moments[i].prefix);
		if (strncmp(arg, moments[i].prefix, length))
			continue;
		opt->signal = moments[i].signal;
		opt->save = arg + length;
		opt->exits = 0;
		if (opt->signal && *opt->save)
			return;
		if (!opt->signal && options_parse_number(opt->save, &opt->exits, &end) &&
		    opt->exits && *end == ':' && end[1]) {
			opt->save = end + 1;
			return;
		}
	}
	argp_failure(state, STATUS_USAGE, 0,
		     "--save-on=%s: not WHEN:FILE (examples: SIGUSR1:FILE, exits:1000:FILE)", arg);
}

static void parse_clones(const char *arg, unsigned int *clones, struct argp_state *state)
{
	__u64 value;
	char *end;

	if (!options_parse_number(arg, &value, &end) || *end || !value || value > MAX_CLONES)
		argp_failure(state, STATUS_USAGE, 0, "--clone=%s: not a number from 1 to %d",
			     arg, MAX_CLONES);
	*clones = value;
}

/* Standard output takes the lines of all. */
static bool serial_is_shared(const struct options *opt)
{
	unsigned int i;

	for (i = 0; i < opt->nr_serial; i++)
		if (opt->serial[i].kind != SERIAL_STDIO && opt->serial[i].kind != SERIAL_NULL)
			return false;
	return true;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *all = state->input;
	struct snapshot_options *opt = &all->snapshot;

	switch (key) {
	case OPT_SAVE_ON:
		parse_save_on(arg, opt, state);
		return 0;
	case OPT_RESTORE:
		opt->restore = options_file("restore", arg, state);
		return 0;
	case OPT_CLONE:
		parse_clones(arg, &opt->clones, state);
		return 0;
	case ARGP_KEY_END:
		if (opt->clones && !opt->restore)
			argp_failure(state, STATUS_USAGE, 0,
				     "--clone: of what? (give --restore, too)");
		if (opt->clones && opt->save)
			argp_failure(state, STATUS_USAGE, 0,
				     "--clone and --save-on: the copies have only one FILE");
		if (opt->clones && !serial_is_shared(all))
			argp_failure(state, STATUS_USAGE, 0,
				     "--clone and --serial: the copies would have one line (use stdio or null)");
		if (opt->restore && all->bios)
			argp_failure(state, STATUS_USAGE, 0,
				     "--restore: no machine with a BIOS was saved (leave out --bios)");
		if (opt->save && all->start_register)
			argp_failure(state, STATUS_USAGE, 0,
				     "--save-on: who started which vCPU is not saved (leave out --start)");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* For options.c, which has the rest. */
const struct argp options_snapshot = { .options = option_table, .parser = parse_option };
