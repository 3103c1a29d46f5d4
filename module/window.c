// SPDX-License-Identifier: GPL-2.0
/*
 * A window: the stretch of VMX operation that a vCPU borrows.
 */
#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/printk.h>
#include <linux/smp.h>

#include "vcpu.h"
#include "vmx_cpu.h"
#include "window.h"

/**
 * window_open() - borrow VMX and make a vCPU's VMCS current
 * @vcpu: the vCPU, locked
 * @window: filled in
 *
 * Interrupts are off from a successful return to window_close().
 *
 * Return: 0; -EBUSY if another hypervisor holds VMX on this CPU; -EIO if the
 * processor refused VMXON or VMPTRLD.
 */
int window_open(struct vcpu *vcpu, struct window *window)
{
	int err;

	local_irq_disable();
	err = vmx_cpu_enter(&window->host_cr4);
	if (unlikely(err)) {
		vcpu->exit.cpu = raw_smp_processor_id();
		local_irq_enable();
		return err;
	}
	/* The first time, VMCLEAR initializes the region (SDM Vol. 3C, 25.11.3). */
	if (unlikely(!vcpu->vmcs_ready))
		vmcs_clear(&vcpu->vmcs);
	err = vmcs_load(&vcpu->vmcs);
	if (unlikely(err)) {
		vmx_cpu_leave(window->host_cr4);
		local_irq_enable();
		return err;
	}
	host_state_save(&window->host);
	return 0;
}

/** window_close() - the reverse: VMX is given back, interrupts are on again */
void window_close(struct vcpu *vcpu, const struct window *window)
{
	host_state_restore(&window->host);
	vmcs_clear(&vcpu->vmcs);
	vmx_cpu_leave(window->host_cr4);
	local_irq_enable();
}

/**
 * window_explain() - tell the person at the machine why window_open() failed
 * @vcpu: the vCPU
 * @err: what window_open() returned
 *
 * Context: preemptible, since it may take locks.
 */
void window_explain(const struct vcpu *vcpu, int err)
{
	if (err == -EBUSY)
		pr_warn_ratelimited("another hypervisor holds VMX on CPU %d; holder: %s; stop its virtual machines or unload it\n",
				    vcpu->exit.cpu, vmx_cpu_holder());
}
