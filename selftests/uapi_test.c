// SPDX-License-Identifier: GPL-2.0
/*
 * minivmx.h says in its own words what <linux/kvm.h> says: every number, size
 * and offset is compared by the compiler. That this file compiles is the test;
 * the program only reports how much was compared.
 *
 * Breakage it catches: a number, a type or the order of members in minivmx.h.
 */
#include <stddef.h>
#include <linux/kvm.h>
#include <minivmx.h>

#include "kselftest_harness.h"

/* Each comparison counts itself, for the report. */
#define COUNTED		(__COUNTER__ * 0)

#define SAME(ours, theirs)						\
	_Static_assert((ours) == (theirs) + COUNTED, #ours " is not " #theirs)

#define SAME_NAME(name)		SAME(MINIVMX_##name, KVM_##name)

#define SAME_SIZE(name)							\
	SAME(sizeof(struct minivmx_##name), sizeof(struct kvm_##name))

/* Where it is, how large it is, and whether it is signed or an array. */
#define SAME_MEMBER_AS(name, ours, theirs)				\
	SAME(offsetof(struct minivmx_##name, ours),			\
	     offsetof(struct kvm_##name, theirs));			\
	SAME(sizeof(((struct minivmx_##name *)0)->ours),		\
	     sizeof(((struct kvm_##name *)0)->theirs));			\
	_Static_assert(__builtin_types_compatible_p(			\
		__typeof__(((struct minivmx_##name *)0)->ours),		\
		__typeof__(((struct kvm_##name *)0)->theirs)),		\
		#name "." #ours " has another type")

#define SAME_MEMBER(name, member)	SAME_MEMBER_AS(name, member, member)

/* A member that is a structure of its own: minivmx has its own name for it. */
#define SAME_STRUCT_MEMBER(name, member)				\
	SAME(offsetof(struct minivmx_##name, member),			\
	     offsetof(struct kvm_##name, member));			\
	SAME(sizeof(((struct minivmx_##name *)0)->member),		\
	     sizeof(((struct kvm_##name *)0)->member))

/* ------------------------- numbers --------------------------------------- */

SAME_NAME(API_VERSION);
SAME(MINIVMX_IO, KVMIO);
SAME_NAME(NR_INTERRUPTS);

SAME_NAME(GET_API_VERSION);
SAME_NAME(CREATE_VM);
SAME_NAME(CHECK_EXTENSION);
SAME_NAME(GET_VCPU_MMAP_SIZE);
SAME_NAME(CREATE_VCPU);
SAME_NAME(SET_USER_MEMORY_REGION);
SAME_NAME(RUN);
SAME_NAME(GET_REGS);
SAME_NAME(SET_REGS);
SAME_NAME(GET_SREGS);
SAME_NAME(SET_SREGS);

SAME_NAME(EXIT_UNKNOWN);
SAME_NAME(EXIT_IO);
SAME_NAME(EXIT_HLT);
SAME_NAME(EXIT_SHUTDOWN);
SAME_NAME(EXIT_FAIL_ENTRY);
SAME_NAME(EXIT_INTR);
SAME_NAME(EXIT_INTERNAL_ERROR);
SAME_NAME(INTERNAL_ERROR_UNEXPECTED_EXIT_REASON);
SAME_NAME(EXIT_IO_IN);
SAME_NAME(EXIT_IO_OUT);

SAME_NAME(CAP_USER_MEMORY);
SAME_NAME(CAP_NR_VCPUS);
SAME_NAME(CAP_NR_MEMSLOTS);
SAME_NAME(CAP_DESTROY_MEMORY_REGION_WORKS);
SAME_NAME(CAP_JOIN_MEMORY_REGIONS_WORKS);
SAME_NAME(CAP_INTERNAL_ERROR_DATA);
SAME_NAME(CAP_MAX_VCPUS);
SAME_NAME(CAP_CHECK_EXTENSION_VM);
SAME_NAME(CAP_MAX_VCPU_ID);
SAME_NAME(CAP_IMMEDIATE_EXIT);

/* ------------------------- structures ------------------------------------ */

SAME_SIZE(regs);
SAME_MEMBER(regs, rax);
SAME_MEMBER(regs, rbx);
SAME_MEMBER(regs, rcx);
SAME_MEMBER(regs, rdx);
SAME_MEMBER(regs, rsi);
SAME_MEMBER(regs, rdi);
SAME_MEMBER(regs, rsp);
SAME_MEMBER(regs, rbp);
SAME_MEMBER(regs, r8);
SAME_MEMBER(regs, r9);
SAME_MEMBER(regs, r10);
SAME_MEMBER(regs, r11);
SAME_MEMBER(regs, r12);
SAME_MEMBER(regs, r13);
SAME_MEMBER(regs, r14);
SAME_MEMBER(regs, r15);
SAME_MEMBER(regs, rip);
SAME_MEMBER(regs, rflags);

SAME_SIZE(segment);
SAME_MEMBER(segment, base);
SAME_MEMBER(segment, limit);
SAME_MEMBER(segment, selector);
SAME_MEMBER(segment, type);
SAME_MEMBER(segment, present);
SAME_MEMBER(segment, dpl);
SAME_MEMBER(segment, db);
SAME_MEMBER(segment, s);
SAME_MEMBER(segment, l);
SAME_MEMBER(segment, g);
SAME_MEMBER(segment, avl);
SAME_MEMBER(segment, unusable);
SAME_MEMBER(segment, padding);

SAME_SIZE(dtable);
SAME_MEMBER(dtable, base);
SAME_MEMBER(dtable, limit);
SAME_MEMBER(dtable, padding);

SAME_SIZE(sregs);
SAME_STRUCT_MEMBER(sregs, cs);
SAME_STRUCT_MEMBER(sregs, ds);
SAME_STRUCT_MEMBER(sregs, es);
SAME_STRUCT_MEMBER(sregs, fs);
SAME_STRUCT_MEMBER(sregs, gs);
SAME_STRUCT_MEMBER(sregs, ss);
SAME_STRUCT_MEMBER(sregs, tr);
SAME_STRUCT_MEMBER(sregs, ldt);
SAME_STRUCT_MEMBER(sregs, gdt);
SAME_STRUCT_MEMBER(sregs, idt);
SAME_MEMBER(sregs, cr0);
SAME_MEMBER(sregs, cr2);
SAME_MEMBER(sregs, cr3);
SAME_MEMBER(sregs, cr4);
SAME_MEMBER(sregs, cr8);
SAME_MEMBER(sregs, efer);
SAME_MEMBER(sregs, apic_base);
SAME_MEMBER(sregs, interrupt_bitmap);

SAME_SIZE(userspace_memory_region);
SAME_MEMBER(userspace_memory_region, slot);
SAME_MEMBER(userspace_memory_region, flags);
SAME_MEMBER(userspace_memory_region, guest_phys_addr);
SAME_MEMBER(userspace_memory_region, memory_size);
SAME_MEMBER(userspace_memory_region, userspace_addr);

SAME_SIZE(run);
SAME_MEMBER(run, request_interrupt_window);
SAME_MEMBER(run, immediate_exit);
SAME_MEMBER(run, padding1);
SAME_MEMBER(run, exit_reason);
SAME_MEMBER(run, ready_for_interrupt_injection);
SAME_MEMBER(run, if_flag);
SAME_MEMBER(run, flags);
SAME_MEMBER(run, cr8);
SAME_MEMBER(run, apic_base);
SAME_MEMBER(run, hw.hardware_exit_reason);
SAME_MEMBER(run, fail_entry.hardware_entry_failure_reason);
SAME_MEMBER(run, fail_entry.cpu);
SAME_MEMBER(run, io.direction);
SAME_MEMBER(run, io.size);
SAME_MEMBER(run, io.port);
SAME_MEMBER(run, io.count);
SAME_MEMBER(run, io.data_offset);
SAME_MEMBER(run, internal.suberror);
SAME_MEMBER(run, internal.ndata);
SAME_MEMBER(run, internal.data);
SAME_MEMBER(run, padding);
SAME_MEMBER(run, kvm_valid_regs);
SAME_MEMBER(run, kvm_dirty_regs);
SAME_MEMBER(run, s.padding);

enum { NR_COMPARED = __COUNTER__ };

TEST(same_as_kvm)
{
	TH_LOG("%d numbers, sizes and offsets compared by the compiler",
	       NR_COMPARED);
	EXPECT_LT(200, NR_COMPARED);
}

TEST_HARNESS_MAIN
