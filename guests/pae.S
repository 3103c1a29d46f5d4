/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pae - 32-bit paging with entries of 64 bits
 *
 * The first table has four entries, and the processor reads all of them when
 * CR3 is loaded: they are registers (the PDPTEs), which a hypervisor finds in
 * the VMCS. The guest maps the same 2 MiB twice and prints through the second
 * mapping; it then loads CR3 once more, with a table in which the second one
 * is of another GiB.
 *
 * Exits:  one IO (OUT 0x3f8) for each byte of the output; HLT
 * Output: PAE: seen at 2 MiB
 *         PAE: seen at 1 GiB
 * Status: 0
 */
#include "common.inc"
#include "modes.inc"

#define POINTERS	TABLES			/* 4 entries, for 1 GiB each */
#define POINTERS_2	(TABLES + 0x20)
#define DIRECTORY	(TABLES + 0x1000)	/* 512 entries, for 2 MiB each */
#define MIB_2		0x200000
#define GIB		0x40000000

	guest
	to_protected_mode

	/* The upper halves of the entries are 0 already. */
	movl	$PAGE_TABLE | PAGE_LARGE, DIRECTORY
	movl	$PAGE_TABLE | PAGE_LARGE, DIRECTORY + 8
	/* Here there is no permission to give: those bits are reserved. */
	movl	$DIRECTORY + PAGE_PRESENT, POINTERS
	movl	$DIRECTORY + PAGE_PRESENT, POINTERS_2
	movl	$DIRECTORY + PAGE_PRESENT, POINTERS_2 + 8

	mov	%cr4, %eax
	or	$CR4_PAE, %eax
	mov	%eax, %cr4
	mov	$POINTERS, %eax
	mov	%eax, %cr3
	mov	%cr0, %eax
	or	$CR0_PG, %eax
	mov	%eax, %cr0
	mov	$first + MIB_2, %esi
	call	print

	mov	$POINTERS_2, %eax
	mov	%eax, %cr3
	mov	$second + GIB, %esi
	call	print
	finish

	print_routine
first:
	.asciz	"PAE: seen at 2 MiB\n"
second:
	.asciz	"PAE: seen at 1 GiB\n"
	gdt
