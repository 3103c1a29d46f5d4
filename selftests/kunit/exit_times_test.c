// SPDX-License-Identifier: GPL-2.0
/*
 * A distribution of times, in intervals.
 *
 * Breakage it catches: an interval that overlaps with another or leaves a gap, one
 * that is too wide, a time that is in none, a percentile that is off by one.
 */
#include <kunit/test.h>

#include "../../module/exit_times.h"
#include "suites.h"

static void intervals(struct kunit *test)
{
	u64 begin = 0;
	unsigned int i;

	for (i = 0; i < EXIT_TIMES_INTERVALS; i++) {
		u64 end = exit_times_end(i);

		KUNIT_EXPECT_GE(test, end, begin);
		KUNIT_EXPECT_EQ(test, i, exit_times_interval(begin));
		KUNIT_EXPECT_EQ(test, i, exit_times_interval(end));
		/* No wider than an eighth of what it begins with. */
		KUNIT_EXPECT_LE(test, (end - begin) * EXIT_TIMES_SUB, begin);
		begin = end + 1;
	}
	KUNIT_EXPECT_EQ(test, begin, BIT_ULL(EXIT_TIMES_BITS));
	KUNIT_EXPECT_EQ(test, exit_times_interval(U64_MAX), EXIT_TIMES_INTERVALS - 1);
	KUNIT_EXPECT_EQ(test, exit_times_interval(begin), EXIT_TIMES_INTERVALS - 1);
}

static void percentiles(struct kunit *test)
{
	struct exit_times *times = kunit_kzalloc(test, sizeof(*times), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, times);
	KUNIT_EXPECT_EQ(test, 0, exit_times_below(times, 50));
	/* 99 times 5, once 1000000. */
	for (i = 0; i < 99; i++)
		exit_times_add(times, 5);
	exit_times_add(times, 1000000);
	KUNIT_EXPECT_EQ(test, 5, times->min);
	KUNIT_EXPECT_EQ(test, 1000000, times->max);
	KUNIT_EXPECT_EQ(test, 5, exit_times_below(times, 50));
	KUNIT_EXPECT_EQ(test, 5, exit_times_below(times, 99));
	KUNIT_EXPECT_EQ(test, 1000000, exit_times_below(times, 100));
	/* Twice, of 101. */
	exit_times_add(times, 1000000);
	KUNIT_EXPECT_EQ(test, 1000000, exit_times_below(times, 99));
	/* Too long for any interval: the longest is known all the same. */
	exit_times_add(times, U64_MAX);
	KUNIT_EXPECT_EQ(test, U64_MAX, exit_times_below(times, 100));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(intervals),
	KUNIT_CASE(percentiles),
	{}
};

struct kunit_suite exit_times_suite = {
	.name = "exit_times",
	.test_cases = cases,
};
