// SPDX-License-Identifier: GPL-2.0
/*
 * The start registers of vmrun. Needs no VT-x.
 *
 * Breakage it catches: a vCPU that starts when it should not, or elsewhere; a status that
 * does not say what became of it; an access of the wrong size that has an effect.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../userspace/devices/starter.h"

static struct starter starter;

static int setup(void **state)
{
	(void)state;
	starter_init(&starter, 3, 0x8000);
	return 0;
}

static unsigned int start(unsigned int number, unsigned int entry)
{
	starter_ops.write(&starter, STARTER_NUMBER, number, 4);
	starter_ops.write(&starter, STARTER_START, entry, 4);
	return starter_ops.read(&starter, STARTER_START, 4);
}

static void at_first(void **state)
{
	(void)state;
	assert_int_equal(starter_ops.read(&starter, STARTER_NUMBER, 4), 0);
	assert_int_equal(starter_ops.read(&starter, STARTER_START, 4), STARTER_OK);
	assert_true(starter.cpus[0].runs);
	assert_false(starter.cpus[1].runs);
	assert_false(starter.cpus[2].runs);
}

static void starts(void **state)
{
	(void)state;
	assert_int_equal(start(1, 0x7fff), STARTER_OK);
	assert_int_equal(starter_ops.read(&starter, STARTER_NUMBER, 4), 1);
	assert_true(starter.cpus[1].runs);
	assert_int_equal(starter.cpus[1].entry, 0x7fff);
	assert_false(starter.cpus[2].runs);
	/* It runs; and then it has halted. */
	assert_int_equal(start(1, 0x1000), STARTER_RUNS);
	assert_int_equal(starter.cpus[1].entry, 0x7fff);
	starter_stopped(&starter, 1);
	assert_int_equal(start(1, 0x1000), STARTER_OK);
	assert_int_equal(starter.cpus[1].entry, 0x1000);
}

static void refuses(void **state)
{
	(void)state;
	assert_int_equal(start(0, 0x1000), STARTER_RUNS);
	assert_int_equal(start(3, 0x1000), STARTER_ABSENT);
	assert_int_equal(start(0xffffffff, 0x1000), STARTER_ABSENT);
	assert_int_equal(start(2, 0x8000), STARTER_ENTRY);
	starter.mem_size = 0x10000000;
	assert_int_equal(start(2, 0x100000), STARTER_ENTRY);
	assert_int_equal(start(2, 0xfffff), STARTER_OK);
}

/* 4 bytes at a time, and nothing else. */
static void sizes(void **state)
{
	(void)state;
	starter_ops.write(&starter, STARTER_NUMBER, 1, 4);
	starter_ops.write(&starter, STARTER_START, 0x1000, 2);
	starter_ops.write(&starter, STARTER_START, 0x1000, 8);
	starter_ops.write(&starter, STARTER_START + 1, 0x1000, 4);
	starter_ops.write(&starter, STARTER_NUMBER, 2, 1);
	assert_false(starter.cpus[1].runs);
	assert_int_equal(starter_ops.read(&starter, STARTER_NUMBER, 4), 1);
	assert_true(starter_ops.read(&starter, STARTER_NUMBER, 2) == ~0ULL);
	assert_true(starter_ops.read(&starter, STARTER_START + 2, 4) == ~0ULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(at_first, setup),
		cmocka_unit_test_setup(starts, setup),
		cmocka_unit_test_setup(refuses, setup),
		cmocka_unit_test_setup(sizes, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
