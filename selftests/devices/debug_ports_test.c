// SPDX-License-Identifier: GPL-2.0
/*
 * The ports for debugging of vmrun. Needs no VT-x.
 *
 * Breakage it catches: bytes that are lost, changed or doubled, a console that does not
 * say that it is there, a code that is not kept, an exit with another value, a callback
 * that must be there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../../userspace/devices/debug_ports.h"

static char text[32];
static unsigned int nr, exits, exit_value;
static struct debug_ports ports;
static struct bus bus;

static void test_output(void *arg, __u8 byte)
{
	assert_ptr_equal(arg, text);
	assert_true(nr < sizeof(text));
	text[nr++] = byte;
}

static void test_exit(void *arg, __u8 value)
{
	assert_ptr_equal(arg, text);
	exits++;
	exit_value = value;
}

static int start(void **state)
{
	static const struct bus_claim claims[] = {
		{ "console", DEBUG_CONSOLE_PORT, 1, &debug_console_ops, &ports },
		{ "POST code", DEBUG_POST_PORT, 1, &debug_post_ops, &ports },
		{ "exit", DEBUG_EXIT_PORT, 1, &debug_exit_ops, &ports },
	};
	unsigned int i;

	(void)state;
	nr = 0;
	exits = 0;
	memset(text, 0, sizeof(text));
	memset(&bus, 0, sizeof(bus));
	ports = (struct debug_ports){ .output = test_output, .exit = test_exit, .arg = text };
	for (i = 0; i < 3; i++)
		if (bus_claim(&bus, &claims[i]))
			return -1;
	return 0;
}

static __u8 in(__u16 port)
{
	__u8 value;

	assert_true(bus_read(&bus, port, &value, 1));
	return value;
}

static void out(__u16 port, __u32 value, unsigned int size)
{
	assert_true(bus_write(&bus, port, &value, size));
}

static void console(void **state)
{
	const char *c;

	(void)state;
	assert_int_equal(in(0xe9), 0xe9);
	for (c = "hello\n\377"; *c; c++)
		out(0xe9, (__u8)*c, 1);
	assert_string_equal(text, "hello\n\377");
	/* The bytes above are at other ports. */
	out(0xe9, 0x44434241, 4);
	assert_string_equal(text, "hello\n\377A");
	assert_int_equal(in(0xe9), 0xe9);
	assert_int_equal(exits, 0);
}

static void post_code(void **state)
{
	(void)state;
	assert_int_equal(in(0x80), 0);
	out(0x80, 0xc0, 1);
	out(0x80, 0xd1, 1);
	assert_int_equal(in(0x80), 0xd1);
	assert_int_equal(ports.post, 0xd1);
	assert_int_equal(nr + exits, 0);
}

static void exit_port(void **state)
{
	(void)state;
	out(0xf4, 0x2a, 1);
	assert_int_equal(exits, 1);
	assert_int_equal(exit_value, 0x2a);
	out(0xf4, 0x12345600, 4);
	assert_int_equal(exits, 2);
	assert_int_equal(exit_value, 0);
	assert_int_equal(in(0xf4), 0xff);
	assert_int_equal(nr, 0);
}

static void nobody_listens(void **state)
{
	(void)state;
	ports.output = NULL;
	ports.exit = NULL;
	out(0xe9, 'a', 1);
	out(0xf4, 1, 1);
	assert_int_equal(in(0xe9), 0xe9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(console, start),
		cmocka_unit_test_setup(post_code, start),
		cmocka_unit_test_setup(exit_port, start),
		cmocka_unit_test_setup(nobody_listens, start),
	};

	return cmocka_run_group_tests_name("debug_ports", tests, NULL, NULL);
}
