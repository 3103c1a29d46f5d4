// SPDX-License-Identifier: GPL-2.0
/*
 * All fields of a VMCS, or those that a run changed: --dump-vmcs.
 */
#include "array_size.h"
#include "exit_status.h"
#include "vmcs.h"
#include "vmcs_dump.h"

static const char *const groups[] = {
	[VMCS_TYPE_CONTROL] = "Control fields",
	[VMCS_TYPE_EXIT_INFORMATION] = "VM-exit information fields",
	[VMCS_TYPE_GUEST] = "Guest-state area",
	[VMCS_TYPE_HOST] = "Host-state area",
};

static const enum vmcs_type order[] = {
	VMCS_TYPE_CONTROL, VMCS_TYPE_EXIT_INFORMATION, VMCS_TYPE_GUEST, VMCS_TYPE_HOST,
};

/* As they were before the run; the sandbox has no memory to give. */
static struct minivmx_vmcs before[MAX_CPUS];

static void print_label(__u32 encoding)
{
	const struct vmcs_name *name = vmcs_name(encoding);

	fprintf(stderr, "  %04x  %-55s  ", encoding, name ? name->sdm_name : "?");
}

static void print_field(const struct minivmx_vmcs_field *field)
{
	print_label(field->encoding);
	vmcs_print_value(stderr, field->encoding, field->value);
	vmcs_print_bits(stderr, field->encoding, field->value);
	fputc('\n', stderr);
}

static bool is_hidden(const struct minivmx_vmcs *vmcs)
{
	return vmcs_is_hidden(vmcs, VMCS_HOST_CS_SELECTOR);
}

/* @old: as it was when vmrun had all the privileges that it was given. */
static void print_hidden(const struct minivmx_vmcs *old)
{
	if (is_hidden(old))
		fputs("host state and addresses: only for root; after a run, with --sandbox=off\n",
		      stderr);
	else
		fputs("host state and addresses: hidden in the sandbox (use --sandbox=off)\n",
		      stderr);
}

static void print_all(const struct minivmx_vmcs *vmcs, const struct minivmx_vmcs *old)
{
	__u32 group, i;

	for (group = 0; group < ARRAY_SIZE(order); group++) {
		bool first = true;

		for (i = 0; i < vmcs->nr; i++) {
			__u32 encoding = vmcs->fields[i].encoding;

			if (VMCS_FIELD_TYPE(encoding) != order[group] ||
			    vmcs_is_hidden(vmcs, encoding))
				continue;
			if (first)
				fprintf(stderr, "%s\n", groups[order[group]]);
			first = false;
			print_field(&vmcs->fields[i]);
		}
	}
	if (is_hidden(vmcs))
		print_hidden(old);
}

static void print_diff(const struct minivmx_vmcs *old, const struct minivmx_vmcs *new)
{
	__u32 i;

	for (i = 0; i < new->nr; i++) {
		const struct minivmx_vmcs_field *field = &new->fields[i];
		const struct minivmx_vmcs_field *was = vmcs_field(old, field->encoding);

		if (!was || was->value == field->value ||
		    vmcs_is_hidden(old, field->encoding) ||
		    vmcs_is_hidden(new, field->encoding))
			continue;
		print_label(field->encoding);
		vmcs_print_value(stderr, field->encoding, was->value);
		fputs(" -> ", stderr);
		vmcs_print_value(stderr, field->encoding, field->value);
		vmcs_print_bits(stderr, field->encoding, field->value);
		fputc('\n', stderr);
	}
	if (is_hidden(new))
		print_hidden(old);
}

/**
 * vmcs_dump_before() - show the VMCS of each vCPU, or note it for later
 * @vm: the VM
 * @vcpus: none of them has run
 * @opt: the command line
 *
 * Return: 0, or an exit status after a message.
 */
int vmcs_dump_before(const struct vm *vm, const struct vcpu *vcpus,
		     const struct options *opt)
{
	unsigned int i;

	if (opt->lab.dump == DUMP_NONE)
		return 0;
	for (i = 0; i < opt->cpus; i++) {
		if (vm_ioctl(vm, vcpus[i].fd, MINIVMX_GET_VMCS, &before[i]) < 0)
			return STATUS_HOST;
		if (opt->lab.dump != DUMP_BEFORE)
			continue;
		fprintf(stderr, "VMCS of vCPU %u, before its first entry\n", i);
		print_all(&before[i], &before[i]);
	}
	return 0;
}

/**
 * vmcs_dump_after() - show the VMCS of each vCPU, or what has changed
 * @vm: the VM
 * @vcpus: none of them runs any more
 * @opt: the command line
 *
 * Return: 0, or an exit status after a message.
 */
int vmcs_dump_after(const struct vm *vm, const struct vcpu *vcpus,
		    const struct options *opt)
{
	static struct minivmx_vmcs after;
	unsigned int i;

	if (opt->lab.dump != DUMP_AFTER && opt->lab.dump != DUMP_DIFF)
		return 0;
	for (i = 0; i < opt->cpus; i++) {
		if (vm_ioctl(vm, vcpus[i].fd, MINIVMX_GET_VMCS, &after) < 0)
			return STATUS_HOST;
		if (opt->lab.dump == DUMP_AFTER) {
			fprintf(stderr, "VMCS of vCPU %u, after the run\n", i);
			print_all(&after, &before[i]);
		} else {
			fprintf(stderr, "VMCS of vCPU %u, what the run changed\n", i);
			print_diff(&before[i], &after);
		}
	}
	return 0;
}
