// SPDX-License-Identifier: GPL-2.0
/*
 * Options for code that a BIOS starts.
 */
#include <argp.h>
#include <err.h>

#include "bios.h"
#include "exit_status.h"
#include "options.h"

enum {
	OPT_BIOS = 0x600,
};

static const struct argp_option option_table[] = {
	{ "bios", OPT_BIOS, NULL, 0,
	  "Give a flat FILE a BIOS, as a boot sector has one", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *opt = state->input;

	(void)arg;
	switch (key) {
	case OPT_BIOS:
		opt->bios = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp options_boot = { .options = option_table, .parser = parse_option };

/**
 * options_check_bios() - check what a BIOS and the rest of the command line say
 * @opt: complete otherwise; @opt->bios is right after it
 * @format: what the file is
 *
 * Does not return if the command line is wrong.
 */
void options_check_bios(struct options *opt, enum format format)
{
	if (format == FORMAT_BOOT)
		opt->bios = true;
	if (opt->bios && opt->snapshot.save)
		errx(STATUS_USAGE, "--save-on: what a BIOS knows is not saved (%s has one)",
		     opt->file);
	if (!opt->bios)
		return;
	if (format != FORMAT_BOOT && format != FORMAT_FLAT)
		errx(STATUS_USAGE, "--bios: %s is a kernel, which starts without one", opt->file);
	if (opt->cpus != 1)
		errx(STATUS_USAGE, "--cpus=%u: a BIOS starts %s on one processor",
		     opt->cpus, opt->file);
	if (opt->mem_size < BIOS_END)
		errx(STATUS_USAGE, "--mem: 0x%llx bytes: a BIOS takes 0x%llx at least",
		     opt->mem_size, BIOS_END);
}
