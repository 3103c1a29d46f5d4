// SPDX-License-Identifier: GPL-2.0
/*
 * INS and OUTS through the guest's own page tables. The processor exits before
 * it looks at the memory operand, so all of that is the hypervisor's to do.
 *
 * Breakage it catches: a page that is taken for its neighbour, an access that
 * the page tables forbid, a page fault with a wrong address or error code, or
 * one that undoes items, or does them twice.
 */
#include "devices.h"
#include "guest_code.h"
#include "string_io.h"

#define CR0_WP		0x10000UL
#define IOPL_3		0x3000UL

DEVICE_FIXTURE(paged_io) {
	struct port_vm p;
	uint64_t rflags;	/* besides what a test has by itself */
	int vcpu;
};

DEVICE_FIXTURE_SETUP(paged_io)
{
	ASSERT_EQ(0, mmio_open(&self->p.m, variant->path));
	self->vcpu = self->p.m.vm.vcpu;
}

FIXTURE_TEARDOWN(paged_io)
{
	vm_close(&self->p.m.vm);
}

#define LINEAR		0x200000UL	/* two pages that lie the other way round, */
#define FIRST		0x6000UL
#define SECOND		0x4000UL
#define NOWHERE		(LINEAR + 2 * PAGE)	/* a hole, */
#define CONSTANT	(LINEAR + 3 * PAGE)	/* one to read only, */
#define THIRD		0x7000UL
#define KERNEL_ONLY	(LINEAR + 4 * PAGE)	/* and one that users cannot read */

#define GDT		0x3000UL
#define IDT		0x2000UL
#define TSS		0x3400UL
#define FAULT_STACK	0x3400UL
#define FAULT_HANDLER	0x3800UL

#define CODE_OF(name, text)						\
	GUEST_CODE(64, name, "rep " text "\nhlt\n")
CODE_OF(rep_outs1, "outsb");
CODE_OF(rep_outs2, "outsw");
CODE_OF(rep_outs4, "outsl");
CODE_OF(rep_ins1, "insb");
CODE_OF(rep_ins2, "insw");
CODE_OF(rep_ins4, "insl");

GUEST_CODE(64, fault_handler,
	   "pop	%rax\n"
	   "mov	%cr2, %rbx\n"
	   "hlt\n");

/* 64-bit code that gets its page faults. */
static void set_paging(struct __test_metadata *_metadata, FIXTURE_DATA(paged_io) *self,
		       uint8_t dpl, bool write_protect)
{
	static const uint64_t gdt[] = { 0, 0x00af9b000000ffff };
	const uint64_t present = PTE_PRESENT | PTE_USER, all = present | PTE_WRITABLE;
	const uint64_t gate[2] = { FAULT_HANDLER | 8 << 16 | 0x8eUL << 40, 0 };
	const uint64_t table = TABLES + 3 * PAGE, stack = FAULT_STACK;
	uint8_t *memory = self->p.m.vm.memory;
	struct minivmx_sregs sregs;

	mmio_pte(&self->p.m, TABLES + 2 * PAGE, 1, table | all);
	mmio_pte(&self->p.m, table, 0, FIRST | all);
	mmio_pte(&self->p.m, table, 1, SECOND | all);
	mmio_pte(&self->p.m, table, 2, 0);
	mmio_pte(&self->p.m, table, 3, THIRD | present);
	mmio_pte(&self->p.m, table, 4, THIRD | PTE_PRESENT | PTE_WRITABLE);
	memcpy(memory + GDT, gdt, sizeof(gdt));
	memcpy(memory + IDT + 14 * 16, gate, sizeof(gate));
	memcpy(memory + TSS + 4, &stack, sizeof(stack));
	memcpy(memory + FAULT_HANDLER, fault_handler, fault_handler_end - fault_handler);

	ASSERT_EQ(0, mmio_set_mode(&self->p.m, CODE64, 0));
	ASSERT_EQ(0, vm_get_sregs(self->vcpu, &sregs));
	vm_flat_segments(&sregs, dpl);
	sregs.cs.db = 0;
	sregs.cs.l = 1;
	sregs.gdt.base = GDT;
	sregs.gdt.limit = sizeof(gdt) - 1;
	sregs.idt.base = IDT;
	sregs.idt.limit = 15 * 16 - 1;
	sregs.tr.base = TSS;
	sregs.tr.limit = 0x67;
	sregs.cr0 = (sregs.cr0 & ~CR0_WP) | (write_protect ? CR0_WP : 0);
	sregs.cr2 = 0;
	ASSERT_EQ(0, vm_set_sregs(self->vcpu, &sregs));
}

static void run_paged(struct __test_metadata *_metadata, FIXTURE_DATA(paged_io) *self,
		      bool in, uint32_t size, uint64_t at, uint32_t count)
{
	struct minivmx_regs regs = {
		.rip = VM_ENTRY, .rflags = RFLAGS_FIXED | IOPL_3 | self->rflags, .rdx = PORT,
		.rsp = FAULT_STACK, .rcx = count, .rsi = at, .rdi = at,
	};
	static const struct {
		const uint8_t *start, *end;
	} code[2][5] = {
		{ { NULL, NULL }, { CODE(rep_outs1) }, { CODE(rep_outs2) },
		  { NULL, NULL }, { CODE(rep_outs4) } },
		{ { NULL, NULL }, { CODE(rep_ins1) }, { CODE(rep_ins2) },
		  { NULL, NULL }, { CODE(rep_ins4) } },
	};
	int i;

	mmio_put_code(&self->p.m, code[in][size].start, code[in][size].end);
	for (i = SECOND; i < 0x8000; i++)
		self->p.m.vm.memory[i] = i * 5 + (i >> 8);
	ASSERT_EQ(0, vm_set_regs(self->vcpu, &regs));
	ASSERT_EQ(0, port_run(&self->p, size, in));
}

/* A byte of the two pages, by its distance from where they meet. */
static uint8_t *remapped(FIXTURE_DATA(paged_io) *self, int distance)
{
	return self->p.m.vm.memory + (distance < 0 ? FIRST + PAGE : SECOND) + distance;
}

TEST_DEVICE(paged_io, remapped_pages)
{
	static const uint32_t sizes[] = { 1, 2, 4 };
	uint32_t i, k, s;
	int in;

	for (in = 0; in < 2; in++) {
		for (s = 0; s < ARRAY_SIZE(sizes); s++) {
			uint32_t size = sizes[s], wrong = 0;

			set_paging(_metadata, self, 0, true);
			/* One of the items is in both, if it has more than a byte. */
			run_paged(_metadata, self, in, size, LINEAR + PAGE - 2 * size - 1, 5);
			EXPECT_GT(VM_ENTRY + 8, self->p.regs.rip);
			EXPECT_EQ(5, self->p.nr_items);
			EXPECT_EQ(0, self->p.regs.rcx);
			for (i = 0; i < 5; i++) {
				uint32_t item = in ? port_answer(i) : self->p.items[i];

				for (k = 0; k < size; k++)
					wrong += (uint8_t)(item >> 8 * k) !=
						*remapped(self, (int)(i * size + k) -
							  (int)(2 * size + 1));
			}
			EXPECT_EQ(0, wrong) {
				TH_LOG("%s of %u bytes", in ? "INS" : "OUTS", size);
			}
		}
	}
}

/* ------------------------- page faults ------------------------------------ */

TEST_DEVICE(paged_io, page_faults)
{
	static const struct {
		const char *what;
		bool in;
		uint8_t dpl;
		uint32_t size;
		uint64_t at, cr2, error;
		uint32_t items;		/* that are over before the fault */
	} rows[] = {
		{ "OUTS, first item", false, 0, 1, NOWHERE, NOWHERE, 0, 0 },
		{ "OUTS, third item", false, 0, 2, NOWHERE - 4, NOWHERE, 0, 2 },
		{ "OUTS, half an item", false, 0, 4, NOWHERE - 6, NOWHERE, 0, 1 },
		{ "INS, first item", true, 0, 4, NOWHERE + 8, NOWHERE + 8, 2, 0 },
		{ "INS, third item", true, 0, 2, NOWHERE - 4, NOWHERE, 2, 2 },
		{ "INS, half an item", true, 0, 4, NOWHERE - 6, NOWHERE, 2, 1 },
		{ "INS, read-only", true, 0, 1, CONSTANT + 5, CONSTANT + 5, 3, 0 },
		{ "OUTS, user, hole", false, 3, 1, NOWHERE + 1, NOWHERE + 1, 4, 0 },
		{ "INS, user, hole", true, 3, 2, NOWHERE - 2, NOWHERE, 6, 1 },
		{ "INS, user, read-only", true, 3, 4, CONSTANT, CONSTANT, 7, 0 },
		{ "OUTS, user, of the kernel", false, 3, 4, KERNEL_ONLY, KERNEL_ONLY, 5, 0 },
		{ "INS, user, of the kernel", true, 3, 1, KERNEL_ONLY, KERNEL_ONLY, 7, 0 },
	};
	uint32_t i, k, wrong;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		/*
		 * When an item of INS faults, KVM forgets to step the registers
		 * for those before it, which are in memory already.
		 */
		bool forgets = !variant->minivmx && rows[i].in;
		uint32_t over = forgets ? 0 : rows[i].items;
		uint64_t next = rows[i].at + over * rows[i].size, frame_rip;
		uint64_t page = rows[i].at & ~(PAGE - 1);

		set_paging(_metadata, self, rows[i].dpl, true);
		run_paged(_metadata, self, rows[i].in, rows[i].size, rows[i].at, 5);
		EXPECT_EQ(FAULT_HANDLER + 5, self->p.regs.rip) {
			TH_LOG("%s", rows[i].what);
		}
		EXPECT_EQ(rows[i].error, self->p.regs.rax) {
			TH_LOG("%s", rows[i].what);
		}
		EXPECT_EQ(rows[i].cr2, self->p.regs.rbx) {
			TH_LOG("%s", rows[i].what);
		}
		EXPECT_EQ(5 - over, self->p.regs.rcx) {
			TH_LOG("%s", rows[i].what);
		}
		EXPECT_EQ(next, rows[i].in ? self->p.regs.rdi : self->p.regs.rsi) {
			TH_LOG("%s", rows[i].what);
		}
		memcpy(&frame_rip, self->p.m.vm.memory + self->p.regs.rsp, sizeof(frame_rip));
		EXPECT_EQ(VM_ENTRY, frame_rip) {
			TH_LOG("%s", rows[i].what);
		}
		/* Of INS, the item that meets the fault may have been read before. */
		if (!rows[i].in)
			EXPECT_EQ(rows[i].items, self->p.nr_items);
		/*
		 * Those that were over are in memory, and nothing else. KVM
		 * leaves half an item, too.
		 */
		if (!rows[i].in || page != NOWHERE - PAGE || forgets)
			continue;
		for (k = 0, wrong = 0; k < PAGE; k++) {
			int64_t offset = NOWHERE - PAGE + k - rows[i].at;
			uint32_t item = port_answer(offset / rows[i].size);
			uint8_t right = (SECOND + k) * 5 + ((SECOND + k) >> 8);

			if (offset >= 0 && offset < rows[i].items * rows[i].size)
				right = item >> 8 * (offset % rows[i].size);
			wrong += self->p.m.vm.memory[SECOND + k] != right;
		}
		EXPECT_EQ(0, wrong) {
			TH_LOG("%s", rows[i].what);
		}
	}
}

/* Without CR0.WP the kernel may write to what is read-only. */
TEST_DEVICE(paged_io, write_protection_off)
{
	uint32_t item = port_answer(1);

	set_paging(_metadata, self, 0, false);
	run_paged(_metadata, self, true, 4, CONSTANT + 8, 2);
	EXPECT_EQ(2, self->p.nr_items);
	EXPECT_EQ(0, self->p.regs.rcx);
	EXPECT_EQ(0, memcmp(self->p.m.vm.memory + THIRD + 12, &item, sizeof(item)));
}

#define CR4_SMAP	0x200000UL
#define CPUID_SMAP	0x100000U	/* leaf 7, EBX */

/* Gives the vCPU all that its device supports. Return: is SMAP part of it? */
static bool set_supported_cpuid(struct __test_metadata *_metadata,
				FIXTURE_DATA(paged_io) *self)
{
	struct {
		struct minivmx_cpuid2 head;
		struct minivmx_cpuid_entry2 entries[MINIVMX_MAX_CPUID_ENTRIES];
	} cpuid = { .head.nent = MINIVMX_MAX_CPUID_ENTRIES };
	bool smap = false;
	uint32_t i;

	ASSERT_EQ(0, vm_ioctl_p(self->p.m.vm.dev, MINIVMX_GET_SUPPORTED_CPUID, &cpuid));
	ASSERT_EQ(0, vm_ioctl_p(self->vcpu, MINIVMX_SET_CPUID2, &cpuid));
	for (i = 0; i < cpuid.head.nent; i++)
		if (cpuid.entries[i].function == 7 && cpuid.entries[i].index == 0)
			smap = cpuid.entries[i].ebx & CPUID_SMAP;
	return smap;
}

/* SMAP: the kernel does not touch pages of users, unless EFLAGS.AC is set. */
TEST_DEVICE(paged_io, supervisor_mode_access_prevention)
{
	struct minivmx_sregs sregs;
	int in, allowed;

	if (!set_supported_cpuid(_metadata, self))
		SKIP(return, "this processor has no SMAP");
	for (in = 0; in < 2; in++) {
		for (allowed = 0; allowed < 2; allowed++) {
			set_paging(_metadata, self, 0, true);
			/* All but the transfer's pages are the kernel's. */
			mmio_pte(&self->p.m, TABLES + 2 * PAGE, 0,
				 PTE_PRESENT | PTE_WRITABLE | PTE_LARGE);
			ASSERT_EQ(0, vm_get_sregs(self->vcpu, &sregs));
			sregs.cr4 |= CR4_SMAP;
			ASSERT_EQ(0, vm_set_sregs(self->vcpu, &sregs));
			self->rflags = allowed ? RFLAGS_AC : 0;
			run_paged(_metadata, self, in, 1, LINEAR + 0x10, 2);
			EXPECT_EQ(allowed ? 0 : 2, self->p.regs.rcx);
			if (allowed)
				continue;
			EXPECT_EQ(FAULT_HANDLER + 5, self->p.regs.rip);
			EXPECT_EQ(LINEAR + 0x10, self->p.regs.rbx);
			EXPECT_EQ(in ? 3 : 1, self->p.regs.rax);
			if (!in)
				EXPECT_EQ(0, self->p.nr_items);
		}
	}
}

TEST_HARNESS_MAIN
