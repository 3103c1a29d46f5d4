// SPDX-License-Identifier: GPL-2.0
/*
 * An exit in words: as vmrun sees it in the run page, or as the processor described
 * it. No word depends on the host.
 */
#include <ctype.h>
#include <string.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "array_size.h"
#include "pc.h"
#include "names.h"
#include "trace.h"

/* Event information: SDM Vol. 3C, tables 25-17 to 25-19, edition 083. */
#define EVENT_VALID	0x80000000U
#define EVENT_VECTOR	0xffU
#define EVENT_TYPE	(7U << 8)
#define EVENT_INTERRUPT	(0U << 8)
#define EVENT_NMI	(2U << 8)
#define EVENT_SOFT	(4U << 8)
#define VECTOR_MC	18

/* An exit qualification of EPT: SDM Vol. 3C, table 28-7. */
#define EPT_READ	1
#define EPT_WRITE	2

#define ENTRY_FAILED	0x80000000U
#define BASIC_REASON	0xffffU

/* ------------------------- what vmrun sees -------------------------------- */

static void add_char(struct text *text, int c)
{
	if (c == '\n')
		text_add(text, " '\\n'");
	else if (isascii(c) && isprint(c))
		text_add(text, " '%c'", c);
}

/* A value of 1, 2, 4 or 8 bytes. */
static void add_value(struct text *text, const __u8 *data, __u32 size)
{
	__u64 value = 0;

	memcpy(&value, data, size < sizeof(value) ? size : sizeof(value));
	text_add(text, " 0x%0*llx", 2 * (int)size, value);
}

static void describe_io(struct text *text, const struct minivmx_run *run)
{
	const __u8 *data = (const __u8 *)run + run->io.data_offset;
	bool in = run->io.direction == MINIVMX_EXIT_IO_IN;
	__u32 i;

	text_add(text, "%s 0x%x %s", in ? "IN" : "OUT", run->io.port, in ? "->" : "<-");
	if (run->io.count > 1)
		text_add(text, " %u *", run->io.count);
	for (i = 0; i < run->io.count; i++, data += run->io.size) {
		add_value(text, data, run->io.size);
		if (run->io.port == SERIAL_PORT && run->io.size == 1)
			add_char(text, *data);
	}
}

static void describe_mmio(struct text *text, const struct minivmx_run *run)
{
	bool write = run->mmio.is_write;

	text_add(text, "%s 0x%llx %s", write ? "write" : "read", run->mmio.phys_addr,
		 write ? "<-" : "->");
	add_value(text, run->mmio.data, run->mmio.len);
	if (write && run->mmio.phys_addr == REGISTERS_BASE)
		add_char(text, run->mmio.data[0]);
}

/**
 * trace_describe_exit() - an exit of the API
 * @text: gets the words
 * @run: tells which
 */
void trace_describe_exit(struct text *text, const struct minivmx_run *run)
{
	switch (run->exit_reason) {
	case MINIVMX_EXIT_IO:
		describe_io(text, run);
		break;
	case MINIVMX_EXIT_MMIO:
		text_add(text, "MMIO ");
		describe_mmio(text, run);
		break;
	case MINIVMX_EXIT_DEBUG:
		text_add(text, "DEBUG exception %u at 0x%llx, dr6 0x%llx",
			 run->debug.arch.exception, run->debug.arch.pc,
			 run->debug.arch.dr6);
		break;
	case MINIVMX_EXIT_INTERNAL_ERROR:
		text_add(text, "INTERNAL_ERROR %u, %s", run->internal.suberror,
			 internal_error_text(run->internal.suberror));
		break;
	default:
		text_add(text, "%s", exit_name(run->exit_reason));
	}
}

/* ------------------------- what the processor says ------------------------ */

static __u32 basic_reason(const struct minivmx_trace_record *record)
{
	return record->reason & BASIC_REASON;
}

static bool is_string_io(const struct minivmx_trace_record *record)
{
	return record->qualification & 1 << 4;
}

/**
 * trace_is_hosts() - is it the host, not the guest, that made this exit happen
 * @record: the exit
 * @mem_size: bytes of guest memory
 *
 * They come at any time: interrupts and NMIs of the host, the end of a time slice,
 * a page of guest memory that the owner does not have yet, or not any more, and
 * the moment that the guest can take an interrupt which vmrun's timer made.
 */
bool trace_is_hosts(const struct minivmx_trace_record *record, __u64 mem_size)
{
	__u32 info = record->interruption_info;

	switch (record->reason) {
	case EXIT_REASON_EXTERNAL_INTERRUPT:
	case EXIT_REASON_INTERRUPT_WINDOW:
	case EXIT_REASON_NMI_WINDOW:
	case EXIT_REASON_PREEMPTION_TIMER:
		return true;
	case EXIT_REASON_EXCEPTION_NMI:
		return (info & EVENT_TYPE) == EVENT_NMI || (info & EVENT_VECTOR) == VECTOR_MC;
	case EXIT_REASON_EPT_VIOLATION:
		return record->physical < mem_size;
	case EXIT_REASON_IO_INSTRUCTION:
		/* One that is over: some processors ask once more. Or one that a signal cut. */
		return is_string_io(record) && record->user_exit != MINIVMX_EXIT_IO;
	default:
		return false;
	}
}

/**
 * trace_is_delivered_again() - was the event on its way when the guest last exited
 * @record: an exit, with an event that was injected before it
 * @before: the exit before
 */
bool trace_is_delivered_again(const struct minivmx_trace_record *record,
			      const struct minivmx_trace_record *before)
{
	return before->idt_vectoring_info & EVENT_VALID &&
		(before->idt_vectoring_info & EVENT_VECTOR) ==
		(record->injected & EVENT_VECTOR);
}

/** trace_describe_event() - an event, from event information of the VMCS */
void trace_describe_event(struct text *text, __u32 info)
{
	static const char *const names[32] = {
		"#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF",
		[10] = "#TS", "#NP", "#SS", "#GP", "#PF", [16] = "#MF", "#AC", "#MC", "#XM",
		"#VE", "#CP",
	};
	__u32 vector = info & EVENT_VECTOR;

	switch (info & EVENT_TYPE) {
	case EVENT_INTERRUPT:
		text_add(text, "interrupt 0x%x", vector);
		break;
	case EVENT_SOFT:
		text_add(text, "INT 0x%x", vector);
		break;
	default:
		if (vector < ARRAY_SIZE(names) && names[vector])
			text_add(text, "%s", names[vector]);
		else
			text_add(text, "exception 0x%x", vector);
	}
}

struct bit {
	__u64 mask;
	const char *name;
};

static const struct bit cr0_bits[] = {
	{ X86_CR0_PG, "PG" }, { X86_CR0_CD, "CD" }, { X86_CR0_NW, "NW" },
	{ X86_CR0_AM, "AM" }, { X86_CR0_WP, "WP" }, { X86_CR0_NE, "NE" },
	{ X86_CR0_TS, "TS" }, { X86_CR0_EM, "EM" }, { X86_CR0_MP, "MP" },
	{ X86_CR0_PE, "PE" }, { 0, NULL },
};

static const struct bit cr4_bits[] = {
	{ X86_CR4_VME, "VME" }, { X86_CR4_PVI, "PVI" }, { X86_CR4_TSD, "TSD" },
	{ X86_CR4_DE, "DE" }, { X86_CR4_PSE, "PSE" }, { X86_CR4_PAE, "PAE" },
	{ X86_CR4_MCE, "MCE" }, { X86_CR4_PGE, "PGE" }, { X86_CR4_PCE, "PCE" },
	{ X86_CR4_OSFXSR, "OSFXSR" }, { X86_CR4_OSXMMEXCPT, "OSXMMEXCPT" },
	{ X86_CR4_UMIP, "UMIP" }, { X86_CR4_FSGSBASE, "FSGSBASE" },
	{ X86_CR4_PCIDE, "PCIDE" }, { X86_CR4_OSXSAVE, "OSXSAVE" },
	{ X86_CR4_SMEP, "SMEP" }, { X86_CR4_SMAP, "SMAP" }, { X86_CR4_PKE, "PKE" },
	{ 0, NULL },
};

static const struct bit efer_bits[] = {
	{ 1 << 0, "SCE" }, { 1 << 8, "LME" }, { 1 << 10, "LMA" }, { 1 << 11, "NX" },
	{ 0, NULL },
};

/* A value, and the bits that are 1. */
static void add_bits(struct text *text, __u64 value, const struct bit *bit)
{
	text_add(text, " 0x%llx", value);
	for (; bit && bit->name; bit++)
		if (value & bit->mask)
			text_add(text, " %s=1", bit->name);
}

/* SDM Vol. 3C, "Exit Qualification for Control-Register Accesses", table 28-3. */
static void describe_cr(struct text *text, const struct minivmx_trace_record *record)
{
	unsigned int cr = record->qualification & 15;
	const struct bit *bits = cr == 0 ? cr0_bits : cr == 4 ? cr4_bits : NULL;

	switch (record->qualification >> 4 & 3) {
	case 0:
		text_add(text, "CR%u write", cr);
		add_bits(text, record->value, bits);
		break;
	case 1:
		text_add(text, "CR%u read", cr);
		add_bits(text, record->result, bits);
		break;
	case 2:
		text_add(text, "CLTS");
		break;
	default:
		text_add(text, "LMSW");
		add_bits(text, record->qualification >> 16 & 0xffff, cr0_bits);
	}
}

/* SDM Vol. 3C, "Exit Qualification for MOV DR", table 28-4. */
static void describe_dr(struct text *text, const struct minivmx_trace_record *record)
{
	bool read = record->qualification & 1 << 4;

	text_add(text, "DR%u %s 0x%llx", (unsigned int)record->qualification & 7,
		 read ? "read" : "write", read ? record->result : record->value);
}

/* MSRs that a processor counts with: no two runs read the same. */
static bool counts(__u32 msr)
{
	return msr == 0x10 || msr == 0xe7 || msr == 0xe8;
}

#define MSR_EFER	0xc0000080

static void describe_msr(struct text *text, const struct minivmx_trace_record *record,
			 bool read)
{
	__u64 value = read ? record->result : record->value;

	text_add(text, "%s 0x%x %s", read ? "RDMSR" : "WRMSR", record->rcx,
		 read ? "->" : "<-");
	if (read && counts(record->rcx))
		text_add(text, " a counter");
	else
		add_bits(text, value, record->rcx == MSR_EFER ? efer_bits : NULL);
}

/* ECX means something to few leaves only: SDM Vol. 2A, "CPUID", edition 083. */
static bool has_subleaves(__u32 leaf)
{
	static const __u32 leaves[] = {
		0x4, 0x7, 0xb, 0xd, 0xf, 0x10, 0x12, 0x14, 0x17, 0x18, 0x1a, 0x1d, 0x1f,
		0x20, 0x23, 0x8000001d,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(leaves); i++)
		if (leaves[i] == leaf)
			return true;
	return false;
}

static void describe_cpuid(struct text *text, const struct minivmx_trace_record *record)
{
	__u32 leaf = record->value;

	text_add(text, "CPUID 0x%x", leaf);
	if (has_subleaves(leaf))
		text_add(text, ".%u", record->rcx);
}

/* I/O that the kernel dealt with: all of it is known but the data of a string. */
static void describe_kernel_io(struct text *text, const struct minivmx_trace_record *record)
{
	__u64 qualification = record->qualification;
	__u32 size = (qualification & 7) + 1;

	text_add(text, "%s%s 0x%llx", qualification & 1 << 3 ? "IN" : "OUT",
		 qualification & 1 << 4 ? "S" : "", qualification >> 16 & 0xffff);
	if (!(qualification & (1 << 3 | 1 << 4))) {
		text_add(text, " <-");
		add_value(text, (const __u8 *)&record->value, size);
	}
}

static void describe_ept(struct text *text, const struct minivmx_trace_record *record)
{
	__u64 qualification = record->qualification;

	text_add(text, "EPT violation %s 0x%llx", qualification & EPT_WRITE ? "write" :
		 qualification & EPT_READ ? "read" : "fetch", record->physical);
}

static void describe_kernel(struct text *text, const struct minivmx_trace_record *record)
{
	__u32 reason = basic_reason(record);

	switch (reason) {
	case EXIT_REASON_EXCEPTION_NMI:
		text_add(text, "exception ");
		trace_describe_event(text, record->interruption_info);
		break;
	case EXIT_REASON_EXTERNAL_INTERRUPT:
		text_add(text, "interrupt of the host");
		break;
	case EXIT_REASON_TRIPLE_FAULT:
		text_add(text, "triple fault");
		break;
	case EXIT_REASON_CPUID:
		describe_cpuid(text, record);
		break;
	case EXIT_REASON_VMCALL:
		text_add(text, "VMCALL 0x%x", (__u32)record->value);
		break;
	case EXIT_REASON_CR_ACCESS:
		describe_cr(text, record);
		break;
	case EXIT_REASON_DR_ACCESS:
		describe_dr(text, record);
		break;
	case EXIT_REASON_IO_INSTRUCTION:
		describe_kernel_io(text, record);
		break;
	case EXIT_REASON_MSR_READ:
	case EXIT_REASON_MSR_WRITE:
		describe_msr(text, record, reason == EXIT_REASON_MSR_READ);
		break;
	case EXIT_REASON_XSETBV:
		text_add(text, "XSETBV 0x%x <- 0x%llx", record->rcx, record->value);
		break;
	case EXIT_REASON_EPT_VIOLATION:
		describe_ept(text, record);
		break;
	default:
		text_add(text, "%s", vmx_exit_name(reason));
	}
	if (record->reason & ENTRY_FAILED)
		text_add(text, ", VM entry failed");
}

/**
 * trace_describe_record() - an exit of the processor's
 * @text: gets the words
 * @record: the exit
 * @run: if it is what ended MINIVMX_RUN, tells what vmrun made of it; else NULL
 */
void trace_describe_record(struct text *text, const struct minivmx_trace_record *record,
			   const struct minivmx_run *run)
{
	__u32 exit = run ? run->exit_reason : MINIVMX_EXIT_UNKNOWN;

	if (exit == MINIVMX_EXIT_IO) {
		describe_io(text, run);
		return;
	}
	if (exit == MINIVMX_EXIT_MMIO && basic_reason(record) == EXIT_REASON_EPT_VIOLATION) {
		text_add(text, "EPT violation ");
		describe_mmio(text, run);
		return;
	}
	describe_kernel(text, record);
	if (exit == MINIVMX_EXIT_INTERNAL_ERROR || exit == MINIVMX_EXIT_DEBUG ||
	    exit == MINIVMX_EXIT_MMIO) {
		text_add(text, ": ");
		trace_describe_exit(text, run);
	}
}
