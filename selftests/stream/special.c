// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions that do nothing worth while without the right register or memory
 * contents: sequences that make these first.
 */
#include "stream.h"

/* ------------------------- tables ---------------------------------------- */

/*
 * The MSRs that streams read and write. All are put back after each stream.
 * The last two do not exist.
 */
const uint32_t stream_msrs[] = {
	0x00000174, 0x00000175, 0x00000176,	/* SYSENTER_CS, _ESP, _EIP */
	0xc0000081, 0xc0000082, 0xc0000083, 0xc0000084,	/* STAR ... SFMASK */
	0xc0000102,				/* KERNEL_GS_BASE */
	0xc0000100, 0xc0000101,			/* FS_BASE, GS_BASE */
	0x00000277,				/* PAT */
	0xc0000080,				/* EFER */
	0x00012345, 0xc0001fff,
};

const unsigned int nr_stream_msrs = sizeof(stream_msrs) / sizeof(stream_msrs[0]);

static const uint64_t msr_values[] = {
	0, 1, 0x3300, 0x0028002800000000, AT_HANDLERS, AT_STACK0, 0x0007040600070406,
	0x0006060606060606, 0x0000000000000102, 0x500, 0x501, 0xd01, 0x901, 0xffffffff,
	0x0000800000000000, 0xffff800000001000, 0xffffffffffffffff, 0x8,
};

static const uint32_t cr0_values[] = {
	0x10, 0x11, 0x30, 0x31, 0x33, 0x3b, 0x35, 0x60000010, 0x60000011, 0x40000011,
	0x20000011, 0x80000011, 0x80000031, 0x80010031, 0x80050033, 0xe0000011,
	0x80000000, 0x80000010, 0x00040011, 0xffffffff, 0,
};

static const uint32_t cr4_values[] = {
	0, 0x10, 0x20, 0x30, 0xa0, 0xb0, 0x600, 0x620, 0x6b0, 0x4, 0x24, 0x8, 0x28, 0x100,
	0x2000, 0x2020, 0x10020, 0x20020, 0x40020, 0x40600, 0x40620, 0x100020, 0x200020,
	0x1, 0x2, 0x800, 0x820, 0x1000, 0x4000, 0x400000, 0x80000000, 0xffffffff,
};

static const uint32_t cr3_values[] = {
	AT_TABLES, AT_TABLES, AT_TABLES + PAGE, AT_TABLES + 2 * PAGE, AT_TABLES + 8,
	AT_TABLES + 0x18, AT_HOLE, AT_DATA, 0xfffff000, 0,
};

static const uint64_t cr8_values[] = { 0, 1, 5, 15, 16, 0xffffffffffffffff };

static const uint64_t dr_values[] = {
	0, AT_CODE, AT_DATA, AT_DATA + 8, 0x400, 0x401, 0x402, 0x10401, 0x30402, 0xd0402,
	0x2400, 0x10001, 0xffff0ff0, 0xffff4ff1, 0xffffffff, 0x100000000,
};

static const uint16_t selectors[] = {
	0, 3, SEL_CODE32, SEL_DATA, SEL_DATA, SEL_CODE16, SEL_DATA16, SEL_DATA16,
	SEL_CODE64, SEL_USER_CODE32, SEL_USER_DATA, SEL_USER_DATA, SEL_USER_CODE64,
	SEL_USER_CODE16, SEL_TSS, SEL_LDT, 0x70, 0x78, 0x80, 0x88, 0x90, 0x98, 0xa8, 0xb3,
	0x0c, 0x07, 0xc0, 0xfff8, 0x900, 0xa00, 0xc00, 0xfff,
};

/* ------------------------- control registers and MSRs -------------------- */

static void special_cr(struct stream *s)
{
	static const uint8_t numbers[] = { 0, 0, 0, 4, 4, 4, 3, 3, 2, 8, 8, 1 };
	int cr = RANDOM_OF(s, numbers), reg = random_below(s, 4);
	uint64_t value = random_value(s);
	bool write = random_below(s, 3);

	if (write) {
		switch (cr) {
		case 0:
			value = RANDOM_OF(s, cr0_values);
			/* Mostly the mode stays what it is. */
			if (random_below(s, 3)) {
				value &= ~0x80000001ULL;
				value |= s->sregs.cr0 & 0x80000001;
			}
			break;
		case 3:
			value = RANDOM_OF(s, cr3_values);
			if (random_below(s, 2))
				value = s->sregs.cr3;
			break;
		case 4:
			value = RANDOM_OF(s, cr4_values);
			if (random_below(s, 2))
				value |= s->sregs.cr4;
			break;
		case 8:
			value = RANDOM_OF(s, cr8_values);
			break;
		}
		emit_set(s, reg, value);
	}
	if (cr == 8 && s->bits == 64)
		emit8(s, 0x44);
	emit8(s, 0x0f);
	emit8(s, write ? 0x22 : 0x20);
	emit8(s, 0xc0 | (cr & 7) << 3 | reg);
}

static void special_dr(struct stream *s)
{
	int dr = random_below(s, 8), reg = random_below(s, 4);
	bool write = random_below(s, 2);

	if (write)
		emit_set(s, reg, RANDOM_OF(s, dr_values));
	emit8(s, 0x0f);
	emit8(s, write ? 0x23 : 0x21);
	emit8(s, 0xc0 | dr << 3 | reg);
}

static void special_lmsw(struct stream *s)
{
	emit_set(s, RAX, random_below(s, 4) ? 0x10 | random_below(s, 16) :
		 random_value(s) & 0xffff);
	emit8(s, 0x0f);
	emit8(s, 0x01);
	emit8(s, 0xf0);
}

static void special_msr(struct stream *s)
{
	uint64_t value = random_below(s, 5) ? RANDOM_OF(s, msr_values) : random_value(s);
	bool write = random_below(s, 2);

	emit_set(s, RCX, stream_msrs[random_below(s, nr_stream_msrs)]);
	/* emit_set() takes what fits for 16 bits: the upper half is there too. */
	if (write) {
		emit_set(s, RAX, value & 0xffffffff);
		emit_set(s, RDX, value >> 32);
	}
	emit8(s, 0x0f);
	emit8(s, write ? 0x30 : 0x32);
}

static void special_xsetbv(struct stream *s)
{
	static const uint32_t values[] = { 0, 1, 3, 7, 2, 6, 0xe7, 0xff, 0xffffffff };

	emit_set(s, RCX, random_below(s, 8) == 0);
	emit_set(s, RAX, RANDOM_OF(s, values));
	emit_set(s, RDX, random_below(s, 8) == 0);
	emit(s, 0xd1010f, 3);
}

static void special_cpuid(struct stream *s)
{
	static const uint32_t leaves[] = {
		0, 1, 2, 4, 5, 6, 7, 0xb, 0xd, 0x80000000, 0x80000001, 0x80000002,
		0x80000008, 0x40000000, 0x20000000, 0xffffffff,
	};

	emit_set(s, RCX, random_below(s, 4));
	emit_set(s, RAX, RANDOM_OF(s, leaves));
	emit(s, 0xa20f, 2);
}

/* ------------------------- segments -------------------------------------- */

static void special_segment(struct stream *s)
{
	static const uint8_t pops[] = { 0x07, 0x17, 0x1f };

	emit_set(s, RAX, RANDOM_OF(s, selectors));
	if (random_below(s, 4)) {
		emit8(s, 0x8e);
		emit8(s, 0xc0 | random_below(s, 6) << 3);
	} else {
		emit8(s, 0x50);
		emit8(s, RANDOM_OF(s, pops));
	}
}

/* LLDT, LTR, VERR, VERW */
static void special_system_segment(struct stream *s)
{
	emit_set(s, RAX, RANDOM_OF(s, selectors));
	emit8(s, 0x0f);
	emit8(s, 0x00);
	emit8(s, 0xd0 | random_below(s, 4) << 3);
}

static void special_table(struct stream *s)
{
	static const uint16_t limits[] = { 0xbf, 0xbf, 0x3ff, 0xfff, 0x7f, 0xffff };
	uint32_t at = AT_POINTERS + s->pointers, base;
	bool idt = random_below(s, 2);
	uint16_t limit = RANDOM_OF(s, limits);

	if (s->pointers > 0x100)
		return;
	s->pointers += 16;
	base = idt ? s->sregs.idt.base : AT_GDT;
	if (random_below(s, 6) == 0)
		base = AT_DATA;
	s->image[at] = limit;
	s->image[at + 1] = limit >> 8;
	s->image[at + 2] = base;
	s->image[at + 3] = base >> 8;
	if (random_below(s, 8) == 0)
		s->image[at + 9] = 0x80;	/* not canonical */
	emit8(s, 0x0f);
	emit8(s, 0x01);
	emit_modrm_at(s, idt ? 3 : 2, at);
}

uint16_t random_code_selector(struct stream *s)
{
	static const uint16_t codes[] = { SEL_CODE32, SEL_CODE16, SEL_CODE64, 0x88 };

	if (s->mode == MODE_REAL)
		return random_below(s, 4) ? 0 : 0x100;
	if (random_below(s, 3))
		return s->sregs.cs.selector;
	return random_below(s, 2) ? RANDOM_OF(s, codes) : RANDOM_OF(s, selectors);
}

/* To the next item. */
static void special_far(struct stream *s)
{
	uint16_t selector = random_code_selector(s);
	uint32_t at = AT_POINTERS + s->pointers, target;
	bool call = random_below(s, 2);

	if (s->bits == 64 || random_below(s, 3) == 0) {
		if (s->pointers > 0x100)
			return;
		s->pointers += 16;
		emit8(s, 0xff);
		emit_modrm_at(s, call ? 3 : 5, at);
		target = AT_CODE + s->length;
		s->image[at] = target;
		s->image[at + 1] = target >> 8;
		at += s->bits == 16 ? 2 : 4;
		s->image[at] = selector;
		s->image[at + 1] = selector >> 8;
		return;
	}
	emit8(s, call ? 0x9a : 0xea);
	target = AT_CODE + s->length + (s->bits == 16 ? 4 : 6);
	emit(s, target, s->bits == 16 ? 2 : 4);
	emit(s, selector, 2);
}

const struct special specials[] = {
	{ 14, special_cr },
	{ 6, special_dr },
	{ 3, special_lmsw },
	{ 8, special_msr },
	{ 3, special_xsetbv },
	{ 6, special_cpuid },
	{ 8, special_segment },
	{ 3, special_system_segment },
	{ 4, special_table },
	{ 6, special_far },
	{ 10, special_jump },
	{ 8, special_interrupt },
	{ 6, special_return },
	{ 12, special_port },
	{ 12, special_string },
	{ 12, special_port_string },
	{ 20, special_mmio },
	{ 8, special_set },
	{ 2, special_invlpg },
	{ 0, NULL }
};
