/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_REPORT_GUEST_H
#define VMRUN_REPORT_GUEST_H

#include "options.h"
#include "report_html.h"
#include "vcpu.h"
#include "vm.h"

/**
 * struct report_guest - the report of a guest
 * @page: what is written; its out is NULL if no report is wanted
 * @run: what it says of the run
 * @vm: where the guest's code is
 */
struct report_guest {
	struct report_html page;
	struct report_run run;
	const struct vm *vm;
};

int report_guest_open(struct report_guest *report, const struct options *opt,
		      const struct vm *vm);
void report_guest_add(struct report_guest *report, const struct vcpu *vcpu,
		      const struct minivmx_trace_record *record);
int report_guest_close(struct report_guest *report);

#endif /* VMRUN_REPORT_GUEST_H */
