/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When to flush the L1 data cache. Pure, so that its tests run on any machine.
 */
#ifndef MINIVMX_L1D_FLUSH_H
#define MINIVMX_L1D_FLUSH_H

#include <linux/types.h>
#include <asm/processor.h>

enum l1d_flush {
	L1D_FLUSH_NOT_AFFECTED,
	L1D_FLUSH_NEVER,
	L1D_FLUSH_CONDITIONAL,	/* before the first entry of a window */
	L1D_FLUSH_ALWAYS,	/* before each entry */
};

/**
 * l1d_flush_choose() - as KVM does, of the same processor and command line
 * @affected: the processor has L1TF
 * @skip: it says that VM entries need no flush (IA32_ARCH_CAPABILITIES)
 * @asked: what "l1tf=" and "mitigations=" made of it
 */
static inline enum l1d_flush l1d_flush_choose(bool affected, bool skip,
					      enum l1tf_mitigations asked)
{
	if (!affected || skip)
		return L1D_FLUSH_NOT_AFFECTED;
	switch (asked) {
	case L1TF_MITIGATION_OFF:
		return L1D_FLUSH_NEVER;
	case L1TF_MITIGATION_FULL:
	case L1TF_MITIGATION_FULL_FORCE:
		return L1D_FLUSH_ALWAYS;
	default:
		return L1D_FLUSH_CONDITIONAL;
	}
}

#endif /* MINIVMX_L1D_FLUSH_H */
