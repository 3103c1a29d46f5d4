// SPDX-License-Identifier: GPL-2.0
/*
 * IN and OUT: to user space and back.
 */
#include <linux/mm.h>
#include <linux/string.h>
#include <asm/msr-index.h>
#include <asm/vmx.h>

#include "event.h"
#include "exit.h"
#include "exit_decode.h"
#include "ring.h"
#include "vcpu.h"
#include "vm.h"
#include "vmcs.h"

/** exit_io_fill_run() - say in the run page what an IN or OUT is about */
void exit_io_fill_run(struct vcpu *vcpu, const struct exit_io_info *io, u8 size,
		      u32 count)
{
	struct minivmx_run *run = vcpu->run;

	run->exit_reason = MINIVMX_EXIT_IO;
	run->io.direction = io->in ? MINIVMX_EXIT_IO_IN : MINIVMX_EXIT_IO_OUT;
	run->io.size = size;
	run->io.port = io->port;
	run->io.count = count;
	run->io.data_offset = VCPU_PAGE_PIO * PAGE_SIZE;
}

/**
 * exit_io() - hand an IN or OUT to user space
 * @vcpu: the vCPU
 *
 * The instruction is not skipped yet: as in KVM, the guest's RIP still points
 * to it while user space looks, and it is completed by the next MINIVMX_RUN.
 */
enum exit_action exit_io(struct vcpu *vcpu)
{
	u64 qualification = vmcs_readl(VMCS_EXIT_QUALIFICATION);
	struct exit_io_info io = exit_decode_io(qualification);

	vcpu->exit.qualification = qualification;
	if (unlikely(io.string))
		return EMULATE_IO;
	if (!io.in && ring_put(&vcpu->vm->ring, io.port, &vcpu->context.rax, io.size,
			       true)) {
		exit_skip_instruction(vcpu);
		return RESUME_GUEST;
	}

	vcpu->io.unfinished = UNFINISHED_PIO;
	vcpu->io.in = io.in;
	vcpu->io.size = io.size;
	vcpu->io.length = vmcs_read32(VMCS_VM_EXIT_INSTRUCTION_LENGTH);
	vcpu->io.cs_base = vmcs_readl(VMCS_GUEST_CS_BASE);

	exit_io_fill_run(vcpu, &io, io.size, 1);
	if (!io.in)
		memcpy(vcpu->pages[VCPU_PAGE_PIO], &vcpu->context.rax, io.size);
	return EXIT_TO_USER;
}

/**
 * exit_io_complete() - finish the IN or OUT that user space has answered
 * @vcpu: the vCPU
 *
 * The data is read where this structure says it is, not where the run page
 * does: user space may have written anything there.
 */
void exit_io_complete(struct vcpu *vcpu)
{
	unsigned long next = vcpu->rip + vcpu->io.length;
	struct vcpu_io *io = &vcpu->io;
	u32 data = 0;

	io->unfinished = NOTHING_UNFINISHED;
	if (io->in) {
		memcpy(&data, vcpu->pages[VCPU_PAGE_PIO], io->size);
		/* IN to EAX clears the upper half of RAX; AL and AX leave it. */
		if (io->size == sizeof(data))
			vcpu->context.rax = data;
		else
			memcpy(&vcpu->context.rax, &data, io->size);
	}
	/* An EIP wraps; only that of 64-bit code crosses 4 GiB. */
	if (unlikely((vcpu->rip ^ next) >> 32) &&
	    (vcpu_refresh(vcpu) || !(vcpu->sregs.efer & EFER_LMA && vcpu->sregs.cs.l)))
		next = (u32)next;
	vcpu->rip = next;
	vcpu->interruptibility &= ~(GUEST_INTR_STATE_STI | GUEST_INTR_STATE_MOV_SS);
	vcpu->regs_dirty = true;
	vcpu->completed = true;
	event_step_trap(vcpu, vcpu->rflags);
}
