// SPDX-License-Identifier: GPL-2.0
/*
 * The command line.
 */
#include <argp.h>
#include <err.h>
#include <string.h>

#include "array_size.h"
#include "exit_status.h"
#include "help.h"
#include "pc.h"
#include "options.h"

#define DEFAULT_MEM		0x100000ULL
#define DEFAULT_KERNEL_MEM	0x1000000ULL	/* and of a boot sector */
#define DEFAULT_LINUX_MEM	0x8000000ULL
#define DEFAULT_LOAD		0x1000ULL

#define REAL_MODE_SIZE	0x100000ULL	/* what segment * 16 + offset reaches */

/* The option was not given. */
#define NOT_GIVEN	(~0ULL)

const char *argp_program_version = "vmrun 1.0";

/* Options without a one-letter form. */
enum {
	OPT_DEVICE = 0x100,
	OPT_FORMAT,
	OPT_MEM,
	OPT_LOAD,
	OPT_ENTRY,
	OPT_CPUS,
	OPT_HYPERCALLS,
	OPT_EXIT_CODE,
	OPT_STRICT,
	OPT_SANDBOX,
};

#define FORMATS		"auto|flat|boot|multiboot|pvh|linux"

static const struct {
	const char *name;
	enum format format;
} formats[] = {
	{ "auto", FORMAT_AUTO },
	{ "flat", FORMAT_FLAT },
	{ "boot", FORMAT_BOOT },
	{ "multiboot", FORMAT_MULTIBOOT },
	{ "pvh", FORMAT_PVH },
	{ "linux", FORMAT_LINUX },
};

static const struct argp_option option_table[] = {
	{ "device", OPT_DEVICE, "PATH", 0,
	  "The hypervisor (default: " DEFAULT_DEVICE ")", 0 },
	{ "format", OPT_FORMAT, FORMATS, 0,
	  "What FILE is (default: auto, what its header tells; without one, flat)", 0 },
	{ "mem", OPT_MEM, "SIZE", 0,
	  "Guest memory, from address 0 on: a multiple of 4K (default: 1M; for boot and multiboot 16M, for pvh and linux 128M)",
	  0 },
	{ "load", OPT_LOAD, "ADDR", 0,
	  "Where a flat FILE is put (default: 0x1000)", 0 },
	{ "entry", OPT_ENTRY, "ADDR", 0,
	  "Where a flat FILE starts, below 1M (default: that of --load)", 0 },
	{ "cpus", OPT_CPUS, "N", 0,
	  "Number of vCPUs, for a flat FILE (default: 1)", 0 },
	{ "hypercalls", OPT_HYPERCALLS, NULL, 0,
	  "Serve the guest's VMCALL; minivmx only", 0 },
	{ "exit-code", OPT_EXIT_CODE, "raw|qemu", 0,
	  "What a write to port 0xf4 makes the exit status (default: raw)", 0 },
	{ "strict", OPT_STRICT, NULL, 0,
	  "End if the guest uses a port or an address that nothing claims", 0 },
	{ "sandbox", OPT_SANDBOX, "on|off|auto", OPTION_ARG_OPTIONAL,
	  "Give up files, network and privileges before the guest runs; without a value: on (default: auto)",
	  0 },
	{ 0 }
};

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

static void parse_format(const char *arg, enum format *format, struct argp_state *state)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(formats); i++)
		if (!strcmp(arg, formats[i].name)) {
			*format = formats[i].format;
			return;
		}
	argp_failure(state, STATUS_USAGE, 0, "--format=%s: unknown (use one of " FORMATS ")", arg);
}

static void parse_sandbox(const char *arg, enum sandbox *sandbox, struct argp_state *state)
{
	if (!arg || !strcmp(arg, "on"))
		*sandbox = SANDBOX_ON;
	else if (!strcmp(arg, "off"))
		*sandbox = SANDBOX_OFF;
	else if (!strcmp(arg, "auto"))
		*sandbox = SANDBOX_AUTO;
	else
		argp_failure(state, STATUS_USAGE, 0,
			     "--sandbox=%s: unknown (use on, off or auto)", arg);
}

static void parse_cpus(const char *arg, unsigned int *cpus, struct argp_state *state)
{
	__u64 value;
	char *end;

	if (!options_parse_number(arg, &value, &end) || *end || !value || value > MAX_CPUS)
		argp_failure(state, STATUS_USAGE, 0, "--cpus=%s: not a number from 1 to %d",
			     arg, MAX_CPUS);
	*cpus = value;
}

/* A machine that was saved is complete. */
static void check_restore(struct options *opt, struct argp_state *state)
{
	if (!opt->snapshot.restore)
		return;
	if (opt->file)
		argp_failure(state, STATUS_USAGE, 0, "%s: --restore takes no guest", opt->file);
	if (opt->mem_size != NOT_GIVEN || opt->load != NOT_GIVEN || opt->entry != NOT_GIVEN ||
	    opt->append || opt->initrd || opt->nr_modules || opt->format != FORMAT_AUTO ||
	    opt->cpus != 1 || opt->start_given || opt->hypercalls ||
	    opt->exit_code != EXIT_CODE_RAW || opt->lab.nr_changes)
		argp_failure(state, STATUS_USAGE, 0,
			     "--restore: the machine is as it was saved (no --mem, --cpus, --start, --format, --load, --entry, --append, --initrd, --module, --hypercalls, --exit-code, --set-vmcs)");
	if (opt->snapshot.clones && (opt->trace || opt->report || opt->json || opt->ept.show ||
				     opt->lab.dump || opt->lab.check))
		argp_failure(state, STATUS_USAGE, 0,
			     "--clone: no --trace, --report, --json, --ept, --dump-vmcs or --check-entry of so many");
	opt->file = opt->snapshot.restore;
}

/* Nothing is taken and ignored. */
static void check_together(struct options *opt, struct argp_state *state)
{
	check_restore(opt, state);
	if (!opt->file)
		argp_failure(state, STATUS_USAGE, 0, "no FILE given (see --help)");
	if (opt->json && !opt->trace && !opt->stat)
		argp_failure(state, STATUS_USAGE, 0,
			     "--json: of what? (give --trace or --stat, too)");
	if (opt->lab.nr_changes && (opt->trace || opt->stat || opt->report || opt->ept.show))
		argp_failure(state, STATUS_USAGE, 0,
			     "--set-vmcs: there is no run for --trace, --stat, --report or --ept to look at");
	if (opt->lab.nr_changes && opt->timeout_text)
		argp_failure(state, STATUS_USAGE, 0,
			     "--set-vmcs: there is no run for --timeout to end");
	options_check_files(opt, state);
}

/* Options by subject, each in a file of its own. */
static const struct argp_child children[] = {
	{ .argp = &options_linux },
	{ .argp = &options_trace },
	{ .argp = &options_report },
	{ .argp = &options_ept },
	{ .argp = &options_lab },
	{ .argp = &options_timeout },
	{ .argp = &options_serial },
	{ .argp = &options_boot },
	{ .argp = &options_share },
	{ .argp = &options_start },
	{ .argp = &options_snapshot },
	{ .argp = &help_argp },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *opt = state->input;
	unsigned int i;

	switch (key) {
	case ARGP_KEY_INIT:
		for (i = 0; children[i].argp; i++)
			state->child_inputs[i] = opt;
		return 0;
	case OPT_DEVICE:
		opt->device = options_file("device", arg, state);
		return 0;
	case OPT_FORMAT:
		parse_format(arg, &opt->format, state);
		return 0;
	case OPT_CPUS:
		parse_cpus(arg, &opt->cpus, state);
		return 0;
	case OPT_HYPERCALLS:
		opt->hypercalls = true;
		return 0;
	case OPT_MEM:
		options_parse_size("mem", arg, &opt->mem_size, state);
		return 0;
	case OPT_LOAD:
		options_parse_address("load", arg, &opt->load, state);
		return 0;
	case OPT_ENTRY:
		options_parse_address("entry", arg, &opt->entry, state);
		return 0;
	case OPT_EXIT_CODE:
		parse_exit_code(arg, &opt->exit_code, state);
		return 0;
	case OPT_STRICT:
		opt->strict = true;
		return 0;
	case OPT_SANDBOX:
		parse_sandbox(arg, &opt->sandbox, state);
		return 0;
	case ARGP_KEY_ARG:
		if (opt->file)
			argp_failure(state, STATUS_USAGE, 0,
				     "%s: one FILE only (%s is the first)", arg, opt->file);
		if (!*arg)
			argp_failure(state, STATUS_USAGE, 0, "no FILE given (see --help)");
		opt->file = arg;
		return 0;
	case ARGP_KEY_END:
		check_together(opt, state);
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
		.doc = options_doc,
		.children = children,
	};

	*opt = (struct options){
		.device = DEFAULT_DEVICE,
		.mem_size = NOT_GIVEN,
		.load = NOT_GIVEN,
		.entry = NOT_GIVEN,
		.cpus = 1,
		.exit_code = EXIT_CODE_RAW,
		.sandbox = SANDBOX_AUTO,
		.timeout = CLOCK_NEVER,
	};
	argp_err_exit_status = STATUS_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, opt);
}

static void complete_flat(struct options *opt)
{
	if (opt->mem_size == NOT_GIVEN)
		opt->mem_size = DEFAULT_MEM;
	if (opt->load == NOT_GIVEN)
		opt->load = DEFAULT_LOAD;
	if (opt->entry == NOT_GIVEN)
		opt->entry = opt->load;
	if (opt->entry >= REAL_MODE_SIZE)
		errx(STATUS_USAGE,
		     "entry 0x%llx: real mode reaches only 0xfffff (use --entry or --load)",
		     opt->entry);
	if (opt->entry >= opt->mem_size)
		errx(STATUS_USAGE,
		     "entry 0x%llx: outside of the guest's memory of 0x%llx bytes (use --mem)",
		     opt->entry, opt->mem_size);
}

static void complete_kernel(struct options *opt, __u64 mem_size, const char *kind)
{
	if (opt->mem_size == NOT_GIVEN)
		opt->mem_size = mem_size;
	if (opt->load != NOT_GIVEN || opt->entry != NOT_GIVEN)
		errx(STATUS_USAGE, "--load and --entry: %s, a %s, says it itself",
		     opt->file, kind);
	if (opt->start_register)
		errx(STATUS_USAGE, "--start=register: %s, a %s, starts on one processor",
		     opt->file, kind);
	if (opt->cpus != 1)
		errx(STATUS_USAGE, "--cpus=%u: %s, a %s, starts on one processor",
		     opt->cpus, opt->file, kind);
}

/**
 * options_complete() - check what only all options and the file together tell
 * @opt: from options_parse(); what was not given is filled in
 * @format: what the file is
 *
 * Does not return if the command line is wrong.
 */
void options_complete(struct options *opt, enum format format)
{
	if (format == FORMAT_LINUX)
		complete_kernel(opt, DEFAULT_LINUX_MEM, "Linux kernel");
	else if (format == FORMAT_PVH)
		complete_kernel(opt, DEFAULT_LINUX_MEM, "PVH kernel");
	else if (format == FORMAT_MULTIBOOT)
		complete_kernel(opt, DEFAULT_KERNEL_MEM, "Multiboot kernel");
	else if (format == FORMAT_BOOT)
		complete_kernel(opt, DEFAULT_KERNEL_MEM, "boot sector");
	else
		complete_flat(opt);
	options_check_kernel(opt, format);
	options_check_bios(opt, format);
	options_check_memory(opt);
}

/** options_check_memory() - can memory be of that size; does not return if not */
void options_check_memory(const struct options *opt)
{
	if (opt->ept.page_size == MINIVMX_EPT_2M && opt->mem_size % MINIVMX_EPT_2M)
		errx(STATUS_USAGE, "--ept-page=2M: 0x%llx bytes of memory: no multiple (use --mem)",
		     opt->mem_size);
	if (opt->mem_size > REGISTERS_BASE)
		errx(STATUS_USAGE, "--mem: at most 0x%llx bytes, where the register device is",
		     REGISTERS_BASE);
}
