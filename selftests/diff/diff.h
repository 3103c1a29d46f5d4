/* SPDX-License-Identifier: GPL-2.0 */
/*
 * diff_test: the same calls on KVM and on minivmx, and what is different.
 *
 * A case does something on a device and records what it sees, as lines of
 * text. It expects nothing: KVM's text is what minivmx's has to be, unless
 * explained.c says why not.
 */
#ifndef SELFTESTS_DIFF_H
#define SELFTESTS_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../vm.h"
#include "../guest_code.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

struct diff_case;

/**
 * struct rec - one run of a case
 * @path: the device
 * @fd: where the text goes
 * @vm: what record_vm() made
 * @nmi: the case is about NMIs: record_events() says whether they are blocked
 */
struct rec {
	const char *path;
	int fd;
	struct vm vm;
	bool nmi;
};

typedef void diff_fn(struct rec *r, const struct diff_case *c);

/* The text depends on the processor: not for the golden file. */
#define DIFF_CPU	1

/**
 * struct diff_case - something to do on both devices
 * @ioctl: what it is about, for the table
 * @name: what it looks at
 * @run: does it, in a process of its own
 * @flags: DIFF_*
 * @arg: for @run
 * @arg2: for @run
 * @data: for @run
 * @end: for @run; with @data, both ends of guest code
 */
struct diff_case {
	const char *ioctl;
	const char *name;
	diff_fn *run;
	unsigned int flags;
	uint64_t arg;
	uint64_t arg2;
	const void *data;
	const void *end;
};

/* Why KVM cannot be asked here, or NULL. */
extern const char *no_kvm;

/** diff_add() - cases to run, in this order; they are copied. */
void diff_add(const struct diff_case *cases, size_t nr);

/* One for each subject, with its file's name. */
void add_system(void);
void add_arguments(void);
void add_regs(void);
void add_sregs(void);
void add_cpuid(void);
void add_cpuid_guest(void);
void add_msrs(void);
void add_fpu(void);
void add_events(void);
void add_irq(void);
void add_debug(void);
void add_memory(void);
void add_dirty(void);
void add_coalesced(void);
void add_translate(void);
void add_run(void);
void add_execute(void);
void add_mmio(void);

/**
 * struct explained - a difference on purpose
 * @ioctl: of the case
 * @name: of the case, or a shell's pattern for several
 * @why: the reason, for people
 *
 * What minivmx says instead is in minivmx.golden, to the letter.
 */
struct explained {
	const char *ioctl;
	const char *name;
	const char *why;
};

/* The reason of those that are there only, and perhaps, where KVM is not asked. */
#define NESTED		"what KVM's nested code does for the guest"

extern const struct explained explained[];
extern const size_t nr_explained;

/* ------------------------- process.c ------------------------------------- */

/** run_case() - the text of a case on a device; to be freed. */
char *run_case(const struct diff_case *c, const char *path);

/** print_text() - text with something before each line. */
void print_text(const char *prefix, const char *text);

/* ------------------------- golden.c -------------------------------------- */

/* The files, as golden.c takes them in. */
extern const char golden_kvm[], golden_minivmx[];

/** golden_find() - the text of a case as it was recorded, or NULL. */
const char *golden_find(const char *golden, const char *key);

/** golden_is_live() - was it recorded on the kernel that runs here */
bool golden_is_live(void);

/** golden_release() - the kernel that it was recorded on */
const char *golden_release(void);

/** kernel_series() - of the kernel that runs here: "6.1" */
const char *kernel_series(void);

/* ------------------------- record.c -------------------------------------- */

/** record() - a line of text. */
__attribute__((format(printf, 2, 3)))
void record(struct rec *r, const char *format, ...);

/** errno_text() - "EINVAL" for -EINVAL, the number for what is not negative. */
const char *errno_text(long ret);

/** record_ret() - what a call returned. Gives it back. */
long record_ret(struct rec *r, const char *what, long ret);

/** record_bytes() - a line of hexadecimal bytes. */
void record_bytes(struct rec *r, const char *what, const void *data, size_t size);

/** record_words() - the 32-bit words that are not 0, with their offsets. */
void record_words(struct rec *r, const char *what, const void *data, size_t size);

/** record_vm() - a VM with memory and a vCPU, as vm_open(); or ends the case. */
struct vm *record_vm(struct rec *r);

/** record_need() - ends the case if a preparation failed. */
void record_need(struct rec *r, const char *what, long ret);

/** record_exit() - why MINIVMX_RUN returned. */
void record_exit(struct rec *r, long ret);

/** record_run() - runs the guest once and records why it stopped. */
int record_run(struct rec *r);

/** record_runs() - the same again until it is not an OUT, at most @max times. */
void record_runs(struct rec *r, int max);

/** record_regs() - registers by name, such as "rip rax rflags". */
void record_regs(struct rec *r, const char *names);

/** record_flags() - what the run page says about interrupts. */
void record_flags(struct rec *r);

/** record_events() - KVM_GET_VCPU_EVENTS, all of it. */
void record_events(struct rec *r);

/* ------------------------- guest.c --------------------------------------- */

enum guest_mode { REAL, PROT32, PAGING32, PAE, LONG, COMPAT, NR_MODES };

extern const char *const mode_names[NR_MODES];

#define GUEST_GDT	0x500UL		/* null, code, data, 64-bit code, TSS */
#define GUEST_IVT	0x0UL		/* real mode's table */
#define GUEST_IDT	0xb000UL	/* the others' */
#define GUEST_TABLES	0x8000UL	/* page tables, three pages */
#define GUEST_STACK	0x7000UL
#define GUEST_STUBS	0xc000UL	/* handlers, 16 bytes each */
#define GUEST_NOTHING	0x100000UL	/* no memory, mapped by the tables */

#define CR0_ET		0x10UL
#define CR0_NE		0x20UL
#define CR0_WP		0x10000UL
#define CR0_NW		0x20000000UL
#define CR0_CD		0x40000000UL
#define EFER_SCE	0x1UL
#define EFER_LME	0x100UL
#define EFER_LMA	0x400UL
#define EFER_NXE	0x800UL

/** guest_sregs() - what SET_SREGS needs for a mode, from sregs after a reset. */
void guest_sregs(struct minivmx_sregs *sregs, enum guest_mode mode);

/** guest_tables() - fills in the mode's tables, with a handler per vector. */
void guest_tables(struct vm *vm, enum guest_mode mode);

/**
 * guest_start() - a guest in a mode, its registers 0, RSP at GUEST_STACK
 * @r: of record_vm()
 * @mode: the mode
 * @code: its code, put at VM_ENTRY
 * @end: the end of it
 *
 * Exceptions and interrupts end in OUT of the vector to port 0xe0, and HLT.
 */
void guest_start(struct rec *r, enum guest_mode mode, const uint8_t *code,
		 const uint8_t *end);

/** guest_return() - let a vector's handler end with IRET instead of HLT. */
void guest_return(struct vm *vm, enum guest_mode mode, int vector);

/** guest_rflags() - sets RFLAGS, and nothing else. */
void guest_rflags(struct rec *r, uint64_t rflags);

/**
 * guest_warm() - touches all memory, in the guest's mode
 *
 * Bochs takes an EPT violation for an instruction that was executed: with TF
 * it adds a step. How many there are is nobody's business.
 */
void guest_warm(struct rec *r);

/** guest_cpuid() - gives the vCPU all of KVM_GET_SUPPORTED_CPUID. */
void guest_cpuid(struct rec *r);

#endif /* SELFTESTS_DIFF_H */
