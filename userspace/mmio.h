/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_MMIO_H
#define VMRUN_MMIO_H

#include <stdbool.h>

#include "minivmx.h"

/* The register device: a device whose registers are memory. */
#define REGISTERS_BASE	0xd0000000ULL

/**
 * struct mmio - the devices of the machine that are reached as memory
 * @nr_reads: how often the counter of the register device was read
 */
struct mmio {
	__u32 nr_reads;
};

/**
 * enum mmio_result - what became of an access
 * @MMIO_CLAIMED: a device took it
 * @MMIO_UNCLAIMED: no device took it; a read gives all ones
 * @MMIO_FAILED: standard output failed, and a message said so
 */
enum mmio_result {
	MMIO_CLAIMED,
	MMIO_UNCLAIMED,
	MMIO_FAILED,
};

enum mmio_result mmio_access(struct mmio *mmio, struct minivmx_run *run);

#endif /* VMRUN_MMIO_H */
