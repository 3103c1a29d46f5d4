/* SPDX-License-Identifier: GPL-2.0 */
/* CPUID tables, for the files that are about CPUID. */
#ifndef SELFTESTS_DIFF_CPUID_H
#define SELFTESTS_DIFF_CPUID_H

#include "diff.h"

struct table {
	struct minivmx_cpuid2 head;
	struct minivmx_cpuid_entry2 entries[MINIVMX_MAX_CPUID_ENTRIES + 1];
};

/** cpuid_find() - the entry for a leaf, or NULL. */
const struct minivmx_cpuid_entry2 *cpuid_find(const struct table *table,
					      uint32_t function, uint32_t index);

/** cpuid_small() - a processor with a handful of leaves, made afresh. */
struct table *cpuid_small(void);

/** cpuid_set() - KVM_SET_CPUID2 */
int cpuid_set(struct rec *r, const struct table *table);

#endif /* SELFTESTS_DIFF_CPUID_H */
