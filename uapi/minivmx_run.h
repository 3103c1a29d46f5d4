/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * minivmx_run.h - the run page: why MINIVMX_RUN returned, and what the caller
 * answers.
 *
 * Part of the contract of minivmx.h, which includes it. Layouts are KVM's.
 */
#ifndef _UAPI_MINIVMX_RUN_H
#define _UAPI_MINIVMX_RUN_H

#include <linux/types.h>

/* Why MINIVMX_RUN returned: minivmx_run.exit_reason. */
#define MINIVMX_EXIT_UNKNOWN		0
#define MINIVMX_EXIT_IO			2	/* IN, OUT, INS or OUTS: .io */
#define MINIVMX_EXIT_DEBUG		4	/* MINIVMX_SET_GUEST_DEBUG: .debug */
#define MINIVMX_EXIT_HLT		5	/* HLT was executed */
#define MINIVMX_EXIT_MMIO		6	/* memory that is in no slot: .mmio */
#define MINIVMX_EXIT_IRQ_WINDOW_OPEN	7	/* as request_interrupt_window asked */
#define MINIVMX_EXIT_SHUTDOWN		8	/* triple fault */
#define MINIVMX_EXIT_FAIL_ENTRY		9	/* VM entry failed: .fail_entry */
#define MINIVMX_EXIT_INTR		10	/* a signal; RUN returned EINTR */
#define MINIVMX_EXIT_SET_TPR		11	/* the guest lowered CR8 */
#define MINIVMX_EXIT_INTERNAL_ERROR	17	/* .internal, .emulation_failure */

/* Suberrors of MINIVMX_EXIT_INTERNAL_ERROR. */
#define MINIVMX_INTERNAL_ERROR_EMULATION		1
#define MINIVMX_INTERNAL_ERROR_DELIVERY_EV		3
#define MINIVMX_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON	4

/* Bit of emulation_failure.flags: insn_size and insn_bytes are valid. */
#define MINIVMX_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES	(1ULL << 0)

/*
 * What minivmx_run.internal.data holds for UNEXPECTED_EXIT_REASON. KVM gives
 * the first two only.
 */
enum minivmx_unexpected_exit_data {
	MINIVMX_UNEXPECTED_EXIT_REASON,		/* exit-reason field, whole */
	MINIVMX_UNEXPECTED_EXIT_CPU,		/* CPU that took the exit */
	MINIVMX_UNEXPECTED_EXIT_QUALIFICATION,	/* exit qualification */
	MINIVMX_UNEXPECTED_EXIT_GPA,		/* guest-physical address; EPT exits */
	MINIVMX_UNEXPECTED_EXIT_NDATA
};

/* Directions of MINIVMX_EXIT_IO. */
#define MINIVMX_EXIT_IO_IN	0
#define MINIVMX_EXIT_IO_OUT	1

/**
 * struct minivmx_debug_exit_arch - what stopped a guest that is debugged
 * @exception: 1, #DB: a step or a breakpoint register; 3, #BP: INT3
 * @pad: not used
 * @pc: linear address of the guest's next instruction
 * @dr6: which condition, as DR6 would say; 0 with @exception 3, as the next one
 * @dr7: the DR7 in force: with USE_HW_BP the debugger's
 */
struct minivmx_debug_exit_arch {
	__u32 exception;
	__u32 pad;
	__u64 pc;
	__u64 dr6;
	__u64 dr7;
};

/**
 * struct minivmx_vmx_exit - a VM exit as the processor described it
 * @reason: basic exit reason (SDM Vol. 3D, "VMX Basic Exit Reasons",
 *	Appendix C, edition 083)
 * @instruction_length: bytes of the instruction that exited, for reasons that
 *	are instructions: add it to RIP to go on after it
 * @qualification: exit qualification
 * @guest_linear_address: valid for some reasons only, as the SDM says; so are
 *	the next four
 * @guest_physical_address: of an EPT violation
 * @interruption_info: VM-exit interruption information
 * @interruption_error_code: its error code
 * @instruction_info: VM-exit instruction information
 * @idt_vectoring_info: the event that was being delivered; it is delivered
 *	again by the next MINIVMX_RUN
 */
struct minivmx_vmx_exit {
	__u32 reason;
	__u32 instruction_length;
	__u64 qualification;
	__u64 guest_linear_address;
	__u64 guest_physical_address;
	__u32 interruption_info;
	__u32 interruption_error_code;
	__u32 instruction_info;
	__u32 idt_vectoring_info;
};

/** MINIVMX_RUN_MAX_BROKEN - rules that minivmx_run.fail_entry has room for */
#define MINIVMX_RUN_MAX_BROKEN	8

/**
 * struct minivmx_run - what a vCPU and its owner tell each other
 * @request_interrupt_window: in: not 0 asks for MINIVMX_EXIT_IRQ_WINDOW_OPEN
 *	as soon as the guest could take an interrupt
 * @immediate_exit: in: not 0 makes MINIVMX_RUN finish what the last exit left
 *	open and return EINTR without entering the guest
 * @padding1: not used
 * @exit_reason: out: MINIVMX_EXIT_*; says which member of the union is valid
 * @ready_for_interrupt_injection: out: MINIVMX_INTERRUPT would be taken now
 * @if_flag: out: the guest's RFLAGS.IF
 * @flags: out: 0
 * @cr8: in and out: the guest's CR8
 * @apic_base: out: as in struct minivmx_sregs
 * @hw: for MINIVMX_EXIT_UNKNOWN
 * @fail_entry: for MINIVMX_EXIT_FAIL_ENTRY; the reason is either the whole
 *	exit-reason field (bit 31 set: a check of guest state failed) or the
 *	VM-instruction error number (bit 31 clear: VMLAUNCH or VMRESUME failed).
 *	minivmx says, too, which rules the entry broke: @fail_entry.nr_broken of
 *	them, the first MINIVMX_RUN_MAX_BROKEN in @fail_entry.broken; and the exit
 *	qualification, if bit 31 is set
 * @io: for MINIVMX_EXIT_IO: @io.count items of @io.size bytes (1, 2 or 4) lie
 *	@io.data_offset bytes after the start of this structure. For
 *	MINIVMX_EXIT_IO_IN the caller writes them there; the next MINIVMX_RUN
 *	hands them to the guest. @io.count is above 1 for REP INS and REP OUTS
 * @debug: for MINIVMX_EXIT_DEBUG
 * @mmio: for MINIVMX_EXIT_MMIO: the guest wrote @mmio.len bytes of @mmio.data
 *	to @mmio.phys_addr, or it reads them, and the caller writes them there
 *	before the next MINIVMX_RUN
 * @internal: for MINIVMX_EXIT_INTERNAL_ERROR: @internal.ndata words of
 *	@internal.data are valid, see enum minivmx_unexpected_exit_data
 * @emulation_failure: the same for MINIVMX_INTERNAL_ERROR_EMULATION: an
 *	instruction accessed memory in no slot, and minivmx does not know it.
 *	If @emulation_failure.flags says so, its first bytes are given
 * @vmx: for MINIVMX_EXIT_VMX (minivmx_ext.h)
 * @padding: gives the union the size that it has in KVM
 * @kvm_valid_regs: not used
 * @kvm_dirty_regs: not used
 * @s: not used
 *
 * The structure starts the mapping of the vCPU's file descriptor, which is
 * MINIVMX_GET_VCPU_MMAP_SIZE bytes long.
 */
struct minivmx_run {
	/* in */
	__u8 request_interrupt_window;
	__u8 immediate_exit;
	__u8 padding1[6];

	/* out */
	__u32 exit_reason;
	__u8 ready_for_interrupt_injection;
	__u8 if_flag;
	__u16 flags;

	/* in and out */
	__u64 cr8;
	__u64 apic_base;

	union {
		struct {
			__u64 hardware_exit_reason;
		} hw;
		struct {
			__u64 hardware_entry_failure_reason;
			__u32 cpu;
			/* minivmx only */
			__u32 nr_broken;
			__u64 qualification;
			struct minivmx_broken_rule broken[MINIVMX_RUN_MAX_BROKEN];
		} fail_entry;
		struct {
			__u8 direction;
			__u8 size;
			__u16 port;
			__u32 count;
			__u64 data_offset;
		} io;
		struct {
			struct minivmx_debug_exit_arch arch;
		} debug;
		struct {
			__u64 phys_addr;
			__u8  data[8];
			__u32 len;
			__u8  is_write;
		} mmio;
		struct {
			__u32 suberror;
			__u32 ndata;
			__u64 data[16];
		} internal;
		struct {
			__u32 suberror;
			__u32 ndata;
			__u64 flags;
			__u8 insn_size;
			__u8 insn_bytes[15];
		} emulation_failure;
		struct minivmx_vmx_exit vmx;
		char padding[256];
	};

	__u64 kvm_valid_regs;
	__u64 kvm_dirty_regs;
	union {
		char padding[2048];
	} s;
};

/* ------------------------- coalesced writes ------------------------------ */

/**
 * struct minivmx_coalesced_mmio_zone - writes that need no answer
 * @addr: first guest-physical address, or port
 * @size: bytes
 * @pio: 1 for ports
 *
 * Writes there go into the ring instead of ending MINIVMX_RUN, as long as the
 * ring has room.
 */
struct minivmx_coalesced_mmio_zone {
	__u64 addr;
	__u32 size;
	__u32 pio;
};

/**
 * struct minivmx_coalesced_mmio - one write
 * @phys_addr: where to
 * @len: bytes
 * @pio: 1 for a port
 * @data: the bytes
 */
struct minivmx_coalesced_mmio {
	__u64 phys_addr;
	__u32 len;
	__u32 pio;
	__u8  data[8];
};

/**
 * struct minivmx_coalesced_mmio_ring - writes that wait for the caller
 * @first: the oldest one; the caller advances it
 * @last: where the next one will be; minivmx advances it
 * @coalesced_mmio: MINIVMX_COALESCED_MMIO_MAX of them, in a circle
 *
 * One per VM. It is at page MINIVMX_CAP_COALESCED_MMIO (the number that
 * MINIVMX_CHECK_EXTENSION answers) of each vCPU's mapping. It is empty if
 * @first equals @last, and full if it has one free entry.
 */
struct minivmx_coalesced_mmio_ring {
	__u32 first, last;
	struct minivmx_coalesced_mmio coalesced_mmio[];
};

/** MINIVMX_COALESCED_MMIO_MAX - entries of the ring, which is a page */
#define MINIVMX_COALESCED_MMIO_MAX \
	((4096 - sizeof(struct minivmx_coalesced_mmio_ring)) / \
	 sizeof(struct minivmx_coalesced_mmio))

#endif /* _UAPI_MINIVMX_RUN_H */
