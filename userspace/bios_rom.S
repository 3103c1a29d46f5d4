/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's half of the BIOS: vmrun copies it to address 0xf0000, and the guest
 * starts at its first byte. What a service does is vmrun's half, in bios.c: an OUT
 * asks for it.
 */

#include "bios.h"

/* The first controller of interrupts, the second, and the timer. */
#define PIC1		0x20
#define PIC2		0xa0
#define PIT_COUNTER0	0x40
#define PIT_CONTROL	0x43
#define EOI		0x20	/* to a PIC: the end of the interrupt */

/* BIOS data, in segment 0x40. */
#define DATA_SEGMENT	0x40
#define TICKS		0x6c	/* since midnight; there are 0x1800b0 in a day */
#define TICKS_A_DAY	0x1800b0
#define MIDNIGHT	0x70	/* how many were passed */

	.macro	outb value, port
	mov	$(\value), %al
	out	%al, $(\port)
	.endm

	.section .rodata
	.code16
	.globl	bios_rom, bios_rom_end, bios_rom_start
bios_rom:
	cli
	/* Interrupts 08h to 0fh and 70h to 77h. Only the timer's is let through. */
	outb	0x11, PIC1
	outb	0x08, (PIC1 + 1)
	outb	0x04, (PIC1 + 1)
	outb	0x01, (PIC1 + 1)
	outb	0xfa, (PIC1 + 1)
	outb	0x11, PIC2
	outb	0x70, (PIC2 + 1)
	outb	0x02, (PIC2 + 1)
	outb	0x01, (PIC2 + 1)
	outb	0xff, (PIC2 + 1)
	/* 1193182 Hz / 65536: 18.2 ticks a second. */
	outb	0x36, PIT_CONTROL
	outb	0, PIT_COUNTER0
	outb	0, PIT_COUNTER0

	mov	%cs:start_sp - bios_rom, %sp
	mov	%cs:start_dx - bios_rom, %dx
	xor	%ax, %ax
	pushw	%cs:start_flags - bios_rom
	pushw	%cs:start_cs - bios_rom
	pushw	%cs:start_ip - bios_rom
	iret

	/* As struct bios_start, which vmrun writes into the copy. */
bios_rom_start:
start_ip:
	.word	0
start_cs:
	.word	0
start_flags:
	.word	0
start_sp:
	.word	0
start_dx:
	.word	0

	/* INT 10h to 1ah, each of the same size. */
services:
	.set	vector, BIOS_FIRST
	.rept	BIOS_NR
	out	%al, $(BIOS_PORT + vector - BIOS_FIRST)
	iret
	.set	vector, vector + 1
	.endr

	/* INT 16h waits: vmrun sets CF until there is a key. */
keyboard:
	sti
1:
	out	%al, $(BIOS_PORT + 0x16 - BIOS_FIRST)
	jc	1b
	iret

	/* INT 08h: counts, and lets the guest know by INT 1Ch. */
tick:
	push	%ds
	push	%dx
	push	%ax
	mov	$DATA_SEGMENT, %ax
	mov	%ax, %ds
	incl	TICKS
	cmpl	$TICKS_A_DAY, TICKS
	jb	1f
	movl	$0, TICKS
	incb	MIDNIGHT
1:
	int	$0x1c
	outb	EOI, PIC1
	pop	%ax
	pop	%dx
	pop	%ds
	iret

	/* Other interrupts of devices: nobody waits for them. */
second_eoi:
	push	%ax
	outb	EOI, PIC2
	pop	%ax
first_eoi:
	push	%ax
	outb	EOI, PIC1
	pop	%ax
nothing:
	iret
bios_rom_end:

	/* The interrupt vectors: first, number, the first handler, bytes to the next. */
	.balign	2
	.globl	bios_rom_vectors, bios_rom_vectors_end
bios_rom_vectors:
	.word	0x00, 256, nothing - bios_rom, 0
	.word	0x08, 1, tick - bios_rom, 0
	.word	0x09, 7, first_eoi - bios_rom, 0
	.word	BIOS_FIRST, BIOS_NR, services - bios_rom, (keyboard - services) / BIOS_NR
	.word	0x16, 1, keyboard - bios_rom, 0
	.word	0x70, 8, second_eoi - bios_rom, 0
bios_rom_vectors_end:

	.section .note.GNU-stack, "", @progbits
