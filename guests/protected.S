/* SPDX-License-Identifier: GPL-2.0 */
/*
 * protected - from real mode to 32-bit protected mode
 *
 * A guest that starts as a PC of 1981 does becomes one of 1985, step by step.
 * Nothing of it exits: the guest has GDTR, CR0 and segments of its own.
 *
 * Exits:  one IO (OUT 0x3f8) for each byte of the message; HLT
 * Output: 32-bit protected mode, and a newline
 * Status: 0
 */
#include "common.inc"
#include "modes.inc"

	guest
	/* 1. A table of segments. "l" loads all 32 bits of its address. */
	lgdtl	gdtr

	/* 2. Protection on. The segment registers still hold what they held. */
	mov	%cr0, %eax
	or	$CR0_PE, %eax
	mov	%eax, %cr0

	/* 3. A far jump gives CS its descriptor, which says: 32-bit code. */
	ljmpl	$CODE32, $protected
	.code32
protected:
	/* 4. The other segments. */
	mov	$DATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	$0x10000, %esp

	mov	$message, %esi
	call	print
	finish

	print_routine
message:
	.asciz	"32-bit protected mode\n"
	gdt
