// SPDX-License-Identifier: GPL-2.0
/*
 * The interval timer's interrupts and port 0x61, against the Intel 8254 data sheet, order
 * 231164, and as Linux calibrates by them. Each moment is exact.
 *
 * Breakage it catches: an edge that is one tick off, a new count loaded too early or
 * never, lost time, an edge told twice.
 */
#include "pit.h"

static void starts_as_a_bios_leaves_it(void **state)
{
	(void)state;
	assert_int_equal(edges, 0);
	assert_edge(1 + 65536);
	assert_edge(1 + 2 * 65536);
	assert_int_equal(status(0), STATUS_OUT | 0x36);
	assert_int_equal(in(PORT61) & 0x0f, 0);
}

/* Linux's pit_set_periodic(), HZ = 100 and 250, and a teaching kernel's mode 3. */
static void rate_is_exact(void **state)
{
	static const struct {
		unsigned int mode;
		__u16 count;
	} rates[] = { { 2, 11932 }, { 2, 4773 }, { 3, 11932 }, { 3, 11931 }, { 2, 2 }, { 3, 3 } };
	unsigned int i, n;

	for (i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		setup(state);
		program(0, rates[i].mode, rates[i].count);
		assert_int_equal(edges, 0);
		for (n = 1; n <= 1000; n++)
			assert_edge(1 + n * rates[i].count);
	}
}

/* Nothing is lost over a long time: 1193182 ticks are a second. */
static void seconds_are_seconds(void **state)
{
	(void)state;
	program(0, 2, 1193182 / 2 / 11);
	go_to(1);
	pit_run(&pit);
	assert_true(pit_next(&pit) - now <= NS_PER_SECOND / 22 + 1);
	go_to(1 + 22ULL * 3600 * (1193182 / 2 / 11));
	pit_run(&pit);
	assert_true(now - moment(1) <= 3600 * NS_PER_SECOND);
	assert_true(now - moment(1) > 3599 * NS_PER_SECOND);
	assert_int_equal(latched(0), 1193182 / 2 / 11);
	/* A moment at which 64 bits are not enough for nanoseconds times ticks. */
	now = 1ULL << 62;
	pit_run(&pit);
	assert_true(pit_next(&pit) > now);
	assert_true(pit_next(&pit) - now <= NS_PER_SECOND / 22 + 1);
}

static void late_edges_are_one(void **state)
{
	(void)state;
	program(0, 2, 1000);
	go_to(1 + 4500);
	pit_run(&pit);
	assert_int_equal(edges, 1);
	assert_edge(1 + 5000);
	/* An access tells of it, too. */
	go_to(1 + 6000);
	in(PIT_PORT + 1);
	assert_int_equal(edges, 3);
	assert_edge(1 + 7000);
}

static void terminal_count_interrupts_once(void **state)
{
	(void)state;
	go_to(65537);
	pit_run(&pit);
	assert_true(level);
	program(0, 0, 500);
	assert_false(level);
	assert_false(out_of(0));
	/* "N + 1 CLK pulses after the initial count is written". */
	assert_edge(65537 + 501);
	assert_true(out_of(0));
	assert_true(pit_next(&pit) == CLOCK_NEVER);
	/* It counts on from the top. */
	assert_int_equal(latched(0), 0);
	go_to(65537 + 502);
	assert_int_equal(latched(0), 0xffff);
	go_to(65537 + 501 + 65536);
	assert_int_equal(latched(0), 0);
	assert_true(out_of(0));
	assert_int_equal(edges, 2);
	/* The first byte of a new count lowers OUT, and it waits for the second. */
	out(PIT_PORT, 3);
	assert_false(out_of(0));
	assert_false(level);
	assert_true(pit_next(&pit) == CLOCK_NEVER);
	go_to(200000);
	assert_false(out_of(0));
	out(PIT_PORT, 0);
	assert_edge(200000 + 4);
}

/* A mode 0 count written anew while it counts: the old one's end does not come. */
static void terminal_count_restarts(void **state)
{
	(void)state;
	program(0, 0, 10);
	go_to(8);
	write_count(0, 20);
	assert_edge(8 + 21);
	write_count(0, 5);
	assert_edge(29 + 6);
	/* Nor is there one at the tick of the load. */
	write_count(0, 1);
	assert_edge(35 + 2);
}

/* Linux's pit_next_event() and pit_set_oneshot(): mode 4. */
static void software_strobe_interrupts_once(void **state)
{
	(void)state;
	out(CONTROL, 0x38);
	assert_true(pit_next(&pit) == CLOCK_NEVER);
	write_count(0, 100);
	assert_low(0, 101, 102);
	assert_int_equal(edges, 1);
	assert_true(pit_next(&pit) == CLOCK_NEVER);
	go_to(1000);
	write_count(0, 7);
	assert_edge(1000 + 9);
	/* Written anew before the end. */
	write_count(0, 50);
	go_to(1030);
	write_count(0, 50);
	assert_edge(1030 + 52);
	/* The first byte does not stop it. */
	write_count(0, 50);
	go_to(1100);
	out(PIT_PORT, 50);
	assert_edge(1082 + 52);
	/* A control word of a mode whose OUT is high raises it: pit_shutdown(), then this. */
	out(CONTROL, 0x30);
	assert_false(level);
	assert_int_equal(edges, 4);
	out(CONTROL, 0x38);
	assert_true(level);
	assert_int_equal(edges, 5);
}

/* A control word raises OUT of a square wave, too. */
static void square_is_cut_short(void **state)
{
	(void)state;
	program(0, 3, 100);
	go_to(1 + 170);
	assert_false(out_of(0));
	assert_int_equal(edges, 1);
	/* The guest that is late still finds the line high. */
	assert_true(level);
	out(CONTROL, 0x34);
	assert_int_equal(edges, 2);
	out(CONTROL, 0x36);
	assert_int_equal(edges, 2);
	write_count(0, 100);
	go_to(171 + 1 + 70);
	assert_false(out_of(0));
	out(CONTROL, 0x30);
	assert_false(level);
}

static void rate_reloads_at_its_end(void **state)
{
	(void)state;
	program(0, 2, 100);
	assert_edge(101);
	go_to(140);
	write_count(0, 30);
	assert_int_equal(status(0), STATUS_OUT | STATUS_NULL | 0x34);
	assert_int_equal(latched(0), 61);
	assert_edge(201);
	assert_int_equal(status(0), STATUS_OUT | 0x34);
	assert_edge(231);
	assert_edge(261);
	/* The last one written counts. */
	write_count(0, 40);
	write_count(0, 50);
	assert_edge(291);
	assert_edge(341);
	/* Late: the edge of the old period, and those of the new, are one. */
	write_count(0, 10);
	go_to(398);
	pit_run(&pit);
	assert_int_equal(edges, 7);
	assert_edge(401);
}

static void square_reloads_at_its_half(void **state)
{
	(void)state;
	program(0, 3, 100);
	go_to(20);
	write_count(0, 60);
	/* High until 51; then low for half of 60. */
	assert_low(0, 51, 81);
	assert_low(0, 111, 141);
	assert_int_equal(edges, 2);
	go_to(175);
	write_count(0, 11);
	/* Low until 201: from there on, high for 6 and low for 5. */
	assert_low(0, 207, 212);
	assert_edge(218 + 5);
	/* In the first half again: pit_next() knows of the load. */
	write_count(0, 20);
	assert_edge(223 + 6 + 10);
	assert_edge(239 + 20);
	/* At the end of that half, it has to wait for the end of the period. */
	go_to(259 + 10);
	write_count(0, 40);
	assert_edge(259 + 20);
	assert_low(0, 279 + 20, 279 + 40);
}

static void port61_keeps_four_bits(void **state)
{
	__u64 tick = 18 - START % 36 % 18;
	__u8 value;

	(void)state;
	out(PORT61, 0xff);
	assert_int_equal(in(PORT61) & 0xcf, 0x0f);
	out(PORT61, 0x02);
	assert_int_equal(in(PORT61) & 0xcf, 0x02);
	/* The refresh bit: 18 ticks are 15 us. */
	go_to(tick);
	value = in(PORT61) & 0x10;
	go_to(tick + 17);
	assert_int_equal(in(PORT61) & 0x10, value);
	go_to(tick + 18);
	assert_int_equal(in(PORT61) & 0x10, value ^ 0x10);
	go_to(tick + 35);
	assert_int_equal(in(PORT61) & 0x10, value ^ 0x10);
	go_to(tick + 36);
	assert_int_equal(in(PORT61) & 0x10, value);
}

/* Linux's pit_calibrate_tsc(): 10 ms and 50 ms, each read some time. */
static void linux_calibrates_by_out2(void **state)
{
	static const unsigned int ms[] = { 10, 50 };
	unsigned int i, reads;
	__u16 latch;
	__u64 start;

	(void)state;
	for (i = 0; i < 2; i++) {
		latch = PIT_HZ / (1000 / ms[i]);
		out(PORT61, (in(PORT61) & ~0x02) | 0x01);
		out(CONTROL, 0xb0);
		out(PIT_PORT + 2, latch & 0xff);
		out(PIT_PORT + 2, latch >> 8);
		start = now;
		for (reads = 0; !(in(PORT61) & OUT2); reads++)
			now += 500;
		/* It ends within the read and the tick that the load takes. */
		assert_in_range(now - start, ms[i] * 1000000 - 1000, ms[i] * 1000000 + 1500);
		assert_in_range(reads, ms[i] * 2000 - 2, ms[i] * 2000 + 3);
	}
}

static bool verify_msb(__u8 value)
{
	now += 1000;
	in(PIT_PORT + 2);
	now += 1000;
	return in(PIT_PORT + 2) == value;
}

/* Linux's quick_pit_calibrate(): how long the high byte keeps each value. */
static void linux_calibrates_by_high_byte(void **state)
{
	__u64 start = 0, end = 0, expected;
	unsigned int i, count;

	(void)state;
	out(PORT61, (in(PORT61) & ~0x02) | 0x01);
	out(CONTROL, 0xb0);
	out(PIT_PORT + 2, 0xff);
	out(PIT_PORT + 2, 0xff);
	verify_msb(0);
	for (i = 0; i < 100; i++) {
		for (count = 0; verify_msb(0xff - i); count++)
			end = now;
		/* 256 ticks are 214.6 us; it asks for more than five reads of each. */
		assert_in_range(count, i ? 106 : 105, 108);
		if (!i)
			start = end;
	}
	expected = (i - 1) * 256 * NS_PER_SECOND / PIT_HZ;
	assert_in_range(end - start, expected - 2000, expected + 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(starts_as_a_bios_leaves_it, setup),
		cmocka_unit_test_setup(rate_is_exact, setup),
		cmocka_unit_test_setup(seconds_are_seconds, setup),
		cmocka_unit_test_setup(late_edges_are_one, setup),
		cmocka_unit_test_setup(terminal_count_interrupts_once, setup),
		cmocka_unit_test_setup(terminal_count_restarts, setup),
		cmocka_unit_test_setup(software_strobe_interrupts_once, setup),
		cmocka_unit_test_setup(square_is_cut_short, setup),
		cmocka_unit_test_setup(rate_reloads_at_its_end, setup),
		cmocka_unit_test_setup(square_reloads_at_its_half, setup),
		cmocka_unit_test_setup(port61_keeps_four_bits, setup),
		cmocka_unit_test_setup(linux_calibrates_by_out2, setup),
		cmocka_unit_test_setup(linux_calibrates_by_high_byte, setup),
	};

	return cmocka_run_group_tests_name("pit", tests, NULL, NULL);
}
