// SPDX-License-Identifier: GPL-2.0
/*
 * NMIs of the host while a guest computes: they are the host's, and the guest does
 * not notice.
 *
 * Breakage it catches: an NMI that an exit swallows, one that the guest gets in the
 * host's place, a register of the guest's that its handler changes.
 */
#include <linux/perf_event.h>
#include <stdio.h>

#include "devices.h"
#include "file_text.h"
#include "guest_code.h"
#include "spinner.h"
#include "vm.h"

#define GUEST_CPU	0
#define CPU		1	/* where the NMIs are asked for */

#define PRINTK		"/proc/sys/kernel/printk"

/* How often in each test; MINIVMX_NMIS in the environment changes it. */
#define TIMES_DEFAULT	5

/* What the guest computes: numbers of a row, the state of which is in XMM0, too. */
#define FACTOR		1664525U
#define STEP		1013904223U

/* At 0x3000. */
struct work {
	volatile uint32_t count;	/* how many numbers */
	volatile uint32_t stop;
	uint32_t handlers;		/* of NMIs: how often they began */
	uint32_t at_once;		/* and not ended */
	uint32_t most;
};

#define WORK		0x3000
#define COMPUTE(label)							\
	label ":\n"							\
	"movd	%xmm0, %eax\n"						\
	"imul	$1664525, %eax, %eax\n"					\
	"add	$1013904223, %eax\n"					\
	"movd	%eax, %xmm0\n"						\
	"inc	%ecx\n"							\
	"incl	0x3000\n"						\
	"cmpl	$0, 0x3004\n"						\
	"je	" label "\n"

GUEST_CODE(16, compute16, COMPUTE("computing16") "hlt\n");
GUEST_CODE(64, compute64, COMPUTE("computing64") "hlt\n");

/* The same inside its own NMI, while the next one waits. */
GUEST_CODE(16, compute_in_nmi,
	   "nop\n"
	   "hlt\n"
	   ".org compute_in_nmi + 0x80\n"
	   "incl	0x3008\n"
	   "incl	0x300c\n"
	   "mov	0x300c, %eax\n"
	   "or	%eax, 0x3010\n"
	   COMPUTE("computing_in_nmi")
	   "decl	0x300c\n"
	   "iret\n");

DEVICE_FIXTURE(nmi) {
	struct vm vm;
	struct work *work;
	pthread_t thread;
	volatile bool ended;
	int ret;
	int kmsg;
	char printk[64];
	long times;
};

DEVICE_FIXTURE_SETUP(nmi)
{
	const char *times = getenv("MINIVMX_NMIS");
	cpu_set_t set;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(longjmp(_metadata->env, 1),
		     "there is one CPU, and no NMI of its own making finds it in a guest");
	self->times = times ? atol(times) : TIMES_DEFAULT;
	ASSERT_LT(0, self->times);
	CPU_ZERO(&set);
	CPU_SET(CPU, &set);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(set), &set));
	self->kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ASSERT_LE(0, self->kmsg);
	ASSERT_EQ(0, vm_open(&self->vm, variant->path));
	self->work = (void *)(self->vm.memory + WORK);
	/* The serial console is slow. The last step: it has to be undone. */
	ASSERT_EQ(0, file_read(PRINTK, self->printk, sizeof(self->printk)));
	file_write(PRINTK, "1");
}

FIXTURE_TEARDOWN(nmi)
{
	if (self->printk[0])
		file_write(PRINTK, self->printk);
	vm_close(&self->vm);
}

/* ------------------------- the host's side -------------------------------- */

/* NMIs that a CPU has taken, as /proc/interrupts has it; -1 if it has not. */
static long nmis_of(int cpu)
{
	FILE *file = fopen("/proc/interrupts", "r");
	long first = -1, second = -1;
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, " NMI: %ld %ld", &first, &second) > 0)
			break;
	if (file)
		fclose(file);
	return cpu ? second : first;
}

/* What the kernel has said of NMIs that nobody wanted, since the last time. */
static int complaints(int kmsg)
{
	char record[1024];
	ssize_t length;
	int n = 0;

	/* EPIPE: some are gone already. */
	while ((length = read(kmsg, record, sizeof(record) - 1)) >= 0 || errno == EPIPE) {
		if (length < 0)
			continue;
		record[length] = 0;
		n += strstr(record, "Uhhuh") || strstr(record, "unknown NMI") ||
			strstr(record, "unknown reason");
	}
	return n;
}

/* ------------------------- the guest's side ------------------------------- */

/* The number that comes @count after @x: the step, applied @count times. */
static uint32_t nth_after(uint32_t x, uint32_t count)
{
	uint32_t factor = FACTOR, step = STEP;

	for (; count; count >>= 1) {
		if (count & 1)
			x = x * factor + step;
		step *= factor + 1;
		factor *= factor;
	}
	return x;
}

/* Runs to HLT, on its CPU. */
static void *compute(void *arg)
{
	FIXTURE_DATA(nmi) *self = arg;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(GUEST_CPU, &set);
	self->ret = -sched_setaffinity(0, sizeof(set), &set);
	if (!self->ret)
		self->ret = vm_run(self->vm.vcpu);
	self->ended = true;
	return NULL;
}

/* Return: false if the guest has ended instead. */
static bool wait_for_numbers(const FIXTURE_DATA(nmi) *self)
{
	uint32_t before = self->work->count;

	while (self->work->count - before < SPINNER_ENOUGH && !self->ended)
		sched_yield();
	return !self->ended;
}

/* NMIs to the CPU of the guest, again and again, with @ask; then the guest halts. */
static void disturb(struct __test_metadata *_metadata, FIXTURE_DATA(nmi) *self,
		    int (*ask)(void), bool minivmx)
{
	struct minivmx_exit_stats stats;
	long before = nmis_of(GUEST_CPU), i;

	lseek(self->kmsg, 0, SEEK_END);
	ASSERT_EQ(0, pthread_create(&self->thread, NULL, compute, self));
	for (i = 0; i < self->times; i++) {
		ASSERT_TRUE(wait_for_numbers(self));
		ASSERT_EQ(0, ask());
	}
	ASSERT_TRUE(wait_for_numbers(self));
	self->work->stop = 1;
	ASSERT_EQ(0, pthread_join(self->thread, NULL));
	ASSERT_EQ(0, self->ret);
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->vm.run->exit_reason);

	EXPECT_EQ(0, complaints(self->kmsg));
	EXPECT_LE(before + self->times, nmis_of(GUEST_CPU));
	if (!minivmx)
		return;
	ASSERT_EQ(0, vm_ioctl_p(self->vm.vcpu, MINIVMX_GET_EXIT_STATS, &stats));
	TH_LOG("%ld NMIs, %llu of them ended the guest's turn",
	       nmis_of(GUEST_CPU) - before, (unsigned long long)stats.count[0]);
	EXPECT_LT(0, stats.count[0]);
}

/* The kernel asks all other CPUs by NMI where they are. */
static int ask_where_it_is(void)
{
	return file_write("/proc/sysrq-trigger", "l");
}

/* Patterns in all registers that the guest does not compute with. */
static void fill(struct minivmx_regs *regs)
{
	regs->rax = 7;
	regs->rbx = 0x0123456789abcdef;
	regs->rcx = 0;
	regs->rdx = 0x1111111122222222;
	regs->rsi = 0x3333333344444444;
	regs->rdi = 0x5555555566666666;
	regs->rbp = 0x7777777788888888;
	regs->rsp = 0x7000;
	regs->r8 = 0x8080808080808080;
	regs->r9 = 0x9090909090909090;
	regs->r10 = 0xa0a0a0a0a0a0a0a0;
	regs->r11 = 0xb0b0b0b0b0b0b0b0;
	regs->r12 = 0xc0c0c0c0c0c0c0c0;
	regs->r13 = 0xd0d0d0d0d0d0d0d0;
	regs->r14 = 0xe0e0e0e0e0e0e0e0;
	regs->r15 = 0xf0f0f0f0f0f0f0f0;
}

static void start(struct __test_metadata *_metadata, struct vm *vm, const uint8_t *code,
		  const uint8_t *end)
{
	struct minivmx_sregs sregs;
	struct minivmx_regs regs;

	ASSERT_EQ(0, vm_load(vm, code, end));
	ASSERT_EQ(0, vm_enter_at(vm->vcpu, VM_ENTRY, RFLAGS_IF));
	ASSERT_EQ(0, vm_get_regs(vm->vcpu, &regs));
	fill(&regs);
	ASSERT_EQ(0, vm_set_regs(vm->vcpu, &regs));
	ASSERT_EQ(0, vm_get_sregs(vm->vcpu, &sregs));
	sregs.cr4 |= CR4_OSFXSR;
	ASSERT_EQ(0, vm_set_sregs(vm->vcpu, &sregs));
}

/* All numbers were right, and all registers are what they were. */
static void expect_undisturbed(struct __test_metadata *_metadata, FIXTURE_DATA(nmi) *self)
{
	struct minivmx_regs regs, expected;

	ASSERT_EQ(0, vm_get_regs(self->vm.vcpu, &regs));
	expected = regs;
	fill(&expected);
	expected.rax = nth_after(0, self->work->count);
	expected.rcx = self->work->count;
	EXPECT_EQ(expected.rax, regs.rax);
	EXPECT_EQ(expected.rcx, regs.rcx);
	EXPECT_EQ(0, memcmp(&expected, &regs, sizeof(regs)));
}

TEST_DEVICE(nmi, real_mode)
{
	start(_metadata, &self->vm, CODE(compute16));
	disturb(_metadata, self, ask_where_it_is, variant->minivmx);
	expect_undisturbed(_metadata, self);
}

#define TABLES		0x8000UL
#define EFER_LONG_MODE	0x500UL		/* LME, LMA */

static void to_long_mode(struct __test_metadata *_metadata, struct vm *vm)
{
	const uint64_t tables[] = { TABLES + PAGE + 3, TABLES + 2 * PAGE + 3, 0x83 };
	struct minivmx_sregs sregs;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tables); i++)
		memcpy(vm->memory + TABLES + i * PAGE, &tables[i], sizeof(tables[i]));
	ASSERT_EQ(0, vm_get_sregs(vm->vcpu, &sregs));
	vm_flat_segments(&sregs, 0);
	sregs.cr3 = TABLES;
	sregs.cr4 |= CR4_PAE;
	sregs.cr0 |= CR0_PG;
	sregs.efer |= EFER_LONG_MODE;
	sregs.cs.db = 0;
	sregs.cs.l = 1;
	sregs.tr.type = 11;
	ASSERT_EQ(0, vm_set_sregs(vm->vcpu, &sregs));
}

TEST_DEVICE(nmi, long_mode)
{
	start(_metadata, &self->vm, CODE(compute64));
	to_long_mode(_metadata, &self->vm);
	disturb(_metadata, self, ask_where_it_is, variant->minivmx);
	expect_undisturbed(_metadata, self);
}

/* The guest's NMI blocks the guest's next one, and none of the host's. */
TEST_DEVICE(nmi, in_the_guests_own)
{
	const uint16_t vector[2] = { VM_ENTRY + 0x80, 0 };
	struct work *work = self->work;

	start(_metadata, &self->vm, CODE(compute_in_nmi));
	memcpy(self->vm.memory + 4 * 2, vector, sizeof(vector));
	ASSERT_EQ(0, vm_ioctl(self->vm.vcpu, MINIVMX_NMI, 0));
	ASSERT_EQ(0, vm_ioctl(self->vm.vcpu, MINIVMX_NMI, 0));
	disturb(_metadata, self, ask_where_it_is, variant->minivmx);
	/* Once for each NMI, and the second handler finds that all is over. */
	EXPECT_EQ(2, work->handlers);
	EXPECT_EQ(1, work->most);
	EXPECT_EQ(0, work->at_once);
	expect_undisturbed(_metadata, self);
}

/* ------------------------- perf ------------------------------------------- */

static int perf = -1;

/* It goes on by itself: the counter overflows on the guest's CPU. */
static int wait_for_overflow(void)
{
	long before = nmis_of(GUEST_CPU);

	while (nmis_of(GUEST_CPU) == before)
		sched_yield();
	return 0;
}

TEST_DEVICE(nmi, perf_samples)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE, .size = sizeof(attr),
		.config = PERF_COUNT_HW_CPU_CYCLES, .sample_period = 1000000,
	};

	perf = syscall(SYS_perf_event_open, &attr, -1, GUEST_CPU, -1, PERF_FLAG_FD_CLOEXEC);
	if (perf < 0)
		SKIP(return, "no counter of cycles that could sample: %s", strerror(errno));
	start(_metadata, &self->vm, CODE(compute64));
	to_long_mode(_metadata, &self->vm);
	disturb(_metadata, self, wait_for_overflow, variant->minivmx);
	expect_undisturbed(_metadata, self);
	close(perf);
}

TEST_HARNESS_MAIN
