/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_CRASH_PARTS_H
#define VMRUN_CRASH_PARTS_H

#include "crash_cause.h"
#include "vm.h"

/* Parts of the report of a crash, on standard error. */
int crash_print_reason(const struct vm *vm, const struct minivmx_run *run,
		       enum crash_kind *kind);		/* crash_reason.c */
void crash_print_registers(const struct minivmx_regs *regs,
			   const struct minivmx_sregs *sregs);	/* crash_registers.c */

#endif /* VMRUN_CRASH_PARTS_H */
