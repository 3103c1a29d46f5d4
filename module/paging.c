// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's own page tables.
 *
 * The processor walks them when the guest runs. This walk is for instructions
 * that minivmx completes, and for MINIVMX_TRANSLATE. vcpu->sregs is fresh.
 *
 * Source: SDM Vol. 3A, "Paging", chapter 4, edition 083.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <asm/processor.h>
#include <asm/processor-flags.h>
#include <asm/trap_pf.h>
#include <asm/traps.h>

#include "event.h"
#include "paging.h"
#include "sregs.h"
#include "vcpu.h"
#include "vm.h"

#define PTE_PRESENT	BIT_ULL(0)
#define PTE_WRITE	BIT_ULL(1)
#define PTE_USER	BIT_ULL(2)
#define PTE_ACCESSED	BIT_ULL(5)
#define PTE_DIRTY	BIT_ULL(6)
#define PTE_LARGE	BIT_ULL(7)
#define PTE_NX		BIT_ULL(63)
#define PTE_ADDRESS	0x000ffffffffff000ULL
#define PDPTE_RESERVED	0x1e6ULL	/* of PAE paging: bits 8:5 and 2:1 */

/**
 * struct mode - how a linear address is cut up
 * @levels: tables to read
 * @bits: of the address, that index each table
 * @size: bytes of an entry
 */
struct mode {
	int levels, bits, size;
};

static const struct mode paging_32 = { 2, 10, 4 };
static const struct mode paging_pae = { 2, 9, 8 };	/* below the PDPTEs */
static const struct mode paging_4_level = { 4, 9, 8 };

static enum paging_result not_memory(enum gmem_fault fault, struct paging_error *error)
{
	switch (fault) {
	case GMEM_NO_SLOT:
		return PAGING_MMIO;
	case GMEM_NO_MEMORY:
		error->err = -ENOMEM;
		return PAGING_FAILED;
	case GMEM_INTERRUPTED:
		error->err = -EINTR;
		return PAGING_FAILED;
	default:
		error->err = -EFAULT;
		return PAGING_FAILED;
	}
}

static const struct mode *choose_mode(const struct minivmx_sregs *sregs)
{
	if (sregs->efer & EFER_LMA)
		return &paging_4_level;
	return sregs->cr4 & X86_CR4_PAE ? &paging_pae : &paging_32;
}

/* Is the entry of a level that has large pages one? */
static bool is_leaf(const struct mode *mode, const struct minivmx_sregs *sregs,
		    int level, u64 entry)
{
	if (level == 1)
		return true;
	if (level > 3 || !(entry & PTE_LARGE))
		return false;
	return mode->size == 8 || sregs->cr4 & X86_CR4_PSE;
}

/* Bits that have to be 0 in an entry that is present. */
static u64 reserved(const struct mode *mode, const struct minivmx_sregs *sregs,
		    int level, u64 entry, bool leaf)
{
	u64 high = ~0ULL << boot_cpu_data.x86_phys_bits & 0x000fffffffffffffULL;
	u64 bits;

	if (mode->size == 4)
		return leaf && level == 2 ? entry & (1 << 21) : 0;
	bits = entry & high;
	if (mode->levels == 2)
		bits |= entry & 0x7ff0000000000000ULL;
	if (!(sregs->efer & EFER_NX))
		bits |= entry & PTE_NX;
	if (leaf && level > 1)
		bits |= entry & ((1ULL << (12 + 9 * (level - 1))) - 1) & ~0x1fffULL;
	else if (level == 4)
		bits |= entry & PTE_LARGE;
	return bits;
}

/* SDM Vol. 3A, "Determination of Access Rights", 4.6.1, edition 083. */
static bool allowed(const struct vcpu *vcpu, u64 rights, u32 access)
{
	const struct minivmx_sregs *sregs = &vcpu->sregs;
	bool user = access & ACCESS_USER;

	if (access & ACCESS_PROBE)
		return true;
	if (user && !(rights & PTE_USER))
		return false;
	if (access & ACCESS_FETCH) {
		if (sregs->efer & EFER_NX && rights & PTE_NX)
			return false;
		return user || !(sregs->cr4 & X86_CR4_SMEP) || !(rights & PTE_USER);
	}
	if (!user && sregs->cr4 & X86_CR4_SMAP && rights & PTE_USER &&
	    !(vcpu->rflags & X86_EFLAGS_AC))
		return false;
	return !(access & ACCESS_WRITE) || rights & PTE_WRITE ||
		(!user && !(sregs->cr0 & X86_CR0_WP));
}

/* The guest-physical address that a leaf at @level gives to @linear. */
static u64 leaf_address(const struct mode *mode, int level, u64 entry, u64 linear)
{
	u64 offset = (1ULL << (12 + mode->bits * (level - 1))) - 1;
	u64 base = entry & PTE_ADDRESS & ~offset;

	/* PSE-36: bits 39:32 of a 4 MiB page are in bits 20:13. */
	if (mode->size == 4 && level == 2)
		base = (entry & 0xffc00000) | (entry >> 13 & 0xff) << 32;
	return base | (linear & offset);
}

/**
 * paging_walk() - translate a linear address as the guest's processor would
 * @vcpu: the vCPU
 * @linear: the address
 * @access: ACCESS_*
 * @gpa: filled in
 * @error: filled in on failure
 */
enum paging_result paging_walk(struct vcpu *vcpu, u64 linear, u32 access,
			       u64 *gpa, struct paging_error *error)
{
	const struct minivmx_sregs *sregs = &vcpu->sregs;
	const struct mode *mode = choose_mode(sregs);
	u64 rights = PTE_WRITE | PTE_USER, table, entry = 0, at = 0, set;
	struct gmem *gmem = &vcpu->vm->gmem;
	enum gmem_fault fault;
	int level;

	if (!(sregs->cr0 & X86_CR0_PG)) {
		*gpa = access & ACCESS_PROBE ? linear : (u32)linear;
		return PAGING_OK;
	}
	error->error_code = access & (ACCESS_WRITE | ACCESS_USER);
	if (access & ACCESS_FETCH && (sregs->efer & EFER_NX || sregs->cr4 & X86_CR4_SMEP))
		error->error_code |= X86_PF_INSTR;

	table = sregs->cr3 & PTE_ADDRESS;
	if (mode == &paging_pae) {
		table = vcpu->pdpte[linear >> 30 & 3];
		if (!(table & PTE_PRESENT))
			return PAGING_FAULT;
		table &= PTE_ADDRESS;
	} else if (mode == &paging_32) {
		table = (u32)table;
	}

	for (level = mode->levels; ; level--) {
		u64 index = linear >> (12 + mode->bits * (level - 1)) &
			((1 << mode->bits) - 1);
		bool leaf;

		at = table + index * mode->size;
		entry = 0;
		fault = gmem_read(gmem, at, &entry, mode->size);
		if (fault == GMEM_NO_SLOT)
			return PAGING_NO_TABLE;
		if (fault != GMEM_MAPPED)
			return not_memory(fault, error);
		if (!(entry & PTE_PRESENT))
			return PAGING_FAULT;
		leaf = is_leaf(mode, sregs, level, entry);
		if (reserved(mode, sregs, level, entry, leaf)) {
			error->error_code |= X86_PF_PROT | X86_PF_RSVD;
			return PAGING_FAULT;
		}
		rights = (rights & entry) | (rights & PTE_NX) | (entry & PTE_NX);
		if (!leaf && !(access & ACCESS_PROBE) && !(entry & PTE_ACCESSED))
			gmem_set_bits(gmem, at, entry, PTE_ACCESSED);
		if (leaf)
			break;
		table = entry & PTE_ADDRESS;
	}
	if (!allowed(vcpu, rights, access)) {
		error->error_code |= X86_PF_PROT;
		return PAGING_FAULT;
	}
	set = PTE_ACCESSED | (access & ACCESS_WRITE ? PTE_DIRTY : 0);
	if (!(access & ACCESS_PROBE) && (entry & set) != set)
		gmem_set_bits(gmem, at, entry, set);
	*gpa = leaf_address(mode, level, entry, linear);
	return PAGING_OK;
}

/** paging_user_access() - ACCESS_USER if the guest runs at privilege level 3 */
u32 paging_user_access(const struct vcpu *vcpu)
{
	const struct minivmx_sregs *sregs = &vcpu->sregs;

	if (!(sregs->cr0 & X86_CR0_PE))
		return 0;
	return vcpu->rflags & X86_EFLAGS_VM || sregs->ss.dpl == 3 ? ACCESS_USER : 0;
}

/**
 * paging_fetch() - read the bytes of an instruction
 * @vcpu: the vCPU
 * @linear: where it is
 * @to: the bytes
 * @size: how many; at most a page
 * @got: how many there are: fewer, if the next page cannot be read
 */
enum paging_result paging_fetch(struct vcpu *vcpu, u64 linear, u8 *to, u32 size,
				u32 *got)
{
	enum paging_result result = PAGING_OK;
	struct paging_error error = {};
	enum gmem_fault fault;
	u64 gpa;
	u32 n;

	for (*got = 0; *got < size && result == PAGING_OK; *got += n) {
		n = min_t(u32, size - *got, PAGE_SIZE - offset_in_page(linear + *got));
		result = paging_walk(vcpu, linear + *got,
				     ACCESS_FETCH | paging_user_access(vcpu), &gpa,
				     &error);
		if (result != PAGING_OK)
			break;
		fault = gmem_read(&vcpu->vm->gmem, gpa, to + *got, n);
		if (fault != GMEM_MAPPED) {
			result = not_memory(fault, &error);
			break;
		}
	}
	return *got ? PAGING_OK : result;
}

/**
 * paging_read_pdptes() - load the PDPTEs, as MOV to CR3 does under PAE paging
 * @vcpu: the vCPU; its sregs mean PAE paging
 *
 * Return: 0, or -EINVAL if one of them is not valid or memory is missing.
 * Source: SDM Vol. 3A, "PDPTE Registers", 4.4.1, edition 083.
 */
int paging_read_pdptes(struct vcpu *vcpu)
{
	u64 high = ~0ULL << boot_cpu_data.x86_phys_bits;
	u64 pdpte[4];
	int i;

	if (gmem_read(&vcpu->vm->gmem, vcpu->sregs.cr3 & 0xffffffe0, pdpte,
		      sizeof(pdpte)) != GMEM_MAPPED)
		return -EINVAL;
	for (i = 0; i < 4; i++)
		if (pdpte[i] & PTE_PRESENT && pdpte[i] & (PDPTE_RESERVED | high))
			return -EINVAL;
	memcpy(vcpu->pdpte, pdpte, sizeof(pdpte));
	return 0;
}

/** paging_translate() - see MINIVMX_TRANSLATE */
int paging_translate(struct vcpu *vcpu, void *arg)
{
	struct minivmx_translation *t = arg;
	struct paging_error error = {};
	enum paging_result result;
	u64 gpa;
	int err = vcpu_refresh(vcpu);

	if (err)
		return err;
	result = paging_walk(vcpu, t->linear_address, ACCESS_PROBE, &gpa, &error);
	if (result == PAGING_FAILED && error.err == -EINTR)
		return -EINTR;
	t->valid = result == PAGING_OK && gpa != ~0ULL;
	t->physical_address = t->valid ? gpa : ~0ULL;
	t->writeable = 1;
	t->usermode = 0;
	return 0;
}
