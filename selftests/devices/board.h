/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A board with all devices that have a state, and accesses to it at random: for the test
 * of their states.
 */
#ifndef SELFTESTS_DEVICES_BOARD_H
#define SELFTESTS_DEVICES_BOARD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../../userspace/devices/debug_ports.h"
#include "../../userspace/devices/i8042.h"
#include "../../userspace/devices/pic.h"
#include "../../userspace/devices/pit.h"
#include "../../userspace/devices/rtc.h"
#include "../../userspace/devices/ticker.h"
#include "../../userspace/devices/uart.h"

#define START		1000000000ULL	/* seconds since 1970 */
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

static inline __u64 test_now(void *arg)
{
	(void)arg;
	return now;
}

static inline int test_output(void *arg, __u8 byte)
{
	(void)arg;
	(void)byte;
	return 0;
}

static inline void test_reset(void *arg)
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

static inline __u32 random_number(__u32 below)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % below;
}

static inline void make(struct board *board)
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
static inline struct access choose(void)
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
	/* Fewer latch commands; and counters that want both bytes of a count. */
	if (access.port == 0x43 && random_number(2))
		access.value |= 0x30;
	return access;
}

/* What a board says of it. */
static inline __u64 apply(struct board *board, const struct access *access)
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

static inline void run(struct board *board)
{
	pit_run(&board->pit);
	rtc_run(&board->rtc);
	ticker_run(&board->ticker);
}

static inline void pass_time(void)
{
	static const __u64 steps[] = { 0, 100, 1000, 30000, 1000000, 400000000, 3 * SECOND };

	now += steps[random_number(7)] + random_number(1000);
}

static inline void assert_same(struct board *a, struct board *b)
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

static inline size_t save(struct board *board, unsigned int i, __u8 *bytes, size_t room)
{
	struct state state = { .data = bytes, .size = room, .saving = true };

	devices[i].state((char *)board + devices[i].offset, &state);
	return state.failed ? 0 : state.at;
}

static inline bool restore(struct board *board, unsigned int i, __u8 *bytes, size_t size)
{
	struct state state = { .data = bytes, .size = size };

	devices[i].state((char *)board + devices[i].offset, &state);
	return state_ended(&state);
}

/* As an operating system does; what ICW4 says differs from seed to seed. */
static inline void initialize_pics(struct board *board)
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
static inline void use(struct board *board, unsigned int times)
{
	while (times--) {
		struct access access = choose();

		pass_time();
		run(board);
		apply(board, &access);
	}
}

/* Its time begins anew, until it is restored. */
static inline void make_new(struct board *board)
{
	__u64 later = now;

	now = 0;
	make(board);
	now = later;
}

#endif /* SELFTESTS_DEVICES_BOARD_H */
