/* SPDX-License-Identifier: GPL-2.0 */
/*
 * count - computing costs no exits
 *
 * Loops, divisions and the stack run on the processor at full speed, without
 * anybody noticing; only the digits come out, one by one.
 *
 * Exits:  one IO (OUT 0x3f8) for each digit and newline, 20 for COUNT 10; HLT
 * Output: the numbers from 0 to COUNT - 1, a line each
 * Status: 0
 */
#include "common.inc"

#ifndef COUNT
#define COUNT	10			/* 1 to 65536 */
#endif

	guest
	mov	$10, %bx
	xor	%si, %si		/* the number */
next:
	/* The digits come last one first: the stack turns them around. */
	mov	%si, %ax
	xor	%cx, %cx		/* how many digits */
divide:
	xor	%dx, %dx
	div	%bx			/* %ax is %dx:%ax / 10, %dx the rest */
	push	%dx
	inc	%cx
	test	%ax, %ax
	jnz	divide

	mov	$SERIAL_DATA, %dx
print:
	pop	%ax
	add	$'0', %al
	out	%al, %dx
	loop	print
	mov	$'\n', %al
	out	%al, %dx

	inc	%si
	cmp	$(COUNT & 0xffff), %si
	jne	next
	finish
