/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_LAB_H
#define VMRUN_LAB_H

#include "crash.h"
#include "options.h"
#include "vcpu.h"
#include "vm.h"

int lab_prepare(const struct vm *vm, const struct lab_options *opt);
int lab_check(struct crash *crash, const struct vcpu *vcpu);
int lab_try(const struct vm *vm, const struct vcpu *vcpu, const struct options *opt);

#endif /* VMRUN_LAB_H */
