// SPDX-License-Identifier: GPL-2.0
/*
 * A vCPU's registers, as the ioctls see them.
 */
#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "event.h"
#include "paging.h"
#include "sregs.h"
#include "vcpu.h"
#include "window.h"

/**
 * vcpu_refresh() - make vcpu->sregs what the guest left
 * @vcpu: the vCPU, locked
 *
 * Return: 0, or what window_open() failed with, after a message.
 */
int vcpu_refresh(struct vcpu *vcpu)
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
	sregs_read(vcpu);
	vcpu->sregs_stale = false;
	window_close(vcpu, &window);
	return 0;
}

/** vcpu_follow_efer() - what depends on EFER: which MSRs a window switches */
void vcpu_follow_efer(struct vcpu *vcpu, u64 efer)
{
	bool live = efer & (EFER_LME | EFER_SCE);

	if (live == vcpu->msrs.live)
		return;
	vcpu->msrs.live = live;
	msr_update_bitmap(vcpu);
}

/* User space put the guest elsewhere: what it was to answer is void. */
static void abandon_unfinished(struct vcpu *vcpu)
{
	if (vcpu->io.unfinished == UNFINISHED_MMIO && !vcpu->mmio.read.len)
		return;
	vcpu->io.unfinished = NOTHING_UNFINISHED;
	vcpu->mmio.read.len = 0;
	vcpu->mmio.nr_reads = 0;
}

/** vcpu_get_regs() - see MINIVMX_GET_REGS. Context: vcpu->lock held. */
int vcpu_get_regs(struct vcpu *vcpu, void *arg)
{
	const struct vcpu_context *c = &vcpu->context;
	unsigned long rflags = vcpu->rflags;

	/* That one is the debugger's. */
	if (debug_uses_tf(&vcpu->debug))
		rflags &= ~X86_EFLAGS_TF;
	*(struct minivmx_regs *)arg = (struct minivmx_regs) {
		.rax = c->rax, .rbx = c->rbx, .rcx = c->rcx, .rdx = c->rdx,
		.rsi = c->rsi, .rdi = c->rdi, .rsp = vcpu->rsp, .rbp = c->rbp,
		.r8 = c->r8, .r9 = c->r9, .r10 = c->r10, .r11 = c->r11,
		.r12 = c->r12, .r13 = c->r13, .r14 = c->r14, .r15 = c->r15,
		.rip = vcpu->rip, .rflags = rflags,
	};
	return 0;
}

/** vcpu_set_regs() - see MINIVMX_SET_REGS. Context: vcpu->lock held. */
int vcpu_set_regs(struct vcpu *vcpu, void *arg)
{
	unsigned long host_rsp = vcpu->context.host_rsp;
	const struct minivmx_regs *regs = arg;

	vcpu->context = (struct vcpu_context) {
		.rax = regs->rax, .rbx = regs->rbx, .rcx = regs->rcx,
		.rdx = regs->rdx, .rsi = regs->rsi, .rdi = regs->rdi,
		.rbp = regs->rbp, .r8 = regs->r8, .r9 = regs->r9,
		.r10 = regs->r10, .r11 = regs->r11, .r12 = regs->r12,
		.r13 = regs->r13, .r14 = regs->r14, .r15 = regs->r15,
		.host_rsp = host_rsp,
	};
	if (regs->rip != vcpu->rip)
		abandon_unfinished(vcpu);
	vcpu->rip = regs->rip;
	vcpu->rsp = regs->rsp;
	vcpu->rflags = regs->rflags | X86_EFLAGS_FIXED;
	vcpu->regs_dirty = true;
	vcpu->debug.steps_by_tf = debug_uses_tf(&vcpu->debug) &&
		vcpu->rip == vcpu->debug.step_rip;
	/* As in KVM: an exception of an instruction that is not there any more. */
	if (vcpu->event.raised)
		vcpu->event.info = 0;
	return 0;
}

/** vcpu_get_sregs() - see MINIVMX_GET_SREGS. Context: vcpu->lock held. */
int vcpu_get_sregs(struct vcpu *vcpu, void *arg)
{
	struct minivmx_sregs *sregs = arg;
	int err = vcpu_refresh(vcpu);
	int irq = vcpu->irq;

	if (err)
		return err;
	*sregs = vcpu->sregs;
	if (vcpu->sregs_dirty)
		sregs_normalize(sregs);
	/* One that waits, or whose delivery an exit interrupted. */
	if (irq < 0 && vcpu->event.info &&
	    (vcpu->event.info & INTR_INFO_INTR_TYPE_MASK) == INTR_TYPE_EXT_INTR)
		irq = vcpu->event.info & INTR_INFO_VECTOR_MASK;
	if (irq >= 0)
		sregs->interrupt_bitmap[irq / 64] |= BIT_ULL(irq % 64);
	return 0;
}

/* @pdptrs: of PAE paging; NULL: guest memory has them. */
static int set_sregs(struct vcpu *vcpu, const struct minivmx_sregs *sregs,
		     const __u64 *pdptrs)
{
	int err = vcpu_refresh(vcpu);

	if (err)
		return err;
	if (!sregs_valid(vcpu, sregs))
		return -EINVAL;
	if (sregs->cs.base != vcpu->io.cs_base)
		abandon_unfinished(vcpu);
	vcpu->sregs = *sregs;
	memset(vcpu->sregs.interrupt_bitmap, 0, sizeof(sregs->interrupt_bitmap));
	/* If they are not valid, or not there yet, the old ones stay, as in KVM. */
	if (pdptrs)
		memcpy(vcpu->pdpte, pdptrs, sizeof(vcpu->pdpte));
	else if (sregs_pae_paging(sregs))
		paging_read_pdptes(vcpu);
	vcpu->fpu.osxsave = sregs->cr4 & X86_CR4_OSXSAVE;
	vcpu_follow_efer(vcpu, sregs->efer);
	vcpu->sregs_dirty = true;
	return 0;
}

/** vcpu_set_sregs() - see MINIVMX_SET_SREGS. Context: vcpu->lock held. */
int vcpu_set_sregs(struct vcpu *vcpu, void *arg)
{
	const struct minivmx_sregs *sregs = arg;
	unsigned int irq;
	int err = set_sregs(vcpu, sregs, NULL);

	if (err)
		return err;
	irq = find_first_bit((const unsigned long *)sregs->interrupt_bitmap,
			     MINIVMX_NR_INTERRUPTS);
	if (irq < MINIVMX_NR_INTERRUPTS)
		vcpu->irq = irq;
	return 0;
}

/* What both structures begin with. */
#define SREGS_SIZE	offsetof(struct minivmx_sregs, interrupt_bitmap)

static_assert(offsetof(struct minivmx_sregs2, flags) == SREGS_SIZE);

/** vcpu_get_sregs2() - see MINIVMX_GET_SREGS2. Context: vcpu->lock held. */
int vcpu_get_sregs2(struct vcpu *vcpu, void *arg)
{
	struct minivmx_sregs2 *sregs2 = arg;
	struct minivmx_sregs sregs;
	int err = vcpu_get_sregs(vcpu, &sregs);

	if (err)
		return err;
	memset(sregs2, 0, sizeof(*sregs2));
	memcpy(sregs2, &sregs, SREGS_SIZE);
	if (!sregs_pae_paging(&sregs))
		return 0;
	sregs2->flags = MINIVMX_SREGS2_FLAGS_PDPTRS_VALID;
	memcpy(sregs2->pdptrs, vcpu->pdpte, sizeof(sregs2->pdptrs));
	return 0;
}

/** vcpu_set_sregs2() - see MINIVMX_SET_SREGS2. Context: vcpu->lock held. */
int vcpu_set_sregs2(struct vcpu *vcpu, void *arg)
{
	const struct minivmx_sregs2 *sregs2 = arg;
	struct minivmx_sregs sregs = {};

	memcpy(&sregs, sregs2, SREGS_SIZE);
	if (sregs2->flags & ~MINIVMX_SREGS2_FLAGS_PDPTRS_VALID ||
	    (sregs2->flags && !sregs_pae_paging(&sregs)))
		return -EINVAL;
	return set_sregs(vcpu, &sregs, sregs2->flags ? sregs2->pdptrs : NULL);
}
