// SPDX-License-Identifier: GPL-2.0
/*
 * Whether two runs of a stream are the same, and if not, what to say.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "stream.h"

/* Adds to the text. */
static void note(struct difference *d, unsigned int what, const char *format, ...)
{
	size_t used = strlen(d->text);
	va_list args;

	d->what |= what;
	va_start(args, format);
	vsnprintf(d->text + used, sizeof(d->text) - used, format, args);
	va_end(args);
}

static void number(struct difference *d, unsigned int what, const char *name,
		   uint64_t a, uint64_t b)
{
	if (a != b)
		note(d, what, " %s %llx/%llx", name, (unsigned long long)a,
		     (unsigned long long)b);
}

/* ------------------------- registers ------------------------------------- */

static void compare_regs(const struct minivmx_regs *a, const struct minivmx_regs *b,
			 struct difference *d)
{
	static const char * const names[] = {
		"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rsp", "rbp", "r8", "r9",
		"r10", "r11", "r12", "r13", "r14", "r15", "rip", "rflags",
	};
	unsigned int i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		number(d, DIFFER_REGS, names[i], (&a->rax)[i], (&b->rax)[i]);
}

static void compare_segment(const char *name, const struct minivmx_segment *a,
			    const struct minivmx_segment *b, struct difference *d)
{
	if (!memcmp(a, b, sizeof(*a)))
		return;
	note(d, DIFFER_SREGS,
	     " %s %04x base %llx/%llx limit %x/%x type %x/%x p%d/%d dpl%d/%d db%d/%d s%d/%d l%d/%d g%d/%d avl%d/%d unusable%d/%d",
	     name, a->selector, (unsigned long long)a->base, (unsigned long long)b->base,
	     a->limit, b->limit, a->type, b->type, a->present, b->present, a->dpl, b->dpl,
	     a->db, b->db, a->s, b->s, a->l, b->l, a->g, b->g, a->avl, b->avl, a->unusable,
	     b->unusable);
	number(d, DIFFER_SREGS, "selector", a->selector, b->selector);
}

static void compare_sregs(const struct minivmx_sregs *a, const struct minivmx_sregs *b,
			  struct difference *d)
{
	unsigned int i;

	if (!memcmp(a, b, sizeof(*a)))
		return;
	compare_segment("cs", &a->cs, &b->cs, d);
	compare_segment("ds", &a->ds, &b->ds, d);
	compare_segment("es", &a->es, &b->es, d);
	compare_segment("fs", &a->fs, &b->fs, d);
	compare_segment("gs", &a->gs, &b->gs, d);
	compare_segment("ss", &a->ss, &b->ss, d);
	compare_segment("tr", &a->tr, &b->tr, d);
	compare_segment("ldt", &a->ldt, &b->ldt, d);
	number(d, DIFFER_SREGS, "gdt.base", a->gdt.base, b->gdt.base);
	number(d, DIFFER_SREGS, "gdt.limit", a->gdt.limit, b->gdt.limit);
	number(d, DIFFER_SREGS, "idt.base", a->idt.base, b->idt.base);
	number(d, DIFFER_SREGS, "idt.limit", a->idt.limit, b->idt.limit);
	number(d, DIFFER_SREGS, "cr0", a->cr0, b->cr0);
	number(d, DIFFER_SREGS, "cr2", a->cr2, b->cr2);
	number(d, DIFFER_SREGS, "cr3", a->cr3, b->cr3);
	number(d, DIFFER_SREGS, "cr4", a->cr4, b->cr4);
	number(d, DIFFER_SREGS, "cr8", a->cr8, b->cr8);
	number(d, DIFFER_SREGS, "efer", a->efer, b->efer);
	number(d, DIFFER_SREGS, "apic_base", a->apic_base, b->apic_base);
	for (i = 0; i < 4; i++)
		number(d, DIFFER_SREGS, "interrupts", a->interrupt_bitmap[i],
		       b->interrupt_bitmap[i]);
}

static void compare_events(const struct minivmx_vcpu_events *a,
			   const struct minivmx_vcpu_events *b, struct difference *d)
{
	number(d, DIFFER_EVENTS, "exception.injected", a->exception.injected,
	       b->exception.injected);
	number(d, DIFFER_EVENTS, "exception.pending", a->exception.pending,
	       b->exception.pending);
	number(d, DIFFER_EVENTS, "interrupt.injected", a->interrupt.injected,
	       b->interrupt.injected);
	number(d, DIFFER_EVENTS, "shadow", a->interrupt.shadow, b->interrupt.shadow);
	number(d, DIFFER_EVENTS, "nmi.injected", a->nmi.injected, b->nmi.injected);
	number(d, DIFFER_EVENTS, "nmi.masked", a->nmi.masked, b->nmi.masked);
}

/* Byte 0x9c of the structure on is MXCSR; the last IP and DP are included. */
static void compare_fpu(const struct minivmx_fpu *a, const struct minivmx_fpu *b,
			struct difference *d)
{
	number(d, DIFFER_FPU, "fcw", a->fcw, b->fcw);
	number(d, DIFFER_FPU, "fsw", a->fsw, b->fsw);
	number(d, DIFFER_FPU, "ftwx", a->ftwx, b->ftwx);
	number(d, DIFFER_FPU, "mxcsr", a->mxcsr, b->mxcsr);
	if (memcmp(a->fpr, b->fpr, sizeof(a->fpr)))
		note(d, DIFFER_FPU, " fpr");
	if (memcmp(a->xmm, b->xmm, sizeof(a->xmm)))
		note(d, DIFFER_FPU, " xmm");
}

/* ------------------------- records --------------------------------------- */

static const char *record_text(const struct record *r, char *text, size_t size)
{
	static const char * const names[32] = {
		[MINIVMX_EXIT_UNKNOWN] = "UNKNOWN", [MINIVMX_EXIT_IO] = "IO",
		[MINIVMX_EXIT_DEBUG] = "DEBUG", [MINIVMX_EXIT_HLT] = "HLT",
		[MINIVMX_EXIT_MMIO] = "MMIO", [MINIVMX_EXIT_SHUTDOWN] = "SHUTDOWN",
		[MINIVMX_EXIT_FAIL_ENTRY] = "FAIL_ENTRY", [MINIVMX_EXIT_INTR] = "INTR",
		[MINIVMX_EXIT_SET_TPR] = "SET_TPR",
		[MINIVMX_EXIT_INTERNAL_ERROR] = "INTERNAL_ERROR",
	};
	const char *name = r->what < 32 ? names[r->what] : NULL;

	snprintf(text, size, "%s(%u)%s size %u at %llx data %llx", name ? name : "?",
		 r->what, r->is_write ? " write" : "", r->size,
		 (unsigned long long)r->where, (unsigned long long)r->data);
	return text;
}

static bool records_differ(const struct record *a, const struct record *b)
{
	return memcmp(a, b, sizeof(*a));
}

/* Returns false if one has ended early, and there is no state to compare. */
static bool compare_records(const struct result *a, const struct result *b,
			    struct difference *d)
{
	unsigned int n = a->nr_records < b->nr_records ? a->nr_records : b->nr_records;
	char one[120], two[120];
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (!records_differ(&a->records[i], &b->records[i]))
			continue;
		d->record = i;
		note(d, DIFFER_RECORDS, " exit %u: %s / %s", i,
		     record_text(&a->records[i], one, sizeof(one)),
		     record_text(&b->records[i], two, sizeof(two)));
		return false;
	}
	d->record = n;
	if (a->ending == ENDED_LIMIT || b->ending == ENDED_LIMIT)
		return false;
	if (a->ending != b->ending || a->error != b->error)
		note(d, DIFFER_ENDING, " ending %d (%d)/%d (%d)", a->ending, a->error,
		     b->ending, b->error);
	if (a->nr_records != b->nr_records)
		note(d, DIFFER_RECORDS, " exits %u/%u, then %s", a->nr_records, b->nr_records,
		     record_text(a->nr_records > n ? &a->records[n] : &b->records[n], one,
				 sizeof(one)));
	return !d->what;
}

/* ------------------------- all of it ------------------------------------- */

static const uint8_t *page_of(const struct stream *s, const struct result *r, int page)
{
	int i, n = 0;

	if (!(r->changed >> page & 1))
		return s->image + page * PAGE;
	for (i = 0; i < page; i++)
		n += r->changed >> i & 1;
	return r->pages + n * PAGE;
}

static void compare_memory(const struct stream *s, const struct result *a,
			   const struct result *b, struct difference *d)
{
	uint32_t at, page, n = 0;

	for (page = 0; page < MEMORY / PAGE; page++) {
		const uint8_t *pa = page_of(s, a, page), *pb = page_of(s, b, page);

		if (!memcmp(pa, pb, PAGE))
			continue;
		for (at = 0; at < PAGE && n < 12; at++) {
			if (pa[at] == pb[at])
				continue;
			if (!n++)
				d->memory = page * PAGE + at;
			note(d, DIFFER_MEMORY, " [%x] %02x/%02x (was %02x)", page * PAGE + at,
			     pa[at], pb[at], s->image[page * PAGE + at]);
		}
	}
}

/* Bits 5 and 6 of an entry are the processor's. */
static bool tables_changed(const struct stream *s, const struct result *r)
{
	uint32_t at, page, step = s->mode == MODE_PAGING32 ? 4 : 8;

	for (page = AT_TABLES / PAGE; page < AT_TABLES / PAGE + 4; page++)
		for (at = 0; at < PAGE; at++)
			if ((page_of(s, r, page)[at] ^ s->image[page * PAGE + at]) &
			    (at % step ? 0xff : 0x9f))
				return true;
	return false;
}

bool results_differ(const struct stream *s, const struct device *da,
		    const struct device *db, const struct result *a,
		    const struct result *b, struct difference *d)
{
	unsigned int i;

	d->what = 0;
	d->text[0] = 0;
	d->memory = 0;
	if (!compare_records(a, b, d)) {
		d->tables_changed = d->what && (tables_changed(s, a) || tables_changed(s, b));
		return d->what;
	}
	compare_regs(&a->regs, &b->regs, d);
	compare_sregs(&a->sregs, &b->sregs, d);
	for (i = 0; i < 4; i++)
		number(d, DIFFER_DEBUG, "db", a->debugregs.db[i], b->debugregs.db[i]);
	number(d, DIFFER_DEBUG, "dr6", a->debugregs.dr6, b->debugregs.dr6);
	number(d, DIFFER_DEBUG, "dr7", a->debugregs.dr7, b->debugregs.dr7);
	compare_events(&a->events, &b->events, d);
	compare_fpu(&a->fpu, &b->fpu, d);
	for (i = 0; i < nr_stream_msrs; i++)
		if (da->has_msr[i] && db->has_msr[i] && a->msrs[i] != b->msrs[i])
			note(d, DIFFER_MSRS, " msr %x %llx/%llx", stream_msrs[i],
			     (unsigned long long)a->msrs[i], (unsigned long long)b->msrs[i]);
	if (da->has_xcrs && db->has_xcrs)
		number(d, DIFFER_MSRS, "xcr0", a->xcr0, b->xcr0);
	number(d, DIFFER_RUN, "if_flag", a->if_flag, b->if_flag);
	number(d, DIFFER_RUN, "ready", a->ready, b->ready);
	number(d, DIFFER_RUN, "run.cr8", a->cr8, b->cr8);
	compare_memory(s, a, b, d);
	d->tables_changed = d->what && (tables_changed(s, a) || tables_changed(s, b));
	return d->what;
}

/* ------------------------- printing -------------------------------------- */

void result_print(const char *name, const struct result *r)
{
	char text[120];
	unsigned int i;

	printf("#   %s: ending %d, error %d, rip %llx, rflags %llx\n", name, r->ending,
	       r->error, (unsigned long long)r->regs.rip,
	       (unsigned long long)r->regs.rflags);
	for (i = 0; i < r->nr_records && i < 24; i++)
		printf("#     %2u %s\n", i, record_text(&r->records[i], text, sizeof(text)));
}

void stream_print(const struct stream *s)
{
	unsigned int i, n;

	printf("# seed %llu: %s, ring %d, cr0 %llx, cr4 %llx, efer %llx, rflags %llx\n",
	       (unsigned long long)s->seed, mode_names[s->mode], s->user ? 3 : 0,
	       (unsigned long long)s->sregs.cr0, (unsigned long long)s->sregs.cr4,
	       (unsigned long long)s->sregs.efer, (unsigned long long)s->regs.rflags);
	for (i = 0; i < s->nr_items; i++) {
		printf("#   %x:", AT_CODE + s->items[i]);
		for (n = s->items[i]; n < s->items[i + 1]; n++)
			printf(" %02x", s->code[n]);
		printf("\n");
	}
}

void difference_print(const struct device *da, const struct device *db,
		      const struct result *a, const struct result *b,
		      const struct difference *d)
{
	unsigned int i, to = d->record + 1;
	char text[120];

	for (i = to > 3 ? to - 3 : 0; i < to; i++) {
		if (i < a->nr_records)
			printf("#   %s exit %u: %s\n", da->path, i,
			       record_text(&a->records[i], text, sizeof(text)));
		if (i < b->nr_records)
			printf("#   %s exit %u: %s\n", db->path, i,
			       record_text(&b->records[i], text, sizeof(text)));
	}
	printf("#   %s/%s:%s\n", da->path, db->path, d->text);
}
