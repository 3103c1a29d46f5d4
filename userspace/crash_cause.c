// SPDX-License-Identifier: GPL-2.0
/*
 * The likely cause of a crash, from what is known: tables of conditions and sentences.
 * The first condition that holds has the word; so what explains more comes first.
 *
 * Nothing here asks the guest or the kernel: tests make up the facts.
 */
#include <stdio.h>
#include <asm/processor-flags.h>

#include "crash_cause_table.h"
#include "crash_insn.h"
#include "crash_ports.h"
#include "guest_memory.h"

#define FAR_BEYOND	0x40000000ULL

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

static bool code_unmapped(const struct crash_facts *f)
{
	return f->code_address == NOWHERE;
}

static bool code_beyond(const struct crash_facts *f)
{
	return f->code_address >= f->mem_size;
}

static bool ran_off_the_end(const struct crash_facts *f)
{
	return code_beyond(f) && all_are(f->before, f->before_size, 0);
}

static bool code_zeros(const struct crash_facts *f)
{
	return all_are(f->code, f->code_size, 0);
}

static bool code_ones(const struct crash_facts *f)
{
	return all_are(f->code, f->code_size, 0xff);
}

/* If it was a push that went nowhere, that is where the stack is. */
static bool stack_beyond(const struct crash_facts *f)
{
	return f->stack_address >= f->mem_size &&
		(f->kind != CRASH_ADDRESS || f->address - f->stack_address <= 16);
}

static bool cr2_unmapped(const struct crash_facts *f)
{
	return f->sregs.cr0 & X86_CR0_PG && f->sregs.cr2 && !f->cr2_mapped;
}

static bool interrupts_on(const struct crash_facts *f)
{
	return f->regs.rflags & X86_EFLAGS_IF;
}

/* ------------------------- conditions: what it waits for ------------------- */

static bool interrupts_off(const struct crash_facts *f)
{
	return !interrupts_on(f);
}

static bool hangs(const struct crash_facts *f)
{
	return insn_is_jump_to_itself(f) && interrupts_off(f);
}

static bool halted(const struct crash_facts *f)
{
	return f->halted;
}

static bool halted_again(const struct crash_facts *f)
{
	return f->halted && f->interrupted;
}

static bool halted_for_ever(const struct crash_facts *f)
{
	return f->halted && interrupts_off(f);
}

static bool alone(const struct crash_facts *f)
{
	return f->others && f->others_halted == f->others;
}

static bool polls(const struct crash_facts *f)
{
	return f->polls;
}

static bool always(const struct crash_facts *f)
{
	(void)f;
	return true;
}

/* ------------------------- conditions: what is not there ------------------- */

/* No larger memory would help. */
static bool address_far_beyond(const struct crash_facts *f)
{
	return f->address >= f->mem_size && f->address - f->mem_size >= FAR_BEYOND;
}

static bool address_beyond(const struct crash_facts *f)
{
	return f->address >= f->mem_size;
}

/* ------------------------- words and numbers ------------------------------- */

static const char *port_device(const struct crash_facts *f)
{
	return crash_port_device(f->address);
}

static const char *address_device(const struct crash_facts *f)
{
	return crash_address_device(f->address);
}

static __u64 address(const struct crash_facts *f)
{
	return f->address;
}

static __u64 mem_size(const struct crash_facts *f)
{
	return f->mem_size;
}

static __u64 bytes_beyond(const struct crash_facts *f)
{
	return f->address - f->mem_size;
}

static __u64 code_bytes_beyond(const struct crash_facts *f)
{
	return f->code_address - f->mem_size;
}

static __u64 cr2(const struct crash_facts *f)
{
	return f->sregs.cr2;
}

static __u64 rsp(const struct crash_facts *f)
{
	return f->regs.rsp;
}

/* ------------------------- the tables --------------------------------------- */

/* It is somewhere, and has come there by mistake. */
#define WEEDS	(CRASH_TRIPLE_FAULT | CRASH_EMULATION | CRASH_TIMEOUT | CRASH_ADDRESS)

static const struct cause causes[] = {
	ROW(CRASH_TIMEOUT, halted_for_ever,
	    "it is in HLT with interrupts off (IF=0): nothing can wake it"),
	ROW(CRASH_TIMEOUT, halted_again,
	    "it waits in HLT for an interrupt, and none that came was what it waits for"),
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
	ROW(CRASH_TRIPLE_FAULT, crash_stack_unmapped,
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

	ROW(CRASH_PORT, NULL, "that port is %s of a PC, and no device of vmrun claims it",
	    .text = port_device),
	ROW(CRASH_ADDRESS, NULL,
	    "that address is %s of a PC, and no device of vmrun claims it", .text = address_device),
	ROW(CRASH_ADDRESS, address_far_beyond,
	    "memory ends at 0x%llx, far below that: a wrong pointer", .value = mem_size),
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

/**
 * crash_say() - what the first row says that holds
 * @rows: the table
 * @nr: how many rows
 * @f: what is known
 * @sentence: gets it; CRASH_CAUSE_SIZE bytes
 *
 * Return: false if none holds.
 */
bool crash_say(const struct cause *rows, size_t nr, const struct crash_facts *f, char *sentence)
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
	return crash_say(causes, ARRAY_SIZE(causes), facts, sentence);
}
