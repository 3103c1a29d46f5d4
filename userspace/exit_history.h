/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_EXIT_HISTORY_H
#define VMRUN_EXIT_HISTORY_H

#include <stdbool.h>

#include "minivmx.h"

/* A power of two. */
#define EXIT_HISTORY_SIZE	8

/**
 * struct exit_entry - an exit that reached vmrun, as its run page told
 * @reason: MINIVMX_EXIT_*
 * @count: items of an IO exit
 * @times: how often it came in a row
 * @size: bytes of @value
 * @write: an OUT, or a write to memory
 * @address: port, or guest-physical address
 * @value: what was read or written, of the first item
 */
struct exit_entry {
	__u32 reason;
	__u32 count;
	__u32 times;
	__u8 size;
	bool write;
	__u64 address;
	__u64 value;
};

/**
 * struct exit_history - the last exits of a vCPU
 * @nr: how many were added, equal ones in a row as one; the last of them is in entry
 *	(@nr - 1) % EXIT_HISTORY_SIZE
 * @entries: a ring
 */
struct exit_history {
	unsigned long nr;
	struct exit_entry entries[EXIT_HISTORY_SIZE];
};

void exit_history_add(struct exit_history *history, const struct minivmx_run *run);
bool exit_history_polls(const struct exit_history *history, __u64 *port);
void exit_history_print(const struct exit_history *history);

#endif /* VMRUN_EXIT_HISTORY_H */
