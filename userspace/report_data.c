// SPDX-License-Identifier: GPL-2.0
/*
 * What is in a report, as JSON: a column for each field of the records, which is
 * shorter than a row for each record. report_page/data.js reads it.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "array_size.h"
#include "json.h"
#include "names.h"
#include "report_html.h"
#include "vmcs_fields.h"

#define OFFSET(field)	offsetof(struct minivmx_trace_record, field)
#define COLUMN(field) \
	{ #field, OFFSET(field), sizeof(((struct minivmx_trace_record *)0)->field) }

/* Fields that are columns as they are. */
static const struct {
	const char *name;
	size_t offset;
	size_t size;
} columns[] = {
	COLUMN(reason),
	COLUMN(flags),
	COLUMN(qualification),
	COLUMN(rip),
	COLUMN(cs_base),
	COLUMN(linear),
	COLUMN(physical),
	COLUMN(value),
	COLUMN(result),
	COLUMN(rcx),
	COLUMN(user_exit),
	COLUMN(interruption_info),
	COLUMN(interruption_error),
	COLUMN(idt_vectoring_info),
	COLUMN(injected),
};

/* Moments, as ticks since the one before; of the entry, since the first of all. */
static const struct {
	const char *name;
	size_t since;
	size_t offset;
} times[] = {
	{ "entry", SIZE_MAX, OFFSET(entry_tsc) },
	{ "exit", OFFSET(entry_tsc), OFFSET(exit_tsc) },
	{ "done", OFFSET(exit_tsc), OFFSET(done_tsc) },
};

static __u64 field(const struct minivmx_trace_record *record, size_t offset, size_t size)
{
	__u64 value = 0;

	memcpy(&value, (const char *)record + offset, size);
	return value;
}

/* ------------------------- columns --------------------------------------- */

/* What comes before value number i. */
static void separate(FILE *out, __u32 i)
{
	if (i)
		fputs(i % 32 ? "," : ",\n", out);
}

static __u64 first_entry(const struct report_html *report)
{
	__u64 first = ~0ULL;
	__u32 i;

	for (i = 0; i < report->nr_exits; i++)
		if (report->exits[i].record.entry_tsc < first)
			first = report->exits[i].record.entry_tsc;
	return first;
}

static void print_times(const struct report_html *report, size_t column)
{
	__u64 first = first_entry(report);
	__u32 i;

	fprintf(report->out, "\"%s\":[", times[column].name);
	for (i = 0; i < report->nr_exits; i++) {
		const struct minivmx_trace_record *record = &report->exits[i].record;
		__u64 at = field(record, times[column].offset, sizeof(__u64));
		__u64 since = times[column].since == SIZE_MAX ? first :
			      field(record, times[column].since, sizeof(__u64));

		separate(report->out, i);
		/* The counters of two processors may differ. */
		json_put_number(report->out, at < since ? 0 : at - since);
	}
	fputs("],\n", report->out);
}

static void print_column(const struct report_html *report, size_t column)
{
	__u32 i;

	fprintf(report->out, "\"%s\":[", columns[column].name);
	for (i = 0; i < report->nr_exits; i++) {
		separate(report->out, i);
		json_put_number(report->out,
				field(&report->exits[i].record, columns[column].offset,
				      columns[column].size));
	}
	fputs("],\n", report->out);
}

static void print_columns(const struct report_html *report)
{
	size_t column;
	__u32 i;

	fputs("\"columns\":{\n", report->out);
	for (column = 0; column < ARRAY_SIZE(times); column++)
		print_times(report, column);
	for (column = 0; column < ARRAY_SIZE(columns); column++)
		print_column(report, column);
	fputs("\"code\":[", report->out);
	for (i = 0; i < report->nr_exits; i++) {
		separate(report->out, i);
		json_put_number(report->out, report->exits[i].instruction);
	}
	fputs("],\n\"cpu\":[", report->out);
	for (i = 0; i < report->nr_exits; i++) {
		separate(report->out, i);
		json_put_number(report->out, report->exits[i].cpu);
	}
	fputs("]\n}", report->out);
}

/* ------------------------- the rest -------------------------------------- */

static void print_run(const struct report_html *report, const struct report_run *run)
{
	FILE *out = report->out;

	fputs("\"guest\":", out);
	json_put_string(out, run->guest);
	fprintf(out, ",\n\"cpus\":%u,\"memory\":%llu,\"exits\":%llu,\n",
		run->cpus, run->mem_size, report->nr_seen);
	/* Pin-based, primary, secondary, exit, entry. */
	fprintf(out, "\"controls\":{\"exit\":%u},\n", run->caps.used[3]);
}

/* Of a record: the page has their names, and no numbers of its own. */
static void print_flags(FILE *out)
{
	static const struct {
		const char *name;
		unsigned int bits;
	} flags[] = {
		{ "TO_USER", MINIVMX_TRACE_TO_USER },
		{ "PROTECTED", MINIVMX_TRACE_PROTECTED },
		{ "PAGING", MINIVMX_TRACE_PAGING },
		{ "LONG", MINIVMX_TRACE_LONG },
		{ "CODE_32", MINIVMX_TRACE_CODE_32 },
		{ "CODE_64", MINIVMX_TRACE_CODE_64 },
	};
	size_t i;

	fputs("\"flags\":{", out);
	for (i = 0; i < ARRAY_SIZE(flags); i++)
		fprintf(out, "%s\"%s\":%u", i ? "," : "", flags[i].name, flags[i].bits);
	fputs("},\n", out);
}

/* Fields of the guest-state and the host-state area. */
static void print_fields(FILE *out)
{
	static const struct {
		const char *name;
		const char *sdm_name;
		__u32 encoding;
	} fields[] = {
#define F(name, encoding, sdm_name)	{ #name, sdm_name, encoding },
		VMCS_GUEST_FIELDS(F)
		VMCS_HOST_FIELDS(F)
#undef F
	};
	size_t i;

	fputs("\"fields\":[", out);
	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		fprintf(out, "%s[\"%s\",%u,", i ? ",\n" : "\n", fields[i].name,
			fields[i].encoding);
		json_put_string(out, fields[i].sdm_name);
		fputc(']', out);
	}
	fputs("],\n", out);
}

/* Names of the exits of the API that some record has. */
static void print_user_exits(const struct report_html *report)
{
	bool seen[64] = { false };
	__u32 i;

	for (i = 0; i < report->nr_exits; i++)
		if (report->exits[i].record.user_exit < ARRAY_SIZE(seen))
			seen[report->exits[i].record.user_exit] = true;
	fputs("\"user_exits\":{", report->out);
	for (i = 0; i < ARRAY_SIZE(seen); i++)
		if (seen[i])
			fprintf(report->out, "\"%u\":\"%s\",", i, exit_name(i));
	fprintf(report->out, "\"%u\":\"VMX\",\"%u\":\"QUANTUM\"},\n", MINIVMX_EXIT_VMX,
		MINIVMX_EXIT_QUANTUM);
}

static void print_instruction(struct report_html *report,
			      const struct report_instruction *instruction)
{
	const cs_insn *decoded = report->decoded;
	const __u8 *code = instruction->bytes;
	size_t left = instruction->size;
	uint64_t rip = instruction->rip;
	__u16 i;

	cs_option(report->disassembler, CS_OPT_MODE, instruction->mode);
	if (!cs_disasm_iter(report->disassembler, &code, &left, &rip, report->decoded)) {
		fputs("[\"\",\"\"]", report->out);
		return;
	}
	fputs("[\"", report->out);
	for (i = 0; i < decoded->size; i++)
		fprintf(report->out, "%s%02x", i ? " " : "", decoded->bytes[i]);
	fprintf(report->out, "\",\"%s%s%s\"]", decoded->mnemonic, *decoded->op_str ? " " : "",
		decoded->op_str);
}

static void print_instructions(struct report_html *report)
{
	__u32 i;

	fputs("\"code\":[", report->out);
	for (i = 0; i < report->nr_instructions; i++) {
		fputs(i ? ",\n" : "\n", report->out);
		print_instruction(report, &report->instructions[i]);
	}
	fputs("],\n", report->out);
}

/**
 * report_data() - write what was collected
 * @report: from report_html_open()
 * @run: what to say of the run
 */
void report_data(struct report_html *report, const struct report_run *run)
{
	fputc('{', report->out);
	print_run(report, run);
	print_flags(report->out);
	print_fields(report->out);
	print_user_exits(report);
	print_instructions(report);
	print_columns(report);
	fputs("}\n", report->out);
}
