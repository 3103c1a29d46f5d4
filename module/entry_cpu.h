/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What decides how this processor checks a VM entry.
 */
#ifndef MINIVMX_ENTRY_CPU_H
#define MINIVMX_ENTRY_CPU_H

#include "entry_check.h"

extern struct entry_processor entry_cpu;

void entry_cpu_init(void);

#endif /* MINIVMX_ENTRY_CPU_H */
