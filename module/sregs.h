/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Segment, control and system registers: between struct minivmx_sregs and the
 * guest-state area of a VMCS.
 */
#ifndef MINIVMX_SREGS_H
#define MINIVMX_SREGS_H

#include <linux/types.h>
#include <minivmx.h>

void sregs_reset(struct minivmx_sregs *sregs, bool bsp);
bool sregs_valid(const struct minivmx_sregs *sregs);
void sregs_write(const struct minivmx_sregs *sregs);
void sregs_read(struct minivmx_sregs *sregs);

#endif /* MINIVMX_SREGS_H */
