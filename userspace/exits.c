// SPDX-License-Identifier: GPL-2.0
/*
 * What the guest wants when it exits, and who does it.
 */
#include <signal.h>

#include "exit_status.h"
#include "exits.h"
#include "hypercall.h"

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

/*
 * Another vCPU's access may have moved a device, and then vCPU 0 has to know. In HLT it
 * waits for other things than the alarm is set to (pc_wait()), and looks at them anew.
 */
static enum next access_device(struct machine *machine, const struct vcpu *vcpu,
			       enum pc_result (*access)(struct pc *pc,
							struct minivmx_run *run))
{
	const struct vcpu *first = &machine->vcpus[0];
	struct pc *pc = &machine->pc;
	__u64 due = pc_next(pc);
	enum next next = after_access(machine, access(pc, vcpu->run));

	if (!gets_interrupts(vcpu) && (first->activity == VCPU_WAITS || pc_interrupts(pc) ||
				       pc_next(pc) != due))
		pthread_kill(first->thread, ALARM_SIGNAL);
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

/**
 * exits_handle() - do what an exit asks for
 * @machine: the machine, with its lock held
 * @vcpu: whose exit; its run page says which
 *
 * Return: what follows; for NEXT_END, @machine has the status.
 */
enum next exits_handle(struct machine *machine, struct vcpu *vcpu)
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
