// SPDX-License-Identifier: GPL-2.0
/*
 * Running a stream: the VM is put into the state that the stream starts in, and
 * what the caller sees is written down as records.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "stream.h"

/* A run that was interrupted so often by the timer takes too long. */
#define MAX_TICKS	10

/* ------------------------- before and after ------------------------------ */

static int prepare(struct device *d, const struct stream *s)
{
	struct minivmx_debugregs debugregs = { .dr6 = 0xffff0ff0, .dr7 = 0x400 };
	struct minivmx_vcpu_events events = { .flags = MINIVMX_VCPUEVENT_VALID_SHADOW };
	uint32_t at;

	for (at = 0; at < MEMORY; at += PAGE)
		if (memcmp(d->memory + at, s->image + at, PAGE))
			memcpy(d->memory + at, s->image + at, PAGE);
	d->run->cr8 = 0;
	d->run->immediate_exit = 0;
	d->run->request_interrupt_window = 0;
	return ioctl(d->vcpu, MINIVMX_SET_SREGS, &s->sregs) ||
	       ioctl(d->vcpu, MINIVMX_SET_REGS, &s->regs) ||
	       ioctl(d->vcpu, MINIVMX_SET_VCPU_EVENTS, &events) ||
	       ioctl(d->vcpu, MINIVMX_SET_DEBUGREGS, &debugregs);
}

/* ------------------------- exits ----------------------------------------- */

/* What the devices of the machine answer. */
static uint64_t answer(const struct stream *s, const struct result *r)
{
	uint64_t x = (s->seed + 1) * 0x9e3779b97f4a7c15ULL + r->nr_records;

	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

/* Returns false if there is no room for more. */
static bool record(struct result *r, uint32_t what, int is_write, int size,
		   uint64_t where, const void *data, int bytes)
{
	struct record *new = &r->records[r->nr_records];

	if (r->nr_records == MAX_RECORDS)
		return false;
	*new = (struct record) { .what = what, .is_write = is_write, .size = size,
				 .where = where };
	memcpy(&new->data, data, bytes);
	r->nr_records++;
	return true;
}

static bool record_io(struct device *d, const struct stream *s, struct result *r)
{
	struct minivmx_run *run = d->run;
	uint8_t *data = (uint8_t *)run + run->io.data_offset;
	uint32_t i;

	for (i = 0; i < run->io.count; i++, data += run->io.size) {
		uint64_t in = answer(s, r);

		if (run->io.direction == MINIVMX_EXIT_IO_IN)
			memcpy(data, &in, run->io.size);
		if (!record(r, MINIVMX_EXIT_IO, run->io.direction, run->io.size,
			    run->io.port, data, run->io.size))
			return false;
	}
	return true;
}

static bool record_mmio(struct device *d, const struct stream *s, struct result *r)
{
	struct minivmx_run *run = d->run;
	uint64_t in = answer(s, r);

	if (!run->mmio.is_write)
		memcpy(run->mmio.data, &in, 8);
	return record(r, MINIVMX_EXIT_MMIO, run->mmio.is_write, run->mmio.len,
		      run->mmio.phys_addr, run->mmio.data,
		      run->mmio.len <= 8 ? run->mmio.len : 8);
}

/*
 * In a handler: goes on after the item that has faulted, with the code and
 * stack segments of the start. Returns false if that is nowhere.
 */
static bool resume(struct device *d, const struct stream *s, struct result *r,
		   int vector, int *resumes)
{
	static const uint32_t with_code = 1 << 8 | 1 << 10 | 1 << 11 | 1 << 12 | 1 << 13 |
					  1 << 14 | 1 << 17;
	int size = s->sregs.efer & 0x400 ? 8 : s->bits / 8;
	uint64_t at = r->regs.rsp, rip = 0;
	unsigned int i;

	if (vector < 32 && with_code >> vector & 1 && s->mode != MODE_REAL)
		at += size;
	if (at > AT_HOLE - 8)
		return false;
	memcpy(&rip, d->memory + at, size);
	r->records[r->nr_records - 1].data = rip;
	if (rip < AT_CODE || ++*resumes > MAX_RESUMES)
		return false;
	rip -= AT_CODE;
	for (i = 0; i <= s->nr_items && s->items[i] <= rip; i++)
		;
	if (i > s->nr_items)
		return false;
	if (ioctl(d->vcpu, MINIVMX_GET_SREGS, &r->sregs))
		return false;
	if (r->sregs.cs.selector != s->sregs.cs.selector ||
	    r->sregs.ss.selector != s->sregs.ss.selector) {
		r->sregs.cs = s->sregs.cs;
		r->sregs.ss = s->sregs.ss;
		if (ioctl(d->vcpu, MINIVMX_SET_SREGS, &r->sregs))
			return false;
	}
	r->regs.rip = AT_CODE + s->items[i];
	r->regs.rsp = AT_STACK;
	r->regs.rflags |= 0x200;
	return !ioctl(d->vcpu, MINIVMX_SET_REGS, &r->regs);
}

/* HLT: returns false at the end. */
static bool record_halt(struct device *d, const struct stream *s, struct result *r,
			int *resumes)
{
	uint64_t rip, vector = -1;

	if (ioctl(d->vcpu, MINIVMX_GET_REGS, &r->regs))
		return false;
	rip = r->regs.rip;
	if (rip > AT_HANDLERS && rip <= AT_HANDLERS + 8 * 256)
		vector = (rip - 1 - AT_HANDLERS) / 8;
	if (!record(r, MINIVMX_EXIT_HLT, 0, 0, vector, &rip, 8))
		return false;
	if (vector != -1ULL)
		return resume(d, s, r, vector, resumes);
	return rip > AT_CODE && rip <= AT_CODE + s->length;
}

/* Returns false at the end. */
static bool step(struct device *d, const struct stream *s, struct result *r, int *resumes)
{
	struct minivmx_run *run = d->run;
	int size = 0;

	switch (run->exit_reason) {
	case MINIVMX_EXIT_IO:
		return record_io(d, s, r);
	case MINIVMX_EXIT_MMIO:
		return record_mmio(d, s, r);
	case MINIVMX_EXIT_HLT:
		return record_halt(d, s, r, resumes);
	case MINIVMX_EXIT_SET_TPR:
		return record(r, run->exit_reason, 0, 0, run->cr8, "", 0);
	case MINIVMX_EXIT_INTERNAL_ERROR:
		if (run->internal.suberror == MINIVMX_INTERNAL_ERROR_EMULATION &&
		    run->internal.ndata >= 3 && run->emulation_failure.flags & 1)
			size = run->emulation_failure.insn_size;
		r->insn_size = size;
		memcpy(r->insn, run->emulation_failure.insn_bytes, sizeof(r->insn));
		record(r, run->exit_reason, 0, run->internal.suberror, size,
		       run->emulation_failure.insn_bytes, size < 8 ? size : 8);
		return false;
	case MINIVMX_EXIT_FAIL_ENTRY:
		record(r, run->exit_reason, 0, 0,
		       run->fail_entry.hardware_entry_failure_reason, "", 0);
		return false;
	default:
		record(r, run->exit_reason, 0, 0, 0, "", 0);
		return false;
	}
}

/* Finishes what the last exit left open, so that the next stream starts clean. */
static void drain(struct device *d)
{
	int i;

	d->run->immediate_exit = 1;
	for (i = 0; i < 64 && !ioctl(d->vcpu, MINIVMX_RUN, 0); i++)
		;
	d->run->immediate_exit = 0;
}

/*
 * A debug exception may wait in the processor's own state, which no ioctl
 * changes: lets the guest take it, in real mode.
 */
static void flush_debug(struct device *d)
{
	struct minivmx_debugregs debugregs = { .dr6 = 0xffff0ff0, .dr7 = 0x400 };
	struct minivmx_vcpu_events events = { .flags = MINIVMX_VCPUEVENT_VALID_SHADOW };
	struct minivmx_regs regs = { .rip = AT_HANDLERS, .rflags = 2, .rsp = AT_STACK };
	struct minivmx_sregs sregs = d->reset;
	uint32_t handler = AT_HANDLERS;

	memset(d->memory + AT_HANDLERS, 0xf4, 16);
	memcpy(d->memory + 4, &handler, 4);
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	ioctl(d->vcpu, MINIVMX_SET_SREGS, &sregs);
	ioctl(d->vcpu, MINIVMX_SET_REGS, &regs);
	ioctl(d->vcpu, MINIVMX_SET_VCPU_EVENTS, &events);
	ioctl(d->vcpu, MINIVMX_SET_DEBUGREGS, &debugregs);
	while (ioctl(d->vcpu, MINIVMX_RUN, 0) && errno == EINTR)
		;
}

static void keep_memory(struct device *d, const struct stream *s, struct result *r)
{
	unsigned int i, n = 0;

	for (i = 0; i < MEMORY / PAGE; i++) {
		if (memcmp(d->memory + i * PAGE, s->image + i * PAGE, PAGE)) {
			r->changed |= 1 << i;
			n++;
		}
	}
	r->pages = malloc(n * PAGE);
	for (i = 0, n = 0; i < MEMORY / PAGE; i++)
		if (r->changed >> i & 1)
			memcpy(r->pages + n++ * PAGE, d->memory + i * PAGE, PAGE);
}

static void finish(struct device *d, struct result *r)
{
	struct minivmx_xcrs xcrs = { .nr_xcrs = 0 };

	r->if_flag = d->run->if_flag;
	r->ready = d->run->ready_for_interrupt_injection;
	r->cr8 = d->run->cr8;
	ioctl(d->vcpu, MINIVMX_GET_REGS, &r->regs);
	ioctl(d->vcpu, MINIVMX_GET_SREGS, &r->sregs);
	ioctl(d->vcpu, MINIVMX_GET_DEBUGREGS, &r->debugregs);
	ioctl(d->vcpu, MINIVMX_GET_VCPU_EVENTS, &r->events);
	ioctl(d->vcpu, MINIVMX_GET_FPU, &r->fpu);
	device_get_msrs(d, r->msrs);
	if (device_msrs_changed(d, r))
		device_set_msrs(d);
	if (d->has_xcrs && !ioctl(d->vcpu, MINIVMX_GET_XCRS, &xcrs)) {
		r->xcr0 = xcrs.xcrs[0].value;
		xcrs.xcrs[0].value = 1;
		if (r->xcr0 != 1)
			ioctl(d->vcpu, MINIVMX_SET_XCRS, &xcrs);
	}
	if (r->fpu.mxcsr != d->fpu.mxcsr || r->xcr0 > 1)
		ioctl(d->vcpu, MINIVMX_SET_XSAVE, &d->xsave);
	else if (memcmp(&r->fpu, &d->fpu, sizeof(d->fpu)))
		ioctl(d->vcpu, MINIVMX_SET_FPU, &d->fpu);
}

void device_run(struct device *d, const struct stream *s, struct result *r)
{
	int resumes = 0, ticks = 0, ret;

	memset(r, 0, sizeof(*r));
	r->ending = ENDED_REFUSED;
	if (prepare(d, s)) {
		r->error = errno;
		return;
	}
	r->ending = ENDED_LIMIT;
	while (r->nr_exits < MAX_RUNS) {
		ret = ioctl(d->vcpu, MINIVMX_RUN, 0);
		if (ret && errno == EINTR && ++ticks <= MAX_TICKS)
			continue;
		if (ret) {
			r->ending = errno == EINTR ? ENDED_TIME : ENDED_ERROR;
			r->error = errno;
			break;
		}
		r->nr_exits++;
		if (!step(d, s, r, &resumes)) {
			if (r->nr_records < MAX_RECORDS)
				r->ending = ENDED;
			break;
		}
	}
	if (r->ending != ENDED)
		drain(d);
	finish(d, r);
	keep_memory(d, s, r);
	if (r->regs.rflags & 0x100 || r->debugregs.dr7 & 0xff || r->debugregs.dr6 != 0xffff0ff0)
		flush_debug(d);
}
