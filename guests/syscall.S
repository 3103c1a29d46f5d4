/* SPDX-License-Identifier: GPL-2.0 */
/*
 * syscall - a guest has a kernel and programs, and they need no exit
 *
 * In long mode, a program in ring 3 calls the kernel in ring 0 with SYSCALL,
 * which comes back with SYSRET. Under a hypervisor that ran the kernel in ring
 * 1, each call would go through it. Here none does.
 *
 * Exits:  one IO (OUT 0x3f8) for each byte of the output; HLT
 * Output: 1000, system calls, a line each
 * Status: 0
 */
#include "common.inc"
#include "modes.inc"

#define COUNT		1000

/* MSRs of SYSCALL (SDM Vol. 3A, "Fast System Calls in 64-Bit Mode", 5.8.8). */
#define MSR_STAR	0xc0000081	/* selectors */
#define MSR_LSTAR	0xc0000082	/* entry point */
#define MSR_FMASK	0xc0000084	/* flags that are switched off */

#define SYSCALL_COUNT	0
#define SYSCALL_END	1

#define USER_STACK	0xf000

	.macro	set_msr index low high
	mov	$\index, %ecx
	mov	$\low, %eax
	mov	$\high, %edx
	wrmsr
	.endm

	guest
	to_protected_mode
	to_long_mode
	mov	$MSR_EFER, %ecx
	rdmsr
	or	$EFER_SCE, %eax
	wrmsr
	/* SYSCALL loads CS with bits 47:32, SYSRET with bits 63:48 + 16. */
	set_msr	MSR_STAR, 0, (USER_CODE32 | RING3) << 16 | CODE64
	set_msr	MSR_LSTAR, kernel, 0
	set_msr	MSR_FMASK, 0, 0

	/* Into ring 3, as if SYSCALL had come from there: no flags, IP. */
	mov	$program, %ecx
	mov	$2, %r11d
	sysretq

	/* In ring 3. */
program:
	mov	$USER_STACK, %esp
	mov	$COUNT, %ebx
next:
	mov	$SYSCALL_COUNT, %eax
	syscall
	dec	%ebx
	jnz	next
	mov	$SYSCALL_END, %eax
	syscall

	/* In ring 0. %rcx is where to go back to, %r11 the program's flags. */
kernel:
	cmp	$SYSCALL_COUNT, %eax
	jne	end
	incl	calls(%rip)
	sysretq
end:
	mov	calls(%rip), %eax
	mov	$0x10000, %esp		/* SYSCALL leaves the stack as it is */
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
