// SPDX-License-Identifier: GPL-2.0
/*
 * EPT for the curious: look at a VM's tables, and have them filled in another
 * way than the guest's own touches do.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "gmem.h"
#include "vmx_cpu.h"

/** gmem_ept_walk() - see MINIVMX_EPT_WALK */
int gmem_ept_walk(struct gmem *gmem, struct minivmx_ept_walk *walk)
{
	if (walk->guest_phys_addr >> EPT_GPA_BITS)
		return -EINVAL;
	if (mutex_lock_killable(&gmem->lock))
		return -EINTR;
	memset(walk->entries, 0, sizeof(walk->entries));
	walk->levels = ept_walk(&gmem->ept, walk->guest_phys_addr, walk->entries);
	walk->pointer = gmem->ept.pointer;
	walk->flags = 0;
	mutex_unlock(&gmem->lock);
	return 0;
}

/* ------------------------- shape ------------------------------------------ */

static void count_table(void *context, int level)
{
	struct minivmx_ept_shape *shape = context;

	shape->tables[EPT_LEVELS - level]++;
}

/* Leaf entries come in the order of addresses: one that is like the last joins it. */
static void add_leaf(void *context, u64 gpa, u64 leaf)
{
	struct minivmx_ept_shape *shape = context;
	struct minivmx_ept_range *last = &shape->ranges[shape->nr_ranges];
	u64 size = ept_page_size(leaf);
	u32 rights = leaf & EPT_RWX;

	if (leaf & EPT_LARGE)
		shape->pages_2m++;
	else
		shape->pages_4k++;
	/* What begins before the start belongs to it as far as it reaches over. */
	if (gpa + size <= shape->start || shape->next)
		return;
	if (shape->nr_ranges) {
		last--;
		if (last->guest_phys_addr + last->size == gpa && last->rights == rights &&
		    last->page_size == size) {
			last->size += size;
			return;
		}
		last++;
	}
	if (shape->nr_ranges == MINIVMX_EPT_RANGES) {
		shape->next = gpa;
		return;
	}
	*last = (struct minivmx_ept_range) {
		.guest_phys_addr = gpa, .size = size, .rights = rights, .page_size = size,
	};
	shape->nr_ranges++;
}

/**
 * gmem_ept_shape() - see MINIVMX_EPT_SHAPE
 * @gmem: the memory
 * @shape: in kernel memory
 *
 * Return: 0, -EINVAL or -EINTR.
 */
int gmem_ept_shape(struct gmem *gmem, struct minivmx_ept_shape *shape)
{
	const struct ept_visitor visitor = {
		.table = count_table, .leaf = add_leaf, .context = shape,
	};
	u64 start = shape->start;

	if (shape->flags || start >> EPT_GPA_BITS)
		return -EINVAL;
	if (mutex_lock_killable(&gmem->lock))
		return -EINTR;
	memset(shape, 0, sizeof(*shape));
	shape->start = start;
	ept_visit(&gmem->ept, &visitor);
	mutex_unlock(&gmem->lock);
	return 0;
}

/* ------------------------- how it is filled ------------------------------- */

/** gmem_set_page_size() - see MINIVMX_EPT_PAGE_SIZE */
int gmem_set_page_size(struct gmem *gmem, unsigned long size)
{
	if (size != MINIVMX_EPT_4K && size != MINIVMX_EPT_2M)
		return -EINVAL;
	if (size == MINIVMX_EPT_2M && !vmx_caps.ept_large)
		return -EOPNOTSUPP;
	if (down_write_killable(&gmem->slots_lock))
		return -EINTR;
	gmem->large_pages = size == MINIVMX_EPT_2M;
	up_write(&gmem->slots_lock);
	return 0;
}

/* How far it is from @gpa to the end of the page that maps it. */
static u64 rest_of_page(struct gmem *gmem, u64 gpa)
{
	u64 size = PAGE_SIZE, *leaf;

	mutex_lock(&gmem->lock);
	leaf = ept_leaf(&gmem->ept, gpa);
	/* Its owner may have taken it away again: the guest's touch finds out. */
	if (leaf)
		size = ept_page_size(*leaf);
	mutex_unlock(&gmem->lock);
	return size - (gpa & (size - 1));
}

static int populate_page(struct gmem *gmem, u64 gpa)
{
	if (signal_pending(current))
		return -EINTR;
	switch (gmem_fault(gmem, gpa, false)) {
	case GMEM_MAPPED:
		return 0;
	case GMEM_NO_SLOT:
		return -ENOENT;
	case GMEM_NO_MEMORY:
		return -ENOMEM;
	case GMEM_INTERRUPTED:
		return -EINTR;
	default:
		return -EFAULT;
	}
}

/**
 * gmem_populate() - see MINIVMX_EPT_POPULATE
 * @gmem: the memory
 * @populate: in kernel memory; what is left of it, afterwards
 *
 * It is a read that is imitated: a dirty log has no word of it.
 *
 * Context: as gmem_fault().
 * Return: 0, -EINVAL, -ENOENT, -EFAULT, -ENOMEM or -EINTR.
 */
int gmem_populate(struct gmem *gmem, struct minivmx_ept_populate *populate)
{
	u64 limit = 1ULL << EPT_GPA_BITS;
	int err = 0;

	if (populate->flags || populate->guest_phys_addr & ~PAGE_MASK ||
	    populate->size & ~PAGE_MASK || populate->size > limit ||
	    populate->guest_phys_addr > limit - populate->size)
		return -EINVAL;
	while (populate->size && !err) {
		err = populate_page(gmem, populate->guest_phys_addr);
		if (!err) {
			u64 done = min(rest_of_page(gmem, populate->guest_phys_addr),
				       populate->size);

			populate->guest_phys_addr += done;
			populate->size -= done;
		}
		cond_resched();
	}
	return err;
}
