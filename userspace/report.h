/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_REPORT_H
#define VMRUN_REPORT_H

#include "options.h"
#include "vcpu.h"

bool report_code_address(const struct vcpu *vcpu, __u64 *address);
int report_exit(const struct vm *vm, const struct vcpu *vcpu, const struct options *opt);
int report_check(const struct vm *vm, const struct vcpu *vcpu, const struct options *opt,
		 const struct minivmx_entry_try *try);

#endif /* VMRUN_REPORT_H */
