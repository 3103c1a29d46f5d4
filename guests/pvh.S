/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pvh - a kernel that is started as Xen starts PVH kernels
 *
 * An ELF file of 64 bits, with a note that has a 32-bit entry. It says what its
 * loader told it; EBX points to that. It uses the serial port as the small guests do,
 * and stays in 32-bit protected mode.
 *
 * Exits:  IO (OUT 0x3f8) for each byte of the output; IO (OUT 0xf4)
 * Output: PVH kernel, the command line, the memory map, and of each module what it is
 *         told, its address and size and what is in it, a line each
 * Status: 0; 1 if EBX does not point to the start info
 */
#include "common.inc"

#define PHYS32_ENTRY	18

/* The start info, and its lists: all addresses have 64 bits, the upper ones 0. */
#define MAGIC		0x336ec578
#define NR_MODULES	12
#define MODULES		16
#define COMMAND_LINE	24
#define MAP		40
#define NR_MAP		48
#define MAP_ENTRY	24	/* bytes: address, size, type */
#define MODULE		32	/* bytes: address, size, what it is told */

	.section .note.Xen, "a", @note
	.balign	4
	.long	2f - 1f, 4f - 3f, PHYS32_ENTRY
1:
	.asciz	"Xen"
2:
	.balign	4
3:
	.quad	_start
4:

	.text
	.code32
	.globl	_start
_start:
	cld
	mov	$stack, %esp
	mov	$1, %al
	cmpl	$MAGIC, (%ebx)
	jne	end
	mov	$title, %esi
	call	print
	mov	COMMAND_LINE(%ebx), %esi
	call	print
	call	newline

	mov	MAP(%ebx), %ebp
	mov	NR_MAP(%ebx), %ecx
	mov	$map, %esi
	mov	$print_map, %eax
	mov	$MAP_ENTRY, %edi
	call	for_each
	mov	MODULES(%ebx), %ebp
	mov	NR_MODULES(%ebx), %ecx
	mov	$module, %esi
	mov	$print_module, %eax
	mov	$MODULE, %edi
	call	for_each
	mov	$0, %al
end:
	out	%al, $EXIT_PORT
1:	hlt				/* where that port ends nothing */
	jmp	1b

	/* Prints %esi and calls %eax for %ecx entries of %edi bytes from %ebp on. */
for_each:
	jecxz	2f
1:
	pusha
	call	print
	mov	28(%esp), %eax
	call	*%eax
	call	newline
	popa
	add	%edi, %ebp
	loop	1b
2:
	ret

print_range:
	mov	(%ebp), %eax
	call	print_hex
	mov	$plus, %esi
	call	print
	mov	8(%ebp), %eax
	jmp	print_hex

print_map:
	call	print_range
	mov	$type, %esi
	call	print
	mov	16(%ebp), %eax
	jmp	print_hex

print_module:
	mov	16(%ebp), %esi
	call	print
	mov	$colon, %esi
	call	print
	call	print_range
	mov	$colon, %esi
	call	print
	mov	(%ebp), %esi
	mov	8(%ebp), %ecx
	mov	$SERIAL_DATA, %dx
	rep	outsb
	ret

newline:
	mov	$line_end, %esi
	jmp	print

	/* Prints %eax, without zeros in front but for one. */
print_hex:
	mov	$digits_end, %edi
1:
	mov	%eax, %edx
	and	$15, %edx
	mov	hex(%edx), %dl
	dec	%edi
	mov	%dl, (%edi)
	shr	$4, %eax
	jnz	1b
	mov	%edi, %esi
	/* fall through */

	print_routine

	.section .rodata
title:
	.asciz	"PVH kernel\ncommand line: "
map:
	.asciz	"map: "
plus:
	.asciz	" + "
type:
	.asciz	", type "
module:
	.asciz	"module "
colon:
	.asciz	": "
line_end:
	.asciz	"\n"
hex:
	.ascii	"0123456789abcdef"

	.data
	.space	8
digits_end:
	.byte	0

	.bss
	.balign	16
	.space	4096
stack:
