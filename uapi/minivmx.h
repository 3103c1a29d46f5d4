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
 *   EINTR   a signal came before the call could start
 */
#ifndef _UAPI_MINIVMX_H
#define _UAPI_MINIVMX_H

#include <linux/ioctl.h>
#include <linux/types.h>

/** MINIVMX_API_VERSION - what MINIVMX_GET_API_VERSION returns, as in KVM. */
#define MINIVMX_API_VERSION	12

#define MINIVMX_IO		0xAE

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
 * @efer must be 0 and paging with CR4.PAE must be off in @cr0 and @cr4: this
 * version starts guests in real mode or in 16- or 32-bit protected mode, with
 * or without 32-bit paging. @interrupt_bitmap must be 0: it injects nothing.
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

/* ------------------------- memory of the VM ------------------------------ */

/**
 * struct minivmx_userspace_memory_region - a piece of guest-physical memory
 * @slot: number of the piece, below MINIVMX_CAP_NR_MEMSLOTS
 * @flags: 0
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

/* ------------------------- the run page ---------------------------------- */

/* Why MINIVMX_RUN returned: minivmx_run.exit_reason. */
#define MINIVMX_EXIT_UNKNOWN		0
#define MINIVMX_EXIT_IO			2	/* IN or OUT: see minivmx_run.io */
#define MINIVMX_EXIT_HLT		5	/* HLT was executed */
#define MINIVMX_EXIT_SHUTDOWN		8	/* triple fault */
#define MINIVMX_EXIT_FAIL_ENTRY		9	/* VM entry failed: .fail_entry */
#define MINIVMX_EXIT_INTR		10	/* a signal; RUN returned EINTR */
#define MINIVMX_EXIT_INTERNAL_ERROR	17	/* see minivmx_run.internal */

/* Suberrors of MINIVMX_EXIT_INTERNAL_ERROR. */
#define MINIVMX_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON	4

/*
 * What minivmx_run.internal.data holds for UNEXPECTED_EXIT_REASON. KVM gives
 * the first two only.
 */
enum minivmx_unexpected_exit_data {
	MINIVMX_UNEXPECTED_EXIT_REASON,		/* basic exit reason */
	MINIVMX_UNEXPECTED_EXIT_CPU,		/* CPU that took the exit */
	MINIVMX_UNEXPECTED_EXIT_QUALIFICATION,	/* exit qualification */
	MINIVMX_UNEXPECTED_EXIT_GPA,		/* guest-physical address; EPT exits */
	MINIVMX_UNEXPECTED_EXIT_NDATA
};

/* Directions of MINIVMX_EXIT_IO. */
#define MINIVMX_EXIT_IO_IN	0
#define MINIVMX_EXIT_IO_OUT	1

/**
 * struct minivmx_run - what a vCPU and its owner tell each other
 * @request_interrupt_window: in: ignored, nothing is injected (capability 0)
 * @immediate_exit: in: not 0 makes MINIVMX_RUN finish what the last exit left
 *	open and return EINTR without entering the guest
 * @padding1: not used
 * @exit_reason: out: MINIVMX_EXIT_*; says which member of the union is valid
 * @ready_for_interrupt_injection: out: 0
 * @if_flag: out: the guest's RFLAGS.IF
 * @flags: out: 0
 * @cr8: in and out: the guest's CR8
 * @apic_base: out: as in struct minivmx_sregs
 * @hw: for MINIVMX_EXIT_UNKNOWN
 * @fail_entry: for MINIVMX_EXIT_FAIL_ENTRY; the reason is either the whole
 *	exit-reason field (bit 31 set: a check of guest state failed) or the
 *	VM-instruction error number (bit 31 clear: VMLAUNCH or VMRESUME failed)
 * @io: for MINIVMX_EXIT_IO: @io.count items of @io.size bytes (1, 2 or 4) lie
 *	@io.data_offset bytes after the start of this structure. For
 *	MINIVMX_EXIT_IO_IN the caller writes them there; the next MINIVMX_RUN
 *	hands them to the guest
 * @internal: for MINIVMX_EXIT_INTERNAL_ERROR: @internal.ndata words of
 *	@internal.data are valid, see enum minivmx_unexpected_exit_data
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
		} fail_entry;
		struct {
			__u8 direction;
			__u8 size;
			__u16 port;
			__u32 count;
			__u64 data_offset;
		} io;
		struct {
			__u32 suberror;
			__u32 ndata;
			__u64 data[16];
		} internal;
		char padding[256];
	};

	__u64 kvm_valid_regs;
	__u64 kvm_dirty_regs;
	union {
		char padding[2048];
	} s;
};

/* ------------------------- capabilities ---------------------------------- */

/*
 * MINIVMX_CHECK_EXTENSION answers 0 for every number that is not here. The
 * numbers are KVM's.
 */
#define MINIVMX_CAP_USER_MEMORY			3
#define MINIVMX_CAP_NR_VCPUS			9	/* recommended number */
#define MINIVMX_CAP_NR_MEMSLOTS			10
#define MINIVMX_CAP_DESTROY_MEMORY_REGION_WORKS	21
#define MINIVMX_CAP_JOIN_MEMORY_REGIONS_WORKS	30
#define MINIVMX_CAP_INTERNAL_ERROR_DATA		40
#define MINIVMX_CAP_MAX_VCPUS			66
#define MINIVMX_CAP_CHECK_EXTENSION_VM		105
#define MINIVMX_CAP_MAX_VCPU_ID			128
#define MINIVMX_CAP_IMMEDIATE_EXIT		136

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
 * Errors: EINVAL, the argument is not 0; ENOMEM; EMFILE, ENFILE.
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
 * MINIVMX_SET_USER_MEMORY_REGION - add, move or delete guest memory
 *
 * Parameters: struct minivmx_userspace_memory_region. Returns: 0.
 * Errors: EINVAL, an address or the size is not a multiple of 4096, the range
 * wraps or is beyond the processor's physical addresses, the slot or the flags
 * are unknown, a slot to delete does not exist, or a slot that exists would
 * change its size or user address; EEXIST, it would overlap another slot.
 */
#define MINIVMX_SET_USER_MEMORY_REGION	\
	_IOW(MINIVMX_IO, 0x46, struct minivmx_userspace_memory_region)

/* ------------------------- ioctls of a vCPU ------------------------------ */

/**
 * MINIVMX_RUN - run the guest until something needs the caller
 *
 * Parameters: 0. Returns: 0, and minivmx_run.exit_reason says what happened.
 * Errors: EINTR, a signal is pending, or immediate_exit was set; EINVAL, the
 * argument is not 0, or minivmx_run.cr8 is above 15; EFAULT, the guest
 * accessed a region whose user memory cannot be accessed that way; EBUSY,
 * another hypervisor holds VMX on this processor (dmesg says which); ENOMEM.
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
 * ends with MINIVMX_EXIT_FAIL_ENTRY.
 * Errors: EINVAL, a control register, efer, apic_base or interrupt_bitmap
 * holds a value outside of what struct minivmx_sregs allows.
 */
#define MINIVMX_SET_SREGS		_IOW(MINIVMX_IO, 0x84, struct minivmx_sregs)

#endif /* _UAPI_MINIVMX_H */
