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
	/* VMLAUNCH or VMRESUME failed; no host state changed: */
	VMENTER_FAIL_VALID = 1,		/* the VM-instruction error says more */
	VMENTER_FAIL_INVALID = 2,	/* there is no current VMCS */
};

asmlinkage enum vmenter_result minivmx_vmenter(struct vcpu_context *context,
					       bool resume);
/* Not to be called: where a VM exit lands. */
asmlinkage void minivmx_vmexit(void);

#endif /* MINIVMX_VMENTER_H */
