// SPDX-License-Identifier: GPL-2.0
/*
 * What CPUID told the guest is what it has to find again: a machine is restored only
 * where all that is there.
 *
 * Functions here that fail have said so on standard error, in one line, and return the
 * exit status for it.
 */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "array_size.h"
#include "exit_status.h"
#include "snapshot_cpuid.h"

/*
 * Registers whose bits are features (SDM Vol. 2A, "CPUID", edition 083), and which of
 * them are more than the guest's own settings seen again, or a number.
 */
static const struct {
	__u32 function, index;
	__u32 eax, ebx, ecx, edx;
} features[] = {
	{ 0x1, 0, .ecx = ~(1u << 31 | 1u << 27), .edx = ~0u },	/* a hypervisor, OSXSAVE */
	{ 0x7, 0, .ebx = ~0u, .ecx = ~(1u << 4), .edx = ~0u },	/* OSPKE */
	{ 0x7, 1, .eax = ~0u },
	{ 0xd, 0, .eax = ~0u, .edx = ~0u },			/* components of XCR0 */
	{ 0xd, 1, .eax = ~0u },
	{ 0x40000001, 0, .eax = ~0u },				/* KVM's */
	{ 0x80000001, 0, .ecx = ~0u, .edx = ~0u },
	{ 0x80000007, 0, .edx = ~0u },
	{ 0x80000008, 0, .ebx = ~0u },
};

static struct minivmx_cpuid2 *alloc_table(void)
{
	struct minivmx_cpuid2 *table = calloc(1, sizeof(*table) + MINIVMX_MAX_CPUID_ENTRIES *
					      sizeof(table->entries[0]));

	if (!table)
		warn("CPUID table");
	else
		table->nent = MINIVMX_MAX_CPUID_ENTRIES;
	return table;
}

/**
 * snapshot_cpuid_get() - what CPUID tells the guest
 * @vm: its VM
 * @vcpu: the vCPU
 * @bytes: gets its entries; there is room for all
 * @size: how many bytes they have
 */
int snapshot_cpuid_get(const struct vm *vm, const struct vcpu *vcpu, void *bytes,
		       size_t *size)
{
	struct minivmx_cpuid2 *table = alloc_table();
	int status = STATUS_HOST;

	*size = 0;
	if (table && vm_ioctl(vm, vcpu->fd, MINIVMX_GET_CPUID2, table) >= 0) {
		*size = table->nent * sizeof(table->entries[0]);
		memcpy(bytes, table->entries, *size);
		status = 0;
	}
	free(table);
	return status;
}

static const struct minivmx_cpuid_entry2 *find(const struct minivmx_cpuid2 *table,
					       __u32 function, __u32 index)
{
	__u32 i;

	for (i = 0; i < table->nent; i++)
		if (table->entries[i].function == function && table->entries[i].index == index)
			return &table->entries[i];
	return NULL;
}

/* Its features that the device does not have, of one register; 0: there are none. */
static bool lacks(const struct snapshot *snapshot, const struct vm *vm, __u32 function,
		  const char *reg, __u32 missing)
{
	if (missing)
		warnx("%s: needs what %s does not have here: CPUID 0x%x, bits 0x%x of %s",
		      snapshot->file, vm->device, function, missing, reg);
	return missing;
}

static int check_features(const struct snapshot *snapshot, const struct vm *vm,
			  const struct minivmx_cpuid2 *wanted,
			  const struct minivmx_cpuid2 *here)
{
	static const struct minivmx_cpuid_entry2 nothing;
	const struct minivmx_cpuid_entry2 *a, *b;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(features); i++) {
		__u32 function = features[i].function;

		a = find(wanted, function, features[i].index) ?: &nothing;
		b = find(here, function, features[i].index) ?: &nothing;
		if (lacks(snapshot, vm, function, "EAX", a->eax & ~b->eax & features[i].eax) ||
		    lacks(snapshot, vm, function, "EBX", a->ebx & ~b->ebx & features[i].ebx) ||
		    lacks(snapshot, vm, function, "ECX", a->ecx & ~b->ecx & features[i].ecx) ||
		    lacks(snapshot, vm, function, "EDX", a->edx & ~b->edx & features[i].edx))
			return STATUS_LOAD;
	}
	return 0;
}

/* A percent is more than two measurements of one counter differ by. */
static int check_tsc(const struct snapshot *snapshot, const struct vm *vm,
		     const struct vcpu *vcpu)
{
	__u64 wanted = snapshot->machine.tsc_khz;
	int khz = vm_ioctl(vm, vcpu->fd, MINIVMX_GET_TSC_KHZ, 0);

	if (khz < 0)
		return STATUS_HOST;
	if (wanted * 100 <= khz * 101ULL && khz * 100ULL <= wanted * 101)
		return 0;
	warnx("%s: its time-stamp counter has %llu kHz, and that of %s %d kHz", snapshot->file,
	      wanted, vm->device, khz);
	return STATUS_LOAD;
}

/**
 * snapshot_cpuid_set() - let CPUID tell the guest the same
 * @snapshot: the snapshot
 * @vm: its VM, not complete yet
 * @vcpu: the vCPU, which has not run
 */
int snapshot_cpuid_set(const struct snapshot *snapshot, const struct vm *vm,
		       const struct vcpu *vcpu)
{
	const struct snapshot_section *section = snapshot_find(snapshot, SNAPSHOT_CPUID,
							       vcpu->number);
	struct minivmx_cpuid2 *wanted = alloc_table(), *here = alloc_table();
	int status = STATUS_HOST;

	if (wanted && here &&
	    vm_ioctl(vm, vm->dev_fd, MINIVMX_GET_SUPPORTED_CPUID, here) >= 0) {
		wanted->nent = section->size / sizeof(wanted->entries[0]);
		memcpy(wanted->entries, snapshot->data + section->offset, section->size);
		status = check_tsc(snapshot, vm, vcpu);
		if (!status)
			status = check_features(snapshot, vm, wanted, here);
		if (!status && ioctl(vcpu->fd, MINIVMX_SET_CPUID2, wanted) < 0) {
			warnx("%s: %s does not take its CPUID table: %s", snapshot->file,
			      vm->device, strerror(errno));
			status = STATUS_LOAD;
		}
	}
	free(wanted);
	free(here);
	return status;
}
