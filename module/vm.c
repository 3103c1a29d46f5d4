// SPDX-License-Identifier: GPL-2.0
/*
 * A virtual machine's lifetime.
 */
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <asm/msr.h>

#include "vm.h"

/**
 * vm_create() - a VM that belongs to the calling process
 *
 * Return: the VM, with one reference for the caller, or ERR_PTR(-ENOMEM).
 */
struct vm *vm_create(void)
{
	struct vm *vm = kzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);

	if (!vm)
		return ERR_PTR(-ENOMEM);
	if (gmem_init(&vm->gmem))
		goto err_vm;
	if (ring_init(&vm->ring))
		goto err_gmem;
	vm->tsc_offset = -rdtsc();
	kref_init(&vm->ref);
	vm->mm = current->mm;
	mmgrab(vm->mm);
	return vm;

err_gmem:
	gmem_destroy(&vm->gmem);
err_vm:
	kfree(vm);
	return ERR_PTR(-ENOMEM);
}

static void vm_release(struct kref *ref)
{
	struct vm *vm = container_of(ref, struct vm, ref);

	ring_destroy(&vm->ring);
	gmem_destroy(&vm->gmem);
	mmdrop(vm->mm);
	kfree(vm);
}

/** vm_get() - one more user of a VM */
void vm_get(struct vm *vm)
{
	kref_get(&vm->ref);
}

/** vm_put() - one user less; the last one frees the VM. May sleep. */
void vm_put(struct vm *vm)
{
	kref_put(&vm->ref, vm_release);
}

/**
 * vm_take_vcpu_id() - reserve a vCPU number, for the life of the VM
 * @vm: the VM
 * @id: the number, below VM_MAX_VCPUS
 *
 * Return: false if it is taken.
 */
bool vm_take_vcpu_id(struct vm *vm, u32 id)
{
	return !test_and_set_bit(id, vm->vcpu_taken);
}

/** vm_release_vcpu_id() - the vCPU never came to be: its number is free */
void vm_release_vcpu_id(struct vm *vm, u32 id)
{
	clear_bit(id, vm->vcpu_taken);
}
