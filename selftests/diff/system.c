// SPDX-License-Identifier: GPL-2.0
/* The device, making VMs and vCPUs, capabilities. */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "diff.h"

/* ------------------------- CHECK_EXTENSION -------------------------------- */

/* Numbers whose answer is more than yes or no depend on the machine. */
#define CAP(name)	{ "KVM_CAP_" #name, MINIVMX_CAP_##name, true }
#define CAP_NUMBER(name) { "KVM_CAP_" #name, MINIVMX_CAP_##name, false }

static const struct {
	const char *name;
	int number;
	bool exact;
} caps[] = {
	CAP(USER_MEMORY), CAP(SET_TSS_ADDR), CAP(EXT_CPUID),
	CAP_NUMBER(NR_VCPUS), CAP_NUMBER(NR_MEMSLOTS), CAP(MP_STATE),
	CAP(COALESCED_MMIO), CAP(DESTROY_MEMORY_REGION_WORKS), CAP(USER_NMI),
	CAP(SET_GUEST_DEBUG), CAP(JOIN_MEMORY_REGIONS_WORKS),
	CAP(SET_IDENTITY_MAP_ADDR), CAP(INTERNAL_ERROR_DATA),
	CAP(X86_ROBUST_SINGLESTEP), CAP(XSAVE), CAP(XCRS), CAP(GET_TSC_KHZ),
	CAP_NUMBER(MAX_VCPUS), CAP(READONLY_MEM), CAP(CHECK_EXTENSION_VM),
	CAP_NUMBER(MAX_VCPU_ID), CAP(IMMEDIATE_EXIT), CAP(COALESCED_PIO),
	CAP(SET_GUEST_DEBUG2), CAP(SREGS2),
};

static void capability(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	int device = vm_ioctl(vm->dev, MINIVMX_CHECK_EXTENSION, c->arg);
	int own = vm_ioctl(vm->fd, MINIVMX_CHECK_EXTENSION, c->arg);

	if (c->arg2) {
		record(r, "device %d, VM %d", device, own);
		return;
	}
	record(r, "device %s, VM %s", device > 0 ? "some" : "none",
	       own == device ? "the same" : "another number");
}

static bool is_ours(int number)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(caps); i++)
		if (caps[i].number == number)
			return true;
	return false;
}

static void other_capabilities(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	int number, asked = 0, device = 0, own = 0;

	for (number = 0; number <= 300; number++) {
		if (is_ours(number))
			continue;
		asked++;
		device += vm_ioctl(vm->dev, MINIVMX_CHECK_EXTENSION, number) > 0;
		own += vm_ioctl(vm->fd, MINIVMX_CHECK_EXTENSION, number) > 0;
	}
	record(r, "device: %d of %d are there", device, asked);
	record(r, "VM: %d of %d are there", own, asked);
}

static void wild_capabilities(struct rec *r, const struct diff_case *c)
{
	static const unsigned long numbers[] = {
		0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000003,
		0x8000000000000003, -1UL,
	};
	struct vm *vm = record_vm(r);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		record(r, "%#lx: device %d, VM %d", numbers[i],
		       vm_ioctl(vm->dev, MINIVMX_CHECK_EXTENSION, numbers[i]),
		       vm_ioctl(vm->fd, MINIVMX_CHECK_EXTENSION, numbers[i]));
}

/* ------------------------- arguments that have to be 0 -------------------- */

static void device_argument(struct rec *r, const struct diff_case *c)
{
	int fd = open(r->path, O_RDWR | O_CLOEXEC);

	record_ret(r, "0", vm_ioctl(fd, c->arg, 0) > 0);
	record_ret(r, "1", vm_ioctl(fd, c->arg, 1));
	record_ret(r, "4096", vm_ioctl(fd, c->arg, 4096));
	record_ret(r, "-1", vm_ioctl(fd, c->arg, -1UL));
	record_ret(r, "1 << 32", vm_ioctl(fd, c->arg, 1UL << 32));
}

static void api_version(struct rec *r, const struct diff_case *c)
{
	int fd = open(r->path, O_RDWR | O_CLOEXEC);

	record_ret(r, "version", vm_ioctl(fd, MINIVMX_GET_API_VERSION, 0));
}

/* ------------------------- descriptors ------------------------------------ */

static void descriptors(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	char byte = 0;

	record(r, "close-on-exec: VM %d, vCPU %d", fcntl(vm->fd, F_GETFD),
	       fcntl(vm->vcpu, F_GETFD));
	record(r, "flags: VM %#x, vCPU %#x", fcntl(vm->fd, F_GETFL),
	       fcntl(vm->vcpu, F_GETFL));
	record_ret(r, "read device", read(vm->dev, &byte, 1) < 0 ? -errno : 0);
	record_ret(r, "read VM", read(vm->fd, &byte, 1) < 0 ? -errno : 0);
	record_ret(r, "read vCPU", read(vm->vcpu, &byte, 1) < 0 ? -errno : 0);
	record_ret(r, "write vCPU", write(vm->vcpu, &byte, 1) < 0 ? -errno : 0);
}

static void unknown_numbers(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	unsigned long kvm = _IO(MINIVMX_IO, 0x3f), other = _IO('Z', 0x80);

	record_ret(r, "device", vm_ioctl(vm->dev, kvm, 0));
	record_ret(r, "VM", vm_ioctl(vm->fd, kvm, 0));
	record_ret(r, "vCPU", vm_ioctl(vm->vcpu, kvm, 0));
	record_ret(r, "device, another type", vm_ioctl(vm->dev, other, 0));
	record_ret(r, "VM, another type", vm_ioctl(vm->fd, other, 0));
	record_ret(r, "vCPU, another type", vm_ioctl(vm->vcpu, other, 0));
}

static void mmap_vcpu(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	size_t page;
	void *map;

	record(r, "a multiple of 4096: %d, pages: %s", !(vm->run_size % PAGE),
	       vm->run_size >= 3 * PAGE ? "3 or more" : "fewer");
	for (page = 0; page < 6; page++) {
		map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			   vm->vcpu, page * PAGE);
		if (map == MAP_FAILED) {
			record_ret(r, "mmap", -errno);
			continue;
		}
		munmap(map, PAGE);
		record(r, "page %zu can be mapped", page);
	}
	map = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, vm->vcpu, 0);
	record(r, "private %d", map != MAP_FAILED);
	map = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, vm->vcpu, 0);
	record(r, "executable %d", map != MAP_FAILED);
	map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, vm->fd, 0);
	record(r, "VM %d", map != MAP_FAILED);
	map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, vm->dev, 0);
	record(r, "device %d", map != MAP_FAILED);
}

/* Signals SIGBUS or SIGSEGV become part of the text: see run_case(). */
static void mmap_beyond(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	volatile char *map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, vm->vcpu,
				  c->arg * PAGE);

	if (map == (void *)MAP_FAILED) {
		record_ret(r, "mmap", -errno);
		return;
	}
	record(r, "mapped, byte %d", *map);
}

/* ------------------------- CREATE_VM, CREATE_VCPU ------------------------- */

static void vcpu_ids(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	unsigned long max = vm_ioctl(vm->dev, MINIVMX_CHECK_EXTENSION,
				     MINIVMX_CAP_MAX_VCPU_ID);
	int ret;

	record_ret(r, "0 again", vm_ioctl(vm->fd, MINIVMX_CREATE_VCPU, 0));
	ret = vm_ioctl(vm->fd, MINIVMX_CREATE_VCPU, max - 1);
	record_ret(r, "the last", ret < 0 ? ret : 0);
	record_ret(r, "the last again",
		   vm_ioctl(vm->fd, MINIVMX_CREATE_VCPU, max - 1));
	record_ret(r, "max", vm_ioctl(vm->fd, MINIVMX_CREATE_VCPU, max));
	record_ret(r, "max + 1", vm_ioctl(vm->fd, MINIVMX_CREATE_VCPU, max + 1));
	record_ret(r, "1 << 31",
		   vm_ioctl(vm->fd, MINIVMX_CREATE_VCPU, 1UL << 31));
	record_ret(r, "-1", vm_ioctl(vm->fd, MINIVMX_CREATE_VCPU, -1UL));
	ret = vm_ioctl(vm->fd, MINIVMX_CREATE_VCPU, 1UL << 32 | 5);
	record_ret(r, "5 + (1 << 32)", ret < 0 ? ret : 0);
}

/* The vCPU keeps the VM; its number stays taken. */
static void closed_vcpu(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	struct minivmx_regs regs;

	close(vm->fd);
	close(vm->dev);
	record_ret(r, "GET_REGS without the VM", vm_get_regs(vm->vcpu, &regs));
	close(vm->vcpu);
	record_ret(r, "GET_REGS of a closed vCPU", vm_get_regs(vm->vcpu, &regs));
	record_ret(r, "RUN", vm_run(vm->vcpu));
	record_ret(r, "CREATE_VCPU", vm_ioctl(vm->fd, MINIVMX_CREATE_VCPU, 1));
	record_ret(r, "CHECK_EXTENSION",
		   vm_ioctl(vm->dev, MINIVMX_CHECK_EXTENSION, 3));
	/* Still mapped. */
	record(r, "exit reason %u", vm->run->exit_reason);
}

static void number_stays_taken(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);

	munmap(vm->run, vm->run_size);
	close(vm->vcpu);
	record_ret(r, "0 after close", vm_ioctl(vm->fd, MINIVMX_CREATE_VCPU, 0));
}

static void vcpu_without_memory(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	int fd = vm_ioctl(vm->dev, MINIVMX_CREATE_VM, 0), vcpu;
	struct minivmx_run *run;

	vcpu = vm_ioctl(fd, MINIVMX_CREATE_VCPU, 0);
	run = vm_map_run(vcpu, vm->run_size);
	vm->vcpu = vcpu;
	vm->run = run;
	record_words(r, "run page", run, offsetof(struct minivmx_run, s));
	record_run(r);
	record_regs(r, "rip");
}

static void another_process_run(struct rec *r, const struct diff_case *c)
{
	struct vm *vm = record_vm(r);
	pid_t child = fork();

	if (!child) {
		int fd = vm_ioctl(vm->dev, MINIVMX_CREATE_VM, 0);

		record_ret(r, "CREATE_VM", fd < 0 ? fd : 0);
		record_ret(r, "CREATE_VCPU there",
			   vm_ioctl(fd, MINIVMX_CREATE_VCPU, 0) < 0);
		record_ret(r, "CREATE_VCPU here",
			   vm_ioctl(vm->fd, MINIVMX_CREATE_VCPU, 1));
		record_ret(r, "unknown number", vm_ioctl(vm->fd, 0x1234, 1));
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

#define D(name)	MINIVMX_##name

static const struct diff_case cases[] = {
	{ "KVM_GET_API_VERSION", "version", api_version },
	{ "KVM_GET_API_VERSION", "argument", device_argument, .arg = D(GET_API_VERSION) },
	{ "KVM_CREATE_VM", "argument", device_argument, .arg = D(CREATE_VM) },
	{ "KVM_GET_VCPU_MMAP_SIZE", "argument", device_argument,
	  .arg = D(GET_VCPU_MMAP_SIZE) },
	{ "KVM_GET_VCPU_MMAP_SIZE", "what can be mapped", mmap_vcpu },
	{ "KVM_GET_VCPU_MMAP_SIZE", "page 3", mmap_beyond, .arg = 3 },
	{ "KVM_GET_VCPU_MMAP_SIZE", "page 1000", mmap_beyond, .arg = 1000 },
	{ "KVM_CHECK_EXTENSION", "the other numbers", other_capabilities, DIFF_CPU },
	{ "KVM_CHECK_EXTENSION", "wild numbers", wild_capabilities },
	{ "any", "unknown numbers", unknown_numbers },
	{ "any", "descriptors", descriptors },
	{ "any", "closed", closed_vcpu },
	{ "any", "in another process", another_process_run },
	{ "KVM_CREATE_VCPU", "numbers", vcpu_ids },
	{ "KVM_CREATE_VCPU", "a number stays taken", number_stays_taken },
	{ "KVM_CREATE_VCPU", "without memory", vcpu_without_memory },
};

void add_system(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(caps); i++) {
		struct diff_case c = {
			"KVM_CHECK_EXTENSION", caps[i].name, capability,
			/* Of the processor's XSAVE. */
			caps[i].number == MINIVMX_CAP_XCRS ? DIFF_CPU : 0,
			.arg = caps[i].number, .arg2 = caps[i].exact,
		};

		diff_add(&c, 1);
	}
	diff_add(cases, ARRAY_SIZE(cases));
}
