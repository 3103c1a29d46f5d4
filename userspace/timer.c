// SPDX-License-Identifier: GPL-2.0
/*
 * The interval timer: interrupts for the guest, from a timer of the host.
 *
 * Each tick is a signal to the thread of vCPU 0. The thread blocks it, except
 * inside of MINIVMX_RUN (MINIVMX_SET_SIGNAL_MASK): a tick ends that ioctl with
 * EINTR, whether it comes before or after its start, and is never lost between
 * a look at it and the entry into the guest.
 */
#include <err.h>
#include <unistd.h>
#include <sys/syscall.h>

#include "exit_status.h"
#include "timer.h"

#define NSEC_PER_USEC	1000L

/**
 * timer_open() - make the timer; it does not tick yet
 * @timer: filled in; the calling thread is that of vCPU 0
 *
 * Return: 0, or an exit status after a message.
 */
int timer_open(struct timer *timer)
{
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = TIMER_SIGNAL,
	};

	*timer = (struct timer){ .thread = pthread_self() };
	event._sigev_un._tid = syscall(SYS_gettid);
	if (timer_create(CLOCK_MONOTONIC, &event, &timer->id) < 0) {
		warn("interval timer");
		return STATUS_HOST;
	}
	return 0;
}

/* One tick, after @microseconds: the next one is for timer_taken() to ask for. */
static int start(const struct timer *timer, __u16 microseconds)
{
	const struct itimerspec spec = {
		.it_value.tv_nsec = microseconds * NSEC_PER_USEC,
	};

	if (timer_settime(timer->id, 0, &spec, NULL) < 0) {
		warn("interval timer");
		return STATUS_HOST;
	}
	return 0;
}

/**
 * timer_set() - the guest writes to TIMER_PORT
 * @timer: the timer
 * @microseconds: the period; 0 stops it, and a tick that waits is lost
 *
 * Return: 0, or an exit status after a message.
 */
int timer_set(struct timer *timer, __u16 microseconds)
{
	int status = start(timer, 0);

	if (status)
		return status;
	timer->period = microseconds;
	timer->armed = microseconds;
	/* Ticks of the old period are of no interest. */
	if (pthread_equal(timer->thread, pthread_self()))
		timer_collect(timer);
	else if (!timer->armed)
		pthread_kill(timer->thread, TIMER_SIGNAL);	/* HLT waits for it */
	timer->pending = false;
	return start(timer, microseconds);
}

/**
 * timer_collect() - take the signals of ticks, in the thread of vCPU 0
 * @timer: the timer; pending is set if there was a tick
 */
void timer_collect(struct timer *timer)
{
	const struct timespec now = { 0 };
	siginfo_t info;
	sigset_t ticks;

	sigemptyset(&ticks);
	sigaddset(&ticks, TIMER_SIGNAL);
	while (sigtimedwait(&ticks, &info, &now) > 0)
		if (timer->armed && info.si_code == SI_TIMER)
			timer->pending = true;
}

/**
 * timer_taken() - the guest takes the tick that waited: the next period begins
 * @timer: the timer
 *
 * However short the period, the guest gets to execute something between two ticks.
 *
 * Return: 0, or an exit status after a message.
 */
int timer_taken(struct timer *timer)
{
	timer->pending = false;
	return start(timer, timer->period);
}

/**
 * timer_close() - give up the timer
 * @timer: from timer_open(), which did not fail
 */
void timer_close(struct timer *timer)
{
	timer_delete(timer->id);
}
