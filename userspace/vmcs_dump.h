/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_VMCS_DUMP_H
#define VMRUN_VMCS_DUMP_H

#include "options.h"
#include "vcpu.h"
#include "vm.h"

int vmcs_dump_before(const struct vm *vm, const struct vcpu *vcpus,
		     const struct options *opt);
int vmcs_dump_after(const struct vm *vm, const struct vcpu *vcpus,
		    const struct options *opt);

#endif /* VMRUN_VMCS_DUMP_H */
