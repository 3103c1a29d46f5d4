/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guests whose exits are known.
 */
#ifndef SELFTESTS_TRACED_GUEST_H
#define SELFTESTS_TRACED_GUEST_H

#include "guest_code.h"
#include "vm.h"

/* Basic exit reasons. */
#define EXTERNAL	1
#define CPUID		10
#define HLT		12
#define VMCALL		18
#define CR_ACCESS	28
#define IO		30
#define MSR_READ	31
#define MSR_WRITE	32
#define EPT_VIOLATION	48
#define TIMER		52

#define APIC_BASE_MSR	0x1b
#define APIC_BASE	0xfee00900

/* One of each. */
GUEST_CODE(16, story,
	   "mov	$0x12345678, %eax\n"
	   "mov	$7, %ecx\n"
	   "cpuid\n"
	   "mov	$0x1b, %ecx\n"
	   "rdmsr\n"
	   "wrmsr\n"
	   "mov	%cr0, %ebx\n"
	   "or	$0x20, %ebx\n"
	   "and	$0x9fffffff, %ebx\n"
	   "mov	%ebx, %cr0\n"
	   "mov	$0x41, %al\n"
	   "out	%al, $0x10\n"
	   "mov	%al, 0x3000\n"
	   "mov	$1, %eax\n"
	   "vmcall\n"
	   "hlt\n");

#define STORY_EXITS	9

/* Runs it to its end. Return: 0, or another number. */
static inline int tell_story(struct vm *vm)
{
	return vm_load(vm, CODE(story)) || vm_run(vm->vcpu) ||
		vm->run->exit_reason != MINIVMX_EXIT_IO || vm_run(vm->vcpu) ||
		vm->run->exit_reason != MINIVMX_EXIT_HLT;
}

/* CPUID, so often. */
#define LOOPS	500

GUEST_CODE(16, many,
	   "mov	$500, %si\n"
	   "1: cpuid\n"
	   "dec	%si\n"
	   "jnz	1b\n"
	   "hlt\n");

#endif /* SELFTESTS_TRACED_GUEST_H */
