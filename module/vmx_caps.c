// SPDX-License-Identifier: GPL-2.0
/*
 * Capability MSRs -> chosen controls, and the preflight verdict.
 *
 * Pure: it reads no register and keeps no state, so its tests run on any
 * machine. vmx_cpu.c reads the MSRs.
 */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "vmx_caps.h"

/* CR4.FRED; older kernels do not know it. SDM Vol. 3A, "CR4", 2.5. */
#define CR4_FRED	BIT_ULL(32)

/* IA32_VMX_BASIC (SDM Vol. 3D, "Basic VMX Information", A.1, edition 083). */
#define BASIC_REVISION		0x7fffffffULL

enum vmx_ctl_need {
	REQUIRED,	/* minivmx does not work, or is not safe, without it */
	OPTIONAL,	/* used where the processor has it */
	FORBIDDEN,	/* must be 0, and the processor must allow that */
	SWITCHED,	/* 0 at first; set and cleared as a guest needs it */
};

/**
 * struct vmx_ctl_rule - what minivmx wants of one control
 * @word: where it is
 * @need: how much it is wanted
 * @bit: the control
 * @verdict: what it means when the wish cannot be fulfilled
 * @name: what the SDM calls it
 */
struct vmx_ctl_rule {
	enum vmx_ctl_word word;
	enum vmx_ctl_need need;
	u32 bit;
	enum vmx_verdict verdict;
	const char *name;
};

#define RULE(word, need, bit, name) \
	{ VMX_CTL_##word, need, bit, VMX_NO_CONTROL, name }

/* SDM Vol. 3C, "VM-Execution Control Fields", 25.6, edition 083. */
static const struct vmx_ctl_rule rules[] = {
	/* A guest that spins must give the CPU back when the host needs it. */
	RULE(PIN, REQUIRED, PIN_BASED_EXT_INTR_MASK, "external-interrupt exiting"),
	/* An NMI belongs to the host: watchdog, perf, crash dump. */
	RULE(PIN, REQUIRED, PIN_BASED_NMI_EXITING, "NMI exiting"),
	/* Keeps the guest's blocking of its NMIs apart from the host's. */
	RULE(PIN, REQUIRED, PIN_BASED_VIRTUAL_NMIS, "virtual NMIs"),
	/* Bounds the time that a window keeps interrupts off. */
	RULE(PIN, OPTIONAL, PIN_BASED_VMX_PREEMPTION_TIMER,
	     "activate VMX-preemption timer"),

	/* A guest's HLT would put the host's CPU to sleep. */
	RULE(PRIMARY, REQUIRED, CPU_BASED_HLT_EXITING, "HLT exiting"),
	/* Ports are emulated in user space, all of them. */
	RULE(PRIMARY, REQUIRED, CPU_BASED_UNCOND_IO_EXITING,
	     "unconditional I/O exiting"),
	/* Without a virtual APIC page, MOV to CR8 would change the host's TPR. */
	RULE(PRIMARY, REQUIRED, CPU_BASED_CR8_LOAD_EXITING, "CR8-load exiting"),
	RULE(PRIMARY, REQUIRED, CPU_BASED_CR8_STORE_EXITING, "CR8-store exiting"),
	/* The processor does not switch DR0-DR3 and DR6. */
	RULE(PRIMARY, REQUIRED, CPU_BASED_MOV_DR_EXITING, "MOV-DR exiting"),
	/* Performance counters are the host's. */
	RULE(PRIMARY, REQUIRED, CPU_BASED_RDPMC_EXITING, "RDPMC exiting"),
	/* MWAIT would put the host's CPU to sleep. */
	RULE(PRIMARY, REQUIRED, CPU_BASED_MWAIT_EXITING, "MWAIT exiting"),
	RULE(PRIMARY, REQUIRED, CPU_BASED_MONITOR_EXITING, "MONITOR exiting"),
	/* A guest's time starts at 0. */
	RULE(PRIMARY, REQUIRED, CPU_BASED_USE_TSC_OFFSETTING, "use TSC offsetting"),
	/* MSRs that VM entry and exit switch need no exit. */
	RULE(PRIMARY, REQUIRED, CPU_BASED_USE_MSR_BITMAPS, "use MSR bitmaps"),
	/* To inject an event as soon as the guest can take it. */
	RULE(PRIMARY, SWITCHED, CPU_BASED_INTR_WINDOW_EXITING,
	     "interrupt-window exiting"),
	RULE(PRIMARY, SWITCHED, CPU_BASED_NMI_WINDOW_EXITING, "NMI-window exiting"),
	/* EPT makes the guest's CR3 and TLB its own business. */
	RULE(PRIMARY, FORBIDDEN, CPU_BASED_CR3_LOAD_EXITING, "CR3-load exiting"),
	RULE(PRIMARY, FORBIDDEN, CPU_BASED_CR3_STORE_EXITING, "CR3-store exiting"),
	RULE(PRIMARY, FORBIDDEN, CPU_BASED_INVLPG_EXITING, "INVLPG exiting"),
	{ VMX_CTL_PRIMARY, REQUIRED, CPU_BASED_ACTIVATE_SECONDARY_CONTROLS,
	  VMX_NO_EPT, "activate secondary controls" },

	{ VMX_CTL_SECONDARY, REQUIRED, SECONDARY_EXEC_ENABLE_EPT,
	  VMX_NO_EPT, "enable EPT" },
	/* Real mode and paging-off protected mode without an emulator. */
	{ VMX_CTL_SECONDARY, REQUIRED, SECONDARY_EXEC_UNRESTRICTED_GUEST,
	  VMX_NO_UNRESTRICTED_GUEST, "unrestricted guest" },
	/* A guest must not flush the caches of the whole machine. */
	RULE(SECONDARY, REQUIRED, SECONDARY_EXEC_WBINVD_EXITING, "WBINVD exiting"),
	/* SGX and PCONFIG act on the platform; only CPUs with them have these. */
	RULE(SECONDARY, OPTIONAL, SECONDARY_EXEC_ENCLS_EXITING, "enable ENCLS exiting"),

	RULE(EXIT, REQUIRED, VM_EXIT_HOST_ADDR_SPACE_SIZE, "host address-space size"),
	RULE(EXIT, REQUIRED, VM_EXIT_SAVE_DEBUG_CONTROLS, "save debug controls"),
	RULE(EXIT, REQUIRED, VM_EXIT_SAVE_IA32_PAT, "save IA32_PAT"),
	RULE(EXIT, REQUIRED, VM_EXIT_LOAD_IA32_PAT, "load IA32_PAT on exit"),
	RULE(EXIT, REQUIRED, VM_EXIT_SAVE_IA32_EFER, "save IA32_EFER"),
	RULE(EXIT, REQUIRED, VM_EXIT_LOAD_IA32_EFER, "load IA32_EFER on exit"),
	/* The interrupt stays pending: the host takes it after the window. */
	RULE(EXIT, FORBIDDEN, VM_EXIT_ACK_INTR_ON_EXIT,
	     "acknowledge interrupt on exit"),
	/* Lets the timer bound the window, not just the stretch to an exit. */
	RULE(EXIT, OPTIONAL, VM_EXIT_SAVE_VMX_PREEMPTION_TIMER,
	     "save VMX-preemption timer value"),
	/* The host's performance counters stop in the guest; PEBS must. */
	RULE(EXIT, OPTIONAL, VM_EXIT_LOAD_IA32_PERF_GLOBAL_CTRL,
	     "load IA32_PERF_GLOBAL_CTRL on exit"),

	RULE(ENTRY, REQUIRED, VM_ENTRY_LOAD_DEBUG_CONTROLS, "load debug controls"),
	RULE(ENTRY, REQUIRED, VM_ENTRY_LOAD_IA32_PAT, "load IA32_PAT on entry"),
	RULE(ENTRY, REQUIRED, VM_ENTRY_LOAD_IA32_EFER, "load IA32_EFER on entry"),
	/* It is the guest's EFER.LMA. */
	RULE(ENTRY, SWITCHED, VM_ENTRY_IA32E_MODE, "IA-32e mode guest"),
	RULE(ENTRY, OPTIONAL, VM_ENTRY_LOAD_IA32_PERF_GLOBAL_CTRL,
	     "load IA32_PERF_GLOBAL_CTRL on entry"),
};

#undef RULE

/* Names of what EPT itself must be able to do. */
static const struct {
	u64 bit;
	const char *name;
} ept_needs[] = {
	{ VMX_EPT_PAGE_WALK_4_BIT, "EPT page-walk length 4" },
	{ VMX_EPTP_WB_BIT, "EPT paging structures in write-back memory" },
	{ VMX_EPT_INVEPT_BIT, "INVEPT" },
	{ VMX_EPT_EXTENT_CONTEXT_BIT, "single-context INVEPT" },
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
bool vmx_ctl_adjust(u64 capability, u32 required, u32 optional, u32 forbidden,
		    u32 *value)
{
	u32 must = capability;
	u32 may = capability >> 32;

	*value = ((required | optional) & may) | must;
	return (*value & required) == required && !(*value & forbidden) &&
		!(must & ~may);
}

/* One control word: true if it can be had; else @broken is the rule at fault. */
static bool adjust_word(enum vmx_ctl_word word, u64 capability, u32 *value,
			const struct vmx_ctl_rule **broken)
{
	u32 may = capability >> 32;
	u32 wish[4] = {};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i].word == word)
			wish[rules[i].need] |= rules[i].bit;

	*broken = NULL;
	if (vmx_ctl_adjust(capability, wish[REQUIRED], wish[OPTIONAL],
			   wish[FORBIDDEN] | wish[SWITCHED], value) &&
	    (may & wish[SWITCHED]) == wish[SWITCHED])
		return true;

	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		const struct vmx_ctl_rule *rule = &rules[i];
		bool set = *value & rule->bit;

		if (rule->word == word &&
		    ((rule->need == REQUIRED && !set) ||
		     (rule->need == FORBIDDEN && set) ||
		     (rule->need == SWITCHED && (set || !(may & rule->bit))))) {
			*broken = rule;
			break;
		}
	}
	return false;
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
	const u64 firmware = FEAT_CTL_LOCKED | FEAT_CTL_VMX_ENABLED_OUTSIDE_SMX;
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
		return broken->verdict;
	}
	for (i = 0; i < ARRAY_SIZE(ept_needs); i++) {
		if (!(msrs->ept_vpid & ept_needs[i].bit)) {
			*control = ept_needs[i].name;
			return VMX_NO_EPT;
		}
	}
	/* Saving the timer without having it is not allowed (SDM Vol. 3C, 27.2.1.2). */
	if (!(caps->ctl[VMX_CTL_PIN] & PIN_BASED_VMX_PREEMPTION_TIMER))
		caps->ctl[VMX_CTL_EXIT] &= ~VM_EXIT_SAVE_VMX_PREEMPTION_TIMER;
	/* The MSR came with version 2. Load it on both ways or on none. */
	if (msrs->perfmon < 2 ||
	    !(caps->ctl[VMX_CTL_EXIT] & VM_EXIT_LOAD_IA32_PERF_GLOBAL_CTRL) ||
	    !(caps->ctl[VMX_CTL_ENTRY] & VM_ENTRY_LOAD_IA32_PERF_GLOBAL_CTRL)) {
		caps->ctl[VMX_CTL_EXIT] &= ~VM_EXIT_LOAD_IA32_PERF_GLOBAL_CTRL;
		caps->ctl[VMX_CTL_ENTRY] &= ~VM_ENTRY_LOAD_IA32_PERF_GLOBAL_CTRL;
	}
	if (msrs->cr4 & CR4_FRED)
		return VMX_FRED_HOST;
	if (msrs->cr4 & X86_CR4_VMXE)
		return VMX_HELD;

	caps->monitor_trap = msrs->ctl[VMX_CTL_PRIMARY] >> 32 &
		CPU_BASED_MONITOR_TRAP_FLAG;
	caps->ept_accessed_dirty = msrs->ept_vpid & VMX_EPT_AD_BIT;
	caps->ept_large = msrs->ept_vpid & VMX_EPT_2MB_PAGE_BIT;
	caps->revision = msrs->basic & BASIC_REVISION;
	caps->preemption_timer_shift = vmx_misc_preemption_timer_rate(msrs->misc);
	caps->cr0_fixed0 = msrs->cr0_fixed0;
	caps->cr4_fixed0 = msrs->cr4_fixed0;
	caps->cr4_fixed1 = msrs->cr4_fixed1;
	return VMX_OK;
}
