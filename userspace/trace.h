/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_TRACE_H
#define VMRUN_TRACE_H

#include <stdbool.h>
#include <stdio.h>

#include "minivmx.h"
#include "options.h"
#include "report_guest.h"
#include "text.h"
#include "vcpu.h"

/**
 * struct trace_vcpu - the trace of one vCPU
 * @ring: records of the kernel's; NULL if it keeps none
 * @size: bytes mapped at @ring
 * @tail: records that were read
 * @nr_lines: number of the last line
 * @last: the last record that was read
 * @run_tsc: when MINIVMX_RUN was called, until a record tells more
 * @left_tsc: when it returned
 */
struct trace_vcpu {
	struct minivmx_trace_ring *ring;
	size_t size;
	__u64 tail;
	unsigned long nr_lines;
	struct minivmx_trace_record last;
	__u64 run_tsc;
	__u64 left_tsc;
};

/**
 * enum trace_format - what a trace looks like
 * @TRACE_TEXT: a line for each exit of the guest's own
 * @TRACE_LINES: a JSON object a line, for each exit
 * @TRACE_EVENTS: JSON for Perfetto and for Chrome
 */
enum trace_format {
	TRACE_TEXT,
	TRACE_LINES,
	TRACE_EVENTS,
};

/**
 * struct trace - what there is to say of exits
 * @out: where to; NULL if no trace is wanted
 * @report: gets the records, too, if a report is wanted
 * @file: its path, for messages
 * @format: as what
 * @cpus: lines name the vCPU, since there are several
 * @mem_size: bytes of guest memory, from address 0 on
 * @tsc_khz: frequency of the time-stamp counter
 * @first_tsc: when it began
 * @nr_events: how many events were written
 * @text: scratch
 * @vcpus: for each vCPU
 * @buffer: of @out, if it is a file
 */
struct trace {
	FILE *out;
	struct report_guest *report;
	const char *file;
	enum trace_format format;
	bool cpus;
	__u64 mem_size;
	__u64 tsc_khz;
	__u64 first_tsc;
	unsigned long nr_events;
	struct text text;
	struct trace_vcpu vcpus[MAX_CPUS];
	char buffer[BUFSIZ];
};

int trace_open(struct trace *trace, const struct options *opt, const struct vm *vm,
	       const struct vcpu *vcpus, struct report_guest *report);
void trace_run(struct trace *trace, const struct vcpu *vcpu);
void trace_drain(struct trace *trace, const struct vcpu *vcpu);
void trace_exit(struct trace *trace, const struct vcpu *vcpu);
int trace_close(struct trace *trace, const struct options *opt);

/* trace_text.c: words */
bool trace_is_hosts(const struct minivmx_trace_record *record, __u64 mem_size);
bool trace_is_delivered_again(const struct minivmx_trace_record *record,
			      const struct minivmx_trace_record *before);
void trace_describe_event(struct text *text, __u32 info);
void trace_describe_exit(struct text *text, const struct minivmx_run *run);
void trace_describe_record(struct text *text, const struct minivmx_trace_record *record,
			   const struct minivmx_run *run);

/* trace_json.c */
void trace_json_open(struct trace *trace, const struct options *opt);
void trace_json_run(struct trace *trace, const struct vcpu *vcpu);
void trace_json_record(struct trace *trace, const struct vcpu *vcpu,
		       const struct minivmx_trace_record *record);
void trace_json_left(struct trace *trace, const struct vcpu *vcpu);
void trace_json_close(struct trace *trace);

#endif /* VMRUN_TRACE_H */
