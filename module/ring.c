// SPDX-License-Identifier: GPL-2.0
/*
 * Coalesced writes: those that need no answer wait in a ring for user space.
 */
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/string.h>

#include "ring.h"

/** ring_init() - an empty ring without zones. Return: 0 or -ENOMEM. */
int ring_init(struct ring *ring)
{
	BUILD_BUG_ON(PAGE_SIZE != 4096);
	raw_spin_lock_init(&ring->lock);
	ring->page = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	return ring->page ? 0 : -ENOMEM;
}

/** ring_destroy() - free it; a mapping may keep its page */
void ring_destroy(struct ring *ring)
{
	free_page((unsigned long)ring->page);
}

/** ring_register() - see MINIVMX_REGISTER_COALESCED_MMIO */
int ring_register(struct ring *ring, const struct minivmx_coalesced_mmio_zone *zone)
{
	unsigned long flags;
	int err = 0;

	if (zone->pio > 1)
		return -EINVAL;
	raw_spin_lock_irqsave(&ring->lock, flags);
	if (ring->nr_zones < RING_ZONES)
		ring->zones[ring->nr_zones++] = *zone;
	else
		err = -ENOSPC;
	raw_spin_unlock_irqrestore(&ring->lock, flags);
	return err;
}

static bool contains(const struct minivmx_coalesced_mmio_zone *zone, u64 addr,
		     u32 len, u32 pio)
{
	return zone->pio == pio && addr >= zone->addr &&
		addr - zone->addr <= zone->size && len <= zone->size - (addr - zone->addr);
}

/** ring_unregister() - see MINIVMX_UNREGISTER_COALESCED_MMIO */
int ring_unregister(struct ring *ring,
		    const struct minivmx_coalesced_mmio_zone *zone)
{
	unsigned long flags;
	u32 i = 0;

	if (zone->pio > 1)
		return -EINVAL;
	raw_spin_lock_irqsave(&ring->lock, flags);
	while (i < ring->nr_zones) {
		if (contains(&ring->zones[i], zone->addr, zone->size, zone->pio))
			ring->zones[i] = ring->zones[--ring->nr_zones];
		else
			i++;
	}
	raw_spin_unlock_irqrestore(&ring->lock, flags);
	return 0;
}

/* Context: ring->lock held. The ring is full with one entry left free. */
static bool append(struct ring *ring, u64 addr, const void *data, u32 len, bool pio)
{
	u32 last = READ_ONCE(ring->page->last);
	struct minivmx_coalesced_mmio *entry;
	u32 next;

	/* User space may have written anything there. */
	if (last >= MINIVMX_COALESCED_MMIO_MAX)
		return false;
	last = array_index_nospec(last, MINIVMX_COALESCED_MMIO_MAX);
	next = (last + 1) % MINIVMX_COALESCED_MMIO_MAX;
	if (next == READ_ONCE(ring->page->first))
		return false;
	entry = &ring->page->coalesced_mmio[last];
	entry->phys_addr = addr;
	entry->len = len;
	memset(entry->data, 0, sizeof(entry->data));
	memcpy(entry->data, data, len);
	entry->pio = pio;
	/* Whoever sees the new end sees the entry too. */
	smp_store_release(&ring->page->last, next);
	return true;
}

/** ring_put_slow() - ring_put() for a VM that has zones */
bool ring_put_slow(struct ring *ring, u64 addr, const void *data, u32 len, bool pio)
{
	unsigned long flags;
	bool done = false;
	u32 i;

	raw_spin_lock_irqsave(&ring->lock, flags);
	for (i = 0; i < ring->nr_zones && !done; i++)
		if (contains(&ring->zones[i], addr, len, pio)) {
			done = append(ring, addr, data, len, pio);
			break;
		}
	raw_spin_unlock_irqrestore(&ring->lock, flags);
	return done;
}
