/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * minivmx_ext.h - what minivmx offers beyond KVM: exits for the curious.
 *
 * Part of the contract of minivmx.h, which includes it. The numbers are outside
 * of KVM's range; /dev/kvm answers ENOTTY or EINVAL to them.
 */
#ifndef _UAPI_MINIVMX_EXT_H
#define _UAPI_MINIVMX_EXT_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define MINIVMX_EXT_IO	0xBE

/**
 * MINIVMX_EXIT_VMX - the VM exit is the caller's: minivmx_run.vmx describes it
 *
 * As MINIVMX_SET_EXIT_POLICY asked. Nothing has been done about it: RIP is at
 * the instruction. The caller changes registers, advances RIP by
 * minivmx_vmx_exit.instruction_length if it answered the instruction, or
 * injects an exception with MINIVMX_SET_VCPU_EVENTS, and runs the guest again.
 */
#define MINIVMX_EXIT_VMX	0x10000

/** MINIVMX_POLICY_MAX - the most ports, or MSRs, in an exit policy */
#define MINIVMX_POLICY_MAX	32

/**
 * struct minivmx_exit_policy - exits that the caller wants for itself
 * @reasons: a bit for each basic exit reason, 0 to 127
 * @exceptions: a bit for each exception vector that shall exit and be delivered
 *	with reason 0; not 18, #MC, which is the host's
 * @nr_ports: entries of @ports
 * @nr_msrs: entries of @msrs
 * @flags: 0
 * @ports: IN and OUT of these are delivered as reason 30 instead of
 *	MINIVMX_EXIT_IO, past any coalescing
 * @msrs: RDMSR and WRMSR of these are delivered as reasons 31 and 32
 *
 * Exits of the host's and of minivmx's own cannot be had: reason 0 as a whole,
 * external interrupts, interrupt and NMI windows, the monitor trap flag, the
 * VMX-preemption timer, EPT violations, and failed entries.
 */
struct minivmx_exit_policy {
	__u64 reasons[2];
	__u32 exceptions;
	__u32 nr_ports;
	__u32 nr_msrs;
	__u32 flags;
	__u16 ports[MINIVMX_POLICY_MAX];
	__u32 msrs[MINIVMX_POLICY_MAX];
};

/**
 * struct minivmx_vmx_caps - what the processor's VMX can do, and what is used
 * @feature_control: IA32_FEATURE_CONTROL
 * @basic: IA32_VMX_BASIC
 * @pin: capability MSR of the pin-based VM-execution controls; bits 31:0 are
 *	those that must be 1, bits 63:32 those that may be 1; the next four
 *	likewise; the TRUE MSR where the processor has it
 * @primary: of the primary processor-based VM-execution controls
 * @secondary: of the secondary ones
 * @exit: of the VM-exit controls
 * @entry: of the VM-entry controls
 * @ept_vpid: IA32_VMX_EPT_VPID_CAP
 * @misc: IA32_VMX_MISC
 * @cr0_fixed0: IA32_VMX_CR0_FIXED0: bits that must be 1
 * @cr0_fixed1: IA32_VMX_CR0_FIXED1: bits that may be 1
 * @cr4_fixed0: IA32_VMX_CR4_FIXED0
 * @cr4_fixed1: IA32_VMX_CR4_FIXED1
 * @used: the controls that minivmx writes: pin, primary, secondary, exit, entry
 * @padding: 0
 *
 * Source: SDM Vol. 3D, "VMX Capability Reporting Facility", Appendix A,
 * edition 083.
 */
struct minivmx_vmx_caps {
	__u64 feature_control;
	__u64 basic;
	__u64 pin, primary, secondary, exit, entry;
	__u64 ept_vpid;
	__u64 misc;
	__u64 cr0_fixed0, cr0_fixed1;
	__u64 cr4_fixed0, cr4_fixed1;
	__u32 used[5];
	__u32 padding;
};

/**
 * struct minivmx_ept_walk - how EPT translates a guest-physical address
 * @guest_phys_addr: in: the address
 * @pointer: out: the EPT pointer
 * @entries: out: the entry of each table on the way, from the PML4 on
 * @levels: out: entries that were read; the last one is 0 or maps the page, of
 *	2 MiB if it is the third and has bit 7, else of 4 KiB
 * @flags: out: 0
 *
 * Source: SDM Vol. 3C, "The Extended Page Table Mechanism", 29.3, edition 083.
 */
struct minivmx_ept_walk {
	__u64 guest_phys_addr;
	__u64 pointer;
	__u64 entries[4];
	__u32 levels;
	__u32 flags;
};

/** MINIVMX_NR_EXIT_REASONS - basic exit reasons that are counted */
#define MINIVMX_NR_EXIT_REASONS	80

/**
 * struct minivmx_exit_stats - the exits of a vCPU since it was made
 * @count: exits of each basic reason
 * @cycles: TSC ticks from such an exit to the next entry, in user space
 *	included; 0 unless MINIVMX_TIME_EXITS is on
 */
struct minivmx_exit_stats {
	__u64 count[MINIVMX_NR_EXIT_REASONS];
	__u64 cycles[MINIVMX_NR_EXIT_REASONS];
};

/**
 * MINIVMX_GET_VMX_CAPS - read the VMX capability MSRs; on the device
 *
 * Parameters: struct minivmx_vmx_caps, filled in. Returns: 0.
 */
#define MINIVMX_GET_VMX_CAPS	_IOR(MINIVMX_EXT_IO, 0x00, struct minivmx_vmx_caps)

/**
 * MINIVMX_EPT_WALK - how is a guest-physical address translated; on a VM
 *
 * Parameters: struct minivmx_ept_walk. Returns: 0. Nothing is mapped by it.
 * Errors: EINVAL, the address has more than 48 bits; EINTR.
 */
#define MINIVMX_EPT_WALK	_IOWR(MINIVMX_EXT_IO, 0x01, struct minivmx_ept_walk)

/**
 * MINIVMX_SET_EXIT_POLICY - take exits from the kernel; on a vCPU
 *
 * Parameters: struct minivmx_exit_policy; one of zeros gives all back.
 * Returns: 0. Errors: EINVAL, a reason cannot be had, #MC is asked for, a list
 * is longer than MINIVMX_POLICY_MAX, or flags is not 0.
 */
#define MINIVMX_SET_EXIT_POLICY	_IOW(MINIVMX_EXT_IO, 0x02, struct minivmx_exit_policy)

/**
 * MINIVMX_GET_EXIT_STATS - count of exits by reason; on a vCPU
 *
 * Parameters: struct minivmx_exit_stats, filled in. Returns: 0.
 */
#define MINIVMX_GET_EXIT_STATS	_IOR(MINIVMX_EXT_IO, 0x03, struct minivmx_exit_stats)

/**
 * MINIVMX_TIME_EXITS - measure how long exits take; on a vCPU
 *
 * Parameters: 1, on; 0, off. Returns: 0. Off at first. Errors: EINVAL, any other
 * parameter; ENOMEM.
 */
#define MINIVMX_TIME_EXITS	_IO(MINIVMX_EXT_IO, 0x04)

#endif /* _UAPI_MINIVMX_EXT_H */
