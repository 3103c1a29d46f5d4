/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A distribution of times, in intervals that grow with them. Pure, so that its
 * tests run on any machine.
 */
#ifndef MINIVMX_EXIT_TIMES_H
#define MINIVMX_EXIT_TIMES_H

#include <linux/bits.h>
#include <linux/bitops.h>
#include <linux/minmax.h>
#include <linux/types.h>

/*
 * Each power of two is divided into 8 equal intervals, so none is wider than an
 * eighth of what it begins with. Below 16 each number has its own. All from 2^36
 * on, more than 10 seconds, share the last one.
 */
#define EXIT_TIMES_SUB_BITS	3
#define EXIT_TIMES_SUB		BIT(EXIT_TIMES_SUB_BITS)
#define EXIT_TIMES_BITS		36
#define EXIT_TIMES_INTERVALS \
	((EXIT_TIMES_BITS - EXIT_TIMES_SUB_BITS + 1) * EXIT_TIMES_SUB)

/**
 * struct exit_times - a distribution
 * @min: the smallest
 * @max: the largest
 * @total: how many
 * @count: how many in each interval
 */
struct exit_times {
	u64 min, max, total;
	u64 count[EXIT_TIMES_INTERVALS];
};

/* The interval that a time is in. */
static inline unsigned int exit_times_interval(u64 time)
{
	unsigned int shift;

	time = min(time, BIT_ULL(EXIT_TIMES_BITS) - 1);
	if (time < EXIT_TIMES_SUB)
		return time;
	shift = fls64(time) - 1 - EXIT_TIMES_SUB_BITS;
	return shift * EXIT_TIMES_SUB + (time >> shift);
}

/* The largest time that is in an interval. */
static inline u64 exit_times_end(unsigned int interval)
{
	unsigned int shift;

	if (interval < EXIT_TIMES_SUB)
		return interval;
	shift = interval / EXIT_TIMES_SUB - 1;
	return ((u64)(interval % EXIT_TIMES_SUB + EXIT_TIMES_SUB + 1) << shift) - 1;
}

/** exit_times_add() - one time more */
static inline void exit_times_add(struct exit_times *times, u64 time)
{
	if (!times->total || time < times->min)
		times->min = time;
	times->max = max(times->max, time);
	times->total++;
	times->count[exit_times_interval(time)]++;
}

/**
 * exit_times_below() - what a part of the times does not exceed
 * @times: the distribution
 * @percent: how many of 100, from 1 to 100
 *
 * Return: the end of the interval that they reach into, or the largest time if
 * that is less; 0 if there are no times.
 */
static inline u64 exit_times_below(const struct exit_times *times, unsigned int percent)
{
	u64 wanted = (times->total * percent + 99) / 100, seen = 0;
	unsigned int i;

	for (i = 0; i < EXIT_TIMES_INTERVALS - 1; i++) {
		seen += times->count[i];
		if (seen >= wanted)
			return min(exit_times_end(i), times->max);
	}
	return times->max;
}

#endif /* MINIVMX_EXIT_TIMES_H */
