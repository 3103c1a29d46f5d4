// SPDX-License-Identifier: GPL-2.0
/*
 * The decoder of instructions that access memory in no slot: any prefixes, any
 * opcode, any form of address, in the middle of a page and at its end.
 *
 * Each instruction runs twice. What differs is a page of the owner's that is not
 * in a slot, right behind the one that the instruction ends in: what comes of it
 * must not, or the page was read.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../stream/stream.h"
#include "fuzz.h"

#define CODE_MIDDLE	0x9800u		/* where nothing ends */
#define SLOT_END	AT_HOLE		/* behind it: the secret page */
#define MEMORY_END	MEMORY		/* behind it: a page that paging leaves out */
#define MAX_INSN	40		/* more than the 15 that a processor takes */

enum { REACHED_READ, REACHED_WRITE, REACHED_FAILURE, REACHED_SHORT, REACHED_EXCEPTION,
	REACHED_LONG, REACHED_64, REACHED_32, REACHED_16, REACHED_COMPARED };

static struct stream stream;
static struct device device;

/* ------------------------- an instruction -------------------------------- */

struct insn {
	uint8_t bytes[MAX_INSN];
	unsigned int length;
};

static void add(struct insn *insn, uint64_t value, unsigned int bytes)
{
	for (; bytes && insn->length < MAX_INSN; bytes--, value >>= 8)
		insn->bytes[insn->length++] = value;
}

static void add_prefixes(struct rng *rng, struct insn *insn, int bits)
{
	static const uint8_t prefixes[] = {
		0x66, 0x66, 0x67, 0x67, 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65, 0xf0, 0xf2, 0xf3, 0xf3,
	};
	/* Mostly none or few; sometimes as many as fit, or one more. */
	unsigned int n = rng_below(rng, 2) ? 0 : rng_below(rng, 4);

	if (rng_below(rng, 16) == 0)
		n = 9 + rng_below(rng, 8);
	while (n--)
		add(insn, RNG_OF(rng, prefixes), 1);
	if (bits == 64 && rng_below(rng, 2))
		add(insn, 0x40 | rng_below(rng, 16), 1);
}

/* Opcodes that the module completes come as often as all others together. */
static void add_opcode(struct rng *rng, struct insn *insn)
{
	static const uint8_t completed[] = {
		0x88, 0x89, 0x8a, 0x8b, 0xc6, 0xc7, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xaa,
		0xab, 0xac, 0xad, 0x00, 0x01, 0x02, 0x03, 0x08, 0x11, 0x1a, 0x21, 0x29, 0x30,
		0x39, 0x3b, 0x80, 0x81, 0x83, 0x84, 0x85, 0x86, 0x87, 0xf6, 0xf7, 0x63, 0x6c,
		0x6e,
	};
	static const uint8_t extended[] = { 0xb6, 0xb7, 0xbe, 0xbf };

	switch (rng_below(rng, 8)) {
	case 0:
		add(insn, 0x0f, 1);
		add(insn, rng_u64(rng), 1);
		return;
	case 1:
		add(insn, 0x0f, 1);
		add(insn, rng_below(rng, 2) ? 0x38 : 0x3a, 1);
		add(insn, rng_u64(rng), 1);
		return;
	case 2:
		add(insn, 0x0f, 1);
		add(insn, RNG_OF(rng, extended), 1);
		return;
	case 3:
	case 4:
		add(insn, rng_u64(rng), 1);
		return;
	default:
		add(insn, RNG_OF(rng, completed), 1);
		return;
	}
}

/* The address is made of registers near the hole, or is absolute. */
static void add_operand(struct rng *rng, struct insn *insn, int bits)
{
	unsigned int mod = rng_below(rng, 8) ? rng_below(rng, 3) : 3;
	unsigned int rm = rng_below(rng, 8), base = rng_below(rng, 8);
	bool sib = bits != 16 && rm == 4 && mod != 3;
	bool absolute = mod == 0 && (bits == 16 ? rm == 6 : rm == 5 || (sib && base == 5));

	add(insn, mod << 6 | rng_below(rng, 8) << 3 | rm, 1);
	if (sib)
		add(insn, rng_below(rng, 4) << 6 | rng_below(rng, 8) << 3 | base, 1);
	if (absolute)
		add(insn, AT_HOLE + rng_below(rng, PAGE), bits == 16 ? 2 : 4);
	else if (mod == 1)
		add(insn, rng_u64(rng), 1);
	else if (mod == 2)
		add(insn, rng_below(rng, 0x40), bits == 16 ? 2 : 4);
}

static void make_insn(struct rng *rng, struct insn *insn, int bits)
{
	insn->length = 0;
	add_prefixes(rng, insn, bits);
	add_opcode(rng, insn);
	add_operand(rng, insn, bits);
	/* An immediate, whether there is one or not. */
	add(insn, rng_u64(rng), rng_below(rng, 5));
}

/* ------------------------- a machine that runs it ------------------------ */

static void point_at_hole(struct rng *rng, struct stream *s)
{
	static const uint32_t holes[] = {
		AT_HOLE, AT_HOLE, LINEAR_HOLE, LINEAR_FAR_HOLE, FAR_HOLE,
	};
	__u64 *r = &s->regs.rax;
	unsigned int i;

	for (i = 0; i < 16; i++)
		if (i != 6)	/* RSP */
			r[i] = rng_below(rng, 3) ? RNG_OF(rng, holes) + rng_below(rng, 0x800) :
				rng_below(rng, 0x20);
	if (rng_below(rng, 2))
		s->regs.rcx = rng_below(rng, 6);
	if (s->mode == MODE_REAL)
		for (i = 0; i < 16; i++)
			r[i] = i == 6 ? AT_STACK : r[i] & 0xffff;
}

/* Before @end, of which it may need more bytes than there are. */
static void place(struct rng *rng, struct stream *s, const struct insn *insn, uint32_t *end)
{
	static const uint32_t ends[] = { CODE_MIDDLE, SLOT_END, SLOT_END, MEMORY_END };
	unsigned int there = insn->length;

	*end = RNG_OF(rng, ends);
	if (*end != CODE_MIDDLE)
		there = 1 + rng_below(rng, MAX_INSN < 20 ? MAX_INSN : 20);
	s->regs.rip = *end - there;
	memset(s->image + s->regs.rip, 0xf4, there);
	memcpy(s->image + s->regs.rip, insn->bytes,
	       there < insn->length ? there : insn->length);
	/* Nothing of it is gone on with after an exception. */
	s->nr_items = 0;
	s->items[0] = 0;
	s->length = MAX_CODE;
}

static void judge_bytes(const struct stream *s, const struct result *r, uint32_t end)
{
	uint64_t at = r->regs.rip + (s->sregs.efer & 0x400 ? 0 : r->sregs.cs.base);
	unsigned int i;

	if (r->insn_size > sizeof(r->insn))
		fuzz_fail("%u bytes of an instruction", r->insn_size);
	if (!r->insn_size || at < AT_CODE || at >= MEMORY)
		return;
	if (r->insn_size < sizeof(r->insn))
		fuzz_reach(REACHED_SHORT);
	/* The guest may have changed its code; then the copy has it. */
	for (i = 0; i < r->insn_size; i++) {
		if (at < end && at + i >= end)
			fuzz_fail("%u bytes of an instruction that ends after %u",
				  r->insn_size, (unsigned int)(end - at));
		if (r->insn[i] != device.memory[at + i])
			fuzz_fail("byte %u of the instruction is %02x, and %02x in memory", i,
				  r->insn[i], device.memory[at + i]);
	}
}

static void judge(const struct stream *s, const struct result *r, uint32_t end)
{
	const struct record *record;
	unsigned int i;

	if (r->ending == ENDED_REFUSED || r->ending == ENDED_ERROR)
		fuzz_fail("ending %d with errno %d", r->ending, r->error);
	if (r->changed & (1 << AT_HOLE / PAGE | 1 << AT_ROM / PAGE))
		fuzz_fail("memory was written that is in no slot or a read-only one");
	for (i = 0; i < r->nr_records; i++) {
		record = &r->records[i];
		if (!judge_known_reason(record->what))
			fuzz_fail("exit reason %u", record->what);
		if (record->what == MINIVMX_EXIT_MMIO)
			fuzz_reach(record->is_write ? REACHED_WRITE : REACHED_READ);
		if (record->what == MINIVMX_EXIT_HLT && record->where != -1ULL)
			fuzz_reach(REACHED_EXCEPTION);
		if (record->what != MINIVMX_EXIT_INTERNAL_ERROR)
			continue;
		if (record->size == MINIVMX_INTERNAL_ERROR_EMULATION)
			fuzz_reach(REACHED_FAILURE);
	}
	if (end == SLOT_END)
		judge_bytes(s, r, end);
	else
		judge_bytes(s, r, MEMORY);
}

static bool differ(const struct result *a, const struct result *b, struct difference *d)
{
	return results_differ(&stream, &device, &device, a, b, d) ||
		memcmp(a->insn, b->insn, sizeof(a->insn));
}

static void run_with(uint8_t secret, struct result *r, uint32_t end)
{
	memset(stream.image + AT_HOLE, secret, PAGE);
	device_run(&device, &stream, r);
	judge(&stream, r, end);
}

static void compare(const struct result *r, uint32_t end)
{
	static struct difference difference, again;
	static struct result repeated;
	bool changes;

	/* Time may end a run anywhere. */
	if (r[0].ending == ENDED_TIME || r[1].ending == ENDED_TIME)
		return;
	fuzz_reach(REACHED_COMPARED);
	if (!differ(&r[0], &r[1], &difference))
		return;
	/* RDTSC, and others: another result each time. */
	run_with(0xb6, &repeated, end);
	changes = differ(&r[1], &repeated, &again);
	free(repeated.pages);
	if (changes)
		return;
	/* The first run touched pages first, of which Bochs tells a guest that steps. */
	run_with(0x41, &repeated, end);
	if (differ(&r[1], &repeated, &again))
		fuzz_fail("a page in no slot makes a difference:%.300s", difference.text);
	free(repeated.pages);
}

static void once(struct rng *rng, uint64_t seed)
{
	static const unsigned int widths[] = { REACHED_16, REACHED_32, REACHED_64 };
	static struct result results[2];
	struct insn insn;
	uint32_t end;

	stream_generate(&stream, seed, &device.reset);
	make_insn(rng, &insn, stream.bits);
	point_at_hole(rng, &stream);
	place(rng, &stream, &insn, &end);
	fuzz_reach(widths[stream.bits / 32]);
	if (insn.length > 15)
		fuzz_reach(REACHED_LONG);
	run_with(0x41, &results[0], end);
	run_with(0xb6, &results[1], end);
	compare(results, end);
	free(results[0].pages);
	free(results[1].pages);
}

static void begin(void)
{
	const char *what = device_open(&device, FUZZ_DEVICE, NULL);

	if (what)
		fuzz_fail("%s: errno %d", what, errno);
	timer_start(20000);
}

const struct fuzzer fuzz_mmio = {
	.name = "mmio",
	.what = "the decoder reads no byte too many",
	.chunk = 200,
	.count = 1000,
	.begin = begin,
	.once = once,
	.reached = {
		[REACHED_READ] = "MMIO read", [REACHED_WRITE] = "MMIO write",
		[REACHED_FAILURE] = "emulation failure", [REACHED_SHORT] = "cut off",
		[REACHED_EXCEPTION] = "exception", [REACHED_LONG] = "too long",
		[REACHED_COMPARED] = "compared", [REACHED_64] = "64-bit",
		[REACHED_32] = "32-bit", [REACHED_16] = "16-bit",
	},
};
