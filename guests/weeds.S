/* SPDX-License-Identifier: GPL-2.0 */
/*
 * weeds - a jump to where nothing was loaded
 *
 * Memory that nobody wrote to holds zeros, and to the processor they are code: add
 * %al, (%eax). It goes on from one to the next, up to where memory ends.
 *
 * Exits:  INTERNAL_ERROR, with EIP at the end of memory
 * Output: none
 * Status: 246, after a report
 */
#include "common.inc"
#include "modes.inc"

	guest
	to_protected_mode
	mov	$0x80000, %eax
	jmp	*%eax

	gdt
