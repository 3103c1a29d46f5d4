// SPDX-License-Identifier: GPL-2.0
/*
 * The run loop: enter the guest, see why it came back, do what it needs.
 */
#include <err.h>
#include <errno.h>
#include <sys/ioctl.h>

#include "exit_status.h"
#include "ports.h"
#include "report.h"
#include "run.h"

/* What follows an exit. */
enum next {
	NEXT_RESUME,	/* back into the guest */
	NEXT_END,	/* the run ends, as the guest wants it */
	NEXT_REPORT,	/* the guest cannot go on */
};

static enum next handle_io(struct minivmx_run *run, struct ports *ports, bool strict)
{
	switch (ports_access(ports, run)) {
	case PORT_CLAIMED:
		return NEXT_RESUME;
	case PORT_UNCLAIMED:
		return strict ? NEXT_REPORT : NEXT_RESUME;
	case PORT_END:
		break;
	}
	return NEXT_END;
}

static enum next handle_exit(struct minivmx_run *run, struct ports *ports, bool strict)
{
	switch (run->exit_reason) {
	case MINIVMX_EXIT_IO:
		return handle_io(run, ports, strict);
	case MINIVMX_EXIT_HLT:
		ports->status = STATUS_HLT;
		return NEXT_END;
	default:
		return NEXT_REPORT;
	}
}

static int run_failed(const struct vm *vm)
{
	if (errno == EBUSY)
		warnx("%s: another hypervisor holds VMX on this CPU; see dmesg",
		      vm->device);
	else
		warn("%s: MINIVMX_RUN", vm->device);
	return STATUS_HOST;
}

/**
 * run_guest() - run a guest to its end
 * @vm: loaded, and ready to start
 * @opt: the options that concern the guest's devices, and its name
 * @trace: gets a line for each exit
 *
 * Return: exit status for vmrun, after a report if it is not the guest's own.
 */
int run_guest(const struct vm *vm, const struct options *opt, struct trace *trace)
{
	struct ports ports = { .exit_code = opt->exit_code };
	enum next next;

	for (;;) {
		if (ioctl(vm->vcpu_fd, MINIVMX_RUN, 0) < 0) {
			/* A signal that does not end vmrun, such as SIGCONT. */
			if (errno == EINTR)
				continue;
			return run_failed(vm);
		}
		next = handle_exit(vm->run, &ports, opt->strict);
		trace_exit(trace, vm->run);
		if (next == NEXT_END)
			return ports.status;
		if (next == NEXT_REPORT)
			return report_exit(vm, opt->file);
	}
}
