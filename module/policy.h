/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Exits for the curious: which of them user space takes.
 */
#ifndef MINIVMX_POLICY_H
#define MINIVMX_POLICY_H

#include "exit.h"
#include "vcpu.h"

int policy_set(struct vcpu *vcpu, void *policy);
u32 policy_controls(const struct vcpu *vcpu);
bool policy_wants(struct vcpu *vcpu, unsigned int basic);
enum exit_action policy_exit(struct vcpu *vcpu, unsigned int basic);

#endif /* MINIVMX_POLICY_H */
