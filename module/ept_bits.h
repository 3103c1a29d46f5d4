/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The arithmetic of EPT: which entry of which table, and what an entry says.
 * Pure, so that its tests run on any machine.
 *
 * Source: SDM Vol. 3C, "The Extended Page Table Mechanism", 29.3, edition 083.
 */
#ifndef MINIVMX_EPT_BITS_H
#define MINIVMX_EPT_BITS_H

#include <linux/bits.h>
#include <linux/types.h>
#include <asm/vmx.h>

#define EPT_LEVELS		4	/* 4: PML4 ... 1: page table */
#define EPT_ENTRIES		512	/* in a table; 9 bits of the address */
#define EPT_PAGE_SHIFT		12
#define EPT_GPA_BITS		(EPT_PAGE_SHIFT + 9 * EPT_LEVELS)

#define EPT_READ		BIT_ULL(0)
#define EPT_WRITE_SHIFT		1
#define EPT_WRITE		BIT_ULL(EPT_WRITE_SHIFT)
#define EPT_EXECUTE		BIT_ULL(2)
#define EPT_RWX			(EPT_READ | EPT_WRITE | EPT_EXECUTE)
/*
 * Leaf entries only: write-back, whatever the guest's PAT says. All of it is the
 * host's memory, which the host accesses so.
 */
#define EPT_MEMORY_TYPE_WB	(6ULL << 3 | VMX_EPT_IPAT_BIT)
#define EPT_LARGE		BIT_ULL(7)	/* at level 2: maps 2 MiB itself */
/*
 * Set by the processor, if the EPT pointer asks for it: SDM Vol. 3C, "Accessed and
 * Dirty Flags for EPT", 29.3.5.
 */
#define EPT_ACCESSED		BIT_ULL(8)
#define EPT_DIRTY		BIT_ULL(9)
#define EPT_ADDRESS		0x000ffffffffff000ULL
#define EPT_OWNER_WRITABLE	BIT_ULL(52)	/* ours: ignored by the processor */

/* Entry of the table at @level that translates @gpa. */
static inline unsigned int ept_index(u64 gpa, int level)
{
	return gpa >> (EPT_PAGE_SHIFT + 9 * (level - 1)) & (EPT_ENTRIES - 1);
}

/* Bytes that one entry at @level translates. */
static inline u64 ept_level_size(int level)
{
	return 1ULL << (EPT_PAGE_SHIFT + 9 * (level - 1));
}

/* An entry with none of R, W and X translates nothing. */
static inline bool ept_present(u64 entry)
{
	return entry & EPT_RWX;
}

static inline u64 ept_address(u64 entry)
{
	return entry & EPT_ADDRESS;
}

/* Is it the last one of a walk, or does it lead to a table? */
static inline bool ept_is_leaf(u64 entry, int level)
{
	return level == 1 || entry & EPT_LARGE;
}

/* Bytes that a leaf entry maps. */
static inline u64 ept_page_size(u64 leaf)
{
	return ept_level_size(leaf & EPT_LARGE ? 2 : 1);
}

/* An entry that leads to the table at @phys. The leaf decides the rights. */
static inline u64 ept_table_entry(u64 phys)
{
	return phys | EPT_RWX;
}

/* What a guest may do with a page. */
enum ept_rights {
	EPT_RIGHTS_READ,	/* the owner's page is read-only */
	EPT_RIGHTS_LOGGED,	/* the first write has to be noticed */
	EPT_RIGHTS_WRITE,
};

/*
 * An entry that maps the 4 KiB page at @phys. That it may be written to stays
 * known when its rights are taken away.
 */
static inline u64 ept_leaf_entry(u64 phys, enum ept_rights rights)
{
	return phys | EPT_MEMORY_TYPE_WB | EPT_READ | EPT_EXECUTE |
		(rights >= EPT_RIGHTS_LOGGED ? EPT_OWNER_WRITABLE : 0) |
		(rights >= EPT_RIGHTS_WRITE ? EPT_WRITE : 0);
}

/*
 * The EPT pointer for tables whose root is at @root: 4 levels, write-back.
 * @accessed_dirty: have the processor say which pages it has used, and written to
 */
static inline u64 ept_pointer(u64 root, bool accessed_dirty)
{
	return root | VMX_EPTP_PWL_4 | VMX_EPTP_MT_WB |
		(accessed_dirty ? VMX_EPTP_AD_ENABLE_BIT : 0);
}

#endif /* MINIVMX_EPT_BITS_H */
