// SPDX-License-Identifier: GPL-2.0
/*
 * The trace: what made the guest exit. The kernel keeps a record of each exit, in
 * a ring for each vCPU; where it does not (KVM), there is a line for those that
 * reach vmrun.
 *
 * The same guest with the same input gives the same text on every machine, as long
 * as it does not poll for input, or use the timer. With several vCPUs, this holds
 * for the lines of each.
 */
#include <err.h>
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "exit_status.h"
#include "trace.h"

/* Then MINIVMX_RUN has to return, to let us read. */
#define NR_RECORDS	1024

#define RING_SIZE	(sizeof(struct minivmx_trace_ring) + \
			 NR_RECORDS * sizeof(struct minivmx_trace_record))

static enum trace_format format_of(const struct options *opt)
{
	const char *suffix = opt->trace_file ? strrchr(opt->trace_file, '.') : NULL;

	if (suffix && !strcmp(suffix, ".json"))
		return TRACE_EVENTS;
	return opt->json ? TRACE_LINES : TRACE_TEXT;
}

static bool is_wanted(const struct trace *trace)
{
	return trace->out || trace->report->page.out;
}

/* Who has no such ring says ENOTTY or EINVAL; text can do without it. */
static int make_ring(struct trace *trace, const struct vm *vm, const struct vcpu *vcpu)
{
	struct trace_vcpu *own = &trace->vcpus[vcpu->number];
	void *ring;

	if (ioctl(vcpu->fd, MINIVMX_SET_TRACE, NR_RECORDS) < 0) {
		if (trace->format == TRACE_TEXT && (errno == ENOTTY || errno == EINVAL))
			return 0;
		if (errno == ENOTTY || errno == EINVAL)
			warnx("%s: keeps no record of exits (a trace in JSON needs minivmx)",
			      vm->device);
		else
			warn("%s: MINIVMX_SET_TRACE", vm->device);
		return STATUS_HOST;
	}
	ring = mmap(NULL, RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd,
		    MINIVMX_TRACE_OFFSET);
	if (ring == MAP_FAILED) {
		warn("%s: cannot map the trace", vm->device);
		return STATUS_HOST;
	}
	own->ring = ring;
	own->size = RING_SIZE;
	return 0;
}

static int open_file(struct trace *trace)
{
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

static int open_trace(struct trace *trace, const struct options *opt, const struct vm *vm,
		      const struct vcpu *vcpus)
{
	int status = 0;

	trace->file = opt->trace_file ? opt->trace_file : "standard error";
	trace->format = format_of(opt);
	trace->cpus = opt->cpus > 1;
	trace->mem_size = vm->mem_size;
	trace->out = stderr;
	if (opt->trace_file)
		status = open_file(trace);
	if (!status && trace->format != TRACE_TEXT) {
		int khz = vm_ioctl(vm, vcpus[0].fd, MINIVMX_GET_TSC_KHZ, 0);

		if (khz <= 0)
			return STATUS_HOST;
		trace->tsc_khz = khz;
	}
	return status;
}

/**
 * trace_open() - begin a trace, if one is wanted
 * @trace: filled in; call trace_close() after success
 * @opt: says if, and where to
 * @vm: the VM
 * @vcpus: its vCPUs
 * @report: is open, if one is wanted; it gets the records, with a trace and without
 *
 * Return: 0, or an exit status after a message.
 */
int trace_open(struct trace *trace, const struct options *opt, const struct vm *vm,
	       const struct vcpu *vcpus, struct report_guest *report)
{
	unsigned int i;
	int status = 0;

	memset(trace, 0, sizeof(*trace));
	trace->report = report;
	if (opt->trace)
		status = open_trace(trace, opt, vm, vcpus);
	for (i = 0; i < opt->cpus && !status && is_wanted(trace); i++)
		status = make_ring(trace, vm, &vcpus[i]);
	if (!status && trace->out && trace->format != TRACE_TEXT)
		trace_json_open(trace, opt);
	return status;
}

static void begin_line(struct trace *trace, const struct vcpu *vcpu,
		       const struct minivmx_trace_record *record)
{
	fprintf(trace->out, "%4lu ", ++trace->vcpus[vcpu->number].nr_lines);
	if (trace->cpus)
		fprintf(trace->out, "vCPU %u ", vcpu->number);
	if (record)
		fprintf(trace->out, "0x%llx ", record->rip);
	trace->text.length = 0;
}

static void end_line(struct trace *trace)
{
	fwrite(trace->text.data, 1, trace->text.length, trace->out);
	fputc('\n', trace->out);
}

/* @run: of the exit that it ended MINIVMX_RUN with; else NULL. */
static void add_record(struct trace *trace, const struct vcpu *vcpu,
		       const struct minivmx_trace_record *record,
		       const struct minivmx_run *run)
{
	struct trace_vcpu *own = &trace->vcpus[vcpu->number];

	if (trace->format != TRACE_TEXT) {
		trace->text.length = 0;
		trace_describe_record(&trace->text, record, run);
		trace_json_record(trace, vcpu, record);
		own->last = *record;
		return;
	}
	if (record->injected && !trace_is_delivered_again(record, &own->last)) {
		begin_line(trace, vcpu, own->tail ? &own->last : NULL);
		text_add(&trace->text, "inject ");
		trace_describe_event(&trace->text, record->injected);
		end_line(trace);
	}
	if (!trace_is_hosts(record, trace->mem_size)) {
		begin_line(trace, vcpu, record);
		trace_describe_record(&trace->text, record, run);
		end_line(trace);
	}
	own->last = *record;
}

/* Return: whether the last one tells of the exit that is in the run page. */
static bool drain(struct trace *trace, const struct vcpu *vcpu,
		  const struct minivmx_run *run)
{
	struct trace_vcpu *own = &trace->vcpus[vcpu->number];
	struct minivmx_trace_record record;
	bool told = false;
	__u64 head;

	if (!own->ring)
		return false;
	head = __atomic_load_n(&own->ring->head, __ATOMIC_ACQUIRE);
	for (; own->tail != head; own->tail++) {
		record = own->ring->records[own->tail % NR_RECORDS];
		told = run && own->tail + 1 == head && record.flags & MINIVMX_TRACE_TO_USER;
		report_guest_add(trace->report, vcpu, &record);
		if (trace->out)
			add_record(trace, vcpu, &record, told ? run : NULL);
	}
	__atomic_store_n(&own->ring->tail, head, __ATOMIC_RELEASE);
	if (trace->out && trace->format != TRACE_TEXT)
		trace_json_left(trace, vcpu);
	return told;
}

/** trace_run() - MINIVMX_RUN is going to be called */
void trace_run(struct trace *trace, const struct vcpu *vcpu)
{
	if (trace->out && trace->format == TRACE_EVENTS)
		trace_json_run(trace, vcpu);
}

/**
 * trace_drain() - add what the kernel did by itself
 * @trace: from trace_open()
 * @vcpu: MINIVMX_RUN returned without an exit of the guest's
 */
void trace_drain(struct trace *trace, const struct vcpu *vcpu)
{
	if (is_wanted(trace))
		drain(trace, vcpu, NULL);
}

/**
 * trace_exit() - the same, and an exit that vmrun has answered
 * @trace: from trace_open()
 * @vcpu: whose run page tells which, after the exit was handled: then it holds
 *	what an IN gives to the guest
 */
void trace_exit(struct trace *trace, const struct vcpu *vcpu)
{
	struct trace_vcpu *own = &trace->vcpus[vcpu->number];

	if (!is_wanted(trace) || drain(trace, vcpu, vcpu->run) || !trace->out ||
	    trace->format != TRACE_TEXT)
		return;
	/* There is no ring, or this is the next part of an instruction. */
	begin_line(trace, vcpu, own->ring ? &own->last : NULL);
	trace_describe_exit(&trace->text, vcpu->run);
	end_line(trace);
}

/**
 * trace_close() - end a trace
 * @trace: from trace_open()
 * @opt: as it had them
 *
 * Return: 0, or an exit status after a message.
 */
int trace_close(struct trace *trace, const struct options *opt)
{
	unsigned int i;
	bool failed;

	for (i = 0; i < opt->cpus; i++)
		if (trace->vcpus[i].ring)
			munmap(trace->vcpus[i].ring, trace->vcpus[i].size);
	if (!trace->out)
		return 0;
	if (trace->format == TRACE_EVENTS)
		trace_json_close(trace);
	failed = ferror(trace->out);
	if (trace->out != stderr && fclose(trace->out))
		failed = true;
	if (!failed)
		return 0;
	warnx("--trace=%s: not all of it could be written", trace->file);
	return STATUS_HOST;
}
