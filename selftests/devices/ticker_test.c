// SPDX-License-Identifier: GPL-2.0
/*
 * The interval timer of vmrun. Needs no VT-x.
 *
 * Breakage it catches: a tick too early, too late, or twice; one that comes before the
 * guest took the one before; a timer that does not stop; bytes that start it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../userspace/devices/ticker.h"

static __u64 time;

static __u64 now(void *arg)
{
	(void)arg;
	return time;
}

static struct ticker begin(__u16 microseconds)
{
	struct ticker ticker = { .clock.now = now };

	time = 5000;
	ticker_ops.write(&ticker, 0, microseconds, 2);
	return ticker;
}

static void it_is_off_at_first(void **state)
{
	struct ticker ticker = { .clock.now = now };

	(void)state;
	time = 1000000;
	ticker_run(&ticker);
	assert_false(ticker.pending);
	assert_true(ticker_next(&ticker) == CLOCK_NEVER);
}

static void it_ticks_when_it_is_due(void **state)
{
	struct ticker ticker = begin(100);

	(void)state;
	assert_int_equal(ticker_next(&ticker), 105000);
	time = 104999;
	ticker_run(&ticker);
	assert_false(ticker.pending);
	time = 105000;
	ticker_run(&ticker);
	assert_true(ticker.pending);
}

static void the_next_waits_for_the_guest(void **state)
{
	struct ticker ticker = begin(100);

	(void)state;
	time = 900000;
	ticker_run(&ticker);
	assert_true(ticker_next(&ticker) == CLOCK_NEVER);
	ticker_taken(&ticker);
	assert_false(ticker.pending);
	assert_int_equal(ticker_next(&ticker), 1000000);
}

static void it_can_be_stopped(void **state)
{
	struct ticker ticker = begin(100);

	(void)state;
	time = 105000;
	ticker_run(&ticker);
	ticker_ops.write(&ticker, 0, 0, 2);
	assert_false(ticker.pending);
	assert_true(ticker_next(&ticker) == CLOCK_NEVER);
}

static void it_wants_16_bits(void **state)
{
	struct ticker ticker = begin(100);

	(void)state;
	ticker_ops.write(&ticker, 0, 0, 1);
	ticker_ops.write(&ticker, 1, 0, 1);
	assert_int_equal(ticker_next(&ticker), 105000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_off_at_first),
		cmocka_unit_test(it_ticks_when_it_is_due),
		cmocka_unit_test(the_next_waits_for_the_guest),
		cmocka_unit_test(it_can_be_stopped),
		cmocka_unit_test(it_wants_16_bits),
	};

	return cmocka_run_group_tests_name("ticker", tests, NULL, NULL);
}
