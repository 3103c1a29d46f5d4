// SPDX-License-Identifier: GPL-2.0
/* Memory regions: what is refused, and what a guest finds there. */
#include <stdio.h>

#include "diff.h"

#define SET "KVM_SET_USER_MEMORY_REGION"

static int region(struct rec *r, uint32_t slot, uint32_t flags, uint64_t gpa,
		  uint64_t size, const void *host)
{
	struct minivmx_userspace_memory_region region = {
		.slot = slot, .flags = flags, .guest_phys_addr = gpa,
		.memory_size = size, .userspace_addr = (unsigned long)host,
	};

	return vm_ioctl_p(r->vm.fd, MINIVMX_SET_USER_MEMORY_REGION, &region);
}

#define LAST_SLOT	0x7ffffff0u	/* stands for what the device says */

/* One region beside slot 0; "host" counts from good memory. */
struct request {
	const char *name;
	uint32_t slot, flags;
	uint64_t gpa, size;
	int64_t host;
};

static const struct request requests[] = {
	{ "good", 1, 0, 0x100000, 0x4000, 0 },
	{ "gpa misaligned", 1, 0, 0x100800, 0x4000, 0 },
	{ "size misaligned", 1, 0, 0x100000, 0x4800, 0 },
	{ "size of one byte", 1, 0, 0x100000, 1, 0 },
	{ "user address misaligned", 1, 0, 0x100000, 0x4000, 0x10 },
	{ "all misaligned by 512", 1, 0, 0x100200, 0x4200, 0x200 },
	{ "range wraps", 1, 0, 0xfffffffffffff000, 0x4000, 0 },
	{ "range ends at 2^64", 1, 0, 0xffffffffffffc000, 0x4000, 0 },
	{ "gpa above 52 bits", 1, 0, 1UL << 52, 0x4000, 0 },
	{ "gpa above 46 bits", 1, 0, 1UL << 46, 0x4000, 0 },
	{ "user range wraps", 1, 0, 0x100000, 0x4000, INT64_MAX },
	{ "user address in the kernel", 1, 0, 0x100000, 0x4000, INT64_MIN },
	{ "user address not mapped", 1, 0, 0x100000, 0x4000, -(1L << 40) },
	{ "huge", 1, 0, 0x100000, 1UL << 50, 0 },
	{ "size of 2^63", 1, 0, 0x100000, 1UL << 63, 0 },
	{ "8 TiB", 1, 0, 1UL << 32, 1UL << 43, 0 },
	{ "delete nothing", 1, 0, 0x100000, 0, 0 },
	{ "delete slot 0", 0, 0, 0, 0, 0 },
	{ "delete slot 0 with other addresses", 0, 0, 0x555000, 0, 0x777 },
	{ "delete slot 0 with flags", 0, 1, 0, 0, 0 },
	{ "delete slot 0 with unknown flags", 0, 8, 0, 0, 0 },
	{ "the last slot", LAST_SLOT, 0, 0x100000, 0x1000, 0 },
	{ "behind the last slot", LAST_SLOT + 1, 0, 0x100000, 0x1000, 0 },
	{ "slot 65535", 65535, 0, 0x100000, 0x1000, 0 },
	{ "slot of address space 1", 0x10001, 0, 0x100000, 0x1000, 0 },
	{ "slot of address space 2", 0x20001, 0, 0x100000, 0x1000, 0 },
	{ "slot -1", -1, 0, 0x100000, 0x1000, 0 },
	{ "flag 4", 1, 4, 0x100000, 0x1000, 0 },
	{ "flag 0x80000000", 1, 0x80000000, 0x100000, 0x1000, 0 },
	{ "dirty log", 1, 1, 0x100000, 0x1000, 0 },
	{ "read-only", 1, 2, 0x100000, 0x1000, 0 },
	{ "dirty log and read-only", 1, 3, 0x100000, 0x1000, 0 },
	{ "overlaps the end of slot 0", 1, 0, 0xf000, 0x2000, 0 },
	{ "inside slot 0", 1, 0, 0x3000, 0x1000, 0 },
	{ "contains slot 0", 1, 0, 0, 0x20000, 0 },
	{ "right behind slot 0", 1, 0, 0x10000, 0x1000, 0 },
	{ "slot 0 as it is", 0, 0, 0, VM_MEMORY, -1 },
	{ "slot 0 moves", 0, 0, 0x200000, VM_MEMORY, -1 },
	{ "slot 0 moves by one page", 0, 0, 0x1000, VM_MEMORY, -1 },
	{ "slot 0 grows", 0, 0, 0, 2 * VM_MEMORY, -1 },
	{ "slot 0 shrinks", 0, 0, 0, 0x1000, -1 },
	{ "slot 0 elsewhere in user memory", 0, 0, 0, VM_MEMORY, 0 },
	{ "slot 0 moves and goes elsewhere", 0, 0, 0x200000, VM_MEMORY, 0 },
	{ "slot 0 becomes read-only", 0, 2, 0, VM_MEMORY, -1 },
	{ "slot 0 gets a dirty log", 0, 1, 0, VM_MEMORY, -1 },
	{ "the page of the APIC", 1, 0, 0xfee00000, 0x1000, 0 },
	{ "same user memory twice", 1, 0, 0x100000, VM_MEMORY, -1 },
};

GUEST_CODE(16, marks, "movb $0x5a, 0x2000\nmov 0x3000, %al\nout %al, $0x10\nhlt\n");

static void one(struct rec *r, const struct diff_case *c)
{
	const struct request *q = c->data;
	struct vm *vm = record_vm(r);
	uint8_t *memory = vm_pages(4 * VM_MEMORY);
	uint64_t host = (unsigned long)memory + q->host;
	uint32_t slot = q->slot;

	if (slot - LAST_SLOT < 2)
		slot += vm_ioctl(vm->dev, MINIVMX_CHECK_EXTENSION,
				 MINIVMX_CAP_NR_MEMSLOTS) - 1 - LAST_SLOT;
	if (q->host == -1)
		host = (unsigned long)vm->memory;
	else if (q->host == INT64_MAX)
		host = 0xfffffffffffff000;
	else if (q->host == INT64_MIN)
		host = 0xffff888000000000;
	guest_start(r, REAL, CODE(marks));
	memcpy(memory, vm->memory, VM_MEMORY);
	vm->memory[0x3000] = 0x11;
	memory[0x3000] = 0x22;
	record_ret(r, "region", region(r, slot, q->flags, q->gpa, q->size,
				       (void *)host));
	/* Slot 0 is where it was, or is not. */
	record_run(r);
	record(r, "slot 0 %#x, other %#x", vm->memory[0x2000], memory[0x2000]);
}

/* ------------------------- what a guest finds ----------------------------- */

GUEST_CODE(32, read_write,
	   "mov	0x100000, %eax\n"
	   "out	%al, $0x10\n"
	   "movl	$0x77, 0x100004\n"
	   "out	%al, $0x11\n"
	   "mov	0x200000, %eax\n"
	   "out	%al, $0x12\n"
	   "mov	0x100000, %eax\n"
	   "out	%al, $0x13\n"
	   "hlt\n");

/* Added, moved and deleted while the vCPU has run. */
static void moves(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	uint8_t *memory = vm_pages(0x4000);

	(void)vm;
	memory[0] = 0x42;
	guest_start(r, PROT32, CODE(read_write));
	record_ret(r, "add", region(r, 1, 0, 0x100000, 0x4000, memory));
	record_run(r);
	record_run(r);
	record(r, "written %#x", memory[4]);
	record_ret(r, "move", region(r, 1, 0, 0x200000, 0x4000, memory));
	record_run(r);
	record_run(r);
	record_ret(r, "delete", region(r, 1, 0, 0x200000, 0, NULL));
	record_run(r);
}

/* The user's own changes of the mapping are seen by the guest. */
static void remapped(struct rec *r, const struct diff_case *c)
{
	uint8_t *memory = vm_pages(0x4000);

	record_vm(r);
	memory[0] = 0x42;
	guest_start(r, PROT32, CODE(read_write));
	record_ret(r, "add", region(r, 1, 0, 0x100000, 0x4000, memory));
	record_ret(r, "alias", region(r, 2, 0, 0x200000, 0x4000, memory));
	record_run(r);
	if (c->arg == 1) {
		madvise(memory, 0x4000, MADV_DONTNEED);
	} else if (c->arg == 2) {
		munmap(memory, 0x4000);
	} else if (c->arg == 3) {
		mprotect(memory, 0x4000, PROT_READ);
	} else if (c->arg == 4) {
		mprotect(memory, 0x4000, PROT_NONE);
	} else {
		mmap(memory, 0x4000, PROT_READ | PROT_WRITE,
		     MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		memory[0] = 0x43;
	}
	record_run(r);
	record_regs(r, "rip");
	if (c->arg == 3 || c->arg == 4) {
		mprotect(memory, 0x4000, PROT_READ | PROT_WRITE);
		record_run(r);
	}
	record_run(r);
	record_run(r);
}

static void many_slots(struct rec *r, const struct diff_case *c)
{
	uint8_t *memory = vm_pages(0x1000);
	uint32_t slot, bad = 0;
	uint64_t gpa = 0x100000;

	record_vm(r);
	memory[0] = 0x42;
	guest_start(r, PROT32, CODE(read_write));
	for (slot = 1; slot <= 500; slot++, gpa += 0x2000)
		bad += !!region(r, slot, 0, gpa, 0x1000, memory);
	record(r, "refused %u", bad);
	record_run(r);
	for (slot = 2; slot <= 500; slot += 2)
		bad += !!region(r, slot, 0, 0, 0, NULL);
	record(r, "refused %u", bad);
	record_run(r);
	record_run(r);
}

/* ------------------------- read-only memory ------------------------------- */

GUEST_CODE(32, writes_rom,
	   "mov	0x100000, %eax\n"
	   "out	%al, $0x10\n"
	   "movl	$0x11223344, 0x100004\n"
	   "movb	$0x55, 0x100008\n"
	   "mov	0x100004, %eax\n"
	   "out	%al, $0x11\n"
	   "hlt\n");

static void rom(struct rec *r, const struct diff_case *c)
{
	uint8_t *memory = vm_pages(0x4000);

	record_vm(r);
	memory[0] = 0x42;
	memory[4] = 0x24;
	if (c->arg)
		mprotect(memory, 0x4000, PROT_READ);
	guest_start(r, PROT32, CODE(writes_rom));
	record_ret(r, "read-only", region(r, 1, 2, 0x100000, 0x4000, memory));
	record_run(r);
	record_run(r);
	record_run(r);
	record_run(r);
	record_words(r, "memory", memory, 16);
	record_ret(r, "writable", region(r, 1, 0, 0x100000, 0x4000, memory));
	record_run(r);
}

/* Code runs from read-only memory. */
GUEST_CODE(32, jump_rom, "mov $0x100000, %eax\njmp *%eax\n");

static void rom_code(struct rec *r, const struct diff_case *c)
{
	static const uint8_t code[] = { 0xe6, 0x33, 0xf4 };
	uint8_t *memory = vm_pages(0x1000);

	record_vm(r);
	memcpy(memory, code, sizeof(code));
	guest_start(r, PROT32, CODE(jump_rom));
	record_ret(r, "read-only", region(r, 1, 2, 0x100000, 0x1000, memory));
	record_run(r);
	record_run(r);
	record_ret(r, "code deleted", region(r, 1, 0, 0x100000, 0, NULL));
	record_run(r);
}

/* With accessed and dirty bits in EPT, a walk counts as a write. */
GUEST_CODE(32, reads_and_writes,
	   "mov	0x3000, %eax\n"
	   "out	%al, $0x10\n"
	   "movl	$0x11223344, 0x3004\n"
	   "mov	0x3004, %eax\n"
	   "out	%al, $0x11\n"
	   "hlt\n");

static void rom_tables(struct rec *r, const struct diff_case *c)
{
	uint8_t *memory = vm_pages(0x1000);
	struct minivmx_sregs sregs;

	record_vm(r);
	guest_start(r, PAGING32, CODE(reads_and_writes));
	memcpy(memory, r->vm.memory + GUEST_TABLES, 0x1000);
	r->vm.memory[0x3000] = 0x42;
	record_ret(r, "read-only", region(r, 1, 2, 0x100000, 0x1000, memory));
	record_need(r, "GET_SREGS", vm_get_sregs(r->vm.vcpu, &sregs));
	sregs.cr3 = 0x100000;
	record_ret(r, "SET_SREGS", vm_set_sregs(r->vm.vcpu, &sregs));
	record_run(r);
	record_regs(r, "rax rip");
	record_run(r);
	record_regs(r, "rax rip");
	record_run(r);
	record_words(r, "memory", memory, 8);
}

/* ------------------------- addresses that KVM wants ----------------------- */

static void tss_addr(struct rec *r, const struct diff_case *c)
{
	static const uint64_t addresses[] = {
		0, 0xfffbd000, 0xfffbd001, 0xffffd000, 0xffffcfff, 0xffffd001,
		0xffffffff, 0x100000000, -1UL, 0xfffbd000,
	};
	char name[32];
	size_t i;

	record_vm(r);
	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		snprintf(name, sizeof(name), "%#lx", addresses[i]);
		record_ret(r, name,
			   vm_ioctl(r->vm.fd, MINIVMX_SET_TSS_ADDR, addresses[i]));
	}
	guest_start(r, REAL, CODE(marks));
	record_run(r);
}

static void identity_addr(struct rec *r, const struct diff_case *c)
{
	static const uint64_t addresses[] = {
		0, 0xfffbc000, 0xfffbc001, 0x100000000, -1UL,
	};
	char name[32];
	size_t i;
	int fd;

	record_vm(r);
	fd = c->arg ? r->vm.fd : vm_ioctl(r->vm.dev, MINIVMX_CREATE_VM, 0);
	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		snprintf(name, sizeof(name), "%#lx", addresses[i]);
		record_ret(r, name,
			   vm_ioctl_p(fd, MINIVMX_SET_IDENTITY_MAP_ADDR,
				      &addresses[i]));
	}
}

static const struct diff_case cases[] = {
	{ SET, "add, move, delete", moves },
	{ SET, "user maps something else", remapped },
	{ SET, "user discards it", remapped, .arg = 1 },
	{ SET, "user unmaps it", remapped, .arg = 2 },
	{ SET, "user makes it read-only", remapped, .arg = 3 },
	{ SET, "user makes it inaccessible", remapped, .arg = 4 },
	{ SET, "500 slots", many_slots },
	{ SET, "writes to read-only memory", rom },
	{ SET, "writes to read-only memory that the user may only read", rom, .arg = 1 },
	{ SET, "code in read-only memory", rom_code },
	{ SET, "page tables in read-only memory", rom_tables },
	{ "KVM_SET_TSS_ADDR", "addresses", tss_addr },
	{ "KVM_SET_IDENTITY_MAP_ADDR", "addresses", identity_addr },
	{ "KVM_SET_IDENTITY_MAP_ADDR", "with a vCPU", identity_addr, .arg = 1 },
};

void add_memory(void)
{
	struct diff_case c = { SET, NULL, one };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		c.name = requests[i].name;
		c.data = &requests[i];
		diff_add(&c, 1);
	}
	diff_add(cases, ARRAY_SIZE(cases));
}
