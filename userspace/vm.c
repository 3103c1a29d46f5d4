// SPDX-License-Identifier: GPL-2.0
/*
 * A virtual machine: made, filled with a guest, and given up.
 *
 * Functions here that fail have said so on standard error, in one line, and
 * return the exit status for it.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "exit_status.h"
#include "vm.h"

static int named_ioctl(const struct vm *vm, int fd, unsigned long request,
		       const char *name, unsigned long arg)
{
	int ret = ioctl(fd, request, arg);

	if (ret < 0)
		warn("%s: %s", vm->device, name);
	return ret;
}

/* An ioctl that says which one it was when it fails. */
#define vm_ioctl(vm, fd, request, arg) \
	named_ioctl(vm, fd, request, #request, (unsigned long)(arg))

static const char *open_advice(const char *device, int error)
{
	switch (error) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		if (!strcmp(device, DEFAULT_DEVICE))
			return " (is the module loaded? insmod minivmx.ko)";
		return " (is its module loaded?)";
	case EACCES:
	case EPERM:
		return " (who may use it? ls -l says; or run as root)";
	default:
		return "";
	}
}

static int open_device(struct vm *vm)
{
	int version;

	vm->dev_fd = open(vm->device, O_RDWR | O_CLOEXEC);
	if (vm->dev_fd < 0) {
		int error = errno;

		warnx("%s: %s%s", vm->device, strerror(error), open_advice(vm->device, error));
		return STATUS_HOST;
	}
	version = ioctl(vm->dev_fd, MINIVMX_GET_API_VERSION, 0);
	if (version < 0) {
		warn("%s: does not speak the KVM API (use --device)", vm->device);
		return STATUS_HOST;
	}
	if (version != MINIVMX_API_VERSION) {
		warnx("%s: API version %d instead of %d (use the vmrun of that module)",
		      vm->device, version, MINIVMX_API_VERSION);
		return STATUS_HOST;
	}
	return 0;
}

static int add_memory(struct vm *vm, size_t size)
{
	struct minivmx_userspace_memory_region region = {
		.slot = 0,
		.guest_phys_addr = 0,
		.memory_size = size,
	};
	void *mem;

	/* Private: a page costs memory only once the guest touches it. */
	mem = mmap(NULL, size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED) {
		warn("%zu bytes of guest memory (use a smaller --mem)", size);
		return STATUS_HOST;
	}
	vm->mem = mem;
	vm->mem_size = size;

	region.userspace_addr = (unsigned long)mem;
	if (ioctl(vm->vm_fd, MINIVMX_SET_USER_MEMORY_REGION, &region) < 0) {
		warn("%s: %zu bytes of guest memory (use a smaller --mem)",
		     vm->device, size);
		return STATUS_HOST;
	}
	return 0;
}

static int add_vcpu(struct vm *vm)
{
	int size = vm_ioctl(vm, vm->dev_fd, MINIVMX_GET_VCPU_MMAP_SIZE, 0);
	void *run;

	if (size < 0)
		return STATUS_HOST;
	vm->vcpu_fd = vm_ioctl(vm, vm->vm_fd, MINIVMX_CREATE_VCPU, 0);
	if (vm->vcpu_fd < 0)
		return STATUS_HOST;
	run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vm->vcpu_fd, 0);
	if (run == MAP_FAILED) {
		warn("%s: cannot map the run page", vm->device);
		return STATUS_HOST;
	}
	vm->run = run;
	vm->run_size = size;
	return 0;
}

/**
 * vm_create() - make a VM with memory and one vCPU
 * @vm: VM_INIT; call vm_destroy() after success and failure
 * @opt: names the device and the size of the memory
 *
 * Return: 0, or an exit status after a message.
 */
int vm_create(struct vm *vm, const struct options *opt)
{
	int status;

	vm->device = opt->device;
	status = open_device(vm);
	if (status)
		return status;
	vm->vm_fd = vm_ioctl(vm, vm->dev_fd, MINIVMX_CREATE_VM, 0);
	if (vm->vm_fd < 0)
		return STATUS_HOST;
	status = add_memory(vm, opt->mem_size);
	if (status)
		return status;
	return add_vcpu(vm);
}

static int read_file(int fd, const char *file, unsigned char *to, size_t size)
{
	while (size) {
		ssize_t n = read(fd, to, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			warn("%s", file);
			return STATUS_LOAD;
		}
		if (n == 0) {
			warnx("%s: became shorter while it was read", file);
			return STATUS_LOAD;
		}
		to += n;
		size -= n;
	}
	return 0;
}

/**
 * vm_load() - copy a flat binary into guest memory
 * @vm: where to
 * @file: path of the binary
 * @addr: guest-physical address of its first byte
 *
 * Return: 0, or an exit status after a message.
 */
int vm_load(struct vm *vm, const char *file, __u64 addr)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	int status = STATUS_LOAD;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		warn("%s", file);
	else if (!S_ISREG(st.st_mode))
		warnx("%s: not a regular file (a guest is a flat binary)", file);
	else if (st.st_size == 0)
		warnx("%s: empty (a guest is a flat binary)", file);
	else if (addr > vm->mem_size || (__u64)st.st_size > vm->mem_size - addr)
		warnx("%s: %lld bytes at 0x%llx do not fit into %zu bytes (use --mem)",
		      file, (long long)st.st_size, addr, vm->mem_size);
	else
		status = read_file(fd, file, vm->mem + addr, st.st_size);
	if (fd >= 0)
		close(fd);
	return status;
}

/**
 * vm_set_entry() - let the vCPU start at an address, in real mode
 * @vm: its vCPU is as a reset leaves it
 * @entry: guest-physical address below 1 MiB
 *
 * Everything but CS, IP and the flags stays as after a reset: the other
 * segments start at 0, the other registers hold 0.
 *
 * Return: 0, or an exit status after a message.
 */
int vm_set_entry(struct vm *vm, __u64 entry)
{
	struct minivmx_regs regs = { .rflags = 2 };	/* bit 1 is always 1 */
	struct minivmx_sregs sregs;

	if (vm_ioctl(vm, vm->vcpu_fd, MINIVMX_GET_SREGS, &sregs) < 0)
		return STATUS_HOST;
	/*
	 * A reset leaves CS at the top of memory, where a PC has its firmware.
	 * In real mode the base of a segment is its selector times 16 (SDM
	 * Vol. 3B, "Real-Address Mode", 21.1, edition 083).
	 */
	if (entry <= 0xffff) {
		sregs.cs.selector = 0;
		regs.rip = entry;
	} else {
		sregs.cs.selector = entry >> 4;
		regs.rip = entry & 0xf;
	}
	sregs.cs.base = sregs.cs.selector << 4;
	if (vm_ioctl(vm, vm->vcpu_fd, MINIVMX_SET_SREGS, &sregs) < 0)
		return STATUS_HOST;
	if (vm_ioctl(vm, vm->vcpu_fd, MINIVMX_SET_REGS, &regs) < 0)
		return STATUS_HOST;
	return 0;
}

/**
 * vm_destroy() - give up what vm_create() made, complete or not
 * @vm: VM_INIT at least
 */
void vm_destroy(struct vm *vm)
{
	if (vm->run)
		munmap(vm->run, vm->run_size);
	if (vm->vcpu_fd >= 0)
		close(vm->vcpu_fd);
	if (vm->vm_fd >= 0)
		close(vm->vm_fd);
	if (vm->mem)
		munmap(vm->mem, vm->mem_size);
	if (vm->dev_fd >= 0)
		close(vm->dev_fd);
}
