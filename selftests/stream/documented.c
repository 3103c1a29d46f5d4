// SPDX-License-Identifier: GPL-2.0
/*
 * Differences that are known and meant. Each says why it stays. Whatever
 * matches none of these is a failure.
 */
#include <string.h>

#include "stream.h"

/* The first record that differs, if both have it. */
static bool both(const struct result *a, const struct result *b, const struct difference *d)
{
	return d->what == DIFFER_RECORDS && d->record < a->nr_records &&
	       d->record < b->nr_records;
}

/*
 * Page tables that the guest changed while it used them: it depends on what
 * else made the processor forget a translation which of the two applies.
 */
static bool stale_translation(const struct stream *s, const struct result *a,
			      const struct result *b, const struct difference *d)
{
	return d->tables_changed && s->mode >= MODE_PAGING32;
}

/* Is it one of the instructions that minivmx knows? Prefixes are passed over. */
static bool is_known(const uint8_t *code, bool is_64)
{
	static const char prefixes[] = "\x26\x2e\x36\x3e\x64\x65\x66\x67\xf0\xf2\xf3";
	unsigned int digit;
	int n;

	for (n = 0; n < 7; n++, code++)
		if (!*code || (!strchr(prefixes, *code) && !(is_64 && (*code & 0xf0) == 0x40)))
			break;
	digit = code[1] >> 3 & 7;
	switch (*code) {
	case 0x00 ... 0x3f:
		if (*code == 0x0f)
			return (code[1] & 0xf6) == 0xb6;	/* MOVZX, MOVSX */
		return (*code & 7) < 4;		/* ADD to CMP */
	case 0x63:
		return is_64;			/* MOVSXD */
	case 0x82:
		return !is_64;
	case 0x80 ... 0x81:
	case 0x83:
	case 0x84 ... 0x8b:			/* TEST, XCHG, MOV */
	case 0xa0 ... 0xa5:			/* MOV, MOVS */
	case 0xaa ... 0xad:			/* STOS, LODS */
		return true;
	case 0xc6 ... 0xc7:
		return !digit;
	case 0xf6 ... 0xf7:
		return digit < 2;		/* TEST */
	}
	return false;
}

/*
 * Memory in no slot, and an instruction that minivmx does not know: it gives
 * the instruction to its caller, or #UD to ring 3, as KVM does for those that
 * KVM does not know.
 */
static bool unknown_instruction(const struct stream *s, const struct result *a,
				const struct result *b, const struct difference *d)
{
	const struct record *ra = &a->records[d->record], *rb = &b->records[d->record];
	uint8_t code[8];

	if (!both(a, b, d))
		return false;
	if (rb->what == MINIVMX_EXIT_INTERNAL_ERROR &&
	    rb->size == MINIVMX_INTERNAL_ERROR_EMULATION) {
		memcpy(code, &rb->data, sizeof(code));
		return rb->where && !is_known(code, s->bits == 64);
	}
	/* A 16-bit handler's frame does not say where. */
	if (rb->what != MINIVMX_EXIT_HLT || rb->where != 6 || !s->user)
		return false;
	if (s->bits == 16 && ra->what == MINIVMX_EXIT_MMIO)
		return true;
	/* KVM's emulator goes on, or finds another fault. */
	if (rb->data >= AT_CODE && rb->data < AT_CODE + s->length)
		return !is_known(s->code + (rb->data - AT_CODE), s->bits == 64);
	return false;
}

static bool has_ins(const struct stream *s)
{
	unsigned int i;

	for (i = 0; i < s->length; i++)
		if ((s->code[i] & 0xfe) == 0x6c)
			return true;
	return false;
}

/* INS and OUTS whose memory is in no slot. */
static bool string_to_device(const struct stream *s, const struct result *a,
			     const struct result *b, const struct difference *d)
{
	const struct record *ra = &a->records[d->record], *rb = &b->records[d->record];
	const uint8_t *code = (const uint8_t *)&rb->data;
	unsigned int i;

	/* #UD in ring 3; KVM has read the port. */
	if (both(a, b, d) && ra->what == MINIVMX_EXIT_IO && !ra->is_write &&
	    rb->what == MINIVMX_EXIT_HLT && rb->where == 6 && s->user)
		return has_ins(s);
	if (!both(a, b, d) || rb->what != MINIVMX_EXIT_INTERNAL_ERROR ||
	    rb->size != MINIVMX_INTERNAL_ERROR_EMULATION || !rb->where)
		return false;
	for (i = 0; i < 5; i++)
		if (code[i] >= 0x6c && code[i] <= 0x6f)
			return true;
	return false;
}

static bool has_msr_access(const struct stream *s)
{
	unsigned int i;

	for (i = 0; i + 1 < s->length; i++)
		if (s->code[i] == 0x0f && (s->code[i + 1] == 0x30 ||
					   s->code[i + 1] == 0x32))
			return true;
	return false;
}

/* RDMSR or WRMSR of an MSR that KVM has: #GP, or worse with a bad stack. */
static bool no_msr(const struct stream *s, const struct result *a,
		   const struct result *b, const struct difference *d)
{
	const struct record *rb = &b->records[d->record];
	const uint8_t *code;
	unsigned int i;

	/* Both ended so, but not at the same place. */
	if (d->what == DIFFER_REGS && b->nr_records &&
	    b->records[b->nr_records - 1].what == MINIVMX_EXIT_SHUTDOWN)
		return has_msr_access(s);
	if (!(d->what & DIFFER_RECORDS) || d->record >= b->nr_records)
		return false;
	/* A 16-bit handler's frame does not say where. */
	if (rb->what == MINIVMX_EXIT_SHUTDOWN ||
	    (rb->what == MINIVMX_EXIT_HLT && rb->where == 13 && s->bits == 16))
		return has_msr_access(s);
	if (rb->what != MINIVMX_EXIT_HLT || rb->where != 13 || rb->data < AT_CODE ||
	    rb->data >= AT_CODE + s->length)
		return false;
	code = s->code + (rb->data - AT_CODE);
	/* Behind a prefix, perhaps. */
	for (i = 0; i < 4; i++)
		if (code[i] == 0x0f && (code[i + 1] == 0x30 || code[i + 1] == 0x32))
			return true;
	return false;
}

/* VMMCALL, or VMCALL with a prefix. */
static bool has_odd_hypercall(const struct stream *s)
{
	static const char prefixes[] = "\x26\x2e\x36\x3e\x64\x65\x66\x67\xf0\xf2\xf3";
	const uint8_t *code = s->code;
	unsigned int i;

	for (i = 0; i + 2 < s->length; i++) {
		if (!memcmp(code + i, "\x0f\x01\xd9", 3))
			return true;
		if (i && !memcmp(code + i, "\x0f\x01\xc1", 3) &&
		    (strchr(prefixes, code[i - 1]) || (code[i - 1] & 0xf0) == 0x40))
			return true;
	}
	return false;
}

/*
 * KVM looks at each #UD: a VMMCALL, AMD's instruction, or a VMCALL with a
 * prefix is a hypercall to it all the same, and it may write VMCALL there.
 */
static bool hypercall(const struct stream *s, const struct result *a,
		      const struct result *b, const struct difference *d)
{
	const struct record *r = &b->records[d->record];

	if (!has_odd_hypercall(s))
		return false;
	if ((uint32_t)a->regs.rax == (uint32_t)-1000)
		return true;
	if (d->what & DIFFER_MEMORY && d->memory >= AT_CODE &&
	    d->memory < AT_CODE + s->length)
		return true;
	return d->what & DIFFER_RECORDS && d->record < b->nr_records &&
		(r->what == MINIVMX_EXIT_SHUTDOWN ||
		 (r->what == MINIVMX_EXIT_HLT && (r->where == 6 || r->where == 3)));
}

/* INS that faults in the middle: KVM forgets to count the items before. */
static bool ins_fault(const struct stream *s, const struct result *a,
		      const struct result *b, const struct difference *d)
{
	unsigned int i;

	if (d->what & DIFFER_RECORDS || !has_ins(s))
		return false;
	for (i = 0; i < b->nr_records; i++)
		if (b->records[i].what == MINIVMX_EXIT_HLT && b->records[i].where >= 12 &&
		    b->records[i].where <= 14)
			return true;
	return false;
}

/* Is it the instruction at @offset? */
static bool has_ins_at(const struct stream *s, unsigned int offset)
{
	unsigned int i;

	for (i = offset; i < offset + 6; i++)
		if ((s->code[i] & 0xfe) == 0x6c)
			return true;
	return false;
}

/*
 * INS: KVM reads the port, for all of REP, and sees only then where it goes to:
 * memory in no slot, or an address that faults.
 */
static bool reads_ahead(const struct stream *s, const struct result *a,
			const struct result *b, const struct difference *d)
{
	const struct record *ra = &a->records[d->record], *rb = &b->records[d->record];

	if (both(a, b, d) && ra->what == MINIVMX_EXIT_HLT && ra->where >= 12 &&
	    ra->where <= 14 &&
	    ra->data >= AT_CODE && ra->data < AT_CODE + s->length &&
	    has_ins_at(s, ra->data - AT_CODE))
		return true;	/* all items at once go too far, but none does */
	/* Items go where the address does not wrap, or where nothing is. */
	if (both(a, b, d) && ra->what == MINIVMX_EXIT_MMIO && ra->is_write && has_ins(s))
		return true;
	if (!both(a, b, d) || ra->what != MINIVMX_EXIT_IO || ra->is_write || !has_ins(s))
		return false;
	return rb->what == MINIVMX_EXIT_SHUTDOWN ||
	       (rb->what == MINIVMX_EXIT_MMIO && rb->is_write) ||
	       (rb->what == MINIVMX_EXIT_HLT && rb->where >= 12 && rb->where <= 14 &&
		/* Some handlers' frames do not say where. */
		(rb->data < AT_CODE || rb->data >= AT_CODE + s->length ||
		 has_ins_at(s, rb->data - AT_CODE)));
}

/*
 * The stack, or a table, is in no slot while an exception is delivered. Which
 * error KVM gives depends on whether it has seen the page before.
 */
static bool delivery(const struct stream *s, const struct result *a,
		     const struct result *b, const struct difference *d)
{
	const struct record *ra = &a->records[d->record], *rb = &b->records[d->record];

	/* No bytes of an instruction: its own page tables are nowhere. */
	if (both(a, b, d) && rb->what == MINIVMX_EXIT_INTERNAL_ERROR &&
	    (rb->size == MINIVMX_INTERNAL_ERROR_DELIVERY_EV ||
	     (rb->size == MINIVMX_INTERNAL_ERROR_EMULATION && !rb->where)))
		return true;
	return both(a, b, d) && ra->what == MINIVMX_EXIT_INTERNAL_ERROR &&
	       rb->what == MINIVMX_EXIT_INTERNAL_ERROR && ra->size != rb->size &&
	       (ra->size == MINIVMX_INTERNAL_ERROR_DELIVERY_EV ||
		rb->size == MINIVMX_INTERNAL_ERROR_DELIVERY_EV);
}

/* A write across pages, of which the second faults: KVM writes the first half. */
static bool half_written(const struct stream *s, const struct result *a,
			 const struct result *b, const struct difference *d)
{
	return d->what == DIFFER_MEMORY && d->memory % 0x1000 > 0x1000 - 8 &&
		s->mode >= MODE_PAGING32;
}

/* MOV DR exits twice in KVM; the second time Bochs has a trap of the first one. */
static bool step_over_mov_dr(const struct stream *s, const struct result *a,
			     const struct result *b, const struct difference *d)
{
	const struct record *ra = &a->records[d->record];
	const uint8_t *code;

	if (!both(a, b, d) || ra->what != MINIVMX_EXIT_HLT || ra->where != 1 ||
	    ra->data < AT_CODE || ra->data >= AT_CODE + s->length)
		return false;
	code = s->code + (ra->data - AT_CODE);
	return code[0] == 0x0f && (code[1] == 0x21 || code[1] == 0x23);
}

/* MOV to or from DR8 to DR15: Bochs exits before it sees that there is no such. */
static bool mov_dr_rex_r(const struct stream *s, const struct result *a,
			 const struct result *b, const struct difference *d)
{
	const struct record *ra = &a->records[d->record];
	const uint8_t *code;

	if (!both(a, b, d) || ra->what != MINIVMX_EXIT_HLT || ra->where != 6 ||
	    s->bits != 64 || ra->data < AT_CODE || ra->data >= AT_CODE + s->length)
		return false;
	code = s->code + (ra->data - AT_CODE);
	return (code[0] & 0xf4) == 0x44 && code[1] == 0x0f &&
		(code[2] == 0x21 || code[2] == 0x23);
}

/*
 * A single step of the guest's own over an instruction that KVM completes: the
 * exit leaves a trap pending in Bochs, and it comes before the instruction.
 */
static bool step_over_exit(const struct stream *s, const struct result *a,
			   const struct result *b, const struct difference *d)
{
	const struct record *ra = &a->records[d->record], *rb = &b->records[d->record];

	return both(a, b, d) && ra->what == MINIVMX_EXIT_HLT && ra->where == 1 &&
		(rb->what == MINIVMX_EXIT_MMIO || rb->what == MINIVMX_EXIT_IO);
}

/* MOVSXD with an operand-size prefix reads two bytes; KVM reads four. */
static bool movsxd_16(const struct stream *s, const struct result *a,
		      const struct result *b, const struct difference *d)
{
	const struct record *ra = &a->records[d->record], *rb = &b->records[d->record];

	return s->bits == 64 && both(a, b, d) && ra->what == MINIVMX_EXIT_MMIO &&
		rb->what == MINIVMX_EXIT_MMIO && !ra->is_write && !rb->is_write &&
		ra->where == rb->where && ra->size == 4 && rb->size == 2;
}

const struct documented documented[] = {
	{ "stale translations", "page tables were changed without a flush", stale_translation },
	{ "instructions that access MMIO", "KVM emulates most of them, minivmx a few",
	  unknown_instruction },
	{ "INS and OUTS of a device's memory", "minivmx gives them to its caller",
	  string_to_device },
	{ "MSRs that are not there", "KVM has more", no_msr },
	{ "hypercalls", "KVM takes VMMCALL, and VMCALL with a prefix, for VMCALL",
	  hypercall },
	{ "INS looks at its memory first", "KVM reads the port before", reads_ahead },
	{ "INS that faults", "KVM does not count the items before the one that does",
	  ins_fault },
	{ "half of a write", "KVM writes to the first page before the second one faults",
	  half_written },
	{ "MOVSXD of 16 bits", "KVM reads 32 of them", movsxd_16 },
	{ "a step that Bochs reports twice", "the trap comes before the instruction in KVM",
	  step_over_exit },
	{ "single steps over MOV DR", "KVM traps before it, under Bochs", step_over_mov_dr },
	{ "debug registers from 8 on", "Bochs exits before it looks at REX.R", mov_dr_rex_r },
	{ "page tables and stacks where there is no memory", "an event is delivered by way of it",
	  delivery },
};

const unsigned int nr_documented = sizeof(documented) / sizeof(documented[0]);
