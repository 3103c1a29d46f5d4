/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_CRASH_PORTS_H
#define VMRUN_CRASH_PORTS_H

#include <linux/types.h>

const char *crash_port_device(__u64 port);
const char *crash_address_device(__u64 address);

#endif /* VMRUN_CRASH_PORTS_H */
