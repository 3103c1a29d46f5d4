/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * minivmx_quantum.h - how long a vCPU runs before its turn is over.
 *
 * Part of the contract of minivmx.h, which includes it. KVM has nothing like it.
 */
#ifndef _UAPI_MINIVMX_QUANTUM_H
#define _UAPI_MINIVMX_QUANTUM_H

#include <linux/ioctl.h>
#include <linux/types.h>

#include "minivmx_ext.h"

/**
 * MINIVMX_EXIT_QUANTUM - the quantum of MINIVMX_SET_QUANTUM is over
 *
 * The guest is between two instructions, and nothing of it has to be completed. The
 * next MINIVMX_RUN begins a new quantum.
 */
#define MINIVMX_EXIT_QUANTUM		0x10002

/** MINIVMX_QUANTUM_MAX - the longest quantum, in TSC ticks */
#define MINIVMX_QUANTUM_MAX		(1ULL << 48)

/**
 * struct minivmx_quantum - how much time a vCPU has had in the guest
 * @length: of a quantum; 0: there is none
 * @left: of the present one
 * @used: in all quanta since the vCPU was made; time without one does not count
 *
 * All three are TSC ticks of the host, in the steps of the VMX-preemption timer.
 */
struct minivmx_quantum {
	__u64 length;
	__u64 left;
	__u64 used;
};

/**
 * MINIVMX_SET_QUANTUM - come back after so much time in the guest; on a vCPU
 *
 * Parameters: __u64, TSC ticks up to MINIVMX_QUANTUM_MAX, rounded up to a step of the
 * timer; 0: never, as at first. A new quantum begins. Returns: 0. Errors: EINVAL, more
 * than that; EOPNOTSUPP, the processor has no VMX-preemption timer, or cannot save it.
 *
 * What counts is time between a VM entry and the next exit, on whatever CPU; exits and
 * what is done about them, the host's interrupts and other processes do not.
 */
#define MINIVMX_SET_QUANTUM	_IOW(MINIVMX_EXT_IO, 0x40, __u64)

/**
 * MINIVMX_GET_QUANTUM - how much of it is left, and what was used; on a vCPU
 *
 * Parameters: struct minivmx_quantum, filled in. Returns: 0.
 */
#define MINIVMX_GET_QUANTUM	_IOR(MINIVMX_EXT_IO, 0x41, struct minivmx_quantum)

#endif /* _UAPI_MINIVMX_QUANTUM_H */
