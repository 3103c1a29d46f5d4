/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_TICKER_H
#define VMRUN_TICKER_H

#include "bus.h"
#include "clock.h"
#include "state.h"

/* One port of 16 bits, and the interrupt of its ticks, which no controller sees. */
#define TICKER_PORT	0x50
#define TICKER_NR_PORTS	2
#define TICKER_VECTOR	0x20

/**
 * struct ticker - an interval timer for guests that want no more than ticks
 * @clock: the time
 * @period: from the taking of a tick to the next one, in nanoseconds; 0: it is off
 * @due: when the next tick comes
 * @pending: a tick waits until the guest takes it
 */
struct ticker {
	struct clock clock;
	__u64 period;
	__u64 due;
	bool pending;
};

extern const struct bus_ops ticker_ops;

__u64 ticker_next(const struct ticker *ticker);
void ticker_run(struct ticker *ticker);
void ticker_taken(struct ticker *ticker);
void ticker_state(void *ticker, struct state *state);

#endif /* VMRUN_TICKER_H */
