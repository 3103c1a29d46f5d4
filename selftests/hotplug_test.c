// SPDX-License-Identifier: GPL-2.0
/*
 * A CPU goes and comes back while guests run: on it, on another one, anywhere.
 *
 * Breakage it catches: a CPU that is still in VMX operation when it goes, which
 * keeps it from coming back; a guest that is lost with its CPU; state that is kept
 * for a CPU and is wrong when it is back.
 */
#include "devices.h"
#include "file_text.h"
#include "spinner.h"

#define CPU		1
#define ONLINE		"/sys/devices/system/cpu/cpu1/online"

/* How often; MINIVMX_HOTPLUGS in the environment changes it for the first test. */
#define TIMES		20

DEVICE_FIXTURE(hotplug) {
	struct spinner spinner;
	long times;
};

DEVICE_FIXTURE_SETUP(hotplug)
{
	const char *times = getenv("MINIVMX_HOTPLUGS");

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(longjmp(_metadata->env, 1), "there is one CPU");
	if (access(ONLINE, W_OK))
		SKIP(longjmp(_metadata->env, 1), ONLINE ": %s", strerror(errno));
	self->times = times && variant->minivmx ? atol(times) : TIMES;
	ASSERT_LT(0, self->times);
}

FIXTURE_TEARDOWN(hotplug)
{
	file_write(ONLINE, "1");
	spinner_stop(&self->spinner);
}

static void set_online(struct __test_metadata *_metadata, const char *online)
{
	char text[8];

	ASSERT_EQ(0, file_write(ONLINE, online)) {
		TH_LOG("%s to " ONLINE, online);
	}
	ASSERT_EQ(0, file_read(ONLINE, text, sizeof(text)));
	ASSERT_EQ(online[0], text[0]);
}

static void spin(struct __test_metadata *_metadata, FIXTURE_DATA(hotplug) *self,
		 const char *path, uint64_t rflags, bool bind, long times)
{
	struct spinner *spinner = &self->spinner;
	long i;

	ASSERT_EQ(0, spinner_start(spinner, path, rflags));
	for (i = 0; i < times; i++) {
		/* The kernel forgets to which CPU it was bound when that goes. */
		if (bind)
			ASSERT_EQ(0, spinner_bind(spinner, CPU));
		ASSERT_TRUE(spinner_advances(spinner));
		set_online(_metadata, "0");
		ASSERT_TRUE(spinner_advances(spinner));
		set_online(_metadata, "1");
		ASSERT_TRUE(spinner_advances(spinner));
	}
	EXPECT_EQ(0, spinner_stop(spinner));
	TH_LOG("CPU %d went and came back %ld times", CPU, times);
}

TEST_DEVICE(hotplug, spin)
{
	spin(_metadata, self, variant->path, RFLAGS_IF, false, self->times);
}

TEST_DEVICE(hotplug, spin_on_it)
{
	spin(_metadata, self, variant->path, RFLAGS_IF, true, TIMES);
}

/* Nothing but the preemption timer lets Bochs leave such a guest. */
TEST_DEVICE(hotplug, spin_on_it_without_if)
{
	if (!variant->minivmx)
		SKIP(return, "KVM has no timer here, and Bochs holds the host's interrupts back");
	spin(_metadata, self, variant->path, 0, true, TIMES);
}

/* A VM of each age: older than the CPU's absence, made during it, younger. */
TEST_DEVICE(hotplug, made_while_it_was_away)
{
	struct spinner spinners[3];
	size_t i;

	ASSERT_EQ(0, spinner_start(&spinners[0], variant->path, RFLAGS_IF));
	ASSERT_EQ(0, spinner_bind(&spinners[0], CPU));
	ASSERT_TRUE(spinner_advances(&spinners[0]));
	set_online(_metadata, "0");
	EXPECT_EQ(-EINVAL, spinner_bind(&spinners[0], CPU));
	ASSERT_EQ(0, spinner_start(&spinners[1], variant->path, RFLAGS_IF));
	ASSERT_TRUE(spinner_advances(&spinners[1]));
	set_online(_metadata, "1");
	ASSERT_EQ(0, spinner_start(&spinners[2], variant->path, RFLAGS_IF));
	for (i = 0; i < ARRAY_SIZE(spinners); i++)
		ASSERT_EQ(0, spinner_bind(&spinners[i], CPU));
	for (i = 0; i < ARRAY_SIZE(spinners); i++)
		EXPECT_TRUE(spinner_advances(&spinners[i]));
	for (i = 0; i < ARRAY_SIZE(spinners); i++)
		EXPECT_EQ(0, spinner_stop(&spinners[i]));
}

TEST_HARNESS_MAIN
