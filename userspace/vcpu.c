// SPDX-License-Identifier: GPL-2.0
/*
 * A processor of the virtual machine: made, set to its first instruction, and
 * given up.
 *
 * Functions here that fail have said so on standard error, in one line, and
 * return the exit status for it.
 */
#include <err.h>
#include <unistd.h>
#include <sys/mman.h>
#include <asm/processor-flags.h>

#include "cpuid.h"
#include "exit_status.h"
#include "vcpu.h"

/* Types of segments (SDM Vol. 3A, "Segment Types", 3.4.5.1, edition 083). */
#define TYPE_DATA	0x3	/* read, write, accessed */
#define TYPE_CODE	0xb	/* execute, read, accessed */
#define TYPE_BUSY_TSS	0xb

#define TSS_LIMIT	0x67

/* Any will do: a Multiboot or PVH kernel has to load a GDT of its own. */
#define SELECTOR_CODE	0x08
#define SELECTOR_DATA	0x10

/* What EAX tells a kernel (Multiboot Specification 0.6.96, section 3.2). */
#define BOOTED_BY_MULTIBOOT	0x2badb002

#define RFLAGS_FIXED	0x2	/* bit 1 is always 1 */

/* Of IA32_APIC_BASE (SDM Vol. 3A, "Local APIC Status and Location", 11.4.4, edition 083). */
#define APIC_GLOBAL_ENABLE	(1ULL << 11)

/**
 * vcpu_create() - add a vCPU to a VM
 * @vcpu: filled in; call vcpu_destroy() after success and failure
 * @vm: the VM
 * @number: its number
 *
 * Return: 0, or an exit status after a message.
 */
int vcpu_create(struct vcpu *vcpu, const struct vm *vm, unsigned int number)
{
	int size, max;
	void *run;

	*vcpu = (struct vcpu){ .number = number, .fd = -1 };
	size = vm_ioctl(vm, vm->dev_fd, MINIVMX_GET_VCPU_MMAP_SIZE, 0);
	if (size < 0)
		return STATUS_HOST;
	max = vm_ioctl(vm, vm->vm_fd, MINIVMX_CHECK_EXTENSION, MINIVMX_CAP_MAX_VCPUS);
	if (max < 0)
		return STATUS_HOST;
	if (number >= (unsigned int)max) {
		warnx("%s: has at most %d vCPUs (use a smaller --cpus)", vm->device, max);
		return STATUS_HOST;
	}
	vcpu->fd = vm_ioctl(vm, vm->vm_fd, MINIVMX_CREATE_VCPU, number);
	if (vcpu->fd < 0)
		return STATUS_HOST;
	run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (run == MAP_FAILED) {
		warn("%s: cannot map the run page", vm->device);
		return STATUS_HOST;
	}
	vcpu->run = run;
	vcpu->run_size = size;
	return cpuid_set(vcpu, vm);
}

/*
 * Everything but CS, IP, AX and the flags stays as after a reset: the other
 * segments start at 0, the other registers hold 0.
 */
static void start_real(const struct start *start, unsigned int number,
		       struct minivmx_sregs *sregs, struct minivmx_regs *regs)
{
	/*
	 * A reset leaves CS at the top of memory, where a PC has its firmware.
	 * In real mode the base of a segment is its selector times 16 (SDM
	 * Vol. 3B, "Real-Address Mode", 21.1, edition 083).
	 */
	if (start->entry <= 0xffff) {
		sregs->cs.selector = 0;
		regs->rip = start->entry;
	} else {
		sregs->cs.selector = start->entry >> 4;
		regs->rip = start->entry & 0xf;
	}
	sregs->cs.base = sregs->cs.selector << 4;
	regs->rax = number;
}

/* Flat segments of 4 GiB, no paging. */
static void start_protected(__u16 code_selector, __u16 data_selector,
			    struct minivmx_sregs *sregs)
{
	const struct minivmx_segment data = {
		.limit = 0xffffffff, .selector = data_selector, .type = TYPE_DATA,
		.present = 1, .db = 1, .s = 1, .g = 1,
	};

	sregs->cs = data;
	sregs->cs.selector = code_selector;
	sregs->cs.type = TYPE_CODE;
	sregs->ds = data;
	sregs->es = data;
	sregs->fs = data;
	sregs->gs = data;
	sregs->ss = data;
	/* Outside of real mode, VM entry wants a busy TSS in TR. */
	sregs->tr.type = TYPE_BUSY_TSS;
	sregs->cr0 |= X86_CR0_PE;
}

/* Multiboot Specification 0.6.96, section 3.2, "Machine state". */
static void start_multiboot(const struct start *start, struct minivmx_sregs *sregs,
			    struct minivmx_regs *regs)
{
	start_protected(SELECTOR_CODE, SELECTOR_DATA, sregs);
	regs->rip = start->entry;
	regs->rax = BOOTED_BY_MULTIBOOT;
	regs->rbx = start->info;
}

/* docs/misc/pvh.pandoc of Xen: of CR0 and CR4, nothing else is set. */
static void start_pvh(const struct start *start, struct minivmx_sregs *sregs,
		      struct minivmx_regs *regs)
{
	start_protected(SELECTOR_CODE, SELECTOR_DATA, sregs);
	sregs->tr.limit = TSS_LIMIT;
	sregs->cr0 = X86_CR0_PE;
	sregs->cr4 = 0;
	regs->rip = start->entry;
	regs->rbx = start->info;
}

/* Documentation/arch/x86/boot.rst of Linux, "32-bit Boot Protocol". */
static void start_linux(const struct start *start, struct minivmx_sregs *sregs,
			struct minivmx_regs *regs)
{
	start_protected(START_LINUX_CODE, START_LINUX_DATA, sregs);
	sregs->gdt.base = start->gdt;
	sregs->gdt.limit = start->gdt_size - 1;
	regs->rip = start->entry;
	regs->rsi = start->info;
}

/**
 * vcpu_set_start() - set a vCPU to the first instruction of the guest
 * @vcpu: as a reset leaves it
 * @vm: its VM
 * @start: where and how the guest starts
 *
 * Return: 0, or an exit status after a message.
 */
int vcpu_set_start(const struct vcpu *vcpu, const struct vm *vm, const struct start *start)
{
	struct minivmx_regs regs = { .rflags = RFLAGS_FIXED };
	struct minivmx_sregs sregs;

	if (vm_ioctl(vm, vcpu->fd, MINIVMX_GET_SREGS, &sregs) < 0)
		return STATUS_HOST;
	/* The board has no local APIC, and CPUID shall say so. */
	sregs.apic_base &= ~APIC_GLOBAL_ENABLE;
	if (start->mode == START_MULTIBOOT)
		start_multiboot(start, &sregs, &regs);
	else if (start->mode == START_PVH)
		start_pvh(start, &sregs, &regs);
	else if (start->mode == START_LINUX)
		start_linux(start, &sregs, &regs);
	else
		start_real(start, vcpu->number, &sregs, &regs);
	if (vm_ioctl(vm, vcpu->fd, MINIVMX_SET_SREGS, &sregs) < 0)
		return STATUS_HOST;
	if (vm_ioctl(vm, vcpu->fd, MINIVMX_SET_REGS, &regs) < 0)
		return STATUS_HOST;
	return 0;
}

/**
 * vcpu_destroy() - give up what vcpu_create() made, complete or not
 * @vcpu: from vcpu_create()
 */
void vcpu_destroy(struct vcpu *vcpu)
{
	if (vcpu->run)
		munmap(vcpu->run, vcpu->run_size);
	if (vcpu->fd >= 0)
		close(vcpu->fd);
}
