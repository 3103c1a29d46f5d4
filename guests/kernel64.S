/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kernel64 - a 64-bit kernel that has never heard of minivmx
 *
 * An ELF file of 64 bits. Multiboot starts it in 32-bit protected mode all the
 * same: the way to long mode is its own, with its own tables.
 *
 * Exits:  IO (IN 0x3fd) and IO (OUT 0x3f8) for each byte of the output; IO (OUT
 *         0xf4)
 * Output: 64-bit kernel, and a newline
 * Status: 0
 */
#define HEADER_MAGIC	0x1badb002
#define HEADER_FLAGS	0

#define SERIAL_DATA	0x3f8
#define SERIAL_STATUS	0x3fd
#define SERIAL_CAN_SEND	0x20
#define EXIT_PORT	0xf4

	.section .multiboot, "a"
	.balign	4
	.long	HEADER_MAGIC, HEADER_FLAGS, -(HEADER_MAGIC + HEADER_FLAGS)

	.text
	.code32
	.globl	_start
_start:
	cld
	/* Tables for the first 2 MiB: an entry is 0x3, present and writable. */
	movl	$pdpt + 0x3, pml4
	movl	$pd + 0x3, pdpt
	movl	$0x83, pd		/* a large page */
	mov	%cr4, %eax
	or	$0x20, %eax		/* PAE */
	mov	%eax, %cr4
	mov	$pml4, %eax
	mov	%eax, %cr3
	mov	$0xc0000080, %ecx	/* EFER */
	rdmsr
	or	$0x100, %eax		/* LME */
	wrmsr
	mov	%cr0, %eax
	or	$0x80000000, %eax	/* PG */
	mov	%eax, %cr0
	lgdt	gdtr
	ljmp	$0x08, $long

	.code64
long:
	mov	$0x10, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	lea	message(%rip), %rsi
next:
	lodsb
	test	%al, %al
	jz	done
	mov	%al, %bl
ready:
	mov	$SERIAL_STATUS, %dx
	in	%dx, %al
	test	$SERIAL_CAN_SEND, %al
	jz	ready
	mov	$SERIAL_DATA, %dx
	mov	%bl, %al
	out	%al, %dx
	jmp	next
done:
	xor	%eax, %eax
	out	%al, $EXIT_PORT
1:	hlt				/* where that port ends nothing */
	jmp	1b

	.section .rodata
message:
	.asciz	"64-bit kernel\n"
	.balign	8
gdt:
	.quad	0
	.quad	0x00af9a000000ffff	/* 64-bit code */
	.quad	0x00cf92000000ffff	/* data */
gdtr:
	.word	gdtr - gdt - 1
	.long	gdt

	.bss
	.balign	4096
pml4:
	.space	4096
pdpt:
	.space	4096
pd:
	.space	4096
