/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_SNAPSHOT_CPUID_H
#define VMRUN_SNAPSHOT_CPUID_H

#include "snapshot.h"
#include "vcpu.h"

int snapshot_cpuid_get(const struct vm *vm, const struct vcpu *vcpu, void *bytes,
		       size_t *size);
int snapshot_cpuid_set(const struct snapshot *snapshot, const struct vm *vm,
		       const struct vcpu *vcpu);

#endif /* VMRUN_SNAPSHOT_CPUID_H */
