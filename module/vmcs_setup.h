/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a VMCS has to hold before the first VM entry.
 */
#ifndef MINIVMX_VMCS_SETUP_H
#define MINIVMX_VMCS_SETUP_H

#include "vmx_caps.h"

struct host_state;
struct vcpu;

void vmcs_setup_controls(struct vcpu *vcpu, u64 ept_pointer);
void vmcs_setup_exceptions(const struct vcpu *vcpu);
void vmcs_setup_host(struct vcpu *vcpu, const struct host_state *host);
void vmcs_setup_guest(void);

#endif /* MINIVMX_VMCS_SETUP_H */
