/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest that touches memory wherever a test wants it to.
 */
#ifndef SELFTESTS_ADDER_H
#define SELFTESTS_ADDER_H

#include "guest_code.h"
#include "vm.h"

/* Adds 1 at (%ebx), an address of 32 bits, and halts; and again. */
GUEST_CODE(32, adder,
	   "adder_again:\n"
	   "addl	$1, (%ebx)\n"
	   "hlt\n"
	   "jmp	adder_again\n");

/** adder_start() - let the next runs add to the word at @gpa */
static inline int adder_start(struct vm *vm, uint64_t gpa)
{
	struct minivmx_regs regs = {
		.rip = VM_ENTRY, .rflags = RFLAGS_FIXED, .rbx = gpa,
	};
	struct minivmx_sregs sregs;
	int ret = vm_get_sregs(vm->vcpu, &sregs);

	if (ret)
		return ret;
	memcpy(vm->memory + VM_ENTRY, adder, adder_end - adder);
	vm_flat_segments(&sregs, 0);
	ret = vm_set_sregs(vm->vcpu, &sregs);
	return ret ? ret : vm_set_regs(vm->vcpu, &regs);
}

#endif /* SELFTESTS_ADDER_H */
