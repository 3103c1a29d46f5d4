/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pagefault - page tables before handlers
 *
 * The page tables map the first 2 MiB. What is read lies above: a page fault, whose
 * handler nobody has set up.
 *
 * Exits:  SHUTDOWN, with RIP at the MOV, and its address in CR2
 * Output: none
 * Status: 243, after a report
 */
#include "common.inc"
#include "modes.inc"

	guest
	to_protected_mode
	to_long_mode
	mov	0x200018, %eax
	finish

	gdt
