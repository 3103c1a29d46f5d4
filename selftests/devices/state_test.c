// SPDX-License-Identifier: GPL-2.0
/*
 * Devices that are saved and restored: a board with all of them, after many accesses at
 * random, and another one that gets its state, answer the same from then on. Needs no
 * VT-x.
 *
 * Breakage it catches: a field that is not saved, or read in another order; a state cut
 * short, or with a value that no device can have, that is taken; one that makes a device
 * loop or leave its arrays.
 */
#include "board.h"

#define SEEDS		400
#define BEFORE		300	/* accesses, at most */
#define AFTER		300
#define MAX_STATE	1024

static void they_go_on_the_same(void **state)
{
	static struct board a, b;
	unsigned int seed, i, n;
	__u8 bytes[MAX_STATE];

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		random_state = seed;
		now = 0;
		make(&a);
		if (seed % 2)
			initialize_pics(&a);
		/* Some masks are gone soon, after other accesses. */
		use(&a, random_number(seed % 4 == 1 ? 20 : BEFORE));
		run(&a);
		make_new(&b);
		b.resets = a.resets;
		for (i = 0; i < NR_DEVICES; i++)
			assert_true(restore(&b, i, bytes, save(&a, i, bytes, sizeof(bytes))));
		assert_same(&a, &b);
		for (n = 0; n < AFTER; n++) {
			struct access access = choose();
			__u64 first, second;

			pass_time();
			run(&a);
			run(&b);
			assert_same(&a, &b);
			first = apply(&a, &access);
			second = apply(&b, &access);
			if (first != second)
				print_error("seed %u, access %u: port 0x%x: 0x%llx, 0x%llx\n", seed,
					    n, access.port, first, second);
			assert_true(first == second);
			assert_same(&a, &b);
		}
	}
}

static void what_is_saved_is_what_was_restored(void **state)
{
	__u8 first[MAX_STATE], second[MAX_STATE];
	static struct board a, b;
	unsigned int i;
	size_t size;

	(void)state;
	random_state = 77;
	now = 0;
	make(&a);
	use(&a, BEFORE);
	run(&a);
	make(&b);
	for (i = 0; i < NR_DEVICES; i++) {
		size = save(&a, i, first, sizeof(first));
		assert_true(size > 0);
		assert_true(restore(&b, i, first, size));
		assert_int_equal(save(&b, i, second, sizeof(second)), size);
		assert_memory_equal(first, second, size);
	}
}

/* Too few bytes to write to, too few to read, and too many. */
static void the_size_is_given(void **state)
{
	__u8 bytes[MAX_STATE + 1];
	static struct board board;
	size_t size, less;
	unsigned int i;

	(void)state;
	now = 0;
	make(&board);
	for (i = 0; i < NR_DEVICES; i++) {
		size = save(&board, i, bytes, MAX_STATE);
		bytes[size] = 0;
		assert_false(restore(&board, i, bytes, size + 1));
		for (less = 0; less < size; less++) {
			assert_int_equal(save(&board, i, bytes, less), 0);
			assert_false(restore(&board, i, bytes, less));
		}
	}
}

/* One byte of a state that is right, and what it must not be. */
static void values_are_checked(void **state)
{
	static const struct {
		const char *name;
		size_t at;
		__u8 value;
	} wrong[] = {
		{ "pic", 1, 0x80 },	/* an edge where the line is low */
		{ "pic", 5, 8 },	/* the lowest of eight inputs */
		{ "pic", 6, 1 },	/* which initialization word */
		{ "pic", 6, 5 },
		{ "pic", 7, 1 },	/* the base of the vectors */
		{ "pic", 9, 2 },	/* a bool */
		{ "pit", 0, 0x40 },	/* a control word */
		{ "pit", 0, 0x04 },	/* one that accesses no byte */
		{ "pit", 6, 2 },	/* a count above 65536 */
		{ "pit", 15, 1 },	/* a count that is loaded after ages */
		{ "pit", 28, 0x80 },	/* one that began in the future */
		{ "pit", 42, 3 },	/* three bytes are latched */
		{ "pit", 142, 0xff },	/* a tick of the future */
		{ "pit", 143, 0x10 },	/* port 0x61 */
		{ "rtc", 7, 0x10 },	/* its chain was zero in the future */
		{ "rtc", 15, 0x10 },	/* it ran in the future */
		{ "rtc", 16, 0x80 },	/* which register */
		{ "uart", 10, 17 },	/* characters that wait */
		{ "uart", 13, 1 },
		{ "ticker", 7, 1 },	/* a period */
		{ "ticker", 16, 2 },
	};
	__u8 bytes[MAX_STATE], before;
	static struct board board;
	unsigned int i, device;
	size_t size;

	(void)state;
	now = 0;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		make(&board);
		for (device = 0; strcmp(devices[device].name, wrong[i].name); device++)
			;
		size = save(&board, device, bytes, sizeof(bytes));
		assert_true(wrong[i].at < size);
		before = bytes[wrong[i].at];
		bytes[wrong[i].at] = wrong[i].value;
		if (restore(&board, device, bytes, size))
			print_error("%s, byte %zu: 0x%x is taken\n", wrong[i].name, wrong[i].at,
				    wrong[i].value);
		assert_false(restore(&board, device, bytes, size));
		bytes[wrong[i].at] = before;
		assert_true(restore(&board, device, bytes, size));
	}
}

/* Whatever is taken, nothing goes wrong with it: the sanitizers look. */
static void strange_states_do_no_harm(void **state)
{
	static struct board board;
	unsigned int seed, i, n, taken = 0;
	__u8 right[MAX_STATE], bytes[MAX_STATE];
	size_t size;

	(void)state;
	for (seed = 0; seed < 4000; seed++) {
		random_state = seed * 7919;
		now = 5 * SECOND;
		make(&board);
		use(&board, 10);
		run(&board);
		for (i = 0; i < NR_DEVICES; i++) {
			size = save(&board, i, right, sizeof(right));
			memcpy(bytes, right, size);
			for (n = random_number(4); n; n--)
				bytes[random_number(size)] = random_number(256);
			/* A device that was refused is not used. */
			if (restore(&board, i, bytes, size))
				taken++;
			else
				assert_true(restore(&board, i, right, size));
		}
		use(&board, 50);
	}
	assert_true(taken > 4000);
}

static void the_clock_has_a_battery(void **state)
{
	static struct board board;
	__u8 value;

	(void)state;
	now = 0;
	make(&board);
	/* 2001-09-09 01:46:40, and a day, an hour and 25 seconds later. */
	rtc_advance(&board.rtc, 86400 + 3600 + 25);
	assert_true(bus_write(&board.bus, 0x70, &(__u8){ 0 }, 1));
	assert_true(bus_read(&board.bus, 0x71, &value, 1));
	assert_int_equal(value, 0x05);
	assert_true(bus_write(&board.bus, 0x70, &(__u8){ 4 }, 1));
	assert_true(bus_read(&board.bus, 0x71, &value, 1));
	assert_int_equal(value, 0x02);
	assert_true(bus_write(&board.bus, 0x70, &(__u8){ 7 }, 1));
	assert_true(bus_read(&board.bus, 0x71, &value, 1));
	assert_int_equal(value, 0x10);
	/* Nor does a clock that is no clock, or would leave its centuries. */
	rtc_advance(&board.rtc, 400000000000LL);
	assert_true(bus_read(&board.bus, 0x71, &value, 1));
	assert_int_equal(value, 0x10);
	assert_true(bus_write(&board.bus, 0x71, &(__u8){ 0x45 }, 1));
	rtc_advance(&board.rtc, 86400);
	assert_true(bus_read(&board.bus, 0x71, &value, 1));
	assert_int_equal(value, 0x45);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_go_on_the_same),
		cmocka_unit_test(what_is_saved_is_what_was_restored),
		cmocka_unit_test(the_size_is_given),
		cmocka_unit_test(values_are_checked),
		cmocka_unit_test(strange_states_do_no_harm),
		cmocka_unit_test(the_clock_has_a_battery),
	};

	return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
