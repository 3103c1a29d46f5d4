/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_CLONE_H
#define VMRUN_CLONE_H

#include "options.h"
#include "snapshot_file.h"

int clone_run(const struct options *opt, const struct snapshot_file *from,
	      int (*restore)(const struct options *opt, const struct snapshot_file *from));

/* In a clone; elsewhere they do nothing. */
unsigned int clone_keep(int *descriptors);
void clone_ready(void);
void clone_ended(void);

#endif /* VMRUN_CLONE_H */
