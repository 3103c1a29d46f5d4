// SPDX-License-Identifier: GPL-2.0
/*
 * Operands of emulated instructions: registers, segments, memory.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <asm/processor-flags.h>
#include <asm/traps.h>

#include "emulate.h"
#include "event.h"
#include "vcpu.h"
#include "vm.h"

#define TYPE_CODE		8
#define TYPE_WRITABLE		2	/* of data */
#define TYPE_READABLE		2	/* of code */
#define TYPE_EXPAND_DOWN	4	/* of data */

/** operand_read_reg() - the low @size bytes of a register, or its second one */
u64 operand_read_reg(struct emulation *e, u8 reg, u8 size, bool high_byte)
{
	return (*vcpu_gpr(e->vcpu, reg) >> (high_byte ? 8 : 0)) & size_mask(size);
}

/** operand_write_reg() - likewise; 4 bytes clear the upper half */
void operand_write_reg(struct emulation *e, u8 reg, u8 size, bool high_byte,
		       u64 value)
{
	unsigned long *gpr = vcpu_gpr(e->vcpu, reg);
	int shift = high_byte ? 8 : 0;

	if (size >= 4)
		*gpr = value & size_mask(size);
	else
		*gpr = (*gpr & ~(size_mask(size) << shift)) | (value & size_mask(size)) << shift;
}

/** operand_step() - add to a register, in the width of an address */
void operand_step(struct emulation *e, u8 reg, s64 step)
{
	u8 size = e->insn.address_size;

	operand_write_reg(e, reg, size, false,
			  operand_read_reg(e, reg, size, false) + step);
}

/** operand_offset() - the effective address of the memory operand */
u64 operand_offset(const struct emulation *e)
{
	const struct decoded *insn = &e->insn;
	u64 offset = insn->displacement;

	if (insn->base != DECODE_NO_REG)
		offset += *vcpu_gpr(e->vcpu, insn->base);
	if (insn->index != DECODE_NO_REG)
		offset += *vcpu_gpr(e->vcpu, insn->index) << insn->scale;
	if (insn->rip_relative)
		offset += e->vcpu->rip + insn->length;
	return offset & size_mask(insn->address_size);
}

static const struct minivmx_segment *
segment_of(const struct minivmx_sregs *sregs, enum decode_segment segment)
{
	const struct minivmx_segment *const all[] = {
		&sregs->es, &sregs->cs, &sregs->ss, &sregs->ds, &sregs->fs, &sregs->gs,
	};

	return all[segment];
}

/* SDM Vol. 3A, "Limit Checking", 5.3, and "Type Checking", 5.5. */
static bool within(const struct minivmx_segment *s, u64 offset, u32 size, bool write)
{
	u64 last = offset + size - 1;

	if (s->unusable)
		return false;
	if (s->type & TYPE_CODE ? write || !(s->type & TYPE_READABLE) :
	    write && !(s->type & TYPE_WRITABLE))
		return false;
	/* What goes beyond 4 GiB begins again at 0. */
	if (s->limit == 0xffffffff)
		return true;
	if (!(s->type & TYPE_CODE) && s->type & TYPE_EXPAND_DOWN)
		return offset > s->limit && last <= (s->db ? 0xffffffff : 0xffff);
	return last <= s->limit;
}

/**
 * operand_fits() - do @size bytes from @offset on lie in a segment
 * @e: the emulation
 * @segment: the segment
 * @offset: the offset, cut to the size of addresses
 * @size: bytes, at most a page of them
 * @write: they are written
 */
bool operand_fits(const struct emulation *e, enum decode_segment segment, u64 offset,
		  u32 size, bool write)
{
	const struct minivmx_sregs *sregs = &e->vcpu->sregs;
	const struct minivmx_segment *s = segment_of(sregs, segment);
	u64 linear = offset + (segment >= DECODE_FS ? s->base : 0);

	if (e->code_size == 8)
		return (u64)((s64)(linear << 16) >> 16) == linear;
	/* Real mode and virtual-8086 mode know no types. */
	if (sregs->cr0 & X86_CR0_PE && !(e->vcpu->rflags & X86_EFLAGS_VM))
		return within(s, offset, size, write);
	return offset + size - 1 <= s->limit || s->limit == 0xffffffff;
}

/**
 * operand_linear() - the linear address of an offset in a segment
 * @e: the emulation
 * @segment: the segment
 * @offset: the offset, cut to the size of addresses
 * @size: bytes of the access
 * @write: it is a write
 * @linear: filled in
 *
 * Return: PAGING_OK, or PAGING_FAULT with #GP or #SS raised already.
 */
enum paging_result operand_linear(struct emulation *e, enum decode_segment segment,
				  u64 offset, u32 size, bool write, u64 *linear)
{
	const struct minivmx_segment *s = segment_of(&e->vcpu->sregs, segment);

	*linear = offset;
	if (e->code_size != 8)
		*linear = (u32)(offset + s->base);
	else if (segment >= DECODE_FS)
		*linear += s->base;
	if (operand_fits(e, segment, offset, size, write))
		return PAGING_OK;
	event_raise(e->vcpu, segment == DECODE_SS ? X86_TRAP_SS : X86_TRAP_GP, 0);
	return PAGING_FAULT;
}

/* A piece of an access: it lies in one page. */
struct piece {
	u64 gpa;
	u32 offset, size;
};

/* What user space has answered, or the question. */
static enum paging_result mmio_read(struct vcpu_mmio *mmio, const struct piece *p,
				    u8 *data)
{
	if (mmio->next_read < mmio->nr_reads) {
		memcpy(data, &mmio->reads[mmio->next_read++], p->size);
		return PAGING_OK;
	}
	mmio->read.gpa = p->gpa;
	mmio->read.len = p->size;
	return PAGING_MMIO;
}

static enum paging_result mmio_write(struct vcpu_mmio *mmio, const struct piece *p,
				     const u8 *data)
{
	struct vcpu_mmio_access *write = &mmio->writes[mmio->nr_writes];

	if (mmio->nr_writes == ARRAY_SIZE(mmio->writes))
		return PAGING_MMIO;
	mmio->nr_writes++;
	write->gpa = p->gpa;
	write->len = p->size;
	memset(write->data, 0, sizeof(write->data));
	memcpy(write->data, data, p->size);
	return PAGING_OK;
}

static enum paging_result access_piece(struct emulation *e, const struct piece *p,
				       u8 *data, bool write)
{
	struct gmem *gmem = &e->vcpu->vm->gmem;
	enum gmem_fault fault;

	fault = write ? gmem_write(gmem, p->gpa, data, p->size) :
		gmem_read(gmem, p->gpa, data, p->size);
	if (fault == GMEM_MAPPED)
		return PAGING_OK;
	if (fault != GMEM_NO_SLOT) {
		e->error.err = fault == GMEM_INTERRUPTED ? -EINTR :
			fault == GMEM_NO_MEMORY ? -ENOMEM : -EFAULT;
		return PAGING_FAILED;
	}
	/* Many items at once, of INS or OUTS: not from or to a device. */
	if (p->size > sizeof(e->vcpu->mmio.read.data))
		return PAGING_MMIO;
	return write ? mmio_write(&e->vcpu->mmio, p, data) :
		mmio_read(&e->vcpu->mmio, p, data);
}

/**
 * operand_access() - read or write memory at a linear address
 * @e: the emulation
 * @linear: the address
 * @data: from there, or to there
 * @size: bytes: in at most two pages
 * @write: write
 *
 * Both pages are translated before the first is accessed.
 *
 * Return: PAGING_MMIO if user space has to answer a read first.
 */
enum paging_result operand_access(struct emulation *e, u64 linear, void *data,
				  u32 size, bool write)
{
	u32 access = (write ? ACCESS_WRITE : 0) | paging_user_access(e->vcpu);
	struct piece pieces[2] = {};
	enum paging_result result;
	int n = 0, i;
	u32 done;

	for (done = 0; done < size; done += pieces[n++].size) {
		u64 at = e->code_size == 8 ? linear + done : (u32)(linear + done);
		struct piece *p = &pieces[n];

		if (WARN_ON_ONCE(n == ARRAY_SIZE(pieces))) {
			e->error.err = -EIO;
			return PAGING_FAILED;
		}
		p->offset = done;
		p->size = min_t(u32, size - done, PAGE_SIZE - offset_in_page(at));
		result = paging_walk(e->vcpu, at, access, &p->gpa, &e->error);
		if (result == PAGING_FAULT) {
			e->vcpu->sregs.cr2 = at;
			event_raise(e->vcpu, X86_TRAP_PF, e->error.error_code);
		}
		if (result != PAGING_OK)
			return result;
	}
	for (i = 0; i < n; i++) {
		result = access_piece(e, &pieces[i], data + pieces[i].offset, write);
		if (result != PAGING_OK)
			return result;
	}
	return PAGING_OK;
}
