/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_CLOCK_H
#define VMRUN_CLOCK_H

#include <linux/types.h>

#define CLOCK_NEVER	(~0ULL)

/**
 * struct clock - where devices have the time from
 * @now: nanoseconds since the machine started, never less than before
 * @arg: for @now
 *
 * A test has one that it sets itself. A device that acts by itself has a function
 * X_next(), the moment when it next does, or CLOCK_NEVER, and X_run(), which does all
 * that is due by now; accesses to its registers do the same first.
 */
struct clock {
	__u64 (*now)(void *arg);
	void *arg;
};

static inline __u64 clock_now(const struct clock *clock)
{
	return clock->now(clock->arg);
}

#endif /* VMRUN_CLOCK_H */
