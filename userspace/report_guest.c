// SPDX-License-Identifier: GPL-2.0
/*
 * The report of a guest: each exit, with the instruction that it is about. Its
 * bytes are read when the record is, and not at the end: the guest may change its
 * code, or where it is mapped. In a ring of records some may have waited, though.
 */
#include <err.h>
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "exit_status.h"
#include "report_guest.h"

/**
 * report_guest_open() - begin a report, if one is wanted
 * @report: filled in
 * @opt: says so
 * @vm: the VM, not yet complete
 *
 * Return: 0, or an exit status after a message.
 */
int report_guest_open(struct report_guest *report, const struct options *opt,
		      const struct vm *vm)
{
	memset(report, 0, sizeof(*report));
	if (!opt->report)
		return 0;
	report->vm = vm;
	report->run = (struct report_run){
		.guest = opt->file, .cpus = opt->cpus, .mem_size = vm->mem_size,
	};
	if (ioctl(vm->dev_fd, MINIVMX_GET_VMX_CAPS, &report->run.caps) < 0) {
		if (errno == ENOTTY || errno == EINVAL)
			warnx("--report: %s keeps no record of exits", vm->device);
		else
			warn("--report: MINIVMX_GET_VMX_CAPS");
		return STATUS_HOST;
	}
	return report_html_open(&report->page, opt->report);
}

/* From the guest's address to ours; ~0 if it leads nowhere. */
static __u64 physical_address(const struct vcpu *vcpu, __u32 flags, __u64 linear)
{
	struct minivmx_translation address = { .linear_address = linear };

	if (!(flags & MINIVMX_TRACE_PAGING))
		return linear;
	if (ioctl(vcpu->fd, MINIVMX_TRANSLATE, &address) < 0 || !address.valid)
		return ~0ULL;
	return address.physical_address;
}

/* The bytes at the guest's RIP, as far as there is memory. Returns how many. */
static size_t read_code(const struct vm *vm, const struct vcpu *vcpu,
			const struct minivmx_trace_record *record, __u8 *code)
{
	size_t size = 0;

	while (size < REPORT_CODE_BYTES) {
		__u64 linear = record->rip + size, physical;
		size_t part;

		/* In 64-bit mode, the base of CS does not count. */
		if (!report_is_64_bit(record))
			linear = (__u32)(record->cs_base + linear);
		physical = physical_address(vcpu, record->flags, linear);
		if (physical >= vm->mem_size)
			break;
		/* With paging, the next page may be anywhere; memory ends with one. */
		part = PAGE_SIZE - physical % PAGE_SIZE;
		if (part > REPORT_CODE_BYTES - size)
			part = REPORT_CODE_BYTES - size;
		memcpy(code + size, vm->mem + physical, part);
		size += part;
	}
	return size;
}

/**
 * report_guest_add() - add an exit
 * @report: from report_guest_open()
 * @vcpu: whose it is; it is not running
 * @record: what minivmx recorded of it
 */
void report_guest_add(struct report_guest *report, const struct vcpu *vcpu,
		      const struct minivmx_trace_record *record)
{
	__u8 code[REPORT_CODE_BYTES];
	size_t size;

	if (!report->page.out)
		return;
	size = read_code(report->vm, vcpu, record, code);
	report_html_add(&report->page, vcpu->number, record, code, size);
}

/**
 * report_guest_close() - write the page
 * @report: from report_guest_open()
 *
 * Return: 0, or an exit status after a message.
 */
int report_guest_close(struct report_guest *report)
{
	return report_html_close(&report->page, &report->run);
}
