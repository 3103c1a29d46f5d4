// SPDX-License-Identifier: GPL-2.0
/*
 * The run loop: enter the guest, see why it came back, do what it needs. Each
 * vCPU has a thread that runs this loop.
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "crash.h"
#include "exit_status.h"
#include "hypercall.h"
#include "lab.h"
#include "pc.h"
#include "run.h"
#include "sandbox.h"
#include "snapshot_pc.h"

/* What gets the other threads out of MINIVMX_RUN at the end. */
#define STOP_SIGNAL	SIGRTMIN

/* Bytes of a signal mask, as the kernel sees it. */
#define KERNEL_MASK_SIZE	8

/* What follows an exit; up to NEXT_WAIT, the vCPU goes on. */
enum next {
	NEXT_RESUME,	/* back into the guest */
	NEXT_YIELD,	/* the same, when it is its turn again */
	NEXT_WAIT,	/* the same, after the next interrupt */
	NEXT_STOP,	/* this vCPU stops, the others run on */
	NEXT_END,	/* the run ends, with a status */
	NEXT_REPORT,	/* the guest cannot go on */
};

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

struct thread {
	struct machine *machine;
	struct vcpu *vcpu;
};

/* Interrupts are for one vCPU, as a PC without an APIC has it. */
static bool gets_interrupts(const struct vcpu *vcpu)
{
	return vcpu->number == 0;
}

static enum next after_access(struct machine *machine, enum pc_result result)
{
	switch (result) {
	case PC_CLAIMED:
		return NEXT_RESUME;
	case PC_UNCLAIMED:
		return machine->opt->strict ? NEXT_REPORT : NEXT_RESUME;
	case PC_END:
		break;
	}
	machine->status = machine->pc.status;
	return NEXT_END;
}

/* Another vCPU's access may have moved a device, and vCPU 0 has to know. */
static enum next access_device(struct machine *machine, const struct vcpu *vcpu,
			       enum pc_result (*access)(struct pc *pc,
							struct minivmx_run *run))
{
	enum next next = after_access(machine, access(&machine->pc, vcpu->run));

	if (!gets_interrupts(vcpu))
		pthread_kill(machine->vcpus[0].thread, ALARM_SIGNAL);
	return next;
}

static enum next handle_hlt(struct machine *machine, const struct vcpu *vcpu)
{
	if (!gets_interrupts(vcpu))
		return NEXT_STOP;
	if (vcpu->run->if_flag)
		return NEXT_WAIT;
	machine->status = STATUS_HLT;
	return NEXT_END;
}

static enum next handle_vmx(struct machine *machine, struct vcpu *vcpu)
{
	struct console *console = &machine->pc.serial.consoles->standard;

	if (!hypercall_is(vcpu->run))
		return NEXT_REPORT;
	machine->status = hypercall_serve(vcpu, machine->vm, console);
	return machine->status ? NEXT_END : NEXT_RESUME;
}

static enum next handle_exit(struct machine *machine, struct vcpu *vcpu)
{
	switch (vcpu->run->exit_reason) {
	case MINIVMX_EXIT_IO:
		return access_device(machine, vcpu, pc_io);
	case MINIVMX_EXIT_MMIO:
		return access_device(machine, vcpu, pc_mmio);
	case MINIVMX_EXIT_HLT:
		return handle_hlt(machine, vcpu);
	case MINIVMX_EXIT_VMX:
		return handle_vmx(machine, vcpu);
	case MINIVMX_EXIT_IRQ_WINDOW_OPEN:
	case MINIVMX_EXIT_SET_TPR:	/* no interrupt is held back by a priority */
		return NEXT_RESUME;
	default:
		return NEXT_REPORT;
	}
}

/* Ends the run for all vCPUs. */
static enum next end(struct machine *machine, int status)
{
	unsigned int i;

	machine->ended = true;
	machine->saving = false;
	machine->status = status;
	share_end(&machine->vcpus[0]);
	pthread_cond_broadcast(&machine->pc.starter.changed);
	/* Blocked outside of MINIVMX_RUN: one that is not in it yet ends at once. */
	for (i = 0; i < machine->opt->cpus; i++)
		pthread_kill(machine->vcpus[i].thread, STOP_SIGNAL);
	return NEXT_END;
}

/* Is it time to save the machine? Then this run of it ends. */
static void save_if_due(struct machine *machine, const struct vcpu *vcpu)
{
	if (machine->ended || !save_is_due(machine->save, vcpu))
		return;
	end(machine, STATUS_SAVED);
	machine->saving = true;
}

/*
 * An interrupt goes to the guest as soon as it takes one; and the alarm is set to
 * when devices have something to do again.
 */
static int serve_devices(struct machine *machine, const struct vcpu *vcpu)
{
	struct minivmx_run *run = vcpu->run;
	struct minivmx_interrupt interrupt;
	int status;

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
		}
		/* There may be another one. */
		run->request_interrupt_window = pc_interrupts(&machine->pc);
	}
	return alarm_set(&machine->pc.alarm, pc_next(&machine->pc));
}

/* vCPU 0 looks, since the alarm is for it. */
static bool timed_out(struct machine *machine)
{
	if (!alarm_expired(&machine->pc.alarm))
		return false;
	machine->timeout = true;
	end(machine, STATUS_TIMEOUT);
	return true;
}

/* In HLT: waits for an interrupt, or for the end of the run. */
static void wait_for_interrupt(struct machine *machine, struct vcpu *vcpu)
{
	struct pc *pc = &machine->pc;
	int status;

	vcpu->activity = VCPU_WAITS;
	while (!machine->ended) {
		status = pc_run(pc);
		if (!status && pc_interrupts(pc)) {
			vcpu->activity = VCPU_RUNS;
			return;
		}
		if (status || !pc_wait(pc, &machine->lock, &machine->signals))
			end(machine, status ?: STATUS_HLT);
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
 * A signal ended MINIVMX_RUN: an alarm, one of end(), or another that does not
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
	next = handle_exit(machine, vcpu);
	trace_exit(machine->trace, vcpu);
	exit_history_add(&vcpu->history, vcpu->run);
	if (next == NEXT_END)
		end(machine, machine->status);
	if (next == NEXT_REPORT) {
		machine->failed = vcpu;
		end(machine, STATUS_EXIT);
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
		end(machine, run_failed(machine, errno));
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
		return end(machine, run_failed(machine, error));
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
			end(machine, status);
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
			end(machine, status);
		else
			run_until_stop(machine, vcpu);
		starter_stopped(starter, vcpu->number);
	}
}

static void run_vcpu(struct machine *machine, struct vcpu *vcpu)
{
	pthread_mutex_lock(&machine->lock);
	if (vcpu->number && machine->opt->start_register)
		run_when_started(machine, vcpu);
	else
		run_until_stop(machine, vcpu);
	pthread_mutex_unlock(&machine->lock);
}

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

/* The lock is held until all threads are known: end() signals them. */
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
 * run_guest() - run a guest to its end
 * @vcpus: the vCPUs, ready to start
 * @crash: knows the VM, and the command line
 * @trace: gets a line for each exit
 * @consoles: where serial ports lead
 * @snapshots: what the machine comes from, and what becomes of it
 *
 * Return: exit status for vmrun, after a report if it is not the guest's own.
 */
int run_guest(struct vcpu *vcpus, struct crash *crash, struct trace *trace,
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
