// SPDX-License-Identifier: GPL-2.0
/*
 * The trace: what made the guest exit, one line each.
 *
 * The same guest with the same input gives the same lines on every machine, as
 * long as it does not poll for input.
 */
#include <ctype.h>
#include <err.h>
#include <string.h>

#include "exit_status.h"
#include "names.h"
#include "serial.h"
#include "trace.h"

/**
 * trace_open() - begin a trace, if one is wanted
 * @trace: filled in
 * @opt: says if, and where to
 *
 * Return: 0, or an exit status after a message.
 */
int trace_open(struct trace *trace, const struct options *opt)
{
	*trace = (struct trace){ .file = "standard error" };
	if (!opt->trace)
		return 0;
	if (!opt->trace_file) {
		trace->out = stderr;
		return 0;
	}
	trace->file = opt->trace_file;
	trace->out = fopen(trace->file, "we");
	if (!trace->out) {
		warn("--trace=%s", trace->file);
		return STATUS_HOST;
	}
	/* Whoever stops vmrun finds every exit up to there. */
	setvbuf(trace->out, NULL, _IOLBF, BUFSIZ);
	return 0;
}

static void print_char(FILE *out, int c)
{
	if (c == '\n')
		fputs(" '\\n'", out);
	else if (isascii(c) && isprint(c))
		fprintf(out, " '%c'", c);
}

static void print_io(FILE *out, const struct minivmx_run *run)
{
	const __u8 *data = (const __u8 *)run + run->io.data_offset;
	bool in = run->io.direction == MINIVMX_EXIT_IO_IN;
	__u32 i;

	fprintf(out, "    %s 0x%x %s", in ? "IN " : "OUT", run->io.port,
		in ? "->" : "<-");
	for (i = 0; i < run->io.count; i++, data += run->io.size) {
		__u32 value = 0;

		memcpy(&value, data, run->io.size);
		fprintf(out, " 0x%0*x", 2 * run->io.size, value);
		if (run->io.port == SERIAL_PORT && run->io.size == 1)
			print_char(out, value);
	}
}

/**
 * trace_exit() - add a line for an exit
 * @trace: from trace_open()
 * @run: the run page, after the exit was handled: then it holds what an IN
 *	gives to the guest
 */
void trace_exit(struct trace *trace, const struct minivmx_run *run)
{
	if (!trace->out)
		return;
	fprintf(trace->out, "%4lu %s", ++trace->nr_exits, exit_name(run->exit_reason));
	if (run->exit_reason == MINIVMX_EXIT_IO)
		print_io(trace->out, run);
	fputc('\n', trace->out);
}

/**
 * trace_close() - end a trace
 * @trace: from trace_open()
 *
 * Return: 0, or an exit status after a message.
 */
int trace_close(struct trace *trace)
{
	bool failed;

	if (!trace->out)
		return 0;
	failed = ferror(trace->out);
	if (trace->out != stderr && fclose(trace->out))
		failed = true;
	if (!failed)
		return 0;
	warn("--trace: %s", trace->file);
	return STATUS_HOST;
}
