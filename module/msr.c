// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's model-specific registers.
 *
 * Three kinds: those that VM entry and exit switch, which the guest accesses
 * without an exit; those that SYSCALL and SWAPGS use, which a window switches;
 * and a few that are nothing but memory here.
 */
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/msr.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "entry_check.h"
#include "exit.h"
#include "msr.h"
#include "sregs.h"
#include "vcpu.h"
#include "vm.h"

#define PAT_RESET	0x0007040600070406ULL	/* SDM Vol. 3A, 12.12.4 */
#define MISC_ENABLE_RESET \
	(MSR_IA32_MISC_ENABLE_BTS_UNAVAIL | MSR_IA32_MISC_ENABLE_PEBS_UNAVAIL)
#define UCODE_REVISION	0x100000000ULL	/* KVM's */

/* What may be written to an MSR. */
enum msr_rule {
	ANY,
	LOW_32,			/* bits 63:32 are dropped */
	CANONICAL,		/* an address of 48 bits, sign-extended */
	SIGN_EXTENDED,		/* made one */
	PAT,
	EFER,
	TSC,
	APIC_BASE_ADDRESS,
	CONSTANT,		/* writes of 0 are ignored */
	IGNORED,		/* BTF and LBR of IA32_DEBUGCTL, as in KVM */
};

/**
 * struct guest_msr - one MSR that guests have
 * @index: its number
 * @rule: what may be written
 * @offset: where struct vcpu keeps it; of a CONSTANT, its value
 * @passed: the guest reads it without an exit
 * @written: and writes it so, too
 */
struct guest_msr {
	u32 index;
	enum msr_rule rule;
	u64 offset;
	bool passed, written;
};

#define AT(member)	offsetof(struct vcpu, member)
#define SWITCHED(NAME)	AT(msrs.switched[SWITCHED_##NAME])

/* Those to save and restore with a guest come first. */
static const struct guest_msr table[] = {
	{ MSR_IA32_SYSENTER_CS, LOW_32, AT(msrs.sysenter_cs), true, true },
	{ MSR_IA32_SYSENTER_ESP, SIGN_EXTENDED, AT(msrs.sysenter_esp), true, true },
	{ MSR_IA32_SYSENTER_EIP, SIGN_EXTENDED, AT(msrs.sysenter_eip), true, true },
	{ MSR_STAR, ANY, SWITCHED(STAR) },
	{ MSR_CSTAR, CANONICAL, SWITCHED(CSTAR) },
	{ MSR_KERNEL_GS_BASE, CANONICAL, SWITCHED(KERNEL_GS_BASE) },
	{ MSR_SYSCALL_MASK, ANY, SWITCHED(FMASK) },
	{ MSR_LSTAR, CANONICAL, SWITCHED(LSTAR) },
	{ MSR_IA32_TSC, TSC, 0, true },
	{ MSR_IA32_CR_PAT, PAT, AT(msrs.pat), true, true },
	{ MSR_IA32_MISC_ENABLE, ANY, AT(msrs.misc_enable) },
#define NR_SAVED	11
	/* These are in struct minivmx_sregs as well. */
	{ MSR_FS_BASE, CANONICAL, AT(sregs.fs.base), true, true },
	{ MSR_GS_BASE, CANONICAL, AT(sregs.gs.base), true, true },
	{ MSR_EFER, EFER, AT(sregs.efer), true },
	{ MSR_IA32_APICBASE, APIC_BASE_ADDRESS, AT(sregs.apic_base) },
	{ MSR_IA32_PLATFORM_ID, CONSTANT, 0 },
	{ MSR_IA32_UCODE_REV, ANY, AT(msrs.ucode_revision) },
	{ MSR_IA32_DEBUGCTLMSR, IGNORED, 0 },
};

static const struct guest_msr *find_msr(u32 index)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].index == index)
			return &table[i];
	return NULL;
}

static u64 *storage(struct vcpu *vcpu, const struct guest_msr *msr)
{
	return (void *)vcpu + msr->offset;
}

/** msr_count() - how many MSRs are to be saved and restored with a guest */
u32 msr_count(void)
{
	return NR_SAVED;
}

/** msr_index() - the number of the @i-th of them */
u32 msr_index(u32 i)
{
	return table[i].index;
}

/* Half @half (0: 0..0x1fff, 1: 0xc0000000..) of the bitmap: SDM Vol. 3C, 25.6.9 */
static void intercept(struct vcpu *vcpu, u32 index, bool read, bool write)
{
	unsigned long *reads = (void *)(vcpu->msrs.bitmap + (index >> 31) * 1024);
	unsigned long *writes = (void *)(vcpu->msrs.bitmap + 2048 + (index >> 31) * 1024);

	/* Those beyond the bitmap exit in any case. */
	if ((index & ~0xc0000000) > 0x1fff || (index >> 30) % 3)
		return;
	__assign_bit(index & 0x1fff, reads, read);
	__assign_bit(index & 0x1fff, writes, write);
}

/**
 * msr_update_bitmap() - choose which MSR accesses exit
 * @vcpu: the vCPU: its policy and @live decide
 */
void msr_update_bitmap(struct vcpu *vcpu)
{
	const struct minivmx_exit_policy *policy = &vcpu->policy;
	bool reads = policy->reasons[0] & BIT_ULL(EXIT_REASON_MSR_READ);
	bool writes = policy->reasons[0] & BIT_ULL(EXIT_REASON_MSR_WRITE);
	size_t i;

	memset(vcpu->msrs.bitmap, 0xff, PAGE_SIZE);
	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].passed)
			intercept(vcpu, table[i].index, reads,
				  writes || !table[i].written);
	if (vcpu->msrs.live)
		intercept(vcpu, MSR_KERNEL_GS_BASE, reads, writes);
	for (i = 0; i < policy->nr_msrs; i++)
		intercept(vcpu, policy->msrs[i], true, true);
}

/**
 * msr_init() - MSRs as a reset leaves them
 * @vcpu: a new vCPU
 *
 * Return: 0 or -ENOMEM.
 */
int msr_init(struct vcpu *vcpu)
{
	struct guest_msrs *msrs = &vcpu->msrs;

	msrs->bitmap = (u8 *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!msrs->bitmap)
		return -ENOMEM;
	msrs->pat = PAT_RESET;
	msrs->misc_enable = MISC_ENABLE_RESET;
	msrs->ucode_revision = UCODE_REVISION;
	msrs->tsc_offset = vcpu->vm->tsc_offset;
	msrs->tsc_dirty = true;
	msr_update_bitmap(vcpu);
	return 0;
}

/**
 * msr_read() - read an MSR of the guest
 * @vcpu: the vCPU; outside of a window, vcpu->sregs is fresh
 * @index: its number
 * @data: filled in
 *
 * Return: 0, or -EINVAL if the guest has no such MSR.
 */
int msr_read(struct vcpu *vcpu, u32 index, u64 *data)
{
	const struct guest_msr *msr = find_msr(index);

	if (!msr)
		return -EINVAL;
	if (msr->rule == CONSTANT || msr->rule == IGNORED)
		*data = msr->offset;
	else if (msr->rule == TSC)
		*data = rdtsc() + vcpu->msrs.tsc_offset;
	else
		*data = *storage(vcpu, msr);
	return 0;
}

static u64 sign_extended(u64 address)
{
	return (s64)(address << 16) >> 16;
}

/**
 * msr_write() - write an MSR of the guest
 * @vcpu: as for msr_read(); the caller sets sregs_dirty
 * @index: its number
 * @data: the value
 *
 * Return: 0, or -EINVAL if the guest has no such MSR, or it refuses the value.
 */
int msr_write(struct vcpu *vcpu, u32 index, u64 data)
{
	const struct guest_msr *msr = find_msr(index);

	if (!msr)
		return -EINVAL;
	switch (msr->rule) {
	case ANY:
		break;
	case LOW_32:
		data = (u32)data;
		break;
	case CANONICAL:
		if (sign_extended(data) != data)
			return -EINVAL;
		break;
	case SIGN_EXTENDED:
		data = sign_extended(data);
		break;
	case PAT:
		if (!entry_pat_valid(data))
			return -EINVAL;
		break;
	case EFER:
		if (data & ~SREGS_EFER)
			return -EINVAL;
		data = (data & ~EFER_LMA) | (vcpu->sregs.efer & EFER_LMA);
		break;
	case TSC:
		vcpu->msrs.tsc_offset = data - rdtsc();
		vcpu->msrs.tsc_dirty = true;
		return 0;
	case APIC_BASE_ADDRESS:
		if (!sregs_apic_base_valid(vcpu, data))
			return -EINVAL;
		break;
	case CONSTANT:
		return data && data != msr->offset ? -EINVAL : 0;
	case IGNORED:
		return data & ~(DEBUGCTLMSR_LBR | DEBUGCTLMSR_BTF) ? -EINVAL : 0;
	}
	*storage(vcpu, msr) = data;
	return 0;
}

/* In the order of enum switched_msr. */
static const u32 switched[] = {
	MSR_STAR, MSR_LSTAR, MSR_CSTAR, MSR_SYSCALL_MASK, MSR_KERNEL_GS_BASE,
};

/** msr_load_guest() - the guest's switched MSRs; in a window, before entry */
void msr_load_guest(struct vcpu *vcpu)
{
	struct guest_msrs *msrs = &vcpu->msrs;
	u64 value;
	int i;

	msrs->changed = 0;
	for (i = 0; i < NR_SWITCHED_MSRS; i++) {
		rdmsrl(switched[i], msrs->host[i]);
		value = msrs->switched[i];
		/* The upper half of IA32_FMASK is reserved. */
		if (i == SWITCHED_FMASK)
			value = (u32)value;
		if (value == msrs->host[i])
			continue;
		wrmsrl(switched[i], value);
		__set_bit(i, &msrs->changed);
	}
}

/**
 * msr_load_host() - the reverse of msr_load_guest()
 * @vcpu: its WRMSR may have changed @switched, but not the processor, except
 *	for IA32_KERNEL_GS_BASE, which SWAPGS changes too
 */
void msr_load_host(struct vcpu *vcpu)
{
	struct guest_msrs *msrs = &vcpu->msrs;
	int i;

	rdmsrl(MSR_KERNEL_GS_BASE, msrs->switched[SWITCHED_KERNEL_GS_BASE]);
	__set_bit(SWITCHED_KERNEL_GS_BASE, &msrs->changed);
	for_each_set_bit(i, &msrs->changed, NR_SWITCHED_MSRS)
		wrmsrl(switched[i], msrs->host[i]);
}
