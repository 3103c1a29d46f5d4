/* SPDX-License-Identifier: GPL-2.0 */
/*
 * spinlock - two vCPUs share memory, and need a lock
 *
 * Each adds 1 to a counter a thousand times, with three instructions, so that
 * the other one could come in between. XCHG with memory is atomic between
 * vCPUs as between processors. None of it exits. Needs --cpus=2.
 *
 * Interrupts are on, though none come: see spin_cli.S.
 *
 * Exits:  vCPU 1: HLT; vCPU 0: one IO (OUT 0x3f8) for each digit; HLT
 * Output: 2000
 * Status: 0
 */
#include "common.inc"

#define COUNT	1000

	guest
	mov	%ax, %bp		/* the number of this vCPU */
	/* A stack for each: 4 KiB more, 4 KiB less. */
	mov	%ax, %sp
	shl	$12, %sp
	sub	$0x2000, %sp
	sti

	mov	$COUNT, %cx
next:
	mov	$1, %al
	xchg	%al, lock
	test	%al, %al
	jz	locked
	pause
	jmp	next
locked:
	mov	counter, %eax
	inc	%eax
	mov	%eax, counter
	movb	$0, lock		/* a store is enough to unlock */
	loop	next

	lock incw ready
	test	%bp, %bp
	jnz	stop
wait:
	pause
	cmpw	$2, ready
	jne	wait
	mov	counter, %eax
	call	print_number
stop:
	finish

	print_routine
	print_number_routine
	.balign	4
counter:
	.long	0
ready:
	.word	0
lock:
	.byte	0
