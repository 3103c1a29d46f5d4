/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Instructions that minivmx completes in the guest's place, outside of windows.
 */
#ifndef MINIVMX_EMULATE_H
#define MINIVMX_EMULATE_H

#include "decode.h"
#include "paging.h"

struct vcpu;

/**
 * struct emulation - one instruction that is being emulated
 * @vcpu: whose it is; vcpu->sregs is fresh
 * @insn: the instruction
 * @code_size: of its code segment: 2, 4 or 8
 * @bytes: its bytes
 * @nr_bytes: how many could be read
 * @error: why an access failed
 */
struct emulation {
	struct vcpu *vcpu;
	struct decoded insn;
	u8 code_size;
	u8 bytes[DECODE_MAX];
	u32 nr_bytes;
	struct paging_error error;
};

/* The bits of an operand of 1, 2, 4 or 8 bytes. */
static inline u64 size_mask(u8 size)
{
	return size == 8 ? ~0ULL : (1ULL << (8 * size)) - 1;
}

/* Registers by their encoding. */
#define RCX	1
#define RSI	6
#define RDI	7

/* emulate.c */
int emulate(struct vcpu *vcpu);
int emulate_mmio_answered(struct vcpu *vcpu);
enum paging_result emulate_fetch(struct emulation *e);
void emulate_retire(struct emulation *e);
int emulate_deliver_writes(struct vcpu *vcpu);
int emulate_finish(struct emulation *e, enum paging_result result);
int emulate_give_up(struct emulation *e);

/* string_io.c */
int emulate_string_io(struct vcpu *vcpu);

/* operand.c */
bool operand_fits(const struct emulation *e, enum decode_segment segment, u64 offset,
		  u32 size, bool write);
enum paging_result operand_linear(struct emulation *e, enum decode_segment segment,
				  u64 offset, u32 size, bool write, u64 *linear);
enum paging_result operand_access(struct emulation *e, u64 linear, void *data,
				  u32 size, bool write);
u64 operand_offset(const struct emulation *e);
u64 operand_read_reg(struct emulation *e, u8 reg, u8 size, bool high_byte);
void operand_write_reg(struct emulation *e, u8 reg, u8 size, bool high_byte,
		       u64 value);
void operand_step(struct emulation *e, u8 reg, s64 step);

#endif /* MINIVMX_EMULATE_H */
