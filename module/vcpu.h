/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A virtual CPU: its state between windows, and its run loop.
 */
#ifndef MINIVMX_VCPU_H
#define MINIVMX_VCPU_H

#include <linux/mutex.h>
#include <linux/signal_types.h>
#include <minivmx.h>

#include "cpuid.h"
#include "exit.h"
#include "fpu.h"
#include "msr.h"
#include "quantum.h"
#include "trace_ring.h"
#include "vmcs.h"

struct dentry;
struct exit_times;
struct vm;
struct window;

/* The most reads of one instruction: two operands, each in two pages. */
#define VCPU_MMIO_READS	4

/* The mapping of a vCPU's descriptor, in pages. */
enum vcpu_page {
	VCPU_PAGE_RUN,		/* struct minivmx_run */
	VCPU_PAGE_PIO,		/* data of MINIVMX_EXIT_IO */
	VCPU_OWN_PAGES,
	VCPU_PAGE_RING = VCPU_OWN_PAGES, /* coalesced writes: the VM's */
	VCPU_NR_PAGES,
	VCPU_PAGE_TRACE = MINIVMX_TRACE_OFFSET / PAGE_SIZE, /* the ring of records */
};

/**
 * struct vcpu_context - what vmenter.S loads and stores
 * @rax: and so on: the guest's registers, in the order of their encoding
 * @not_rsp: RSP is in the VMCS
 * @host_rsp: what the VMCS holds as host RSP, to write it only when it changes
 */
struct vcpu_context {
	unsigned long rax, rcx, rdx, rbx, not_rsp, rbp, rsi, rdi;
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
 * @injected: VM-entry interruption information of an entry that failed
 */
struct vcpu_exit {
	u32 reason;
	u32 injected;
	int cpu;
	u64 qualification;
	u64 gpa;
};

/* What the next MINIVMX_RUN has to finish. */
enum vcpu_unfinished {
	NOTHING_UNFINISHED,
	UNFINISHED_PIO,		/* IN or OUT */
	UNFINISHED_INS,		/* user space has written what it reads */
	UNFINISHED_MMIO,	/* an access that user space answers */
};

/**
 * struct vcpu_io - an instruction that user space is completing
 * @unfinished: what it is
 * @in: of a PIO: it is an IN: RAX waits for the data
 * @size: bytes of an item, 1, 2 or 4
 * @length: of the instruction, to skip it
 * @count: of INS: items
 * @cs_base: where its code segment starts
 */
struct vcpu_io {
	enum vcpu_unfinished unfinished;
	bool in;
	u8 size;
	u8 length;
	u32 count;
	unsigned long cs_base;
};

/**
 * struct vcpu_mmio - accesses of one instruction to memory that is in no slot
 * @nr_reads: reads that user space has answered
 * @reads: the answers; the instruction is emulated again with them
 * @next_read: how many of them the emulation has used
 * @nr_writes: writes that user space has not seen
 * @writes: those: an access may cross from one page into another
 * @read: the one that @reads has no answer to
 */
struct vcpu_mmio {
	u8 nr_reads, next_read, nr_writes;
	u64 reads[VCPU_MMIO_READS];
	struct vcpu_mmio_access {
		u64 gpa;
		u8 len;
		u8 data[8];
	} writes[2], read;
};

/**
 * struct vcpu_event - an event to inject at the next VM entry
 * @info: VM-entry interruption information; 0 if there is none
 * @error_code: of an exception that has one
 * @length: of the instruction, for software interrupts and exceptions
 * @raised: minivmx raised it; else its delivery was interrupted by an exit
 */
struct vcpu_event {
	u32 info;
	u32 error_code;
	u32 length;
	bool raised;
};

/**
 * struct vcpu_debug - debug registers, the guest's and a debugger's
 * @dr: DR0 to DR3
 * @dr6: DR6
 * @dr7: DR7
 * @control: MINIVMX_GUESTDBG_*
 * @user_dr: the debugger's DR0 to DR3
 * @user_dr7: its DR7
 * @host_dr: the host's DR0 to DR3 while the guest's are loaded
 * @step_rip: where the guest was when single-stepping was asked for
 * @steps_by_tf: RFLAGS.TF in the VMCS is the debugger's; it does not show
 * @dirty: the VMCS has to be told of DR7
 * @loaded: a window has loaded DR0 to DR3
 */
struct vcpu_debug {
	unsigned long dr[4], dr6, dr7;
	u32 control;
	unsigned long user_dr[4], user_dr7;
	unsigned long host_dr[4];
	unsigned long step_rip;
	bool steps_by_tf, dirty, loaded;
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
 * @number: no other vCPU ever has the same
 * @id: its number in @vm
 * @pages: what user space maps; it may write to them at any time
 * @run: the first of them
 * @has_run: the guest was entered
 * @sigset: signals to block during MINIVMX_RUN
 * @sigset_active: there is a @sigset
 * @context: general-purpose registers
 * @rip: the guest's RIP; the VMCS has it during a window
 * @rsp: likewise
 * @rflags: likewise
 * @interruptibility: likewise: what blocks events
 * @regs_dirty: the VMCS has to be told of the four
 * @completed: an instruction was completed outside of a window: a debugger may
 *	want to know
 * @stepped: an exit handler completed an instruction: a debugger wants to know
 * @sregs: segment, control and system registers; see the next two
 * @pdpte: PDPTEs of PAE paging; as of @sregs
 * @sregs_dirty: the VMCS has to be told of them
 * @sregs_stale: the guest has run: the VMCS knows better
 * @msrs: MSRs
 * @cpuid: what CPUID answers
 * @fpu: FPU state
 * @debug: debug registers
 * @io: an unfinished instruction
 * @mmio: its accesses to memory
 * @event: an event to inject
 * @soft_length: of the last instruction that a debugger or the exit policy got
 * @irq: external interrupt to inject when @event is over; -1 for none
 * @nmis: NMIs that wait
 * @nmi_blocked: an NMI was delivered: others may be blocked
 * @want_window: user space asks for MINIVMX_EXIT_IRQ_WINDOW_OPEN
 * @primary: what the VMCS holds as primary controls
 * @quantum: how long it runs
 * @policy: exits that user space wants for itself
 * @policy_active: there are any
 * @exceptions_dirty: the VMCS has to be told which exceptions exit
 * @stats: count and time of exits
 * @time_exits: measure them
 * @exit_tsc: when the last exit was; 0 if its time is accounted for
 * @times: how long exits took, by reason; NULL until they are measured
 * @trace: a record of each exit
 * @debugfs: its file there
 * @vmcs: the VMCS; in memory (launch state "clear") between windows
 * @vmcs_ready: its controls are written
 * @host: host fields that are cached
 * @exit: the last VM exit
 */
struct vcpu {
	struct mutex lock;	/* guards all below, for the length of an ioctl */
	struct vm *vm;
	u64 number;
	u32 id;
	void *pages[VCPU_OWN_PAGES];
	struct minivmx_run *run;
	bool has_run;
	sigset_t sigset;
	bool sigset_active;

	struct vcpu_context context;
	unsigned long rip, rsp, rflags;
	u32 interruptibility;
	bool regs_dirty, completed, stepped;
	struct minivmx_sregs sregs;
	u64 pdpte[4];
	bool sregs_dirty, sregs_stale;
	struct guest_msrs msrs;
	struct guest_cpuid cpuid;
	struct guest_fpu fpu;
	struct vcpu_debug debug;

	struct vcpu_io io;
	struct vcpu_mmio mmio;
	struct vcpu_event event;
	u32 soft_length;
	int irq;
	u8 nmis;
	bool nmi_blocked, want_window;
	u32 primary;
	struct quantum quantum;

	struct minivmx_exit_policy policy;
	bool policy_active, exceptions_dirty;
	struct minivmx_exit_stats stats;
	bool time_exits;
	u64 exit_tsc;
	struct exit_times *times;
	struct trace_ring trace;
	struct dentry *debugfs;

	struct vmcs vmcs;
	bool vmcs_ready;
	struct vcpu_host_cache host;
	struct vcpu_exit exit;
};

struct vcpu *vcpu_create(struct vm *vm, u32 id);
void vcpu_destroy(struct vcpu *vcpu);
void vcpu_prepare_entry(struct vcpu *vcpu, const struct window *window);
void vcpu_after_exit(struct vcpu *vcpu, bool msrs_loaded);
int vcpu_run_window(struct vcpu *vcpu, enum exit_action *action);

/* run.c */
int vcpu_run(struct vcpu *vcpu);

/* state.c: what the ioctls see of it */
int vcpu_refresh(struct vcpu *vcpu);
void vcpu_follow_efer(struct vcpu *vcpu, u64 efer);
int vcpu_get_regs(struct vcpu *vcpu, void *regs);
int vcpu_set_regs(struct vcpu *vcpu, void *regs);
int vcpu_get_sregs(struct vcpu *vcpu, void *sregs);
int vcpu_set_sregs(struct vcpu *vcpu, void *sregs);
int vcpu_get_sregs2(struct vcpu *vcpu, void *sregs2);
int vcpu_set_sregs2(struct vcpu *vcpu, void *sregs2);

/* A general-purpose register by its encoding; not RSP inside a window. */
static inline unsigned long *vcpu_gpr(struct vcpu *vcpu, unsigned int n)
{
	return n == 4 ? &vcpu->rsp : &vcpu->context.rax + n;
}

#endif /* MINIVMX_VCPU_H */
