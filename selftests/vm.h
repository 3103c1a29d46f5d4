/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small virtual machine for tests: one vCPU and 64 KiB of memory at address
 * 0, on any device that speaks the contract of minivmx.h.
 *
 * Nothing here judges: each function returns 0 (or a number) or a negative
 * errno, and the test says what it expects.
 */
#ifndef SELFTESTS_VM_H
#define SELFTESTS_VM_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <minivmx.h>

#define PAGE		0x1000UL
#define VM_MEMORY	0x10000UL	/* size of slot 0, from address 0 on */
#define VM_ENTRY	0x1000UL	/* where vm_load() puts code */
#define VM_SLOT		0

#define RFLAGS_FIXED	0x002UL		/* bit 1, always set */
#define RFLAGS_TF	0x100UL
#define RFLAGS_IF	0x200UL
#define RFLAGS_AC	0x40000UL

#define CR0_PE		0x1UL
#define CR0_AM		0x40000UL
#define CR0_PG		0x80000000UL
#define CR4_PSE		0x010UL
#define CR4_PAE		0x020UL
#define CR4_OSFXSR	0x200UL
#define CR4_OSXSAVE	0x40000UL

/**
 * struct vm - a virtual machine and all that holds it
 * @dev: the device
 * @fd: the VM
 * @vcpu: vCPU 0
 * @run: its run page
 * @run_size: how much of it is mapped
 * @memory: guest memory, as the test sees it
 */
struct vm {
	int dev;
	int fd;
	int vcpu;
	struct minivmx_run *run;
	size_t run_size;
	uint8_t *memory;
};

/** vm_ioctl() - ioctl() with a negative errno. */
static inline int vm_ioctl(int fd, unsigned long number, unsigned long arg)
{
	int ret = ioctl(fd, number, arg);

	return ret < 0 ? -errno : ret;
}

/** vm_ioctl_p() - the same for an argument that is a pointer. */
static inline int vm_ioctl_p(int fd, unsigned long number, const void *arg)
{
	return vm_ioctl(fd, number, (unsigned long)arg);
}

/** vm_region() - MINIVMX_SET_USER_MEMORY_REGION, flags 0. */
static inline int vm_region(int fd, uint32_t slot, uint64_t gpa, uint64_t size,
			    const void *host)
{
	struct minivmx_userspace_memory_region region = {
		.slot = slot,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = (unsigned long)host,
	};

	return vm_ioctl_p(fd, MINIVMX_SET_USER_MEMORY_REGION, &region);
}

/** vm_pages() - fresh anonymous memory, or MAP_FAILED. */
static inline void *vm_pages(size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/** vm_map_run() - the run page of a vCPU, or MAP_FAILED. */
static inline struct minivmx_run *vm_map_run(int vcpu, size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
}

/** vm_close() - give back all that vm_open() made */
static inline void vm_close(struct vm *vm)
{
	if (vm->run)
		munmap(vm->run, vm->run_size);
	if (vm->vcpu >= 0)
		close(vm->vcpu);
	if (vm->fd >= 0)
		close(vm->fd);
	if (vm->dev >= 0)
		close(vm->dev);
	if (vm->memory)
		munmap(vm->memory, VM_MEMORY);
	*vm = (struct vm) { .dev = -1, .fd = -1, .vcpu = -1 };
}

/**
 * vm_open() - a VM with memory and one vCPU, in the state of a reset
 * @vm: filled in
 * @path: the device
 */
static inline int vm_open(struct vm *vm, const char *path)
{
	int ret;

	*vm = (struct vm) { .dev = -1, .fd = -1, .vcpu = -1 };
	vm->dev = open(path, O_RDWR | O_CLOEXEC);
	if (vm->dev < 0)
		return -errno;
	ret = vm_ioctl(vm->dev, MINIVMX_GET_VCPU_MMAP_SIZE, 0);
	if (ret < 0)
		goto err;
	vm->run_size = ret;
	ret = vm_ioctl(vm->dev, MINIVMX_CREATE_VM, 0);
	if (ret < 0)
		goto err;
	vm->fd = ret;

	vm->memory = vm_pages(VM_MEMORY);
	if (vm->memory == MAP_FAILED) {
		vm->memory = NULL;
		ret = -ENOMEM;
		goto err;
	}
	ret = vm_region(vm->fd, VM_SLOT, 0, VM_MEMORY, vm->memory);
	if (ret)
		goto err;

	ret = vm_ioctl(vm->fd, MINIVMX_CREATE_VCPU, 0);
	if (ret < 0)
		goto err;
	vm->vcpu = ret;
	vm->run = vm_map_run(vm->vcpu, vm->run_size);
	if (vm->run == MAP_FAILED) {
		vm->run = NULL;
		ret = -ENOMEM;
		goto err;
	}
	return 0;

err:
	vm_close(vm);
	return ret;
}

static inline int vm_get_regs(int vcpu, struct minivmx_regs *regs)
{
	return vm_ioctl_p(vcpu, MINIVMX_GET_REGS, regs);
}

static inline int vm_set_regs(int vcpu, const struct minivmx_regs *regs)
{
	return vm_ioctl_p(vcpu, MINIVMX_SET_REGS, regs);
}

static inline int vm_get_sregs(int vcpu, struct minivmx_sregs *sregs)
{
	return vm_ioctl_p(vcpu, MINIVMX_GET_SREGS, sregs);
}

static inline int vm_set_sregs(int vcpu, const struct minivmx_sregs *sregs)
{
	return vm_ioctl_p(vcpu, MINIVMX_SET_SREGS, sregs);
}

/** vm_run() - MINIVMX_RUN, once. */
static inline int vm_run(int vcpu)
{
	return vm_ioctl(vcpu, MINIVMX_RUN, 0);
}

/**
 * vm_enter_at() - real mode, CS base 0, all registers 0
 * @vcpu: the vCPU
 * @rip: where it starts
 * @rflags: bit 1 comes by itself
 */
static inline int vm_enter_at(int vcpu, uint64_t rip, uint64_t rflags)
{
	struct minivmx_regs regs = { .rip = rip, .rflags = rflags | RFLAGS_FIXED };
	struct minivmx_sregs sregs;
	int ret = vm_get_sregs(vcpu, &sregs);

	if (ret)
		return ret;
	sregs.cs.selector = 0;
	sregs.cs.base = 0;
	ret = vm_set_sregs(vcpu, &sregs);
	return ret ? ret : vm_set_regs(vcpu, &regs);
}

/** vm_load() - put code at VM_ENTRY and start there in real mode */
static inline int vm_load(struct vm *vm, const uint8_t *code, const uint8_t *end)
{
	memcpy(vm->memory + VM_ENTRY, code, end - code);
	return vm_enter_at(vm->vcpu, VM_ENTRY, 0);
}

/** vm_io_data() - where the data of an IO exit is */
static inline void *vm_io_data(struct minivmx_run *run)
{
	return (char *)run + run->io.data_offset;
}

/**
 * vm_flat_segments() - flat 32-bit protected mode for MINIVMX_SET_SREGS
 * @sregs: changed: CR0.PE, and all segments but TR and LDTR
 * @dpl: the privilege level of all of them
 *
 * Selectors: code 8, data 16, for those who bring a GDT of their own.
 */
static inline void vm_flat_segments(struct minivmx_sregs *sregs, uint8_t dpl)
{
	struct minivmx_segment segment = {
		.limit = 0xffffffff, .selector = 16 | dpl, .type = 3,
		.present = 1, .dpl = dpl, .db = 1, .s = 1, .g = 1,
	};

	sregs->ds = segment;
	sregs->es = segment;
	sregs->fs = segment;
	sregs->gs = segment;
	sregs->ss = segment;
	segment.type = 11;
	segment.selector = 8 | dpl;
	sregs->cs = segment;
	sregs->cr0 |= CR0_PE;
}

#endif /* SELFTESTS_VM_H */
