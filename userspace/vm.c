// SPDX-License-Identifier: GPL-2.0
/*
 * A virtual machine: made with its memory, and given up.
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

#include "ept.h"
#include "exit_status.h"
#include "vm.h"

/**
 * vm_named_ioctl() - an ioctl that says which one it was when it fails
 * @vm: whose device the message names
 * @fd: the file descriptor
 * @request: the ioctl
 * @name: its name
 * @arg: its argument
 *
 * Return: what ioctl() returns.
 */
int vm_named_ioctl(const struct vm *vm, int fd, unsigned long request,
		   const char *name, unsigned long arg)
{
	int ret = ioctl(fd, request, arg);

	if (ret < 0)
		warn("%s: %s", vm->device, name);
	return ret;
}

static const char *open_advice(const char *device, int error)
{
	switch (error) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		if (!strcmp(device, DEFAULT_DEVICE))
			return " (is the module loaded? insmod minivmx.ko)";
		return " (is its module loaded?)";
	case EPERM:
		return " (the kernel denies the module mitigations, see dmesg: only root may)";
	case EACCES:
		return " (join its group: ls -l says, kvm by udev's rule; or run as root)";
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

static void *map_memory(const struct options *opt)
{
	void *mem;

	if (opt->ept.page_size == MINIVMX_EPT_2M)
		return ept_huge_memory(opt->mem_size);
	/* Private: a page costs memory only once the guest touches it. */
	mem = mmap(NULL, opt->mem_size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED)
		warn("%llu bytes of guest memory (use a smaller --mem)", opt->mem_size);
	return mem;
}

static int add_memory(struct vm *vm, const struct options *opt)
{
	size_t size = opt->mem_size;
	struct minivmx_userspace_memory_region region = {
		.slot = 0,
		.guest_phys_addr = 0,
		.memory_size = size,
	};
	void *mem = map_memory(opt);

	if (mem == MAP_FAILED)
		return STATUS_HOST;
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

/**
 * vm_create() - make a VM with memory, without a vCPU
 * @vm: VM_INIT; call vm_destroy() after success and failure
 * @opt: names the device and the size of the memory
 *
 * Return: 0, or an exit status after a message.
 */
int vm_create(struct vm *vm, const struct options *opt)
{
	struct minivmx_vmx_caps caps;
	int status;

	vm->device = opt->device;
	status = open_device(vm);
	if (status)
		return status;
	vm->minivmx = !ioctl(vm->dev_fd, MINIVMX_GET_VMX_CAPS, &caps);
	vm->vm_fd = vm_ioctl(vm, vm->dev_fd, MINIVMX_CREATE_VM, 0);
	if (vm->vm_fd < 0)
		return STATUS_HOST;
	return add_memory(vm, opt);
}

/**
 * vm_complete() - nothing will be added: the VM lives as long as its vCPUs
 * @vm: VM_INIT at least
 * @keep: its descriptor is needed still, to ask for what has become of it
 */
void vm_complete(struct vm *vm, bool keep)
{
	if (vm->dev_fd >= 0)
		close(vm->dev_fd);
	vm->dev_fd = -1;
	if (keep)
		return;
	if (vm->vm_fd >= 0)
		close(vm->vm_fd);
	vm->vm_fd = -1;
}

/**
 * vm_destroy() - give up what vm_create() made, complete or not
 * @vm: VM_INIT at least
 */
void vm_destroy(struct vm *vm)
{
	vm_complete(vm, false);
	if (vm->mem)
		munmap(vm->mem, vm->mem_size);
}
