/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VM exits: from the exit reason to what happens next.
 */
#ifndef MINIVMX_EXIT_H
#define MINIVMX_EXIT_H

#include <linux/types.h>

struct vcpu;

/* What the run loop does after an exit. */
enum exit_action {
	RESUME_GUEST,		/* enter again, in the same window */
	REOPEN_WINDOW,		/* let the host have the CPU, then enter again */
	FAULT_IN_PAGE,		/* vcpu->exit.gpa needs memory first */
	EXIT_TO_USER,		/* the run page says why */
};

enum exit_action exit_handle(struct vcpu *vcpu);
enum exit_action exit_entry_failed(struct vcpu *vcpu, u64 reason);
enum exit_action exit_unexpected(struct vcpu *vcpu);
enum exit_action exit_io(struct vcpu *vcpu);
void exit_io_complete(struct vcpu *vcpu);
void exit_skip_instruction(struct vcpu *vcpu);
void exit_step_trap(struct vcpu *vcpu);

#endif /* MINIVMX_EXIT_H */
