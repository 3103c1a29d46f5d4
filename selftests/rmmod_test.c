// SPDX-License-Identifier: GPL-2.0
/*
 * The module is unloaded and loaded again, as fast as it goes, while another process
 * makes VMs and runs them. Each of the two is refused or gets all that it asked for.
 *
 * Breakage it catches: a VM without a module, a module that goes while somebody is on
 * the way in, one that stays although nobody uses it.
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "devices.h"
#include "guest_code.h"
#include "number_in.h"
#include "vm.h"

#define MODULE		"minivmx.ko"	/* where run.sh starts us */
#define USERS		"/sys/module/minivmx/refcnt"

/* How often it has to go, and to stay; MINIVMX_RMMODS changes it. */
#define ROUNDS_DEFAULT	50

/**
 * struct rivals - what both sides have counted
 * @lives: VMs that were made, run and closed
 * @absences: times that there was no device
 * @over: the other side is to end
 */
struct rivals {
	volatile long lives;
	volatile long absences;
	volatile bool over;
};

FIXTURE(rmmod) {
	struct rivals *rivals;
	pid_t child;
	int module;
	long rounds;
};

static int load(int module)
{
	return syscall(SYS_finit_module, module, "", 0) ? -errno : 0;
}

static int unload(void)
{
	return syscall(SYS_delete_module, "minivmx", O_NONBLOCK) ? -errno : 0;
}

FIXTURE_SETUP(rmmod)
{
	const char *rounds = getenv("MINIVMX_RMMODS");

	device_need(_metadata, MINIVMX_PATH);
	self->rounds = rounds ? atol(rounds) : ROUNDS_DEFAULT;
	ASSERT_LT(0, self->rounds);
	self->module = open(MODULE, O_RDONLY | O_CLOEXEC);
	if (self->module < 0)
		SKIP(longjmp(_metadata->env, 1), MODULE ": %s", strerror(errno));
	self->rivals = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			    -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->rivals);
}

FIXTURE_TEARDOWN(rmmod)
{
	if (self->child > 0) {
		kill(self->child, SIGKILL);
		waitpid(self->child, NULL, 0);
	}
	/* The tests after this one want it. */
	if (access(MINIVMX_PATH, F_OK))
		load(self->module);
}

GUEST_CODE(16, halt,
	   "incw	0x3000\n"
	   "hlt\n");

/* Return: 0, or the number of what went wrong. */
static int live(struct rivals *rivals)
{
	struct vm vm;
	int ret, fd;

	while (!rivals->over) {
		/* The device alone holds the module, too. */
		fd = open(MINIVMX_PATH, O_RDWR | O_CLOEXEC);
		sched_yield();
		if (fd >= 0 && vm_ioctl(fd, MINIVMX_GET_API_VERSION, 0) < 0)
			return 5;
		close(fd);
		ret = vm_open(&vm, MINIVMX_PATH);
		if (ret == -ENOENT || ret == -ENODEV || ret == -ENXIO) {
			rivals->absences++;
			sched_yield();
			continue;
		}
		if (ret)
			return 1;
		if (vm_load(&vm, CODE(halt)))
			return 2;
		sched_yield();
		if (vm_run(vm.vcpu) || vm.run->exit_reason != MINIVMX_EXIT_HLT)
			return 3;
		if (vm.memory[0x3000] != 1)
			return 4;
		vm_close(&vm);
		/* Sometimes there is a moment in which nobody has it open. */
		usleep(rivals->lives++ % 4 * 100);
	}
	return 0;
}

TEST_F_TIMEOUT(rmmod, race, TIMEOUT)
{
	long removed = 0, refused = 0;
	int status, ret;

	self->child = fork();
	ASSERT_LE(0, self->child);
	if (!self->child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(live(self->rivals));
	}
	while (removed < self->rounds || refused < self->rounds ||
	       self->rivals->lives < self->rounds) {
		ret = unload();
		if (!ret) {
			removed++;
			sched_yield();
			ASSERT_EQ(0, load(self->module));
		} else {
			ASSERT_EQ(-EWOULDBLOCK, ret);
			refused++;
		}
		sched_yield();
		ASSERT_EQ(0, waitpid(self->child, &status, WNOHANG)) {
			TH_LOG("the other side has ended: %#x", status);
		}
	}
	self->rivals->over = true;
	ASSERT_EQ(self->child, waitpid(self->child, &status, 0));
	self->child = 0;
	EXPECT_EQ(0, status);
	EXPECT_EQ(0, number_in(USERS, "%ld"));
	TH_LOG("unloaded %ld times, refused %ld times; %ld VMs, %ld times no device",
	       removed, refused, self->rivals->lives, self->rivals->absences);
}

TEST_HARNESS_MAIN
