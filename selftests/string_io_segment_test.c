// SPDX-License-Identifier: GPL-2.0
/*
 * INS and OUTS where a segment ends, or where an address of 16 bits begins
 * anew: in the middle of a page, where a hypervisor that moves many items at
 * once does not look by itself.
 *
 * Breakage it catches: items from or to memory behind the end of a segment.
 */
#include "devices.h"
#include "guest_code.h"
#include "string_io.h"

#define BASE		0x20UL		/* so 0x10000 is in the middle of a page */
#define FURTHER		DEVICE		/* memory instead of the device */
#define IDT		0x2000UL
#define GDT		0x2800UL
#define HANDLER		0x3800UL
#define LIMIT		0x5123UL	/* of a segment in protected mode */
#define GP		13

DEVICE_FIXTURE(segment_io) {
	struct port_vm p;
	uint8_t *further;
	int vcpu;
};

DEVICE_FIXTURE_SETUP(segment_io)
{
	ASSERT_EQ(0, mmio_open(&self->p.m, variant->path));
	self->vcpu = self->p.m.vm.vcpu;
	self->further = vm_pages(2 * PAGE);
	ASSERT_NE(MAP_FAILED, self->further);
	ASSERT_EQ(0, vm_region(self->p.m.vm.fd, 1, FURTHER, 2 * PAGE, self->further));
}

FIXTURE_TEARDOWN(segment_io)
{
	vm_close(&self->p.m.vm);
	munmap(self->further, 2 * PAGE);
}

GUEST_CODE(16, rep_outsb, "rep outsb\nhlt\n");
GUEST_CODE(16, rep_insb, "rep insb\nhlt\n");
GUEST_CODE(32, rep_outsw32, "rep outsw\nhlt\n");
GUEST_CODE(32, rep_insw32, "rep insw\nhlt\n");

static void set_regs(struct __test_metadata *_metadata, FIXTURE_DATA(segment_io) *self,
		     uint64_t at, uint32_t count, bool down)
{
	struct minivmx_regs regs = {
		.rip = VM_ENTRY, .rflags = RFLAGS_FIXED | (down ? RFLAGS_DF : 0),
		.rdx = PORT, .rsp = STACK, .rcx = count, .rsi = at, .rdi = at,
	};

	ASSERT_EQ(0, vm_set_regs(self->vcpu, &regs));
}

static uint8_t *byte_of_segment(FIXTURE_DATA(segment_io) *self, uint16_t offset)
{
	uint64_t linear = BASE + offset;

	return linear < FURTHER ? self->p.m.vm.memory + linear :
		self->further + (linear - FURTHER);
}

/* SI and DI come to 0x10000, or below 0, and mean the other end. */
TEST_DEVICE(segment_io, wraps)
{
	int in, down, i;

	for (in = 0; in < 2; in++) {
		for (down = 0; down < 2; down++) {
			uint16_t at = down ? 3 : 0xfffc, offset;

			mmio_put_code(&self->p.m, in ? rep_insb : rep_outsb,
				      in ? rep_insb_end : rep_outsb_end);
			for (i = -16; i < 16; i++)
				*byte_of_segment(self, i) = 0x80 + i;
			/* What follows without the wrap. */
			memset(self->further + BASE, 0xee, 16);
			ASSERT_EQ(0, mmio_set_mode(&self->p.m, CODE16, BASE));
			set_regs(_metadata, self, at, 8, down);
			ASSERT_EQ(0, port_run(&self->p, 1, in));
			EXPECT_EQ(8, self->p.nr_items);
			for (i = 0; i < 8; i++) {
				offset = at + (down ? -i : i);
				EXPECT_EQ(*byte_of_segment(self, offset),
					  (uint8_t)(in ? port_answer(i) :
						    self->p.items[i])) {
					TH_LOG("%s, %s, item %d", in ? "INS" : "OUTS",
					       down ? "down" : "up", i);
				}
			}
			for (i = 0; i < 16; i++)
				EXPECT_EQ(0xee, self->further[BASE + i]);
			EXPECT_EQ(0, self->p.regs.rcx);
			EXPECT_EQ((uint16_t)(at + (down ? -8 : 8)),
				  in ? self->p.regs.rdi : self->p.regs.rsi);
		}
	}
}

GUEST_CODE(32, fault_handler, "pop %eax\nmov $0x600d, %ebx\nhlt\n");

/* Flat protected mode, but DS and ES end at @limit. */
static void set_limit(struct __test_metadata *_metadata, FIXTURE_DATA(segment_io) *self,
		      uint32_t limit)
{
	static const uint64_t gdt[] = { 0, 0x00cf9b000000ffff, 0x00cf93000000ffff };
	const uint64_t gate = HANDLER | 8 << 16 | 0x8eUL << 40;
	uint8_t *memory = self->p.m.vm.memory;
	struct minivmx_sregs sregs;

	memcpy(memory + GDT, gdt, sizeof(gdt));
	memcpy(memory + IDT + 8 * GP, &gate, sizeof(gate));
	memcpy(memory + HANDLER, fault_handler, fault_handler_end - fault_handler);
	ASSERT_EQ(0, mmio_set_mode(&self->p.m, CODE32, 0));
	ASSERT_EQ(0, vm_get_sregs(self->vcpu, &sregs));
	sregs.ds.limit = limit;
	sregs.ds.g = 0;
	sregs.es = sregs.ds;
	sregs.gdt.base = GDT;
	sregs.gdt.limit = sizeof(gdt) - 1;
	sregs.idt.base = IDT;
	sregs.idt.limit = 8 * (GP + 1) - 1;
	ASSERT_EQ(0, vm_set_sregs(self->vcpu, &sregs));
}

/* The last byte of a segment is in the middle of a page, and of an item. */
TEST_DEVICE(segment_io, limit)
{
	uint8_t *memory = self->p.m.vm.memory;
	uint32_t i;
	int in;

	for (in = 0; in < 2; in++) {
		/* KVM forgets what is over when an item of INS faults. */
		uint32_t over = in && !variant->minivmx ? 0 : 3, behind = 0;

		mmio_put_code(&self->p.m, in ? rep_insw32 : rep_outsw32,
			      in ? rep_insw32_end : rep_outsw32_end);
		memset(memory + 0x5000, 0xee, PAGE);
		set_limit(_metadata, self, LIMIT);
		set_regs(_metadata, self, LIMIT - 6, 9, false);
		ASSERT_EQ(0, port_run(&self->p, 2, in));
		EXPECT_EQ(HANDLER + (fault_handler_end - fault_handler), self->p.regs.rip);
		EXPECT_EQ(0x600d, self->p.regs.rbx);
		EXPECT_EQ(0, self->p.regs.rax);
		EXPECT_EQ(9 - over, self->p.regs.rcx);
		EXPECT_EQ(LIMIT - 6 + 2 * over, in ? self->p.regs.rdi : self->p.regs.rsi);
		if (!in)
			EXPECT_EQ(3, self->p.nr_items);
		for (i = LIMIT + 1; i < 0x5400; i++)
			behind += memory[i] != 0xee;
		EXPECT_EQ(0, behind);
	}
}

/* ------------------------- which segment ---------------------------------- */

GUEST_CODE(16, outs_ds, "outsb\nhlt\n");
GUEST_CODE(16, outs_es, "outsb %es:(%si), %dx\nhlt\n");
GUEST_CODE(16, outs_fs, "outsb %fs:(%si), %dx\nhlt\n");
GUEST_CODE(16, ins_es, "insb\nhlt\n");
GUEST_CODE(16, ins_fs, ".byte 0x64\ninsb\nhlt\n");
GUEST_CODE(64, outs_ds64, "outsb\nhlt\n");
GUEST_CODE(64, outs_es64, "outsb %es:(%rsi), %dx\nhlt\n");
GUEST_CODE(64, outs_fs64, "outsb %fs:(%rsi), %dx\nhlt\n");
GUEST_CODE(64, ins_fs64, ".byte 0x64\ninsb\nhlt\n");

/* OUTS heeds a prefix, INS does not, and 64-bit code knows FS and GS alone. */
TEST_DEVICE(segment_io, segments)
{
	static const struct {
		const char *name;
		const uint8_t *start, *end;
		enum mode mode;
		bool in;
		uint64_t at;
	} rows[] = {
		{ "OUTS", CODE(outs_ds), CODE16, false, 0x4123 },
		{ "OUTS ES", CODE(outs_es), CODE16, false, 0x5123 },
		{ "OUTS FS", CODE(outs_fs), CODE16, false, 0x6123 },
		{ "INS", CODE(ins_es), CODE16, true, 0x5123 },
		{ "INS FS", CODE(ins_fs), CODE16, true, 0x5123 },
		{ "OUTS", CODE(outs_ds64), CODE64, false, 0x123 },
		{ "OUTS ES", CODE(outs_es64), CODE64, false, 0x123 },
		{ "OUTS FS", CODE(outs_fs64), CODE64, false, 0x6123 },
		{ "INS FS", CODE(ins_fs64), CODE64, true, 0x123 },
	};
	uint8_t *memory = self->p.m.vm.memory;
	struct minivmx_sregs sregs;
	uint64_t at;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (at = 0x123; at < 0x8000; at += PAGE)
			memory[at] = 0xc0 + at / PAGE;
		mmio_put_code(&self->p.m, rows[i].start, rows[i].end);
		ASSERT_EQ(0, mmio_set_mode(&self->p.m, rows[i].mode, 0x4000));
		ASSERT_EQ(0, vm_get_sregs(self->vcpu, &sregs));
		sregs.es.base = 0x5000;
		sregs.fs.base = 0x6000;
		ASSERT_EQ(0, vm_set_sregs(self->vcpu, &sregs));
		set_regs(_metadata, self, 0x123, 1, false);
		ASSERT_EQ(0, port_run(&self->p, 1, rows[i].in));
		if (!rows[i].in) {
			EXPECT_EQ(memory[rows[i].at], (uint8_t)self->p.items[0]) {
				TH_LOG("%s, %s", rows[i].name, mode_names[rows[i].mode]);
			}
		}
		for (at = 0x123; at < 0x8000; at += PAGE) {
			EXPECT_EQ((uint8_t)(rows[i].in && at == rows[i].at ?
					    port_answer(0) : 0xc0 + at / PAGE), memory[at]) {
				TH_LOG("%s, %s, at %#lx", rows[i].name,
				       mode_names[rows[i].mode], at);
			}
		}
	}
}

TEST_HARNESS_MAIN
