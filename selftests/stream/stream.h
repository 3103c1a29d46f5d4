/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Streams: short random programs that run on two devices, from the same state,
 * and have to do the same on both.
 *
 *	generate.c	what a stream is made of
 *	special.c	instructions that want more than operands: registers
 *	access.c	the same for I/O, strings, memory and branches
 *	machine.c	the state that it starts in, mode by mode
 *	device.c	a VM that it runs in
 *	run.c		running it, and what is written down
 *	compare.c	whether two runs are the same
 *	documented.c	the differences that are known
 *	stream_test.c	how many, which, and what is said about them
 */
#ifndef SELFTESTS_STREAM_H
#define SELFTESTS_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <minivmx.h>

/* ------------------------- where things are ------------------------------ */

#define PAGE		0x1000u
#define MEMORY		0x10000u	/* guest-physical 0 to 64 KiB */
#define AT_TSS		0x0400u
#define AT_GDT		0x0500u
#define AT_LDT		0x0600u
#define AT_POINTERS	0x0700u		/* far pointers and pseudo-descriptors */
#define AT_IDT		0x1000u
#define AT_CODE		0x2100u
#define AT_HANDLERS	0x3000u		/* of vector n: HLT at + 8 * n */
#define AT_TABLES	0x4000u		/* PML4, PDPT, PD, PT: a page each */
#define AT_STACK	0x8800u
#define AT_STACK0	0x8f00u		/* of ring 0, coming from ring 3 */
#define AT_DATA		0x9000u		/* to the hole */
#define AT_HOLE		0xc000u		/* a page in no slot: MMIO */
#define AT_ROM		0xd000u		/* a page in a read-only slot */

/* Linear addresses beyond those that paging leaves as they are. */
#define LINEAR_ABSENT	0x10000u
#define LINEAR_READONLY	0x11000u
#define LINEAR_HOLE	0x12000u
#define LINEAR_FAR_HOLE	0x13000u	/* guest-physical FAR_HOLE */
#define LINEAR_ALIAS	0x14000u	/* of AT_DATA */
#define LINEAR_NX	0x15000u
#define LINEAR_SYSTEM	0x16000u	/* not for ring 3 */
#define FAR_HOLE	0x100000u

/* Selectors of the GDT. */
#define SEL_CODE32	0x08
#define SEL_DATA	0x10
#define SEL_CODE16	0x18
#define SEL_DATA16	0x20
#define SEL_CODE64	0x28
#define SEL_USER_CODE32	0x33
#define SEL_USER_DATA	0x3b
#define SEL_USER_CODE64	0x43
#define SEL_USER_CODE16	0x4b
#define SEL_TSS		0x50
#define SEL_LDT		0x60
#define SEL_LAST	0xbf

/* ------------------------- a stream -------------------------------------- */

enum mode {
	MODE_REAL,
	MODE_PROTECTED16,
	MODE_PROTECTED32,
	MODE_PAGING32,
	MODE_PAE,
	MODE_LONG,
	MODE_COMPATIBILITY,
	NR_MODES
};

extern const char * const mode_names[NR_MODES];

#define MAX_ITEMS	16
#define MAX_CODE	0x600

/**
 * struct stream - a program and the state that it starts in
 * @seed: all of it follows from this
 * @random: state of the generator of random numbers
 * @mode: of the processor
 * @user: ring 3
 * @bits: 16, 32 or 64, of the code
 * @length: bytes of @code
 * @nr_items: instructions, or sequences of them that belong together
 * @items: where each starts in @code; one more for the end
 * @jump: 1 + offset of a displacement that leads over the next item, or 0
 * @pointers: how much of AT_POINTERS is used
 * @has_random: random bytes are among the items
 */
struct stream {
	uint64_t seed;
	uint64_t random;
	enum mode mode;
	bool user;
	int bits;
	unsigned int length;
	unsigned int nr_items;
	uint16_t items[MAX_ITEMS + 1];
	unsigned int jump;
	unsigned int pointers;
	bool has_random;
	struct minivmx_regs regs;
	struct minivmx_sregs sregs;
	uint8_t code[MAX_CODE];
	uint8_t image[MEMORY];
};

/* xorshift64*: the same numbers everywhere. */
static inline uint64_t random_u64(struct stream *s)
{
	s->random ^= s->random >> 12;
	s->random ^= s->random << 25;
	s->random ^= s->random >> 27;
	return s->random * 0x2545f4914f6cdd1dULL;
}

static inline unsigned int random_below(struct stream *s, unsigned int n)
{
	return (random_u64(s) >> 32) * n >> 32;
}

#define RANDOM_OF(s, table) \
	((table)[random_below(s, sizeof(table) / sizeof((table)[0]))])

/* generate.c */
void stream_generate(struct stream *s, uint64_t seed, const struct minivmx_sregs *reset);
void emit8(struct stream *s, uint8_t byte);
void emit(struct stream *s, uint64_t value, int bytes);
void emit_set(struct stream *s, int reg, uint64_t value);
void emit_prefixes(struct stream *s, bool string);
void emit_modrm(struct stream *s, int reg, bool memory_only);
void emit_modrm_at(struct stream *s, int reg, uint32_t address);
uint64_t random_address(struct stream *s);
uint64_t random_value(struct stream *s);

/* The order of the encoding. */
enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI };

/* special.c, access.c */
struct special {
	int weight;
	void (*emit)(struct stream *s);
};

extern const struct special specials[];
void special_jump(struct stream *s);
void special_interrupt(struct stream *s);
void special_return(struct stream *s);
void special_port(struct stream *s);
void special_string(struct stream *s);
void special_port_string(struct stream *s);
void special_mmio(struct stream *s);
void special_set(struct stream *s);
void special_invlpg(struct stream *s);
uint16_t random_code_selector(struct stream *s);
extern const uint32_t stream_msrs[];
extern const unsigned int nr_stream_msrs;

/* machine.c */
void machine_build(struct stream *s, const struct minivmx_sregs *reset);

/* ------------------------- a run ----------------------------------------- */

#define MAX_RECORDS	96
#define MAX_RUNS	64
#define MAX_RESUMES	5
#define MAX_MSRS	24

/**
 * struct record - something that the guest did and the caller saw
 * @what: exit reason; I/O comes in items, not in exits
 * @is_write: OUT, or MMIO write
 * @size: bytes; of an internal error, the suberror
 * @where: port, or address; of a HLT, the vector whose handler it is, or -1
 * @data: what was written, or read
 */
struct record {
	uint32_t what;
	uint16_t is_write;
	uint16_t size;
	uint64_t where;
	uint64_t data;
};

enum ending {
	ENDED,		/* at the end of its code, or with an exit that ends it */
	ENDED_LIMIT,	/* too many exits */
	ENDED_TIME,	/* it takes too long: an endless loop */
	ENDED_ERROR,	/* MINIVMX_RUN failed */
	ENDED_REFUSED,	/* a state was not accepted */
};

/**
 * struct result - all that is known of a run
 * @insn_size: bytes of the instruction of an emulation failure, or 0
 * @insn: those bytes
 * @changed: a bit for each page of memory that is not as it was
 * @pages: those pages, one after the other, from malloc()
 */
struct result {
	enum ending ending;
	int error;
	unsigned int nr_records;
	unsigned int nr_exits;
	struct record records[MAX_RECORDS];
	struct minivmx_regs regs;
	struct minivmx_sregs sregs;
	struct minivmx_debugregs debugregs;
	struct minivmx_vcpu_events events;
	struct minivmx_fpu fpu;
	uint64_t msrs[MAX_MSRS];
	uint64_t xcr0;
	uint8_t if_flag, ready;
	uint64_t cr8;
	uint8_t insn_size;
	uint8_t insn[15];
	uint16_t changed;
	uint8_t *pages;
};

/**
 * struct device - a VM on one of the devices
 * @keeper: a second vCPU, which ran once: KVM keeps its EPT tables as long as
 *	a vCPU uses them, and MINIVMX_SET_SREGS makes the first one let go
 */
struct device {
	const char *path;
	int fd, vm, vcpu, keeper;
	size_t run_size;
	struct minivmx_run *run;
	uint8_t *memory;
	struct minivmx_sregs reset;
	struct minivmx_fpu fpu;
	struct minivmx_xsave xsave;
	uint64_t msrs[MAX_MSRS];
	bool has_msr[MAX_MSRS];
	bool has_xcrs;
};

/* device.c */
struct minivmx_cpuid2 *device_cpuid(const char *a, const char *b);
const char *device_open(struct device *d, const char *path, struct minivmx_cpuid2 *cpuid);
void device_get_msrs(struct device *d, uint64_t *values);
void device_set_msrs(struct device *d);
bool device_msrs_changed(const struct device *d, const struct result *r);
void device_close(struct device *d);

/* run.c */
void device_run(struct device *d, const struct stream *s, struct result *r);

/* ------------------------- a comparison ---------------------------------- */

/* What differs. */
#define DIFFER_ENDING	0x01
#define DIFFER_RECORDS	0x02
#define DIFFER_REGS	0x04
#define DIFFER_SREGS	0x08
#define DIFFER_DEBUG	0x10
#define DIFFER_EVENTS	0x20
#define DIFFER_FPU	0x40
#define DIFFER_MSRS	0x80
#define DIFFER_MEMORY	0x100
#define DIFFER_RUN	0x200

/**
 * struct difference - between two runs of a stream
 * @what: DIFFER_*
 * @record: the first record that differs
 * @memory: the first byte that differs
 * @tables_changed: the page tables are not what they were, but for the bits
 *	that the processor sets
 * @text: what differs, in words
 */
struct difference {
	unsigned int what;
	unsigned int record;
	uint32_t memory;
	bool tables_changed;
	char text[1600];
};

bool results_differ(const struct stream *s, const struct device *da,
		    const struct device *db, const struct result *a,
		    const struct result *b, struct difference *d);
void stream_print(const struct stream *s);
void difference_print(const struct device *da, const struct device *db,
		      const struct result *a, const struct result *b,
		      const struct difference *d);
void result_print(const char *name, const struct result *r);

/**
 * struct documented - a difference that is known and meant
 * @name: what it is called in the summary
 * @why: which of the two does what, and why it stays so
 * @matches: is it this one; @a is KVM
 */
struct documented {
	const char *name;
	const char *why;
	bool (*matches)(const struct stream *s, const struct result *a,
			const struct result *b, const struct difference *d);
};

extern const struct documented documented[];
extern const unsigned int nr_documented;

#endif /* SELFTESTS_STREAM_H */
