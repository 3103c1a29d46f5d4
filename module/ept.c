// SPDX-License-Identifier: GPL-2.0
/*
 * EPT tables: build, look up, take apart.
 */
#include <linux/atomic.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/mm.h>

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

static void free_tables(u64 *table, int level)
{
	int i;

	for (i = 0; level > 1 && i < EPT_ENTRIES; i++)
		if (ept_present(table[i]))
			free_tables(entry_table(table[i]), level - 1);
	free_page((unsigned long)table);
}

/**
 * ept_destroy() - free all tables
 * @ept: no vCPU uses it any more, and ept_reap() has emptied it
 */
void ept_destroy(struct ept *ept)
{
	if (ept->root)
		free_tables(ept->root, EPT_LEVELS);
	ept->root = NULL;
}

/**
 * ept_map() - map one 4 KiB page
 * @ept: the tables
 * @gpa: guest-physical address of the page; nothing, or the same page with
 *	fewer rights, is mapped there
 * @phys: host-physical address of the page
 * @writable: may the guest write to it
 *
 * A new entry, and one that gains rights, need no INVEPT: the processor caches
 * no translation that is not there, and walks again before it reports a
 * violation (SDM Vol. 3C, "Operations that Invalidate Cached Mappings",
 * 29.4.3.1, edition 083).
 *
 * Return: 0, or -ENOMEM with nothing mapped.
 */
int ept_map(struct ept *ept, u64 gpa, u64 phys, bool writable)
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
	WRITE_ONCE(table[ept_index(gpa, 1)], ept_leaf_entry(phys, writable));
	return 0;
}

/** ept_lookup() - the leaf entry for a guest-physical address; 0 if none */
u64 ept_lookup(const struct ept *ept, u64 gpa)
{
	const u64 *table = ept->root;
	int level;

	for (level = EPT_LEVELS; level > 1; level--) {
		u64 entry = table[ept_index(gpa, level)];

		if (!ept_present(entry))
			return 0;
		table = entry_table(entry);
	}
	return table[ept_index(gpa, 1)];
}

/* What to do with each leaf entry that was ever filled in. */
typedef void (*leaf_fn)(u64 *entry, void *arg);

struct range_walk {
	u64 start, end;
	leaf_fn fn;
	void *arg;
};

/* The part of the range that the table at @level, for @base on, covers. */
static void walk_table(u64 *table, int level, u64 base,
		       const struct range_walk *walk)
{
	u64 size = ept_level_size(level);
	int i;

	for (i = 0; i < EPT_ENTRIES; i++, base += size) {
		if (!table[i] || base >= walk->end || base + size <= walk->start)
			continue;
		if (level > 1)
			walk_table(entry_table(table[i]), level - 1, base, walk);
		else
			walk->fn(&table[i], walk->arg);
	}
}

static void zap_leaf(u64 *entry, void *arg)
{
	WRITE_ONCE(*entry, *entry & ~EPT_RWX);
}

/**
 * ept_zap() - forbid every access to a range of guest-physical memory
 * @ept: the tables
 * @start: first guest-physical address
 * @end: the address after the last one
 *
 * CPUs may go on using the old translations until they have done INVEPT. Only
 * then may the pages be given back, with ept_reap().
 */
void ept_zap(struct ept *ept, u64 start, u64 end)
{
	const struct range_walk walk = { start, end, zap_leaf, NULL };

	walk_table(ept->root, EPT_LEVELS, 0, &walk);
	WRITE_ONCE(ept->generation, atomic64_inc_return(&last_generation));
}

static void reap_leaf(u64 *entry, void *arg)
{
	ept_page_fn fn = arg;

	fn(ept_address(*entry));
	WRITE_ONCE(*entry, 0);
}

/**
 * ept_reap() - give back the pages of a range after ept_zap()
 * @ept: the tables
 * @start: first guest-physical address
 * @end: the address after the last one
 * @fn: called with the host-physical address of each page that was mapped
 */
void ept_reap(struct ept *ept, u64 start, u64 end, ept_page_fn fn)
{
	const struct range_walk walk = { start, end, reap_leaf, fn };

	walk_table(ept->root, EPT_LEVELS, 0, &walk);
}
