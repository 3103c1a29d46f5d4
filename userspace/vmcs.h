/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_VMCS_H
#define VMRUN_VMCS_H

#include <stdbool.h>
#include <stdio.h>

#include "minivmx.h"
#include "vmcs_fields.h"

/**
 * struct vmcs_name - a field of the table in uapi/vmcs_fields.h
 * @encoding: which
 * @name: the table's name, without VMCS_
 * @sdm_name: what the SDM calls it
 */
struct vmcs_name {
	__u32 encoding;
	const char *name;
	const char *sdm_name;
};

/* How many near names vmcs_near() finds. */
#define VMCS_NEAR	3

/* vmcs_names.c */
const struct vmcs_name *vmcs_name(__u32 encoding);
const struct vmcs_name *vmcs_find(const char *name);
void vmcs_near(const char *name, const struct vmcs_name *near[VMCS_NEAR]);
unsigned int vmcs_width(__u32 encoding);
bool vmcs_is_secret(__u32 encoding);
const struct minivmx_vmcs_field *vmcs_field(const struct minivmx_vmcs *vmcs, __u32 encoding);
bool vmcs_is_hidden(const struct minivmx_vmcs *vmcs, __u32 encoding);

/* vmcs_bits.c */
void vmcs_print_value(FILE *out, __u32 encoding, __u64 value);
void vmcs_print_bits(FILE *out, __u32 encoding, __u64 value);

#endif /* VMRUN_VMCS_H */
