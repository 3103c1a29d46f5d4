// SPDX-License-Identifier: GPL-2.0
/*
 * The interrupt controllers of a PC: two 8259A, the slave's output at input 2 of the
 * master. Facts are from the Intel 8259A data sheet, order 231468; its words are the
 * names here. The edge/level control registers (ELCR) came with EISA.
 *
 * A device holds its line until it is served. A request ends with its line, also where
 * edges count; but the output, once high, stays so until the processor acknowledges it
 * or writes to the chip. An acknowledge that then finds no request gets input 7: a
 * spurious interrupt ("Interrupt Sequence", "Edge and Level Triggered Modes").
 *
 * Not there: the MCS-80/85 mode. ICW4's bit for it, and buffered mode, mean nothing.
 */
#include <stddef.h>

#include "pic.h"

#define NR_INPUTS	8
#define SLAVE_INPUT	2
#define SPURIOUS	7

/* No one drives the data bus. */
#define FLOATING	0xff

#define ICW1		0x10
#define ICW1_IC4	0x01
#define ICW1_SNGL	0x02
#define ICW1_LTIM	0x08
#define ICW2_BASE	0xf8
#define ICW3_ID		0x07
#define ICW4_AEOI	0x02
#define ICW4_SFNM	0x10

#define OCW2_EOI	0x20
#define OCW2_SL		0x40
#define OCW2_R		0x80
#define OCW2_LEVEL	0x07

#define OCW3		0x08
#define OCW3_RIS	0x01
#define OCW3_RR		0x02
#define OCW3_P		0x04
#define OCW3_SMM	0x20
#define OCW3_ESMM	0x40

#define POLL_REQUEST	0x80

/* Timer, keyboard and slave, and clock and FPU, are always triggered by edges. */
static const __u8 elcr_writable[] = { 0xf8, 0xde };

static __u8 irr(const struct pic_chip *chip)
{
	__u8 level = chip->level ? 0xff : chip->elcr;

	return chip->edges | (chip->lines & level);
}

/* 0 is the highest. */
static unsigned int priority(const struct pic_chip *chip, unsigned int input)
{
	return (input - chip->lowest - 1) % NR_INPUTS;
}

/* Which of some inputs has the highest priority; -1: there are none. */
static int highest(const struct pic_chip *chip, __u8 inputs)
{
	unsigned int i, input;

	for (i = 1; i <= NR_INPUTS; i++) {
		input = (chip->lowest + i) % NR_INPUTS;
		if (inputs & 1 << input)
			return input;
	}
	return -1;
}

/* The input in service that holds off others, and that a nonspecific EOI ends. */
static int in_service(const struct pic_chip *chip)
{
	return highest(chip, chip->isr & ~(chip->special_mask ? chip->imr : 0));
}

static bool has_slave(const struct pic_chip *chip, unsigned int input)
{
	return !chip->master && chip->cascade & 1 << input;
}

/* The input to interrupt for; -1: none. */
static int winner(const struct pic_chip *chip)
{
	int input = highest(chip, irr(chip) & ~chip->imr);
	int busy = in_service(chip);

	if (chip->icw || input < 0)
		return -1;
	if (busy < 0 || priority(chip, input) < priority(chip, busy))
		return input;
	if (input == busy && chip->special_nested && has_slave(chip, input))
		return input;
	return -1;
}

static void set_output(struct pic_chip *chip, bool level);

static void set_input(struct pic_chip *chip, unsigned int input, bool level)
{
	__u8 bit = 1 << input;

	if (level) {
		chip->edges |= bit & ~chip->lines;
		chip->lines |= bit;
	} else {
		chip->edges &= ~bit;
		chip->lines &= ~bit;
	}
	if (winner(chip) >= 0)
		set_output(chip, true);
}

static void set_output(struct pic_chip *chip, bool level)
{
	chip->intr = level;
	if (chip->master)
		set_input(chip->master, SLAVE_INPUT, level);
}

static void settle(struct pic_chip *chip)
{
	set_output(chip, winner(chip) >= 0);
}

/* An acknowledge; returns the input, or -1 if the request has gone. */
static int acknowledge(struct pic_chip *chip)
{
	int input = winner(chip);

	/* Low in between: the master sees an edge for each of the slave's requests. */
	set_output(chip, false);
	if (input >= 0) {
		chip->edges &= ~(1 << input);
		if (!chip->auto_eoi)
			chip->isr |= 1 << input;
		else if (chip->rotate)
			chip->lowest = input;
	}
	settle(chip);
	return input;
}

static __u8 poll(struct pic_chip *chip)
{
	int input = acknowledge(chip);

	chip->poll = false;
	return input < 0 ? 0 : POLL_REQUEST | input;
}

/*
 * What starts anew is listed in "Initialization Command Words 1 and 2". It does not
 * name the ISR; an interrupt in service before would hold off others for ever.
 */
static void write_icw1(struct pic_chip *chip, __u8 value)
{
	chip->edges = 0;
	chip->isr = 0;
	chip->imr = 0;
	chip->lowest = NR_INPUTS - 1;
	chip->cascade = chip->master ? ICW3_ID : 0;
	chip->special_nested = false;
	chip->auto_eoi = false;
	chip->rotate = false;
	chip->special_mask = false;
	chip->read_isr = false;
	chip->poll = false;
	chip->needs_icw4 = value & ICW1_IC4;
	chip->single = value & ICW1_SNGL;
	chip->level = value & ICW1_LTIM;
	chip->icw = 2;
}

static void write_icw(struct pic_chip *chip, __u8 value)
{
	unsigned int last = chip->needs_icw4 ? 4 : 0;

	switch (chip->icw) {
	case 2:
		chip->base = value & ICW2_BASE;
		chip->icw = chip->single ? last : 3;
		break;
	case 3:
		chip->cascade = chip->master ? value & ICW3_ID : value;
		chip->icw = last;
		break;
	case 4:
		chip->special_nested = value & ICW4_SFNM;
		chip->auto_eoi = value & ICW4_AEOI;
		chip->icw = 0;
		break;
	}
}

static void write_ocw2(struct pic_chip *chip, __u8 value)
{
	int input = value & OCW2_SL ? value & OCW2_LEVEL : in_service(chip);

	switch (value & (OCW2_R | OCW2_SL | OCW2_EOI)) {
	case OCW2_R | OCW2_SL | OCW2_EOI:
	case OCW2_R | OCW2_EOI:
	case OCW2_SL | OCW2_EOI:
	case OCW2_EOI:
		if (input < 0)
			break;
		chip->isr &= ~(1 << input);
		if (value & OCW2_R)
			chip->lowest = input;
		break;
	case OCW2_R | OCW2_SL:
		chip->lowest = input;
		break;
	case OCW2_R:
		chip->rotate = true;
		break;
	case 0:
		chip->rotate = false;
		break;
	}
}

static void write_ocw3(struct pic_chip *chip, __u8 value)
{
	if (value & OCW3_ESMM)
		chip->special_mask = value & OCW3_SMM;
	if (value & OCW3_RR)
		chip->read_isr = value & OCW3_RIS;
	chip->poll = value & OCW3_P;
}

static void pic_write(void *device, unsigned int offset, __u64 value, unsigned int size)
{
	struct pic_chip *chip = device;

	(void)size;
	if (offset == 0) {
		if (value & ICW1)
			write_icw1(chip, value);
		else if (value & OCW3)
			write_ocw3(chip, value);
		else
			write_ocw2(chip, value);
	} else if (chip->icw) {
		write_icw(chip, value);
	} else {
		chip->imr = value;
	}
	settle(chip);
}

static __u64 pic_read(void *device, unsigned int offset, unsigned int size)
{
	struct pic_chip *chip = device;

	(void)size;
	if (chip->poll)
		return poll(chip);
	if (offset)
		return chip->imr;
	return chip->read_isr ? chip->isr : irr(chip);
}

const struct bus_ops pic_ops = {
	.read = pic_read,
	.write = pic_write,
	.bytes = true,
};

static __u64 elcr_read(void *device, unsigned int offset, unsigned int size)
{
	struct pic *pic = device;

	(void)size;
	return pic->chips[offset].elcr;
}

static void elcr_write(void *device, unsigned int offset, __u64 value, unsigned int size)
{
	struct pic *pic = device;

	(void)size;
	pic->chips[offset].elcr = value & elcr_writable[offset];
	settle(&pic->chips[offset]);
}

const struct bus_ops pic_elcr_ops = {
	.read = elcr_read,
	.write = elcr_write,
	.bytes = true,
};

/**
 * pic_init() - both as a BIOS leaves them to a boot loader
 * @pic: stays where it is from now on
 *
 * Vectors start at 0x08 and 0x70; all is masked.
 */
void pic_init(struct pic *pic)
{
	*pic = (struct pic){
		.chips = {
			{ .base = 0x08, .cascade = 1 << SLAVE_INPUT },
			{ .base = 0x70, .cascade = SLAVE_INPUT, .master = &pic->chips[0] },
		},
	};
	pic->chips[0].imr = 0xff;
	pic->chips[1].imr = 0xff;
	pic->chips[0].lowest = NR_INPUTS - 1;
	pic->chips[1].lowest = NR_INPUTS - 1;
}

/**
 * pic_set() - the level of a line: for struct irq
 * @pic: the struct pic
 * @line: 0 to 15; not 2, where the slave is
 * @level: the level
 */
void pic_set(void *pic, unsigned int line, bool level)
{
	struct pic *both = pic;

	set_input(&both->chips[line / NR_INPUTS], line % NR_INPUTS, level);
}

/** pic_masked() - does the guest want no interrupts of a line */
bool pic_masked(const struct pic *pic, unsigned int line)
{
	const struct pic_chip *chips = pic->chips;

	if (line < NR_INPUTS)
		return chips[0].imr & 1 << line;
	return chips[1].imr & 1 << (line - NR_INPUTS) || chips[0].imr & 1 << SLAVE_INPUT;
}

/** pic_requested() - does an interrupt of a line wait: another edge would change nothing */
bool pic_requested(const struct pic *pic, unsigned int line)
{
	return irr(&pic->chips[line / NR_INPUTS]) & 1 << line % NR_INPUTS;
}

/**
 * pic_pending() - does the processor have an interrupt to take?
 * @pic: both
 *
 * Return: the level of the master's output, INTR.
 */
bool pic_pending(const struct pic *pic)
{
	return pic->chips[0].intr;
}

/**
 * pic_acknowledge() - the processor takes the interrupt: INTA
 * @pic: both
 *
 * Return: the vector, 0 to 255.
 */
int pic_acknowledge(struct pic *pic)
{
	struct pic_chip *chip = &pic->chips[0];
	int input = acknowledge(chip);

	if (input >= 0 && has_slave(chip, input)) {
		/* The master calls a slave by its number, and it gives the vector. */
		chip = &pic->chips[1];
		if (chip->cascade != input)
			return FLOATING;
		input = acknowledge(chip);
	}
	return chip->base + (input < 0 ? SPURIOUS : input);
}

static void chip_state(struct pic_chip *chip, struct state *state)
{
	state_u8(state, &chip->lines);
	state_u8(state, &chip->edges);
	state_u8(state, &chip->isr);
	state_u8(state, &chip->imr);
	state_u8(state, &chip->elcr);
	state_u8(state, &chip->lowest);
	state_u8(state, &chip->icw);
	state_u8(state, &chip->base);
	state_u8(state, &chip->cascade);
	state_bool(state, &chip->needs_icw4);
	state_bool(state, &chip->single);
	state_bool(state, &chip->level);
	state_bool(state, &chip->special_nested);
	state_bool(state, &chip->auto_eoi);
	state_bool(state, &chip->rotate);
	state_bool(state, &chip->special_mask);
	state_bool(state, &chip->read_isr);
	state_bool(state, &chip->poll);
	state_bool(state, &chip->intr);
	state_valid(state, !(chip->edges & ~chip->lines) && chip->lowest < NR_INPUTS);
	state_valid(state, chip->icw <= 4 && chip->icw != 1 && !(chip->base & ~ICW2_BASE));
}

/** pic_state() - save or restore both, their inputs included: see struct state */
void pic_state(void *pic, struct state *state)
{
	struct pic *both = pic;

	chip_state(&both->chips[0], state);
	chip_state(&both->chips[1], state);
}
