// SPDX-License-Identifier: GPL-2.0
/*
 * Who may run guests: whoever may open the device, and nobody else. No other
 * privilege counts, neither a capability nor a uid.
 *
 * Breakage it catches: an ioctl that asks for a capability, a device that root
 * has to hand out one by one, a refusal that does not say what to do.
 */
#include <grp.h>

#include "devices_open.h"
#include "vmrun.h"

/* A group of the test's own; no udev gives the device one here. */
#define GROUP	1234

static const struct guest_run hello = {
	.guest = "hello.bin", .output = "Hello, world!\n", .uid = NOBODY,
};

DEVICE_FIXTURE(permission) {
	char device[64];
	struct stat before;
};

DEVICE_FIXTURE_SETUP(permission)
{
	snprintf(self->device, sizeof(self->device), "--device=%s", variant->path);
	ASSERT_EQ(0, stat(variant->path, &self->before));
}

FIXTURE_TEARDOWN(permission)
{
	ASSERT_EQ(0, chown(variant->path, self->before.st_uid, self->before.st_gid));
	device_mode(_metadata, variant->path, self->before.st_mode & 07777);
}

TEST_DEVICE(permission, others_may)
{
	char messages[MAX_OUTPUT];

	device_mode(_metadata, variant->path, 0666);
	vmrun_expect(_metadata, self->device, &hello, messages);
	EXPECT_STREQ("", messages);
}

TEST_DEVICE(permission, others_may_not)
{
	const struct guest_run run = {
		.guest = "hello.bin", .uid = NOBODY, .status = STATUS_HOST,
		.says = ": Permission denied (",
	};
	char messages[MAX_OUTPUT];

	ASSERT_EQ(0, setgroups(0, NULL));
	device_mode(_metadata, variant->path, 0660);
	vmrun_expect(_metadata, self->device, &run, messages);
	EXPECT_NE(NULL, strstr(messages, "group"));
	EXPECT_EQ(strlen(messages) - 1, strcspn(messages, "\n"));
}

/* As 60-minivmx.rules sets it: the group is enough. */
TEST_DEVICE(permission, group_may)
{
	const gid_t group = GROUP;
	char messages[MAX_OUTPUT];

	device_mode(_metadata, variant->path, 0660);
	ASSERT_EQ(0, chown(variant->path, 0, GROUP));
	ASSERT_EQ(0, setgroups(1, &group));
	vmrun_expect(_metadata, self->device, &hello, messages);
	EXPECT_STREQ("", messages);
	ASSERT_EQ(0, setgroups(0, NULL));
}

TEST_HARNESS_MAIN
