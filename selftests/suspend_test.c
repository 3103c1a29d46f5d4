// SPDX-License-Identifier: GPL-2.0
/*
 * The host goes to sleep, as far as each level of /sys/power/pm_test lets it, and
 * wakes up again, with a guest that spins in another process.
 *
 * Breakage it catches: a guest that cannot be frozen, which keeps the machine awake;
 * one that does not go on; VMX that is left on when the CPUs go.
 */
#include <stdio.h>

#include "devices.h"
#include "file_text.h"
#include "spinner.h"

#define STATE	"/sys/power/state"
#define LEVEL	"/sys/power/pm_test"
#define DEPTH	"/sys/power/mem_sleep"
#define DELAY	"/sys/module/suspend/parameters/pm_test_delay"

/* What the kernel does before it turns back, one after the other. */
static const char *const levels[] = {
	"freezer", "devices", "platform", "processors", "core",
};

/* Of a state in which the machine merely idles, there is no more. */
#define LEVELS_OF_IDLE	3

static size_t number_of_levels(const char *state)
{
	char depth[64];

	/* Without help from the firmware, mem is another word for freeze. */
	if (strcmp(state, "mem") || file_read(DEPTH, depth, sizeof(depth)) ||
	    strstr(depth, "[s2idle]"))
		return LEVELS_OF_IDLE;
	return ARRAY_SIZE(levels);
}

DEVICE_FIXTURE(suspend) {
	struct spinner spinner;
	char states[64], delay[16];
};

DEVICE_FIXTURE_SETUP(suspend)
{
	if (file_read(STATE, self->states, sizeof(self->states)))
		SKIP(longjmp(_metadata->env, 1), STATE ": this kernel cannot sleep");
	if (access(LEVEL, W_OK))
		SKIP(longjmp(_metadata->env, 1), LEVEL ": this kernel cannot pretend to");
	/* Seconds that it stays asleep. */
	ASSERT_EQ(0, file_read(DELAY, self->delay, sizeof(self->delay)));
	file_write(DELAY, "0");
}

FIXTURE_TEARDOWN(suspend)
{
	file_write(LEVEL, "none");
	file_write(DELAY, self->delay);
	spinner_stop(&self->spinner);
}

static void sleep_at_each_level(struct __test_metadata *_metadata,
				struct spinner *spinner, const char *state)
{
	uint32_t interrupted;
	size_t i;

	for (i = 0; i < number_of_levels(state); i++) {
		ASSERT_TRUE(spinner_advances(spinner));
		interrupted = spinner->page->interrupted;
		ASSERT_EQ(0, file_write(LEVEL, levels[i]));
		EXPECT_EQ(0, file_write(STATE, state)) {
			TH_LOG("%s as far as %s", state, levels[i]);
		}
		ASSERT_TRUE(spinner_advances(spinner));
		/* It was out of the guest, and in the freezer. */
		EXPECT_LT(interrupted, spinner->page->interrupted);
		TH_LOG("%s as far as %s", state, levels[i]);
	}
}

static void sleep_in_each_state(struct __test_metadata *_metadata,
				FIXTURE_DATA(suspend) *self, const char *path,
				uint64_t rflags)
{
	char *state, *rest = self->states;
	int slept = 0;

	ASSERT_EQ(0, spinner_fork(&self->spinner, path, rflags));
	while ((state = strtok_r(NULL, "\n ", &rest))) {
		if (strcmp(state, "mem") && strcmp(state, "freeze"))
			continue;
		sleep_at_each_level(_metadata, &self->spinner, state);
		slept++;
	}
	EXPECT_EQ(0, spinner_stop(&self->spinner));
	if (!slept && _metadata->passed)
		SKIP(return, STATE ": neither mem nor freeze");
}

TEST_DEVICE(suspend, spin)
{
	sleep_in_each_state(_metadata, self, variant->path, RFLAGS_IF);
}

TEST_DEVICE(suspend, spin_without_if)
{
	if (!variant->minivmx)
		SKIP(return, "KVM has no timer here, and Bochs holds the host's interrupts back");
	sleep_in_each_state(_metadata, self, variant->path, 0);
}

TEST_HARNESS_MAIN
