// SPDX-License-Identifier: GPL-2.0
/*
 * The device with which one vCPU starts the others. A PC has messages between local APICs
 * for that, INIT and STARTUP; here it is two registers.
 */
#include <string.h>

#include "starter.h"

/**
 * starter_init() - vCPU 0 runs, the others do not
 * @starter: filled in
 * @nr_cpus: how many there are, up to STARTER_MAX_CPUS
 * @mem_size: bytes of memory
 */
void starter_init(struct starter *starter, unsigned int nr_cpus, __u64 mem_size)
{
	memset(starter, 0, sizeof(*starter));
	starter->nr_cpus = nr_cpus;
	starter->mem_size = mem_size;
	starter->cpus[0].runs = true;
	pthread_cond_init(&starter->changed, NULL);
}

static enum starter_status start(struct starter *starter, __u32 entry)
{
	__u32 number = starter->number;

	if (number >= starter->nr_cpus)
		return STARTER_ABSENT;
	if (starter->cpus[number].runs)
		return STARTER_RUNS;
	if (entry >= STARTER_MAX_ENTRY || entry >= starter->mem_size)
		return STARTER_ENTRY;
	starter->cpus[number].runs = true;
	starter->cpus[number].entry = entry;
	pthread_cond_broadcast(&starter->changed);
	return STARTER_OK;
}

static __u64 starter_read(void *device, unsigned int offset, unsigned int size)
{
	const struct starter *starter = device;

	if (size != sizeof(__u32))
		return ~0ULL;
	switch (offset) {
	case STARTER_NUMBER:
		return starter->number;
	case STARTER_START:
		return starter->status;
	default:
		return ~0ULL;
	}
}

static void starter_write(void *device, unsigned int offset, __u64 value, unsigned int size)
{
	struct starter *starter = device;

	if (size != sizeof(__u32))
		return;
	if (offset == STARTER_NUMBER)
		starter->number = value;
	else if (offset == STARTER_START)
		starter->status = start(starter, value);
}

const struct bus_ops starter_ops = { .read = starter_read, .write = starter_write };

/**
 * starter_wait() - in the thread of a vCPU that does not run: wait until it is started
 * @starter: the device
 * @number: of the vCPU
 * @ended: the run is over, says whoever has set it and then wakes us
 * @lock: guards all of it; held, and given up meanwhile
 *
 * Return: false if the run is over.
 */
bool starter_wait(struct starter *starter, unsigned int number, const bool *ended,
		  pthread_mutex_t *lock)
{
	while (!*ended && !starter->cpus[number].runs)
		pthread_cond_wait(&starter->changed, lock);
	return !*ended;
}

/** starter_stopped() - a vCPU has halted: it may be started again */
void starter_stopped(struct starter *starter, unsigned int number)
{
	starter->cpus[number].runs = false;
}
