// SPDX-License-Identifier: GPL-2.0
/* General-purpose registers. */
#include "diff.h"

#define ALL_REGS "rax rbx rcx rdx rsi rdi rsp rbp r8 r9 r10 r11 r12 r13 r14 r15 rip rflags"

static void after_reset(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	record_regs(r, ALL_REGS);
}

static void fill(struct minivmx_regs *regs)
{
	__u64 *reg = &regs->rax;
	int i;

	for (i = 0; i < 16; i++)
		reg[i] = 0x1111111111111111ULL * i + 0x8000000000000001ULL;
	regs->rip = VM_ENTRY;
	regs->rflags = RFLAGS_FIXED;
}

static void round_trip(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	struct minivmx_regs regs;

	fill(&regs);
	regs.rip = 0xfedcba9876543210;
	record_ret(r, "SET_REGS", vm_set_regs(vm->vcpu, &regs));
	record_regs(r, ALL_REGS);
}

static void set_rflags(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	struct minivmx_regs regs;

	fill(&regs);
	regs.rflags = c->arg;
	record_ret(r, "SET_REGS", vm_set_regs(vm->vcpu, &regs));
	record_regs(r, "rflags");
}

/* The guest's registers, in the order of their encoding, to memory at 0x2000. */
GUEST_CODE(64, store_all,
	   "mov	%rax, 0x2000\n"
	   "mov	%rcx, 0x2008\n"
	   "mov	%rdx, 0x2010\n"
	   "mov	%rbx, 0x2018\n"
	   "mov	%rsp, 0x2020\n"
	   "mov	%rbp, 0x2028\n"
	   "mov	%rsi, 0x2030\n"
	   "mov	%rdi, 0x2038\n"
	   "mov	%r8, 0x2040\n"
	   "mov	%r9, 0x2048\n"
	   "mov	%r10, 0x2050\n"
	   "mov	%r11, 0x2058\n"
	   "mov	%r12, 0x2060\n"
	   "mov	%r13, 0x2068\n"
	   "mov	%r14, 0x2070\n"
	   "mov	%r15, 0x2078\n"
	   "add	$1, %rax\n"
	   "add	$2, %r15\n"
	   "hlt\n");

static void guest_sees(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	struct minivmx_regs regs;

	guest_start(r, LONG, CODE(store_all));
	fill(&regs);
	record_ret(r, "SET_REGS", vm_set_regs(vm->vcpu, &regs));
	record_run(r);
	record_words(r, "memory", vm->memory + 0x2000, 0x80);
	record_regs(r, ALL_REGS);
}

/* Each mode cuts RIP, RSP and pushes in its own way. */
GUEST_CODE(16, push_all, "push %ax\nhlt\n");

static void in_mode(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);

	guest_start(r, c->arg, CODE(push_all));
	record_run(r);
	record_regs(r, "rsp rip rflags");
	record_words(r, "stack", vm->memory + GUEST_STACK - 16, 16);
}

static void rip_after(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	struct minivmx_regs regs = { .rip = c->arg, .rflags = 2, .rsp = 0x7000 };

	guest_start(r, c->arg2, CODE(push_all));
	record_ret(r, "SET_REGS", vm_set_regs(vm->vcpu, &regs));
	record_run(r);
	record_regs(r, "rip rsp");
}

static void set_rflags_guest(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, LONG, CODE(push_all));
	guest_rflags(r, c->arg);
	record_run(r);
	record_regs(r, "rip rflags");
	record_flags(r);
}

#define SET "KVM_SET_REGS"

static const struct diff_case cases[] = {
	{ "KVM_GET_REGS", "after reset", after_reset },
	{ "KVM_GET_REGS", "round trip", round_trip },
	{ "KVM_GET_REGS", "as the guest sees them", guest_sees },
	{ SET, "rflags 0", set_rflags, .arg = 0 },
	{ SET, "rflags of ones", set_rflags, .arg = -1UL },
	{ SET, "rflags.VM", set_rflags, .arg = 0x20002 },
	{ SET, "rflags.TF", set_rflags, .arg = 0x102 },
	{ SET, "rflags.VM in 64-bit mode runs", set_rflags_guest, .arg = 0x20000 },
	{ SET, "rflags of reserved bits run", set_rflags_guest, .arg = 0xff008028 },
	{ SET, "rflags of all status bits run", set_rflags_guest, .arg = 0x240cd5 },
	{ SET, "push in real mode", in_mode, .arg = REAL },
	{ SET, "push in protected mode", in_mode, .arg = PROT32 },
	{ SET, "push in 32-bit paging", in_mode, .arg = PAGING32 },
	{ SET, "push in PAE paging", in_mode, .arg = PAE },
	{ SET, "push in 64-bit mode", in_mode, .arg = LONG },
	{ SET, "push in compatibility mode", in_mode, .arg = COMPAT },
	{ SET, "rip above 4 GiB in protected mode", rip_after,
	  .arg = 0x100001000, .arg2 = PROT32 },
	{ SET, "rip not canonical in 64-bit mode", rip_after,
	  .arg = 0x8000000000001000, .arg2 = LONG },
	{ SET, "rip beyond the limit in real mode", rip_after,
	  .arg = 0x11000, .arg2 = REAL },
};

void add_regs(void)
{
	diff_add(cases, ARRAY_SIZE(cases));
}
