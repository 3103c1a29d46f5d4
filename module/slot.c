// SPDX-License-Identifier: GPL-2.0
/*
 * Slots: which pieces of its address space the owner shows to the guest, and
 * which of their pages the guest has written to.
 */
#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/processor.h>

#include "gmem.h"

#define KNOWN_FLAGS	(MINIVMX_MEM_LOG_DIRTY_PAGES | MINIVMX_MEM_READONLY)
#define MAX_PAGES	((1UL << 31) - 1)	/* KVM's limit for a slot */

static bool region_valid(const struct minivmx_userspace_memory_region *r)
{
	u64 last = r->guest_phys_addr + r->memory_size - 1;
	u64 all = r->guest_phys_addr | r->memory_size | r->userspace_addr;

	if (r->slot >= GMEM_SLOTS || r->flags & ~KNOWN_FLAGS || !PAGE_ALIGNED(all))
		return false;
	if (!access_ok((void __user *)r->userspace_addr, r->memory_size))
		return false;
	if (!r->memory_size)
		return true;
	return last >= r->guest_phys_addr && r->memory_size >> PAGE_SHIFT <= MAX_PAGES &&
		last >> min_t(int, boot_cpu_data.x86_phys_bits, EPT_GPA_BITS) == 0;
}

/** slot_find() - the slot that has @gpa, or NULL. Context: gmem->slots_lock held. */
struct gmem_slot *slot_find(const struct gmem *gmem, u64 gpa)
{
	struct gmem_slot *slot;

	list_for_each_entry(slot, &gmem->slots, link)
		if (gpa - slot->region.guest_phys_addr < slot->region.memory_size)
			return slot;
	return NULL;
}

static struct gmem_slot *find_id(const struct gmem *gmem, u32 id)
{
	struct gmem_slot *slot;

	list_for_each_entry(slot, &gmem->slots, link)
		if (slot->region.slot == id)
			return slot;
	return NULL;
}

static bool overlaps(const struct gmem *gmem,
		     const struct minivmx_userspace_memory_region *r)
{
	const struct gmem_slot *slot;

	list_for_each_entry(slot, &gmem->slots, link) {
		const struct minivmx_userspace_memory_region *s = &slot->region;

		if (s->slot != r->slot &&
		    r->guest_phys_addr < s->guest_phys_addr + s->memory_size &&
		    s->guest_phys_addr < r->guest_phys_addr + r->memory_size)
			return true;
	}
	return false;
}

static size_t dirty_longs(const struct minivmx_userspace_memory_region *r)
{
	return BITS_TO_LONGS(r->memory_size >> PAGE_SHIFT);
}

static const struct mmu_interval_notifier_ops notifier_ops = {
	.invalidate = gmem_invalidate,
};

/* From now on gmem_invalidate() is called. Return: the slot or ERR_PTR(). */
static struct gmem_slot *
slot_create(struct gmem *gmem, const struct minivmx_userspace_memory_region *region)
{
	struct gmem_slot *slot = kzalloc(sizeof(*slot), GFP_KERNEL_ACCOUNT);
	int err = -ENOMEM;

	if (!slot)
		return ERR_PTR(-ENOMEM);
	slot->gmem = gmem;
	slot->region = *region;
	if (region->flags & MINIVMX_MEM_LOG_DIRTY_PAGES) {
		slot->dirty = kvcalloc(dirty_longs(region), sizeof(long),
				       GFP_KERNEL_ACCOUNT);
		if (!slot->dirty)
			goto err_slot;
	}
	err = mmu_interval_notifier_insert(&slot->notifier, current->mm,
					   region->userspace_addr,
					   region->memory_size, &notifier_ops);
	if (err)
		goto err_dirty;
	return slot;

err_dirty:
	kvfree(slot->dirty);
err_slot:
	kfree(slot);
	return ERR_PTR(err);
}

/** slot_destroy() - free a slot that nobody finds any more; may sleep */
void slot_destroy(struct gmem_slot *slot)
{
	mmu_interval_notifier_remove(&slot->notifier);
	kvfree(slot->dirty);
	kfree(slot);
}

/* A slot that exists may move, and start or stop to keep a log. */
static bool change_valid(const struct minivmx_userspace_memory_region *old,
			 const struct minivmx_userspace_memory_region *new)
{
	return old->memory_size == new->memory_size &&
		old->userspace_addr == new->userspace_addr &&
		!((old->flags ^ new->flags) & MINIVMX_MEM_READONLY);
}

/* Context: gmem->slots_lock held for writing. */
static int change_slot(struct gmem *gmem,
		       const struct minivmx_userspace_memory_region *region)
{
	struct gmem_slot *old = find_id(gmem, region->slot), *new = NULL;

	if (!region->memory_size && !old)
		return -EINVAL;
	if (region->memory_size) {
		if (old && !change_valid(&old->region, region))
			return -EINVAL;
		if (overlaps(gmem, region))
			return -EEXIST;
		new = slot_create(gmem, region);
		if (IS_ERR(new))
			return PTR_ERR(new);
	}
	if (old) {
		const struct minivmx_userspace_memory_region *r = &old->region;

		mutex_lock(&gmem->lock);
		if (!new || r->guest_phys_addr != region->guest_phys_addr)
			gmem_unmap(gmem, r->guest_phys_addr, r->memory_size);
		else if (new->dirty && !old->dirty)
			gmem_write_protect(gmem, r->guest_phys_addr, r->memory_size);
		/* The log goes with the memory. */
		if (new && new->dirty && old->dirty)
			swap(new->dirty, old->dirty);
		mutex_unlock(&gmem->lock);
		list_del(&old->link);
		slot_destroy(old);
	}
	if (new)
		list_add(&new->link, &gmem->slots);
	return 0;
}

/**
 * slot_set() - add, move, change or delete a slot
 * @gmem: the memory
 * @region: what user space asked for, in kernel memory
 *
 * The rules are KVM's: see MINIVMX_SET_USER_MEMORY_REGION.
 *
 * Context: process context of the owner.
 * Return: 0, -EINVAL, -EEXIST, -ENOMEM, or -EINTR when the caller is being
 * killed, or a signal came while its address space got its first notifier.
 */
int slot_set(struct gmem *gmem,
	     const struct minivmx_userspace_memory_region *region)
{
	int err;

	if (!region_valid(region))
		return -EINVAL;
	/* Whoever looks for a page may be waiting for it, for as long as it takes. */
	if (down_write_killable(&gmem->slots_lock))
		return -EINTR;
	err = change_slot(gmem, region);
	up_write(&gmem->slots_lock);
	return err;
}

/* Context: gmem->slots_lock held. */
static int take_log(struct gmem *gmem, u32 id, unsigned long **dirty, size_t *size)
{
	struct gmem_slot *slot = find_id(gmem, id);

	if (!slot || !slot->dirty)
		return -ENOENT;
	*size = dirty_longs(&slot->region) * sizeof(long);
	*dirty = kvzalloc(*size, GFP_KERNEL_ACCOUNT);
	if (!*dirty)
		return -ENOMEM;
	mutex_lock(&gmem->lock);
	swap(*dirty, slot->dirty);
	gmem_write_protect(gmem, slot->region.guest_phys_addr,
			   slot->region.memory_size);
	mutex_unlock(&gmem->lock);
	return 0;
}

/**
 * slot_take_dirty_log() - what was written to since the last time
 * @gmem: the memory
 * @id: number of the slot
 * @dirty: the log; the caller frees it with kvfree()
 * @size: its size in bytes
 *
 * Return: 0, -EINVAL, -ENOENT, -ENOMEM or -EINTR, as MINIVMX_GET_DIRTY_LOG.
 */
int slot_take_dirty_log(struct gmem *gmem, u32 id, unsigned long **dirty,
			size_t *size)
{
	int err;

	if (id >= GMEM_SLOTS)
		return -EINVAL;
	if (down_read_killable(&gmem->slots_lock))
		return -EINTR;
	err = take_log(gmem, id, dirty, size);
	up_read(&gmem->slots_lock);
	return err;
}
