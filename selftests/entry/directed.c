// SPDX-License-Identifier: GPL-2.0
/*
 * Changes that break one rule each.
 */
#include "entry.h"

const struct directed directed[] = {
	{ ENTRY_RULE_VPID, { VMCS_SECONDARY_EXEC_CONTROLS }, { 1 << 5 } },
};

const unsigned int nr_directed = sizeof(directed) / sizeof(directed[0]);
