// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions taken apart: MOV and its relatives, the eight arithmetic ones,
 * TEST, and the string instructions.
 *
 * Pure: bytes in, struct decoded out; nothing is read beyond the bytes.
 * Source: SDM Vol. 2A, "Instruction Format", chapter 2, and Vol. 2D, "Opcode
 * Map", appendix A, edition 083.
 */
#include <linux/kernel.h>

#include "decode.h"

#define REX_B	1
#define REX_X	2
#define REX_R	4
#define REX_W	8

/* What is known while the bytes are read. */
struct reader {
	const u8 *bytes;
	u32 at, size;
	bool short_of_bytes;
	u8 rex;
	bool operand_prefix, address_prefix;
	bool segment_prefix;
};

static u8 next(struct reader *r)
{
	if (r->at >= r->size) {
		r->short_of_bytes = true;
		return 0;
	}
	return r->bytes[r->at++];
}

/* A signed little-endian number of @size bytes. */
static s64 number(struct reader *r, u8 size)
{
	u64 value = 0;
	u8 i;

	for (i = 0; i < size; i++)
		value |= (u64)next(r) << (8 * i);
	return size == 8 ? value : (s64)(value << (64 - 8 * size)) >> (64 - 8 * size);
}

/*
 * Return: the first byte that is no prefix. A REX prefix counts only just
 * before it.
 */
static u8 prefixes(struct reader *r, u8 code_size, struct decoded *insn)
{
	for (;;) {
		u8 byte = next(r);

		if (code_size == 8 && (byte & 0xf0) == 0x40) {
			r->rex = byte;
			continue;
		}
		switch (byte) {
		case 0x26:
		case 0x2e:
		case 0x36:
		case 0x3e:
			/* In 64-bit code these four mean nothing. */
			if (code_size == 8)
				break;
			insn->segment = byte >> 3 & 3;
			r->segment_prefix = true;
			break;
		case 0x64:
		case 0x65:
			insn->segment = byte - 0x64 + DECODE_FS;
			r->segment_prefix = true;
			break;
		case 0x66:
			r->operand_prefix = true;
			break;
		case 0x67:
			r->address_prefix = true;
			break;
		case 0xf0:
			break;
		case 0xf2:
		case 0xf3:
			insn->rep = true;
			break;
		default:
			return byte;
		}
		r->rex = 0;
	}
}

/* 16-bit addresses: base and index by R/M; SDM Vol. 2A, table 2-1. */
static const u8 rm16[8][2] = {
	{ 3, 6 }, { 3, 7 }, { 5, 6 }, { 5, 7 },
	{ 6, DECODE_NO_REG }, { 7, DECODE_NO_REG },
	{ 5, DECODE_NO_REG }, { 3, DECODE_NO_REG },
};

static void memory_16(struct reader *r, u8 mod, u8 rm, struct decoded *insn)
{
	insn->base = rm16[rm][0];
	insn->index = rm16[rm][1];
	if (mod == 0 && rm == 6) {
		insn->base = DECODE_NO_REG;
		insn->displacement = number(r, 2);
	} else if (mod) {
		insn->displacement = number(r, mod);
	}
}

static void memory_32(struct reader *r, u8 mod, u8 rm, u8 code_size,
		      struct decoded *insn)
{
	insn->base = rm | (r->rex & REX_B ? 8 : 0);
	if (rm == 4) {
		u8 sib = next(r);

		insn->scale = sib >> 6;
		insn->index = (sib >> 3 & 7) | (r->rex & REX_X ? 8 : 0);
		if (insn->index == 4)
			insn->index = DECODE_NO_REG;
		insn->base = (sib & 7) | (r->rex & REX_B ? 8 : 0);
		rm = sib & 7;
		if (mod == 0 && rm == 5)
			insn->base = DECODE_NO_REG;
	} else if (mod == 0 && rm == 5) {
		insn->base = DECODE_NO_REG;
		insn->rip_relative = code_size == 8;
	}
	if (mod == 1)
		insn->displacement = number(r, 1);
	else if (mod == 2 || (mod == 0 && rm == 5))
		insn->displacement = number(r, 4);
}

/* ModR/M and what follows. Return: false if it names no memory. */
static bool modrm(struct reader *r, u8 code_size, struct decoded *insn, u8 *digit)
{
	u8 byte = next(r);
	u8 mod = byte >> 6, rm = byte & 7;

	*digit = byte >> 3 & 7;
	insn->reg = *digit | (r->rex & REX_R ? 8 : 0);
	if (mod == 3)
		return false;
	if (insn->address_size == 2)
		memory_16(r, mod, rm, insn);
	else
		memory_32(r, mod, rm, code_size, insn);
	/* BP, EBP and ESP as a base mean the stack segment. */
	if (!r->segment_prefix &&
	    (insn->base == 5 || (insn->base == 4 && insn->address_size != 2)))
		insn->segment = DECODE_SS;
	return true;
}

/* One-byte opcodes without ModR/M. */
static bool decode_string(u8 opcode, struct decoded *insn)
{
	static const struct {
		u8 opcode;
		enum decode_op op;
	} strings[] = {
		{ 0x6c, DECODE_INS }, { 0x6e, DECODE_OUTS }, { 0xa4, DECODE_MOVS },
		{ 0xaa, DECODE_STOS }, { 0xac, DECODE_LODS },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(strings); i++) {
		if (strings[i].opcode != (opcode & ~1))
			continue;
		insn->op = strings[i].op;
		insn->form = DECODE_STRING;
		return true;
	}
	return false;
}

/* MOV between the accumulator and an address in the instruction. */
static bool decode_moffs(struct reader *r, u8 opcode, struct decoded *insn)
{
	if ((opcode & ~3) != 0xa0)
		return false;
	insn->op = DECODE_MOV;
	insn->form = opcode & 2 ? DECODE_TO_MEMORY : DECODE_FROM_MEMORY;
	insn->reg = 0;
	insn->displacement = number(r, insn->address_size);
	return true;
}

/* Those with ModR/M. Return: false if it is none of ours. */
static bool decode_modrm(struct reader *r, u8 code_size, u8 opcode,
			 struct decoded *insn)
{
	u8 digit, immediate = 0;

	if (!modrm(r, code_size, insn, &digit))
		return false;
	insn->form = opcode & 2 ? DECODE_FROM_MEMORY : DECODE_TO_MEMORY;
	if (opcode < 0x40 && (opcode & 7) < 4) {
		insn->op = DECODE_ADD + (opcode >> 3);
	} else if (opcode >= 0x80 && opcode <= 0x83) {
		if (opcode == 0x82 && code_size == 8)
			return false;
		insn->op = DECODE_ADD + digit;
		immediate = opcode == 0x81 ? min_t(u8, insn->size, 4) : 1;
	} else if (opcode == 0x84 || opcode == 0x85) {
		insn->op = DECODE_TEST;
	} else if (opcode == 0x86 || opcode == 0x87) {
		insn->op = DECODE_XCHG;
		insn->form = DECODE_TO_MEMORY;
	} else if (opcode >= 0x88 && opcode <= 0x8b) {
		insn->op = DECODE_MOV;
	} else if ((opcode == 0xc6 || opcode == 0xc7) && digit == 0) {
		insn->op = DECODE_MOV;
		immediate = min_t(u8, insn->size, 4);
	} else if ((opcode == 0xf6 || opcode == 0xf7) && digit < 2) {
		insn->op = DECODE_TEST;
		immediate = min_t(u8, insn->size, 4);
	} else {
		return false;
	}
	if (immediate) {
		insn->form = DECODE_IMMEDIATE;
		insn->immediate = number(r, immediate);
	}
	return true;
}

/* MOVZX, MOVSX and MOVSXD: memory is narrower than the register. */
static bool decode_extend(struct reader *r, u8 code_size, u8 opcode, bool two_byte,
			  struct decoded *insn)
{
	u8 digit;

	insn->reg_size = insn->size;
	if (two_byte && ((opcode & ~1) == 0xb6 || (opcode & ~1) == 0xbe)) {
		insn->op = opcode < 0xb8 ? DECODE_MOVZX : DECODE_MOVSX;
		insn->size = opcode & 1 ? 2 : 1;
	} else if (!two_byte && opcode == 0x63 && code_size == 8) {
		insn->op = DECODE_MOVSX;
		insn->size = min_t(u8, insn->size, 4);
	} else {
		return false;
	}
	insn->form = DECODE_FROM_MEMORY;
	return modrm(r, code_size, insn, &digit);
}

/**
 * decode() - take an instruction apart
 * @bytes: its bytes, and perhaps some behind it
 * @size: how many
 * @code_size: of the code segment: 2, 4 or 8
 * @insn: filled in
 *
 * Return: false if it is no instruction that can be completed here.
 */
bool decode(const u8 *bytes, u32 size, u8 code_size, struct decoded *insn)
{
	struct reader r = { .bytes = bytes, .size = min_t(u32, size, DECODE_MAX) };
	bool known, two_byte = false;
	u8 opcode;

	*insn = (struct decoded) {
		.segment = DECODE_DS, .base = DECODE_NO_REG, .index = DECODE_NO_REG,
	};
	opcode = prefixes(&r, code_size, insn);
	if (opcode == 0x0f) {
		two_byte = true;
		opcode = next(&r);
	}

	insn->size = (code_size == 2) != r.operand_prefix ? 2 : 4;
	if (r.rex & REX_W)
		insn->size = 8;
	insn->address_size = code_size;
	if (r.address_prefix)
		insn->address_size = code_size == 4 ? 2 : 4;

	known = decode_extend(&r, code_size, opcode, two_byte, insn);
	if (!known && !two_byte) {
		if (!(opcode & 1))
			insn->size = 1;
		insn->reg_size = insn->size;
		known = decode_string(opcode, insn) ||
			decode_moffs(&r, opcode, insn) ||
			decode_modrm(&r, code_size, opcode, insn);
	}
	if ((insn->op == DECODE_INS || insn->op == DECODE_OUTS) && insn->size == 8)
		insn->size = 4;
	/* Without REX, 4 to 7 are AH, CH, DH and BH for a register of a byte. */
	if (insn->reg_size == 1 && !r.rex && insn->reg >= 4 && insn->reg < 8) {
		insn->high_byte = true;
		insn->reg -= 4;
	}
	insn->length = r.at;
	return known && !r.short_of_bytes;
}
