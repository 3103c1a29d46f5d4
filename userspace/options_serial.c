// SPDX-License-Identifier: GPL-2.0
/*
 * The part of the command line that is about serial ports: --serial.
 */
#include <argp.h>
#include <string.h>

#include "array_size.h"
#include "exit_status.h"
#include "options.h"

/* Options without a one-letter form; no other file has these. */
enum {
	OPT_SERIAL = 0x700,
};

static const struct argp_option option_table[] = {
	{ "serial", OPT_SERIAL, "stdio|file:PATH|pty|unix:PATH|null", 0,
	  "Where the serial port leads; given again, where a second one does (default: stdio)",
	  0 },
	{ 0 }
};

/* A kind that ends with a colon has a path. */
static const struct {
	const char *name;
	enum serial_kind kind;
} kinds[] = {
	{ "stdio", SERIAL_STDIO },
	{ "file:", SERIAL_FILE },
	{ "pty", SERIAL_PTY },
	{ "unix:", SERIAL_UNIX },
	{ "null", SERIAL_NULL },
};

static bool matches(const char *arg, const char *name)
{
	size_t length = strlen(name);

	return name[length - 1] == ':' ? !strncmp(arg, name, length) && arg[length] :
		!strcmp(arg, name);
}

static void parse_serial(const char *arg, struct options *opt, struct argp_state *state)
{
	struct serial_options *serial = &opt->serial[opt->nr_serial];
	unsigned int i;

	if (opt->nr_serial == MAX_SERIAL)
		argp_failure(state, STATUS_USAGE, 0, "--serial=%s: there are only %d ports",
			     arg, MAX_SERIAL);
	for (i = 0; i < ARRAY_SIZE(kinds) && !matches(arg, kinds[i].name); i++)
		;
	if (i == ARRAY_SIZE(kinds))
		argp_failure(state, STATUS_USAGE, 0,
			     "--serial=%s: unknown (use stdio, file:PATH, pty, unix:PATH or null)",
			     arg);
	*serial = (struct serial_options){
		.kind = kinds[i].kind, .path = arg + strlen(kinds[i].name), .arg = arg,
	};
	opt->nr_serial++;
}

static void complete(struct options *opt, struct argp_state *state)
{
	if (!opt->nr_serial)
		opt->serial[opt->nr_serial++] = (struct serial_options){ .arg = "stdio" };
	if (opt->nr_serial == 2 && opt->serial[0].kind == SERIAL_STDIO &&
	    opt->serial[1].kind == SERIAL_STDIO)
		argp_failure(state, STATUS_USAGE, 0, "--serial=stdio: for one port only");
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *opt = state->input;

	switch (key) {
	case OPT_SERIAL:
		parse_serial(arg, opt, state);
		return 0;
	case ARGP_KEY_END:
		complete(opt, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* For options.c, which has the rest. */
const struct argp options_serial = {
	.options = option_table,
	.parser = parse_option,
};
