// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's FPU state, from x87 to whatever XCR0 enables.
 *
 * The host's is in the hands of kernel_fpu_begin(), which saves the caller's
 * registers before a window; the kernel loads them again before the caller
 * runs. XCR0 is the host's, less AMX: a guest cannot change it.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <asm/cpufeature.h>
#include <asm/fpu/types.h>
#include <asm/fpu/xcr.h>
#include <asm/processor.h>

#include "fpu.h"

#define FCW_RESET	0x037f	/* SDM Vol. 1, "x87 FPU Control Word", 8.1.5 */
#define MXCSR_RESET	0x1f80	/* SDM Vol. 1, "MXCSR", 10.2.3 */

/*
 * AMX state belongs to threads that asked for it: in any other, IA32_XFD makes
 * XRSTOR of it fault. So no guest has AMX.
 */
#define XCR0_AMX	(XFEATURE_MASK_XTILE_CFG | XFEATURE_MASK_XTILE_DATA)

/* Bytes that XSAVE needs for what XCR0 enables now: CPUID.(EAX=0DH,ECX=0):EBX. */
static size_t fpu_area_size(void)
{
	unsigned int eax, ebx, ecx, edx;

	if (!boot_cpu_has(X86_FEATURE_XSAVE))
		return sizeof(struct fxregs_state);
	cpuid_count(0xd, 0, &eax, &ebx, &ecx, &edx);
	return ebx;
}

/**
 * guest_fpu_alloc() - FPU state as a reset leaves it
 * @fpu: filled in
 *
 * An XSAVE header of zeros makes XRSTOR put every component in its initial
 * state; MXCSR alone is loaded from the area all the same (SDM Vol. 1,
 * "Operation of XRSTOR", 13.8, edition 083).
 *
 * Return: 0 or -ENOMEM.
 */
int guest_fpu_alloc(struct guest_fpu *fpu)
{
	struct fxregs_state *legacy;

	/* A page or more, so that it is aligned to 64 bytes in any case. */
	legacy = kvzalloc(PAGE_ALIGN(fpu_area_size()), GFP_KERNEL_ACCOUNT);
	if (!legacy)
		return -ENOMEM;
	legacy->cwd = FCW_RESET;
	legacy->mxcsr = MXCSR_RESET;
	fpu->area = legacy;
	return 0;
}

void guest_fpu_free(struct guest_fpu *fpu)
{
	kvfree(fpu->area);
	fpu->area = NULL;
}

/* The guest's XCR0 instead of the host's. Most CPUs have no AMX. */
static void load_xcr0(struct guest_fpu *fpu)
{
	u64 xcr0;

	fpu->host_xcr0 = 0;
	if (!boot_cpu_has(X86_FEATURE_AMX_TILE))
		return;
	xcr0 = xgetbv(XCR_XFEATURE_ENABLED_MASK);
	if (!(xcr0 & XCR0_AMX))
		return;
	fpu->host_xcr0 = xcr0;
	xsetbv(XCR_XFEATURE_ENABLED_MASK, xcr0 & ~XCR0_AMX);
}

/**
 * guest_fpu_load() - the guest's state into the registers
 * @fpu: the state
 *
 * Context: between kernel_fpu_begin() and kernel_fpu_end(), interrupts off.
 */
void guest_fpu_load(struct guest_fpu *fpu)
{
	load_xcr0(fpu);
	if (boot_cpu_has(X86_FEATURE_XSAVE))
		asm volatile("xrstor64 (%0)" : : "r" (fpu->area), "a" (-1),
			     "d" (-1) : "memory");
	else
		asm volatile("fxrstorq (%0)" : : "r" (fpu->area) : "memory");
}

/** guest_fpu_save() - the reverse of guest_fpu_load(), in the same context */
void guest_fpu_save(struct guest_fpu *fpu)
{
	if (boot_cpu_has(X86_FEATURE_XSAVE))
		asm volatile("xsave64 (%0)" : : "r" (fpu->area), "a" (-1),
			     "d" (-1) : "memory");
	else
		asm volatile("fxsaveq (%0)" : : "r" (fpu->area) : "memory");
	if (fpu->host_xcr0)
		xsetbv(XCR_XFEATURE_ENABLED_MASK, fpu->host_xcr0);
}
