/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_VM_H
#define VMRUN_VM_H

#include <stdbool.h>
#include <stddef.h>

#include "minivmx.h"
#include "options.h"

/* Guest memory comes in these. */
#define PAGE_SIZE	0x1000ULL

/**
 * struct vm - a virtual machine: memory, to which vCPUs are added
 * @device: path of the hypervisor's device, for messages
 * @dev_fd: the device; -1 once the VM is complete
 * @vm_fd: the VM; the same, unless its EPT is to be looked at after the run
 * @minivmx: the device is minivmx, and not KVM
 * @mem: guest memory; guest-physical address 0 is its first byte
 * @mem_size: its size in bytes
 * @disk: what its BIOS reads; NULL for nothing
 * @disk_size: the size of that
 */
struct vm {
	const char *device;
	int dev_fd;
	int vm_fd;
	bool minivmx;
	unsigned char *mem;
	size_t mem_size;
	const unsigned char *disk;
	size_t disk_size;
};

/* Nothing is open yet; vm_destroy() may be called. */
#define VM_INIT		{ .dev_fd = -1, .vm_fd = -1 }

int vm_create(struct vm *vm, const struct options *opt);
void vm_complete(struct vm *vm, bool keep);
void vm_destroy(struct vm *vm);

int vm_named_ioctl(const struct vm *vm, int fd, unsigned long request,
		   const char *name, unsigned long arg);

/* An ioctl that says which one it was when it fails. */
#define vm_ioctl(vm, fd, request, arg) \
	vm_named_ioctl(vm, fd, request, #request, (unsigned long)(arg))

#endif /* VMRUN_VM_H */
