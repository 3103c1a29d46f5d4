// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions that access memory in no slot, and so are completed by the
 * hypervisor: in 16-, 32- and 64-bit code, in one page and across the end of a
 * page, with nothing there at all or with memory on one side.
 *
 * The processor says what is right: each instruction runs once on memory, where
 * nobody emulates it, and once on a device, which has the same bytes. Registers,
 * flags and bytes have to be the same afterwards, and the device has to have
 * seen the accesses that the instruction makes.
 *
 * Breakage it catches: a wrong operand, size, extension or flag, an access too
 * many or too few, in pieces or out of order, an instruction that is executed
 * twice, and one that is guessed at.
 */
#include "devices.h"
#include "guest_code.h"
#include "mmio_vm.h"

#define ON_MEMORY	0x4000UL	/* where the processor does it */
#define WINDOW		64		/* bytes that are compared, around */

DEVICE_FIXTURE(emulate) {
	struct mmio_vm m;
	int vcpu;
};

DEVICE_FIXTURE_SETUP(emulate)
{
	ASSERT_EQ(0, mmio_open(&self->m, variant->path));
	self->vcpu = self->m.vm.vcpu;
}

FIXTURE_TEARDOWN(emulate)
{
	vm_close(&self->m.vm);
}

/* ------------------------- instructions ---------------------------------- */

/*
 * X(name, what is before the memory operand, what is behind it, its size,
 *   the accesses to it, whether AF is undefined)
 */
#define ARITHMETIC(X, op, accesses, no_af)				\
	X(op##_m8_r8, #op " %bl, ", "", 1, accesses, no_af)		\
	X(op##_m8_rh, #op " %bh, ", "", 1, accesses, no_af)		\
	X(op##_m16_r16, #op " %bx, ", "", 2, accesses, no_af)		\
	X(op##_m32_r32, #op " %ebx, ", "", 4, accesses, no_af)		\
	X(op##_r8_m8, #op " ", ", %bl", 1, "r", no_af)			\
	X(op##_rh_m8, #op " ", ", %ch", 1, "r", no_af)			\
	X(op##_r16_m16, #op " ", ", %bx", 2, "r", no_af)		\
	X(op##_r32_m32, #op " ", ", %ebx", 4, "r", no_af)		\
	X(op##_m8_i8, #op "b $0x85, ", "", 1, accesses, no_af)		\
	X(op##_m16_i8, #op "w $-3, ", "", 2, accesses, no_af)		\
	X(op##_m16_i16, #op "w $0x8421, ", "", 2, accesses, no_af)	\
	X(op##_m32_i8, #op "l $-3, ", "", 4, accesses, no_af)		\
	X(op##_m32_i32, #op "l $0x87654321, ", "", 4, accesses, no_af)

#define IN_ALL_MODES(X)							\
	X(mov_m8_r8, "mov %bl, ", "", 1, "w", false)			\
	X(mov_m8_ah, "mov %ah, ", "", 1, "w", false)			\
	X(mov_m8_bh, "mov %bh, ", "", 1, "w", false)			\
	X(mov_m16_r16, "mov %bx, ", "", 2, "w", false)			\
	X(mov_m32_r32, "mov %ebx, ", "", 4, "w", false)			\
	X(mov_r8_m8, "mov ", ", %bl", 1, "r", false)			\
	X(mov_ah_m8, "mov ", ", %ah", 1, "r", false)			\
	X(mov_dh_m8, "mov ", ", %dh", 1, "r", false)			\
	X(mov_r16_m16, "mov ", ", %bx", 2, "r", false)			\
	X(mov_r32_m32, "mov ", ", %ebp", 4, "r", false)			\
	X(mov_m8_i8, "movb $0x85, ", "", 1, "w", false)			\
	X(mov_m16_i16, "movw $0x8421, ", "", 2, "w", false)		\
	X(mov_m32_i32, "movl $0x87654321, ", "", 4, "w", false)		\
	X(movzx_16_8, "movzbw ", ", %bx", 1, "r", false)		\
	X(movzx_32_8, "movzbl ", ", %ebx", 1, "r", false)		\
	X(movzx_32_16, "movzwl ", ", %ebx", 2, "r", false)		\
	X(movsx_16_8, "movsbw ", ", %bx", 1, "r", false)		\
	X(movsx_32_8, "movsbl ", ", %ebx", 1, "r", false)		\
	X(movsx_32_16, "movswl ", ", %ebx", 2, "r", false)		\
	X(xchg_8, "xchg %bl, ", "", 1, "rw", false)			\
	X(xchg_8h, "xchg %ch, ", "", 1, "rw", false)			\
	X(xchg_16, "xchg %bx, ", "", 2, "rw", false)			\
	X(xchg_32, "xchg %ebx, ", "", 4, "rw", false)			\
	X(lock_add, "lock addl %ebx, ", "", 4, "rw", false)		\
	X(test_m8_r8, "test %bl, ", "", 1, "r", true)			\
	X(test_m16_r16, "test %bx, ", "", 2, "r", true)			\
	X(test_m32_r32, "test %ebx, ", "", 4, "r", true)		\
	X(test_m8_i8, "testb $0x85, ", "", 1, "r", true)		\
	X(test_m16_i16, "testw $0x8421, ", "", 2, "r", true)		\
	X(test_m32_i32, "testl $0x87654321, ", "", 4, "r", true)	\
	ARITHMETIC(X, add, "rw", false) ARITHMETIC(X, or, "rw", true)	\
	ARITHMETIC(X, adc, "rw", false) ARITHMETIC(X, sbb, "rw", false)	\
	ARITHMETIC(X, and, "rw", true) ARITHMETIC(X, sub, "rw", false)	\
	ARITHMETIC(X, xor, "rw", true) ARITHMETIC(X, cmp, "r", false)

#define WIDE(X, op, accesses, no_af)					\
	X(op##_m64_r64, #op " %rbx, ", "", 8, accesses, no_af)		\
	X(op##_r64_m64, #op " ", ", %r9", 8, "r", no_af)		\
	X(op##_m64_i8, #op "q $-3, ", "", 8, accesses, no_af)		\
	X(op##_m64_i32, #op "q $-0x1234567, ", "", 8, accesses, no_af)	\
	X(op##_m8_sil, #op " %sil, ", "", 1, accesses, no_af)		\
	X(op##_m8_r9b, #op " %r9b, ", "", 1, accesses, no_af)

#define IN_64_BITS(X)							\
	X(mov_m64_r64, "mov %rbx, ", "", 8, "w", false)			\
	X(mov_m64_r9, "mov %r9, ", "", 8, "w", false)			\
	X(mov_m8_bpl, "mov %bpl, ", "", 1, "w", false)			\
	X(mov_m8_r9b, "mov %r9b, ", "", 1, "w", false)			\
	X(mov_r64_m64, "mov ", ", %r9", 8, "r", false)			\
	X(mov_sil_m8, "mov ", ", %sil", 1, "r", false)			\
	X(mov_r9d_m32, "mov ", ", %r9d", 4, "r", false)			\
	X(mov_m64_i32, "movq $-0x1234567, ", "", 8, "w", false)		\
	X(movzx_64_8, "movzbq ", ", %r9", 1, "r", false)		\
	X(movzx_64_16, "movzwq ", ", %rbx", 2, "r", false)		\
	X(movsx_64_8, "movsbq ", ", %rbx", 1, "r", false)		\
	X(movsx_64_16, "movswq ", ", %r9", 2, "r", false)		\
	X(movsxd, "movslq ", ", %rbx", 4, "r", false)			\
	X(xchg_64, "xchg %r9, ", "", 8, "rw", false)			\
	X(test_m64_r64, "test %r9, ", "", 8, "r", true)			\
	X(test_m64_i32, "testq $-0x1234567, ", "", 8, "r", true)	\
	WIDE(X, add, "rw", false) WIDE(X, or, "rw", true)		\
	WIDE(X, adc, "rw", false) WIDE(X, sbb, "rw", false)		\
	WIDE(X, and, "rw", true) WIDE(X, sub, "rw", false)		\
	WIDE(X, xor, "rw", true) WIDE(X, cmp, "r", false)

#define DEFINE_ALL(name, before, after, size, accesses, no_af)		\
	GUEST_CODE(16, name##_code16, before "(%di)" after "\nhlt\n");	\
	GUEST_CODE(32, name##_code32, before "(%edi)" after "\nhlt\n");	\
	GUEST_CODE(64, name##_code64, before "(%rdi)" after "\nhlt\n");
#define DEFINE_64(name, before, after, size, accesses, no_af)		\
	GUEST_CODE(64, name##_code64, before "(%rdi)" after "\nhlt\n");
IN_ALL_MODES(DEFINE_ALL)
IN_64_BITS(DEFINE_64)

static const struct form {
	const char *name;
	struct {
		const uint8_t *start, *end;
	} code[NR_MODES];
	uint32_t size;
	const char *accesses;
	bool no_af;
} forms[] = {
#define ROW_ALL(name, before, after, size, accesses, no_af)		\
	{ before "(%rdi)" after,					\
	  { { CODE(name##_code16) }, { CODE(name##_code32) },		\
	    { CODE(name##_code64) } }, size, accesses, no_af },
#define ROW_64(name, before, after, size, accesses, no_af)		\
	{ before "(%rdi)" after,					\
	  { { NULL, NULL }, { NULL, NULL }, { CODE(name##_code64) } },	\
	  size, accesses, no_af },
	IN_ALL_MODES(ROW_ALL)
	IN_64_BITS(ROW_64)
};

/* What memory and registers hold: both are of 8 bytes, and may repeat. */
static const uint64_t values[][2] = {
	{ 0x8192a3b4c5d6e7f8, 0x1122334455667788 },
	{ 0, 0 },
	{ ~0UL, 1 },
	{ 0x7f7f7f7f7f7f7f7f, 0x0101010101010101 },
	{ 0x8000000080008080, 0x8000000080008080 },
	{ 0x0f0f0f0f0f0f0f0f, 0xf1f1f1f1f1f1f1f1 },
};

/* struct result: all that an instruction may change. */
struct result {
	struct minivmx_regs regs;
	uint8_t bytes[WINDOW];
};

static void put_bytes(FIXTURE_DATA(emulate) *self, uint64_t at, uint64_t value)
{
	int i;

	/* The operand is in the middle. */
	for (i = 0; i < WINDOW; i++)
		*mmio_byte(&self->m, at - WINDOW / 2 + i) = value >> 8 * (i % 8);
}

static void run_form(struct __test_metadata *_metadata, FIXTURE_DATA(emulate) *self,
		     enum mode mode, uint64_t at, const uint64_t *value, uint64_t rflags,
		     struct result *result)
{
	struct minivmx_regs regs = {
		.rip = VM_ENTRY, .rflags = RFLAGS_FIXED | rflags, .rax = value[1],
		.rbx = value[1], .rcx = value[1], .rdx = value[1], .rbp = value[1],
		.rsi = value[1], .r9 = value[1], .rsp = STACK,
	};
	int i;

	/* 16 bits do not reach the device. */
	regs.rdi = mode == CODE16 ? 0 : at;
	ASSERT_EQ(0, mmio_set_mode(&self->m, mode, mode == CODE16 ? at : 0));
	put_bytes(self, at, value[0]);
	ASSERT_EQ(0, vm_set_regs(self->vcpu, &regs));
	ASSERT_EQ(MINIVMX_EXIT_HLT, mmio_run(&self->m));
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &result->regs));
	result->regs.rdi -= regs.rdi;
	for (i = 0; i < WINDOW; i++)
		result->bytes[i] = *mmio_byte(&self->m, at - WINDOW / 2 + i);
}

static void compare_form(struct __test_metadata *_metadata, FIXTURE_DATA(emulate) *self,
			 const struct form *form, enum mode mode, uint64_t at,
			 const uint64_t *value, uint64_t rflags)
{
	uint64_t undefined = form->no_af ? RFLAGS_AF : 0;
	struct result right, emulated;
	const char *access;
	char what[128];

	snprintf(what, sizeof(what), "%s, %s, at %#lx, memory %#lx, register %#lx, flags %#lx",
		 form->name, mode_names[mode], at, value[0], value[1], rflags);
	run_form(_metadata, self, mode, ON_MEMORY + at % PAGE, value, rflags, &right);
	ASSERT_EQ(0, self->m.seen.n);
	run_form(_metadata, self, mode, at, value, rflags, &emulated);
	right.regs.rflags &= ~undefined;
	emulated.regs.rflags &= ~undefined;
	EXPECT_EQ(right.regs.rflags, emulated.regs.rflags) {
		TH_LOG("%s", what);
	}
	right.regs.rflags = emulated.regs.rflags;
	EXPECT_EQ(0, memcmp(&right.regs, &emulated.regs, sizeof(right.regs))) {
		TH_LOG("registers: %s", what);
	}
	EXPECT_EQ(0, memcmp(right.bytes, emulated.bytes, WINDOW)) {
		TH_LOG("bytes: %s", what);
	}
	self->m.expected.n = 0;
	for (access = form->accesses; *access; access++)
		mmio_expect(&self->m, at, form->size, *access == 'w');
	EXPECT_TRUE(mmio_as_expected(&self->m)) {
		TH_LOG("accesses: %s", what);
		mmio_print(&self->m);
	}
}

static void each_form(struct __test_metadata *_metadata, FIXTURE_DATA(emulate) *self,
		      enum mode mode)
{
	/* In a page; not aligned; across two pages; half of it in memory. */
	static const uint64_t places[] = {
		DEVICE + 0x100, DEVICE + 0x203, DEVICE + PAGE - 1, DEVICE - 1,
	};
	size_t i, v;

	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		const struct form *form = &forms[i];

		if (!form->code[mode].start)
			continue;
		mmio_put_code(&self->m, form->code[mode].start, form->code[mode].end);
		for (v = 0; v < ARRAY_SIZE(values); v++)
			compare_form(_metadata, self, form, mode, places[0], values[v],
				     v & 1 ? RFLAGS_STATUS : 0);
		compare_form(_metadata, self, form, mode, places[0], values[0], RFLAGS_STATUS);
		for (v = 1; v < ARRAY_SIZE(places); v++)
			compare_form(_metadata, self, form, mode, places[v], values[0], 0);
		if (!_metadata->passed)
			return;
	}
}

TEST_DEVICE(emulate, in_16_bits)
{
	each_form(_metadata, self, CODE16);
}

TEST_DEVICE(emulate, in_32_bits)
{
	each_form(_metadata, self, CODE32);
}

TEST_DEVICE(emulate, in_64_bits)
{
	each_form(_metadata, self, CODE64);
}

TEST_HARNESS_MAIN
