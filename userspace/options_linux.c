// SPDX-License-Identifier: GPL-2.0
/*
 * What a kernel is given: a command line, an initrd, modules.
 */
#include <argp.h>
#include <err.h>
#include <string.h>

#include "exit_status.h"
#include "options.h"

enum {
	OPT_APPEND = 0x500,
	OPT_INITRD,
	OPT_MODULE,
};

static const struct argp_option option_table[] = {
	{ "append", OPT_APPEND, "STRING", 0,
	  "Command line of a kernel (default: none; for linux console=ttyS0)", 0 },
	{ "initrd", OPT_INITRD, "FILE", 0,
	  "Initrd of a Linux or PVH kernel", 0 },
	{ "module", OPT_MODULE, "FILE[,STRING]", 0,
	  "A module of a Multiboot or PVH kernel, and what it is told of it (default: nothing); up to 16 times",
	  0 },
	{ 0 }
};

/* What follows the first comma is the kernel's. */
static void add_module(char *arg, struct options *opt, struct argp_state *state)
{
	struct module_option *module = &opt->modules[opt->nr_modules];
	char *comma = strchr(arg, ',');

	if (opt->nr_modules == MAX_MODULES)
		argp_failure(state, STATUS_USAGE, 0, "--module=%s: the %dth is one too many",
			     arg, MAX_MODULES + 1);
	module->string = "";
	if (comma) {
		*comma = '\0';
		module->string = comma + 1;
	}
	module->file = options_file("module", arg, state);
	opt->nr_modules++;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *opt = state->input;

	switch (key) {
	case OPT_APPEND:
		opt->append = arg;
		return 0;
	case OPT_INITRD:
		opt->initrd = options_file("initrd", arg, state);
		return 0;
	case OPT_MODULE:
		add_module(arg, opt, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/**
 * options_check_kernel() - check that the guest takes what it shall be given
 * @opt: the options
 * @format: what the guest is
 *
 * Does not return if the command line is wrong.
 */
void options_check_kernel(const struct options *opt, enum format format)
{
	if (opt->append && (format == FORMAT_FLAT || format == FORMAT_BOOT))
		errx(STATUS_USAGE, "--append: %s is no kernel, which would take a command line",
		     opt->file);
	if (opt->initrd && format != FORMAT_LINUX && format != FORMAT_PVH)
		errx(STATUS_USAGE, "--initrd: %s is no Linux or PVH kernel, which would take it",
		     opt->file);
	if (opt->nr_modules && format != FORMAT_MULTIBOOT && format != FORMAT_PVH)
		errx(STATUS_USAGE,
		     "--module: %s is no Multiboot or PVH kernel, which would take it",
		     opt->file);
}

const struct argp options_linux = { .options = option_table, .parser = parse_option };
