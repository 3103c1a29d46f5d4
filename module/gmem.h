/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guest memory: pieces of the owner's address space, mapped into EPT page by
 * page as the guest touches them.
 */
#ifndef MINIVMX_GMEM_H
#define MINIVMX_GMEM_H

#include <linux/mutex.h>
#include <minivmx.h>

#include "ept.h"

#define GMEM_SLOTS	64

/**
 * struct gmem - the memory of one VM
 * @lock: guards all below; taken by whoever changes slots or faults a page in
 * @slots: the pieces; a slot of size 0 is free
 * @ept: the tables that the vCPUs run on
 */
struct gmem {
	struct mutex lock;	/* guards all below */
	struct minivmx_userspace_memory_region slots[GMEM_SLOTS];
	struct ept ept;
};

/* What became of a fault. */
enum gmem_fault {
	GMEM_MAPPED,		/* the guest can go on */
	GMEM_NO_SLOT,		/* no memory at that address */
	GMEM_BAD_USER_PAGE,	/* the owner has nothing there, or not for that */
	GMEM_NO_MEMORY,
	GMEM_INTERRUPTED,	/* a signal came first */
};

int gmem_init(struct gmem *gmem);
void gmem_destroy(struct gmem *gmem);
int gmem_set_region(struct gmem *gmem,
		    const struct minivmx_userspace_memory_region *region);
enum gmem_fault gmem_fault(struct gmem *gmem, u64 gpa, bool write);

#endif /* MINIVMX_GMEM_H */
