/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_QUANTUM_H
#define VMRUN_QUANTUM_H

#include "options.h"
#include "vcpu.h"
#include "vm.h"

int quantum_set(const struct options *opt, const struct vm *vm, const struct vcpu *vcpus);
struct minivmx_quantum quantum_get(const struct vcpu *vcpu);
void quantum_print(const struct options *opt, const struct vcpu *vcpu);

#endif /* VMRUN_QUANTUM_H */
