/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Exits for the curious: which of them user space takes, how many there were,
 * and how long they took.
 */
#ifndef MINIVMX_POLICY_H
#define MINIVMX_POLICY_H

#include <asm/msr.h>

#include "exit.h"
#include "vcpu.h"

int policy_set(struct vcpu *vcpu, void *policy);
u32 policy_controls(const struct vcpu *vcpu);
bool policy_wants(struct vcpu *vcpu, unsigned int basic);
enum exit_action policy_exit(struct vcpu *vcpu, unsigned int basic);
int policy_get_stats(struct vcpu *vcpu, void *stats);
int policy_time_exits(struct vcpu *vcpu, unsigned long on);

/* An exit: on the way of each of them, so no more than this. */
static inline void policy_count(struct vcpu *vcpu, unsigned int basic)
{
	if (likely(basic < MINIVMX_NR_EXIT_REASONS))
		vcpu->stats.count[basic]++;
	if (unlikely(vcpu->time_exits))
		vcpu->exit_tsc = rdtsc();
}

/* An entry: the exit before it is over. */
static inline void policy_account(struct vcpu *vcpu)
{
	u16 basic = vcpu->exit.reason;

	if (likely(!vcpu->exit_tsc))
		return;
	if (basic < MINIVMX_NR_EXIT_REASONS)
		vcpu->stats.cycles[basic] += rdtsc() - vcpu->exit_tsc;
	vcpu->exit_tsc = 0;
}

#endif /* MINIVMX_POLICY_H */
