/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's FPU state, from x87 to whatever XCR0 enables.
 */
#ifndef MINIVMX_FPU_H
#define MINIVMX_FPU_H

#include <linux/types.h>

/**
 * struct guest_fpu - FPU state of a vCPU outside of a window
 * @area: XSAVE area (64-byte aligned), or FXSAVE area where XSAVE is missing
 * @host_xcr0: the host's XCR0 while the guest has another one, else 0
 */
struct guest_fpu {
	void *area;
	u64 host_xcr0;
};

int guest_fpu_alloc(struct guest_fpu *fpu);
void guest_fpu_free(struct guest_fpu *fpu);
void guest_fpu_load(struct guest_fpu *fpu);
void guest_fpu_save(struct guest_fpu *fpu);

#endif /* MINIVMX_FPU_H */
