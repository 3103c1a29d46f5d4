// SPDX-License-Identifier: GPL-2.0
/*
 * A vCPU that is saved or restored. Most of it is what KVM's API has a structure for,
 * and a section is that structure: its layout will not change.
 *
 * Functions here that fail have said so on standard error, in one line, and return the
 * exit status for it.
 */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <x86intrin.h>

#include "array_size.h"
#include "exit_status.h"
#include "snapshot_cpuid.h"
#include "snapshot_vcpu.h"

#define MSR_IA32_TSC	0x10

/* In the order in which they are set: what comes later is judged by what is there. */
static const struct {
	enum snapshot_type type;
	unsigned long get, set;
	const char *set_name;
} structures[] = {
#define STRUCTURE(name)	{ SNAPSHOT_##name, MINIVMX_GET_##name, MINIVMX_SET_##name, \
			  "MINIVMX_SET_" #name }
	STRUCTURE(SREGS2),
	STRUCTURE(XCRS),
	STRUCTURE(XSAVE),
	STRUCTURE(REGS),
	STRUCTURE(DEBUGREGS),
	STRUCTURE(MP_STATE),
	/* Registers that change take an exception with them: it comes after them. */
	{ SNAPSHOT_EVENTS, MINIVMX_GET_VCPU_EVENTS, MINIVMX_SET_VCPU_EVENTS,
	  "MINIVMX_SET_VCPU_EVENTS" },
};

static const void *section_data(const struct snapshot *snapshot, enum snapshot_type type,
				const struct vcpu *vcpu)
{
	return snapshot->data + snapshot_find(snapshot, type, vcpu->number)->offset;
}

/* ------------------------- what vmrun knows of it ------------------------- */

static void own_state(struct vcpu *vcpu, struct state *state)
{
	__u8 activity = vcpu->activity;
	__u64 nr_exits = vcpu->nr_exits;

	state_u8(state, &activity);
	state_u64(state, &nr_exits);
	/* The first one's HLT ends the run, or waits; that of others stops them. */
	state_valid(state, activity == VCPU_RUNS ||
		    activity == (vcpu->number ? VCPU_STOPPED : VCPU_WAITS));
	vcpu->activity = activity;
	vcpu->nr_exits = nr_exits;
}

/* ------------------------- MSRs ------------------------------------------- */

/**
 * snapshot_list_msrs() - which MSRs to save
 * @vm: not complete yet
 * @msrs: filled in
 */
int snapshot_list_msrs(const struct vm *vm, struct snapshot_msrs *msrs)
{
	struct minivmx_msr_list *list = (struct minivmx_msr_list *)&msrs->nr;

	msrs->nr = ARRAY_SIZE(msrs->indices);
	if (vm_ioctl(vm, vm->dev_fd, MINIVMX_GET_MSR_INDEX_LIST, list) < 0)
		return STATUS_HOST;
	return 0;
}

static struct minivmx_msrs *alloc_msrs(void)
{
	struct minivmx_msrs *msrs = calloc(1, sizeof(*msrs) +
					   MINIVMX_MAX_MSRS * sizeof(msrs->entries[0]));

	if (!msrs)
		warn("MSRs");
	return msrs;
}

/* Those of the list that this vCPU does not have are not of its state. */
static int get_msrs(const struct vm *vm, const struct vcpu *vcpu,
		    const struct snapshot_msrs *list, struct minivmx_msr_entry *entries,
		    size_t *nr)
{
	struct minivmx_msrs *msrs = alloc_msrs();
	int status = msrs ? 0 : STATUS_HOST;
	__u32 i;

	*nr = 0;
	for (i = 0; i < list->nr && !status; i++) {
		__u64 tsc = __rdtsc();
		int ret;

		msrs->nmsrs = 1;
		msrs->entries[0] = (struct minivmx_msr_entry){ .index = list->indices[i] };
		ret = vm_ioctl(vm, vcpu->fd, MINIVMX_GET_MSRS, msrs);
		if (ret < 0)
			status = STATUS_HOST;
		if (ret != 1)
			continue;
		/* One vCPU after the other is read, and guests compare their counters. */
		if (list->indices[i] == MSR_IA32_TSC)
			msrs->entries[0].data -= tsc - list->tsc;
		entries[(*nr)++] = msrs->entries[0];
	}
	free(msrs);
	return status;
}

/* Some may be read only: what has its value already need not be written. */
static int set_msr(const struct snapshot *snapshot, const struct vm *vm,
		   const struct vcpu *vcpu, const struct minivmx_msr_entry *entry)
{
	union {
		struct minivmx_msrs msrs;
		__u8 room[sizeof(struct minivmx_msrs) + sizeof(*entry)];
	} one = { .msrs.nmsrs = 1 };
	static __u64 began;	/* when vCPU 0 got its counter */
	int ret;

	one.msrs.entries[0] = (struct minivmx_msr_entry){ .index = entry->index };
	if (entry->index == MSR_IA32_TSC && !vcpu->number)
		began = __rdtsc();
	ret = vm_ioctl(vm, vcpu->fd, MINIVMX_GET_MSRS, &one);
	if (ret < 0)
		return STATUS_HOST;
	if (ret == 1 && one.msrs.entries[0].data == entry->data)
		return 0;
	one.msrs.entries[0].data = entry->data;
	if (entry->index == MSR_IA32_TSC)
		one.msrs.entries[0].data += __rdtsc() - began;
	ret = vm_ioctl(vm, vcpu->fd, MINIVMX_SET_MSRS, &one);
	if (ret < 0)
		return STATUS_HOST;
	if (ret == 1)
		return 0;
	warnx("%s: %s does not take 0x%llx for MSR 0x%x", snapshot->file, vm->device,
	      entry->data, entry->index);
	return STATUS_LOAD;
}

static int set_msrs(const struct snapshot *snapshot, const struct vm *vm,
		    const struct vcpu *vcpu)
{
	const struct minivmx_msr_entry *entries = section_data(snapshot, SNAPSHOT_MSRS, vcpu);
	size_t i, nr = snapshot_find(snapshot, SNAPSHOT_MSRS, vcpu->number)->size /
		sizeof(*entries);
	int status = 0;

	for (i = 0; i < nr && !status; i++)
		status = set_msr(snapshot, vm, vcpu, &entries[i]);
	return status;
}

/* ------------------------- both ways -------------------------------------- */

/**
 * snapshot_vcpu_save() - a section of a vCPU
 * @vm: the VM
 * @vcpu: the vCPU: nothing of it is in flight
 * @msrs: from snapshot_list_msrs()
 * @type: which section
 * @bytes: gets it; room for SNAPSHOT_MAX_VCPU of them
 * @size: how many bytes it has
 */
int snapshot_vcpu_save(const struct vm *vm, const struct vcpu *vcpu,
		       const struct snapshot_msrs *msrs, enum snapshot_type type,
		       void *bytes, size_t *size)
{
	struct state state = { .data = bytes, .size = SNAPSHOT_MAX_VCPU, .saving = true };
	struct vcpu copy = *vcpu;
	size_t i, nr;
	int status;

	memset(bytes, 0, SNAPSHOT_MAX_VCPU);
	if (type == SNAPSHOT_VCPU) {
		own_state(&copy, &state);
		*size = state.at;
		return 0;
	}
	if (type == SNAPSHOT_CPUID)
		return snapshot_cpuid_get(vm, vcpu, bytes, size);
	if (type == SNAPSHOT_MSRS) {
		status = get_msrs(vm, vcpu, msrs, bytes, &nr);
		*size = nr * sizeof(struct minivmx_msr_entry);
		return status;
	}
	for (i = 0; i < ARRAY_SIZE(structures); i++) {
		if (structures[i].type != type)
			continue;
		*size = _IOC_SIZE(structures[i].get);
		if (vm_named_ioctl(vm, vcpu->fd, structures[i].get, snapshot_name(type),
				   (unsigned long)bytes) < 0)
			return STATUS_HOST;
	}
	return 0;
}

static int set_structure(const struct snapshot *snapshot, const struct vm *vm,
			 const struct vcpu *vcpu, size_t i)
{
	const void *data = section_data(snapshot, structures[i].type, vcpu);
	const struct minivmx_xcrs *xcrs = data;

	/* A processor without XSAVE has none, and no ioctl to say so. */
	if (structures[i].type == SNAPSHOT_XCRS && !xcrs->nr_xcrs)
		return 0;
	if (ioctl(vcpu->fd, structures[i].set, data) >= 0)
		return 0;
	warnx("%s: %s does not take the state of vCPU %u: %s: %s", snapshot->file, vm->device,
	      vcpu->number, structures[i].set_name, strerror(errno));
	return STATUS_LOAD;
}

/**
 * snapshot_vcpu_restore() - put a vCPU into the state that it was in
 * @snapshot: the snapshot
 * @vm: its VM, which has its memory
 * @vcpu: new
 */
int snapshot_vcpu_restore(const struct snapshot *snapshot, const struct vm *vm,
			  struct vcpu *vcpu)
{
	const struct snapshot_section *own = snapshot_find(snapshot, SNAPSHOT_VCPU,
							   vcpu->number);
	struct state state = {
		.data = (__u8 *)snapshot->data + own->offset, .size = own->size,
	};
	const struct minivmx_sregs2 *sregs = section_data(snapshot, SNAPSHOT_SREGS2, vcpu);
	int status;
	size_t i;

	own_state(vcpu, &state);
	if (!state_ended(&state)) {
		warnx("%s: damaged: the section %s", snapshot->file,
		      snapshot_name(SNAPSHOT_VCPU));
		return STATUS_LOAD;
	}
	status = snapshot_cpuid_set(snapshot, vm, vcpu);
	for (i = 0; i < ARRAY_SIZE(structures) && !status; i++) {
		status = set_structure(snapshot, vm, vcpu, i);
		/* Of MSRs, some are judged by the control registers. */
		if (!status && structures[i].type == SNAPSHOT_SREGS2)
			status = set_msrs(snapshot, vm, vcpu);
	}
	/* MINIVMX_RUN takes it from there. */
	vcpu->run->cr8 = sregs->cr8;
	return status;
}
