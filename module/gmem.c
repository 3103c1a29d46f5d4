// SPDX-License-Identifier: GPL-2.0
/*
 * Guest memory: pieces of the owner's address space.
 *
 * A page is mapped when the guest first touches it, and stays the owner's: nothing
 * is pinned. When the kernel changes the owner's page tables, to swap, migrate or
 * unmap a page, to protect it from writing or to copy it, it says so before, and
 * the page leaves EPT: gmem_invalidate(). The guest's next touch finds what is
 * there then.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/pgtable.h>
#include <linux/sched/signal.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/swap.h>

#include "gmem.h"
#include "vmx_cpu.h"

/**
 * gmem_init() - memory of a VM that has none yet
 * @gmem: filled in
 *
 * Return: 0 or -ENOMEM.
 */
int gmem_init(struct gmem *gmem)
{
	init_rwsem(&gmem->slots_lock);
	INIT_LIST_HEAD(&gmem->slots);
	mutex_init(&gmem->lock);
	gmem->large_pages = vmx_caps.ept_large;
	return ept_init(&gmem->ept, vmx_caps.ept_accessed_dirty);
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

/*
 * The guest has it no more: tell the kernel what the guest did to it, which the
 * owner's tables do not know. The owner has it still.
 */
static void page_gone(u64 leaf)
{
	struct page *page = pfn_to_page(PHYS_PFN(ept_address(leaf)));

	if (PageReserved(page))
		return;
	if (leaf & EPT_DIRTY)
		SetPageDirty(page);
	if (leaf & EPT_ACCESSED)
		folio_mark_accessed(page_folio(page));
}

/**
 * gmem_unmap() - let the guest have no page of a range any more
 * @gmem: the memory, locked
 * @start: first guest-physical address
 * @size: in bytes
 */
void gmem_unmap(struct gmem *gmem, u64 start, u64 size)
{
	u64 *dead = NULL;

	lockdep_assert_held(&gmem->lock);
	if (ept_unmap(&gmem->ept, start, start + size, page_gone, &dead))
		end_all_windows();
	ept_free_tables(dead);
}

/** gmem_write_protect() - notice the next write to each page of a range */
void gmem_write_protect(struct gmem *gmem, u64 start, u64 size)
{
	lockdep_assert_held(&gmem->lock);
	if (ept_write_protect(&gmem->ept, start, start + size, page_gone))
		end_all_windows();
}

/**
 * gmem_invalidate() - the owner's mapping of a slot is about to change
 * @notifier: the slot's
 * @range: addresses of the owner's
 * @seq: tells a fault that is on its way to look again
 *
 * Return: false if that would take waiting, and @range does not allow it.
 */
bool gmem_invalidate(struct mmu_interval_notifier *notifier,
		     const struct mmu_notifier_range *range, unsigned long seq)
{
	struct gmem_slot *slot = container_of(notifier, struct gmem_slot, notifier);
	const struct minivmx_userspace_memory_region *r = &slot->region;
	unsigned long start = max_t(unsigned long, range->start, r->userspace_addr);
	unsigned long end = min_t(unsigned long, range->end,
				  r->userspace_addr + r->memory_size);
	struct gmem *gmem = slot->gmem;

	if (mmu_notifier_range_blockable(range))
		mutex_lock(&gmem->lock);
	else if (!mutex_trylock(&gmem->lock))
		return false;
	mmu_interval_set_seq(notifier, seq);
	gmem_unmap(gmem, r->guest_phys_addr + (start - r->userspace_addr), end - start);
	mutex_unlock(&gmem->lock);
	return true;
}

/**
 * gmem_destroy() - give up all memory and the tables
 * @gmem: no vCPU uses it any more
 */
void gmem_destroy(struct gmem *gmem)
{
	struct gmem_slot *slot, *next;
	u64 *dead = NULL;

	/* While the slots' notifiers still see to it that no page goes before. */
	mutex_lock(&gmem->lock);
	ept_unmap(&gmem->ept, 0, 1ULL << EPT_GPA_BITS, page_gone, &dead);
	mutex_unlock(&gmem->lock);
	ept_free_tables(dead);
	list_for_each_entry_safe(slot, next, &gmem->slots, link)
		slot_destroy(slot);
	ept_destroy(&gmem->ept);
	mutex_destroy(&gmem->lock);
}

/* ------------------------- faults ---------------------------------------- */

static void note_write(struct gmem_slot *slot, u64 gpa)
{
	if (slot->dirty)
		__set_bit((gpa - slot->region.guest_phys_addr) >> PAGE_SHIFT,
			  slot->dirty);
}

/* Is the page there already, and for this access? Context: gmem->lock held. */
static bool is_mapped(struct gmem_slot *slot, u64 gpa, bool write)
{
	u64 *entry = ept_leaf(&slot->gmem->ept, gpa);

	if (!entry)
		return false;
	if (!write || *entry & EPT_WRITE)
		return true;
	if (!(*entry & EPT_OWNER_WRITABLE))
		return false;
	ept_add(entry, EPT_WRITE);
	note_write(slot, gpa);
	return true;
}

static enum gmem_fault from_errno(int err)
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

/*
 * The owner's page at @hva, for now. A read maps it writable if the owner could
 * write to it right now: a page that only a write would give it, a copy or one of
 * a file, is not asked for.
 */
static enum gmem_fault get_page_of_owner(const struct gmem_slot *slot, u64 hva,
					 bool write, struct page **page,
					 enum ept_rights *rights)
{
	int n = 0;

	*rights = write || !slot->dirty ? EPT_RIGHTS_WRITE : EPT_RIGHTS_LOGGED;
	if (!write && !(slot->region.flags & MINIVMX_MEM_READONLY))
		n = get_user_pages_fast_only(hva, 1, FOLL_WRITE, page);
	if (n == 1)
		return GMEM_MAPPED;
	if (!write)
		*rights = EPT_RIGHTS_READ;
	n = get_user_pages_fast(hva, 1, write ? FOLL_WRITE : 0, page);
	return n == 1 ? GMEM_MAPPED : from_errno(n);
}

/*
 * Does the owner have 2 MiB or more at @hva in one piece? Its page tables are read
 * as get_user_pages_fast() does: while interrupts are off, they stay.
 */
static bool is_huge(unsigned long hva)
{
	bool huge = false;
	p4d_t p4d;
	pud_t pud;
	pmd_t pmd;
	pgd_t pgd;

	local_irq_disable();
	pgd = READ_ONCE(*pgd_offset(current->mm, hva));
	if (pgd_none(pgd))
		goto out;
	p4d = READ_ONCE(*p4d_offset(&pgd, hva));
	if (p4d_none(p4d) || !p4d_present(p4d))
		goto out;
	pud = READ_ONCE(*pud_offset(&p4d, hva));
	huge = pud_present(pud) && pud_leaf(pud);
	if (huge || pud_none(pud) || !pud_present(pud))
		goto out;
	pmd = READ_ONCE(*pmd_offset(&pud, hva));
	huge = pmd_present(pmd) && pmd_leaf(pmd);
out:
	local_irq_enable();
	return huge;
}

/* May all 2 MiB around a page that may be written to be mapped with it? */
static bool is_large(const struct gmem_slot *slot, u64 gpa, u64 hva)
{
	const struct minivmx_userspace_memory_region *r = &slot->region;
	u64 size = ept_level_size(2), start = gpa & ~(size - 1);

	return slot->gmem->large_pages && !slot->dirty && !((gpa ^ hva) & (size - 1)) &&
		start >= r->guest_phys_addr &&
		start + size <= r->guest_phys_addr + r->memory_size && is_huge(hva);
}

/* Tables for a mapping to come: under the lock, nothing may be allocated. */
static bool refill(struct gmem *gmem)
{
	bool full = READ_ONCE(gmem->ept.nr_spare) == EPT_SPARES;

	while (!full) {
		u64 *table = ept_alloc_table();

		if (!table)
			return false;
		mutex_lock(&gmem->lock);
		full = !ept_give_spare(&gmem->ept, table);
		mutex_unlock(&gmem->lock);
		if (full)
			free_page((unsigned long)table);
	}
	return true;
}

/* Return: GMEM_MAPPED with gmem->lock held; GMEM_AGAIN if it was too late. */
static enum gmem_fault map_page(struct gmem_slot *slot, u64 gpa, bool write)
{
	u64 hva = slot->region.userspace_addr + (gpa - slot->region.guest_phys_addr);
	struct gmem *gmem = slot->gmem;
	enum gmem_fault result;
	enum ept_rights rights;
	unsigned long seq;
	struct page *page;
	bool large;

	if (!refill(gmem))
		return GMEM_NO_MEMORY;
	seq = mmu_interval_read_begin(&slot->notifier);
	result = get_page_of_owner(slot, hva, write, &page, &rights);
	if (result != GMEM_MAPPED)
		return result;
	large = rights == EPT_RIGHTS_WRITE && is_large(slot, gpa, hva);
	mutex_lock(&gmem->lock);
	if (mmu_interval_read_retry(&slot->notifier, seq) ||
	    ept_map(&gmem->ept, gpa, PFN_PHYS(page_to_pfn(page)), rights, large)) {
		mutex_unlock(&gmem->lock);
		result = signal_pending(current) ? GMEM_INTERRUPTED : GMEM_AGAIN;
	} else {
		/*
		 * It may be written to from now on, and nobody would say so. Not
		 * before: the kernel might just have cleaned it.
		 */
		if (!vmx_caps.ept_accessed_dirty && rights != EPT_RIGHTS_READ &&
		    !PageReserved(page))
			SetPageDirty(page);
		if (write)
			note_write(slot, gpa);
	}
	/* From here on, gmem_invalidate() says when it goes. */
	put_page(page);
	return result;
}

/*
 * Have the page at @gpa mapped for an access, and hold gmem->lock then; if it
 * cannot be, the lock is not held. Context: process context of the owner.
 */
static enum gmem_fault lock_page_at(struct gmem *gmem, u64 gpa, bool write)
{
	enum gmem_fault result = GMEM_AGAIN;
	struct gmem_slot *slot;

	if (down_read_killable(&gmem->slots_lock))
		return GMEM_INTERRUPTED;
	slot = slot_find(gmem, gpa);
	/* What a guest writes to memory that it may only read is MMIO. */
	if (!slot || (write && slot->region.flags & MINIVMX_MEM_READONLY))
		result = GMEM_NO_SLOT;
	while (result == GMEM_AGAIN) {
		mutex_lock(&gmem->lock);
		if (is_mapped(slot, gpa, write)) {
			result = GMEM_MAPPED;
		} else {
			mutex_unlock(&gmem->lock);
			result = map_page(slot, gpa & PAGE_MASK, write);
		}
	}
	up_read(&gmem->slots_lock);
	return result;
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
	enum gmem_fault result = lock_page_at(gmem, gpa, write);

	if (result == GMEM_MAPPED)
		mutex_unlock(&gmem->lock);
	return result;
}

/* ------------------------- on the guest's behalf -------------------------- */

/* Where the kernel has the memory at @gpa, to read or to write it; it is mapped. */
static void *address_of(struct gmem *gmem, u64 gpa, bool write)
{
	u64 *leaf = ept_leaf(&gmem->ept, gpa);

	/* The processor says so of its own writes only. */
	if (write)
		ept_add(leaf, EPT_DIRTY);
	return __va(ept_address(*leaf) + (gpa & (ept_page_size(*leaf) - 1)));
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
	enum gmem_fault result = lock_page_at(gmem, gpa, false);

	if (result != GMEM_MAPPED)
		return result;
	memcpy(to, address_of(gmem, gpa, false), size);
	mutex_unlock(&gmem->lock);
	return GMEM_MAPPED;
}

/** gmem_write() - write guest memory on the guest's behalf */
enum gmem_fault gmem_write(struct gmem *gmem, u64 gpa, const void *from, u32 size)
{
	enum gmem_fault result = lock_page_at(gmem, gpa, true);

	if (result != GMEM_MAPPED)
		return result;
	memcpy(address_of(gmem, gpa, true), from, size);
	mutex_unlock(&gmem->lock);
	return GMEM_MAPPED;
}

/** gmem_set_bits() - set bits of a 32-bit word that still is @old */
enum gmem_fault gmem_set_bits(struct gmem *gmem, u64 gpa, u32 old, u32 bits)
{
	enum gmem_fault result = lock_page_at(gmem, gpa, true);

	if (result != GMEM_MAPPED)
		return result;
	atomic_cmpxchg((atomic_t *)address_of(gmem, gpa, true), old, old | bits);
	mutex_unlock(&gmem->lock);
	return GMEM_MAPPED;
}
