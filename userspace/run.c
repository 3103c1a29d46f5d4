// SPDX-License-Identifier: GPL-2.0
/*
 * The run loop: enter the guest, see why it came back, do what it needs. Each
 * vCPU has a thread that runs this loop.
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>

#include "exit_status.h"
#include "exits.h"
#include "lab.h"
#include "run.h"

/**
 * run_end() - end the run, for all vCPUs
 * @machine: the machine, with its lock held
 * @status: exit status for vmrun
 *
 * Return: NEXT_END.
 */
enum next run_end(struct machine *machine, int status)
{
	unsigned int i;

	machine->ended = true;
	machine->saving = false;
	machine->status = status;
	share_end(&machine->vcpus[0]);
	pthread_cond_broadcast(&machine->pc.starter.changed);
	/* Blocked outside of MINIVMX_RUN: one that is not in it yet ends at once. */
	for (i = 0; i < machine->opt->cpus; i++)
		if (!machine->vcpus[i].left)
			pthread_kill(machine->vcpus[i].thread, STOP_SIGNAL);
	return NEXT_END;
}

/* Is it time to save the machine? Then this run of it ends. */
static void save_if_due(struct machine *machine, const struct vcpu *vcpu)
{
	if (machine->ended || !save_is_due(machine->save, vcpu))
		return;
	run_end(machine, STATUS_SAVED);
	machine->saving = true;
}

/*
 * An interrupt goes to the guest as soon as it takes one; and the alarm is set to
 * when devices have something to do again.
 */
static int serve_devices(struct machine *machine, struct vcpu *vcpu)
{
	struct minivmx_run *run = vcpu->run;
	struct minivmx_interrupt interrupt;
	int status;

	machine->pc.serial.masked = !run->if_flag;
	status = pc_run(&machine->pc);
	if (status)
		return status;
	run->request_interrupt_window = 0;
	if (pc_interrupts(&machine->pc)) {
		if (run->ready_for_interrupt_injection && run->if_flag) {
			interrupt.irq = pc_acknowledge(&machine->pc);
			if (vm_ioctl(machine->vm, vcpu->fd, MINIVMX_INTERRUPT,
				     &interrupt) < 0)
				return STATUS_HOST;
			vcpu->interrupted = true;
		}
		/* There may be another one. */
		run->request_interrupt_window = pc_interrupts(&machine->pc);
	}
	return alarm_set(&machine->pc.alarm, pc_next(&machine->pc));
}

/* The alarm is for vCPU 0; others look when they come by. What is saved has ended. */
static bool timed_out(struct machine *machine)
{
	if (machine->saving || !alarm_expired(&machine->pc.alarm))
		return false;
	machine->timeout = true;
	run_end(machine, STATUS_TIMEOUT);
	return true;
}

/* In HLT: waits for an interrupt, or for the end of the run. */
static void wait_for_interrupt(struct machine *machine, struct vcpu *vcpu)
{
	struct pc *pc = &machine->pc;
	int status;

	vcpu->activity = VCPU_WAITS;
	pc->serial.masked = false;
	while (!machine->ended) {
		status = pc_run(pc);
		if (!status && pc_interrupts(pc)) {
			vcpu->activity = VCPU_RUNS;
			return;
		}
		if (status || !pc_wait(pc, &machine->lock, &machine->signals))
			run_end(machine, status ?: STATUS_HLT);
		if (!machine->ended && timed_out(machine))
			return;
		save_if_due(machine, vcpu);
	}
}

static int run_failed(struct machine *machine, int error)
{
	const char *device = machine->vm->device;

	pc_flush(&machine->pc);
	if (error == EBUSY)
		warnx("%s: another hypervisor holds VMX on this CPU; see dmesg",
		      device);
	else
		warnx("%s: MINIVMX_RUN: %s", device, strerror(error));
	return STATUS_HOST;
}

/*
 * A signal ended MINIVMX_RUN: an alarm, one of run_end(), or another that does not
 * end vmrun, such as SIGCONT. Ours are still there, since they are blocked, and
 * would end the next one, too.
 */
static void collect_signals(const struct vcpu *vcpu)
{
	const struct timespec now = { 0 };
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, STOP_SIGNAL);
	while (sigtimedwait(&stop, NULL, &now) > 0)
		;
	if (gets_interrupts(vcpu))
		alarm_collect();
}

static enum next answer_exit(struct machine *machine, struct vcpu *vcpu)
{
	enum next next;

	vcpu->nr_exits++;
	next = exits_handle(machine, vcpu);
	trace_exit(machine->trace, vcpu);
	exit_history_add(&vcpu->history, vcpu->run);
	if (next == NEXT_END)
		run_end(machine, machine->status);
	if (next == NEXT_REPORT) {
		machine->failed = vcpu;
		run_end(machine, STATUS_EXIT);
	}
	if (next == NEXT_WAIT || next == NEXT_STOP)
		vcpu->activity = next == NEXT_WAIT ? VCPU_WAITS : VCPU_STOPPED;
	return next;
}

/* No exit of the guest's: its trace waited to be read, or it has had its turn. */
static bool is_pause(const struct minivmx_run *run)
{
	return run->exit_reason == MINIVMX_EXIT_TRACE_FULL ||
		run->exit_reason == MINIVMX_EXIT_QUANTUM;
}

/*
 * The machine is saved: finish the instruction that the last exit is of. It may take
 * more exits, and end the run itself, and then there is nothing to save.
 */
static void settle(struct machine *machine, struct vcpu *vcpu)
{
	vcpu->run->immediate_exit = 1;
	while (machine->saving && !ioctl(vcpu->fd, MINIVMX_RUN, 0)) {
		if (is_pause(vcpu->run))
			trace_drain(machine->trace, vcpu);
		else
			answer_exit(machine, vcpu);
	}
	if (machine->saving && errno != EINTR)
		run_end(machine, run_failed(machine, errno));
}

/* After MINIVMX_RUN returned. The lock is held. */
static enum next after_run(struct machine *machine, struct vcpu *vcpu, int error)
{
	enum next next;

	/* If it is saved, an exit is to be answered all the same. */
	if (machine->ended && !machine->saving)
		return NEXT_STOP;
	if (error == EINTR) {
		trace_drain(machine->trace, vcpu);
		collect_signals(vcpu);
		if (timed_out(machine))
			return NEXT_END;
		save_if_due(machine, vcpu);
		return NEXT_RESUME;
	}
	if (error)
		return run_end(machine, run_failed(machine, error));
	if (is_pause(vcpu->run)) {
		trace_drain(machine->trace, vcpu);
		if (vcpu->run->exit_reason == MINIVMX_EXIT_TRACE_FULL)
			return NEXT_RESUME;
		vcpu->nr_quanta++;
		return NEXT_YIELD;
	}
	next = answer_exit(machine, vcpu);
	save_if_due(machine, vcpu);
	return next;
}

/* The lock is held, except inside of MINIVMX_RUN and where a thread waits. */
static void run_until_stop(struct machine *machine, struct vcpu *vcpu)
{
	enum next next = NEXT_RESUME;
	int status, error;

	/* As it was saved. */
	if (vcpu->activity == VCPU_WAITS)
		wait_for_interrupt(machine, vcpu);
	if (vcpu->activity == VCPU_STOPPED)
		next = NEXT_STOP;
	while (!machine->ended && next <= NEXT_WAIT) {
		status = gets_interrupts(vcpu) ? serve_devices(machine, vcpu) : 0;
		if (!status && machine->opt->lab.check)
			status = lab_check(machine->crash, vcpu);
		if (status) {
			run_end(machine, status);
			break;
		}
		trace_run(machine->trace, vcpu);
		pthread_mutex_unlock(&machine->lock);
		share_take(vcpu);
		error = ioctl(vcpu->fd, MINIVMX_RUN, 0) < 0 ? errno : 0;
		pthread_mutex_lock(&machine->lock);
		next = after_run(machine, vcpu, error);
		share_after_run(vcpu, next == NEXT_YIELD, next <= NEXT_YIELD);
		if (next == NEXT_WAIT)
			wait_for_interrupt(machine, vcpu);
	}
	if (machine->saving)
		settle(machine, vcpu);
	trace_drain(machine->trace, vcpu);
}

/* Of a vCPU that the guest starts, as often as it does so. */
static void run_when_started(struct machine *machine, struct vcpu *vcpu)
{
	struct starter *starter = &machine->pc.starter;
	struct start start = { .mode = START_REAL };
	int status;

	while (starter_wait(starter, vcpu->number, &machine->ended, &machine->lock)) {
		start.entry = starter->cpus[vcpu->number].entry;
		status = vcpu_set_start(vcpu, machine->vm, &start);
		vcpu->activity = VCPU_RUNS;
		if (status)
			run_end(machine, status);
		else
			run_until_stop(machine, vcpu);
		starter_stopped(starter, vcpu->number);
	}
}

/**
 * run_vcpu() - run a vCPU until it stops, or the run ends
 * @machine: the machine, with its lock not held
 * @vcpu: one of its vCPUs, in the thread that is in it
 */
void run_vcpu(struct machine *machine, struct vcpu *vcpu)
{
	pthread_mutex_lock(&machine->lock);
	if (vcpu->number && machine->opt->start_register)
		run_when_started(machine, vcpu);
	else
		run_until_stop(machine, vcpu);
	vcpu->left = true;
	pthread_mutex_unlock(&machine->lock);
}
