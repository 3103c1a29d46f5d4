// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's FPU state, from x87 to whatever XCR0 enables.
 *
 * The host's is in the hands of kernel_fpu_begin(), which saves the caller's
 * registers before a window; the kernel loads them again before the caller
 * runs.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/cpufeature.h>
#include <asm/fpu/types.h>
#include <asm/fpu/xcr.h>
#include <asm/processor.h>

#include "fpu.h"
#include "vcpu.h"

#define FCW_RESET	0x037f	/* SDM Vol. 1, "x87 FPU Control Word", 8.1.5 */
#define MXCSR_RESET	0x1f80	/* SDM Vol. 1, "MXCSR", 10.2.3 */

/*
 * AMX state belongs to threads that asked for it: in any other, IA32_XFD makes
 * XRSTOR of it fault. So no guest has AMX.
 */
#define XCR0_AMX	(XFEATURE_MASK_XTILE_CFG | XFEATURE_MASK_XTILE_DATA)

/* XSAVE state components: SDM Vol. 1, "XSAVE-Supported Features", 13.1. */
#define XCR0_AVX512	(XFEATURE_MASK_OPMASK | XFEATURE_MASK_ZMM_Hi256 | \
			 XFEATURE_MASK_Hi16_ZMM)
#define MXCSR_RESERVED	0xffff0000U
/* Those that MXCSR comes with. */
#define MXCSR_COMPONENTS \
	(XFEATURE_MASK_FP | XFEATURE_MASK_SSE | XFEATURE_MASK_YMM)

/* Where the host keeps XCR0; it is the same on all CPUs. */
static u64 host_xcr0(void)
{
	return xgetbv(XCR_XFEATURE_ENABLED_MASK);
}

/** guest_fpu_xcr0() - what a guest's XCR0 may hold; 0 without XSAVE */
u64 guest_fpu_xcr0(void)
{
	const u64 known = XFEATURE_MASK_FPSSE | XFEATURE_MASK_YMM | XCR0_AVX512 |
		XFEATURE_MASK_PKRU;

	return boot_cpu_has(X86_FEATURE_XSAVE) ? host_xcr0() & known : 0;
}

/** guest_fpu_size() - bytes of an XSAVE area that has the components of @xcr0 */
u32 guest_fpu_size(u64 xcr0)
{
	u32 size = sizeof(struct fxregs_state) + sizeof(struct xstate_header);
	unsigned int i, eax, ebx, ecx, edx;

	for (i = 2; i < 63; i++) {
		if (!(xcr0 & BIT_ULL(i)))
			continue;
		cpuid_count(0xd, i, &eax, &ebx, &ecx, &edx);
		size = max(size, eax + ebx);
	}
	return size;
}

static size_t fpu_area_size(void)
{
	return guest_fpu_size(boot_cpu_has(X86_FEATURE_XSAVE) ? host_xcr0() : 0);
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
	fpu->xcr0 = XFEATURE_MASK_FP;
	return 0;
}

void guest_fpu_free(struct guest_fpu *fpu)
{
	kvfree(fpu->area);
	fpu->area = NULL;
}

/**
 * guest_fpu_load() - the guest's state into the registers
 * @fpu: the state
 *
 * Context: between kernel_fpu_begin() and kernel_fpu_end(), interrupts off.
 */
void guest_fpu_load(struct guest_fpu *fpu)
{
	if (!boot_cpu_has(X86_FEATURE_XSAVE)) {
		asm volatile("fxrstorq (%0)" : : "r" (fpu->area) : "memory");
		return;
	}
	fpu->host_xcr0 = host_xcr0();
	if (unlikely(fpu->host_xcr0 & XCR0_AMX))
		xsetbv(XCR_XFEATURE_ENABLED_MASK, fpu->host_xcr0 & ~XCR0_AMX);
	asm volatile("xrstor64 (%0)" : : "r" (fpu->area), "a" (-1), "d" (-1)
		     : "memory");
	fpu->switched = fpu->osxsave && fpu->xcr0 != fpu->host_xcr0;
	if (fpu->switched)
		xsetbv(XCR_XFEATURE_ENABLED_MASK, fpu->xcr0);
}

/** guest_fpu_save() - the reverse of guest_fpu_load(), in the same context */
void guest_fpu_save(struct guest_fpu *fpu)
{
	if (!boot_cpu_has(X86_FEATURE_XSAVE)) {
		asm volatile("fxsaveq (%0)" : : "r" (fpu->area) : "memory");
		return;
	}
	if (fpu->switched)
		xsetbv(XCR_XFEATURE_ENABLED_MASK, fpu->host_xcr0 & ~XCR0_AMX);
	asm volatile("xsave64 (%0)" : : "r" (fpu->area), "a" (-1), "d" (-1)
		     : "memory");
	if (unlikely(fpu->host_xcr0 & XCR0_AMX))
		xsetbv(XCR_XFEATURE_ENABLED_MASK, fpu->host_xcr0);
}

/**
 * guest_fpu_xcr0_valid() - would XSETBV take this value
 * @vcpu: the vCPU, whose CPUID decides
 * @xcr0: the value
 *
 * Source: SDM Vol. 1, "Enabling the XSAVE Feature Set", 13.3, edition 083.
 */
bool guest_fpu_xcr0_valid(const struct vcpu *vcpu, u64 xcr0)
{
	if (!(xcr0 & XFEATURE_MASK_FP) || xcr0 & ~vcpu->cpuid.xcr0)
		return false;
	if (xcr0 & XFEATURE_MASK_YMM && !(xcr0 & XFEATURE_MASK_SSE))
		return false;
	return !(xcr0 & XCR0_AVX512) ||
		((xcr0 & XCR0_AVX512) == XCR0_AVX512 && xcr0 & XFEATURE_MASK_YMM);
}

/** guest_fpu_get() - see MINIVMX_GET_FPU */
int guest_fpu_get(struct vcpu *vcpu, void *arg)
{
	const struct fxregs_state *fx = vcpu->fpu.area;
	struct minivmx_fpu *user = arg;

	*user = (struct minivmx_fpu) {
		.fcw = fx->cwd, .fsw = fx->swd, .ftwx = fx->twd,
		.last_opcode = fx->fop, .last_ip = fx->rip, .last_dp = fx->rdp,
	};
	memcpy(user->fpr, fx->st_space, sizeof(user->fpr));
	memcpy(user->xmm, fx->xmm_space, sizeof(user->xmm));
	return 0;
}

/** guest_fpu_set() - see MINIVMX_SET_FPU */
int guest_fpu_set(struct vcpu *vcpu, void *arg)
{
	struct xregs_state *xsave = vcpu->fpu.area;
	const struct minivmx_fpu *user = arg;
	struct fxregs_state *fx = &xsave->i387;

	fx->cwd = user->fcw;
	fx->swd = user->fsw;
	fx->twd = user->ftwx;
	fx->fop = user->last_opcode;
	fx->rip = user->last_ip;
	fx->rdp = user->last_dp;
	memcpy(fx->st_space, user->fpr, sizeof(user->fpr));
	memcpy(fx->xmm_space, user->xmm, sizeof(user->xmm));
	/* Not in their initial state any more: XRSTOR shall load them. */
	xsave->header.xfeatures |= XFEATURE_MASK_FPSSE;
	return 0;
}

/** guest_fpu_get_xsave() - see MINIVMX_GET_XSAVE */
int guest_fpu_get_xsave(struct vcpu *vcpu, void *arg)
{
	struct xregs_state *to = arg;

	memset(arg, 0, sizeof(struct minivmx_xsave));
	memcpy(arg, vcpu->fpu.area, min(fpu_area_size(), sizeof(struct minivmx_xsave)));
	if (!boot_cpu_has(X86_FEATURE_XSAVE)) {
		to->header.xfeatures = XFEATURE_MASK_FPSSE;
		return 0;
	}
	/* As in the kernel's signal frames: which components there can be. */
	to->i387.mxcsr_mask = ~MXCSR_RESERVED;
	to->i387.sw_reserved[0] = lower_32_bits(guest_fpu_xcr0());
	to->i387.sw_reserved[1] = upper_32_bits(guest_fpu_xcr0());
	return 0;
}

/* Components that @from does not have are in their initial state. */
static void copy_components(struct xregs_state *to, const struct xregs_state *from)
{
	u64 features = from->header.xfeatures;
	unsigned int i, size, offset, ecx, edx;
	u32 mxcsr = to->i387.mxcsr;

	memset(to, 0, fpu_area_size());
	to->header.xfeatures = features;
	if (features & MXCSR_COMPONENTS)
		mxcsr = from->i387.mxcsr;
	to->i387.cwd = FCW_RESET;
	if (features & XFEATURE_MASK_FP)
		memcpy(&to->i387, &from->i387, offsetof(struct fxregs_state, xmm_space));
	if (features & XFEATURE_MASK_SSE)
		memcpy(to->i387.xmm_space, from->i387.xmm_space,
		       sizeof(to->i387.xmm_space));
	to->i387.mxcsr = mxcsr;
	for (i = 2; i < 63; i++) {
		if (!(features & BIT_ULL(i)))
			continue;
		cpuid_count(0xd, i, &size, &offset, &ecx, &edx);
		if (offset + size <= sizeof(struct minivmx_xsave))
			memcpy((void *)to + offset, (void *)from + offset, size);
	}
}

/**
 * guest_fpu_set_xsave() - see MINIVMX_SET_XSAVE
 * @vcpu: the vCPU
 * @arg: the area that user space gives
 *
 * What XRSTOR would fault on is refused (SDM Vol. 1, "Operation of XRSTOR",
 * 13.8, edition 083).
 */
int guest_fpu_set_xsave(struct vcpu *vcpu, void *arg)
{
	const struct xregs_state *from = arg;
	const struct xstate_header *header = &from->header;

	if (!boot_cpu_has(X86_FEATURE_XSAVE)) {
		if (header->xfeatures & ~XFEATURE_MASK_FPSSE ||
		    from->i387.mxcsr & MXCSR_RESERVED)
			return -EINVAL;
		memcpy(vcpu->fpu.area, arg, sizeof(struct fxregs_state));
		return 0;
	}
	if (header->xfeatures & ~guest_fpu_xcr0() || header->xcomp_bv ||
	    memchr_inv(header->reserved, 0, sizeof(header->reserved)))
		return -EINVAL;
	if (header->xfeatures & MXCSR_COMPONENTS && from->i387.mxcsr & MXCSR_RESERVED)
		return -EINVAL;
	copy_components(vcpu->fpu.area, from);
	return 0;
}
