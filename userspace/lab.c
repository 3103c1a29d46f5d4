// SPDX-License-Identifier: GPL-2.0
/*
 * VM entries that are judged before they are made, and those that are tried with
 * fields of the VMCS changed: docs/entry.md.
 */
#include <err.h>
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "entry_report.h"
#include "exit_status.h"
#include "lab.h"
#include "names.h"
#include "vmcs.h"

/**
 * lab_prepare() - can what the command line asks for be had
 * @vm: made
 * @opt: the options
 *
 * Return: 0, or an exit status after a message.
 */
int lab_prepare(const struct vm *vm, const struct lab_options *opt)
{
	if (vm->minivmx || !(opt->check || opt->dump || opt->nr_changes))
		return 0;
	warnx("%s: shows no VMCS (--*-vmcs and --check-entry need minivmx)",
	      vm->device);
	return STATUS_HOST;
}

/**
 * lab_check() - judge the next entry of a vCPU
 * @crash: reports it, if it breaks a rule
 * @vcpu: does not run now
 *
 * Return: 0, or an exit status after a report.
 */
int lab_check(struct crash *crash, const struct vcpu *vcpu)
{
	struct minivmx_entry_try try = { .flags = MINIVMX_TRY_CHECK_ONLY };

	if (vm_ioctl(crash->vm, vcpu->fd, MINIVMX_TRY_ENTRY, &try) < 0)
		return STATUS_HOST;
	return try.nr_broken ? crash_check(crash, vcpu, &try) : 0;
}

/* ------------------------- entries with changes ---------------------------- */

static __u64 combine(__u64 present, const struct lab_change *change)
{
	switch (change->op) {
	case '^':
		return present ^ change->value;
	case '|':
		return present | change->value;
	case '&':
		return present & change->value;
	default:
		return change->value;
	}
}

/* What a field holds, after the changes so far; NULL if the processor has it not. */
static const __u64 *present_value(const struct minivmx_vmcs *vmcs,
				  const struct minivmx_entry_try *try, __u32 encoding)
{
	const struct minivmx_vmcs_field *field = vmcs_field(vmcs, encoding);
	__u32 i;

	for (i = try->nr_fields; i--; )
		if (try->fields[i].encoding == encoding)
			return &try->fields[i].value;
	return field ? &field->value : NULL;
}

/* Fills in the fields, and says what they were. */
static int change_fields(const struct vm *vm, const struct minivmx_vmcs *vmcs,
			 const struct lab_options *opt, struct minivmx_entry_try *try)
{
	unsigned int i;

	for (i = 0; i < opt->nr_changes; i++) {
		const struct lab_change *change = &opt->changes[i];
		const struct vmcs_name *name = vmcs_name(change->encoding);
		const __u64 *present = present_value(vmcs, try, change->encoding);
		struct minivmx_vmcs_field *field = &try->fields[i];

		if (!present) {
			warnx("--set-vmcs: %s: this processor has no %s", vm->device,
			      name->name);
			return STATUS_HOST;
		}
		*field = (struct minivmx_vmcs_field) {
			.encoding = change->encoding, .value = combine(*present, change),
		};
		fprintf(stderr, "%s (%s): ", name->sdm_name, name->name);
		vmcs_print_value(stderr, change->encoding, *present);
		fputs(" -> ", stderr);
		vmcs_print_value(stderr, change->encoding, field->value);
		vmcs_print_bits(stderr, change->encoding, field->value);
		fputc('\n', stderr);
		try->nr_fields++;
	}
	return 0;
}

static void print_outcome(const struct minivmx_entry_try *try)
{
	switch (try->outcome) {
	case MINIVMX_ENTRY_FAIL_INVALID:
		fputs("VM entry failed: VMfailInvalid: there is no current VMCS\n", stderr);
		return;
	case MINIVMX_ENTRY_FAIL_VALID:
		entry_report_failure(try->instruction_error, NULL);
		break;
	case MINIVMX_ENTRY_FAIL_EXIT:
		entry_report_failure(try->exit_reason, &try->qualification);
		break;
	case MINIVMX_ENTRY_ENTERED:
		fprintf(stderr, "entered, and left at once: exit reason %u, %s",
			try->exit_reason & 0xffff, vmx_exit_name(try->exit_reason & 0xffff));
		break;
	default:
		if (try->flags & MINIVMX_TRY_CHECK_ONLY)
			fputs("judged only", stderr);
		else
			fputs("not tried: the host would not survive its success", stderr);
	}
	fputc('\n', stderr);
}

static int status_of(const struct minivmx_entry_try *try)
{
	if (try->outcome == MINIVMX_ENTRY_ENTERED)
		return 0;
	if (try->outcome == MINIVMX_ENTRY_NOT_TRIED && !try->nr_broken)
		return try->flags & MINIVMX_TRY_CHECK_ONLY ? 0 : STATUS_HOST;
	return STATUS_ENTRY;
}

static int try_failed(const struct vm *vm, int error)
{
	switch (error) {
	case EPERM:
		warnx("%s: --set-vmcs needs root and minivmx.ko loaded with lab=1",
		      vm->device);
		break;
	case EOPNOTSUPP:
		warnx("%s: --set-vmcs: no VMX-preemption timer, which would end the try",
		      vm->device);
		break;
	default:
		warnx("%s: MINIVMX_TRY_ENTRY: %s", vm->device, strerror(error));
	}
	return STATUS_HOST;
}

/* What only may be asked for by those who may try it, too: so say that first. */
static int may_try(const struct vm *vm, const struct vcpu *vcpu)
{
	struct minivmx_entry_try try = {
		.flags = MINIVMX_TRY_CHECK_ONLY | MINIVMX_TRY_TRUST,
	};

	return ioctl(vcpu->fd, MINIVMX_TRY_ENTRY, &try) < 0 ? try_failed(vm, errno) : 0;
}

/**
 * lab_try() - try an entry with fields changed, and say what comes of it
 * @vm: the VM
 * @vcpu: has not run
 * @opt: the changes
 *
 * Return: 0 if the processor entered, or an exit status.
 */
int lab_try(const struct vm *vm, const struct vcpu *vcpu, const struct options *opt)
{
	struct minivmx_entry_try try = {
		.flags = opt->lab.check ? MINIVMX_TRY_CHECK_ONLY : 0,
	};
	struct minivmx_vmcs vmcs;
	int status;

	status = may_try(vm, vcpu);
	if (status)
		return status;
	if (vm_ioctl(vm, vcpu->fd, MINIVMX_GET_VMCS, &vmcs) < 0)
		return STATUS_HOST;
	status = change_fields(vm, &vmcs, &opt->lab, &try);
	if (status)
		return status;
	if (ioctl(vcpu->fd, MINIVMX_TRY_ENTRY, &try) < 0)
		return try_failed(vm, errno);
	print_outcome(&try);
	if (try.nr_broken)
		entry_report_rules(try.broken, try.nr_broken, MINIVMX_TRY_MAX_BROKEN, true);
	else if (try.outcome != MINIVMX_ENTRY_ENTERED)
		fputs("  no rule is known to be broken\n", stderr);
	return status_of(&try);
}
