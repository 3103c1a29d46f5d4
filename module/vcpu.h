/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A virtual CPU: its state between windows, and its run loop.
 */
#ifndef MINIVMX_VCPU_H
#define MINIVMX_VCPU_H

#include <linux/mutex.h>
#include <minivmx.h>

#include "fpu.h"
#include "vmcs.h"

struct vm;

/* The mapping of a vCPU's descriptor, in pages. */
enum vcpu_page {
	VCPU_PAGE_RUN,		/* struct minivmx_run */
	VCPU_PAGE_PIO,		/* data of MINIVMX_EXIT_IO */
	VCPU_NR_PAGES
};

/**
 * struct vcpu_context - what vmenter.S loads and stores
 * @rax: and so on: the guest's registers; RSP and RIP are in the VMCS
 * @host_rsp: what the VMCS holds as host RSP, to write it only when it changes
 */
struct vcpu_context {
	unsigned long rax, rbx, rcx, rdx, rsi, rdi, rbp;
	unsigned long r8, r9, r10, r11, r12, r13, r14, r15;
	unsigned long host_rsp;
};

/**
 * struct vcpu_exit - what is known of the last VM exit
 * @reason: the exit-reason field, whole
 * @cpu: the CPU that took it
 * @qualification: exit qualification; valid if the exit needs user space or a
 *	page
 * @gpa: guest-physical address; valid after an EPT violation
 */
struct vcpu_exit {
	u32 reason;
	int cpu;
	u64 qualification;
	u64 gpa;
};

/**
 * struct vcpu_io - an IN or OUT that user space is completing
 * @pending: there is one
 * @in: it is an IN: RAX waits for the data
 * @size: bytes, 1, 2 or 4
 * @length: of the instruction, to skip it
 * @cs_base: where its code segment starts
 */
struct vcpu_io {
	bool pending;
	bool in;
	u8 size;
	u8 length;
	unsigned long cs_base;
};

/**
 * struct vcpu_event - an event to inject at the next VM entry
 * @info: VM-entry interruption information; 0 if there is none
 * @error_code: of an exception that has one
 * @length: of the instruction, for software interrupts and exceptions
 */
struct vcpu_event {
	u32 info;
	u32 error_code;
	u32 length;
};

/**
 * struct vcpu_host_cache - what the VMCS holds of the host, to write less
 * @cpu: the CPU that the per-CPU fields are of; -1 before the first window
 * @cr3: host CR3
 * @cr4: host CR4
 * @fs_base: host FS base
 */
struct vcpu_host_cache {
	int cpu;
	unsigned long cr3, cr4, fs_base;
};

/**
 * struct vcpu - a virtual CPU
 * @lock: taken for the length of each ioctl; guards all below
 * @vm: the VM; the vCPU holds a reference
 * @id: its number
 * @pages: what user space maps; it may write to them at any time
 * @run: the first of them
 * @context: general-purpose registers
 * @rip: the guest's RIP; the VMCS has it during a window
 * @rsp: likewise
 * @rflags: likewise
 * @regs_dirty: the VMCS has to be told of the three
 * @completed: an instruction was completed outside of a window: it ends the
 *	blocking by STI or MOV SS, and traps if the guest single-steps
 * @moved: user space put the guest elsewhere: nothing is blocked or pending there
 * @sregs: segment, control and system registers; see the next two
 * @sregs_dirty: the VMCS has to be told of them
 * @sregs_stale: the guest has run: the VMCS knows better
 * @fpu: FPU state
 * @io: an unfinished IN or OUT
 * @event: an event to inject
 * @vmcs: the VMCS; in memory (launch state "clear") between windows
 * @vmcs_ready: its controls are written
 * @host: host fields that are cached
 * @exit: the last VM exit
 */
struct vcpu {
	struct mutex lock;	/* guards all below, for the length of an ioctl */
	struct vm *vm;
	u32 id;
	void *pages[VCPU_NR_PAGES];
	struct minivmx_run *run;

	struct vcpu_context context;
	unsigned long rip, rsp, rflags;
	bool regs_dirty, completed, moved;
	struct minivmx_sregs sregs;
	bool sregs_dirty, sregs_stale;
	struct guest_fpu fpu;
	struct vcpu_io io;
	struct vcpu_event event;

	struct vmcs vmcs;
	bool vmcs_ready;
	struct vcpu_host_cache host;
	struct vcpu_exit exit;
};

struct vcpu *vcpu_create(struct vm *vm, u32 id);
void vcpu_destroy(struct vcpu *vcpu);
int vcpu_run(struct vcpu *vcpu);
void vcpu_get_regs(const struct vcpu *vcpu, struct minivmx_regs *regs);
void vcpu_set_regs(struct vcpu *vcpu, const struct minivmx_regs *regs);
int vcpu_get_sregs(struct vcpu *vcpu, struct minivmx_sregs *sregs);
int vcpu_set_sregs(struct vcpu *vcpu, const struct minivmx_sregs *sregs);

#endif /* MINIVMX_VCPU_H */
