/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the VMX-preemption timer is set to, and what it has counted. It bounds each
 * window; a vCPU with a quantum uses it as the clock of its guest, too.
 *
 * The timer runs in the guest only, and an exit saves what is left of it (SDM
 * Vol. 3C, "VMX-Preemption Timer", 26.5.1, and "Saving Non-Register State", 28.3.4,
 * edition 083). The functions here are pure, so that their tests run on any machine.
 */
#ifndef MINIVMX_QUANTUM_H
#define MINIVMX_QUANTUM_H

#include <linux/minmax.h>
#include <linux/types.h>

struct vcpu;

/**
 * struct quantum - in steps of the timer
 * @window: the longest window
 * @timer: what the next window begins with
 * @length: of a quantum; 0: there is none
 * @left: of the present one
 * @used: in all of them
 */
struct quantum {
	u32 window, timer;
	u64 length, left, used;
};

/* A quantum of @length begins, or with 0 none. */
static inline void quantum_begin(struct quantum *quantum, u64 length)
{
	quantum->length = length;
	quantum->left = length;
	quantum->timer = length ? min_t(u64, length, quantum->window) : quantum->window;
}

/**
 * quantum_count() - a window is over
 * @quantum: of the vCPU; there is a length
 * @timer: what the exit has left of it
 */
static inline void quantum_count(struct quantum *quantum, u32 timer)
{
	u32 used = quantum->timer - min(timer, quantum->timer);

	quantum->used += used;
	quantum->left -= used;
	quantum->timer = min_t(u64, quantum->left, quantum->window);
}

/**
 * quantum_ends() - the timer has come to 0: is it the quantum, and not the window
 *
 * If so, the next one begins. quantum_count() has nothing left to count then.
 */
static inline bool quantum_ends(struct quantum *quantum)
{
	if (!quantum->length || quantum->left > quantum->timer)
		return false;
	quantum->used += quantum->left;
	quantum->left = quantum->length;
	quantum->timer = 0;
	return true;
}

/* Steps of the timer, each of 2^@shift TSC ticks, that @ticks take. */
static inline u64 quantum_steps(u64 ticks, u8 shift)
{
	return (ticks >> shift) + !!(ticks & ((1ULL << shift) - 1));
}

void quantum_init(struct quantum *quantum);
int quantum_set(struct vcpu *vcpu, void *ticks);
int quantum_get(struct vcpu *vcpu, void *out);

#endif /* MINIVMX_QUANTUM_H */
