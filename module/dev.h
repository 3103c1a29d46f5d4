/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/minivmx, and the descriptors of VMs and vCPUs.
 */
#ifndef MINIVMX_DEV_H
#define MINIVMX_DEV_H

int dev_register(void);
void dev_unregister(void);

#endif /* MINIVMX_DEV_H */
