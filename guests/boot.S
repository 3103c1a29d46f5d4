/* SPDX-License-Identifier: GPL-2.0 */
/*
 * boot - a boot sector, and what it asks the BIOS for
 *
 * The BIOS has read the first sector of the disk to 0x7c00, and no more: the second
 * one is this program's business. It runs on any PC.
 *
 * Exits:  IO (OUT 0xb0) for each character of the output, where INT 0x10 asks vmrun;
 *         IO (OUT 0xb3) for INT 0x13; IO (OUT 0xb5) for each line of the map, for INT
 *         0x15; IO (OUT 0xb6), until there is a key, for INT 0x16; before that those
 *         of the BIOS, and meanwhile one IO (OUT 0x20) for each tick; HLT
 * Output: boot sector, second sector, the memory's map, the key, a line each
 * Status: 0
 */
#include "common.inc"

#define SECTOR		512
#define SIGNATURE	0xaa55

#define E820_ENTRY	20		/* bytes: start, size, type */
#define SMAP		0x534d4150

	guest
	/* Other BIOSes leave other segments and stacks. Theirs is DL: the disk. */
	ljmp	$0, $1f
1:
	xor	%ax, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	%ax, %ss
	mov	$_start, %sp
	sti
	cld

	mov	$boot_text, %si
	call	print
	mov	$0x0201, %ax		/* read one sector */
	mov	$0x0002, %cx		/* cylinder 0, sector 2: the first is 1 */
	mov	$0, %dh			/* head 0 */
	mov	$second, %bx		/* to ES:BX */
	int	$0x13
	jnc	second
	mov	$failed_text, %si
	call	print
end:
	/* With interrupts on, HLT would wait for the next tick. */
	cli
	finish

	/* Prints the text at SI, up to a byte 0. */
print:
	lodsb
	test	%al, %al
	jz	1f
	call	print_char
	jmp	print
1:
	ret

print_char:
	mov	$0x0e, %ah
	mov	$0, %bx
	int	$0x10
	ret

	/* Prints CX digits of EAX, from the highest one on, and a space. */
print_hex:
	rol	$4, %eax
	push	%eax
	and	$0xf, %al
	add	$'0', %al
	cmp	$'9', %al
	jbe	1f
	add	$'a' - '9' - 1, %al
1:
	call	print_char
	pop	%eax
	loop	print_hex
	mov	$' ', %al
	jmp	print_char

boot_text:
	.asciz	"boot sector\r\n"
failed_text:
	.asciz	"disk error\r\n"
	.org	_start + SECTOR - 2
	.word	SIGNATURE

second:
	mov	$second_text, %si
	call	print

	/* The map of the memory, an entry at a time: EBX says which is next. */
	mov	$0, %ebx
map:
	mov	$0xe820, %eax
	mov	$SMAP, %edx
	mov	$E820_ENTRY, %ecx
	mov	$entry, %di
	int	$0x15
	jc	key
	push	%ebx
	mov	entry, %eax		/* the lower halves of 64 bits */
	mov	$8, %cx
	call	print_hex
	mov	entry + 8, %eax
	mov	$8, %cx
	call	print_hex
	mov	entry + 16 - 3, %eax	/* the lowest byte, on top */
	mov	$2, %cx
	call	print_hex
	mov	$newline_text, %si
	call	print
	pop	%ebx
	test	%ebx, %ebx
	jnz	map

key:
	/* A key is a scan code and a character. */
	mov	$0, %ah
	int	$0x16
	push	%ax
	shl	$16, %eax
	mov	$4, %cx
	call	print_hex
	pop	%ax
	call	print_char
	mov	$newline_text, %si
	call	print
	jmp	end

second_text:
	.asciz	"second sector\r\n"
newline_text:
	.asciz	"\r\n"
	.org	_start + 2 * SECTOR

	/* Beyond what was read. */
	.set	entry, second + SECTOR
