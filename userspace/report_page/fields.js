/*
 * Which fields of the VMCS the processor writes and reads at a VM exit, and what
 * the SDM says of it: Vol. 3C, "VM Exits", 28.2 to 28.5, edition 083. The fields
 * and their names are those of uapi/vmcs_fields.h, which vmrun wrote into the page.
 */

/* VM-exit controls that decide: SDM Vol. 3C, "VM-Exit Controls", 25.7.1. */
const exitControls = {
	2: "save debug controls", 12: "load IA32_PERF_GLOBAL_CTRL", 18: "save IA32_PAT",
	19: "load IA32_PAT", 20: "save IA32_EFER", 21: "load IA32_EFER",
	22: "save VMX-preemption timer value", 28: "load CET state", 29: "load PKRS",
};

/*
 * heading, fields, words, the bit of the VM-exit controls that has to be 1
 * (undefined: always; -1: minivmx does not use the feature). The first row that
 * fits a field is its own.
 */
const savedRules = [
	["28.3.1 Saving Control Registers, Debug Registers, and MSRs", [
		[/_CR[034]$/, "The contents of CR0, CR3, CR4 are saved into the corresponding fields."],
		[/_IA32_SYSENTER_CS$/, "The contents of the IA32_SYSENTER_CS MSR are saved. Bits 63:32 of it are not saved."],
		[/_IA32_SYSENTER_E/, "The contents of the IA32_SYSENTER_ESP and IA32_SYSENTER_EIP MSRs are saved into the corresponding fields."],
		[/_DR7$|_IA32_DEBUGCTL$/, "If the “save debug controls” VM-exit control is 1, the contents of DR7 and the IA32_DEBUGCTL MSR are saved into the corresponding fields.", 2],
		[/_IA32_PAT$/, "If the “save IA32_PAT” VM-exit control is 1, the contents of the IA32_PAT MSR are saved into the corresponding field.", 18],
		[/_IA32_EFER$/, "If the “save IA32_EFER” VM-exit control is 1, the contents of the IA32_EFER MSR are saved into the corresponding field.", 20],
		[/_SMBASE$/, "The value of the SMBASE field is undefined after all VM exits except SMM VM exits.", -1],
	]],
	["28.3.2 Saving Segment Registers and Descriptor-Table Registers", [
		[/_(GDTR|IDTR)_/, "The contents of the GDTR and IDTR registers are saved into the corresponding base-address and limit fields."],
		[/_CS_(BASE|LIMIT)$/, "If the register was unusable, base address, limit and most access rights are undefined. Exception: of CS, the base-address and segment-limit fields are saved."],
		[/_[FG]S_BASE$/, "If the register was unusable, base address, limit and most access rights are undefined. Exception: of FS and GS, the base-address field is saved."],
		[/_ACCESS_RIGHTS$/, "If the register was not unusable, bits 7:0 and 15:12 are those which were in the register. Bits 31:17 and 11:8 in the access-rights field are always cleared. Bit 16 is set to 1 if and only if the segment is unusable."],
		[/_SELECTOR$/, "The selector is saved, whether the register was unusable or not."],
		[/_(BASE|LIMIT)$/, "If the register was not unusable, the values saved are those which were in the register before the VM exit; if it was unusable, they are undefined."],
	]],
	["28.3.3 Saving RIP, RSP, RFLAGS, and SSP", [
		[/_RIP$/, "The value saved in the RIP field is determined by the nature and cause of the VM exit: for an instruction that causes VM exits, it references that instruction; for a fault, the instruction that caused it; for an interrupt, the one that would have been next."],
		[/_RSP$/, "The contents of the RSP register are saved into the RSP field."],
		[/_RFLAGS$/, "With the exception of the resume flag (RF; bit 16), the contents of the RFLAGS register is saved into the RFLAGS field."],
	]],
	["28.3.4 Saving Non-Register State", [
		[/_ACTIVITY_STATE$/, "The activity-state field is saved with the logical processor's activity state before the VM exit."],
		[/_INTERRUPTIBILITY_STATE$/, "The interruptibility-state field is saved to reflect the logical processor's interruptibility before the VM exit."],
		[/_PENDING_DEBUG/, "The pending debug exceptions field is saved as clear for all VM exits except those due to INIT signals, machine checks, SMIs, TPR below threshold and the monitor trap flag, and those that occur while MOV SS blocks debug exceptions."],
		[/PREEMPTION_TIMER/, "If the “save VMX-preemption timer value” VM-exit control is 1, the value of the timer is saved. If it is 0, VM exit does not modify the field.", 22],
		[/_PDPTE_/, "If the “enable EPT” VM-execution control is 1 and the logical processor was using PAE paging, the PDPTEs in use are saved; otherwise the values saved are undefined.", "pae"],
	]],
];

const loadedRules = [
	["28.5.1 Loading Host Control Registers, Debug Registers, MSRs", [
		[/_CR[034]$/, "CR0, CR3, and CR4 are loaded from the CR0 field, the CR3 field, and the CR4 field, respectively; bits that are fixed in VMX operation, and ET, CD and NW of CR0, are not modified."],
		[/_SYSENTER_CS$/, "The IA32_SYSENTER_CS MSR is loaded from the IA32_SYSENTER_CS field. Since that field has only 32 bits, bits 63:32 of the MSR are cleared to 0."],
		[/_SYSENTER_E/, "IA32_SYSENTER_ESP MSR and IA32_SYSENTER_EIP MSR are loaded from the IA32_SYSENTER_ESP field and the IA32_SYSENTER_EIP field, respectively."],
		[/_PERF_GLOBAL/, "If the “load IA32_PERF_GLOBAL_CTRL” VM-exit control is 1, the IA32_PERF_GLOBAL_CTRL MSR is loaded from the IA32_PERF_GLOBAL_CTRL field.", 12],
		[/_IA32_PAT$/, "If the “load IA32_PAT” VM-exit control is 1, the IA32_PAT MSR is loaded from the IA32_PAT field.", 19],
		[/_IA32_EFER$/, "If the “load IA32_EFER” VM-exit control is 1, the IA32_EFER MSR is loaded from the IA32_EFER field.", 21],
		[/_PKRS$/, "If the “load PKRS” VM-exit control is 1, the IA32_PKRS MSR is loaded from the IA32_PKRS field.", 29],
		[/_S_CET$|_SSP_TABLE/, "If the “load CET state” VM-exit control is 1, the IA32_S_CET and IA32_INTERRUPT_SSP_TABLE_ADDR MSRs are loaded from the corresponding fields.", 28],
	]],
	["28.5.2 Loading Host Segment and Descriptor-Table Registers", [
		[/_SELECTOR$/, "The selector is loaded from the selector field. Of the rest, CS becomes a flat code segment with DPL 0; SS, DS, ES, FS and GS are unusable if their selector is 0. LDTR is cleared and unusable on all VM exits."],
		[/_(GDTR|IDTR)_BASE$/, "The base addresses for GDTR and IDTR are loaded from the GDTR base-address field and the IDTR base-address field, respectively. The GDTR and IDTR limits are each set to FFFFH."],
		[/_BASE$/, "The base addresses of FS, GS and TR are loaded from their fields. TR becomes a busy TSS with the limit 67H."],
	]],
	["28.5.3 Loading Host RIP, RSP, RFLAGS, and SSP", [
		[/_RIP$|_RSP$/, "RIP and RSP are loaded from the RIP field and the RSP field, respectively. RFLAGS is cleared, except bit 1, which is always set."],
		[/_SSP$/, "If the “load CET state” VM-exit control is 1, SSP is loaded from the SSP field.", 28],
	]],
];

/* What no field says: the same on each VM exit. */
const alwaysSet = "Besides: DR7 is set to 400H, IA32_DEBUGCTL is cleared, RFLAGS is 2, LDTR is unusable, " +
	"and address-range monitoring is cleared (28.5.1 to 28.5.6).";

const isPae = i => (col.flags[i] & (PAGING | LONG)) === PAGING;

/* Is it done at this exit: true, false, or "undefined", which is the SDM's word. */
function holds(condition, i) {
	if (condition === undefined)
		return true;
	if (condition === "pae")
		return isPae(i);
	return condition >= 0 && (data.controls.exit >>> condition & 1) === 1;
}

function ruleOf(rules, name) {
	for (const [heading, rows] of rules)
		for (const [pattern, words, condition] of rows)
			if (pattern.test(name))
				return { heading, words, condition };
	return null;
}

/* The fields of one area, by heading. Those without a rule are of features that
 * minivmx does not use: they are left out. */
function grouped(type, rules) {
	const groups = new Map(rules.map(([heading]) => [heading, []]));

	for (const [name, encoding, sdmName] of data.fields) {
		const rule = (encoding >> 10 & 3) === type && ruleOf(rules, name);

		if (rule)
			groups.get(rule.heading).push({ name, encoding, sdmName, ...rule });
	}
	return groups;
}

const savedFields = grouped(2, savedRules), loadedFields = grouped(3, loadedRules);

/* Fields whose value was recorded. */
const known = {
	GUEST_RIP: i => col.rip[i], GUEST_CS_BASE: i => col.cs_base[i],
};
