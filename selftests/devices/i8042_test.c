// SPDX-License-Identifier: GPL-2.0
/*
 * The keyboard controller of vmrun, with nothing connected. Needs no VT-x.
 *
 * Breakage it catches: a command for which a driver waits in vain, a status that says
 * that it has to wait, an interrupt that comes without being enabled or stays after the
 * byte was read, a mouse where none is, a reset that does not come or comes for nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../../userspace/devices/i8042.h"

#define DATA	0x60
#define COMMAND	0x64

static bool level;
static unsigned int edges, resets;
static struct reset reset;
static struct i8042 kbc;
static struct bus bus;

static void test_set(void *controller, unsigned int line, bool up)
{
	assert_ptr_equal(controller, &edges);
	assert_int_equal(line, 1);
	if (up && !level)
		edges++;
	level = up;
}

static void test_pulse(void *arg)
{
	assert_ptr_equal(arg, &resets);
	resets++;
}

static int start(void **state)
{
	static const struct bus_claim claims[] = {
		{ "i8042", I8042_DATA_PORT, 1, &i8042_data_ops, &kbc },
		{ "i8042", I8042_COMMAND_PORT, 1, &i8042_command_ops, &kbc },
	};

	(void)state;
	level = false;
	edges = 0;
	resets = 0;
	memset(&bus, 0, sizeof(bus));
	memset(&kbc, 0xa5, sizeof(kbc));
	reset = (struct reset){ .pulse = test_pulse, .arg = &resets };
	kbc.irq = (struct irq){ .set = test_set, .controller = &edges, .line = 1 };
	kbc.reset = &reset;
	i8042_init(&kbc);
	return bus_claim(&bus, &claims[0]) || bus_claim(&bus, &claims[1]);
}

static __u8 in(__u16 port)
{
	__u8 value;

	assert_true(bus_read(&bus, port, &value, 1));
	return value;
}

static void out(__u16 port, __u8 value)
{
	/* A driver waits until the input buffer is empty. */
	assert_int_equal(in(COMMAND) & 0x02, 0);
	assert_true(bus_write(&bus, port, &value, 1));
}

/* A driver waits until the output buffer is full, and this ends the wait. */
static __u8 answer(void)
{
	assert_int_equal(in(COMMAND) & 0x01, 0x01);
	return in(DATA);
}

static __u8 ask(__u8 command)
{
	out(COMMAND, command);
	return answer();
}

static void tell(__u8 command, __u8 value)
{
	out(COMMAND, command);
	out(DATA, value);
}

static void firmware_was_here(void **state)
{
	(void)state;
	assert_int_equal(in(COMMAND), 0x14);
	assert_int_equal(ask(0x20), 0x65);
	assert_int_equal(resets, 0);
}

static void status_tells(void **state)
{
	(void)state;
	out(COMMAND, 0xaa);
	assert_int_equal(in(COMMAND), 0x1d);
	assert_int_equal(in(DATA), 0x55);
	assert_int_equal(in(COMMAND), 0x1c);
	/* What was read stays on the pins, and is no news. */
	assert_int_equal(in(DATA), 0x55);
	tell(0x60, 0x30);
	assert_int_equal(in(COMMAND), 0x10);
	assert_int_equal(ask(0xaa), 0x55);
	assert_int_equal(ask(0x20), 0x34);
	out(DATA, 0xed);
	assert_int_equal(in(COMMAND), 0x55);
	assert_int_equal(in(DATA), 0xfe);
	assert_int_equal(in(COMMAND), 0x14);
}

static void tests_pass(void **state)
{
	(void)state;
	assert_int_equal(ask(0xaa), 0x55);
	assert_int_equal(ask(0xab), 0x00);
	assert_int_equal(ask(0xa9), 0x01);
}

static void ports_of_the_chip(void **state)
{
	(void)state;
	assert_int_equal(ask(0xc0), 0xb0);
	assert_int_equal(ask(0xd0), 0xc3);
	tell(0xd1, 0xdd);
	assert_int_equal(ask(0xd0), 0xdd);
	assert_int_equal(resets, 0);
}

static void memory_of_the_chip(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 1; i < 32; i++)
		assert_int_equal(ask(0x20 + i), 0);
	for (i = 1; i < 32; i++)
		tell(0x60 + i, i * 3);
	for (i = 1; i < 32; i++)
		assert_int_equal(ask(0x20 + i), i * 3);
	assert_int_equal(ask(0x20), 0x65);
}

static void ports_go_on_and_off(void **state)
{
	(void)state;
	out(COMMAND, 0xad);
	assert_int_equal(ask(0x20), 0x75);
	out(COMMAND, 0xae);
	assert_int_equal(ask(0x20), 0x65);
	out(COMMAND, 0xad);
	out(DATA, 0xf4);
	assert_int_equal(answer(), 0xfe);
	assert_int_equal(ask(0x20), 0x65);
	/* The mouse's is off, and stays so: that is how one sees that there is none. */
	out(COMMAND, 0xa8);
	assert_int_equal(ask(0x20), 0x65);
	out(COMMAND, 0xa7);
	assert_int_equal(ask(0x20), 0x65);
	tell(0x60, 0x47);
	assert_int_equal(ask(0x20), 0x67);
	tell(0xd4, 0xf4);
	assert_int_equal(in(COMMAND), 0x75);
	assert_int_equal(in(DATA), 0xfe);
}

static void interrupt(void **state)
{
	(void)state;
	out(DATA, 0xff);
	assert_true(level);
	assert_int_equal(in(COMMAND) & 0x41, 0x41);
	assert_true(level);
	assert_int_equal(in(DATA), 0xfe);
	assert_false(level);
	assert_int_equal(edges, 1);

	tell(0x60, 0x64);
	out(DATA, 0xff);
	assert_false(level);
	/* Enabled while a byte waits. */
	tell(0x60, 0x65);
	assert_true(level);
	assert_int_equal(in(DATA), 0xfe);
	assert_false(level);

	tell(0xd2, 0x1c);
	assert_true(level);
	assert_int_equal(in(COMMAND), 0x15);
	assert_int_equal(in(DATA), 0x1c);
	assert_int_equal(edges, 3);
	tell(0xd3, 0x5a);
	assert_true(level);
	assert_int_equal(in(COMMAND), 0x15);
	assert_int_equal(in(DATA), 0x5a);

	/* The mouse's interrupt would be another one. */
	tell(0xd4, 0xff);
	assert_false(level);
}

static void data_belongs_to_one_command(void **state)
{
	(void)state;
	tell(0x60, 0x64);
	out(DATA, 0x65);
	assert_int_equal(answer(), 0xfe);
	assert_int_equal(ask(0x20), 0x64);
	/* A command in between: what comes is for the keyboard. */
	out(COMMAND, 0x60);
	out(COMMAND, 0xae);
	out(DATA, 0x00);
	assert_int_equal(answer(), 0xfe);
	assert_int_equal(ask(0x20), 0x64);
}

static void reset_by_pulse(void **state)
{
	unsigned int command;

	(void)state;
	for (command = 0xf0; command < 0x100; command++) {
		resets = 0;
		out(COMMAND, command);
		assert_int_equal(resets, !(command & 1));
		assert_int_equal(in(COMMAND) & 0x01, 0);
	}
	resets = 0;
	tell(0xd1, 0xfe);
	assert_int_equal(resets, 1);
	/* Of itself it is high again. */
	assert_int_equal(ask(0xd0), 0xff);
	reset.pulse = NULL;
	out(COMMAND, 0xfe);
	assert_int_equal(resets, 1);
}

/* i8042_init(), i8042_probe() and atkbd_probe() of Linux; no wait is in vain. */
static void linux_probe(void **state)
{
	unsigned int i;
	__u8 ctr;

	(void)state;
	tell(0xd1, 0xdf);			/* i8042_platform_init() */
	out(COMMAND, 0xff);
	assert_int_equal(in(COMMAND) & 0x01, 0);	/* i8042_controller_check() */
	assert_int_equal(ask(0xaa), 0x55);	/* i8042_controller_selftest() */
	ctr = ask(0x20);			/* i8042_controller_init() */
	assert_int_equal(ask(0x20), ctr);
	ctr = (ctr | 0x10) & ~0x01;
	assert_int_equal(in(COMMAND) & 0x10, 0x10);
	tell(0x60, ctr);
	assert_int_equal(in(COMMAND) & 0x01, 0);
	tell(0xd3, 0x5a);			/* i8042_check_aux() */
	assert_int_equal(in(COMMAND) & 0x21, 0x01);	/* not the mouse's: "auxerr" */
	i = ask(0xa9);
	assert_true(i && i != 0xfa && i != 0xff);	/* no such port */
	ctr = (ctr & ~0x10) | 0x01;		/* i8042_enable_kbd_port() */
	tell(0x60, ctr);
	assert_int_equal(edges, 3);		/* what was before i8042_controller_init() */
	/* Get ID and set LEDs, twice each: each is refused by an interrupt. */
	for (i = 0; i < 4; i++) {
		out(DATA, i < 2 ? 0xf2 : 0xed);
		assert_int_equal(edges, 4 + i);
		assert_int_equal(in(COMMAND) & 0x61, 0x41);
		assert_int_equal(in(DATA), 0xfe);
		assert_false(level);
	}
	assert_int_equal(resets, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(firmware_was_here, start),
		cmocka_unit_test_setup(status_tells, start),
		cmocka_unit_test_setup(tests_pass, start),
		cmocka_unit_test_setup(ports_of_the_chip, start),
		cmocka_unit_test_setup(memory_of_the_chip, start),
		cmocka_unit_test_setup(ports_go_on_and_off, start),
		cmocka_unit_test_setup(interrupt, start),
		cmocka_unit_test_setup(data_belongs_to_one_command, start),
		cmocka_unit_test_setup(reset_by_pulse, start),
		cmocka_unit_test_setup(linux_probe, start),
	};

	return cmocka_run_group_tests_name("i8042", tests, NULL, NULL);
}
