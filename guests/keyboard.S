/* SPDX-License-Identifier: GPL-2.0 */
/*
 * keyboard - the keyboard controller of a PC interrupts
 *
 * Exits:  IO to program the PIC and the controller, and to read the byte; HLT, twice; one
 *         IO (OUT 0x3f8) for each byte of the output
 * Output: a line
 * Status: 0
 */
#include "common.inc"
#include "pc.inc"

#define VECTOR		0x09		/* of the keyboard, as a BIOS leaves it */
#define DATA		0x60
#define COMMAND		0x64
#define AS_IF_A_KEY	0xd2		/* what follows is to be read as from the keyboard */
#define BYTE		0x1e

	guest
	movw	$key, VECTOR * 4
	movw	$0, VECTOR * 4 + 2
	mov	$~(1 << IRQ_KEYBOARD) & 0xff, %al	/* the others are masked */
	out	%al, $PIC_DATA
	mov	$AS_IF_A_KEY, %al
	out	%al, $COMMAND
	mov	$BYTE, %al
	out	%al, $DATA
	sti
	hlt
	cli
	mov	$text, %si
	call	print
	finish

key:
	in	$DATA, %al
	cmp	$BYTE, %al
	jne	key
	iret
	print_routine
text:
	.asciz	"a key\n"
