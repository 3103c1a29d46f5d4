/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a guest's CPUID answers, and what follows from it.
 */
#ifndef MINIVMX_CPUID_H
#define MINIVMX_CPUID_H

#include <linux/types.h>
#include <minivmx.h>

struct vcpu;

/**
 * struct guest_cpuid - the CPUID table of a vCPU
 * @entries: from the caller; NULL if there is none
 * @nent: how many
 * @phys_bits: width of a guest-physical address
 * @cr4: bits of CR4 that the guest may set
 * @efer: bits of EFER that the guest may set by itself
 * @xcr0: components of XCR0 that it may enable
 */
struct guest_cpuid {
	struct minivmx_cpuid_entry2 *entries;
	u32 nent;
	u8 phys_bits;
	u64 cr4, efer, xcr0;
};

void cpuid_init(struct guest_cpuid *cpuid);
int cpuid_supported(struct minivmx_cpuid_entry2 *entries, u32 room);
int cpuid_set(struct vcpu *vcpu, struct minivmx_cpuid_entry2 *entries, u32 nent);
void cpuid_answer(struct vcpu *vcpu);

#endif /* MINIVMX_CPUID_H */
