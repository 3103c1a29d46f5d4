// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions that access memory in no slot, completed in the guest's place.
 *
 * An instruction is emulated from its start each time. A read that only user
 * space can answer ends the attempt; the next one finds the answer. Nothing of
 * the guest changes before all reads have answers. Writes to no slot wait until
 * the instruction is over, and go to user space one by one.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>
#include <asm/traps.h>
#include <asm/vmx.h>

#include "emulate.h"
#include "event.h"
#include "exit_decode.h"
#include "ring.h"
#include "vcpu.h"
#include "vm.h"

#define STATUS_FLAGS	(X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | \
			 X86_EFLAGS_ZF | X86_EFLAGS_SF | X86_EFLAGS_OF)

/* ------------------------- arithmetic ------------------------------------ */

/*
 * @a op @b, and the flags after it. A carry or borrow out of bit n shows in the
 * majority of both operands and the inverse of the sum (SDM Vol. 1, "Status
 * Flags", 3.4.3.1, edition 083).
 */
static u64 compute(enum decode_op op, u64 a, u64 b, u8 size, unsigned long *flags)
{
	u64 sign = 1ULL << (8 * size - 1), result, carries, in;
	unsigned long f = 0;

	in = (op == DECODE_ADC || op == DECODE_SBB) && *flags & X86_EFLAGS_CF;
	switch (op) {
	case DECODE_ADD:
	case DECODE_ADC:
		result = a + b + in;
		carries = (a & b) | ((a | b) & ~result);
		break;
	case DECODE_SUB:
	case DECODE_SBB:
	case DECODE_CMP:
		result = a - b - in;
		carries = (~a & b) | ((~a | b) & result);
		break;
	case DECODE_OR:
		result = a | b;
		carries = 0;
		break;
	case DECODE_XOR:
		result = a ^ b;
		carries = 0;
		break;
	default:
		result = a & b;
		carries = 0;
		break;
	}
	result &= size_mask(size);
	if (carries & sign)
		f |= X86_EFLAGS_CF;
	if (carries & 8)
		f |= X86_EFLAGS_AF;
	if (!(carries & sign) != !(carries & (sign >> 1)))
		f |= X86_EFLAGS_OF;
	if (!result)
		f |= X86_EFLAGS_ZF;
	if (result & sign)
		f |= X86_EFLAGS_SF;
	if (!(hweight8(result) & 1))
		f |= X86_EFLAGS_PF;
	*flags = (*flags & ~STATUS_FLAGS) | f;
	return result;
}

static s64 sign_extend(u64 value, u8 size)
{
	return (s64)(value << (64 - 8 * size)) >> (64 - 8 * size);
}

/* ------------------------- one instruction ------------------------------- */

/** emulate_retire() - it is over; with REP it is executed again, until RCX is 0 */
void emulate_retire(struct emulation *e)
{
	struct vcpu *vcpu = e->vcpu;

	vcpu->mmio.nr_reads = 0;
	vcpu->rflags &= ~X86_EFLAGS_RF;
	vcpu->interruptibility &= ~(GUEST_INTR_STATE_STI | GUEST_INTR_STATE_MOV_SS);
	vcpu->regs_dirty = true;
	vcpu->completed = true;
	event_step_trap(vcpu, vcpu->rflags);
	if (e->insn.form == DECODE_STRING && e->insn.rep)
		return;
	vcpu->rip += e->insn.length;
	if (e->code_size != 8)
		vcpu->rip = (u32)vcpu->rip;
}

/* From memory at @linear and another operand to either, or to the flags alone. */
static enum paging_result execute(struct emulation *e)
{
	const struct decoded *insn = &e->insn;
	unsigned long flags = e->vcpu->rflags;
	bool to_memory = insn->form != DECODE_FROM_MEMORY;
	bool reads = insn->op != DECODE_MOV || !to_memory;
	bool writes = to_memory && insn->op != DECODE_CMP && insn->op != DECODE_TEST;
	u64 linear, memory = 0, other;
	enum paging_result result;

	result = operand_linear(e, insn->segment, operand_offset(e), insn->size,
				writes, &linear);
	if (result == PAGING_OK && reads)
		result = operand_access(e, linear, &memory, insn->size, false);
	if (result != PAGING_OK)
		return result;
	other = insn->form == DECODE_IMMEDIATE ?
		insn->immediate & size_mask(insn->size) :
		operand_read_reg(e, insn->reg, insn->reg_size, insn->high_byte);

	switch (insn->op) {
	case DECODE_MOV:
		other = to_memory ? other : memory;
		break;
	case DECODE_XCHG:
		break;
	case DECODE_MOVZX:
		other = memory;
		break;
	case DECODE_MOVSX:
		other = sign_extend(memory, insn->size);
		break;
	default:
		other = to_memory ?
			compute(insn->op, memory, other, insn->size, &flags) :
			compute(insn->op, other, memory, insn->size, &flags);
		break;
	}
	if (writes) {
		result = operand_access(e, linear, &other, insn->size, true);
		if (result != PAGING_OK)
			return result;
	} else if (!to_memory && insn->op != DECODE_CMP) {
		operand_write_reg(e, insn->reg, insn->reg_size, insn->high_byte, other);
	}
	if (insn->op == DECODE_XCHG)
		operand_write_reg(e, insn->reg, insn->reg_size, insn->high_byte, memory);
	e->vcpu->rflags = flags;
	emulate_retire(e);
	return PAGING_OK;
}

/* One item of MOVS, STOS or LODS. */
static enum paging_result execute_string(struct emulation *e)
{
	const struct decoded *insn = &e->insn;
	s64 step = e->vcpu->rflags & X86_EFLAGS_DF ? -insn->size : insn->size;
	enum paging_result result;
	u64 linear, data;

	if (insn->rep && !operand_read_reg(e, RCX, insn->address_size, false)) {
		e->insn.rep = false;
		emulate_retire(e);
		return PAGING_OK;
	}
	data = operand_read_reg(e, 0, insn->size, false);
	if (insn->op != DECODE_STOS) {
		result = operand_linear(e, insn->segment,
					operand_read_reg(e, RSI, insn->address_size, false),
					insn->size, false, &linear);
		if (result == PAGING_OK)
			result = operand_access(e, linear, &data, insn->size, false);
		if (result != PAGING_OK)
			return result;
	}
	if (insn->op != DECODE_LODS) {
		result = operand_linear(e, DECODE_ES,
					operand_read_reg(e, RDI, insn->address_size, false),
					insn->size, true, &linear);
		if (result == PAGING_OK)
			result = operand_access(e, linear, &data, insn->size, true);
		if (result != PAGING_OK)
			return result;
		operand_step(e, RDI, step);
	} else {
		operand_write_reg(e, 0, insn->size, false, data);
	}
	if (insn->op != DECODE_STOS)
		operand_step(e, RSI, step);
	if (insn->rep)
		operand_step(e, RCX, -1);
	emulate_retire(e);
	return PAGING_OK;
}

/* ------------------------- the run loop's side --------------------------- */

/** emulate_give_up() - KVM's answer, with the bytes: user space may know more */
int emulate_give_up(struct emulation *e)
{
	struct minivmx_run *run = e->vcpu->run;

	e->vcpu->mmio.read.len = 0;
	e->vcpu->mmio.nr_reads = 0;
	event_raise(e->vcpu, X86_TRAP_UD, 0);
	if (paging_user_access(e->vcpu))
		return 0;
	memset(run->padding, 0, sizeof(run->padding));
	run->exit_reason = MINIVMX_EXIT_INTERNAL_ERROR;
	run->emulation_failure.suberror = MINIVMX_INTERNAL_ERROR_EMULATION;
	run->emulation_failure.ndata = 1;
	if (e->nr_bytes) {
		run->emulation_failure.ndata = 3;
		run->emulation_failure.flags =
			MINIVMX_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES;
		run->emulation_failure.insn_size = e->nr_bytes;
		memset(run->emulation_failure.insn_bytes, 0x90, DECODE_MAX);
		memcpy(run->emulation_failure.insn_bytes, e->bytes, e->nr_bytes);
	}
	return 1;
}

static void ask_user(struct vcpu *vcpu, const struct vcpu_mmio_access *access,
		     bool write)
{
	struct minivmx_run *run = vcpu->run;

	run->exit_reason = MINIVMX_EXIT_MMIO;
	run->mmio.phys_addr = access->gpa;
	run->mmio.len = access->len;
	run->mmio.is_write = write;
	if (write) {
		memcpy(run->mmio.data, access->data, sizeof(run->mmio.data));
		vcpu->mmio.read.len = 0;
	}
	vcpu->io.unfinished = UNFINISHED_MMIO;
}

/** emulate_deliver_writes() - writes that user space has not seen */
int emulate_deliver_writes(struct vcpu *vcpu)
{
	struct vcpu_mmio *mmio = &vcpu->mmio;

	while (mmio->nr_writes) {
		struct vcpu_mmio_access write = mmio->writes[0];

		mmio->writes[0] = mmio->writes[1];
		mmio->nr_writes--;
		if (ring_put(&vcpu->vm->ring, write.gpa, write.data, write.len, false))
			continue;
		ask_user(vcpu, &write, true);
		return 1;
	}
	return 0;
}

/** emulate_finish() - what an attempt came to. Return: as emulate(). */
int emulate_finish(struct emulation *e, enum paging_result result)
{
	struct vcpu *vcpu = e->vcpu;

	switch (result) {
	case PAGING_OK:
		return emulate_deliver_writes(vcpu);
	case PAGING_FAULT:
		vcpu->mmio.nr_reads = 0;
		vcpu->mmio.nr_writes = 0;
		return 0;
	case PAGING_MMIO:
		ask_user(vcpu, &vcpu->mmio.read, false);
		vcpu->io.cs_base = vcpu->sregs.cs.base;
		return 1;
	case PAGING_NO_TABLE:
		return emulate_give_up(e);
	default:
		vcpu->mmio.nr_reads = 0;
		if (e->error.err == -EINTR)
			vcpu->run->exit_reason = MINIVMX_EXIT_INTR;
		return e->error.err;
	}
}

/** emulate_fetch() - fetch and decode what is at RIP */
enum paging_result emulate_fetch(struct emulation *e)
{
	const struct minivmx_sregs *sregs = &e->vcpu->sregs;
	enum paging_result result;
	u64 linear;

	e->vcpu->mmio.next_read = 0;
	e->vcpu->mmio.nr_writes = 0;
	e->code_size = sregs->cs.db ? 4 : 2;
	if (sregs->efer & EFER_LMA && sregs->cs.l)
		e->code_size = 8;
	linear = e->code_size == 8 ? e->vcpu->rip : (u32)(sregs->cs.base + e->vcpu->rip);
	result = paging_fetch(e->vcpu, linear, e->bytes, DECODE_MAX, &e->nr_bytes);
	if (result == PAGING_OK &&
	    !decode(e->bytes, e->nr_bytes, e->code_size, &e->insn))
		e->insn.op = DECODE_UNKNOWN;
	return result;
}

/*
 * MOV to a control register, the only access of which is that to the PDPTEs:
 * those that cannot be had are not valid (SDM Vol. 3A, 4.4.1, edition 083).
 */
static bool loads_pdptes(const struct emulation *e)
{
	return e->nr_bytes >= 3 && e->bytes[0] == 0x0f && e->bytes[1] == 0x22;
}

/**
 * emulate() - the guest accessed memory that is in no slot
 * @vcpu: the vCPU; vcpu->sregs is fresh
 *
 * Context: process context of the owner; may sleep.
 * Return: 0 to enter the guest again, 1 to return to user space, or a negative
 * errno.
 */
int emulate(struct vcpu *vcpu)
{
	struct emulation e = { .vcpu = vcpu };
	enum paging_result result;

	result = emulate_fetch(&e);
	if (result == PAGING_FAILED)
		return emulate_finish(&e, result);
	if (result == PAGING_FAULT)
		return 0;	/* unmapped since: the processor will say so */
	if (loads_pdptes(&e)) {
		event_raise(vcpu, X86_TRAP_GP, 0);
		return 0;
	}
	if (e.insn.op == DECODE_UNKNOWN || e.insn.op >= DECODE_INS)
		return emulate_give_up(&e);
	return emulate_finish(&e, e.insn.form == DECODE_STRING ? execute_string(&e) :
		      execute(&e));
}

/**
 * emulate_mmio_answered() - user space has answered an access
 * @vcpu: the vCPU; it has not moved since
 *
 * Return: as emulate().
 */
int emulate_mmio_answered(struct vcpu *vcpu)
{
	struct vcpu_mmio *mmio = &vcpu->mmio;
	int ret;

	if (!mmio->read.len)
		return emulate_deliver_writes(vcpu);
	if (mmio->nr_reads < VCPU_MMIO_READS)
		memcpy(&mmio->reads[mmio->nr_reads++], vcpu->run->mmio.data,
		       sizeof(mmio->reads[0]));
	mmio->read.len = 0;
	ret = vcpu_refresh(vcpu);
	return ret ?: emulate(vcpu);
}
