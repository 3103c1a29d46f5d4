/* SPDX-License-Identifier: GPL-2.0 */
/*
 * storm_pit - ticks of a PC's timer as fast as they come
 *
 * As storm, by way of the interrupt controller: first with interrupts off, while a
 * tick waits and more would follow, then on.
 *
 * Exits:  IO to program the PIC and the PIT and, for each tick, the end of interrupt;
 *         IRQ_WINDOW_OPEN; HLT
 * Output: none
 * Status: 0
 */
#include "common.inc"
#include "pc.inc"

#define VECTOR		0x08		/* of the PIT, as a BIOS leaves it */
#define PIT_FAST_RATE	0x14		/* counter 0, one byte, mode 2 */
#define PERIOD		2		/* of PIT_HZ: 1.7 us */
#define TICKS		20

	guest
	movw	$tick, VECTOR * 4
	movw	$0, VECTOR * 4 + 2
	mov	$PIT_FAST_RATE, %al
	out	%al, $PIT_CONTROL
	mov	$PERIOD, %al
	out	%al, $PIT_COUNTER
	mov	$~(1 << IRQ_TIMER) & 0xff, %al	/* the others are masked */
	out	%al, $PIC_DATA

	mov	$10000, %cx
busy:
	loop	busy
	sti
wait:
	cmpw	$TICKS, ticks
	jb	wait
	cli
	finish

	/* Until the last tick, the next one may come before what is interrupted. */
tick:
	push	%ax
	incw	ticks
	cmpw	$TICKS, ticks
	jb	more
	mov	$0xff, %al
	out	%al, $PIC_DATA
more:
	mov	$PIC_EOI, %al
	out	%al, $PIC_COMMAND
	pop	%ax
	iret
ticks:
	.word	0
