/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * minivmx_state.h - what a vCPU's ioctls carry: its registers, its events and
 * what it says of its processor.
 *
 * Part of the contract of minivmx.h, which includes it. Layouts are KVM's.
 */
#ifndef _UAPI_MINIVMX_STATE_H
#define _UAPI_MINIVMX_STATE_H

#include <linux/types.h>

/* ------------------------- structures of the vCPU ------------------------ */

/**
 * struct minivmx_regs - general-purpose registers of a vCPU
 *
 * For MINIVMX_GET_REGS and MINIVMX_SET_REGS. Bit 1 of @rflags is always set
 * (SDM Vol. 1, "EFLAGS Register", 3.4.3, edition 083).
 */
struct minivmx_regs {
	/* in the order of the KVM API, not of the instruction encoding */
	__u64 rax, rbx, rcx, rdx;
	__u64 rsi, rdi, rsp, rbp;
	__u64 r8,  r9,  r10, r11;
	__u64 r12, r13, r14, r15;
	__u64 rip, rflags;
};

/**
 * struct minivmx_segment - one segment register, with its hidden part
 * @base: linear address of the segment's first byte
 * @limit: offset of its last byte, in bytes whatever @g says
 * @selector: the visible part
 * @type: segment type, 4 bits (SDM Vol. 3A, "Segment Descriptors", 3.4.5)
 * @present: the P bit
 * @dpl: descriptor privilege level, 0 to 3
 * @db: default operation size, the D/B bit
 * @s: 1 for code and data, 0 for a system segment
 * @l: 64-bit code, the L bit
 * @g: granularity, the G bit
 * @avl: available to software
 * @unusable: 1 if the register holds no segment (a null selector was loaded)
 * @padding: 0 when returned
 */
struct minivmx_segment {
	__u64 base;
	__u32 limit;
	__u16 selector;
	__u8  type;
	__u8  present, dpl, db, s, l, g, avl;
	__u8  unusable;
	__u8  padding;
};

/**
 * struct minivmx_dtable - GDTR or IDTR
 * @base: linear address of the table
 * @limit: offset of its last byte
 * @padding: 0 when returned
 */
struct minivmx_dtable {
	__u64 base;
	__u16 limit;
	__u16 padding[3];
};

/** MINIVMX_NR_INTERRUPTS - number of bits in the interrupt bitmap. */
#define MINIVMX_NR_INTERRUPTS	256

/**
 * struct minivmx_sregs - segment, control and system registers of a vCPU
 *
 * They choose the mode that the guest runs in, from real mode to long mode; see
 * MINIVMX_SET_SREGS for what has to agree. A bit in @interrupt_bitmap is an
 * external interrupt that is being delivered.
 */
struct minivmx_sregs {
	struct minivmx_segment cs, ds, es, fs, gs, ss;
	struct minivmx_segment tr, ldt;
	struct minivmx_dtable gdt, idt;
	__u64 cr0, cr2, cr3, cr4, cr8;
	__u64 efer;
	__u64 apic_base;
	__u64 interrupt_bitmap[(MINIVMX_NR_INTERRUPTS + 63) / 64];
};

/* Bit of minivmx_sregs2.flags: pdptrs is valid. */
#define MINIVMX_SREGS2_FLAGS_PDPTRS_VALID	1

/**
 * struct minivmx_sregs2 - the same, and what the processor remembers of page tables
 * @flags: 0, or MINIVMX_SREGS2_FLAGS_PDPTRS_VALID under PAE paging
 * @pdptrs: the PDPTEs then, as the last MOV to CR3 loaded them: memory may differ
 *
 * The other members are those of struct minivmx_sregs.
 */
struct minivmx_sregs2 {
	struct minivmx_segment cs, ds, es, fs, gs, ss;
	struct minivmx_segment tr, ldt;
	struct minivmx_dtable gdt, idt;
	__u64 cr0, cr2, cr3, cr4, cr8;
	__u64 efer;
	__u64 apic_base;
	__u64 flags;
	__u64 pdptrs[4];
};

/* ------------------------- CPUID, MSRs ----------------------------------- */

/** MINIVMX_CPUID_FLAG_SIGNIFCANT_INDEX - the leaf has subleaves; KVM's spelling */
#define MINIVMX_CPUID_FLAG_SIGNIFCANT_INDEX	(1 << 0)

/**
 * struct minivmx_cpuid_entry2 - what CPUID answers for one leaf
 * @function: EAX going in
 * @index: ECX going in, if @flags says that it matters
 * @flags: 0 or MINIVMX_CPUID_FLAG_SIGNIFCANT_INDEX
 * @eax: and so on: the answer
 * @padding: not used
 */
struct minivmx_cpuid_entry2 {
	__u32 function;
	__u32 index;
	__u32 flags;
	__u32 eax, ebx, ecx, edx;
	__u32 padding[3];
};

/** MINIVMX_MAX_CPUID_ENTRIES - the longest table that a vCPU takes */
#define MINIVMX_MAX_CPUID_ENTRIES	256

/**
 * struct minivmx_cpuid2 - a table for MINIVMX_SET_CPUID2 and its like
 * @nent: number of entries; going in, what there is room for
 * @padding: not used
 * @entries: the entries
 */
struct minivmx_cpuid2 {
	__u32 nent;
	__u32 padding;
	struct minivmx_cpuid_entry2 entries[];
};

/**
 * struct minivmx_msr_entry - a model-specific register
 * @index: its number
 * @reserved: not used
 * @data: its value
 */
struct minivmx_msr_entry {
	__u32 index;
	__u32 reserved;
	__u64 data;
};

/** MINIVMX_MAX_MSRS - one more than a MINIVMX_GET_MSRS or SET_MSRS takes */
#define MINIVMX_MAX_MSRS	256

/**
 * struct minivmx_msrs - for MINIVMX_GET_MSRS and MINIVMX_SET_MSRS
 * @nmsrs: number of entries, below MINIVMX_MAX_MSRS
 * @pad: not used
 * @entries: the entries
 */
struct minivmx_msrs {
	__u32 nmsrs;
	__u32 pad;
	struct minivmx_msr_entry entries[];
};

/**
 * struct minivmx_msr_list - for MINIVMX_GET_MSR_INDEX_LIST
 * @nmsrs: number of indices; going in, what there is room for
 * @indices: the MSRs to save and restore
 */
struct minivmx_msr_list {
	__u32 nmsrs;
	__u32 indices[];
};

/* ------------------------- FPU ------------------------------------------- */

/**
 * struct minivmx_fpu - x87 and SSE state
 * @fpr: ST0 to ST7, 10 bytes of each 16
 * @fcw: control word
 * @fsw: status word
 * @ftwx: tag word, abridged as FXSAVE has it
 * @pad1: not used
 * @last_opcode: of the last x87 instruction
 * @last_ip: its address
 * @last_dp: address of its operand
 * @xmm: XMM0 to XMM15
 * @mxcsr: MXCSR; GET says 0, and SET ignores it, as in KVM
 * @pad2: not used
 */
struct minivmx_fpu {
	__u8  fpr[8][16];
	__u16 fcw;
	__u16 fsw;
	__u8  ftwx;
	__u8  pad1;
	__u16 last_opcode;
	__u64 last_ip;
	__u64 last_dp;
	__u8  xmm[16][16];
	__u32 mxcsr;
	__u32 pad2;
};

/**
 * struct minivmx_xsave - an XSAVE area in the standard format
 * @region: the area (SDM Vol. 1, "XSAVE Area", 13.4, edition 083)
 */
struct minivmx_xsave {
	__u32 region[1024];
};

/** MINIVMX_MAX_XCRS - extended control registers in struct minivmx_xcrs */
#define MINIVMX_MAX_XCRS	16

/**
 * struct minivmx_xcr - an extended control register
 * @xcr: its number; there is only 0
 * @reserved: not used
 * @value: its value
 */
struct minivmx_xcr {
	__u32 xcr;
	__u32 reserved;
	__u64 value;
};

/**
 * struct minivmx_xcrs - for MINIVMX_GET_XCRS and MINIVMX_SET_XCRS
 * @nr_xcrs: number of entries
 * @flags: 0
 * @xcrs: the entries
 * @padding: not used
 */
struct minivmx_xcrs {
	__u32 nr_xcrs;
	__u32 flags;
	struct minivmx_xcr xcrs[MINIVMX_MAX_XCRS];
	__u64 padding[16];
};

/* ------------------------- events ---------------------------------------- */

/* What is valid in struct minivmx_vcpu_events. */
#define MINIVMX_VCPUEVENT_VALID_NMI_PENDING	0x00000001
#define MINIVMX_VCPUEVENT_VALID_SIPI_VECTOR	0x00000002
#define MINIVMX_VCPUEVENT_VALID_SHADOW		0x00000004
#define MINIVMX_VCPUEVENT_VALID_SMM		0x00000008

/* Bits of minivmx_vcpu_events.interrupt.shadow. */
#define MINIVMX_X86_SHADOW_INT_MOV_SS	0x01
#define MINIVMX_X86_SHADOW_INT_STI	0x02

/**
 * struct minivmx_vcpu_events - what is on its way to the guest
 * @exception: an exception that is being delivered (@injected); @nr is its
 *	vector
 * @interrupt: an external (or, with @soft, INT n) interrupt that is being
 *	delivered; @shadow: what STI or MOV SS blocks, MINIVMX_X86_SHADOW_*
 * @nmi: @injected: one is being delivered; @pending: some wait; @masked: they
 *	are blocked until IRET
 * @sipi_vector: 0
 * @flags: MINIVMX_VCPUEVENT_VALID_*
 * @smi: 0: there is no system-management mode
 * @triple_fault: 0
 * @reserved: 0
 * @exception_has_payload: 0
 * @exception_payload: 0
 */
struct minivmx_vcpu_events {
	struct {
		__u8 injected;
		__u8 nr;
		__u8 has_error_code;
		__u8 pending;
		__u32 error_code;
	} exception;
	struct {
		__u8 injected;
		__u8 nr;
		__u8 soft;
		__u8 shadow;
	} interrupt;
	struct {
		__u8 injected;
		__u8 pending;
		__u8 masked;
		__u8 pad;
	} nmi;
	__u32 sipi_vector;
	__u32 flags;
	struct {
		__u8 smm;
		__u8 pending;
		__u8 smm_inside_nmi;
		__u8 latched_init;
	} smi;
	struct {
		__u8 pending;
	} triple_fault;
	__u8 reserved[26];
	__u8 exception_has_payload;
	__u64 exception_payload;
};

/**
 * struct minivmx_interrupt - for MINIVMX_INTERRUPT
 * @irq: the vector, 0 to 255
 */
struct minivmx_interrupt {
	__u32 irq;
};

/**
 * struct minivmx_mp_state - for MINIVMX_GET_MP_STATE and MINIVMX_SET_MP_STATE
 * @mp_state: MINIVMX_MP_STATE_RUNNABLE
 */
struct minivmx_mp_state {
	__u32 mp_state;
};

#define MINIVMX_MP_STATE_RUNNABLE	0

/* ------------------------- debugging ------------------------------------- */

/**
 * struct minivmx_debugregs - the guest's debug registers
 * @db: DR0 to DR3
 * @dr6: DR6
 * @dr7: DR7
 * @flags: 0
 * @reserved: 0
 */
struct minivmx_debugregs {
	__u64 db[4];
	__u64 dr6;
	__u64 dr7;
	__u64 flags;
	__u64 reserved[9];
};

/* Bits of minivmx_guest_debug.control. */
#define MINIVMX_GUESTDBG_ENABLE		0x00000001
#define MINIVMX_GUESTDBG_SINGLESTEP	0x00000002
#define MINIVMX_GUESTDBG_USE_SW_BP	0x00010000	/* INT3 exits */
#define MINIVMX_GUESTDBG_USE_HW_BP	0x00020000	/* the caller's breakpoints */
#define MINIVMX_GUESTDBG_INJECT_DB	0x00040000
#define MINIVMX_GUESTDBG_INJECT_BP	0x00080000
#define MINIVMX_GUESTDBG_BLOCKIRQ	0x00100000

/**
 * struct minivmx_guest_debug - for MINIVMX_SET_GUEST_DEBUG
 * @control: MINIVMX_GUESTDBG_*; without ENABLE, debugging is off
 * @pad: not used
 * @arch: @arch.debugreg: with USE_HW_BP, DR0 to DR3 and, as number 7, DR7
 */
struct minivmx_guest_debug {
	__u32 control;
	__u32 pad;
	struct {
		__u64 debugreg[8];
	} arch;
};

/**
 * struct minivmx_translation - for MINIVMX_TRANSLATE
 * @linear_address: in: a linear address of the guest
 * @physical_address: out: where it leads; all ones if nowhere
 * @valid: out: it leads somewhere
 * @writeable: out: 1, whatever the page tables say, as in KVM
 * @usermode: out: 0, likewise
 * @pad: not used
 */
struct minivmx_translation {
	__u64 linear_address;
	__u64 physical_address;
	__u8  valid;
	__u8  writeable;
	__u8  usermode;
	__u8  pad[5];
};

/**
 * struct minivmx_signal_mask - for MINIVMX_SET_SIGNAL_MASK
 * @len: bytes of @sigset: 8
 * @sigset: signals that are blocked while MINIVMX_RUN runs
 */
struct minivmx_signal_mask {
	__u32 len;
	__u8  sigset[];
};

#endif /* _UAPI_MINIVMX_STATE_H */
