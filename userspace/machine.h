/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_MACHINE_H
#define VMRUN_MACHINE_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

#include "consoles.h"
#include "crash.h"
#include "options.h"
#include "pc.h"
#include "save.h"
#include "trace.h"
#include "vcpu.h"
#include "vm.h"

/* What gets the other threads out of MINIVMX_RUN at the end. */
#define STOP_SIGNAL	SIGRTMIN

/**
 * struct machine - what the threads of the vCPUs share
 * @vm: the VM
 * @vcpus: its vCPUs, as many as @opt says
 * @opt: the command line
 * @crash: reports a guest that does not end as it should
 * @trace: gets a line for each exit
 * @lock: guards all that follows, standard output and standard error
 * @pc: the devices
 * @signals: what is blocked while a guest runs
 * @save: whether and when the machine is saved
 * @failed: a vCPU that cannot go on, to be reported when all have stopped
 * @timeout: the same holds for all
 * @ended: the run is over
 * @saving: because the machine is saved
 * @status: exit status of vmrun, once @ended
 */
struct machine {
	const struct vm *vm;
	struct vcpu *vcpus;
	const struct options *opt;
	struct crash *crash;
	struct trace *trace;
	pthread_mutex_t lock;
	struct pc pc;
	sigset_t signals;
	struct save *save;
	const struct vcpu *failed;
	bool timeout;
	bool ended, saving;
	int status;
};

/* Interrupts are for one vCPU, as a PC without an APIC has it. */
static inline bool gets_interrupts(const struct vcpu *vcpu)
{
	return vcpu->number == 0;
}

int machine_run(struct vcpu *vcpus, struct crash *crash, struct trace *trace,
		struct consoles *consoles, struct snapshots *snapshots);

#endif /* VMRUN_MACHINE_H */
