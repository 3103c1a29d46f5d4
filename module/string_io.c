// SPDX-License-Identifier: GPL-2.0
/*
 * INS and OUTS: with REP, as many items at once as lie in one page.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <asm/processor-flags.h>

#include "emulate.h"
#include "exit_decode.h"
#include "ring.h"
#include "vcpu.h"
#include "vm.h"

/*
 * Items that lie in one page and in the segment, and that fit into the data page;
 * one at least.
 */
static u32 items_at_once(const struct emulation *e, enum decode_segment segment,
			 u64 offset, u64 linear, u64 count, bool in)
{
	u32 size = e->insn.size, at = offset_in_page(linear), room, n;
	bool down = e->vcpu->rflags & X86_EFLAGS_DF;
	u64 first, mask = size_mask(e->insn.address_size);

	/* A trap comes after each item. One that lies in two pages goes alone. */
	if (e->vcpu->rflags & X86_EFLAGS_TF || at + size > PAGE_SIZE ||
	    e->vcpu->debug.control & MINIVMX_GUESTDBG_SINGLESTEP)
		return 1;
	room = down ? at / size + 1 : (PAGE_SIZE - at) / size;
	n = clamp_t(u64, min_t(u64, room, count), 1, PAGE_SIZE / size);
	/* Near the end of the segment or of the addresses, one by one. */
	first = down ? offset - (n - 1) * size : offset;
	if (first > mask || first + n * size - 1 > mask || (down && first > offset) ||
	    !operand_fits(e, segment, first, n * size, in))
		return 1;
	return n;
}

/* The items between memory and the data page, in the order of their transfer. */
static enum paging_result copy_items(struct emulation *e, u64 linear, u32 count,
				     bool write)
{
	u32 size = e->insn.size, i;
	void *data = e->vcpu->pages[VCPU_PAGE_PIO];
	enum paging_result result;

	if (!(e->vcpu->rflags & X86_EFLAGS_DF))
		return operand_access(e, linear, data, count * size, write);
	for (i = 0; i < count; i++) {
		result = operand_access(e, linear - i * size, data + i * size, size,
					write);
		if (result != PAGING_OK)
			return result;
	}
	return PAGING_OK;
}

static void advance(struct emulation *e, u8 reg, u32 count)
{
	s64 step = (s64)count * e->insn.size;

	operand_step(e, reg, e->vcpu->rflags & X86_EFLAGS_DF ? -step : step);
	if (e->insn.rep)
		operand_step(e, RCX, -(s64)count);
	emulate_retire(e);
}

static void fill_run(struct emulation *e, u32 count)
{
	struct exit_io_info io = exit_decode_io(e->vcpu->exit.qualification);

	exit_io_fill_run(e->vcpu, &io, e->insn.size, count);
}

/* Items of OUTS that may wait in the ring. Return: how many it took. */
static u32 coalesce(struct emulation *e, u32 count)
{
	u16 port = exit_decode_io(e->vcpu->exit.qualification).port;
	void *data = e->vcpu->pages[VCPU_PAGE_PIO];
	u32 size = e->insn.size, n = 0;

	while (n < count && ring_put(&e->vcpu->vm->ring, port, data + n * size, size, true))
		n++;
	return n;
}

/**
 * emulate_string_io() - INS or OUTS, as much of it as one page holds
 * @vcpu: the vCPU; vcpu->exit.qualification is that of the exit, or INS waits
 *	for its data to be stored
 *
 * Return: as emulate().
 */
int emulate_string_io(struct vcpu *vcpu)
{
	struct emulation e = { .vcpu = vcpu };
	bool stores = vcpu->io.unfinished == UNFINISHED_INS;
	enum paging_result result;
	enum decode_segment segment;
	u64 linear, offset, count;
	u32 done = 0;
	bool in;
	u8 reg;

	vcpu->io.unfinished = NOTHING_UNFINISHED;
	vcpu->mmio.nr_reads = 0;
	result = emulate_fetch(&e);
	if (result == PAGING_FAILED)
		return emulate_finish(&e, result);
	if (result == PAGING_FAULT)
		return 0;	/* unmapped since: the processor will say so */
	if (e.insn.op < DECODE_INS)
		return emulate_give_up(&e);
	in = e.insn.op == DECODE_INS;
	reg = in ? RDI : RSI;
	count = e.insn.rep ? operand_read_reg(&e, RCX, e.insn.address_size, false) : 1;
	if (!count) {
		e.insn.rep = false;
		emulate_retire(&e);
		return 0;
	}

	segment = in ? DECODE_ES : e.insn.segment;
	offset = operand_read_reg(&e, reg, e.insn.address_size, false);
	result = operand_linear(&e, segment, offset, e.insn.size, in, &linear);
	if (result != PAGING_OK)
		return emulate_finish(&e, result);
	/* Somebody may have changed the instruction since: the data is one page. */
	count = stores ? min_t(u32, vcpu->io.count, PAGE_SIZE / e.insn.size) :
		items_at_once(&e, segment, offset, linear, count, in);
	if (in && !stores) {
		/* User space first; the data is stored by the next MINIVMX_RUN. */
		fill_run(&e, count);
		vcpu->io.unfinished = UNFINISHED_INS;
		vcpu->io.count = count;
		vcpu->io.cs_base = vcpu->sregs.cs.base;
		return 1;
	}
	result = copy_items(&e, linear, count, in);
	if (result != PAGING_OK)
		return result == PAGING_MMIO ? emulate_give_up(&e) :
			emulate_finish(&e, result);
	if (!in)
		done = coalesce(&e, count);
	advance(&e, reg, in || !done ? count : done);
	if (in)
		return emulate_deliver_writes(vcpu);
	if (done)
		return 0;
	fill_run(&e, count);
	return 1;
}
