// SPDX-License-Identifier: GPL-2.0
/*
 * What the bits of the VMX capability MSRs mean.
 *
 * Source: SDM Vol. 3D, "VMX Capability Reporting Facility", Appendix A; Vol. 4,
 * "IA-32 Architectural MSRs" (IA32_FEATURE_CONTROL); Vol. 3A, "Control
 * Registers", 2.5, edition 083.
 */
#include "array_size.h"
#include "caps.h"

const struct caps_control caps_controls[] = {
#define C(word, bit, name, need, sdm_name, why) \
	{ VMX_CTL_##word, bit, VMX_##need, sdm_name, why },
	VMX_CONTROLS(C)
#undef C
};

const unsigned int caps_nr_controls = ARRAY_SIZE(caps_controls);

const char *const caps_word_names[VMX_NR_CTL_WORDS] = {
	[VMX_CTL_PIN] = "pin",
	[VMX_CTL_PRIMARY] = "primary",
	[VMX_CTL_SECONDARY] = "secondary",
	[VMX_CTL_EXIT] = "exit",
	[VMX_CTL_ENTRY] = "entry",
};

const char *const caps_word_titles[VMX_NR_CTL_WORDS] = {
	[VMX_CTL_PIN] = "Pin-based VM-execution controls",
	[VMX_CTL_PRIMARY] = "Primary processor-based VM-execution controls",
	[VMX_CTL_SECONDARY] = "Secondary processor-based VM-execution controls",
	[VMX_CTL_EXIT] = "Primary VM-exit controls",
	[VMX_CTL_ENTRY] = "VM-entry controls",
};

const char *const caps_need_names[VMX_NR_NEEDS] = {
	[VMX_UNUSED] = "unused",
	[VMX_REQUIRED] = "required",
	[VMX_OPTIONAL] = "optional",
	[VMX_FORBIDDEN] = "forbidden",
	[VMX_SWITCHED] = "switched",
};

/* ------------------------- fields ---------------------------------------- */

#define FLAG(bit, need, name, why)	{ bit, bit, CAPS_FLAG, VMX_##need, name, why }
#define VALUE(high, low, format, name, why) \
	{ high, low, CAPS_##format, VMX_UNUSED, name, why }

static const struct caps_field feature_control[] = {
	FLAG(0, REQUIRED, "lock", "the firmware sets it last; VMXON fails without it"),
	FLAG(1, UNUSED, "enable VMX inside SMX operation", ""),
	FLAG(2, REQUIRED, "enable VMX outside SMX operation", "VMXON fails without it"),
	VALUE(14, 8, HEX, "SENTER local function enables", ""),
	FLAG(15, UNUSED, "SENTER global enable", ""),
	FLAG(17, UNUSED, "SGX launch control enable", ""),
	FLAG(18, UNUSED, "SGX global enable", ""),
	FLAG(20, UNUSED, "LMCE on", ""),
	{ 0 }
};

static const struct caps_field basic[] = {
	VALUE(30, 0, HEX, "VMCS revision identifier",
	      "written into each VMCS and VMXON region"),
	VALUE(44, 32, NUMBER, "bytes of a VMCS or VMXON region", "each has a page of 4096"),
	FLAG(48, UNUSED, "VMX structures below 4 GiB only", ""),
	FLAG(49, UNUSED, "dual-monitor treatment of SMM", ""),
	VALUE(53, 50, MEMORY_TYPE, "memory type of VMX structures", ""),
	FLAG(54, UNUSED, "exits of INS and OUTS report the instruction", ""),
	FLAG(55, OPTIONAL, "TRUE capability MSRs", "where they are, they are what is used"),
	FLAG(56, UNUSED, "exceptions may be injected with or without an error code", ""),
	{ 0 }
};

static const struct caps_field misc[] = {
	VALUE(4, 0, NUMBER, "VMX-preemption timer counts once in 2^N TSC ticks",
	      "to set it for the length of a window"),
	FLAG(5, UNUSED, "exits store EFER.LMA into \"IA-32e mode guest\"", ""),
	FLAG(6, UNUSED, "activity state HLT", ""),
	FLAG(7, UNUSED, "activity state shutdown", ""),
	FLAG(8, UNUSED, "activity state wait-for-SIPI", ""),
	FLAG(14, UNUSED, "Intel PT in VMX operation", ""),
	FLAG(15, UNUSED, "RDMSR of IA32_SMBASE in SMM", ""),
	VALUE(24, 16, NUMBER, "CR3-target values", ""),
	VALUE(27, 25, MSR_LIST, "recommended most MSRs in a list", ""),
	FLAG(28, UNUSED, "IA32_SMM_MONITOR_CTL bit 2 may be 1", ""),
	FLAG(29, UNUSED, "VMWRITE to any supported field", ""),
	FLAG(30, UNUSED, "injection with instruction length 0", ""),
	VALUE(63, 32, HEX, "MSEG revision identifier", ""),
	{ 0 }
};

static const struct caps_field ept_vpid[] = {
#define E(bit, name, need, what, why)	FLAG(bit, need, what, why),
	VMX_EPT_CAPABILITIES(E)
#undef E
	VALUE(53, 48, NUMBER, "maximum HLAT prefix size", ""),
	{ 0 }
};

const struct caps_msr caps_msrs[] = {
	{ VMX_MSR_FEATURE_CONTROL, "IA32_FEATURE_CONTROL", feature_control },
	{ VMX_MSR_BASIC, "IA32_VMX_BASIC", basic },
	{ VMX_MSR_MISC, "IA32_VMX_MISC", misc },
	{ VMX_MSR_EPT_VPID_CAP, "IA32_VMX_EPT_VPID_CAP", ept_vpid },
	{ 0 }
};

/* ------------------------- control registers ------------------------------ */

#define BIT(bit, name)	{ bit, bit, CAPS_FLAG, VMX_UNUSED, name, "" }

static const struct caps_field cr0[] = {
	BIT(0, "PE"), BIT(1, "MP"), BIT(2, "EM"), BIT(3, "TS"), BIT(4, "ET"),
	BIT(5, "NE"), BIT(16, "WP"), BIT(18, "AM"), BIT(29, "NW"), BIT(30, "CD"),
	BIT(31, "PG"),
	{ 0 }
};

static const struct caps_field cr4[] = {
	BIT(0, "VME"), BIT(1, "PVI"), BIT(2, "TSD"), BIT(3, "DE"), BIT(4, "PSE"),
	BIT(5, "PAE"), BIT(6, "MCE"), BIT(7, "PGE"), BIT(8, "PCE"), BIT(9, "OSFXSR"),
	BIT(10, "OSXMMEXCPT"), BIT(11, "UMIP"), BIT(12, "LA57"), BIT(13, "VMXE"),
	BIT(14, "SMXE"), BIT(16, "FSGSBASE"), BIT(17, "PCIDE"), BIT(18, "OSXSAVE"),
	BIT(19, "KL"), BIT(20, "SMEP"), BIT(21, "SMAP"), BIT(22, "PKE"), BIT(23, "CET"),
	BIT(24, "PKS"), BIT(25, "UINTR"), BIT(28, "LAM_SUP"), BIT(32, "FRED"),
	{ 0 }
};

const struct caps_register caps_registers[2] = { { "CR0", cr0 }, { "CR4", cr4 } };

/* ------------------------- values ---------------------------------------- */

/** caps_msr_name() - what the SDM calls an MSR */
const char *caps_msr_name(enum vmx_msr msr)
{
	static const struct {
		enum vmx_msr msr;
		const char *name;
	} names[] = {
#define M(name, number, sdm_name)	{ number, sdm_name },
		VMX_MSRS(M)
#undef M
	};
	unsigned int i = 0;

	while (names[i].msr != msr)
		i++;
	return names[i].name;
}

/** caps_word_msr() - the MSR that a word of controls is from */
enum vmx_msr caps_word_msr(const struct caps *caps, enum vmx_ctl_word word)
{
	static const enum vmx_msr msrs[2][VMX_NR_CTL_WORDS] = {
		{ VMX_MSR_PIN, VMX_MSR_PRIMARY, VMX_MSR_SECONDARY, VMX_MSR_EXIT,
		  VMX_MSR_ENTRY },
		{ VMX_MSR_TRUE_PIN, VMX_MSR_TRUE_PRIMARY, VMX_MSR_SECONDARY,
		  VMX_MSR_TRUE_EXIT, VMX_MSR_TRUE_ENTRY },
	};

	return msrs[caps->msrs.basic >> 55 & 1][word];
}

/** caps_msr_value() - the value of an MSR that consists of fields */
__u64 caps_msr_value(const struct caps *caps, enum vmx_msr msr)
{
	switch (msr) {
	case VMX_MSR_FEATURE_CONTROL:
		return caps->msrs.feature_control;
	case VMX_MSR_BASIC:
		return caps->msrs.basic;
	case VMX_MSR_MISC:
		return caps->msrs.misc;
	case VMX_MSR_EPT_VPID_CAP:
		return caps->msrs.ept_vpid;
	default:
		return 0;
	}
}

/** caps_field_value() - the value of a field, of an MSR's value */
__u64 caps_field_value(__u64 msr, const struct caps_field *field)
{
	__u64 value = msr >> field->low & (~0ULL >> (63 - (field->high - field->low)));

	return field->format == CAPS_MSR_LIST ? 512 * (value + 1) : value;
}
