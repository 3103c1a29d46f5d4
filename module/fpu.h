/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's FPU state, from x87 to whatever XCR0 enables.
 */
#ifndef MINIVMX_FPU_H
#define MINIVMX_FPU_H

#include <linux/types.h>
#include <minivmx.h>

struct vcpu;

/**
 * struct guest_fpu - FPU state of a vCPU outside of a window
 * @area: XSAVE area (64-byte aligned), or FXSAVE area where XSAVE is missing
 * @host_xcr0: the host's XCR0 while a window has another one
 * @xcr0: the guest's XCR0
 * @switched: a window has loaded @xcr0 as it was then: the guest may change it
 * @osxsave: the guest's CR4.OSXSAVE: without it XCR0 does not show
 */
struct guest_fpu {
	void *area;
	u64 host_xcr0;
	u64 xcr0;
	bool osxsave, switched;
};

u64 guest_fpu_xcr0(void);
u32 guest_fpu_size(u64 xcr0);
int guest_fpu_alloc(struct guest_fpu *fpu);
void guest_fpu_free(struct guest_fpu *fpu);
void guest_fpu_load(struct guest_fpu *fpu);
void guest_fpu_save(struct guest_fpu *fpu);
bool guest_fpu_xcr0_valid(const struct vcpu *vcpu, u64 xcr0);
int guest_fpu_get(struct vcpu *vcpu, void *fpu);
int guest_fpu_set(struct vcpu *vcpu, void *fpu);
int guest_fpu_get_xsave(struct vcpu *vcpu, void *xsave);
int guest_fpu_set_xsave(struct vcpu *vcpu, void *xsave);

#endif /* MINIVMX_FPU_H */
