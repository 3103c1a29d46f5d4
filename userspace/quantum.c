// SPDX-License-Identifier: GPL-2.0
/*
 * --quantum: vCPUs that come back to vmrun after so much time in the guest.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "exit_status.h"
#include "quantum.h"

#define USEC_PER_MSEC	1000

/**
 * quantum_set() - give each vCPU a quantum, if there shall be one
 * @opt: says so
 * @vm: the VM
 * @vcpus: its vCPUs
 *
 * Return: 0, or an exit status after a message.
 */
int quantum_set(const struct options *opt, const struct vm *vm, const struct vcpu *vcpus)
{
	unsigned int i;
	__u64 ticks;
	int khz;

	if (!opt->share.quantum_us)
		return 0;
	if (!vm->minivmx) {
		warnx("%s: has no --quantum and no --share (minivmx only)", vm->device);
		return STATUS_HOST;
	}
	for (i = 0; i < opt->cpus; i++) {
		khz = vm_ioctl(vm, vcpus[i].fd, MINIVMX_GET_TSC_KHZ, 0);
		if (khz < 0)
			return STATUS_HOST;
		ticks = (__u64)khz * opt->share.quantum_us / USEC_PER_MSEC;
		if (ioctl(vcpus[i].fd, MINIVMX_SET_QUANTUM, &ticks) >= 0)
			continue;
		if (errno == EOPNOTSUPP)
			warnx("--quantum: no VMX-preemption timer here, or it is not saved");
		else
			warn("--quantum: MINIVMX_SET_QUANTUM");
		return STATUS_HOST;
	}
	return 0;
}

/** quantum_get() - what a vCPU has used; zeros if nobody can tell */
struct minivmx_quantum quantum_get(const struct vcpu *vcpu)
{
	struct minivmx_quantum quantum = { 0 };

	/* It fails only where vmrun is being killed. */
	ioctl(vcpu->fd, MINIVMX_GET_QUANTUM, &quantum);
	return quantum;
}

/**
 * quantum_print() - how much time a vCPU has had in the guest, for --stat
 * @opt: the command line
 * @vcpu: the vCPU
 */
void quantum_print(const struct options *opt, const struct vcpu *vcpu)
{
	struct minivmx_quantum quantum;

	if (!opt->share.quantum_us)
		return;
	quantum = quantum_get(vcpu);
	if (opt->json)
		fprintf(stderr, ",\"quanta\":%lu,\"guest_cycles\":%llu", vcpu->nr_quanta,
			quantum.used);
	else
		fprintf(stderr, "%lu quanta of %llu cycles; %llu cycles in the guest\n",
			vcpu->nr_quanta, quantum.length, quantum.used);
}
