/* SPDX-License-Identifier: GPL-2.0 */
/*
 * EPT: guest-physical -> host-physical. It knows nothing of users or processes.
 */
#ifndef MINIVMX_EPT_H
#define MINIVMX_EPT_H

#include <linux/atomic.h>
#include <linux/types.h>

#include "ept_bits.h"

/* The tables that one mapping may need: one of each level but the highest. */
#define EPT_SPARES	(EPT_LEVELS - 1)

/**
 * struct ept - the EPT tables of one VM
 * @root: the table of the highest level
 * @pointer: EPT pointer for the VMCS
 * @generation: changes when an entry went away, and is never that of another
 *	EPT; a CPU that last ran on another generation has to INVEPT
 * @spare: empty tables, for ept_map() to use
 * @nr_spare: how many
 *
 * Locking: the caller serializes every call. Walking by the processor needs no
 * lock.
 */
struct ept {
	u64 *root;
	u64 pointer;
	u64 generation;
	u64 *spare[EPT_SPARES];
	int nr_spare;
};

/**
 * struct ept_visitor - is told of all that is in the tables
 * @table: called with the level of each table
 * @leaf: called with each leaf entry, in the order of addresses
 * @context: for both
 */
struct ept_visitor {
	void (*table)(void *context, int level);
	void (*leaf)(void *context, u64 gpa, u64 leaf);
	void *context;
};

int ept_init(struct ept *ept, bool accessed_dirty);
void ept_destroy(struct ept *ept);
u64 *ept_alloc_table(void);
bool ept_give_spare(struct ept *ept, u64 *table);
int ept_map(struct ept *ept, u64 gpa, u64 phys, enum ept_rights rights, bool large);
u32 ept_walk(const struct ept *ept, u64 gpa, u64 *entries);
void ept_visit(const struct ept *ept, const struct ept_visitor *visitor);
u64 *ept_leaf(const struct ept *ept, u64 gpa);
bool ept_unmap(struct ept *ept, u64 start, u64 end, void (*gone)(u64 leaf), u64 **dead);
bool ept_write_protect(struct ept *ept, u64 start, u64 end, void (*gone)(u64 leaf));
void ept_free_tables(u64 *dead);

/* Add bits to an entry, in which the processor may be setting bits of its own. */
static inline void ept_add(u64 *entry, u64 bits)
{
	atomic64_or(bits, (atomic64_t *)entry);
}

#endif /* MINIVMX_EPT_H */
