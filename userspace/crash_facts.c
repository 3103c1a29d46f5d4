// SPDX-License-Identifier: GPL-2.0
/*
 * What is known of a vCPU that ended: its state, and the memory that this leads to.
 */
#include <sys/ioctl.h>

#include "crash_facts.h"
#include "guest_memory.h"

/**
 * crash_facts_read() - the state of a vCPU
 * @facts: gets it
 * @vcpu: does not run
 *
 * Return: false, and errno says why, if there is none.
 */
bool crash_facts_read(struct crash_facts *facts, const struct vcpu *vcpu)
{
	*facts = (struct crash_facts){ .mnemonic = "", .operands = "" };
	return ioctl(vcpu->fd, MINIVMX_GET_REGS, &facts->regs) == 0 &&
	       ioctl(vcpu->fd, MINIVMX_GET_SREGS, &facts->sregs) == 0;
}

/* What code is for: CS says it. Outside of long mode, L is 0. */
static unsigned int code_bits(const struct minivmx_sregs *sregs)
{
	return sregs->cs.l ? 64 : sregs->cs.db ? 32 : 16;
}

static void look_at_code(struct crash_facts *facts, struct crash *crash,
			 const struct vcpu *vcpu)
{
	const struct minivmx_sregs *sregs = &facts->sregs;
	__u64 linear = guest_code_address(sregs, facts->regs.rip);
	const cs_insn *insn;

	facts->code_address = guest_physical(vcpu, sregs, linear);
	facts->code_size = guest_read(crash->vm, vcpu, sregs, linear, facts->code,
				      sizeof(facts->code));
	if (linear >= sizeof(facts->before))
		facts->before_size = guest_read(crash->vm, vcpu, sregs,
						linear - sizeof(facts->before),
						facts->before, sizeof(facts->before));
	insn = disassemble(&crash->disassembler, code_bits(sregs), facts->code,
			   facts->code_size, facts->regs.rip);
	if (insn) {
		facts->mnemonic = insn->mnemonic;
		facts->operands = insn->op_str;
	}
}

/* Where the last byte of the next push goes. SS.D says how wide the pointer is. */
static void look_at_stack(struct crash_facts *facts, const struct vcpu *vcpu)
{
	const struct minivmx_sregs *sregs = &facts->sregs;
	__u64 linear = facts->regs.rsp - 1;

	if (!sregs->cs.l)
		linear = (__u32)(sregs->ss.base +
				 (linear & (sregs->ss.db ? 0xffffffff : 0xffff)));
	facts->stack_address = guest_physical(vcpu, sregs, linear);
}

static void look_at_idt(struct crash_facts *facts, const struct crash *crash,
			const struct vcpu *vcpu)
{
	const struct minivmx_sregs *sregs = &facts->sregs;
	__u64 base = sregs->idt.base;

	facts->idt_mapped = guest_physical(vcpu, sregs, base) != NOWHERE;
	/* In long mode, a gate has 16 bytes, but the first 8 are what they were. */
	facts->gate_size = guest_read(crash->vm, vcpu, sregs,
				      base + 8 * (sregs->efer & CRASH_EFER_LMA ? 16 : 8),
				      facts->gate, sizeof(facts->gate));
}

static bool is_halted(const struct vcpu *vcpu)
{
	return vcpu->run->exit_reason == MINIVMX_EXIT_HLT;
}

static void look_at_others(struct crash_facts *facts, const struct crash *crash,
			   const struct vcpu *vcpu)
{
	unsigned int i;

	facts->halted = is_halted(vcpu);
	facts->interrupted = vcpu->interrupted;
	facts->others = crash->opt->cpus - 1;
	for (i = 0; i < crash->opt->cpus; i++)
		if (&crash->vcpus[i] != vcpu && is_halted(&crash->vcpus[i]))
			facts->others_halted++;
}

static void look_at_exit(struct crash_facts *facts, const struct vcpu *vcpu)
{
	if (facts->kind == CRASH_PORT)
		facts->address = vcpu->run->io.port;
	else if (facts->kind == CRASH_ADDRESS)
		facts->address = vcpu->run->mmio.phys_addr;
	else if (facts->kind == CRASH_TIMEOUT)
		facts->polls = exit_history_polls(&vcpu->history, &facts->address);
}

/**
 * crash_facts_look() - look at what the state leads to
 * @facts: from crash_facts_read()
 * @crash: knows the guest
 * @vcpu: the same vCPU
 * @kind: how it ended
 */
void crash_facts_look(struct crash_facts *facts, struct crash *crash,
		      const struct vcpu *vcpu, enum crash_kind kind)
{
	facts->kind = kind;
	facts->mem_size = crash->vm->mem_size;
	look_at_code(facts, crash, vcpu);
	look_at_stack(facts, vcpu);
	facts->cr2_mapped = guest_physical(vcpu, &facts->sregs, facts->sregs.cr2) != NOWHERE;
	look_at_idt(facts, crash, vcpu);
	look_at_exit(facts, vcpu);
	look_at_others(facts, crash, vcpu);
}
