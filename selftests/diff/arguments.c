// SPDX-License-Identifier: GPL-2.0
/*
 * What each ioctl says to a bad pointer, on the wrong descriptor, in another
 * process, and of what it leaves in the caller's structure.
 */
#include <stdlib.h>
#include <sys/wait.h>

#include "diff.h"

enum kind { DEVICE, VM, VCPU, NR_KINDS };

#define IOCTL(name, kind) { "KVM_" #name, MINIVMX_##name, kind }

static const struct {
	const char *name;
	unsigned long number;
	enum kind kind;
} ioctls[] = {
	IOCTL(GET_API_VERSION, DEVICE),
	IOCTL(CREATE_VM, DEVICE),
	IOCTL(GET_VCPU_MMAP_SIZE, DEVICE),
	IOCTL(GET_MSR_INDEX_LIST, DEVICE),
	IOCTL(GET_SUPPORTED_CPUID, DEVICE),
	IOCTL(CREATE_VCPU, VM),
	IOCTL(GET_DIRTY_LOG, VM),
	IOCTL(SET_USER_MEMORY_REGION, VM),
	IOCTL(SET_TSS_ADDR, VM),
	IOCTL(SET_IDENTITY_MAP_ADDR, VM),
	IOCTL(REGISTER_COALESCED_MMIO, VM),
	IOCTL(UNREGISTER_COALESCED_MMIO, VM),
	IOCTL(RUN, VCPU),
	IOCTL(GET_REGS, VCPU),
	IOCTL(SET_REGS, VCPU),
	IOCTL(GET_SREGS, VCPU),
	IOCTL(SET_SREGS, VCPU),
	IOCTL(TRANSLATE, VCPU),
	IOCTL(INTERRUPT, VCPU),
	IOCTL(GET_MSRS, VCPU),
	IOCTL(SET_MSRS, VCPU),
	IOCTL(SET_SIGNAL_MASK, VCPU),
	IOCTL(GET_FPU, VCPU),
	IOCTL(SET_FPU, VCPU),
	IOCTL(SET_CPUID2, VCPU),
	IOCTL(GET_CPUID2, VCPU),
	IOCTL(GET_MP_STATE, VCPU),
	IOCTL(SET_MP_STATE, VCPU),
	IOCTL(NMI, VCPU),
	IOCTL(SET_GUEST_DEBUG, VCPU),
	IOCTL(GET_VCPU_EVENTS, VCPU),
	IOCTL(SET_VCPU_EVENTS, VCPU),
	IOCTL(GET_DEBUGREGS, VCPU),
	IOCTL(SET_DEBUGREGS, VCPU),
	IOCTL(GET_TSC_KHZ, VCPU),
	IOCTL(GET_XSAVE, VCPU),
	IOCTL(SET_XSAVE, VCPU),
	IOCTL(GET_XCRS, VCPU),
	IOCTL(SET_XCRS, VCPU),
	IOCTL(GET_SREGS2, VCPU),
	IOCTL(SET_SREGS2, VCPU),
};

static int fd_of(const struct vm *vm, enum kind kind)
{
	return kind == DEVICE ? vm->dev : kind == VM ? vm->fd : vm->vcpu;
}

/* Those that take memory at the argument. */
static bool takes_pointer(unsigned long number)
{
	return _IOC_DIR(number) != _IOC_NONE;
}

static void bad_pointers(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	size_t size = _IOC_SIZE(c->arg);
	size_t room = (size + PAGE - 1) & -PAGE;
	int fd = fd_of(vm, c->arg2);
	char *hole = mmap(NULL, room + PAGE, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	record_ret(r, "NULL", vm_ioctl(fd, c->arg, 0));
	record_ret(r, "unmapped", vm_ioctl_p(fd, c->arg, hole));
	record_ret(r, "kernel", vm_ioctl(fd, c->arg, 0xffffffff81000000));
	record_ret(r, "not canonical", vm_ioctl(fd, c->arg, 0x8000000000000000));
	record_ret(r, "-1", vm_ioctl(fd, c->arg, -1UL));
	/* All but the last byte. */
	mprotect(hole, room, PROT_READ | PROT_WRITE);
	record_ret(r, "one byte short",
		   vm_ioctl_p(fd, c->arg, hole + room - size + 1));
}

/* Zeros that cannot be written to. */
static void read_only(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	void *zeros = mmap(NULL, 4 * PAGE, PROT_READ,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	record_ret(r, "read-only zeros",
		   vm_ioctl_p(fd_of(vm, c->arg2), c->arg, zeros));
}

/* Another type, direction or size is another ioctl. */
static void other_sizes(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	void *zeros = vm_pages(4 * PAGE);
	int fd = fd_of(vm, c->arg2);
	size_t size = _IOC_SIZE(c->arg);
	unsigned long bare = c->arg & ~((unsigned long)_IOC_SIZEMASK << _IOC_SIZESHIFT);

	/* How they are refused is "any: unknown numbers". */
	record(r, "4 more bytes: %s",
	       vm_ioctl_p(fd, bare | (size + 4) << _IOC_SIZESHIFT, zeros) < 0 ?
	       "refused" : "taken");
	record(r, "no direction: %s",
	       vm_ioctl_p(fd, _IO(MINIVMX_IO, _IOC_NR(c->arg)), zeros) < 0 ?
	       "refused" : "taken");
}

static void wrong_kind(struct rec *r, const struct diff_case *c)
{
	static const char *const names[] = { "device", "VM", "vCPU" };
	struct vm *vm = record_vm(r);
	void *zeros = vm_pages(4 * PAGE);
	enum kind kind;

	for (kind = DEVICE; kind < NR_KINDS; kind++) {
		if (kind == c->arg2)
			continue;
		record(r, "%s: %s", names[kind],
		       vm_ioctl_p(fd_of(vm, kind), c->arg, zeros) < 0 ?
		       "refused" : "taken");
	}
}

static void another_process(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	void *zeros = vm_pages(4 * PAGE);
	pid_t child = fork();
	int ret;

	if (!child) {
		ret = vm_ioctl_p(fd_of(vm, c->arg2), c->arg, zeros);
		record_ret(r, "with zeros", ret > 0 ? 1 : ret);
		record_ret(r, "with NULL", vm_ioctl(fd_of(vm, c->arg2), c->arg, 0));
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

/* All that is returned of a new vCPU, over bytes that were 0xff. */
static void whole_structure(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	size_t size = _IOC_SIZE(c->arg);
	uint8_t *buffer = vm_pages(4 * PAGE);
	size_t i;

	memset(buffer, 0xff, 4 * PAGE);
	record_ret(r, "returned", vm_ioctl_p(vm->vcpu, c->arg, buffer));
	record_words(r, "word", buffer, size);
	for (i = size; i < 4 * PAGE && buffer[i] == 0xff; i++)
		;
	record(r, "behind it: %s", i < 4 * PAGE ? "written" : "untouched");
}

/* What it says depends on the processor's XSAVE. */
static bool uses_xsave(unsigned long number)
{
	return number == MINIVMX_GET_XSAVE || number == MINIVMX_SET_XSAVE ||
		number == MINIVMX_GET_XCRS || number == MINIVMX_SET_XCRS;
}

static void add_one(const char *ioctl, const char *name, diff_fn *run,
		    unsigned long number, enum kind kind, unsigned int flags)
{
	const struct diff_case c = {
		ioctl, name, run, flags, .arg = number, .arg2 = kind,
	};

	diff_add(&c, 1);
}

void add_arguments(void)
{
	unsigned long number;
	unsigned int flags;
	const char *name;
	enum kind kind;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ioctls); i++) {
		number = ioctls[i].number;
		name = ioctls[i].name;
		kind = ioctls[i].kind;
		flags = uses_xsave(number) ? DIFF_CPU : 0;
		add_one(name, "on the wrong descriptor", wrong_kind, number, kind, 0);
		if (kind != DEVICE)
			add_one(name, "in another process", another_process,
				number, kind, 0);
		if (!takes_pointer(number))
			continue;
		add_one(name, "bad pointers", bad_pointers, number, kind, 0);
		add_one(name, "read-only memory", read_only, number, kind,
			flags);
		/* Without a direction it is KVM_SET_TSC_KHZ, if that is there. */
		add_one(name, "other sizes", other_sizes, number, kind,
			number == MINIVMX_SET_DEBUGREGS ? DIFF_CPU : 0);
		if (kind == VCPU && _IOC_DIR(number) == _IOC_READ)
			add_one(name, "a new vCPU, all bytes", whole_structure,
				number, kind, flags);
	}
}
