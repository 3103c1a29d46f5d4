/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/minivmx, and the descriptors of VMs and vCPUs.
 */
#ifndef MINIVMX_DEV_H
#define MINIVMX_DEV_H

#include <linux/fs.h>

extern const struct file_operations dev_vcpu_fops;

int dev_register(void);
void dev_unregister(void);

#endif /* MINIVMX_DEV_H */
