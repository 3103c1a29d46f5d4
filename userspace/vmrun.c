// SPDX-License-Identifier: GPL-2.0
/*
 * vmrun - run a flat binary or a kernel as a guest; or do one of the commands below
 *
 * The user-space half of a hypervisor, as small as it gets. It speaks the
 * API of uapi/minivmx.h only, so it runs a guest on KVM as well.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array_size.h"
#include "boot_sector.h"
#include "bzimage.h"
#include "caps.h"
#include "clone.h"
#include "consoles.h"
#include "crash.h"
#include "ept.h"
#include "exit_status.h"
#include "flat.h"
#include "hypercall.h"
#include "image.h"
#include "lab.h"
#include "machine.h"
#include "multiboot.h"
#include "options.h"
#include "pvh.h"
#include "quantum.h"
#include "report_guest.h"
#include "sandbox.h"
#include "save.h"
#include "share.h"
#include "stat.h"
#include "trace.h"
#include "vcpu.h"
#include "vm.h"
#include "vmcs_dump.h"

/* What the first argument may be, instead of an option or a guest. */
static const struct {
	const char *name;
	int (*main)(int argc, char **argv);
} commands[] = {
	{ "caps", caps_main },
	{ "stat", stat_command },
	{ "share", share_main },
};

static int load(const struct image *image, const struct vm *vm, const struct options *opt,
		struct start *start)
{
	if (image->format == FORMAT_LINUX)
		return bzimage_load(image, vm, opt, start);
	if (image->format == FORMAT_MULTIBOOT)
		return multiboot_load(image, vm, opt, start);
	if (image->format == FORMAT_BOOT)
		return boot_sector_load(image, vm, opt, start);
	if (image->format == FORMAT_PVH)
		return pvh_load(image, vm, opt, start);
	return flat_load(image, vm, opt, start);
}

/* Makes the vCPUs: each of them starts at the entry point, or where it was. */
static int add_vcpus(struct vcpu *vcpus, const struct vm *vm, const struct options *opt,
		     const struct start *start, const struct snapshot_file *from,
		     unsigned int *nr)
{
	int status;

	for (*nr = 0; *nr < opt->cpus; ) {
		struct vcpu *vcpu = &vcpus[*nr];

		status = vcpu_create(vcpu, vm, (*nr)++);
		if (!status && from)
			status = snapshot_vcpu_restore(&from->snapshot, vm, vcpu);
		else if (!status)
			status = vcpu_set_start(vcpu, vm, start);
		if (!status && opt->hypercalls)
			status = hypercall_enable(vcpu, vm);
		if (status)
			return status;
	}
	return 0;
}

/* All that the run needs is open now. */
static int enter_sandbox(const struct vm *vm, const struct vcpu *vcpus,
			 const struct trace *trace, const struct consoles *consoles,
			 const struct save *save, const struct options *opt)
{
	int keep[MAX_CPUS + 8 + MAX_CONSOLES];
	unsigned int nr;

	for (nr = 0; nr < opt->cpus; nr++)
		keep[nr] = vcpus[nr].fd;
	if (trace->out)
		keep[nr++] = fileno(trace->out);
	if (trace->report->page.out)
		keep[nr++] = fileno(trace->report->page.out);
	/* The places in the file of --share are ours as long as it is open. */
	if (vcpus[0].seat.share)
		keep[nr++] = vcpus[0].seat.share->fd;
	if (save->fd >= 0)
		keep[nr++] = save->fd;
	nr += clone_keep(&keep[nr]);
	/* For --ept. */
	if (vm->vm_fd >= 0)
		keep[nr++] = vm->vm_fd;
	nr += consoles_keep(consoles, &keep[nr]);
	return sandbox_enter(opt->sandbox, keep, nr);
}

static int run_sandboxed(struct crash *crash, struct vcpu *vcpus, struct trace *trace,
			 struct snapshots *snapshots)
{
	static struct consoles consoles;	/* they are large */
	const struct options *opt = crash->opt;
	const struct vm *vm = crash->vm;
	int status, ept_status, dump_status;
	bool ready;

	status = quantum_set(opt, vm, vcpus);
	if (!status)
		status = share_open(opt, vm, vcpus);
	if (status)
		return status;
	status = consoles_open(&consoles, opt);
	if (!status)
		status = enter_sandbox(vm, vcpus, trace, &consoles, &snapshots->save, opt);
	ready = !status;
	if (ready) {
		clone_ready();
		status = machine_run(vcpus, crash, trace, &consoles, snapshots);
		clone_ended();
	}
	consoles_close(&consoles);
	share_close(opt, vcpus);
	if (!ready)
		return status;
	ept_status = ept_report(vm, vcpus, opt);
	dump_status = vmcs_dump_after(vm, vcpus, opt);
	if (ept_status || dump_status)
		return ept_status ? ept_status : dump_status;
	return status;
}

static int run_traced(struct crash *crash, struct vcpu *vcpus, struct report_guest *report,
		      struct snapshots *snapshots)
{
	static struct trace trace;	/* it is large */
	const struct options *opt = crash->opt;
	const struct vm *vm = crash->vm;
	int status, trace_status, report_status, stat_status;

	status = stat_begin(opt, vm, vcpus);
	if (status)
		return status;
	status = trace_open(&trace, opt, vm, vcpus, report);
	if (status)
		return status;
	status = run_sandboxed(crash, vcpus, &trace, snapshots);
	trace_status = trace_close(&trace, opt);
	report_status = report_guest_close(report);
	stat_status = stat_end(opt, vm, vcpus);
	if (trace_status || report_status)
		return trace_status ? trace_status : report_status;
	return stat_status ? stat_status : status;
}

/* Either @start says how the guest starts, or @from is what it goes on from. */
static int run_loaded(struct vm *vm, const struct options *opt, const struct image *image,
		      const struct start *start, const struct snapshot_file *from)
{
	struct snapshots snapshots = { .from = from, .save = SAVE_INIT };
	struct report_guest report;
	struct crash crash = { .vm = vm };
	unsigned int nr = 0, i;
	struct vcpu *vcpus;
	int status;

	vcpus = calloc(opt->cpus, sizeof(*vcpus));
	if (!vcpus) {
		warn("%u vCPUs", opt->cpus);
		return STATUS_HOST;
	}
	status = add_vcpus(vcpus, vm, opt, start, from, &nr);
	if (!status)
		status = save_open(&snapshots.save, opt, vm, vcpus);
	if (!status)
		status = crash_open(&crash, vm, vcpus, opt, image);
	if (!status)
		status = report_guest_open(&report, opt, vm);
	if (!status)
		status = ept_prepare(vm, &opt->ept);
	if (!status)
		status = vmcs_dump_before(vm, vcpus, opt);
	vm_complete(vm, ept_wanted(&opt->ept));
	if (!status)
		status = opt->lab.nr_changes ? lab_try(vm, &vcpus[0], opt) :
			run_traced(&crash, vcpus, &report, &snapshots);
	save_close(&snapshots.save);
	crash_close(&crash);
	for (i = 0; i < nr; i++)
		vcpu_destroy(&vcpus[i]);
	free(vcpus);
	return status;
}

static int restore(const struct options *opt, const struct snapshot_file *from)
{
	const struct image no_names = IMAGE_INIT;
	struct vm vm = VM_INIT;
	int status;

	status = vm_create(&vm, opt);
	if (!status)
		status = lab_prepare(&vm, &opt->lab);
	if (!status)
		status = snapshot_map(from, &vm, opt);
	if (!status)
		status = run_loaded(&vm, opt, &no_names, NULL, from);
	vm_destroy(&vm);
	return status;
}

/* The file is looked at once, and clones find it as it is. */
static int run_restored(struct options *opt)
{
	struct snapshot_file from = SNAPSHOT_FILE_INIT;
	int status;

	status = snapshot_open(&from, opt);
	if (!status)
		options_check_memory(opt);
	if (!status)
		status = opt->snapshot.clones ? clone_run(opt, &from, restore) :
			restore(opt, &from);
	snapshot_close(&from);
	return status;
}

/* A wrong file is the user's first mistake: say so before any other. */
static int run_in_vm(struct image *image, struct vm *vm, struct options *opt)
{
	struct start start;
	int status;

	status = image_open(image, opt);
	if (status)
		return status;
	options_complete(opt, image->format);
	status = vm_create(vm, opt);
	if (status)
		return status;
	status = lab_prepare(vm, &opt->lab);
	if (status)
		return status;
	status = load(image, vm, opt, &start);
	if (status)
		return status;
	if (image->format == FORMAT_BOOT) {
		vm->disk = image->data;
		vm->disk_size = image->size;
	}
	return run_loaded(vm, opt, image, &start, NULL);
}

int main(int argc, char **argv)
{
	struct image image = IMAGE_INIT;
	struct vm vm = VM_INIT;
	struct options opt;
	unsigned int i;
	int fd, status;

	/* The device shall not become a standard stream that the caller closed. */
	for (fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd) {
			warn("/dev/null");
			return STATUS_HOST;
		}
	for (i = 0; i < ARRAY_SIZE(commands) && argc > 1; i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].main(argc - 1, argv + 1);
	options_parse(&opt, argc, argv);
	status = opt.snapshot.restore ? run_restored(&opt) : run_in_vm(&image, &vm, &opt);
	vm_destroy(&vm);
	image_close(&image);
	/* A part of what was asked for is not there, and only the status can tell. */
	if (!status && ferror(stderr))
		status = STATUS_HOST;
	return status;
}
