/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_RUN_H
#define VMRUN_RUN_H

#include "options.h"
#include "save.h"
#include "trace.h"
#include "vcpu.h"
#include "vm.h"

int run_guest(const struct vm *vm, struct vcpu *vcpus, const struct options *opt,
	      struct trace *trace, struct snapshots *snapshots);

#endif /* VMRUN_RUN_H */
