/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * minivmx_lab.h - the VMCS: what is in it, what an entry checks, and what happens if
 * a field is wrong.
 *
 * Part of the contract of minivmx.h, which includes it. Fields are named in
 * vmcs_fields.h, rules in entry_rules.h.
 */
#ifndef _UAPI_MINIVMX_LAB_H
#define _UAPI_MINIVMX_LAB_H

#include <linux/ioctl.h>
#include <linux/types.h>

/**
 * struct minivmx_vmcs_field - a field of a VMCS
 * @encoding: which (SDM Vol. 3D, "Field Encoding in VMCS", Appendix B, edition 083)
 * @flags: 0
 * @value: what it holds
 */
struct minivmx_vmcs_field {
	__u32 encoding;
	__u32 flags;
	__u64 value;
};

/** MINIVMX_VMCS_MAX - the most fields that a VMCS has */
#define MINIVMX_VMCS_MAX	192

/**
 * struct minivmx_vmcs - the fields of a vCPU's VMCS
 * @nr: out: how many
 * @flags: out: 0
 * @fields: out: those that the processor has, in the order of vmcs_fields.h
 */
struct minivmx_vmcs {
	__u32 nr;
	__u32 flags;
	struct minivmx_vmcs_field fields[MINIVMX_VMCS_MAX];
};

/**
 * struct minivmx_broken_rule - a rule that a VM entry breaks
 * @rule: enum entry_rule
 * @field: encoding of the field that breaks it
 * @value: what it held
 */
struct minivmx_broken_rule {
	__u32 rule;
	__u32 field;
	__u64 value;
};

/**
 * struct minivmx_entry_msr - an entry of a VM-entry MSR-load area
 * @index: the MSR
 * @reserved: has to be 0
 * @value: the value
 */
struct minivmx_entry_msr {
	__u32 index;
	__u32 reserved;
	__u64 value;
};

/* Flags of struct minivmx_entry_try. */
#define MINIVMX_TRY_CHECK_ONLY	(1U << 0)	/* judge the entry, do not try it */
#define MINIVMX_TRY_RESUME	(1U << 1)	/* by VMRESUME, though never launched */
#define MINIVMX_TRY_LINK_ZEROS	(1U << 2)	/* link pointer: to a page of zeros */
#define MINIVMX_TRY_LINK_SELF	(1U << 3)	/* link pointer: to the VMCS itself */

/* If a rule is broken, try it, though the host may be lost if that were wrong. */
#define MINIVMX_TRY_TRUST	(1U << 4)

/* What became of it. */
enum minivmx_entry_outcome {
	MINIVMX_ENTRY_NOT_TRIED,	/* the host would not survive its success */
	MINIVMX_ENTRY_FAIL_INVALID,	/* VMfailInvalid: there is no current VMCS */
	MINIVMX_ENTRY_FAIL_VALID,	/* VMfailValid: see instruction_error */
	MINIVMX_ENTRY_FAIL_EXIT,	/* an exit instead: see exit_reason */
	MINIVMX_ENTRY_ENTERED,		/* and at once left: see exit_reason */
};

#define MINIVMX_TRY_MAX_FIELDS	8
#define MINIVMX_TRY_MAX_MSRS	4
#define MINIVMX_TRY_MAX_BROKEN	16

/**
 * struct minivmx_entry_try - an entry to judge, or to try
 * @flags: in: MINIVMX_TRY_*
 * @nr_fields: in: entries of @fields
 * @fields: in: fields to change before it
 * @nr_msrs: in: entries of @msrs
 * @outcome: out: enum minivmx_entry_outcome
 * @msrs: in: the VM-entry MSR-load area
 * @instruction_error: out: VM-instruction error, after VMfailValid
 * @exit_reason: out: the whole field, after an exit
 * @qualification: out: exit qualification, after an exit
 * @nr_broken: out: how many rules the entry breaks; @broken has the first ones
 * @padding: out: 0
 * @broken: out: the rules, in the SDM's order
 */
struct minivmx_entry_try {
	__u32 flags;
	__u32 nr_fields;
	struct minivmx_vmcs_field fields[MINIVMX_TRY_MAX_FIELDS];
	__u32 nr_msrs;
	__u32 outcome;
	struct minivmx_entry_msr msrs[MINIVMX_TRY_MAX_MSRS];
	__u32 instruction_error;
	__u32 exit_reason;
	__u64 qualification;
	__u32 nr_broken;
	__u32 padding;
	struct minivmx_broken_rule broken[MINIVMX_TRY_MAX_BROKEN];
};

/**
 * MINIVMX_GET_VMCS - the fields of the VMCS as they are between two windows; on a vCPU
 *
 * Parameters: struct minivmx_vmcs, filled in. Returns: 0. Without CAP_SYS_ADMIN, host
 * state and physical addresses read as 0. Errors: EBUSY, EIO, as MINIVMX_RUN.
 */
#define MINIVMX_GET_VMCS	_IOR(MINIVMX_EXT_IO, 0x05, struct minivmx_vmcs)

/**
 * MINIVMX_TRY_ENTRY - would the processor enter the guest; on a vCPU
 *
 * Parameters: struct minivmx_entry_try. The guest as it stands is judged by the rules
 * of entry_rules.h; unless MINIVMX_TRY_CHECK_ONLY is set, the entry is tried, too. The
 * VMX-preemption timer ends it before the guest's first instruction, and all of the
 * VMCS is put back; but an event that it injects may leave its frame on the guest's
 * stack. An entry is not tried if the host would not survive its success; where a rule
 * is broken, the field that breaks it is left out of that, and with MINIVMX_TRY_TRUST
 * all of them are.
 *
 * Returns: 0, whatever the outcome. Errors: EPERM, more than a check of the guest as it
 * stands is for CAP_SYS_ADMIN, and for a module loaded with lab=1; EINVAL, a flag or
 * number is too large, a field is unknown, read-only, host RSP or, where there are @msrs,
 * their address, or a value has more bits than its field; EOPNOTSUPP, this processor does
 * not have the field, or no VMX-preemption timer; EBUSY, EIO, as MINIVMX_RUN.
 */
#define MINIVMX_TRY_ENTRY	_IOWR(MINIVMX_EXT_IO, 0x06, struct minivmx_entry_try)

#endif /* _UAPI_MINIVMX_LAB_H */
