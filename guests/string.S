/* SPDX-License-Identifier: GPL-2.0 */
/*
 * string - a whole string with one instruction
 *
 * REP OUTSB is one instruction, however many bytes it sends. minivmx hands over
 * all of them with one exit, where hello needs one for each. KVM, too, makes an
 * exit for each byte.
 *
 * Exits:  IO (OUT 0x3f8) of 42 items, or 42 of one item; HLT
 * Output: A whole string with one instruction, once, and a newline
 * Status: 0
 */
#include "common.inc"

	guest
	mov	$SERIAL_DATA, %dx
	mov	$message, %si
	mov	$message_end - message, %cx
	rep	outsb
	finish

message:
	.ascii	"A whole string with one instruction, once\n"
message_end:
