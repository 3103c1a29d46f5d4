/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Coalesced writes: those that need no answer wait in a ring for user space.
 */
#ifndef MINIVMX_RING_H
#define MINIVMX_RING_H

#include <linux/spinlock.h>
#include <minivmx.h>

#define RING_ZONES	128

/**
 * struct ring - the ring of one VM
 * @lock: guards all below; taken in windows
 * @page: what user space maps; it may write to it at any time
 * @zones: addresses and ports whose writes go there
 * @nr_zones: how many
 */
struct ring {
	raw_spinlock_t lock;	/* guards all below */
	struct minivmx_coalesced_mmio_ring *page;
	struct minivmx_coalesced_mmio_zone zones[RING_ZONES];
	u32 nr_zones;
};

int ring_init(struct ring *ring);
void ring_destroy(struct ring *ring);
int ring_register(struct ring *ring, const struct minivmx_coalesced_mmio_zone *zone);
int ring_unregister(struct ring *ring,
		    const struct minivmx_coalesced_mmio_zone *zone);
bool ring_put_slow(struct ring *ring, u64 addr, const void *data, u32 len, bool pio);

/**
 * ring_put() - let a write wait, if it may
 * @ring: the ring
 * @addr: guest-physical address, or port
 * @data: what is written
 * @len: bytes, at most 8
 * @pio: it is a port
 *
 * Return: false if user space has to see it now.
 */
static inline bool ring_put(struct ring *ring, u64 addr, const void *data, u32 len,
			    bool pio)
{
	return unlikely(READ_ONCE(ring->nr_zones)) &&
		ring_put_slow(ring, addr, data, len, pio);
}

#endif /* MINIVMX_RING_H */
