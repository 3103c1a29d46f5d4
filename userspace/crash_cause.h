/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_CRASH_CAUSE_H
#define VMRUN_CRASH_CAUSE_H

#include <stdbool.h>
#include <stddef.h>

#include "minivmx.h"

#define CRASH_CODE_BYTES	16
#define CRASH_CAUSE_SIZE	256	/* of a sentence */

/* IA32_EFER.LMA: long mode is active. */
#define CRASH_EFER_LMA		0x400

/* How a guest ended; bits, since a cause may be that of several. */
enum crash_kind {
	CRASH_OTHER = 0,
	CRASH_TRIPLE_FAULT = 1,
	CRASH_PORT = 2,		/* nothing claims it */
	CRASH_ADDRESS = 4,	/* the same */
	CRASH_EMULATION = 8,	/* an instruction at, or for, memory that is not there */
	CRASH_DELIVERY = 16,	/* an event that could not be delivered */
	CRASH_TIMEOUT = 32,
};

/**
 * struct crash_facts - what is known of a vCPU that ended
 * @kind: how
 * @address: the port or the guest-physical address that nothing claims; for
 *	CRASH_TIMEOUT, the port that it polls
 * @polls: it asks that port again and again
 * @halted: it has executed HLT, and waits
 * @interrupted: it has got an interrupt, at some time
 * @others: vCPUs beside it
 * @others_halted: how many of them wait in HLT
 * @mem_size: bytes of memory, from address 0 on
 * @regs: its registers
 * @sregs: its segments and control registers
 * @code_address: where RIP is in memory; NOWHERE if its page tables do not map it
 * @code: the bytes there
 * @code_size: how many there are
 * @before: the bytes that end where @code begins
 * @before_size: how many there are
 * @mnemonic: of the instruction; "" if the bytes are none
 * @operands: of the instruction
 * @stack_address: where in memory the next push goes; as @code_address
 * @cr2_mapped: the page tables map what CR2 holds
 * @idt_mapped: the same for the first byte of the IDT
 * @gate: the gate of the double fault (vector 8), or as much of it as there is
 * @gate_size: how much
 */
struct crash_facts {
	enum crash_kind kind;
	__u64 address;
	bool polls;
	bool halted;
	bool interrupted;
	unsigned int others;
	unsigned int others_halted;
	__u64 mem_size;
	struct minivmx_regs regs;
	struct minivmx_sregs sregs;
	__u64 code_address;
	__u8 code[CRASH_CODE_BYTES];
	size_t code_size;
	__u8 before[CRASH_CODE_BYTES];
	size_t before_size;
	const char *mnemonic;
	const char *operands;
	__u64 stack_address;
	bool cr2_mapped;
	bool idt_mapped;
	__u8 gate[8];
	size_t gate_size;
};

bool crash_cause(const struct crash_facts *facts, char *sentence);
bool crash_no_handler(const struct crash_facts *facts, char *sentence);

#endif /* VMRUN_CRASH_CAUSE_H */
