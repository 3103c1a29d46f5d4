/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_EPT_H
#define VMRUN_EPT_H

#include "options.h"
#include "vcpu.h"
#include "vm.h"

/* Is there anything to do here, during or after the run. */
static inline bool ept_wanted(const struct ept_options *opt)
{
	return opt->show || opt->eager || opt->lazy || opt->page_size;
}

void *ept_huge_memory(size_t size);
int ept_prepare(const struct vm *vm, const struct ept_options *opt);
int ept_report(const struct vm *vm, const struct vcpu *vcpus, const struct options *opt);

#endif /* VMRUN_EPT_H */
