// SPDX-License-Identifier: GPL-2.0
/*
 * Debug registers: the guest's, and those of a debugger in user space.
 *
 * The processor switches DR7 alone. MOV to and from a debug register exits, so
 * the others live here, and DR0 to DR3 are loaded only while DR7 enables one.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/processor-flags.h>
#include <asm/traps.h>
#include <asm/vmx.h>

#include "event.h"
#include "exit_decode.h"
#include "sregs.h"
#include "vcpu.h"

#define DR7_RESET	0x400UL		/* SDM Vol. 3A, 10.1.1, edition 083 */
#define DR7_ENABLED	0xffUL		/* L0 to G3 */
#define DR7_GUEST	0xffff2bffUL	/* bits of DR7 that can be written */
#define DR6_GUEST	0x0000e00fUL	/* and of DR6: BT, BS, BD, B3 to B0 */

#define KNOWN_CONTROL	(MINIVMX_GUESTDBG_ENABLE | MINIVMX_GUESTDBG_SINGLESTEP | \
			 MINIVMX_GUESTDBG_USE_SW_BP | MINIVMX_GUESTDBG_USE_HW_BP | \
			 MINIVMX_GUESTDBG_INJECT_DB | MINIVMX_GUESTDBG_INJECT_BP | \
			 MINIVMX_GUESTDBG_BLOCKIRQ)

/** debug_init() - debug registers as a reset leaves them */
void debug_init(struct vcpu_debug *debug)
{
	debug->dr6 = EVENT_DR6_FIXED;
	debug->dr7 = DR7_RESET;
	debug->dirty = true;
}

static bool debugger_has_registers(const struct vcpu_debug *debug)
{
	return debug->control & MINIVMX_GUESTDBG_USE_HW_BP;
}

static unsigned long effective_dr7(const struct vcpu_debug *debug)
{
	return debugger_has_registers(debug) ? debug->user_dr7 : debug->dr7;
}

static void load(const unsigned long *dr)
{
	set_debugreg(dr[0], 0);
	set_debugreg(dr[1], 1);
	set_debugreg(dr[2], 2);
	set_debugreg(dr[3], 3);
}

/** debug_load() - the guest's breakpoints; in a window, before entry */
void debug_load(struct vcpu *vcpu)
{
	struct vcpu_debug *debug = &vcpu->debug;

	if (debug->dirty) {
		vmcs_writel(VMCS_GUEST_DR7, effective_dr7(debug));
		debug->dirty = false;
	}
	debug->loaded = effective_dr7(debug) & DR7_ENABLED;
	if (likely(!debug->loaded))
		return;
	/* The host's DR7 is off while they change: see struct host_state. */
	set_debugreg(DR7_RESET, 7);
	get_debugreg(debug->host_dr[0], 0);
	get_debugreg(debug->host_dr[1], 1);
	get_debugreg(debug->host_dr[2], 2);
	get_debugreg(debug->host_dr[3], 3);
	load(debugger_has_registers(debug) ? debug->user_dr : debug->dr);
}

/** debug_unload() - the reverse; DR7 is off since the exit */
void debug_unload(struct vcpu *vcpu)
{
	if (unlikely(vcpu->debug.loaded))
		load(vcpu->debug.host_dr);
}

/** debug_note_trap() - a #DB goes to the guest: DR6 and DR7 know of it */
void debug_note_trap(struct vcpu *vcpu, u64 dr6)
{
	struct vcpu_debug *debug = &vcpu->debug;

	debug->dr6 = (debug->dr6 & ~0xfUL) | EVENT_DR6_FIXED | dr6;
	if (!(debug->dr7 & DR7_GD))
		return;
	debug->dr7 &= ~DR7_GD;
	debug->dirty = true;
}

/**
 * debug_fill_run() - tell the debugger, in user space, why the guest stopped
 * @vcpu: the vCPU; its registers and vcpu->sregs are fresh
 * @exception: X86_TRAP_DB or X86_TRAP_BP
 * @dr6: what DR6 would say, less its fixed bits
 */
void debug_fill_run(struct vcpu *vcpu, u32 exception, u64 dr6)
{
	const struct minivmx_sregs *sregs = &vcpu->sregs;
	bool long_code = sregs->efer & EFER_LMA && sregs->cs.l;
	struct minivmx_run *run = vcpu->run;

	run->exit_reason = MINIVMX_EXIT_DEBUG;
	run->debug.arch = (struct minivmx_debug_exit_arch) {
		.exception = exception,
		.pc = long_code ? vcpu->rip : (u32)(sregs->cs.base + vcpu->rip),
	};
	if (exception != X86_TRAP_DB)
		return;
	run->debug.arch.dr6 = dr6 | EVENT_DR6_FIXED;
	run->debug.arch.dr7 = effective_dr7(&vcpu->debug);
}

/** exit_debug() - the same in a window */
enum exit_action exit_debug(struct vcpu *vcpu, u32 exception, u64 dr6)
{
	vcpu->stepped = false;
	vcpu->soft_length = vmcs_read32(VMCS_VM_EXIT_INSTRUCTION_LENGTH);
	vcpu->rip = vmcs_readl(VMCS_GUEST_RIP);
	sregs_read(vcpu);
	debug_fill_run(vcpu, exception, dr6);
	return EXIT_TO_USER;
}

/** exit_mov_dr() - MOV to or from a debug register */
enum exit_action exit_mov_dr(struct vcpu *vcpu)
{
	struct exit_dr_info mov = exit_decode_dr(vmcs_readl(VMCS_EXIT_QUALIFICATION));
	struct vcpu_debug *debug = &vcpu->debug;
	unsigned long value;

	/* Without CR4.DE, 4 and 5 mean 6 and 7; with it, they are undefined. */
	if (mov.number == 4 || mov.number == 5) {
		if (vmcs_readl(VMCS_GUEST_CR4) & X86_CR4_DE)
			return exit_fault(vcpu, X86_TRAP_UD);
		mov.number += 2;
	}
	/* The exit comes before the check of the privilege level (26.1.3). */
	if (VMX_AR_DPL(vmcs_read32(VMCS_GUEST_SS_ACCESS_RIGHTS)))
		return exit_fault(vcpu, X86_TRAP_GP);
	/* General detect: a trap before any access (SDM Vol. 3B, 18.2.4). */
	if (debug->dr7 & DR7_GD) {
		debug_note_trap(vcpu, DR6_BD);
		return exit_fault(vcpu, X86_TRAP_DB);
	}
	if (mov.read) {
		/* User space may have set any bits of the last two. */
		value = mov.number < 4 ? debug->dr[mov.number] :
			mov.number == 6 ? (debug->dr6 & DR6_GUEST) | EVENT_DR6_FIXED :
			(debug->dr7 & DR7_GUEST) | DR7_RESET;
		exit_set_gpr(vcpu, mov.gpr, value);
		exit_skip_instruction(vcpu);
		return RESUME_GUEST;
	}

	value = exit_gpr(vcpu, mov.gpr);
	if (!exit_in_64bit_code())
		value = (u32)value;
	if (mov.number < 4) {
		debug->dr[mov.number] = value;
	} else if (upper_32_bits(value)) {
		return exit_fault(vcpu, X86_TRAP_GP);
	} else if (mov.number == 6) {
		debug->dr6 = (value & DR6_GUEST) | EVENT_DR6_FIXED;
	} else {
		debug->dr7 = (value & DR7_GUEST) | DR7_RESET;
		debug->dirty = true;
	}
	exit_skip_instruction(vcpu);
	/* The next window loads them. */
	return effective_dr7(debug) & DR7_ENABLED || debug->dirty ? REOPEN_WINDOW :
		RESUME_GUEST;
}

/** debug_get_regs() - see MINIVMX_GET_DEBUGREGS */
int debug_get_regs(struct vcpu *vcpu, void *arg)
{
	struct minivmx_debugregs *regs = arg;

	*regs = (struct minivmx_debugregs) {
		.dr6 = vcpu->debug.dr6, .dr7 = vcpu->debug.dr7,
	};
	memcpy(regs->db, vcpu->debug.dr, sizeof(regs->db));
	return 0;
}

/** debug_set_regs() - see MINIVMX_SET_DEBUGREGS */
int debug_set_regs(struct vcpu *vcpu, void *arg)
{
	const struct minivmx_debugregs *regs = arg;

	if (regs->flags || upper_32_bits(regs->dr6) || upper_32_bits(regs->dr7))
		return -EINVAL;
	memcpy(vcpu->debug.dr, regs->db, sizeof(regs->db));
	vcpu->debug.dr6 = regs->dr6;
	vcpu->debug.dr7 = regs->dr7;
	vcpu->debug.dirty = true;
	return 0;
}

/** debug_set_guest_debug() - see MINIVMX_SET_GUEST_DEBUG */
int debug_set_guest_debug(struct vcpu *vcpu, void *arg)
{
	const struct minivmx_guest_debug *user = arg;
	struct vcpu_debug *debug = &vcpu->debug;

	if (user->control & ~KNOWN_CONTROL)
		return -EINVAL;
	if (user->control & (MINIVMX_GUESTDBG_INJECT_DB | MINIVMX_GUESTDBG_INJECT_BP)) {
		if (vcpu->event.info)
			return -EBUSY;
		event_raise(vcpu, user->control & MINIVMX_GUESTDBG_INJECT_DB ?
			    X86_TRAP_DB : X86_TRAP_BP, 0);
	}
	debug->control = user->control & MINIVMX_GUESTDBG_ENABLE ? user->control : 0;
	memcpy(debug->user_dr, user->arch.debugreg, sizeof(debug->user_dr));
	debug->user_dr7 = (user->arch.debugreg[7] & DR7_GUEST & ~DR7_GD) | DR7_RESET;
	debug->dirty = true;
	debug->step_rip = vcpu->rip;
	debug->steps_by_tf = debug_uses_tf(debug);
	vcpu->exceptions_dirty = true;
	vcpu->regs_dirty = true;
	return 0;
}
