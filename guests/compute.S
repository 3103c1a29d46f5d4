/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compute - a long computation with much state: what a snapshot has to hold
 *
 * In long mode, over memory whose pages are not where they seem, it mixes integers,
 * x87 and SSE numbers that stay in their registers all the time, MSRs, a debug register
 * and a device's counter into one sum, and prints it now and then. Whoever stops it
 * anywhere, and lets it go on elsewhere, gets the same output.
 *
 * Exits:  for each line of output MMIO (read 0xd0000004), one or two IO (OUT 0x3f8) for
 *         the number, and one for the newline; IO (OUT 0xf4)
 * Output: 40 numbers of 16 hexadecimal digits, a line each
 * Status: the low byte of the last one
 */
#include "common.inc"
#include "modes.inc"

#define LINES		40
#define STEPS		2000		/* of the computation, for a line */

#define WINDOW		0x400000	/* linear: 256 KiB of memory */
#define PAGES		64
#define FRAMES		0x20000		/* physical: where it is */
#define TABLE		(TABLES + 0x3000)

#define MSR_LSTAR	0xc0000082
#define MSR_KERNEL_GS_BASE 0xc0000102
#define CR4_OSFXSR	0x200
#define CR0_MP		0x02

	guest
	to_protected_mode
	to_long_mode
	/* This file is one of 32 bits: absolute addresses need a register. */
	xor	%r8d, %r8d

	/* The third 2 MiB have a table of pages, each somewhere else. */
	movq	$TABLE + PAGE_TABLE, TABLES + 0x2000 + 2 * 8(%r8d)
	xor	%ecx, %ecx
1:
	imul	$5, %ecx, %eax
	and	$PAGES - 1, %eax
	shl	$12, %eax
	add	$FRAMES + PAGE_TABLE, %eax
	mov	%rax, TABLE(, %ecx, 8)
	inc	%ecx
	cmp	$PAGES, %ecx
	jne	1b
	/* The fourth GiB is as the first, and in it the register device. */
	movq	$TABLES + 0x2000 + PAGE_TABLE, TABLES + 0x1000 + 3 * 8(%r8d)
	mov	$REGISTER_OUTPUT + PAGE_TABLE + PAGE_LARGE, %eax
	mov	%rax, TABLES + 0x2000 + 128 * 8(%r8d)

	mov	%cr4, %rax
	or	$CR4_OSFXSR, %eax
	mov	%rax, %cr4
	mov	%cr0, %rax
	or	$CR0_MP, %eax
	mov	%rax, %cr0

	mov	$MSR_KERNEL_GS_BASE, %ecx
	mov	$0x12345678, %eax
	mov	$0x00001234, %edx
	wrmsr
	mov	$MSR_LSTAR, %ecx
	wrmsr
	mov	$0x600d, %eax
	mov	%rax, %db0

	fninit
	fldpi
	fld1
	movsd	seed(%r8d), %xmm15
	movsd	factor(%r8d), %xmm14
	pxor	%xmm9, %xmm9
	mov	seed(%r8d), %r15
	xor	%r12d, %r12d
	mov	$LINES, %r13d
	mov	$REGISTER_OUTPUT, %r14d
line:
	mov	$STEPS, %ebp
step:
	mov	multiplier(%r8d), %rax
	imul	%r15, %rax
	add	$0x3619636b, %rax
	mov	%rax, %r15
	/* Memory. */
	shr	$30, %rax
	and	$(PAGES << 12) - 8, %eax
	add	%r15, WINDOW(%eax)
	xor	WINDOW(%eax), %r12
	rol	$7, %r12
	/* SSE: the mean of all, and a sum of words. */
	cvtsi2sd %r15, %xmm1
	addsd	%xmm1, %xmm15
	mulsd	%xmm14, %xmm15
	movq	%r15, %xmm2
	pshufd	$0x1b, %xmm2, %xmm2
	paddd	%xmm2, %xmm9
	/* x87: a walk around pi. */
	fmul	%st(1), %st
	fsqrt
	fadd	%st, %st(1)
	fxch
	fsqrt
	dec	%ebp
	jnz	step

	movq	%xmm15, %rax
	add	%rax, %r12
	movq	%xmm9, %rax
	add	%rax, %r12
	fld	%st
	fstpl	scratch(%r8d)
	add	scratch(%r8d), %r12
	mov	$MSR_KERNEL_GS_BASE, %ecx
	rdmsr
	add	%rax, %r12
	mov	$MSR_LSTAR, %ecx
	rdmsr
	rol	$9, %rax
	add	%rax, %r12
	mov	%db0, %rax
	add	%rax, %r12
	/* How often this was read, by whomever. */
	mov	REGISTER_COUNTER - REGISTER_OUTPUT(%r14), %eax
	add	%rax, %r12

	/* Its digits, the first one first: in one string, or in two. */
	mov	%r12, %rax
	mov	$digits, %edi
	mov	$16, %ecx
1:
	rol	$4, %rax
	mov	%eax, %ebx
	and	$15, %ebx
	mov	hexadecimal(%ebx), %bl
	mov	%bl, (%rdi)
	inc	%edi
	loop	1b
	mov	$digits, %esi
	mov	$SERIAL_DATA, %edx
	mov	%r13d, %ecx
	and	$7, %ecx
	rep outsb
	mov	$digits + 16, %ecx
	sub	%esi, %ecx
	rep outsb
	mov	$'\n', %al
	out	%al, %dx
	dec	%r13d
	jnz	line

	mov	%r12d, %eax
	out	%al, $EXIT_PORT

	.balign	8
seed:
	.quad	0x400921fb54442d18
factor:
	.double	0.5
multiplier:
	.quad	6364136223846793005
scratch:
	.quad	0
digits:
	.space	16
hexadecimal:
	.ascii	"0123456789abcdef"
	gdt
