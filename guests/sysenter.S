/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sysenter - the same as syscall, in 32-bit protected mode
 *
 * SYSENTER takes where to go, and the stack, from three MSRs. Each vCPU has its
 * own: they are in the VMCS, and change with every entry and exit.
 *
 * Exits:  one IO (OUT 0x3f8) for each byte of the output; HLT
 * Output: 1000, system calls, a line each
 * Status: 0
 */
#include "common.inc"
#include "modes.inc"

#define COUNT			1000

/* MSRs of SYSENTER (SDM Vol. 3A, "Fast System Calls in 32-Bit Mode", 5.8.7). */
#define MSR_SYSENTER_CS		0x174
#define MSR_SYSENTER_ESP	0x175
#define MSR_SYSENTER_EIP	0x176

#define SYSCALL_COUNT		0
#define SYSCALL_END		1

#define USER_STACK		0xf000

	.macro	set_msr index value
	mov	$\index, %ecx
	mov	$\value, %eax
	xor	%edx, %edx
	wrmsr
	.endm

	guest
	to_protected_mode
	set_msr	MSR_SYSENTER_CS, CODE32
	set_msr	MSR_SYSENTER_ESP, 0x10000
	set_msr	MSR_SYSENTER_EIP, kernel

	/* Into ring 3, as if SYSENTER had come from there. */
	mov	$program, %edx
	mov	$USER_STACK, %ecx
	sysexit

	/* In ring 3. SYSENTER keeps nothing: the program says where it is. */
program:
	mov	$COUNT, %ebx
next:
	mov	$SYSCALL_COUNT, %eax
	mov	$return, %edx
	mov	%esp, %ecx
	sysenter
return:
	dec	%ebx
	jnz	next
	mov	$SYSCALL_END, %eax
	sysenter

	/* In ring 0. %edx and %ecx are what SYSEXIT takes. */
kernel:
	cmp	$SYSCALL_COUNT, %eax
	jne	end
	incl	calls
	sysexit
end:
	mov	calls, %eax
	call	print_number
	mov	$text, %esi
	call	print
	finish

	print_routine
	print_number_routine
text:
	.asciz	"system calls\n"
	.balign	4
calls:
	.long	0
	gdt
