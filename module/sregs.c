// SPDX-License-Identifier: GPL-2.0
/*
 * Segment, control and system registers: between struct minivmx_sregs and the
 * guest-state area of a VMCS.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/apicdef.h>
#include <asm/msr-index.h>
#include <asm/processor.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "sregs.h"
#include "vcpu.h"
#include "vmcs.h"
#include "vmx_cpu.h"

/*
 * CR0 bits that are real only in the read shadow: NE has to be 1 in VMX
 * operation, and CD and NW would switch off the caches of the host's CPU. The
 * guest changes the others without an exit.
 */
#define CR0_HOST	(X86_CR0_NE | X86_CR0_CD | X86_CR0_NW)
#define CR0_OFF		(X86_CR0_CD | X86_CR0_NW)
#define CR0_RESET	(X86_CR0_CD | X86_CR0_NW | X86_CR0_ET)

/*
 * Always 1 while a guest runs: VMXE, because VMX operation demands it, and MCE,
 * because a machine check in a guest without it would reset the host.
 */
#define CR4_ON		(X86_CR4_VMXE | X86_CR4_MCE)

/* One segment register: where it is in each of the two. */
struct segment_fields {
	size_t offset;
	enum vmcs_encoding selector, base, limit, access_rights;
};

#define SEGMENT(member, NAME) {						\
	offsetof(struct minivmx_sregs, member),				\
	VMCS_GUEST_##NAME##_SELECTOR, VMCS_GUEST_##NAME##_BASE,		\
	VMCS_GUEST_##NAME##_LIMIT, VMCS_GUEST_##NAME##_ACCESS_RIGHTS }

static const struct segment_fields segments[] = {
	SEGMENT(es, ES),
	SEGMENT(cs, CS),
	SEGMENT(ss, SS),
	SEGMENT(ds, DS),
	SEGMENT(fs, FS),
	SEGMENT(gs, GS),
	SEGMENT(ldt, LDTR),
	SEGMENT(tr, TR),
};

#undef SEGMENT

/* The access-rights format: SDM Vol. 3C, "Guest Register State", table 25-2. */
static u32 pack_access_rights(const struct minivmx_segment *s, bool ldt)
{
	/*
	 * A segment in use counts as accessed; VM entry insists on it. The
	 * type of an LDT has no such bit.
	 */
	return (s->unusable || !s->present ? VMX_AR_UNUSABLE_MASK : 0) |
		(s->type & 15) | (ldt ? 0 : VMX_AR_TYPE_ACCESSES_MASK) |
		(s->s & 1) << 4 | (s->dpl & 3) << 5 | (s->present & 1) << 7 |
		(s->avl & 1) << 12 | (s->l & 1) << 13 | (s->db & 1) << 14 |
		(s->g & 1) << 15;
}

static void unpack_access_rights(struct minivmx_segment *s, u32 ar)
{
	s->unusable = !!(ar & VMX_AR_UNUSABLE_MASK);
	s->type = ar & VMX_AR_TYPE_MASK;
	s->s = !!(ar & VMX_AR_S_MASK);
	s->dpl = VMX_AR_DPL(ar);
	/* What is unusable is not present either, whatever the bit says. */
	s->present = !s->unusable;
	s->avl = ar >> 12 & 1;
	s->l = !!(ar & VMX_AR_L_MASK);
	s->db = !!(ar & VMX_AR_DB_MASK);
	s->g = !!(ar & VMX_AR_G_MASK);
}

/**
 * sregs_normalize() - what a VMCS can hold of these registers
 * @sregs: changed: fields of segments are cut to their bits, and paddings are 0
 */
void sregs_normalize(struct minivmx_sregs *sregs)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(segments); i++) {
		struct minivmx_segment *s = (void *)sregs + segments[i].offset;

		unpack_access_rights(s, pack_access_rights(s, s == &sregs->ldt));
		s->padding = 0;
	}
	memset(sregs->gdt.padding, 0, sizeof(sregs->gdt.padding));
	memset(sregs->idt.padding, 0, sizeof(sregs->idt.padding));
	memset(sregs->interrupt_bitmap, 0, sizeof(sregs->interrupt_bitmap));
}

/**
 * sregs_reset() - registers as a reset leaves them
 * @sregs: filled in
 * @bsp: the vCPU is the bootstrap processor
 *
 * Source: SDM Vol. 3A, "Processor State After Reset", 10.1.1, edition 083.
 */
void sregs_reset(struct minivmx_sregs *sregs, bool bsp)
{
	const struct minivmx_segment data = {
		.limit = 0xffff, .type = 3, .s = 1, .present = 1,
	};

	*sregs = (struct minivmx_sregs) {
		.cs = data, .ds = data, .es = data,
		.fs = data, .gs = data, .ss = data,
		.tr = { .limit = 0xffff, .type = 11, .present = 1 },
		.ldt = { .limit = 0xffff, .type = 2, .present = 1 },
		.gdt = { .limit = 0xffff },
		.idt = { .limit = 0xffff },
		.cr0 = CR0_RESET,
		.apic_base = APIC_DEFAULT_PHYS_BASE | MSR_IA32_APICBASE_ENABLE |
			     (bsp ? MSR_IA32_APICBASE_BSP : 0),
	};
	sregs->cs.type = 11;
	sregs->cs.selector = 0xf000;
	sregs->cs.base = 0xffff0000;
}

/** sregs_apic_base_valid() - may IA32_APIC_BASE hold this value */
bool sregs_apic_base_valid(const struct vcpu *vcpu, u64 apic_base)
{
	return !(apic_base & (0x2ff | X2APIC_ENABLE | ~0ULL << vcpu->cpuid.phys_bits));
}

/** sregs_pae_paging() - do these registers mean PAE paging, with PDPTEs */
bool sregs_pae_paging(const struct minivmx_sregs *sregs)
{
	return sregs->cr0 & X86_CR0_PG && sregs->cr4 & X86_CR4_PAE &&
		!(sregs->efer & EFER_LMA);
}

/**
 * sregs_valid() - may user space set these registers
 * @vcpu: whose they are to be
 * @sregs: what it asks for
 *
 * What only VM entry can judge is let through: the entry fails, and says so.
 */
bool sregs_valid(const struct vcpu *vcpu, const struct minivmx_sregs *sregs)
{
	bool paging = sregs->cr0 & X86_CR0_PG;

	/* What MOV to CR0 refuses (SDM Vol. 3A, "Control Registers", 2.5). */
	if (upper_32_bits(sregs->cr0) || (paging && !(sregs->cr0 & X86_CR0_PE)) ||
	    (sregs->cr0 & X86_CR0_NW && !(sregs->cr0 & X86_CR0_CD)))
		return false;
	if (sregs->cr4 & ~vcpu->cpuid.cr4 || sregs->efer & ~SREGS_EFER)
		return false;
	/* Long mode is LME with paging, and then LMA; it needs PAE. */
	if (sregs->efer & EFER_LME && paging) {
		if (!(sregs->cr4 & X86_CR4_PAE) || !(sregs->efer & EFER_LMA) ||
		    sregs->cr3 >> vcpu->cpuid.phys_bits)
			return false;
	} else if (sregs->efer & EFER_LMA || sregs->cs.l) {
		return false;
	}
	return sregs->cr8 <= 15 && sregs_apic_base_valid(vcpu, sregs->apic_base);
}

/**
 * sregs_write() - from user space's view into the current VMCS
 * @vcpu: the vCPU: its sregs, and its MSRs that VM entry loads
 */
void sregs_write(const struct vcpu *vcpu)
{
	const struct minivmx_sregs *sregs = &vcpu->sregs;
	/* Unrestricted guest: PE and PG are free, whatever FIXED0 says. */
	const u64 cr0_on = vmx_caps.cr0_fixed0 & ~(X86_CR0_PE | X86_CR0_PG);
	const u64 cr4_on = vmx_caps.cr4_fixed0 | CR4_ON;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(segments); i++) {
		const struct segment_fields *f = &segments[i];
		const struct minivmx_segment *s = (void *)sregs + f->offset;

		vmcs_write(f->selector, s->selector);
		vmcs_write(f->base, s->base);
		vmcs_write(f->limit, s->limit);
		vmcs_write(f->access_rights,
			   pack_access_rights(s, s == &sregs->ldt));
	}
	vmcs_writel(VMCS_GUEST_GDTR_BASE, sregs->gdt.base);
	vmcs_write32(VMCS_GUEST_GDTR_LIMIT, sregs->gdt.limit);
	vmcs_writel(VMCS_GUEST_IDTR_BASE, sregs->idt.base);
	vmcs_write32(VMCS_GUEST_IDTR_LIMIT, sregs->idt.limit);

	vmcs_writel(VMCS_CR0_GUEST_HOST_MASK, CR0_HOST);
	vmcs_writel(VMCS_CR0_READ_SHADOW, sregs->cr0);
	vmcs_writel(VMCS_GUEST_CR0, (sregs->cr0 & ~CR0_OFF) | cr0_on);
	vmcs_writel(VMCS_GUEST_CR3, sregs->cr3);
	/* OSXSAVE exits: with it a window has to load XCR0. */
	vmcs_writel(VMCS_CR4_GUEST_HOST_MASK,
		    ~vcpu->cpuid.cr4 | cr4_on | X86_CR4_OSXSAVE);
	vmcs_writel(VMCS_CR4_READ_SHADOW, sregs->cr4);
	vmcs_writel(VMCS_GUEST_CR4, sregs->cr4 | cr4_on);
	vmcs_write64(VMCS_GUEST_IA32_EFER, sregs->efer);
	vmcs_write32(VMCS_VM_ENTRY_CONTROLS, vmx_caps.ctl[VMX_CTL_ENTRY] |
		     (sregs->efer & EFER_LMA ? VM_ENTRY_IA32E_MODE : 0));
	if (sregs_pae_paging(sregs)) {
		vmcs_write64(VMCS_GUEST_PDPTE_0, vcpu->pdpte[0]);
		vmcs_write64(VMCS_GUEST_PDPTE_1, vcpu->pdpte[1]);
		vmcs_write64(VMCS_GUEST_PDPTE_2, vcpu->pdpte[2]);
		vmcs_write64(VMCS_GUEST_PDPTE_3, vcpu->pdpte[3]);
	}

	vmcs_write32(VMCS_GUEST_IA32_SYSENTER_CS, vcpu->msrs.sysenter_cs);
	vmcs_writel(VMCS_GUEST_IA32_SYSENTER_ESP, vcpu->msrs.sysenter_esp);
	vmcs_writel(VMCS_GUEST_IA32_SYSENTER_EIP, vcpu->msrs.sysenter_eip);
	vmcs_write64(VMCS_GUEST_IA32_PAT, vcpu->msrs.pat);
}

/* A control register as the guest sees it (SDM Vol. 3C, 25.6.6). */
static u64 read_cr(enum vmcs_encoding real, enum vmcs_encoding mask,
		   enum vmcs_encoding shadow)
{
	u64 hidden = vmcs_read(mask);

	return (vmcs_read(real) & ~hidden) | (vmcs_read(shadow) & hidden);
}

/**
 * sregs_read() - from the current VMCS into user space's view
 * @vcpu: its sregs are filled in, but for what no VMCS holds: cr2, cr8,
 *	apic_base and the interrupt bitmap stay as they are
 */
void sregs_read(struct vcpu *vcpu)
{
	struct minivmx_sregs *sregs = &vcpu->sregs;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(segments); i++) {
		const struct segment_fields *f = &segments[i];
		struct minivmx_segment *s = (void *)sregs + f->offset;

		s->selector = vmcs_read(f->selector);
		s->base = vmcs_read(f->base);
		s->limit = vmcs_read(f->limit);
		unpack_access_rights(s, vmcs_read(f->access_rights));
		s->padding = 0;
	}
	sregs->gdt.base = vmcs_readl(VMCS_GUEST_GDTR_BASE);
	sregs->gdt.limit = vmcs_read32(VMCS_GUEST_GDTR_LIMIT);
	memset(sregs->gdt.padding, 0, sizeof(sregs->gdt.padding));
	sregs->idt.base = vmcs_readl(VMCS_GUEST_IDTR_BASE);
	sregs->idt.limit = vmcs_read32(VMCS_GUEST_IDTR_LIMIT);
	memset(sregs->idt.padding, 0, sizeof(sregs->idt.padding));

	sregs->cr0 = read_cr(VMCS_GUEST_CR0, VMCS_CR0_GUEST_HOST_MASK,
			     VMCS_CR0_READ_SHADOW);
	sregs->cr3 = vmcs_readl(VMCS_GUEST_CR3);
	sregs->cr4 = read_cr(VMCS_GUEST_CR4, VMCS_CR4_GUEST_HOST_MASK,
			     VMCS_CR4_READ_SHADOW);
	sregs->efer = vmcs_read64(VMCS_GUEST_IA32_EFER);
	if (sregs_pae_paging(sregs)) {
		vcpu->pdpte[0] = vmcs_read64(VMCS_GUEST_PDPTE_0);
		vcpu->pdpte[1] = vmcs_read64(VMCS_GUEST_PDPTE_1);
		vcpu->pdpte[2] = vmcs_read64(VMCS_GUEST_PDPTE_2);
		vcpu->pdpte[3] = vmcs_read64(VMCS_GUEST_PDPTE_3);
	}

	vcpu->msrs.sysenter_cs = vmcs_read32(VMCS_GUEST_IA32_SYSENTER_CS);
	vcpu->msrs.sysenter_esp = vmcs_readl(VMCS_GUEST_IA32_SYSENTER_ESP);
	vcpu->msrs.sysenter_eip = vmcs_readl(VMCS_GUEST_IA32_SYSENTER_EIP);
	vcpu->msrs.pat = vmcs_read64(VMCS_GUEST_IA32_PAT);
}
