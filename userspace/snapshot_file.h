/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_SNAPSHOT_FILE_H
#define VMRUN_SNAPSHOT_FILE_H

#include "options.h"
#include "snapshot.h"
#include "vm.h"

/**
 * struct snapshot_file - a snapshot that a machine is restored from
 * @fd: the file; -1 if there is none
 * @size: its bytes
 * @snapshot: what is in it
 */
struct snapshot_file {
	int fd;
	size_t size;
	struct snapshot snapshot;
};

/* Nothing is open yet; snapshot_close() may be called. */
#define SNAPSHOT_FILE_INIT	{ .fd = -1 }

int snapshot_open(struct snapshot_file *file, struct options *opt);
int snapshot_map(const struct snapshot_file *file, const struct vm *vm,
		 const struct options *opt);
void snapshot_close(struct snapshot_file *file);

#endif /* VMRUN_SNAPSHOT_FILE_H */
