// SPDX-License-Identifier: GPL-2.0
/*
 * Turns: stride scheduling (Waldspurger and Weihl, 1995) between the vCPUs of guests that
 * name the same file. Each has a pass, which grows by the time it used / its weight; of
 * those that want to run, the one with the lowest pass is next.
 *
 * There is no lock: the turn is one word, which is taken and given with an atomic
 * exchange, and all else in a place is written by its owner. So nobody can die in the
 * middle of anything, and what a process writes that it should not costs others their
 * share, but nothing else. (Who makes the file shorter ends them: SIGBUS.)
 */
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "alarm.h"
#include "nsec.h"
#include "quantum.h"
#include "share.h"

/* Bits of struct share_file.turn that say whose it is. */
#define TURN_SHIFT	8
#define NOBODY		0

/* So that a pass is a whole number: the highest weight. */
#define STRIDE		((__u64)MAX_WEIGHT)

static __u64 now_us(void)
{
	return nsec_now(CLOCK_MONOTONIC) / NSEC_PER_USEC;
}

static unsigned int owner(__u64 turn)
{
	return turn & ((1 << TURN_SHIFT) - 1);
}

static __u64 make_turn(unsigned int owner)
{
	return now_us() << TURN_SHIFT | owner;
}

/* It may have gone around. */
static bool is_before(__u64 pass, __u64 other)
{
	return (__s64)(pass - other) < 0;
}

/* ------------------------- who is next ------------------------------------ */

/* Of those that wait, the one with the lowest pass. Return: its number; or SHARE_PLACES. */
static unsigned int lowest(struct share_file *file)
{
	unsigned int i, best = SHARE_PLACES;

	for (i = 0; i < SHARE_PLACES; i++) {
		const struct share_place *place = &file->places[i];

		if (place->state == SHARE_WAITING &&
		    (best == SHARE_PLACES ||
		     is_before(place->pass, file->places[best].pass)))
			best = i;
	}
	return best;
}

/* All who wait look again. */
static void wake(struct share_file *file)
{
	file->changes++;
	syscall(SYS_futex, &file->changes, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static void sleep_until(struct share_file *file, __u32 changes)
{
	const struct timespec limit = {
		.tv_nsec = SHARE_LIMIT_US * NSEC_PER_USEC,
	};

	syscall(SYS_futex, &file->changes, FUTEX_WAIT, changes, &limit, NULL, 0);
}

/** share_leave_turn() - whoever is at a place has the turn no more, if it had it */
void share_leave_turn(struct share_file *file, unsigned int place)
{
	__u64 turn = file->turn;

	if (owner(turn) == place + 1)
		atomic_compare_exchange_strong(&file->turn, &turn, make_turn(NOBODY));
	wake(file);
}

/*
 * Nothing has happened for too long. Whoever has the turn loses it; whoever is next and
 * does not come is left out, until it comes. If they live, two guests run at a time for a
 * while: no harm, since each pays for what it uses.
 */
static void overtake(struct share_file *file, __u64 turn, unsigned int place)
{
	unsigned int next = lowest(file);

	if (owner(turn) == NOBODY && next != place && next != SHARE_PLACES)
		file->places[next].state = SHARE_IDLE;
	atomic_compare_exchange_strong(&file->turn, &turn, make_turn(NOBODY));
}

static bool try_to_take(struct share_file *file, unsigned int place, __u64 turn)
{
	return owner(turn) == NOBODY && lowest(file) == place &&
		atomic_compare_exchange_strong(&file->turn, &turn, make_turn(place + 1));
}

/* ------------------------- turns ------------------------------------------ */

static void begin_turn(struct vcpu *vcpu, struct share_place *place)
{
	struct seat *seat = &vcpu->seat;
	struct share_file *file = seat->share->file;

	place->state = SHARE_RUNNING;
	seat->waiting = false;
	if (is_before(file->pass, place->pass))
		file->pass = place->pass;
	seat->running = true;
	seat->since_us = now_us();
	seat->used = quantum_get(vcpu).used;
	seat->cpu_ns = nsec_now(CLOCK_THREAD_CPUTIME_ID);
}

/* MINIVMX_RUN would end at once. */
static bool alarm_waits(void)
{
	sigset_t signals;

	return !sigpending(&signals) && sigismember(&signals, ALARM_SIGNAL) == 1;
}

/**
 * share_take() - wait until it is a vCPU's turn
 * @vcpu: that is going to run; it may have the turn already
 *
 * Returns earlier if the run ends; and, so that --timeout and the keyboard have their say
 * however long the others take, if an alarm waits: MINIVMX_RUN does not enter the guest then.
 */
void share_take(struct vcpu *vcpu)
{
	struct seat *seat = &vcpu->seat;
	struct share *share = seat->share;
	struct share_place *place;
	__u32 changes;
	__u64 turn;

	if (!share || seat->running)
		return;
	place = &share->file->places[seat->place];
	/* Who did not want to run has not saved anything up. */
	if (place->state == SHARE_IDLE && is_before(place->pass, share->file->pass))
		place->pass = share->file->pass;
	if (!seat->waiting)
		seat->since_us = now_us();
	seat->waiting = true;
	while (!share->ended) {
		changes = share->file->changes;
		place->state = SHARE_WAITING;
		turn = share->file->turn;
		if (try_to_take(share->file, seat->place, turn)) {
			begin_turn(vcpu, place);
			return;
		}
		if (alarm_waits())
			return;
		/* A free turn is late from when somebody waits for it. */
		if (owner(turn) != NOBODY || turn >> TURN_SHIFT > seat->since_us)
			seat->since_us = turn >> TURN_SHIFT;
		if (now_us() - seat->since_us > SHARE_LIMIT_US) {
			overtake(share->file, turn, seat->place);
			seat->since_us = now_us();
		} else {
			sleep_until(share->file, changes);
		}
	}
	place->state = SHARE_IDLE;
	wake(share->file);
}

/* vCPUs of the same guest that want to run: they share its weight. */
static unsigned int siblings(const struct share_file *file, const struct share_place *place)
{
	unsigned int i, nr = 0;

	for (i = 0; i < SHARE_PLACES; i++)
		nr += file->places[i].guest == place->guest &&
			(file->places[i].state == SHARE_WAITING ||
			 file->places[i].state == SHARE_RUNNING);
	return nr ? nr : 1;
}

/*
 * What a turn costs: the time in the guest. What the host did for the guest meanwhile is
 * free up to as much again, and else takes its place: exits are no way to have more.
 */
static __u64 cost(const struct vcpu *vcpu)
{
	const struct seat *seat = &vcpu->seat;
	__u64 guest = quantum_get(vcpu).used - seat->used;
	__u64 cpu = (nsec_now(CLOCK_THREAD_CPUTIME_ID) - seat->cpu_ns) * seat->share->tsc_khz /
		NSEC_PER_MSEC;

	return cpu > 2 * guest ? cpu - guest : guest;
}

/**
 * share_after_run() - MINIVMX_RUN has returned: is the turn over
 * @vcpu: that ran
 * @over: it has had its quantum
 * @runnable: it wants to go on
 */
void share_after_run(struct vcpu *vcpu, bool over, bool runnable)
{
	struct seat *seat = &vcpu->seat;
	struct share_file *file;
	struct share_place *place;
	__u64 used;

	if (!seat->share || !seat->running)
		return;
	/* What the host does for the guest makes the turn twice as long at most. */
	if (!over && runnable && now_us() - seat->since_us < 2 * seat->share->quantum_us)
		return;
	seat->running = false;
	file = seat->share->file;
	place = &file->places[seat->place];
	used = cost(vcpu);
	place->used += used;
	place->quanta += over;
	place->pass += used * siblings(file, place) * STRIDE / seat->weight;
	place->state = runnable ? SHARE_WAITING : SHARE_IDLE;
	share_leave_turn(file, seat->place);
}

/** share_end() - the run is over: no vCPU of ours waits any more */
void share_end(struct vcpu *vcpu)
{
	struct share *share = vcpu->seat.share;

	if (!share)
		return;
	share->ended = true;
	wake(share->file);
}
