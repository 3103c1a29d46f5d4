// SPDX-License-Identifier: GPL-2.0
/*
 * Who may run guests: whoever may open the device, and nobody else. No other
 * privilege counts, neither a capability nor a uid.
 *
 * Breakage it catches: an ioctl that asks for a capability, a refusal that does
 * not say what to do, an address of the host's memory in the hands of a user.
 */
#include <grp.h>

#include "devices_open.h"
#include "guest_code.h"
#include "vm.h"
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
	EXPECT_EQ(0, chown(variant->path, self->before.st_uid, self->before.st_gid));
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

GUEST_CODE(16, halt, "hlt\n");

/* Bits 51:12 of an entry. */
#define EPT_ADDRESS	0x000ffffffffff000ULL

static __u64 addresses(const struct minivmx_ept_walk *walk)
{
	return (walk->pointer | walk->entries[0] | walk->entries[1] | walk->entries[2] |
		walk->entries[3]) & EPT_ADDRESS;
}

/* Where the host's memory lies, root may know, and nobody else. */
TEST_DEVICE(permission, addresses)
{
	struct minivmx_ept_walk walk = { .guest_phys_addr = VM_ENTRY };
	struct vm vm;

	if (!variant->minivmx)
		SKIP(return, "KVM has no such ioctl");
	ASSERT_EQ(0, vm_open(&vm, variant->path));
	ASSERT_EQ(0, vm_load(&vm, CODE(halt)));
	ASSERT_EQ(0, vm_run(vm.vcpu));
	ASSERT_EQ(0, vm_ioctl_p(vm.fd, MINIVMX_EPT_WALK, &walk));
	EXPECT_NE(0, addresses(&walk));

	/* The way back to root stays open. */
	ASSERT_EQ(0, setresuid(NOBODY, NOBODY, 0));
	ASSERT_EQ(0, vm_ioctl_p(vm.fd, MINIVMX_EPT_WALK, &walk));
	ASSERT_EQ(0, setresuid(0, 0, 0));
	EXPECT_EQ(0, addresses(&walk));
	EXPECT_NE(0, walk.entries[0]);
	EXPECT_NE(0, walk.pointer);
	vm_close(&vm);
}

TEST_HARNESS_MAIN
