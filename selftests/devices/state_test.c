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
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "../../userspace/devices/debug_ports.h"
#include "../../userspace/devices/i8042.h"
#include "../../userspace/devices/pic.h"
#include "../../userspace/devices/pit.h"
#include "../../userspace/devices/rtc.h"
#include "../../userspace/devices/ticker.h"
#include "../../userspace/devices/uart.h"

#define SEEDS		400
#define BEFORE		300	/* accesses, at most */
#define AFTER		300
#define START		1000000000ULL	/* seconds since 1970 */
#define MAX_STATE	1024
#define SECOND		1000000000ULL

struct board {
	struct bus bus;
	struct pic pic;
	struct pit pit;
	struct rtc rtc;
	struct uart uart;
	struct i8042 i8042;
	struct reset reset;
	struct debug_ports debug;
	struct ticker ticker;
	unsigned int resets;
};

/* Both boards have the same time. */
static __u64 now;

static __u64 test_now(void *arg)
{
	(void)arg;
	return now;
}

static int test_output(void *arg, __u8 byte)
{
	(void)arg;
	(void)byte;
	return 0;
}

static void test_reset(void *arg)
{
	((struct board *)arg)->resets++;
}

#define DEVICE(member, state)	{ #member, offsetof(struct board, member), state }

static const struct {
	const char *name;
	size_t offset;
	void (*state)(void *device, struct state *state);
} devices[] = {
	DEVICE(pic, pic_state),
	DEVICE(pit, pit_state),
	DEVICE(rtc, rtc_state),
	DEVICE(uart, uart_state),
	DEVICE(i8042, i8042_state),
	DEVICE(reset, reset_state),
	DEVICE(debug, debug_ports_state),
	DEVICE(ticker, ticker_state),
};

#define NR_DEVICES	(sizeof(devices) / sizeof(devices[0]))

static __u32 random_state;

static __u32 random_number(__u32 below)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % below;
}

static void make(struct board *board)
{
	const struct clock clock = { .now = test_now };
	const struct bus_claim claims[] = {
		{ "pic", PIC_MASTER_PORT, PIC_NR_PORTS, &chip_ops, &board->pic.chips[0] },
		{ "pic", PIC_SLAVE_PORT, PIC_NR_PORTS, &chip_ops, &board->pic.chips[1] },
		{ "elcr", PIC_ELCR_PORT, PIC_NR_PORTS, &pic_elcr_ops, &board->pic },
		{ "pit", PIT_PORT, PIT_NR_PORTS, &pit_ops, &board->pit },
		{ "61", PIT_PORT61, 1, &pit_port61_ops, &board->pit },
		{ "rtc", RTC_PORT, RTC_NR_PORTS, &rtc_ops, &board->rtc },
		{ "uart", 0x3f8, UART_NR_REGISTERS, &uart_ops, &board->uart },
		{ "i8042", I8042_DATA_PORT, 1, &i8042_data_ops, &board->i8042 },
		{ "i8042", I8042_COMMAND_PORT, 1, &i8042_command_ops, &board->i8042 },
		{ "reset", RESET_PORT, RESET_NR_PORTS, &reset_ops, &board->reset },
		{ "post", DEBUG_POST_PORT, 1, &debug_post_ops, &board->debug },
		{ "ticker", TICKER_PORT, TICKER_NR_PORTS, &ticker_ops, &board->ticker },
	};
	unsigned int i;

	*board = (struct board){ .bus.name = "port" };
	pic_init(&board->pic);
	pit_init(&board->pit, &clock, &(struct irq){ pic_set, &board->pic, 0 });
	board->rtc.clock = clock;
	board->rtc.irq = (struct irq){ pic_set, &board->pic, 8 };
	rtc_init(&board->rtc, START, 1 << 20);
	board->uart.irq = (struct irq){ pic_set, &board->pic, 4 };
	board->uart.output = test_output;
	uart_reset(&board->uart);
	board->reset = (struct reset){ .pulse = test_reset, .arg = board };
	board->i8042.irq = (struct irq){ pic_set, &board->pic, 1 };
	board->i8042.reset = &board->reset;
	i8042_init(&board->i8042);
	board->ticker.clock = clock;
	for (i = 0; i < sizeof(claims) / sizeof(claims[0]); i++)
		assert_int_equal(bus_claim(&board->bus, &claims[i]), 0);
}

/**
 * struct access - something that happens to a board
 * @kind: what
 * @port: of an access to a port
 * @size: and its bytes
 * @value: what is written, or comes in
 */
struct access {
	enum { READ, WRITE, LINE, ACKNOWLEDGE, INPUT, TICK } kind;
	__u16 port;
	__u8 size;
	__u16 value;
};

/* Ports that have more states are asked more often. */
static struct access choose(void)
{
	static const __u16 ports[] = {
		0x20, 0x21, 0xa0, 0xa1, 0x4d0, 0x4d1, 0x40, 0x40, 0x41, 0x42, 0x42, 0x43, 0x43,
		0x61, 0x70, 0x71, 0x71, 0x71, 0x3f8, 0x3f8, 0x3f9, 0x3fa, 0x3fb, 0x3fc, 0x3fd,
		0x3fe, 0x3ff, 0x60, 0x64, 0x64, 0xcf9, 0x80, 0x50,
	};
	struct access access = { .size = 1 };
	__u32 dice = random_number(16);

	access.port = ports[random_number(sizeof(ports) / sizeof(ports[0]))];
	access.value = random_number(0x10000);
	access.kind = dice < 4 ? READ : dice < 10 ? WRITE : dice < 12 ? LINE :
		dice < 14 ? ACKNOWLEDGE : dice == 14 ? INPUT : TICK;
	if (access.port == TICKER_PORT)
		access.size = 2;
	/* Registers A to C of the RTC, and the low ones of its RAM; it should count. */
	if (access.port == 0x70)
		access.value = random_number(2) ? 0x0a + random_number(3) : access.value & 0x0f;
	if (access.port == 0x71 && random_number(2))
		access.value = (access.value & ~0x70) | 0x20;
	/* Read and write the output port of the keyboard controller. */
	if (access.port == 0x64 && random_number(2))
		access.value = 0xd0 + random_number(2);
	/* An initialization of a PIC ends all that was before. */
	if ((access.port & ~0x80) == 0x20 && random_number(8))
		access.value &= ~0x10;
	/* What leads to initialization words would mask all for long. */
	if (access.port == 0x43 && random_number(2))
		access.value |= 0x30;
	return access;
}

/* What a board says of it. */
static __u64 apply(struct board *board, const struct access *access)
{
	__u16 value = access->value;

	switch (access->kind) {
	case READ:
		value = 0;
		assert_true(bus_read(&board->bus, access->port, &value, access->size));
		return value;
	case WRITE:
		assert_true(bus_write(&board->bus, access->port, &value, access->size));
		return 0;
	case INPUT:
		return uart_input(&board->uart, value);
	case LINE:
		/* No device here has those. */
		pic_set(&board->pic, 9 + value % 7, value & 0x100);
		return 0;
	case ACKNOWLEDGE:
		return pic_pending(&board->pic) ? pic_acknowledge(&board->pic) : -1;
	case TICK:
		if (!board->ticker.pending)
			return 0;
		ticker_taken(&board->ticker);
		return 1;
	}
	return 0;
}

static void run(struct board *board)
{
	pit_run(&board->pit);
	rtc_run(&board->rtc);
	ticker_run(&board->ticker);
}

static void pass_time(void)
{
	static const __u64 steps[] = { 0, 100, 1000, 30000, 1000000, 400000000, 3 * SECOND };

	now += steps[random_number(7)] + random_number(1000);
}

static void assert_same(struct board *a, struct board *b)
{
	unsigned int i;

	assert_int_equal(pic_pending(&a->pic), pic_pending(&b->pic));
	assert_int_equal(a->ticker.pending, b->ticker.pending);
	assert_true(pit_next(&a->pit) == pit_next(&b->pit));
	assert_true(rtc_next(&a->rtc) == rtc_next(&b->rtc));
	assert_true(ticker_next(&a->ticker) == ticker_next(&b->ticker));
	assert_int_equal(uart_room(&a->uart), uart_room(&b->uart));
	assert_int_equal(a->resets, b->resets);
	for (i = 0; i < 16; i++)
		assert_int_equal(pic_masked(&a->pic, i), pic_masked(&b->pic, i));
}

static size_t save(struct board *board, unsigned int i, __u8 *bytes, size_t room)
{
	struct state state = { .data = bytes, .size = room, .saving = true };

	devices[i].state((char *)board + devices[i].offset, &state);
	return state.failed ? 0 : state.at;
}

static bool restore(struct board *board, unsigned int i, __u8 *bytes, size_t size)
{
	struct state state = { .data = bytes, .size = size };

	devices[i].state((char *)board + devices[i].offset, &state);
	return state_ended(&state);
}

/* As an operating system does; what ICW4 says differs from seed to seed. */
static void initialize_pics(struct board *board)
{
	const __u8 words[][2] = {
		{ 0x20, 0x11 }, { 0x21, 0x20 }, { 0x21, 0x04 }, { 0x21, 1 | random_number(32) },
		{ 0xa0, 0x11 }, { 0xa1, 0x28 }, { 0xa1, 0x02 }, { 0xa1, 1 | random_number(32) },
		{ 0x20, 0x80 * random_number(2) }, { 0xa0, 0x80 * random_number(2) },
		{ 0x21, 0 }, { 0xa1, 0 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		assert_true(bus_write(&board->bus, words[i][0], &words[i][1], 1));
}

/* A board that many things have happened to. */
static void use(struct board *board, unsigned int times)
{
	while (times--) {
		struct access access = choose();

		pass_time();
		run(board);
		apply(board, &access);
	}
}

/* Its time begins anew, until it is restored. */
static void make_new(struct board *board)
{
	__u64 later = now;

	now = 0;
	make(board);
	now = later;
}

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
