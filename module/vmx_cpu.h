/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who holds VMX on this CPU: the borrowed window.
 */
#ifndef MINIVMX_VMX_CPU_H
#define MINIVMX_VMX_CPU_H

#include <linux/types.h>
#include <minivmx.h>

#include "vmx_caps.h"

/* What vmx_cpu_init() found; read-only after it. */
extern struct vmx_caps vmx_caps;

void vmx_msrs_read(struct vmx_msrs *msrs);
int vmx_cpu_init(void);
void vmx_cpu_exit(void);
void vmx_cpu_report(struct minivmx_vmx_caps *report);
int vmx_cpu_enter(unsigned long *host_cr4);
void vmx_cpu_leave(unsigned long host_cr4);
const char *vmx_cpu_holder(void);

#endif /* MINIVMX_VMX_CPU_H */
