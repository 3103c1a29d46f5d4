// SPDX-License-Identifier: GPL-2.0
/*
 * MINIVMX_RUN: window after window, and between them what needs more than an
 * exit handler may do.
 */
#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <asm/processor-flags.h>
#include <asm/traps.h>

#include "emulate.h"
#include "entry_explain.h"
#include "event.h"
#include "exit.h"
#include "exit_decode.h"
#include "observe.h"
#include "trace.h"
#include "vcpu.h"
#include "vm.h"
#include "window.h"

/* KVM's answer to an event whose delivery meets a device. */
static int delivery_failed(struct vcpu *vcpu)
{
	struct minivmx_run *run = vcpu->run;

	run->exit_reason = MINIVMX_EXIT_INTERNAL_ERROR;
	run->internal.suberror = MINIVMX_INTERNAL_ERROR_DELIVERY_EV;
	run->internal.ndata = 5;
	run->internal.data[0] = vcpu->event.info;
	run->internal.data[1] = vcpu->exit.reason;
	run->internal.data[2] = vcpu->exit.qualification;
	run->internal.data[3] = vcpu->exit.gpa;
	run->internal.data[4] = vcpu->exit.cpu;
	return 1;
}

/* Return: 0 to enter again, 1 to return to user space, or a negative errno. */
static int fault_in_page(struct vcpu *vcpu)
{
	bool write = exit_ept_is_write(vcpu->exit.qualification);
	enum gmem_fault result = gmem_fault(&vcpu->vm->gmem, vcpu->exit.gpa, write);
	int err;

	trace_ept_fault(vcpu->number, vcpu->exit.gpa, vcpu->exit.qualification, result);
	switch (result) {
	case GMEM_MAPPED:
		return 0;
	case GMEM_NO_SLOT:
		if (vcpu->event.info)
			return delivery_failed(vcpu);
		/* What was answered before belongs to another instruction. */
		vcpu->mmio.nr_reads = 0;
		err = vcpu_refresh(vcpu);
		return err ?: emulate(vcpu);
	case GMEM_NO_MEMORY:
		return -ENOMEM;
	case GMEM_INTERRUPTED:
		vcpu->run->exit_reason = MINIVMX_EXIT_INTR;
		return -EINTR;
	case GMEM_BAD_USER_PAGE:
	default:
		return -EFAULT;
	}
}

/* An instruction was completed outside of a window: does a debugger step it? */
static int stop_after_step(struct vcpu *vcpu)
{
	const struct vcpu_debug *debug = &vcpu->debug;
	bool completed = vcpu->completed;
	int err;

	vcpu->completed = false;
	if (likely(!completed || !(debug->control & MINIVMX_GUESTDBG_SINGLESTEP)))
		return 0;
	if (debug_uses_tf(debug) && !debug->steps_by_tf)
		return 0;
	err = vcpu_refresh(vcpu);
	if (err)
		return err;
	debug_fill_run(vcpu, X86_TRAP_DB, DR_STEP);
	return 1;
}

/* What an exit left to be done outside of the window. Return: as above. */
static int act(struct vcpu *vcpu, enum exit_action action)
{
	int ret = 0;

	switch (action) {
	case ENTRY_FAILED:
		entry_explain(vcpu);
		return 1;
	case EXIT_TO_USER:
		return 1;
	case FAULT_IN_PAGE:
		ret = fault_in_page(vcpu);
		break;
	case EMULATE_IO:
		ret = emulate_string_io(vcpu);
		break;
	default:
		break;
	}
	return ret ?: stop_after_step(vcpu);
}

static int run_loop(struct vcpu *vcpu)
{
	enum exit_action action;
	int ret;

	for (;;) {
		cond_resched();
		if (signal_pending(current)) {
			vcpu->run->exit_reason = MINIVMX_EXIT_INTR;
			return -EINTR;
		}
		ret = vcpu_run_window(vcpu, &action);
		if (ret) {
			window_explain(vcpu, ret);
			return ret;
		}
		ret = act(vcpu, action);
		if (ret)
			return ret < 0 ? ret : 0;
		/*
		 * Work for the return to user space, such as CPU time limits:
		 * the call goes there and comes back unseen.
		 */
		if (unlikely(test_thread_flag(TIF_NOTIFY_RESUME))) {
			vcpu->run->exit_reason = MINIVMX_EXIT_INTR;
			return -ERESTARTNOHAND;
		}
	}
}

/* Finish what the last exit left open. Return: as fault_in_page(). */
static int finish_instruction(struct vcpu *vcpu)
{
	int ret;

	switch (vcpu->io.unfinished) {
	case UNFINISHED_PIO:
		exit_io_complete(vcpu);
		ret = 0;
		break;
	case UNFINISHED_INS:
		ret = vcpu_refresh(vcpu);
		if (!ret)
			ret = emulate_string_io(vcpu);
		break;
	case UNFINISHED_MMIO:
		vcpu->io.unfinished = NOTHING_UNFINISHED;
		ret = emulate_mmio_answered(vcpu);
		break;
	default:
		vcpu->completed = false;
		return 0;
	}
	return ret ?: stop_after_step(vcpu);
}

/* Finish, then run. Return: as MINIVMX_RUN. */
static int run(struct vcpu *vcpu)
{
	int ret;

	if (vcpu->sigset_active)
		sigprocmask(SIG_SETMASK, &vcpu->sigset, &current->real_blocked);
	ret = finish_instruction(vcpu);
	if (!ret && READ_ONCE(vcpu->run->immediate_exit))
		ret = -EINTR;
	else if (!ret)
		ret = run_loop(vcpu);
	if (vcpu->sigset_active) {
		sigprocmask(SIG_SETMASK, &current->real_blocked, NULL);
		sigemptyset(&current->real_blocked);
	}
	/* The way to user space restarts a call only if it looks for signals. */
	if (ret == -ERESTARTNOHAND)
		set_thread_flag(TIF_SIGPENDING);
	return ret < 0 ? ret : 0;
}

/**
 * vcpu_run() - run the guest until something needs user space
 * @vcpu: the vCPU
 *
 * Context: process context of the VM's owner, vcpu->lock held.
 * Return: as MINIVMX_RUN.
 */
int vcpu_run(struct vcpu *vcpu)
{
	struct minivmx_run *page = vcpu->run;
	u64 cr8 = READ_ONCE(page->cr8);
	int ret;

	if (cr8 > 15) {
		ret = -EINVAL;
		goto out;
	}
	vcpu->sregs.cr8 = cr8;
	vcpu->want_window = READ_ONCE(page->request_interrupt_window);
	vcpu->has_run = true;

	ret = run(vcpu);
	observe_return(vcpu, ret);
out:
	page->if_flag = !!(vcpu->rflags & X86_EFLAGS_IF);
	page->flags = 0;
	page->cr8 = vcpu->sregs.cr8;
	page->apic_base = vcpu->sregs.apic_base;
	page->ready_for_interrupt_injection = event_ready_for_interrupt(vcpu);
	return ret;
}
