/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A record of every VM exit, in a ring shared with user space.
 */
#ifndef MINIVMX_TRACE_RING_H
#define MINIVMX_TRACE_RING_H

#include <linux/spinlock.h>
#include <minivmx.h>

struct page;
struct vcpu;

/**
 * struct trace_ring - the ring of one vCPU
 * @lock: guards @ring and @mask against faults of mappings
 * @ring: what user space maps, and may write to at any time; NULL if there is none
 * @mask: one less than the records that it has, a power of two
 * @head: records that were written; the one in @ring is for user space
 * @record: the next one, if it has begun; else NULL
 * @entry_tsc: of the last VM entry
 * @injected: VM-entry interruption information of the last VM entry
 * @qualification: of the exit of @record, if @own_value
 * @flags: of that exit
 * @own_value: that exit is about another register than RAX
 */
struct trace_ring {
	spinlock_t lock;	/* guards @ring and @mask against faults */
	struct minivmx_trace_ring *ring;
	u32 mask;
	u32 injected;
	u32 flags;
	u64 head;
	struct minivmx_trace_record *record;
	u64 entry_tsc;
	u64 qualification;
	bool own_value;
};

int trace_ring_set(struct vcpu *vcpu, unsigned long nr);
struct page *trace_ring_page(struct trace_ring *trace, unsigned long n);

#endif /* MINIVMX_TRACE_RING_H */
