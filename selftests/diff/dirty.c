// SPDX-License-Identifier: GPL-2.0
/* The dirty log: which pages a guest wrote to. */
#include <stdio.h>

#include "diff.h"

#define LOG "KVM_GET_DIRTY_LOG"

static uint64_t bitmap[16];

static int get_log(struct rec *r, uint32_t slot, void *bits)
{
	struct minivmx_dirty_log log = {
		.slot = slot, .padding1 = 0xff, .dirty_bitmap = bits,
	};

	return vm_ioctl_p(r->vm.fd, MINIVMX_GET_DIRTY_LOG, &log);
}

static void record_log(struct rec *r, uint32_t slot)
{
	memset(bitmap, 0xff, sizeof(bitmap));
	record_ret(r, "GET_DIRTY_LOG", get_log(r, slot, bitmap));
	record(r, "bitmap %#lx %#lx", bitmap[0], bitmap[1]);
}

static int flags(struct rec *r, uint32_t slot, uint32_t flag, uint64_t gpa,
		 uint64_t size, void *host)
{
	struct minivmx_userspace_memory_region region = {
		.slot = slot, .flags = flag, .guest_phys_addr = gpa,
		.memory_size = size, .userspace_addr = (unsigned long)host,
	};

	return vm_ioctl_p(r->vm.fd, MINIVMX_SET_USER_MEMORY_REGION, &region);
}

static void log_slot0(struct rec *r, uint32_t flag)
{
	record_ret(r, "flags", flags(r, 0, flag, 0, VM_MEMORY, r->vm.memory));
}

GUEST_CODE(16, writer,
	   "movb	$1, 0x3000\n"
	   "out	%al, $0x10\n"
	   "movb	$1, 0x4000\n"
	   "mov	0x5000, %al\n"
	   "out	%al, $0x11\n"
	   "movb	$1, 0x3001\n"
	   "push	%ax\n"
	   "out	%al, $0x12\n"
	   "hlt\n");

GUEST_CODE(16, in_string,
	   "mov	$0x3ffe, %di\n"
	   "mov	$4, %cx\n"
	   "mov	$0x10, %dx\n"
	   "rep insb\n"
	   "out	%al, $0x11\n"
	   "hlt\n");

GUEST_CODE(16, movs_code,
	   "mov	$0x3000, %si\n"
	   "mov	$0x5ff0, %di\n"
	   "mov	$0x20, %cx\n"
	   "rep movsb\n"
	   "out	%al, $0x11\n"
	   "hlt\n");

GUEST_CODE(16, page_crossing,
	   "movl	$0x11223344, 0x3ffe\n"
	   "lock incl 0x5ffe\n"
	   "out	%al, $0x11\n"
	   "hlt\n");

static void written(struct rec *r, const struct diff_case *c)
{
	int i;

	record_vm(r);
	guest_start(r, REAL, c->data, c->end);
	if (c->arg)
		guest_warm(r);
	log_slot0(r, MINIVMX_MEM_LOG_DIRTY_PAGES);
	record_log(r, 0);
	for (i = 0; i < 5; i++) {
		if (record_run(r) == MINIVMX_EXIT_HLT)
			break;
		record_log(r, 0);
		record_log(r, 0);
	}
}

/* The user's own writes are not logged. */
static void by_user(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, REAL, CODE(writer));
	log_slot0(r, 1);
	r->vm.memory[0x8000] = 1;
	record_log(r, 0);
}

/* Off and on again: a new log. */
static void toggle(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, REAL, CODE(writer));
	log_slot0(r, 1);
	record_run(r);
	log_slot0(r, 0);
	record_ret(r, "no log", get_log(r, 0, bitmap));
	record_run(r);
	log_slot0(r, 1);
	record_log(r, 0);
	record_run(r);
	record_log(r, 0);
}

/* The same flags again keep the log. */
static void same_flags(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, REAL, CODE(writer));
	log_slot0(r, 1);
	record_run(r);
	log_slot0(r, 1);
	record_log(r, 0);
}

static void moved(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, REAL, CODE(writer));
	log_slot0(r, 1);
	record_run(r);
	record_ret(r, "move", flags(r, 0, 1, 0x100000, VM_MEMORY, r->vm.memory));
	record_log(r, 0);
}

static void errors(struct rec *r, const struct diff_case *c)
{
	int slots;

	record_vm(r);
	record_ret(r, "no log", get_log(r, 0, bitmap));
	log_slot0(r, 1);
	record_ret(r, "slot 1", get_log(r, 1, bitmap));
	slots = vm_ioctl(r->vm.dev, MINIVMX_CHECK_EXTENSION,
			 MINIVMX_CAP_NR_MEMSLOTS);
	record_ret(r, "the last slot", get_log(r, slots - 1, bitmap));
	record_ret(r, "behind it", get_log(r, slots, bitmap));
	record_ret(r, "slot 65535", get_log(r, 65535, bitmap));
	record_ret(r, "slot 0x20000", get_log(r, 0x20000, bitmap));
	record_ret(r, "slot -1", get_log(r, -1, bitmap));
	record_ret(r, "NULL", get_log(r, 0, NULL));
	record_ret(r, "kernel", get_log(r, 0, (void *)0xffff888000000000));
	record_ret(r, "good", get_log(r, 0, bitmap));
	record_ret(r, "deleted", flags(r, 0, 0, 0, 0, NULL));
	record_ret(r, "gone", get_log(r, 0, bitmap));
}

/* How many bytes are written: to the next 64 bits. */
static void bitmap_size(struct rec *r, const struct diff_case *c)
{
	uint8_t *memory = vm_pages(c->arg * PAGE);

	record_vm(r);
	record_ret(r, "region", flags(r, 1, 1, 0x100000, c->arg * PAGE, memory));
	memset(bitmap, 0xff, sizeof(bitmap));
	record_ret(r, "GET_DIRTY_LOG", get_log(r, 1, bitmap));
	record_words(r, "bitmap", bitmap, 32);
}

/* The failed copy loses no bits, or it does. */
static void fault_keeps(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, REAL, CODE(writer));
	log_slot0(r, 1);
	record_run(r);
	record_ret(r, "NULL", get_log(r, 0, NULL));
	record_log(r, 0);
}

/* Dirty through another slot that shows the same user memory. */
static void alias(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, REAL, CODE(writer));
	record_ret(r, "alias", flags(r, 1, 1, 0x100000, VM_MEMORY, r->vm.memory));
	record_run(r);
	record_log(r, 1);
}

static const struct diff_case cases[] = {
	{ LOG, "written", written, .data = writer, .end = writer_end },
	{ LOG, "written, memory mapped before", written, .arg = 1, .data = writer,
	  .end = writer_end },
	{ LOG, "REP INS", written, .data = in_string, .end = in_string_end },
	{ LOG, "REP INS, memory mapped before", written, .arg = 1, .data = in_string,
	  .end = in_string_end },
	{ LOG, "REP MOVS", written, .arg = 1, .data = movs_code, .end = movs_code_end },
	{ LOG, "across pages", written, .arg = 1, .data = page_crossing,
	  .end = page_crossing_end },
	{ LOG, "written by the user", by_user },
	{ LOG, "off and on", toggle },
	{ LOG, "the same flags again", same_flags },
	{ LOG, "slot moved", moved },
	{ LOG, "errors", errors },
	{ LOG, "1 page", bitmap_size, .arg = 1 },
	{ LOG, "64 pages", bitmap_size, .arg = 64 },
	{ LOG, "65 pages", bitmap_size, .arg = 65 },
	{ LOG, "after EFAULT", fault_keeps },
	{ LOG, "written through another slot", alias },
};

void add_dirty(void)
{
	diff_add(cases, ARRAY_SIZE(cases));
}
