/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_RUN_H
#define VMRUN_RUN_H

#include "crash.h"
#include "consoles.h"
#include "options.h"
#include "save.h"
#include "trace.h"
#include "vcpu.h"

int run_guest(struct vcpu *vcpus, struct crash *crash, struct trace *trace,
	      struct consoles *consoles, struct snapshots *snapshots);

#endif /* VMRUN_RUN_H */
