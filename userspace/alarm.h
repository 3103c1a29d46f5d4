/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_ALARM_H
#define VMRUN_ALARM_H

#include <signal.h>
#include <stdbool.h>
#include <time.h>
#include <linux/types.h>

/* What an alarm is for the thread that runs vCPU 0; no signal that users send. */
#define ALARM_SIGNAL	(SIGRTMIN + 1)

/**
 * struct alarm - gets vCPU 0 out of the guest when a device is due
 * @id: a timer of the host
 * @start: the moment from which on time counts, on CLOCK_MONOTONIC, in nanoseconds
 * @when: what it is set to; CLOCK_NEVER if it is off
 * @deadline: when the guest has had its time, and no later, it goes off
 */
struct alarm {
	timer_t id;
	__u64 start;
	__u64 when;
	__u64 deadline;
};

int alarm_open(struct alarm *alarm, __u64 deadline);
__u64 alarm_now(void *alarm);
void alarm_continue(struct alarm *alarm, __u64 now);
int alarm_set(struct alarm *alarm, __u64 when);
bool alarm_expired(struct alarm *alarm);
void alarm_collect(void);
void alarm_close(struct alarm *alarm);

#endif /* VMRUN_ALARM_H */
