/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VM entry and VM exit.
 *
 * A VM entry loads what the VMCS holds: segments, control registers, RIP, RSP,
 * RFLAGS. The general-purpose registers are ours to load and store.
 */
#include <linux/linkage.h>
#include <linux/objtool.h>
#include <asm/alternative.h>
#include <asm/asm.h>
#include <asm/cpufeatures.h>
#include <asm/frame.h>
#include <asm/msr-index.h>
#include <asm/nospec-branch.h>
#include <asm/percpu.h>
#include <asm/segment.h>
#include <asm/unwind_hints.h>

#include "asm-offsets.h"
#include "mitigation_bits.h"

/*
 * Mitigations: nothing may come between them and VM entry, or VM exit. The kernel
 * decides at boot which of them are needed; the others are patched out (ALTERNATIVE).
 * mitigation.c has the rest. Those that follow an exit use RAX, RCX, RDX and flags.
 */

/* Some kernels tell VM entries from returns to user space. */
#ifndef X86_FEATURE_CLEAR_CPU_BUF_VM
#define X86_FEATURE_CLEAR_CPU_BUF_VM X86_FEATURE_CLEAR_CPU_BUF
#endif

/*
 * MDS, TAA, RFDS: what the host loaded and stored last may be in buffers that a
 * guest can look into. VERW with a memory operand overwrites them, where CPUID.07H:EDX
 * has MD_CLEAR (SDM Vol. 2A, "CPUID"). It changes ZF.
 */
.macro MITIGATION_VERW
	ALTERNATIVE_2 "jmp .Lno_verw_\@", "", X86_FEATURE_CLEAR_CPU_BUF, \
					  "", X86_FEATURE_CLEAR_CPU_BUF_VM
	verw	minivmx_verw_selector(%rip)
.Lno_verw_\@:
.endm

/*
 * Spectre v2, Post-barrier RSB: the guest filled the return stack buffer. The next
 * RET must not be predicted from it.
 */
.macro MITIGATION_RSB
	FILL_RETURN_BUFFER %rcx, RSB_CLEAR_LOOPS, X86_FEATURE_RSB_VMEXIT, \
			   X86_FEATURE_RSB_VMEXIT_LITE
.endm

/*
 * Spectre v2: IBRS holds only for predictions that were learned before it was
 * written (SDM Vol. 4, IA32_SPEC_CTRL). The guest's value is the host's, since a
 * guest cannot write it.
 */
.macro MITIGATION_IBRS
#ifndef MINIVMX_CLOSED_x86_spec_ctrl_current
	ALTERNATIVE "jmp .Lno_ibrs_\@", "", X86_FEATURE_KERNEL_IBRS
	mov	$MSR_IA32_SPEC_CTRL, %ecx
	mov	PER_CPU_VAR(x86_spec_ctrl_current), %rax
	mov	%rax, %rdx
	shr	$32, %rdx
	wrmsr
	lfence
.Lno_ibrs_\@:
#endif
.endm

/* Branch history injection: the guest chose the history of branches. */
.macro MITIGATION_BRANCH_HISTORY
#if defined(X86_FEATURE_CLEAR_BHB_LOOP_ON_VMEXIT) && !defined(MINIVMX_CLOSED_clear_bhb_loop)
	CLEAR_BRANCH_HISTORY_VMEXIT
#endif
.endm

	.section .rodata
	/* What VERW wants: any selector that may be written to. */
SYM_DATA_LOCAL(minivmx_verw_selector, .word __KERNEL_DS)

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

	/* CF now chooses the instruction; what follows leaves it alone. */
	bt	$0, %esi

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

	MITIGATION_VERW				/* nothing of the host's is read after it */
	UNWIND_HINT_SAVE
	jnc	.Llaunch
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
	xor	%ebx, %ebx			/* VMENTER_EXITED */

.Lout:
	/* No value of the guest's reaches the host in a register. */
	xor	%eax, %eax
	xor	%ecx, %ecx
	xor	%edx, %edx
	xor	%esi, %esi
	xor	%edi, %edi
	xor	%r8d, %r8d
	xor	%r9d, %r9d
	xor	%r10d, %r10d
	xor	%r11d, %r11d
	xor	%r12d, %r12d
	xor	%r13d, %r13d
	xor	%r14d, %r14d
	xor	%r15d, %r15d
	xor	%ebp, %ebp

	/* Before the first RET. */
	MITIGATION_RSB
	MITIGATION_IBRS
	MITIGATION_BRANCH_HISTORY

	mov	%ebx, %eax
	add	$8, %rsp			/* @context */
	pop	%rbx
	pop	%r12
	pop	%r13
	pop	%r14
	pop	%r15
	pop	%rbp
	RET

	/* CF: there is no current VMCS (SDM Vol. 3C, "Conventions", 31.2). */
.Lfailed:
	mov	$1, %ebx			/* VMENTER_FAIL_VALID */
	adc	$0, %ebx			/* or VMENTER_FAIL_INVALID */
	jmp	.Lout
SYM_FUNC_END(minivmx_vmenter)
