/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_GUEST_MEMORY_H
#define VMRUN_GUEST_MEMORY_H

#include "vcpu.h"
#include "vm.h"

#define NOWHERE		(~0ULL)

__u64 guest_code_address(const struct minivmx_sregs *sregs, __u64 rip);
__u64 guest_physical(const struct vcpu *vcpu, const struct minivmx_sregs *sregs, __u64 linear);
bool guest_code(const struct vcpu *vcpu, __u64 *address);
size_t guest_read(const struct vm *vm, const struct vcpu *vcpu,
		  const struct minivmx_sregs *sregs, __u64 linear, void *buffer, size_t size);

#endif /* VMRUN_GUEST_MEMORY_H */
