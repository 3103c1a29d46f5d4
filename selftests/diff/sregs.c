// SPDX-License-Identifier: GPL-2.0
/* Segment, control and system registers: what is taken, and what then runs. */
#include <stdio.h>

#include "diff.h"

#define SET "KVM_SET_SREGS"

GUEST_CODE(16, just_hlt, "hlt\n");
GUEST_CODE(16, out_hlt, "out %al, $0x10\nhlt\n");

static void record_sregs(struct rec *r)
{
	struct minivmx_sregs s;

	memset(&s, 0xff, sizeof(s));
	record_need(r, "GET_SREGS", vm_get_sregs(r->vm.vcpu, &s));
	record_words(r, "sregs", &s, sizeof(s));
}

/* Every field its own value, as far as SET_SREGS takes it. */
static void round_trip(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	struct minivmx_segment *segment;
	struct minivmx_sregs s;
	int i;

	record_need(r, "GET_SREGS", vm_get_sregs(vm->vcpu, &s));
	segment = &s.cs;
	for (i = 0; i < 8; i++)
		segment[i] = (struct minivmx_segment) {
			.base = 0x1000 * i, .limit = 0x100 * i + 0xff,
			.selector = 8 * i, .type = 3 + i, .present = 1,
			.dpl = i & 3, .db = i & 1, .s = i != 6, .g = i >> 1 & 1,
			.avl = 1, .padding = 0xff,
		};
	s.gdt = (struct minivmx_dtable) { 0x12345000, 0x123, { 1, 2, 3 } };
	s.idt = (struct minivmx_dtable) { 0x23456000, 0x234, { 1, 2, 3 } };
	s.cr2 = 0xfedcba9876543210;
	s.cr3 = 0x3000;
	s.cr8 = 5;
	record_ret(r, "SET_SREGS", vm_set_sregs(vm->vcpu, &s));
	record_sregs(r);
}

/* ------------------------- one register ---------------------------------- */

#define AT(field) offsetof(struct minivmx_sregs, field)

static void one_value(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	struct minivmx_sregs s, back;

	record_need(r, "GET_SREGS", vm_get_sregs(vm->vcpu, &s));
	memcpy((char *)&s + c->arg, &c->arg2, 8);
	record_ret(r, "SET_SREGS", vm_set_sregs(vm->vcpu, &s));
	record_need(r, "GET_SREGS", vm_get_sregs(vm->vcpu, &back));
	record_words(r, "value", (char *)&back + c->arg, 8);
	record_run(r);
}

/* Bit by bit. */
static void each_bit(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	struct minivmx_sregs s, clean;
	char taken[65];
	uint64_t value;
	int bit;

	record_need(r, "GET_SREGS", vm_get_sregs(vm->vcpu, &clean));
	for (bit = 0; bit < 64; bit++) {
		s = clean;
		value = 1UL << bit | c->arg2;
		memcpy((char *)&s + c->arg, &value, 8);
		taken[bit] = vm_set_sregs(vm->vcpu, &s) ? '-' : '1';
		record_need(r, "back", vm_set_sregs(vm->vcpu, &clean));
	}
	taken[64] = 0;
	record(r, "bits 0 to 31: %.32s", taken);
	record(r, "bits 32 to 63: %s", taken + 32);
}

/* What SET_SREGS keeps of each bit of CR0. */
static void each_bit_kept(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	struct minivmx_sregs s, clean;
	int bit;

	record_need(r, "GET_SREGS", vm_get_sregs(vm->vcpu, &clean));
	for (bit = 0; bit < 32; bit++) {
		s = clean;
		s.cr0 = 1UL << bit;
		if (vm_set_sregs(vm->vcpu, &s))
			continue;
		record_need(r, "GET_SREGS", vm_get_sregs(vm->vcpu, &s));
		record(r, "cr0 %#lx becomes %#llx", 1UL << bit, s.cr0);
	}
}

/* ------------------------- validity matrix ------------------------------- */

/* All of CR0.PE, PG; CR4.PAE; EFER.LME, LMA; CS.L, CS.D. */
static void matrix(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	struct minivmx_sregs clean, s;
	unsigned int bits;
	char text[65];

	guest_start(r, LONG, CODE(just_hlt));
	record_need(r, "GET_SREGS", vm_get_sregs(vm->vcpu, &clean));
	for (bits = 0; bits < 64; bits++) {
		s = clean;
		s.cr0 = CR0_ET | CR0_NE | (bits & 1 ? CR0_PE : 0) |
			(bits & 2 ? CR0_PG : 0);
		s.cr4 = bits & 4 ? CR4_PAE : 0;
		s.efer = (bits & 8 ? EFER_LME : 0) | (bits & 16 ? EFER_LMA : 0);
		s.cs.l = !!(bits & 32);
		s.cs.db = c->arg;
		text[bits] = vm_set_sregs(vm->vcpu, &s) ? '-' : '1';
		vm_set_sregs(vm->vcpu, &clean);
	}
	text[64] = 0;
	for (bits = 0; bits < 64; bits += 16)
		record(r, "cs.l %u lma %u: %.16s", bits >> 5, bits >> 4 & 1,
		       text + bits);
}

/* The same ones, run: each that is taken runs or fails to enter. */
static void matrix_runs(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	struct minivmx_regs regs = { .rip = VM_ENTRY, .rflags = 2 };
	struct minivmx_sregs clean, s;
	unsigned int bits;

	guest_start(r, c->arg, CODE(just_hlt));
	record_need(r, "GET_SREGS", vm_get_sregs(vm->vcpu, &clean));
	for (bits = 0; bits < 64; bits++) {
		s = clean;
		s.cr0 = CR0_ET | CR0_NE | (bits & 1 ? CR0_PE : 0) |
			(bits & 2 ? CR0_PG : 0);
		s.cr4 = bits & 4 ? CR4_PAE : CR4_PSE;
		s.efer = (bits & 8 ? EFER_LME : 0) | (bits & 16 ? EFER_LMA : 0);
		s.cs.l = !!(bits & 32);
		s.cs.db = !(bits & 32);
		if (vm_set_sregs(vm->vcpu, &s))
			continue;
		record(r, "PE %u PG %u PAE %u LME %u LMA %u L %u", bits & 1,
		       bits >> 1 & 1, bits >> 2 & 1, bits >> 3 & 1,
		       bits >> 4 & 1, bits >> 5 & 1);
		vm_set_regs(vm->vcpu, &regs);
		record_run(r);
		vm_set_sregs(vm->vcpu, &clean);
	}
}

static void mode_runs(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, c->arg, CODE(out_hlt));
	record_run(r);
	record_run(r);
	record_regs(r, "rip rsp rflags");
	record_sregs(r);
}

/* ------------------------- segments -------------------------------------- */

/* One byte of a segment of a 64-bit or 32-bit guest is something else. */
struct segment_change {
	const char *name;
	size_t segment;
	size_t offset;
	uint8_t value;
};

#define SEG(seg, field, value)						\
	{ #seg "." #field " = " #value, AT(seg),			\
	  offsetof(struct minivmx_segment, field), value }

static const struct segment_change changes[] = {
	SEG(cs, present, 0), SEG(cs, type, 3), SEG(cs, type, 15),
	SEG(cs, type, 9), SEG(cs, type, 10), SEG(cs, s, 0), SEG(cs, dpl, 3),
	SEG(cs, unusable, 1), SEG(cs, g, 0), SEG(cs, avl, 1),
	SEG(cs, selector, 3), SEG(ss, present, 0), SEG(ss, unusable, 1),
	SEG(ss, type, 1), SEG(ss, type, 7), SEG(ss, dpl, 3), SEG(ss, s, 0),
	SEG(ds, present, 0), SEG(ds, unusable, 1), SEG(ds, type, 0),
	SEG(ds, type, 9), SEG(ds, type, 11), SEG(ds, dpl, 3), SEG(ds, s, 0),
	SEG(ds, selector, 0), SEG(tr, type, 3), SEG(tr, type, 9),
	SEG(tr, type, 2), SEG(tr, present, 0), SEG(tr, unusable, 1),
	SEG(tr, s, 1), SEG(tr, selector, 4), SEG(ldt, unusable, 1),
	SEG(ldt, type, 3), SEG(ldt, present, 0), SEG(ldt, selector, 4),
	SEG(cs, type, 0xff), SEG(cs, dpl, 0xff), SEG(ds, padding, 0xff),
	SEG(gs, unusable, 0xff), SEG(ds, present, 0xff),
};

static void segment_field(struct rec *r, const struct diff_case *c)
{
	const struct segment_change *change = c->data;
	struct minivmx_segment back;
	struct vm *vm = record_vm(r);
	struct minivmx_sregs s;

	guest_start(r, c->arg, CODE(out_hlt));
	record_need(r, "GET_SREGS", vm_get_sregs(vm->vcpu, &s));
	((uint8_t *)&s)[change->segment + change->offset] = change->value;
	record_ret(r, "SET_SREGS", vm_set_sregs(vm->vcpu, &s));
	record_need(r, "GET_SREGS", vm_get_sregs(vm->vcpu, &s));
	memcpy(&back, (char *)&s + change->segment, sizeof(back));
	record(r, "type %u p %u dpl %u db %u s %u l %u g %u avl %u unusable %u padding %u selector %u",
	       back.type, back.present, back.dpl, back.db, back.s, back.l,
	       back.g, back.avl, back.unusable, back.padding, back.selector);
	record_run(r);
}

/* A guest sees CR0, CR3 and CR4 as they were set. */
GUEST_CODE(64, read_crs,
	   "mov	%cr0, %rax\n"
	   "mov	%cr2, %rbx\n"
	   "mov	%cr3, %rcx\n"
	   "mov	%cr4, %rdx\n"
	   "mov	%cr8, %rsi\n"
	   "smsw	%rdi\n"
	   "hlt\n");

static void guest_sees(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	struct minivmx_sregs s;

	guest_start(r, LONG, CODE(read_crs));
	record_need(r, "GET_SREGS", vm_get_sregs(vm->vcpu, &s));
	s.cr0 |= c->arg;
	s.cr4 |= c->arg2;
	s.cr2 = 0x123456789abcdef0;
	s.cr8 = 7;
	record_ret(r, "SET_SREGS", vm_set_sregs(vm->vcpu, &s));
	/* minivmx_run.cr8 is in force without an interrupt controller. */
	vm->run->cr8 = 7;
	record_run(r);
	record_regs(r, "rax rbx rcx rdx rsi rdi");
	record_sregs(r);
}

/* Interrupts that wait: one is taken over, with two the last. */
static void bitmap(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	struct minivmx_sregs s;

	guest_start(r, REAL, CODE(out_hlt));
	record_need(r, "GET_SREGS", vm_get_sregs(vm->vcpu, &s));
	s.interrupt_bitmap[0] = c->arg;
	s.interrupt_bitmap[3] = c->arg2;
	record_ret(r, "SET_SREGS", vm_set_sregs(vm->vcpu, &s));
	record_events(r);
	record_need(r, "GET_SREGS", vm_get_sregs(vm->vcpu, &s));
	record_words(r, "bitmap", s.interrupt_bitmap, sizeof(s.interrupt_bitmap));
	guest_rflags(r, RFLAGS_IF);
	record_run(r);
}

/* PDPTEs are read from memory at CR3. */
static void pdptes(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	struct minivmx_sregs s;

	guest_start(r, PAE, CODE(out_hlt));
	memcpy(vm->memory + GUEST_TABLES, &c->arg, 8);
	memcpy(vm->memory + GUEST_TABLES + 24, &c->arg2, 8);
	record_need(r, "GET_SREGS", vm_get_sregs(vm->vcpu, &s));
	record_ret(r, "SET_SREGS", vm_set_sregs(vm->vcpu, &s));
	record_run(r);
}

/* CR3 where there is no memory. */
static void cr3_nowhere(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	struct minivmx_sregs s;

	guest_start(r, c->arg, CODE(out_hlt));
	record_need(r, "GET_SREGS", vm_get_sregs(vm->vcpu, &s));
	s.cr3 = c->arg2;
	record_ret(r, "SET_SREGS", vm_set_sregs(vm->vcpu, &s));
	record_run(r);
}

static const struct diff_case cases[] = {
	{ "KVM_GET_SREGS", "round trip", round_trip },
	{ "KVM_GET_SREGS", "as the guest sees them", guest_sees },
	{ "KVM_GET_SREGS", "CR0.WP, AM, MP, TS as the guest sees them", guest_sees,
	  .arg = 0x5000a },
	{ "KVM_GET_SREGS", "CR0.CD as the guest sees it", guest_sees, .arg = CR0_CD },
	{ "KVM_GET_SREGS", "CR4.PGE, OSFXSR, DE as the guest sees them", guest_sees,
	  .arg2 = 0x288 },
	{ SET, "real mode", mode_runs, .arg = REAL },
	{ SET, "protected mode", mode_runs, .arg = PROT32 },
	{ SET, "32-bit paging", mode_runs, .arg = PAGING32 },
	{ SET, "PAE paging", mode_runs, .arg = PAE },
	{ SET, "64-bit mode", mode_runs, .arg = LONG },
	{ SET, "compatibility mode", mode_runs, .arg = COMPAT },
	{ SET, "matrix of modes, cs.db 0", matrix, .arg = 0 },
	{ SET, "matrix of modes, cs.db 1", matrix, .arg = 1 },
	{ SET, "matrix of modes, run with 64-bit tables", matrix_runs, .arg = LONG },
	{ SET, "matrix of modes, run with 32-bit tables", matrix_runs, .arg = PAGING32 },
	{ SET, "bits of cr0", each_bit, .arg = AT(cr0) },
	{ SET, "bits of cr0 in protected mode", each_bit, .arg = AT(cr0), .arg2 = CR0_PE },
	{ SET, "bits of cr0 as they are kept", each_bit_kept },
	{ SET, "bits of cr3", each_bit, .arg = AT(cr3) },
	{ SET, "bits of cr4", each_bit, DIFF_CPU, .arg = AT(cr4) },
	{ SET, "bits of cr8", each_bit, .arg = AT(cr8) },
	{ SET, "bits of efer", each_bit, .arg = AT(efer) },
	{ SET, "bits of apic_base", each_bit, .arg = AT(apic_base) },
	{ SET, "cr0 = 0", one_value, .arg = AT(cr0), .arg2 = 0 },
	{ SET, "cr0 NW without CD", one_value, .arg = AT(cr0), .arg2 = CR0_NW | CR0_ET },
	{ SET, "cr8 = 15", one_value, .arg = AT(cr8), .arg2 = 15 },
	{ SET, "cr8 = 16", one_value, .arg = AT(cr8), .arg2 = 16 },
	{ SET, "apic_base = 0", one_value, .arg = AT(apic_base), .arg2 = 0 },
	{ SET, "apic_base elsewhere", one_value, .arg = AT(apic_base),
	  .arg2 = 0x12345900 },
	{ SET, "apic_base disabled", one_value, .arg = AT(apic_base),
	  .arg2 = 0xfee00100 },
	{ SET, "apic_base x2APIC", one_value, .arg = AT(apic_base),
	  .arg2 = 0xfee00d00 },
	{ SET, "apic_base reserved bit", one_value, .arg = AT(apic_base),
	  .arg2 = 0xfee00901 },
	{ SET, "interrupt bitmap 0x21", bitmap, .arg = 1UL << 0x21 },
	{ SET, "interrupt bitmap 0xc1", bitmap, .arg2 = 2 },
	{ SET, "interrupt bitmap of two", bitmap, .arg = 1UL << 0x21, .arg2 = 2 },
	{ SET, "interrupt bitmap of an exception", bitmap, .arg = 1 << 3 },
	{ SET, "PDPTEs good", pdptes, .arg = 0x9001, .arg2 = 0x9001 },
	{ SET, "PDPTE 3 not present", pdptes, .arg = 0x9001, .arg2 = 0x9000 },
	{ SET, "PDPTE 3 with RW", pdptes, .arg = 0x9001, .arg2 = 0x9003 },
	{ SET, "PDPTE 3 with bit 63", pdptes, .arg = 0x9001,
	  .arg2 = 0x8000000000009001 },
	{ SET, "cr3 without memory in 32-bit paging", cr3_nowhere, .arg = PAGING32,
	  .arg2 = 0x40000000 },
	{ SET, "cr3 without memory in PAE paging", cr3_nowhere, .arg = PAE,
	  .arg2 = 0x40000000 },
	{ SET, "cr3 without memory in 64-bit mode", cr3_nowhere, .arg = LONG,
	  .arg2 = 0x40000000 },
	{ SET, "cr3 beyond physical addresses", cr3_nowhere, .arg = LONG,
	  .arg2 = 0x000f000000008000 },
	{ SET, "cr3 with bit 63", cr3_nowhere, .arg = LONG,
	  .arg2 = 0x8000000000008000 },
	{ SET, "cr3 above 4 GiB in 32-bit paging", cr3_nowhere, .arg = PAGING32,
	  .arg2 = 0x100008000 },
};

static void add_segments(enum guest_mode mode)
{
	static char names[2][ARRAY_SIZE(changes)][64];
	struct diff_case c = { SET, NULL, segment_field, .arg = mode };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(changes); i++) {
		c.name = names[mode == LONG][i];
		c.data = &changes[i];
		snprintf(names[mode == LONG][i], sizeof(names[0][0]), "%s: %s",
			 mode_names[mode], changes[i].name);
		diff_add(&c, 1);
	}
}

void add_sregs(void)
{
	diff_add(cases, ARRAY_SIZE(cases));
	add_segments(PROT32);
	add_segments(LONG);
}
