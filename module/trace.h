/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: what perf, trace-cmd and bpftrace see under "minivmx".
 *
 * vm_entry, vm_exit and inject fire inside a window: observe.c calls them, and
 * keeps for the guest what a probe may change.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM minivmx

#if !defined(MINIVMX_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define MINIVMX_TRACE_H

#include <linux/tracepoint.h>
#include <asm/vmx.h>

#include "exit_decode.h"
#include "gmem.h"
#include "observe.h"

/* SDM Vol. 3C, "VM-Entry Controls for Event Injection", table 25-17. */
#define trace_event_types				\
	{ INTR_TYPE_EXT_INTR,		"interrupt" },	\
	{ INTR_TYPE_NMI_INTR,		"NMI" },	\
	{ INTR_TYPE_HARD_EXCEPTION,	"exception" },	\
	{ INTR_TYPE_SOFT_INTR,		"INT n" },	\
	{ INTR_TYPE_PRIV_SW_EXCEPTION,	"INT1" },	\
	{ INTR_TYPE_SOFT_EXCEPTION,	"INT3 or INTO" }

/* For those who read the records outside of the kernel: numbers instead of names. */
TRACE_DEFINE_ENUM(GMEM_MAPPED);
TRACE_DEFINE_ENUM(GMEM_NO_SLOT);
TRACE_DEFINE_ENUM(GMEM_BAD_USER_PAGE);
TRACE_DEFINE_ENUM(GMEM_NO_MEMORY);
TRACE_DEFINE_ENUM(GMEM_INTERRUPTED);

#define trace_gmem_results				\
	{ GMEM_MAPPED,		"mapped" },		\
	{ GMEM_NO_SLOT,		"no slot" },		\
	{ GMEM_BAD_USER_PAGE,	"bad user page" },	\
	{ GMEM_NO_MEMORY,	"no memory" },		\
	{ GMEM_INTERRUPTED,	"interrupted" }

/* The processor is about to enter the guest. */
TRACE_EVENT_FN(vm_entry,
	TP_PROTO(u64 vcpu, unsigned long rip),
	TP_ARGS(vcpu, rip),
	TP_STRUCT__entry(
		__field(u64, vcpu)
		__field(unsigned long, rip)
	),
	TP_fast_assign(
		__entry->vcpu = vcpu;
		__entry->rip = rip;
	),
	TP_printk("vcpu %llu rip 0x%lx", __entry->vcpu, __entry->rip),
	observe_begin, observe_end_now
);

/* It has left the guest; nothing was done about it yet. */
TRACE_EVENT_FN(vm_exit,
	TP_PROTO(u64 vcpu, u32 reason, unsigned long rip, u64 qualification,
		 u32 interruption_info),
	TP_ARGS(vcpu, reason, rip, qualification, interruption_info),
	TP_STRUCT__entry(
		__field(u64, vcpu)
		__field(unsigned long, rip)
		__field(u64, qualification)
		__field(u32, reason)
		__field(u32, interruption_info)
	),
	TP_fast_assign(
		__entry->vcpu = vcpu;
		__entry->rip = rip;
		__entry->qualification = qualification;
		__entry->reason = reason;
		__entry->interruption_info = interruption_info;
	),
	TP_printk("vcpu %llu rip 0x%lx reason %s%s qualification 0x%llx interruption 0x%08x",
		  __entry->vcpu, __entry->rip,
		  __print_symbolic(__entry->reason & EXIT_REASON_BASIC, VMX_EXIT_REASONS),
		  __entry->reason & EXIT_REASON_ENTRY_FAILURE ? ", entry failed" : "",
		  __entry->qualification, __entry->interruption_info),
	observe_begin, observe_end_now
);

/* The next VM entry delivers an event. */
TRACE_EVENT_FN(inject,
	TP_PROTO(u64 vcpu, u32 info, u32 error_code),
	TP_ARGS(vcpu, info, error_code),
	TP_STRUCT__entry(
		__field(u64, vcpu)
		__field(u32, info)
		__field(u32, error_code)
	),
	TP_fast_assign(
		__entry->vcpu = vcpu;
		__entry->info = info;
		__entry->error_code = info & INTR_INFO_DELIVER_CODE_MASK ? error_code : 0;
	),
	TP_printk("vcpu %llu %s vector 0x%x error code 0x%x", __entry->vcpu,
		  __print_symbolic(__entry->info & INTR_INFO_INTR_TYPE_MASK,
				   trace_event_types),
		  __entry->info & INTR_INFO_VECTOR_MASK, __entry->error_code),
	observe_begin, observe_end_now
);

/* An EPT violation, outside of the window: was there a page of the owner's. */
TRACE_EVENT(ept_fault,
	TP_PROTO(u64 vcpu, u64 gpa, u64 qualification, int result),
	TP_ARGS(vcpu, gpa, qualification, result),
	TP_STRUCT__entry(
		__field(u64, vcpu)
		__field(u64, gpa)
		__field(u64, qualification)
		__field(int, result)
	),
	TP_fast_assign(
		__entry->vcpu = vcpu;
		__entry->gpa = gpa;
		__entry->qualification = qualification;
		__entry->result = result;
	),
	TP_printk("vcpu %llu gpa 0x%llx %s: %s", __entry->vcpu, __entry->gpa,
		  __print_flags(__entry->qualification & 7, "|",
				{ 1, "read" }, { 2, "write" }, { 4, "fetch" }),
		  __print_symbolic(__entry->result, trace_gmem_results))
);

#endif /* MINIVMX_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace

/* It is read again, and again, to make the code of the events. */
#include <trace/define_trace.h>
