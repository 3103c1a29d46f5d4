/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whoever looks at exits: tracepoints, the ring of a vCPU, the times of its
 * exits. As long as nobody does, the way of an exit has two branches that are
 * patched out.
 */
#ifndef MINIVMX_OBSERVE_H
#define MINIVMX_OBSERVE_H

#include <linux/jump_label.h>
#include <linux/jump_label_ratelimit.h>
#include <linux/types.h>

struct vcpu;

extern struct static_key_false_deferred observe_key;

int observe_begin(void);
void observe_end(void);
void observe_end_now(void);
void observe_flush(void);
bool observe_entry_slow(struct vcpu *vcpu);
void observe_exit_slow(struct vcpu *vcpu);
void observe_inject(struct vcpu *vcpu, u32 info);
void observe_return_slow(struct vcpu *vcpu, int ret);

/* Before each VM entry. Return: false if user space has to come first. */
static __always_inline bool observe_entry(struct vcpu *vcpu)
{
	return !static_branch_unlikely(&observe_key.key) || observe_entry_slow(vcpu);
}

/* After each VM exit; vcpu->exit.reason is known. */
static __always_inline void observe_exit(struct vcpu *vcpu)
{
	if (static_branch_unlikely(&observe_key.key))
		observe_exit_slow(vcpu);
}

/* Before MINIVMX_RUN returns. */
static __always_inline void observe_return(struct vcpu *vcpu, int ret)
{
	if (static_branch_unlikely(&observe_key.key))
		observe_return_slow(vcpu, ret);
}

#endif /* MINIVMX_OBSERVE_H */
