// SPDX-License-Identifier: GPL-2.0
/*
 * A ring of records, shared with user space: its memory, and its mapping. observe.c
 * fills it.
 */
#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "observe.h"
#include "trace_ring.h"
#include "vcpu.h"

#define MIN_RECORDS	32

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
	trace->mask = nr - 1;
	spin_unlock(&trace->lock);
	trace->head = 0;
	trace->record = NULL;
	trace->own_value = false;
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
	if (trace->ring && n < ring_size(trace->mask + 1) >> PAGE_SHIFT) {
		page = vmalloc_to_page((void *)trace->ring + (n << PAGE_SHIFT));
		get_page(page);
	}
	spin_unlock(&trace->lock);
	return page;
}
