// SPDX-License-Identifier: GPL-2.0
/*
 * Whoever looks at exits, in one place: it is entered only if somebody does.
 */
#include <asm/msr.h>
#include <asm/special_insns.h>
#include <asm/vmx.h>

#include "exit_stats.h"
#include "observe.h"
#include "trace_ring.h"
#include "vcpu.h"
#include "vmcs.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

/* One count for all. */
DEFINE_STATIC_KEY_DEFERRED_FALSE(observe_key, HZ);

/** observe_begin() - one that looks more. Return: 0, for tracepoints. */
int observe_begin(void)
{
	static_branch_inc(&observe_key.key);
	return 0;
}

/**
 * observe_end() - one less
 *
 * Patching code interrupts each CPU, and any user with a VM may cause it: so it
 * is patched out again no more than once a second.
 */
void observe_end(void)
{
	static_branch_slow_dec_deferred(&observe_key);
}

/**
 * observe_end_now() - a tracepoint less
 *
 * It may be the end of the module that switches it off: there is no later then.
 */
void observe_end_now(void)
{
	static_branch_dec(&observe_key.key);
}

/** observe_flush() - the module goes: nothing may be left to patch */
void observe_flush(void)
{
	static_key_deferred_flush(&observe_key);
}

/*
 * CR2 is the guest's until the window ends. A probe, such as a BPF program that
 * reads user memory, may cause page faults.
 */
#define IN_WINDOW(call) do {				\
	unsigned long cr2 = native_read_cr2();		\
							\
	call;						\
	if (unlikely(native_read_cr2() != cr2))		\
		native_write_cr2(cr2);			\
} while (0)

bool observe_entry_slow(struct vcpu *vcpu)
{
	u64 now = rdtsc();

	if (vcpu->exit_tsc)
		exit_stats_account(vcpu, now);
	if (vcpu->trace.ring) {
		trace_ring_done(vcpu, now, true);
		if (trace_ring_is_full(&vcpu->trace)) {
			vcpu->run->exit_reason = MINIVMX_EXIT_TRACE_FULL;
			return false;
		}
		vcpu->trace.entry_tsc = now;
	}
	if (trace_vm_entry_enabled())
		IN_WINDOW(trace_vm_entry(vcpu->number, vmcs_readl(VMCS_GUEST_RIP)));
	return true;
}

void observe_exit_slow(struct vcpu *vcpu)
{
	u64 now = rdtsc();

	if (vcpu->time_exits)
		vcpu->exit_tsc = now;
	if (vcpu->trace.ring)
		trace_ring_exit(vcpu, now);
	if (trace_vm_exit_enabled())
		IN_WINDOW(trace_vm_exit(vcpu->number, vcpu->exit.reason,
					vmcs_readl(VMCS_GUEST_RIP),
					vmcs_readl(VMCS_EXIT_QUALIFICATION),
					vmcs_read32(VMCS_VM_EXIT_INTERRUPTION_INFO)));
}

/**
 * observe_inject() - the next VM entry delivers an event
 * @vcpu: the vCPU; its VMCS is current
 * @info: VM-entry interruption information
 */
void observe_inject(struct vcpu *vcpu, u32 info)
{
	vcpu->trace.injected = info;
	if (trace_inject_enabled())
		IN_WINDOW(trace_inject(vcpu->number, info, vcpu->event.error_code));
}

void observe_return_slow(struct vcpu *vcpu, int ret)
{
	if (vcpu->trace.ring)
		trace_ring_return(vcpu, rdtsc(), ret);
}
