// SPDX-License-Identifier: GPL-2.0
/*
 * What a stream is made of: instructions from a table, with random operands;
 * sequences from special.c; and now and then bytes that are nothing at all.
 */
#include <string.h>

#include "stream.h"

const char * const mode_names[NR_MODES] = {
	[MODE_REAL] = "real",
	[MODE_PROTECTED16] = "protected 16-bit",
	[MODE_PROTECTED32] = "protected 32-bit",
	[MODE_PAGING32] = "32-bit paging",
	[MODE_PAE] = "PAE paging",
	[MODE_LONG] = "64-bit",
	[MODE_COMPATIBILITY] = "compatibility",
};

/* ------------------------- tables ---------------------------------------- */

/* Operands of an instruction. */
#define MODRM	0x01	/* register or memory */
#define MEM	0x02	/* memory only */
#define REG	0x04	/* ModRM, register only */
#define IB	0x08	/* immediate byte */
#define IZ	0x10	/* immediate of the operand size */
#define LOW	0x20	/* a register, in the opcode's low bits */
#define RAM	0x40	/* MEM, mostly where memory is: with MMIO, KVM never ends */
#define ANY	0xff	/* digit: any register */

struct template {
	uint8_t weight;
	uint8_t operands;
	uint8_t digit;
	uint8_t length;
	uint8_t opcode[3];
};

static const struct template templates[] = {
	/* arithmetic: the low three bits of the opcode are drawn */
	{ 12, MODRM, ANY, 1, { 0x01 } }, { 4, MODRM, ANY, 1, { 0x00 } },
	{ 6, MODRM, ANY, 1, { 0x03 } }, { 4, MODRM, ANY, 1, { 0x29 } },
	{ 4, MODRM, ANY, 1, { 0x21 } }, { 4, MODRM, ANY, 1, { 0x09 } },
	{ 4, MODRM, ANY, 1, { 0x31 } }, { 4, MODRM, ANY, 1, { 0x39 } },
	{ 4, MODRM, ANY, 1, { 0x11 } }, { 4, MODRM, ANY, 1, { 0x1a } },
	{ 4, MODRM | IB, ANY, 1, { 0x83 } }, { 4, MODRM | IZ, ANY, 1, { 0x81 } },
	{ 4, MODRM | IB, ANY, 1, { 0x80 } }, { 3, MODRM, ANY, 1, { 0x85 } },
	{ 3, MODRM, ANY, 1, { 0x87 } }, { 2, MODRM, ANY, 1, { 0x86 } },
	{ 4, MODRM | IB, ANY, 1, { 0xc1 } }, { 3, MODRM, ANY, 1, { 0xd3 } },
	{ 4, MODRM, ANY, 1, { 0xff } }, { 3, MODRM, ANY, 1, { 0xfe } },
	{ 3, MODRM, 3, 1, { 0xf7 } }, { 2, MODRM, 4, 1, { 0xf7 } },
	{ 2, MODRM, 6, 1, { 0xf7 } }, { 2, MODRM, 7, 1, { 0xf6 } },
	{ 2, MODRM | IZ, 0, 1, { 0xf7 } }, { 2, MODRM, 2, 1, { 0xf6 } },
	{ 2, MODRM, ANY, 2, { 0x0f, 0xaf } }, { 2, MODRM | IB, ANY, 1, { 0x6b } },
	{ 2, MODRM, ANY, 2, { 0x0f, 0xa3 } }, { 2, MODRM, ANY, 2, { 0x0f, 0xab } },
	{ 2, MODRM | IB, ANY, 2, { 0x0f, 0xba } }, { 2, MODRM, ANY, 2, { 0x0f, 0xbd } },
	{ 2, MODRM, ANY, 2, { 0x0f, 0xb1 } }, { 2, MODRM, ANY, 2, { 0x0f, 0xc1 } },
	{ 2, MEM, 1, 2, { 0x0f, 0xc7 } }, { 2, MODRM | IB, ANY, 2, { 0x0f, 0xa4 } },
	{ 1, 0, 0, 1, { 0x27 } }, { 1, 0, 0, 1, { 0x37 } }, { 1, IB, 0, 1, { 0xd4 } },
	{ 1, 0, 0, 1, { 0x98 } }, { 1, 0, 0, 1, { 0x99 } }, { 1, 0, 0, 1, { 0xd7 } },
	{ 2, LOW, 0, 2, { 0x0f, 0xc8 } }, { 1, MEM, ANY, 1, { 0x62 } },
	/* moves */
	{ 12, MODRM, ANY, 1, { 0x89 } }, { 8, MODRM, ANY, 1, { 0x88 } },
	{ 12, MODRM, ANY, 1, { 0x8b } }, { 8, MODRM, ANY, 1, { 0x8a } },
	{ 6, MODRM | IZ, 0, 1, { 0xc7 } }, { 4, MODRM | IB, 0, 1, { 0xc6 } },
	{ 4, MODRM, ANY, 2, { 0x0f, 0xb6 } }, { 4, MODRM, ANY, 2, { 0x0f, 0xb7 } },
	{ 4, MODRM, ANY, 2, { 0x0f, 0xbe } }, { 4, MODRM, ANY, 2, { 0x0f, 0xbf } },
	{ 3, MODRM, ANY, 1, { 0x63 } }, { 3, MEM, ANY, 1, { 0x8d } },
	{ 2, MODRM, ANY, 2, { 0x0f, 0x44 } }, { 2, MODRM, ANY, 2, { 0x0f, 0x94 } },
	{ 1, LOW, 0, 1, { 0x90 } }, { 1, MEM, ANY, 3, { 0x0f, 0x38, 0xf0 } },
	{ 2, MEM, ANY, 2, { 0x0f, 0xc3 } }, { 1, MEM, ANY, 3, { 0x0f, 0x38, 0xf1 } },
	/* segments and system registers */
	{ 4, MODRM, ANY, 1, { 0x8c } }, { 3, MEM, ANY, 1, { 0xc4 } },
	{ 2, MODRM, ANY, 2, { 0x0f, 0x02 } }, { 2, MODRM, ANY, 2, { 0x0f, 0x03 } },
	{ 2, MODRM, 4, 2, { 0x0f, 0x00 } }, { 2, MODRM, 0, 2, { 0x0f, 0x00 } },
	{ 2, MODRM, 1, 2, { 0x0f, 0x00 } }, { 3, RAM, 0, 2, { 0x0f, 0x01 } },
	{ 3, RAM, 1, 2, { 0x0f, 0x01 } }, { 4, MODRM, 4, 2, { 0x0f, 0x01 } },
	{ 2, MODRM, ANY, 1, { 0x63 } }, { 3, MEM, 7, 2, { 0x0f, 0x01 } },
	/* the stack */
	{ 5, LOW, 0, 1, { 0x50 } }, { 5, LOW, 0, 1, { 0x58 } }, { 2, IZ, 0, 1, { 0x68 } },
	{ 2, IB, 0, 1, { 0x6a } }, { 2, MODRM, 6, 1, { 0xff } }, { 2, MODRM, 0, 1, { 0x8f } },
	{ 1, 0, 0, 1, { 0x60 } }, { 1, 0, 0, 1, { 0x61 } }, { 4, 0, 0, 1, { 0x9c } },
	{ 3, 0, 0, 1, { 0x9d } }, { 1, 0, 0, 1, { 0xc9 } }, { 1, 0, 0, 1, { 0x0e } },
	{ 1, 0, 0, 1, { 0x1e } }, { 1, 0, 0, 1, { 0x16 } }, { 1, 0, 0, 2, { 0x0f, 0xa0 } },
	/* flags */
	{ 3, 0, 0, 1, { 0xfa } }, { 4, 0, 0, 1, { 0xfb } }, { 2, 0, 0, 1, { 0xfc } },
	{ 2, 0, 0, 1, { 0xfd } }, { 1, 0, 0, 1, { 0x9e } }, { 1, 0, 0, 1, { 0x9f } },
	{ 1, 0, 0, 1, { 0xf5 } }, { 1, 0, 0, 3, { 0x0f, 0x01, 0xca } },
	/* what exits, or might */
	{ 4, 0, 0, 1, { 0xf4 } }, { 3, 0, 0, 2, { 0x0f, 0x06 } },
	{ 2, 0, 0, 2, { 0x0f, 0x09 } }, { 2, 0, 0, 2, { 0x0f, 0x08 } },
	{ 4, 0, 0, 3, { 0x0f, 0x01, 0xc1 } }, { 1, 0, 0, 3, { 0x0f, 0x01, 0xc2 } },
	{ 1, 0, 0, 3, { 0x0f, 0x01, 0xc4 } }, { 1, MEM, 6, 2, { 0x0f, 0xc7 } },
	{ 1, MODRM, ANY, 2, { 0x0f, 0x78 } }, { 1, MEM, ANY, 3, { 0x66, 0x0f, 0x38 } },
	{ 1, MODRM, ANY, 2, { 0x0f, 0x79 } }, { 1, 0, 0, 3, { 0x0f, 0x01, 0xd4 } },
	{ 1, 0, 0, 3, { 0x0f, 0x01, 0xd9 } }, { 2, 0, 0, 3, { 0x0f, 0x01, 0xc8 } },
	{ 2, 0, 0, 3, { 0x0f, 0x01, 0xc9 } }, { 2, 0, 0, 2, { 0x0f, 0x33 } },
	{ 2, 0, 0, 2, { 0xf3, 0x90 } }, { 1, 0, 0, 2, { 0x0f, 0x37 } },
	{ 1, 0, 0, 2, { 0x0f, 0xaa } }, { 2, 0, 0, 2, { 0x0f, 0x0b } },
	{ 1, 0, 0, 1, { 0xf1 } }, { 2, 0, 0, 3, { 0x0f, 0x01, 0xf8 } },
	{ 1, 0, 0, 3, { 0x0f, 0x01, 0xd0 } }, { 2, REG, ANY, 3, { 0xf3, 0x0f, 0xae } },
	{ 1, 0, 0, 2, { 0x0f, 0x05 } }, { 1, 0, 0, 2, { 0x0f, 0x34 } },
	/* floating point and SSE */
	{ 3, MODRM, ANY, 2, { 0x0f, 0x28 } }, { 3, MODRM, ANY, 2, { 0x0f, 0x11 } },
	{ 3, MODRM, ANY, 3, { 0x66, 0x0f, 0x6f } }, { 3, MODRM, ANY, 3, { 0x66, 0x0f, 0xd6 } },
	{ 2, MODRM, ANY, 3, { 0xf3, 0x0f, 0x7f } }, { 2, MODRM, ANY, 2, { 0x0f, 0x57 } },
	{ 2, MODRM, ANY, 3, { 0x66, 0x0f, 0xfe } }, { 1, MODRM, ANY, 2, { 0x0f, 0x7e } },
	{ 1, MEM, 0, 1, { 0xd9 } }, { 1, MEM, 2, 1, { 0xdd } }, { 1, 0, 0, 2, { 0xd9, 0xe8 } },
	{ 1, 0, 0, 1, { 0x9b } }, { 1, RAM, 0, 2, { 0x0f, 0xae } },
};

/* ------------------------- operands -------------------------------------- */

void emit8(struct stream *s, uint8_t byte)
{
	if (s->length < MAX_CODE)
		s->code[s->length++] = byte;
}

void emit(struct stream *s, uint64_t value, int bytes)
{
	for (; bytes > 0; bytes--, value >>= 8)
		emit8(s, value);
}

/* MOV: register <- value, as much of it as the mode's registers hold */
void emit_set(struct stream *s, int reg, uint64_t value)
{
	int bytes = value >> 32 ? 8 : value >> 16 ? 4 : 2;

	if (bytes == 8 && s->bits == 64) {
		emit8(s, 0x48);
		emit8(s, 0xb8 + reg);
		emit(s, value, 8);
	} else if (s->bits == 16) {
		if (bytes > 2)
			emit8(s, 0x66);
		emit8(s, 0xb8 + reg);
		emit(s, value, bytes > 2 ? 4 : 2);
	} else {
		emit8(s, 0xb8 + reg);
		emit(s, value, 4);
	}
}

/* An address that it is worth to access. */
uint64_t random_address(struct stream *s)
{
	static const uint32_t pages[] = {
		AT_DATA, AT_DATA, AT_DATA, AT_DATA + PAGE, AT_DATA + PAGE, AT_DATA + 2 * PAGE,
		AT_DATA + 2 * PAGE, AT_HOLE, AT_ROM, AT_ROM + PAGE, AT_ROM + 2 * PAGE,
	};
	static const uint32_t linear[] = {
		LINEAR_ABSENT, LINEAR_READONLY, LINEAR_HOLE, LINEAR_FAR_HOLE,
		LINEAR_ALIAS, LINEAR_NX, LINEAR_SYSTEM, 0x20000, FAR_HOLE,
	};
	uint32_t page = RANDOM_OF(s, pages);
	uint32_t offset = random_below(s, PAGE);

	if (s->bits != 16 && random_below(s, s->mode >= MODE_PAGING32 ? 6 : 32) == 0)
		page = RANDOM_OF(s, linear);
	switch (random_below(s, 8)) {
	case 0:
	case 1:		/* across the end of the page, or just not */
		return page + PAGE - random_below(s, 17);
	case 2:
		return page + offset;
	default:
		return page + (offset & ~15u);
	}
}

uint64_t random_value(struct stream *s)
{
	static const uint64_t interesting[] = {
		0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff,
		0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffffffff,
		0x8000000000000000, 0xffffffffffffffff, 0x0000800000000000,
		0xffff800000000000, 0x3f8, 0xcf8,
	};

	switch (random_below(s, 8)) {
	case 0:
		return random_u64(s);
	case 1:
		return random_u64(s) & 0xffffffff;
	case 2:
	case 3:
		return RANDOM_OF(s, interesting);
	case 4:
		return random_below(s, 24);
	default:
		return random_address(s);
	}
}

/* @string: no prefix that makes a string instruction take for ever */
void emit_prefixes(struct stream *s, bool string)
{
	static const uint8_t segments[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65 };

	if (random_below(s, 8) == 0)
		emit8(s, RANDOM_OF(s, segments));
	if (random_below(s, 6) == 0)
		emit8(s, 0x66);
	if (random_below(s, 16) == 0)
		emit8(s, 0x67);
	if (!string && random_below(s, 32) == 0)
		emit8(s, 0xf0);
	if (s->bits == 64 && random_below(s, 3) == 0)
		emit8(s, 0x40 | random_below(s, 16));
}

/* ModRM that names memory at @address */
void emit_modrm_at(struct stream *s, int reg, uint32_t address)
{
	bool narrow = s->bits == 16;
	unsigned int i;

	/* An address-size prefix among those of this item? */
	for (i = s->items[s->nr_items]; i < s->length; i++)
		if (s->code[i] == 0x67 && s->bits != 64)
			narrow = s->bits != 16;
	if (narrow) {
		emit8(s, reg << 3 | 6);
		emit(s, address, 2);
	} else if (s->bits == 64) {
		emit8(s, reg << 3 | 4);
		emit8(s, 0x25);
		emit(s, address, 4);
	} else {
		emit8(s, reg << 3 | 5);
		emit(s, address, 4);
	}
}

void emit_modrm(struct stream *s, int reg, bool memory_only)
{
	int mod, rm = random_below(s, 8);

	if (!memory_only && random_below(s, 2)) {
		emit8(s, 0xc0 | reg << 3 | rm);
		return;
	}
	if (random_below(s, 3)) {
		emit_modrm_at(s, reg, random_address(s));
		return;
	}
	mod = random_below(s, 3);
	emit8(s, mod << 6 | reg << 3 | rm);
	if (s->bits == 16) {
		emit(s, random_address(s), mod ? mod : rm == 6 ? 2 : 0);
		return;
	}
	if (rm == 4)
		emit8(s, random_u64(s));
	if (mod == 0 && rm == 5)
		emit(s, s->bits == 64 ? AT_DATA - AT_CODE : random_address(s), 4);
	else
		emit(s, random_below(s, 4) ? random_below(s, 64) : random_u64(s),
		     mod == 2 ? 4 : mod);
}

static void emit_template(struct stream *s, const struct template *t)
{
	int reg = t->digit == ANY ? random_below(s, 8) : t->digit, i;
	bool wide;

	emit_prefixes(s, false);
	wide = s->bits != 16;
	for (i = s->items[s->nr_items]; (unsigned int)i < s->length; i++)
		if (s->code[i] == 0x66)
			wide = !wide;
	for (i = 0; i < t->length; i++)
		emit8(s, t->opcode[i]);
	if (t->operands & LOW)
		s->code[s->length - 1] |= random_below(s, 8);
	if (t->operands & REG)
		emit8(s, 0xc0 | reg << 3 | random_below(s, 8));
	if (t->operands & (MODRM | MEM))
		emit_modrm(s, reg, t->operands & MEM);
	if (t->operands & RAM)
		emit_modrm_at(s, reg, random_below(s, 32) ? AT_DATA + random_below(s, 2 * PAGE) :
			      random_address(s));
	if (t->operands & IB)
		emit8(s, random_value(s));
	if (t->operands & IZ)
		emit(s, random_value(s), wide ? 4 : 2);
}

/* ------------------------- the whole ------------------------------------- */

static void emit_random(struct stream *s)
{
	int n = 1 + random_below(s, 8);

	s->has_random = true;
	if (random_below(s, 3) == 0)
		emit8(s, 0x0f);
	while (n--)
		emit8(s, random_u64(s));
}

static void emit_item(struct stream *s)
{
	static int template_sum, special_sum;
	unsigned int i;
	int n;

	if (!template_sum) {
		for (i = 0; i < sizeof(templates) / sizeof(templates[0]); i++)
			template_sum += templates[i].weight;
		for (i = 0; specials[i].emit; i++)
			special_sum += specials[i].weight;
	}
	n = random_below(s, 100);
	if (n < 8) {
		emit_random(s);
	} else if (n < 50) {
		n = random_below(s, special_sum);
		for (i = 0; (n -= specials[i].weight) >= 0; i++)
			;
		specials[i].emit(s);
	} else {
		n = random_below(s, template_sum);
		for (i = 0; (n -= templates[i].weight) >= 0; i++)
			;
		emit_template(s, &templates[i]);
	}
}

/*
 * Takes out what cannot be compared, wherever it could be decoded: the clock,
 * random numbers, and jumps back, which make endless loops.
 */
static void sanitize(struct stream *s)
{
	uint8_t *c = s->code;
	unsigned int i, jump;

	for (i = 0; i + 5 < MAX_CODE && i < s->length; i++) {
		if (c[i] == 0x0f && c[i + 1] == 0x31)
			c[i + 1] = 0xa2;
		if (c[i] == 0x0f && c[i + 1] == 0x01 && c[i + 2] == 0xf9)
			c[i + 2] = 0xf8;
		if (c[i] == 0x0f && c[i + 1] == 0xc7 && c[i + 2] >= 0xf0)
			c[i + 2] = 0x0e;
		if (!s->has_random)
			continue;
		jump = (c[i] & 0xf0) == 0x70 || (c[i] & 0xfc) == 0xe0 || c[i] == 0xeb ? 1 :
		       (c[i] & 0xfe) == 0xe8 ||
		       (c[i] == 0x0f && (c[i + 1] & 0xf0) == 0x80) ? 5 : 0;
		if (i + jump >= s->length) {
			c[i] = 0x90;	/* what follows stays HLT */
		} else if (jump == 1) {
			c[i + 1] &= 0x7f;
		} else if (jump) {
			c[i + 2] &= 0x7f;
			c[i + 3] &= 0x7f;
			c[i + 4] &= 0x7f;
			c[i + 5] &= 0x7f;
		}
	}
}

void stream_generate(struct stream *s, uint64_t seed, const struct minivmx_sregs *reset)
{
	unsigned int n, jump;

	memset(s, 0, offsetof(struct stream, code));
	s->seed = seed;
	/* Neighbours have nothing to do with each other, and 0 is no state. */
	s->random = (seed + 1) * 0x9e3779b97f4a7c15ULL;
	s->random ^= s->random >> 29;
	s->random = (s->random * 0xbf58476d1ce4e5b9ULL) | 1;
	random_u64(s);

	machine_build(s, reset);
	memset(s->code, 0xf4, MAX_CODE);
	n = 4 + random_below(s, MAX_ITEMS - 4 + 1);
	while (s->nr_items < n) {
		s->items[s->nr_items] = s->length;
		jump = s->jump;
		s->jump = 0;
		emit_item(s);
		if (jump)
			s->code[jump - 1] = s->length - jump;
		s->nr_items++;
	}
	s->items[s->nr_items] = s->length;
	sanitize(s);
	memcpy(s->image + AT_CODE, s->code, MAX_CODE);
}
