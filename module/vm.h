/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A virtual machine: its lifetime, its memory and its vCPUs.
 */
#ifndef MINIVMX_VM_H
#define MINIVMX_VM_H

#include <linux/bitmap.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/uidgid.h>

#include "gmem.h"
#include "ring.h"

#define VM_MAX_VCPUS	16

struct dentry;
struct vcpu;

/**
 * struct vm - a virtual machine
 * @ref: held by its file and by each of its vCPUs
 * @mm: address space that it was created in, and the only one it serves; a
 *	reference to the structure, not to what is mapped
 * @gmem: its memory
 * @ring: coalesced writes
 * @tsc_offset: of its vCPUs' time-stamp counters, which start at 0 together
 * @user: who answers for it, whom it counts for
 * @link: in the list of all VMs
 * @debugfs: its folder there
 * @vcpu_taken: the vCPU numbers in use; changed by atomic bit operations
 */
struct vm {
	struct kref ref;
	struct mm_struct *mm;
	struct gmem gmem;
	struct ring ring;
	u64 tsc_offset;
	kuid_t user;
	struct list_head link;
	struct dentry *debugfs;
	DECLARE_BITMAP(vcpu_taken, VM_MAX_VCPUS);
};

struct vm *vm_create(void);
void vm_get(struct vm *vm);
void vm_put(struct vm *vm);
bool vm_take_vcpu_id(struct vm *vm, u32 id);
void vm_release_vcpu_id(struct vm *vm, u32 id);

#endif /* MINIVMX_VM_H */
