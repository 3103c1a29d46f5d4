/* SPDX-License-Identifier: GPL-2.0 */
/*
 * nostack - handlers are no use without a stack
 *
 * There is a handler for each exception, in a table that is in use. The stack pointer
 * is where no page is mapped: PUSH is a page fault, and to deliver it, the processor
 * pushes, too. So it is with the double fault.
 *
 * Exits:  SHUTDOWN, with RIP at the PUSH
 * Output: none
 * Status: 243, after a report; 1 if a handler has run
 */
#include "common.inc"
#include "modes.inc"

#define GATE_HIGH	0x8e00		/* present, a 64-bit interrupt gate */
#define NR_GATES	32

	guest
	to_protected_mode
	lidt	idtr			/* of 64-bit gates: not used before */
	to_long_mode
	mov	$0x200010, %rsp
	push	%rax
	finish

handler:
	mov	$1, %al
	out	%al, $EXIT_PORT

	.balign	16
idt:
	.rept	NR_GATES
	.word	handler, CODE64, GATE_HIGH, 0
	.quad	0
	.endr
idtr:
	.word	idtr - idt - 1
	.long	idt

	gdt
