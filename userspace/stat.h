/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_STAT_H
#define VMRUN_STAT_H

#include "options.h"
#include "vcpu.h"

int stat_begin(const struct options *opt, const struct vm *vm, const struct vcpu *vcpus);
int stat_end(const struct options *opt, const struct vm *vm, const struct vcpu *vcpus);
int stat_command(int argc, char **argv);

#endif /* VMRUN_STAT_H */
