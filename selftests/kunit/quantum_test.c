// SPDX-License-Identifier: GPL-2.0
/*
 * What the VMX-preemption timer is set to, and what it has counted.
 *
 * Breakage it catches: a quantum that is longer or shorter than it should be after
 * any number of windows, time that is counted twice or not at all, an end that comes
 * with the window, a guest that gets no time.
 */
#include <kunit/test.h>

#include "../../module/quantum.h"
#include "suites.h"

#define WINDOW	100

static struct quantum with(u64 length)
{
	struct quantum quantum = { .window = WINDOW };

	quantum_begin(&quantum, length);
	return quantum;
}

static void none(struct kunit *test)
{
	struct quantum quantum = with(0);

	KUNIT_EXPECT_EQ(test, quantum.timer, WINDOW);
	KUNIT_EXPECT_FALSE(test, quantum_ends(&quantum));
	KUNIT_EXPECT_EQ(test, quantum.timer, WINDOW);
	KUNIT_EXPECT_EQ(test, quantum.used, 0);
}

/* Two windows and a half, each as long as the timer lets it. */
static void of_windows(struct kunit *test)
{
	struct quantum quantum = with(250);
	int i;

	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, quantum.timer, WINDOW);
		KUNIT_EXPECT_FALSE(test, quantum_ends(&quantum));
		quantum_count(&quantum, 0);
	}
	KUNIT_EXPECT_EQ(test, quantum.timer, 50);
	KUNIT_EXPECT_EQ(test, quantum.left, 50);
	KUNIT_EXPECT_TRUE(test, quantum_ends(&quantum));
	quantum_count(&quantum, 0);
	KUNIT_EXPECT_EQ(test, quantum.used, 250);
	KUNIT_EXPECT_EQ(test, quantum.left, 250);
	KUNIT_EXPECT_EQ(test, quantum.timer, WINDOW);
}

/* Other exits end windows early, and a try of an entry has none of the time. */
static void of_exits(struct kunit *test)
{
	struct quantum quantum = with(10);

	quantum_count(&quantum, 7);
	KUNIT_EXPECT_EQ(test, quantum.left, 7);
	KUNIT_EXPECT_EQ(test, quantum.timer, 7);
	quantum_count(&quantum, 7);
	KUNIT_EXPECT_EQ(test, quantum.left, 7);
	quantum_count(&quantum, 1);
	KUNIT_EXPECT_EQ(test, quantum.used, 9);
	KUNIT_EXPECT_TRUE(test, quantum_ends(&quantum));
	quantum_count(&quantum, 0);
	KUNIT_EXPECT_EQ(test, quantum.used, 10);
	KUNIT_EXPECT_EQ(test, quantum.left, 10);
}

/* Another exit came with the last step: the next entry has no time, and ends it. */
static void to_the_last_step(struct kunit *test)
{
	struct quantum quantum = with(10);

	quantum_count(&quantum, 0);
	KUNIT_EXPECT_EQ(test, quantum.left, 0);
	KUNIT_EXPECT_EQ(test, quantum.timer, 0);
	KUNIT_EXPECT_TRUE(test, quantum_ends(&quantum));
	quantum_count(&quantum, 0);
	KUNIT_EXPECT_EQ(test, quantum.used, 10);
	KUNIT_EXPECT_EQ(test, quantum.timer, 10);
}

/* More than was there cannot be left: no time runs backwards. */
static void nonsense(struct kunit *test)
{
	struct quantum quantum = with(10);

	quantum_count(&quantum, 11);
	KUNIT_EXPECT_EQ(test, quantum.left, 10);
	KUNIT_EXPECT_EQ(test, quantum.used, 0);
}

static void steps(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, quantum_steps(0, 5), 0);
	KUNIT_EXPECT_EQ(test, quantum_steps(1, 5), 1);
	KUNIT_EXPECT_EQ(test, quantum_steps(32, 5), 1);
	KUNIT_EXPECT_EQ(test, quantum_steps(33, 5), 2);
	KUNIT_EXPECT_EQ(test, quantum_steps(33, 0), 33);
	KUNIT_EXPECT_EQ(test, quantum_steps(U64_MAX, 1), 1ULL << 63);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(none),
	KUNIT_CASE(of_windows),
	KUNIT_CASE(of_exits),
	KUNIT_CASE(to_the_last_step),
	KUNIT_CASE(nonsense),
	KUNIT_CASE(steps),
	{}
};

struct kunit_suite quantum_suite = {
	.name = "quantum",
	.test_cases = cases,
};
