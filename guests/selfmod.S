/* SPDX-License-Identifier: GPL-2.0 */
/*
 * selfmod - code that writes code
 *
 * The guest's instructions run on the processor itself, which notices that
 * they change. A hypervisor that translated code would have to watch for it.
 *
 * Exits:  one IO (OUT 0x3f8) for each byte of the output, 10 in all; HLT
 * Output: 0123456789, without a newline
 * Status: 0
 */
#include "common.inc"

	guest
	mov	$SERIAL_DATA, %dx
change:
	mov	$'0', %al		/* the second byte is the digit */
	out	%al, %dx
	incb	change + 1
	cmpb	$'9' + 1, change + 1
	jne	change
	finish
