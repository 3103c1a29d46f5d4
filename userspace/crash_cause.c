// SPDX-License-Identifier: GPL-2.0
/*
 * The likely cause of a crash, from what is known: tables of conditions and sentences.
 * The first condition that holds has the word; so what explains more comes first.
 *
 * Nothing here asks the guest or the kernel: tests make up the facts.
 */
#include <stdio.h>
#include <string.h>
#include <asm/processor-flags.h>

#include "crash_cause.h"
#include "crash_insn.h"
#include "crash_ports.h"
#include "guest_memory.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/* SDM Vol. 3A, "Exception and Interrupt Reference", 6.15, edition 083. */
#define VECTOR_DF	8

/* Bit 47 of a gate: SDM Vol. 3A, "IDT Descriptors", 6.11. */
#define GATE_PRESENT(gate)	((gate)[5] & 0x80)

#define IDT_NEVER_LOADED	0xffff	/* its limit after a reset; its base is 0 */

typedef const struct crash_facts facts_t;

/**
 * struct cause - a row
 * @kinds: the crashes that it may explain
 * @holds: does it; NULL asks for @text, which is NULL if it does not
 * @sentence: what to say; may have a %llx, for @value, or a %s, for @text
 * @value: a number to say
 * @text: a word to say
 */
struct cause {
	unsigned int kinds;
	bool (*holds)(facts_t *f);
	const char *sentence;
	__u64 (*value)(facts_t *f);
	const char *(*text)(facts_t *f);
};

#define ROW(kinds_, holds_, sentence_, ...)				\
	{ .kinds = kinds_, .holds = holds_, .sentence = sentence_, ##__VA_ARGS__ }

/* ------------------------- conditions: where it is ------------------------- */

/* In data all bytes may be equal, but few instructions have eight such ones. */
#define ENOUGH_BYTES	8

static bool all_are(const __u8 *bytes, size_t size, __u8 byte)
{
	size_t i;

	for (i = 0; i < size; i++)
		if (bytes[i] != byte)
			return false;
	return size >= ENOUGH_BYTES;
}

static bool code_unmapped(facts_t *f)
{
	return f->code_address == NOWHERE;
}

static bool code_beyond(facts_t *f)
{
	return f->code_address >= f->mem_size;
}

static bool ran_off_the_end(facts_t *f)
{
	return code_beyond(f) && all_are(f->before, f->before_size, 0);
}

static bool code_zeros(facts_t *f)
{
	return all_are(f->code, f->code_size, 0);
}

static bool code_ones(facts_t *f)
{
	return all_are(f->code, f->code_size, 0xff);
}

static bool stack_unmapped(facts_t *f)
{
	return f->stack_address == NOWHERE;
}

/* If it was a push that went nowhere, that is where the stack is. */
static bool stack_beyond(facts_t *f)
{
	return f->stack_address >= f->mem_size &&
		(f->kind != CRASH_ADDRESS || f->address - f->stack_address <= 16);
}

static bool cr2_unmapped(facts_t *f)
{
	return f->sregs.cr0 & X86_CR0_PG && f->sregs.cr2 && !f->cr2_mapped;
}

static bool interrupts_on(facts_t *f)
{
	return f->regs.rflags & X86_EFLAGS_IF;
}

/* ------------------------- conditions: what it waits for ------------------- */

static bool interrupts_off(facts_t *f)
{
	return !interrupts_on(f);
}

static bool hangs(facts_t *f)
{
	return insn_is_jump_to_itself(f) && interrupts_off(f);
}

static bool halted(facts_t *f)
{
	return f->halted;
}

static bool halted_for_ever(facts_t *f)
{
	return f->halted && interrupts_off(f);
}

static bool alone(facts_t *f)
{
	return f->others && f->others_halted == f->others;
}

static bool polls(facts_t *f)
{
	return f->polls;
}

static bool always(facts_t *f)
{
	(void)f;
	return true;
}

/* ------------------------- conditions: what is not there ------------------- */

static bool address_beyond(facts_t *f)
{
	return f->address >= f->mem_size;
}

/* ------------------------- conditions: why nobody handled it --------------- */

static bool idt_empty(facts_t *f)
{
	return f->sregs.idt.limit == 0;
}

static bool protected(facts_t *f)
{
	return f->sregs.cr0 & X86_CR0_PE;
}

static bool no_gate(facts_t *f)
{
	return protected(f) && f->gate_size == sizeof(f->gate) && !GATE_PRESENT(f->gate);
}

static bool idt_never_loaded(facts_t *f)
{
	return f->sregs.idt.base == 0 && f->sregs.idt.limit == IDT_NEVER_LOADED && no_gate(f);
}

static unsigned int gate_bytes(facts_t *f)
{
	if (!protected(f))
		return 4;
	/* SDM Vol. 3A, "64-Bit Mode IDT", 6.14.1. */
	return f->sregs.efer & CRASH_EFER_LMA ? 16 : 8;
}

static bool idt_too_small(facts_t *f)
{
	return f->sregs.idt.limit + 1U < (VECTOR_DF + 1) * gate_bytes(f);
}

static bool idt_unmapped(facts_t *f)
{
	return !f->idt_mapped;
}

static __u64 gate_selector(facts_t *f)
{
	return f->gate[2] | f->gate[3] << 8;
}

/* Bit 2 of a selector: the LDT. */
static bool gate_selector_wrong(facts_t *f)
{
	__u64 selector = gate_selector(f);

	if (!protected(f) || f->gate_size != sizeof(f->gate) || selector & 4)
		return false;
	return selector < 8 || (selector | 7) > f->sregs.gdt.limit;
}

/* ------------------------- words and numbers ------------------------------- */

static const char *port_device(facts_t *f)
{
	return crash_port_device(f->address);
}

static const char *address_device(facts_t *f)
{
	return crash_address_device(f->address);
}

static __u64 address(facts_t *f)
{
	return f->address;
}

static __u64 bytes_beyond(facts_t *f)
{
	return f->address - f->mem_size;
}

static __u64 code_bytes_beyond(facts_t *f)
{
	return f->code_address - f->mem_size;
}

static __u64 cr2(facts_t *f)
{
	return f->sregs.cr2;
}

static __u64 rsp(facts_t *f)
{
	return f->regs.rsp;
}

static __u64 idt_base(facts_t *f)
{
	return f->sregs.idt.base;
}

static __u64 idt_limit(facts_t *f)
{
	return f->sregs.idt.limit;
}

/* ------------------------- the tables --------------------------------------- */

/* It is somewhere, and has come there by mistake. */
#define WEEDS	(CRASH_TRIPLE_FAULT | CRASH_EMULATION | CRASH_TIMEOUT | CRASH_ADDRESS)

static const struct cause causes[] = {
	ROW(CRASH_TIMEOUT, halted_for_ever,
	    "it is in HLT with interrupts off (IF=0): nothing can wake it"),
	ROW(CRASH_TIMEOUT, halted, "it waits in HLT for an interrupt, and none came"),

	ROW(WEEDS, code_unmapped,
	    "RIP is not mapped by the guest's page tables: a jump or return to a wrong address, or paging that leaves out the code"),
	ROW(WEEDS, ran_off_the_end,
	    "RIP is beyond the end of memory, after zeros: the guest jumped to where nothing was loaded, and ran through to the end"),
	ROW(WEEDS, code_beyond,
	    "RIP is 0x%llx bytes beyond the end of memory: a jump or return to a wrong address, or --mem is too small",
	    .value = code_bytes_beyond),
	ROW(WEEDS, code_zeros,
	    "RIP is in memory that holds only zeros: the guest jumped to where nothing was loaded"),
	ROW(WEEDS, code_ones,
	    "RIP is in memory that holds only 0xff bytes: the guest jumped into data, or to a device"),

	ROW(CRASH_TRIPLE_FAULT, insn_is_int3, "INT3 is an exception (#BP), which nothing handled"),
	ROW(CRASH_TRIPLE_FAULT, insn_is_ud,
	    "UD2 is an undefined instruction (#UD) on purpose: a panic, or a path that the compiler took for impossible"),
	ROW(CRASH_TRIPLE_FAULT, insn_is_int,
	    "the guest makes a software interrupt, and nothing handled it"),
	ROW(CRASH_TRIPLE_FAULT, insn_is_forbidden,
	    "a privileged instruction in ring 3: a general-protection fault (#GP) with no handler"),
	ROW(CRASH_TRIPLE_FAULT, insn_is_sse_switched_off,
	    "an SSE instruction while CR4.OSFXSR is 0: undefined (#UD), with no handler"),
	ROW(CRASH_TRIPLE_FAULT, insn_is_fpu_switched_off,
	    "an FPU or SSE instruction while CR0.TS or CR0.EM is 1: an exception (#NM or #UD) with no handler"),
	ROW(CRASH_TRIPLE_FAULT, insn_is_none,
	    "the bytes at RIP are no instruction: undefined (#UD), with no handler; perhaps RIP is in data, or in code for another mode"),
	ROW(CRASH_TRIPLE_FAULT, insn_is_msr,
	    "an MSR that does not exist, or a value that it does not take: a general-protection fault (#GP) with no handler"),
	ROW(CRASH_TRIPLE_FAULT, insn_is_control_register_write,
	    "the value has reserved bits, or does not fit the mode (#GP); or it switched paging on or over, and RIP is not mapped there"),
	ROW(CRASH_TRIPLE_FAULT, insn_is_selector_load,
	    "the instruction loads a selector: its descriptor is missing from the GDT, or of the wrong type"),
	ROW(CRASH_TRIPLE_FAULT, stack_unmapped,
	    "the stack pointer, 0x%llx, is outside of memory: a push faults and so does the delivery of that fault",
	    .value = rsp),
	ROW(CRASH_TRIPLE_FAULT, cr2_unmapped,
	    "CR2 = 0x%llx is not mapped by the guest's page tables: a page fault with no handler",
	    .value = cr2),
	ROW(CRASH_TRIPLE_FAULT, insn_is_division,
	    "a division by 0, or a quotient that is too large (#DE), with no handler"),
	ROW(CRASH_TRIPLE_FAULT, interrupts_on,
	    "interrupts are on (IF=1): perhaps one came, and nothing handled it"),

	ROW(CRASH_DELIVERY | CRASH_EMULATION | CRASH_ADDRESS, stack_beyond,
	    "the stack pointer, 0x%llx, is outside of memory: nothing can be pushed there",
	    .value = rsp),
	ROW(CRASH_EMULATION, always,
	    "the instruction accesses memory that is not there: a wrong pointer, or --mem is too small"),

	ROW(CRASH_PORT, NULL, "that port is %s of a PC, which vmrun does not have",
	    .text = port_device),
	ROW(CRASH_ADDRESS, NULL,
	    "that address is %s of a PC, which vmrun does not have", .text = address_device),
	ROW(CRASH_ADDRESS, address_beyond,
	    "the address is 0x%llx bytes beyond the end of memory: a wrong pointer, or --mem is too small",
	    .value = bytes_beyond),

	ROW(CRASH_TIMEOUT, hangs,
	    "interrupts are off (IF=0) and the guest jumps to itself: it waits for something that can never come"),
	ROW(CRASH_TIMEOUT, insn_is_jump_to_itself,
	    "the guest jumps to itself: a handler of an interrupt would have to end that"),
	ROW(CRASH_TIMEOUT, polls,
	    "the guest polls port 0x%llx, and the answer stays the same", .value = address),
	ROW(CRASH_TIMEOUT, alone,
	    "all other vCPUs have halted: if it waits for them, that is for ever"),
	ROW(CRASH_TIMEOUT, insn_is_pause,
	    "the guest spins with PAUSE: on a lock or a flag that nobody changes"),
	ROW(CRASH_TIMEOUT, interrupts_off,
	    "interrupts are off (IF=0): if it is in a loop, no interrupt ends that"),
};

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
	ROW(CRASH_TRIPLE_FAULT, stack_unmapped,
	    "no handler can run without a stack, if its gate does not bring one"),
};

static bool say(const struct cause *rows, size_t nr, facts_t *f, char *sentence)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		const struct cause *row = &rows[i];

		if (!(row->kinds & f->kind) || !(row->holds ? row->holds(f) : !!row->text(f)))
			continue;
		if (row->text)
			snprintf(sentence, CRASH_CAUSE_SIZE, row->sentence, row->text(f));
		else
			snprintf(sentence, CRASH_CAUSE_SIZE, row->sentence,
				 row->value ? row->value(f) : 0ULL);
		return true;
	}
	return false;
}

/**
 * crash_cause() - the likely cause
 * @facts: what is known
 * @sentence: gets it; CRASH_CAUSE_SIZE bytes
 *
 * Return: false if there is none to be seen.
 */
bool crash_cause(const struct crash_facts *facts, char *sentence)
{
	return say(causes, ARRAY_SIZE(causes), facts, sentence);
}

/**
 * crash_no_handler() - of a triple fault, why its exceptions were not handled
 * @facts: what is known
 * @sentence: gets it; CRASH_CAUSE_SIZE bytes
 *
 * Return: false if there is nothing to be seen.
 */
bool crash_no_handler(const struct crash_facts *facts, char *sentence)
{
	return say(no_handler, ARRAY_SIZE(no_handler), facts, sentence);
}
