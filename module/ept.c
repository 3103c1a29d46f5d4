// SPDX-License-Identifier: GPL-2.0
/*
 * EPT tables: build, look up, take apart.
 */
#include <linux/atomic.h>
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

static u64 *alloc_table(void)
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
 *
 * Return: 0 or -ENOMEM.
 */
int ept_init(struct ept *ept)
{
	ept->root = alloc_table();
	if (!ept->root)
		return -ENOMEM;
	ept->pointer = ept_pointer(__pa(ept->root));
	ept->generation = atomic64_inc_return(&last_generation);
	return 0;
}

/**
 * ept_destroy() - free what is left of the tables: the root
 * @ept: no vCPU uses it any more, and ept_reap() has emptied it
 */
void ept_destroy(struct ept *ept)
{
	free_page((unsigned long)ept->root);
	ept->root = NULL;
}

/**
 * ept_map() - map one 4 KiB page
 * @ept: the tables
 * @gpa: guest-physical address of the page; nothing is mapped there
 * @phys: host-physical address of the page
 * @rights: what the guest may do with it
 *
 * A new entry needs no INVEPT: the processor caches no translation that is not
 * there (SDM Vol. 3C, "Operations that Invalidate Cached Mappings",
 * 29.4.3.1, edition 083).
 *
 * Return: 0, or -ENOMEM with nothing mapped.
 */
int ept_map(struct ept *ept, u64 gpa, u64 phys, enum ept_rights rights)
{
	u64 *table = ept->root;
	int level;

	for (level = EPT_LEVELS; level > 1; level--) {
		u64 *entry = &table[ept_index(gpa, level)];

		if (!ept_present(*entry)) {
			u64 *child = alloc_table();

			if (!child)
				return -ENOMEM;
			WRITE_ONCE(*entry, ept_table_entry(__pa(child)));
		}
		table = entry_table(*entry);
	}
	WRITE_ONCE(table[ept_index(gpa, 1)], ept_leaf_entry(phys, rights));
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
		if (!ept_present(entry) || level == 1)
			break;
		table = entry_table(entry);
	}
	return EPT_LEVELS + 1 - level;
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
		if (level == 1)
			return entry;
		table = entry_table(*entry);
	}
}

/**
 * struct range_walk - a walk over the leaf entries of a range
 * @start: first guest-physical address
 * @end: the address after the last one
 * @reap: what to give the pages to, before entries and empty tables are
 *	dropped; NULL to take only rights away
 * @rights: those
 * @found: an entry was there
 */
struct range_walk {
	u64 start, end;
	ept_page_fn reap;
	u64 rights;
	bool found;
};

static bool table_is_empty(const u64 *table)
{
	return !memchr_inv(table, 0, PAGE_SIZE);
}

static void walk_leaf(u64 *entry, struct range_walk *walk)
{
	if (!walk->reap) {
		walk->found |= *entry & walk->rights;
		WRITE_ONCE(*entry, *entry & ~walk->rights);
		return;
	}
	walk->reap(ept_address(*entry), *entry & EPT_OWNER_WRITABLE);
	WRITE_ONCE(*entry, 0);
}

/* The part of the range that the table at @level, for @base on, covers. */
static void walk_table(u64 *table, int level, u64 base, struct range_walk *walk)
{
	u64 size = ept_level_size(level);
	int i;

	for (i = 0; i < EPT_ENTRIES; i++, base += size) {
		u64 *child;

		if (!table[i] || base >= walk->end || base + size <= walk->start)
			continue;
		if (level == 1) {
			walk_leaf(&table[i], walk);
			continue;
		}
		child = entry_table(table[i]);
		/* A CPU may have cached the way to it, even if it maps nothing. */
		if (walk->rights == EPT_RWX)
			walk->found = true;
		walk_table(child, level - 1, base, walk);
		if (walk->reap && table_is_empty(child)) {
			WRITE_ONCE(table[i], 0);
			free_page((unsigned long)child);
		}
	}
	/* A range may have far more entries than the machine has pages. */
	cond_resched();
}

/**
 * ept_zap() - take rights to a range of guest-physical memory away
 * @ept: the tables
 * @start: first guest-physical address
 * @end: the address after the last one
 * @rights: EPT_RWX or EPT_WRITE
 *
 * CPUs may go on using the old translations until they have done INVEPT. Only
 * then may the pages be given back, with ept_reap(). May sleep.
 *
 * Return: false if nobody can have cached those rights: nothing is left to do.
 */
bool ept_zap(struct ept *ept, u64 start, u64 end, u64 rights)
{
	struct range_walk walk = { .start = start, .end = end, .rights = rights };

	walk_table(ept->root, EPT_LEVELS, 0, &walk);
	if (walk.found)
		WRITE_ONCE(ept->generation, atomic64_inc_return(&last_generation));
	return walk.found;
}

/**
 * ept_reap() - give back the pages, and the tables, of a range after ept_zap()
 * @ept: the tables
 * @start: first guest-physical address
 * @end: the address after the last one
 * @fn: what to do with each page that was mapped
 *
 * No CPU may use the old translations any more. May sleep.
 */
void ept_reap(struct ept *ept, u64 start, u64 end, ept_page_fn fn)
{
	struct range_walk walk = { .start = start, .end = end, .reap = fn };

	walk_table(ept->root, EPT_LEVELS, 0, &walk);
}
