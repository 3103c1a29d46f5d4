/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_SNAPSHOT_PC_H
#define VMRUN_SNAPSHOT_PC_H

#include "pc.h"
#include "snapshot.h"

size_t snapshot_pc_save(struct pc *pc, enum snapshot_type type, __u8 *bytes, size_t room);
int snapshot_pc_restore(const struct snapshot *snapshot, struct pc *pc);

#endif /* VMRUN_SNAPSHOT_PC_H */
