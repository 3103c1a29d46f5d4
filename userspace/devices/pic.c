// SPDX-License-Identifier: GPL-2.0
/*
 * The interrupt controllers of a PC: two 8259A, the slave's output at input 2 of the
 * master. The edge/level control registers (ELCR) came with EISA.
 */
#include "pic.h"

/* An acknowledge that finds no request gets this input. */
#define SPURIOUS	7

/* No one drives the data bus. */
#define FLOATING	0xff

/* Timer, keyboard and slave, and clock and FPU, are always triggered by edges. */
static const __u8 elcr_writable[] = { 0xf8, 0xde };

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
	chip_settle(&pic->chips[offset]);
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
			{ .base = 0x08, .cascade = 1 << CHIP_SLAVE_INPUT },
			{ .base = 0x70, .cascade = CHIP_SLAVE_INPUT, .master = &pic->chips[0] },
		},
	};
	pic->chips[0].imr = 0xff;
	pic->chips[1].imr = 0xff;
	pic->chips[0].lowest = CHIP_NR_INPUTS - 1;
	pic->chips[1].lowest = CHIP_NR_INPUTS - 1;
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

	chip_set_input(&both->chips[line / CHIP_NR_INPUTS], line % CHIP_NR_INPUTS, level);
}

/** pic_masked() - does the guest want no interrupts of a line */
bool pic_masked(const struct pic *pic, unsigned int line)
{
	const struct pic_chip *chips = pic->chips;

	if (line < CHIP_NR_INPUTS)
		return chips[0].imr & 1 << line;
	return chips[1].imr & 1 << (line - CHIP_NR_INPUTS) || chips[0].imr & 1 << CHIP_SLAVE_INPUT;
}

/** pic_requested() - does an interrupt of a line wait: another edge would change nothing */
bool pic_requested(const struct pic *pic, unsigned int line)
{
	return chip_requests(&pic->chips[line / CHIP_NR_INPUTS]) & 1 << line % CHIP_NR_INPUTS;
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
	int input = chip_acknowledge(chip);

	if (input >= 0 && chip_has_slave(chip, input)) {
		/* The master calls a slave by its number, and it gives the vector. */
		chip = &pic->chips[1];
		if (chip->cascade != input)
			return FLOATING;
		input = chip_acknowledge(chip);
	}
	return chip->base + (input < 0 ? SPURIOUS : input);
}

/** pic_state() - save or restore both, their inputs included: see struct state */
void pic_state(void *pic, struct state *state)
{
	struct pic *both = pic;

	chip_state(&both->chips[0], state);
	chip_state(&both->chips[1], state);
}
