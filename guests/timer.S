/* SPDX-License-Identifier: GPL-2.0 */
/*
 * timer - a device calls the guest
 *
 * Whoever runs the guest makes the interrupt. It can only be delivered while
 * the guest has interrupts on; if it has not, the hypervisor makes it exit when
 * it switches them on (the interrupt window).
 *
 * Exits:  IO (OUT 0x50) twice; HLT, mostly, for each tick; IRQ_WINDOW_OPEN if
 *         a tick comes at the wrong moment; one IO (OUT 0x3f8) for each byte of
 *         the output; HLT
 * Output: tick five times, then done, a line each
 * Status: 0; 1 if HLT ends without a tick
 */
#include "common.inc"

#define PERIOD		10000		/* microseconds */
#define TICKS		5

	guest
	/* The table of interrupt handlers starts at address 0: IP, then CS. */
	movw	$tick, TIMER_VECTOR * 4
	movw	$0, TIMER_VECTOR * 4 + 2

	mov	$PERIOD, %ax
	out	%ax, $TIMER_PORT
wait:
	/* STI takes effect after HLT has begun: no tick gets in between. */
	cli
	cmpw	$TICKS, ticks
	je	done
	sti
	hlt
	/* HLT ends with an interrupt, and with nothing else. */
	inc	%bp
	cmp	%bp, ticks
	jae	wait
	mov	$1, %al
	out	%al, $EXIT_PORT
done:
	/* Interrupts are off: this HLT waits for nothing. */
	mov	$done_text, %si
	call	print
	finish

tick:
	pusha
	incw	ticks
	mov	$tick_text, %si
	call	print
	cmpw	$TICKS, ticks
	jne	more
	xor	%ax, %ax
	out	%ax, $TIMER_PORT
more:
	popa
	iret

	print_routine
ticks:
	.word	0
tick_text:
	.asciz	"tick\n"
done_text:
	.asciz	"done\n"
