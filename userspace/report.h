/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_REPORT_H
#define VMRUN_REPORT_H

#include "vm.h"

int report_exit(const struct vm *vm, const char *file);

#endif /* VMRUN_REPORT_H */
