/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guest memory: pieces of the owner's address space, mapped into EPT page by
 * page as the guest touches them.
 */
#ifndef MINIVMX_GMEM_H
#define MINIVMX_GMEM_H

#include <linux/list.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <minivmx.h>

#include "ept.h"

#define GMEM_SLOTS	512

/**
 * struct gmem_slot - a piece of guest memory
 * @link: in gmem.slots
 * @gmem: whose it is
 * @region: as user space gave it
 * @notifier: tells of changes to the owner's mapping of it
 * @dirty: a bit for each page that was written to; NULL without logging;
 *	guarded by gmem.lock
 */
struct gmem_slot {
	struct list_head link;
	struct gmem *gmem;
	struct minivmx_userspace_memory_region region;
	struct mmu_interval_notifier notifier;
	unsigned long *dirty;
};

/**
 * struct gmem - the memory of one VM
 * @slots_lock: guards @slots and @large_pages: held for reading while a page is
 *	looked for, which may take long, and for writing to change them
 * @slots: the pieces
 * @large_pages: 2 MiB may be mapped with one entry
 * @lock: guards @ept and what the guest wrote to. The kernel's memory management
 *	takes it to have a page back: nothing is allocated, and no memory of the
 *	owner's is touched, while it is held. Inside @slots_lock.
 * @ept: the tables that the vCPUs run on
 */
struct gmem {
	struct rw_semaphore slots_lock;	/* guards slots and large_pages */
	struct list_head slots;
	bool large_pages;
	struct mutex lock;		/* guards ept and the dirty logs */
	struct ept ept;
};

/* What became of an access. */
enum gmem_fault {
	GMEM_MAPPED,		/* it can go on, or is done */
	GMEM_NO_SLOT,		/* no memory at that address, or not to be written */
	GMEM_BAD_USER_PAGE,	/* the owner has nothing there, or not for that */
	GMEM_NO_MEMORY,
	GMEM_INTERRUPTED,	/* a signal came first */
	GMEM_AGAIN,		/* inside gmem.c: the owner's mapping has changed */
};

/* gmem.c */
int gmem_init(struct gmem *gmem);
void gmem_destroy(struct gmem *gmem);
enum gmem_fault gmem_fault(struct gmem *gmem, u64 gpa, bool write);
enum gmem_fault gmem_read(struct gmem *gmem, u64 gpa, void *to, u32 size);
enum gmem_fault gmem_write(struct gmem *gmem, u64 gpa, const void *from, u32 size);
enum gmem_fault gmem_set_bits(struct gmem *gmem, u64 gpa, u32 old, u32 bits);
bool gmem_invalidate(struct mmu_interval_notifier *notifier,
		     const struct mmu_notifier_range *range, unsigned long seq);
void gmem_unmap(struct gmem *gmem, u64 start, u64 size);
void gmem_write_protect(struct gmem *gmem, u64 start, u64 size);

/* gmem_ept.c */
int gmem_ept_walk(struct gmem *gmem, struct minivmx_ept_walk *walk);
int gmem_ept_shape(struct gmem *gmem, struct minivmx_ept_shape *shape);
int gmem_set_page_size(struct gmem *gmem, unsigned long size);
int gmem_populate(struct gmem *gmem, struct minivmx_ept_populate *populate);

/* slot.c */
struct gmem_slot *slot_find(const struct gmem *gmem, u64 gpa);
void slot_destroy(struct gmem_slot *slot);
int slot_set(struct gmem *gmem,
	     const struct minivmx_userspace_memory_region *region);
int slot_take_dirty_log(struct gmem *gmem, u32 id, unsigned long **dirty,
			size_t *size);

#endif /* MINIVMX_GMEM_H */
