// SPDX-License-Identifier: GPL-2.0
/*
 * Guests that nobody would write: any state that SET ioctls take, random bytes
 * for code, events that nothing caused, answers of devices that mean nothing.
 *
 * The machines and some of the code are those of stream.h. The host's registers
 * are equal afterwards.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../host_registers.h"
#include "../stream/stream.h"
#include "fuzz.h"

#define MAX_EXITS	40
#define MAX_HALTS	8
#define MAX_TICKS	3
#define TICK		20000	/* microseconds */
#define NR_MSR_SETS	12

enum { REACHED_IO, REACHED_MMIO, REACHED_HLT, REACHED_SHUTDOWN, REACHED_FAIL_ENTRY,
	REACHED_EMULATION, REACHED_DELIVERY, REACHED_TIME, REACHED_REFUSED, REACHED_CPUID };

static struct stream stream;
static bool has_host_registers;

/* ------------------------- before it runs -------------------------------- */

/* A table that a processor could have, and then not quite. */
static struct minivmx_cpuid2 *random_cpuid(struct rng *rng, int fd)
{
	static struct {
		struct minivmx_cpuid2 head;
		struct minivmx_cpuid_entry2 entries[MINIVMX_MAX_CPUID_ENTRIES];
	} table;
	unsigned int n;

	table.head.nent = MINIVMX_MAX_CPUID_ENTRIES;
	if (ioctl(fd, MINIVMX_GET_SUPPORTED_CPUID, &table))
		fuzz_fail("GET_SUPPORTED_CPUID: %d", errno);
	for (n = rng_below(rng, 12); n; n--)
		rng_mutate(rng, &table.entries[rng_below(rng, table.head.nent)],
			   sizeof(table.entries[0]));
	if (rng_below(rng, 8) == 0)
		rng_fill(rng, table.entries, table.head.nent * sizeof(table.entries[0]));
	return &table.head;
}

static void set_random_msrs(struct rng *rng, int vcpu)
{
	static const uint32_t ranges[] = { 0, 0x174, 0x1a0, 0xc0000080, 0xc0000100, 0x40000000 };
	struct {
		struct minivmx_msrs head;
		struct minivmx_msr_entry entry;
	} one = { .head.nmsrs = 1 };
	unsigned int i;
	int ret;

	for (i = 0; i < NR_MSR_SETS; i++) {
		one.entry.index = rng_below(rng, 3) ?
			stream_msrs[rng_below(rng, nr_stream_msrs)] :
			RNG_OF(rng, ranges) + rng_below(rng, 0x20);
		one.entry.data = rng_edge(rng);
		ret = ioctl(vcpu, MINIVMX_SET_MSRS, &one);
		if (ret < 0 || ret > 1)
			fuzz_fail("SET_MSRS of %#x: %d, errno %d", one.entry.index, ret, errno);
	}
}

/* One thing of many is out of order; or all of them. */
static void spoil(struct rng *rng, struct stream *s)
{
	unsigned int n;

	if (rng_below(rng, 2)) {	/* code */
		n = 16 + rng_below(rng, 200);
		rng_fill(rng, s->image + AT_CODE, n);
	}
	for (n = rng_below(rng, 3) ? 0 : 1 + rng_below(rng, 4); n; n--)
		rng_mutate(rng, &s->sregs, sizeof(s->sregs));
	for (n = rng_below(rng, 6); n; n--)
		rng_mutate(rng, &s->regs, sizeof(s->regs) - 2 * sizeof(s->regs.rip));
	if (rng_below(rng, 8) == 0)
		rng_mutate(rng, &s->regs.rip, 2 * sizeof(s->regs.rip));
	/* Page tables, descriptors and vectors. */
	for (n = rng_below(rng, 2) ? 0 : rng_below(rng, 8); n; n--)
		rng_mutate(rng, s->image + 8 * rng_below(rng, 0x8000 / 8), 8);
}

static void set_random_events(struct rng *rng, int vcpu)
{
	struct minivmx_debugregs debugregs = { .dr6 = 0xffff0ff0, .dr7 = 0x400 };
	struct minivmx_vcpu_events events = { .flags = rng_below(rng, 8) };
	unsigned int n;

	/* What is left out of vCPU events is refused: most of it stays 0. */
	if (rng_below(rng, 2)) {
		events.exception.injected = 1;
		events.exception.nr = rng_below(rng, 32);
		events.exception.has_error_code = rng_below(rng, 2);
		events.exception.error_code = rng_edge(rng);
	}
	if (rng_below(rng, 2)) {
		events.interrupt.injected = 1;
		events.interrupt.nr = rng_u64(rng);
		events.interrupt.soft = rng_below(rng, 4) == 0;
		events.interrupt.shadow = rng_below(rng, 4);
	}
	events.nmi.injected = rng_below(rng, 4) == 0;
	events.nmi.pending = rng_below(rng, 4) == 0;
	events.nmi.masked = rng_below(rng, 4) == 0;
	for (n = rng_below(rng, 4) ? 0 : 1; n; n--)
		rng_mutate(rng, &events, sizeof(events));
	ioctl(vcpu, MINIVMX_SET_VCPU_EVENTS, &events);
	for (n = rng_below(rng, 4) ? 0 : 3; n; n--)
		rng_mutate(rng, &debugregs, sizeof(debugregs));
	ioctl(vcpu, MINIVMX_SET_DEBUGREGS, &debugregs);
}

/* ------------------------- running --------------------------------------- */

static void answer(struct rng *rng, struct minivmx_run *run)
{
	if (run->exit_reason == MINIVMX_EXIT_IO && run->io.direction == MINIVMX_EXIT_IO_IN)
		rng_fill(rng, (uint8_t *)run + run->io.data_offset,
			 run->io.size * run->io.count);
	else if (run->exit_reason == MINIVMX_EXIT_MMIO && !run->mmio.is_write)
		rng_fill(rng, run->mmio.data, sizeof(run->mmio.data));
}

/* Returns false if it makes no sense to go on. */
static bool note_exit(const struct minivmx_run *run)
{
	switch (run->exit_reason) {
	case MINIVMX_EXIT_IO:
		fuzz_reach(REACHED_IO);
		return true;
	case MINIVMX_EXIT_MMIO:
		fuzz_reach(REACHED_MMIO);
		return true;
	case MINIVMX_EXIT_HLT:
		fuzz_reach(REACHED_HLT);
		return true;
	case MINIVMX_EXIT_SHUTDOWN:
		fuzz_reach(REACHED_SHUTDOWN);
		return false;
	case MINIVMX_EXIT_FAIL_ENTRY:
		fuzz_reach(REACHED_FAIL_ENTRY);
		return false;
	case MINIVMX_EXIT_INTERNAL_ERROR:
		if (run->internal.suberror == MINIVMX_INTERNAL_ERROR_EMULATION)
			fuzz_reach(REACHED_EMULATION);
		else if (run->internal.suberror == MINIVMX_INTERNAL_ERROR_DELIVERY_EV)
			fuzz_reach(REACHED_DELIVERY);
		return false;
	default:
		return true;
	}
}

/* Its handlers halt: somewhere in the code it goes on. */
static void go_on(struct rng *rng, int vcpu)
{
	struct minivmx_regs regs;

	if (ioctl(vcpu, MINIVMX_GET_REGS, &regs))
		fuzz_fail("GET_REGS failed with errno %d", errno);
	regs.rip = AT_CODE + rng_below(rng, 200);
	regs.rsp = AT_STACK;
	ioctl(vcpu, MINIVMX_SET_REGS, &regs);
}

static void run_guest(struct rng *rng, struct device *d)
{
	int exits = 0, ticks = 0, halts = 0;

	while (exits++ < MAX_EXITS) {
		if (!ioctl(d->vcpu, MINIVMX_RUN, 0)) {
			judge_exit(d->run, d->run_size);
			if (!note_exit(d->run))
				return;
			answer(rng, d->run);
			if (d->run->exit_reason == MINIVMX_EXIT_HLT) {
				if (++halts > MAX_HALTS)
					return;
				go_on(rng, d->vcpu);
			}
			if (rng_below(rng, 8) == 0)
				set_random_events(rng, d->vcpu);
			else if (rng_below(rng, 8) == 0)
				set_random_msrs(rng, d->vcpu);
			d->run->request_interrupt_window = rng_below(rng, 2);
			continue;
		}
		if (errno != EINTR)
			fuzz_fail("RUN failed with errno %d", errno);
		if (++ticks == MAX_TICKS) {
			fuzz_reach(REACHED_TIME);
			return;
		}
	}
}

static void start(struct rng *rng, struct device *d, uint64_t seed)
{
	uint32_t at;

	stream_generate(&stream, seed, &d->reset);
	spoil(rng, &stream);
	for (at = 0; at < MEMORY; at += PAGE)
		memcpy(d->memory + at, stream.image + at, PAGE);
	if (rng_below(rng, 2))
		set_random_msrs(rng, d->vcpu);
	if (ioctl(d->vcpu, MINIVMX_SET_SREGS, &stream.sregs)) {
		if (errno != EINVAL)
			fuzz_fail("SET_SREGS failed with errno %d", errno);
		fuzz_reach(REACHED_REFUSED);
	}
	ioctl(d->vcpu, MINIVMX_SET_REGS, &stream.regs);
	if (rng_below(rng, 2))
		set_random_events(rng, d->vcpu);
}

static void pin(struct rng *rng)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(rng_below(rng, sysconf(_SC_NPROCESSORS_ONLN)), &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* device_open() runs a vCPU; the one that is looked at has its table by then. */
static void open_device(struct rng *rng, struct device *d)
{
	struct minivmx_cpuid2 *cpuid = NULL;
	const char *what;
	int fd;

	if (rng_below(rng, 2)) {
		fd = open(FUZZ_DEVICE, O_RDWR | O_CLOEXEC);
		cpuid = random_cpuid(rng, fd);
		close(fd);
	}
	what = device_open(d, FUZZ_DEVICE, cpuid);
	/* Of a table, or of CR4 with it. */
	if (what && cpuid && errno == EINVAL) {
		fuzz_reach(REACHED_REFUSED);
		device_close(d);
		what = device_open(d, FUZZ_DEVICE, NULL);
	} else if (cpuid) {
		fuzz_reach(REACHED_CPUID);
	}
	if (what)
		fuzz_fail("%s: errno %d", what, errno);
}

static void once(struct rng *rng, uint64_t seed)
{
	static struct host_registers before, after;
	static struct device d;
	const char *which;

	pin(rng);
	if (has_host_registers && !host_registers_read(&before))
		fuzz_fail("no registers of the host");
	/* It runs a vCPU, too. */
	open_device(rng, &d);
	start(rng, &d, seed);
	/* A page in no slot, with slots on both sides; and one in a read-only slot. */
	canary_make(d.memory + AT_HOLE);
	canary_make(d.memory + AT_ROM);
	timer_start(TICK);
	run_guest(rng, &d);
	timer_stop();
	canary_check(d.memory + AT_HOLE, "a page between slots");
	canary_check(d.memory + AT_ROM, "a read-only slot");
	if (has_host_registers) {
		host_registers_read(&after);
		which = host_registers_differ(&before, &after);
		if (which)
			fuzz_fail("the host's register has changed: %s", which);
	}
	judge_good_guest(d.vcpu, d.run, d.memory, &d.reset);
	device_close(&d);
}

static void begin(void)
{
	has_host_registers = !access(HOST_REGISTERS, R_OK);
}

const struct fuzzer fuzz_guest = {
	.name = "guest",
	.what = "any state and any code ends in a documented way",
	.chunk = 16,
	.count = 200,
	.begin = begin,
	.once = once,
	.reached = {
		[REACHED_IO] = "IO", [REACHED_MMIO] = "MMIO", [REACHED_HLT] = "HLT",
		[REACHED_SHUTDOWN] = "SHUTDOWN", [REACHED_FAIL_ENTRY] = "FAIL_ENTRY",
		[REACHED_EMULATION] = "emulation failure",
		[REACHED_DELIVERY] = "delivery failure", [REACHED_TIME] = "out of time",
		[REACHED_REFUSED] = "state refused", [REACHED_CPUID] = "random CPUID",
	},
};
