/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_SNAPSHOT_VCPU_H
#define VMRUN_SNAPSHOT_VCPU_H

#include "snapshot.h"
#include "vcpu.h"

/* Room for any section of a vCPU. */
#define SNAPSHOT_MAX_VCPU \
	(sizeof(struct minivmx_cpuid2) + \
	 MINIVMX_MAX_CPUID_ENTRIES * sizeof(struct minivmx_cpuid_entry2))

/* Room for all but the memory, and for the zeros before that. */
static inline size_t snapshot_room(unsigned int cpus)
{
	return sizeof(struct snapshot_header) +
		SNAPSHOT_NR_SECTIONS(cpus) * sizeof(struct snapshot_section) +
		(SNAPSHOT_OF_MACHINE + cpus * SNAPSHOT_OF_VCPU) * SNAPSHOT_MAX_VCPU +
		SNAPSHOT_MAX_RUNS * sizeof(struct snapshot_run) + SNAPSHOT_PAGE;
}

/**
 * struct snapshot_msrs - which MSRs belong to a vCPU
 * @tsc: the host's time-stamp counter, at the moment that guests' are saved for
 * @nr: entries of @indices
 * @indices: their numbers
 */
struct snapshot_msrs {
	__u64 tsc;
	__u32 nr;
	__u32 indices[MINIVMX_MAX_MSRS - 1];
};

int snapshot_list_msrs(const struct vm *vm, struct snapshot_msrs *msrs);
int snapshot_vcpu_save(const struct vm *vm, const struct vcpu *vcpu,
		       const struct snapshot_msrs *msrs, enum snapshot_type type,
		       void *bytes, size_t *size);
int snapshot_vcpu_restore(const struct snapshot *snapshot, const struct vm *vm,
			  struct vcpu *vcpu);

#endif /* VMRUN_SNAPSHOT_VCPU_H */
