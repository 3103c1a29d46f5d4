// SPDX-License-Identifier: GPL-2.0
/*
 * vmrun caps - what the processor's VMX can do, what minivmx uses of it, and why
 */
#include <argp.h>
#include <err.h>
#include <stdio.h>

#include "caps.h"
#include "exit_status.h"
#include "help.h"
#include "options.h"

enum {
	OPT_DEVICE = 0x100,
	OPT_FROM,
	OPT_JSON,
};

static const struct argp_option option_table[] = {
	{ "device", OPT_DEVICE, "PATH", 0,
	  "The device of minivmx (default: " DEFAULT_DEVICE ")", 0 },
	{ "from", OPT_FROM, "FILE", 0,
	  "Not this machine, but one whose caps --json is in FILE", 0 },
	{ "json", OPT_JSON, NULL, 0, "For programs: docs/caps.md has the schema", 0 },
	{ 0 }
};

static const char doc[] =
	"Say what the processor's VMX can do, what minivmx uses of it, and why.\n"
	"\vWhere minivmx is not loaded, CPUID and, for root, /dev/cpu/0/msr are looked at\n"
	"instead, and judged as insmod would judge them.\n"
	"\n"
	"Exit status:\n"
	"  0    minivmx can run here\n"
	"  240  the command line is wrong\n"
	"  241  FILE cannot be read\n"
	"  242  the device or something else of the host failed\n"
	"  248  minivmx cannot run here: the report says why";

struct caps_options {
	const char *device;
	const char *from;
	bool json;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct caps_options *opt = state->input;

	switch (key) {
	case OPT_DEVICE:
		opt->device = arg;
		return 0;
	case OPT_FROM:
		opt->from = arg;
		return 0;
	case OPT_JSON:
		opt->json = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_failure(state, STATUS_USAGE, 0, "%s: caps takes no file", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/**
 * caps_main() - the command line "vmrun caps ..."
 * @argc: without "vmrun"
 * @argv: without "vmrun"
 *
 * Return: exit status for vmrun.
 */
int caps_main(int argc, char **argv)
{
	static const struct argp argp = {
		.options = option_table, .parser = parse_option, .doc = doc,
		.children = help_children,
	};
	struct caps_options opt = { .device = DEFAULT_DEVICE };
	struct caps caps;
	int status;

	/* As messages and --help name it. */
	argv[0] = "vmrun caps";
	argp_err_exit_status = STATUS_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &opt);
	status = opt.from ? caps_from_file(&caps, opt.from) :
		caps_from_machine(&caps, opt.device);
	if (!status && opt.json)
		status = caps_print_json(&caps);
	else if (!status)
		caps_print_text(&caps);
	if (status)
		return status;
	if (fflush(stdout) || ferror(stdout)) {
		warn("standard output");
		return STATUS_HOST;
	}
	return caps.verdict == VMX_OK ? 0 : STATUS_REFUSED;
}
