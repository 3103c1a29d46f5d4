// SPDX-License-Identifier: GPL-2.0
/*
 * The machine as a whole: its devices, a thread for each vCPU, and the signals that get
 * them out of the guest.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "exit_status.h"
#include "machine.h"
#include "run.h"
#include "sandbox.h"
#include "snapshot_pc.h"

/* Bytes of a signal mask, as the kernel sees it. */
#define KERNEL_MASK_SIZE	8

struct thread {
	struct machine *machine;
	struct vcpu *vcpu;
};

static void *run_thread(void *arg)
{
	const struct thread *thread = arg;

	run_vcpu(thread->machine, thread->vcpu);
	return NULL;
}

static void no_action(int number)
{
	(void)number;
}

/*
 * Signals for the loop are blocked in all threads, except while a guest runs.
 * None is delivered to the handler, then; but one whose action is to end the
 * process would.
 */
static int set_signals(struct machine *machine)
{
	const struct sigaction action = { .sa_handler = no_action };
	struct minivmx_signal_mask *mask;
	sigset_t signals;
	unsigned int i;
	int status = 0;

	sigaction(ALARM_SIGNAL, &action, NULL);
	sigaction(STOP_SIGNAL, &action, NULL);
	sigemptyset(&signals);
	sigaddset(&signals, ALARM_SIGNAL);
	sigaddset(&signals, STOP_SIGNAL);
	pthread_sigmask(SIG_BLOCK, &signals, &machine->signals);

	sigdelset(&machine->signals, ALARM_SIGNAL);
	sigdelset(&machine->signals, STOP_SIGNAL);
	save_unblock(machine->save, &machine->signals);
	mask = malloc(sizeof(*mask) + KERNEL_MASK_SIZE);
	if (!mask) {
		warn("signal mask");
		return STATUS_HOST;
	}
	mask->len = KERNEL_MASK_SIZE;
	memcpy(mask->sigset, &machine->signals, KERNEL_MASK_SIZE);
	for (i = 0; i < machine->opt->cpus && !status; i++)
		if (vm_ioctl(machine->vm, machine->vcpus[i].fd, MINIVMX_SET_SIGNAL_MASK,
			     mask) < 0)
			status = STATUS_HOST;
	free(mask);
	return status;
}

/* The lock is held until all threads are known: run_end() signals them. */
static unsigned int start_threads(struct machine *machine, struct thread *threads)
{
	unsigned int i;
	int error;

	machine->vcpus[0].thread = pthread_self();
	for (i = 1; i < machine->opt->cpus; i++) {
		struct vcpu *vcpu = &machine->vcpus[i];

		vcpu->thread = pthread_self();
		threads[i] = (struct thread){ .machine = machine, .vcpu = vcpu };
		error = pthread_create(&vcpu->thread, NULL, run_thread, &threads[i]);
		if (error) {
			warnx("thread for vCPU %u: %s", i, strerror(error));
			machine->ended = true;
			machine->status = STATUS_HOST;
			break;
		}
	}
	return i;
}

static void run_all(struct machine *machine, struct thread *threads)
{
	unsigned int nr_threads, i;
	int status;

	pthread_mutex_lock(&machine->lock);
	nr_threads = start_threads(machine, threads);
	/* None of them runs a guest yet: they wait for the lock. */
	status = sandbox_seal(machine->opt->sandbox);
	if (status) {
		machine->ended = true;
		machine->status = status;
	}
	pthread_mutex_unlock(&machine->lock);
	machine->save->ran = true;
	run_vcpu(machine, &machine->vcpus[0]);
	for (i = 1; i < nr_threads; i++)
		pthread_join(machine->vcpus[i].thread, NULL);
	pc_flush(&machine->pc);
	if (machine->failed)
		machine->status = crash_exit(machine->crash, machine->failed);
	else if (machine->timeout)
		machine->status = crash_timeout(machine->crash);
}

/**
 * machine_run() - run a guest to its end
 * @vcpus: the vCPUs, ready to start
 * @crash: knows the VM, and the command line
 * @trace: gets a line for each exit
 * @consoles: where serial ports lead
 * @snapshots: what the machine comes from, and what becomes of it
 *
 * Return: exit status for vmrun, after a report if it is not the guest's own.
 */
int machine_run(struct vcpu *vcpus, struct crash *crash, struct trace *trace,
		struct consoles *consoles, struct snapshots *snapshots)
{
	const struct options *opt = crash->opt;
	struct machine machine = {
		.vm = crash->vm, .vcpus = vcpus, .opt = opt, .crash = crash, .trace = trace,
		.lock = PTHREAD_MUTEX_INITIALIZER, .save = &snapshots->save,
	};
	struct thread *threads;
	int status;

	status = set_signals(&machine);
	if (status)
		return status;
	status = pc_open(&machine.pc, opt, consoles, machine.vm, &vcpus[0]);
	if (status)
		return status;
	if (snapshots->from)
		status = snapshot_pc_restore(&snapshots->from->snapshot, &machine.pc);
	threads = calloc(opt->cpus, sizeof(*threads));
	if (!threads) {
		warn("threads");
		status = STATUS_HOST;
	}
	if (!status) {
		run_all(&machine, threads);
		status = consoles_status(consoles) ?: machine.status;
	}
	if (machine.saving && save_machine(machine.save, machine.vm, vcpus, &machine.pc, opt))
		status = STATUS_HOST;
	free(threads);
	pc_close(&machine.pc);
	return status;
}
