/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VM exits: from the exit reason to what happens next.
 */
#ifndef MINIVMX_EXIT_H
#define MINIVMX_EXIT_H

#include <linux/types.h>

struct exit_io_info;
struct vcpu;

/* What the run loop does after an exit. */
enum exit_action {
	RESUME_GUEST,		/* enter again, in the same window */
	REOPEN_WINDOW,		/* let the host have the CPU, then enter again */
	FAULT_IN_PAGE,		/* vcpu->exit.gpa needs memory first */
	EMULATE_IO,		/* INS or OUTS: outside of the window */
	EXIT_TO_USER,		/* the run page says why */
	ENTRY_FAILED,		/* so does it, but for which rules were broken */
};

enum exit_action exit_handle(struct vcpu *vcpu);

/* For handlers. */
enum exit_action exit_entry_failed(struct vcpu *vcpu, u64 reason);
enum exit_action exit_unexpected(struct vcpu *vcpu);
enum exit_action exit_fault(struct vcpu *vcpu, u8 vector);
enum exit_action exit_debug(struct vcpu *vcpu, u32 exception, u64 dr6);
void exit_skip_instruction(struct vcpu *vcpu);
bool exit_in_64bit_code(void);
bool exit_is_failed_entry(void);
unsigned long exit_gpr(struct vcpu *vcpu, unsigned int n);
void exit_set_gpr(struct vcpu *vcpu, unsigned int n, unsigned long value);

/* exit_cpu.c: instructions that the processor hands over */
enum exit_action exit_cpuid(struct vcpu *vcpu);
enum exit_action exit_hlt(struct vcpu *vcpu);
enum exit_action exit_nop(struct vcpu *vcpu);
enum exit_action exit_vmcall(struct vcpu *vcpu);
enum exit_action exit_undefined(struct vcpu *vcpu);
enum exit_action exit_rdpmc(struct vcpu *vcpu);
enum exit_action exit_rdmsr(struct vcpu *vcpu);
enum exit_action exit_wrmsr(struct vcpu *vcpu);

/* exit_cr.c */
enum exit_action exit_cr_access(struct vcpu *vcpu);
enum exit_action exit_xsetbv(struct vcpu *vcpu);

/* exit_io.c */
enum exit_action exit_io(struct vcpu *vcpu);
void exit_io_fill_run(struct vcpu *vcpu, const struct exit_io_info *io, u8 size,
		      u32 count);
void exit_io_complete(struct vcpu *vcpu);

/* exit_event.c: exceptions, and events on their way to the guest */
enum exit_action exit_exception_or_nmi(struct vcpu *vcpu);
void exit_requeue_event(struct vcpu *vcpu);
void exit_recover_nmi_blocking(u32 info);

#endif /* MINIVMX_EXIT_H */
