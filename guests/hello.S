/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hello - a guest talks to the world through a port
 *
 * An OUT cannot touch hardware from inside the virtual machine: it makes the
 * guest exit, and whoever runs it prints the byte.
 *
 * Exits:  one IO (OUT 0x3f8) for each byte of the message, 14 in all; HLT
 * Output: Hello, world! and a newline
 * Status: 0
 */
#include "common.inc"

	guest
	mov	$SERIAL_DATA, %dx
	mov	$message, %si
next:
	lodsb
	test	%al, %al
	jz	done
	out	%al, %dx
	jmp	next
done:
	finish

message:
	.asciz	"Hello, world!\n"
