// SPDX-License-Identifier: GPL-2.0
/*
 * The report of a guest that cannot go on, or does not end: a sentence that says what
 * happened, another that says why, then where it was, how it came there, and the state
 * of its vCPU.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <asm/processor-flags.h>

#include "crash.h"
#include "crash_facts.h"
#include "crash_parts.h"
#include "entry_report.h"
#include "exit_status.h"
#include "guest_memory.h"

/**
 * crash_open() - get ready: in the sandbox, there is no memory for that
 * @crash: filled in; call crash_close() after success and failure
 * @vm: the VM
 * @vcpus: its vCPUs
 * @opt: the command line
 * @image: the guest's file, for the names in it
 *
 * Return: 0, or an exit status after a message.
 */
int crash_open(struct crash *crash, const struct vm *vm, const struct vcpu *vcpus,
	       const struct options *opt, const struct image *image)
{
	*crash = (struct crash){ .vm = vm, .vcpus = vcpus, .opt = opt };
	symbols_open(&crash->symbols, image);
	if (disassembler_open(&crash->disassembler))
		return 0;
	warnx("no memory for the disassembler");
	return STATUS_HOST;
}

/** crash_close() - give up what crash_open() took */
void crash_close(struct crash *crash)
{
	disassembler_close(&crash->disassembler);
	symbols_close(&crash->symbols);
}

/* Who it is about. */
static void print_subject(const struct crash *crash, const struct vcpu *vcpu)
{
	fprintf(stderr, "%s: %s: ", program_invocation_short_name, crash->opt->file);
	if (crash->opt->cpus > 1)
		fprintf(stderr, "vCPU %u: ", vcpu->number);
}

/* Where the guest is, as its own code would say it. */
static void print_place(const struct crash_facts *facts)
{
	if (facts->sregs.cr0 & X86_CR0_PE)
		fprintf(stderr, ", at 0x%llx", facts->regs.rip);
	else
		fprintf(stderr, ", at %04x:%04llx", facts->sregs.cs.selector,
			facts->regs.rip);
}

static void print_cause(const struct crash_facts *facts)
{
	char sentence[CRASH_CAUSE_SIZE];

	if (crash_cause(facts, sentence))
		fprintf(stderr, "  likely: %s\n", sentence);
	if (crash_no_handler(facts, sentence))
		fprintf(stderr, "  likely: %s\n", sentence);
}

/* RIP is after the instruction that made these exits. */
static bool is_over(const struct minivmx_run *run)
{
	return run->exit_reason == MINIVMX_EXIT_HLT ||
		(run->exit_reason == MINIVMX_EXIT_MMIO && run->mmio.is_write);
}

static void print_code(const struct crash *crash, const struct minivmx_run *run,
		       const struct crash_facts *facts)
{
	const char *name;
	__u64 offset;
	size_t i;

	if (facts->code_address == NOWHERE) {
		fputs("  code: RIP is not mapped\n", stderr);
		return;
	}
	if (!facts->code_size) {
		fprintf(stderr, "  code at 0x%llx: no memory there\n", facts->code_address);
		return;
	}
	fprintf(stderr, "  %s", is_over(run) ? "next instruction" : "instruction");
	name = symbols_find(&crash->symbols, facts->regs.rip, &offset);
	if (name)
		fprintf(stderr, " at %s+0x%llx", name, offset);
	fprintf(stderr, ": %s%s%s\n", *facts->mnemonic ? facts->mnemonic : "none",
		*facts->operands ? " " : "", facts->operands);
	fprintf(stderr, "  code at 0x%llx:", facts->code_address);
	for (i = 0; i < facts->code_size; i++)
		fprintf(stderr, " %02x", facts->code[i]);
	fputc('\n', stderr);
}

/* After the first line. */
static void print_rest(struct crash *crash, const struct vcpu *vcpu,
		       struct crash_facts *facts, enum crash_kind kind)
{
	crash_facts_look(facts, crash, vcpu, kind);
	print_cause(facts);
	print_code(crash, vcpu->run, facts);
	exit_history_print(&vcpu->history);
	crash_print_registers(&facts->regs, &facts->sregs);
}

/**
 * crash_exit() - report an exit after which the guest cannot go on
 * @crash: from crash_open()
 * @vcpu: its run page tells which; it does not run
 *
 * Return: the exit status for it.
 */
int crash_exit(struct crash *crash, const struct vcpu *vcpu)
{
	const struct minivmx_run *run = vcpu->run;
	struct crash_facts facts;
	enum crash_kind kind;
	bool have_state;
	int status, error;

	have_state = crash_facts_read(&facts, vcpu);
	error = errno;

	print_subject(crash, vcpu);
	status = crash_print_reason(crash->vm, run, &kind);
	if (have_state)
		print_place(&facts);
	fputc('\n', stderr);
	if (run->exit_reason == MINIVMX_EXIT_FAIL_ENTRY && crash->vm->minivmx)
		entry_report_rules(run->fail_entry.broken, run->fail_entry.nr_broken,
				   MINIVMX_RUN_MAX_BROKEN, false);
	if (have_state)
		print_rest(crash, vcpu, &facts, kind);
	else
		fprintf(stderr, "  registers cannot be read: %s\n", strerror(error));
	return status;
}

/**
 * crash_check() - report an entry that was not made, since the processor would refuse
 * @crash: from crash_open()
 * @vcpu: what was to be entered
 * @try: says which rules the entry breaks
 *
 * Return: the exit status for it.
 */
int crash_check(struct crash *crash, const struct vcpu *vcpu,
		const struct minivmx_entry_try *try)
{
	struct crash_facts facts;
	bool have_state = crash_facts_read(&facts, vcpu);

	print_subject(crash, vcpu);
	fprintf(stderr, "VM entry not made: it breaks %u rule%s", try->nr_broken,
		try->nr_broken == 1 ? "" : "s");
	if (have_state)
		print_place(&facts);
	fputc('\n', stderr);
	entry_report_rules(try->broken, try->nr_broken, MINIVMX_TRY_MAX_BROKEN, false);
	if (have_state)
		print_rest(crash, vcpu, &facts, CRASH_OTHER);
	return STATUS_ENTRY;
}

/**
 * crash_timeout() - report a guest that has had its time
 * @crash: from crash_open(); no vCPU runs
 *
 * Return: the exit status for it.
 */
int crash_timeout(struct crash *crash)
{
	unsigned int i;

	for (i = 0; i < crash->opt->cpus; i++) {
		const struct vcpu *vcpu = &crash->vcpus[i];
		struct crash_facts facts;
		bool have_state = crash_facts_read(&facts, vcpu);

		print_subject(crash, vcpu);
		fprintf(stderr, "no end after %s s (--timeout)", crash->opt->timeout_text);
		if (have_state)
			print_place(&facts);
		fputc('\n', stderr);
		if (have_state)
			print_rest(crash, vcpu, &facts, CRASH_TIMEOUT);
	}
	return STATUS_TIMEOUT;
}
