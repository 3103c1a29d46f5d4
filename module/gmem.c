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
#include <linux/string.h>

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
	INIT_LIST_HEAD(&gmem->slots);
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

/*
 * A window keeps interrupts off. So once every CPU has taken this one, all
 * windows that may know the old entries are over, and a new one sees the new
 * generation and does INVEPT.
 */
static void end_all_windows(void)
{
	on_each_cpu(wait_for_windows, NULL, 1);
}

/**
 * gmem_unmap() - give the pages of a range back to their owner
 * @gmem: the memory, locked
 * @start: first guest-physical address
 * @size: in bytes
 */
void gmem_unmap(struct gmem *gmem, u64 start, u64 size)
{
	lockdep_assert_held(&gmem->lock);
	if (ept_zap(&gmem->ept, start, start + size, EPT_RWX))
		end_all_windows();
	ept_reap(&gmem->ept, start, start + size, put_page_back);
}

/** gmem_write_protect() - notice the next write to each page of a range */
void gmem_write_protect(struct gmem *gmem, u64 start, u64 size)
{
	lockdep_assert_held(&gmem->lock);
	if (ept_zap(&gmem->ept, start, start + size, EPT_WRITE))
		end_all_windows();
}

/**
 * gmem_destroy() - give back all memory and the tables
 * @gmem: no vCPU uses it any more
 */
void gmem_destroy(struct gmem *gmem)
{
	struct gmem_slot *slot, *next;

	if (gmem->ept.root)
		ept_reap(&gmem->ept, 0, 1ULL << EPT_GPA_BITS, put_page_back);
	ept_destroy(&gmem->ept);
	list_for_each_entry_safe(slot, next, &gmem->slots, link)
		slot_free(slot);
	mutex_destroy(&gmem->lock);
}

/* Pin the caller's page at @hva; writable if it can be, or has to be. */
static int pin_page(const struct gmem_slot *slot, unsigned long hva, bool write,
		    struct page **page, enum ept_rights *rights)
{
	/* Of a read-only slot too: it is the guest that may not write. */
	int n = pin_user_pages_fast(hva, 1, FOLL_LONGTERM | FOLL_WRITE, page);

	*rights = slot->dirty && !write ? EPT_RIGHTS_LOGGED : EPT_RIGHTS_WRITE;
	if (slot->region.flags & MINIVMX_MEM_READONLY)
		*rights = EPT_RIGHTS_READ;
	if (n == -EFAULT && !write) {
		*rights = EPT_RIGHTS_READ;
		n = pin_user_pages_fast(hva, 1, FOLL_LONGTERM, page);
	}
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

static void note_write(struct gmem_slot *slot, u64 gpa)
{
	if (slot->dirty)
		__set_bit((gpa - slot->region.guest_phys_addr) >> PAGE_SHIFT,
			  slot->dirty);
}

/* The page is there already, but perhaps not for writing. */
static enum gmem_fault allow_write(struct gmem_slot *slot, u64 gpa, u64 *entry)
{
	if (!(*entry & EPT_OWNER_WRITABLE))
		return GMEM_BAD_USER_PAGE;
	WRITE_ONCE(*entry, *entry | EPT_WRITE);
	note_write(slot, gpa);
	return GMEM_MAPPED;
}

static enum gmem_fault fault_locked(struct gmem *gmem, u64 gpa, bool write)
{
	struct gmem_slot *slot = slot_find(gmem, gpa);
	enum ept_rights rights;
	struct page *page;
	u64 *entry;
	int n;

	/* What a guest writes to memory that it may only read is MMIO. */
	if (!slot || (write && slot->region.flags & MINIVMX_MEM_READONLY))
		return GMEM_NO_SLOT;
	gpa &= PAGE_MASK;
	entry = ept_leaf(&gmem->ept, gpa);
	if (entry)
		return write && !(*entry & EPT_WRITE) ?
			allow_write(slot, gpa, entry) : GMEM_MAPPED;

	n = pin_page(slot, slot->region.userspace_addr +
		     (gpa - slot->region.guest_phys_addr), write, &page, &rights);
	if (n != 1)
		return pin_result(n);
	if (ept_map(&gmem->ept, gpa, PFN_PHYS(page_to_pfn(page)), rights)) {
		unpin_user_page(page);
		return GMEM_NO_MEMORY;
	}
	if (write)
		note_write(slot, gpa);
	return GMEM_MAPPED;
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
	enum gmem_fault result;

	if (mutex_lock_killable(&gmem->lock))
		return GMEM_INTERRUPTED;
	result = fault_locked(gmem, gpa, write);
	mutex_unlock(&gmem->lock);
	return result;
}

/* Where the kernel has the memory at @gpa; the page is mapped. */
static void *address_of(struct gmem *gmem, u64 gpa)
{
	return __va(ept_address(*ept_leaf(&gmem->ept, gpa))) + offset_in_page(gpa);
}

/**
 * gmem_read() - read guest memory on the guest's behalf
 * @gmem: the memory
 * @gpa: where from
 * @to: where to
 * @size: bytes; all of them in one page
 *
 * Context: as gmem_fault(), and so are the next two.
 */
enum gmem_fault gmem_read(struct gmem *gmem, u64 gpa, void *to, u32 size)
{
	enum gmem_fault result;

	if (mutex_lock_killable(&gmem->lock))
		return GMEM_INTERRUPTED;
	result = fault_locked(gmem, gpa, false);
	if (result == GMEM_MAPPED)
		memcpy(to, address_of(gmem, gpa), size);
	mutex_unlock(&gmem->lock);
	return result;
}

/** gmem_write() - write guest memory on the guest's behalf */
enum gmem_fault gmem_write(struct gmem *gmem, u64 gpa, const void *from, u32 size)
{
	enum gmem_fault result;

	if (mutex_lock_killable(&gmem->lock))
		return GMEM_INTERRUPTED;
	result = fault_locked(gmem, gpa, true);
	if (result == GMEM_MAPPED)
		memcpy(address_of(gmem, gpa), from, size);
	mutex_unlock(&gmem->lock);
	return result;
}

/** gmem_set_bits() - set bits of a 32-bit word that still is @old */
enum gmem_fault gmem_set_bits(struct gmem *gmem, u64 gpa, u32 old, u32 bits)
{
	enum gmem_fault result;

	if (mutex_lock_killable(&gmem->lock))
		return GMEM_INTERRUPTED;
	result = fault_locked(gmem, gpa, true);
	if (result == GMEM_MAPPED)
		atomic_cmpxchg((atomic_t *)address_of(gmem, gpa), old, old | bits);
	mutex_unlock(&gmem->lock);
	return result;
}

/** gmem_ept_walk() - see MINIVMX_EPT_WALK */
int gmem_ept_walk(struct gmem *gmem, struct minivmx_ept_walk *walk)
{
	if (walk->guest_phys_addr >> EPT_GPA_BITS)
		return -EINVAL;
	if (mutex_lock_killable(&gmem->lock))
		return -EINTR;
	memset(walk->entries, 0, sizeof(walk->entries));
	walk->levels = ept_walk(&gmem->ept, walk->guest_phys_addr, walk->entries);
	walk->pointer = gmem->ept.pointer;
	walk->flags = 0;
	mutex_unlock(&gmem->lock);
	return 0;
}
