/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_REPORT_HTML_H
#define VMRUN_REPORT_HTML_H

#include <stdbool.h>
#include <stdio.h>
#include <capstone/capstone.h>

#include "minivmx.h"

/* The most exits in a page. */
#define REPORT_MAX_EXITS	100000

/* An instruction has no more bytes. */
#define REPORT_CODE_BYTES	15

/**
 * struct report_exit - a VM exit in a report
 * @record: what minivmx recorded
 * @instruction: number of the instruction at its RIP
 * @cpu: number of the vCPU
 */
struct report_exit {
	struct minivmx_trace_record record;
	__u32 instruction;
	__u32 cpu;
};

/**
 * struct report_instruction - an instruction that exits are about
 * @rip: where it is, as the guest sees it
 * @mode: capstone's CS_MODE_16, _32 or _64: what its bytes mean
 * @size: of @bytes, which may be more than its own
 * @bytes: as they were when the exit was collected
 */
struct report_instruction {
	__u64 rip;
	__u32 mode;
	__u8 size;
	__u8 bytes[REPORT_CODE_BYTES];
};

/**
 * struct report_run - what a page says of the run as a whole
 * @guest: its name
 * @cpus: number of vCPUs
 * @mem_size: bytes of guest memory, from address 0 on
 * @caps: the controls in use
 */
struct report_run {
	const char *guest;
	unsigned int cpus;
	__u64 mem_size;
	struct minivmx_vmx_caps caps;
};

/**
 * struct report_html - a page with all VM exits of a run
 * @out: where to; NULL if none is wanted
 * @path: the file's, for messages
 * @exits: the first REPORT_MAX_EXITS of them
 * @nr_exits: how many there are in @exits
 * @nr_seen: how many there were
 * @instructions: each different one, once
 * @nr_instructions: how many
 * @index: hash table: number of an instruction plus 1, or 0
 * @disassembler: capstone's
 * @decoded: capstone's, for one instruction
 *
 * All of the memory is there from the start: in the sandbox there is no more.
 */
struct report_html {
	FILE *out;
	const char *path;
	struct report_exit *exits;
	__u32 nr_exits;
	__u64 nr_seen;
	struct report_instruction *instructions;
	__u32 nr_instructions;
	__u32 *index;
	csh disassembler;
	cs_insn *decoded;
};

/* CS.L means something in long mode only. */
static inline bool report_is_64_bit(const struct minivmx_trace_record *record)
{
	return record->flags & MINIVMX_TRACE_LONG && record->flags & MINIVMX_TRACE_CODE_64;
}

/* report_page.S: what comes before the data, and what after it */
extern const char report_page_head[], report_page_head_end[];
extern const char report_page_tail[], report_page_tail_end[];

int report_html_open(struct report_html *report, const char *path);
void report_html_add(struct report_html *report, unsigned int cpu,
		     const struct minivmx_trace_record *record, const __u8 *code, size_t size);
void report_data(struct report_html *report, const struct report_run *run);
int report_html_close(struct report_html *report, const struct report_run *run);

#endif /* VMRUN_REPORT_HTML_H */
