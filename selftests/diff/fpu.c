// SPDX-License-Identifier: GPL-2.0
/* x87, SSE and XSAVE state. */
#include <stdio.h>
#include <stdlib.h>

#include "diff.h"

static struct minivmx_fpu pattern_fpu(void)
{
	struct minivmx_fpu fpu;
	size_t i;

	for (i = 0; i < sizeof(fpu); i++)
		((uint8_t *)&fpu)[i] = i * 7 + 1;
	/* Six bytes behind each register are reserved. */
	for (i = 0; i < 8; i++)
		memset(fpu.fpr[i] + 10, 0, 6);
	fpu.fcw = 0x27f;
	fpu.fsw = 0x3800;
	fpu.ftwx = 0x81;
	fpu.last_opcode = 0x123;
	fpu.last_ip = 0x123456789a;
	fpu.last_dp = 0xabcdef0123;
	fpu.mxcsr = 0x1fa0;
	return fpu;
}

static void fpu_round_trip(struct rec *r, const struct diff_case *c)
{
	struct minivmx_fpu fpu = pattern_fpu();

	record_vm(r);
	if (c->arg)
		memset(&fpu, 0xff, sizeof(fpu));
	record_ret(r, "SET_FPU", vm_ioctl_p(r->vm.vcpu, MINIVMX_SET_FPU, &fpu));
	memset(&fpu, 0xff, sizeof(fpu));
	record_ret(r, "GET_FPU", vm_ioctl_p(r->vm.vcpu, MINIVMX_GET_FPU, &fpu));
	record_words(r, "fpu", &fpu, sizeof(fpu));
}

/* The guest stores what it has, changes it, and the owner sees that. */
GUEST_CODE(64, fpu_code,
	   "fnstcw	0x2000\n"
	   "fnstsw	%ax\n"
	   "mov	%ax, 0x2002\n"
	   "stmxcsr	0x2004\n"
	   "movdqu	%xmm0, 0x2010\n"
	   "movdqu	%xmm15, 0x2020\n"
	   "fstpt	0x2030\n"
	   "movdqu	%xmm0, %xmm1\n"
	   "movl	$0x1f80, 0x2008\n"
	   "ldmxcsr	0x2008\n"
	   "fld1\n"
	   "hlt\n");

static void fpu_sregs(struct rec *r, uint64_t cr4)
{
	struct minivmx_sregs s;

	record_need(r, "GET_SREGS", vm_get_sregs(r->vm.vcpu, &s));
	s.cr4 |= cr4;
	record_ret(r, "SET_SREGS", vm_set_sregs(r->vm.vcpu, &s));
}

static void fpu_guest(struct rec *r, const struct diff_case *c)
{
	struct minivmx_fpu fpu = pattern_fpu();

	record_vm(r);
	guest_start(r, LONG, CODE(fpu_code));
	fpu_sregs(r, CR4_OSFXSR | 0x400);
	record_ret(r, "SET_FPU", vm_ioctl_p(r->vm.vcpu, MINIVMX_SET_FPU, &fpu));
	record_run(r);
	record_words(r, "memory", r->vm.memory + 0x2000, 0x40);
	record_ret(r, "GET_FPU", vm_ioctl_p(r->vm.vcpu, MINIVMX_GET_FPU, &fpu));
	/* Where the last x87 instruction was is not always kept. */
	fpu.last_ip = 0;
	fpu.last_dp = 0;
	fpu.last_opcode = 0;
	record_words(r, "fpu", &fpu, sizeof(fpu));
}

/* CR0.TS and EM: #NM and #UD, delivered to the guest. */
static void fpu_trap(struct rec *r, const struct diff_case *c)
{
	struct minivmx_sregs s;

	record_vm(r);
	guest_start(r, LONG, CODE(fpu_code));
	record_need(r, "GET_SREGS", vm_get_sregs(r->vm.vcpu, &s));
	s.cr0 |= c->arg;
	s.cr4 |= c->arg2;
	record_ret(r, "SET_SREGS", vm_set_sregs(r->vm.vcpu, &s));
	record_run(r);
	record_words(r, "stack", r->vm.memory + GUEST_STACK - 48, 48);
}

/* ------------------------- XSAVE ------------------------------------------ */

static struct minivmx_xsave xsave;

static void xsave_round_trip(struct rec *r, const struct diff_case *c)
{
	struct minivmx_fpu fpu = pattern_fpu();

	record_vm(r);
	guest_cpuid(r);
	record_ret(r, "SET_FPU", vm_ioctl_p(r->vm.vcpu, MINIVMX_SET_FPU, &fpu));
	memset(&xsave, 0xff, sizeof(xsave));
	record_ret(r, "GET_XSAVE",
		   vm_ioctl_p(r->vm.vcpu, MINIVMX_GET_XSAVE, &xsave));
	record_words(r, "xsave", &xsave, sizeof(xsave));
	xsave.region[40] = 0x12345678;
	record_ret(r, "SET_XSAVE",
		   vm_ioctl_p(r->vm.vcpu, MINIVMX_SET_XSAVE, &xsave));
	record_ret(r, "GET_FPU", vm_ioctl_p(r->vm.vcpu, MINIVMX_GET_FPU, &fpu));
	record_words(r, "fpu", &fpu, sizeof(fpu));
}

/* Word c->arg of the area becomes c->arg2. */
static void xsave_bad(struct rec *r, const struct diff_case *c)
{
	struct minivmx_fpu fpu;

	record_vm(r);
	guest_cpuid(r);
	record_ret(r, "GET_XSAVE",
		   vm_ioctl_p(r->vm.vcpu, MINIVMX_GET_XSAVE, &xsave));
	xsave.region[40] = 0x12345678;
	xsave.region[c->arg] = c->arg2;
	record_ret(r, "SET_XSAVE",
		   vm_ioctl_p(r->vm.vcpu, MINIVMX_SET_XSAVE, &xsave));
	record_ret(r, "GET_FPU", vm_ioctl_p(r->vm.vcpu, MINIVMX_GET_FPU, &fpu));
	record_words(r, "fpu", &fpu, sizeof(fpu));
}

/* ------------------------- XCR0 ------------------------------------------- */

static void xcrs_set(struct rec *r, const struct diff_case *c)
{
	struct minivmx_xcrs xcrs = {
		.nr_xcrs = c->arg2, .xcrs[0] = { .value = c->arg },
	};

	record_vm(r);
	guest_cpuid(r);
	record_ret(r, "SET_XCRS",
		   vm_ioctl_p(r->vm.vcpu, MINIVMX_SET_XCRS, &xcrs));
	memset(&xcrs, 0xff, sizeof(xcrs));
	if (!record_ret(r, "GET_XCRS",
			vm_ioctl_p(r->vm.vcpu, MINIVMX_GET_XCRS, &xcrs)))
		record_words(r, "xcrs", &xcrs, sizeof(xcrs));
}

static void xcrs_form(struct rec *r, const struct diff_case *c)
{
	struct minivmx_xcrs xcrs = {
		.nr_xcrs = 1, .flags = c->arg,
		.xcrs[0] = { .xcr = c->arg2, .reserved = 1, .value = 3 },
	};

	record_vm(r);
	record_ret(r, "SET_XCRS",
		   vm_ioctl_p(r->vm.vcpu, MINIVMX_SET_XCRS, &xcrs));
	if (!record_ret(r, "GET_XCRS",
			vm_ioctl_p(r->vm.vcpu, MINIVMX_GET_XCRS, &xcrs)))
		record_words(r, "xcrs", &xcrs, sizeof(xcrs));
}

GUEST_CODE(64, xsetbv_code,
	   "xsetbv\n"
	   "xor	%ecx, %ecx\n"
	   "xgetbv\n"
	   "hlt\n");

/* The guest's XSETBV: c->arg is EAX, c->arg2 ECX, or all ones without OSXSAVE. */
static void xsetbv(struct rec *r, const struct diff_case *c)
{
	struct minivmx_regs regs;
	bool osxsave = c->arg2 != -1UL;

	record_vm(r);
	guest_cpuid(r);
	guest_start(r, LONG, CODE(xsetbv_code));
	fpu_sregs(r, osxsave ? CR4_OSXSAVE : 0);
	record_need(r, "GET_REGS", vm_get_regs(r->vm.vcpu, &regs));
	regs.rax = c->arg;
	regs.rcx = osxsave ? c->arg2 : 0;
	record_need(r, "SET_REGS", vm_set_regs(r->vm.vcpu, &regs));
	record_run(r);
	record_regs(r, "rax rdx rip");
}

static const struct diff_case cases[] = {
	{ "KVM_SET_FPU", "round trip", fpu_round_trip },
	{ "KVM_SET_FPU", "round trip of ones", fpu_round_trip, .arg = 1 },
	/* With XSAVE, KVM forgets what SET_FPU wrote to a new vCPU. */
	{ "KVM_GET_FPU", "as the guest sees it", fpu_guest, DIFF_CPU },
	{ "KVM_GET_FPU", "CR0.TS", fpu_trap, .arg = 8 },
	{ "KVM_GET_FPU", "CR0.EM", fpu_trap, .arg = 4 },
	{ "KVM_GET_FPU", "without CR4.OSFXSR", fpu_trap },
	{ "KVM_GET_FPU", "CR4.OSFXSR", fpu_trap, .arg2 = CR4_OSFXSR },
	{ "KVM_GET_XSAVE", "round trip", xsave_round_trip, DIFF_CPU },
	{ "KVM_SET_XSAVE", "header without components", xsave_bad, DIFF_CPU,
	  .arg = 128, .arg2 = 0 },
	{ "KVM_SET_XSAVE", "header with x87 only", xsave_bad, DIFF_CPU,
	  .arg = 128, .arg2 = 1 },
	{ "KVM_SET_XSAVE", "unknown component", xsave_bad, DIFF_CPU,
	  .arg = 129, .arg2 = 1u << 30 },
	{ "KVM_SET_XSAVE", "header compacted", xsave_bad, DIFF_CPU,
	  .arg = 131, .arg2 = 1u << 31 },
	{ "KVM_SET_XSAVE", "header reserved", xsave_bad, DIFF_CPU,
	  .arg = 134, .arg2 = 1 },
	{ "KVM_SET_XSAVE", "MXCSR reserved", xsave_bad, DIFF_CPU,
	  .arg = 6, .arg2 = 0x80001f80 },
	{ "KVM_SET_XSAVE", "MXCSR", xsave_bad, DIFF_CPU, .arg = 6, .arg2 = 0x1fa0 },
	{ "KVM_SET_XSAVE", "software bytes", xsave_bad, DIFF_CPU, .arg = 116, .arg2 = 1 },
	{ "KVM_SET_XCRS", "1", xcrs_set, DIFF_CPU, .arg = 1, .arg2 = 1 },
	{ "KVM_SET_XCRS", "3", xcrs_set, DIFF_CPU, .arg = 3, .arg2 = 1 },
	{ "KVM_SET_XCRS", "7", xcrs_set, DIFF_CPU, .arg = 7, .arg2 = 1 },
	{ "KVM_SET_XCRS", "0", xcrs_set, DIFF_CPU, .arg = 0, .arg2 = 1 },
	{ "KVM_SET_XCRS", "2", xcrs_set, DIFF_CPU, .arg = 2, .arg2 = 1 },
	{ "KVM_SET_XCRS", "5", xcrs_set, DIFF_CPU, .arg = 5, .arg2 = 1 },
	{ "KVM_SET_XCRS", "reserved bit", xcrs_set, DIFF_CPU, .arg = 1UL << 62 | 3,
	  .arg2 = 1 },
	{ "KVM_SET_XCRS", "no entry", xcrs_set, DIFF_CPU, .arg = 2, .arg2 = 0 },
	{ "KVM_SET_XCRS", "two entries", xcrs_set, DIFF_CPU, .arg = 1, .arg2 = 2 },
	{ "KVM_SET_XCRS", "17 entries", xcrs_set, DIFF_CPU, .arg = 1, .arg2 = 17 },
	{ "KVM_SET_XCRS", "flags", xcrs_form, DIFF_CPU, .arg = 1 },
	{ "KVM_SET_XCRS", "another register", xcrs_form, DIFF_CPU, .arg2 = 1 },
	{ "KVM_GET_XCRS", "XSETBV 1", xsetbv, DIFF_CPU, .arg = 1 },
	{ "KVM_GET_XCRS", "XSETBV 3", xsetbv, DIFF_CPU, .arg = 3 },
	{ "KVM_GET_XCRS", "XSETBV 0", xsetbv, DIFF_CPU, .arg = 0 },
	{ "KVM_GET_XCRS", "XSETBV 4", xsetbv, DIFF_CPU, .arg = 4 },
	{ "KVM_GET_XCRS", "XSETBV of register 1", xsetbv, DIFF_CPU, .arg = 3,
	  .arg2 = 1 },
	{ "KVM_GET_XCRS", "XSETBV without OSXSAVE", xsetbv, DIFF_CPU, .arg = 3,
	  .arg2 = -1UL },
};

void add_fpu(void)
{
	diff_add(cases, ARRAY_SIZE(cases));
}
