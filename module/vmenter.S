/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VM entry and VM exit.
 *
 * A VM entry loads what the VMCS holds: segments, control registers, RIP, RSP,
 * RFLAGS. The general-purpose registers are ours to load and store.
 */
#include <linux/linkage.h>
#include <linux/objtool.h>
#include <asm/asm.h>
#include <asm/frame.h>
#include <asm/nospec-branch.h>
#include <asm/unwind_hints.h>

#include "asm-offsets.h"

	.section .text, "ax"

/*
 * enum vmenter_result minivmx_vmenter(struct vcpu_context *context, bool resume)
 *
 * Contract: interrupts are off, a VMCS is current and complete but for host
 * RSP; @resume says that its launch state is "launched". On return the guest's
 * registers are in @context, and none of them is left in a register.
 *
 * Source: SDM Vol. 3C, "VM Entries", chapter 27, and "VM Exits", chapter 28,
 * edition 083.
 */
SYM_FUNC_START(minivmx_vmenter)
	push	%rbp
	push	%r15
	push	%r14
	push	%r13
	push	%r12
	push	%rbx
	push	%rdi			/* the exit finds @context here */

	/* Host RSP: the stack as it is now. The same one, most of the time. */
	cmp	%rsp, CONTEXT_HOST_RSP(%rdi)
	je	.Lhost_rsp_is_right
	mov	$HOST_RSP_FIELD, %eax
	vmwrite	%rsp, %rax
	jbe	.Lfailed
	mov	%rsp, CONTEXT_HOST_RSP(%rdi)
.Lhost_rsp_is_right:

	/* ZF now chooses the instruction; MOV leaves the flags alone. */
	test	%sil, %sil

	mov	CONTEXT_RAX(%rdi), %rax
	mov	CONTEXT_RBX(%rdi), %rbx
	mov	CONTEXT_RCX(%rdi), %rcx
	mov	CONTEXT_RDX(%rdi), %rdx
	mov	CONTEXT_RSI(%rdi), %rsi
	mov	CONTEXT_RBP(%rdi), %rbp
	mov	CONTEXT_R8(%rdi), %r8
	mov	CONTEXT_R9(%rdi), %r9
	mov	CONTEXT_R10(%rdi), %r10
	mov	CONTEXT_R11(%rdi), %r11
	mov	CONTEXT_R12(%rdi), %r12
	mov	CONTEXT_R13(%rdi), %r13
	mov	CONTEXT_R14(%rdi), %r14
	mov	CONTEXT_R15(%rdi), %r15
	mov	CONTEXT_RDI(%rdi), %rdi		/* the last: it was the base */

	UNWIND_HINT_SAVE
	jz	.Llaunch
	vmresume
	jmp	.Lfailed
.Llaunch:
	vmlaunch
	jmp	.Lfailed

	/* Host RIP. RSP is what it was at the test above; the rest, the guest's. */
SYM_INNER_LABEL(minivmx_vmexit, SYM_L_GLOBAL)
	UNWIND_HINT_RESTORE
	ENDBR

	push	%rax
	mov	8(%rsp), %rax			/* @context */
	pop	CONTEXT_RAX(%rax)
	mov	%rbx, CONTEXT_RBX(%rax)
	mov	%rcx, CONTEXT_RCX(%rax)
	mov	%rdx, CONTEXT_RDX(%rax)
	mov	%rsi, CONTEXT_RSI(%rax)
	mov	%rdi, CONTEXT_RDI(%rax)
	mov	%rbp, CONTEXT_RBP(%rax)
	mov	%r8, CONTEXT_R8(%rax)
	mov	%r9, CONTEXT_R9(%rax)
	mov	%r10, CONTEXT_R10(%rax)
	mov	%r11, CONTEXT_R11(%rax)
	mov	%r12, CONTEXT_R12(%rax)
	mov	%r13, CONTEXT_R13(%rax)
	mov	%r14, CONTEXT_R14(%rax)
	mov	%r15, CONTEXT_R15(%rax)
	xor	%eax, %eax			/* VMENTER_EXITED */

.Lout:
	/* No value of the guest's reaches the host in a register. */
	xor	%ecx, %ecx
	xor	%edx, %edx
	xor	%esi, %esi
	xor	%edi, %edi
	xor	%r8d, %r8d
	xor	%r9d, %r9d
	xor	%r10d, %r10d
	xor	%r11d, %r11d

	add	$8, %rsp			/* @context */
	pop	%rbx
	pop	%r12
	pop	%r13
	pop	%r14
	pop	%r15
	pop	%rbp
	RET

.Lfailed:
	mov	$1, %eax			/* VMENTER_FAILED */
	jmp	.Lout
SYM_FUNC_END(minivmx_vmenter)
