// SPDX-License-Identifier: GPL-2.0
/*
 * Which exits of a trace are the host's, and so differ from run to run. Needs no VT-x.
 *
 * Breakage it catches: a trace that tells of the host; one that leaves out what the guest did.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <asm/vmx.h>
#include <cmocka.h>

#include "../../userspace/trace.h"

#define MEM_SIZE	0x100000
#define STRING		0x10	/* of the exit qualification: OUTS */
#define EXTERNAL	0x80000020
#define NMI		0x80000202
#define PAGE_FAULT	0x80000b0e

static const struct {
	struct minivmx_trace_record record;
	bool hosts;
} rows[] = {
	{ { .reason = EXIT_REASON_EXTERNAL_INTERRUPT, .interruption_info = EXTERNAL }, true },
	{ { .reason = EXIT_REASON_PREEMPTION_TIMER }, true },
	{ { .reason = EXIT_REASON_EXCEPTION_NMI, .interruption_info = NMI }, true },
	{ { .reason = EXIT_REASON_EXCEPTION_NMI, .interruption_info = PAGE_FAULT }, false },
	{ { .reason = EXIT_REASON_EPT_VIOLATION, .physical = MEM_SIZE - 1 }, true },
	{ { .reason = EXIT_REASON_EPT_VIOLATION, .physical = MEM_SIZE }, false },
	{ { .reason = EXIT_REASON_CPUID }, false },
	/* OUT that the kernel has kept for later; OUTS that is told of, is over, and waits. */
	{ { .reason = EXIT_REASON_IO_INSTRUCTION }, false },
	{ { .reason = EXIT_REASON_IO_INSTRUCTION, .qualification = STRING,
	    .flags = MINIVMX_TRACE_TO_USER, .user_exit = MINIVMX_EXIT_IO }, false },
	{ { .reason = EXIT_REASON_IO_INSTRUCTION, .qualification = STRING }, true },
	{ { .reason = EXIT_REASON_IO_INSTRUCTION, .qualification = STRING,
	    .flags = MINIVMX_TRACE_TO_USER, .user_exit = MINIVMX_EXIT_INTR }, true },
};

static void they_are_told_apart(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (trace_is_hosts(&rows[i].record, MEM_SIZE) != rows[i].hosts)
			fail_msg("row %zu", i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
