/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_CRASH_FACTS_H
#define VMRUN_CRASH_FACTS_H

#include "crash.h"
#include "crash_cause.h"

bool crash_facts_read(struct crash_facts *facts, const struct vcpu *vcpu);
void crash_facts_look(struct crash_facts *facts, struct crash *crash,
		      const struct vcpu *vcpu, enum crash_kind kind);

#endif /* VMRUN_CRASH_FACTS_H */
