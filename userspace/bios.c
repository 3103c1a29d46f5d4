// SPDX-License-Identifier: GPL-2.0
/*
 * vmrun's half of the BIOS: what becomes of an INT. The guest's half is bios_rom.S.
 * The numbers are those of the IBM PC and of all that came after it; INT 15h AX=E820h
 * is in the ACPI Specification 6.5, "INT 15H, E820H", 15.1.
 *
 * A guest's registers and addresses are not to be trusted: all of its memory is
 * reached by bios_memory().
 */
#include <string.h>

#include "array_size.h"
#include "bios.h"
#include "boot.h"
#include "devices/rtc.h"
#include "devices/rtc_time.h"
#include "serial_ports.h"

/* BIOS data, by their addresses. */
#define DATA_COM1		0x400
#define DATA_EQUIPMENT		0x410
#define DATA_MEMORY		0x413
#define DATA_TICKS		0x46c
#define DATA_MIDNIGHT		0x470

#define EQUIPMENT		0x0222	/* a serial port, 80 columns in colour, an FPU */
#define LOWER_KIB		640
#define SIXTEEN_MIB		0x1000000ULL
#define FOUR_GIB		0x100000000ULL

#define VIDEO_MODE		0x03	/* text of 80 columns and 25 lines */
#define VIDEO_COLUMNS		80
#define CURSOR_SHAPE		0x0607
#define STRING_HAS_ATTRIBUTES	0x02

#define SMAP			0x534d4150U	/* "SMAP" */
#define RANGE_SIZE		20	/* without what C adds to it */

/**
 * bios_memory() - guest memory that a segment reaches
 * @bios: the BIOS
 * @base: the segment's base
 * @offset: where it starts in the segment
 * @size: how much
 *
 * Return: it; NULL if it leaves the segment's 64 KiB, or the memory.
 */
void *bios_memory(const struct bios *bios, __u64 base, __u16 offset, unsigned int size)
{
	__u64 address = base + offset;

	if (offset + size > 0x10000 || address > bios->mem_size ||
	    size > bios->mem_size - address)
		return NULL;
	return bios->mem + address;
}

static void unknown(struct bios_call *call)
{
	bios_status(call, BIOS_UNKNOWN);
}

/* ------------------------- INT 10h: the screen ----------------------------- */

/* Which is standard output. Positions and colours are lost on the way. */
static void write_string(struct bios *bios, const struct bios_call *call)
{
	bool attributes = LOW(call->regs.rax) & STRING_HAS_ATTRIBUTES;
	__u16 length = WORD(call->regs.rcx), offset = WORD(call->regs.rbp), i;
	const __u8 *byte;

	for (i = 0; i < length; i++, offset += attributes ? 2 : 1) {
		byte = bios_memory(bios, call->es, offset, 1);
		if (!byte || bios->output(bios->arg, *byte))
			return;
	}
}

static void int10_video(struct bios *bios, struct bios_call *call)
{
	struct minivmx_regs *regs = &call->regs;

	switch (HIGH(regs->rax)) {
	case 0x00:	/* set mode: it clears the screen, which is no stream's business */
	case 0x01:	/* shape of the cursor */
	case 0x02:	/* position of the cursor */
	case 0x05:	/* page */
	case 0x06:	/* scroll up */
	case 0x07:	/* scroll down */
		break;
	case 0x03:	/* where the cursor is: always at the top */
		set_word(&regs->rcx, CURSOR_SHAPE);
		set_word(&regs->rdx, 0);
		break;
	case 0x0e:
		bios->output(bios->arg, LOW(regs->rax));
		break;
	case 0x0f:
		set_word(&regs->rax, VIDEO_COLUMNS << 8 | VIDEO_MODE);
		set_high(&regs->rbx, 0);
		break;
	case 0x13:
		write_string(bios, call);
		break;
	default:
		unknown(call);
		return;
	}
	call->flags &= ~FLAG_CARRY;
}

/* ------------------------- INT 11h and 12h: what there is ------------------ */

static void return_word(const struct bios *bios, struct bios_call *call, __u16 address)
{
	__u16 value;

	memcpy(&value, bios->mem + address, sizeof(value));
	set_word(&call->regs.rax, value);
}

static void int11_equipment(struct bios *bios, struct bios_call *call)
{
	return_word(bios, call, DATA_EQUIPMENT);
}

static void int12_memory(struct bios *bios, struct bios_call *call)
{
	return_word(bios, call, DATA_MEMORY);
}

/* ------------------------- INT 15h: memory, A20 ---------------------------- */

static void e820(struct bios *bios, struct bios_call *call)
{
	const struct boot_range map[] = {
		{ { 0, LOWER_KIB * 1024 }, MEMORY_RAM },
		{ { BIOS_ADDR, BIOS_END - BIOS_ADDR }, MEMORY_RESERVED },
		{ { UPPER_START, bios->mem_size - UPPER_START }, MEMORY_RAM },
	};
	__u32 nr = bios->mem_size > UPPER_START ? 3 : 2, index = call->regs.rbx;
	void *to = bios_memory(bios, call->es, WORD(call->regs.rdi), RANGE_SIZE);

	if ((__u32)call->regs.rdx != SMAP || (__u32)call->regs.rcx < RANGE_SIZE ||
	    index >= nr || !to) {
		unknown(call);
		return;
	}
	memcpy(to, &map[index], RANGE_SIZE);
	call->regs.rax = SMAP;
	call->regs.rbx = index + 1 < nr ? index + 1 : 0;
	call->regs.rcx = RANGE_SIZE;
	call->flags &= ~FLAG_CARRY;
}

/* In KiB up to 16 MiB, and in units of 64 KiB from there on. */
static void e801(struct bios *bios, struct bios_call *call)
{
	__u64 low = bios->mem_size < SIXTEEN_MIB ? bios->mem_size : SIXTEEN_MIB;
	__u64 high = bios->mem_size < FOUR_GIB ? bios->mem_size : FOUR_GIB;

	low = (low - UPPER_START) / 1024;
	high = high > SIXTEEN_MIB ? (high - SIXTEEN_MIB) / 0x10000 : 0;
	set_word(&call->regs.rax, low);
	set_word(&call->regs.rcx, low);
	set_word(&call->regs.rbx, high);
	set_word(&call->regs.rdx, high);
	call->flags &= ~FLAG_CARRY;
}

static void upper_kib(struct bios *bios, struct bios_call *call)
{
	__u64 kib = (bios->mem_size - UPPER_START) / 1024;

	set_word(&call->regs.rax, kib < 0xffff ? kib : 0xffff);
	call->flags &= ~FLAG_CARRY;
}

/* Address line 20 is there, and nothing takes it away. */
static void a20(struct bios_call *call)
{
	switch (LOW(call->regs.rax)) {
	case 0x01:	/* on */
		break;
	case 0x02:	/* is it? */
		set_low(&call->regs.rax, 1);
		break;
	case 0x03:	/* by which means can it be: by port 0x92 and the keyboard's */
		set_word(&call->regs.rbx, 3);
		break;
	default:	/* off is not to be had */
		unknown(call);
		return;
	}
	bios_status(call, 0);
}

static void int15_system(struct bios *bios, struct bios_call *call)
{
	__u16 function = WORD(call->regs.rax);

	if (function == 0xe820)
		e820(bios, call);
	else if (function == 0xe801)
		e801(bios, call);
	else if (function >> 8 == 0x88)
		upper_kib(bios, call);
	else if (function >> 8 == 0x24)
		a20(call);
	else
		unknown(call);
}

/* ------------------------- INT 19h: start anew ----------------------------- */

static void int19_boot(struct bios *bios, struct bios_call *call)
{
	(void)call;
	bios->reset(bios->arg);
}

/* ------------------------- INT 1Ah: time ----------------------------------- */

/* A register, which has BCD in it unless the guest changed that. */
static __u8 rtc(const struct bios *bios, __u8 index)
{
	__u8 value;

	bus_write(bios->ports, RTC_PORT, &index, sizeof(index));
	bus_read(bios->ports, RTC_PORT + 1, &value, sizeof(value));
	return value;
}

static void int1a_time(struct bios *bios, struct bios_call *call)
{
	struct minivmx_regs *regs = &call->regs;
	__u32 ticks;

	switch (HIGH(regs->rax)) {
	case 0x00:
		memcpy(&ticks, bios->mem + DATA_TICKS, sizeof(ticks));
		set_word(&regs->rcx, ticks >> 16);
		set_word(&regs->rdx, ticks);
		set_low(&regs->rax, bios->mem[DATA_MIDNIGHT]);
		bios->mem[DATA_MIDNIGHT] = 0;
		break;
	case 0x02:
		set_word(&regs->rcx, rtc(bios, HOURS) << 8 | rtc(bios, MINUTES));
		set_word(&regs->rdx, rtc(bios, SECONDS) << 8);
		break;
	case 0x04:
		set_word(&regs->rcx, rtc(bios, CENTURY) << 8 | rtc(bios, YEAR));
		set_word(&regs->rdx, rtc(bios, MONTH) << 8 | rtc(bios, DAY));
		break;
	default:
		unknown(call);
		return;
	}
	bios_status(call, 0);
}

/* ------------------------- all of them ------------------------------------- */

static void (*const services[BIOS_NR])(struct bios *bios, struct bios_call *call) = {
	[0x10 - BIOS_FIRST] = int10_video,
	[0x11 - BIOS_FIRST] = int11_equipment,
	[0x12 - BIOS_FIRST] = int12_memory,
	[0x13 - BIOS_FIRST] = bios_disk_call,
	[0x15 - BIOS_FIRST] = int15_system,
	[0x16 - BIOS_FIRST] = bios_keyboard_call,
	[0x19 - BIOS_FIRST] = int19_boot,
	[0x1a - BIOS_FIRST] = int1a_time,
};

/**
 * bios_call() - serve an INT
 * @bios: the BIOS
 * @vector: its number
 * @call: what it came with, and what it goes with
 */
void bios_call(struct bios *bios, unsigned int vector, struct bios_call *call)
{
	unsigned int index = vector - BIOS_FIRST;

	/* Only the keyboard is asked again. */
	call->regs.rflags &= ~(__u64)FLAG_CARRY;
	if (index < ARRAY_SIZE(services) && services[index])
		services[index](bios, call);
	else
		unknown(call);
}

static void set_word_at(__u8 *mem, __u64 address, __u16 value)
{
	memcpy(mem + address, &value, sizeof(value));
}

/* A row of the ROM's table. */
static void set_vectors(__u8 *mem, const __u16 row[4])
{
	unsigned int i;

	for (i = 0; i < row[1]; i++) {
		set_word_at(mem, (row[0] + i) * 4, row[2] + i * row[3]);
		set_word_at(mem, (row[0] + i) * 4 + 2, BIOS_ADDR / 16);
	}
}

/**
 * bios_install() - put the guest's half into its memory
 * @mem: the memory, which reaches up to BIOS_END at least
 * @start: how it goes on from there
 *
 * The guest has to start at BIOS_ADDR.
 */
void bios_install(__u8 *mem, const struct bios_start *start)
{
	const __u16 *row;

	memcpy(mem + BIOS_ADDR, bios_rom, bios_rom_end - bios_rom);
	memcpy(mem + BIOS_ADDR + (bios_rom_start - bios_rom), start, sizeof(*start));
	for (row = bios_rom_vectors; row < bios_rom_vectors_end; row += 4)
		set_vectors(mem, row);
	set_word_at(mem, DATA_COM1, SERIAL_PORT);
	set_word_at(mem, DATA_EQUIPMENT, EQUIPMENT);
	set_word_at(mem, DATA_MEMORY, LOWER_KIB);
}
