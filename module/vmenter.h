/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VM entry and exit, in vmenter.S.
 */
#ifndef MINIVMX_VMENTER_H
#define MINIVMX_VMENTER_H

#include <linux/linkage.h>
#include <linux/types.h>

struct vcpu_context;

/* What became of an attempt to enter the guest. */
enum vmenter_result {
	VMENTER_EXITED = 0,	/* a VM exit: the exit reason says more */
	VMENTER_FAILED = 1,	/* VMLAUNCH or VMRESUME failed; no host state changed */
};

asmlinkage enum vmenter_result minivmx_vmenter(struct vcpu_context *context,
					       bool resume);
/* Not to be called: where a VM exit lands. */
asmlinkage void minivmx_vmexit(void);

#endif /* MINIVMX_VMENTER_H */
