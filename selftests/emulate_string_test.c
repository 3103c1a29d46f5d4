// SPDX-License-Identifier: GPL-2.0
/*
 * More of instructions that access a device: MOVS, STOS and LODS, each way to
 * name memory, and an instruction that nobody completes.
 *
 * As in emulate_test.c the processor says what is right, on memory.
 *
 * Breakage it catches: items too many or too few, in a wrong direction or order,
 * registers that are stepped in a wrong width, a base, index, displacement or
 * segment that is left out, and an unknown instruction that is skipped.
 */
#include "devices.h"
#include "guest_code.h"
#include "mmio_vm.h"

#define SOURCE		0x4000UL	/* where the processor does it */
#define TARGET		0x5000UL
#define BASE16		0x3000UL	/* from here 16 bits reach all of it */
#define WINDOW		64

DEVICE_FIXTURE(strings) {
	struct mmio_vm m;
	int vcpu;
};

DEVICE_FIXTURE_SETUP(strings)
{
	ASSERT_EQ(0, mmio_open(&self->m, variant->path));
	self->vcpu = self->m.vm.vcpu;
}

FIXTURE_TEARDOWN(strings)
{
	vm_close(&self->m.vm);
}

/* X(name, instruction, bytes of an item, reads, writes) */
#define IN_ALL_MODES(X)							\
	X(movs1, "movsb", 1, true, true) X(movs2, "movsw", 2, true, true) \
	X(movs4, "movsl", 4, true, true) X(stos1, "stosb", 1, false, true) \
	X(stos2, "stosw", 2, false, true) X(stos4, "stosl", 4, false, true) \
	X(lods1, "lodsb", 1, true, false) X(lods2, "lodsw", 2, true, false) \
	X(lods4, "lodsl", 4, true, false)
#define IN_64_BITS(X)							\
	X(movs8, "movsq", 8, true, true) X(stos8, "stosq", 8, false, true) \
	X(lods8, "lodsq", 8, true, false)

#define DEFINE(bits, name, text)					\
	GUEST_CODE(bits, name##_##bits, text "\nhlt\n");		\
	GUEST_CODE(bits, rep_##name##_##bits, "rep " text "\nhlt\n");
#define DEFINE_ALL(name, text, size, reads, writes)			\
	DEFINE(16, name, text) DEFINE(32, name, text) DEFINE(64, name, text)
#define DEFINE_64(name, text, size, reads, writes)			\
	DEFINE(64, name, text)
IN_ALL_MODES(DEFINE_ALL)
IN_64_BITS(DEFINE_64)

static const struct string_op {
	const char *name;
	struct {
		const uint8_t *start, *end;
	} code[NR_MODES][2];		/* without REP, and with it */
	uint32_t size;
	bool reads, writes;
} ops[] = {
#define BOTH(name)	{ { CODE(name) }, { CODE(rep_##name) } }
#define NEITHER		{ { NULL, NULL }, { NULL, NULL } }
#define ROW_ALL(name, text, size, reads, writes)			\
	{ text, { BOTH(name##_16), BOTH(name##_32), BOTH(name##_64) },	\
	  size, reads, writes },
#define ROW_64(name, text, size, reads, writes)				\
	{ text, { NEITHER, NEITHER, BOTH(name##_64) }, size, reads, writes },
	IN_ALL_MODES(ROW_ALL)
	IN_64_BITS(ROW_64)
};

/* struct result: all that may have changed; pointers relative to the start. */
struct result {
	struct minivmx_regs regs;
	uint8_t bytes[WINDOW];
};

static void run_string(struct __test_metadata *_metadata, FIXTURE_DATA(strings) *self,
		       enum mode mode, uint64_t source, uint64_t target, uint64_t count,
		       uint64_t rflags, struct result *result)
{
	uint64_t base = mode == CODE16 ? BASE16 : 0;
	struct minivmx_regs regs = {
		.rip = VM_ENTRY, .rflags = RFLAGS_FIXED | rflags, .rcx = count,
		.rax = 0x8192a3b4c5d6e7f8, .rsp = STACK,
		.rsi = source - base, .rdi = target - base,
	};
	int i;

	for (i = 0; i < WINDOW; i++) {
		*mmio_byte(&self->m, source - WINDOW / 2 + i) = 0x41 + i;
		*mmio_byte(&self->m, target - WINDOW / 2 + i) = 0xc1 + i;
	}
	ASSERT_EQ(0, mmio_set_mode(&self->m, mode, base));
	ASSERT_EQ(0, vm_set_regs(self->vcpu, &regs));
	ASSERT_EQ(MINIVMX_EXIT_HLT, mmio_run(&self->m));
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &result->regs));
	result->regs.rsi -= regs.rsi;
	result->regs.rdi -= regs.rdi;
	for (i = 0; i < WINDOW; i++)
		result->bytes[i] = *mmio_byte(&self->m, target - WINDOW / 2 + i);
}

static void compare_string(struct __test_metadata *_metadata, FIXTURE_DATA(strings) *self,
			   const struct string_op *op, enum mode mode, int rep,
			   uint64_t source, uint64_t target, uint64_t count,
			   uint64_t rflags)
{
	int64_t step = rflags & RFLAGS_DF ? -(int64_t)op->size : op->size;
	uint64_t items = rep ? count : 1, i;
	struct result right, emulated;
	char what[128];

	snprintf(what, sizeof(what), "%s%s, %s, from %#lx to %#lx, count %lu, flags %#lx",
		 rep ? "rep " : "", op->name, mode_names[mode], source, target, count,
		 rflags);
	mmio_put_code(&self->m, op->code[mode][rep].start, op->code[mode][rep].end);
	run_string(_metadata, self, mode, SOURCE + source % PAGE, TARGET + target % PAGE,
		   count, rflags, &right);
	ASSERT_EQ(0, self->m.seen.n);
	run_string(_metadata, self, mode, source, target, count, rflags, &emulated);
	EXPECT_EQ(0, memcmp(&right.regs, &emulated.regs, sizeof(right.regs))) {
		TH_LOG("registers: %s", what);
	}
	EXPECT_EQ(0, memcmp(right.bytes, emulated.bytes, WINDOW)) {
		TH_LOG("bytes: %s", what);
	}
	self->m.expected.n = 0;
	for (i = 0; i < items; i++) {
		if (op->reads)
			mmio_expect(&self->m, source + i * step, op->size, false);
		if (op->writes)
			mmio_expect(&self->m, target + i * step, op->size, true);
	}
	EXPECT_TRUE(mmio_as_expected(&self->m)) {
		TH_LOG("accesses: %s", what);
		mmio_print(&self->m);
	}
}

static void each_string(struct __test_metadata *_metadata, FIXTURE_DATA(strings) *self,
			enum mode mode)
{
	/* From and to; the low bits also tell where in a page memory is. */
	static const struct {
		uint64_t source, target;
	} places[] = {
		{ 0x4104, DEVICE + 0x204 }, { DEVICE + 0x204, 0x5104 },
		{ DEVICE + 0x204, DEVICE + 2 * PAGE + 0x304 },
		/* across pages of the device */
		{ 0x4104, DEVICE + PAGE - 2 }, { DEVICE + PAGE - 2, 0x5104 },
		/* into the device, or with DF out of it */
		{ 0x4104, DEVICE - 2 }, { DEVICE - 2, 0x5104 },
	};
	static const uint64_t counts[] = { 0, 1, 3 };
	size_t i, p, c;
	int down;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		if (!ops[i].code[mode][0].start)
			continue;
		for (p = 0; p < ARRAY_SIZE(places) && _metadata->passed; p++) {
			for (down = 0; down < 2; down++) {
				uint64_t rflags = RFLAGS_STATUS | (down ? RFLAGS_DF : 0);

				compare_string(_metadata, self, &ops[i], mode, 0,
					       places[p].source, places[p].target, 7,
					       rflags);
				for (c = 0; c < ARRAY_SIZE(counts); c++)
					compare_string(_metadata, self, &ops[i], mode, 1,
						       places[p].source,
						       places[p].target, counts[c],
						       rflags);
			}
		}
	}
}

TEST_DEVICE(strings, in_16_bits)
{
	each_string(_metadata, self, CODE16);
}

TEST_DEVICE(strings, in_32_bits)
{
	each_string(_metadata, self, CODE32);
}

TEST_DEVICE(strings, in_64_bits)
{
	each_string(_metadata, self, CODE64);
}

/* ------------------------- addresses -------------------------------------- */

/*
 * All of them read the byte at DEVICE + 0x123. Segments begin at DEVICE, but
 * not GS, and not in 64-bit code, where registers lead there.
 */
#define ADDRESSES(X)							\
	X(16, a1, "0x123") X(16, a2, "3(%bx,%si)") X(16, a3, "-0x1d(%bx,%di)") \
	X(16, a4, "3(%bp,%si)") X(16, a5, "-0x1d(%bp,%di)")		\
	X(16, a6, "0x103(%si)") X(16, a7, "0xe3(%di)") X(16, a8, "0x23(%bp)") \
	X(16, a9, "0x23(%bx)") X(16, a10, "%es:0x123") X(16, a11, "%ss:0x123") \
	X(16, a12, "%fs:0x123") X(16, a13, "3(%ebx,%esi)")		\
	X(16, a14, "0xa3(%eax,%esi,4)") X(16, a15, "-0xdd(%edx)")	\
	X(16, a16, "0x8123(%ecx)")					\
	X(32, b1, "0x123") X(32, b2, "3(%ebx,%esi)")			\
	X(32, b3, "0x63(%edi,%esi,4)") X(32, b4, "0x23(%ebp)")		\
	X(32, b5, "-0x7edd(%esp)") X(32, b6, "3(%ebp,%esi)")		\
	X(32, b7, "0xa3(,%esi,4)") X(32, b8, "%es:0x23(%ebx)")		\
	X(32, b9, "%fs:0x123") X(32, b10, "%gs:0x10123")		\
	X(32, b11, "3(%bx,%si)") X(32, b12, "0x23(%bp)") X(32, b13, "0x8123(%ecx)") \
	X(64, c1, "0x10123") X(64, c2, "0x23(%rbx)") X(64, c3, "3(%rbx,%rsi)") \
	X(64, c4, "0x123(%r8)") X(64, c5, "0x123(%r12)") X(64, c6, "0x123(%r13)") \
	X(64, c7, "0x23(%r12,%r14,8)") X(64, c8, "0x23(%r13,%r14,8)")	\
	X(64, c9, "0x100e3(,%rsi,2)") X(64, c10, "0x10103(,%r14)")	\
	X(64, c11, "0x23(%rbp)") X(64, c12, "0x7123(%rsp)")		\
	X(64, c13, "%fs:0x123(%rax)") X(64, c14, "%es:0x23(%rbx)")	\
	X(64, c15, "0x123(%r9d)") X(64, c16, "3(%ebx,%esi)")		\
	X(64, c17, "-3(%r15)") X(64, c18, "%gs:0x10123")		\
	X(64, c19, "0xf11d(%rip)")	/* + 0x1006 */		\
	X(64, c20, "0xf11c(%eip)")	/* + 0x1007 */

#define DEFINE_ADDRESS(bits, name, text)				\
	GUEST_CODE(bits, name, "movb " text ", %dl\nhlt\n");
ADDRESSES(DEFINE_ADDRESS)

/* With an address in the opcode, which wants AL. */
GUEST_CODE(16, moffs16, ".byte 0xa0\n.word 0x123\nmov %al, %dl\nhlt\n");
GUEST_CODE(32, moffs32, ".byte 0xa0\n.long 0x123\nmov %al, %dl\nhlt\n");
GUEST_CODE(64, moffs64, "movabs 0x10123, %al\nmov %al, %dl\nhlt\n");

static const struct {
	const char *name;
	const uint8_t *start, *end;
	int bits;
} addresses[] = {
#define ROW_ADDRESS(bits, name, text)	{ text, CODE(name), bits },
	ADDRESSES(ROW_ADDRESS)
	{ "moffs", CODE(moffs16), 16 }, { "moffs", CODE(moffs32), 32 },
	{ "moffs", CODE(moffs64), 64 },
};

static void start_addressing(struct __test_metadata *_metadata,
			     FIXTURE_DATA(strings) *self, int bits)
{
	uint64_t base = bits == 64 ? DEVICE : 0;
	struct minivmx_regs regs = {
		.rip = VM_ENTRY, .rflags = RFLAGS_FIXED, .rax = 0, .rcx = 0xffff8000,
		.rdx = 0x200, .rbx = base + 0x100, .rsi = 0x20, .rdi = 0x40,
		.rbp = base + 0x100, .rsp = bits == 64 ? STACK : 0x8000,
		.r8 = DEVICE, .r9 = 0xabcd000000000000 + DEVICE, .r12 = DEVICE,
		.r13 = DEVICE, .r14 = 0x20, .r15 = DEVICE + 0x126,
	};

	ASSERT_EQ(0, mmio_set_mode(&self->m, bits == 16 ? CODE16 : bits == 32 ?
				   CODE32 : CODE64, DEVICE));
	ASSERT_EQ(0, vm_set_regs(self->vcpu, &regs));
}

TEST_DEVICE(strings, addresses)
{
	struct minivmx_regs regs;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		mmio_put_code(&self->m, addresses[i].start, addresses[i].end);
		start_addressing(_metadata, self, addresses[i].bits);
		self->m.device[0x123] = 0x5a + i;
		self->m.expected.n = 0;
		mmio_expect(&self->m, DEVICE + 0x123, 1, false);
		EXPECT_EQ(MINIVMX_EXIT_HLT, mmio_run(&self->m));
		EXPECT_TRUE(mmio_as_expected(&self->m)) {
			TH_LOG("%d bits, %s", addresses[i].bits, addresses[i].name);
			mmio_print(&self->m);
		}
		ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
		EXPECT_EQ(0x5a + i, regs.rdx & 0xff) {
			TH_LOG("%d bits, %s", addresses[i].bits, addresses[i].name);
		}
		EXPECT_EQ(VM_ENTRY + addresses[i].end - addresses[i].start, regs.rip);
	}
}

/* The address counts from the end of the instruction, behind the immediate. */
GUEST_CODE(64, rip_and_immediate,
	   "movl $0x12345678, 0xf119(%rip)\n"	/* + 0x100a */
	   "hlt\n");

TEST_DEVICE(strings, rip_relative_with_immediate)
{
	const uint32_t value = 0x12345678;

	mmio_put_code(&self->m, CODE(rip_and_immediate));
	start_addressing(_metadata, self, 64);
	mmio_expect(&self->m, DEVICE + 0x123, 4, true);
	ASSERT_EQ(MINIVMX_EXIT_HLT, mmio_run(&self->m));
	EXPECT_TRUE(mmio_as_expected(&self->m)) {
		mmio_print(&self->m);
	}
	EXPECT_EQ(0, memcmp(self->m.device + 0x123, &value, sizeof(value)));
}

/* MOVS takes its source from the segment of a prefix, and its target never. */
GUEST_CODE(16, movs_ds, "movsb\nhlt\n");
GUEST_CODE(16, movs_fs, "movsb %fs:(%si), %es:(%di)\nhlt\n");
GUEST_CODE(64, movs_fs64, "movsb %fs:(%rsi), %es:(%rdi)\nhlt\n");
GUEST_CODE(16, lods_es, "lodsb %es:(%si), %al\nhlt\n");

TEST_DEVICE(strings, segments_of_strings)
{
	/* Addresses that the device sees; 0 if none. */
	static const struct {
		const char *name;
		const uint8_t *start, *end;
		enum mode mode;
		uint64_t read, write;
	} rows[] = {
		{ "MOVS", CODE(movs_ds), CODE16, DEVICE + 0x10, DEVICE + PAGE + 0x20 },
		{ "MOVS FS", CODE(movs_fs), CODE16, DEVICE + 2 * PAGE + 0x10,
		  DEVICE + PAGE + 0x20 },
		{ "LODS ES", CODE(lods_es), CODE16, DEVICE + PAGE + 0x10, 0 },
		{ "MOVS FS", CODE(movs_fs64), CODE64, DEVICE + 2 * PAGE + 0x10, 0 },
	};
	struct minivmx_regs regs = {
		.rflags = RFLAGS_FIXED, .rip = VM_ENTRY, .rsi = 0x10, .rdi = 0x20,
	};
	struct minivmx_sregs sregs;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		mmio_put_code(&self->m, rows[i].start, rows[i].end);
		ASSERT_EQ(0, mmio_set_mode(&self->m, rows[i].mode, DEVICE));
		ASSERT_EQ(0, vm_get_sregs(self->vcpu, &sregs));
		sregs.es.base = DEVICE + PAGE;
		sregs.fs.base = DEVICE + 2 * PAGE;
		ASSERT_EQ(0, vm_set_sregs(self->vcpu, &sregs));
		ASSERT_EQ(0, vm_set_regs(self->vcpu, &regs));
		self->m.expected.n = 0;
		mmio_expect(&self->m, rows[i].read, 1, false);
		if (rows[i].write)
			mmio_expect(&self->m, rows[i].write, 1, true);
		EXPECT_EQ(MINIVMX_EXIT_HLT, mmio_run(&self->m));
		EXPECT_TRUE(mmio_as_expected(&self->m)) {
			TH_LOG("%s", rows[i].name);
			mmio_print(&self->m);
		}
	}
}

/* ------------------------- memory that is read-only ----------------------- */

GUEST_CODE(32, rom_add, "addl $1, 0x12004\nhlt\n");

/* What is read of it is memory, and what is written goes to a device. */
TEST_DEVICE(strings, read_only_slot)
{
	struct minivmx_userspace_memory_region rom = {
		.slot = 1, .flags = MINIVMX_MEM_READONLY, .guest_phys_addr = 0x12000,
		.memory_size = PAGE,
	};
	uint8_t *memory = vm_pages(PAGE);
	const uint32_t before = 0x7f, after = 0x80;
	uint32_t seen;

	ASSERT_NE(MAP_FAILED, memory);
	memcpy(memory + 4, &before, sizeof(before));
	rom.userspace_addr = (unsigned long)memory;
	ASSERT_EQ(0, vm_ioctl_p(self->m.vm.fd, MINIVMX_SET_USER_MEMORY_REGION, &rom));

	mmio_put_code(&self->m, CODE(rom_add));
	start_addressing(_metadata, self, 32);
	ASSERT_EQ(0, mmio_set_mode(&self->m, CODE32, 0));
	mmio_expect(&self->m, 0x12004, 4, true);
	ASSERT_EQ(MINIVMX_EXIT_HLT, mmio_run(&self->m));
	EXPECT_TRUE(mmio_as_expected(&self->m)) {
		mmio_print(&self->m);
	}
	memcpy(&seen, mmio_byte(&self->m, 0x12004), sizeof(seen));
	EXPECT_EQ(after, seen);
	EXPECT_EQ(0, memcmp(memory + 4, &before, sizeof(before)));
	munmap(memory, PAGE);
}

/* ------------------------- what nobody completes -------------------------- */

GUEST_CODE(16, addps16, "addps (%bx), %xmm0\nhlt\n");
GUEST_CODE(32, addps32, "addps (%ebx), %xmm0\nhlt\n");
GUEST_CODE(64, addps64, "addps (%rbx), %xmm0\nhlt\n");

TEST_DEVICE(strings, emulation_failure)
{
	static const struct {
		const uint8_t *start, *end;
		int bits;
	} rows[] = {
		{ CODE(addps16), 16 }, { CODE(addps32), 32 }, { CODE(addps64), 64 },
	};
	struct minivmx_run *run = self->m.vm.run;
	struct minivmx_vcpu_events events;
	struct minivmx_sregs sregs;
	struct minivmx_regs regs;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		uint32_t length = rows[i].end - rows[i].start;

		mmio_put_code(&self->m, rows[i].start, rows[i].end);
		start_addressing(_metadata, self, rows[i].bits);
		ASSERT_EQ(0, vm_get_sregs(self->vcpu, &sregs));
		sregs.cr4 |= CR4_OSFXSR;
		ASSERT_EQ(0, vm_set_sregs(self->vcpu, &sregs));
		ASSERT_EQ(MINIVMX_EXIT_INTERNAL_ERROR, mmio_run(&self->m));
		EXPECT_EQ(0, self->m.seen.n);
		EXPECT_EQ(MINIVMX_INTERNAL_ERROR_EMULATION,
			  run->emulation_failure.suberror);
		ASSERT_LE(3, run->emulation_failure.ndata);
		EXPECT_EQ(MINIVMX_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES,
			  run->emulation_failure.flags);
		ASSERT_LE(length, run->emulation_failure.insn_size);
		ASSERT_GE(15, run->emulation_failure.insn_size);
		EXPECT_EQ(0, memcmp(rows[i].start, run->emulation_failure.insn_bytes,
				    length));
		ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
		EXPECT_EQ(VM_ENTRY, regs.rip);
		/* The guest would get #UD; nobody wants that here. */
		ASSERT_EQ(0, vm_ioctl_p(self->vcpu, MINIVMX_GET_VCPU_EVENTS, &events));
		EXPECT_EQ(6, events.exception.nr);
		memset(&events.exception, 0, sizeof(events.exception));
		ASSERT_EQ(0, vm_ioctl_p(self->vcpu, MINIVMX_SET_VCPU_EVENTS, &events));
	}
}

TEST_HARNESS_MAIN
