// SPDX-License-Identifier: GPL-2.0
/*
 * A report of a run that never was: the same records each time, of every kind, so
 * that the page can be tested where there is no VT-x.
 *
 *	records PATH EXITS [CPUS]	writes the page
 *
 * A guest goes from real mode to 64-bit mode, touches pages one after the other,
 * asks for CPUID, reads and writes MSRs, talks to its serial port and to a device
 * in memory, and is interrupted now and then. The last exit is HLT.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../userspace/report_html.h"

#define MEM_SIZE	0x1000000ULL
#define DEVICE		0xd0000000ULL
#define VALID		0x80000000U

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

struct kind {
	const char *code;
	__u64 qualification;
	__u32 size;
	__u32 reason;
	__u32 user_exit;
	unsigned int weight;
	unsigned int guest, kernel;	/* ticks, about */
};

/* In 64-bit mode. */
static const struct kind kinds[] = {
	{ "\xee", 0x3f80000, 1, 30, MINIVMX_EXIT_IO, 26, 420, 610 },		/* out dx, al */
	{ "\xe4\x60", 0x600048, 2, 30, MINIVMX_EXIT_IO, 3, 900, 640 },		/* in al, 0x60 */
	{ "\xf3\x6e", 0x3f80030, 2, 30, MINIVMX_EXIT_IO, 2, 900, 2400 },	/* rep outsb */
	{ "\x0f\xa2", 0, 2, 10, 0, 17, 350, 240 },				/* cpuid */
	{ "\x0f\x32", 0, 2, 31, 0, 9, 800, 260 },				/* rdmsr */
	{ "\x0f\x30", 0, 2, 32, 0, 7, 760, 280 },				/* wrmsr */
	{ "\x88\x03", 0x182, 2, 48, 0, 14, 1500, 2400 },			/* mov [rbx], al */
	{ "\x8a\x03", 0x181, 2, 48, 0, 5, 1400, 2350 },				/* mov al, [rbx] */
	{ "\x89\x07", 0x182, 2, 48, MINIVMX_EXIT_MMIO, 4, 700, 3100 },		/* mov [rdi], eax */
	{ "\x0f\x22\xc0", 0x0, 3, 28, 0, 2, 2100, 320 },			/* mov cr0, rax */
	{ "\x0f\x01\xc1", 0, 3, 18, 0, 4, 500, 250 },				/* vmcall */
	{ "\xeb\xfe", 0, 2, 1, 0, 3, 5200, 4100 },				/* jmp $ */
	{ "\xeb\xfe", 0, 2, 52, 0, 1, 24000, 900 },
	{ "\x0f\x0b", 0, 2, 0, 0, 1, 700, 510 },				/* ud2 */
};

/* The way there. */
static const struct kind boot[] = {
	{ "\xbc\x00\x70", 0x184, 3, 48, 0, 1, 40, 2600 },			/* mov sp, 0x7000 */
	{ "\xee", 0x3f80000, 1, 30, MINIVMX_EXIT_IO, 1, 300, 620 },
	{ "\x0f\xa2", 0, 2, 10, 0, 1, 200, 240 },
	{ "\x0f\x22\xc0", 0x0, 3, 28, 0, 1, 300, 360 },
};

static const struct kind last = { "\xf4", 0, 1, 12, MINIVMX_EXIT_HLT, 1, 200, 380 };

static __u32 seed = 1;

static __u32 any(__u32 below)
{
	seed = seed * 1664525U + 1013904223U;
	return (seed >> 8) % below;
}

static const struct kind *pick(void)
{
	unsigned int sum = 0, i;
	int at;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		sum += kinds[i].weight;
	at = any(sum);
	for (i = 0; (at -= kinds[i].weight) >= 0; i++)
		;
	return &kinds[i];
}

static void set_details(struct minivmx_trace_record *record, unsigned int n)
{
	static const char text[] = "Hello, world!\n";
	static __u64 page = 0x100;
	static const __u32 msrs[] = { 0x1b, 0x277, 0xc0000080, 0xc0000101 };

	record->value = any(0x10000);
	record->result = record->value;
	switch (record->reason) {
	case 0:
		record->interruption_info = VALID | 3 << 8 | 6;
		break;
	case 10:
		record->rcx = any(2);
		record->value = any(2) ? any(8) : 0x80000000 + any(5);
		break;
	case 30:
		record->value = text[n % (sizeof(text) - 1)];
		break;
	case 31:
	case 32:
		record->rcx = msrs[any(ARRAY_SIZE(msrs))];
		record->value = 0xfee00900 + ((__u64)any(4) << 61);
		record->result = record->value;
		break;
	case 48:
		record->physical = record->user_exit ?
			DEVICE + 4 * any(2) : (page << 12) + any(0x1000);
		if (!record->user_exit)
			page = any(40) ? page + 1 : 0x100 + any(0xe00);
		page %= MEM_SIZE >> 12;
	}
	if (record->qualification == 0x184)
		record->physical = record->rip;
	record->linear = record->physical;
	if (n % 97 == 5)
		record->injected = VALID | 0x20;
}

static __u64 about(unsigned int ticks)
{
	return ticks * 3 / 4 + any(ticks / 2 + 1);
}

int main(int argc, char **argv)
{
	struct report_run run = { .guest = "records \"</script><b>\" & more", .cpus = 1,
				  .mem_size = MEM_SIZE, .caps.used[3] = 0x7f6fff };
	__u64 now[16];
	struct report_html report;
	unsigned int exits, n, cpu;

	if (argc < 3 || argc > 4)
		return 2;
	exits = atoi(argv[2]);
	if (argc == 4)
		run.cpus = atoi(argv[3]);
	if (exits < 8 || run.cpus < 1 || run.cpus > ARRAY_SIZE(now) ||
	    report_html_open(&report, argv[1]))
		return 1;
	for (cpu = 0; cpu < run.cpus; cpu++)
		now[cpu] = 0x123456789abcULL + 5000 * cpu;
	for (n = 0; n < exits; n++) {
		bool early = n < 4;
		const struct kind *kind = early ? &boot[n] : n == exits - 1 ? &last : pick();
		struct minivmx_trace_record record = { .sequence = n };

		cpu = n % run.cpus;
		record.reason = kind->reason;
		record.qualification = kind->qualification;
		record.user_exit = kind->user_exit;
		record.instruction_length = kind->size;
		record.rip = early ? 0x1000 + 0x10 * n :
			     kind == &last ? 0x101ff0 : 0x101000 + 0x20 * (kind - kinds);
		if (!early)
			record.flags = MINIVMX_TRACE_PROTECTED | MINIVMX_TRACE_PAGING |
				       MINIVMX_TRACE_LONG | MINIVMX_TRACE_CODE_64;
		else if (n == 3)	/* protected mode: CS.L means nothing there */
			record.flags = MINIVMX_TRACE_PROTECTED | MINIVMX_TRACE_CODE_32 |
				       MINIVMX_TRACE_CODE_64;
		if (kind->user_exit)
			record.flags |= MINIVMX_TRACE_TO_USER;
		set_details(&record, n);
		record.entry_tsc = now[cpu] + 20;
		record.exit_tsc = record.entry_tsc + about(kind->guest);
		record.done_tsc = record.exit_tsc + about(kind->kernel);
		now[cpu] = record.done_tsc + (kind->user_exit ? about(2300) : about(60));
		report_html_add(&report, cpu, &record, (const __u8 *)kind->code, kind->size);
	}
	return report_html_close(&report, &run) ? 1 : 0;
}
