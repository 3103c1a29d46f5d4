// SPDX-License-Identifier: GPL-2.0
/*
 * Getting a vCPU out of RUN: immediate_exit, signals, SIGKILL; from guests that
 * never exit by themselves, in all the ways there are to do so.
 *
 * Breakage it catches: a signal that is not looked for, an IO that is lost when
 * RUN is interrupted, a guest that owns the CPU (the test hangs and the harness
 * ends it), a thread that cannot be killed.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#include "devices.h"
#include "guest_code.h"
#include "vm.h"

#define KVM_INTERNAL_ERROR_SIMUL_EX	2

DEVICE_FIXTURE(signals) {
	struct vm vm;
	struct minivmx_run *run;
	int vcpu;
};

DEVICE_FIXTURE_SETUP(signals)
{
	ASSERT_EQ(0, vm_open(&self->vm, variant->path));
	self->run = self->vm.run;
	self->vcpu = self->vm.vcpu;
}

FIXTURE_TEARDOWN(signals)
{
	vm_close(&self->vm);
}

/* ------------------------- immediate_exit -------------------------------- */

GUEST_CODE(16, in_and_halt,
	   "in	$0x10, %al\n"
	   "hlt\n");

TEST_DEVICE(signals, immediate_exit)
{
	struct minivmx_regs regs;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(in_and_halt)));
	self->run->immediate_exit = 1;
	EXPECT_EQ(-EINTR, vm_run(self->vcpu));
	EXPECT_EQ(-EINTR, vm_run(self->vcpu));
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	EXPECT_EQ(VM_ENTRY, regs.rip);
	self->run->immediate_exit = 0;
	ASSERT_EQ(0, vm_run(self->vcpu));
	EXPECT_EQ(MINIVMX_EXIT_IO, self->run->exit_reason);
}

/* What the last exit left open is finished all the same, and once only. */
TEST_DEVICE(signals, immediate_exit_completes)
{
	struct minivmx_regs regs;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(in_and_halt)));
	ASSERT_EQ(0, vm_run(self->vcpu));
	*(uint8_t *)vm_io_data(self->run) = 0x7e;
	self->run->immediate_exit = 1;
	EXPECT_EQ(-EINTR, vm_run(self->vcpu));
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	EXPECT_EQ(VM_ENTRY + 2, regs.rip);
	EXPECT_EQ(0x7e, regs.rax);

	*(uint8_t *)vm_io_data(self->run) = 0x11;
	self->run->immediate_exit = 0;
	ASSERT_EQ(0, vm_run(self->vcpu));
	EXPECT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	EXPECT_EQ(0x7e, regs.rax);
}

/* ------------------------- signals --------------------------------------- */

static volatile sig_atomic_t ticks;

static void tick(int number)
{
	ticks++;
}

/* SIGALRM again and again: one that comes before RUN has started is no loss. */
static void start_ticking(struct __test_metadata *_metadata)
{
	const struct sigaction action = { .sa_handler = tick };
	const struct itimerval timer = {
		.it_value.tv_usec = 20000,
		.it_interval.tv_usec = 20000,
	};

	ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &timer, NULL));
}

static void stop_ticking(void)
{
	const struct itimerval off = {};

	setitimer(ITIMER_REAL, &off, NULL);
}

/* Whatever the guest does, a signal gets the caller out, several times. */
static void expect_interrupted(struct __test_metadata *_metadata, struct vm *vm)
{
	int i;

	start_ticking(_metadata);
	for (i = 0; i < 3; i++) {
		vm->run->exit_reason = MINIVMX_EXIT_UNKNOWN;
		ASSERT_EQ(-EINTR, vm_run(vm->vcpu)) {
			TH_LOG("exit reason %u", vm->run->exit_reason);
		}
		EXPECT_EQ(MINIVMX_EXIT_INTR, vm->run->exit_reason);
	}
	stop_ticking();
	EXPECT_LT(0, ticks);
}

/* Counts until the test writes to 0x3000. */
GUEST_CODE(16, spin,
	   "spinning:\n"
	   "inc	%ecx\n"
	   "cmpb	$0, 0x3000\n"
	   "je	spinning\n"
	   "hlt\n");

static void spin_and_go_on(struct __test_metadata *_metadata, struct vm *vm,
			   uint64_t rflags)
{
	struct minivmx_regs regs;

	ASSERT_EQ(0, vm_load(vm, CODE(spin)));
	ASSERT_EQ(0, vm_enter_at(vm->vcpu, VM_ENTRY, rflags));
	expect_interrupted(_metadata, vm);
	EXPECT_EQ(!!rflags, vm->run->if_flag);
	ASSERT_EQ(0, vm_get_regs(vm->vcpu, &regs));
	EXPECT_LT(0, regs.rcx);
	vm->memory[0x3000] = 1;
	ASSERT_EQ(0, vm_run(vm->vcpu));
	EXPECT_EQ(MINIVMX_EXIT_HLT, vm->run->exit_reason);
}

TEST_DEVICE(signals, spin)
{
	spin_and_go_on(_metadata, &self->vm, RFLAGS_IF);
}

/*
 * The guest's IF has no say in the host's interrupts. In Bochs it has: there
 * nothing gets KVM's guest out, and only the preemption timer minivmx's.
 */
TEST_DEVICE(signals, spin_without_if)
{
	if (!variant->minivmx)
		SKIP(return, "KVM has no timer here, and Bochs holds the host's interrupts back");
	spin_and_go_on(_metadata, &self->vm, 0);
}

/* A signal that is pending already: the guest is not even entered. */
TEST_DEVICE(signals, pending)
{
	const struct sigaction action = { .sa_handler = tick };
	struct minivmx_regs regs;
	sigset_t set, old;

	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	ASSERT_EQ(0, vm_load(&self->vm, CODE(in_and_halt)));
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	ASSERT_EQ(0, sigprocmask(SIG_BLOCK, &set, &old));
	ASSERT_EQ(0, raise(SIGUSR1));
	/* Blocked, it is none of RUN's business. */
	ASSERT_EQ(0, vm_run(self->vcpu));
	EXPECT_EQ(MINIVMX_EXIT_IO, self->run->exit_reason);
	ASSERT_EQ(0, sigprocmask(SIG_SETMASK, &old, NULL));
	EXPECT_EQ(1, ticks);
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	EXPECT_EQ(VM_ENTRY, regs.rip);
}

/* ------------------------- guests that do their worst -------------------- */

/* Single steps without end: a #DB after each instruction. */
GUEST_CODE(16, step_forever,
	   "mov	$0x7000, %sp\n"
	   "pushw	$0x302\n"		/* TF, IF */
	   "popf\n"
	   "stepping:\n"
	   "jmp	stepping\n"
	   ".org step_forever + 0x100\n"
	   "iret\n");

TEST_DEVICE(signals, debug_exceptions)
{
	const uint16_t vector[2] = { VM_ENTRY + 0x100, 0 };

	ASSERT_EQ(0, vm_load(&self->vm, CODE(step_forever)));
	memcpy(self->vm.memory + 4 * 1, vector, sizeof(vector));
	expect_interrupted(_metadata, &self->vm);
}

/*
 * #AC while #AC is being delivered, without end (CVE-2015-5307): at level 3
 * with AC set, the stack is not aligned, and the handler is at level 3 too.
 */
GUEST_CODE(32, alignment,
	   "mov	0x3001, %eax\n"
	   "hlt\n"
	   ".balign 8\n"
	   "alignment_gdt:\n"
	   ".quad 0\n"
	   ".quad 0x00cffb000000ffff\n"	/* 8: code, flat, level 3 */
	   ".quad 0x00cff3000000ffff\n");	/* 16: data */

TEST_DEVICE(signals, alignment_checks)
{
	const uint64_t gate = 0x0000ee00000b0000 | VM_ENTRY;	/* to 8, RPL 3 */
	struct minivmx_regs regs = {
		.rip = VM_ENTRY,
		.rsp = 0x7001,
		.rflags = RFLAGS_FIXED | RFLAGS_IF | RFLAGS_AC,
	};
	struct minivmx_sregs sregs;
	int i;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(alignment)));
	for (i = 0; i < 32; i++)
		memcpy(self->vm.memory + 0x4000 + 8 * i, &gate, sizeof(gate));
	ASSERT_EQ(0, vm_get_sregs(self->vcpu, &sregs));
	vm_flat_segments(&sregs, 3);
	sregs.cr0 |= CR0_AM;
	sregs.idt.base = 0x4000;
	sregs.idt.limit = 0xff;
	sregs.gdt.base = VM_ENTRY + (alignment_end - alignment) - 24;
	sregs.gdt.limit = 23;
	ASSERT_EQ(0, vm_set_sregs(self->vcpu, &sregs));
	ASSERT_EQ(0, vm_set_regs(self->vcpu, &regs));
	if (variant->minivmx) {
		expect_interrupted(_metadata, &self->vm);
		return;
	}
	/* KVM does not go on after an exception in the delivery of another. */
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_INTERNAL_ERROR, self->run->exit_reason);
	EXPECT_EQ(KVM_INTERNAL_ERROR_SIMUL_EX, self->run->internal.suberror);
}

/* Exits that the kernel answers, without end. */
GUEST_CODE(16, cpuid_forever,
	   "sti\n"
	   "asking:\n"
	   "cpuid\n"
	   "jmp	asking\n");

TEST_DEVICE(signals, exits_without_end)
{
	ASSERT_EQ(0, vm_load(&self->vm, CODE(cpuid_forever)));
	expect_interrupted(_metadata, &self->vm);
}

/* ------------------------- SIGKILL --------------------------------------- */

/* Two vCPUs, two threads: none of them comes back. */
static void *run_for_ever(void *arg)
{
	for (;;)
		vm_run(*(int *)arg);
	return NULL;
}

static int spin_in_threads(const char *path)
{
	pthread_t thread;
	struct vm vm;
	int second;

	if (vm_open(&vm, path) || vm_load(&vm, CODE(spin)))
		return 1;
	second = vm_ioctl(vm.fd, MINIVMX_CREATE_VCPU, 1);
	if (second < 0 || vm_enter_at(vm.vcpu, VM_ENTRY, RFLAGS_IF) ||
	    vm_enter_at(second, VM_ENTRY, RFLAGS_IF))
		return 2;
	if (pthread_create(&thread, NULL, run_for_ever, &second))
		return 3;
	run_for_ever(&vm.vcpu);
	return 4;
}

TEST_DEVICE(signals, kill)
{
	const struct timespec pause = { .tv_nsec = 50000000 };
	int status;
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(spin_in_threads(variant->path));
	nanosleep(&pause, NULL);
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_TRUE(WIFSIGNALED(status)) {
		TH_LOG("it ended by itself: %#x", status);
	}
	EXPECT_EQ(SIGKILL, WTERMSIG(status));
}

TEST_HARNESS_MAIN
