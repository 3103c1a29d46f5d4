/* SPDX-License-Identifier: GPL-2.0 */
/*
 * long - from real mode to 64-bit long mode
 *
 * The steps are those of SDM Vol. 3A, "Initializing IA-32e Mode", 10.8.5,
 * edition 083. Whether one of them exits is the hypervisor's choice; who runs
 * the guest sees none.
 *
 * Exits:  SET_TPR; one IO (OUT 0x3f8) for each byte of the message; HLT
 * Output: 64-bit long mode, and a newline
 * Status: 0; 1 if a register is not what it should be
 */
#include "common.inc"
#include "modes.inc"

	guest
	to_protected_mode

	/* 1. Tables of four levels: they map the first 2 MiB to themselves. */
	movl	$TABLES + 0x1000 + PAGE_TABLE, TABLES
	movl	$TABLES + 0x2000 + PAGE_TABLE, TABLES + 0x1000
	movl	$PAGE_TABLE | PAGE_LARGE, TABLES + 0x2000

	/* 2. Entries have 64 bits. */
	mov	%cr4, %eax
	or	$CR4_PAE, %eax
	mov	%eax, %cr4

	/* 3. Where the tables are. */
	mov	$TABLES, %eax
	mov	%eax, %cr3

	/* 4. Long mode, as soon as there is paging. */
	mov	$MSR_EFER, %ecx
	rdmsr
	or	$EFER_LME, %eax
	wrmsr

	/* 5. Paging on: this is compatibility mode, code is still 32-bit. */
	mov	%cr0, %eax
	or	$CR0_PG, %eax
	mov	%eax, %cr0

	/* 6. A far jump to a segment whose descriptor says: 64-bit code. */
	ljmpl	$CODE64, $long
	.code64
long:
	/* In any other mode, nothing would be left of this. */
	mov	$0x123456789abcdef0, %rax
	ror	$32, %rax
	cmp	$0x12345678, %eax
	jne	narrow

	/*
	 * CR8, the priority that an interrupt needs, is there in this mode only.
	 * Whoever holds interrupts back wants to know that it is lower.
	 */
	mov	$15, %eax
	mov	%rax, %cr8
	xor	%eax, %eax
	mov	%rax, %cr8
	mov	%cr8, %rbx
	test	%rbx, %rbx
	jnz	narrow

	mov	$message, %esi
	call	print
	finish
narrow:
	mov	$1, %al
	out	%al, $EXIT_PORT

	print_routine
message:
	.asciz	"64-bit long mode\n"
	gdt
