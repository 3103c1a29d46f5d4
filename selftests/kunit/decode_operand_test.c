// SPDX-License-Identifier: GPL-2.0
/*
 * Operands of instructions: each way to name memory, each prefix, each register.
 *
 * Breakage it catches: a wrong base, index, displacement or segment, a prefix
 * that counts where it should not, and AH taken for SPL.
 */
#include <linux/string.h>

#include "decode_whole.h"
#include "suites.h"

#define NONE	DECODE_NO_REG

/* struct place: what an address has to be; MOV to or from it. */
struct place {
	u8 base, index, scale;
	enum decode_segment segment;
	s64 displacement;
	bool rip_relative;
};

static void expect_place(struct kunit *test, const u8 *bytes, u32 size, u8 code_size,
			 u8 address_size, const struct place *place)
{
	struct decoded insn;

	if (has_failed(test))
		return;
	decode_whole(test, bytes, size, code_size, &insn);
#define SAME(what, value)						\
	KUNIT_EXPECT_EQ_MSG(test, insn.what, value, "code %u: %*ph",	\
			    code_size, (int)size, bytes)
	SAME(op, DECODE_MOV);
	SAME(address_size, address_size);
	SAME(base, place->base);
	SAME(index, place->index);
	if (place->index != NONE)
		SAME(scale, place->scale);
	SAME(segment, place->segment);
	SAME(displacement, place->displacement);
	SAME(rip_relative, place->rip_relative);
#undef SAME
}

/* Appends a displacement of @size bytes, 0xff81...: negative. */
static s64 put_displacement(u8 *bytes, u8 *n, u8 size)
{
	u8 i;

	for (i = 0; i < size; i++)
		bytes[(*n)++] = i ? 0xfe : 0x81;
	return size == 0 ? 0 : size == 1 ? (s8)0x81 : size == 2 ? (s16)0xfe81 :
		(s32)0xfefefe81;
}

/* SDM Vol. 2A, table 2-1, "16-Bit Addressing Forms with the ModR/M Byte". */
static void addresses_16(struct kunit *test)
{
	static const struct place rows[] = {
		{ 3, 6, 0, DECODE_DS }, { 3, 7, 0, DECODE_DS },
		{ 5, 6, 0, DECODE_SS }, { 5, 7, 0, DECODE_SS },
		{ 6, NONE, 0, DECODE_DS }, { 7, NONE, 0, DECODE_DS },
		{ 5, NONE, 0, DECODE_SS }, { 3, NONE, 0, DECODE_DS },
	};
	u8 bytes[DECODE_MAX], n, rm, mod, prefix;

	for (prefix = 0; prefix < 2; prefix++)
		for (mod = 0; mod < 3; mod++)
			for (rm = 0; rm < 8; rm++) {
				struct place place = rows[rm];
				u8 displacement = mod;

				if (mod == 0 && rm == 6) {
					place.base = NONE;
					place.segment = DECODE_DS;
					displacement = 2;
				}
				n = 0;
				if (prefix)
					bytes[n++] = 0x67;
				bytes[n++] = 0x89;
				bytes[n++] = mod << 6 | rm;
				place.displacement = put_displacement(bytes, &n,
								      displacement);
				expect_place(test, bytes, n, prefix ? 4 : 2, 2, &place);
			}
}

/* Tables 2-2 and 2-3, for ModR/M and SIB, with REX.B and REX.X. */
static void one_address(struct kunit *test, u8 code_size, u8 prefix, u8 rex, u8 mod,
			u8 rm, u8 sib)
{
	struct place place = { .base = rm, .index = NONE, .segment = DECODE_DS };
	u8 bytes[DECODE_MAX], n = 0, displacement = mod == 2 ? 4 : mod;

	if (prefix)
		bytes[n++] = 0x67;
	if (rex)
		bytes[n++] = rex;
	bytes[n++] = 0x8b;
	bytes[n++] = mod << 6 | rm;
	if (rm == 4) {
		bytes[n++] = sib;
		place.base = sib & 7;
		place.scale = sib >> 6;
		place.index = (sib >> 3 & 7) + (rex & 2 ? 8 : 0);
		if (place.index == 4)	/* ESP cannot be one, R12 can */
			place.index = NONE;
	}
	if (mod == 0 && place.base == 5) {
		displacement = 4;
		place.rip_relative = code_size == 8 && rm == 5;
		place.base = NONE;
	} else {
		place.base += rex & 1 ? 8 : 0;
		if (place.base == 4 || place.base == 5)
			place.segment = DECODE_SS;
	}
	place.displacement = put_displacement(bytes, &n, displacement);
	expect_place(test, bytes, n, code_size,
		     code_size == 8 && !prefix ? 8 : 4, &place);
}

static void addresses_32_and_64(struct kunit *test)
{
	static const struct {
		u8 code_size, prefix;
	} widths[] = { { 2, 1 }, { 4, 0 }, { 8, 1 }, { 8, 0 } };
	static const u8 rexes[] = { 0, 0x40, 0x41, 0x42, 0x43, 0x4f };
	size_t width, r;
	u32 mod, rm, sib;

	for (width = 0; width < ARRAY_SIZE(widths); width++)
		for (r = 0; r < (widths[width].code_size == 8 ?
				 ARRAY_SIZE(rexes) : 1); r++)
			for (mod = 0; mod < 3; mod++)
				for (rm = 0; rm < 8; rm++)
					for (sib = 0; sib < (rm == 4 ? 256 : 1); sib++)
						one_address(test, widths[width].code_size,
							    widths[width].prefix,
							    rexes[r], mod, rm, sib);
}

/* ------------------------- prefixes, registers --------------------------- */

struct row {
	u8 code_size;
	u8 n;
	u8 bytes[8];
	struct decoded insn;
};

static void prefixed(struct kunit *test)
{
	/* Only what prefixes and REX decide: */
#define SEGMENT(s)	{ .segment = s, .size = 4 }
#define SIZES(o, a)	{ .segment = DECODE_DS, .size = o, .address_size = a }
#define REG(r, h)	{ .segment = DECODE_DS, .size = 1, .reg = r, .high_byte = h }
#define REP(o)		{ .segment = DECODE_DS, .size = o, .rep = true }
	static const struct row rows[] = {
		/* segments; the last one counts; BP does not override them */
		{ 4, 3, { 0x26, 0x8b, 0x07 }, SEGMENT(DECODE_ES) },
		{ 4, 3, { 0x2e, 0x8b, 0x07 }, SEGMENT(DECODE_CS) },
		{ 4, 3, { 0x36, 0x8b, 0x07 }, SEGMENT(DECODE_SS) },
		{ 4, 3, { 0x3e, 0x8b, 0x07 }, SEGMENT(DECODE_DS) },
		{ 4, 3, { 0x64, 0x8b, 0x07 }, SEGMENT(DECODE_FS) },
		{ 4, 3, { 0x65, 0x8b, 0x07 }, SEGMENT(DECODE_GS) },
		{ 4, 4, { 0x26, 0x65, 0x8b, 0x07 }, SEGMENT(DECODE_GS) },
		{ 4, 3, { 0x8b, 0x45, 0x01 }, SEGMENT(DECODE_SS) },
		{ 4, 4, { 0x3e, 0x8b, 0x45, 0x01 }, SEGMENT(DECODE_DS) },
		{ 4, 4, { 0x26, 0x8b, 0x04, 0x24 }, SEGMENT(DECODE_ES) },
		{ 4, 6, { 0x64, 0xa1, 0x01, 0x02, 0x03, 0x04 }, SEGMENT(DECODE_FS) },
		{ 4, 2, { 0x65, 0xa5 }, SEGMENT(DECODE_GS) },
		/* in 64-bit code four of them mean nothing */
		{ 8, 3, { 0x26, 0x8b, 0x07 }, SEGMENT(DECODE_DS) },
		{ 8, 3, { 0x2e, 0x8b, 0x07 }, SEGMENT(DECODE_DS) },
		{ 8, 3, { 0x36, 0x8b, 0x07 }, SEGMENT(DECODE_DS) },
		{ 8, 4, { 0x3e, 0x8b, 0x45, 0x01 }, SEGMENT(DECODE_SS) },
		{ 8, 3, { 0x64, 0x8b, 0x07 }, SEGMENT(DECODE_FS) },
		{ 8, 3, { 0x65, 0x8b, 0x07 }, SEGMENT(DECODE_GS) },
		/* sizes of operands and addresses, in either order */
		{ 2, 2, { 0x8b, 0x07 }, SIZES(2, 2) },
		{ 2, 3, { 0x66, 0x8b, 0x07 }, SIZES(4, 2) },
		{ 2, 4, { 0x67, 0x66, 0x8b, 0x07 }, SIZES(4, 4) },
		{ 2, 4, { 0x66, 0x67, 0x8b, 0x07 }, SIZES(4, 4) },
		{ 4, 4, { 0x66, 0x66, 0x8b, 0x07 }, SIZES(2, 4) },
		{ 4, 4, { 0x67, 0xa3, 0x01, 0x02 }, SIZES(4, 2) },
		{ 8, 6, { 0x67, 0xa3, 0x01, 0x02, 0x03, 0x04 }, SIZES(4, 4) },
		{ 8, 3, { 0x67, 0x48, 0xa5 }, SIZES(8, 4) },
		/* REX.W is stronger than 66H, and counts only at the end */
		{ 8, 4, { 0x66, 0x48, 0x8b, 0x07 }, SIZES(8, 8) },
		{ 8, 4, { 0x48, 0x66, 0x8b, 0x07 }, SIZES(2, 8) },
		{ 8, 4, { 0x48, 0x40, 0x8b, 0x07 }, SIZES(4, 8) },
		{ 8, 7, { 0x48, 0x64, 0x65, 0x3e, 0x67, 0x8b, 0x07 },
		  { .segment = DECODE_GS, .size = 4, .address_size = 4 } },
		/* registers of a byte: AH to BH, or with any REX SPL to DIL */
		{ 8, 2, { 0x88, 0x1f }, REG(3, false) },
		{ 8, 2, { 0x88, 0x27 }, REG(0, true) },
		{ 8, 2, { 0x8a, 0x2f }, REG(1, true) },
		{ 4, 2, { 0x88, 0x37 }, REG(2, true) },
		{ 2, 2, { 0x8a, 0x3f }, REG(3, true) },
		{ 8, 3, { 0x40, 0x88, 0x27 }, REG(4, false) },
		{ 8, 3, { 0x40, 0x8a, 0x3f }, REG(7, false) },
		{ 8, 3, { 0x44, 0x88, 0x27 }, REG(12, false) },
		{ 8, 4, { 0x40, 0x66, 0x88, 0x3f }, REG(3, true) },
		{ 8, 2, { 0x84, 0x3f }, REG(3, true) },
		{ 4, 2, { 0x86, 0x27 }, REG(0, true) },
		{ 4, 2, { 0x02, 0x37 }, REG(2, true) },
		/* MOVZX from a byte has a wide register, which is no high byte */
		{ 4, 3, { 0x0f, 0xb6, 0x27 }, REG(4, false) },
		{ 8, 4, { 0x4c, 0x0f, 0xbe, 0x3f }, REG(15, false) },
		/* LOCK changes nothing */
		{ 4, 3, { 0xf0, 0x01, 0x07 }, SIZES(4, 4) },
		/* both REP prefixes */
		{ 2, 2, { 0xf3, 0xa4 }, REP(1) },
		{ 4, 2, { 0xf2, 0xab }, REP(4) },
		{ 8, 3, { 0xf3, 0x48, 0xad }, REP(8) },
		{ 8, 3, { 0xf3, 0x48, 0x6f }, REP(4) },
		{ 2, 4, { 0xf3, 0x66, 0x67, 0x6d }, REP(4) },
	};
	struct decoded insn;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];

		decode_whole(test, row->bytes, row->n, row->code_size, &insn);
#define SAME(what, value)						\
		KUNIT_EXPECT_EQ_MSG(test, insn.what, value,		\
				    "code %u: %*ph", row->code_size,	\
				    (int)row->n, row->bytes)
		SAME(segment, row->insn.segment);
		SAME(size, row->insn.size);
		SAME(rep, row->insn.rep);
		SAME(high_byte, row->insn.high_byte);
		if (row->insn.address_size)
			SAME(address_size, row->insn.address_size);
		if (row->insn.size == 1 && !row->insn.rep)
			SAME(reg, row->insn.reg);
#undef SAME
	}
}

/* All sixteen registers, as operand, and with their own bit of REX each. */
static void registers(struct kunit *test)
{
	struct decoded insn;
	u8 reg;

	for (reg = 0; reg < 16; reg++) {
		const u8 bytes[] = { 0x48 | (reg & 8 ? 4 : 0), 0x89, 0x07 | (reg & 7) << 3 };

		decode_whole(test, bytes, sizeof(bytes), 8, &insn);
		KUNIT_EXPECT_EQ(test, insn.reg, reg);
		KUNIT_EXPECT_EQ(test, insn.base, 7);
		KUNIT_EXPECT_EQ(test, insn.size, 8);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(addresses_16),
	KUNIT_CASE(addresses_32_and_64),
	KUNIT_CASE(prefixed),
	KUNIT_CASE(registers),
	{}
};

struct kunit_suite decode_operand_suite = {
	.name = "minivmx_decode_operand",
	.init = decode_make_page,
	.exit = decode_free_page,
	.test_cases = cases,
};
