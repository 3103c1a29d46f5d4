/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compat - 32-bit code under a 64-bit kernel
 *
 * In long mode, the code segment says what code is. The byte 0x40 tells: it is
 * INC EAX to 32-bit code, and a prefix without effect to 64-bit code.
 *
 * Exits:  one IO (OUT 0x3f8) for each byte of the output; HLT
 * Output: 64-bit code
 *         32-bit code
 *         64-bit code
 * Status: 0
 */
#include "common.inc"
#include "modes.inc"

	/* What is 0x40, followed by NOP? Sets %esi to the answer. */
	.macro	look
	xor	%eax, %eax
	.byte	0x40
	nop
	mov	$code64, %esi
	test	%eax, %eax
	jz	1f
	mov	$code32, %esi
1:
	.endm

	guest
	to_protected_mode
	to_long_mode
	look
	call	print

	/* A far return jumps where the stack says. */
	mov	$compatibility, %eax
	push	$CODE32
	push	%rax
	lretq
	.code32
compatibility:
	look
	call	print32

	ljmp	$CODE64, $back
	.code64
back:
	look
	call	print
	finish

	print_routine
	.code32
	print_routine print32
code32:
	.asciz	"32-bit code\n"
code64:
	.asciz	"64-bit code\n"
	gdt
