// SPDX-License-Identifier: GPL-2.0
/*
 * The trace: what made the guest exit, one line each.
 *
 * The same guest with the same input gives the same lines on every machine, as
 * long as it does not poll for input, use the timer, or have several vCPUs. The
 * items of a REP OUTS may come in one exit or in several.
 */
#include <ctype.h>
#include <err.h>
#include <string.h>

#include "exit_status.h"
#include "mmio.h"
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
	*trace = (struct trace){ .file = "standard error", .cpus = opt->cpus > 1 };
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
	/*
	 * Whoever stops vmrun finds every exit up to there. Without a buffer of
	 * ours, the first line asks the kernel what kind of file it is.
	 */
	setvbuf(trace->out, trace->buffer, _IOLBF, sizeof(trace->buffer));
	return 0;
}

static void print_char(FILE *out, int c)
{
	if (c == '\n')
		fputs(" '\\n'", out);
	else if (isascii(c) && isprint(c))
		fprintf(out, " '%c'", c);
}

/* A value of 1, 2, 4 or 8 bytes. */
static void print_value(FILE *out, const __u8 *data, __u32 size)
{
	__u64 value = 0;

	memcpy(&value, data, size < sizeof(value) ? size : sizeof(value));
	fprintf(out, " 0x%0*llx", 2 * (int)size, value);
}

static void print_io(FILE *out, const struct minivmx_run *run)
{
	const __u8 *data = (const __u8 *)run + run->io.data_offset;
	bool in = run->io.direction == MINIVMX_EXIT_IO_IN;
	__u32 i;

	fprintf(out, "    %s 0x%x %s", in ? "IN " : "OUT", run->io.port,
		in ? "->" : "<-");
	if (run->io.count > 1)
		fprintf(out, " %u *", run->io.count);
	for (i = 0; i < run->io.count; i++, data += run->io.size) {
		print_value(out, data, run->io.size);
		if (run->io.port == SERIAL_PORT && run->io.size == 1)
			print_char(out, *data);
	}
}

static void print_mmio(FILE *out, const struct minivmx_run *run)
{
	bool write = run->mmio.is_write;

	fprintf(out, "  %s 0x%llx %s", write ? "WRITE" : "READ ", run->mmio.phys_addr,
		write ? "<-" : "->");
	print_value(out, run->mmio.data, run->mmio.len);
	if (write && run->mmio.phys_addr == REGISTERS_BASE)
		print_char(out, run->mmio.data[0]);
}

static void print_debug(FILE *out, const struct minivmx_run *run)
{
	fprintf(out, " exception %u at 0x%llx, dr6 0x%llx", run->debug.arch.exception,
		run->debug.arch.pc, run->debug.arch.dr6);
}

static void print_vmx(FILE *out, const struct minivmx_run *run)
{
	fprintf(out, "   %s, qualification 0x%llx, %u bytes", vmx_exit_name(run->vmx.reason),
		run->vmx.qualification, run->vmx.instruction_length);
}

static void print_internal(FILE *out, const struct minivmx_run *run)
{
	fprintf(out, " %u, %s", run->internal.suberror,
		internal_error_text(run->internal.suberror));
}

static void print_details(FILE *out, const struct minivmx_run *run)
{
	switch (run->exit_reason) {
	case MINIVMX_EXIT_IO:
		print_io(out, run);
		break;
	case MINIVMX_EXIT_MMIO:
		print_mmio(out, run);
		break;
	case MINIVMX_EXIT_DEBUG:
		print_debug(out, run);
		break;
	case MINIVMX_EXIT_VMX:
		print_vmx(out, run);
		break;
	case MINIVMX_EXIT_INTERNAL_ERROR:
		print_internal(out, run);
		break;
	}
}

/**
 * trace_exit() - add a line for an exit
 * @trace: from trace_open()
 * @vcpu: whose run page tells which, after the exit was handled: then it holds
 *	what an IN gives to the guest
 */
void trace_exit(struct trace *trace, const struct vcpu *vcpu)
{
	if (!trace->out)
		return;
	fprintf(trace->out, "%4lu ", ++trace->nr_exits);
	if (trace->cpus)
		fprintf(trace->out, "vCPU %u ", vcpu->number);
	fputs(exit_name(vcpu->run->exit_reason), trace->out);
	print_details(trace->out, vcpu->run);
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
	warnx("--trace=%s: not all of it could be written", trace->file);
	return STATUS_HOST;
}
