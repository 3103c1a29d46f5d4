// SPDX-License-Identifier: GPL-2.0
/*
 * How much of a machine one user can take.
 *
 * Breakage it catches: a limit that is not kept, one that outlives what it counted,
 * one that holds for root.
 */
#include <stdio.h>
#include <sys/wait.h>

#include "devices_open.h"
#include "number_in.h"
#include "vm.h"

#define MAX_VMS	"/sys/module/minivmx/parameters/max_vms"

FIXTURE(limits) {
	mode_t mode;
	long max;
};

static int write_number(const char *path, long number)
{
	FILE *file = fopen(path, "w");

	if (!file)
		return -1;
	fprintf(file, "%ld", number);
	return fclose(file);
}

/* As a user without privileges: 0, or the number of the step that went wrong. */
static int user_of_three(void)
{
	int dev, vm[4], vcpu, i;

	if (setgid(NOBODY) || setuid(NOBODY))
		return 1;
	dev = open(MINIVMX_PATH, O_RDWR);
	if (dev < 0)
		return 2;
	for (i = 0; i < 3; i++) {
		vm[i] = ioctl(dev, MINIVMX_CREATE_VM, 0);
		if (vm[i] < 0)
			return 3;
	}
	vm[3] = ioctl(dev, MINIVMX_CREATE_VM, 0);
	if (vm[3] != -1 || errno != EMFILE)
		return 4;
	/* A VM lives as long as its vCPUs do. */
	vcpu = ioctl(vm[2], MINIVMX_CREATE_VCPU, 0);
	if (vcpu < 0 || close(vm[2]))
		return 5;
	if (ioctl(dev, MINIVMX_CREATE_VM, 0) != -1 || errno != EMFILE)
		return 6;
	if (close(vcpu))
		return 7;
	return ioctl(dev, MINIVMX_CREATE_VM, 0) < 0 ? 8 : 0;
}

FIXTURE_SETUP(limits)
{
	device_need(_metadata, MINIVMX_PATH);
	self->max = number_in(MAX_VMS, "%ld");
	ASSERT_LT(0, self->max);
	self->mode = device_mode(_metadata, MINIVMX_PATH, 0666);
}

FIXTURE_TEARDOWN(limits)
{
	EXPECT_EQ(0, write_number(MAX_VMS, self->max));
	device_mode(_metadata, MINIVMX_PATH, self->mode);
}

TEST_F_TIMEOUT(limits, vms_of_a_user, TIMEOUT)
{
	int status, dev, i;
	pid_t child;

	ASSERT_EQ(0, write_number(MAX_VMS, 3));
	child = fork();
	if (!child)
		_exit(user_of_three());
	EXPECT_EQ(child, waitpid(child, &status, 0));
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(0, WEXITSTATUS(status));

	/* Who may do as he likes is not kept from it. */
	dev = open(MINIVMX_PATH, O_RDWR);
	EXPECT_LE(0, dev);
	for (i = 0; i < 5; i++)
		EXPECT_LE(0, ioctl(dev, MINIVMX_CREATE_VM, 0));
}

TEST_HARNESS_MAIN
