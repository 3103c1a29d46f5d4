// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest's CPUID answers, and what follows from it.
 *
 * A feature is offered where the processor has it and nothing but the guest's
 * own code is needed for it. What needs a VMX control, an MSR or a device that
 * minivmx does not emulate is left out.
 */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/cpufeature.h>
#include <asm/msr-index.h>
#include <asm/processor.h>
#include <asm/processor-flags.h>

#include "cpuid.h"
#include "ept_bits.h"
#include "fpu.h"
#include "vcpu.h"
#include "vmx_cpu.h"

/* CR4 bits that a guest may set where the processor has them. */
#define CR4_ALWAYS	(X86_CR4_VME | X86_CR4_PVI | X86_CR4_TSD | X86_CR4_DE | \
			 X86_CR4_PSE | X86_CR4_PAE | X86_CR4_MCE | X86_CR4_PGE | \
			 X86_CR4_PCE | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT)
#define CR4_BY_CPUID	(X86_CR4_UMIP | X86_CR4_FSGSBASE | X86_CR4_OSXSAVE | \
			 X86_CR4_SMEP | X86_CR4_SMAP | X86_CR4_PKE | \
			 X86_CR4_PCIDE)

/* What KVM takes for the width of a physical address until CPUID says it. */
#define PHYS_BITS	36

/* A feature flag: SDM Vol. 2A, "CPUID", tables 3-8 to 3-11, edition 083. */
#define F(feature)	BIT_MASK(X86_FEATURE_##feature % 32)

/* XSAVE with compaction, but without supervisor state. */
#define XSAVE_FEATURES	(F(XSAVEOPT) | F(XSAVEC) | F(XGETBV1))

enum cpuid_register { EAX, EBX, ECX, EDX };

/* One leaf that is offered, with what may show of each register. */
struct leaf {
	u32 function, index;
	bool indexed;
	u32 mask[4];
};

#define ALL	~0U

static const struct leaf leaves[] = {
	{ 0x0, 0, false, { ALL, ALL, ALL, ALL } },
	{ 0x1, 0, false, {
		ALL, 0xffff,
		F(XMM3) | F(PCLMULQDQ) | F(SSSE3) | F(FMA) | F(CX16) |
		F(PCID) |
		F(XMM4_1) | F(XMM4_2) | F(MOVBE) | F(POPCNT) | F(AES) |
		F(XSAVE) | F(AVX) | F(F16C) | F(RDRAND),
		F(FPU) | F(VME) | F(DE) | F(PSE) | F(TSC) | F(MSR) | F(PAE) |
		F(CX8) | F(SEP) | F(PGE) | F(CMOV) | F(PAT) | F(PSE36) |
		F(CLFLUSH) | F(MMX) | F(FXSR) | F(XMM) | F(XMM2) | F(SELFSNOOP) } },
	{ 0x2, 0, false, { ALL, ALL, ALL, ALL } },
	/* Caches; which threads share them is not the guest's affair. */
	{ 0x4, 0, true, { 0x3fff, ALL, ALL, ALL } },
	{ 0x4, 1, true, { 0x3fff, ALL, ALL, ALL } },
	{ 0x4, 2, true, { 0x3fff, ALL, ALL, ALL } },
	{ 0x4, 3, true, { 0x3fff, ALL, ALL, ALL } },
	{ 0x7, 0, true, {
		0,
		F(FSGSBASE) | F(BMI1) | F(AVX2) | F(SMEP) | F(BMI2) | F(ERMS) |
		F(RDSEED) | F(ADX) | F(SMAP) | F(CLFLUSHOPT) | F(CLWB) |
		F(AVX512F) | F(AVX512DQ) | F(AVX512IFMA) | F(AVX512CD) |
		F(AVX512BW) | F(AVX512VL) | F(SHA_NI),
		F(AVX512VBMI) | F(UMIP) | F(PKU) | F(AVX512_VBMI2) | F(GFNI) |
		F(VAES) | F(VPCLMULQDQ) | F(AVX512_VNNI) | F(AVX512_BITALG) |
		F(AVX512_VPOPCNTDQ),
		F(FSRM) } },
	{ 0xd, 0, true, { ALL, ALL, ALL, ALL } },
	{ 0xd, 1, true, { XSAVE_FEATURES, ALL, 0, 0 } },
	{ 0xd, 2, true, { ALL, ALL, ALL, ALL } },
	{ 0xd, 5, true, { ALL, ALL, ALL, ALL } },
	{ 0xd, 6, true, { ALL, ALL, ALL, ALL } },
	{ 0xd, 7, true, { ALL, ALL, ALL, ALL } },
	{ 0xd, 9, true, { ALL, ALL, ALL, ALL } },
	{ 0x80000000, 0, false, { ALL, ALL, ALL, ALL } },
	{ 0x80000001, 0, false, {
		ALL, 0, F(LAHF_LM) | F(ABM) | F(3DNOWPREFETCH),
		F(SYSCALL) | F(NX) | F(GBPAGES) | F(LM) } },
	{ 0x80000002, 0, false, { ALL, ALL, ALL, ALL } },
	{ 0x80000003, 0, false, { ALL, ALL, ALL, ALL } },
	{ 0x80000004, 0, false, { ALL, ALL, ALL, ALL } },
	{ 0x80000005, 0, false, { ALL, ALL, ALL, ALL } },
	{ 0x80000006, 0, false, { ALL, ALL, ALL, ALL } },
	{ 0x80000008, 0, false, { 0xffff, 0, 0, 0 } },
};

#define VENDOR_AMD_EBX	0x68747541	/* "Auth" */
#define MAX_BASIC	0xdU
#define MAX_EXTENDED	0x80000008U

/* The processor's answer, cut down to what is offered. */
static void host_leaf(const struct leaf *leaf, u32 *reg)
{
	size_t i;

	cpuid_count(leaf->function, leaf->index, &reg[EAX], &reg[EBX],
		    &reg[ECX], &reg[EDX]);
	for (i = 0; i < 4; i++)
		reg[i] &= leaf->mask[i];

	switch (leaf->function) {
	case 0x0:
		reg[EAX] = min(reg[EAX], MAX_BASIC);
		break;
	case 0x1:
		reg[ECX] |= F(HYPERVISOR);
		if (!boot_cpu_has(X86_FEATURE_XSAVE))
			reg[ECX] &= ~(F(XSAVE) | F(AVX) | F(FMA) | F(F16C));
		break;
	case 0x7:
		if (!boot_cpu_has(X86_FEATURE_OSPKE))
			reg[ECX] &= ~F(PKU);
		break;
	case 0xd:
		if (leaf->index == 0) {
			reg[EAX] = lower_32_bits(guest_fpu_xcr0());
			reg[EDX] = upper_32_bits(guest_fpu_xcr0());
		}
		break;
	case 0x80000000:
		reg[EAX] = min(reg[EAX], MAX_EXTENDED);
		break;
	}
}

static bool leaf_exists(const struct leaf *leaf)
{
	if (leaf->function > cpuid_eax(leaf->function & 0x80000000))
		return false;
	if (leaf->function != 0xd)
		return true;
	if (!guest_fpu_xcr0())
		return false;
	return leaf->index < 2 || guest_fpu_xcr0() & BIT_ULL(leaf->index);
}

/**
 * cpuid_supported() - the table that MINIVMX_GET_SUPPORTED_CPUID returns
 * @entries: filled in
 * @room: how many there is room for
 *
 * Return: the number of entries, or -E2BIG.
 */
int cpuid_supported(struct minivmx_cpuid_entry2 *entries, u32 room)
{
	u32 n = 0, reg[4];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(leaves); i++) {
		const struct leaf *leaf = &leaves[i];

		if (!leaf_exists(leaf))
			continue;
		if (n == room)
			return -E2BIG;
		host_leaf(leaf, reg);
		entries[n++] = (struct minivmx_cpuid_entry2) {
			.function = leaf->function, .index = leaf->index,
			.flags = leaf->indexed ?
				MINIVMX_CPUID_FLAG_SIGNIFCANT_INDEX : 0,
			.eax = reg[EAX], .ebx = reg[EBX],
			.ecx = reg[ECX], .edx = reg[EDX],
		};
	}
	return n;
}

static const struct minivmx_cpuid_entry2 *
find(const struct minivmx_cpuid_entry2 *entries, u32 nent, u32 function, u32 index)
{
	u32 i;

	for (i = 0; i < nent; i++)
		if (entries[i].function == function &&
		    (!(entries[i].flags & MINIVMX_CPUID_FLAG_SIGNIFCANT_INDEX) ||
		     entries[i].index == index))
			return &entries[i];
	return NULL;
}

/**
 * cpuid_init() - a vCPU without a table: every leaf is zero
 * @cpuid: filled in
 *
 * As in KVM, nobody then forbids a bit of CR4 that the processor has.
 */
void cpuid_init(struct guest_cpuid *cpuid)
{
	*cpuid = (struct guest_cpuid) {
		.cr4 = (CR4_ALWAYS | CR4_BY_CPUID) & vmx_caps.cr4_fixed1,
		.xcr0 = XFEATURE_MASK_FP,
		.phys_bits = PHYS_BITS,
	};
	if (!boot_cpu_has(X86_FEATURE_XSAVE))
		cpuid->cr4 &= ~X86_CR4_OSXSAVE;
	/* Without it in the host, nobody switches PKRU. */
	if (!boot_cpu_has(X86_FEATURE_OSPKE))
		cpuid->cr4 &= ~X86_CR4_PKE;
}

/* What the table allows the guest to switch on. */
static void follow(struct guest_cpuid *cpuid)
{
	static const struct {
		u64 bit;
		u32 function;
		enum cpuid_register reg;
		u32 feature;
	} cr4[] = {
		{ X86_CR4_OSXSAVE, 0x1, ECX, F(XSAVE) },
		{ X86_CR4_PCIDE, 0x1, ECX, F(PCID) },
		{ X86_CR4_FSGSBASE, 0x7, EBX, F(FSGSBASE) },
		{ X86_CR4_SMEP, 0x7, EBX, F(SMEP) },
		{ X86_CR4_SMAP, 0x7, EBX, F(SMAP) },
		{ X86_CR4_UMIP, 0x7, ECX, F(UMIP) },
		{ X86_CR4_PKE, 0x7, ECX, F(PKU) },
	};
	const struct minivmx_cpuid_entry2 *e, *entries = cpuid->entries;
	const u32 *reg;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cr4); i++) {
		e = find(entries, cpuid->nent, cr4[i].function, 0);
		reg = e ? &e->eax : NULL;
		if (!reg || !(reg[cr4[i].reg] & cr4[i].feature))
			cpuid->cr4 &= ~cr4[i].bit;
	}
	e = find(entries, cpuid->nent, 0x80000001, 0);
	if (e && e->edx & F(NX))
		cpuid->efer |= EFER_NX;
	if (e && e->edx & F(LM))
		cpuid->efer |= EFER_LME | EFER_LMA;
	e = find(entries, cpuid->nent, 0x80000008, 0);
	if (e)
		cpuid->phys_bits = min_t(u8, e->eax, EPT_GPA_BITS);
	e = find(entries, cpuid->nent, 0xd, 0);
	if (e)
		cpuid->xcr0 |= (e->eax | (u64)e->edx << 32) & guest_fpu_xcr0();
}

/**
 * cpuid_set() - give a vCPU its table
 * @vcpu: the vCPU, locked
 * @entries: the table; belongs to the vCPU after success
 * @nent: how many
 *
 * Return: 0, or -EINVAL as MINIVMX_SET_CPUID2.
 */
int cpuid_set(struct vcpu *vcpu, struct minivmx_cpuid_entry2 *entries, u32 nent)
{
	const struct minivmx_cpuid_entry2 *e = find(entries, nent, 0x80000008, 0);
	struct guest_cpuid *cpuid = &vcpu->cpuid;
	u32 width = e ? e->eax >> 8 & 0xff : 0;

	if (width && width != 48 && width != 57)
		return -EINVAL;
	if (vcpu->has_run) {
		if (nent != cpuid->nent ||
		    memcmp(entries, cpuid->entries, nent * sizeof(*entries)))
			return -EINVAL;
		kvfree(entries);
		return 0;
	}
	kvfree(cpuid->entries);
	cpuid_init(cpuid);
	cpuid->entries = entries;
	cpuid->nent = nent;
	follow(cpuid);
	/* The bits of CR4 that the guest owns follow from it. */
	vcpu->sregs_dirty = true;
	return 0;
}

/*
 * A leaf beyond the last one of its range is answered like the last basic leaf
 * (SDM Vol. 2A, "CPUID", "INPUT EAX = ...: Returns ...", edition 083), except by
 * processors of AMD's.
 */
static const struct minivmx_cpuid_entry2 *
find_for_guest(const struct guest_cpuid *cpuid, u32 function, u32 index)
{
	bool hypervisor = function >> 28 == 4;
	const struct minivmx_cpuid_entry2 *e, *top;

	e = find(cpuid->entries, cpuid->nent, function, index);
	if (e)
		return e;
	top = find(cpuid->entries, cpuid->nent,
		   function & (hypervisor ? 0xffffff00 : 0x80000000), 0);
	if (top && function <= top->eax)
		return NULL;
	top = find(cpuid->entries, cpuid->nent, 0, 0);
	if (!top || top->ebx == VENDOR_AMD_EBX)
		return NULL;
	return find(cpuid->entries, cpuid->nent, top->eax, index);
}

/* Bits that follow what the guest has switched on. In a window. */
static void add_dynamic(const struct vcpu *vcpu,
			const struct minivmx_cpuid_entry2 *e, u32 *reg)
{
	if (e->function == 0x1) {
		reg[EDX] &= ~F(APIC);
		if (vcpu->sregs.apic_base & MSR_IA32_APICBASE_ENABLE)
			reg[EDX] |= F(APIC);
		if (boot_cpu_has(X86_FEATURE_XSAVE))
			reg[ECX] &= ~F(OSXSAVE);
		if (vmcs_readl(VMCS_GUEST_CR4) & X86_CR4_OSXSAVE)
			reg[ECX] |= F(OSXSAVE);
	} else if (e->function == 0x7 && e->index == 0) {
		reg[ECX] &= ~F(OSPKE);
		if (vmcs_readl(VMCS_GUEST_CR4) & X86_CR4_PKE)
			reg[ECX] |= F(OSPKE);
	} else if (e->function == 0xd && e->index == 0) {
		reg[EBX] = guest_fpu_size(vcpu->fpu.xcr0);
	}
}

/**
 * cpuid_answer() - execute CPUID for the guest
 * @vcpu: the vCPU: EAX and ECX are in its context, and so is the answer
 *
 * Context: inside a window.
 */
void cpuid_answer(struct vcpu *vcpu)
{
	const struct minivmx_cpuid_entry2 *e = NULL;
	u32 reg[4] = {};

	if (vcpu->cpuid.nent)
		e = find_for_guest(&vcpu->cpuid, vcpu->context.rax, vcpu->context.rcx);
	if (e) {
		reg[EAX] = e->eax;
		reg[EBX] = e->ebx;
		reg[ECX] = e->ecx;
		reg[EDX] = e->edx;
		add_dynamic(vcpu, e, reg);
	}
	vcpu->context.rax = reg[EAX];
	vcpu->context.rbx = reg[EBX];
	vcpu->context.rcx = reg[ECX];
	vcpu->context.rdx = reg[EDX];
}
