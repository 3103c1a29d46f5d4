/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_RUN_H
#define VMRUN_RUN_H

#include "options.h"
#include "trace.h"
#include "vm.h"

int run_guest(const struct vm *vm, const struct options *opt, struct trace *trace);

#endif /* VMRUN_RUN_H */
