// SPDX-License-Identifier: GPL-2.0
/*
 * Several vCPUs and several threads: vCPUs that wait for each other, one vCPU
 * that is run by two threads in turn, on one CPU after the other.
 *
 * Breakage it catches: state of one vCPU that leaks into another one or stays
 * behind on a CPU, EPT entries that another CPU still caches, RUN of two
 * threads at once that is not serialised.
 */
#include <pthread.h>
#include <sched.h>

#include "devices.h"
#include "guest_code.h"
#include "vm.h"

DEVICE_FIXTURE(smp) {
	struct vm vm;
};

DEVICE_FIXTURE_SETUP(smp)
{
	ASSERT_EQ(0, vm_open(&self->vm, variant->path));
}

FIXTURE_TEARDOWN(smp)
{
	vm_close(&self->vm);
}

/* Pin the calling thread to CPU @n, counted modulo those that there are. */
static void pin(int n)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(n % sysconf(_SC_NPROCESSORS_ONLN), &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* A thread that runs a vCPU once. */
struct runner {
	pthread_t thread;
	int vcpu;
	int cpu;
	int ret;
};

static void *run_once(void *arg)
{
	struct runner *runner = arg;

	pin(runner->cpu);
	runner->ret = vm_run(runner->vcpu);
	return NULL;
}

/*
 * Ball over the net: %al is this player's turn, 0 or 1. After 20 turns all
 * is over. IF is 1, so that every emulator lets the other one play.
 */
GUEST_CODE(16, play,
	   "sti\n"
	   "playing:\n"
	   "cmp	%al, 0x3000\n"
	   "jne	playing\n"
	   "incw	0x3002\n"
	   "xorb	$1, 0x3000\n"
	   "dec	%cx\n"
	   "jnz	playing\n"
	   "hlt\n");

TEST_DEVICE(smp, two_vcpus)
{
	struct runner runners[2];
	struct minivmx_run *run;
	struct minivmx_regs regs;
	int i;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(play)));
	for (i = 0; i < 2; i++) {
		runners[i].vcpu = i ? vm_ioctl(self->vm.fd, MINIVMX_CREATE_VCPU, i) :
				      self->vm.vcpu;
		runners[i].cpu = i;
		ASSERT_LE(0, runners[i].vcpu);
		ASSERT_EQ(0, vm_enter_at(runners[i].vcpu, VM_ENTRY, RFLAGS_IF));
		ASSERT_EQ(0, vm_get_regs(runners[i].vcpu, &regs));
		regs.rax = i;
		regs.rcx = 10;
		ASSERT_EQ(0, vm_set_regs(runners[i].vcpu, &regs));
	}
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&runners[i].thread, NULL, run_once,
					    &runners[i]));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, pthread_join(runners[i].thread, NULL));
		EXPECT_EQ(0, runners[i].ret);
		run = vm_map_run(runners[i].vcpu, self->vm.run_size);
		ASSERT_NE(MAP_FAILED, (void *)run);
		EXPECT_EQ(MINIVMX_EXIT_HLT, run->exit_reason);
		ASSERT_EQ(0, vm_get_regs(runners[i].vcpu, &regs));
		EXPECT_EQ(i, regs.rax);
		EXPECT_EQ(0, regs.rcx);
	}
	EXPECT_EQ(20, *(uint16_t *)(self->vm.memory + 0x3002));
}

/* Counts exits in %cx and in memory; %xmm0 goes along. */
GUEST_CODE(16, count,
	   "counting:\n"
	   "inc	%cx\n"
	   "incw	0x3000\n"
	   "out	%ax, $0x10\n"
	   "jmp	counting\n");

/* One after the other, each on its own CPU if there are two. */
TEST_DEVICE(smp, one_vcpu_two_threads)
{
	struct runner runner = { .vcpu = self->vm.vcpu };
	struct minivmx_regs regs;
	int i;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(count)));
	for (i = 0; i < 20; i++) {
		runner.cpu = i;
		runner.ret = -1;
		ASSERT_EQ(0, pthread_create(&runner.thread, NULL, run_once, &runner));
		ASSERT_EQ(0, pthread_join(runner.thread, NULL));
		ASSERT_EQ(0, runner.ret);
		ASSERT_EQ(MINIVMX_EXIT_IO, self->vm.run->exit_reason);
	}
	ASSERT_EQ(0, vm_get_regs(self->vm.vcpu, &regs));
	EXPECT_EQ(20, regs.rcx);
	EXPECT_EQ(20, *(uint16_t *)(self->vm.memory + 0x3000));
}

#define RUNS	200

static void *run_often(void *arg)
{
	struct runner *runner = arg;
	int i;

	pin(runner->cpu);
	for (i = 0; i < RUNS && !runner->ret; i++)
		runner->ret = vm_run(runner->vcpu);
	return NULL;
}

/* At the same time: each RUN still takes the guest one exit further. */
TEST_DEVICE(smp, threads_compete)
{
	struct runner runners[2];
	struct minivmx_regs regs;
	int i;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(count)));
	for (i = 0; i < 2; i++) {
		runners[i] = (struct runner) { .vcpu = self->vm.vcpu, .cpu = i };
		ASSERT_EQ(0, pthread_create(&runners[i].thread, NULL, run_often,
					    &runners[i]));
	}
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, pthread_join(runners[i].thread, NULL));
		EXPECT_EQ(0, runners[i].ret);
	}
	ASSERT_EQ(0, vm_get_regs(self->vm.vcpu, &regs));
	EXPECT_EQ(2 * RUNS, regs.rcx);
	EXPECT_EQ(2 * RUNS, *(uint16_t *)(self->vm.memory + 0x3000));
}

/*
 * A page is replaced while this CPU and the other one have it cached: both must
 * see the new one.
 */
GUEST_CODE(16, look,
	   "mov	$0x2000, %ax\n"
	   "mov	%ax, %ds\n"
	   "looking:\n"
	   "mov	0, %eax\n"
	   "out	%eax, $0x10\n"
	   "jmp	looking\n");

TEST_DEVICE(smp, page_replaced)
{
	struct runner runner = { .vcpu = self->vm.vcpu };
	uint32_t *page[2];
	int i;

	for (i = 0; i < 2; i++) {
		page[i] = vm_pages(PAGE);
		ASSERT_NE(MAP_FAILED, (void *)page[i]);
		page[i][0] = 0x1111 * (i + 1);
	}
	ASSERT_EQ(0, vm_load(&self->vm, CODE(look)));
	for (i = 0; i < 12; i++) {
		/* Every third time there is another page. */
		if (i % 3 == 0) {
			if (i) {
				ASSERT_EQ(0, vm_region(self->vm.fd, 1, 0, 0, NULL));
			}
			ASSERT_EQ(0, vm_region(self->vm.fd, 1, 0x20000, PAGE,
					       page[i / 3 % 2]));
		}
		runner.cpu = i;
		ASSERT_EQ(0, pthread_create(&runner.thread, NULL, run_once, &runner));
		ASSERT_EQ(0, pthread_join(runner.thread, NULL));
		ASSERT_EQ(0, runner.ret);
		ASSERT_EQ(MINIVMX_EXIT_IO, self->vm.run->exit_reason);
		EXPECT_EQ(page[i / 3 % 2][0],
			  *(uint32_t *)vm_io_data(self->vm.run)) {
			TH_LOG("look %d", i);
		}
	}
}

TEST_HARNESS_MAIN
