// SPDX-License-Identifier: GPL-2.0
/*
 * The report of a guest that cannot go on: a sentence that says why, then the
 * state of its vCPU.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "entry_report.h"
#include "exit_status.h"
#include "names.h"
#include "report.h"

#define PAGE_SIZE	0x1000ULL	/* of the guest; memory ends with one */

/* How many bytes of code to show. An instruction has 15 at most. */
#define CODE_BYTES	16

struct state {
	struct minivmx_regs regs;
	struct minivmx_sregs sregs;
};

/* Where the guest is, as its own code would say it. */
static void print_place(const struct state *state)
{
	if (state->sregs.cr0 & X86_CR0_PE)
		fprintf(stderr, ", at 0x%llx", state->regs.rip);
	else
		fprintf(stderr, ", at %04x:%04llx", state->sregs.cs.selector,
			state->regs.rip);
}

static void print_flags(__u64 rflags)
{
	static const char *const names[12] = {
		[0] = "CF", [2] = "PF", [4] = "AF", [6] = "ZF", [7] = "SF",
		[8] = "TF", [9] = "IF", [10] = "DF", [11] = "OF",
	};
	int bit;

	for (bit = 0; bit < 12; bit++)
		if (names[bit] && rflags >> bit & 1)
			fprintf(stderr, " %s", names[bit]);
}

/* Registers are wider than 32 bits, and more, only in 64-bit mode. */
static void print_regs(const struct minivmx_regs *r, bool all)
{
	fprintf(stderr, "  rax %08llx  rbx %08llx  rcx %08llx  rdx %08llx\n",
		r->rax, r->rbx, r->rcx, r->rdx);
	fprintf(stderr, "  rsi %08llx  rdi %08llx  rbp %08llx  rsp %08llx\n",
		r->rsi, r->rdi, r->rbp, r->rsp);
	if (all) {
		fprintf(stderr, "  r8  %08llx  r9  %08llx  r10 %08llx  r11 %08llx\n",
			r->r8, r->r9, r->r10, r->r11);
		fprintf(stderr, "  r12 %08llx  r13 %08llx  r14 %08llx  r15 %08llx\n",
			r->r12, r->r13, r->r14, r->r15);
	}
	fprintf(stderr, "  rip %08llx  rflags %08llx", r->rip, r->rflags);
	print_flags(r->rflags);
	fputc('\n', stderr);
}

static void print_segment(const char *name, const struct minivmx_segment *s)
{
	fprintf(stderr,
		"  %-3s %04x  base %08llx  limit %08x  type %x s %u dpl %u p %u l %u db %u g %u%s\n",
		name, s->selector, s->base, s->limit, s->type, s->s, s->dpl,
		s->present, s->l, s->db, s->g, s->unusable ? "  unusable" : "");
}

static void print_sregs(const struct minivmx_sregs *s)
{
	print_segment("cs", &s->cs);
	print_segment("ds", &s->ds);
	print_segment("es", &s->es);
	print_segment("fs", &s->fs);
	print_segment("gs", &s->gs);
	print_segment("ss", &s->ss);
	print_segment("tr", &s->tr);
	print_segment("ldt", &s->ldt);
	fprintf(stderr, "  gdt       base %08llx  limit %04x\n",
		s->gdt.base, s->gdt.limit);
	fprintf(stderr, "  idt       base %08llx  limit %04x\n",
		s->idt.base, s->idt.limit);
	fprintf(stderr, "  cr0 %08llx  cr2 %08llx  cr3 %08llx  cr4 %08llx  efer %llx\n",
		s->cr0, s->cr2, s->cr3, s->cr4, s->efer);
}

/* From the guest's address to ours; ~0 if it leads nowhere. */
static __u64 physical_address(const struct vcpu *vcpu, const struct state *state)
{
	struct minivmx_translation address = { .linear_address = state->regs.rip };

	/* In 64-bit mode, the base of CS does not count. */
	if (!state->sregs.cs.l)
		address.linear_address += state->sregs.cs.base;
	if (!(state->sregs.cr0 & X86_CR0_PG))
		return address.linear_address;
	if (ioctl(vcpu->fd, MINIVMX_TRANSLATE, &address) < 0 || !address.valid)
		return ~0ULL;
	return address.physical_address;
}

static bool read_state(const struct vcpu *vcpu, struct state *state)
{
	return ioctl(vcpu->fd, MINIVMX_GET_REGS, &state->regs) == 0 &&
	       ioctl(vcpu->fd, MINIVMX_GET_SREGS, &state->sregs) == 0;
}

/**
 * report_code_address() - where in memory the next instruction is
 * @vcpu: the vCPU that would execute it
 * @address: gets the guest-physical address
 *
 * Return: false if it is nowhere.
 */
bool report_code_address(const struct vcpu *vcpu, __u64 *address)
{
	struct state state;

	if (!read_state(vcpu, &state))
		return false;
	*address = physical_address(vcpu, &state);
	return *address != ~0ULL;
}

static void print_code(const struct vm *vm, const struct vcpu *vcpu, const struct state *state)
{
	__u64 addr = physical_address(vcpu, state), end;

	fputs("  code", stderr);
	if (addr >= vm->mem_size) {
		fputs(": no memory there\n", stderr);
		return;
	}
	fprintf(stderr, " at 0x%llx:", addr);
	/* With paging, the next page may be anywhere. */
	end = (addr | (PAGE_SIZE - 1)) + 1;
	if (end > addr + CODE_BYTES)
		end = addr + CODE_BYTES;
	for (; addr < end; addr++)
		fprintf(stderr, " %02x", vm->mem[addr]);
	fputc('\n', stderr);
}

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

/* Says what happened, and returns the exit status for it. */
static int print_reason(const struct vm *vm, const struct minivmx_run *run)
{
	__u64 qualification = run->fail_entry.qualification;

	switch (run->exit_reason) {
	case MINIVMX_EXIT_IO:
		print_port(run);
		return STATUS_PORT;
	case MINIVMX_EXIT_SHUTDOWN:
		fputs("triple fault: no handler for an exception, none for the double fault",
		      stderr);
		return STATUS_TRIPLE_FAULT;
	case MINIVMX_EXIT_FAIL_ENTRY:
		entry_report_failure(run->fail_entry.hardware_entry_failure_reason,
				     vm->minivmx ? &qualification : NULL);
		return STATUS_ENTRY;
	case MINIVMX_EXIT_INTERNAL_ERROR:
		print_internal_error(run);
		return STATUS_EXIT;
	case MINIVMX_EXIT_MMIO:
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

/* Who it is about. */
static void print_subject(const struct vcpu *vcpu, const struct options *opt)
{
	fprintf(stderr, "%s: %s: ", program_invocation_short_name, opt->file);
	if (opt->cpus > 1)
		fprintf(stderr, "vCPU %u: ", vcpu->number);
}

static void print_state(const struct vm *vm, const struct vcpu *vcpu,
			const struct state *state)
{
	print_regs(&state->regs, state->sregs.cs.l);
	print_sregs(&state->sregs);
	print_code(vm, vcpu, state);
}

/**
 * report_exit() - report an exit after which the guest cannot go on
 * @vm: the VM
 * @vcpu: its run page tells which
 * @opt: names the guest, for the message
 *
 * Return: the exit status for it.
 */
int report_exit(const struct vm *vm, const struct vcpu *vcpu, const struct options *opt)
{
	const struct minivmx_run *run = vcpu->run;
	struct state state;
	bool have_state;
	int status, error;

	have_state = read_state(vcpu, &state);
	error = errno;

	print_subject(vcpu, opt);
	status = print_reason(vm, run);
	if (have_state)
		print_place(&state);
	fputc('\n', stderr);
	if (run->exit_reason == MINIVMX_EXIT_FAIL_ENTRY && vm->minivmx)
		entry_report_rules(run->fail_entry.broken, run->fail_entry.nr_broken,
				   MINIVMX_RUN_MAX_BROKEN, false);
	if (have_state)
		print_state(vm, vcpu, &state);
	else
		fprintf(stderr, "  registers cannot be read: %s\n", strerror(error));
	return status;
}

/**
 * report_check() - report an entry that was not made, since the processor would refuse
 * @vm: the VM
 * @vcpu: what was to be entered
 * @opt: names the guest, for the message
 * @try: says which rules the entry breaks
 *
 * Return: the exit status for it.
 */
int report_check(const struct vm *vm, const struct vcpu *vcpu, const struct options *opt,
		 const struct minivmx_entry_try *try)
{
	struct state state;
	bool have_state = read_state(vcpu, &state);

	print_subject(vcpu, opt);
	fprintf(stderr, "VM entry not made: it breaks %u rule%s", try->nr_broken,
		try->nr_broken == 1 ? "" : "s");
	if (have_state)
		print_place(&state);
	fputc('\n', stderr);
	entry_report_rules(try->broken, try->nr_broken, MINIVMX_TRY_MAX_BROKEN, false);
	if (have_state)
		print_state(vm, vcpu, &state);
	return STATUS_ENTRY;
}
