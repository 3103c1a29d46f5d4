/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_CAPS_H
#define VMRUN_CAPS_H

#include <stdbool.h>
#include <linux/types.h>

#include "../module/vmx_caps.h"

/**
 * struct caps - what is known of a processor, and what minivmx makes of it
 * @source: where it comes from, for people
 * @note: what there is to say about that; "" if nothing
 * @msrs: what the processor says of itself
 * @have_msrs: all but @msrs.cpuid_vmx and @msrs.perfmon are known
 * @verdict: can minivmx run there; not VMX_OK means nothing without @have_msrs,
 *	unless there is no VMX at all
 * @missing: what is missing, where @verdict is about one thing; else NULL
 * @used: the controls that minivmx writes, if @verdict is VMX_OK
 */
struct caps {
	char source[128];
	char note[256];
	struct vmx_msrs msrs;
	bool have_msrs;
	enum vmx_verdict verdict;
	const char *missing;
	__u32 used[VMX_NR_CTL_WORDS];
};

/**
 * struct caps_control - a control of the table in uapi/vmx_controls.h
 * @word: where it is
 * @bit: its number there
 * @need: how much minivmx wants it
 * @name: what the SDM calls it
 * @why: the reason; "" if there is none
 */
struct caps_control {
	enum vmx_ctl_word word;
	unsigned int bit;
	enum vmx_need need;
	const char *name;
	const char *why;
};

/* How the value of a field is shown. */
enum caps_format {
	CAPS_FLAG,		/* one bit */
	CAPS_NUMBER,
	CAPS_HEX,
	CAPS_MEMORY_TYPE,
	CAPS_MSR_LIST,		/* 512 * (value + 1) */
};

/**
 * struct caps_field - a field of another capability MSR
 * @high: its last bit
 * @low: its first bit
 * @format: how to show it
 * @need: how much minivmx wants it to be 1
 * @name: what the SDM calls it
 * @why: what minivmx does with it; "" if nothing
 */
struct caps_field {
	unsigned int high, low;
	enum caps_format format;
	enum vmx_need need;
	const char *name;
	const char *why;
};

/**
 * struct caps_msr - an MSR that consists of fields
 * @msr: its number
 * @name: what the SDM calls it
 * @fields: ends with one without a name
 */
struct caps_msr {
	enum vmx_msr msr;
	const char *name;
	const struct caps_field *fields;
};

/**
 * struct caps_register - a control register, some bits of which are fixed
 * @name: "CR0" or "CR4"
 * @bits: names of its bits; ends with one without a name
 */
struct caps_register {
	const char *name;
	const struct caps_field *bits;
};

/* caps_tables.c; each but the controls ends with a row without a name. */
extern const struct caps_control caps_controls[];
extern const unsigned int caps_nr_controls;
extern const struct caps_msr caps_msrs[];
extern const struct caps_register caps_registers[2];
extern const char *const caps_word_names[VMX_NR_CTL_WORDS];
extern const char *const caps_word_titles[VMX_NR_CTL_WORDS];
extern const char *const caps_need_names[VMX_NR_NEEDS];
const char *caps_msr_name(enum vmx_msr msr);
enum vmx_msr caps_word_msr(const struct caps *caps, enum vmx_ctl_word word);
__u64 caps_msr_value(const struct caps *caps, enum vmx_msr msr);
__u64 caps_field_value(__u64 msr, const struct caps_field *field);

/* caps_source.c; each says in one line what went wrong, and returns a status. */
int caps_from_machine(struct caps *caps, const char *device);
int caps_from_file(struct caps *caps, const char *path);

/* caps_text.c, caps_json.c */
void caps_print_text(const struct caps *caps);
int caps_print_json(const struct caps *caps);

/* caps.c */
int caps_main(int argc, char **argv);

#endif /* VMRUN_CAPS_H */
