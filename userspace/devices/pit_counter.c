// SPDX-License-Identifier: GPL-2.0
/*
 * A counter of an 8254. Nothing ticks: what it shows is computed from the tick at which
 * its count was loaded. Facts are from the Intel 8254 data sheet, order 231164, "Mode
 * Definitions" and "Operation Common to All Modes".
 *
 * A tick is one CLK pulse. What software does falls between two: it sees the state
 * after the one, and a count that it writes is loaded at the other. All functions but
 * counter_advance() want that called first for the same tick.
 */
#include "pit_counter.h"

#define CONTROL_BCD	0x01
#define MAX_COUNT	0x10000
#define STATUS_NULL	0x40
#define STATUS_OUT	0x80

enum access { ACCESS_LOW = 1, ACCESS_HIGH, ACCESS_BOTH };

/* By the data sheet's numbers. */
enum mode {
	MODE_TERMINAL_COUNT,
	MODE_ONE_SHOT,
	MODE_RATE,
	MODE_SQUARE,
	MODE_SOFTWARE_STROBE,
	MODE_HARDWARE_STROBE,
};

static enum access access_of(const struct pit_counter *counter)
{
	return counter->control >> 4 & 3;
}

/* Of modes 2 and 3, the high bit does not matter. */
static enum mode mode_of(const struct pit_counter *counter)
{
	unsigned int mode = counter->control >> 1 & 7;

	return mode > MODE_HARDWARE_STROBE ? mode & 3 : mode;
}

static bool is_periodic(const struct pit_counter *counter)
{
	return mode_of(counter) == MODE_RATE || mode_of(counter) == MODE_SQUARE;
}

/* GATE starts it, and its level does not matter. */
static bool is_triggered(const struct pit_counter *counter)
{
	return mode_of(counter) == MODE_ONE_SHOT ||
		mode_of(counter) == MODE_HARDWARE_STROBE;
}

static __u32 from_bcd(__u16 value)
{
	return (value >> 12) * 1000 + (value >> 8 & 15) * 100 + (value >> 4 & 15) * 10 +
		(value & 15);
}

static __u16 to_bcd(__u32 value)
{
	return value / 1000 % 10 << 12 | value / 100 % 10 << 8 | value / 10 % 10 << 4 |
		value % 10;
}

static __u64 elapsed_at(const struct pit_counter *counter, __u64 tick)
{
	return counter->stopped ? counter->elapsed : tick - counter->start;
}

/* How long OUT is high in mode 3: an odd count gives it one tick more. */
static __u32 high_half(__u32 count)
{
	return (count + 1) / 2;
}

static __u16 value_at(const struct pit_counter *counter, __u64 tick)
{
	__u32 modulus = counter->control & CONTROL_BCD ? 10000 : 0x10000;
	__u64 elapsed = elapsed_at(counter, tick);
	__u32 count = counter->count, value;

	if (!count)
		return 0;
	if (is_periodic(counter))
		elapsed %= count;
	if (mode_of(counter) == MODE_SQUARE) {
		/* It counts by two, through all of it in each half. */
		if (elapsed >= high_half(count))
			elapsed -= high_half(count);
		value = (count & ~1) - 2 * elapsed;
	} else {
		/* Past the end it goes on from the top. */
		value = count + modulus - elapsed % modulus;
	}
	value %= modulus;
	return counter->control & CONTROL_BCD ? to_bcd(value) : value;
}

/**
 * counter_out() - the output OUT
 * @counter: the counter
 * @tick: after this tick
 *
 * Return: its level.
 */
bool counter_out(const struct pit_counter *counter, __u64 tick)
{
	__u64 elapsed = elapsed_at(counter, tick);
	__u32 count = counter->count;

	if (!count)
		return mode_of(counter) != MODE_TERMINAL_COUNT;
	switch (mode_of(counter)) {
	case MODE_RATE:
		return counter->stopped || elapsed % count != count - 1;
	case MODE_SQUARE:
		return counter->stopped || elapsed % count < high_half(count);
	case MODE_SOFTWARE_STROBE:
	case MODE_HARDWARE_STROBE:
		return elapsed != count;
	default:
		return elapsed >= count;
	}
}

static void load(struct pit_counter *counter)
{
	counter->count = counter->reload;
	counter->start = counter->load;
	if (counter->load_low)
		counter->start -= high_half(counter->count);
	counter->elapsed = 0;
	counter->stopped = !counter->gate && !is_triggered(counter);
	counter->load = TICK_NEVER;
	counter->load_low = false;
	counter->null = false;
}

/**
 * counter_advance() - load a count that is due
 * @counter: the counter
 * @tick: the tick that it is
 */
void counter_advance(struct pit_counter *counter, __u64 tick)
{
	if (counter->load <= tick)
		load(counter);
}

/* The first tick after one at which OUT rises, if no new count is loaded. */
static __u64 rise_of_count(const struct pit_counter *counter, __u64 tick)
{
	__u32 count = counter->count;
	__u64 rise = counter->start + count;

	if (!count || counter->stopped)
		return TICK_NEVER;
	if (is_periodic(counter))
		return rise + (tick - counter->start) / count * count;
	if (mode_of(counter) == MODE_SOFTWARE_STROBE ||
	    mode_of(counter) == MODE_HARDWARE_STROBE)
		rise++;
	return rise > tick ? rise : TICK_NEVER;
}

/**
 * counter_rise() - when OUT next goes from low to high by itself
 * @counter: the counter
 * @tick: it was advanced to this tick
 *
 * Return: the first such tick after @tick, or TICK_NEVER.
 */
__u64 counter_rise(const struct pit_counter *counter, __u64 tick)
{
	__u64 rise = rise_of_count(counter, tick);
	struct pit_counter next = *counter;

	if (rise <= counter->load)
		return rise;
	load(&next);
	return rise_of_count(&next, counter->load);
}

/**
 * counter_control() - the guest writes a control word
 * @counter: the counter
 * @control: its low six bits
 *
 * OUT gets its level at once.
 */
void counter_control(struct pit_counter *counter, __u8 control)
{
	*counter = (struct pit_counter){
		.control = control,
		.gate = counter->gate,
		.null = true,
		.load = TICK_NEVER,
	};
}

/* When a count is loaded that is complete. */
static void schedule(struct pit_counter *counter, __u64 tick)
{
	__u64 elapsed, half;

	if (is_triggered(counter))
		return;
	if (!is_periodic(counter) || !counter->count) {
		counter->load = tick + 1;
		return;
	}
	/* The gate will load it. */
	if (counter->stopped)
		return;
	/* At the end of the period, or in mode 3 of half of it. */
	elapsed = (tick - counter->start) % counter->count;
	half = high_half(counter->count);
	counter->load_low = mode_of(counter) == MODE_SQUARE && elapsed < half;
	counter->load = tick - elapsed + (counter->load_low ? half : counter->count);
}

static void write_count(struct pit_counter *counter, __u16 value, __u64 tick)
{
	if (counter->control & CONTROL_BCD)
		counter->reload = value ? from_bcd(value) : 10000;
	else
		counter->reload = value ? value : MAX_COUNT;
	/* "A count of 1 is illegal" in modes 2 and 3; it acts as 2. */
	if (is_periodic(counter) && counter->reload == 1)
		counter->reload = 2;
	counter->null = true;
	schedule(counter, tick);
}

/**
 * counter_write() - the guest writes a byte of a count
 * @counter: the counter
 * @value: the byte
 * @tick: the tick that it is
 */
void counter_write(struct pit_counter *counter, __u8 value, __u64 tick)
{
	enum access access = access_of(counter);

	/* The first byte sets OUT low, and it does not count. */
	if (mode_of(counter) == MODE_TERMINAL_COUNT && !counter->write_high) {
		counter->count = 0;
		counter->load = TICK_NEVER;
	}
	if (access == ACCESS_LOW) {
		write_count(counter, value, tick);
	} else if (access == ACCESS_HIGH) {
		write_count(counter, value << 8, tick);
	} else if (counter->write_high) {
		counter->write_high = false;
		write_count(counter, value << 8 | counter->low, tick);
	} else {
		counter->write_high = true;
		counter->low = value;
	}
}

/**
 * counter_latch() - the guest latches the value that it will read
 * @counter: the counter
 * @tick: the tick that it is
 *
 * Until it was read, another latch does nothing.
 */
void counter_latch(struct pit_counter *counter, __u64 tick)
{
	if (counter->latched)
		return;
	counter->latch = value_at(counter, tick);
	counter->latched = access_of(counter) == ACCESS_BOTH ? 2 : 1;
}

/**
 * counter_latch_status() - the guest latches the status that it will read first
 * @counter: the counter
 * @tick: the tick that it is
 */
void counter_latch_status(struct pit_counter *counter, __u64 tick)
{
	if (counter->status_latched)
		return;
	counter->status_latched = true;
	counter->status = counter->control | (counter->null ? STATUS_NULL : 0) |
			  (counter_out(counter, tick) ? STATUS_OUT : 0);
}

/**
 * counter_read() - the guest reads a byte
 * @counter: the counter
 * @tick: the tick that it is
 *
 * Return: the byte: of the status, or of the value.
 */
__u8 counter_read(struct pit_counter *counter, __u64 tick)
{
	enum access access = access_of(counter);
	bool high = access == ACCESS_HIGH;
	__u16 value;

	if (counter->status_latched) {
		counter->status_latched = false;
		return counter->status;
	}
	value = counter->latched ? counter->latch : value_at(counter, tick);
	if (counter->latched)
		counter->latched--;
	if (access == ACCESS_BOTH) {
		high = counter->read_high;
		counter->read_high = !high;
	}
	return high ? value >> 8 : value;
}

/**
 * counter_gate() - the input GATE
 * @counter: the counter
 * @level: its level
 * @tick: the tick that it is
 */
void counter_gate(struct pit_counter *counter, bool level, __u64 tick)
{
	if (level == counter->gate)
		return;
	counter->gate = level;
	if ((is_periodic(counter) || is_triggered(counter)) && counter->reload && level) {
		/* A trigger. */
		counter->load = tick + 1;
		counter->load_low = false;
	}
	if (is_triggered(counter))
		return;
	if (!level) {
		counter->elapsed = elapsed_at(counter, tick);
		counter->stopped = true;
		/* The end of the period will not come. */
		if (is_periodic(counter) && counter->count)
			counter->load = TICK_NEVER;
	} else if (!is_periodic(counter)) {
		counter->start = tick - counter->elapsed;
		counter->stopped = false;
	}
}

/**
 * counter_fits() - could a counter be as it was restored
 * @counter: the counter
 * @tick: it was advanced to this tick
 *
 * What it counts began in the past, modulo 2^64; it loads within a period, or never.
 */
bool counter_fits(const struct pit_counter *counter, __u64 tick)
{
	return (__s64)(tick - counter->start) >= 0 &&
		(counter->load == TICK_NEVER || counter->load - tick <= MAX_COUNT);
}

/** counter_state() - save or restore a counter: see struct state */
void counter_state(struct pit_counter *counter, struct state *state)
{
	state_u8(state, &counter->control);
	state_bool(state, &counter->gate);
	state_bool(state, &counter->stopped);
	state_bool(state, &counter->null);
	state_u32(state, &counter->reload);
	state_u64(state, &counter->load);
	state_bool(state, &counter->load_low);
	state_u32(state, &counter->count);
	state_u64(state, &counter->start);
	state_u64(state, &counter->elapsed);
	state_bool(state, &counter->write_high);
	state_bool(state, &counter->read_high);
	state_u8(state, &counter->low);
	state_u16(state, &counter->latch);
	state_u8(state, &counter->latched);
	state_u8(state, &counter->status);
	state_bool(state, &counter->status_latched);
	state_valid(state, counter->control <= 0x3f && access_of(counter));
	state_valid(state, counter->reload <= MAX_COUNT && counter->count <= MAX_COUNT);
	/* A count of 0 would never be counted down. */
	state_valid(state, counter->reload || counter->load == TICK_NEVER);
	state_valid(state, counter->latched <= 2);
}
