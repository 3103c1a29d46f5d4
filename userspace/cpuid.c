// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest's CPUID answers: all that the hypervisor can do, without what a
 * machine of vmrun does not have, and with the rate of its time-stamp counter.
 */
#include <err.h>
#include <stdlib.h>

#include "cpuid.h"
#include "exit_status.h"

/* SDM Vol. 2A, "CPUID-CPU Identification", table 3-17, edition 083. */
#define LEAF_MAX	0
#define LEAF_FEATURES	1
#define LEAF_TSC	0x15

/*
 * A board without a local APIC has no x2APIC, and no timer in it either. That there
 * is none at all, IA32_APIC_BASE says: vcpu_set_start().
 */
#define FEATURES_X2APIC		(1U << 21)
#define FEATURES_TSC_DEADLINE	(1U << 24)

/* The TSC's rate is this one's, in Hz, times EBX / EAX. */
#define CRYSTAL_HZ	1000000U

static struct minivmx_cpuid_entry2 *find(struct minivmx_cpuid2 *cpuid, __u32 leaf)
{
	__u32 i;

	for (i = 0; i < cpuid->nent; i++)
		if (cpuid->entries[i].function == leaf)
			return &cpuid->entries[i];
	return NULL;
}

static struct minivmx_cpuid_entry2 *find_or_add(struct minivmx_cpuid2 *cpuid, __u32 leaf)
{
	struct minivmx_cpuid_entry2 *entry = find(cpuid, leaf);

	if (entry || cpuid->nent == MINIVMX_MAX_CPUID_ENTRIES)
		return entry;
	entry = &cpuid->entries[cpuid->nent++];
	entry->function = leaf;
	return entry;
}

/*
 * Without it a kernel has to measure the rate against the PIT, of which it gets a
 * poor picture: each look at it is a VM exit.
 */
static void tell_tsc_rate(struct minivmx_cpuid2 *cpuid, __u32 khz)
{
	struct minivmx_cpuid_entry2 *max = find(cpuid, LEAF_MAX);
	struct minivmx_cpuid_entry2 *tsc;

	if (!max || !khz)
		return;
	tsc = find_or_add(cpuid, LEAF_TSC);
	if (!tsc)
		return;
	if (max->eax < LEAF_TSC)
		max->eax = LEAF_TSC;
	tsc->eax = 1000;
	tsc->ebx = khz;
	tsc->ecx = CRYSTAL_HZ;
}

static int set(const struct vcpu *vcpu, const struct vm *vm, struct minivmx_cpuid2 *cpuid)
{
	struct minivmx_cpuid_entry2 *features;
	int khz;

	cpuid->nent = MINIVMX_MAX_CPUID_ENTRIES;
	if (vm_ioctl(vm, vm->dev_fd, MINIVMX_GET_SUPPORTED_CPUID, cpuid) < 0)
		return STATUS_HOST;
	khz = vm_ioctl(vm, vcpu->fd, MINIVMX_GET_TSC_KHZ, 0);
	if (khz < 0)
		return STATUS_HOST;
	features = find(cpuid, LEAF_FEATURES);
	if (features)
		features->ecx &= ~(FEATURES_X2APIC | FEATURES_TSC_DEADLINE);
	tell_tsc_rate(cpuid, khz);
	return vm_ioctl(vm, vcpu->fd, MINIVMX_SET_CPUID2, cpuid) < 0 ? STATUS_HOST : 0;
}

/**
 * cpuid_set() - give a vCPU its table for CPUID
 * @vcpu: new
 * @vm: its VM
 *
 * Without a table, a guest's CPUID answers nothing, and it may not use what CPUID
 * has not announced: long mode, SYSENTER and more.
 *
 * Return: 0, or an exit status after a message.
 */
int cpuid_set(const struct vcpu *vcpu, const struct vm *vm)
{
	struct minivmx_cpuid2 *cpuid;
	int status;

	cpuid = calloc(1, sizeof(*cpuid) +
		       MINIVMX_MAX_CPUID_ENTRIES * sizeof(cpuid->entries[0]));
	if (!cpuid) {
		warn("CPUID table");
		return STATUS_HOST;
	}
	status = set(vcpu, vm, cpuid);
	free(cpuid);
	return status;
}
