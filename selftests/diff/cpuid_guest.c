// SPDX-License-Identifier: GPL-2.0
/* What a guest's CPUID answers, and what the table has to do with CR4. */
#include <stdio.h>

#include "cpuid.h"

#define SET "KVM_SET_CPUID2"

GUEST_CODE(16, cpuid_all,
	   "cpuid\n"
	   "hlt\n");

static void guest_leaf(struct rec *r, uint32_t leaf, uint32_t subleaf)
{
	struct minivmx_regs regs = {
		.rip = VM_ENTRY, .rflags = 2,
		.rax = 0x1234567800000000 | leaf,
		.rbx = -1UL, .rcx = 0x1234567800000000 | subleaf, .rdx = -1UL,
	};
	char name[32];

	record_need(r, "SET_REGS", vm_set_regs(r->vm.vcpu, &regs));
	record_need(r, "RUN", vm_run(r->vm.vcpu));
	record_need(r, "GET_REGS", vm_get_regs(r->vm.vcpu, &regs));
	snprintf(name, sizeof(name), "%#x/%#x", leaf, subleaf);
	record(r, "%s: %#llx %#llx %#llx %#llx rip %#llx", name, regs.rax,
	       regs.rbx, regs.rcx, regs.rdx, regs.rip);
}

static void guest_sees(struct rec *r, const struct diff_case *c)
{
	static const uint32_t leaves[][2] = {
		{ 0, 0 }, { 0, 7 }, { 1, 0 }, { 1, 3 }, { 2, 0 }, { 3, 0 },
		{ 4, 0 }, { 4, 1 }, { 4, 2 }, { 5, 0 }, { 5, 1 }, { 0x7fffffff, 1 },
		{ 0x40000000, 0 }, { 0x40000001, 0 }, { 0x80000000, 0 },
		{ 0x80000001, 0 }, { 0x80000009, 1 }, { 0x8fffffff, 0 },
		{ 0xc0000000, 0 }, { 0xffffffff, 0xffffffff },
	};
	struct table *table = cpuid_small();
	size_t i;

	record_vm(r);
	if (c->arg == 1)
		table->head.nent = 0;
	if (c->arg == 2)
		/* An AMD processor: what is out of range is 0 there. */
		table->entries[0] = (struct minivmx_cpuid_entry2) {
			.eax = 4, .ebx = 0x68747541, .edx = 0x69746e65,
			.ecx = 0x444d4163,
		};
	if (c->arg == 3)
		table->head.nent = 4;
	if (c->arg != 4)
		record_ret(r, "SET_CPUID2", cpuid_set(r, table));
	guest_start(r, REAL, CODE(cpuid_all));
	for (i = 0; i < ARRAY_SIZE(leaves); i++)
		guest_leaf(r, leaves[i][0], leaves[i][1]);
}

/* Bit 27 of leaf 1 ECX is CR4.OSXSAVE, whatever the table says. */
GUEST_CODE(64, osxsave,
	   "mov	$1, %eax\n"
	   "cpuid\n"
	   "mov	%ecx, %esi\n"
	   "mov	%cr4, %rbp\n"
	   "mov	%rbp, %rdi\n"
	   "or	$0x40000, %rdi\n"
	   "mov	%rdi, %cr4\n"
	   "mov	$1, %eax\n"
	   "cpuid\n"
	   "mov	%ecx, %r8d\n"
	   "mov	%rbp, %cr4\n"
	   "mov	$1, %eax\n"
	   "cpuid\n"
	   "mov	%ecx, %r9d\n"
	   "hlt\n");

static void osxsave_bit(struct rec *r, const struct diff_case *c)
{
	struct minivmx_regs regs;

	record_vm(r);
	guest_cpuid(r);
	guest_start(r, LONG, CODE(osxsave));
	record_run(r);
	record_need(r, "GET_REGS", vm_get_regs(r->vm.vcpu, &regs));
	record(r, "OSXSAVE %llu %llu %llu", regs.rsi >> 27 & 1,
	       regs.r8 >> 27 & 1, regs.r9 >> 27 & 1);
}

/* GET_CPUID2 shows it too. */
static void osxsave_table(struct rec *r, const struct diff_case *c)
{
	static struct table back;
	struct minivmx_sregs sregs;
	int on;

	record_vm(r);
	guest_cpuid(r);
	for (on = 1; on >= 0; on--) {
		record_need(r, "GET_SREGS", vm_get_sregs(r->vm.vcpu, &sregs));
		sregs.cr4 = on ? CR4_OSXSAVE : 0;
		record_ret(r, "SET_SREGS", vm_set_sregs(r->vm.vcpu, &sregs));
		back.head.nent = 256;
		record_ret(r, "GET_CPUID2",
			   vm_ioctl_p(r->vm.vcpu, MINIVMX_GET_CPUID2, &back));
		if (cpuid_find(&back, 1, 0))
			record(r, "OSXSAVE %u", cpuid_find(&back, 1, 0)->ecx >> 27 & 1);
	}
}

static void osxsave_set(struct rec *r, const struct diff_case *c)
{
	struct table *table = cpuid_small();

	record_vm(r);
	table->entries[1].ecx = 1u << 27;
	record_ret(r, "SET_CPUID2", cpuid_set(r, table));
	guest_start(r, REAL, CODE(cpuid_all));
	guest_leaf(r, 1, 0);
}

/* CR4 bits that a table without the feature does not have. */
static void cr4_follows(struct rec *r, const struct diff_case *c)
{
	struct table *table = cpuid_small();
	struct minivmx_sregs sregs;
	int bit, with;
	char taken[33];

	record_vm(r);
	for (with = 0; with < 2; with++) {
		if (with)
			guest_cpuid(r);
		else
			record_ret(r, "SET_CPUID2", cpuid_set(r, table));
		for (bit = 0; bit < 32; bit++) {
			record_need(r, "GET_SREGS",
				    vm_get_sregs(r->vm.vcpu, &sregs));
			sregs.cr4 = 1u << bit;
			taken[bit] = vm_set_sregs(r->vm.vcpu, &sregs) ? '-' : '1';
		}
		taken[32] = 0;
		record(r, "cr4 bits 0 to 31 %s: %s", with ? "with" : "without",
		       taken);
		if (!with)
			record(r, "upper half: %s", errno_text(({
				sregs.cr4 = 1UL << 32;
				vm_set_sregs(r->vm.vcpu, &sregs); })));
	}
}

static const struct diff_case cases[] = {
	{ "KVM_GET_CPUID2", "OSXSAVE", osxsave_table, DIFF_CPU },
	{ SET, "guest's view", guest_sees },
	{ SET, "guest's view of an empty table", guest_sees, .arg = 1 },
	{ SET, "guest's view of an AMD table", guest_sees, .arg = 2 },
	{ SET, "guest's view without extended leaves", guest_sees, .arg = 3 },
	{ SET, "guest's view of no table", guest_sees, .arg = 4 },
	{ SET, "guest turns OSXSAVE on and off", osxsave_bit, DIFF_CPU },
	{ SET, "OSXSAVE in the table", osxsave_set, DIFF_CPU },
	{ SET, "CR4 bits that it allows", cr4_follows, DIFF_CPU },
};

void add_cpuid_guest(void)
{
	diff_add(cases, ARRAY_SIZE(cases));
}
