/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kernel_irq - a kernel that sleeps until a device has something for it
 *
 * Its own GDT and IDT, the two interrupt controllers moved away from the processor's
 * exceptions, a tick 100 times a second, and a serial port that interrupts for each
 * byte it has. It repeats each line it is given, but for these:
 *
 *   wait	sleeps for 10 ticks, and says so
 *   reset	resets the machine
 *   quit	ends the run, as the end of input does
 *
 * Exits:  IO (OUT) to set the devices up; HLT, mostly, for each interrupt; IO (OUT
 *         0x20) for each, and IO (IN 0x3fd, IN 0x3f8) for the bytes of the serial
 *         port; IO (OUT 0x3f8) for each byte of the output; IO (OUT 0xf4)
 * Output: ready, and the lines, or 10 ticks for wait
 * Status: 0 after quit, 249 after reset
 */
#include "common.inc"
#include "pc.inc"

/* Multiboot Specification 0.6.96, section 3.1. */
#define HEADER_MAGIC	0x1badb002

/* Selectors, and the kind of an IDT's entry: an interrupt gate, present, ring 0. */
#define CODE		0x08
#define DATA		0x10
#define INTERRUPT_GATE	0x8e00

/* The first 32 vectors are the processor's own. */
#define PIC_VECTOR	0x20
#define NR_VECTORS	(PIC_VECTOR + 8)

#define PIT_COUNT	(PIT_HZ / 100)

/* The 16550A. */
#define SERIAL_INTERRUPTS	0x3f9
#define SERIAL_ON_INPUT		0x01
#define SERIAL_MODEM		0x3fc
#define SERIAL_OUT2		0x08	/* on a PC: lets its interrupts through */

/* A pulse on the processor's reset, by the keyboard controller. */
#define KEYBOARD_COMMAND	0x64
#define KEYBOARD_RESET		0xfe

#define WAIT_TICKS	10
#define MAX_LINE	80

	.section .multiboot, "a"
	.balign	4
	.long	HEADER_MAGIC, 0, -HEADER_MAGIC

	.text
	.code32
	.globl	_start
_start:
	mov	$stack_end, %esp
	lgdt	gdtr
	ljmp	$CODE, $1f
1:
	mov	$DATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss

	mov	$timer, %eax
	mov	$PIC_VECTOR + IRQ_TIMER, %edi
	call	set_gate
	mov	$serial, %eax
	mov	$PIC_VECTOR + IRQ_SERIAL, %edi
	call	set_gate
	lidt	idtr

	/* ICW1 to ICW4 of each; then which lines are masked: all but two. */
	outb	PIC_INIT, PIC_COMMAND
	outb	PIC_VECTOR, PIC_DATA
	outb	(1 << IRQ_CASCADE), PIC_DATA
	outb	PIC_8086, PIC_DATA
	outb	PIC_INIT, PIC_SLAVE
	outb	(PIC_VECTOR + 8), PIC_SLAVE_DATA
	outb	IRQ_CASCADE, PIC_SLAVE_DATA
	outb	PIC_8086, PIC_SLAVE_DATA
	outb	(0xff & ~(1 << IRQ_TIMER | 1 << IRQ_SERIAL)), PIC_DATA
	outb	0xff, PIC_SLAVE_DATA

	outb	PIT_RATE, PIT_CONTROL
	outb	(PIT_COUNT & 0xff), PIT_COUNTER
	outb	(PIT_COUNT >> 8), PIT_COUNTER

	outb	SERIAL_OUT2, SERIAL_MODEM
	outb	SERIAL_ON_INPUT, SERIAL_INTERRUPTS

	mov	$ready_text, %esi
	call	print
	sti

next_line:
	mov	$line, %edi
next_byte:
	call	get_byte
	cmp	$END_OF_INPUT, %al
	je	quit
	cmp	$'\n', %al
	je	line_ends
	cmp	$line + MAX_LINE, %edi
	je	next_byte			/* what is too long is cut off */
	stosb
	jmp	next_byte

line_ends:
	movb	$0, (%edi)
	mov	$commands, %ebx
1:
	/* Each row of the table: its name, what it does. The end has no name. */
	mov	(%ebx), %esi
	test	%esi, %esi
	jz	repeat
	mov	$line, %edi
2:
	mov	(%esi), %al
	cmpsb
	jne	3f
	test	%al, %al
	jnz	2b
	jmp	*4(%ebx)
3:
	add	$8, %ebx
	jmp	1b

repeat:
	mov	$line, %esi
	call	print
	mov	$newline_text, %esi
	call	print
	jmp	next_line

wait_ticks:
	mov	ticks, %eax
	add	$WAIT_TICKS, %eax
1:
	cli
	mov	ticks, %ecx
	sub	%eax, %ecx
	jns	2f
	sti
	hlt
	jmp	1b
2:
	sti
	mov	$wait_text, %esi
	call	print
	jmp	next_line

reset:
	outb	KEYBOARD_RESET, KEYBOARD_COMMAND
	jmp	.

quit:
	outb	0, EXIT_PORT
	jmp	.

	/* The next byte of input, in %al. */
get_byte:
	cli
	movzbl	tail, %eax
	cmp	%al, head
	jne	1f
	/* STI takes effect after HLT has begun: no interrupt gets in between. */
	sti
	hlt
	jmp	get_byte
1:
	sti
	mov	ring(%eax), %al
	incb	tail
	ret

	/* Makes %eax the handler of the interrupt %edi. */
set_gate:
	lea	idt(,%edi,8), %edi
	mov	%ax, (%edi)
	movw	$CODE, 2(%edi)
	movw	$INTERRUPT_GATE, 4(%edi)
	shr	$16, %eax
	mov	%ax, 6(%edi)
	ret

/* ------------------------- interrupts, with IF off ------------------------- */

timer:
	push	%eax
	incl	ticks
	jmp	end_of_interrupt

serial:
	push	%eax
	push	%ebx
	push	%edx
1:
	mov	$SERIAL_STATUS, %dx
	in	%dx, %al
	test	$SERIAL_INPUT_READY, %al
	jz	2f
	mov	$SERIAL_DATA, %dx
	in	%dx, %al
	/* The indices are bytes, and the ring has 256: they wrap by themselves. */
	movzbl	head, %ebx
	mov	%al, ring(%ebx)
	inc	%bl
	cmp	%bl, tail
	je	1b				/* full: the byte is lost */
	mov	%bl, head
	jmp	1b
2:
	pop	%edx
	pop	%ebx
end_of_interrupt:
	mov	$PIC_EOI, %al
	out	%al, $PIC_COMMAND
	pop	%eax
	iret

	print_routine

	.data
	.balign	8
gdt:
	.quad	0
	.quad	0x00cf9a000000ffff	/* CODE */
	.quad	0x00cf92000000ffff	/* DATA */
gdtr:
	.word	gdtr - gdt - 1
	.long	gdt
idtr:
	.word	NR_VECTORS * 8 - 1
	.long	idt

commands:
	.long	wait_name, wait_ticks
	.long	reset_name, reset
	.long	quit_name, quit
	.long	0
wait_name:
	.asciz	"wait"
reset_name:
	.asciz	"reset"
quit_name:
	.asciz	"quit"

ready_text:
	.asciz	"ready\n"
wait_text:
	.asciz	"10 ticks\n"
newline_text:
	.asciz	"\n"

	.bss
	.balign	8
idt:
	.space	NR_VECTORS * 8
ticks:
	.space	4
ring:
	.space	256
head:
	.space	1			/* where the next byte goes */
tail:
	.space	1			/* where the next one comes from */
line:
	.space	MAX_LINE + 1
	.balign	16
	.space	4096
stack_end:
