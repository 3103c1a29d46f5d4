/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bench - the cost of an exit that goes to user space
 *
 * Port 0x80 is where a PC's firmware shows its progress: nothing listens.
 *
 * Exits:  IO (OUT 0x80) COUNT times; HLT
 * Output: none
 * Status: 0
 */
#include "common.inc"

#ifndef COUNT
#define COUNT	10000
#endif

	guest
	mov	$COUNT, %ecx
next:
	out	%al, $0x80
	dec	%ecx
	jnz	next
	finish
