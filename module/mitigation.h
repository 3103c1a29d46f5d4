/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is done so that a guest cannot learn the host's secrets, or another guest's,
 * from what the processor does speculatively.
 */
#ifndef MINIVMX_MITIGATION_H
#define MINIVMX_MITIGATION_H

#include <linux/compiler.h>
#include <linux/jump_label.h>
#include <linux/percpu.h>
#include <linux/sysfs.h>
#include <linux/types.h>
#include <asm/cpufeature.h>
#include <asm/nospec-branch.h>

#include "mitigation_bits.h"

extern const struct attribute_group mitigation_group;

int mitigation_init(void);
void mitigation_exit(void);
bool mitigation_complete(void);

/* Decided when the module is loaded. */
DECLARE_STATIC_KEY_FALSE(mitigation_flushes_l1d);
DECLARE_STATIC_KEY_FALSE(mitigation_always_flushes_l1d);
void mitigation_flush_l1d(void);

/* The number of the vCPU whose guest ran last on this CPU. */
DECLARE_PER_CPU(u64, mitigation_last_vcpu);

/*
 * IBPB: a guest has no say in where another one's indirect branches are predicted
 * to go. KVM does it where a CPU gets another VMCS. Guests of KVM's are not known
 * here, nor ours there.
 *
 * Context: interrupts off.
 */
static inline void mitigation_take_vcpu(u64 number)
{
	if (likely(__this_cpu_read(mitigation_last_vcpu) == number))
		return;
	__this_cpu_write(mitigation_last_vcpu, number);
#ifndef MITIGATION_NO_IBPB
	indirect_branch_prediction_barrier();
#endif
}

/*
 * L1TF: a guest can read what is in the L1 data cache, so secrets of the host have
 * to leave it. The first entry of a window follows code of any kind; between two
 * entries of one window only exit handlers run, which touch nothing but the vCPU:
 * what KVM calls conditional.
 */
static inline void mitigation_before_window(void)
{
	if (static_branch_unlikely(&mitigation_flushes_l1d))
		mitigation_flush_l1d();
}

/* "l1tf=full": before the other entries too. */
static inline void mitigation_before_resume(void)
{
	if (static_branch_unlikely(&mitigation_always_flushes_l1d))
		mitigation_flush_l1d();
}

/*
 * VMSCAPE: a guest has no say in where branches of its VMM, an ordinary process, are
 * predicted to go. The kernel does IBPB on its way there, if it is told of a guest.
 */
static inline void mitigation_left_guest(void)
{
#if defined(X86_FEATURE_IBPB_EXIT_TO_USER) && !defined(MINIVMX_CLOSED_x86_ibpb_exit_to_user)
	if (boot_cpu_has(X86_FEATURE_IBPB_EXIT_TO_USER))
		this_cpu_write(x86_ibpb_exit_to_user, true);
#endif
}

#endif /* MINIVMX_MITIGATION_H */
