/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's model-specific registers.
 */
#ifndef MINIVMX_MSR_H
#define MINIVMX_MSR_H

#include <linux/types.h>

struct vcpu;

/* MSRs that no VMCS holds: a window loads them for guests that can see them. */
enum switched_msr {
	SWITCHED_STAR,
	SWITCHED_LSTAR,
	SWITCHED_CSTAR,
	SWITCHED_FMASK,
	SWITCHED_KERNEL_GS_BASE,
	NR_SWITCHED_MSRS
};

/**
 * struct guest_msrs - MSRs of a vCPU
 * @switched: those of enum switched_msr
 * @host: the host's, during a window
 * @changed: a bit for each that this window changed in the processor
 * @live: EFER lets the guest use them, so windows load them
 * @sysenter_cs: and the next three: as of sregs, the VMCS may know better
 * @sysenter_esp: see above
 * @sysenter_eip: see above
 * @pat: IA32_PAT
 * @misc_enable: IA32_MISC_ENABLE
 * @ucode_revision: IA32_BIOS_SIGN_ID
 * @tsc_offset: guest's TSC less the host's
 * @tsc_dirty: the VMCS has to be told of it
 * @bitmap: MSR bitmap, a page
 */
struct guest_msrs {
	u64 switched[NR_SWITCHED_MSRS];
	u64 host[NR_SWITCHED_MSRS];
	unsigned long changed;
	bool live;
	u64 sysenter_cs, sysenter_esp, sysenter_eip, pat;
	u64 misc_enable, ucode_revision;
	u64 tsc_offset;
	bool tsc_dirty;
	u8 *bitmap;
};

int msr_init(struct vcpu *vcpu);
u32 msr_count(void);
u32 msr_index(u32 i);
int msr_read(struct vcpu *vcpu, u32 index, u64 *data);
int msr_write(struct vcpu *vcpu, u32 index, u64 data);
void msr_update_bitmap(struct vcpu *vcpu);
void msr_load_guest(struct vcpu *vcpu);
void msr_load_host(struct vcpu *vcpu);

#endif /* MINIVMX_MSR_H */
