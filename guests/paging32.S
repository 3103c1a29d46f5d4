/* SPDX-License-Identifier: GPL-2.0 */
/*
 * paging32 - a guest has page tables of its own
 *
 * It maps its memory where it is, but for one page, which it maps where there
 * is another one. CR3 and the tables are the guest's: with EPT, neither loading
 * CR3 nor changing an entry exits. What the tables give is an address that EPT
 * translates once more.
 *
 * Exits:  one IO (OUT 0x3f8) for each byte of the output; HLT
 * Output: at 0x20000: page 0x20000
 *         at 0x20000: page 0x30000
 * Status: 0
 */
#include "common.inc"
#include "modes.inc"

#define PAGE		0x20000		/* where it looks */
#define OTHER_PAGE	0x30000		/* what it sees there, later */
#define TABLE		(TABLES + 0x1000)

	guest
	to_protected_mode

	/* A text for each of the two pages. */
	mov	$first, %esi
	mov	$PAGE, %edi
	mov	$first_end - first, %ecx
	rep	movsb
	mov	$second, %esi
	mov	$OTHER_PAGE, %edi
	mov	$second_end - second, %ecx
	rep	movsb

	/* A directory with one table, whose entry n maps page n. */
	movl	$TABLE + PAGE_TABLE, TABLES
	mov	$TABLE, %edi
	mov	$PAGE_TABLE, %eax
	mov	$1024, %ecx
next:
	stosl
	add	$0x1000, %eax
	loop	next

	mov	$TABLES, %eax
	mov	%eax, %cr3
	mov	%cr0, %eax
	or	$CR0_PG, %eax
	mov	%eax, %cr0

	call	show
	movl	$OTHER_PAGE + PAGE_TABLE, TABLE + PAGE / 0x1000 * 4
	/* The processor remembers entries: tell it that one has changed. */
	invlpg	PAGE
	call	show
	finish

show:
	mov	$here, %esi
	call	print
	mov	$PAGE, %esi
	jmp	print

	print_routine
here:
	.asciz	"at 0x20000: "
first:
	.asciz	"page 0x20000\n"
first_end:
second:
	.asciz	"page 0x30000\n"
second_end:
	gdt
