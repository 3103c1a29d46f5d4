/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the bits of exit information mean. Pure, so that its tests run on any
 * machine.
 */
#ifndef MINIVMX_EXIT_DECODE_H
#define MINIVMX_EXIT_DECODE_H

#include <linux/bits.h>
#include <linux/types.h>
#include <asm/vmx.h>

/* The exit-reason field: SDM Vol. 3C, "Basic VM-Exit Information", 25.9.1. */
#define EXIT_REASON_BASIC		0xffffU
#define EXIT_REASON_ENTRY_FAILURE	BIT(31)

static inline u16 exit_basic_reason(u32 reason)
{
	return reason & EXIT_REASON_BASIC;
}

/**
 * struct exit_io_info - an I/O exit qualification, taken apart
 * @port: the port
 * @size: bytes: 1, 2 or 4
 * @in: IN or INS; else OUT or OUTS
 * @string: INS or OUTS
 * @rep: with a REP prefix
 */
struct exit_io_info {
	u16 port;
	u8 size;
	bool in;
	bool string;
	bool rep;
};

/*
 * SDM Vol. 3C, "Exit Qualification for I/O Instructions", table 28-5,
 * edition 083: 2:0 size - 1, 3 IN, 4 string, 5 REP, 6 immediate operand,
 * 31:16 port.
 */
static inline struct exit_io_info exit_decode_io(u64 qualification)
{
	return (struct exit_io_info) {
		.port = qualification >> 16,
		.size = (qualification & 7) + 1,
		.in = qualification & (1 << 3),
		.string = qualification & (1 << 4),
		.rep = qualification & (1 << 5),
	};
}

/*
 * SDM Vol. 3C, "Exit Qualification for EPT Violations", table 28-7: bit 1 is
 * a write; it may be set together with bit 0 for a read-modify-write.
 */
static inline bool exit_ept_is_write(u64 qualification)
{
	return qualification & EPT_VIOLATION_ACC_WRITE;
}

/* Bit 12: an IRET that had already unblocked NMIs; with no event on its way. */
static inline bool exit_ept_unblocked_nmi(u64 qualification)
{
	return qualification & INTR_INFO_UNBLOCK_NMI;
}

enum exit_cr_type { EXIT_CR_WRITE, EXIT_CR_READ, EXIT_CR_CLTS, EXIT_CR_LMSW };

/**
 * struct exit_cr_info - a control-register exit qualification, taken apart
 * @number: of the control register
 * @type: what was done with it
 * @gpr: general-purpose register, by its encoding
 */
struct exit_cr_info {
	u8 number;
	enum exit_cr_type type;
	u8 gpr;
};

/* SDM Vol. 3C, "Exit Qualification for Control-Register Accesses", table 28-3. */
static inline struct exit_cr_info exit_decode_cr(u64 qualification)
{
	return (struct exit_cr_info) {
		.number = qualification & 15,
		.type = qualification >> 4 & 3,
		.gpr = qualification >> 8 & 15,
	};
}

/**
 * struct exit_dr_info - a MOV-DR exit qualification, taken apart
 * @number: of the debug register
 * @read: MOV from it
 * @gpr: general-purpose register, by its encoding
 */
struct exit_dr_info {
	u8 number;
	bool read;
	u8 gpr;
};

/* SDM Vol. 3C, "Exit Qualification for MOV DR", table 28-4. */
static inline struct exit_dr_info exit_decode_dr(u64 qualification)
{
	return (struct exit_dr_info) {
		.number = qualification & 7,
		.read = qualification & (1 << 4),
		.gpr = qualification >> 8 & 15,
	};
}

/**
 * exit_event_to_entry() - event information of an exit, fit for a VM entry
 * @info: VM-exit interruption information or IDT-vectoring information
 *
 * The formats are the same but for bit 12, which is undefined or says that an
 * IRET unblocked NMIs, and must be 0 at VM entry.
 * SDM Vol. 3C, 25.8.3, 25.9.2 and 25.9.3, edition 083.
 *
 * Return: VM-entry interruption information; 0 if @info is not valid.
 */
static inline u32 exit_event_to_entry(u32 info)
{
	if (!(info & INTR_INFO_VALID_MASK))
		return 0;
	return info & (INTR_INFO_VALID_MASK | INTR_INFO_DELIVER_CODE_MASK |
		       INTR_INFO_INTR_TYPE_MASK | INTR_INFO_VECTOR_MASK);
}

/* Events that an instruction caused are injected with its length. */
static inline bool exit_event_has_length(u32 info)
{
	switch (info & INTR_INFO_INTR_TYPE_MASK) {
	case INTR_TYPE_SOFT_INTR:
	case INTR_TYPE_PRIV_SW_EXCEPTION:
	case INTR_TYPE_SOFT_EXCEPTION:
		return true;
	default:
		return false;
	}
}

#endif /* MINIVMX_EXIT_DECODE_H */
