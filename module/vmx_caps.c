// SPDX-License-Identifier: GPL-2.0
/*
 * Capability MSRs -> chosen controls, and the preflight verdict.
 *
 * Pure: it reads no register and keeps no state, so its tests run on any
 * machine. It is a part of vmrun, too: "vmrun caps" says of a machine what insmod
 * would, since it is the same code that says it. So there is nothing of the
 * kernel's own in it.
 */
#include <linux/errno.h>
#include <linux/types.h>
#include <asm/processor-flags.h>

#include "vmx_caps.h"

#ifdef __KERNEL__
#include <linux/kernel.h>
#else
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#endif

/* CR4.FRED; older kernels do not know it. SDM Vol. 3A, "CR4", 2.5. */
#define CR4_FRED	0x100000000ULL

/* IA32_FEATURE_CONTROL (SDM Vol. 3C, "Enabling and Entering VMX Operation", 24.7). */
#define FEATURE_LOCKED		1ULL
#define FEATURE_VMX_OUTSIDE_SMX	4ULL

/* IA32_VMX_BASIC (SDM Vol. 3D, "Basic VMX Information", A.1, edition 083). */
#define BASIC_REVISION		0x7fffffffULL
#define BASIC_TRUE_CTLS		0x80000000000000ULL	/* the TRUE MSRs exist */

/* IA32_VMX_MISC (the same, "Miscellaneous Data", A.6). */
#define MISC_TIMER_SHIFT	0x1fULL

/* A capability MSR's controls that may be 1. */
#define MAY_BE_1(capability)	((__u32)((capability) >> 32))

/**
 * struct vmx_ctl_rule - what minivmx wants of one control
 * @word: where it is
 * @need: how much it is wanted
 * @bit: the control
 * @name: what the SDM calls it
 */
struct vmx_ctl_rule {
	enum vmx_ctl_word word;
	enum vmx_need need;
	__u32 bit;
	const char *name;
};

static const struct vmx_ctl_rule rules[] = {
#define C(word, bit, name, need, sdm_name, why) \
	{ VMX_CTL_##word, VMX_##need, 1U << (bit), sdm_name },
	VMX_CONTROLS(C)
#undef C
};

/* What EPT itself must be able to do, or may. */
static const struct {
	unsigned int bit;
	enum vmx_need need;
	const char *name;
} ept_rules[] = {
#define E(bit, name, need, what, why)	{ bit, VMX_##need, what },
	VMX_EPT_CAPABILITIES(E)
#undef E
};

const struct vmx_verdict_text vmx_verdicts[VMX_NR_VERDICTS] = {
	[VMX_OK] = { 0, "VT-x can be used", "nothing to do" },
	[VMX_ABSENT] = {
		ENODEV, "this processor has no VT-x (CPUID.01H:ECX bit 5 is 0)",
		"use an Intel machine, give the virtual machine nested VT-x, or use selftests/lab/lab",
	},
	[VMX_OFF_IN_FIRMWARE] = {
		EPERM, "VT-x is switched off in the firmware (IA32_FEATURE_CONTROL)",
		"switch Intel Virtualization Technology on in the BIOS set-up and power-cycle",
	},
	[VMX_NO_EPT] = {
		EOPNOTSUPP, "this processor has no EPT",
		"use a processor of 2008 or later, or load kvm_intel with ept=1 in the outer machine",
	},
	[VMX_NO_UNRESTRICTED_GUEST] = {
		ENXIO, "this processor has no unrestricted guest",
		"use a processor of 2010 or later, or load kvm_intel with unrestricted_guest=1 in the outer machine",
	},
	[VMX_NO_CONTROL] = {
		EPROTONOSUPPORT, "this processor cannot do what minivmx needs",
		"use another machine, or selftests/lab/lab",
	},
	[VMX_FRED_HOST] = {
		EPROTO, "this host takes its events through FRED",
		"boot with fred=off",
	},
	[VMX_HELD] = {
		EBUSY, "another hypervisor holds VMX (CR4.VMXE is set)",
		"stop its virtual machines or unload it",
	},
};

/**
 * vmx_ctl_adjust() - fit the wished controls to what the processor allows
 * @capability: capability MSR: bits 31:0 are those that must be 1, bits 63:32
 *	those that may be 1
 * @required: controls that have to be 1
 * @optional: controls that are to be 1 if they may
 * @forbidden: controls that have to be 0
 * @value: the result
 *
 * Any other control takes the value the processor insists on, else 0: the
 * default1 class stays 1 where the processor wants it so.
 *
 * Source: SDM Vol. 3D, "Reserved Controls and Default Settings", A.2, and
 * "VM-Execution Controls", A.3, edition 083.
 *
 * Return: true if every wish of @required and @forbidden is fulfilled.
 */
bool vmx_ctl_adjust(__u64 capability, __u32 required, __u32 optional, __u32 forbidden,
		    __u32 *value)
{
	__u32 must = capability, may = MAY_BE_1(capability);

	*value = ((required | optional) & may) | must;
	return (*value & required) == required && !(*value & forbidden) &&
		!(must & ~may);
}

/* One control word: true if it can be had; else @broken is the rule at fault. */
static bool adjust_word(enum vmx_ctl_word word, __u64 capability, __u32 *value,
			const struct vmx_ctl_rule **broken)
{
	__u32 wish[VMX_NR_NEEDS] = { 0 };
	__u32 may = MAY_BE_1(capability);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i].word == word)
			wish[rules[i].need] |= rules[i].bit;

	*broken = NULL;
	if (vmx_ctl_adjust(capability, wish[VMX_REQUIRED], wish[VMX_OPTIONAL],
			   wish[VMX_FORBIDDEN] | wish[VMX_SWITCHED], value) &&
	    (may & wish[VMX_SWITCHED]) == wish[VMX_SWITCHED])
		return true;

	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		const struct vmx_ctl_rule *rule = &rules[i];
		bool set = *value & rule->bit;

		if (rule->word == word &&
		    ((rule->need == VMX_REQUIRED && !set) ||
		     (rule->need == VMX_FORBIDDEN && set) ||
		     (rule->need == VMX_SWITCHED && (set || !(may & rule->bit))))) {
			*broken = rule;
			break;
		}
	}
	return false;
}

/* What it means that a wish cannot be fulfilled. */
static enum vmx_verdict verdict_without(const struct vmx_ctl_rule *rule)
{
	if (rule->word == VMX_CTL_PRIMARY && rule->bit == VMX_PRIMARY_SECONDARY_CONTROLS)
		return VMX_NO_EPT;
	if (rule->word == VMX_CTL_SECONDARY && rule->bit == VMX_SECONDARY_ENABLE_EPT)
		return VMX_NO_EPT;
	if (rule->word == VMX_CTL_SECONDARY && rule->bit == VMX_SECONDARY_UNRESTRICTED_GUEST)
		return VMX_NO_UNRESTRICTED_GUEST;
	return VMX_NO_CONTROL;
}

/* Controls that make sense only together. */
static void adjust_pairs(const struct vmx_msrs *msrs, struct vmx_caps *caps)
{
	__u32 *pin = &caps->ctl[VMX_CTL_PIN], *exit = &caps->ctl[VMX_CTL_EXIT];
	__u32 *entry = &caps->ctl[VMX_CTL_ENTRY];

	/* Saving the timer without having it is not allowed (SDM Vol. 3C, 27.2.1.2). */
	if (!(*pin & VMX_PIN_PREEMPTION_TIMER))
		*exit &= ~VMX_EXIT_SAVE_PREEMPTION_TIMER;
	/* The MSR came with version 2. Load it on both ways or on none. */
	if (msrs->perfmon < 2 || !(*exit & VMX_EXIT_LOAD_PERF_GLOBAL_CTRL) ||
	    !(*entry & VMX_ENTRY_LOAD_PERF_GLOBAL_CTRL)) {
		*exit &= ~VMX_EXIT_LOAD_PERF_GLOBAL_CTRL;
		*entry &= ~VMX_ENTRY_LOAD_PERF_GLOBAL_CTRL;
	}
}

static bool ept_has(const struct vmx_msrs *msrs, enum vmx_ept_capability capability)
{
	return msrs->ept_vpid >> capability & 1;
}

/**
 * vmx_msrs_collect() - read the capability MSRs that exist
 * @msrs: filled in but for what no MSR tells: @cpuid_vmx, which is true, @cr4 and
 *	@perfmon
 * @read: reads an MSR
 * @context: for @read
 *
 * Return: false as soon as @read does.
 */
bool vmx_msrs_collect(struct vmx_msrs *msrs,
		      bool (*read)(void *context, enum vmx_msr msr, __u64 *value),
		      void *context)
{
	static const enum vmx_msr plain[VMX_NR_CTL_WORDS] = {
		[VMX_CTL_PIN] = VMX_MSR_PIN, [VMX_CTL_PRIMARY] = VMX_MSR_PRIMARY,
		[VMX_CTL_EXIT] = VMX_MSR_EXIT, [VMX_CTL_ENTRY] = VMX_MSR_ENTRY,
	};
	static const enum vmx_msr true_ones[VMX_NR_CTL_WORDS] = {
		[VMX_CTL_PIN] = VMX_MSR_TRUE_PIN, [VMX_CTL_PRIMARY] = VMX_MSR_TRUE_PRIMARY,
		[VMX_CTL_EXIT] = VMX_MSR_TRUE_EXIT, [VMX_CTL_ENTRY] = VMX_MSR_TRUE_ENTRY,
	};
	const enum vmx_msr *numbers;
	int word;

	if (!read(context, VMX_MSR_FEATURE_CONTROL, &msrs->feature_control) ||
	    !read(context, VMX_MSR_BASIC, &msrs->basic) ||
	    !read(context, VMX_MSR_MISC, &msrs->misc) ||
	    !read(context, VMX_MSR_CR0_FIXED0, &msrs->cr0_fixed0) ||
	    !read(context, VMX_MSR_CR0_FIXED1, &msrs->cr0_fixed1) ||
	    !read(context, VMX_MSR_CR4_FIXED0, &msrs->cr4_fixed0) ||
	    !read(context, VMX_MSR_CR4_FIXED1, &msrs->cr4_fixed1))
		return false;

	numbers = msrs->basic & BASIC_TRUE_CTLS ? true_ones : plain;
	for (word = 0; word < VMX_NR_CTL_WORDS; word++)
		if (numbers[word] && !read(context, numbers[word], &msrs->ctl[word]))
			return false;

	/* These two exist only if the control before them may be 1. */
	if (!(MAY_BE_1(msrs->ctl[VMX_CTL_PRIMARY]) & VMX_PRIMARY_SECONDARY_CONTROLS))
		return true;
	if (!read(context, VMX_MSR_SECONDARY, &msrs->ctl[VMX_CTL_SECONDARY]))
		return false;
	return !(MAY_BE_1(msrs->ctl[VMX_CTL_SECONDARY]) & VMX_SECONDARY_ENABLE_EPT) ||
		read(context, VMX_MSR_EPT_VPID_CAP, &msrs->ept_vpid);
}

/**
 * vmx_caps_judge() - can minivmx run on this processor, and with what controls
 * @msrs: what the processor says of itself
 * @caps: filled in if the verdict is VMX_OK
 * @control: the control or feature that is missing, where the verdict is about
 *	one; else NULL
 *
 * Return: the verdict.
 */
enum vmx_verdict vmx_caps_judge(const struct vmx_msrs *msrs,
				struct vmx_caps *caps, const char **control)
{
	const __u64 firmware = FEATURE_LOCKED | FEATURE_VMX_OUTSIDE_SMX;
	const struct vmx_ctl_rule *broken;
	int word;
	size_t i;

	*control = NULL;
	if (!msrs->cpuid_vmx)
		return VMX_ABSENT;
	if ((msrs->feature_control & firmware) != firmware)
		return VMX_OFF_IN_FIRMWARE;

	for (word = 0; word < VMX_NR_CTL_WORDS; word++) {
		if (adjust_word(word, msrs->ctl[word], &caps->ctl[word], &broken))
			continue;
		if (!broken) {
			*control = "consistent capability MSRs";
			return VMX_NO_CONTROL;
		}
		*control = broken->name;
		return verdict_without(broken);
	}
	for (i = 0; i < ARRAY_SIZE(ept_rules); i++) {
		if (ept_rules[i].need == VMX_REQUIRED &&
		    !(msrs->ept_vpid >> ept_rules[i].bit & 1)) {
			*control = ept_rules[i].name;
			return VMX_NO_EPT;
		}
	}
	adjust_pairs(msrs, caps);
	if (msrs->cr4 & CR4_FRED)
		return VMX_FRED_HOST;
	if (msrs->cr4 & X86_CR4_VMXE)
		return VMX_HELD;

	caps->monitor_trap = MAY_BE_1(msrs->ctl[VMX_CTL_PRIMARY]) &
		VMX_PRIMARY_MONITOR_TRAP_FLAG;
	caps->ept_accessed_dirty = ept_has(msrs, VMX_EPT_CAP_ACCESSED_DIRTY);
	caps->ept_large = ept_has(msrs, VMX_EPT_CAP_LARGE_2M);
	caps->revision = msrs->basic & BASIC_REVISION;
	caps->preemption_timer_shift = msrs->misc & MISC_TIMER_SHIFT;
	caps->cr0_fixed0 = msrs->cr0_fixed0;
	caps->cr4_fixed0 = msrs->cr4_fixed0;
	caps->cr4_fixed1 = msrs->cr4_fixed1;
	return VMX_OK;
}
