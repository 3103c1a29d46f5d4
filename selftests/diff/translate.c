// SPDX-License-Identifier: GPL-2.0
/* KVM_TRANSLATE in every paging mode. */
#include "diff.h"

GUEST_CODE(16, just_hlt, "hlt\n");

static void translate(struct rec *r, uint64_t linear)
{
	struct minivmx_translation t;
	int ret;

	memset(&t, 0xff, sizeof(t));
	t.linear_address = linear;
	ret = vm_ioctl_p(r->vm.vcpu, MINIVMX_TRANSLATE, &t);
	if (ret)
		record_ret(r, "TRANSLATE", ret);
	record(r, "%#llx: %#llx valid %u writeable %u usermode %u pad %u",
	       t.linear_address, t.physical_address, t.valid, t.writeable,
	       t.usermode, t.pad[0] | t.pad[1] | t.pad[2] | t.pad[3] | t.pad[4]);
}

static const uint64_t addresses[] = {
	0, 0x1234, 0xffff, 0x10000, 0x100000, 0x1fffff, 0x200000, 0x3fffff,
	0x400000, 0x40000000, 0xffffffff, 0x100001234, 0x00007fffffffffff,
	0x0000800000000000, 0xffff800000001234, 0xffffffffffffffff,
};

static void in_mode(struct rec *r, const struct diff_case *c)
{
	size_t i;

	record_vm(r);
	guest_start(r, c->arg, CODE(just_hlt));
	for (i = 0; i < ARRAY_SIZE(addresses); i++)
		translate(r, addresses[i]);
	record_run(r);
	translate(r, 0x1234);
}

/* An entry of the last table, or of the first, is something else. */
static void entry(struct rec *r, const struct diff_case *c)
{
	enum guest_mode mode = c->arg;
	uint64_t level = (uintptr_t)c->data;

	record_vm(r);
	guest_start(r, mode, CODE(just_hlt));
	memcpy(r->vm.memory + GUEST_TABLES + level * PAGE, &c->arg2,
	       mode == PAGING32 ? 4 : 8);
	translate(r, 0x1234);
	translate(r, 0x3456);
	/* Accessed bits are not set by it. */
	record_words(r, "entry", r->vm.memory + GUEST_TABLES + level * PAGE, 8);
}

/* 4 KiB pages: the last table is at 0xa000 or 0x9000. */
static void small_pages(struct rec *r, const struct diff_case *c)
{
	uint64_t last = 0xe000, value;
	enum guest_mode mode = c->arg;

	record_vm(r);
	guest_start(r, mode, CODE(just_hlt));
	value = last | 7;
	memcpy(r->vm.memory + GUEST_TABLES +
	       (mode == PAGING32 ? 0 : mode == PAE ? PAGE : 2 * PAGE), &value,
	       mode == PAGING32 ? 4 : 8);
	value = 0x5000 | c->arg2;
	memcpy(r->vm.memory + last + (mode == PAGING32 ? 4 : 8), &value,
	       mode == PAGING32 ? 4 : 8);
	translate(r, 0x1234);
	translate(r, 0x2234);
	record_run(r);
}

#define E(name, mode, level, value)					\
	{ "KVM_TRANSLATE", name, entry, .arg = mode, .arg2 = value,	\
	  .data = (void *)level }

static const struct diff_case cases[] = {
	{ "KVM_TRANSLATE", "real mode", in_mode, .arg = REAL },
	{ "KVM_TRANSLATE", "protected mode", in_mode, .arg = PROT32 },
	{ "KVM_TRANSLATE", "32-bit paging", in_mode, .arg = PAGING32 },
	{ "KVM_TRANSLATE", "PAE paging", in_mode, .arg = PAE },
	{ "KVM_TRANSLATE", "64-bit mode", in_mode, .arg = LONG },
	{ "KVM_TRANSLATE", "compatibility mode", in_mode, .arg = COMPAT },
	E("32-bit paging, not present", PAGING32, 0, 0xe2),
	E("32-bit paging, not accessed", PAGING32, 0, 0x83),
	E("32-bit paging, read-only user page", PAGING32, 0, 0xe5),
	E("32-bit paging, PSE-36", PAGING32, 0, 0x20e3),
	E("32-bit paging, table nowhere", PAGING32, 0, 0x40000007),
	E("PAE, not present", PAE, 1, 0xe2),
	E("PAE, bit 63 without NXE", PAE, 1, 0x80000000000000e3),
	E("PAE, reserved bit", PAE, 1, 0x00080000000000e3),
	E("64-bit, PML4 entry not present", LONG, 0, 0),
	E("64-bit, PML4 entry with PS", LONG, 0, 0x9083),
	E("64-bit, 1 GiB page", LONG, 1, 0x40000083),
	E("64-bit, 1 GiB page misaligned", LONG, 1, 0x40002083),
	E("64-bit, bit 63 without NXE", LONG, 2, 0x80000000000000e3),
	E("64-bit, reserved address bit", LONG, 2, 0x000f0000000000e3),
	E("64-bit, 2 MiB page misaligned", LONG, 2, 0x20e3),
	E("64-bit, table nowhere", LONG, 2, 0x40000007),
	{ "KVM_TRANSLATE", "4 KiB page in 32-bit paging", small_pages, .arg = PAGING32, .arg2 = 3 },
	{ "KVM_TRANSLATE", "4 KiB page in PAE", small_pages, .arg = PAE, .arg2 = 3 },
	{ "KVM_TRANSLATE", "4 KiB page in 64-bit mode", small_pages, .arg = LONG, .arg2 = 3 },
	{ "KVM_TRANSLATE", "4 KiB page, user, read-only", small_pages, .arg = LONG, .arg2 = 5 },
	{ "KVM_TRANSLATE", "4 KiB page, PAT bit", small_pages, .arg = LONG, .arg2 = 0x83 },
	{ "KVM_TRANSLATE", "4 KiB page, not present", small_pages, .arg = LONG, .arg2 = 2 },
};

void add_translate(void)
{
	diff_add(cases, ARRAY_SIZE(cases));
}
