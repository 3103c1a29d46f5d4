/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fields of a VMCS, all at once.
 */
#ifndef MINIVMX_SNAPSHOT_H
#define MINIVMX_SNAPSHOT_H

#include "entry_check.h"

struct vcpu;

int snapshot_index(u32 encoding);
u32 snapshot_encoding(unsigned int index);
u64 snapshot_max(u32 encoding);
void snapshot_read(struct vmcs_snapshot *snapshot);
void snapshot_write(const struct vmcs_snapshot *snapshot);
bool snapshot_is_secret(unsigned int index);
int snapshot_get_vmcs(struct vcpu *vcpu, void *arg);

#endif /* MINIVMX_SNAPSHOT_H */
