/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_TIMER_H
#define VMRUN_TIMER_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>
#include <linux/types.h>

/* The interval timer: a 16-bit port, and the interrupt of its ticks. */
#define TIMER_PORT	0x50
#define TIMER_VECTOR	0x20

/* What a tick is for the thread that runs vCPU 0; no signal that users send. */
#define TIMER_SIGNAL	(SIGRTMIN + 1)

/**
 * struct timer - an interval timer that interrupts vCPU 0
 * @id: the host's timer that it is made of
 * @thread: the thread of vCPU 0, which gets TIMER_SIGNAL for each tick
 * @period: in microseconds, from the taking of a tick to the next one
 * @armed: it ticks
 * @pending: a tick waits until vCPU 0 takes it
 *
 * The lock of struct machine guards @period, @armed and @pending.
 */
struct timer {
	timer_t id;
	pthread_t thread;
	__u16 period;
	bool armed;
	bool pending;
};

int timer_open(struct timer *timer);
int timer_set(struct timer *timer, __u16 microseconds);
void timer_collect(struct timer *timer);
int timer_taken(struct timer *timer);
void timer_close(struct timer *timer);

#endif /* VMRUN_TIMER_H */
