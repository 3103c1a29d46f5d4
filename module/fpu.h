/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's FPU state, from x87 to whatever XCR0 enables.
 */
#ifndef MINIVMX_FPU_H
#define MINIVMX_FPU_H

/**
 * struct guest_fpu - FPU state of a vCPU outside of a window
 * @area: XSAVE area (64-byte aligned), or FXSAVE area where XSAVE is missing
 */
struct guest_fpu {
	void *area;
};

int guest_fpu_alloc(struct guest_fpu *fpu);
void guest_fpu_free(struct guest_fpu *fpu);
void guest_fpu_load(const struct guest_fpu *fpu);
void guest_fpu_save(struct guest_fpu *fpu);

#endif /* MINIVMX_FPU_H */
