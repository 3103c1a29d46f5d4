/* SPDX-License-Identifier: GPL-2.0 */
/*
 * touch - a write to each page of 4 KiB from 2 MiB to 10 MiB
 *
 * It needs vmrun --mem=16M, for one: docs/ept.md.
 *
 * Exits:  none but HLT; with memory there, EPT violations that the kernel answers
 * Output: none
 * Status: 0
 */
#include "common.inc"
#include "modes.inc"

#define FIRST	0x200000
#define END	0xa00000
#define PAGE	0x1000

	guest
	to_protected_mode
	mov	$FIRST, %edi
next:
	mov	%edi, (%edi)
	add	$PAGE, %edi
	cmp	$END, %edi
	jb	next
	finish
	gdt
