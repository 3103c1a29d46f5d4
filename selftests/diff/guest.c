// SPDX-License-Identifier: GPL-2.0
/*
 * Guests in each mode, entered directly. Their tables lie in the 64 KiB of
 * slot 0; linear addresses are physical ones, also where there is no memory.
 */
#include <stdlib.h>

#include "diff.h"

const char *const mode_names[NR_MODES] = {
	[REAL] = "real mode",
	[PROT32] = "protected mode",
	[PAGING32] = "32-bit paging",
	[PAE] = "PAE paging",
	[LONG] = "64-bit mode",
	[COMPAT] = "compatibility mode",
};

void guest_sregs(struct minivmx_sregs *sregs, enum guest_mode mode)
{
	static const struct {
		uint64_t cr0, cr4, efer;
	} control[NR_MODES] = {
		[REAL] = { 0, 0, 0 },
		[PROT32] = { CR0_PE, 0, 0 },
		[PAGING32] = { CR0_PE | CR0_PG, CR4_PSE, 0 },
		[PAE] = { CR0_PE | CR0_PG, CR4_PAE, 0 },
		[LONG] = { CR0_PE | CR0_PG, CR4_PAE, EFER_LME | EFER_LMA },
		[COMPAT] = { CR0_PE | CR0_PG, CR4_PAE, EFER_LME | EFER_LMA },
	};

	sregs->cr0 = CR0_ET | CR0_NE | control[mode].cr0;
	sregs->cr4 = control[mode].cr4;
	sregs->efer = control[mode].efer;
	if (mode == REAL) {
		sregs->cs.base = 0;
		sregs->cs.selector = 0;
		return;
	}
	vm_flat_segments(sregs, 0);
	sregs->cr3 = GUEST_TABLES;
	sregs->gdt.base = GUEST_GDT;
	sregs->gdt.limit = 6 * 8 - 1;
	sregs->idt.base = GUEST_IDT;
	sregs->idt.limit = 0xfff;
	/* A busy TSS of 32 or 64 bits. */
	sregs->tr.type = 11;
	sregs->tr.selector = 32;
	sregs->tr.limit = 0x67;
	if (mode == LONG) {
		sregs->cs.selector = 24;
		sregs->cs.db = 0;
		sregs->cs.l = 1;
	}
}

static void put32(struct vm *vm, uint64_t at, uint32_t value)
{
	memcpy(vm->memory + at, &value, sizeof(value));
}

static void put64(struct vm *vm, uint64_t at, uint64_t value)
{
	memcpy(vm->memory + at, &value, sizeof(value));
}

static void guest_page_tables(struct vm *vm, enum guest_mode mode)
{
	const uint64_t next = GUEST_TABLES + PAGE;

	switch (mode) {
	case PAGING32:
		put32(vm, GUEST_TABLES, 0xe3);		/* 4 MiB */
		break;
	case PAE:
		put64(vm, GUEST_TABLES, next | 1);
		put64(vm, next, 0xe3);			/* 2 MiB */
		break;
	case LONG:
	case COMPAT:
		put64(vm, GUEST_TABLES, next | 3);
		put64(vm, next, (next + PAGE) | 3);
		put64(vm, next + PAGE, 0xe3);		/* 2 MiB */
		break;
	default:
		break;
	}
}

static void guest_gate(struct vm *vm, enum guest_mode mode, int vector)
{
	const uint64_t target = GUEST_STUBS + 16 * vector;

	switch (mode) {
	case REAL:
		put32(vm, GUEST_IVT + 4 * vector, target);
		break;
	case LONG:
	case COMPAT:
		put64(vm, GUEST_IDT + 16 * vector, 0x8e0000180000ULL | target);
		put64(vm, GUEST_IDT + 16 * vector + 8, 0);
		break;
	default:
		put64(vm, GUEST_IDT + 8 * vector, 0x8e0000080000ULL | target);
	}
}

void guest_tables(struct vm *vm, enum guest_mode mode)
{
	/* mov $vector, %al; out %al, $0xe0; hlt: the same bytes in each mode */
	uint8_t stub[] = { 0xb0, 0, 0xe6, 0xe0, 0xf4 };
	int vector;

	put64(vm, GUEST_GDT, 0);
	put64(vm, GUEST_GDT + 8, 0x00cf9b000000ffffULL);
	put64(vm, GUEST_GDT + 16, 0x00cf93000000ffffULL);
	put64(vm, GUEST_GDT + 24, 0x00af9b000000ffffULL);
	put64(vm, GUEST_GDT + 32, 0x00008b0000000067ULL);
	put64(vm, GUEST_GDT + 40, 0);
	guest_page_tables(vm, mode);
	for (vector = 0; vector < 256; vector++) {
		stub[1] = vector;
		memcpy(vm->memory + GUEST_STUBS + 16 * vector, stub, sizeof(stub));
		guest_gate(vm, mode, vector);
	}
}

void guest_return(struct vm *vm, enum guest_mode mode, int vector)
{
	uint8_t *end = vm->memory + GUEST_STUBS + 16 * vector + 4;

	if (mode == LONG || mode == COMPAT)
		*end++ = 0x48;
	*end = 0xcf;
}

void guest_start(struct rec *r, enum guest_mode mode, const uint8_t *code,
		 const uint8_t *end)
{
	struct minivmx_regs regs = {
		.rip = VM_ENTRY, .rsp = GUEST_STACK, .rflags = RFLAGS_FIXED,
	};
	struct minivmx_sregs sregs;
	struct vm *vm = &r->vm;

	guest_tables(vm, mode);
	memcpy(vm->memory + VM_ENTRY, code, end - code);
	record_need(r, "GET_SREGS", vm_get_sregs(vm->vcpu, &sregs));
	guest_sregs(&sregs, mode);
	record_need(r, "SET_SREGS", vm_set_sregs(vm->vcpu, &sregs));
	record_need(r, "SET_REGS", vm_set_regs(vm->vcpu, &regs));
}

void guest_rflags(struct rec *r, uint64_t rflags)
{
	struct minivmx_regs regs;

	record_need(r, "GET_REGS", vm_get_regs(r->vm.vcpu, &regs));
	regs.rflags = rflags | RFLAGS_FIXED;
	record_need(r, "SET_REGS", vm_set_regs(r->vm.vcpu, &regs));
}

GUEST_CODE(16, iret_code,
	   "push	%ax\n"			/* flags, CS 0, IP */
	   "push	%ax\n"
	   "push	$0x1080\n"
	   "iret\n"
	   ".org iret_code + 0x80\n"
	   "hlt\n");

/*
 * Bochs keeps the blocking of NMIs of one guest for the next, until somebody
 * executes IRET.
 */
static void unblock_nmis(struct rec *r)
{
	struct vm other;

	record_need(r, "another VM", vm_open(&other, r->path));
	record_need(r, "its code", vm_load(&other, CODE(iret_code)));
	record_need(r, "its RUN", vm_run(other.vcpu));
	vm_close(&other);
}

void guest_warm(struct rec *r)
{
	/* rep movsb; hlt: the same bytes in each mode */
	static const uint8_t code[] = { 0xf3, 0xa4, 0xf4 };
	const uint64_t at = VM_ENTRY + 0xf00;
	struct minivmx_regs regs = { .rip = at, .rcx = 0xffff, .rflags = 2 };
	struct minivmx_regs saved;

	unblock_nmis(r);
	record_need(r, "GET_REGS", vm_get_regs(r->vm.vcpu, &saved));
	memcpy(r->vm.memory + at, code, sizeof(code));
	record_need(r, "SET_REGS", vm_set_regs(r->vm.vcpu, &regs));
	record_need(r, "RUN", vm_run(r->vm.vcpu));
	if (r->vm.run->exit_reason != MINIVMX_EXIT_HLT)
		record_exit(r, 0);
	memset(r->vm.memory + at, 0, sizeof(code));
	record_need(r, "SET_REGS", vm_set_regs(r->vm.vcpu, &saved));
}

void guest_cpuid(struct rec *r)
{
	static struct {
		struct minivmx_cpuid2 head;
		struct minivmx_cpuid_entry2 entries[MINIVMX_MAX_CPUID_ENTRIES];
	} table;

	table.head.nent = MINIVMX_MAX_CPUID_ENTRIES;
	record_need(r, "GET_SUPPORTED_CPUID",
		    vm_ioctl_p(r->vm.dev, MINIVMX_GET_SUPPORTED_CPUID, &table));
	record_need(r, "SET_CPUID2",
		    vm_ioctl_p(r->vm.vcpu, MINIVMX_SET_CPUID2, &table));
}
