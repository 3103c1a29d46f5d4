// SPDX-License-Identifier: GPL-2.0
/*
 * The ring of a vCPU: a record of each of its exits.
 *
 * Breakage it catches: an exit without a record, or with two; a record that says
 * something else than the guest did; a ring that loses records when it is full,
 * that believes what user space writes to it, or that goes while it is mapped.
 */
#include <setjmp.h>
#include <signal.h>

#include "devices.h"
#include "traced_guest.h"
#include "vm.h"

#define SMALLEST	32

FIXTURE(ring) {
	struct vm vm;
	struct minivmx_run *run;
	int vcpu;
};

FIXTURE_SETUP(ring)
{
	device_need(_metadata, MINIVMX_PATH);
	ASSERT_EQ(0, vm_open(&self->vm, MINIVMX_PATH));
	self->run = self->vm.run;
	self->vcpu = self->vm.vcpu;
}

FIXTURE_TEARDOWN(ring)
{
	vm_close(&self->vm);
}

static size_t ring_size(unsigned int nr)
{
	size_t size = sizeof(struct minivmx_trace_ring) +
		nr * sizeof(struct minivmx_trace_record);

	return (size + PAGE - 1) & ~(PAGE - 1);
}

/* A ring of @nr records, mapped; MAP_FAILED if that cannot be. */
static struct minivmx_trace_ring *make_ring(int vcpu, unsigned int nr)
{
	if (vm_ioctl(vcpu, MINIVMX_SET_TRACE, nr))
		return MAP_FAILED;
	return mmap(NULL, ring_size(nr), PROT_READ | PROT_WRITE, MAP_SHARED, vcpu,
		    MINIVMX_TRACE_OFFSET);
}

/* What the host causes is not the guest's. */
static bool is_hosts(const struct minivmx_trace_record *record)
{
	return record->reason == EXTERNAL || record->reason == TIMER;
}

TEST_F_TIMEOUT(ring, sizes, TIMEOUT)
{
	static const unsigned long bad[] = {
		1, 16, 31, 33, 48, MINIVMX_TRACE_MAX + 1, 2 * MINIVMX_TRACE_MAX,
		1UL << 32, ~0UL,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, vm_ioctl(self->vcpu, MINIVMX_SET_TRACE, bad[i])) {
			TH_LOG("%lu records", bad[i]);
		}
	}
	for (i = SMALLEST; i <= MINIVMX_TRACE_MAX; i *= 2)
		EXPECT_EQ(0, vm_ioctl(self->vcpu, MINIVMX_SET_TRACE, i));
	EXPECT_EQ(0, vm_ioctl(self->vcpu, MINIVMX_SET_TRACE, 0));
	EXPECT_EQ(0, vm_ioctl(self->vcpu, MINIVMX_SET_TRACE, 0));
}

/* ------------------------- what a record says ----------------------------- */

static const struct {
	unsigned int reason, user_exit;
} chapters[] = {
	{ EPT_VIOLATION },	/* the page of the code */
	{ CPUID },
	{ MSR_READ },
	{ MSR_WRITE },
	{ CR_ACCESS },
	{ IO, MINIVMX_EXIT_IO },
	{ EPT_VIOLATION },
	{ VMCALL },
	{ HLT, MINIVMX_EXIT_HLT },
};

static void run_story(struct __test_metadata *_metadata, FIXTURE_DATA(ring) *self)
{
	ASSERT_EQ(0, tell_story(&self->vm));
}

/* The records of the guest's own exits. Returns how many. */
static size_t own_records(struct __test_metadata *_metadata,
			  const struct minivmx_trace_ring *ring,
			  const struct minivmx_trace_record **own)
{
	size_t nr = 0, i;

	for (i = 0; i < ring->head; i++) {
		const struct minivmx_trace_record *record = &ring->records[i];

		EXPECT_EQ(i, record->sequence);
		EXPECT_GE(record->exit_tsc, record->entry_tsc);
		EXPECT_GE(record->done_tsc, record->exit_tsc);
		EXPECT_NE(0, record->entry_tsc);
		if (i)
			EXPECT_GE(record->entry_tsc, record[-1].done_tsc);
		if (!is_hosts(record))
			own[nr++] = record;
	}
	return nr;
}

TEST_F_TIMEOUT(ring, story, TIMEOUT)
{
	const struct minivmx_trace_record *own[64], *record;
	struct minivmx_trace_ring *ring = make_ring(self->vcpu, 64);
	size_t i;

	ASSERT_NE(MAP_FAILED, ring);
	EXPECT_EQ(0, ring->head);
	run_story(_metadata, self);
	ASSERT_EQ(ARRAY_SIZE(chapters), own_records(_metadata, ring, own));
	for (i = 0; i < ARRAY_SIZE(chapters); i++) {
		EXPECT_EQ(chapters[i].reason, own[i]->reason) {
			TH_LOG("exit %zu", i);
		}
		/* Work of the host's may send others there, too, from where they come back. */
		if (chapters[i].user_exit || own[i]->user_exit != MINIVMX_EXIT_INTR)
			EXPECT_EQ(chapters[i].user_exit, own[i]->user_exit);
		EXPECT_EQ(own[i]->user_exit ? MINIVMX_TRACE_TO_USER : 0, own[i]->flags);
		EXPECT_EQ(0, own[i]->cs_base);
		EXPECT_EQ(0, own[i]->injected);
		EXPECT_EQ(0, own[i]->idt_vectoring_info >> 31);
	}
	EXPECT_EQ(VM_ENTRY, own[0]->rip);
	EXPECT_EQ(VM_ENTRY, own[0]->physical);

	record = own[1];
	EXPECT_EQ(VM_ENTRY + 12, record->rip);
	EXPECT_EQ(2, record->instruction_length);
	EXPECT_EQ(0x12345678, record->value);
	EXPECT_EQ(7, record->rcx);
	/* A vCPU without a table. */
	EXPECT_EQ(0, record->result);

	EXPECT_EQ(APIC_BASE_MSR, own[2]->rcx);
	EXPECT_EQ(APIC_BASE, own[2]->result);
	EXPECT_EQ(APIC_BASE_MSR, own[3]->rcx);
	EXPECT_EQ(APIC_BASE, own[3]->value);

	/* EBX, register 3, to CR0. */
	EXPECT_EQ(0x300, own[4]->qualification & 0xfff);
	EXPECT_EQ(0x30, own[4]->value);

	EXPECT_EQ(0x10, own[5]->qualification >> 16);
	EXPECT_EQ(0x41, own[5]->value & 0xff);
	EXPECT_EQ(0x3000, own[6]->physical);
	EXPECT_EQ(2, own[6]->qualification & 7);
	EXPECT_EQ(1, own[7]->value);
	munmap(ring, ring_size(64));
}

GUEST_CODE(32, protected_code,
	   "mov	$0x5000, %esp\n"
	   "mov	%cr0, %esp\n"
	   "mov	%esp, %cr0\n"
	   "mov	%esp, %dr0\n"
	   "hlt\n");

/* RSP is somewhere else than the other registers. */
TEST_F_TIMEOUT(ring, stack_pointer_and_mode, TIMEOUT)
{
	const struct minivmx_trace_record *own[64];
	struct minivmx_trace_ring *ring = make_ring(self->vcpu, 64);
	struct minivmx_sregs sregs;
	struct minivmx_regs regs;
	size_t nr, i;

	ASSERT_NE(MAP_FAILED, ring);
	ASSERT_EQ(0, vm_load(&self->vm, CODE(protected_code)));
	ASSERT_EQ(0, vm_get_sregs(self->vcpu, &sregs));
	vm_flat_segments(&sregs, 0);
	ASSERT_EQ(0, vm_set_sregs(self->vcpu, &sregs));
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	nr = own_records(_metadata, ring, own);
	for (i = 0; i < nr; i++) {
		EXPECT_EQ(MINIVMX_TRACE_PROTECTED | MINIVMX_TRACE_CODE_32,
			  own[i]->flags & ~MINIVMX_TRACE_TO_USER);
		if (own[i]->reason == 29 || own[i]->reason == CR_ACCESS)
			EXPECT_EQ(regs.rsp, own[i]->value);
	}
	EXPECT_EQ(HLT, own[nr - 1]->reason);
	EXPECT_LE(3, nr);
	munmap(ring, ring_size(64));
}

/* The trace changes nothing that the guest sees, and is over when it is off. */
TEST_F_TIMEOUT(ring, off_again, TIMEOUT)
{
	struct minivmx_trace_ring *ring = make_ring(self->vcpu, SMALLEST);
	uint64_t head;

	ASSERT_NE(MAP_FAILED, ring);
	run_story(_metadata, self);
	head = ring->head;
	EXPECT_LE(ARRAY_SIZE(chapters), head);
	ASSERT_EQ(0, vm_ioctl(self->vcpu, MINIVMX_SET_TRACE, 0));
	run_story(_metadata, self);
	EXPECT_EQ(head, ring->head);
	munmap(ring, ring_size(SMALLEST));
	/* And a new one starts from the beginning. */
	ring = make_ring(self->vcpu, SMALLEST);
	ASSERT_NE(MAP_FAILED, ring);
	EXPECT_EQ(0, ring->head);
	run_story(_metadata, self);
	EXPECT_EQ(0, ring->records[0].sequence);
	munmap(ring, ring_size(SMALLEST));
}

/* An event from before the ring is not in its first record. */
TEST_F_TIMEOUT(ring, later_than_an_event, TIMEOUT)
{
	const uint16_t vector[2] = { VM_ENTRY, 0 };
	struct minivmx_trace_ring *ring;
	struct minivmx_regs regs;

	memset(self->vm.memory + VM_ENTRY, 0xf4, 8);	/* HLT */
	memcpy(self->vm.memory + 4 * 2, vector, sizeof(vector));
	ASSERT_EQ(0, vm_enter_at(self->vcpu, VM_ENTRY, 0));
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	regs.rsp = VM_ENTRY;
	ASSERT_EQ(0, vm_set_regs(self->vcpu, &regs));
	ASSERT_EQ(0, vm_ioctl(self->vcpu, MINIVMX_NMI, 0));
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
	ring = make_ring(self->vcpu, SMALLEST);
	ASSERT_NE(MAP_FAILED, ring);
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_LE(1, ring->head);
	EXPECT_EQ(0, ring->records[0].injected);
	munmap(ring, ring_size(SMALLEST));
}

/* ------------------------- a full ring ------------------------------------ */

/* Runs it to its HLT; counts the records that it reads, of CPUID and all. */
static void drain_and_run(struct __test_metadata *_metadata, FIXTURE_DATA(ring) *self,
			  struct minivmx_trace_ring *ring, uint64_t *cpuids)
{
	uint64_t tail = 0;

	*cpuids = 0;
	do {
		ASSERT_EQ(0, vm_run(self->vcpu));
		ASSERT_GE(SMALLEST, ring->head - tail);
		for (; tail < ring->head; tail++) {
			ASSERT_EQ(tail, ring->records[tail % SMALLEST].sequence);
			*cpuids += ring->records[tail % SMALLEST].reason == CPUID;
		}
		__atomic_store_n(&ring->tail, tail, __ATOMIC_RELEASE);
	} while (self->run->exit_reason == MINIVMX_EXIT_TRACE_FULL);
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
}

TEST_F_TIMEOUT(ring, full, TIMEOUT)
{
	struct minivmx_trace_ring *ring = make_ring(self->vcpu, SMALLEST);
	struct minivmx_exit_stats stats;
	uint64_t cpuids, all = 0;
	int i;

	ASSERT_NE(MAP_FAILED, ring);
	ASSERT_EQ(0, vm_load(&self->vm, CODE(many)));
	drain_and_run(_metadata, self, ring, &cpuids);
	EXPECT_EQ(LOOPS, cpuids);
	/* As many records as exits. */
	ASSERT_EQ(0, vm_ioctl_p(self->vcpu, MINIVMX_GET_EXIT_STATS, &stats));
	for (i = 0; i < MINIVMX_NR_EXIT_REASONS; i++)
		all += stats.count[i];
	EXPECT_EQ(all, ring->head);
	munmap(ring, ring_size(SMALLEST));
}

/* Nobody reads: the guest waits, however often it is asked to run. */
TEST_F_TIMEOUT(ring, stays_full, TIMEOUT)
{
	struct minivmx_trace_ring *ring = make_ring(self->vcpu, SMALLEST);
	struct minivmx_regs regs, again;
	int i;

	ASSERT_NE(MAP_FAILED, ring);
	ASSERT_EQ(0, vm_load(&self->vm, CODE(many)));
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_TRACE_FULL, self->run->exit_reason);
	EXPECT_EQ(SMALLEST, ring->head);
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, vm_run(self->vcpu));
		EXPECT_EQ(MINIVMX_EXIT_TRACE_FULL, self->run->exit_reason);
		EXPECT_EQ(SMALLEST, ring->head);
		ASSERT_EQ(0, vm_get_regs(self->vcpu, &again));
		EXPECT_EQ(0, memcmp(&regs, &again, sizeof(regs)));
	}
	munmap(ring, ring_size(SMALLEST));
}

/* What user space writes into the ring is its own loss. */
TEST_F_TIMEOUT(ring, garbage, TIMEOUT)
{
	static const uint64_t tails[] = { 1, ~0UL, 1UL << 63, SMALLEST + 1, 1UL << 32 };
	struct minivmx_trace_ring *ring;
	uint64_t cpuids;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tails); i++) {
		ring = make_ring(self->vcpu, SMALLEST);
		ASSERT_NE(MAP_FAILED, ring);
		memset(ring, 0xff, ring_size(SMALLEST));
		ring->tail = tails[i];
		ASSERT_EQ(0, vm_load(&self->vm, CODE(many)));
		ASSERT_EQ(0, vm_run(self->vcpu));
		/* Nothing was written, so nothing can have been read. */
		EXPECT_EQ(MINIVMX_EXIT_TRACE_FULL, self->run->exit_reason) {
			TH_LOG("tail %#lx", (unsigned long)tails[i]);
		}
		ring->head = 0;
		ring->tail = 0;
		drain_and_run(_metadata, self, ring, &cpuids);
		EXPECT_EQ(LOOPS, cpuids);
		munmap(ring, ring_size(SMALLEST));
	}
}

/* ------------------------- mappings --------------------------------------- */

static sigjmp_buf after_fault;

static void on_fault(int number)
{
	siglongjmp(after_fault, number);
}

/* The signal that reading there causes, or 0. */
static int read_faults(const volatile uint8_t *address)
{
	int number;

	signal(SIGBUS, on_fault);
	number = sigsetjmp(after_fault, 1);
	if (!number)
		(void)*address;
	signal(SIGBUS, SIG_DFL);
	return number;
}

TEST_F_TIMEOUT(ring, outlives, TIMEOUT)
{
	size_t size = ring_size(SMALLEST) + PAGE;
	struct minivmx_trace_ring *ring;
	uint8_t *mapping;
	uint64_t head;

	ring = make_ring(self->vcpu, SMALLEST);
	ASSERT_NE(MAP_FAILED, ring);
	run_story(_metadata, self);
	head = ring->head;
	/* Behind its end there is nothing. */
	mapping = mmap(NULL, size, PROT_READ, MAP_SHARED, self->vcpu,
		       MINIVMX_TRACE_OFFSET);
	ASSERT_NE(MAP_FAILED, mapping);
	EXPECT_EQ(0, read_faults(mapping + ring_size(SMALLEST) - 1));
	EXPECT_EQ(SIGBUS, read_faults(mapping + ring_size(SMALLEST)));
	munmap(mapping, size);

	ASSERT_EQ(0, vm_ioctl(self->vcpu, MINIVMX_SET_TRACE, 0));
	EXPECT_EQ(head, ring->head);
	mapping = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, self->vcpu,
		       MINIVMX_TRACE_OFFSET);
	ASSERT_NE(MAP_FAILED, mapping);
	EXPECT_EQ(SIGBUS, read_faults(mapping));
	vm_close(&self->vm);
	EXPECT_EQ(head, ring->head);
	ring->tail = head;
	munmap(mapping, PAGE);
	munmap(ring, ring_size(SMALLEST));
}

TEST_HARNESS_MAIN
