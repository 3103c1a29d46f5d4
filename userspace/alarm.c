// SPDX-License-Identifier: GPL-2.0
/*
 * The time of the machine, and its alarm.
 *
 * The alarm is a signal to the thread of vCPU 0. The thread blocks it, except
 * inside of MINIVMX_RUN (MINIVMX_SET_SIGNAL_MASK): it ends that ioctl with
 * EINTR, whether it comes before or after its start, and is never lost between
 * a look at the devices and the entry into the guest.
 */
#include <err.h>
#include <unistd.h>
#include <sys/syscall.h>

#include "alarm.h"
#include "devices/clock.h"
#include "exit_status.h"
#include "nsec.h"

/**
 * alarm_open() - make the alarm, and let time begin
 * @alarm: filled in; the calling thread is that of vCPU 0
 * @deadline: how much time there is; CLOCK_NEVER is no end to it
 *
 * Return: 0, or an exit status after a message.
 */
int alarm_open(struct alarm *alarm, __u64 deadline)
{
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = ALARM_SIGNAL,
	};

	event._sigev_un._tid = syscall(SYS_gettid);
	*alarm = (struct alarm){
		.start = nsec_now(CLOCK_MONOTONIC), .when = CLOCK_NEVER, .deadline = deadline,
	};
	if (timer_create(CLOCK_MONOTONIC, &event, &alarm->id) < 0) {
		warn("timer");
		return STATUS_HOST;
	}
	return 0;
}

/** alarm_now() - nanoseconds since alarm_open(); for struct clock */
__u64 alarm_now(void *alarm)
{
	return nsec_now(CLOCK_MONOTONIC) - ((const struct alarm *)alarm)->start;
}

/** alarm_continue() - let it be so many nanoseconds since alarm_open() */
void alarm_continue(struct alarm *alarm, __u64 now)
{
	/* It may be before the host's clock began: differences are modulo 2^64. */
	alarm->start = nsec_now(CLOCK_MONOTONIC) - now;
	/* It is for this process. */
	if (alarm->deadline != CLOCK_NEVER)
		alarm->deadline += now;
}

/**
 * alarm_set() - move the alarm
 * @alarm: the alarm
 * @when: the moment, as alarm_now() has it; what is past comes at once
 *
 * Return: 0, or an exit status after a message.
 */
int alarm_set(struct alarm *alarm, __u64 when)
{
	struct itimerspec spec = { 0 };

	if (when > alarm->deadline)
		when = alarm->deadline;
	if (when == alarm->when)
		return 0;
	if (when != CLOCK_NEVER) {
		spec.it_value.tv_sec = (alarm->start + when) / NSEC_PER_SEC;
		spec.it_value.tv_nsec = (alarm->start + when) % NSEC_PER_SEC;
	}
	if (timer_settime(alarm->id, TIMER_ABSTIME, &spec, NULL) < 0) {
		warn("timer");
		return STATUS_HOST;
	}
	alarm->when = when;
	return 0;
}

/** alarm_expired() - is the deadline over */
bool alarm_expired(struct alarm *alarm)
{
	return alarm->deadline != CLOCK_NEVER && alarm_now(alarm) >= alarm->deadline;
}

/** alarm_collect() - take the signals that came, in the thread of vCPU 0 */
void alarm_collect(void)
{
	const struct timespec now = { 0 };
	sigset_t alarms;

	sigemptyset(&alarms);
	sigaddset(&alarms, ALARM_SIGNAL);
	while (sigtimedwait(&alarms, NULL, &now) > 0)
		;
}

/**
 * alarm_close() - give up the alarm
 * @alarm: from alarm_open(), which did not fail
 */
void alarm_close(struct alarm *alarm)
{
	timer_delete(alarm->id);
}
