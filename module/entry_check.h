/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Would the processor enter this guest? The checks of a VM entry, over a copy of
 * the VMCS.
 */
#ifndef MINIVMX_ENTRY_CHECK_H
#define MINIVMX_ENTRY_CHECK_H

#include <linux/bits.h>
#include <linux/types.h>
#include <asm/vmx.h>

#include <entry_rules.h>
#include <vmcs_fields.h>

#include "vmx_caps.h"

/**
 * struct vmcs_snapshot - the fields of a VMCS
 * @value: in the order of the table
 * @present: the processor has the field; @value is 0 if not
 */
struct vmcs_snapshot {
	u64 value[VMCS_NR_FIELDS];
	bool present[VMCS_NR_FIELDS];
};

/* An entry of a VM-entry MSR-load area (SDM Vol. 3C, 25.8.2, edition 083). */
struct entry_msr {
	u32 index;
	u32 reserved;
	u64 value;
};

/**
 * struct entry_processor - what decides how the processor checks
 * @msrs: its capability MSRs
 * @ctl3: IA32_VMX_PROCBASED_CTLS3; 0 if it is not there
 * @exit2: IA32_VMX_EXIT_CTLS2; likewise
 * @vmfunc: IA32_VMX_VMFUNC; likewise
 * @physical_bits: width of a physical address
 * @linear_bits: width of a linear address: 48, or 57 with five-level paging
 * @efer: bits that IA32_EFER has
 * @debugctl: bits that IA32_DEBUGCTL has
 * @perf_global: bits that IA32_PERF_GLOBAL_CTRL has
 * @sgx: it has enclaves
 * @rtm: it has restricted transactional memory
 * @bus_lock: it has bus-lock detection
 * @ia32e: it is in IA-32e mode
 */
struct entry_processor {
	struct vmx_msrs msrs;
	u64 ctl3, exit2, vmfunc;
	u8 physical_bits, linear_bits;
	u64 efer, debugctl, perf_global;
	bool sgx, rtm, bus_lock, ia32e;
};

/**
 * struct entry_memory - what a VM entry reads in memory, where it is known
 * @current_vmcs: physical address of the VMCS
 * @vtpr: byte 80H of the virtual-APIC page; negative: not known
 * @link: first 32 bits of what the link pointer leads to; negative: not known
 * @msrs: the VM-entry MSR-load area
 * @nr_msrs: its entries
 */
struct entry_memory {
	u64 current_vmcs;
	int vtpr;
	s64 link;
	const struct entry_msr *msrs;
	u32 nr_msrs;
};

/**
 * struct entry_check - an entry that is about to be judged
 * @vmcs: the VMCS
 * @cpu: the processor
 * @memory: what it would read in memory
 * @pin: pin-based controls, and so on; those that are not activated are 0
 * @primary: primary processor-based controls
 * @secondary: secondary ones
 * @tertiary: tertiary ones
 * @exit: primary VM-exit controls
 * @entry: VM-entry controls
 */
struct entry_check {
	const struct vmcs_snapshot *vmcs;
	const struct entry_processor *cpu;
	const struct entry_memory *memory;
	u32 pin, primary, secondary, exit, entry;
	u64 tertiary;
};

/* CR4.CET: older kernels have no name for it. */
#define ENTRY_CR4_CET	BIT_ULL(23)

/* A field of the VMCS under test. */
#define ENTRY_FIELD(c, name)	((c)->vmcs->value[VMCS_INDEX_##name])

/* What a predicate returns if the rule holds; else the field's encoding. */
#define ENTRY_HOLDS	(~0U)

/* The rule holds if @holds; else @name is the field that breaks it. */
#define ENTRY_TEST(holds, name)	((holds) ? ENTRY_HOLDS : VMCS_##name)

/* One predicate a rule; each in the file of its section. */
#define R(name, section, what, mend) u32 entry_##name(const struct entry_check *c);
ENTRY_RULES(R)
#undef R

/**
 * struct entry_broken - a rule that does not hold
 * @rule: which
 * @field: encoding of the field that breaks it
 */
struct entry_broken {
	u32 rule;
	u32 field;
};

enum entry_section entry_rule_section(enum entry_rule rule);
unsigned int entry_check(const struct vmcs_snapshot *vmcs,
			 const struct entry_processor *cpu,
			 const struct entry_memory *memory,
			 struct entry_broken *broken, unsigned int room);

/** entry_canonical() - is it an address that the processor takes */
static inline bool entry_canonical(const struct entry_check *c, u64 address)
{
	unsigned int shift = 64 - c->cpu->linear_bits;

	return (u64)((s64)(address << shift) >> shift) == address;
}

/** entry_above_width() - has it bits that no physical address has */
static inline bool entry_above_width(const struct entry_check *c, u64 address)
{
	return address >> c->cpu->physical_bits;
}

/** entry_injected() - the event that the entry injects; 0 if it injects none */
static inline u32 entry_injected(const struct entry_check *c)
{
	u32 info = ENTRY_FIELD(c, VM_ENTRY_INTERRUPTION_INFO);

	return info & INTR_INFO_VALID_MASK ? info : 0;
}

/** entry_injects() - does it inject an event of this type, INTR_TYPE_* */
static inline bool entry_injects(const struct entry_check *c, u32 type)
{
	return entry_injected(c) && (entry_injected(c) & INTR_INFO_INTR_TYPE_MASK) == type;
}

bool entry_pat_valid(u64 pat);
bool entry_cet_valid(const struct entry_check *c, u64 s_cet);
bool entry_msr_valid(const struct entry_msr *msr);

#endif /* MINIVMX_ENTRY_CHECK_H */
