// SPDX-License-Identifier: GPL-2.0
/*
 * The command line.
 */
#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "exit_status.h"
#include "options.h"

#define DEFAULT_MEM	0x100000ULL
#define DEFAULT_LOAD	0x1000ULL

#define PAGE_SIZE	0x1000ULL	/* regions of guest memory come in these */
#define REAL_MODE_SIZE	0x100000ULL	/* what segment * 16 + offset reaches */

/* No --entry was given. */
#define ENTRY_IS_LOAD	(~0ULL)

const char *argp_program_version = "vmrun 1.0";

/* Options without a one-letter form. */
enum {
	OPT_DEVICE = 0x100,
	OPT_MEM,
	OPT_LOAD,
	OPT_ENTRY,
	OPT_EXIT_CODE,
	OPT_STRICT,
	OPT_TRACE,
};

static const struct argp_option option_table[] = {
	{ "device", OPT_DEVICE, "PATH", 0,
	  "The hypervisor (default: " DEFAULT_DEVICE ")", 0 },
	{ "mem", OPT_MEM, "SIZE", 0,
	  "Guest memory, from address 0 on: a multiple of 4K (default: 1M)", 0 },
	{ "load", OPT_LOAD, "ADDR", 0,
	  "Where FILE is put (default: 0x1000)", 0 },
	{ "entry", OPT_ENTRY, "ADDR", 0,
	  "Where the guest starts, below 1M (default: that of --load)", 0 },
	{ "exit-code", OPT_EXIT_CODE, "raw|qemu", 0,
	  "What a write to port 0xf4 makes the exit status (default: raw)", 0 },
	{ "strict", OPT_STRICT, NULL, 0,
	  "End if the guest uses a port that nothing claims", 0 },
	{ "trace", OPT_TRACE, "FILE", OPTION_ARG_OPTIONAL,
	  "Write a line for each exit to FILE, or to standard error", 0 },
	{ 0 }
};

/* What stands after the \v comes after the options. */
static const char doc[] =
	"Run FILE, a flat binary, in a virtual machine that starts in real mode.\n"
	"\vADDR and SIZE are decimal or, with 0x, hexadecimal; K, M or G may follow SIZE.\n"
	"Entry up to 0xffff: CS is 0, IP is ADDR; above: CS is ADDR / 16, IP the rest.\n"
	"\n"
	"The machine has two devices:\n"
	"  port 0x3f8  serial port (8250): standard output and standard input. After\n"
	"              the last byte of input the guest reads 0x04 (Ctrl-D), once\n"
	"  port 0xf4   a write ends the run. The exit status is the value, or value * 2\n"
	"              + 1 with --exit-code=qemu (its isa-debug-exit): the low 8 bits\n"
	"Other ports read as all ones and ignore writes.\n"
	"\n"
	"Exit status:\n"
	"  any  what a write to port 0xf4 makes it\n"
	"  0    the guest executed HLT\n"
	"  240  the command line is wrong\n"
	"  241  FILE cannot be loaded\n"
	"  242  the device or something else of the host failed\n"
	"  243  triple fault\n"
	"  244  with --strict, a port that nothing claims\n"
	"  245  VM entry failed\n"
	"  246  an exit that vmrun cannot handle";

/* A number of at most 64 bits, all digits; *end is what follows it. */
static bool parse_number(const char *arg, __u64 *value, char **end)
{
	bool hex = arg[0] == '0' && (arg[1] == 'x' || arg[1] == 'X');

	/* strtoull() would take spaces and signs too. */
	if (hex ? !isxdigit((unsigned char)arg[2]) : !isdigit((unsigned char)arg[0]))
		return false;
	errno = 0;
	*value = strtoull(arg, end, hex ? 16 : 10);
	return errno == 0;
}

static void parse_address(const char *option, const char *arg, __u64 *value,
			  struct argp_state *state)
{
	char *end;

	if (!parse_number(arg, value, &end) || *end)
		argp_failure(state, STATUS_USAGE, 0,
			     "--%s=%s: not an address (examples: 4096, 0x1000)", option, arg);
}

static void parse_size(const char *option, const char *arg, __u64 *value,
		       struct argp_state *state)
{
	static const char suffixes[] = "KMG";
	const char *suffix;
	int shift = 0;
	char *end;

	if (!parse_number(arg, value, &end))
		goto bad;
	suffix = *end ? strchr(suffixes, toupper((unsigned char)*end)) : NULL;
	if (suffix) {
		shift = 10 * (suffix - suffixes + 1);
		end++;
	}
	if (*end || *value > ~0ULL >> shift)
		goto bad;
	*value <<= shift;
	if (*value && *value % PAGE_SIZE == 0)
		return;
bad:
	argp_failure(state, STATUS_USAGE, 0,
		     "--%s=%s: not a multiple of 4K above 0 (examples: 64K, 1M, 0x10000)",
		     option, arg);
}

static void parse_exit_code(const char *arg, enum exit_code *exit_code,
			    struct argp_state *state)
{
	if (!strcmp(arg, "raw"))
		*exit_code = EXIT_CODE_RAW;
	else if (!strcmp(arg, "qemu"))
		*exit_code = EXIT_CODE_QEMU;
	else
		argp_failure(state, STATUS_USAGE, 0,
			     "--exit-code=%s: unknown (use raw or qemu)", arg);
}

/* What only all options together tell. */
static void check(struct options *opt, struct argp_state *state)
{
	if (!opt->file)
		argp_failure(state, STATUS_USAGE, 0, "no FILE given (see --help)");
	if (opt->entry == ENTRY_IS_LOAD)
		opt->entry = opt->load;
	if (opt->entry >= REAL_MODE_SIZE)
		argp_failure(state, STATUS_USAGE, 0,
			     "entry 0x%llx: real mode reaches only 0xfffff (use --entry or --load)",
			     opt->entry);
	if (opt->entry >= opt->mem_size)
		argp_failure(state, STATUS_USAGE, 0,
			     "entry 0x%llx: outside of the guest's memory of 0x%llx bytes (use --mem)",
			     opt->entry, opt->mem_size);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *opt = state->input;

	switch (key) {
	case OPT_DEVICE:
		opt->device = arg;
		return 0;
	case OPT_MEM:
		parse_size("mem", arg, &opt->mem_size, state);
		return 0;
	case OPT_LOAD:
		parse_address("load", arg, &opt->load, state);
		return 0;
	case OPT_ENTRY:
		parse_address("entry", arg, &opt->entry, state);
		return 0;
	case OPT_EXIT_CODE:
		parse_exit_code(arg, &opt->exit_code, state);
		return 0;
	case OPT_STRICT:
		opt->strict = true;
		return 0;
	case OPT_TRACE:
		opt->trace = true;
		opt->trace_file = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (opt->file)
			argp_failure(state, STATUS_USAGE, 0,
				     "%s: one FILE only (%s is the first)", arg, opt->file);
		opt->file = arg;
		return 0;
	case ARGP_KEY_END:
		check(opt, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/**
 * options_parse() - read the command line
 * @opt: filled in; points into @argv
 * @argc: as main() got it
 * @argv: as main() got it
 *
 * Does not return if the command line is wrong, or asks for help.
 */
void options_parse(struct options *opt, int argc, char **argv)
{
	static const struct argp argp = {
		.options = option_table,
		.parser = parse_option,
		.args_doc = "FILE",
		.doc = doc,
	};

	*opt = (struct options){
		.device = DEFAULT_DEVICE,
		.mem_size = DEFAULT_MEM,
		.load = DEFAULT_LOAD,
		.entry = ENTRY_IS_LOAD,
		.exit_code = EXIT_CODE_RAW,
	};
	argp_err_exit_status = STATUS_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, opt);
}
