/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_NSEC_H
#define VMRUN_NSEC_H

#include <time.h>
#include <linux/types.h>

/* Signed, as in the kernel: a difference of two times may be negative. */
#define NSEC_PER_SEC	1000000000LL
#define NSEC_PER_MSEC	1000000LL
#define NSEC_PER_USEC	1000LL

/** nsec_now() - a clock of the host, in nanoseconds */
static inline __u64 nsec_now(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

#endif /* VMRUN_NSEC_H */
