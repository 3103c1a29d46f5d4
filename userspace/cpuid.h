/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_CPUID_H
#define VMRUN_CPUID_H

#include "vcpu.h"
#include "vm.h"

int cpuid_set(const struct vcpu *vcpu, const struct vm *vm);

#endif /* VMRUN_CPUID_H */
