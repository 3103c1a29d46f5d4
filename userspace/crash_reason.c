// SPDX-License-Identifier: GPL-2.0
/*
 * The first line of the report of a crash: which exit ended the guest.
 */
#include <stdio.h>
#include <string.h>
#include <asm/vmx.h>

#include "crash_parts.h"
#include "entry_report.h"
#include "exit_status.h"
#include "names.h"

static void print_port(const struct minivmx_run *run)
{
	bool in = run->io.direction == MINIVMX_EXIT_IO_IN;
	__u32 value = 0;

	memcpy(&value, (const __u8 *)run + run->io.data_offset, run->io.size);
	fprintf(stderr, "%s port 0x%x, which nothing claims: %u byte%s",
		in ? "IN from" : "OUT to", run->io.port, run->io.size,
		run->io.size == 1 ? "" : "s");
	if (!in)
		fprintf(stderr, ", value 0x%0*x", 2 * run->io.size, value);
}

static void print_vmx_exit(const __u64 *data, __u32 ndata)
{
	__u64 reason = data[MINIVMX_UNEXPECTED_EXIT_REASON];

	fprintf(stderr, ": VMX exit reason %llu (%s)", reason, vmx_exit_name(reason));
	if (ndata > MINIVMX_UNEXPECTED_EXIT_QUALIFICATION)
		fprintf(stderr, ", qualification 0x%llx",
			data[MINIVMX_UNEXPECTED_EXIT_QUALIFICATION]);
	if (ndata > MINIVMX_UNEXPECTED_EXIT_GPA &&
	    (reason == EXIT_REASON_EPT_VIOLATION ||
	     reason == EXIT_REASON_EPT_MISCONFIG))
		fprintf(stderr, ", guest-physical address 0x%llx",
			data[MINIVMX_UNEXPECTED_EXIT_GPA]);
}

static void print_instruction(const struct minivmx_run *run)
{
	__u8 size = run->emulation_failure.insn_size, i;

	if (!run->internal.ndata || !(run->emulation_failure.flags &
				      MINIVMX_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES))
		return;
	fputs(", bytes", stderr);
	for (i = 0; i < size && i < sizeof(run->emulation_failure.insn_bytes); i++)
		fprintf(stderr, " %02x", run->emulation_failure.insn_bytes[i]);
}

static void print_internal_error(const struct minivmx_run *run)
{
	__u32 suberror = run->internal.suberror;
	__u32 ndata = run->internal.ndata;

	fprintf(stderr, "the hypervisor met %s (internal error %u)",
		internal_error_text(suberror), suberror);
	if (suberror == MINIVMX_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON &&
	    ndata > MINIVMX_UNEXPECTED_EXIT_REASON)
		print_vmx_exit(run->internal.data, ndata);
	if (suberror == MINIVMX_INTERNAL_ERROR_EMULATION)
		print_instruction(run);
}

static enum crash_kind kind_of(__u32 suberror)
{
	switch (suberror) {
	case MINIVMX_INTERNAL_ERROR_EMULATION:
		return CRASH_EMULATION;
	case MINIVMX_INTERNAL_ERROR_DELIVERY_EV:
		return CRASH_DELIVERY;
	default:
		return CRASH_OTHER;
	}
}

static void print_mmio(const struct minivmx_run *run)
{
	fprintf(stderr, "%s at guest-physical address 0x%llx, which nothing claims: %u byte%s",
		run->mmio.is_write ? "write" : "read", run->mmio.phys_addr, run->mmio.len,
		run->mmio.len == 1 ? "" : "s");
}

static void print_vmx(const struct minivmx_run *run)
{
	fprintf(stderr, "VMX exit reason %u (%s), qualification 0x%llx, which nobody asked for",
		run->vmx.reason, vmx_exit_name(run->vmx.reason), run->vmx.qualification);
}

/**
 * crash_print_reason() - what happened, without a newline
 * @vm: the VM
 * @run: its run page
 * @kind: gets what kind of end it is
 *
 * Return: the exit status for it.
 */
int crash_print_reason(const struct vm *vm, const struct minivmx_run *run,
		       enum crash_kind *kind)
{
	__u64 qualification = run->fail_entry.qualification;

	*kind = CRASH_OTHER;
	switch (run->exit_reason) {
	case MINIVMX_EXIT_IO:
		*kind = CRASH_PORT;
		print_port(run);
		return STATUS_PORT;
	case MINIVMX_EXIT_SHUTDOWN:
		*kind = CRASH_TRIPLE_FAULT;
		fputs("triple fault: no handler for an exception, none for the double fault",
		      stderr);
		return STATUS_TRIPLE_FAULT;
	case MINIVMX_EXIT_FAIL_ENTRY:
		entry_report_failure(run->fail_entry.hardware_entry_failure_reason,
				     vm->minivmx ? &qualification : NULL);
		return STATUS_ENTRY;
	case MINIVMX_EXIT_INTERNAL_ERROR:
		*kind = kind_of(run->internal.suberror);
		print_internal_error(run);
		return STATUS_EXIT;
	case MINIVMX_EXIT_MMIO:
		*kind = CRASH_ADDRESS;
		print_mmio(run);
		return STATUS_PORT;
	case MINIVMX_EXIT_VMX:
		print_vmx(run);
		return STATUS_EXIT;
	default:
		fprintf(stderr, "exit reason %u (%s), which vmrun does not handle",
			run->exit_reason, exit_name(run->exit_reason));
		return STATUS_EXIT;
	}
}
