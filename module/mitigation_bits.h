/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's feature bits of mitigations, under one name each whatever its version.
 * For C and for assembly.
 */
#ifndef MINIVMX_MITIGATION_BITS_H
#define MINIVMX_MITIGATION_BITS_H

#include <asm/cpufeatures.h>

#ifndef X86_FEATURE_CLEAR_CPU_BUF
#error "This kernel is older than the fixes of 2024 that Linux 6.1.82 and 6.8 have: update it"
#endif

/* Renamed in Linux 6.16. */
#if !defined(X86_FEATURE_CLEAR_BHB_LOOP_ON_VMEXIT) && defined(X86_FEATURE_CLEAR_BHB_VMEXIT)
#define X86_FEATURE_CLEAR_BHB_LOOP_ON_VMEXIT X86_FEATURE_CLEAR_BHB_VMEXIT
#endif

/* In Linux 6.15 the barrier became a function, and this bit went. */
#ifdef X86_FEATURE_USE_IBPB
#define MITIGATION_IBPB	X86_FEATURE_USE_IBPB
#ifdef MINIVMX_CLOSED_x86_pred_cmd
#define MITIGATION_NO_IBPB
#endif
#else
#define MITIGATION_IBPB	X86_FEATURE_IBPB
#ifdef MINIVMX_CLOSED_write_ibpb
#define MITIGATION_NO_IBPB
#endif
#endif

#endif /* MINIVMX_MITIGATION_BITS_H */
