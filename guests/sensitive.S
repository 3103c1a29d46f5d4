/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sensitive - the instructions that made x86 hard to virtualize
 *
 * They tell the state of the processor, or depend on it, and do not trap in
 * ring 3 (Popek and Goldberg: sensitive, not privileged). A guest's kernel that
 * a hypervisor put into another ring would see a wrong answer. VT-x gives the
 * guest all rings and a state of its own, and each answer here is the guest's.
 * The list is that of Robin and Irvine, "Analysis of the Intel Pentium's
 * Ability to Support a Secure Virtual Machine Monitor", 2000.
 *
 * Exits:  one IO (OUT 0x3f8) for each byte of the output; HLT
 * Output: SGDT true, SIDT true and so on, 18 lines
 * Status: 0
 */
#include "common.inc"
#include "modes.inc"

#define LDT		FIRST_OWN
#define TSS		(FIRST_OWN + 0x08)
#define GATE		(FIRST_OWN + 0x10)

#define INT_KERNEL	0x30
#define INT_USER	0x31

#define FLAG_IF		0x200
#define USER_STACK	0xf000

	/* If ZF is set, what the instruction said is true. */
	.macro	answer name
	mov	$5f, %esi
	call	report
	.pushsection .text, 1
5:
	.asciz	"\name "
	.popsection
	.endm

	.macro	own_segments
	.word	7, ldt, 0x8200, 0		/* LDT, one descriptor long */
	.word	103, tss, 0x8900, 0		/* TSS */
	.word	through_gate, CODE32, 0x8c00, 0	/* GATE, for calls */
	.endm

	guest
	to_protected_mode

	/* The tables that the guest has loaded are the ones that it is told of. */
	sgdt	buffer
	mov	$gdtr, %esi
	call	compare
	answer	SGDT

	lidt	idtr
	sidt	buffer
	mov	$idtr, %esi
	call	compare
	answer	SIDT

	mov	$LDT, %eax
	lldt	%ax
	sldt	%ebx
	cmp	%ax, %bx
	answer	SLDT

	mov	$TSS, %eax
	ltr	%ax
	str	%ebx
	cmp	%ax, %bx
	answer	STR

	/* CR0, by the back door that ring 3 may use. */
	smsw	%eax
	mov	%cr0, %ebx
	cmp	%ax, %bx
	answer	SMSW

	/* The guest's interrupt flag, not that of the processor's owner. */
	sti
	pushf
	cli
	pushf
	pop	%ebx
	pop	%eax
	sub	%ebx, %eax
	cmp	$FLAG_IF, %eax
	answer	PUSHF

	/* It would be ignored, silently, with less privilege. */
	push	$FLAG_IF | 2
	popf
	pushf
	cli
	pop	%eax
	cmp	$FLAG_IF | 2, %eax
	answer	POPF

	/* Segments: their rights, their limits, and who may use them. */
	mov	$CODE32, %ebx
	lar	%ebx, %eax
	and	$0xf0fe00, %eax		/* without the bit "accessed" */
	cmp	$0xc09a00, %eax
	answer	LAR

	lsl	%ebx, %eax
	cmp	$0xffffffff, %eax
	answer	LSL

	verr	%bx
	answer	VERR

	mov	$DATA, %ebx
	verw	%bx
	answer	VERW

	/* A segment for ring 0 alone, which no other ring may load. */
	push	$DATA
	pop	%es
	mov	%es, %eax
	cmp	$DATA, %eax
	answer	POP

	/* The ring is in the low bits of CS: 0. */
	push	%cs
	pop	%eax
	cmp	$CODE32, %eax
	answer	PUSH

	mov	%cs, %eax
	cmp	$CODE32, %eax
	answer	MOV

	lcall	$GATE, $0
	cmp	$CODE32, %eax		/* the caller's CS */
	answer	CALL

	ljmp	$CODE32, $jumped
jumped:
	mov	%cs, %eax
	cmp	$CODE32, %eax
	answer	JMP

	int	$INT_KERNEL
	cmp	$CODE32, %eax
	answer	INT

	/* A far return goes to an outer ring, and an interrupt comes back. */
	push	$USER_DATA | RING3
	push	$USER_STACK
	push	$USER_CODE32 | RING3
	push	$program
	lret
program:
	int	$INT_USER
returned:
	mov	$DATA, %ebx		/* ring 3 may not keep segments of ring 0 */
	mov	%ebx, %ds
	mov	%ebx, %es
	cmp	$USER_CODE32 | RING3, %eax
	answer	RET
	finish

	/* These look at the CS that was pushed, and return it. */
through_gate:
	mov	4(%esp), %eax
	lret
from_kernel:
	mov	4(%esp), %eax
	iret
from_user:
	mov	4(%esp), %eax
	add	$20, %esp		/* IP, CS, flags, SP, SS: no way back */
	jmp	returned

	/* Six bytes: is the buffer what %esi points to? */
compare:
	mov	$buffer, %edi
	mov	$6, %ecx
	repe	cmpsb
	ret

report:
	pushf
	call	print
	popf
	mov	$true_text, %esi
	jz	print
	mov	$false_text, %esi
	print_routine

true_text:
	.asciz	"true\n"
false_text:
	.asciz	"FALSE\n"
buffer:
	.space	6
idtr:
	.word	0x32 * 8 - 1
	.long	idt
	.balign	8
ldt:
	.quad	0x00cf92000000ffff
tss:
	.long	0, 0x10000, DATA	/* the stack of ring 0 */
	.space	104 - 12
	gdt	own_segments
	.balign	8
idt:
	.space	INT_KERNEL * 8
	.word	from_kernel, CODE32, 0x8e00, 0	/* for ring 0 */
	.word	from_user, CODE32, 0xee00, 0	/* for ring 3, too */
