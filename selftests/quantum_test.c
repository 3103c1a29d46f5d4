// SPDX-License-Identifier: GPL-2.0
/*
 * Quanta: a guest that has had so much time in guest mode comes back, and what it
 * used is counted to the step, whatever happened in between.
 *
 * Breakage it catches: time that is counted twice, not at all, or in the host; a
 * quantum that begins anew with each window, exit, CPU or signal; one that is in
 * force without having been asked for.
 */
#include <sched.h>
#include <signal.h>
#include <sys/time.h>

#include "devices.h"
#include "guest_code.h"
#include "vm.h"

#define LENGTH		100000ULL	/* TSC ticks; many steps of any timer */
#define NO_SUCH		0x8000000000000000ULL

GUEST_CODE(16, spin,
	   "spinning:\n"
	   "incl	0x3000\n"
	   "jmp	spinning\n");
GUEST_CODE(16, out,
	   "outing:\n"
	   "out	%al, $0x10\n"
	   "jmp	outing\n");
GUEST_CODE(16, cpuid,
	   "asking:\n"
	   "cpuid\n"
	   "incl	0x3000\n"
	   "jmp	asking\n");
GUEST_CODE(16, halt,
	   "halting:\n"
	   "hlt\n"
	   "jmp	halting\n");

FIXTURE(quantum) {
	struct vm vm;
	int vcpu;
};

FIXTURE_SETUP(quantum)
{
	device_need(_metadata, MINIVMX_PATH);
	ASSERT_EQ(0, vm_open(&self->vm, MINIVMX_PATH));
	self->vcpu = self->vm.vcpu;
}

FIXTURE_TEARDOWN(quantum)
{
	vm_close(&self->vm);
}

/*
 * Under a hypervisor, an entry and an exit take tens of thousands of ticks, during which
 * the timer runs: short times have to be longer there, for the guest to get on.
 */
static uint64_t scaled(uint64_t ticks, unsigned int factor)
{
	unsigned int eax = 1, ebx, ecx, edx;

	asm volatile("cpuid" : "+a" (eax), "=b" (ebx), "=c" (ecx), "=d" (edx));
	return ecx & 1U << 31 ? ticks * factor : ticks;
}

static int set(int vcpu, uint64_t ticks)
{
	return vm_ioctl_p(vcpu, MINIVMX_SET_QUANTUM, &ticks);
}

static struct minivmx_quantum get(struct __test_metadata *_metadata, int vcpu)
{
	struct minivmx_quantum quantum;

	memset(&quantum, 0xff, sizeof(quantum));
	EXPECT_EQ(0, vm_ioctl_p(vcpu, MINIVMX_GET_QUANTUM, &quantum));
	return quantum;
}

/* Runs to the end of the quantum. Return: how often MINIVMX_RUN ended before. */
static unsigned int run_quantum(struct __test_metadata *_metadata,
				FIXTURE_DATA(quantum) *self, uint32_t other)
{
	unsigned int others = 0;
	int ret;

	for (;;) {
		ret = vm_run(self->vcpu);
		if (ret == -EINTR) {
			others++;
			continue;
		}
		ASSERT_EQ(0, ret);
		if (self->vm.run->exit_reason == MINIVMX_EXIT_QUANTUM)
			return others;
		ASSERT_EQ(other, self->vm.run->exit_reason);
		others++;
	}
}

TEST_F_TIMEOUT(quantum, arguments, TIMEOUT)
{
	struct minivmx_quantum quantum = get(_metadata, self->vcpu);

	EXPECT_EQ(0, quantum.length);
	EXPECT_EQ(0, quantum.left);
	EXPECT_EQ(0, quantum.used);
	EXPECT_EQ(-EINVAL, set(self->vcpu, MINIVMX_QUANTUM_MAX + 1));
	EXPECT_EQ(-EINVAL, set(self->vcpu, NO_SUCH));
	EXPECT_EQ(-EFAULT, vm_ioctl(self->vcpu, MINIVMX_SET_QUANTUM, 8));
	EXPECT_EQ(-EFAULT, vm_ioctl(self->vcpu, MINIVMX_GET_QUANTUM, 8));
	EXPECT_EQ(-ENOTTY, set(self->vm.fd, LENGTH));
	EXPECT_EQ(0, get(_metadata, self->vcpu).length);

	EXPECT_EQ(0, set(self->vcpu, MINIVMX_QUANTUM_MAX));
	EXPECT_EQ(MINIVMX_QUANTUM_MAX, get(_metadata, self->vcpu).length);
	/* A step of the timer is the least there is, and no more than 2^31 ticks. */
	EXPECT_EQ(0, set(self->vcpu, 1));
	quantum = get(_metadata, self->vcpu);
	EXPECT_LE(1, quantum.length);
	EXPECT_GE(1ULL << 31, quantum.length);
	EXPECT_EQ(quantum.length, quantum.left);
	EXPECT_EQ(0, set(self->vcpu, 0));
	EXPECT_EQ(0, get(_metadata, self->vcpu).length);
}

/* Each quantum takes as long as the one before, and the guest gets further in it. */
TEST_F_TIMEOUT(quantum, spinning, TIMEOUT)
{
	volatile uint32_t *count = (void *)(self->vm.memory + 0x3000);
	uint64_t length;
	uint32_t before;
	int i;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(spin)));
	ASSERT_EQ(0, set(self->vcpu, scaled(LENGTH, 100)));
	length = get(_metadata, self->vcpu).length;
	EXPECT_LE(LENGTH, length);
	for (i = 1; i <= 20; i++) {
		before = *count;
		EXPECT_EQ(0, run_quantum(_metadata, self, MINIVMX_EXIT_QUANTUM));
		EXPECT_LT(before, *count);
		EXPECT_EQ(i * length, get(_metadata, self->vcpu).used);
		EXPECT_EQ(length, get(_metadata, self->vcpu).left);
	}
}

/* Much longer than a window, which the timer ends, too. */
TEST_F_TIMEOUT(quantum, many_windows, TIMEOUT)
{
	int khz = vm_ioctl(self->vcpu, MINIVMX_GET_TSC_KHZ, 0);
	struct minivmx_exit_stats stats;

	ASSERT_LT(0, khz);
	ASSERT_EQ(0, vm_load(&self->vm, CODE(spin)));
	ASSERT_EQ(0, set(self->vcpu, 52ULL * khz));
	EXPECT_EQ(0, run_quantum(_metadata, self, MINIVMX_EXIT_QUANTUM));
	EXPECT_EQ(get(_metadata, self->vcpu).length, get(_metadata, self->vcpu).used);
	ASSERT_EQ(0, vm_ioctl_p(self->vcpu, MINIVMX_GET_EXIT_STATS, &stats));
	/* Windows of 5 ms, or shorter ones that an interrupt has ended. */
	EXPECT_LE(11, stats.count[1] + stats.count[52]);
}

/* Exits to user space and back, from another CPU each time, and questions between. */
TEST_F_TIMEOUT(quantum, exits, TIMEOUT)
{
	static struct minivmx_vmcs vmcs;
	uint64_t length, used = 0;
	unsigned int exits = 0;
	cpu_set_t cpus;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(out)));
	ASSERT_EQ(0, set(self->vcpu, scaled(1000, 1000)));
	length = get(_metadata, self->vcpu).length;
	do {
		struct minivmx_quantum quantum;

		CPU_ZERO(&cpus);
		CPU_SET(exits++ % 2, &cpus);
		sched_setaffinity(0, sizeof(cpus), &cpus);
		ASSERT_EQ(0, vm_run(self->vcpu));
		quantum = get(_metadata, self->vcpu);
		EXPECT_LE(used, quantum.used);
		used = quantum.used;
		if (self->vm.run->exit_reason == MINIVMX_EXIT_QUANTUM)
			break;
		ASSERT_EQ(MINIVMX_EXIT_IO, self->vm.run->exit_reason);
		EXPECT_EQ(length, quantum.used + quantum.left);
		/* It makes the VMCS ready for an entry that does not come. */
		ASSERT_EQ(0, vm_ioctl_p(self->vcpu, MINIVMX_GET_VMCS, &vmcs));
		EXPECT_EQ(used, get(_metadata, self->vcpu).used);
	} while (exits < 100000);
	EXPECT_EQ(length, used);
	EXPECT_LT(2, exits);
	TH_LOG("%u exits in %llu ticks", exits, (unsigned long long)length);
}

/* Exits that the kernel answers in the same window. */
TEST_F_TIMEOUT(quantum, answered_exits, TIMEOUT)
{
	struct minivmx_exit_stats stats;
	uint64_t length;
	int i;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(cpuid)));
	ASSERT_EQ(0, set(self->vcpu, scaled(10000, 1000)));
	length = get(_metadata, self->vcpu).length;
	for (i = 1; i <= 5; i++) {
		EXPECT_EQ(0, run_quantum(_metadata, self, MINIVMX_EXIT_QUANTUM));
		EXPECT_EQ(i * length, get(_metadata, self->vcpu).used);
	}
	ASSERT_EQ(0, vm_ioctl_p(self->vcpu, MINIVMX_GET_EXIT_STATS, &stats));
	EXPECT_LT(100, stats.count[10]);
}

/* A guest that does next to nothing uses next to nothing. */
TEST_F_TIMEOUT(quantum, halts, TIMEOUT)
{
	struct minivmx_quantum quantum;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(halt)));
	ASSERT_EQ(0, set(self->vcpu, MINIVMX_QUANTUM_MAX));
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->vm.run->exit_reason);
	quantum = get(_metadata, self->vcpu);
	EXPECT_EQ(quantum.length, quantum.used + quantum.left);

	/* What is used stays, and without a quantum nothing is counted. */
	ASSERT_EQ(0, set(self->vcpu, 0));
	ASSERT_EQ(0, vm_load(&self->vm, CODE(out)));
	EXPECT_EQ(quantum.used, get(_metadata, self->vcpu).used);
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_IO, self->vm.run->exit_reason);
	EXPECT_EQ(quantum.used, get(_metadata, self->vcpu).used);
}

static void no_action(int number)
{
}

/* Signals, and a guest whose interrupts are off. */
TEST_F_TIMEOUT(quantum, signals, TIMEOUT)
{
	const struct itimerval often = { { 0, 2000 }, { 0, 2000 } };
	const struct sigaction action = { .sa_handler = no_action };
	int khz = vm_ioctl(self->vcpu, MINIVMX_GET_TSC_KHZ, 0);
	const struct itimerval never = { 0 };
	unsigned int interrupted;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(spin)));
	ASSERT_EQ(0, set(self->vcpu, 100ULL * khz));
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	interrupted = run_quantum(_metadata, self, MINIVMX_EXIT_QUANTUM);
	setitimer(ITIMER_REAL, &never, NULL);
	EXPECT_LT(0, interrupted);
	EXPECT_EQ(get(_metadata, self->vcpu).length, get(_metadata, self->vcpu).used);
	TH_LOG("interrupted %u times", interrupted);
}

/* What nobody asked for does not come. */
TEST_F_TIMEOUT(quantum, off, TIMEOUT)
{
	int i;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(out)));
	ASSERT_EQ(0, set(self->vcpu, 1));
	run_quantum(_metadata, self, MINIVMX_EXIT_IO);
	ASSERT_EQ(0, set(self->vcpu, 0));
	for (i = 0; i < 1000; i++) {
		ASSERT_EQ(0, vm_run(self->vcpu));
		ASSERT_EQ(MINIVMX_EXIT_IO, self->vm.run->exit_reason);
	}
}

TEST(kvm)
{
	struct vm vm;

	device_need(_metadata, KVM_PATH);
	ASSERT_EQ(0, vm_open(&vm, KVM_PATH));
	EXPECT_LT(set(vm.vcpu, LENGTH), 0);
	vm_close(&vm);
}

TEST_HARNESS_MAIN
