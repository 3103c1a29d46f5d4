// SPDX-License-Identifier: GPL-2.0
/*
 * INS and OUTS, alone and with REP: in each size of items and addresses, up and
 * down, across the ends of pages, and of none at all.
 *
 * Breakage it catches: an item lost, doubled, torn or out of order, a register
 * stepped in a wrong width or direction, and memory beside the items that is
 * written to.
 */
#include "devices.h"
#include "guest_code.h"
#include "string_io.h"

DEVICE_FIXTURE(string_io) {
	struct port_vm p;
	int vcpu;
};

DEVICE_FIXTURE_SETUP(string_io)
{
	ASSERT_EQ(0, mmio_open(&self->p.m, variant->path));
	self->vcpu = self->p.m.vm.vcpu;
}

FIXTURE_TEARDOWN(string_io)
{
	vm_close(&self->p.m.vm);
}

/* ------------------------- sizes, directions, pages ----------------------- */

/* Code that ends in HLT, without REP and with it. */
#define CODE_OF(bits, name, text)					\
	GUEST_CODE(bits, name, text "\nhlt\n");				\
	GUEST_CODE(bits, rep_##name, "rep " text "\nhlt\n")
#define CODES(bits, name, prefix)					\
	CODE_OF(bits, name##_o1, prefix "outsb");			\
	CODE_OF(bits, name##_o2, prefix "outsw");			\
	CODE_OF(bits, name##_o4, prefix "outsl");			\
	CODE_OF(bits, name##_i1, prefix "insb");			\
	CODE_OF(bits, name##_i2, prefix "insw");			\
	CODE_OF(bits, name##_i4, prefix "insl")
CODES(16, c16, "");
CODES(16, c16a32, "addr32 ");
CODES(32, c32, "");
CODES(32, c32a16, "addr16 ");
CODES(64, c64, "");
CODES(64, c64a32, "addr32 ");

static const struct form {
	const char *name;
	struct {
		const uint8_t *start, *end;
	} code[2];
	enum mode mode;
	uint8_t address, size;
	bool in;
} forms[] = {
#define ROW(name, mode, address, size, in)				\
	{ #name, { { CODE(name) }, { CODE(rep_##name) } }, mode, address, size, in }
#define ROWS(name, mode, address)					\
	ROW(name##_o1, mode, address, 1, false), ROW(name##_o2, mode, address, 2, false), \
	ROW(name##_o4, mode, address, 4, false), ROW(name##_i1, mode, address, 1, true), \
	ROW(name##_i2, mode, address, 2, true), ROW(name##_i4, mode, address, 4, true)
	ROWS(c16, CODE16, 2), ROWS(c16a32, CODE16, 4), ROWS(c32, CODE32, 4),
	ROWS(c32a16, CODE32, 2), ROWS(c64, CODE64, 8), ROWS(c64a32, CODE64, 4),
};

/* Bits of a register above those that are an address: kept, or cleared. */
static uint64_t junk_above(const struct form *form)
{
	return form->address == 2 ? 0x12340000 :
		form->mode == CODE64 && form->address == 4 ? 0xabcd00000000 : 0;
}

static uint64_t after_step(const struct form *form, uint64_t before, int64_t step)
{
	uint64_t after = before + step;

	if (form->address == 2)
		return (before & ~0xffffUL) | (after & 0xffff);
	return form->address == 4 ? (uint32_t)after : after;
}

static void one_transfer(struct __test_metadata *_metadata, FIXTURE_DATA(string_io) *self,
			 const struct form *form, bool rep, uint32_t count, uint64_t at,
			 bool down)
{
	int64_t step = down ? -form->size : form->size;
	uint32_t items = rep ? count : 1, i, k;
	uint8_t *memory = self->p.m.vm.memory;
	static uint8_t expected[VM_MEMORY];
	struct minivmx_regs regs = {
		.rip = VM_ENTRY, .rflags = RFLAGS_FIXED | (down ? RFLAGS_DF : 0),
		.rdx = PORT, .rsp = STACK, .rax = 0x1122334455667788,
		.rcx = count | junk_above(form), .rsi = at | junk_above(form),
		.rdi = at | junk_above(form),
	};
	char what[96];

	snprintf(what, sizeof(what), "%s%s, count %u, at %#lx, %s", rep ? "rep " : "",
		 form->name, count, at, down ? "down" : "up");
	mmio_put_code(&self->p.m, form->code[rep].start, form->code[rep].end);
	for (i = 0x3000; i < 0x8000; i++)
		memory[i] = i * 5 + (i >> 8);
	memcpy(expected, memory, VM_MEMORY);
	for (i = 0; form->in && i < items; i++) {
		uint32_t item = port_answer(i);

		memcpy(expected + at + i * step, &item, form->size);
	}
	ASSERT_EQ(0, mmio_set_mode(&self->p.m, form->mode, 0));
	ASSERT_EQ(0, vm_set_regs(self->vcpu, &regs));
	ASSERT_EQ(0, port_run(&self->p, form->size, form->in));

	EXPECT_EQ(items, self->p.nr_items) {
		TH_LOG("%s", what);
	}
	EXPECT_EQ(0, memcmp(expected + 0x3000, memory + 0x3000, 0x5000)) {
		TH_LOG("memory: %s", what);
	}
	for (i = 0, k = 0; !form->in && i < items; i++)
		k += !memcmp(&self->p.items[i], expected + at + i * step, form->size);
	EXPECT_EQ(form->in ? 0 : items, k) {
		TH_LOG("items: %s", what);
	}
	if (form->in)
		regs.rdi = after_step(form, regs.rdi, items * step);
	else
		regs.rsi = after_step(form, regs.rsi, items * step);
	if (rep)
		regs.rcx = after_step(form, regs.rcx, -(int64_t)count);
	regs.rip += form->code[rep].end - form->code[rep].start;
	EXPECT_EQ(0, memcmp(&regs, &self->p.regs, sizeof(regs))) {
		TH_LOG("registers: %s: rcx %#llx rsi %#llx rdi %#llx rip %#llx", what,
		       self->p.regs.rcx, self->p.regs.rsi, self->p.regs.rdi, self->p.regs.rip);
	}
}

TEST_DEVICE(string_io, transfers)
{
	/* Within a page; then items across its end, or at it, either way. */
	static const uint64_t places[] = { 0x5100, 0x5000 - 6, 0x5ffe, 0x6004 };
	size_t i, p;
	int down;

	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		for (down = 0; down < 2; down++) {
			for (p = 0; p < ARRAY_SIZE(places); p++) {
				one_transfer(_metadata, self, &forms[i], false, 7,
					     places[p], down);
				one_transfer(_metadata, self, &forms[i], true, 1,
					     places[p], down);
				one_transfer(_metadata, self, &forms[i], true, 5,
					     places[p], down);
			}
			/* More than a page of data has. */
			if (forms[i].size == 4)
				one_transfer(_metadata, self, &forms[i], true, 1200,
					     down ? 0x7ffa : 0x3102, down);
		}
	}
}

/* None at all: no exit, and no register but RIP that changes. */
TEST_DEVICE(string_io, none)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(forms); i++)
		if (!junk_above(&forms[i]))
			one_transfer(_metadata, self, &forms[i], true, 0, 0x5100, false);
}

TEST_HARNESS_MAIN
