// SPDX-License-Identifier: GPL-2.0
/* What CPUID says: the device's table, the vCPU's table, the guest. */
#include <stdio.h>
#include <stdlib.h>

#include "cpuid.h"

static int supported(struct rec *r, struct table *table, uint32_t room)
{
	memset(table, 0xff, sizeof(*table));
	table->head.nent = room;
	return vm_ioctl_p(r->vm.dev, MINIVMX_GET_SUPPORTED_CPUID, table);
}

const struct minivmx_cpuid_entry2 *cpuid_find(const struct table *table,
					      uint32_t function, uint32_t index)
{
	uint32_t i;

	for (i = 0; i < table->head.nent; i++)
		if (table->entries[i].function == function &&
		    (!(table->entries[i].flags &
		       MINIVMX_CPUID_FLAG_SIGNIFCANT_INDEX) ||
		     table->entries[i].index == index))
			return &table->entries[i];
	return NULL;
}

/* ------------------------- GET_SUPPORTED_CPUID ---------------------------- */

static void supported_room(struct rec *r, const struct diff_case *c)
{
	static struct table table;
	uint32_t nent;

	record_vm(r);
	record_ret(r, "256", supported(r, &table, 256));
	nent = table.head.nent;
	record_ret(r, "0", supported(r, &table, 0));
	record_ret(r, "1", supported(r, &table, 1));
	record_ret(r, "one too few", supported(r, &table, nent - 1));
	record_ret(r, "exact", supported(r, &table, nent));
	record(r, "as many again: %d", table.head.nent == nent);
	record_ret(r, "1000", supported(r, &table, 1000));
	record_ret(r, "-1", supported(r, &table, -1));
}

/* Not its bits: minivmx may offer less. */
static void supported_form(struct rec *r, const struct diff_case *c)
{
	static struct table table;
	uint32_t i, k, padding = 0, twice = 0, flags = 0;

	record_vm(r);
	record_ret(r, "GET_SUPPORTED_CPUID", supported(r, &table, 256));
	for (i = 0; i < table.head.nent; i++) {
		padding |= table.entries[i].padding[0] |
			table.entries[i].padding[1] | table.entries[i].padding[2];
		flags |= table.entries[i].flags;
		for (k = 0; k < i; k++)
			twice += table.entries[k].function ==
				table.entries[i].function &&
				table.entries[k].index == table.entries[i].index;
	}
	record(r, "padding %#x, flags %#x, twice %u", padding, flags, twice);
	record(r, "leaf 0 %d 1 %d 7 %d 0x80000000 %d 0x80000008 %d",
	       !!cpuid_find(&table, 0, 0), !!cpuid_find(&table, 1, 0), !!cpuid_find(&table, 7, 0),
	       !!cpuid_find(&table, 0x80000000, 0), !!cpuid_find(&table, 0x80000008, 0));
}

static void supported_vendor(struct rec *r, const struct diff_case *c)
{
	static struct table table;
	const struct minivmx_cpuid_entry2 *e;

	record_vm(r);
	supported(r, &table, 256);
	e = cpuid_find(&table, 0, 0);
	if (e)
		record(r, "%.4s%.4s%.4s", (char *)&e->ebx, (char *)&e->edx,
		       (char *)&e->ecx);
}

/* Which leaves have which values, in words that do not tell a subset apart. */
static void supported_values(struct rec *r, const struct diff_case *c)
{
	static struct table table;
	const struct minivmx_cpuid_entry2 *e;

	record_vm(r);
	supported(r, &table, 256);
	e = cpuid_find(&table, c->arg, c->arg2);
	if (!e) {
		record(r, "no such leaf");
		return;
	}
	record(r, "eax %#x ebx %#x ecx %#x edx %#x flags %u", e->eax, e->ebx,
	       e->ecx, e->edx, e->flags);
}

/* Each bit that is offered is one that the processor has, or that is made. */
static void supported_subset(struct rec *r, const struct diff_case *c)
{
	static struct table table;
	const struct minivmx_cpuid_entry2 *e;
	uint32_t eax, ebx, ecx = 0, edx;
	/* X2APIC, TSC deadline and hypervisor: made by KVM. OSXSAVE: of CR4. */
	const uint32_t made = 1u << 21 | 1u << 24 | 1u << 31 | 1u << 27;

	record_vm(r);
	supported(r, &table, 256);
	asm volatile("cpuid" : "=a" (eax), "=b" (ebx), "+c" (ecx), "=d" (edx)
		     : "a" (1));
	e = cpuid_find(&table, 1, 0);
	if (!e) {
		record(r, "no leaf 1");
		return;
	}
	record(r, "leaf 1 beyond the processor: ecx %#x edx %#x",
	       e->ecx & ~(ecx | made), e->edx & ~edx);
	record(r, "leaf 1 VMX %u SMX %u MONITOR %u SMM-free FPU %u TSC %u MSR %u PAE %u CX8 %u SSE2 %u",
	       e->ecx >> 5 & 1, e->ecx >> 6 & 1, e->ecx >> 3 & 1, e->edx & 1,
	       e->edx >> 4 & 1, e->edx >> 5 & 1, e->edx >> 6 & 1,
	       e->edx >> 8 & 1, e->edx >> 26 & 1);
	e = cpuid_find(&table, 0x80000001, 0);
	record(r, "leaf 0x80000001 LM %u NX %u SYSCALL %u",
	       e ? e->edx >> 29 & 1 : 9, e ? e->edx >> 20 & 1 : 9,
	       e ? e->edx >> 11 & 1 : 9);
}

/* ------------------------- SET_CPUID2, GET_CPUID2 ------------------------- */

struct table *cpuid_small(void)
{
	static struct table table;

	memset(&table, 0, sizeof(table));
	table.head.nent = 5;
	table.entries[0] = (struct minivmx_cpuid_entry2) {
		.function = 0, .eax = 4, .ebx = 0x11111111, .ecx = 0x22222222,
		.edx = 0x33333333,
	};
	table.entries[1] = (struct minivmx_cpuid_entry2) {
		.function = 1, .eax = 0x806e9, .ebx = 0x44444444,
	};
	table.entries[2] = (struct minivmx_cpuid_entry2) {
		.function = 4, .index = 0, .flags = 1, .eax = 0x121,
	};
	table.entries[3] = (struct minivmx_cpuid_entry2) {
		.function = 4, .index = 1, .flags = 1, .eax = 0x122,
	};
	table.entries[4] = (struct minivmx_cpuid_entry2) {
		.function = 0x80000000, .eax = 0x80000008, .ebx = 0x55555555,
	};
	return &table;
}

int cpuid_set(struct rec *r, const struct table *table)
{
	return vm_ioctl_p(r->vm.vcpu, MINIVMX_SET_CPUID2, table);
}

static void get_room(struct rec *r, const struct diff_case *c)
{
	static struct table table;
	static const uint32_t rooms[] = { 0, 1, 4, 5, 6, 256, 257, 1000, -1 };
	char name[32];
	size_t i;
	int ret;

	record_vm(r);
	table.head.nent = 0;
	record_ret(r, "before any SET, 0",
		   vm_ioctl_p(r->vm.vcpu, MINIVMX_GET_CPUID2, &table));
	record_ret(r, "SET_CPUID2", cpuid_set(r, cpuid_small()));
	for (i = 0; i < ARRAY_SIZE(rooms); i++) {
		memset(&table, 0xff, sizeof(table));
		table.head.nent = rooms[i];
		ret = vm_ioctl_p(r->vm.vcpu, MINIVMX_GET_CPUID2, &table);
		snprintf(name, sizeof(name), "%#x", rooms[i]);
		record_ret(r, name, ret);
		record(r, "nent %u, padding %#x, first %#x", table.head.nent,
		       table.head.padding, table.entries[0].function);
	}
}

static void set_room(struct rec *r, const struct diff_case *c)
{
	static struct table table;
	static const uint32_t numbers[] = { 0, 1, 256, 257, 1000, -1 };
	char name[32];
	size_t i;

	record_vm(r);
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		memset(&table, 0, sizeof(table));
		table.head.nent = numbers[i];
		snprintf(name, sizeof(name), "%#x", numbers[i]);
		record_ret(r, name, cpuid_set(r, &table));
		table.head.nent = 256;
		record_ret(r, "GET_CPUID2",
			   vm_ioctl_p(r->vm.vcpu, MINIVMX_GET_CPUID2, &table));
		record(r, "nent %u", table.head.nent);
	}
}

static void round_trip(struct rec *r, const struct diff_case *c)
{
	static struct table back;
	struct table *table = cpuid_small();

	record_vm(r);
	table->entries[1].padding[0] = 7;
	table->entries[1].flags = 0xf0;
	record_ret(r, "SET_CPUID2", cpuid_set(r, table));
	memset(&back, 0xff, sizeof(back));
	back.head.nent = 5;
	record_ret(r, "GET_CPUID2",
		   vm_ioctl_p(r->vm.vcpu, MINIVMX_GET_CPUID2, &back));
	record_words(r, "word", &back,
		     sizeof(back.head) + 5 * sizeof(back.entries[0]));
}

static void full_round_trip(struct rec *r, const struct diff_case *c)
{
	static struct table table, back;

	record_vm(r);
	record_ret(r, "GET_SUPPORTED_CPUID", supported(r, &table, 256));
	record_ret(r, "SET_CPUID2", cpuid_set(r, &table));
	back.head.nent = 256;
	record_ret(r, "GET_CPUID2",
		   vm_ioctl_p(r->vm.vcpu, MINIVMX_GET_CPUID2, &back));
	record(r, "the same number: %d", table.head.nent == back.head.nent);
}

static void address_width(struct rec *r, const struct diff_case *c)
{
	struct table *table = cpuid_small();

	record_vm(r);
	table->entries[5] = (struct minivmx_cpuid_entry2) {
		.function = 0x80000008, .eax = c->arg,
	};
	table->head.nent = 6;
	record_ret(r, "SET_CPUID2", cpuid_set(r, table));
}

GUEST_CODE(16, just_hlt, "hlt\nhlt\nhlt\n");

/* The same table is taken after RUN, another one is not. */
static void after_run(struct rec *r, const struct diff_case *c)
{
	struct table *table = cpuid_small();

	record_vm(r);
	record_ret(r, "SET_CPUID2", cpuid_set(r, table));
	guest_start(r, REAL, CODE(just_hlt));
	record_run(r);
	record_ret(r, "the same", cpuid_set(r, table));
	table->entries[0].eax = 5;
	record_ret(r, "another maximum", cpuid_set(r, table));
	table->entries[0].eax = 4;
	table->head.nent = 4;
	record_ret(r, "fewer", cpuid_set(r, table));
	table->head.nent = 0;
	record_ret(r, "none", cpuid_set(r, table));
	table->head.nent = 5;
	table->entries[3].flags = 0;
	record_ret(r, "other flags", cpuid_set(r, table));
	record_run(r);
}

#define SUP "KVM_GET_SUPPORTED_CPUID"
#define SET "KVM_SET_CPUID2"

static const struct diff_case cases[] = {
	{ SUP, "room", supported_room },
	{ SUP, "form", supported_form },
	{ SUP, "vendor", supported_vendor },
	{ SUP, "leaf 0x80000000", supported_values, DIFF_CPU, .arg = 0x80000000 },
	{ SUP, "leaf 0x80000008", supported_values, DIFF_CPU, .arg = 0x80000008 },
	{ SUP, "only what is there", supported_subset, DIFF_CPU },
	{ "KVM_GET_CPUID2", "room", get_room },
	{ "KVM_GET_CPUID2", "round trip", round_trip },
	{ "KVM_GET_CPUID2", "round trip of what is supported", full_round_trip },
	{ SET, "room", set_room },
	{ SET, "linear addresses of 48 bits", address_width, .arg = 48 << 8 | 39 },
	{ SET, "linear addresses of 57 bits", address_width, .arg = 57 << 8 | 39 },
	{ SET, "linear addresses of 0 bits", address_width, .arg = 39 },
	{ SET, "linear addresses of 32 bits", address_width, .arg = 32 << 8 | 36 },
	{ SET, "physical addresses of 0 bits", address_width, .arg = 48 << 8 },
	{ SET, "after RUN", after_run },
};

void add_cpuid(void)
{
	diff_add(cases, ARRAY_SIZE(cases));
}
