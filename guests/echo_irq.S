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

#define PIC_COMMAND	0x20
#define PIC_DATA	0x21
#define PIC_INIT	0x11	/* a second one, and four words */
#define PIC_EOI		0x20
#define VECTOR_BASE	0x30
#define SERIAL_IRQ	4

	.macro	put value, port
	mov	$\value, %al
	mov	$\port, %dx
	out	%al, %dx
	.endm

	guest
	movw	$handler, (VECTOR_BASE + SERIAL_IRQ) * 4
	movw	$0, (VECTOR_BASE + SERIAL_IRQ) * 4 + 2
	put	PIC_INIT, PIC_COMMAND
	put	VECTOR_BASE, PIC_DATA
	put	4, PIC_DATA			/* the second one is at input 2 */
	put	1, PIC_DATA			/* of an 8086 */
	put	~(1 << SERIAL_IRQ) & 0xff, PIC_DATA
	put	8, SERIAL_DATA + 4		/* OUT2 lets its interrupts through */
	put	1, SERIAL_DATA + 1		/* when there is a byte */
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
	put	PIC_EOI, PIC_COMMAND
	iret
done:
	cli
	finish
