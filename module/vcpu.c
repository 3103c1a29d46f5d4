// SPDX-License-Identifier: GPL-2.0
/*
 * A virtual CPU: its lifetime, and a window of its guest.
 */
#include <linux/atomic.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <asm/fpu/api.h>
#include <asm/processor-flags.h>
#include <asm/special_insns.h>
#include <asm/vmx.h>

#include "event.h"
#include "exit.h"
#include "exit_stats.h"
#include "mitigation.h"
#include "observe.h"
#include "sregs.h"
#include "vcpu.h"
#include "vm.h"
#include "vmcs_setup.h"
#include "vmenter.h"
#include "vmx_cpu.h"
#include "window.h"

/* Exits that a window takes before the host gets a chance, timer or no timer. */
#define WINDOW_EXITS	256

/*
 * SDM Vol. 3A, "Processor State After Reset", 10.1.1: EDX holds the processor's
 * signature. This is KVM's, for a guest without a CPUID table.
 */
#define RDX_RESET	0x600
#define RIP_RESET	0xfff0

/* The generation of EPT that this CPU may have cached; see struct ept. */
static DEFINE_PER_CPU(u64, ept_cached);

/**
 * vcpu_create() - a vCPU in the state that a reset leaves it in
 * @vm: the VM; the vCPU takes a reference
 * @id: its number, below VM_MAX_VCPUS
 *
 * Return: the vCPU, or ERR_PTR(-EEXIST) if the number is taken, for the life
 * of the VM, or ERR_PTR(-ENOMEM).
 */
struct vcpu *vcpu_create(struct vm *vm, u32 id)
{
	static atomic64_t last_number = ATOMIC64_INIT(0);
	struct vcpu *vcpu;
	int i;

	if (!vm_take_vcpu_id(vm, id))
		return ERR_PTR(-EEXIST);

	vcpu = kzalloc(sizeof(*vcpu), GFP_KERNEL_ACCOUNT);
	if (!vcpu)
		goto err_id;
	vm_get(vm);
	vcpu->vm = vm;
	vcpu->id = id;
	spin_lock_init(&vcpu->trace.lock);
	vcpu->number = atomic64_inc_return(&last_number);
	mutex_init(&vcpu->lock);
	for (i = 0; i < VCPU_OWN_PAGES; i++) {
		vcpu->pages[i] = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
		if (!vcpu->pages[i])
			goto err_vcpu;
	}
	vcpu->run = vcpu->pages[VCPU_PAGE_RUN];
	if (vmcs_alloc(&vcpu->vmcs, vmx_caps.revision) ||
	    guest_fpu_alloc(&vcpu->fpu) || msr_init(vcpu))
		goto err_vcpu;

	vcpu->host.cpu = -1;
	vcpu->irq = -1;
	quantum_init(&vcpu->quantum);
	cpuid_init(&vcpu->cpuid);
	debug_init(&vcpu->debug);
	vcpu->context.rdx = RDX_RESET;
	vcpu->rip = RIP_RESET;
	vcpu->rflags = X86_EFLAGS_FIXED;
	vcpu->regs_dirty = true;
	sregs_reset(&vcpu->sregs, id == 0);
	vcpu->sregs_dirty = true;
	debugfs_add_vcpu(vcpu);
	return vcpu;

err_vcpu:
	vcpu_destroy(vcpu);
err_id:
	vm_release_vcpu_id(vm, id);
	return ERR_PTR(-ENOMEM);
}

/** vcpu_destroy() - free a vCPU that nobody uses any more; may sleep */
void vcpu_destroy(struct vcpu *vcpu)
{
	int i;

	debugfs_remove(vcpu->debugfs);
	trace_ring_set(vcpu, 0);
	exit_stats_free(vcpu);
	kvfree(vcpu->cpuid.entries);
	free_page((unsigned long)vcpu->msrs.bitmap);
	guest_fpu_free(&vcpu->fpu);
	vmcs_free(&vcpu->vmcs);
	for (i = 0; i < VCPU_OWN_PAGES; i++)
		free_page((unsigned long)vcpu->pages[i]);
	vm_put(vcpu->vm);
	mutex_destroy(&vcpu->lock);
	kfree(vcpu);
}

/* Bring the VMCS up to date with what user space changed since the last one. */
static void write_guest_state(struct vcpu *vcpu)
{
	if (unlikely(vcpu->sregs_dirty)) {
		sregs_write(vcpu);
		vcpu->sregs_dirty = false;
	}
	if (vcpu->regs_dirty) {
		vmcs_writel(VMCS_GUEST_RIP, vcpu->rip);
		vmcs_writel(VMCS_GUEST_RSP, vcpu->rsp);
		event_write_rflags(vcpu);
		vcpu->regs_dirty = false;
	}
	if (unlikely(vcpu->msrs.tsc_dirty)) {
		vmcs_write64(VMCS_TSC_OFFSET, vcpu->msrs.tsc_offset);
		vcpu->msrs.tsc_dirty = false;
	}
	if (unlikely(vcpu->exceptions_dirty)) {
		vmcs_setup_exceptions(vcpu);
		vcpu->exceptions_dirty = false;
	}
}

/* The VMCS of a vCPU that is about to enter: all that the CPU has to know. */
static __always_inline void prepare_entry(struct vcpu *vcpu, const struct window *window)
{
	const struct ept *ept = &vcpu->vm->gmem.ept;
	u64 generation = READ_ONCE(ept->generation);

	if (unlikely(!vcpu->vmcs_ready)) {
		vmcs_setup_controls(vcpu, ept->pointer);
		vmcs_setup_guest();
		vcpu->vmcs_ready = true;
	}
	vmcs_setup_host(vcpu, &window->host);
	write_guest_state(vcpu);
	event_prepare(vcpu);
	if (vmx_has(&vmx_caps, VMX_CTL_PIN, PIN_BASED_VMX_PREEMPTION_TIMER))
		vmcs_write32(VMCS_VMX_PREEMPTION_TIMER_VALUE, vcpu->quantum.timer);
	if (unlikely(__this_cpu_read(ept_cached) != generation)) {
		if (invept(VMX_EPT_EXTENT_CONTEXT, ept->pointer))
			__this_cpu_write(ept_cached, generation);
		else
			pr_err_ratelimited("INVEPT failed\n");
	}
	native_write_cr2(vcpu->sregs.cr2);
	debug_load(vcpu);
	if (vcpu->msrs.live)
		msr_load_guest(vcpu);
	mitigation_take_vcpu(vcpu->number);
}

/* What no VMCS holds, and what is asked for after each window. */
static __always_inline void after_exit(struct vcpu *vcpu, bool msrs_loaded)
{
	vcpu->rip = vmcs_readl(VMCS_GUEST_RIP);
	vcpu->rsp = vmcs_readl(VMCS_GUEST_RSP);
	event_read_rflags(vcpu);
	vcpu->sregs.cr2 = native_read_cr2();
	vcpu->sregs_stale = true;
	if (unlikely(vcpu->quantum.length))
		quantum_count(&vcpu->quantum,
			      vmcs_read32(VMCS_VMX_PREEMPTION_TIMER_VALUE));
	debug_unload(vcpu);
	if (msrs_loaded)
		msr_load_host(vcpu);
}

/**
 * vcpu_prepare_entry() - make the VMCS ready for a look at it
 * @vcpu: the vCPU, locked
 * @window: in which its VMCS is current
 */
void vcpu_prepare_entry(struct vcpu *vcpu, const struct window *window)
{
	prepare_entry(vcpu, window);
}

/**
 * vcpu_after_exit() - after that
 * @vcpu: the vCPU, which vcpu_prepare_entry() prepared
 * @msrs_loaded: vcpu->msrs.live, as it was then
 */
void vcpu_after_exit(struct vcpu *vcpu, bool msrs_loaded)
{
	after_exit(vcpu, msrs_loaded);
}

/* Enter the guest until an exit needs more than its handler may do. */
static enum exit_action run_guest(struct vcpu *vcpu)
{
	enum exit_action action;
	unsigned int exits = 0;
	bool resume = false;

	mitigation_before_window();
	do {
		if (unlikely(!observe_entry(vcpu)))
			return EXIT_TO_USER;
		event_inject(vcpu);
		if (resume)
			mitigation_before_resume();
		if (unlikely(minivmx_vmenter(&vcpu->context, resume))) {
			vcpu->exit.cpu = raw_smp_processor_id();
			return exit_entry_failed(vcpu,
				vmcs_read32(VMCS_VM_INSTRUCTION_ERROR));
		}
		resume = true;
		if (unlikely(vcpu->event.info || vcpu->irq >= 0) &&
		    !exit_is_failed_entry())
			event_delivered(vcpu);
		action = exit_handle(vcpu);
	} while (action == RESUME_GUEST && ++exits < WINDOW_EXITS);

	return action == RESUME_GUEST ? REOPEN_WINDOW : action;
}

/**
 * vcpu_run_window() - run the guest for one window
 * @vcpu: the vCPU, locked
 * @action: what the exit that ended it asks for
 *
 * Return: 0, or what window_open() failed with.
 */
int vcpu_run_window(struct vcpu *vcpu, enum exit_action *action)
{
	struct window window;
	int err;

	kernel_fpu_begin();
	err = window_open(vcpu, &window);
	if (err)
		goto out;

	/* An IPI that came before interrupts were off is not pending any more. */
	*action = REOPEN_WINDOW;
	if (!signal_pending(current) && !need_resched()) {
		bool msrs_loaded = vcpu->msrs.live;

		prepare_entry(vcpu, &window);
		guest_fpu_load(&vcpu->fpu);
		*action = run_guest(vcpu);
		mitigation_left_guest();
		guest_fpu_save(&vcpu->fpu);
		after_exit(vcpu, msrs_loaded);
		if (*action == EMULATE_IO) {
			sregs_read(vcpu);
			vcpu->sregs_stale = false;
		}
	}
	window_close(vcpu, &window);
out:
	kernel_fpu_end();
	return err;
}
