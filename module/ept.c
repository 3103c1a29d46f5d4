// SPDX-License-Identifier: GPL-2.0
/*
 * EPT tables: build, look up, take apart.
 */
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "ept.h"

/*
 * Every state that some EPT was ever in has its own number, so a CPU needs to
 * remember only one to know whether what it cached is of use.
 */
static atomic64_t last_generation = ATOMIC64_INIT(0);

/** ept_alloc_table() - an empty table, or NULL; may sleep */
u64 *ept_alloc_table(void)
{
	return (u64 *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
}

static u64 *entry_table(u64 entry)
{
	return __va(ept_address(entry));
}

/**
 * ept_init() - EPT tables that map nothing
 * @ept: filled in
 * @accessed_dirty: the processor sets EPT_ACCESSED, and EPT_DIRTY in leaf entries
 *
 * Return: 0 or -ENOMEM.
 */
int ept_init(struct ept *ept, bool accessed_dirty)
{
	ept->root = ept_alloc_table();
	if (!ept->root)
		return -ENOMEM;
	ept->pointer = ept_pointer(__pa(ept->root), accessed_dirty);
	ept->generation = atomic64_inc_return(&last_generation);
	return 0;
}

/**
 * ept_destroy() - free the tables
 * @ept: nothing is mapped there, and no vCPU uses it any more
 */
void ept_destroy(struct ept *ept)
{
	while (ept->nr_spare)
		free_page((unsigned long)ept->spare[--ept->nr_spare]);
	free_page((unsigned long)ept->root);
}

/**
 * ept_give_spare() - let ept_map() have a table
 * @ept: the tables
 * @table: from ept_alloc_table()
 *
 * Return: false if there are enough: the table is the caller's still.
 */
bool ept_give_spare(struct ept *ept, u64 *table)
{
	if (ept->nr_spare == EPT_SPARES)
		return false;
	ept->spare[ept->nr_spare++] = table;
	return true;
}

/**
 * ept_map() - map one 4 KiB page, or the 2 MiB around it
 * @ept: the tables
 * @gpa: guest-physical address of the page; what is mapped there is that page
 *	with fewer rights, or nothing
 * @phys: host-physical address of the page
 * @rights: what the guest may do with it
 * @large: map the 2 MiB that have both addresses at the same offset, unless a part
 *	of them is mapped already; @rights is EPT_RIGHTS_WRITE
 *
 * Neither needs INVEPT: the processor caches no translation that is not there,
 * and looks again before it reports a violation (SDM Vol. 3C, "Operations that
 * Invalidate Cached Mappings", 29.4.3.1, edition 083).
 *
 * Return: 0, or -EAGAIN if there are too few spare tables: nothing is mapped.
 */
int ept_map(struct ept *ept, u64 gpa, u64 phys, enum ept_rights rights, bool large)
{
	u64 *table = ept->root, *leaf;
	int level;

	for (level = EPT_LEVELS; level > 1; level--) {
		u64 *entry = &table[ept_index(gpa, level)];

		if (*entry & EPT_LARGE)
			return 0;	/* another vCPU was first */
		if (!ept_present(*entry)) {
			if (large && level == 2) {
				phys &= ~(ept_level_size(2) - 1);
				WRITE_ONCE(*entry, ept_leaf_entry(phys, rights) | EPT_LARGE);
				return 0;
			}
			if (!ept->nr_spare)
				return -EAGAIN;
			ept->nr_spare--;
			WRITE_ONCE(*entry, ept_table_entry(__pa(ept->spare[ept->nr_spare])));
		}
		table = entry_table(*entry);
	}
	/*
	 * Another vCPU may have mapped it with more rights: they stay. Rights that
	 * go have to be forgotten by all processors, and this does not see to it.
	 */
	leaf = &table[ept_index(gpa, 1)];
	ept_add(leaf, ept_leaf_entry(phys, rights));
	return 0;
}

/**
 * ept_walk() - the entries that translate a guest-physical address
 * @ept: the tables
 * @gpa: the address
 * @entries: filled in, from the highest level on: EPT_LEVELS of them
 *
 * Return: how many were filled in; the last one is empty or the leaf.
 */
u32 ept_walk(const struct ept *ept, u64 gpa, u64 *entries)
{
	const u64 *table = ept->root;
	int level;

	for (level = EPT_LEVELS; level > 0; level--) {
		u64 entry = READ_ONCE(table[ept_index(gpa, level)]);

		*entries++ = entry;
		if (!ept_present(entry) || ept_is_leaf(entry, level))
			break;
		table = entry_table(entry);
	}
	return EPT_LEVELS + 1 - level;
}

static void visit_table(const u64 *table, int level, u64 base,
			const struct ept_visitor *visitor)
{
	int i;

	visitor->table(visitor->context, level);
	for (i = 0; i < EPT_ENTRIES; i++, base += ept_level_size(level)) {
		u64 entry = READ_ONCE(table[i]);

		if (!ept_present(entry))
			continue;
		if (ept_is_leaf(entry, level))
			visitor->leaf(visitor->context, base, entry);
		else
			visit_table(entry_table(entry), level - 1, base, visitor);
	}
	cond_resched();
}

/** ept_visit() - tell a visitor of all that is in the tables; may sleep */
void ept_visit(const struct ept *ept, const struct ept_visitor *visitor)
{
	visit_table(ept->root, EPT_LEVELS, 0, visitor);
}

/** ept_leaf() - where the leaf entry of @gpa is, if it maps a page; else NULL */
u64 *ept_leaf(const struct ept *ept, u64 gpa)
{
	u64 *table = ept->root;
	int level;

	for (level = EPT_LEVELS; ; level--) {
		u64 *entry = &table[ept_index(gpa, level)];

		if (!ept_present(*entry))
			return NULL;
		if (ept_is_leaf(*entry, level))
			return entry;
		table = entry_table(*entry);
	}
}

/**
 * struct range_walk - a walk over the leaf entries of a range
 * @start: first guest-physical address
 * @end: the address after the last one
 * @dead: where tables go that became empty; NULL to take only EPT_WRITE away
 * @gone: called with each leaf entry that goes
 * @found: a processor may have cached what was there
 */
struct range_walk {
	u64 start, end;
	u64 **dead;
	void (*gone)(u64 leaf);
	bool found;
};

/* What is 2 MiB large goes as a whole: its pages come back one by one. */
static void walk_leaf(u64 *entry, struct range_walk *walk)
{
	if (walk->dead || *entry & EPT_LARGE) {
		walk->gone(xchg(entry, 0));
		walk->found = true;
	} else {
		walk->found |= test_and_clear_bit(EPT_WRITE_SHIFT, (unsigned long *)entry);
	}
}

/* The part of the range that the table at @level, for @base on, covers. */
static void walk_table(u64 *table, int level, u64 base, struct range_walk *walk)
{
	u64 size = ept_level_size(level);
	int i = walk->start > base ? (walk->start - base) / size : 0;

	for (base += i * size; i < EPT_ENTRIES && base < walk->end; i++, base += size) {
		u64 *child;

		if (!ept_present(table[i]))
			continue;
		if (ept_is_leaf(table[i], level)) {
			walk_leaf(&table[i], walk);
			continue;
		}
		child = entry_table(table[i]);
		walk_table(child, level - 1, base, walk);
		if (!walk->dead || memchr_inv(child, 0, PAGE_SIZE))
			continue;
		/*
		 * A processor may have cached the way to it, and read it still:
		 * the address of a page has none of R, W and X.
		 */
		WRITE_ONCE(table[i], 0);
		WRITE_ONCE(child[0], (u64)*walk->dead);
		*walk->dead = child;
		walk->found = true;
	}
	/* A range may have far more entries than the machine has pages. */
	cond_resched();
}

static bool walk_range(struct ept *ept, struct range_walk *walk)
{
	walk_table(ept->root, EPT_LEVELS, 0, walk);
	if (walk->found)
		WRITE_ONCE(ept->generation, atomic64_inc_return(&last_generation));
	return walk->found;
}

/**
 * ept_unmap() - map nothing any more in a range of guest-physical memory
 * @ept: the tables
 * @start: first guest-physical address
 * @end: the address after the last one
 * @gone: called with each leaf entry that goes
 * @dead: gets the tables that are empty now; each begins with a link to the next
 *
 * Processors may go on using the old translations, and those tables, until they
 * have done INVEPT. Only then may anybody else have the pages, and may
 * ept_free_tables() be called. May sleep.
 *
 * Return: false if no processor can have cached anything of it.
 */
bool ept_unmap(struct ept *ept, u64 start, u64 end, void (*gone)(u64 leaf), u64 **dead)
{
	struct range_walk walk = {
		.start = start, .end = end, .dead = dead, .gone = gone,
	};

	return walk_range(ept, &walk);
}

/** ept_write_protect() - likewise, but the guest may go on reading 4 KiB pages */
bool ept_write_protect(struct ept *ept, u64 start, u64 end, void (*gone)(u64 leaf))
{
	struct range_walk walk = { .start = start, .end = end, .gone = gone };

	return walk_range(ept, &walk);
}

/** ept_free_tables() - free what ept_unmap() found empty */
void ept_free_tables(u64 *dead)
{
	u64 *next;

	for (; dead; dead = next) {
		next = (u64 *)dead[0];
		free_page((unsigned long)dead);
	}
}
