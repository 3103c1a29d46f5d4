// SPDX-License-Identifier: GPL-2.0
/*
 * The reset control register of vmrun. Needs no VT-x.
 *
 * Breakage it catches: a reset that does not come, that comes without an edge or comes
 * from a configuration address of PCI, bits that are not kept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../../userspace/devices/reset.h"

#define RST_CNT	0xcf9

static unsigned int resets;
static struct reset reset;
static struct bus bus;

static void test_pulse(void *arg)
{
	assert_ptr_equal(arg, &resets);
	resets++;
}

static int start(void **state)
{
	static const struct bus_claim claim = {
		"reset", RESET_PORT, RESET_NR_PORTS, &reset_ops, &reset
	};

	(void)state;
	resets = 0;
	memset(&bus, 0, sizeof(bus));
	reset = (struct reset){ .pulse = test_pulse, .arg = &resets };
	return bus_claim(&bus, &claim);
}

static __u32 in(__u16 port, unsigned int size)
{
	__u32 value = 0;

	assert_true(bus_read(&bus, port, &value, size));
	return value;
}

static void out(__u16 port, __u32 value, unsigned int size)
{
	assert_true(bus_write(&bus, port, &value, size));
}

/* As Linux's reboot=pci does, warm and cold. */
static void linux_reboot(void **state)
{
	static const __u8 code[] = { 0x06, 0x0e };
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		__u8 value = in(RST_CNT, 1) & ~code[i];

		out(RST_CNT, value | 2, 1);
		assert_int_equal(in(RST_CNT, 1), 2);
		assert_int_equal(resets, i);
		out(RST_CNT, value | code[i], 1);
		assert_int_equal(resets, i + 1);
		assert_int_equal(in(RST_CNT, 1), 0);
	}
}

static void the_edge_counts(void **state)
{
	(void)state;
	out(RST_CNT, 0xfb, 1);
	assert_int_equal(resets, 0);
	assert_int_equal(in(RST_CNT, 1), 0x0a);
	out(RST_CNT, 0x0e, 1);
	assert_int_equal(resets, 1);
	reset.control = 0x04;
	out(RST_CNT, 0x06, 1);
	assert_int_equal(resets, 1);
	out(RST_CNT, 0x02, 1);
	out(RST_CNT, 0x06, 1);
	assert_int_equal(resets, 2);
	reset.pulse = NULL;
	out(RST_CNT, 0x06, 1);
	assert_int_equal(resets, 2);
}

/* Function 6 of slot 0, register 4: in its address the first two bytes are 0x04 and 0x06. */
static void pci_is_no_reset(void **state)
{
	(void)state;
	out(0xcf8, 0x80000604, 4);
	assert_int_equal(in(0xcf8, 4), 0xffffffff);
	out(0xcf8, 0x0604, 2);
	out(RST_CNT, 0x0606, 2);
	out(0xcfb, 0x06, 1);
	out(0xcf8, 0x06, 1);
	assert_int_equal(resets, 0);
	assert_int_equal(in(RST_CNT, 1), 0);
	assert_int_equal(in(0xcfb, 1), 0xff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(linux_reboot, start),
		cmocka_unit_test_setup(the_edge_counts, start),
		cmocka_unit_test_setup(pci_is_no_reset, start),
	};

	return cmocka_run_group_tests_name("reset", tests, NULL, NULL);
}
