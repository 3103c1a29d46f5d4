/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_VM_H
#define VMRUN_VM_H

#include <stddef.h>

#include "minivmx.h"
#include "options.h"

/**
 * struct vm - a virtual machine with one vCPU
 * @device: path of the hypervisor's device, for messages
 * @dev_fd: the device
 * @vm_fd: the VM
 * @vcpu_fd: its vCPU
 * @mem: guest memory; guest-physical address 0 is its first byte
 * @mem_size: its size in bytes
 * @run: the vCPU's run page
 * @run_size: bytes mapped at @run
 */
struct vm {
	const char *device;
	int dev_fd;
	int vm_fd;
	int vcpu_fd;
	unsigned char *mem;
	size_t mem_size;
	struct minivmx_run *run;
	size_t run_size;
};

/* Nothing is open yet; vm_destroy() may be called. */
#define VM_INIT		{ .dev_fd = -1, .vm_fd = -1, .vcpu_fd = -1 }

int vm_create(struct vm *vm, const struct options *opt);
int vm_load(struct vm *vm, const char *file, __u64 addr);
int vm_set_entry(struct vm *vm, __u64 entry);
void vm_destroy(struct vm *vm);

#endif /* VMRUN_VM_H */
