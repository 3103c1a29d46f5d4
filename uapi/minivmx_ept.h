/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * minivmx_ept.h - look at a VM's EPT, and say how it is to be filled.
 *
 * Part of the contract of minivmx.h, which includes it; an extension, as all in
 * minivmx_ext.h. No address of the host's memory is in here: MINIVMX_EPT_WALK has
 * those, for whoever may know them.
 */
#ifndef _UAPI_MINIVMX_EPT_H
#define _UAPI_MINIVMX_EPT_H

#include <linux/ioctl.h>
#include <linux/types.h>

#include "minivmx_ext.h"

/** MINIVMX_EPT_RANGES - the most ranges in one struct minivmx_ept_shape */
#define MINIVMX_EPT_RANGES	64

/* What a guest may do with a page: bits 2:0 of its entry. */
#define MINIVMX_EPT_READ	1
#define MINIVMX_EPT_WRITE	2
#define MINIVMX_EPT_EXECUTE	4

/* What one entry maps. */
#define MINIVMX_EPT_4K		0x1000
#define MINIVMX_EPT_2M		0x200000

/**
 * struct minivmx_ept_range - guest-physical memory that is mapped alike
 * @guest_phys_addr: its first address
 * @size: bytes, all of them mapped
 * @rights: MINIVMX_EPT_READ, _WRITE, _EXECUTE
 * @page_size: MINIVMX_EPT_4K or MINIVMX_EPT_2M
 */
struct minivmx_ept_range {
	__u64 guest_phys_addr;
	__u64 size;
	__u32 rights;
	__u32 page_size;
};

/**
 * struct minivmx_ept_shape - what is in the tables of EPT
 * @start: in: the first guest-physical address for @ranges
 * @next: out: the first one that there was no room for; 0 if that is all
 * @flags: in: 0
 * @nr_ranges: out: entries of @ranges
 * @tables: out: how many tables there are, PML4, PDPT, PD and PT; of all of EPT,
 *	and so are the next two
 * @pages_4k: out: entries that map 4 KiB
 * @pages_2m: out: entries that map 2 MiB
 * @ranges: out: what is mapped, in the order of addresses
 *
 * Source: SDM Vol. 3C, "The Extended Page Table Mechanism", 29.3, edition 083.
 */
struct minivmx_ept_shape {
	__u64 start;
	__u64 next;
	__u32 flags;
	__u32 nr_ranges;
	__u64 tables[4];
	__u64 pages_4k;
	__u64 pages_2m;
	struct minivmx_ept_range ranges[MINIVMX_EPT_RANGES];
};

/**
 * struct minivmx_ept_populate - pages to be mapped before the guest touches them
 * @guest_phys_addr: in: the first address, a multiple of 4096; out: that of what is
 *	not mapped yet
 * @size: in: bytes, a multiple of 4096; out: bytes that are not mapped yet
 * @flags: in: 0
 */
struct minivmx_ept_populate {
	__u64 guest_phys_addr;
	__u64 size;
	__u64 flags;
};

/**
 * MINIVMX_EPT_SHAPE - what is mapped, and with how many tables; on a VM
 *
 * Parameters: struct minivmx_ept_shape. Returns: 0. Nothing is mapped by it.
 * Errors: EINVAL, flags is not 0 or start has more than 48 bits; ENOMEM; EINTR.
 */
#define MINIVMX_EPT_SHAPE	_IOWR(MINIVMX_EXT_IO, 0x20, struct minivmx_ept_shape)

/**
 * MINIVMX_EPT_PAGE_SIZE - the most that one entry maps from now on; on a VM
 *
 * Parameters: MINIVMX_EPT_4K, or MINIVMX_EPT_2M, as it is at first: where the
 * owner has 2 MiB in one piece, one entry maps them. What is mapped stays.
 * Returns: 0. Errors: EINVAL, any other parameter; EOPNOTSUPP, the processor has no
 * such pages in EPT, or they would not be safe; EINTR.
 */
#define MINIVMX_EPT_PAGE_SIZE	_IO(MINIVMX_EXT_IO, 0x21)

/**
 * MINIVMX_EPT_POPULATE - map pages as if the guest had read from them; on a VM
 *
 * Parameters: struct minivmx_ept_populate. What of it is done already is taken off,
 * whatever the result: to go on after EINTR, call again. A page that the owner can
 * write to right now may be written to by the guest, too. Returns: 0.
 * Errors: EINVAL, address or size is no multiple of 4096 or has more than 48 bits,
 * or flags is not 0; ENOENT, no slot there; EFAULT, the owner has nothing there, or
 * the structure is not at the address; ENOMEM; EINTR.
 */
#define MINIVMX_EPT_POPULATE	_IOWR(MINIVMX_EXT_IO, 0x22, struct minivmx_ept_populate)

#endif /* _UAPI_MINIVMX_EPT_H */
