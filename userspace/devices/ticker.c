// SPDX-License-Identifier: GPL-2.0
/*
 * The interval timer: a write of 16 bits to its port starts it, with a period in
 * microseconds; 0 stops it.
 */
#include "../nsec.h"
#include "ticker.h"

static void ticker_write(void *device, unsigned int offset, __u64 value, unsigned int size)
{
	struct ticker *ticker = device;

	if (offset || size != TICKER_NR_PORTS)
		return;
	ticker->period = value * NSEC_PER_USEC;
	ticker->due = clock_now(&ticker->clock) + ticker->period;
	/* A tick of the old period is of no interest. */
	ticker->pending = false;
}

const struct bus_ops ticker_ops = { .write = ticker_write };

/** ticker_next() - when does it tick next, in nanoseconds; CLOCK_NEVER if it does not */
__u64 ticker_next(const struct ticker *ticker)
{
	return ticker->period && !ticker->pending ? ticker->due : CLOCK_NEVER;
}

/** ticker_run() - a tick, if one is due */
void ticker_run(struct ticker *ticker)
{
	if (ticker_next(ticker) <= clock_now(&ticker->clock))
		ticker->pending = true;
}

/**
 * ticker_taken() - the guest takes the tick that waited: the next period begins
 * @ticker: the timer
 *
 * However short the period, the guest gets to execute something between two ticks.
 */
void ticker_taken(struct ticker *ticker)
{
	ticker->pending = false;
	ticker->due = clock_now(&ticker->clock) + ticker->period;
}

/** ticker_state() - save or restore it; the time of its clock goes on: see struct state */
void ticker_state(void *ticker, struct state *state)
{
	struct ticker *this = ticker;

	state_u64(state, &this->period);
	state_u64(state, &this->due);
	state_bool(state, &this->pending);
	state_valid(state, this->period <= 0xffff * NSEC_PER_USEC);
}
