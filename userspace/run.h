/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_RUN_H
#define VMRUN_RUN_H

#include "exits.h"
#include "machine.h"

enum next run_end(struct machine *machine, int status);
void run_vcpu(struct machine *machine, struct vcpu *vcpu);

#endif /* VMRUN_RUN_H */
