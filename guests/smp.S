/* SPDX-License-Identifier: GPL-2.0 */
/*
 * smp - one processor starts the others
 *
 * vCPU 0 starts one after the other, until the device says that there are no more. They
 * begin in real mode, each with its number in AX. Each, and vCPU 0 itself, adds its number
 * + 1 to a sum, a thousand times; LOCK makes the three steps of an addition to memory one.
 * Needs --start=register, and has something to do with --cpus=2 or more.
 *
 * Interrupts are on, though none come: see spin_cli.S.
 *
 * Exits:  vCPU 0: MMIO (WRITE 0xd0000008, WRITE and READ 0xd000000c) for each vCPU, and
 *         for one that is not there; one IO (OUT 0x3f8) for each digit; HLT;
 *         each other: HLT
 * Output: 3000 with two vCPUs, 10000 with four
 * Status: 0; 1 if the device has other objections
 */
#include "common.inc"
#include "modes.inc"

#define COUNT	1000

	guest
	to_protected_mode		/* real mode does not reach the device */
	sti

	xor	%ebx, %ebx
next:
	inc	%ebx
	mov	%ebx, REGISTER_START_NUMBER
	movl	$other, REGISTER_START
	mov	REGISTER_START, %eax	/* what has become of it */
	test	%eax, %eax
	jz	next
	cmp	$START_ABSENT, %eax
	jne	wrong

	mov	$COUNT, %ecx
1:
	lock incl sum
	loop	1b
	lock incl ready
wait:
	pause
	cmp	ready, %ebx		/* as many as there are */
	jne	wait
	mov	sum, %eax
	call	print_number
	finish
wrong:
	mov	$1, %al
	out	%al, $EXIT_PORT

	print_routine
	print_number_routine

	/* Where the others start. */
	.code16
other:
	sti
	movzwl	%ax, %eax
	inc	%eax
	mov	$COUNT, %cx
1:
	lock addl %eax, sum
	loop	1b
	lock incl ready
	finish

	.balign	4
sum:
	.long	0
ready:
	.long	0
	gdt
