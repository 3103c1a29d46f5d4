// SPDX-License-Identifier: GPL-2.0
/* Coalesced writes to ports and memory: the ring. */
#include <stdio.h>

#include "diff.h"

#define REG "KVM_REGISTER_COALESCED_MMIO"
#define UNREG "KVM_UNREGISTER_COALESCED_MMIO"

static int zone(struct rec *r, unsigned long number, uint64_t addr,
		uint32_t size, uint32_t pio)
{
	struct minivmx_coalesced_mmio_zone zone = {
		.addr = addr, .size = size, .pio = pio,
	};

	return vm_ioctl_p(r->vm.fd, number, &zone);
}

#define ADD(...) record_ret(r, "register", \
	zone(r, MINIVMX_REGISTER_COALESCED_MMIO, __VA_ARGS__))
#define DEL(...) record_ret(r, "unregister", \
	zone(r, MINIVMX_UNREGISTER_COALESCED_MMIO, __VA_ARGS__))

static struct minivmx_coalesced_mmio_ring *ring_of(struct rec *r)
{
	int page = vm_ioctl(r->vm.dev, MINIVMX_CHECK_EXTENSION,
			    MINIVMX_CAP_COALESCED_MMIO);

	if (page <= 0 || (page + 1) * PAGE > r->vm.run_size)
		record_need(r, "page of the ring", -ENOENT);
	return (void *)((char *)r->vm.run + page * PAGE);
}

static void record_ring(struct rec *r)
{
	struct minivmx_coalesced_mmio_ring *g = ring_of(r);
	char what[64];
	uint32_t i;

	record(r, "ring %u to %u", g->first, g->last);
	for (i = g->first; i != g->last && i < g->first + 8;
	     i = (i + 1) % MINIVMX_COALESCED_MMIO_MAX) {
		snprintf(what, sizeof(what), "  %#llx pio %u",
			 g->coalesced_mmio[i].phys_addr, g->coalesced_mmio[i].pio);
		record_bytes(r, what, g->coalesced_mmio[i].data,
			     g->coalesced_mmio[i].len > 8 ? 8 :
			     g->coalesced_mmio[i].len);
	}
}

GUEST_CODE(16, ports,
	   "mov	$0x44332211, %eax\n"
	   "out	%al, $0x10\n"
	   "out	%ax, $0x12\n"
	   "out	%eax, $0x14\n"
	   "out	%al, $0x20\n"
	   "in	$0x10, %al\n"
	   "out	%al, $0x10\n"
	   "hlt\n");

static void pio(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, REAL, CODE(ports));
	ADD(0x10, 8, 1);
	record_run(r);
	record_ring(r);
	record_run(r);
	*(uint8_t *)vm_io_data(r->vm.run) = 0x99;
	record_run(r);
	record_ring(r);
}

/* A zone that begins or ends inside an access. */
static void pio_edges(struct rec *r, const struct diff_case *c)
{
	int i;

	record_vm(r);
	guest_start(r, REAL, CODE(ports));
	ADD(c->arg, c->arg2, 1);
	for (i = 0; i < 5; i++)
		if (record_run(r) == MINIVMX_EXIT_HLT ||
		    (r->vm.run->exit_reason == MINIVMX_EXIT_IO &&
		     r->vm.run->io.direction == MINIVMX_EXIT_IO_IN))
			break;
	record_ring(r);
}

GUEST_CODE(16, rep_outs,
	   "mov	$0x2000, %si\n"
	   "mov	$5, %cx\n"
	   "mov	$0x10, %dx\n"
	   "rep outsw\n"
	   "out	%al, $0x33\n"
	   "hlt\n");

static void pio_string(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, REAL, CODE(rep_outs));
	memcpy(r->vm.memory + 0x2000, "abcdefghij", 10);
	ADD(0x10, 8, 1);
	record_runs(r, 8);
	record_ring(r);
	record_regs(r, "rsi rcx rip");
}

GUEST_CODE(32, mmio_writes,
	   "mov	$0x44332211, %eax\n"
	   "mov	%al, 0x100000\n"
	   "mov	%ax, 0x100002\n"
	   "mov	%eax, 0x100004\n"
	   "mov	%eax, 0x100ffe\n"
	   "mov	0x100000, %ebx\n"
	   "mov	%eax, 0x100010\n"
	   "hlt\n");

static void mmio(struct rec *r, const struct diff_case *c)
{
	int i;

	record_vm(r);
	guest_start(r, PROT32, CODE(mmio_writes));
	ADD(c->arg, c->arg2, 0);
	for (i = 0; i < 7; i++)
		if (record_run(r) != MINIVMX_EXIT_MMIO)
			break;
	record_ring(r);
	record_regs(r, "rip");
}

GUEST_CODE(16, many,
	   "mov	$400, %cx\n"
	   "1: mov	%cx, %ax\n"
	   "out	%ax, $0x10\n"
	   "loop	1b\n"
	   "hlt\n");

static void full(struct rec *r, const struct diff_case *c)
{
	struct minivmx_coalesced_mmio_ring *g;

	record_vm(r);
	guest_start(r, REAL, CODE(many));
	ADD(0x10, 2, 1);
	g = ring_of(r);
	record(r, "room for %zu", MINIVMX_COALESCED_MMIO_MAX);
	record_run(r);
	record(r, "ring %u to %u", g->first, g->last);
	record_regs(r, "rcx");
	record_run(r);
	record(r, "ring %u to %u", g->first, g->last);
	/* Room for ten. */
	g->first = 10;
	record_run(r);
	record(r, "ring %u to %u", g->first, g->last);
	record_regs(r, "rcx");
	g->first = g->last;
	record_run(r);
	record(r, "ring %u to %u", g->first, g->last);
	record_regs(r, "rcx");
}

/* The caller writes nonsense there. */
static void wild(struct rec *r, const struct diff_case *c)
{
	struct minivmx_coalesced_mmio_ring *g;

	record_vm(r);
	guest_start(r, REAL, CODE(ports));
	ADD(0x10, 8, 1);
	g = ring_of(r);
	g->first = c->arg;
	g->last = c->arg2;
	record_run(r);
	record(r, "ring %u to %u", g->first, g->last);
	record_run(r);
	record(r, "ring %u to %u", g->first, g->last);
}

static void unregister(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, REAL, CODE(ports));
	ADD(0x10, 2, 1);
	ADD(0x12, 2, 1);
	DEL(c->arg, c->arg2, 1);
	record_run(r);
	record_run(r);
	record_ring(r);
}

static void forms(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	ADD(0x10, 2, 2);
	ADD(0x10, 2, -1);
	ADD(0x10, 0, 1);
	ADD(0x10, 2, 1);
	ADD(0x10, 2, 1);
	ADD(0xffff, 1, 1);
	ADD(0xffff, 2, 1);
	ADD(0x10000, 2, 1);
	ADD(-1UL, 2, 1);
	ADD(-1UL, -1, 0);
	ADD(0, -1, 0);
	DEL(0x10, 2, 2);
	DEL(0x999, 2, 1);
	DEL(0x10, 2, 1);
	DEL(0x10, 2, 1);
	DEL(0x10, 2, 0);
}

static void number(struct rec *r, const struct diff_case *c)
{
	unsigned int i;
	int ret = 0;

	record_vm(r);
	for (i = 0; i < 2000 && !ret; i++)
		ret = zone(r, MINIVMX_REGISTER_COALESCED_MMIO, 0x100000 + 16 * i,
			   8, 0);
	record(r, "%s: %s", i >= 100 ? "100 zones and more" : "fewer than 100 zones",
	       errno_text(ret));
}

static const struct diff_case cases[] = {
	{ REG, "ports", pio },
	{ REG, "zone begins inside an access", pio_edges, .arg = 0x13, .arg2 = 4 },
	{ REG, "zone ends inside an access", pio_edges, .arg = 0x10, .arg2 = 7 },
	{ REG, "zone of one port", pio_edges, .arg = 0x12, .arg2 = 1 },
	{ REG, "zone of size 0", pio_edges, .arg = 0x10, .arg2 = 0 },
	{ REG, "all ports", pio_edges, .arg = 0, .arg2 = 0x10000 },
	{ REG, "REP OUTS", pio_string },
	{ REG, "memory", mmio, .arg = 0x100000, .arg2 = 0x1000 },
	{ REG, "memory, zone begins inside an access", mmio, .arg = 0x100005, .arg2 = 0x100 },
	{ REG, "memory, zone ends inside an access", mmio, .arg = 0x100000, .arg2 = 7 },
	{ REG, "ports are not memory", mmio, .arg = 0x200000, .arg2 = 0x1000 },
	{ REG, "full ring", full },
	{ REG, "wild last", wild, .arg = 0, .arg2 = 1000 },
	{ REG, "wild first", wild, .arg = 1000, .arg2 = 0 },
	{ REG, "wild first and last", wild, .arg = -1U, .arg2 = -1U },
	{ REG, "forms", forms },
	{ REG, "number of zones", number },
	{ UNREG, "one zone", unregister, .arg = 0x12, .arg2 = 2 },
	{ UNREG, "a part of a zone", unregister, .arg = 0x12, .arg2 = 1 },
	{ UNREG, "all", unregister, .arg = 0, .arg2 = 0x1000 },
	{ UNREG, "other addresses", unregister, .arg = 0x40, .arg2 = 4 },
};

void add_coalesced(void)
{
	diff_add(cases, ARRAY_SIZE(cases));
}
