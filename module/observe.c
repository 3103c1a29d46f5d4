// SPDX-License-Identifier: GPL-2.0
/*
 * Whoever looks at exits, in one place: it is entered only if somebody does.
 */
#include <linux/bits.h>
#include <linux/errno.h>
#include <asm/msr.h>
#include <asm/processor-flags.h>
#include <asm/special_insns.h>
#include <asm/vmx.h>

#include "exit.h"
#include "exit_decode.h"
#include "exit_stats.h"
#include "observe.h"
#include "trace_ring.h"
#include "vcpu.h"
#include "vmcs.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

/* One count for all. */
DEFINE_STATIC_KEY_DEFERRED_FALSE(observe_key, HZ);

/** observe_begin() - one that looks more. Return: 0, for tracepoints. */
int observe_begin(void)
{
	static_branch_inc(&observe_key.key);
	return 0;
}

/**
 * observe_end() - one less
 *
 * Patching code interrupts each CPU, and any user with a VM may cause it: so it
 * is patched out again no more than once a second.
 */
void observe_end(void)
{
	static_branch_slow_dec_deferred(&observe_key);
}

/**
 * observe_end_now() - a tracepoint less
 *
 * It may be the end of the module that switches it off: there is no later then.
 */
void observe_end_now(void)
{
	static_branch_dec(&observe_key.key);
}

/** observe_flush() - the module goes: nothing may be left to patch */
void observe_flush(void)
{
	static_key_deferred_flush(&observe_key);
}

/*
 * CR2 is the guest's until the window ends. A probe, such as a BPF program that
 * reads user memory, may cause page faults.
 */
#define IN_WINDOW(call) do {				\
	unsigned long cr2 = native_read_cr2();		\
							\
	call;						\
	if (unlikely(native_read_cr2() != cr2))		\
		native_write_cr2(cr2);			\
} while (0)

/* ------------------------- records ---------------------------------------- */

/*
 * A field that exit handlers read as well, loudly: so it can be read. Here each
 * instruction counts.
 */
static __always_inline unsigned long peek(enum vmcs_encoding field)
{
	unsigned long value = 0;

	vmread(field, &value);
	return value;
}

/*
 * Each bit is moved from where it is in the VMCS to where a record has it, without a
 * branch: this is on the way of each exit.
 */
static __always_inline u32 mode_flags(void)
{
	u32 cs = peek(VMCS_GUEST_CS_ACCESS_RIGHTS);
	u32 ss = peek(VMCS_GUEST_SS_ACCESS_RIGHTS);
	u32 efer = peek(VMCS_GUEST_IA32_EFER);
	u32 cr0 = peek(VMCS_GUEST_CR0);

	BUILD_BUG_ON(X86_CR0_PE != MINIVMX_TRACE_PROTECTED);
	BUILD_BUG_ON(X86_CR0_PG >> 30 != MINIVMX_TRACE_PAGING);
	BUILD_BUG_ON(EFER_LMA >> 8 != MINIVMX_TRACE_LONG);
	BUILD_BUG_ON(VMX_AR_L_MASK >> 10 != MINIVMX_TRACE_CODE_64);
	BUILD_BUG_ON(VMX_AR_DB_MASK >> 10 != MINIVMX_TRACE_CODE_32);
	BUILD_BUG_ON(VMX_AR_DPL(MINIVMX_TRACE_DPL) != 3);
	return (cr0 & MINIVMX_TRACE_PROTECTED) | (cr0 >> 30 & MINIVMX_TRACE_PAGING) |
		(efer >> 8 & MINIVMX_TRACE_LONG) |
		(cs >> 10 & (MINIVMX_TRACE_CODE_64 | MINIVMX_TRACE_CODE_32)) |
		(ss & MINIVMX_TRACE_DPL);
}

/* A register of the exit's; RSP is in the VMCS during a window. */
static u64 gpr(struct vcpu *vcpu, unsigned int n, bool in_window)
{
	return in_window ? exit_gpr(vcpu, n) : *vcpu_gpr(vcpu, n);
}

/* What the register holds that the exit is about, if that is not RAX. */
static u64 own_value(struct vcpu *vcpu, bool in_window)
{
	u64 qualification = vcpu->trace.qualification;

	switch (exit_basic_reason(vcpu->exit.reason)) {
	case EXIT_REASON_CR_ACCESS:
		return gpr(vcpu, exit_decode_cr(qualification).gpr, in_window);
	case EXIT_REASON_DR_ACCESS:
		return gpr(vcpu, exit_decode_dr(qualification).gpr, in_window);
	default:
		return (u32)vcpu->context.rax | vcpu->context.rdx << 32;
	}
}

/*
 * Which exits have more than is read of each. One bit a reason, and 64 is as 0: so it
 * may be asked in vain.
 */
static __always_inline bool may_have_details(u32 reason)
{
	const u64 those = BIT_ULL(EXIT_REASON_EXCEPTION_NMI) |
		BIT_ULL(EXIT_REASON_CR_ACCESS) | BIT_ULL(EXIT_REASON_DR_ACCESS) |
		BIT_ULL(EXIT_REASON_MSR_READ) | BIT_ULL(EXIT_REASON_MSR_WRITE) |
		BIT_ULL(EXIT_REASON_EPT_VIOLATION) | BIT_ULL(EXIT_REASON_XSETBV);

	return those >> (reason & 63) & 1;
}

static void record_details(struct vcpu *vcpu)
{
	struct trace_ring *trace = &vcpu->trace;
	struct minivmx_trace_record *record = trace->record;

	switch (vcpu->exit.reason) {
	case EXIT_REASON_EPT_VIOLATION:
		record->linear = peek(VMCS_GUEST_LINEAR_ADDRESS);
		record->physical = peek(VMCS_GUEST_PHYSICAL_ADDRESS);
		break;
	case EXIT_REASON_EXCEPTION_NMI:
		record->interruption_info = peek(VMCS_VM_EXIT_INTERRUPTION_INFO);
		record->interruption_error = peek(VMCS_VM_EXIT_INTERRUPTION_ERROR_CODE);
		break;
	case EXIT_REASON_CR_ACCESS:
	case EXIT_REASON_DR_ACCESS:
	case EXIT_REASON_MSR_READ:
	case EXIT_REASON_MSR_WRITE:
	case EXIT_REASON_XSETBV:
		trace->qualification = peek(VMCS_EXIT_QUALIFICATION);
		trace->own_value = true;
		record->value = own_value(vcpu, true);
	}
}

/*
 * Begins a record, of an exit for which there is room; it is completed before the next
 * entry or the return to user space. Nothing in the ring is ever read back, but for the
 * caller's tail. Two or three instructions a member: no more is read than what this
 * exit has.
 */
static __always_inline void record_exit(struct vcpu *vcpu, u64 now)
{
	struct trace_ring *trace = &vcpu->trace;
	struct minivmx_trace_record *record = &trace->ring->records[trace->head & trace->mask];
	u32 flags = mode_flags();

	/* One address, and not a sum of three for each member. */
	OPTIMIZER_HIDE_VAR(record);
	trace->record = record;
	trace->flags = flags;
	record->sequence = trace->head;
	record->entry_tsc = trace->entry_tsc;
	record->exit_tsc = now;
	record->reason = vcpu->exit.reason;
	record->flags = flags;
	record->qualification = peek(VMCS_EXIT_QUALIFICATION);
	record->rip = peek(VMCS_GUEST_RIP);
	record->cs_base = peek(VMCS_GUEST_CS_BASE);
	record->linear = 0;
	record->physical = 0;
	record->value = vcpu->context.rax;
	record->rcx = vcpu->context.rcx;
	record->user_exit = 0;
	record->interruption_info = 0;
	record->interruption_error = 0;
	record->idt_vectoring_info = peek(VMCS_IDT_VECTORING_INFO);
	record->injected = trace->injected;
	record->instruction_length = peek(VMCS_VM_EXIT_INSTRUCTION_LENGTH);
	record->instruction_info = peek(VMCS_VM_EXIT_INSTRUCTION_INFO);
}

/* Return: how many records there are now. */
static __always_inline u64 publish(struct trace_ring *trace)
{
	struct minivmx_trace_ring *ring = trace->ring;
	u64 head = trace->head + 1;

	trace->record = NULL;
	trace->head = head;
	/* Whoever sees the new head sees the record too. */
	smp_store_release(&ring->head, head);
	return head;
}

static noinline u64 record_own_value(struct vcpu *vcpu, bool in_window)
{
	vcpu->trace.record->result = own_value(vcpu, in_window);
	vcpu->trace.own_value = false;
	return publish(&vcpu->trace);
}

/* Completes a record that has begun. */
static __always_inline u64 record_done(struct vcpu *vcpu, u64 now, bool in_window)
{
	struct minivmx_trace_record *record = vcpu->trace.record;

	record->done_tsc = now;
	record->result = vcpu->context.rax;
	return unlikely(vcpu->trace.own_value) ? record_own_value(vcpu, in_window) :
		publish(&vcpu->trace);
}

/* Between two records. Return: false if there is no room for the next one. */
static __always_inline bool record_entry(struct vcpu *vcpu)
{
	struct trace_ring *trace = &vcpu->trace;
	u64 now = rdtsc(), head;

	trace->entry_tsc = now;
	/* What was to be injected before did not come, or is in a record. */
	trace->injected = 0;
	head = trace->record ? record_done(vcpu, now, true) : trace->head;
	/*
	 * What was read was read before its place is written again. User space may have
	 * written any tail: then the ring is full, or looks empty.
	 */
	return head - smp_load_acquire(&trace->ring->tail) <= trace->mask;
}

/* ------------------------- on the way of exits ---------------------------- */

static noinline void trace_point_entry(struct vcpu *vcpu)
{
	IN_WINDOW(trace_vm_entry(vcpu->number, vmcs_readl(VMCS_GUEST_RIP)));
}

static noinline void trace_point_exit(struct vcpu *vcpu)
{
	IN_WINDOW(trace_vm_exit(vcpu->number, vcpu->exit.reason,
				vmcs_readl(VMCS_GUEST_RIP),
				vmcs_readl(VMCS_EXIT_QUALIFICATION),
				vmcs_read32(VMCS_VM_EXIT_INTERRUPTION_INFO)));
}

bool observe_entry_slow(struct vcpu *vcpu)
{
	if (vcpu->exit_tsc)
		exit_stats_account(vcpu);
	if (vcpu->trace.ring && !record_entry(vcpu)) {
		vcpu->run->exit_reason = MINIVMX_EXIT_TRACE_FULL;
		return false;
	}
	if (trace_vm_entry_enabled())
		trace_point_entry(vcpu);
	return true;
}

static noinline void observe_exit_details(struct vcpu *vcpu)
{
	record_details(vcpu);
	if (trace_vm_exit_enabled())
		trace_point_exit(vcpu);
}

/* Each instruction counts: calls are the last thing that is done, and need no frame. */
void observe_exit_slow(struct vcpu *vcpu)
{
	u64 now = rdtsc();

	if (vcpu->time_exits)
		vcpu->exit_tsc = now;
	if (vcpu->trace.ring) {
		record_exit(vcpu, now);
		if (unlikely(may_have_details(vcpu->exit.reason))) {
			observe_exit_details(vcpu);
			return;
		}
	}
	if (trace_vm_exit_enabled())
		trace_point_exit(vcpu);
}

/**
 * observe_inject() - the next VM entry delivers an event
 * @vcpu: the vCPU; its VMCS is current
 * @info: VM-entry interruption information
 */
void observe_inject(struct vcpu *vcpu, u32 info)
{
	vcpu->trace.injected = info;
	if (trace_inject_enabled())
		IN_WINDOW(trace_inject(vcpu->number, info, vcpu->event.error_code));
}

void observe_return_slow(struct vcpu *vcpu, int ret)
{
	struct minivmx_trace_record *record = vcpu->trace.record;

	if (!record)
		return;
	record->flags = vcpu->trace.flags | MINIVMX_TRACE_TO_USER;
	if (!ret)
		record->user_exit = READ_ONCE(vcpu->run->exit_reason);
	else if (ret == -EINTR || ret == -ERESTARTNOHAND)
		record->user_exit = MINIVMX_EXIT_INTR;
	record_done(vcpu, rdtsc(), false);
}
