// SPDX-License-Identifier: GPL-2.0
/*
 * The host changes under a vCPU: its thread's CR4, the thread itself, the CPU; and
 * a guest tries to change the host: every MSR that it can name.
 *
 * Breakage it catches: host state that is kept from the last MINIVMX_RUN although
 * it belongs to another thread by now; what waits for the next MINIVMX_RUN kept on
 * a stack, or with a thread; an MSR of the host that a guest reaches.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/prctl.h>

#include "devices.h"
#include "guest_code.h"
#include "vm.h"

DEVICE_FIXTURE(host_change) {
	struct vm vm;
};

DEVICE_FIXTURE_SETUP(host_change)
{
	ASSERT_EQ(0, vm_open(&self->vm, variant->path));
}

FIXTURE_TEARDOWN(host_change)
{
	vm_close(&self->vm);
}

/* ------------------------- CR4 of the caller ----------------------------- */

static __thread sigjmp_buf faulted;

static void on_fault(int signal)
{
	siglongjmp(faulted, 1);
}

static bool rdtsc_faults(void)
{
	if (sigsetjmp(faulted, 1))
		return true;
	asm volatile("rdtsc" : : : "eax", "edx");
	return false;
}

GUEST_CODE(16, read_tsc,
	   "again:\n"
	   "rdtsc\n"
	   "out	%al, $0x10\n"
	   "jmp	again\n");

struct tsc_thread {
	pthread_barrier_t *barrier;
	int vcpu, runs;
	bool forbidden;
	int ret, wrong;
};

/*
 * In turn with the other thread. One of them may not read the TSC, which is
 * CR4.TSD of the CPU while it runs; the guest may, whoever runs it.
 */
static void *run_in_turn(void *arg)
{
	struct tsc_thread *t = arg;
	int i;

	if (prctl(PR_SET_TSC, t->forbidden ? PR_TSC_SIGSEGV : PR_TSC_ENABLE))
		t->ret = -errno;
	for (i = 0; i < t->runs; i++) {
		pthread_barrier_wait(t->barrier);
		if (t->forbidden == (i & 1))
			t->ret = t->ret ?: vm_run(t->vcpu);
		t->wrong += rdtsc_faults() != t->forbidden;
		pthread_barrier_wait(t->barrier);
	}
	prctl(PR_SET_TSC, PR_TSC_ENABLE);
	return NULL;
}

TEST_DEVICE(host_change, cr4_of_each_thread)
{
	struct sigaction action = { .sa_handler = on_fault }, before;
	struct tsc_thread t[2] = { 0 };
	pthread_barrier_t barrier;
	pthread_t threads[2];
	int i;

	ASSERT_EQ(0, sigaction(SIGSEGV, &action, &before));
	ASSERT_EQ(0, pthread_barrier_init(&barrier, NULL, 2));
	ASSERT_EQ(0, vm_load(&self->vm, CODE(read_tsc)));
	/* The first to run is one, or the other. */
	for (i = 0; i < 2; i++) {
		t[i] = (struct tsc_thread) {
			.barrier = &barrier, .vcpu = self->vm.vcpu, .runs = 20,
			.forbidden = i,
		};
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, run_in_turn, &t[i]));
	}
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_join(threads[i], NULL));
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, t[i].ret);
		EXPECT_EQ(0, t[i].wrong) {
			TH_LOG("thread %d, RDTSC %s", i, i ? "forbidden" : "allowed");
		}
	}
	EXPECT_EQ(MINIVMX_EXIT_IO, self->vm.run->exit_reason);
	pthread_barrier_destroy(&barrier);
	sigaction(SIGSEGV, &before, NULL);
}

/* ------------------------- another thread each time ---------------------- */

/* Reads of 4 bytes that lie in two pages, and writes of them to two others. */
GUEST_CODE(16, fragments,
	   "mov	$0x2000, %ax\n"
	   "mov	%ax, %ds\n"
	   "mov	$0x3000, %ax\n"
	   "mov	%ax, %es\n"
	   "mov	$0xffe, %si\n"
	   "copying:\n"
	   "mov	%ds:0xffe, %eax\n"
	   "mov	%eax, %es:0xffe\n"
	   "in	$0x10, %al\n"
	   "out	%al, $0x11\n"
	   "jmp	copying\n");

struct stranger {
	struct vm *vm;
	int cpu, ret;
};

/* A thread that does one thing, on a stack that is gone afterwards. */
static void *run_once(void *arg)
{
	struct stranger *s = arg;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(s->cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	s->ret = vm_run(s->vm->vcpu);
	return NULL;
}

static void run_by_stranger(struct __test_metadata *_metadata, struct vm *vm, int cpu)
{
	struct stranger stranger = { .vm = vm, .cpu = cpu, .ret = -1 };
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, run_once, &stranger));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	ASSERT_EQ(0, stranger.ret);
}

TEST_DEVICE(host_change, each_part_by_another_thread)
{
	int cpus = sysconf(_SC_NPROCESSORS_ONLN), round, i, cpu = 0;
	static const struct {
		uint64_t addr;
		int is_write;
	} parts[] = {
		{ 0x20ffe, 0 }, { 0x21000, 0 }, { 0x30ffe, 1 }, { 0x31000, 1 },
	};
	struct minivmx_run *run = self->vm.run;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(fragments)));
	for (round = 0; round < 4; round++) {
		uint8_t data[4] = { 0x11 + round, 0x22, 0x33, 0x44 + round };

		for (i = 0; i < 4; i++) {
			run_by_stranger(_metadata, &self->vm, cpu++ % cpus);
			ASSERT_EQ(MINIVMX_EXIT_MMIO, run->exit_reason);
			ASSERT_EQ(parts[i].addr, run->mmio.phys_addr);
			ASSERT_EQ(2, run->mmio.len);
			ASSERT_EQ(parts[i].is_write, run->mmio.is_write);
			if (parts[i].is_write) {
				EXPECT_EQ(0, memcmp(run->mmio.data, data + 2 * (i & 1), 2));
			} else {
				memcpy(run->mmio.data, data + 2 * (i & 1), 2);
			}
		}
		run_by_stranger(_metadata, &self->vm, cpu++ % cpus);
		ASSERT_EQ(MINIVMX_EXIT_IO, run->exit_reason);
		*(uint8_t *)vm_io_data(run) = 0x77 + round;
		run_by_stranger(_metadata, &self->vm, cpu++ % cpus);
		ASSERT_EQ(MINIVMX_EXIT_IO, run->exit_reason);
		EXPECT_EQ(0x77 + round, *(uint8_t *)vm_io_data(run));
	}
}

/* ------------------------- MSRs of the host ------------------------------ */

#define MSR_RANGE	0x2000
#define NR_MSRS		(2 * MSR_RANGE)

/* Those that count, of themselves. */
static const struct {
	uint32_t first, last;
} counters[] = {
	{ 0x10, 0x10 },		/* IA32_TIME_STAMP_COUNTER */
	{ 0x34, 0x34 },		/* MSR_SMI_COUNT */
	{ 0xc1, 0xc8 },		/* IA32_PMCn */
	{ 0xe7, 0xe8 },		/* IA32_MPERF, IA32_APERF */
	{ 0x198, 0x19c },	/* IA32_PERF_STATUS to IA32_THERM_STATUS */
	{ 0x1b1, 0x1b1 },	/* IA32_PACKAGE_THERM_STATUS */
	{ 0x309, 0x30b },	/* IA32_FIXED_CTRn */
	{ 0x3f8, 0x3ff },	/* residencies */
	{ 0x606, 0x64f },	/* energy, and more residencies */
	{ 0x6e0, 0x6e0 },	/* IA32_TSC_DEADLINE */
	{ 0x802, 0x83f },	/* of the local APIC */
};

static uint32_t msr_number(unsigned int i)
{
	return i < MSR_RANGE ? i : 0xc0000000 + i - MSR_RANGE;
}

static bool counts(uint32_t msr)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(counters); i++)
		if (msr >= counters[i].first && msr <= counters[i].last)
			return true;
	return false;
}

/* Returns how many there are. */
static unsigned int read_host_msrs(int fd, uint64_t *values, uint8_t *there)
{
	unsigned int i, n = 0;

	for (i = 0; i < NR_MSRS; i++) {
		values[i] = 0;
		there[i] = !counts(msr_number(i)) &&
			pread(fd, &values[i], 8, msr_number(i)) == 8;
		n += there[i];
	}
	return n;
}

/*
 * From ESI to EDI: reads each, and writes EBP:EBX to it. #GP skips the instruction.
 * What could be read, and written, is counted at 0x3000 and 0x3004.
 */
GUEST_CODE(16, sweep,
	   "mov	$0x7000, %sp\n"
	   "movw	$" HERE(skip, sweep) ", 13 * 4\n"
	   "movw	$0, 13 * 4 + 2\n"
	   "next:\n"
	   "mov	%esi, %ecx\n"
	   "rdmsr\n"
	   "incl	0x3000\n"
	   "mov	%ebx, %eax\n"
	   "mov	%ebp, %edx\n"
	   "mov	%esi, %ecx\n"
	   "wrmsr\n"
	   "incl	0x3004\n"
	   "inc	%esi\n"
	   "cmp	%edi, %esi\n"
	   "jb	next\n"
	   "hlt\n"
	   /* Over RDMSR or WRMSR, and INCL, of 2 and 5 bytes. */
	   "skip:\n"
	   "push	%bp\n"
	   "mov	%sp, %bp\n"
	   "addw	$7, 2(%bp)\n"
	   "pop	%bp\n"
	   "iret\n");

static void sweep_range(struct __test_metadata *_metadata, struct vm *vm,
			uint32_t first, uint32_t count, uint64_t value, uint32_t *done)
{
	struct minivmx_regs regs;
	int ret;

	ASSERT_EQ(0, vm_load(vm, CODE(sweep)));
	memset(vm->memory + 0x3000, 0, 8);
	ASSERT_EQ(0, vm_get_regs(vm->vcpu, &regs));
	regs.rsi = first;
	regs.rdi = first + count;
	regs.rbx = (uint32_t)value;
	regs.rbp = value >> 32;
	ASSERT_EQ(0, vm_set_regs(vm->vcpu, &regs));
	do
		ret = vm_run(vm->vcpu);
	while (ret == -EINTR);
	ASSERT_EQ(0, ret);
	ASSERT_EQ(MINIVMX_EXIT_HLT, vm->run->exit_reason) {
		TH_LOG("range %#x, value %#lx", first, value);
	}
	done[0] += *(uint32_t *)(vm->memory + 0x3000);
	done[1] += *(uint32_t *)(vm->memory + 0x3004);
}

TEST_DEVICE(host_change, msrs_of_the_host)
{
	static const struct {
		uint32_t first, count;
	} ranges[] = {
		{ 0, MSR_RANGE }, { 0xc0000000, MSR_RANGE }, { 0x40000000, 0x100 },
		{ 0x4b564d00, 0x10 },
	};
	/* The third one is a canonical address; WRMSR of all ones is refused mostly. */
	static const uint64_t patterns[] = { 0, 1, 0x7f5a5a5a5000, ~0ULL };
	static uint64_t before[NR_MSRS], after[NR_MSRS];
	static uint8_t there[NR_MSRS], there_after[NR_MSRS];
	int fd = open("/dev/cpu/0/msr", O_RDONLY);
	uint32_t done[2] = { 0 };
	unsigned int i, j, n;
	cpu_set_t set;

	if (!variant->minivmx)
		SKIP(return, "KVM's MSRs are not our business");
	if (fd < 0)
		SKIP(return, "/dev/cpu/0/msr: %s", strerror(errno));
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(set), &set));
	n = read_host_msrs(fd, before, there);
	ASSERT_LT(20, n);
	for (i = 0; i < ARRAY_SIZE(ranges); i++)
		for (j = 0; j < ARRAY_SIZE(patterns); j++)
			sweep_range(_metadata, &self->vm, ranges[i].first, ranges[i].count,
				    patterns[j], done);
	EXPECT_EQ(n, read_host_msrs(fd, after, there_after));
	for (i = 0; i < NR_MSRS; i++) {
		EXPECT_EQ(there[i], there_after[i]);
		EXPECT_EQ(before[i], after[i]) {
			TH_LOG("MSR %#x", msr_number(i));
		}
	}
	/* The guest has some; most it has not. */
	EXPECT_LT(20, done[0]);
	EXPECT_LT(10, done[1]);
	EXPECT_GT(4 * 200, done[0]);
	TH_LOG("%u MSRs of the host are equal; %u could be read, %u written in the guest",
	       n, done[0], done[1]);
	close(fd);
}

TEST_HARNESS_MAIN
