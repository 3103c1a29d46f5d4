// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercalls: what a guest asks of vmrun with VMCALL, as a program asks its
 * kernel with SYSCALL. The options' help text has the table of them.
 *
 * VMCALL always exits. minivmx hands the exit over as it is, if asked to; KVM
 * keeps it for its own hypercalls.
 */
#include <err.h>
#include <errno.h>
#include <sys/ioctl.h>
#include <asm/vmx.h>

#include "exit_status.h"
#include "hypercall.h"

/* What a guest puts into EAX. */
enum hypercall {
	HYPERCALL_PUTCHAR = 1,
	HYPERCALL_NR_EXITS = 2,
};

/* What it finds there if it asked for anything else. */
#define NO_SUCH_HYPERCALL	0xffffffff

/**
 * hypercall_enable() - let VMCALL come to vmrun
 * @vcpu: the vCPU
 * @vm: its VM
 *
 * Return: 0, or an exit status after a message.
 */
int hypercall_enable(const struct vcpu *vcpu, const struct vm *vm)
{
	struct minivmx_exit_policy policy = {
		.reasons = { 1ULL << EXIT_REASON_VMCALL },
	};

	if (ioctl(vcpu->fd, MINIVMX_SET_EXIT_POLICY, &policy) >= 0)
		return 0;
	if (errno == ENOTTY || errno == EINVAL)
		warnx("%s: keeps VMCALL to itself (--hypercalls needs minivmx)", vm->device);
	else
		warn("%s: MINIVMX_SET_EXIT_POLICY", vm->device);
	return STATUS_HOST;
}

/**
 * hypercall_is() - is an exit a hypercall
 * @run: the run page
 *
 * Return: it is.
 */
bool hypercall_is(const struct minivmx_run *run)
{
	return run->exit_reason == MINIVMX_EXIT_VMX && run->vmx.reason == EXIT_REASON_VMCALL;
}

static int serve(const struct vcpu *vcpu, struct console *console,
		 struct minivmx_regs *regs)
{
	int status = 0;

	switch ((__u32)regs->rax) {
	case HYPERCALL_PUTCHAR:
		status = console_write(console, regs->rbx);
		regs->rax = 0;
		break;
	case HYPERCALL_NR_EXITS:
		regs->rax = (__u32)vcpu->nr_exits;
		break;
	default:
		regs->rax = NO_SUCH_HYPERCALL;
		break;
	}
	return status;
}

/**
 * hypercall_serve() - do what a hypercall asks for
 * @vcpu: its run page has the exit
 * @vm: its VM
 * @console: where characters go
 *
 * Return: 0, or an exit status after a message.
 */
int hypercall_serve(const struct vcpu *vcpu, const struct vm *vm, struct console *console)
{
	struct minivmx_regs regs;
	int status;

	if (vm_ioctl(vm, vcpu->fd, MINIVMX_GET_REGS, &regs) < 0)
		return STATUS_HOST;
	status = serve(vcpu, console, &regs);
	/* The instruction is answered: the guest goes on after it. */
	regs.rip += vcpu->run->vmx.instruction_length;
	if (vm_ioctl(vm, vcpu->fd, MINIVMX_SET_REGS, &regs) < 0)
		return STATUS_HOST;
	return status;
}
