/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The VMCS laboratory: break a field, and see what the processor says.
 */
#ifndef MINIVMX_LAB_H
#define MINIVMX_LAB_H

#include "entry_check.h"

struct vcpu;

bool lab_may_enter(const struct vmcs_snapshot *before, const struct vmcs_snapshot *after,
		   const struct entry_broken *broken, unsigned int nr);
int lab_try_entry(struct vcpu *vcpu, void *arg);

#endif /* MINIVMX_LAB_H */
