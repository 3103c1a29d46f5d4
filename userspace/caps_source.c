// SPDX-License-Identifier: GPL-2.0
/*
 * Where "vmrun caps" learns of a processor: from minivmx; from the processor
 * itself, where minivmx is not loaded; or from what another "vmrun caps --json"
 * has printed.
 */
#include <cpuid.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>

#include "caps.h"
#include "exit_status.h"
#include "minivmx.h"

#define MSR_DEVICE	"/dev/cpu/0/msr"

#define CPUID_1_ECX_VMX	0x20

/* The same code as in the module, so it is the same verdict. */
static void judge(struct caps *caps)
{
	struct vmx_caps chosen = { 0 };

	caps->verdict = vmx_caps_judge(&caps->msrs, &chosen, &caps->missing);
	memcpy(caps->used, chosen.ctl, sizeof(caps->used));
}

/* ------------------------- minivmx ---------------------------------------- */

static void take_report(struct caps *caps, const struct minivmx_vmx_caps *report)
{
	struct vmx_msrs *msrs = &caps->msrs;

	msrs->feature_control = report->feature_control;
	msrs->basic = report->basic;
	msrs->ctl[VMX_CTL_PIN] = report->pin;
	msrs->ctl[VMX_CTL_PRIMARY] = report->primary;
	msrs->ctl[VMX_CTL_SECONDARY] = report->secondary;
	msrs->ctl[VMX_CTL_EXIT] = report->exit;
	msrs->ctl[VMX_CTL_ENTRY] = report->entry;
	msrs->ept_vpid = report->ept_vpid;
	msrs->misc = report->misc;
	msrs->cr0_fixed0 = report->cr0_fixed0;
	msrs->cr0_fixed1 = report->cr0_fixed1;
	msrs->cr4_fixed0 = report->cr4_fixed0;
	msrs->cr4_fixed1 = report->cr4_fixed1;
	memcpy(caps->used, report->used, sizeof(caps->used));
}

static int ask_minivmx(struct caps *caps, const char *device, int fd)
{
	struct minivmx_vmx_caps report;

	if (ioctl(fd, MINIVMX_GET_VMX_CAPS, &report) < 0) {
		if (errno == ENOTTY || errno == EINVAL)
			warnx("%s: keeps its capabilities to itself (caps needs minivmx)",
			      device);
		else
			warn("%s: MINIVMX_GET_VMX_CAPS", device);
		return STATUS_HOST;
	}
	take_report(caps, &report);
	snprintf(caps->source, sizeof(caps->source), "%s", device);
	/* It is there, so insmod has found nothing wrong. */
	caps->verdict = VMX_OK;
	caps->have_msrs = true;
	return 0;
}

/* ------------------------- the processor ----------------------------------- */

static void ask_cpuid(struct vmx_msrs *msrs)
{
	unsigned int eax, ebx, ecx, edx;

	if (__get_cpuid(1, &eax, &ebx, &ecx, &edx))
		msrs->cpuid_vmx = ecx & CPUID_1_ECX_VMX;
	if (msrs->cpuid_vmx && __get_cpuid(0xa, &eax, &ebx, &ecx, &edx))
		msrs->perfmon = eax & 0xff;
}

static bool read_msr(void *context, enum vmx_msr msr, __u64 *value)
{
	const int *fd = context;
	bool ok = pread(*fd, value, sizeof(*value), msr) == sizeof(*value);

	if (!ok)
		warn("%s: %s (%XH)", MSR_DEVICE, caps_msr_name(msr), msr);
	return ok;
}

static int ask_processor(struct caps *caps)
{
	int fd;

	if (!caps->msrs.cpuid_vmx) {
		snprintf(caps->source, sizeof(caps->source), "CPUID");
		judge(caps);
		return 0;
	}
	fd = open(MSR_DEVICE, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		warnx("%s: %s (there is VT-x: insmod minivmx.ko, or be root and modprobe msr)",
		      MSR_DEVICE, strerror(errno));
		return STATUS_HOST;
	}
	caps->have_msrs = vmx_msrs_collect(&caps->msrs, read_msr, &fd);
	close(fd);
	if (!caps->have_msrs)
		return STATUS_HOST;
	snprintf(caps->source, sizeof(caps->source), "%s", MSR_DEVICE);
	judge(caps);
	return 0;
}

/**
 * caps_from_machine() - look at this machine
 * @caps: filled in
 * @device: of minivmx; it need not be there
 *
 * Return: 0, or an exit status after a message.
 */
int caps_from_machine(struct caps *caps, const char *device)
{
	int fd = open(device, O_RDWR | O_CLOEXEC), status;

	*caps = (struct caps){ 0 };
	ask_cpuid(&caps->msrs);
	if (fd >= 0) {
		status = ask_minivmx(caps, device, fd);
		close(fd);
		return status;
	}
	snprintf(caps->note, sizeof(caps->note),
		 "%s: %s: what insmod would do is judged here; if it was refused, dmesg | grep minivmx: says why",
		 device, strerror(errno));
	return ask_processor(caps);
}

/* ------------------------- a recording ------------------------------------- */

struct recording {
	const char *path;
	json_t *msrs;
};

static bool read_recorded(void *context, enum vmx_msr msr, __u64 *value)
{
	const struct recording *recording = context;
	const char *name = caps_msr_name(msr);
	json_t *text = json_object_get(recording->msrs, name);
	char *end = NULL;

	errno = 0;
	if (json_is_string(text))
		*value = strtoull(json_string_value(text), &end, 16);
	if (end && end != json_string_value(text) && !*end && !errno)
		return true;
	warnx("%s: msrs.%s: not a string of a hexadecimal number", recording->path, name);
	return false;
}

static int read_recording(struct caps *caps, const char *path, json_t *root)
{
	json_t *cpuid = json_object_get(root, "cpuid");
	json_t *vmx = json_object_get(cpuid, "vmx");
	json_t *perfmon = json_object_get(cpuid, "perfmon");
	struct recording recording = { path, json_object_get(root, "msrs") };

	if (!json_is_boolean(vmx) || !json_is_integer(perfmon)) {
		warnx("%s: cpuid.vmx or cpuid.perfmon is not there (not from vmrun caps --json?)",
		      path);
		return STATUS_LOAD;
	}
	caps->msrs.cpuid_vmx = json_is_true(vmx);
	caps->msrs.perfmon = json_integer_value(perfmon);
	if (caps->msrs.cpuid_vmx) {
		caps->have_msrs = vmx_msrs_collect(&caps->msrs, read_recorded, &recording);
		if (!caps->have_msrs)
			return STATUS_LOAD;
	}
	snprintf(caps->source, sizeof(caps->source), "%s", path);
	judge(caps);
	return 0;
}

/**
 * caps_from_file() - look at a machine whose capabilities were recorded
 * @caps: filled in
 * @path: what "vmrun caps --json" printed there
 *
 * Return: 0, or an exit status after a message.
 */
int caps_from_file(struct caps *caps, const char *path)
{
	json_error_t error;
	json_t *root = json_load_file(path, 0, &error);
	int status;

	*caps = (struct caps){ 0 };
	if (!root) {
		if (error.line > 0)
			warnx("%s:%d: %s", path, error.line, error.text);
		else
			warnx("%s", error.text);
		return STATUS_LOAD;
	}
	status = read_recording(caps, path, root);
	json_decref(root);
	return status;
}
