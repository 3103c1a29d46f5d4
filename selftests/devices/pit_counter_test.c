// SPDX-License-Identifier: GPL-2.0
/*
 * The interval timer's registers, against the Intel 8254 data sheet, order 231164.
 *
 * Breakage it catches: a level of OUT or a value of the count that is one tick off, a
 * latch that moves, bytes in the wrong order, a gate that does not stop or start.
 */
#include "pit.h"

static void rate_shows_its_count(void **state)
{
	unsigned int i;

	(void)state;
	program(0, 2, 4);
	assert_int_equal(status(0), STATUS_OUT | STATUS_NULL | 0x34);
	for (i = 1; i <= 12; i++) {
		go_to(i);
		assert_int_equal(latched(0), 4 - (i - 1) % 4);
		assert_int_equal(status(0), (i % 4 ? STATUS_OUT : 0) | 0x34);
	}
	/* Until there is a count, OUT alone is there; mode 6 is 2, but reads as written. */
	out(CONTROL, 0x3c);
	assert_int_equal(status(0), STATUS_OUT | STATUS_NULL | 0x3c);
	write_count(0, 4);
	assert_low(0, 16, 17);
	assert_int_equal(status(0), STATUS_OUT | 0x3c);
	/* 0 is 65536. */
	program(0, 2, 0);
	go_to(18);
	assert_int_equal(latched(0), 0);
	go_to(19);
	assert_int_equal(latched(0), 0xffff);
	assert_edge(18 + 65536);
}

/* The data sheet's figure of mode 3: 4, and 5. */
static void square_counts_by_two(void **state)
{
	static const __u8 even[] = { 4, 2, 4, 2 }, odd[] = { 4, 2, 0, 4, 2 };
	unsigned int i;

	(void)state;
	program(0, 3, 4);
	for (i = 0; i < 12; i++) {
		go_to(1 + i);
		assert_int_equal(latched(0), even[i % 4]);
		assert_int_equal(out_of(0), i % 4 < 2);
	}
	program(0, 3, 5);
	for (i = 0; i < 15; i++) {
		go_to(13 + i);
		assert_int_equal(latched(0), odd[i % 5]);
		assert_int_equal(out_of(0), i % 5 < 3);
	}
}

static void access_can_be_by_halves(void **state)
{
	(void)state;
	/* The low byte: the other is 0. */
	out(CONTROL, 0x14);
	out(PIT_PORT, 0x80);
	go_to(11);
	assert_int_equal(in(PIT_PORT), 0x76);
	assert_int_equal(in(PIT_PORT), 0x76);
	assert_edge(1 + 0x80);
	/* The high one. */
	out(CONTROL, 0x24);
	out(PIT_PORT, 0x12);
	go_to(129 + 1 + 0x100);
	assert_int_equal(in(PIT_PORT), 0x11);
	out(CONTROL, 0x00);
	go_to(129 + 1 + 0x201);
	assert_int_equal(in(PIT_PORT), 0x11);
	assert_int_equal(in(PIT_PORT), 0x0f);
	assert_edge(129 + 1 + 0x1200);
	/* A read between two writes does not mix them up. */
	out(CONTROL, 0x34);
	out(PIT_PORT, 0x34);
	in(PIT_PORT);
	out(PIT_PORT, 0x12);
	assert_edge(4738 + 1 + 0x1234);
	/* A control word begins with the low byte again, for both. */
	out(PIT_PORT, 0x34);
	out(CONTROL, 0x34);
	write_count(0, 0x300);
	assert_edge(9399 + 1 + 0x300);
	assert_int_equal(read_both(0), 0x300);
}

static void latch_holds(void **state)
{
	(void)state;
	program(2, 2, 0x1234);
	out(PORT61, 1);
	go_to(1 + 0x35);
	out(CONTROL, 0x80);
	go_to(1 + 0x200);
	out(CONTROL, 0x80);
	assert_int_equal(in(PIT_PORT + 2), 0xff);
	assert_int_equal(in(PIT_PORT + 2), 0x11);
	assert_int_equal(in(PIT_PORT + 2), 0x34);
	assert_int_equal(in(PIT_PORT + 2), 0x10);
	/* A control word ends it. */
	out(CONTROL, 0x80);
	program(2, 2, 0x500);
	go_to(2 + 0x200);
	assert_int_equal(read_both(2), 0x500);
}

static void read_back_latches_many(void **state)
{
	(void)state;
	out(PORT61, 1);
	program(0, 2, 0x1000);
	program(2, 3, 0x2000);
	go_to(1 + 0x10);
	/* Status and count of 0 and 2. */
	out(CONTROL, 0xca);
	go_to(1 + 0x1800);
	/* What is latched stays. */
	out(CONTROL, 0xca);
	assert_int_equal(in(PIT_PORT), STATUS_OUT | 0x34);
	assert_int_equal(in(PIT_PORT), 0xf0);
	assert_int_equal(in(PIT_PORT), 0x0f);
	assert_int_equal(in(PIT_PORT + 2), STATUS_OUT | 0x36);
	assert_int_equal(read_both(2), 0x1fe0);
	/* The count alone, and the status alone. */
	out(CONTROL, 0xd8);
	assert_int_equal(read_both(2), 0x1000);
	out(CONTROL, 0xe8);
	assert_int_equal(in(PIT_PORT + 2), 0x36);
	/* 0 was not meant: it is read as it is. */
	assert_int_equal(read_both(0), 0x800);
	assert_int_equal(in(CONTROL), 0xff);
}

static void bcd_counts_by_ten(void **state)
{
	(void)state;
	out(CONTROL, 0x35);
	write_count(0, 0x1000);
	go_to(2);
	assert_int_equal(latched(0), 0x0999);
	assert_int_equal(status(0), STATUS_OUT | 0x35);
	assert_edge(1001);
	out(CONTROL, 0x31);
	write_count(0, 0);
	assert_edge(1001 + 10001);
	go_to(11002 + 1);
	assert_int_equal(latched(0), 0x9999);
	/* No digits, but no fault. */
	write_count(0, 0xffff);
	go_to(11005);
	latched(0);
	assert_true(pit_next(&pit) > now);
}

static void one_is_two(void **state)
{
	(void)state;
	program(0, 2, 1);
	assert_edge(3);
	program(0, 3, 1);
	assert_edge(3 + 3);
}

static void gate_stops_a_terminal_count(void **state)
{
	(void)state;
	program(2, 0, 100);
	go_to(10);
	assert_int_equal(latched(2), 100);
	assert_int_equal(status(2), 0xb0 & ~STATUS_OUT & ~STATUS_NULL);
	/* Loaded already: N ticks, not N + 1. */
	out(PORT61, 1);
	go_to(40);
	assert_int_equal(latched(2), 70);
	out(PORT61, 0);
	go_to(1000);
	assert_int_equal(latched(2), 70);
	out(PORT61, 1);
	out(PORT61, 3);
	go_to(1069);
	assert_false(out2());
	go_to(1070);
	assert_true(out2());
	out(PORT61, 0);
	assert_true(out2());
	/* It does not stop the load of a count that was written before. */
	out(PORT61, 1);
	write_count(2, 50);
	out(PORT61, 0);
	go_to(1080);
	assert_int_equal(latched(2), 50);
}

static void gate_stops_and_restarts_a_rate(void **state)
{
	(void)state;
	out(PORT61, 1);
	program(2, 3, 100);
	go_to(71);
	assert_false(out2());
	out(PORT61, 0);
	/* "OUT is set high immediately". */
	assert_true(out2());
	go_to(500);
	assert_int_equal(latched(2), 60);
	/* A count that is written waits for the gate. */
	write_count(2, 40);
	go_to(600);
	assert_int_equal(latched(2), 60);
	assert_true(status(2) & STATUS_NULL);
	out(PORT61, 1);
	assert_low(2, 621, 641);
	/* One that waits for the end of its half is loaded by the gate. */
	go_to(650);
	write_count(2, 1000);
	out(PORT61, 0);
	go_to(690);
	assert_true(status(2) & STATUS_NULL);
	out(PORT61, 1);
	go_to(691);
	assert_int_equal(latched(2), 1000);
	assert_true(out2());
	/* Only its rise is a trigger. */
	go_to(1000);
	out(PORT61, 3);
	assert_low(2, 1191, 1691);
	program(2, 2, 10);
	go_to(1701);
	assert_false(out2());
	out(PORT61, 0);
	assert_true(out2());
}

static void gate_triggers_a_one_shot(void **state)
{
	(void)state;
	program(2, 1, 50);
	go_to(10);
	assert_true(out2());
	assert_true(status(2) & STATUS_NULL);
	out(PORT61, 1);
	assert_true(out2());
	/* Its level does not matter; another rise starts it anew. */
	go_to(11);
	assert_false(out2());
	out(PORT61, 0);
	go_to(30);
	assert_int_equal(latched(2), 31);
	out(PORT61, 1);
	assert_false(out2());
	/* A new count is for the next one. */
	go_to(31);
	write_count(2, 5);
	go_to(80);
	assert_false(out2());
	go_to(81);
	assert_true(out2());
	out(PORT61, 0);
	out(PORT61, 1);
	assert_low(2, 82, 87);
	out(PORT61, 0);
	out(PORT61, 1);
	out(PORT61, 0);
	assert_low(2, 88, 93);
}

/* A count written in between is loaded with the trigger; so the first is, here. */
static void gate_triggers_a_strobe(void **state)
{
	(void)state;
	program(2, 5, 50);
	go_to(100);
	assert_true(out2());
	out(PORT61, 1);
	assert_low(2, 151, 152);
	go_to(1000);
	assert_true(out2());
	out(PORT61, 0);
	out(PORT61, 1);
	assert_low(2, 1051, 1052);
}

static void gate_stops_a_strobe(void **state)
{
	(void)state;
	out(PORT61, 1);
	program(2, 4, 50);
	go_to(21);
	out(PORT61, 0);
	go_to(100);
	assert_int_equal(latched(2), 30);
	out(PORT61, 1);
	assert_low(2, 130, 131);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(rate_shows_its_count, setup),
		cmocka_unit_test_setup(square_counts_by_two, setup),
		cmocka_unit_test_setup(access_can_be_by_halves, setup),
		cmocka_unit_test_setup(latch_holds, setup),
		cmocka_unit_test_setup(read_back_latches_many, setup),
		cmocka_unit_test_setup(bcd_counts_by_ten, setup),
		cmocka_unit_test_setup(one_is_two, setup),
		cmocka_unit_test_setup(gate_stops_a_terminal_count, setup),
		cmocka_unit_test_setup(gate_stops_and_restarts_a_rate, setup),
		cmocka_unit_test_setup(gate_triggers_a_one_shot, setup),
		cmocka_unit_test_setup(gate_triggers_a_strobe, setup),
		cmocka_unit_test_setup(gate_stops_a_strobe, setup),
	};

	return cmocka_run_group_tests_name("pit_counter", tests, NULL, NULL);
}
