// SPDX-License-Identifier: GPL-2.0
/*
 * The state that a stream starts in: descriptors, page tables, vectors, and
 * registers that point at something.
 */
#include <string.h>

#include "stream.h"

/* ------------------------- descriptors ----------------------------------- */

/* By selector / 8. The accessed bits are set: the registers have them. */
static const uint64_t gdt[] = {
	[SEL_CODE32 / 8] = 0x00cf9b000000ffff,
	[SEL_DATA / 8] = 0x00cf93000000ffff,
	[SEL_CODE16 / 8] = 0x00009b000000ffff,
	[SEL_DATA16 / 8] = 0x000093000000ffff,
	[SEL_CODE64 / 8] = 0x00af9b000000ffff,
	[SEL_USER_CODE32 / 8] = 0x00cffb000000ffff,
	[SEL_USER_DATA / 8] = 0x00cff3000000ffff,
	[SEL_USER_CODE64 / 8] = 0x00affb000000ffff,
	[SEL_USER_CODE16 / 8] = 0x0000fb000000ffff,
	[SEL_TSS / 8] = 0x00008b0000000067 | (uint64_t)AT_TSS << 16,
	[SEL_LDT / 8] = 0x000082000000001f | (uint64_t)AT_LDT << 16,
	[0x70 / 8] = 0x0040960000008fff,	/* expand-down, not accessed */
	[0x78 / 8] = 0x00cf13000000ffff,	/* not present */
	[0x80 / 8] = 0x0040921000008fff,	/* base 0x100000: the far hole */
	[0x88 / 8] = 0x00cf9e000000ffff,	/* conforming code */
	[0x90 / 8] = 0x00cf90000000ffff,	/* read-only data */
	[0x98 / 8] = 0x0000ec0000083700,	/* call gate to 0x08:0x3700 */
	[0xa8 / 8] = 0x00cf98000000ffff,	/* execute-only code */
	[0xb0 / 8] = 0x0000f2000000ffff,	/* 16-bit data of ring 3 */
	[SEL_LAST / 8] = 0,
};

static void put(uint8_t *image, uint32_t at, uint64_t value, int bytes)
{
	memcpy(image + at, &value, bytes);
}

static struct minivmx_segment segment(uint16_t selector)
{
	uint64_t d = gdt[selector / 8];
	struct minivmx_segment r = {
		.base = (d >> 16 & 0xffffff) | (d >> 56) << 24,
		.limit = (d & 0xffff) | (d >> 48 & 15) << 16,
		.selector = selector,
		.type = d >> 40 & 15,
		.s = d >> 44 & 1,
		.dpl = d >> 45 & 3,
		.present = d >> 47 & 1,
		.avl = d >> 52 & 1,
		.l = d >> 53 & 1,
		.db = d >> 54 & 1,
		.g = d >> 55 & 1,
	};

	if (r.g)
		r.limit = r.limit << 12 | 0xfff;
	return r;
}

/* ------------------------- tables in memory ------------------------------ */

/* Vector n leads to HLT at AT_HANDLERS + 8 * n. */
static void build_vectors(const struct stream *s, uint8_t *image)
{
	bool wide = s->sregs.efer & 0x400;
	int code = wide ? SEL_CODE64 : s->bits == 16 ? SEL_CODE16 : SEL_CODE32;
	int n, dpl;

	for (n = 0; n < 256; n++) {
		uint32_t handler = AT_HANDLERS + 8 * n;
		uint64_t gate;

		if (s->mode == MODE_REAL) {
			put(image, 4 * n, handler, 4);
			continue;
		}
		dpl = n == 3 || n == 4 || n >= 0x80 ? 3 : 0;
		gate = (handler & 0xffff) | code << 16 | 0x8e0000000000 | (uint64_t)dpl << 45;
		if (!wide && s->bits == 16)
			gate &= ~0x080000000000ULL;
		put(image, AT_IDT + n * (wide ? 16 : 8), gate, 8);
	}
}

/* What is at linear address 64 KiB, page by page, beside present and user. */
static const struct {
	uint32_t address;
	uint64_t entry;
} special_pages[] = {
	{ LINEAR_ABSENT, 0 },
	{ LINEAR_READONLY, (AT_DATA + PAGE) | 5 },
	{ LINEAR_HOLE, AT_HOLE | 7 },
	{ LINEAR_FAR_HOLE, FAR_HOLE | 7 },
	{ LINEAR_ALIAS, AT_DATA | 7 },
	{ LINEAR_NX, AT_DATA | 7 | 1ULL << 63 },
	{ LINEAR_SYSTEM, (AT_DATA + 2 * PAGE) | 3 },
};

static void build_paging(const struct stream *s, uint8_t *image, uint64_t old)
{
	int bytes = s->mode == MODE_PAGING32 ? 4 : 8;
	uint32_t table = AT_TABLES + 3 * PAGE;
	bool nx = s->sregs.efer & 0x800;
	unsigned int i;

	for (i = 0; i < MEMORY / PAGE; i++)
		put(image, table + i * bytes, (i * PAGE) | 7 | old, bytes);
	for (i = 0; i < sizeof(special_pages) / sizeof(special_pages[0]); i++) {
		uint64_t entry = special_pages[i].entry;

		if (!nx)
			entry &= ~(1ULL << 63);
		put(image, table + special_pages[i].address / PAGE * bytes,
		    entry | (entry ? old : 0), bytes);
	}

	old &= 0x20;
	switch (s->mode) {
	case MODE_PAGING32:
		put(image, AT_TABLES, table | 7 | old, 4);
		break;
	case MODE_PAE:
		put(image, AT_TABLES, (AT_TABLES + 2 * PAGE) | 1, 8);
		put(image, AT_TABLES + 2 * PAGE, table | 7 | old, 8);
		break;
	default:
		put(image, AT_TABLES, (AT_TABLES + PAGE) | 7 | old, 8);
		put(image, AT_TABLES + PAGE, (AT_TABLES + 2 * PAGE) | 7 | old, 8);
		put(image, AT_TABLES + 2 * PAGE, table | 7 | old, 8);
	}
}

static void build_descriptors(const struct stream *s, uint8_t *image)
{
	memcpy(image + AT_GDT, gdt, sizeof(gdt));
	put(image, AT_LDT + 8, gdt[SEL_DATA / 8], 8);
	if (s->sregs.efer & 0x400) {
		put(image, AT_TSS + 4, AT_STACK0, 8);
		return;
	}
	put(image, AT_TSS + 4, AT_STACK0, 4);
	put(image, AT_TSS + 8, s->bits == 16 ? SEL_DATA16 : SEL_DATA, 2);
}

/* ------------------------- registers ------------------------------------- */

static void set_segments(struct stream *s)
{
	static const uint16_t code[NR_MODES][2] = {	/* ring 0, ring 3 */
		[MODE_PROTECTED16] = { SEL_CODE16, SEL_USER_CODE16 },
		[MODE_PROTECTED32] = { SEL_CODE32, SEL_USER_CODE32 },
		[MODE_PAGING32] = { SEL_CODE32, SEL_USER_CODE32 },
		[MODE_PAE] = { SEL_CODE32, SEL_USER_CODE32 },
		[MODE_LONG] = { SEL_CODE64, SEL_USER_CODE64 },
		[MODE_COMPATIBILITY] = { SEL_CODE32, SEL_USER_CODE32 },
	};
	static const uint16_t real[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0x100, 0x100, 0x200, 0x900 };
	struct minivmx_segment *data[] = {
		&s->sregs.ds, &s->sregs.es, &s->sregs.fs, &s->sregs.gs, &s->sregs.ss,
	};
	uint16_t selector;
	unsigned int i;

	if (s->mode == MODE_REAL) {
		s->sregs.cs.selector = 0;
		s->sregs.cs.base = 0;
		for (i = 0; i < 4; i++) {
			data[i]->selector = RANDOM_OF(s, real);
			data[i]->base = data[i]->selector << 4;
		}
		return;
	}
	s->sregs.cs = segment(code[s->mode][s->user]);
	selector = s->user ? SEL_USER_DATA : s->bits == 16 ? SEL_DATA16 : SEL_DATA;
	for (i = 0; i < 5; i++)
		*data[i] = segment(selector);
	s->sregs.tr = segment(SEL_TSS);
	s->sregs.ldt = segment(SEL_LDT);
	s->sregs.cr3 = s->mode >= MODE_PAGING32 ? AT_TABLES : 0;
	s->sregs.gdt = (struct minivmx_dtable) { .base = AT_GDT, .limit = SEL_LAST };
	s->sregs.idt = (struct minivmx_dtable) {
		.base = AT_IDT,
		.limit = s->sregs.efer & 0x400 ? 0xfff : 0x7ff,
	};
}

static void set_control(struct stream *s)
{
	static const uint32_t cr0_maybe[] = { 0, 0, 0x2, 0x10000, 0x40000, 0x50022, 0x60000000 };
	static const uint32_t cr4_maybe[] = { 0, 0x10, 0x80, 0x90, 0x8 };

	s->sregs.cr0 = 0x10 | RANDOM_OF(s, cr0_maybe);
	if (random_below(s, 24) == 0)
		s->sregs.cr0 |= 4 << random_below(s, 2);
	s->sregs.cr4 = RANDOM_OF(s, cr4_maybe);
	if (random_below(s, 8))
		s->sregs.cr4 |= 0x600;
	if (s->mode != MODE_REAL)
		s->sregs.cr0 |= 1;
	if (s->mode >= MODE_PAGING32)
		s->sregs.cr0 |= 0x80000000;
	if (s->mode >= MODE_PAE) {
		s->sregs.cr4 |= 0x20;
		s->sregs.efer = random_below(s, 2) ? 0x800 : 0;
	}
	if (s->mode >= MODE_LONG)
		s->sregs.efer |= 0x500 | random_below(s, 2);
}

static void set_regs(struct stream *s)
{
	__u64 *r = &s->regs.rax, mask = s->bits == 64 ? ~0ULL : 0xffffffff;
	int i;

	for (i = 0; i < 16; i++)
		r[i] = random_value(s) & mask;
	if (s->bits == 16) {
		s->regs.rsi &= 0xffff;
		s->regs.rdi &= 0xffff;
	}
	s->regs.rcx = random_below(s, 3) ? random_below(s, 32) : s->regs.rcx;
	s->regs.rsp = AT_STACK - (random_below(s, 8) ? 0 : random_below(s, 9));
	if (random_below(s, 2))
		s->regs.rbp = AT_STACK;
	s->regs.rip = AT_CODE;
	s->regs.rflags = 0x202 | (random_u64(s) & 0xcd5);
	/* The direction is set by those who mean it. */
	if (random_below(s, 4))
		s->regs.rflags &= ~0x400ULL;
	if (s->user && random_below(s, 2))
		s->regs.rflags |= 0x3000;
	if (random_below(s, 12) == 0)
		s->regs.rflags |= 0x40000;
	if (random_below(s, 40) == 0)
		s->regs.rflags |= 0x100;
	if (random_below(s, 40) == 0)
		s->regs.rflags |= 0x4000;
	if (random_below(s, 16) == 0)
		s->regs.rflags &= ~0x200ULL;
}

/*
 * What streams of a mode find in memory is made once. A page at a time is
 * copied: some would copy more byte by byte, which an emulator does slowly.
 */
static void build_image(struct stream *s)
{
	static uint8_t images[NR_MODES * 4][MEMORY];
	static bool built[NR_MODES * 4];
	bool old = random_below(s, 2), nx = s->sregs.efer & 0x800;
	int n = s->mode * 4 + nx * 2 + old;
	uint8_t *image = images[n];
	uint32_t at;

	if (!built[n]) {
		/* Whoever gets lost stops soon. */
		memset(image, 0xf4, MEMORY);
		memset(image, 0, AT_CODE);
		memset(image + AT_TABLES, 0, 4 * PAGE);
		build_vectors(s, image);
		if (s->mode != MODE_REAL)
			build_descriptors(s, image);
		if (s->mode >= MODE_PAGING32)
			build_paging(s, image, old ? 0x60 : 0);	/* accessed, dirty */
		built[n] = true;
	}
	for (at = 0; at < MEMORY; at += PAGE)
		memcpy(s->image + at, image + at, PAGE);
}

void machine_build(struct stream *s, const struct minivmx_sregs *reset)
{
	unsigned int i;

	s->mode = random_below(s, NR_MODES);
	s->user = s->mode != MODE_REAL && random_below(s, 6) == 0;
	s->bits = s->mode <= MODE_PROTECTED16 ? 16 : s->mode == MODE_LONG ? 64 : 32;
	s->sregs = *reset;
	set_control(s);
	set_segments(s);
	set_regs(s);
	build_image(s);
	for (i = 0; i < 24; i++)
		put(s->image, random_below(s, 3) ? AT_DATA + random_below(s, 3 * PAGE - 8) :
		    AT_STACK + 4 * i, random_value(s), 8);
}
