/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mmio - a device that looks like memory
 *
 * Where the hypervisor has no memory, an access exits, and whoever runs the
 * guest is told the address and the data. It takes longer than a port does: the
 * processor does not say what the instruction was, so the hypervisor has to
 * read it and find out.
 *
 * Exits:  MMIO (WRITE 0xd0000000) for each byte of the output; MMIO (READ
 *         0xd0000004) three times; MMIO (READ 0xd0000008); HLT
 * Output: counter: 123
 *         nobody: all ones
 * Status: 0; 1 if the address that nobody claims does not read as all ones
 */
#include "common.inc"
#include "modes.inc"

	guest
	to_protected_mode		/* real mode does not reach that far */

	mov	$counter, %esi
	call	show
	mov	$3, %ecx
next:
	mov	REGISTER_COUNTER, %eax
	add	$'0', %eax
	mov	%eax, REGISTER_OUTPUT
	loop	next

	mov	REGISTER_COUNTER + 4, %eax
	cmp	$0xffffffff, %eax
	jne	wrong
	mov	$nobody, %esi
	call	show
	finish
wrong:
	mov	$1, %al
	out	%al, $EXIT_PORT

show:
	lodsb
	test	%al, %al
	jz	done
	mov	%al, REGISTER_OUTPUT
	jmp	show
done:
	ret

counter:
	.asciz	"counter: "
nobody:
	.asciz	"\nnobody: all ones\n"
	gdt
