// SPDX-License-Identifier: GPL-2.0
/* Model-specific registers, from outside and from the guest. */
#include <stdio.h>
#include <stdlib.h>

#include "diff.h"

static const struct {
	const char *name;
	uint32_t index;
	unsigned int flags;
} msrs[] = {
	{ "SYSENTER_CS", 0x174 }, { "SYSENTER_ESP", 0x175 },
	{ "SYSENTER_EIP", 0x176 }, { "PAT", 0x277 }, { "EFER", 0xc0000080 },
	{ "STAR", 0xc0000081 }, { "LSTAR", 0xc0000082 },
	{ "CSTAR", 0xc0000083 }, { "FMASK", 0xc0000084 },
	{ "FS_BASE", 0xc0000100 }, { "GS_BASE", 0xc0000101 },
	{ "KERNEL_GS_BASE", 0xc0000102 },
	{ "TSC_AUX", 0xc0000103, DIFF_CPU }, { "APIC_BASE", 0x1b },
	{ "MISC_ENABLE", 0x1a0 }, { "MTRR_CAP", 0xfe },
	{ "MTRR_DEF_TYPE", 0x2ff }, { "MTRR_PHYS_BASE0", 0x200 },
	{ "MTRR_FIX64K", 0x250 }, { "DEBUGCTL", 0x1d9, DIFF_CPU },
	{ "FEATURE_CONTROL", 0x3a, DIFF_CPU }, { "TSC_ADJUST", 0x3b, DIFF_CPU },
	{ "UCODE_REV", 0x8b }, { "MCG_CAP", 0x179 }, { "MCG_STATUS", 0x17a },
	{ "PLATFORM_INFO", 0xce, DIFF_CPU }, { "SPEC_CTRL", 0x48, DIFF_CPU },
	{ "ARCH_CAPABILITIES", 0x10a, DIFF_CPU }, { "XSS", 0xda0, DIFF_CPU },
	{ "X2APIC_TPR", 0x808 }, { "K7_HWCR", 0xc0010015 },
	{ "KVM_WALL_CLOCK", 0x11 }, { "unknown 0xdead", 0xdead },
	{ "unknown 0x40000000", 0x40000000 },
};

struct one_msr {
	struct minivmx_msrs head;
	struct minivmx_msr_entry entry[MINIVMX_MAX_MSRS + 2];
};

static int get_msr(struct rec *r, uint32_t index, uint64_t *value)
{
	struct one_msr m = { .head.nmsrs = 1, .entry[0].index = index };
	int ret = vm_ioctl_p(r->vm.vcpu, MINIVMX_GET_MSRS, &m);

	*value = m.entry[0].data;
	return ret;
}

static int set_msr(struct rec *r, uint32_t index, uint64_t value)
{
	struct one_msr m = {
		.head.nmsrs = 1,
		.entry[0] = { .index = index, .data = value },
	};

	return vm_ioctl_p(r->vm.vcpu, MINIVMX_SET_MSRS, &m);
}

static const uint64_t values[] = {
	0, 1, 0x100, 0x501, 0x10000, 0x0007040600070406, 0x0707070707070702,
	0x00007fffffffffff, 0x0000800000000000, 0xffff800000000000,
	0x0000000100000000, 0xffffffffffffffff,
};

static void write_and_read(struct rec *r, const struct diff_case *c)
{
	uint64_t value;
	size_t i;
	int ret;

	record_vm(r);
	if (c->arg2)
		guest_cpuid(r);
	ret = get_msr(r, c->arg, &value);
	record(r, "at first: %s, %#lx", errno_text(ret), value);
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		ret = set_msr(r, c->arg, values[i]);
		record(r, "set %#lx: %s", values[i], errno_text(ret));
		value = 0;
		ret = get_msr(r, c->arg, &value);
		record(r, "get: %s, %#lx", errno_text(ret), value);
	}
}

/* ------------------------- from the guest --------------------------------- */

GUEST_CODE(64, rdmsr_code, "rdmsr\nhlt\n");
GUEST_CODE(64, wrmsr_code, "wrmsr\nrdmsr\nhlt\n");

static void guest_reads(struct rec *r, const struct diff_case *c)
{
	struct minivmx_regs regs;

	record_vm(r);
	if (c->arg2)
		guest_cpuid(r);
	guest_start(r, LONG, CODE(rdmsr_code));
	record_need(r, "GET_REGS", vm_get_regs(r->vm.vcpu, &regs));
	regs.rcx = c->arg | 0x1234567800000000;
	regs.rax = -1UL;
	regs.rdx = -1UL;
	record_need(r, "SET_REGS", vm_set_regs(r->vm.vcpu, &regs));
	record_run(r);
	record_regs(r, "rax rdx rip rsp");
}

static void guest_writes(struct rec *r, const struct diff_case *c)
{
	struct minivmx_regs regs;
	uint64_t value;
	size_t i;

	record_vm(r);
	if (c->arg2)
		guest_cpuid(r);
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		/* The guest may not leave 64-bit mode here. */
		if (c->arg == 0xc0000080)
			value = (values[i] & ~0xffUL) | EFER_LME | EFER_LMA;
		else
			value = values[i];
		guest_start(r, LONG, CODE(wrmsr_code));
		record_need(r, "GET_REGS", vm_get_regs(r->vm.vcpu, &regs));
		regs.rcx = c->arg;
		regs.rax = (uint32_t)value | 0xabcdef0000000000;
		regs.rdx = value >> 32;
		record_need(r, "SET_REGS", vm_set_regs(r->vm.vcpu, &regs));
		record(r, "write %#lx", value);
		record_run(r);
		record_regs(r, "rax rdx");
	}
}

/* A base that the guest loads into a segment is the MSR, and the other way. */
GUEST_CODE(64, bases,
	   "mov	%gs:0x10, %eax\n"
	   "mov	%fs:0x10, %ebx\n"
	   "swapgs\n"
	   "mov	%gs:0x10, %esi\n"
	   "hlt\n");

static void segment_bases(struct rec *r, const struct diff_case *c)
{
	struct minivmx_sregs s;
	uint64_t value;

	record_vm(r);
	guest_cpuid(r);
	guest_start(r, LONG, CODE(bases));
	r->vm.memory[0x2010] = 0x11;
	r->vm.memory[0x3010] = 0x22;
	r->vm.memory[0x4010] = 0x33;
	record_ret(r, "FS", set_msr(r, 0xc0000100, 0x2000));
	record_ret(r, "GS", set_msr(r, 0xc0000101, 0x3000));
	record_ret(r, "KERNEL_GS", set_msr(r, 0xc0000102, 0x4000));
	record_need(r, "GET_SREGS", vm_get_sregs(r->vm.vcpu, &s));
	record(r, "fs %#llx gs %#llx", s.fs.base, s.gs.base);
	record_run(r);
	record_regs(r, "rax rbx rsi");
	get_msr(r, 0xc0000101, &value);
	record(r, "GS %#lx", value);
	get_msr(r, 0xc0000102, &value);
	record(r, "KERNEL_GS %#lx", value);
}

/* SYSCALL goes where LSTAR says, with the selectors of STAR. */
GUEST_CODE(64, syscall_code,
	   "mov	$0x202, %edx\n"
	   "syscall\n"
	   "1: out %al, $0x33\n"
	   "hlt\n"
	   ".org syscall_code + 0x80\n"
	   "out %al, $0x44\n"
	   "hlt\n");

static void syscall_works(struct rec *r, const struct diff_case *c)
{
	struct minivmx_sregs s;

	record_vm(r);
	guest_cpuid(r);
	guest_start(r, LONG, CODE(syscall_code));
	record_need(r, "GET_SREGS", vm_get_sregs(r->vm.vcpu, &s));
	s.efer |= c->arg;
	record_ret(r, "SET_SREGS", vm_set_sregs(r->vm.vcpu, &s));
	record_ret(r, "STAR", set_msr(r, 0xc0000081, 24UL << 32 | 8UL << 48));
	record_ret(r, "LSTAR", set_msr(r, 0xc0000082, VM_ENTRY + 0x80));
	record_ret(r, "FMASK", set_msr(r, 0xc0000084, 0x200));
	guest_rflags(r, 0x8d5);
	record_run(r);
	record_regs(r, "rcx r11 rip rflags");
	record_need(r, "GET_SREGS", vm_get_sregs(r->vm.vcpu, &s));
	record(r, "cs %#x ss %#x efer %#llx", s.cs.selector, s.ss.selector, s.efer);
}

/* ------------------------- the ioctls themselves -------------------------- */

static void list_room(struct rec *r, const struct diff_case *c)
{
	static struct {
		uint32_t nmsrs;
		uint32_t indices[1024];
	} list;
	uint32_t i, n, has = 0;

	record_vm(r);
	list.nmsrs = 0;
	record_ret(r, "0", vm_ioctl_p(r->vm.dev, MINIVMX_GET_MSR_INDEX_LIST, &list));
	n = list.nmsrs;
	record(r, "says how many: %d", n > 8 && n < 1024);
	list.nmsrs = n - 1;
	record_ret(r, "one too few",
		   vm_ioctl_p(r->vm.dev, MINIVMX_GET_MSR_INDEX_LIST, &list));
	record(r, "the same number: %d", list.nmsrs == n);
	memset(list.indices, 0xff, sizeof(list.indices));
	record_ret(r, "exact",
		   vm_ioctl_p(r->vm.dev, MINIVMX_GET_MSR_INDEX_LIST, &list));
	record(r, "no more are written: %d", list.indices[n] == -1U);
	list.nmsrs = 1024;
	record_ret(r, "1024",
		   vm_ioctl_p(r->vm.dev, MINIVMX_GET_MSR_INDEX_LIST, &list));
	record(r, "the same number: %d", list.nmsrs == n);
	for (i = 0; i < n; i++)
		has |= (list.indices[i] == 0x174) | (list.indices[i] == 0x10) << 1 |
			(list.indices[i] == 0xc0000082) << 2 |
			(list.indices[i] == 0x277) << 3 |
			(list.indices[i] == 0xc0000102) << 4;
	record(r, "has some: %#x", has);
}

/* Each MSR of the list can be read, and written with what was read. */
static void list_works(struct rec *r, const struct diff_case *c)
{
	static struct {
		uint32_t nmsrs;
		uint32_t indices[1024];
	} list = { 1024 };
	uint64_t value;
	uint32_t i;

	record_vm(r);
	guest_cpuid(r);
	record_ret(r, "GET_MSR_INDEX_LIST",
		   vm_ioctl_p(r->vm.dev, MINIVMX_GET_MSR_INDEX_LIST, &list));
	for (i = 0; i < list.nmsrs && i < 1024; i++) {
		/* Of Hyper-V and nested VMX: not of a vCPU with this CPUID. */
		if (list.indices[i] >> 28 == 4 ||
		    (list.indices[i] >= 0x480 && list.indices[i] <= 0x491))
			continue;
		if (get_msr(r, list.indices[i], &value) != 1)
			record(r, "%#x cannot be read", list.indices[i]);
		else if (set_msr(r, list.indices[i], value) != 1)
			record(r, "%#x cannot be written", list.indices[i]);
	}
}

static void counts(struct rec *r, const struct diff_case *c)
{
	static struct one_msr m;
	static const uint32_t numbers[] = { 0, 1, 2, 255, 256, 257, 1000, -1 };
	unsigned long number = c->arg;
	char name[32];
	size_t i, k;

	record_vm(r);
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		memset(&m, 0, sizeof(m));
		m.head.nmsrs = numbers[i];
		m.head.pad = 0xff;
		for (k = 0; k < ARRAY_SIZE(m.entry); k++) {
			m.entry[k].index = 0x174;
			m.entry[k].reserved = 0xff;
		}
		snprintf(name, sizeof(name), "%#x", numbers[i]);
		record_ret(r, name, vm_ioctl_p(r->vm.vcpu, number, &m));
		record(r, "nmsrs %u pad %u reserved %u", m.head.nmsrs,
		       m.head.pad, m.entry[0].reserved);
	}
}

static void stops_at(struct rec *r, const struct diff_case *c)
{
	struct one_msr m = {
		.head.nmsrs = 4,
		.entry = {
			{ .index = 0x174, .data = 0x10 },
			{ .index = 0xc0000082, .data = c->arg2 },
			{ .index = c->arg, .data = 0x20 },
			{ .index = 0x176, .data = 0x30 },
		},
	};
	uint64_t value;
	size_t i;

	record_vm(r);
	record_ret(r, "SET_MSRS", vm_ioctl_p(r->vm.vcpu, MINIVMX_SET_MSRS, &m));
	get_msr(r, 0x174, &value);
	record(r, "first %#lx", value);
	get_msr(r, 0x176, &value);
	record(r, "last %#lx", value);
	for (i = 0; i < 4; i++)
		m.entry[i].data = 0x77;
	record_ret(r, "GET_MSRS", vm_ioctl_p(r->vm.vcpu, MINIVMX_GET_MSRS, &m));
	for (i = 0; i < 4; i++)
		record(r, "%zu: %#llx", i, m.entry[i].data);
}

/* The TSC goes on from what is written. */
static void tsc(struct rec *r, const struct diff_case *c)
{
	uint64_t first, second;

	record_vm(r);
	get_msr(r, 0x10, &first);
	record_ret(r, "set", set_msr(r, 0x10, 1UL << 50));
	get_msr(r, 0x10, &second);
	record(r, "at first below: %d, then near: %d", first < 1UL << 49,
	       second >> 40 == 1UL << 10);
	get_msr(r, 0x10, &first);
	record(r, "it advances: %d", first > second);
}

GUEST_CODE(64, rdtsc_code,
	   "rdtsc\n"
	   "mov	%edx, %esi\n"
	   "hlt\n");

static void tsc_guest(struct rec *r, const struct diff_case *c)
{
	struct minivmx_regs regs;

	record_vm(r);
	guest_start(r, LONG, CODE(rdtsc_code));
	record_ret(r, "set", set_msr(r, 0x10, 1UL << 50));
	record_run(r);
	record_need(r, "GET_REGS", vm_get_regs(r->vm.vcpu, &regs));
	/* How far it gets in between is a matter of what the host does. */
	record(r, "upper half %#llx", regs.rsi >> 12 << 12);
}

static const struct diff_case cases[] = {
	{ "KVM_GET_MSR_INDEX_LIST", "room", list_room },
	{ "KVM_GET_MSR_INDEX_LIST", "each can be read and written", list_works },
	{ "KVM_GET_MSRS", "numbers", counts, .arg = MINIVMX_GET_MSRS },
	{ "KVM_SET_MSRS", "numbers", counts, .arg = MINIVMX_SET_MSRS },
	{ "KVM_SET_MSRS", "stops at an unknown one", stops_at, .arg = 0xdead,
	  .arg2 = 0x1000 },
	{ "KVM_SET_MSRS", "stops at a bad value", stops_at, .arg = 0x175,
	  .arg2 = 1UL << 63 },
	{ "KVM_SET_MSRS", "goes to the end", stops_at, .arg = 0x175, .arg2 = 0x1000 },
	{ "KVM_SET_MSRS", "TSC", tsc },
	{ "KVM_SET_MSRS", "TSC, as the guest sees it", tsc_guest },
	{ "KVM_SET_MSRS", "FS, GS and KERNEL_GS", segment_bases },
	{ "KVM_SET_MSRS", "SYSCALL", syscall_works, .arg = EFER_SCE },
	{ "KVM_SET_MSRS", "SYSCALL without EFER.SCE", syscall_works },
};

void add_msrs(void)
{
	static char names[ARRAY_SIZE(msrs)][3][64];
	static const struct {
		const char *ioctl, *what;
		diff_fn *run;
	} kinds[] = {
		{ "KVM_SET_MSRS", "write and read", write_and_read },
		{ "KVM_GET_MSRS", "RDMSR", guest_reads },
		{ "KVM_SET_MSRS", "WRMSR", guest_writes },
	};
	struct diff_case c = { .arg2 = 1 };
	size_t i, k;

	diff_add(cases, ARRAY_SIZE(cases));
	for (i = 0; i < ARRAY_SIZE(msrs); i++) {
		for (k = 0; k < ARRAY_SIZE(kinds); k++) {
			snprintf(names[i][k], sizeof(names[i][k]), "%s: %s",
				 msrs[i].name, kinds[k].what);
			c.ioctl = kinds[k].ioctl;
			c.name = names[i][k];
			c.run = kinds[k].run;
			c.flags = msrs[i].flags;
			c.arg = msrs[i].index;
			diff_add(&c, 1);
		}
	}
}
