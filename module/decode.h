/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Instructions that access memory in no slot, or are INS or OUTS, taken apart.
 * Pure, so that its tests run on any machine.
 */
#ifndef MINIVMX_DECODE_H
#define MINIVMX_DECODE_H

#include <linux/types.h>

#define DECODE_MAX	15	/* bytes of the longest instruction */
#define DECODE_NO_REG	0xff

/* What an instruction does with its memory operand. */
enum decode_op {
	DECODE_UNKNOWN,
	/* In the order of bits 5:3 of the opcode: */
	DECODE_ADD, DECODE_OR, DECODE_ADC, DECODE_SBB,
	DECODE_AND, DECODE_SUB, DECODE_XOR, DECODE_CMP,
	DECODE_TEST,
	DECODE_MOV,
	DECODE_XCHG,
	DECODE_MOVZX,
	DECODE_MOVSX,
	DECODE_MOVS, DECODE_STOS, DECODE_LODS,
	DECODE_INS, DECODE_OUTS,
};

/* Where the other operand is. */
enum decode_form {
	DECODE_TO_MEMORY,	/* a register, and memory is the destination */
	DECODE_FROM_MEMORY,	/* a register, and it is the destination */
	DECODE_IMMEDIATE,	/* in the instruction; memory is the destination */
	DECODE_STRING,		/* RSI, RDI, RAX */
};

/* Segment registers by their encoding. */
enum decode_segment {
	DECODE_ES, DECODE_CS, DECODE_SS, DECODE_DS, DECODE_FS, DECODE_GS,
};

/**
 * struct decoded - an instruction
 * @op: what it does
 * @form: where its operands are
 * @length: its bytes
 * @size: bytes of the memory operand: 1, 2, 4 or 8
 * @reg_size: bytes of the register, where it differs (MOVZX, MOVSX)
 * @address_size: bytes of an address: 2, 4 or 8
 * @rep: it has a REP prefix
 * @segment: of the memory operand; of MOVS, LODS and OUTS, of the source
 * @reg: the register by its encoding
 * @high_byte: @reg means AH, CH, DH or BH
 * @base: a register of the address, or DECODE_NO_REG
 * @index: likewise
 * @scale: what @index is shifted by
 * @rip_relative: the address is relative to the next instruction
 * @displacement: added to the address
 * @immediate: sign-extended
 */
struct decoded {
	enum decode_op op;
	enum decode_form form;
	u8 length, size, reg_size, address_size;
	bool rep;
	enum decode_segment segment;
	u8 reg;
	bool high_byte;
	u8 base, index, scale;
	bool rip_relative;
	s64 displacement, immediate;
};

bool decode(const u8 *bytes, u32 size, u8 code_size, struct decoded *insn);

#endif /* MINIVMX_DECODE_H */
