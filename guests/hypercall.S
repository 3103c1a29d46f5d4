/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hypercall - a guest that knows what it runs on
 *
 * VMCALL is to a hypervisor what SYSCALL is to a kernel: it always exits, and
 * the registers say what is wanted. Needs --hypercalls.
 *
 * Exits:  VMX (VMCALL) for each byte of the message, 20 in all; VMX (VMCALL)
 *         twice; one IO (OUT 0x3f8) for each digit; HLT
 * Output: Hello by hypercall!, a newline, 21 and a newline
 * Status: 0; 1 if an unknown hypercall does not fail
 */
#include "common.inc"

	guest
	mov	$message, %si
next:
	lodsb
	test	%al, %al
	jz	done
	mov	%al, %bl
	mov	$HYPERCALL_PUTCHAR, %eax
	vmcall
	jmp	next
done:
	mov	$HYPERCALL_NR_EXITS, %eax
	vmcall
	call	print_number

	mov	$0x1234, %eax
	vmcall
	cmp	$NO_SUCH_HYPERCALL, %eax
	jne	wrong
	finish
wrong:
	mov	$1, %al
	out	%al, $EXIT_PORT

	print_routine
	print_number_routine
message:
	.asciz	"Hello by hypercall!\n"
