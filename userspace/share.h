/* SPDX-License-Identifier: GPL-2.0 */
/*
 * --share: guests that take turns. Whoever names the same file has a place in it for
 * each vCPU, and runs its guest while it has the turn.
 */
#ifndef VMRUN_SHARE_H
#define VMRUN_SHARE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <linux/types.h>

#include "options.h"

#define SHARE_MAGIC	0x6d767368	/* "mvsh" */
#define SHARE_PLACES	64

/* A turn that is longer is over, for the others: its owner is dead, stopped or stuck. */
#define SHARE_LIMIT_US	500000ULL

/**
 * enum share_state - what the vCPU of a place does
 * @SHARE_FREE: there is none
 * @SHARE_IDLE: it does not want to run
 * @SHARE_WAITING: it waits for its turn
 * @SHARE_RUNNING: it has the turn
 */
enum share_state {
	SHARE_FREE,
	SHARE_IDLE,
	SHARE_WAITING,
	SHARE_RUNNING,
};

/**
 * struct share_place - a vCPU among those that take turns
 * @state: enum share_state
 * @guest: process that it is of
 * @vcpu: its number there
 * @weight: of its guest
 * @pass: how far it has come: time it used / weight. The lowest is next
 * @used: TSC ticks it used
 * @quanta: turns that ended because the quantum was over
 */
struct share_place {
	atomic_uint state;
	__u32 guest;
	__u32 vcpu;
	__u32 weight;
	atomic_ullong pass;
	atomic_ullong used;
	atomic_ullong quanta;
};

/**
 * struct share_file - the file; all zeros at first, but for @magic
 * @magic: SHARE_MAGIC
 * @changes: a futex: it changes when somebody who waits has to look again
 * @turn: who has the turn, as the number of a place from 1 on, or 0: bits 7:0; and since
 *	when, as microseconds of CLOCK_MONOTONIC: bits 63:8
 * @pass: the pass of whoever got the turn last
 * @places: the vCPUs. The process that has one holds a lock on the byte of the file
 *	that has the place's number; the kernel gives it up when the process dies
 */
struct share_file {
	__u32 magic;
	atomic_uint changes;
	atomic_ullong turn;
	atomic_ullong pass;
	struct share_place places[SHARE_PLACES];
};

/**
 * struct share - what this process has of it
 * @fd: the file
 * @file: its mapping
 * @tsc_khz: TSC ticks in a millisecond
 * @quantum_us: of the command line
 * @ended: the run is over: nobody waits any more
 */
struct share {
	int fd;
	struct share_file *file;
	__u32 tsc_khz;
	__u64 quantum_us;
	atomic_bool ended;
};

/**
 * struct seat - what a vCPU has of it
 * @share: NULL: it does not share
 * @place: number of its place, from 0 on
 * @weight: of its guest
 * @waiting: it waits for the turn
 * @running: it has taken the turn, and not given it
 * @since_us: since when, either
 * @used: what it had used in the guest then
 * @cpu_ns: what its thread had used of the CPU then
 */
struct seat {
	struct share *share;
	unsigned int place;
	__u32 weight;
	bool waiting, running;
	__u64 since_us;
	__u64 used;
	__u64 cpu_ns;
};

struct vcpu;
struct vm;

int share_open(const struct options *opt, const struct vm *vm, struct vcpu *vcpus);
void share_close(const struct options *opt, struct vcpu *vcpus);
void share_take(struct vcpu *vcpu);
void share_after_run(struct vcpu *vcpu, bool over, bool runnable);
void share_end(struct vcpu *vcpu);
void share_leave_turn(struct share_file *file, unsigned int place);
int share_main(int argc, char **argv);	/* share_list.c */

#endif /* VMRUN_SHARE_H */
