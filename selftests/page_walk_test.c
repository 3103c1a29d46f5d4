// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's page tables are hostile when minivmx walks them in its place: they
 * lead to themselves, to no memory, to memory that the guest may not write to,
 * beyond the processor's addresses; and another thread changes them meanwhile.
 *
 * The guest copies from a device to a linear address whose tables are chosen: the
 * processor walks the first part, minivmx the second one.
 *
 * Breakage it catches: an entry that is read twice and judged once, a table looked
 * for outside of the slots, reserved bits that are not looked at, a walk that does
 * not end.
 */
#include <cpuid.h>
#include <pthread.h>
#include <sched.h>

#include "devices.h"
#include "guest_code.h"
#include "vm.h"

#define TABLES		0xa000UL	/* PML4, PDPT, PD */
#define READ_ONLY	0x40000UL	/* a page of slot 1 */
#define NOWHERE		0x30000UL	/* in no slot */
#define FAR		0x40000000UL	/* of the same kind, and far away */
#define IDT		0x4000UL
#define GDT		0x5000UL
#define HANDLER		0x6000UL	/* of #PF */
#define STACK		0x9000UL
#define RESULT		0x77665544u	/* what the device holds */

#define P		1UL
#define RW		2UL
#define US		4UL
#define LARGE		0x80UL
#define ALL		(P | RW | US)

#define PF_WRITE	2
#define PF_PRESENT	1
#define PF_RESERVED	8

#define CR0_WP		0x10000UL
#define EFER_LME	0x100UL
#define EFER_LMA	0x400UL

/* The linear address that index @i selects in each of the four tables. */
#define LINEAR(i4, i3, i2, i1) \
	((unsigned long)(i4) << 39 | (unsigned long)(i3) << 30 | \
	 (unsigned long)(i2) << 21 | (unsigned long)(i1) << 12)

DEVICE_FIXTURE(page_walk) {
	struct vm vm;
	uint8_t *around;	/* a page before and behind the guest's memory */
	uint8_t *memory;
	uint64_t *pml4, *read_only;
	struct minivmx_sregs reset;
};

DEVICE_FIXTURE_SETUP(page_walk)
{
	struct minivmx_userspace_memory_region region = {
		.slot = 1, .flags = MINIVMX_MEM_READONLY, .guest_phys_addr = READ_ONLY,
		.memory_size = PAGE,
	};

	ASSERT_EQ(0, vm_open(&self->vm, variant->path));
	self->around = vm_pages(VM_MEMORY + 2 * PAGE);
	self->read_only = vm_pages(PAGE);
	ASSERT_NE(MAP_FAILED, self->around);
	ASSERT_NE(MAP_FAILED, (void *)self->read_only);
	memset(self->around, 0xc5, VM_MEMORY + 2 * PAGE);
	self->memory = self->around + PAGE;
	memset(self->memory, 0, VM_MEMORY);
	self->pml4 = (void *)(self->memory + TABLES);
	region.userspace_addr = (unsigned long)self->read_only;
	ASSERT_EQ(0, vm_region(self->vm.fd, VM_SLOT, 0, 0, NULL));
	ASSERT_EQ(0, vm_region(self->vm.fd, VM_SLOT, 0, VM_MEMORY, self->memory));
	ASSERT_EQ(0, vm_ioctl_p(self->vm.fd, MINIVMX_SET_USER_MEMORY_REGION, &region));
	ASSERT_EQ(0, vm_get_sregs(self->vm.vcpu, &self->reset));
}

FIXTURE_TEARDOWN(page_walk)
{
	vm_close(&self->vm);
	munmap(self->around, VM_MEMORY + 2 * PAGE);
	munmap(self->read_only, PAGE);
}

static void expect_nothing_written(struct __test_metadata *_metadata,
				   const FIXTURE_DATA(page_walk) *self)
{
	size_t i;

	for (i = 0; i < PAGE; i++)
		if (self->around[i] != 0xc5 || self->around[PAGE + VM_MEMORY + i] != 0xc5)
			break;
	EXPECT_EQ(PAGE, i);
	for (i = 0; i < PAGE / sizeof(self->read_only[0]) && !self->read_only[i]; i++)
		;
	EXPECT_EQ(PAGE / sizeof(self->read_only[0]), i);
}

/* From the device to the address that is asked about, 4 bytes. */
GUEST_CODE(64, copy,
	   "movsl\n"
	   "hlt\n");

/* The error code, where a HLT leaves it. */
GUEST_CODE(64, handler,
	   "pop	%rax\n"
	   "hlt\n");

static void start(struct __test_metadata *_metadata, FIXTURE_DATA(page_walk) *self,
		  unsigned long to)
{
	static const uint64_t gate = 0x8e0000080000 | (HANDLER & 0xffff);
	static const uint64_t gdt[] = { 0, 0x00af9b000000ffff, 0x00cf93000000ffff };
	struct minivmx_sregs sregs = self->reset;
	struct minivmx_regs regs = {
		.rip = VM_ENTRY, .rsp = STACK, .rflags = RFLAGS_FIXED, .rsi = NOWHERE,
		.rdi = to,
	};

	memcpy(self->memory + VM_ENTRY, copy, copy_end - copy);
	memcpy(self->memory + HANDLER, handler, handler_end - handler);
	memcpy(self->memory + IDT + 16 * 14, &gate, sizeof(gate));
	memcpy(self->memory + GDT, gdt, sizeof(gdt));
	/* 2 MiB as they are: code, and the device. */
	self->pml4[0] = (TABLES + PAGE) | ALL;
	self->pml4[512] = (TABLES + 2 * PAGE) | ALL;
	self->pml4[1024] = ALL | LARGE | 0x60;
	vm_flat_segments(&sregs, 0);
	sregs.cs.db = 0;
	sregs.cs.l = 1;
	sregs.cr0 |= CR0_PG | CR0_WP;
	sregs.cr3 = TABLES;
	sregs.cr4 |= CR4_PAE;
	sregs.efer |= EFER_LME | EFER_LMA;
	sregs.idt = (struct minivmx_dtable) { .base = IDT, .limit = 0xfff };
	sregs.gdt = (struct minivmx_dtable) { .base = GDT, .limit = 0x17 };
	ASSERT_EQ(0, vm_set_sregs(self->vm.vcpu, &sregs));
	ASSERT_EQ(0, vm_set_regs(self->vm.vcpu, &regs));
}

static int run(struct vm *vm)
{
	int ret;

	do
		ret = vm_run(vm->vcpu);
	while (ret == -EINTR);
	return ret;
}

/* The read of the device is answered; then the write has to go somewhere. */
static void answer_read(struct __test_metadata *_metadata, struct vm *vm)
{
	const uint32_t result = RESULT;

	ASSERT_EQ(0, run(vm));
	ASSERT_EQ(MINIVMX_EXIT_MMIO, vm->run->exit_reason);
	ASSERT_EQ(0, vm->run->mmio.is_write);
	ASSERT_EQ(NOWHERE, vm->run->mmio.phys_addr);
	memcpy(vm->run->mmio.data, &result, sizeof(result));
}

/* ------------------------- tables that stay ------------------------------ */

/* How the copy ends. */
enum ending { TO_MEMORY, FAULTS, NO_TABLE };

static const struct {
	const char *name;
	uint64_t entry;			/* number 1 of the PML4 */
	unsigned long to;
	enum ending ending;
	uint64_t where;			/* address, or error code */
} rows[] = {
	/* All four tables are the PML4, and so is the page. */
	{ "leads to itself", TABLES | ALL, LINEAR(1, 1, 1, 1) + 0x800, TO_MEMORY,
	  TABLES + 0x800 },
	/* PDPT and PD are tables one level too low; a large page's bit is PAT there. */
	{ "one level deeper", TABLES | ALL, LINEAR(1, 0, 0, 0) + 0x900, TO_MEMORY, 0x900 },
	{ "to itself, read-only", TABLES | P | US, LINEAR(1, 1, 1, 1) + 0x800, FAULTS,
	  PF_WRITE | PF_PRESENT },
	{ "not there", TABLES | RW, LINEAR(1, 1, 1, 1), FAULTS, PF_WRITE },
	{ "in no slot", NOWHERE | ALL, LINEAR(1, 0, 0, 0), NO_TABLE, 0 },
	{ "in no slot, far away", FAR | ALL, LINEAR(1, 511, 0, 0), NO_TABLE, 0 },
	{ "reserved bit", TABLES | ALL | LARGE, LINEAR(1, 0, 0, 0), FAULTS,
	  PF_WRITE | PF_PRESENT | PF_RESERVED },
	/* The page that the last entry of a slot's last page leads to. */
	{ "at the end of memory", (VM_MEMORY - PAGE) | ALL, LINEAR(1, 511, 0, 0) + 8,
	  TO_MEMORY, 8 },
};

TEST_DEVICE(page_walk, hostile_tables)
{
	struct minivmx_regs regs;
	struct vm *vm = &self->vm;
	uint32_t stored;
	size_t i;

	if (!variant->minivmx)
		SKIP(return, "what KVM makes of tables in no slot is documented to differ");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		int failed = !_metadata->passed;

		start(_metadata, self, rows[i].to);
		self->pml4[1] = rows[i].entry;
		/* For the last row: entry 511 of the page leads on through good tables. */
		self->pml4[512 + 1] = 0;
		*(uint64_t *)(self->memory + VM_MEMORY - 8) = (TABLES + 2 * PAGE) | ALL;
		answer_read(_metadata, vm);
		ASSERT_EQ(0, run(vm));
		ASSERT_EQ(0, vm_get_regs(vm->vcpu, &regs));
		switch (rows[i].ending) {
		case TO_MEMORY:
			EXPECT_EQ(MINIVMX_EXIT_HLT, vm->run->exit_reason);
			EXPECT_EQ(VM_ENTRY + 2, regs.rip);
			memcpy(&stored, self->memory + rows[i].where, sizeof(stored));
			EXPECT_EQ(RESULT, stored);
			break;
		case FAULTS:
			EXPECT_EQ(MINIVMX_EXIT_HLT, vm->run->exit_reason);
			EXPECT_EQ(HANDLER + 2, regs.rip);
			EXPECT_EQ(rows[i].where, regs.rax);
			break;
		case NO_TABLE:
			EXPECT_EQ(MINIVMX_EXIT_INTERNAL_ERROR, vm->run->exit_reason);
			EXPECT_EQ(MINIVMX_INTERNAL_ERROR_EMULATION,
				  vm->run->internal.suberror);
			break;
		}
		if (!failed && !_metadata->passed)
			TH_LOG("table %s", rows[i].name);
	}
	expect_nothing_written(_metadata, self);
}

/* Beyond the addresses of the processor: reserved. */
TEST_DEVICE(page_walk, beyond_physical_addresses)
{
	uint32_t bits = 36, ebx, ecx, edx;
	struct minivmx_regs regs;

	__get_cpuid(0x80000008, &bits, &ebx, &ecx, &edx);
	bits &= 0xff;
	if (bits >= 52)
		SKIP(return, "no address is beyond 52 bits");
	for (; bits < 52; bits++) {
		start(_metadata, self, LINEAR(1, 0, 0, 0));
		self->pml4[1] = TABLES | ALL | 1UL << bits;
		answer_read(_metadata, &self->vm);
		ASSERT_EQ(0, run(&self->vm));
		ASSERT_EQ(MINIVMX_EXIT_HLT, self->vm.run->exit_reason);
		ASSERT_EQ(0, vm_get_regs(self->vm.vcpu, &regs));
		ASSERT_EQ(HANDLER + 2, regs.rip);
		ASSERT_EQ(PF_WRITE | PF_PRESENT | PF_RESERVED, regs.rax);
	}
	expect_nothing_written(_metadata, self);
}

/* ------------------------- tables that change ---------------------------- */

#define RUNS	300

struct changer {
	volatile uint64_t *entry;
	volatile bool stop;
};

static const uint64_t entries[] = {
	TABLES | ALL, TABLES | P | US, NOWHERE | ALL, FAR | ALL, TABLES | ALL | LARGE, 0,
	(VM_MEMORY - PAGE) | ALL, READ_ONLY | ALL, ~0UL, 1UL << 51 | ALL,
};

static void *change(void *arg)
{
	struct changer *c = arg;
	unsigned int i;

	for (i = 0; !c->stop; i++) {
		*c->entry = entries[i % ARRAY_SIZE(entries)];
		if (i % 16 == 0)
			sched_yield();
	}
	return NULL;
}

/* Whatever it finds, the guest's copy ends in one of the ways above. */
TEST_DEVICE(page_walk, tables_that_change)
{
	struct changer changer = { .entry = self->pml4 + 1 };
	struct minivmx_run *page = self->vm.run;
	unsigned int i, ends[3] = { 0 };
	struct minivmx_regs regs;
	pthread_t thread;

	if (!variant->minivmx)
		SKIP(return, "what KVM makes of tables in no slot is documented to differ");
	ASSERT_EQ(0, pthread_create(&thread, NULL, change, &changer));
	for (i = 0; i < RUNS; i++) {
		/* The thread may have written over what @start wrote; not so here. */
		start(_metadata, self, LINEAR(1, i & 1, 0, i & 1) + 0x800);
		/* And there is one change at least, if there is only one CPU. */
		*changer.entry = entries[i % ARRAY_SIZE(entries)];
		answer_read(_metadata, &self->vm);
		*changer.entry = entries[(i + i / 10) % ARRAY_SIZE(entries)];
		ASSERT_EQ(0, run(&self->vm));
		ASSERT_EQ(0, vm_get_regs(self->vm.vcpu, &regs));
		if (page->exit_reason == MINIVMX_EXIT_INTERNAL_ERROR) {
			ASSERT_EQ(MINIVMX_INTERNAL_ERROR_EMULATION, page->internal.suberror);
			ends[2]++;
		} else if (page->exit_reason == MINIVMX_EXIT_HLT) {
			ASSERT_TRUE(regs.rip == VM_ENTRY + 2 || regs.rip == HANDLER + 2);
			ends[regs.rip == HANDLER + 2]++;
		} else {
			/* A page in no slot, by a table in the read-only one or elsewhere. */
			ASSERT_EQ(MINIVMX_EXIT_MMIO, page->exit_reason);
			ASSERT_EQ(1, page->mmio.is_write);
		}
	}
	changer.stop = true;
	ASSERT_EQ(0, pthread_join(thread, NULL));
	TH_LOG("%u copies were done, %u faulted, %u met no table", ends[0], ends[1], ends[2]);
	for (i = 0; i < ARRAY_SIZE(ends); i++)
		EXPECT_LT(0, ends[i]);
	expect_nothing_written(_metadata, self);
}

TEST_HARNESS_MAIN
