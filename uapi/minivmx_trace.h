/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * minivmx_trace.h - a record of every VM exit, and how long exits take.
 *
 * Part of the contract of minivmx.h, which includes it. KVM has nothing like it.
 */
#ifndef _UAPI_MINIVMX_TRACE_H
#define _UAPI_MINIVMX_TRACE_H

#include <linux/ioctl.h>
#include <linux/types.h>

#include "minivmx_ext.h"

/**
 * MINIVMX_EXIT_TRACE_FULL - the ring of MINIVMX_SET_TRACE has no room
 *
 * The guest was not entered, so no record is lost. The caller reads records,
 * advances minivmx_trace_ring.tail, and calls MINIVMX_RUN again.
 */
#define MINIVMX_EXIT_TRACE_FULL		0x10001

/** MINIVMX_TRACE_MAX - the most records in a ring: 2 MiB of them */
#define MINIVMX_TRACE_MAX		0x4000

/** MINIVMX_TRACE_OFFSET - where the ring is in the mapping of a vCPU, in bytes */
#define MINIVMX_TRACE_OFFSET		0x100000

/* minivmx_trace_record.flags */
#define MINIVMX_TRACE_PROTECTED	(1 << 0)	/* CR0.PE */
#define MINIVMX_TRACE_PAGING	(1 << 1)	/* CR0.PG */
#define MINIVMX_TRACE_LONG	(1 << 2)	/* IA32_EFER.LMA */
#define MINIVMX_TRACE_CODE_64	(1 << 3)	/* CS.L: in long mode, 64-bit code */
#define MINIVMX_TRACE_CODE_32	(1 << 4)	/* CS.D: 32-bit code */
#define MINIVMX_TRACE_DPL	(3 << 5)	/* SS.DPL: the privilege level */
#define MINIVMX_TRACE_TO_USER	(1 << 7)	/* MINIVMX_RUN returned with it */

/**
 * struct minivmx_trace_record - one VM exit
 * @sequence: its number, from 0 on, since MINIVMX_SET_TRACE
 * @entry_tsc: the host's time-stamp counter before the VM entry that it ended
 * @exit_tsc: the same after the VM exit
 * @done_tsc: the same when it was dealt with: before the next VM entry, or, with
 *	MINIVMX_TRACE_TO_USER, before MINIVMX_RUN returned
 * @reason: exit reason, whole; bit 31: the VM entry failed
 * @flags: MINIVMX_TRACE_*; the modes are those at the exit
 * @qualification: exit qualification
 * @rip: the guest's RIP at the exit
 * @cs_base: where its code segment starts: the instruction is at @cs_base + @rip
 * @linear: guest-linear address
 * @physical: guest-physical address
 * @value: what the instruction brings: EDX:EAX of WRMSR (32) and XSETBV (55),
 *	the register of a MOV to a control or debug register (28, 29), else RAX
 * @result: what it leaves: EDX:EAX of RDMSR (31), the register of a MOV from a
 *	control or debug register, else RAX; of what user space answers, RAX as it
 *	was
 * @rcx: ECX at the exit: the number of an MSR, the subleaf of CPUID
 * @user_exit: with MINIVMX_TRACE_TO_USER, why MINIVMX_RUN returned: MINIVMX_EXIT_*,
 *	with MINIVMX_EXIT_INTR for a signal; 0 if it failed; without it, 0
 * @interruption_info: VM-exit interruption information
 * @interruption_error: VM-exit interruption error code
 * @idt_vectoring_info: IDT-vectoring information: what the exit interrupted
 * @injected: the event that the VM entry delivered: VM-entry interruption
 *	information; 0 if none
 * @instruction_length: VM-exit instruction length
 * @instruction_info: VM-exit instruction information
 *
 * @linear and @physical are those of EPT violations (48), @interruption_info and
 * @interruption_error those of exceptions and NMIs (0); else 0. Other fields of the
 * VMCS are as the processor left them: which of them mean something depends on the
 * exit reason. Source: SDM Vol. 3C, "VM-Exit
 * Information Fields", 25.9, edition 083.
 */
struct minivmx_trace_record {
	__u64 sequence;
	__u64 entry_tsc;
	__u64 exit_tsc;
	__u64 done_tsc;
	__u32 reason;
	__u32 flags;
	__u64 qualification;
	__u64 rip;
	__u64 cs_base;
	__u64 linear;
	__u64 physical;
	__u64 value;
	__u64 result;
	__u32 rcx;
	__u32 user_exit;
	__u32 interruption_info;
	__u32 interruption_error;
	__u32 idt_vectoring_info;
	__u32 injected;
	__u32 instruction_length;
	__u32 instruction_info;
};

/**
 * struct minivmx_trace_ring - records that wait for the caller
 * @head: how many were ever written; minivmx advances it
 * @tail: how many were read; the caller advances it
 * @padding: 0
 * @records: record n is at index n modulo the size of the ring
 *
 * Read @head with acquire semantics; write @tail with release semantics. @head
 * counts a record once it is complete: when MINIVMX_RUN returns, all are.
 */
struct minivmx_trace_ring {
	__u64 head;
	__u64 tail;
	__u64 padding[14];
	struct minivmx_trace_record records[];
};

/**
 * struct minivmx_exit_times - how long exits took
 * @min: TSC ticks of the fastest exit of each basic reason
 * @median: half of them took no longer
 * @p99: 99 of 100 took no longer
 * @max: of the slowest
 *
 * From an exit to the next entry, in user space included, as in struct
 * minivmx_exit_stats, while MINIVMX_TIME_EXITS is on. @min and @max are exact.
 * @median and @p99 come from counts in intervals, and are the upper end of one:
 * at most an eighth more than the true value. 0 if no such exit was timed.
 */
struct minivmx_exit_times {
	__u64 min[MINIVMX_NR_EXIT_REASONS];
	__u64 median[MINIVMX_NR_EXIT_REASONS];
	__u64 p99[MINIVMX_NR_EXIT_REASONS];
	__u64 max[MINIVMX_NR_EXIT_REASONS];
};

/**
 * MINIVMX_SET_TRACE - keep a record of every VM exit; on a vCPU
 *
 * Parameters: how many records the ring has, a power of two from 32 to
 * MINIVMX_TRACE_MAX; 0, no trace. A new ring is empty, and replaces the one
 * before; a mapping of that one is to be unmapped. The ring, a struct
 * minivmx_trace_ring, is mapped from the vCPU at MINIVMX_TRACE_OFFSET.
 * Returns: 0. Errors: EINVAL, any other parameter; ENOMEM.
 */
#define MINIVMX_SET_TRACE	_IO(MINIVMX_EXT_IO, 0x10)

/**
 * MINIVMX_GET_EXIT_TIMES - how long exits took, by reason; on a vCPU
 *
 * Parameters: struct minivmx_exit_times, filled in. Returns: 0. Errors: ENOMEM.
 */
#define MINIVMX_GET_EXIT_TIMES	_IOR(MINIVMX_EXT_IO, 0x11, struct minivmx_exit_times)

#endif /* _UAPI_MINIVMX_TRACE_H */
