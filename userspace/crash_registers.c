// SPDX-License-Identifier: GPL-2.0
/*
 * Registers, as the report of a crash prints them.
 */
#include <stdio.h>

#include "crash_parts.h"

static void print_flags(__u64 rflags)
{
	static const char *const names[12] = {
		[0] = "CF", [2] = "PF", [4] = "AF", [6] = "ZF", [7] = "SF",
		[8] = "TF", [9] = "IF", [10] = "DF", [11] = "OF",
	};
	int bit;

	for (bit = 0; bit < 12; bit++)
		if (names[bit] && rflags >> bit & 1)
			fprintf(stderr, " %s", names[bit]);
}

/* Registers are wider than 32 bits, and more, only in 64-bit mode. */
static void print_regs(const struct minivmx_regs *r, bool all)
{
	fprintf(stderr, "  rax %08llx  rbx %08llx  rcx %08llx  rdx %08llx\n",
		r->rax, r->rbx, r->rcx, r->rdx);
	fprintf(stderr, "  rsi %08llx  rdi %08llx  rbp %08llx  rsp %08llx\n",
		r->rsi, r->rdi, r->rbp, r->rsp);
	if (all) {
		fprintf(stderr, "  r8  %08llx  r9  %08llx  r10 %08llx  r11 %08llx\n",
			r->r8, r->r9, r->r10, r->r11);
		fprintf(stderr, "  r12 %08llx  r13 %08llx  r14 %08llx  r15 %08llx\n",
			r->r12, r->r13, r->r14, r->r15);
	}
	fprintf(stderr, "  rip %08llx  rflags %08llx", r->rip, r->rflags);
	print_flags(r->rflags);
	fputc('\n', stderr);
}

static void print_segment(const char *name, const struct minivmx_segment *s)
{
	fprintf(stderr,
		"  %-3s %04x  base %08llx  limit %08x  type %x s %u dpl %u p %u l %u db %u g %u%s\n",
		name, s->selector, s->base, s->limit, s->type, s->s, s->dpl,
		s->present, s->l, s->db, s->g, s->unusable ? "  unusable" : "");
}

static void print_sregs(const struct minivmx_sregs *s)
{
	print_segment("cs", &s->cs);
	print_segment("ds", &s->ds);
	print_segment("es", &s->es);
	print_segment("fs", &s->fs);
	print_segment("gs", &s->gs);
	print_segment("ss", &s->ss);
	print_segment("tr", &s->tr);
	print_segment("ldt", &s->ldt);
	fprintf(stderr, "  gdt       base %08llx  limit %04x\n",
		s->gdt.base, s->gdt.limit);
	fprintf(stderr, "  idt       base %08llx  limit %04x\n",
		s->idt.base, s->idt.limit);
	fprintf(stderr, "  cr0 %08llx  cr2 %08llx  cr3 %08llx  cr4 %08llx  efer %llx\n",
		s->cr0, s->cr2, s->cr3, s->cr4, s->efer);
}

/**
 * crash_print_registers() - all of a vCPU
 * @regs: what MINIVMX_GET_REGS says
 * @sregs: what MINIVMX_GET_SREGS says
 */
void crash_print_registers(const struct minivmx_regs *regs, const struct minivmx_sregs *sregs)
{
	print_regs(regs, sregs->cs.l);
	print_sregs(sregs);
}
