// SPDX-License-Identifier: GPL-2.0
/*
 * A virtual CPU: its lifetime, its registers and its run loop.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <asm/fpu/api.h>
#include <asm/processor-flags.h>
#include <asm/special_insns.h>
#include <asm/tsc.h>
#include <asm/vmx.h>

#include "exit.h"
#include "exit_decode.h"
#include "sregs.h"
#include "vcpu.h"
#include "vm.h"
#include "vmcs_setup.h"
#include "vmenter.h"
#include "vmx_cpu.h"
#include "window.h"

/*
 * The longest that a window keeps interrupts off by itself. It has to leave the
 * guest some time in any case: under a hypervisor, entering alone takes long.
 */
#define WINDOW_USEC	5000

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
	mutex_init(&vcpu->lock);
	for (i = 0; i < VCPU_NR_PAGES; i++) {
		vcpu->pages[i] = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
		if (!vcpu->pages[i])
			goto err_vcpu;
	}
	vcpu->run = vcpu->pages[VCPU_PAGE_RUN];
	if (vmcs_alloc(&vcpu->vmcs, vmx_caps.revision) ||
	    guest_fpu_alloc(&vcpu->fpu))
		goto err_vcpu;

	vcpu->host.cpu = -1;
	vcpu->context.rdx = RDX_RESET;
	vcpu->rip = RIP_RESET;
	vcpu->rflags = X86_EFLAGS_FIXED;
	vcpu->regs_dirty = true;
	sregs_reset(&vcpu->sregs, id == 0);
	vcpu->sregs_dirty = true;
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

	guest_fpu_free(&vcpu->fpu);
	vmcs_free(&vcpu->vmcs);
	for (i = 0; i < VCPU_NR_PAGES; i++)
		free_page((unsigned long)vcpu->pages[i]);
	vm_put(vcpu->vm);
	mutex_destroy(&vcpu->lock);
	kfree(vcpu);
}

/* Bring the VMCS up to date with what user space changed since the last one. */
static void write_guest_state(struct vcpu *vcpu)
{
	if (unlikely(vcpu->sregs_dirty)) {
		sregs_write(&vcpu->sregs);
		vcpu->sregs_dirty = false;
	}
	if (vcpu->regs_dirty) {
		vmcs_writel(VMCS_GUEST_RIP, vcpu->rip);
		vmcs_writel(VMCS_GUEST_RSP, vcpu->rsp);
		vmcs_writel(VMCS_GUEST_RFLAGS, vcpu->rflags);
		vcpu->regs_dirty = false;
	}
	if (vcpu->completed) {
		vmcs_write32(VMCS_GUEST_INTERRUPTIBILITY_STATE, 0);
		exit_step_trap(vcpu);
		vcpu->completed = false;
	}
	if (unlikely(vcpu->moved)) {
		vmcs_write32(VMCS_GUEST_INTERRUPTIBILITY_STATE, 0);
		vmcs_writel(VMCS_GUEST_PENDING_DEBUG_EXCEPTIONS, 0);
		vcpu->moved = false;
	}
}

/* The VMCS of a vCPU that is about to enter: all that the CPU has to know. */
static void prepare_entry(struct vcpu *vcpu, const struct window *window)
{
	const struct ept *ept = &vcpu->vm->gmem.ept;
	u64 generation = READ_ONCE(ept->generation);

	if (unlikely(!vcpu->vmcs_ready)) {
		vmcs_setup_controls(&vmx_caps, ept->pointer);
		vmcs_setup_guest();
		vcpu->vmcs_ready = true;
	}
	vmcs_setup_host(vcpu, &window->host);
	write_guest_state(vcpu);
	if (vmx_has(&vmx_caps, VMX_CTL_PIN, PIN_BASED_VMX_PREEMPTION_TIMER))
		vmcs_write32(VMCS_VMX_PREEMPTION_TIMER_VALUE,
			     (u64)tsc_khz * WINDOW_USEC / 1000 >>
			     vmx_caps.preemption_timer_shift);
	if (unlikely(__this_cpu_read(ept_cached) != generation)) {
		if (!invept(VMX_EPT_EXTENT_CONTEXT, ept->pointer))
			pr_err_ratelimited("INVEPT failed\n");
		__this_cpu_write(ept_cached, generation);
	}
	native_write_cr2(vcpu->sregs.cr2);
}

/* One event waits to be delivered: tell the processor, once. */
static void inject_event(struct vcpu *vcpu)
{
	struct vcpu_event *event = &vcpu->event;

	if (likely(!event->info))
		return;
	/* Real mode pushes no error codes (SDM Vol. 3C, 27.2.1.3). */
	if (event->info & INTR_INFO_DELIVER_CODE_MASK &&
	    !(vmcs_readl(VMCS_GUEST_CR0) & X86_CR0_PE))
		event->info &= ~INTR_INFO_DELIVER_CODE_MASK;
	if (event->info & INTR_INFO_DELIVER_CODE_MASK)
		vmcs_write32(VMCS_VM_ENTRY_EXCEPTION_ERROR_CODE, event->error_code);
	if (exit_event_has_length(event->info))
		vmcs_write32(VMCS_VM_ENTRY_INSTRUCTION_LENGTH, event->length);
	vmcs_write32(VMCS_VM_ENTRY_INTERRUPTION_INFO, event->info);
	event->info = 0;
}

/* Enter the guest until an exit needs more than its handler may do. */
static enum exit_action run_guest(struct vcpu *vcpu)
{
	enum exit_action action;
	unsigned int exits = 0;
	bool resume = false;

	do {
		inject_event(vcpu);
		if (unlikely(minivmx_vmenter(&vcpu->context, resume))) {
			vcpu->exit.cpu = raw_smp_processor_id();
			return exit_entry_failed(vcpu,
				vmcs_read32(VMCS_VM_INSTRUCTION_ERROR));
		}
		resume = true;
		action = exit_handle(vcpu);
	} while (action == RESUME_GUEST && ++exits < WINDOW_EXITS);

	return action == RESUME_GUEST ? REOPEN_WINDOW : action;
}

/* One window. Return: 0 and @action, or what window_open() failed with. */
static int run_window(struct vcpu *vcpu, enum exit_action *action)
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
		prepare_entry(vcpu, &window);
		guest_fpu_load(&vcpu->fpu);
		*action = run_guest(vcpu);
		guest_fpu_save(&vcpu->fpu);

		vcpu->rip = vmcs_readl(VMCS_GUEST_RIP);
		vcpu->rsp = vmcs_readl(VMCS_GUEST_RSP);
		vcpu->rflags = vmcs_readl(VMCS_GUEST_RFLAGS);
		vcpu->sregs.cr2 = native_read_cr2();
		vcpu->sregs_stale = true;
	}
	window_close(vcpu, &window);
out:
	kernel_fpu_end();
	return err;
}

/* Return: 0 to enter again, 1 to return to user space, or a negative errno. */
static int fault_in_page(struct vcpu *vcpu)
{
	bool write = exit_ept_is_write(vcpu->exit.qualification);

	switch (gmem_fault(&vcpu->vm->gmem, vcpu->exit.gpa, write)) {
	case GMEM_MAPPED:
		return 0;
	case GMEM_NO_SLOT:
		exit_unexpected(vcpu);
		return 1;
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
		ret = run_window(vcpu, &action);
		if (ret) {
			window_explain(vcpu, ret);
			return ret;
		}
		if (action == EXIT_TO_USER)
			return 0;
		if (action == FAULT_IN_PAGE) {
			ret = fault_in_page(vcpu);
			if (ret)
				return ret < 0 ? ret : 0;
		}
	}
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
	struct minivmx_run *run = vcpu->run;
	u64 cr8 = READ_ONCE(run->cr8);
	int ret;

	if (cr8 > 15)
		return -EINVAL;
	vcpu->sregs.cr8 = cr8;

	exit_io_complete(vcpu);
	if (READ_ONCE(run->immediate_exit))
		ret = -EINTR;
	else
		ret = run_loop(vcpu);

	run->if_flag = !!(vcpu->rflags & X86_EFLAGS_IF);
	run->flags = 0;
	run->cr8 = vcpu->sregs.cr8;
	run->apic_base = vcpu->sregs.apic_base;
	run->ready_for_interrupt_injection = 0;
	return ret;
}

/** vcpu_get_regs() - see MINIVMX_GET_REGS. Context: vcpu->lock held. */
void vcpu_get_regs(const struct vcpu *vcpu, struct minivmx_regs *regs)
{
	const struct vcpu_context *c = &vcpu->context;

	*regs = (struct minivmx_regs) {
		.rax = c->rax, .rbx = c->rbx, .rcx = c->rcx, .rdx = c->rdx,
		.rsi = c->rsi, .rdi = c->rdi, .rsp = vcpu->rsp, .rbp = c->rbp,
		.r8 = c->r8, .r9 = c->r9, .r10 = c->r10, .r11 = c->r11,
		.r12 = c->r12, .r13 = c->r13, .r14 = c->r14, .r15 = c->r15,
		.rip = vcpu->rip, .rflags = vcpu->rflags,
	};
}

/** vcpu_set_regs() - see MINIVMX_SET_REGS. Context: vcpu->lock held. */
void vcpu_set_regs(struct vcpu *vcpu, const struct minivmx_regs *regs)
{
	unsigned long host_rsp = vcpu->context.host_rsp;

	vcpu->context = (struct vcpu_context) {
		.rax = regs->rax, .rbx = regs->rbx, .rcx = regs->rcx,
		.rdx = regs->rdx, .rsi = regs->rsi, .rdi = regs->rdi,
		.rbp = regs->rbp, .r8 = regs->r8, .r9 = regs->r9,
		.r10 = regs->r10, .r11 = regs->r11, .r12 = regs->r12,
		.r13 = regs->r13, .r14 = regs->r14, .r15 = regs->r15,
		.host_rsp = host_rsp,
	};
	/* The IN or OUT that user space saw was abandoned for another place. */
	if (regs->rip != vcpu->rip) {
		vcpu->io.pending = false;
		vcpu->moved = true;
	}
	vcpu->rip = regs->rip;
	vcpu->rsp = regs->rsp;
	vcpu->rflags = regs->rflags | X86_EFLAGS_FIXED;
	vcpu->regs_dirty = true;
	vcpu->event.info = 0;
}

/* Make vcpu->sregs what the guest left. */
static int refresh_sregs(struct vcpu *vcpu)
{
	struct window window;
	int err;

	if (!vcpu->sregs_stale)
		return 0;
	err = window_open(vcpu, &window);
	if (err) {
		window_explain(vcpu, err);
		return err;
	}
	sregs_read(&vcpu->sregs);
	vcpu->sregs_stale = false;
	window_close(vcpu, &window);
	return 0;
}

/** vcpu_get_sregs() - see MINIVMX_GET_SREGS. Context: vcpu->lock held. */
int vcpu_get_sregs(struct vcpu *vcpu, struct minivmx_sregs *sregs)
{
	int err = refresh_sregs(vcpu);

	if (!err)
		*sregs = vcpu->sregs;
	return err;
}

/** vcpu_set_sregs() - see MINIVMX_SET_SREGS. Context: vcpu->lock held. */
int vcpu_set_sregs(struct vcpu *vcpu, const struct minivmx_sregs *sregs)
{
	if (!sregs_valid(sregs))
		return -EINVAL;
	if (sregs->cs.base != vcpu->io.cs_base)
		vcpu->io.pending = false;
	vcpu->sregs = *sregs;
	vcpu->sregs_dirty = true;
	vcpu->sregs_stale = false;
	return 0;
}
