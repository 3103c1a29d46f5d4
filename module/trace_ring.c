// SPDX-License-Identifier: GPL-2.0
/*
 * A record of every VM exit, in a ring shared with user space. It is written
 * at the exit, and completed before the next entry or the return to user space.
 * Nothing in the ring is ever read back, but for the caller's tail.
 */
#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "exit.h"
#include "exit_decode.h"
#include "observe.h"
#include "trace_ring.h"
#include "vcpu.h"
#include "vmcs.h"

#define MIN_RECORDS	32

/* A descriptor privilege level. */
#define DPL_USER	3

static size_t ring_size(u32 nr)
{
	return PAGE_ALIGN((nr + 1) * sizeof(struct minivmx_trace_record));
}

/** trace_ring_set() - see MINIVMX_SET_TRACE */
int trace_ring_set(struct vcpu *vcpu, unsigned long nr)
{
	struct minivmx_trace_ring *ring = NULL, *old = vcpu->trace.ring;
	struct trace_ring *trace = &vcpu->trace;

	/* Its head is as long as a record, and no record is in two pages. */
	BUILD_BUG_ON(sizeof(*ring) != sizeof(ring->records[0]));
	BUILD_BUG_ON(PAGE_SIZE % sizeof(ring->records[0]));
	if (nr && (nr < MIN_RECORDS || nr > MINIVMX_TRACE_MAX || !is_power_of_2(nr)))
		return -EINVAL;
	if (nr) {
		ring = __vmalloc(ring_size(nr), GFP_KERNEL_ACCOUNT | __GFP_ZERO);
		if (!ring)
			return -ENOMEM;
	}
	spin_lock(&trace->lock);
	trace->ring = ring;
	trace->nr = nr;
	spin_unlock(&trace->lock);
	trace->head = 0;
	trace->open = false;
	/* Pages that are mapped stay until they are not. */
	vfree(old);
	if (ring && !old)
		observe_begin();
	if (!ring && old)
		observe_end();
	return 0;
}

/**
 * trace_ring_page() - a page of the ring, for a mapping
 * @trace: the ring
 * @n: which
 *
 * Return: the page, with a reference for the caller, or NULL.
 */
struct page *trace_ring_page(struct trace_ring *trace, unsigned long n)
{
	struct page *page = NULL;

	spin_lock(&trace->lock);
	if (trace->ring && n < ring_size(trace->nr) >> PAGE_SHIFT) {
		page = vmalloc_to_page((void *)trace->ring + (n << PAGE_SHIFT));
		get_page(page);
	}
	spin_unlock(&trace->lock);
	return page;
}

static struct minivmx_trace_record *next_record(const struct trace_ring *trace)
{
	return &trace->ring->records[trace->head & (trace->nr - 1)];
}

static u32 mode_flags(void)
{
	unsigned long cr0 = vmcs_readl(VMCS_GUEST_CR0);
	bool lma = vmcs_read64(VMCS_GUEST_IA32_EFER) & EFER_LMA;
	u32 cs = vmcs_read32(VMCS_GUEST_CS_ACCESS_RIGHTS);
	u32 ss = vmcs_read32(VMCS_GUEST_SS_ACCESS_RIGHTS);

	return (cr0 & X86_CR0_PE ? MINIVMX_TRACE_PROTECTED : 0) |
		(cr0 & X86_CR0_PG ? MINIVMX_TRACE_PAGING : 0) |
		(lma ? MINIVMX_TRACE_LONG : 0) |
		(cs & VMX_AR_DB_MASK ? MINIVMX_TRACE_CODE_32 : 0) |
		(lma && cs & VMX_AR_L_MASK ? MINIVMX_TRACE_CODE_64 : 0) |
		(VMX_AR_DPL(ss) == DPL_USER ? MINIVMX_TRACE_USER_MODE : 0);
}

static u64 edx_eax(const struct vcpu *vcpu)
{
	return (u32)vcpu->context.rax | vcpu->context.rdx << 32;
}

/* A register of the exit's; RSP is in the VMCS during a window. */
static u64 gpr(struct vcpu *vcpu, unsigned int n, bool in_window)
{
	return in_window ? exit_gpr(vcpu, n) : *vcpu_gpr(vcpu, n);
}

static u64 value_of(struct vcpu *vcpu, u64 qualification, bool in_window)
{
	switch (exit_basic_reason(vcpu->exit.reason)) {
	case EXIT_REASON_CR_ACCESS:
		return gpr(vcpu, exit_decode_cr(qualification).gpr, in_window);
	case EXIT_REASON_DR_ACCESS:
		return gpr(vcpu, exit_decode_dr(qualification).gpr, in_window);
	case EXIT_REASON_MSR_READ:
	case EXIT_REASON_MSR_WRITE:
	case EXIT_REASON_XSETBV:
		return edx_eax(vcpu);
	default:
		return vcpu->context.rax;
	}
}

/**
 * trace_ring_exit() - begin a record
 * @vcpu: the vCPU, with a ring that has room; its VMCS is current
 * @now: the time-stamp counter
 */
void trace_ring_exit(struct vcpu *vcpu, u64 now)
{
	struct trace_ring *trace = &vcpu->trace;
	u64 qualification = vmcs_readl(VMCS_EXIT_QUALIFICATION);
	u32 flags = mode_flags();

	*next_record(trace) = (struct minivmx_trace_record) {
		.sequence = trace->head,
		.entry_tsc = trace->entry_tsc,
		.exit_tsc = now,
		.reason = vcpu->exit.reason,
		.flags = flags,
		.qualification = qualification,
		.rip = vmcs_readl(VMCS_GUEST_RIP),
		.cs_base = vmcs_readl(VMCS_GUEST_CS_BASE),
		.linear = vmcs_readl(VMCS_GUEST_LINEAR_ADDRESS),
		.physical = vmcs_read64(VMCS_GUEST_PHYSICAL_ADDRESS),
		.value = value_of(vcpu, qualification, true),
		.rcx = vcpu->context.rcx,
		.interruption_info = vmcs_read32(VMCS_VM_EXIT_INTERRUPTION_INFO),
		.interruption_error = vmcs_read32(VMCS_VM_EXIT_INTERRUPTION_ERROR_CODE),
		.idt_vectoring_info = vmcs_read32(VMCS_IDT_VECTORING_INFO),
		.injected = trace->injected,
		.instruction_length = vmcs_read32(VMCS_VM_EXIT_INSTRUCTION_LENGTH),
		.instruction_info = vmcs_read32(VMCS_VM_EXIT_INSTRUCTION_INFO),
	};
	trace->injected = 0;
	trace->qualification = qualification;
	trace->flags = flags;
	trace->open = true;
}

/**
 * trace_ring_done() - complete a record, if one has begun
 * @vcpu: the vCPU, with a ring
 * @now: the time-stamp counter
 * @in_window: its VMCS is current
 */
void trace_ring_done(struct vcpu *vcpu, u64 now, bool in_window)
{
	struct trace_ring *trace = &vcpu->trace;
	struct minivmx_trace_record *record = next_record(trace);

	if (!trace->open)
		return;
	record->done_tsc = now;
	record->result = value_of(vcpu, trace->qualification, in_window);
	trace->open = false;
	/* Whoever sees the new head sees the record too. */
	smp_store_release(&trace->ring->head, ++trace->head);
}

/**
 * trace_ring_return() - likewise: user space is told of the exit
 * @vcpu: the vCPU, with a ring; outside of a window
 * @now: the time-stamp counter
 * @ret: what MINIVMX_RUN returns
 */
void trace_ring_return(struct vcpu *vcpu, u64 now, int ret)
{
	struct minivmx_trace_record *record = next_record(&vcpu->trace);

	if (!vcpu->trace.open)
		return;
	record->flags = vcpu->trace.flags | MINIVMX_TRACE_TO_USER;
	if (!ret)
		record->user_exit = READ_ONCE(vcpu->run->exit_reason);
	else if (ret == -EINTR || ret == -ERESTARTNOHAND)
		record->user_exit = MINIVMX_EXIT_INTR;
	trace_ring_done(vcpu, now, false);
}
