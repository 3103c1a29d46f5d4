// SPDX-License-Identifier: GPL-2.0
/*
 * Guest memory: pieces of the owner's address space.
 *
 * A page is pinned and mapped when the guest first touches it, and given back
 * when its slot goes away.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/uaccess.h>
#include <asm/processor.h>

#include "gmem.h"

/**
 * gmem_init() - memory of a VM that has none yet
 * @gmem: filled in
 *
 * Return: 0 or -ENOMEM.
 */
int gmem_init(struct gmem *gmem)
{
	mutex_init(&gmem->lock);
	return ept_init(&gmem->ept);
}

static void put_page_back(u64 phys, bool written)
{
	struct page *page = pfn_to_page(PHYS_PFN(phys));

	/* A page that may not be written to must not become dirty either. */
	unpin_user_pages_dirty_lock(&page, 1, written);
}

static void wait_for_windows(void *unused)
{
}

/* Take the pages of a range out of EPT and give them back to their owner. */
static void gmem_unmap(struct gmem *gmem, u64 start, u64 size)
{
	lockdep_assert_held(&gmem->lock);

	if (!ept_zap(&gmem->ept, start, start + size))
		return;
	/*
	 * A window keeps interrupts off. So once every CPU has taken this one,
	 * all windows that may know the old entries are over, and a new one
	 * sees the new generation and does INVEPT.
	 */
	on_each_cpu(wait_for_windows, NULL, 1);
	ept_reap(&gmem->ept, start, start + size, put_page_back);
}

/**
 * gmem_destroy() - give back all memory and the tables
 * @gmem: no vCPU uses it any more
 */
void gmem_destroy(struct gmem *gmem)
{
	if (gmem->ept.root)
		ept_reap(&gmem->ept, 0, 1ULL << EPT_GPA_BITS, put_page_back);
	ept_destroy(&gmem->ept);
	mutex_destroy(&gmem->lock);
}

static bool region_valid(const struct minivmx_userspace_memory_region *r)
{
	u64 last = r->guest_phys_addr + r->memory_size - 1;
	u64 all = r->guest_phys_addr | r->memory_size | r->userspace_addr;

	if (r->slot >= GMEM_SLOTS || r->flags || !PAGE_ALIGNED(all))
		return false;
	if (!access_ok((void __user *)r->userspace_addr, r->memory_size))
		return false;
	if (!r->memory_size)
		return true;
	return last >= r->guest_phys_addr &&
		last >> min_t(int, boot_cpu_data.x86_phys_bits, EPT_GPA_BITS) == 0;
}

static bool region_overlaps(const struct gmem *gmem,
			    const struct minivmx_userspace_memory_region *r)
{
	int i;

	for (i = 0; i < GMEM_SLOTS; i++) {
		const struct minivmx_userspace_memory_region *s = &gmem->slots[i];

		if (i != r->slot && s->memory_size &&
		    r->guest_phys_addr < s->guest_phys_addr + s->memory_size &&
		    s->guest_phys_addr < r->guest_phys_addr + r->memory_size)
			return true;
	}
	return false;
}

/**
 * gmem_set_region() - add, move or delete a slot
 * @gmem: the memory
 * @region: what user space asked for, in kernel memory
 *
 * The rules are KVM's: see MINIVMX_SET_USER_MEMORY_REGION.
 *
 * Return: 0, -EINVAL, -EEXIST, or -EINTR when the caller is being killed.
 */
int gmem_set_region(struct gmem *gmem,
		    const struct minivmx_userspace_memory_region *region)
{
	struct minivmx_userspace_memory_region *slot;
	int err = 0;

	if (!region_valid(region))
		return -EINVAL;

	/* Whoever holds it may be waiting for a page, for as long as it takes. */
	if (mutex_lock_killable(&gmem->lock))
		return -EINTR;
	slot = &gmem->slots[region->slot];
	if (!region->memory_size) {
		if (slot->memory_size)
			gmem_unmap(gmem, slot->guest_phys_addr, slot->memory_size);
		else
			err = -EINVAL;
		slot->memory_size = 0;
		goto out;
	}

	if (slot->memory_size &&
	    (slot->memory_size != region->memory_size ||
	     slot->userspace_addr != region->userspace_addr)) {
		err = -EINVAL;
		goto out;
	}
	if (region_overlaps(gmem, region)) {
		err = -EEXIST;
		goto out;
	}
	if (slot->memory_size && slot->guest_phys_addr != region->guest_phys_addr)
		gmem_unmap(gmem, slot->guest_phys_addr, slot->memory_size);
	*slot = *region;
out:
	mutex_unlock(&gmem->lock);
	return err;
}

static const struct minivmx_userspace_memory_region *
find_slot(const struct gmem *gmem, u64 gpa)
{
	int i;

	for (i = 0; i < GMEM_SLOTS; i++)
		if (gpa - gmem->slots[i].guest_phys_addr < gmem->slots[i].memory_size)
			return &gmem->slots[i];
	return NULL;
}

/* Pin the caller's page at @hva; writable if it can be, or has to be. */
static int pin_page(unsigned long hva, bool write, struct page **page,
		    bool *writable)
{
	int n = pin_user_pages_fast(hva, 1, FOLL_LONGTERM | FOLL_WRITE, page);

	*writable = n == 1;
	if (n == -EFAULT && !write)
		n = pin_user_pages_fast(hva, 1, FOLL_LONGTERM, page);
	return n;
}

static enum gmem_fault pin_result(int err)
{
	switch (err) {
	case -ENOMEM:
		return GMEM_NO_MEMORY;
	case -EINTR:
	case -EAGAIN:
	case -ERESTARTSYS:
		return GMEM_INTERRUPTED;
	default:
		return GMEM_BAD_USER_PAGE;
	}
}

/**
 * gmem_fault() - map the page that the guest just missed
 * @gmem: the memory
 * @gpa: guest-physical address of the access
 * @write: it was a write
 *
 * Context: process context of the owner; may sleep.
 */
enum gmem_fault gmem_fault(struct gmem *gmem, u64 gpa, bool write)
{
	const struct minivmx_userspace_memory_region *slot;
	enum gmem_fault result = GMEM_MAPPED;
	struct page *page;
	bool writable;
	u64 entry;
	int n;

	gpa &= PAGE_MASK;
	if (mutex_lock_killable(&gmem->lock))
		return GMEM_INTERRUPTED;
	slot = find_slot(gmem, gpa);
	if (!slot) {
		result = GMEM_NO_SLOT;
		goto out;
	}

	entry = ept_lookup(&gmem->ept, gpa);
	if (ept_present(entry)) {
		/* Another vCPU was faster, or the owner's page is read-only. */
		if (write && !(entry & EPT_WRITE))
			result = GMEM_BAD_USER_PAGE;
		goto out;
	}

	n = pin_page(slot->userspace_addr + (gpa - slot->guest_phys_addr), write,
		     &page, &writable);
	if (n != 1) {
		result = pin_result(n);
		goto out;
	}
	if (ept_map(&gmem->ept, gpa, PFN_PHYS(page_to_pfn(page)), writable)) {
		unpin_user_page(page);
		result = GMEM_NO_MEMORY;
	}
out:
	mutex_unlock(&gmem->lock);
	return result;
}
