/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_STARTER_H
#define VMRUN_STARTER_H

#include <pthread.h>
#include <stdbool.h>

#include "bus.h"

/* Its two registers of 4 bytes. */
#define STARTER_NUMBER		0	/* a vCPU's number */
#define STARTER_START		4	/* write: its entry; read: a status */
#define STARTER_SIZE		8

#define STARTER_MAX_CPUS	64

/* What real mode reaches. */
#define STARTER_MAX_ENTRY	0x100000

/**
 * enum starter_status - what became of the last write to STARTER_START
 * @STARTER_OK: the vCPU starts; or there was no write
 * @STARTER_ABSENT: there is no vCPU of that number
 * @STARTER_RUNS: it runs already
 * @STARTER_ENTRY: the entry is not in the memory, or real mode does not reach it
 */
enum starter_status {
	STARTER_OK,
	STARTER_ABSENT,
	STARTER_RUNS,
	STARTER_ENTRY,
};

/**
 * struct starter - the device with which one vCPU starts the others
 * @nr_cpus: how many there are
 * @mem_size: bytes of memory, from address 0 on
 * @number: the register
 * @status: what the other one reads as: enum starter_status
 * @cpus: the vCPUs: does each run, and where did it start
 * @changed: one of them is started, or the run ends
 */
struct starter {
	unsigned int nr_cpus;
	__u64 mem_size;
	__u32 number, status;
	struct {
		bool runs;
		__u32 entry;
	} cpus[STARTER_MAX_CPUS];
	pthread_cond_t changed;
};

void starter_init(struct starter *starter, unsigned int nr_cpus, __u64 mem_size);
bool starter_wait(struct starter *starter, unsigned int number, const bool *ended,
		  pthread_mutex_t *lock);
void starter_stopped(struct starter *starter, unsigned int number);

extern const struct bus_ops starter_ops;

#endif /* VMRUN_STARTER_H */
