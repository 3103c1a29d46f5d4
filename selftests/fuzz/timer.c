// SPDX-License-Identifier: GPL-2.0
/*
 * A signal now and then for one thread: MINIVMX_RUN returns EINTR. It decides
 * nothing but that.
 */
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

static void tick(int signal)
{
	(void)signal;
}

static __thread timer_t timer;
static __thread bool there;

static void set(int microseconds)
{
	const struct itimerspec period = {
		.it_interval.tv_nsec = microseconds * 1000,
		.it_value.tv_nsec = microseconds * 1000,
	};

	if (timer_settime(timer, 0, &period, NULL))
		fuzz_fail("no timer");
}

/* It is gone with the process. */
void timer_start(int microseconds)
{
	struct sigaction action = { .sa_handler = tick };
	struct sigevent event;

	memset(&event, 0, sizeof(event));
	event.sigev_notify = SIGEV_THREAD_ID;
	event.sigev_signo = SIGALRM;
	event._sigev_un._tid = gettid();
	if (!there && (sigaction(SIGALRM, &action, NULL) ||
		       timer_create(CLOCK_MONOTONIC, &event, &timer)))
		fuzz_fail("no timer");
	there = true;
	set(microseconds);
}

void timer_stop(void)
{
	set(0);
}
