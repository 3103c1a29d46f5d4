// SPDX-License-Identifier: GPL-2.0
/*
 * vmrun - run a flat binary as the guest of a virtual machine
 *
 * The user-space half of a hypervisor, as small as it gets. It speaks the
 * API of uapi/minivmx.h only, so it runs a guest on KVM as well.
 */
#include <err.h>
#include <unistd.h>

#include "exit_status.h"
#include "options.h"
#include "run.h"
#include "trace.h"
#include "vm.h"

static int run_in_vm(struct vm *vm, const struct options *opt)
{
	struct trace trace;
	int status, trace_status;

	/* A wrong name is the user's first mistake: say so before any other. */
	if (access(opt->file, R_OK) < 0) {
		warn("%s", opt->file);
		return STATUS_LOAD;
	}
	status = vm_create(vm, opt);
	if (status)
		return status;
	status = vm_load(vm, opt->file, opt->load);
	if (status)
		return status;
	status = vm_set_entry(vm, opt->entry);
	if (status)
		return status;
	status = trace_open(&trace, opt);
	if (status)
		return status;
	status = run_guest(vm, opt, &trace);
	trace_status = trace_close(&trace);
	return trace_status ? trace_status : status;
}

int main(int argc, char **argv)
{
	struct vm vm = VM_INIT;
	struct options opt;
	int status;

	options_parse(&opt, argc, argv);
	status = run_in_vm(&vm, &opt);
	vm_destroy(&vm);
	return status;
}
