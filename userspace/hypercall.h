/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_HYPERCALL_H
#define VMRUN_HYPERCALL_H

#include <stdbool.h>

#include "console.h"
#include "vcpu.h"

int hypercall_enable(const struct vcpu *vcpu, const struct vm *vm);
bool hypercall_is(const struct minivmx_run *run);
int hypercall_serve(const struct vcpu *vcpu, const struct vm *vm,
		    struct console *console);

#endif /* VMRUN_HYPERCALL_H */
