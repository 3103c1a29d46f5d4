/* SPDX-License-Identifier: GPL-2.0 */
/*
 * EPT: guest-physical -> host-physical. It knows nothing of users or processes.
 */
#ifndef MINIVMX_EPT_H
#define MINIVMX_EPT_H

#include <linux/types.h>

#include "ept_bits.h"

/**
 * struct ept - the EPT tables of one VM
 * @root: the table of the highest level
 * @pointer: EPT pointer for the VMCS
 * @generation: changes when an entry went away, and is never that of another
 *	EPT; a CPU that last ran on another generation has to INVEPT
 *
 * Locking: the caller serializes every call. Walking by the processor needs no
 * lock.
 */
struct ept {
	u64 *root;
	u64 pointer;
	u64 generation;
};

/* Called for each page that goes away; @written: the guest may have changed it. */
typedef void (*ept_page_fn)(u64 phys, bool written);

int ept_init(struct ept *ept);
void ept_destroy(struct ept *ept);
int ept_map(struct ept *ept, u64 gpa, u64 phys, enum ept_rights rights);
u32 ept_walk(const struct ept *ept, u64 gpa, u64 *entries);
u64 *ept_leaf(const struct ept *ept, u64 gpa);
bool ept_zap(struct ept *ept, u64 start, u64 end, u64 rights);
void ept_reap(struct ept *ept, u64 start, u64 end, ept_page_fn fn);

#endif /* MINIVMX_EPT_H */
