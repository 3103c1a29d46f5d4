// SPDX-License-Identifier: GPL-2.0
/*
 * The likely cause of a crash: facts are made up, and what is said of them is compared.
 * The instruction comes from the disassembler, as in vmrun. Needs no VT-x.
 *
 * Breakage it catches: a row that no facts reach, one that is said of other facts, a
 * mnemonic that the disassembler does not use, a sentence that is cut off.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../../userspace/crash_cause.h"
#include "../../userspace/crash_ports.h"
#include "../../userspace/disassembler.h"
#include "../../userspace/guest_memory.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

#define MEM_SIZE	0x100000
#define IF		0x200
#define PE		0x1
#define TS		0x8
#define PG		0x80000000
#define PRESENT		0x8e

enum change {
	NONE,
	CODE_UNMAPPED,
	CODE_BEYOND,
	AFTER_ZEROS,
	STACK_UNMAPPED,
	STACK_BEYOND,
	CR2_UNMAPPED,
	RING_3,
	FPU_OFF,
	SSE_OFF,
	INTERRUPTS_ON,
	HALTED,
	HALTED_ON,
	HALTED_AGAIN,
	OTHERS_HALTED,
	POLLS,
};

/* Nothing is wrong: 64-bit code at 0x1000, a handler for the double fault, a stack. */
static struct crash_facts sound(enum crash_kind kind)
{
	return (struct crash_facts){
		.kind = kind, .mem_size = MEM_SIZE, .mnemonic = "", .operands = "",
		.code_address = 0x1000, .stack_address = 0x8fff,
		.regs = { .rip = 0x1000, .rsp = 0x9000, .rflags = 2 },
		.sregs = {
			.cr0 = PE | PG, .cr4 = 1 << 9, .efer = CRASH_EFER_LMA, .cs.l = 1,
			.idt = { .base = 0x2000, .limit = 0xfff },
			.gdt = { .base = 0x3000, .limit = 0x1f },
		},
		.cr2_mapped = true, .idt_mapped = true,
		.gate = { 0, 0, 8, 0, 0, PRESENT }, .gate_size = 8,
	};
}

static struct disassembler disassembler;

static void set_code(struct crash_facts *facts, const char *code, size_t size)
{
	const cs_insn *insn;

	memcpy(facts->code, code, size);
	facts->code_size = size;
	insn = disassemble(&disassembler, 64, facts->code, size, facts->regs.rip);
	facts->mnemonic = insn ? insn->mnemonic : "";
	facts->operands = insn ? insn->op_str : "";
}

static void apply(struct crash_facts *facts, enum change change)
{
	switch (change) {
	case NONE:
		break;
	case CODE_UNMAPPED:
		facts->code_address = NOWHERE;
		facts->code_size = 0;
		break;
	case AFTER_ZEROS:
	case CODE_BEYOND:
		facts->before_size = change == AFTER_ZEROS ? sizeof(facts->before) : 0;
		facts->code_address = MEM_SIZE + (change == AFTER_ZEROS ? 0 : 0x20);
		facts->code_size = 0;
		facts->mnemonic = "";
		facts->operands = "";
		break;
	case STACK_UNMAPPED:
		facts->stack_address = NOWHERE;
		break;
	case STACK_BEYOND:
		facts->stack_address = MEM_SIZE + 0xfff;
		break;
	case CR2_UNMAPPED:
		facts->sregs.cr2 = 0xdead000;
		facts->cr2_mapped = false;
		break;
	case RING_3:
		facts->sregs.ss.dpl = 3;
		break;
	case FPU_OFF:
		facts->sregs.cr0 |= TS;
		break;
	case SSE_OFF:
		facts->sregs.cr4 = 0;
		break;
	case INTERRUPTS_ON:
		facts->regs.rflags |= IF;
		break;
	case HALTED_AGAIN:
	case HALTED_ON:
	case HALTED:
		facts->regs.rflags |= change == HALTED ? 0 : IF;
		facts->halted = true;
		facts->interrupted = change == HALTED_AGAIN;
		break;
	case OTHERS_HALTED:
		facts->regs.rflags |= IF;
		facts->others = 3;
		facts->others_halted = 3;
		break;
	case POLLS:
		facts->polls = true;
		facts->address = 0x3fd;
		break;
	}
}

#define CODE(bytes)	.code = bytes, .size = sizeof(bytes) - 1

static const char nop[] = "\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90";

/* @says: how the sentence begins; NULL if there is none */
static const struct {
	enum crash_kind kind;
	enum change change;
	const char *code;
	size_t size;
	const char *says;
	__u64 address;
} rows[] = {
	{ CRASH_TRIPLE_FAULT, NONE, CODE(nop), NULL },
	{ CRASH_TRIPLE_FAULT, CODE_UNMAPPED, CODE(nop), "RIP is not mapped" },
	{ CRASH_TRIPLE_FAULT, NONE, CODE("\0\0\0\0\0\0\0\0"), "RIP is in memory that holds only zeros" },
	/* Less may be an instruction that is meant. */
	{ CRASH_TRIPLE_FAULT, NONE, CODE("\0\0\0\0\0\0"), NULL },
	{ CRASH_TRIPLE_FAULT, NONE, CODE("\0\0\0\0\0\0\x90\x90"), NULL },
	{ CRASH_TRIPLE_FAULT, NONE, CODE("\xff\xff\xff\xff\xff\xff\xff\xff"),
	  "RIP is in memory that holds only 0xff bytes" },
	{ CRASH_TRIPLE_FAULT, NONE, CODE("\xcc"), "INT3 is an exception" },
	{ CRASH_TRIPLE_FAULT, NONE, CODE("\x0f\x0b"), "UD2 is an undefined" },
	{ CRASH_TRIPLE_FAULT, NONE, CODE("\xcd\x80"), "the guest makes a software interrupt" },
	{ CRASH_TRIPLE_FAULT, RING_3, CODE("\xf4"), "a privileged instruction in ring 3" },
	{ CRASH_TRIPLE_FAULT, NONE, CODE("\xf4"), NULL },
	{ CRASH_TRIPLE_FAULT, RING_3, CODE("\xfa"), "a privileged instruction in ring 3" },
	{ CRASH_TRIPLE_FAULT, RING_3, CODE("\xee"), "a privileged instruction in ring 3" },
	{ CRASH_TRIPLE_FAULT, RING_3, CODE("\x6e"), "a privileged instruction in ring 3" },
	{ CRASH_TRIPLE_FAULT, RING_3, CODE("\x0f\x22\xd8"), "a privileged instruction in ring 3" },
	{ CRASH_TRIPLE_FAULT, RING_3, CODE("\x0f\x01\x18"), "a privileged instruction in ring 3" },
	{ CRASH_TRIPLE_FAULT, RING_3, CODE("\x0f\x30"), "a privileged instruction in ring 3" },
	/* INC begins as IN does; other registers than CR3 may be moved. */
	{ CRASH_TRIPLE_FAULT, RING_3, CODE("\xff\xc0"), NULL },
	{ CRASH_TRIPLE_FAULT, RING_3, CODE("\x8b\xc1"), NULL },
	{ CRASH_TRIPLE_FAULT, RING_3, CODE("\x48\xcf"), "the instruction loads a selector" },
	{ CRASH_TRIPLE_FAULT, SSE_OFF, CODE("\x0f\x28\xc1"), "an SSE instruction while CR4.OSFXSR" },
	{ CRASH_TRIPLE_FAULT, FPU_OFF, CODE("\x0f\x28\xc1"), "an FPU or SSE instruction while CR0" },
	{ CRASH_TRIPLE_FAULT, FPU_OFF, CODE("\xd9\xe8"), "an FPU or SSE instruction while CR0" },
	{ CRASH_TRIPLE_FAULT, NONE, CODE("\xd9\xe8"), NULL },
	{ CRASH_TRIPLE_FAULT, NONE, CODE("\x06\x90"), "the bytes at RIP are no instruction" },
	{ CRASH_TRIPLE_FAULT, NONE, CODE("\x0f\x32"), "an MSR that does not exist" },
	{ CRASH_TRIPLE_FAULT, NONE, CODE("\x0f\x22\xe0"), "the value has reserved bits" },
	/* A read has none. */
	{ CRASH_TRIPLE_FAULT, NONE, CODE("\x0f\x20\xe0"), NULL },
	{ CRASH_TRIPLE_FAULT, NONE, CODE("\x8e\xd8"), "the instruction loads a selector" },
	{ CRASH_TRIPLE_FAULT, NONE, CODE("\x8c\xd8"), NULL },
	{ CRASH_TRIPLE_FAULT, NONE, CODE("\x48\xcb"), "the instruction loads a selector" },
	{ CRASH_TRIPLE_FAULT, NONE, CODE("\x48\xcf"), "the instruction loads a selector" },
	{ CRASH_TRIPLE_FAULT, NONE, CODE("\x0f\x00\xd8"), "the instruction loads a selector" },
	{ CRASH_TRIPLE_FAULT, STACK_UNMAPPED, CODE("\x50"), "the stack pointer, 0x9000, is outside" },
	{ CRASH_TRIPLE_FAULT, CR2_UNMAPPED, CODE("\x8b\x00"), "CR2 = 0xdead000 is not mapped" },
	{ CRASH_TRIPLE_FAULT, NONE, CODE("\xf7\xf1"), "a division by 0" },
	{ CRASH_TRIPLE_FAULT, NONE, CODE("\x48\xf7\xf9"), "a division by 0" },
	{ CRASH_TRIPLE_FAULT, INTERRUPTS_ON, CODE(nop), "interrupts are on (IF=1)" },

	{ CRASH_EMULATION, AFTER_ZEROS, CODE(nop), "RIP is beyond the end of memory, after zeros" },
	{ CRASH_EMULATION, CODE_BEYOND, CODE(nop), "RIP is 0x20 bytes beyond the end of memory" },
	{ CRASH_EMULATION, STACK_BEYOND, CODE("\x50"), "the stack pointer, 0x9000, is outside" },
	{ CRASH_EMULATION, NONE, CODE("\x0f\xfc\x06"), "the instruction accesses memory that is not" },
	{ CRASH_DELIVERY, STACK_BEYOND, CODE(nop), "the stack pointer, 0x9000, is outside" },
	{ CRASH_DELIVERY, NONE, CODE(nop), NULL },

	{ CRASH_PORT, NONE, CODE(nop), "that port is the second serial port (COM2) of a PC", 0x2f8 },
	{ CRASH_PORT, NONE, CODE(nop), NULL, 0x1234 },
	{ CRASH_ADDRESS, NONE, CODE(nop), "that address is the local APIC of a PC", 0xfee00020 },
	{ CRASH_ADDRESS, NONE, CODE(nop), "the address is 0x20 bytes beyond", MEM_SIZE + 0x20 },
	{ CRASH_ADDRESS, NONE, CODE(nop), "the address is 0x0 bytes beyond", MEM_SIZE },
	{ CRASH_ADDRESS, NONE, CODE(nop), "memory ends at 0x100000, far below that", 0xd0000008 },
	{ CRASH_ADDRESS, STACK_BEYOND, CODE(nop), "the stack pointer, 0x9000, is outside",
	  MEM_SIZE + 0x1000 },
	/* It is outside, but another access went wrong. */
	{ CRASH_ADDRESS, STACK_BEYOND, CODE(nop), "the address is 0x5000 bytes beyond",
	  MEM_SIZE + 0x5000 },

	{ CRASH_TIMEOUT, HALTED, CODE(nop), "it is in HLT with interrupts off" },
	{ CRASH_TIMEOUT, HALTED_ON, CODE(nop), "it waits in HLT for an interrupt, and none came" },
	{ CRASH_TIMEOUT, HALTED_AGAIN, CODE(nop),
	  "it waits in HLT for an interrupt, and none that came was" },
	{ CRASH_TIMEOUT, NONE, CODE("\xeb\xfe"), "interrupts are off (IF=0) and the guest jumps" },
	{ CRASH_TIMEOUT, NONE, CODE("\xe9\xfb\xff\xff\xff"), "interrupts are off (IF=0) and the guest" },
	{ CRASH_TIMEOUT, INTERRUPTS_ON, CODE("\xeb\xfe"), "the guest jumps to itself" },
	{ CRASH_TIMEOUT, INTERRUPTS_ON, CODE("\xeb\xfd"), NULL },
	{ CRASH_TIMEOUT, POLLS, CODE("\xec"), "the guest polls port 0x3fd" },
	{ CRASH_TIMEOUT, OTHERS_HALTED, CODE(nop), "all other vCPUs have halted" },
	{ CRASH_TIMEOUT, INTERRUPTS_ON, CODE("\xf3\x90"), "the guest spins with PAUSE" },
	{ CRASH_TIMEOUT, NONE, CODE("\x48\xff\xc0"), "interrupts are off (IF=0): if it is in a loop" },
	{ CRASH_TIMEOUT, INTERRUPTS_ON, CODE("\x48\xff\xc0"), NULL },

	{ CRASH_OTHER, NONE, CODE("\xcc"), NULL },
};

/* All of a sentence is there, and none is longer than its buffer. */
static void check(bool said, const char *sentence, const char *says, size_t row)
{
	if (said != !!says || (says && strncmp(sentence, says, strlen(says))))
		fail_msg("row %zu: expected \"%s\", got \"%s\"", row, says ?: "nothing",
			 said ? sentence : "nothing");
	if (said)
		assert_true(strlen(sentence) < CRASH_CAUSE_SIZE - 1);
}

static void causes(void **state)
{
	char sentence[CRASH_CAUSE_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct crash_facts facts = sound(rows[i].kind);

		facts.address = rows[i].address;
		set_code(&facts, rows[i].code, rows[i].size);
		apply(&facts, rows[i].change);
		check(crash_cause(&facts, sentence), sentence, rows[i].says, i);
	}
}

/* JMP with an offset of 16 bits. */
static void near_jump_of_16_bits(void **state)
{
	struct crash_facts facts = sound(CRASH_TIMEOUT);
	char sentence[CRASH_CAUSE_SIZE];

	(void)state;
	facts.sregs.cs.l = 0;
	memcpy(facts.code, "\xe9\xfd\xff", 3);
	facts.code_size = 3;
	assert_true(crash_cause(&facts, sentence));
	check(true, sentence, "interrupts are off (IF=0) and the guest jumps", 0);
	facts.code[1] = 0xfc;
	assert_true(crash_cause(&facts, sentence));
	check(true, sentence, "interrupts are off (IF=0): if it is in a loop", 1);
}

/* ------------------------- why no handler ran ------------------------------- */

static void expect_no_handler(const struct crash_facts *facts, const char *says)
{
	char sentence[CRASH_CAUSE_SIZE];

	check(crash_no_handler(facts, sentence), sentence, says, 0);
}

static void handlers(void **state)
{
	const struct crash_facts good = sound(CRASH_TRIPLE_FAULT);
	struct crash_facts facts = good;

	(void)state;
	expect_no_handler(&facts, NULL);
	facts.sregs.idt.limit = 0;
	expect_no_handler(&facts, "the IDT is empty (limit 0)");
	/* In long mode a gate has 16 bytes, in protected mode 8, in real mode 4. */
	facts.sregs.idt.limit = 9 * 16 - 2;
	expect_no_handler(&facts, "the IDT ends (limit 0x8e) before the gate");
	facts.sregs.idt.limit = 9 * 16 - 1;
	expect_no_handler(&facts, NULL);
	facts.sregs.efer = 0;
	facts.sregs.idt.limit = 9 * 8 - 2;
	expect_no_handler(&facts, "the IDT ends");
	facts.sregs.idt.limit = 9 * 8 - 1;
	expect_no_handler(&facts, NULL);
	facts.sregs.cr0 = 0;
	facts.sregs.idt.limit = 9 * 4 - 2;
	expect_no_handler(&facts, "the IDT ends");
	facts.sregs.idt.limit = 9 * 4 - 1;
	expect_no_handler(&facts, NULL);

	facts = good;
	facts.gate[5] = 0;
	expect_no_handler(&facts, "the IDT, at 0x2000, has no gate for the double fault");
	facts.sregs.idt.base = 0;
	facts.sregs.idt.limit = 0xffff;
	expect_no_handler(&facts, "no IDT was loaded (limit 0xffff at base 0)");
	/* Somebody has put one there. */
	facts.gate[5] = PRESENT;
	expect_no_handler(&facts, NULL);

	facts = good;
	facts.idt_mapped = false;
	facts.gate_size = 0;
	expect_no_handler(&facts, "the IDT, at 0x2000, is not mapped");

	facts = good;
	facts.gate[2] = 0x20;
	expect_no_handler(&facts, "the handler of the double fault is in code segment 0x20,");
	facts.gate[2] = 0x18;
	expect_no_handler(&facts, NULL);
	facts.gate[2] = 0;
	expect_no_handler(&facts, "the handler of the double fault is in code segment 0x0,");
	/* The LDT is not looked at. */
	facts.gate[2] = 0x24;
	expect_no_handler(&facts, NULL);

	facts = good;
	facts.stack_address = NOWHERE;
	expect_no_handler(&facts, "no handler can run without a stack");
	/* Of other crashes, nothing of the kind is said. */
	facts.kind = CRASH_TIMEOUT;
	facts.sregs.idt.limit = 0;
	expect_no_handler(&facts, NULL);
}

/* ------------------------- places of a PC ----------------------------------- */

static void places(void **state)
{
	(void)state;
	assert_string_equal(crash_port_device(0x3b4), "VGA");
	assert_string_equal(crash_port_device(0x3df), "VGA");
	assert_string_equal(crash_port_device(0x3bd), "the parallel port of an MDA");
	assert_string_equal(crash_port_device(0x3f6), "the first IDE controller");
	assert_string_equal(crash_port_device(0x3f7), "the floppy controller");
	assert_string_equal(crash_port_device(0xcfc), "PCI configuration");
	assert_string_equal(crash_port_device(0), "the first DMA controller");
	assert_null(crash_port_device(0x3e0));
	assert_null(crash_port_device(0xffff));
	assert_string_equal(crash_address_device(0xb8000), "VGA memory");
	assert_string_equal(crash_address_device(0xfee00fff), "the local APIC");
	assert_null(crash_address_device(0xfee01000));
	assert_null(crash_address_device(0x100000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(causes),
		cmocka_unit_test(near_jump_of_16_bits),
		cmocka_unit_test(handlers),
		cmocka_unit_test(places),
	};
	int status;

	if (!disassembler_open(&disassembler))
		return 1;
	status = cmocka_run_group_tests(tests, NULL, NULL);
	disassembler_close(&disassembler);
	return status;
}
