/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * minivmx.h - the contract between minivmx.ko and a program that runs guests.
 *
 * Numbers and structure layouts are those of the KVM API, under minivmx's own
 * names: a program written to <linux/kvm.h> runs on /dev/minivmx with only its
 * device path changed, and a program written to this header runs on /dev/kvm.
 * A selftest holds every number, size and offset here against <linux/kvm.h>.
 *
 * The shortest use of it, errors left out:
 *
 *	int dev = open("/dev/minivmx", O_RDWR | O_CLOEXEC);
 *	int vm = ioctl(dev, MINIVMX_CREATE_VM, 0);
 *	ioctl(vm, MINIVMX_SET_USER_MEMORY_REGION, &region);
 *	int vcpu = ioctl(vm, MINIVMX_CREATE_VCPU, 0);
 *	struct minivmx_run *run = mmap(NULL, size, ..., vcpu, 0);
 *	ioctl(vcpu, MINIVMX_SET_SREGS, &sregs);
 *	ioctl(vcpu, MINIVMX_SET_REGS, &regs);
 *	for (;;) {
 *		ioctl(vcpu, MINIVMX_RUN, 0);
 *		switch (run->exit_reason) { ... }
 *	}
 *
 * Errors that any ioctl here may return, beside those named at it:
 *   ENOTTY  the file descriptor is of another kind, or the number is unknown
 *   EFAULT  the argument points to memory that cannot be read or written
 *   EIO     the VM belongs to another process (the one that created it)
 *   EINTR   the caller is being killed while it waits for another ioctl
 *   ENOMEM  no memory for a copy of a large argument
 */
#ifndef _UAPI_MINIVMX_H
#define _UAPI_MINIVMX_H

#include <linux/ioctl.h>
#include <linux/types.h>

#include "minivmx_ext.h"		/* what KVM does not have */
#include "minivmx_ept.h"		/* of that: what is mapped, and when */
#include "minivmx_lab.h"		/* the VMCS, and what an entry checks */
#include "minivmx_quantum.h"	/* how long a vCPU runs */
#include "minivmx_run.h"		/* the run page and the reasons of exits */
#include "minivmx_state.h"	/* structures of the vCPU */
#include "minivmx_trace.h"	/* a record of every VM exit */

/** MINIVMX_API_VERSION - what MINIVMX_GET_API_VERSION returns, as in KVM. */
#define MINIVMX_API_VERSION	12

#define MINIVMX_IO		0xAE

/* ------------------------- memory of the VM ------------------------------ */

/**
 * struct minivmx_userspace_memory_region - a piece of guest-physical memory
 * @slot: number of the piece, below MINIVMX_CAP_NR_MEMSLOTS
 * @flags: 0 or MINIVMX_MEM_*
 * @guest_phys_addr: where the guest sees it; a multiple of 4096
 * @memory_size: its size in bytes, a multiple of 4096; 0 deletes the slot
 * @userspace_addr: where the caller has it; a multiple of 4096
 *
 * The guest and the caller share the memory: what one writes, the other sees.
 */
struct minivmx_userspace_memory_region {
	__u32 slot;
	__u32 flags;
	__u64 guest_phys_addr;
	__u64 memory_size;
	__u64 userspace_addr;
};

#define MINIVMX_MEM_LOG_DIRTY_PAGES	(1U << 0)	/* for MINIVMX_GET_DIRTY_LOG */
#define MINIVMX_MEM_READONLY		(1U << 1)	/* writes are MMIO */

/**
 * struct minivmx_dirty_log - which pages of a slot were written to
 * @slot: the slot
 * @padding1: not used
 * @dirty_bitmap: user memory that gets a bit for each page, rounded up to
 *	64 bits
 */
struct minivmx_dirty_log {
	__u32 slot;
	__u32 padding1;
	union {
		void *dirty_bitmap;
		__u64 padding2;
	};
};

/* ------------------------- capabilities ---------------------------------- */

/*
 * MINIVMX_CHECK_EXTENSION answers 0 for every number that is not here. The
 * numbers are KVM's.
 */
#define MINIVMX_CAP_USER_MEMORY			3
#define MINIVMX_CAP_SET_TSS_ADDR		4
#define MINIVMX_CAP_EXT_CPUID			7
#define MINIVMX_CAP_NR_VCPUS			9	/* recommended number */
#define MINIVMX_CAP_NR_MEMSLOTS			10
#define MINIVMX_CAP_MP_STATE			14
#define MINIVMX_CAP_COALESCED_MMIO		15	/* page of the ring */
#define MINIVMX_CAP_DESTROY_MEMORY_REGION_WORKS	21
#define MINIVMX_CAP_USER_NMI			22
#define MINIVMX_CAP_SET_GUEST_DEBUG		23
#define MINIVMX_CAP_JOIN_MEMORY_REGIONS_WORKS	30
#define MINIVMX_CAP_SET_IDENTITY_MAP_ADDR	37
#define MINIVMX_CAP_INTERNAL_ERROR_DATA		40
#define MINIVMX_CAP_VCPU_EVENTS			41
#define MINIVMX_CAP_DEBUGREGS			50
#define MINIVMX_CAP_X86_ROBUST_SINGLESTEP	51
#define MINIVMX_CAP_XSAVE			55
#define MINIVMX_CAP_XCRS			56
#define MINIVMX_CAP_GET_TSC_KHZ			61
#define MINIVMX_CAP_MAX_VCPUS			66
#define MINIVMX_CAP_READONLY_MEM		81
#define MINIVMX_CAP_CHECK_EXTENSION_VM		105
#define MINIVMX_CAP_MAX_VCPU_ID			128
#define MINIVMX_CAP_IMMEDIATE_EXIT		136
#define MINIVMX_CAP_COALESCED_PIO		162
#define MINIVMX_CAP_SET_GUEST_DEBUG2		195	/* bits of .control */
#define MINIVMX_CAP_SREGS2			200

/* ------------------------- ioctls of the device -------------------------- */

/**
 * MINIVMX_GET_API_VERSION - version of this contract
 *
 * Parameters: 0. Returns: MINIVMX_API_VERSION; refuse to go on with any other.
 * Errors: EINVAL, the argument is not 0.
 */
#define MINIVMX_GET_API_VERSION		_IO(MINIVMX_IO, 0x00)

/**
 * MINIVMX_CREATE_VM - make a VM without memory and vCPUs
 *
 * Parameters: 0. Returns: a file descriptor for it (close-on-exec).
 * Errors: EINVAL, the argument is not 0; ENOMEM; EMFILE, no descriptor is free or
 * the user has as many VMs as the module's parameter max_vms allows; ENFILE.
 */
#define MINIVMX_CREATE_VM		_IO(MINIVMX_IO, 0x01)

/**
 * MINIVMX_CHECK_EXTENSION - is a feature there, and how much of it
 *
 * On the device and on a VM. Parameters: a MINIVMX_CAP_*. Returns: 0 if it is
 * not there; 1, or the number that the capability asks for, if it is.
 */
#define MINIVMX_CHECK_EXTENSION		_IO(MINIVMX_IO, 0x03)

/**
 * MINIVMX_GET_VCPU_MMAP_SIZE - how much of a vCPU's descriptor to map
 *
 * Parameters: 0. Returns: the size in bytes, a multiple of 4096.
 * Errors: EINVAL, the argument is not 0.
 */
#define MINIVMX_GET_VCPU_MMAP_SIZE	_IO(MINIVMX_IO, 0x04)

/**
 * MINIVMX_GET_MSR_INDEX_LIST - which MSRs to save and restore with a guest
 *
 * Parameters: struct minivmx_msr_list. Returns: 0. Errors: E2BIG, there is room
 * for fewer than there are; nmsrs says how many.
 */
#define MINIVMX_GET_MSR_INDEX_LIST	\
	_IOWR(MINIVMX_IO, 0x02, struct minivmx_msr_list)

/**
 * MINIVMX_GET_SUPPORTED_CPUID - what a guest's CPUID may say here
 *
 * Parameters: struct minivmx_cpuid2. Returns: 0; nent is the number of entries.
 * The result is fit for MINIVMX_SET_CPUID2. Errors: E2BIG, too little room.
 */
#define MINIVMX_GET_SUPPORTED_CPUID	\
	_IOWR(MINIVMX_IO, 0x05, struct minivmx_cpuid2)

/* ------------------------- ioctls of a VM -------------------------------- */

/**
 * MINIVMX_CREATE_VCPU - add a vCPU, in the state that a reset leaves it in
 *
 * Parameters: its number, below MINIVMX_CAP_MAX_VCPU_ID. Returns: a file
 * descriptor for it (close-on-exec). The vCPU keeps its VM alive.
 * Errors: EINVAL, the number is too large; EEXIST, it is taken; ENOMEM;
 * EMFILE, ENFILE.
 */
#define MINIVMX_CREATE_VCPU		_IO(MINIVMX_IO, 0x41)

/**
 * MINIVMX_GET_DIRTY_LOG - which pages were written to since the last time
 *
 * Parameters: struct minivmx_dirty_log. Returns: 0, and the log starts anew.
 * The slot has MINIVMX_MEM_LOG_DIRTY_PAGES. Errors: EINVAL, no slot can have
 * that number; ENOENT, the slot does not exist or keeps no log.
 */
#define MINIVMX_GET_DIRTY_LOG		\
	_IOW(MINIVMX_IO, 0x42, struct minivmx_dirty_log)

/**
 * MINIVMX_SET_USER_MEMORY_REGION - add, move or delete guest memory
 *
 * Parameters: struct minivmx_userspace_memory_region. Returns: 0.
 * Errors: EINVAL, an address or the size is not a multiple of 4096, the range
 * wraps or is beyond the processor's physical addresses, it has 2^31 pages or
 * more, the user addresses are not user space's, the slot or the flags are
 * unknown, a slot to delete does not exist, or a slot that exists would change
 * its size, its user address or MINIVMX_MEM_READONLY; EEXIST, it would overlap
 * another slot; ENOMEM, no memory for the slot or its log; EINTR, a signal is
 * pending, and it is the first slot of the process.
 */
#define MINIVMX_SET_USER_MEMORY_REGION	\
	_IOW(MINIVMX_IO, 0x46, struct minivmx_userspace_memory_region)

/**
 * MINIVMX_SET_TSS_ADDR - where KVM may put a TSS on processors that need one
 *
 * Parameters: a guest-physical address. Returns: 0. No processor that minivmx
 * accepts needs it. Errors: EINVAL, above 4 GiB less 3 pages.
 */
#define MINIVMX_SET_TSS_ADDR		_IO(MINIVMX_IO, 0x47)

/**
 * MINIVMX_SET_IDENTITY_MAP_ADDR - likewise for a page table
 *
 * Parameters: __u64, a guest-physical address. Returns: 0.
 * Errors: EINVAL, the VM has a vCPU already.
 */
#define MINIVMX_SET_IDENTITY_MAP_ADDR	_IOW(MINIVMX_IO, 0x48, __u64)

/**
 * MINIVMX_REGISTER_COALESCED_MMIO - let writes wait in the ring
 *
 * Parameters: struct minivmx_coalesced_mmio_zone. Returns: 0.
 * Errors: EINVAL, pio is neither 0 nor 1; ENOSPC, there are too many zones.
 */
#define MINIVMX_REGISTER_COALESCED_MMIO	\
	_IOW(MINIVMX_IO, 0x67, struct minivmx_coalesced_mmio_zone)

/**
 * MINIVMX_UNREGISTER_COALESCED_MMIO - take zones away
 *
 * Parameters: struct minivmx_coalesced_mmio_zone; zones that it lies in go.
 * Returns: 0. Errors: EINVAL, pio is neither 0 nor 1.
 */
#define MINIVMX_UNREGISTER_COALESCED_MMIO	\
	_IOW(MINIVMX_IO, 0x68, struct minivmx_coalesced_mmio_zone)

/* ------------------------- ioctls of a vCPU ------------------------------ */

/**
 * MINIVMX_RUN - run the guest until something needs the caller
 *
 * Parameters: 0. Returns: 0, and minivmx_run.exit_reason says what happened.
 * Errors: EINTR, a signal is pending, or immediate_exit was set; EINVAL, the
 * argument is not 0, or minivmx_run.cr8 is above 15; EFAULT, the guest
 * accessed a region whose user memory cannot be accessed that way; EBUSY,
 * another hypervisor holds VMX on this processor (dmesg says which); EIO, the
 * processor refused VMX (dmesg says how); ENOMEM.
 */
#define MINIVMX_RUN			_IO(MINIVMX_IO, 0x80)

/**
 * MINIVMX_GET_REGS - read general-purpose registers
 *
 * Parameters: struct minivmx_regs, filled in. Returns: 0.
 */
#define MINIVMX_GET_REGS		_IOR(MINIVMX_IO, 0x81, struct minivmx_regs)

/**
 * MINIVMX_SET_REGS - write general-purpose registers
 *
 * Parameters: struct minivmx_regs. Returns: 0. Bit 1 of rflags is set whatever
 * the caller says.
 */
#define MINIVMX_SET_REGS		_IOW(MINIVMX_IO, 0x82, struct minivmx_regs)

/**
 * MINIVMX_GET_SREGS - read segment, control and system registers
 *
 * Parameters: struct minivmx_sregs, filled in. Returns: 0.
 * Errors: EBUSY, the vCPU has run and another hypervisor holds VMX now.
 */
#define MINIVMX_GET_SREGS		_IOR(MINIVMX_IO, 0x83, struct minivmx_sregs)

/**
 * MINIVMX_SET_SREGS - write segment, control and system registers
 *
 * Parameters: struct minivmx_sregs. Returns: 0. What only the processor can
 * judge, such as segment attributes, is accepted; the next MINIVMX_RUN then
 * ends with MINIVMX_EXIT_FAIL_ENTRY. With CR0.PG and CR4.PAE, but without long
 * mode, the PDPTEs are read from guest memory at CR3.
 * Errors: EINVAL, a control register, efer or apic_base has a bit that this
 * processor or the vCPU's CPUID does not know, or efer.LMA does not agree with
 * efer.LME and CR0.PG, or there is long mode without CR4.PAE, or cs.l without
 * long mode.
 */
#define MINIVMX_SET_SREGS		_IOW(MINIVMX_IO, 0x84, struct minivmx_sregs)

/**
 * MINIVMX_TRANSLATE - where does a linear address of the guest lead
 *
 * Parameters: struct minivmx_translation. Returns: 0; valid says whether it
 * leads anywhere. Errors: EBUSY, as MINIVMX_GET_SREGS.
 */
#define MINIVMX_TRANSLATE	_IOWR(MINIVMX_IO, 0x85, struct minivmx_translation)

/**
 * MINIVMX_INTERRUPT - deliver an external interrupt at the next MINIVMX_RUN
 *
 * Parameters: struct minivmx_interrupt. Returns: 0. The caller has to see from
 * minivmx_run.ready_for_interrupt_injection that the guest can take it: with
 * RFLAGS.IF = 0 VM entry fails. Errors: EINVAL, no such vector.
 */
#define MINIVMX_INTERRUPT	_IOW(MINIVMX_IO, 0x86, struct minivmx_interrupt)

/**
 * MINIVMX_GET_MSRS - read MSRs of the guest
 *
 * Parameters: struct minivmx_msrs with the indices. Returns: the number that
 * were read; reading ends at the first that the vCPU does not have.
 * Errors: E2BIG, MINIVMX_MAX_MSRS or more; EBUSY, as MINIVMX_GET_SREGS.
 */
#define MINIVMX_GET_MSRS	_IOWR(MINIVMX_IO, 0x88, struct minivmx_msrs)

/**
 * MINIVMX_SET_MSRS - write MSRs of the guest
 *
 * Parameters: struct minivmx_msrs. Returns: the number that were written;
 * writing ends at the first that is unknown or refuses its value.
 * Errors: E2BIG, MINIVMX_MAX_MSRS or more; EBUSY, as MINIVMX_GET_SREGS.
 */
#define MINIVMX_SET_MSRS	_IOW(MINIVMX_IO, 0x89, struct minivmx_msrs)

/**
 * MINIVMX_SET_SIGNAL_MASK - signals to block while MINIVMX_RUN runs
 *
 * Parameters: struct minivmx_signal_mask; 0 goes back to the thread's own mask.
 * Returns: 0. Errors: EINVAL, len is not 8.
 */
#define MINIVMX_SET_SIGNAL_MASK	_IOW(MINIVMX_IO, 0x8b, struct minivmx_signal_mask)

/**
 * MINIVMX_GET_FPU - read x87 and SSE state
 *
 * Parameters: struct minivmx_fpu, filled in. Returns: 0.
 */
#define MINIVMX_GET_FPU		_IOR(MINIVMX_IO, 0x8c, struct minivmx_fpu)

/**
 * MINIVMX_SET_FPU - write x87 and SSE state
 *
 * Parameters: struct minivmx_fpu; mxcsr is not written, as in KVM. Returns: 0.
 */
#define MINIVMX_SET_FPU		_IOW(MINIVMX_IO, 0x8d, struct minivmx_fpu)

/**
 * MINIVMX_SET_CPUID2 - say what the guest's CPUID answers
 *
 * Parameters: struct minivmx_cpuid2. Returns: 0. It decides which bits of CR4
 * and EFER the guest may set. Errors: E2BIG, more than
 * MINIVMX_MAX_CPUID_ENTRIES; EINVAL, linear addresses of another width than 48
 * or 57 bits (0 is not looked at), or another table after the vCPU has run.
 */
#define MINIVMX_SET_CPUID2	_IOW(MINIVMX_IO, 0x90, struct minivmx_cpuid2)

/**
 * MINIVMX_GET_CPUID2 - read that table
 *
 * Parameters: struct minivmx_cpuid2. Returns: 0. Errors: E2BIG, too little room.
 */
#define MINIVMX_GET_CPUID2	_IOWR(MINIVMX_IO, 0x91, struct minivmx_cpuid2)

/**
 * MINIVMX_GET_MP_STATE - does the vCPU run
 *
 * Parameters: struct minivmx_mp_state, filled in: always RUNNABLE, since there
 * is no interrupt controller in the kernel. Returns: 0.
 */
#define MINIVMX_GET_MP_STATE	_IOR(MINIVMX_IO, 0x98, struct minivmx_mp_state)

/**
 * MINIVMX_SET_MP_STATE - say so
 *
 * Parameters: struct minivmx_mp_state. Returns: 0. Errors: EINVAL, another
 * state than RUNNABLE.
 */
#define MINIVMX_SET_MP_STATE	_IOW(MINIVMX_IO, 0x99, struct minivmx_mp_state)

/**
 * MINIVMX_NMI - deliver a non-maskable interrupt as soon as the guest takes it
 *
 * Parameters: 0. Returns: 0. At most two wait, one if NMIs are blocked.
 */
#define MINIVMX_NMI		_IO(MINIVMX_IO, 0x9a)

/**
 * MINIVMX_SET_GUEST_DEBUG - stop the guest with MINIVMX_EXIT_DEBUG
 *
 * Parameters: struct minivmx_guest_debug. Returns: 0. Errors: EINVAL, control
 * has an unknown bit; EBUSY, INJECT_DB or INJECT_BP while an exception waits.
 */
#define MINIVMX_SET_GUEST_DEBUG	_IOW(MINIVMX_IO, 0x9b, struct minivmx_guest_debug)

/**
 * MINIVMX_GET_VCPU_EVENTS - read events on their way
 *
 * Parameters: struct minivmx_vcpu_events, filled in. Returns: 0.
 */
#define MINIVMX_GET_VCPU_EVENTS	_IOR(MINIVMX_IO, 0x9f, struct minivmx_vcpu_events)

/**
 * MINIVMX_SET_VCPU_EVENTS - write events on their way
 *
 * Parameters: struct minivmx_vcpu_events. Returns: 0. Errors: EINVAL, unknown
 * flags, a vector above 31, an exception that is an NMI, or system-management
 * mode.
 */
#define MINIVMX_SET_VCPU_EVENTS	_IOW(MINIVMX_IO, 0xa0, struct minivmx_vcpu_events)

/**
 * MINIVMX_GET_DEBUGREGS - read debug registers
 *
 * Parameters: struct minivmx_debugregs, filled in. Returns: 0.
 */
#define MINIVMX_GET_DEBUGREGS	_IOR(MINIVMX_IO, 0xa1, struct minivmx_debugregs)

/**
 * MINIVMX_SET_DEBUGREGS - write debug registers
 *
 * Parameters: struct minivmx_debugregs. Returns: 0. Errors: EINVAL, flags or
 * the upper half of DR6 or DR7 is not 0.
 */
#define MINIVMX_SET_DEBUGREGS	_IOW(MINIVMX_IO, 0xa2, struct minivmx_debugregs)

/**
 * MINIVMX_GET_TSC_KHZ - ticks of the guest's time-stamp counter in a millisecond
 *
 * Parameters: 0. Returns: the number.
 */
#define MINIVMX_GET_TSC_KHZ	_IO(MINIVMX_IO, 0xa3)

/**
 * MINIVMX_GET_XSAVE - read the FPU state as an XSAVE area
 *
 * Parameters: struct minivmx_xsave, filled in. Returns: 0.
 */
#define MINIVMX_GET_XSAVE	_IOR(MINIVMX_IO, 0xa4, struct minivmx_xsave)

/**
 * MINIVMX_SET_XSAVE - write the FPU state from an XSAVE area
 *
 * Parameters: struct minivmx_xsave. Returns: 0. Errors: EINVAL, the header names
 * a component that the guest cannot have, or MXCSR has a reserved bit.
 */
#define MINIVMX_SET_XSAVE	_IOW(MINIVMX_IO, 0xa5, struct minivmx_xsave)

/**
 * MINIVMX_GET_XCRS - read XCR0
 *
 * Parameters: struct minivmx_xcrs, filled in. Returns: 0. There are none if the
 * processor has no XSAVE.
 */
#define MINIVMX_GET_XCRS	_IOR(MINIVMX_IO, 0xa6, struct minivmx_xcrs)

/**
 * MINIVMX_SET_XCRS - write XCR0
 *
 * Parameters: struct minivmx_xcrs. Returns: 0. Errors: EINVAL, the processor
 * has no XSAVE, flags is not 0, there are too many entries, or XSETBV would
 * refuse the value.
 */
#define MINIVMX_SET_XCRS	_IOW(MINIVMX_IO, 0xa7, struct minivmx_xcrs)

/**
 * MINIVMX_GET_SREGS2 - as MINIVMX_GET_SREGS, and the PDPTEs of PAE paging
 *
 * Parameters: struct minivmx_sregs2, filled in. Returns: 0.
 * Errors: EBUSY, as MINIVMX_GET_SREGS.
 */
#define MINIVMX_GET_SREGS2	_IOR(MINIVMX_IO, 0xcc, struct minivmx_sregs2)

/**
 * MINIVMX_SET_SREGS2 - as MINIVMX_SET_SREGS, and the PDPTEs of PAE paging
 *
 * Parameters: struct minivmx_sregs2. Returns: 0. An interrupt on its way stays. With
 * MINIVMX_SREGS2_FLAGS_PDPTRS_VALID, the PDPTEs are not read from guest memory; VM entry
 * judges them. Errors: EINVAL, as MINIVMX_SET_SREGS, or flags has another bit, or that one
 * without PAE paging.
 */
#define MINIVMX_SET_SREGS2	_IOW(MINIVMX_IO, 0xcd, struct minivmx_sregs2)

#endif /* _UAPI_MINIVMX_H */
