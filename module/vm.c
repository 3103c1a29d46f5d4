// SPDX-License-Identifier: GPL-2.0
/*
 * A virtual machine's lifetime.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>
#include <asm/msr.h>

#include "exit_stats.h"
#include "vm.h"

/* What they take is charged to their control group; this is for who has none. */
static unsigned int max_vms = 1024;
module_param(max_vms, uint, 0644);
MODULE_PARM_DESC(max_vms, "virtual machines that one user may have; CAP_SYS_RESOURCE may have more");

static DEFINE_MUTEX(vms_lock);
static LIST_HEAD(vms);

/*
 * Who answers for the caller: those who make user namespaces have as many users
 * there as they like.
 */
static kuid_t responsible_user(void)
{
	const struct user_namespace *ns = current_user_ns();
	kuid_t user = current_uid();

	for (; ns != &init_user_ns; ns = ns->parent)
		user = ns->owner;
	return user;
}

/* Enter a VM into the list of all. Return: false if its user has enough. */
static bool enlist(struct vm *vm)
{
	unsigned int others = 0;
	const struct vm *other;
	bool may;

	vm->user = responsible_user();
	mutex_lock(&vms_lock);
	list_for_each_entry(other, &vms, link)
		others += uid_eq(other->user, vm->user);
	may = others < READ_ONCE(max_vms) || capable(CAP_SYS_RESOURCE);
	if (may)
		list_add(&vm->link, &vms);
	mutex_unlock(&vms_lock);
	if (!may)
		pr_warn_ratelimited("user %u has %u virtual machines: end some, or raise /sys/module/minivmx/parameters/max_vms\n",
				    from_kuid(&init_user_ns, vm->user), others);
	return may;
}

static void delist(struct vm *vm)
{
	mutex_lock(&vms_lock);
	list_del(&vm->link);
	mutex_unlock(&vms_lock);
}

/**
 * vm_create() - a VM that belongs to the calling process
 *
 * Return: the VM, with one reference for the caller, ERR_PTR(-EMFILE) if its user
 * has as many as one may have, or ERR_PTR(-ENOMEM).
 */
struct vm *vm_create(void)
{
	struct vm *vm = kzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);
	int err = -ENOMEM;

	if (!vm)
		return ERR_PTR(-ENOMEM);
	if (!enlist(vm)) {
		err = -EMFILE;
		goto err_vm;
	}
	if (gmem_init(&vm->gmem))
		goto err_list;
	if (ring_init(&vm->ring))
		goto err_gmem;
	vm->tsc_offset = -rdtsc();
	kref_init(&vm->ref);
	vm->mm = current->mm;
	mmgrab(vm->mm);
	debugfs_add_vm(vm);
	return vm;

err_gmem:
	gmem_destroy(&vm->gmem);
err_list:
	delist(vm);
err_vm:
	kfree(vm);
	return ERR_PTR(err);
}

static void vm_release(struct kref *ref)
{
	struct vm *vm = container_of(ref, struct vm, ref);

	debugfs_remove(vm->debugfs);
	ring_destroy(&vm->ring);
	gmem_destroy(&vm->gmem);
	mmdrop(vm->mm);
	delist(vm);
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
