/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_ENTRY_REPORT_H
#define VMRUN_ENTRY_REPORT_H

#include <stdbool.h>

#include "minivmx.h"

void entry_report_failure(__u64 reason, const __u64 *qualification);
void entry_report_rules(const struct minivmx_broken_rule *broken, __u32 nr, __u32 room,
			bool secrets);

#endif /* VMRUN_ENTRY_REPORT_H */
