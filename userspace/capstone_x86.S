/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libcapstone.a knows a dozen architectures, and refers to all of them from one
 * table. These stand for the others, which are 3 MB: vmrun opens none but x86.
 */
	.text

	.macro	not_there name
	.globl	\name\()_global_init, \name\()_option
\name\()_global_init:
\name\()_option:
	.endm

	.irp	name, ARM, AArch64, EVM, M680X, M68K, Mips, PPC, Sparc, SystemZ, TMS320C64x, XCore
	not_there \name
	.endr
	mov	$2, %eax	/* CS_ERR_ARCH */
	ret

	.section .note.GNU-stack, "", @progbits
