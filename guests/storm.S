/* SPDX-License-Identifier: GPL-2.0 */
/*
 * storm - ticks as fast as they come
 *
 * The timer's period is shorter than a way out of the guest and back. The guest
 * has to get its turn all the same.
 *
 * Exits:  IO (OUT 0x50) twice; IRQ_WINDOW_OPEN if a tick comes at the wrong
 *         moment; HLT
 * Output: none
 * Status: 0
 */
#include "common.inc"

#define PERIOD		1		/* microseconds */
#define TICKS		100

	guest
	movw	$tick, TIMER_VECTOR * 4
	movw	$0, TIMER_VECTOR * 4 + 2
	mov	$PERIOD, %ax
	out	%ax, $TIMER_PORT
	sti
wait:
	cmpw	$TICKS, ticks
	jb	wait
	cli
	finish

	/* Until the last tick, the next one may come before what is interrupted. */
tick:
	incw	ticks
	cmpw	$TICKS, ticks
	jb	more
	push	%ax
	xor	%ax, %ax
	out	%ax, $TIMER_PORT
	pop	%ax
more:
	iret
ticks:
	.word	0
