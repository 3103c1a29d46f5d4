// SPDX-License-Identifier: GPL-2.0
/*
 * Quanta: a vCPU comes back to user space after so much time in the guest.
 */
#include <linux/errno.h>
#include <asm/tsc.h>
#include <asm/vmx.h>

#include "quantum.h"
#include "vcpu.h"
#include "vmx_cpu.h"

/*
 * The longest that a window keeps interrupts off by itself. It has to leave the
 * guest some time in any case: under a hypervisor, entering alone takes long.
 */
#define WINDOW_USEC	5000

/** quantum_init() - no quantum; the timer bounds the window alone */
void quantum_init(struct quantum *quantum)
{
	quantum->window = (u64)tsc_khz * WINDOW_USEC / 1000 >>
		vmx_caps.preemption_timer_shift;
	quantum_begin(quantum, 0);
}

/** quantum_set() - see MINIVMX_SET_QUANTUM. Context: vcpu->lock held. */
int quantum_set(struct vcpu *vcpu, void *arg)
{
	u64 ticks = *(u64 *)arg;

	if (ticks > MINIVMX_QUANTUM_MAX)
		return -EINVAL;
	/* There is no saving of the timer without the timer. */
	if (!vmx_has(&vmx_caps, VMX_CTL_EXIT, VM_EXIT_SAVE_VMX_PREEMPTION_TIMER))
		return -EOPNOTSUPP;
	quantum_begin(&vcpu->quantum,
		      quantum_steps(ticks, vmx_caps.preemption_timer_shift));
	return 0;
}

/** quantum_get() - see MINIVMX_GET_QUANTUM. Context: vcpu->lock held. */
int quantum_get(struct vcpu *vcpu, void *arg)
{
	const struct quantum *quantum = &vcpu->quantum;
	u8 shift = vmx_caps.preemption_timer_shift;

	*(struct minivmx_quantum *)arg = (struct minivmx_quantum) {
		.length = quantum->length << shift,
		.left = quantum->left << shift,
		.used = quantum->used << shift,
	};
	return 0;
}
