// SPDX-License-Identifier: GPL-2.0
/*
 * The keyboard controller of a PC, as IBM's technical references describe it (Personal
 * Computer AT, "Keyboard Controller"; PS/2, "Keyboard/Auxiliary Device Controller").
 *
 * Nothing is connected: what is sent to a keyboard is answered by the controller itself,
 * with its timeout. Drivers so need not wait for theirs to know that none is there.
 * There is no port for a mouse, and the gate of A20 is always open.
 */
#include <string.h>

#include "i8042.h"

/* Status register */
#define OUTPUT_FULL	0x01
#define SYSTEM_FLAG	0x04	/* the bit of the command byte */
#define COMMAND_LAST	0x08	/* the last write was to the command port */
#define NOT_LOCKED	0x10
#define FROM_AUXILIARY	0x20
#define TIMEOUT		0x40

/* Command byte */
#define COMMAND_BYTE		0
#define KEYBOARD_IRQ		0x01
#define KEYBOARD_DISABLED	0x10
#define AUXILIARY_DISABLED	0x20	/* always: there is none */
#define TRANSLATE		0x40

#define RESEND		0xfe	/* what is in the output buffer after a timeout */
#define TEST_PASSED	0x55
#define CLOCK_IS_LOW	0x01	/* what the test of an interface finds */

/* Input port: the keylock is open, colour display, no jumper. Its other bits float. */
#define INPUT_PORT	0xb0

/* Output port: data and clock are high, A20 is open, no reset. */
#define OUTPUT_PORT	0xc3
#define NO_RESET	0x01

static void update_irq(const struct i8042 *kbc)
{
	bool full = (kbc->status & (OUTPUT_FULL | FROM_AUXILIARY)) == OUTPUT_FULL;

	irq_set(&kbc->irq, full && kbc->ram[COMMAND_BYTE] & KEYBOARD_IRQ);
}

static void answer(struct i8042 *kbc, __u8 byte, __u8 flags)
{
	kbc->output = byte;
	kbc->status = (kbc->status & COMMAND_LAST) | OUTPUT_FULL | flags;
	update_irq(kbc);
}

static void write_ram(struct i8042 *kbc, unsigned int index, __u8 value)
{
	kbc->ram[index] = value;
	kbc->ram[COMMAND_BYTE] |= AUXILIARY_DISABLED;
	update_irq(kbc);
}

/* Pins that go low: only the first one leads anywhere. */
static void write_output_port(struct i8042 *kbc, __u8 value)
{
	kbc->output_port = value | NO_RESET;
	if (!(value & NO_RESET))
		reset_pulse(kbc->reset);
}

static __u64 data_read(void *device, unsigned int offset, unsigned int size)
{
	struct i8042 *kbc = device;

	(void)offset;
	(void)size;
	kbc->status &= COMMAND_LAST;
	update_irq(kbc);
	return kbc->output;
}

static void data_write(void *device, unsigned int offset, __u64 value, unsigned int size)
{
	struct i8042 *kbc = device;
	__u8 command = kbc->command;

	(void)offset;
	(void)size;
	kbc->command = 0;
	kbc->status &= ~COMMAND_LAST;
	switch (command) {
	case 0x60 ... 0x7f:
		write_ram(kbc, command - 0x60, value);
		break;
	case 0xd1:
		write_output_port(kbc, value);
		break;
	case 0xd2:
	case 0xd3:	/* Without a mouse, it does not come from there. */
		answer(kbc, value, 0);
		break;
	case 0xd4:
		answer(kbc, RESEND, TIMEOUT | FROM_AUXILIARY);
		break;
	default:
		/* To send to the keyboard enables it. */
		kbc->ram[COMMAND_BYTE] &= ~KEYBOARD_DISABLED;
		answer(kbc, RESEND, TIMEOUT);
	}
}

const struct bus_ops i8042_data_ops = {
	.read = data_read, .write = data_write, .bytes = true
};

static __u64 status_read(void *device, unsigned int offset, unsigned int size)
{
	const struct i8042 *kbc = device;

	(void)offset;
	(void)size;
	/* What is written is taken at once: the input buffer is always empty. */
	return kbc->status | NOT_LOCKED | (kbc->ram[COMMAND_BYTE] & SYSTEM_FLAG);
}

static void command_write(void *device, unsigned int offset, __u64 value, unsigned int size)
{
	struct i8042 *kbc = device;

	(void)offset;
	(void)size;
	kbc->command = 0;
	kbc->status |= COMMAND_LAST;
	switch (value) {
	case 0x20 ... 0x3f:
		answer(kbc, kbc->ram[value - 0x20], 0);
		break;
	case 0x60 ... 0x7f:	/* write it */
	case 0xd1:		/* write the output port */
	case 0xd2:		/* write the output buffer, as if from the keyboard */
	case 0xd3:		/* from the mouse */
	case 0xd4:		/* send to the mouse */
		kbc->command = value;
		break;
	case 0xa9:		/* test the interface of the mouse */
		answer(kbc, CLOCK_IS_LOW, 0);
		break;
	case 0xaa:		/* self-test */
		kbc->ram[COMMAND_BYTE] |= SYSTEM_FLAG;
		answer(kbc, TEST_PASSED, 0);
		break;
	case 0xab:		/* test the interface of the keyboard */
		answer(kbc, 0, 0);
		break;
	case 0xad:
		kbc->ram[COMMAND_BYTE] |= KEYBOARD_DISABLED;
		break;
	case 0xae:
		kbc->ram[COMMAND_BYTE] &= ~KEYBOARD_DISABLED;
		break;
	case 0xc0:
		answer(kbc, INPUT_PORT, 0);
		break;
	case 0xd0:
		answer(kbc, kbc->output_port, 0);
		break;
	case 0xf0 ... 0xff:	/* pulse pins of the output port whose bit is 0 */
		if (!(value & NO_RESET))
			reset_pulse(kbc->reset);
		break;
	}
}

const struct bus_ops i8042_command_ops = {
	.read = status_read, .write = command_write, .bytes = true
};

/**
 * i8042_init() - make it as firmware leaves it: tested, keys translated, interrupts on
 * @kbc: the controller; it has @irq and @reset
 */
void i8042_init(struct i8042 *kbc)
{
	kbc->command = 0;
	kbc->status = 0;
	kbc->output = 0;
	kbc->output_port = OUTPUT_PORT;
	memset(kbc->ram, 0, sizeof(kbc->ram));
	kbc->ram[COMMAND_BYTE] = KEYBOARD_IRQ | SYSTEM_FLAG | AUXILIARY_DISABLED | TRANSLATE;
}

/** i8042_state() - save or restore it: see struct state */
void i8042_state(void *kbc, struct state *state)
{
	struct i8042 *this = kbc;

	state_u8(state, &this->command);
	state_u8(state, &this->status);
	state_u8(state, &this->output);
	state_u8(state, &this->output_port);
	state_bytes(state, this->ram, sizeof(this->ram));
}
