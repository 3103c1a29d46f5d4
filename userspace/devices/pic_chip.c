// SPDX-License-Identifier: GPL-2.0
/*
 * An 8259A. Facts are from the Intel 8259A data sheet, order 231468; its words are the
 * names here.
 *
 * A device holds its line until it is served. A request ends with its line, also where
 * edges count; but the output, once high, stays so until the processor acknowledges it
 * or writes to the chip. An acknowledge that then finds no request gets input 7: a
 * spurious interrupt ("Interrupt Sequence", "Edge and Level Triggered Modes").
 *
 * Not there: the MCS-80/85 mode. ICW4's bit for it, and buffered mode, mean nothing.
 */
#include "pic_chip.h"

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

/** chip_requests() - the IRR: which inputs ask for an interrupt */
__u8 chip_requests(const struct pic_chip *chip)
{
	__u8 level = chip->level ? 0xff : chip->elcr;

	return chip->edges | (chip->lines & level);
}

/* 0 is the highest. */
static unsigned int priority(const struct pic_chip *chip, unsigned int input)
{
	return (input - chip->lowest - 1) % CHIP_NR_INPUTS;
}

/* Which of some inputs has the highest priority; -1: there are none. */
static int highest(const struct pic_chip *chip, __u8 inputs)
{
	unsigned int i, input;

	for (i = 1; i <= CHIP_NR_INPUTS; i++) {
		input = (chip->lowest + i) % CHIP_NR_INPUTS;
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

/** chip_has_slave() - is it another chip that asks at this input */
bool chip_has_slave(const struct pic_chip *chip, unsigned int input)
{
	return !chip->master && chip->cascade & 1 << input;
}

/* The input to interrupt for; -1: none. */
static int winner(const struct pic_chip *chip)
{
	int input = highest(chip, chip_requests(chip) & ~chip->imr);
	int busy = in_service(chip);

	if (chip->icw || input < 0)
		return -1;
	if (busy < 0 || priority(chip, input) < priority(chip, busy))
		return input;
	if (input == busy && chip->special_nested && chip_has_slave(chip, input))
		return input;
	return -1;
}

static void set_output(struct pic_chip *chip, bool level);

/**
 * chip_set_input() - the level of an input changes, or is said again
 * @chip: the chip
 * @input: which one
 * @level: its level
 */
void chip_set_input(struct pic_chip *chip, unsigned int input, bool level)
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
		chip_set_input(chip->master, CHIP_SLAVE_INPUT, level);
}

/** chip_settle() - a write to the chip: its output is what its registers say */
void chip_settle(struct pic_chip *chip)
{
	set_output(chip, winner(chip) >= 0);
}

/**
 * chip_acknowledge() - an INTA, or what a poll does instead
 * @chip: the chip
 *
 * Return: the input, or -1 if the request has gone.
 */
int chip_acknowledge(struct pic_chip *chip)
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
	chip_settle(chip);
	return input;
}

static __u8 poll(struct pic_chip *chip)
{
	int input = chip_acknowledge(chip);

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
	chip->lowest = CHIP_NR_INPUTS - 1;
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

static void chip_write(void *device, unsigned int offset, __u64 value, unsigned int size)
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
	chip_settle(chip);
}

static __u64 chip_read(void *device, unsigned int offset, unsigned int size)
{
	struct pic_chip *chip = device;

	(void)size;
	if (chip->poll)
		return poll(chip);
	if (offset)
		return chip->imr;
	return chip->read_isr ? chip->isr : chip_requests(chip);
}

const struct bus_ops chip_ops = {
	.read = chip_read,
	.write = chip_write,
	.bytes = true,
};

/** chip_state() - save or restore it, its inputs included: see struct state */
void chip_state(struct pic_chip *chip, struct state *state)
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
	state_valid(state, !(chip->edges & ~chip->lines) && chip->lowest < CHIP_NR_INPUTS);
	state_valid(state, chip->icw <= 4 && chip->icw != 1 && !(chip->base & ~ICW2_BASE));
}
