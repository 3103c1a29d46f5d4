// SPDX-License-Identifier: GPL-2.0
/*
 * Where minivmx differs from KVM on purpose. docs/api.md has a row for each
 * reason. What minivmx says is in minivmx.golden: an explanation is not a licence
 * to say anything else, and one whose difference is gone is a failure.
 */
#include "diff.h"

/* Each of these is the title of a row in docs/api.md. */
#define SUBSET		"outside of the subset"
#define ENOTTY_RULE	"unknown ioctl numbers"
#define NO_MSR		"MSRs that are not there"
#define REP_OUTS	"REP OUTS in one exit"
#define STEP_OVER	"single steps over emulated instructions"
#define ACCESSED	"MINIVMX_TRANSLATE changes nothing"
#define DIRTY_READS	"reads are not dirty"
#define STRICT		"bad values are refused"
#define NO_SMM		"no system-management mode"
#define TABLES		"page tables and stacks where there is no memory"
#define ROM_TABLES	"page tables in read-only memory"
#define CPUID_NENT	"MINIVMX_GET_CPUID2 says how many"

#define CPUID_TABLE	"the CPUID table stays as it was set"
#define SET_FPU		"MINIVMX_SET_FPU before the first run"
#define TWICE		"a step that Bochs reports twice"

const struct explained explained[] = {
	{ "KVM_CHECK_EXTENSION", "the other numbers", SUBSET },
	{ "any", "unknown numbers", ENOTTY_RULE },
	{ "KVM_SET_DEBUGREGS", "other sizes", ENOTTY_RULE },
	{ "KVM_CREATE_VCPU", "without memory", TABLES },
	{ "KVM_GET_MSRS", "on the wrong descriptor", SUBSET },
	{ "KVM_GET_TSC_KHZ", "on the wrong descriptor", SUBSET },
	{ "KVM_SET_SREGS", "bits of cr4", SUBSET },
	{ "KVM_SET_SREGS", "bits of cr8", STRICT },
	{ "KVM_SET_SREGS", "bits of efer", STRICT },
	{ "KVM_SET_SREGS", "cr8 = 16", STRICT },
	{ "KVM_SET_SREGS", "cr3 without memory in 32-bit paging", TABLES },
	{ "KVM_SET_SREGS", "cr3 without memory in 64-bit mode", TABLES },
	{ "KVM_SET_USER_MEMORY_REGION", "page tables in read-only memory", ROM_TABLES },
	{ "KVM_GET_SUPPORTED_CPUID", "only what is there", SUBSET },
	{ "KVM_GET_CPUID2", "room", CPUID_NENT },
	{ "KVM_GET_CPUID2", "round trip", CPUID_NENT },
	{ "KVM_GET_CPUID2", "round trip of what is supported", CPUID_NENT },
	{ "KVM_SET_CPUID2", "room", CPUID_NENT },
	{ "KVM_SET_CPUID2", "CR4 bits that it allows", SUBSET },
	{ "KVM_SET_MSRS", "stops at an unknown one", NO_MSR },
	{ "KVM_SET_MSRS", "unknown 0x40000000: write and read", NO_MSR },
	{ "KVM_SET_VCPU_EVENTS", "exception with a payload", SUBSET },
	{ "KVM_SET_VCPU_EVENTS", "SMM", NO_SMM },
	{ "KVM_SET_VCPU_EVENTS", "SMI pending", NO_SMM },
	{ "KVM_GET_FPU", "as the guest sees it", SET_FPU },
	{ "KVM_GET_XSAVE", "round trip", SET_FPU },
	{ "KVM_GET_CPUID2", "OSXSAVE", CPUID_TABLE },
	{ "KVM_INTERRUPT", "the stack is nowhere", TABLES },
	{ "KVM_SET_GUEST_DEBUG", "step over OUT", TWICE },
	{ "KVM_SET_GUEST_DEBUG", "step over IN", TWICE },
	{ "KVM_SET_GUEST_DEBUG", "step over CPUID", TWICE },
	{ "KVM_SET_GUEST_DEBUG", "step over RDMSR and WRMSR", TWICE },
	{ "KVM_SET_GUEST_DEBUG", "step over MOV CR", TWICE },
	{ "KVM_SET_GUEST_DEBUG", "step and interrupt*", TWICE },
	{ "KVM_SET_GUEST_DEBUG", "step and NMI", TWICE },
	{ "KVM_SET_GUEST_DEBUG", "step over REP OUTS", STEP_OVER },
	{ "KVM_SET_GUEST_DEBUG", "step over MMIO", STEP_OVER },
	{ "KVM_SET_GUEST_DEBUG", "step over MOV DR", STEP_OVER },
	{ "KVM_SET_GUEST_DEBUG", "step after an OUT", STEP_OVER },
	{ "KVM_SET_GUEST_DEBUG", "guest's registers, single steps", STEP_OVER },
	{ "KVM_SET_GUEST_DEBUG", "controls", STRICT },
	{ "KVM_SET_DEBUGREGS", "DR7 of ones", STRICT },
	{ "KVM_SET_DEBUGREGS", "addresses not canonical", STRICT },
	{ "KVM_SET_USER_MEMORY_REGION", "slot of address space 1", NO_SMM },
	{ "KVM_GET_DIRTY_LOG", "written", DIRTY_READS },
	{ "KVM_GET_DIRTY_LOG", "REP INS", DIRTY_READS },
	{ "KVM_GET_DIRTY_LOG", "the same flags again", DIRTY_READS },
	{ "KVM_GET_DIRTY_LOG", "slot moved", DIRTY_READS },
	{ "KVM_REGISTER_COALESCED_MMIO", "full ring", "the whole ring is used" },
	{ "KVM_RUN", "MMIO: PUSH", "instructions that access MMIO" },
	{ "KVM_RUN", "emulation error", "instructions that access MMIO" },
	{ "KVM_RUN", "string I/O: REP OUTS[BD]", REP_OUTS },
	{ "KVM_RUN", "string I/O: REP OUTSW downwards", REP_OUTS },
	{ "KVM_RUN", "string I/O: OUTSB with ES", REP_OUTS },
	{ "KVM_RUN", "string I/O: REP OUTSB in *", REP_OUTS },
	{ "KVM_RUN", "string I/O: OUTS from nowhere", "instructions that access MMIO" },
	{ "KVM_TRANSLATE", "32-bit paging, not accessed", ACCESSED },
	{ "KVM_TRANSLATE", "64-bit, 1 GiB page", ACCESSED },
	{ "KVM_RUN", "guest executes RDTSCP", SUBSET },
	{ "KVM_RUN", "guest executes MOV CR4 with VMXE", SUBSET },
	{ "KVM_SET_MSRS", "SYSENTER_E[SI]P: WRMSR", NESTED },
	{ "KVM_RUN", "guest executes MOV CR0 with a reserved bit", NESTED },
#define ONE_MSR(name)						\
	{ "KVM_SET_MSRS", name ": write and read", NO_MSR },	\
	{ "KVM_GET_MSRS", name ": RDMSR", NO_MSR },		\
	{ "KVM_SET_MSRS", name ": WRMSR", NO_MSR }
	ONE_MSR("TSC_AUX"),
	ONE_MSR("MTRR_DEF_TYPE"),
	ONE_MSR("MTRR_PHYS_BASE0"),
	ONE_MSR("MTRR_FIX64K"),
	ONE_MSR("FEATURE_CONTROL"),
	ONE_MSR("TSC_ADJUST"),
	ONE_MSR("MCG_STATUS"),
	ONE_MSR("PLATFORM_INFO"),
	ONE_MSR("SPEC_CTRL"),
	ONE_MSR("ARCH_CAPABILITIES"),
	ONE_MSR("XSS"),
	ONE_MSR("K7_HWCR"),
	ONE_MSR("KVM_WALL_CLOCK"),
	/* Writing these fails in KVM too. */
	{ "KVM_SET_MSRS", "MTRR_CAP: write and read", NO_MSR },
	{ "KVM_GET_MSRS", "MTRR_CAP: RDMSR", NO_MSR },
	{ "KVM_SET_MSRS", "MCG_CAP: write and read", NO_MSR },
	{ "KVM_GET_MSRS", "MCG_CAP: RDMSR", NO_MSR },
};

const size_t nr_explained = ARRAY_SIZE(explained);
