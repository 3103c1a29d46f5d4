// SPDX-License-Identifier: GPL-2.0
/*
 * A process gives up its VM at the worst moment: while a guest runs, in every
 * order of descriptors and mappings, and ends in different ways.
 *
 * Breakage it catches: what a running vCPU needs, freed under it; a process that
 * does not end; a module that stays in use; and what KASAN and kmemleak see in the
 * debug kernel. A VM that leaks is leak_test's.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include "devices.h"
#include "guest_code.h"
#include "number_in.h"
#include "vm.h"

#define REFERENCES	"/sys/module/minivmx/refcnt"

/* Exits to the owner, touches memory, and spins in between; IF is 1. */
GUEST_CODE(16, busy,
	   "again:\n"
	   "mov	$500, %cx\n"
	   "1:\n"
	   "loop	1b\n"
	   "incw	0x3000\n"
	   "incw	0x8000\n"
	   "mov	$0x3000, %si\n"
	   "mov	$8, %cx\n"
	   "rep outsb\n"
	   "out	%al, $0x10\n"
	   "jmp	again\n");

DEVICE_FIXTURE(teardown) {
	long references;
};

DEVICE_FIXTURE_SETUP(teardown)
{
	self->references = number_in(REFERENCES, "%ld");
}

FIXTURE_TEARDOWN(teardown)
{
}

/* ------------------------- in the child ---------------------------------- */

static void *run_for_ever(void *arg)
{
	int vcpu = *(int *)arg;

	/* Descriptor closed: EBADF; memory gone: EFAULT. It goes on all the same. */
	for (;;)
		vm_run(vcpu);
	return NULL;
}

static void close_device(struct vm *vm)
{
	close(vm->dev);
}

static void close_vm(struct vm *vm)
{
	close(vm->fd);
}

static void close_vcpu(struct vm *vm)
{
	close(vm->vcpu);
}

static void unmap_run(struct vm *vm)
{
	munmap(vm->run, vm->run_size);
}

static void unmap_memory(struct vm *vm)
{
	munmap(vm->memory, VM_MEMORY);
}

static void (*const acts[])(struct vm *vm) = {
	close_device, close_vm, close_vcpu, unmap_run, unmap_memory,
};

#define NR_ACTS		5
#define NR_ORDERS	120

/* Permutation number @n of the acts. */
static void act_in_order(struct vm *vm, unsigned int n)
{
	unsigned int left[NR_ACTS] = { 0, 1, 2, 3, 4 }, i, j, count = NR_ACTS;

	for (i = 0; i < NR_ACTS; i++, count--) {
		unsigned int which = n % count;

		n /= count;
		acts[left[which]](vm);
		sched_yield();
		for (j = which; j + 1 < count; j++)
			left[j] = left[j + 1];
	}
}

/* A slot that is changed again and again, until the process ends. */
static void *change_slots(void *arg)
{
	struct vm *vm = arg;
	void *page = vm_pages(PAGE);

	for (;;) {
		vm_region(vm->fd, 1, 0x20000, PAGE, page);
		vm_region(vm->fd, 1, 0x20000, 0, NULL);
	}
	return NULL;
}

enum ending { BY_EXIT, BY_KILL, BY_EXEC, NR_ENDINGS };

static void end(enum ending how)
{
	switch (how) {
	case BY_KILL:
		kill(getpid(), SIGKILL);
		break;
	case BY_EXEC:
		execl("/bin/busybox", "busybox", "true", NULL);
		break;
	default:
		break;
	}
	_exit(how == BY_EXEC);
}

static void child(const char *path, unsigned int order, enum ending how, bool slots)
{
	static struct vm vm;
	pthread_t thread;

	if (vm_open(&vm, path) || vm_load(&vm, CODE(busy)) ||
	    vm_enter_at(vm.vcpu, VM_ENTRY, RFLAGS_IF) || vm_run(vm.vcpu) ||
	    pthread_create(&thread, NULL, run_for_ever, &vm.vcpu) ||
	    (slots && pthread_create(&thread, NULL, change_slots, &vm)))
		_exit(2);
	sched_yield();
	if (slots)
		usleep(1000 * (order % 8));
	else
		act_in_order(&vm, order);
	end(how);
}

/* ------------------------- in the parent --------------------------------- */

static void expect_end(struct __test_metadata *_metadata, const char *path,
		       unsigned int order, enum ending how, bool slots)
{
	int status;
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		child(path, order, how, slots);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	if (how == BY_KILL) {
		ASSERT_TRUE(WIFSIGNALED(status));
		ASSERT_EQ(SIGKILL, WTERMSIG(status));
	} else {
		ASSERT_TRUE(WIFEXITED(status));
		ASSERT_EQ(0, WEXITSTATUS(status));
	}
}

/* Nobody uses the module, and it works. */
static void expect_nothing_left(struct __test_metadata *_metadata,
				FIXTURE_DATA(teardown) *self,
				const FIXTURE_VARIANT(teardown) *variant)
{
	struct vm vm;
	int tries;

	if (variant->minivmx) {
		/* What a process closes at its end may be closed a little later. */
		for (tries = 0; number_in(REFERENCES, "%ld") != self->references &&
		     tries < 10000; tries++)
			usleep(1000);
		ASSERT_EQ(self->references, number_in(REFERENCES, "%ld"));
	}
	ASSERT_EQ(0, vm_open(&vm, variant->path));
	ASSERT_EQ(0, vm_load(&vm, CODE(busy)));
	ASSERT_EQ(0, vm_run(vm.vcpu));
	ASSERT_EQ(MINIVMX_EXIT_IO, vm.run->exit_reason);
	vm_close(&vm);
}

/* MINIVMX_CYCLES in the environment makes it shorter, as in leak_test. */
static unsigned int step_of_orders(void)
{
	return getenv("MINIVMX_CYCLES") ? 7 : 1;
}

TEST_DEVICE(teardown, every_order)
{
	unsigned int order, how = 0;

	for (order = 0; order < NR_ORDERS; order += step_of_orders(), how++)
		expect_end(_metadata, variant->path, order, how % NR_ENDINGS, false);
	expect_nothing_left(_metadata, self, variant);
}

TEST_DEVICE(teardown, while_slots_change)
{
	unsigned int i;

	for (i = 0; i < 12; i++)
		expect_end(_metadata, variant->path, i, i % NR_ENDINGS, true);
	expect_nothing_left(_metadata, self, variant);
}

TEST_HARNESS_MAIN
