/* SPDX-License-Identifier: GPL-2.0 */
/*
 * triplefault - what resets a real machine only ends a virtual one
 *
 * With an empty table of interrupt handlers, the processor finds no handler
 * for INT3, none for the fault that this is, and none for the double fault.
 *
 * Exits:  SHUTDOWN, with IP at the INT3 on VT-x (AMD does not keep it)
 * Output: none
 * Status: 243, after a report
 */
#include "common.inc"

	guest
	lidt	empty_idt
	int3

empty_idt:
	.word	0			/* limit: offset of the last byte */
	.long	0			/* base */
