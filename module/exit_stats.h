/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many exits there were, by reason, and how long they took.
 */
#ifndef MINIVMX_EXIT_STATS_H
#define MINIVMX_EXIT_STATS_H

#include <minivmx.h>

#include "vcpu.h"

int exit_stats_get(struct vcpu *vcpu, void *stats);
int exit_stats_get_times(struct vcpu *vcpu, void *times);
int exit_stats_time(struct vcpu *vcpu, unsigned long on);
void exit_stats_account(struct vcpu *vcpu);
void exit_stats_free(struct vcpu *vcpu);

/* debugfs.c */
void debugfs_init(void);
void debugfs_exit(void);
void debugfs_add_vm(struct vm *vm);
void debugfs_add_vcpu(struct vcpu *vcpu);

/* An exit: on the way of each of them, so no more than this. */
static inline void exit_stats_count(struct vcpu *vcpu, unsigned int basic)
{
	if (likely(basic < MINIVMX_NR_EXIT_REASONS))
		vcpu->stats.count[basic]++;
}

#endif /* MINIVMX_EXIT_STATS_H */
