// SPDX-License-Identifier: GPL-2.0
/*
 * A page in HTML with all VM exits of a run: they are collected, and written at the
 * end. What the page looks like is in report_page/, what is in it in report_data.c.
 */
#include <assert.h>
#include <err.h>
#include <string.h>
#include <sys/mman.h>

#include "exit_status.h"
#include "report_html.h"

/* At most half full. A power of two. */
#define INDEX_SIZE	0x40000
static_assert(INDEX_SIZE >= 2 * REPORT_MAX_EXITS, "the index would fill up");

/* ------------------------- collecting ------------------------------------ */

static void *get_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

/* The first instruction makes capstone sort its tables: in the sandbox, too late. */
static bool warm_up(struct report_html *report)
{
	static const __u8 hlt[] = { 0xf4 };
	const __u8 *code = hlt;
	size_t left = sizeof(hlt);
	uint64_t rip = 0;

	return cs_disasm_iter(report->disassembler, &code, &left, &rip, report->decoded);
}

static bool get_all_memory(struct report_html *report)
{
	report->exits = get_memory(REPORT_MAX_EXITS * sizeof(*report->exits));
	report->instructions = get_memory(REPORT_MAX_EXITS * sizeof(*report->instructions));
	report->index = get_memory(INDEX_SIZE * sizeof(*report->index));
	if (!report->exits || !report->instructions || !report->index)
		return false;
	if (cs_open(CS_ARCH_X86, CS_MODE_16, &report->disassembler) != CS_ERR_OK)
		return false;
	report->decoded = cs_malloc(report->disassembler);
	return report->decoded && warm_up(report);
}

/**
 * report_html_open() - begin a report
 * @report: filled in
 * @path: of the page
 *
 * Return: 0, or an exit status after a message.
 */
int report_html_open(struct report_html *report, const char *path)
{
	*report = (struct report_html){ .path = path };
	if (!get_all_memory(report)) {
		warnx("--report=%s: no memory", path);
		return STATUS_HOST;
	}
	report->out = fopen(path, "we");
	if (!report->out) {
		warn("--report=%s", path);
		return STATUS_HOST;
	}
	/* What asks the kernel for the kind of file, and for memory, is done now. */
	if (fwrite(report_page_head, report_page_head_end - report_page_head, 1,
		   report->out) != 1 || fflush(report->out)) {
		warn("--report=%s", path);
		return STATUS_HOST;
	}
	return 0;
}

/* FNV-1a, of 32 bits. */
static __u32 hash(const struct report_instruction *instruction)
{
	const __u8 *byte = (const __u8 *)instruction;
	__u32 value = 2166136261U;
	size_t i;

	for (i = 0; i < sizeof(*instruction); i++)
		value = (value ^ byte[i]) * 16777619U;
	return value;
}

/* The number of an instruction, be it new or not. */
static __u32 number_of(struct report_html *report, const struct report_instruction *instruction)
{
	__u32 slot = hash(instruction) % INDEX_SIZE;

	while (report->index[slot] &&
	       memcmp(&report->instructions[report->index[slot] - 1], instruction,
		      sizeof(*instruction)))
		slot = (slot + 1) % INDEX_SIZE;
	if (!report->index[slot]) {
		report->instructions[report->nr_instructions] = *instruction;
		report->index[slot] = ++report->nr_instructions;
	}
	return report->index[slot] - 1;
}

/**
 * report_html_add() - add an exit
 * @report: from report_html_open()
 * @cpu: number of the vCPU
 * @record: what minivmx recorded of it
 * @code: the bytes at its RIP
 * @size: how many there are; 0, nobody knows them
 */
void report_html_add(struct report_html *report, unsigned int cpu,
		     const struct minivmx_trace_record *record, const __u8 *code, size_t size)
{
	struct report_instruction instruction;

	report->nr_seen++;
	if (report->nr_exits == REPORT_MAX_EXITS)
		return;
	/* It is hashed and compared as bytes: no padding. */
	memset(&instruction, 0, sizeof(instruction));
	instruction.rip = record->rip;
	instruction.mode = report_is_64_bit(record) ? CS_MODE_64 :
			   record->flags & MINIVMX_TRACE_CODE_32 ? CS_MODE_32 : CS_MODE_16;
	instruction.size = size < sizeof(instruction.bytes) ? size : sizeof(instruction.bytes);
	memcpy(instruction.bytes, code, instruction.size);
	report->exits[report->nr_exits++] = (struct report_exit){
		.record = *record,
		.instruction = number_of(report, &instruction),
		.cpu = cpu,
	};
}

/* ------------------------- writing --------------------------------------- */

static void give_back(struct report_html *report)
{
	munmap(report->exits, REPORT_MAX_EXITS * sizeof(*report->exits));
	munmap(report->instructions, REPORT_MAX_EXITS * sizeof(*report->instructions));
	munmap(report->index, INDEX_SIZE * sizeof(*report->index));
	cs_free(report->decoded, 1);
	cs_close(&report->disassembler);
}

/**
 * report_html_close() - write the page
 * @report: from report_html_open()
 * @run: what to say of the run
 *
 * Return: 0, or an exit status after a message.
 */
int report_html_close(struct report_html *report, const struct report_run *run)
{
	bool failed;

	if (!report->out)
		return 0;
	report_data(report, run);
	give_back(report);
	fwrite(report_page_tail, report_page_tail_end - report_page_tail, 1, report->out);
	failed = ferror(report->out);
	if (fclose(report->out))
		failed = true;
	if (!failed)
		return 0;
	warnx("--report=%s: not all of it could be written", report->path);
	return STATUS_HOST;
}
