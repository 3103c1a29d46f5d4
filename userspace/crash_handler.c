// SPDX-License-Identifier: GPL-2.0
/*
 * Of a triple fault, why not even the double fault was handled. As in crash_cause.c,
 * nothing here asks the guest or the kernel.
 */
#include <asm/processor-flags.h>

#include "crash_cause_table.h"

/* SDM Vol. 3A, "Exception and Interrupt Reference", 6.15, edition 083. */
#define VECTOR_DF	8

/* Bit 47 of a gate: SDM Vol. 3A, "IDT Descriptors", 6.11. */
#define GATE_PRESENT(gate)	((gate)[5] & 0x80)

#define IDT_NEVER_LOADED	0xffff	/* its limit after a reset; its base is 0 */

static bool idt_empty(const struct crash_facts *f)
{
	return f->sregs.idt.limit == 0;
}

static bool protected(const struct crash_facts *f)
{
	return f->sregs.cr0 & X86_CR0_PE;
}

static bool no_gate(const struct crash_facts *f)
{
	return protected(f) && f->gate_size == sizeof(f->gate) && !GATE_PRESENT(f->gate);
}

static bool idt_never_loaded(const struct crash_facts *f)
{
	return f->sregs.idt.base == 0 && f->sregs.idt.limit == IDT_NEVER_LOADED && no_gate(f);
}

static unsigned int gate_bytes(const struct crash_facts *f)
{
	if (!protected(f))
		return 4;
	/* SDM Vol. 3A, "64-Bit Mode IDT", 6.14.1. */
	return f->sregs.efer & CRASH_EFER_LMA ? 16 : 8;
}

static bool idt_too_small(const struct crash_facts *f)
{
	return f->sregs.idt.limit + 1U < (VECTOR_DF + 1) * gate_bytes(f);
}

static bool idt_unmapped(const struct crash_facts *f)
{
	return !f->idt_mapped;
}

static __u64 gate_selector(const struct crash_facts *f)
{
	return f->gate[2] | f->gate[3] << 8;
}

/* Bit 2 of a selector: the LDT. */
static bool gate_selector_wrong(const struct crash_facts *f)
{
	__u64 selector = gate_selector(f);

	if (!protected(f) || f->gate_size != sizeof(f->gate) || selector & 4)
		return false;
	return selector < 8 || (selector | 7) > f->sregs.gdt.limit;
}

static __u64 idt_base(const struct crash_facts *f)
{
	return f->sregs.idt.base;
}

static __u64 idt_limit(const struct crash_facts *f)
{
	return f->sregs.idt.limit;
}

/* Why not even the double fault was handled. */
static const struct cause no_handler[] = {
	ROW(CRASH_TRIPLE_FAULT, idt_empty,
	    "the IDT is empty (limit 0): no exception can be delivered"),
	ROW(CRASH_TRIPLE_FAULT, idt_never_loaded,
	    "no IDT was loaded (limit 0xffff at base 0): the first exception or interrupt cannot be delivered"),
	ROW(CRASH_TRIPLE_FAULT, idt_too_small,
	    "the IDT ends (limit 0x%llx) before the gate of the double fault", .value = idt_limit),
	ROW(CRASH_TRIPLE_FAULT, idt_unmapped,
	    "the IDT, at 0x%llx, is not mapped by the guest's page tables", .value = idt_base),
	ROW(CRASH_TRIPLE_FAULT, no_gate,
	    "the IDT, at 0x%llx, has no gate for the double fault", .value = idt_base),
	ROW(CRASH_TRIPLE_FAULT, gate_selector_wrong,
	    "the handler of the double fault is in code segment 0x%llx, which the GDT does not have",
	    .value = gate_selector),
	ROW(CRASH_TRIPLE_FAULT, crash_stack_unmapped,
	    "no handler can run without a stack, if its gate does not bring one"),
};

/**
 * crash_no_handler() - of a triple fault, why its exceptions were not handled
 * @facts: what is known
 * @sentence: gets it; CRASH_CAUSE_SIZE bytes
 *
 * Return: false if there is nothing to be seen.
 */
bool crash_no_handler(const struct crash_facts *facts, char *sentence)
{
	return crash_say(no_handler, ARRAY_SIZE(no_handler), facts, sentence);
}
