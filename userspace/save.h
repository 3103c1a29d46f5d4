/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_SAVE_H
#define VMRUN_SAVE_H

#include <signal.h>

#include "options.h"
#include "pc.h"
#include "snapshot_file.h"
#include "snapshot_vcpu.h"

/**
 * struct save - a snapshot that is to be made
 * @file: its path; NULL if none is asked for
 * @fd: the file, which is written when the time has come, and not before
 * @signal: the signal that says so; 0: none
 * @exits: how many exits of vCPU 0 do; 0: that does not count
 * @before: how many it had before this run
 * @msrs: what belongs to a vCPU
 * @bytes: room for all but the memory
 * @room: how much
 * @size: how much of it is in use
 * @ran: the guest did
 * @done: the machine was saved, or could not be
 */
struct save {
	const char *file;
	int fd;
	int signal;
	__u64 exits, before;
	struct snapshot_msrs msrs;
	__u8 *bytes;
	size_t room, size;
	bool ran, done;
};

/**
 * struct snapshots - what a run has to do with snapshots
 * @from: what the machine was restored from; NULL: it starts anew
 * @save: what becomes of it
 */
struct snapshots {
	const struct snapshot_file *from;
	struct save save;
};

/* None is asked for; save_close() may be called. */
#define SAVE_INIT	{ .fd = -1 }

int save_open(struct save *save, const struct options *opt, const struct vm *vm,
	      const struct vcpu *vcpus);
void save_unblock(const struct save *save, sigset_t *signals);
bool save_is_due(const struct save *save, const struct vcpu *vcpu);
int save_machine(struct save *save, const struct vm *vm, const struct vcpu *vcpus,
		 struct pc *pc, const struct options *opt);
void save_close(struct save *save);

/* save_memory.c */
void save_find_runs(const struct vm *vm, struct snapshot_run *runs, size_t *nr);
__u32 save_memory_crc(const struct vm *vm, const struct snapshot_run *runs, size_t nr);

#endif /* VMRUN_SAVE_H */
