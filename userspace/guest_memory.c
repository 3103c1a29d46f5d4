// SPDX-License-Identifier: GPL-2.0
/*
 * Memory as the guest sees it: through its segments and its page tables.
 */
#include <string.h>
#include <sys/ioctl.h>
#include <asm/processor-flags.h>

#include "guest_memory.h"

/**
 * guest_code_address() - the linear address of an instruction
 * @sregs: of the vCPU
 * @rip: the instruction pointer
 */
__u64 guest_code_address(const struct minivmx_sregs *sregs, __u64 rip)
{
	/* In 64-bit mode, the base of CS does not count. */
	return sregs->cs.l ? rip : (__u32)(sregs->cs.base + rip);
}

/**
 * guest_physical() - through the guest's page tables, if it has paging
 * @vcpu: the vCPU
 * @sregs: what MINIVMX_GET_SREGS says of it
 * @linear: the address
 *
 * Return: the guest-physical address; NOWHERE if they do not map it.
 */
__u64 guest_physical(const struct vcpu *vcpu, const struct minivmx_sregs *sregs, __u64 linear)
{
	struct minivmx_translation address = { .linear_address = linear };

	if (!(sregs->cr0 & X86_CR0_PG))
		return linear;
	if (ioctl(vcpu->fd, MINIVMX_TRANSLATE, &address) < 0 || !address.valid)
		return NOWHERE;
	return address.physical_address;
}

/**
 * guest_code() - where in memory the next instruction is
 * @vcpu: the vCPU that would execute it
 * @address: gets the guest-physical address
 *
 * Return: false if it is nowhere.
 */
bool guest_code(const struct vcpu *vcpu, __u64 *address)
{
	struct minivmx_sregs sregs;
	struct minivmx_regs regs;

	if (ioctl(vcpu->fd, MINIVMX_GET_REGS, &regs) < 0 ||
	    ioctl(vcpu->fd, MINIVMX_GET_SREGS, &sregs) < 0)
		return false;
	*address = guest_physical(vcpu, &sregs, guest_code_address(&sregs, regs.rip));
	return *address != NOWHERE;
}

/**
 * guest_read() - read memory
 * @vm: the VM
 * @vcpu: whose page tables count
 * @sregs: what MINIVMX_GET_SREGS says of it
 * @linear: the first address
 * @buffer: gets the bytes
 * @size: how many
 *
 * Return: how many there are, up to where nothing is mapped or memory ends.
 */
size_t guest_read(const struct vm *vm, const struct vcpu *vcpu,
		  const struct minivmx_sregs *sregs, __u64 linear, void *buffer, size_t size)
{
	size_t done = 0;

	while (done < size) {
		__u64 physical = guest_physical(vcpu, sregs, linear + done);
		size_t part;

		if (physical >= vm->mem_size)
			break;
		/* With paging, the next page may be anywhere; memory ends with one. */
		part = PAGE_SIZE - physical % PAGE_SIZE;
		if (part > size - done)
			part = size - done;
		memcpy((char *)buffer + done, vm->mem + physical, part);
		done += part;
	}
	return done;
}
