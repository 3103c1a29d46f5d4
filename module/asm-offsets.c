// SPDX-License-Identifier: GPL-2.0
/*
 * What vmenter.S needs to know of C: never linked, only turned into
 * asm-offsets.h by the build.
 */
#include <linux/kbuild.h>

#include "vcpu.h"

#define CONTEXT(REG, reg)	OFFSET(CONTEXT_##REG, vcpu_context, reg)

static void __used offsets(void)
{
	CONTEXT(RAX, rax);
	CONTEXT(RBX, rbx);
	CONTEXT(RCX, rcx);
	CONTEXT(RDX, rdx);
	CONTEXT(RSI, rsi);
	CONTEXT(RDI, rdi);
	CONTEXT(RBP, rbp);
	CONTEXT(R8, r8);
	CONTEXT(R9, r9);
	CONTEXT(R10, r10);
	CONTEXT(R11, r11);
	CONTEXT(R12, r12);
	CONTEXT(R13, r13);
	CONTEXT(R14, r14);
	CONTEXT(R15, r15);
	CONTEXT(HOST_RSP, host_rsp);
	DEFINE(HOST_RSP_FIELD, VMCS_HOST_RSP);
}
