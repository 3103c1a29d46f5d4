// SPDX-License-Identifier: GPL-2.0
/*
 * The trace for programs: an object for each exit, or events for Perfetto and for
 * Chrome (docs/trace.md has both). Unlike the text, they tell of all exits, and when
 * they were.
 */
#include <x86intrin.h>

#include "json.h"
#include "names.h"
#include "trace.h"

/* Lanes of a vCPU: who has its processor. */
enum lane { LANE_GUEST, LANE_KERNEL, LANE_VMM, NR_LANES };

static const char *const lane_names[] = { "guest", "kernel", "vmrun" };

/* Numbers of 64 bits are strings: many programs keep only 53 bits of a number. */
static void print_hex(FILE *out, const char *name, __u64 value)
{
	fprintf(out, ",\"%s\":\"0x%llx\"", name, value);
}

/* ------------------------- events ----------------------------------------- */

static void begin_event(struct trace *trace)
{
	fputs(trace->nr_events++ ? ",\n" : "\n", trace->out);
}

static unsigned int lane_id(const struct vcpu *vcpu, enum lane lane)
{
	return vcpu->number * NR_LANES + lane + 1;
}

/* Nanoseconds since the trace began. */
static __u64 time_of(const struct trace *trace, __u64 tsc)
{
	if (tsc < trace->first_tsc)
		return 0;
	return (__uint128_t)(tsc - trace->first_tsc) * 1000000 / trace->tsc_khz;
}

/* The unit of these files is the microsecond. */
static void print_time(FILE *out, const char *name, __u64 ns)
{
	fprintf(out, ",\"%s\":%llu.%03llu", name, ns / 1000, ns % 1000);
}

/* A time that a lane has the processor. What it is called follows. */
static void begin_slice(struct trace *trace, const struct vcpu *vcpu, enum lane lane,
			__u64 from, __u64 to)
{
	__u64 begin = time_of(trace, from), end = time_of(trace, to);

	begin_event(trace);
	fprintf(trace->out, "{\"ph\":\"X\",\"pid\":1,\"tid\":%u", lane_id(vcpu, lane));
	print_time(trace->out, "ts", begin);
	print_time(trace->out, "dur", end > begin ? end - begin : 0);
	fprintf(trace->out, ",\"cat\":\"%s\",\"name\":", lane_names[lane]);
}

static void add_slice(struct trace *trace, const struct vcpu *vcpu, enum lane lane,
		      __u64 from, __u64 to, const char *name)
{
	begin_slice(trace, vcpu, lane, from, to);
	json_put_string(trace->out, name);
	fputc('}', trace->out);
}

static void name_thing(struct trace *trace, const char *what, unsigned int tid,
		       const char *name)
{
	begin_event(trace);
	fprintf(trace->out, "{\"ph\":\"M\",\"pid\":1,\"tid\":%u,\"name\":\"%s\"", tid, what);
	fputs(",\"args\":{\"name\":", trace->out);
	json_put_string(trace->out, name);
	fputs("}}", trace->out);
}

static void open_events(struct trace *trace, const struct options *opt)
{
	unsigned int cpu, lane;
	char name[32];

	trace->first_tsc = __rdtsc();
	fputs("{\"displayTimeUnit\":\"ns\",\"otherData\":{", trace->out);
	fprintf(trace->out, "\"schema\":\"minivmx-events-1\",\"tsc_khz\":%llu}", trace->tsc_khz);
	fputs(",\"traceEvents\":[", trace->out);
	name_thing(trace, "process_name", 0, opt->file);
	for (cpu = 0; cpu < opt->cpus; cpu++)
		for (lane = 0; lane < NR_LANES; lane++) {
			snprintf(name, sizeof(name), "vCPU %u %s", cpu, lane_names[lane]);
			name_thing(trace, "thread_name", cpu * NR_LANES + lane + 1, name);
		}
}

/**
 * trace_json_run() - vmrun hands the processor to the kernel
 * @trace: the trace, of events
 * @vcpu: MINIVMX_RUN is going to be called
 */
void trace_json_run(struct trace *trace, const struct vcpu *vcpu)
{
	struct trace_vcpu *own = &trace->vcpus[vcpu->number];

	own->run_tsc = __rdtsc();
	if (own->left_tsc)
		add_slice(trace, vcpu, LANE_VMM, own->left_tsc, own->run_tsc, "vmrun");
	own->left_tsc = 0;
}

static void add_events(struct trace *trace, const struct vcpu *vcpu,
		       const struct minivmx_trace_record *record)
{
	struct trace_vcpu *own = &trace->vcpus[vcpu->number];

	if (own->run_tsc)
		add_slice(trace, vcpu, LANE_KERNEL, own->run_tsc, record->entry_tsc, "enter");
	own->run_tsc = 0;
	add_slice(trace, vcpu, LANE_GUEST, record->entry_tsc, record->exit_tsc, "guest");
	begin_slice(trace, vcpu, LANE_KERNEL, record->exit_tsc, record->done_tsc);
	json_put_string(trace->out, trace->text.data);
	fprintf(trace->out, ",\"args\":{\"reason\":\"%s\"",
		vmx_exit_name(record->reason & 0xffff));
	print_hex(trace->out, "rip", record->rip);
	print_hex(trace->out, "qualification", record->qualification);
	fprintf(trace->out, ",\"sequence\":%llu}}", record->sequence);
	own->left_tsc = record->flags & MINIVMX_TRACE_TO_USER ? record->done_tsc : 0;
}

/**
 * trace_json_left() - MINIVMX_RUN has returned, and all records are read
 * @trace: the trace
 * @vcpu: the vCPU
 */
void trace_json_left(struct trace *trace, const struct vcpu *vcpu)
{
	struct trace_vcpu *own = &trace->vcpus[vcpu->number];
	__u64 from = own->run_tsc ? own->run_tsc : own->last.done_tsc;

	/* The last record tells when; without it, it was about now. */
	if (trace->format != TRACE_EVENTS || own->left_tsc)
		return;
	own->left_tsc = __rdtsc();
	own->run_tsc = 0;
	if (from)
		add_slice(trace, vcpu, LANE_KERNEL, from, own->left_tsc, "no exit");
}

/** trace_json_close() - the end of the list */
void trace_json_close(struct trace *trace)
{
	fputs("\n]}\n", trace->out);
}

/* ------------------------- lines ------------------------------------------ */

static void add_object(struct trace *trace, const struct vcpu *vcpu,
		       const struct minivmx_trace_record *record)
{
	__u32 reason = record->reason & 0xffff;
	bool to_user = record->flags & MINIVMX_TRACE_TO_USER;
	FILE *out = trace->out;

	fprintf(out, "{\"vcpu\":%u,\"sequence\":%llu,\"reason\":%u,\"name\":\"%s\"",
		vcpu->number, record->sequence, reason, vmx_exit_name(reason));
	fprintf(out, ",\"host\":%s,\"entry_failed\":%s,\"to_user\":%s",
		trace_is_hosts(record, trace->mem_size) ? "true" : "false",
		record->reason >> 31 ? "true" : "false", to_user ? "true" : "false");
	if (to_user)
		fprintf(out, ",\"user_exit\":\"%s\"", exit_name(record->user_exit));
	print_hex(out, "rip", record->rip);
	print_hex(out, "cs_base", record->cs_base);
	print_hex(out, "qualification", record->qualification);
	print_hex(out, "linear", record->linear);
	print_hex(out, "physical", record->physical);
	print_hex(out, "value", record->value);
	print_hex(out, "result", record->result);
	print_hex(out, "rcx", record->rcx);
	print_hex(out, "interruption_info", record->interruption_info);
	print_hex(out, "interruption_error", record->interruption_error);
	print_hex(out, "idt_vectoring_info", record->idt_vectoring_info);
	print_hex(out, "injected", record->injected);
	print_hex(out, "instruction_info", record->instruction_info);
	fprintf(out, ",\"instruction_length\":%u", record->instruction_length);
	fprintf(out, ",\"entry_tsc\":%llu,\"exit_tsc\":%llu,\"done_tsc\":%llu,\"text\":",
		record->entry_tsc, record->exit_tsc, record->done_tsc);
	json_put_string(out, trace->text.data);
	fputs("}\n", out);
}

/**
 * trace_json_open() - what comes before all exits
 * @trace: the trace
 * @opt: names the guest
 */
void trace_json_open(struct trace *trace, const struct options *opt)
{
	if (trace->format == TRACE_EVENTS) {
		open_events(trace, opt);
		return;
	}
	fputs("{\"schema\":\"minivmx-trace-1\",\"guest\":", trace->out);
	json_put_string(trace->out, opt->file);
	fprintf(trace->out, ",\"vcpus\":%u,\"tsc_khz\":%llu}\n", opt->cpus, trace->tsc_khz);
}

/**
 * trace_json_record() - an exit
 * @trace: the trace; its text is the exit in words
 * @vcpu: whose it is
 * @record: the exit
 */
void trace_json_record(struct trace *trace, const struct vcpu *vcpu,
		       const struct minivmx_trace_record *record)
{
	if (trace->format == TRACE_EVENTS)
		add_events(trace, vcpu, record);
	else
		add_object(trace, vcpu, record);
}
