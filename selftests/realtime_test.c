// SPDX-License-Identifier: GPL-2.0
/*
 * A guest that spins has no more of the CPU than its owner's priority gives it.
 *
 * Breakage it catches: a guest that keeps off a thread of higher priority, one of the
 * same priority whose turn it is, or all others in spite of the limit for real time.
 */
#include <sched.h>

#include "devices.h"
#include "file_text.h"
#include "spinner.h"

#define LOW		10
#define HIGH		20
#define LIMIT		"/proc/sys/kernel/sched_rt_runtime_us"
#define TURN		"/proc/sys/kernel/sched_rr_timeslice_ms"
#define WAKES		20

DEVICE_FIXTURE(realtime) {
	struct spinner spinner;
	char limit[32];
	char turn[32];
};

DEVICE_FIXTURE_SETUP(realtime)
{
	cpu_set_t set;

	/* All on one CPU: there has to be something to contend for. */
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(set), &set));
	ASSERT_EQ(0, file_read(LIMIT, self->limit, sizeof(self->limit)));
	ASSERT_EQ(0, file_read(TURN, self->turn, sizeof(self->turn)));
}

FIXTURE_TEARDOWN(realtime)
{
	spinner_stop(&self->spinner);
	file_write(TURN, self->turn);
}

static void set_priority(struct __test_metadata *_metadata, int tid, int policy,
			 int priority)
{
	const struct sched_param param = { .sched_priority = priority };

	ASSERT_EQ(0, sched_setscheduler(tid, policy, &param)) {
		TH_LOG("sched_setscheduler: %s", strerror(errno));
	}
}

static void start_in_real_time(struct __test_metadata *_metadata, struct spinner *spinner,
			       const char *path, uint64_t rflags, int policy)
{
	/* The new thread inherits what is low, and does not begin before we let it. */
	set_priority(_metadata, 0, SCHED_FIFO, LOW);
	ASSERT_EQ(0, spinner_start(spinner, path, rflags));
	set_priority(_metadata, 0, SCHED_FIFO, HIGH);
	ASSERT_TRUE(spinner_advances(spinner));
	set_priority(_metadata, spinner->page->tid, policy, LOW);
}

/* Who wakes up takes the CPU from the guest, each time. */
static void wake_above(struct __test_metadata *_metadata, struct spinner *spinner,
		       const char *path, uint64_t rflags)
{
	int i;

	start_in_real_time(_metadata, spinner, path, rflags, SCHED_FIFO);
	for (i = 0; i < WAKES; i++)
		ASSERT_TRUE(spinner_advances(spinner));
	EXPECT_EQ(0, spinner_stop(spinner));
}

TEST_DEVICE(realtime, higher_priority)
{
	wake_above(_metadata, &self->spinner, variant->path, RFLAGS_IF);
	if (variant->minivmx)
		wake_above(_metadata, &self->spinner, variant->path, 0);
}

/* Neither ever waits: they take turns, since that is what SCHED_RR is. */
TEST_DEVICE(realtime, equal_priority)
{
	struct spinner_page *page;
	uint32_t before;
	int i;

	ASSERT_EQ(0, file_write(TURN, "10"));
	start_in_real_time(_metadata, &self->spinner, variant->path, RFLAGS_IF, SCHED_RR);
	set_priority(_metadata, 0, SCHED_RR, LOW);
	page = self->spinner.page;
	for (i = 0; i < WAKES; i++) {
		before = page->count;
		while (page->count == before)
			ASSERT_TRUE(spinner_runs(&self->spinner));
	}
	set_priority(_metadata, 0, SCHED_RR, HIGH);
	EXPECT_EQ(0, spinner_stop(&self->spinner));
}

/* What is left of each second is for all others. */
TEST_DEVICE(realtime, the_others_live)
{
	int i;

	if (atol(self->limit) < 0)
		SKIP(return, LIMIT " is -1: this kernel sets no limit");
	start_in_real_time(_metadata, &self->spinner, variant->path, RFLAGS_IF, SCHED_FIFO);
	set_priority(_metadata, 0, SCHED_OTHER, 0);
	for (i = 0; i < 3; i++)
		ASSERT_TRUE(spinner_advances(&self->spinner));
	set_priority(_metadata, 0, SCHED_FIFO, HIGH);
	EXPECT_EQ(0, spinner_stop(&self->spinner));
}

TEST_HARNESS_MAIN
