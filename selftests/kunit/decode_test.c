// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions, taken apart: each opcode in each mode, and whatever ends too
 * early. Their operands are decode_operand_test.c's.
 *
 * Breakage it catches: a length that is off by one byte, an operand of the
 * wrong size or sign, an instruction that is taken for another one, and bytes
 * that are read behind the end.
 */
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

/* The file under test is pure: the suite has a copy of its own. */
#include "../../module/decode.c"
#include "decode_whole.h"
#include "suites.h"

#define NONE	DECODE_NO_REG
#define ANY	0xff		/* any digit of ModRM: it names a register */
#define NO	0xfe		/* there is no ModRM byte */

/* What an opcode brings along. */
enum immediate { IMM_0, IMM_8, IMM_Z /* the operand's size, 4 at most */ };

/* Who knows it. */
enum code { ALL, NOT_64, ONLY_64 };

/*
 * The table that the decoder has to agree with. @size: bytes of memory; 0 is
 * the operand's size. SDM Vol. 2D, "Opcode Map", appendix A, edition 083.
 */
static const struct opcode {
	u16 opcode;
	u8 digit;
	enum decode_op op;
	enum decode_form form;
	u8 size;
	enum immediate immediate;
	enum code code;
} others[] = {
	{ 0x63, ANY, DECODE_MOVSX, DECODE_FROM_MEMORY, 4, IMM_0, ONLY_64 },
	{ 0x6c, NO, DECODE_INS, DECODE_STRING, 1 },
	{ 0x6d, NO, DECODE_INS, DECODE_STRING },
	{ 0x6e, NO, DECODE_OUTS, DECODE_STRING, 1 },
	{ 0x6f, NO, DECODE_OUTS, DECODE_STRING },
	{ 0x84, ANY, DECODE_TEST, DECODE_TO_MEMORY, 1 },
	{ 0x85, ANY, DECODE_TEST, DECODE_TO_MEMORY },
	{ 0x86, ANY, DECODE_XCHG, DECODE_TO_MEMORY, 1 },
	{ 0x87, ANY, DECODE_XCHG, DECODE_TO_MEMORY },
	{ 0x88, ANY, DECODE_MOV, DECODE_TO_MEMORY, 1 },
	{ 0x89, ANY, DECODE_MOV, DECODE_TO_MEMORY },
	{ 0x8a, ANY, DECODE_MOV, DECODE_FROM_MEMORY, 1 },
	{ 0x8b, ANY, DECODE_MOV, DECODE_FROM_MEMORY },
	{ 0xa0, NO, DECODE_MOV, DECODE_FROM_MEMORY, 1 },
	{ 0xa1, NO, DECODE_MOV, DECODE_FROM_MEMORY },
	{ 0xa2, NO, DECODE_MOV, DECODE_TO_MEMORY, 1 },
	{ 0xa3, NO, DECODE_MOV, DECODE_TO_MEMORY },
	{ 0xa4, NO, DECODE_MOVS, DECODE_STRING, 1 },
	{ 0xa5, NO, DECODE_MOVS, DECODE_STRING },
	{ 0xaa, NO, DECODE_STOS, DECODE_STRING, 1 },
	{ 0xab, NO, DECODE_STOS, DECODE_STRING },
	{ 0xac, NO, DECODE_LODS, DECODE_STRING, 1 },
	{ 0xad, NO, DECODE_LODS, DECODE_STRING },
	{ 0xc6, 0, DECODE_MOV, DECODE_IMMEDIATE, 1, IMM_8 },
	{ 0xc7, 0, DECODE_MOV, DECODE_IMMEDIATE, 0, IMM_Z },
	{ 0xf6, 0, DECODE_TEST, DECODE_IMMEDIATE, 1, IMM_8 },
	{ 0xf6, 1, DECODE_TEST, DECODE_IMMEDIATE, 1, IMM_8 },
	{ 0xf7, 0, DECODE_TEST, DECODE_IMMEDIATE, 0, IMM_Z },
	{ 0xf7, 1, DECODE_TEST, DECODE_IMMEDIATE, 0, IMM_Z },
	{ 0x0fb6, ANY, DECODE_MOVZX, DECODE_FROM_MEMORY, 1 },
	{ 0x0fb7, ANY, DECODE_MOVZX, DECODE_FROM_MEMORY, 2 },
	{ 0x0fbe, ANY, DECODE_MOVSX, DECODE_FROM_MEMORY, 1 },
	{ 0x0fbf, ANY, DECODE_MOVSX, DECODE_FROM_MEMORY, 2 },
};

/* Of ADD; the other seven have 8 added to the opcode, or 1 to the digit. */
static const struct opcode arithmetic[] = {
	{ 0x00, ANY, DECODE_ADD, DECODE_TO_MEMORY, 1 },
	{ 0x01, ANY, DECODE_ADD, DECODE_TO_MEMORY },
	{ 0x02, ANY, DECODE_ADD, DECODE_FROM_MEMORY, 1 },
	{ 0x03, ANY, DECODE_ADD, DECODE_FROM_MEMORY },
	{ 0x80, 0, DECODE_ADD, DECODE_IMMEDIATE, 1, IMM_8 },
	{ 0x81, 0, DECODE_ADD, DECODE_IMMEDIATE, 0, IMM_Z },
	{ 0x82, 0, DECODE_ADD, DECODE_IMMEDIATE, 1, IMM_8, NOT_64 },
	{ 0x83, 0, DECODE_ADD, DECODE_IMMEDIATE, 0, IMM_8 },
};

static const enum decode_op arithmetic_ops[] = {
	DECODE_ADD, DECODE_OR, DECODE_ADC, DECODE_SBB,
	DECODE_AND, DECODE_SUB, DECODE_XOR, DECODE_CMP,
};

/* Both tables, written out. */
static struct opcode opcodes[ARRAY_SIZE(others) + 8 * ARRAY_SIZE(arithmetic)];

static void write_out_opcodes(void)
{
	struct opcode *row = opcodes;
	size_t i;
	u8 n;

	memcpy(opcodes, others, sizeof(others));
	row += ARRAY_SIZE(others);
	for (n = 0; n < 8; n++) {
		for (i = 0; i < ARRAY_SIZE(arithmetic); i++, row++) {
			*row = arithmetic[i];
			row->op = arithmetic_ops[n];
			if (row->digit == ANY)
				row->opcode += 8 * n;
			else
				row->digit = n;
		}
	}
}

static const u8 code_sizes[] = { 2, 4, 8 };

static bool is_known_in(const struct opcode *row, u8 code_size)
{
	return row->code == ALL || (row->code == ONLY_64) == (code_size == 8);
}

/* ------------------------- bytes, and behind them ------------------------ */

/* Instructions are put at the end of a page, and nothing is behind it. */
static u8 *page;

int decode_make_page(struct kunit *test)
{
	page = vmalloc(PAGE_SIZE);
	return page ? 0 : -ENOMEM;
}

void decode_free_page(struct kunit *test)
{
	vfree(page);
}

static bool decode_at_end(const u8 *bytes, u32 size, u8 code_size,
			  struct decoded *insn)
{
	u8 *start = page + PAGE_SIZE - size;

	memcpy(start, bytes, size);
	return decode(start, size, code_size, insn);
}

void decode_whole(struct kunit *test, const u8 *bytes, u32 size, u8 code_size,
		  struct decoded *insn)
{
	u8 longer[2 * DECODE_MAX];
	struct decoded again;
	u32 cut;

	KUNIT_EXPECT_TRUE_MSG(test, decode_at_end(bytes, size, code_size, insn),
			      "code %u: %*ph", code_size, (int)size, bytes);
	KUNIT_EXPECT_EQ_MSG(test, insn->length, size, "code %u: %*ph", code_size,
			    (int)size, bytes);
	for (cut = 0; cut < size; cut++)
		KUNIT_EXPECT_FALSE_MSG(test,
				       decode_at_end(bytes, cut, code_size, &again),
				       "code %u: %u of %*ph", code_size, cut,
				       (int)size, bytes);
	memset(longer, 0xcc, sizeof(longer));
	memcpy(longer, bytes, size);
	KUNIT_EXPECT_TRUE(test, decode(longer, sizeof(longer), code_size, &again));
	KUNIT_EXPECT_EQ(test, again.length, size);
	KUNIT_EXPECT_EQ(test, again.displacement, insn->displacement);
	KUNIT_EXPECT_EQ(test, again.immediate, insn->immediate);
}

/* ------------------------- opcodes --------------------------------------- */

/* One row in one mode, with 66H and REX.W or without. */
static void one_opcode(struct kunit *test, const struct opcode *row, u8 code_size,
		       bool prefix, bool wide)
{
	u8 operand = wide ? 8 : prefix == (code_size == 2) ? 4 : 2;
	u8 size = row->size ?: operand, reg_size, imm, i, n = 0;
	u8 digit = row->digit == ANY ? 1 : row->digit;
	bool extends = row->op == DECODE_MOVZX || row->op == DECODE_MOVSX;
	struct decoded insn;
	u8 bytes[DECODE_MAX];
	s64 immediate = 0;

	/* No port is 64 bits wide, and what is 16 bits wide stays so. */
	if (row->form == DECODE_STRING && row->op >= DECODE_INS && size == 8)
		size = 4;
	if (row->opcode == 0x63)
		size = min(size, operand);
	reg_size = extends ? operand : size;

	if (prefix)
		bytes[n++] = 0x66;
	if (wide)
		bytes[n++] = 0x48;
	if (row->opcode > 0xff)
		bytes[n++] = row->opcode >> 8;
	bytes[n++] = row->opcode;
	if (row->digit != NO)
		bytes[n++] = 0x07 | digit << 3;	/* BX, EDI or RDI */
	else if (row->form != DECODE_STRING)
		for (i = 0; i < code_size; i++)
			bytes[n++] = 0x10 + i;
	imm = row->immediate == IMM_Z ? min_t(u8, size, 4) : row->immediate;
	for (i = 0; i < imm; i++)
		bytes[n++] = 0x80 + i;
	/* The last byte is 0x8x: negative. */
	for (i = 0; i < 8; i++)
		immediate |= (u64)(i < imm ? 0x80 + i : imm ? 0xff : 0) << (8 * i);

	decode_whole(test, bytes, n, code_size, &insn);
#define SAME(what, value)						\
	KUNIT_EXPECT_EQ_MSG(test, insn.what, value, "code %u: %*ph",	\
			    code_size, (int)n, bytes)
	SAME(op, row->op);
	SAME(form, row->form);
	SAME(size, size);
	SAME(address_size, code_size);
	SAME(immediate, immediate);
	SAME(rep, false);
	if (row->form == DECODE_TO_MEMORY || row->form == DECODE_FROM_MEMORY) {
		SAME(reg, row->digit == NO ? 0 : digit);
		SAME(reg_size, reg_size);
		SAME(high_byte, false);
	}
	if (row->digit != NO) {
		SAME(base, code_size == 2 ? 3 : 7);
		SAME(index, NONE);
		SAME(displacement, 0);
	} else if (row->form != DECODE_STRING) {
		SAME(base, NONE);
		SAME(index, NONE);
		SAME(displacement, code_size == 2 ? 0x1110 : code_size == 4 ?
		     0x13121110 : 0x1716151413121110);
	}
	SAME(rip_relative, false);
	SAME(segment, DECODE_DS);
#undef SAME
}

static void each_opcode(struct kunit *test)
{
	size_t i, mode;
	int how;

	write_out_opcodes();
	for (i = 0; i < ARRAY_SIZE(opcodes); i++)
		for (mode = 0; mode < ARRAY_SIZE(code_sizes); mode++)
			for (how = 0; how < (code_sizes[mode] == 8 ? 4 : 2); how++)
				if (is_known_in(&opcodes[i], code_sizes[mode]) &&
				    !has_failed(test))
					one_opcode(test, &opcodes[i],
						   code_sizes[mode], how & 1, how & 2);
}

static bool is_prefix(u16 opcode, u8 code_size)
{
	static const u8 prefixes_of_all[] = {
		0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3,
	};

	return memchr(prefixes_of_all, opcode, sizeof(prefixes_of_all)) ||
		(code_size == 8 && opcode >= 0x40 && opcode < 0x50);
}

static bool is_known(u16 opcode, u8 modrm, u8 code_size)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(opcodes); i++) {
		const struct opcode *row = &opcodes[i];

		if (row->opcode != opcode || !is_known_in(row, code_size))
			continue;
		if (row->digit == NO)
			return true;
		/* A register is no memory. */
		if (modrm < 0xc0 && (row->digit == ANY ||
				     row->digit == (modrm >> 3 & 7)))
			return true;
	}
	return false;
}

/* All opcodes of one and of two bytes, with each ModRM byte. */
static void no_other_opcode(struct kunit *test)
{
	u8 bytes[DECODE_MAX] = {};
	struct decoded insn;
	size_t mode;
	u16 opcode;
	u32 modrm, at;

	write_out_opcodes();
	for (mode = 0; mode < ARRAY_SIZE(code_sizes); mode++) {
		u8 code_size = code_sizes[mode];

		for (opcode = 0; opcode < 0x1000; opcode++) {
			if (opcode > 0xff && opcode >> 8 != 0x0f)
				continue;
			if (opcode == 0x0f || (opcode < 0x100 && is_prefix(opcode, code_size)))
				continue;
			at = 0;
			if (opcode > 0xff)
				bytes[at++] = 0x0f;
			bytes[at++] = opcode;
			for (modrm = 0; modrm < 0x100 && !has_failed(test); modrm++) {
				bytes[at] = modrm;
				KUNIT_EXPECT_EQ_MSG(test,
						    decode(bytes, sizeof(bytes), code_size,
							   &insn),
						    is_known(opcode, modrm, code_size),
						    "code %u: %*ph", code_size,
						    (int)at + 1, bytes);
			}
		}
	}
}

/* No instruction is longer than 15 bytes, however many more there are. */
static void longest(struct kunit *test)
{
	u8 bytes[32];
	struct decoded insn;
	u32 n;

	for (n = 0; n < 16; n++) {
		memset(bytes, 0x66, sizeof(bytes));
		bytes[n] = 0x8b;
		bytes[n + 1] = 0x07;
		KUNIT_EXPECT_EQ_MSG(test, decode(bytes, sizeof(bytes), 4, &insn),
				    n + 2 <= 15, "%u prefixes", n);
	}
	/* An immediate that begins within and ends beyond. */
	memset(bytes, 0x3e, sizeof(bytes));
	memcpy(bytes + 9, "\xc7\x07\x01\x02\x03\x04", 6);
	KUNIT_EXPECT_TRUE(test, decode(bytes, sizeof(bytes), 4, &insn));
	KUNIT_EXPECT_EQ(test, insn.length, 15);
	memcpy(bytes + 10, "\xc7\x07\x01\x02\x03\x04", 6);
	bytes[9] = 0x3e;
	KUNIT_EXPECT_FALSE(test, decode(bytes, sizeof(bytes), 4, &insn));
	/* Prefixes and nothing else. */
	memset(bytes, 0xf3, sizeof(bytes));
	KUNIT_EXPECT_FALSE(test, decode(bytes, sizeof(bytes), 4, &insn));
	KUNIT_EXPECT_FALSE(test, decode(bytes, 0, 4, &insn));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(each_opcode),
	KUNIT_CASE(no_other_opcode),
	KUNIT_CASE(longest),
	{}
};

struct kunit_suite decode_suite = {
	.name = "minivmx_decode",
	.init = decode_make_page,
	.exit = decode_free_page,
	.test_cases = cases,
};
