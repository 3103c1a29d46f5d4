// SPDX-License-Identifier: GPL-2.0
/*
 * How many exits there were, by reason, and how long they took.
 *
 * They are read while the vCPU runs, too (debugfs.c): a reader may find an exit
 * counted whose time is not.
 */
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "exit_stats.h"
#include "exit_times.h"
#include "observe.h"

/** exit_stats_get() - see MINIVMX_GET_EXIT_STATS */
int exit_stats_get(struct vcpu *vcpu, void *stats)
{
	*(struct minivmx_exit_stats *)stats = vcpu->stats;
	return 0;
}

/** exit_stats_get_times() - see MINIVMX_GET_EXIT_TIMES */
int exit_stats_get_times(struct vcpu *vcpu, void *arg)
{
	/* Once it is there it stays as long as the vCPU does. */
	const struct exit_times *times = smp_load_acquire(&vcpu->times);
	struct minivmx_exit_times *out = arg;
	unsigned int i;

	memset(out, 0, sizeof(*out));
	for (i = 0; times && i < MINIVMX_NR_EXIT_REASONS; i++, times++) {
		out->min[i] = times->min;
		out->median[i] = exit_times_below(times, 50);
		out->p99[i] = exit_times_below(times, 99);
		out->max[i] = times->max;
	}
	return 0;
}

/** exit_stats_time() - see MINIVMX_TIME_EXITS */
int exit_stats_time(struct vcpu *vcpu, unsigned long on)
{
	struct exit_times *times;

	if (on > 1)
		return -EINVAL;
	if (on && !vcpu->times) {
		times = kvcalloc(MINIVMX_NR_EXIT_REASONS, sizeof(*times),
				 GFP_KERNEL_ACCOUNT);
		if (!times)
			return -ENOMEM;
		/* Whoever finds it, while the vCPU runs, finds zeros in it. */
		smp_store_release(&vcpu->times, times);
	}
	if (on && !vcpu->time_exits)
		observe_begin();
	if (!on && vcpu->time_exits)
		observe_end();
	vcpu->time_exits = on;
	vcpu->exit_tsc = 0;
	return 0;
}

/**
 * exit_stats_account() - the exit before is over
 * @vcpu: the vCPU, with an exit_tsc
 */
void exit_stats_account(struct vcpu *vcpu)
{
	u64 ticks = rdtsc() - vcpu->exit_tsc;
	u16 basic = vcpu->exit.reason;

	if (basic < MINIVMX_NR_EXIT_REASONS) {
		vcpu->stats.cycles[basic] += ticks;
		exit_times_add(&vcpu->times[basic], ticks);
	}
	vcpu->exit_tsc = 0;
}

/** exit_stats_free() - the vCPU goes */
void exit_stats_free(struct vcpu *vcpu)
{
	if (vcpu->time_exits)
		observe_end();
	kvfree(vcpu->times);
}
