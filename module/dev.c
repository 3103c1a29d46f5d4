// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/minivmx and the descriptors of VMs and vCPUs: the ioctl switches, and
 * every copy from and to user space.
 */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <minivmx.h>

#include "dev.h"
#include "vcpu.h"
#include "vm.h"

/* struct minivmx_regs and struct minivmx_sregs, the largest arguments. */
union vcpu_argument {
	struct minivmx_regs regs;
	struct minivmx_sregs sregs;
};

static long check_extension(unsigned long capability)
{
	switch (capability) {
	case MINIVMX_CAP_USER_MEMORY:
	case MINIVMX_CAP_DESTROY_MEMORY_REGION_WORKS:
	case MINIVMX_CAP_JOIN_MEMORY_REGIONS_WORKS:
	case MINIVMX_CAP_INTERNAL_ERROR_DATA:
	case MINIVMX_CAP_CHECK_EXTENSION_VM:
	case MINIVMX_CAP_IMMEDIATE_EXIT:
		return 1;
	case MINIVMX_CAP_NR_MEMSLOTS:
		return GMEM_SLOTS;
	case MINIVMX_CAP_NR_VCPUS:
		return min_t(int, num_online_cpus(), VM_MAX_VCPUS);
	case MINIVMX_CAP_MAX_VCPUS:
	case MINIVMX_CAP_MAX_VCPU_ID:
		return VM_MAX_VCPUS;
	default:
		return 0;
	}
}

/* --------------------------------- vCPU ---------------------------------- */

static long vcpu_locked_ioctl(struct vcpu *vcpu, unsigned int number,
			      void __user *user, union vcpu_argument *arg)
{
	int err;

	switch (number) {
	case MINIVMX_RUN:
		return user ? -EINVAL : vcpu_run(vcpu);
	case MINIVMX_GET_REGS:
		vcpu_get_regs(vcpu, &arg->regs);
		return copy_to_user(user, &arg->regs, sizeof(arg->regs)) ? -EFAULT : 0;
	case MINIVMX_SET_REGS:
		if (copy_from_user(&arg->regs, user, sizeof(arg->regs)))
			return -EFAULT;
		vcpu_set_regs(vcpu, &arg->regs);
		return 0;
	case MINIVMX_GET_SREGS:
		err = vcpu_get_sregs(vcpu, &arg->sregs);
		if (err)
			return err;
		return copy_to_user(user, &arg->sregs, sizeof(arg->sregs)) ? -EFAULT : 0;
	case MINIVMX_SET_SREGS:
		if (copy_from_user(&arg->sregs, user, sizeof(arg->sregs)))
			return -EFAULT;
		return vcpu_set_sregs(vcpu, &arg->sregs);
	default:
		return -ENOTTY;
	}
}

static long vcpu_ioctl(struct file *file, unsigned int number, unsigned long arg)
{
	struct vcpu *vcpu = file->private_data;
	union vcpu_argument copy;
	long ret;

	if (vcpu->vm->mm != current->mm)
		return -EIO;
	if (mutex_lock_killable(&vcpu->lock))
		return -EINTR;
	ret = vcpu_locked_ioctl(vcpu, number, (void __user *)arg, &copy);
	mutex_unlock(&vcpu->lock);
	return ret;
}

static vm_fault_t vcpu_fault(struct vm_fault *fault)
{
	struct vcpu *vcpu = fault->vma->vm_file->private_data;

	if (fault->pgoff >= VCPU_NR_PAGES)
		return VM_FAULT_SIGBUS;
	fault->page = virt_to_page(vcpu->pages[fault->pgoff]);
	get_page(fault->page);
	return 0;
}

static const struct vm_operations_struct vcpu_vm_ops = {
	.fault = vcpu_fault,
};

static int vcpu_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_ops = &vcpu_vm_ops;
	return 0;
}

static int vcpu_close(struct inode *inode, struct file *file)
{
	vcpu_destroy(file->private_data);
	return 0;
}

static const struct file_operations vcpu_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = vcpu_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = vcpu_mmap,
	.release = vcpu_close,
	.llseek = noop_llseek,
};

/* ---------------------------------- VM ----------------------------------- */

static long create_vcpu(struct vm *vm, unsigned long id)
{
	struct vcpu *vcpu;
	int fd;

	if (id >= VM_MAX_VCPUS)
		return -EINVAL;
	vcpu = vcpu_create(vm, id);
	if (IS_ERR(vcpu))
		return PTR_ERR(vcpu);
	fd = anon_inode_getfd("minivmx-vcpu", &vcpu_fops, vcpu,
			      O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		vcpu_destroy(vcpu);
		vm_release_vcpu_id(vm, id);
	}
	return fd;
}

static long set_user_memory_region(struct vm *vm, void __user *user)
{
	struct minivmx_userspace_memory_region region;

	if (copy_from_user(&region, user, sizeof(region)))
		return -EFAULT;
	return gmem_set_region(&vm->gmem, &region);
}

static long vm_ioctl(struct file *file, unsigned int number, unsigned long arg)
{
	struct vm *vm = file->private_data;

	if (vm->mm != current->mm)
		return -EIO;
	switch (number) {
	case MINIVMX_CHECK_EXTENSION:
		return check_extension(arg);
	case MINIVMX_CREATE_VCPU:
		return create_vcpu(vm, arg);
	case MINIVMX_SET_USER_MEMORY_REGION:
		return set_user_memory_region(vm, (void __user *)arg);
	default:
		return -ENOTTY;
	}
}

static int vm_close(struct inode *inode, struct file *file)
{
	vm_put(file->private_data);
	return 0;
}

static const struct file_operations vm_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = vm_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.release = vm_close,
	.llseek = noop_llseek,
};

/* -------------------------------- device --------------------------------- */

static long create_vm(void)
{
	struct vm *vm = vm_create();
	int fd;

	if (IS_ERR(vm))
		return PTR_ERR(vm);
	fd = anon_inode_getfd("minivmx-vm", &vm_fops, vm, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		vm_put(vm);
	return fd;
}

static long dev_ioctl(struct file *file, unsigned int number, unsigned long arg)
{
	switch (number) {
	case MINIVMX_GET_API_VERSION:
		return arg ? -EINVAL : MINIVMX_API_VERSION;
	case MINIVMX_CREATE_VM:
		return arg ? -EINVAL : create_vm();
	case MINIVMX_CHECK_EXTENSION:
		return check_extension(arg);
	case MINIVMX_GET_VCPU_MMAP_SIZE:
		return arg ? -EINVAL : VCPU_NR_PAGES * PAGE_SIZE;
	default:
		return -ENOTTY;
	}
}

static const struct file_operations dev_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = dev_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "minivmx",
	.fops = &dev_fops,
};

/** dev_register() - make /dev/minivmx appear. Return: 0 or a negative errno. */
int dev_register(void)
{
	return misc_register(&dev);
}

/** dev_unregister() - take /dev/minivmx away; nobody has it open */
void dev_unregister(void)
{
	misc_deregister(&dev);
}
