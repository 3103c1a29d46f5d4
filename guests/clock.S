/* SPDX-License-Identifier: GPL-2.0 */
/*
 * clock - the timer of a PC interrupts by way of its interrupt controller
 *
 * Exits:  IO to program the PIC, the PIT and, for each tick, the end of interrupt; HLT,
 *         mostly, for each tick; one IO (OUT 0x3f8) for each byte of the output; HLT
 * Output: a line with a dot for each of 20 ticks
 * Status: 0
 */
#include "common.inc"
#include "pc.inc"

#define VECTOR		0x40		/* of its first input, which the PIT is at */
#define PERIOD		(PIT_HZ / 200 + 1)	/* 5 ms */
#define TICKS		20

	guest
	movw	$tick, VECTOR * 4
	movw	$0, VECTOR * 4 + 2

	mov	$PIC_INIT, %al
	out	%al, $PIC_COMMAND
	mov	$VECTOR, %al
	out	%al, $PIC_DATA
	mov	$1 << IRQ_CASCADE, %al
	out	%al, $PIC_DATA
	mov	$PIC_8086, %al
	out	%al, $PIC_DATA
	mov	$~(1 << IRQ_TIMER) & 0xff, %al	/* the others are masked */
	out	%al, $PIC_DATA
	mov	$0xff, %al
	out	%al, $PIC_SLAVE_DATA

	mov	$PIT_RATE, %al
	out	%al, $PIT_CONTROL
	mov	$PERIOD, %ax
	out	%al, $PIT_COUNTER
	mov	%ah, %al
	out	%al, $PIT_COUNTER

wait:
	cli
	cmpw	$TICKS, ticks
	je	done
	sti
	hlt
	jmp	wait
done:
	mov	$end, %si
	call	print
	finish

tick:
	pusha
	incw	ticks
	mov	$dot, %si
	call	print
	cmpw	$TICKS, ticks
	jne	more
	mov	$0xff, %al		/* there may be another one already */
	out	%al, $PIC_DATA
more:
	mov	$PIC_EOI, %al
	out	%al, $PIC_COMMAND
	popa
	iret

	print_routine
ticks:
	.word	0
dot:
	.asciz	"."
end:
	.asciz	"\n"
