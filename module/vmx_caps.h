/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What this processor's VMX can do, and the controls that minivmx chooses.
 */
#ifndef MINIVMX_VMX_CAPS_H
#define MINIVMX_VMX_CAPS_H

#include <linux/types.h>
#ifndef __KERNEL__
#include <stdbool.h>
#include <stddef.h>
#endif
#include <vmx_controls.h>

/**
 * struct vmx_msrs - what the processor says of itself, as read
 * @cpuid_vmx: CPUID.01H:ECX.VMX
 * @feature_control: IA32_FEATURE_CONTROL
 * @cr4: CR4 outside of any window
 * @perfmon: version of architectural performance monitoring, CPUID.0AH:EAX
 * @basic: IA32_VMX_BASIC
 * @ctl: capability MSR of each control word; the TRUE ones where they exist
 * @ept_vpid: IA32_VMX_EPT_VPID_CAP; 0 without secondary controls
 * @misc: IA32_VMX_MISC
 * @cr0_fixed0: IA32_VMX_CR0_FIXED0, bits that must be 1
 * @cr0_fixed1: IA32_VMX_CR0_FIXED1, bits that may be 1
 * @cr4_fixed0: IA32_VMX_CR4_FIXED0
 * @cr4_fixed1: IA32_VMX_CR4_FIXED1
 *
 * SDM Vol. 3D, "VMX Capability Reporting Facility", Appendix A, edition 083.
 */
struct vmx_msrs {
	bool cpuid_vmx;
	__u64 feature_control;
	__u64 cr4;
	__u8 perfmon;
	__u64 basic;
	__u64 ctl[VMX_NR_CTL_WORDS];
	__u64 ept_vpid;
	__u64 misc;
	__u64 cr0_fixed0, cr0_fixed1;
	__u64 cr4_fixed0, cr4_fixed1;
};

/**
 * struct vmx_caps - what minivmx makes of it
 * @revision: VMCS revision identifier
 * @ctl: value to write into each control word
 * @preemption_timer_shift: the timer counts down once in 2^shift TSC ticks
 * @monitor_trap: the monitor trap flag is there to single-step a guest
 * @ept_large: EPT maps 2 MiB with one entry
 * @ept_accessed_dirty: EPT says which pages were used, and written to
 * @cr0_fixed0: as in struct vmx_msrs
 * @cr4_fixed0: as in struct vmx_msrs
 * @cr4_fixed1: as in struct vmx_msrs
 */
struct vmx_caps {
	__u32 revision;
	__u32 ctl[VMX_NR_CTL_WORDS];
	__u8 preemption_timer_shift;
	bool monitor_trap;
	bool ept_large, ept_accessed_dirty;
	__u64 cr0_fixed0;
	__u64 cr4_fixed0, cr4_fixed1;
};

/* Can minivmx run here, and if not, why. */
enum vmx_verdict {
	VMX_OK,
	VMX_ABSENT,			/* no VT-x */
	VMX_OFF_IN_FIRMWARE,		/* IA32_FEATURE_CONTROL forbids VMXON */
	VMX_NO_EPT,
	VMX_NO_UNRESTRICTED_GUEST,
	VMX_NO_CONTROL,			/* some other control cannot be had */
	VMX_FRED_HOST,
	VMX_HELD,			/* another hypervisor is in VMX operation */
	VMX_NR_VERDICTS
};

/**
 * struct vmx_verdict_text - what a verdict means to the person at the machine
 * @errno_: what loading the module fails with, positive
 * @why: what is wrong
 * @remedy: what to do about it
 */
struct vmx_verdict_text {
	int errno_;
	const char *why;
	const char *remedy;
};

extern const struct vmx_verdict_text vmx_verdicts[VMX_NR_VERDICTS];

bool vmx_ctl_adjust(__u64 capability, __u32 required, __u32 optional, __u32 forbidden,
		    __u32 *value);
bool vmx_msrs_collect(struct vmx_msrs *msrs,
		      bool (*read)(void *context, enum vmx_msr msr, __u64 *value),
		      void *context);
enum vmx_verdict vmx_caps_judge(const struct vmx_msrs *msrs,
				struct vmx_caps *caps, const char **control);

static inline bool vmx_has(const struct vmx_caps *caps, enum vmx_ctl_word word,
			   __u32 bit)
{
	return caps->ctl[word] & bit;
}

#endif /* MINIVMX_VMX_CAPS_H */
