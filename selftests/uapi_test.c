// SPDX-License-Identifier: GPL-2.0
/*
 * minivmx.h, minivmx_state.h and minivmx_run.h say in their own words what
 * <linux/kvm.h> says: every number, size and offset is compared by the compiler.
 * minivmx_ext.h is minivmx's own: it has to keep out of KVM's way. That this
 * file compiles is the test; the program only reports how much was compared.
 *
 * Breakage it catches: a number, a type or the order of members in the headers.
 */
#include <stddef.h>

/* <linux/kvm.h> takes it from the kernel that it was made for. */
#define PAGE_SIZE	4096

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

/* An array without a length: where it is, and how large an entry is. */
#define SAME_FLEXIBLE(name, member)					\
	SAME(offsetof(struct minivmx_##name, member),			\
	     offsetof(struct kvm_##name, member));			\
	SAME(sizeof(((struct minivmx_##name *)0)->member[0]),		\
	     sizeof(((struct kvm_##name *)0)->member[0]))

/* An ioctl of our own, of another type than all of KVM's. */
#define OWN_IOCTL(name)							\
	_Static_assert(_IOC_TYPE(MINIVMX_##name) == MINIVMX_EXT_IO + COUNTED && \
		       MINIVMX_EXT_IO != KVMIO, #name " may be KVM's")

/* ------------------------- numbers of minivmx.h -------------------------- */

SAME_NAME(API_VERSION);
SAME(MINIVMX_IO, KVMIO);
SAME_NAME(MEM_LOG_DIRTY_PAGES);
SAME_NAME(MEM_READONLY);
SAME_NAME(CAP_USER_MEMORY);
SAME_NAME(CAP_SET_TSS_ADDR);
SAME_NAME(CAP_EXT_CPUID);
SAME_NAME(CAP_NR_VCPUS);
SAME_NAME(CAP_NR_MEMSLOTS);
SAME_NAME(CAP_MP_STATE);
SAME_NAME(CAP_COALESCED_MMIO);
SAME_NAME(CAP_DESTROY_MEMORY_REGION_WORKS);
SAME_NAME(CAP_USER_NMI);
SAME_NAME(CAP_SET_GUEST_DEBUG);
SAME_NAME(CAP_JOIN_MEMORY_REGIONS_WORKS);
SAME_NAME(CAP_SET_IDENTITY_MAP_ADDR);
SAME_NAME(CAP_INTERNAL_ERROR_DATA);
SAME_NAME(CAP_VCPU_EVENTS);
SAME_NAME(CAP_DEBUGREGS);
SAME_NAME(CAP_X86_ROBUST_SINGLESTEP);
SAME_NAME(CAP_XSAVE);
SAME_NAME(CAP_XCRS);
SAME_NAME(CAP_GET_TSC_KHZ);
SAME_NAME(CAP_MAX_VCPUS);
SAME_NAME(CAP_READONLY_MEM);
SAME_NAME(CAP_CHECK_EXTENSION_VM);
SAME_NAME(CAP_MAX_VCPU_ID);
SAME_NAME(CAP_IMMEDIATE_EXIT);
SAME_NAME(CAP_COALESCED_PIO);
SAME_NAME(CAP_SET_GUEST_DEBUG2);
SAME_NAME(CAP_SREGS2);
SAME_NAME(GET_API_VERSION);
SAME_NAME(CREATE_VM);
SAME_NAME(CHECK_EXTENSION);
SAME_NAME(GET_VCPU_MMAP_SIZE);
SAME_NAME(GET_MSR_INDEX_LIST);
SAME_NAME(GET_SUPPORTED_CPUID);
SAME_NAME(CREATE_VCPU);
SAME_NAME(GET_DIRTY_LOG);
SAME_NAME(SET_USER_MEMORY_REGION);
SAME_NAME(SET_TSS_ADDR);
SAME_NAME(SET_IDENTITY_MAP_ADDR);
SAME_NAME(REGISTER_COALESCED_MMIO);
SAME_NAME(UNREGISTER_COALESCED_MMIO);
SAME_NAME(RUN);
SAME_NAME(GET_REGS);
SAME_NAME(SET_REGS);
SAME_NAME(GET_SREGS);
SAME_NAME(SET_SREGS);
SAME_NAME(TRANSLATE);
SAME_NAME(INTERRUPT);
SAME_NAME(GET_MSRS);
SAME_NAME(SET_MSRS);
SAME_NAME(SET_SIGNAL_MASK);
SAME_NAME(GET_FPU);
SAME_NAME(SET_FPU);
SAME_NAME(SET_CPUID2);
SAME_NAME(GET_CPUID2);
SAME_NAME(GET_MP_STATE);
SAME_NAME(SET_MP_STATE);
SAME_NAME(NMI);
SAME_NAME(SET_GUEST_DEBUG);
SAME_NAME(GET_VCPU_EVENTS);
SAME_NAME(SET_VCPU_EVENTS);
SAME_NAME(GET_DEBUGREGS);
SAME_NAME(SET_DEBUGREGS);
SAME_NAME(GET_TSC_KHZ);
SAME_NAME(GET_XSAVE);
SAME_NAME(SET_XSAVE);
SAME_NAME(GET_XCRS);
SAME_NAME(SET_XCRS);
SAME_NAME(GET_SREGS2);
SAME_NAME(SET_SREGS2);
SAME_NAME(SREGS2_FLAGS_PDPTRS_VALID);

/* ------------------------- numbers of minivmx_state.h -------------------- */

SAME_NAME(NR_INTERRUPTS);
SAME_NAME(CPUID_FLAG_SIGNIFCANT_INDEX);
SAME_NAME(MAX_XCRS);
SAME_NAME(VCPUEVENT_VALID_NMI_PENDING);
SAME_NAME(VCPUEVENT_VALID_SIPI_VECTOR);
SAME_NAME(VCPUEVENT_VALID_SHADOW);
SAME_NAME(VCPUEVENT_VALID_SMM);
SAME_NAME(X86_SHADOW_INT_MOV_SS);
SAME_NAME(X86_SHADOW_INT_STI);
SAME_NAME(MP_STATE_RUNNABLE);
SAME_NAME(GUESTDBG_ENABLE);
SAME_NAME(GUESTDBG_SINGLESTEP);
SAME_NAME(GUESTDBG_USE_SW_BP);
SAME_NAME(GUESTDBG_USE_HW_BP);
SAME_NAME(GUESTDBG_INJECT_DB);
SAME_NAME(GUESTDBG_INJECT_BP);
SAME_NAME(GUESTDBG_BLOCKIRQ);

/* ------------------------- numbers of minivmx_run.h ---------------------- */

SAME_NAME(EXIT_UNKNOWN);
SAME_NAME(EXIT_IO);
SAME_NAME(EXIT_DEBUG);
SAME_NAME(EXIT_HLT);
SAME_NAME(EXIT_MMIO);
SAME_NAME(EXIT_IRQ_WINDOW_OPEN);
SAME_NAME(EXIT_SHUTDOWN);
SAME_NAME(EXIT_FAIL_ENTRY);
SAME_NAME(EXIT_INTR);
SAME_NAME(EXIT_SET_TPR);
SAME_NAME(EXIT_INTERNAL_ERROR);
SAME_NAME(INTERNAL_ERROR_EMULATION);
SAME_NAME(INTERNAL_ERROR_DELIVERY_EV);
SAME_NAME(INTERNAL_ERROR_UNEXPECTED_EXIT_REASON);
SAME_NAME(INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES);
SAME_NAME(EXIT_IO_IN);
SAME_NAME(EXIT_IO_OUT);
SAME_NAME(COALESCED_MMIO_MAX);

/* ------------------------- minivmx_ext.h --------------------------------- */

OWN_IOCTL(GET_VMX_CAPS);
OWN_IOCTL(EPT_WALK);
OWN_IOCTL(SET_EXIT_POLICY);
OWN_IOCTL(GET_EXIT_STATS);
OWN_IOCTL(TIME_EXITS);
OWN_IOCTL(EPT_SHAPE);
OWN_IOCTL(EPT_PAGE_SIZE);
OWN_IOCTL(EPT_POPULATE);
OWN_IOCTL(SET_TRACE);
OWN_IOCTL(GET_EXIT_TIMES);
OWN_IOCTL(GET_VMCS);
OWN_IOCTL(TRY_ENTRY);
OWN_IOCTL(SET_QUANTUM);
OWN_IOCTL(GET_QUANTUM);
_Static_assert(sizeof(((struct minivmx_run *)0)->fail_entry) <=
	       sizeof(((struct kvm_run *)0)->padding) + COUNTED,
	       "minivmx_run.fail_entry makes the run page larger");
_Static_assert(sizeof(struct minivmx_trace_record) == 128 + COUNTED,
	       "a record has another size");
_Static_assert(sizeof(struct minivmx_trace_ring) == 128 + COUNTED,
	       "records begin elsewhere");
/* KVM counts its reasons from 0 on, and is far from this. */
_Static_assert(MINIVMX_EXIT_VMX > 0xffff + COUNTED, "EXIT_VMX may be KVM's");
_Static_assert(sizeof(struct minivmx_vmx_exit) <=
	       sizeof(((struct kvm_run *)0)->padding) + COUNTED,
	       "minivmx_run.vmx makes the run page larger");

/* ------------------------- structures ------------------------------------ */

#include "uapi_structures.h"

enum { NR_COMPARED = __COUNTER__ };

TEST(same_as_kvm)
{
	TH_LOG("%d numbers, sizes and offsets compared by the compiler",
	       NR_COMPARED);
	EXPECT_LT(500, NR_COMPARED);
}

TEST_HARNESS_MAIN
