/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why the processor did not enter a guest.
 */
#ifndef MINIVMX_ENTRY_EXPLAIN_H
#define MINIVMX_ENTRY_EXPLAIN_H

#include <minivmx.h>

#include "entry_check.h"

struct vcpu;

void entry_report(const struct vmcs_snapshot *vmcs, const struct entry_broken *broken,
		  unsigned int nr, struct minivmx_broken_rule *report);
void entry_explain(struct vcpu *vcpu);

#endif /* MINIVMX_ENTRY_EXPLAIN_H */
