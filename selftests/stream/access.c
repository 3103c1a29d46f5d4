// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions that go somewhere: branches, ports, strings, and memory that is
 * in no slot. Like special.c, they make first what they need.
 */
#include "stream.h"

static const uint16_t ports[] = {
	0, 0x10, 0x20, 0x21, 0x60, 0x64, 0x70, 0x71, 0x80, 0xcf8, 0xcfc, 0x3f8, 0x3fd,
	0x3ff, 0x402, 0x510, 0xfffe, 0xffff,
};

/* ------------------------- branches -------------------------------------- */

void special_jump(struct stream *s)
{
	switch (random_below(s, 8)) {
	case 0:
		emit8(s, 0xe0 | random_below(s, 4));	/* LOOPcc, JCXZ */
		break;
	case 1:
		emit8(s, 0xeb);
		break;
	case 2:						/* CALL */
		emit8(s, 0xe8);
		emit(s, 0, s->bits == 16 ? 2 : 4);
		return;
	default:
		emit8(s, 0x70 | random_below(s, 16));
	}
	emit8(s, 0);
	s->jump = s->length;
}

void special_interrupt(struct stream *s)
{
	static const uint8_t vectors[] = { 0, 3, 4, 8, 13, 14, 0x10, 0x21, 0x80, 0x81, 0xff };

	switch (random_below(s, 4)) {
	case 0:
		emit8(s, 0xcc);
		break;
	case 1:
		emit8(s, 0xce);
		break;
	default:
		emit8(s, 0xcd);
		emit8(s, RANDOM_OF(s, vectors));
	}
}

/* IRET or RETF to the next item, with flags of all kinds. */
void special_return(struct stream *s)
{
	static const uint32_t flags[] = {
		0x202, 0x202, 0x246, 0xad7, 0x3202, 0x40202, 0x10202, 0x200202, 0x4202,
		0x302, 0x20202, 0x180202,
	};
	bool iret = random_below(s, 2);
	unsigned int i;
	uint32_t target;

	if (s->bits == 64 && iret) {
		emit8(s, 0x68);
		emit(s, s->sregs.ss.selector, 4);
		emit8(s, 0x68);
		emit(s, AT_STACK, 4);
	}
	if (iret) {
		emit8(s, 0x68);
		emit(s, RANDOM_OF(s, flags), s->bits == 16 ? 2 : 4);
	}
	emit8(s, 0x68);
	emit(s, random_code_selector(s), s->bits == 16 ? 2 : 4);
	emit8(s, 0x68);
	i = s->length;
	emit(s, 0, s->bits == 16 ? 2 : 4);
	if (s->bits == 64)
		emit8(s, 0x48);
	emit8(s, iret ? 0xcf : 0xcb);
	target = AT_CODE + s->length;
	if (i + 1 < MAX_CODE) {
		s->code[i] = target;
		s->code[i + 1] = target >> 8;
	}
}

/* ------------------------- I/O and strings ------------------------------- */

void special_port(struct stream *s)
{
	int opcode = 0xe4 | random_below(s, 4);

	if (random_below(s, 2)) {
		opcode |= 8;
		emit_set(s, RDX, RANDOM_OF(s, ports));
	}
	if (random_below(s, 6) == 0)
		emit8(s, 0x66);
	emit8(s, opcode);
	if (!(opcode & 8))
		emit8(s, RANDOM_OF(s, ports));
}

static void set_string_registers(struct stream *s)
{
	/* Upper halves are as they are: a 16-bit address ignores them. */
	emit_set(s, RCX, random_below(s, 16) ? random_below(s, 9) : random_below(s, 40));
	emit_set(s, RSI, random_address(s));
	emit_set(s, RDI, random_address(s));
	if (random_below(s, 4) == 0)
		emit8(s, 0xfd);
}

void special_string(struct stream *s)
{
	static const uint8_t opcodes[] = {
		0xa4, 0xa5, 0xa6, 0xa7, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf, 0xa4, 0xa5,
	};

	set_string_registers(s);
	if (random_below(s, 2))
		emit8(s, 0xf2 | random_below(s, 2));
	emit_prefixes(s, true);
	emit8(s, RANDOM_OF(s, opcodes));
}

void special_port_string(struct stream *s)
{
	set_string_registers(s);
	emit_set(s, RDX, RANDOM_OF(s, ports));
	if (random_below(s, 3))
		emit8(s, 0xf2 | random_below(s, 2));
	emit_prefixes(s, true);
	emit8(s, 0x6c | random_below(s, 4));
}

/* ------------------------- memory in no slot ----------------------------- */

void special_mmio(struct stream *s)
{
	static const uint8_t opcodes[] = {
		0x88, 0x89, 0x8a, 0x8b, 0x89, 0x8b, 0xc6, 0xc7, 0xa0, 0xa1, 0xa2, 0xa3,
	};
	static const uint8_t extends[] = { 0xb6, 0xb7, 0xbe, 0xbf };
	uint32_t address = AT_HOLE + random_below(s, PAGE);
	uint8_t opcode = RANDOM_OF(s, opcodes);

	if (random_below(s, 6) == 0)
		emit8(s, 0x66);
	if (s->bits == 64 && random_below(s, 3) == 0)
		emit8(s, 0x40 | random_below(s, 16));
	if (random_below(s, 5) == 0) {
		emit8(s, 0x0f);
		emit8(s, RANDOM_OF(s, extends));
		emit_modrm_at(s, random_below(s, 8), address);
		return;
	}
	emit8(s, opcode);
	if ((opcode & 0xfc) == 0xa0) {
		emit(s, address, s->bits / 8);
		return;
	}
	emit_modrm_at(s, (opcode & 0xfe) == 0xc6 ? 0 : random_below(s, 8), address);
	if (opcode == 0xc6)
		emit8(s, random_u64(s));
	if (opcode == 0xc7)
		emit(s, random_u64(s), s->bits == 16 ? 2 : 4);
}

void special_set(struct stream *s)
{
	emit_set(s, random_below(s, 8) & ~4, random_value(s));
}

void special_invlpg(struct stream *s)
{
	emit8(s, 0x0f);
	emit8(s, 0x01);
	emit_modrm_at(s, 7, random_address(s));
}
