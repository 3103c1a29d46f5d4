/* SPDX-License-Identifier: GPL-2.0 */
/*
 * echo_irq - input as it comes, without asking for it
 *
 * The serial port interrupts when it has a byte: through input 4 of the first
 * interrupt controller, as in any PC. In between, the guest sleeps in HLT.
 *
 * Exits:  IO for what sets the devices up; HLT; for each byte, IO (IN 0x3f8, OUT
 *         0x3f8, OUT 0x20), and HLT
 * Output: the input
 * Status: 0
 */
#include "common.inc"
#include "pc.inc"

#define VECTOR_BASE	0x30

	guest
	movw	$handler, (VECTOR_BASE + IRQ_SERIAL) * 4
	movw	$0, (VECTOR_BASE + IRQ_SERIAL) * 4 + 2
	outb	PIC_INIT, PIC_COMMAND
	outb	VECTOR_BASE, PIC_DATA
	outb	(1 << IRQ_CASCADE), PIC_DATA
	outb	PIC_8086, PIC_DATA
	outb	(~(1 << IRQ_SERIAL) & 0xff), PIC_DATA
	outb	8, (SERIAL_DATA + 4)		/* OUT2 lets its interrupts through */
	outb	1, (SERIAL_DATA + 1)		/* when there is a byte */
sleep:
	sti
	hlt
	jmp	sleep

handler:
	mov	$SERIAL_DATA, %dx
	in	%dx, %al
	cmp	$END_OF_INPUT, %al
	je	done
	out	%al, %dx
	outb	PIC_EOI, PIC_COMMAND
	iret
done:
	cli
	finish
