// SPDX-License-Identifier: GPL-2.0
/*
 * The interval timer of a PC, an 8254, and port 0x61, where its counter 2 is switched
 * and seen. Facts are from the Intel 8254 data sheet, order 231164.
 *
 * Interrupts are edges: OUT of counter 0 rises. Its line falls only as mode 0 begins,
 * and otherwise just before it rises again: a guest that is late still gets the
 * interrupt of a square wave that is low by then. Edges that are late themselves come
 * as one; the others are lost, as they are on a PC whose processor was away that long.
 * The edges that follow come at their own time.
 */
#include "../array_size.h"
#include "../nsec.h"
#include "pit.h"

#define CONTROL_OFFSET	3
#define READ_BACK	3
#define READ_BACK_COUNT(value)	(!((value) & 0x20))
#define READ_BACK_STATUS(value)	(!((value) & 0x10))

#define PORT61_GATE2	0x01
#define PORT61_WRITABLE	0x0f
#define PORT61_REFRESH	0x10
#define PORT61_OUT2	0x20

/* Memory was refreshed each 15 us; the bit tells one time from the next. */
#define REFRESH_TICKS	18

/* The last tick at or before a moment. */
static __u64 tick_at(__u64 ns)
{
	return ns / NSEC_PER_SEC * PIT_HZ + ns % NSEC_PER_SEC * PIT_HZ / NSEC_PER_SEC;
}

/* The first nanosecond of a tick. */
static __u64 moment_of(__u64 tick)
{
	return tick / PIT_HZ * NSEC_PER_SEC +
		(tick % PIT_HZ * NSEC_PER_SEC + PIT_HZ - 1) / PIT_HZ;
}

static void edge(const struct pit *pit)
{
	irq_set(&pit->irq, false);
	irq_set(&pit->irq, true);
}

/**
 * pit_run() - do what is due by now
 * @pit: the timer
 *
 * However many times OUT has risen, it is one edge.
 */
void pit_run(struct pit *pit)
{
	__u64 now = tick_at(clock_now(&pit->clock));
	unsigned int i;

	if (counter_rise(&pit->counters[0], pit->tick) <= now)
		edge(pit);
	for (i = 0; i < PIT_NR_COUNTERS; i++)
		counter_advance(&pit->counters[i], now);
	pit->tick = now;
}

/**
 * pit_next() - when it next interrupts
 * @pit: the timer
 *
 * Return: the moment, for pit_run(), or CLOCK_NEVER.
 */
__u64 pit_next(const struct pit *pit)
{
	__u64 rise = counter_rise(&pit->counters[0], pit->tick);

	return rise == TICK_NEVER ? CLOCK_NEVER : moment_of(rise);
}

static void write_control(struct pit *pit, __u8 value)
{
	unsigned int i, which = value >> 6;

	if (which == READ_BACK) {
		for (i = 0; i < PIT_NR_COUNTERS; i++) {
			if (!(value & 2 << i))
				continue;
			if (READ_BACK_COUNT(value))
				counter_latch(&pit->counters[i], pit->tick);
			if (READ_BACK_STATUS(value))
				counter_latch_status(&pit->counters[i], pit->tick);
		}
	} else if (value & 0x30) {
		counter_control(&pit->counters[which], value & 0x3f);
	} else {
		counter_latch(&pit->counters[which], pit->tick);
	}
}

static void pit_write(void *device, unsigned int offset, __u64 value, unsigned int size)
{
	struct pit *pit = device;
	const struct pit_counter *timer = &pit->counters[0];
	bool before, after;

	(void)size;
	pit_run(pit);
	before = counter_out(timer, pit->tick);
	if (offset == CONTROL_OFFSET)
		write_control(pit, value);
	else
		counter_write(&pit->counters[offset], value, pit->tick);
	after = counter_out(timer, pit->tick);

	if (!before && after)
		edge(pit);
	else if (!after && !timer->count)
		irq_set(&pit->irq, false);
}

static __u64 pit_read(void *device, unsigned int offset, unsigned int size)
{
	struct pit *pit = device;

	(void)size;
	pit_run(pit);
	if (offset == CONTROL_OFFSET)
		return 0xff;
	return counter_read(&pit->counters[offset], pit->tick);
}

const struct bus_ops pit_ops = {
	.read = pit_read,
	.write = pit_write,
	.bytes = true,
};

static void port61_write(void *device, unsigned int offset, __u64 value, unsigned int size)
{
	struct pit *pit = device;

	(void)offset;
	(void)size;
	pit_run(pit);
	pit->port61 = value & PORT61_WRITABLE;
	counter_gate(&pit->counters[2], value & PORT61_GATE2, pit->tick);
}

static __u64 port61_read(void *device, unsigned int offset, unsigned int size)
{
	struct pit *pit = device;
	__u8 value = pit->port61;

	(void)offset;
	(void)size;
	pit_run(pit);
	if (pit->tick / REFRESH_TICKS % 2)
		value |= PORT61_REFRESH;
	if (counter_out(&pit->counters[2], pit->tick))
		value |= PORT61_OUT2;
	return value;
}

const struct bus_ops pit_port61_ops = {
	.read = port61_read,
	.write = port61_write,
	.bytes = true,
};

/**
 * pit_init() - as a BIOS leaves it to a boot loader
 * @pit: the timer
 * @clock: where it has the time from
 * @irq: its wire, IRQ 0
 *
 * The timer interrupts 18.2 times a second, and the speaker is off.
 */
void pit_init(struct pit *pit, const struct clock *clock, const struct irq *irq)
{
	static const __u8 bios[][2] = {
		{ CONTROL_OFFSET, 0x36 }, { 0, 0 }, { 0, 0 },
		{ CONTROL_OFFSET, 0x54 }, { 1, REFRESH_TICKS },
		{ CONTROL_OFFSET, 0xb6 }, { 2, 0 }, { 2, 0 },
	};
	unsigned int i;

	/* No wire yet: OUT of counter 0 being high is no interrupt. */
	*pit = (struct pit){ .clock = *clock };
	pit->tick = tick_at(clock_now(clock));
	pit->counters[0].gate = true;
	pit->counters[1].gate = true;
	for (i = 0; i < ARRAY_SIZE(bios); i++)
		pit_write(pit, bios[i][0], bios[i][1], 1);
	pit->irq = *irq;
}

/**
 * pit_state() - save or restore it: see struct state
 * @pit: the timer; the time of its clock goes on where it was
 * @state: from or to where
 */
void pit_state(void *pit, struct state *state)
{
	struct pit *this = pit;
	unsigned int i;

	for (i = 0; i < PIT_NR_COUNTERS; i++)
		counter_state(&this->counters[i], state);
	state_u64(state, &this->tick);
	state_u8(state, &this->port61);
	state_valid(state, this->tick <= tick_at(clock_now(&this->clock)));
	for (i = 0; i < PIT_NR_COUNTERS; i++)
		state_valid(state, counter_fits(&this->counters[i], this->tick));
	state_valid(state, !(this->port61 & ~PORT61_WRITABLE));
}
