/* SPDX-License-Identifier: GPL-2.0 */
/* For the tests of the interval timer: it and port 0x61 on a bus; time is the test's. */
#ifndef SELFTESTS_DEVICES_PIT_H
#define SELFTESTS_DEVICES_PIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../userspace/devices/pit.h"

#define NS_PER_SECOND	1000000000ULL

#define CONTROL		0x43
#define PORT61		0x61
#define OUT2		0x20

#define STATUS_OUT	0x80
#define STATUS_NULL	0x40

/* The test's life starts at this tick, in the middle of it. */
#define START		1000000007ULL

static struct pit pit;
static struct bus bus;
static __u64 now;
static unsigned int edges;
static bool level;

static inline __u64 test_now(void *arg)
{
	(void)arg;
	return now;
}

static inline void test_irq(void *controller, unsigned int line, bool set)
{
	(void)controller;
	assert_int_equal(line, 0);
	if (set && !level)
		edges++;
	level = set;
}

static inline void out(unsigned int port, __u8 value)
{
	assert_true(bus_write(&bus, port, &value, 1));
}

static inline __u8 in(unsigned int port)
{
	__u8 value;

	assert_true(bus_read(&bus, port, &value, 1));
	return value;
}

/* The first nanosecond of a tick, from START on. */
static inline __u64 moment(__u64 tick)
{
	unsigned __int128 ns = (unsigned __int128)(START + tick) * NS_PER_SECOND;

	return (ns + PIT_HZ - 1) / PIT_HZ;
}

static inline void go_to(__u64 tick)
{
	assert_true(moment(tick) >= now || tick == 0);
	now = moment(tick);
}

static inline void program(unsigned int counter, unsigned int mode, __u16 count)
{
	out(CONTROL, counter << 6 | 0x30 | mode << 1);
	out(PIT_PORT + counter, count);
	out(PIT_PORT + counter, count >> 8);
}

static inline void write_count(unsigned int counter, __u16 count)
{
	out(PIT_PORT + counter, count);
	out(PIT_PORT + counter, count >> 8);
}

static inline __u16 read_both(unsigned int counter)
{
	__u16 low = in(PIT_PORT + counter);

	return low | in(PIT_PORT + counter) << 8;
}

static inline __u16 latched(unsigned int counter)
{
	out(CONTROL, counter << 6);
	return read_both(counter);
}

static inline __u8 status(unsigned int counter)
{
	out(CONTROL, 0xe0 | 2 << counter);
	return in(PIT_PORT + counter);
}

static inline bool out_of(unsigned int counter)
{
	return status(counter) & STATUS_OUT;
}

static inline bool out2(void)
{
	return in(PORT61) & OUT2;
}

/* OUT is low from one tick on, until another, and nowhere in between is it high. */
static inline void assert_low(unsigned int counter, __u64 first, __u64 end)
{
	go_to(first - 1);
	assert_true(out_of(counter));
	now = moment(first) - 1;
	assert_true(out_of(counter));
	for (; first < end; first++) {
		go_to(first);
		assert_false(out_of(counter));
	}
	now = moment(end) - 1;
	assert_false(out_of(counter));
	go_to(end);
	assert_true(out_of(counter));
}

/* The next edge is at a tick, not a nanosecond earlier, and is told of as one. */
static inline void assert_edge(__u64 tick)
{
	unsigned int before = edges;

	assert_true(pit_next(&pit) == moment(tick));
	now = moment(tick) - 1;
	pit_run(&pit);
	assert_int_equal(edges, before);
	assert_true(pit_next(&pit) == moment(tick));
	go_to(tick);
	pit_run(&pit);
	assert_int_equal(edges, before + 1);
	assert_true(level);
	pit_run(&pit);
	assert_int_equal(edges, before + 1);
}

static inline int setup(void **state)
{
	const struct clock clock = { .now = test_now };
	const struct irq irq = { .set = test_irq };
	const struct bus_claim claims[] = {
		{ "pit", PIT_PORT, PIT_NR_PORTS, &pit_ops, &pit },
		{ "port 0x61", PIT_PORT61, 1, &pit_port61_ops, &pit },
	};

	(void)state;
	level = false;
	edges = 0;
	now = moment(0);
	bus = (struct bus){ .name = "port" };
	pit_init(&pit, &clock, &irq);
	assert_int_equal(bus_claim(&bus, &claims[0]), 0);
	assert_int_equal(bus_claim(&bus, &claims[1]), 0);
	return 0;
}

#endif /* SELFTESTS_DEVICES_PIT_H */
