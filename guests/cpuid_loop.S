/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cpuid_loop - the cost of an exit that the kernel answers
 *
 * CPUID always exits on VT-x. The answer comes from the kernel, so whoever
 * runs the guest sees nothing of it.
 *
 * Exits:  COUNT for CPUID, all inside the kernel; HLT
 * Output: none
 * Status: 0
 */
#include "common.inc"

#ifndef COUNT
#define COUNT	10000
#endif

	guest
	mov	$COUNT, %esi		/* CPUID changes %eax to %edx */
next:
	xor	%eax, %eax
	cpuid
	dec	%esi
	jnz	next
	finish
