/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Segment, control and system registers: between struct minivmx_sregs and the
 * guest-state area of a VMCS.
 */
#ifndef MINIVMX_SREGS_H
#define MINIVMX_SREGS_H

#include <linux/types.h>
#include <minivmx.h>
#include <asm/msr-index.h>

/* Bits of EFER that exist here. */
#define SREGS_EFER	(EFER_SCE | EFER_LME | EFER_LMA | EFER_NX)

struct vcpu;

void sregs_reset(struct minivmx_sregs *sregs, bool bsp);
void sregs_normalize(struct minivmx_sregs *sregs);
bool sregs_apic_base_valid(const struct vcpu *vcpu, u64 apic_base);
bool sregs_valid(const struct vcpu *vcpu, const struct minivmx_sregs *sregs);
bool sregs_pae_paging(const struct minivmx_sregs *sregs);
void sregs_write(const struct vcpu *vcpu);
void sregs_read(struct vcpu *vcpu);

#endif /* MINIVMX_SREGS_H */
