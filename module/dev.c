// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/minivmx and the descriptors of VMs: the ioctl switches, and every copy
 * that they make from and to user space.
 */
#include <linux/anon_inodes.h>
#include <linux/capability.h>
#include <linux/compat.h>
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
#include "ept_bits.h"
#include "mitigation.h"
#include "vcpu.h"
#include "vm.h"
#include "vmx_cpu.h"

/* What is there, in any number: 1. The others are in check_extension(). */
static const u8 capabilities[] = {
	MINIVMX_CAP_USER_MEMORY,
	MINIVMX_CAP_SET_TSS_ADDR,
	MINIVMX_CAP_EXT_CPUID,
	MINIVMX_CAP_MP_STATE,
	MINIVMX_CAP_DESTROY_MEMORY_REGION_WORKS,
	MINIVMX_CAP_USER_NMI,
	MINIVMX_CAP_SET_GUEST_DEBUG,
	MINIVMX_CAP_JOIN_MEMORY_REGIONS_WORKS,
	MINIVMX_CAP_SET_IDENTITY_MAP_ADDR,
	MINIVMX_CAP_INTERNAL_ERROR_DATA,
	MINIVMX_CAP_VCPU_EVENTS,
	MINIVMX_CAP_DEBUGREGS,
	MINIVMX_CAP_X86_ROBUST_SINGLESTEP,
	MINIVMX_CAP_XSAVE,
	MINIVMX_CAP_GET_TSC_KHZ,
	MINIVMX_CAP_READONLY_MEM,
	MINIVMX_CAP_CHECK_EXTENSION_VM,
	MINIVMX_CAP_IMMEDIATE_EXIT,
	MINIVMX_CAP_COALESCED_PIO,
	MINIVMX_CAP_SREGS2,
};

static long check_extension(unsigned long capability)
{
	size_t i;

	switch (capability) {
	case MINIVMX_CAP_NR_MEMSLOTS:
		return GMEM_SLOTS;
	case MINIVMX_CAP_NR_VCPUS:
		return min_t(int, num_online_cpus(), VM_MAX_VCPUS);
	case MINIVMX_CAP_MAX_VCPUS:
	case MINIVMX_CAP_MAX_VCPU_ID:
		return VM_MAX_VCPUS;
	case MINIVMX_CAP_COALESCED_MMIO:
		return VCPU_PAGE_RING;
	case MINIVMX_CAP_XCRS:
		return guest_fpu_xcr0() != 0;
	case MINIVMX_CAP_SET_GUEST_DEBUG2:
		return MINIVMX_GUESTDBG_ENABLE | MINIVMX_GUESTDBG_SINGLESTEP |
			MINIVMX_GUESTDBG_USE_HW_BP | MINIVMX_GUESTDBG_USE_SW_BP |
			MINIVMX_GUESTDBG_INJECT_BP | MINIVMX_GUESTDBG_INJECT_DB |
			MINIVMX_GUESTDBG_BLOCKIRQ;
	}
	for (i = 0; i < ARRAY_SIZE(capabilities); i++)
		if (capabilities[i] == capability)
			return 1;
	return 0;
}

/* ---------------------------------- VM ----------------------------------- */

static long create_vcpu(struct vm *vm, u32 id)
{
	struct vcpu *vcpu;
	int fd;

	if (id >= VM_MAX_VCPUS)
		return -EINVAL;
	vcpu = vcpu_create(vm, id);
	if (IS_ERR(vcpu))
		return PTR_ERR(vcpu);
	fd = anon_inode_getfd("minivmx-vcpu", &dev_vcpu_fops, vcpu,
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
	return slot_set(&vm->gmem, &region);
}

static long get_dirty_log(struct vm *vm, void __user *user)
{
	struct minivmx_dirty_log log;
	unsigned long *dirty;
	size_t size;
	long err;

	if (copy_from_user(&log, user, sizeof(log)))
		return -EFAULT;
	/* A 32-bit caller fills in half of the union. */
	if (in_compat_syscall())
		log.padding2 = (u32)log.padding2;
	err = slot_take_dirty_log(&vm->gmem, log.slot, &dirty, &size);
	if (err)
		return err;
	if (copy_to_user((void __user *)log.dirty_bitmap, dirty, size))
		err = -EFAULT;
	kvfree(dirty);
	return err;
}

static long set_identity_map_addr(struct vm *vm, void __user *user)
{
	u64 address;

	if (!bitmap_empty(vm->vcpu_taken, VM_MAX_VCPUS))
		return -EINVAL;
	return copy_from_user(&address, user, sizeof(address)) ? -EFAULT : 0;
}

static long change_coalesced(struct vm *vm, void __user *user, bool add)
{
	struct minivmx_coalesced_mmio_zone zone;

	if (copy_from_user(&zone, user, sizeof(zone)))
		return -EFAULT;
	return add ? ring_register(&vm->ring, &zone) : ring_unregister(&vm->ring, &zone);
}

/* Where the host's memory lies is nobody's business: pagemap keeps it secret, too. */
static void hide_addresses(struct minivmx_ept_walk *walk)
{
	unsigned int i;

	walk->pointer &= ~EPT_ADDRESS;
	for (i = 0; i < ARRAY_SIZE(walk->entries); i++)
		walk->entries[i] &= ~EPT_ADDRESS;
}

static long walk_ept(struct vm *vm, void __user *user)
{
	struct minivmx_ept_walk walk;
	long err;

	if (copy_from_user(&walk, user, sizeof(walk)))
		return -EFAULT;
	err = gmem_ept_walk(&vm->gmem, &walk);
	if (!capable(CAP_SYS_ADMIN))
		hide_addresses(&walk);
	if (!err && copy_to_user(user, &walk, sizeof(walk)))
		err = -EFAULT;
	return err;
}

static long shape_of_ept(struct vm *vm, void __user *user)
{
	struct minivmx_ept_shape *shape = memdup_user(user, sizeof(*shape));
	long err;

	if (IS_ERR(shape))
		return PTR_ERR(shape);
	err = gmem_ept_shape(&vm->gmem, shape);
	if (!err && copy_to_user(user, shape, sizeof(*shape)))
		err = -EFAULT;
	kfree(shape);
	return err;
}

static long populate_ept(struct vm *vm, void __user *user)
{
	struct minivmx_ept_populate populate;
	long err;

	if (copy_from_user(&populate, user, sizeof(populate)))
		return -EFAULT;
	err = gmem_populate(&vm->gmem, &populate);
	/* How far it came counts after a failure most of all. */
	return copy_to_user(user, &populate, sizeof(populate)) ? -EFAULT : err;
}

static long vm_ioctl(struct file *file, unsigned int number, unsigned long arg)
{
	void __user *user = (void __user *)arg;
	struct vm *vm = file->private_data;

	if (vm->mm != current->mm)
		return -EIO;
	switch (number) {
	case MINIVMX_CHECK_EXTENSION:
		return check_extension(arg);
	case MINIVMX_CREATE_VCPU:
		return create_vcpu(vm, arg);
	case MINIVMX_GET_DIRTY_LOG:
		return get_dirty_log(vm, user);
	case MINIVMX_SET_USER_MEMORY_REGION:
		return set_user_memory_region(vm, user);
	case MINIVMX_SET_TSS_ADDR:
		return arg > (u32)(-3 * PAGE_SIZE) ? -EINVAL : 0;
	case MINIVMX_SET_IDENTITY_MAP_ADDR:
		return set_identity_map_addr(vm, user);
	case MINIVMX_REGISTER_COALESCED_MMIO:
		return change_coalesced(vm, user, true);
	case MINIVMX_UNREGISTER_COALESCED_MMIO:
		return change_coalesced(vm, user, false);
	case MINIVMX_EPT_WALK:
		return walk_ept(vm, user);
	case MINIVMX_EPT_SHAPE:
		return shape_of_ept(vm, user);
	case MINIVMX_EPT_PAGE_SIZE:
		return gmem_set_page_size(&vm->gmem, arg);
	case MINIVMX_EPT_POPULATE:
		return populate_ept(vm, user);
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

static long get_msr_index_list(struct minivmx_msr_list __user *user)
{
	u32 count = msr_count(), room, i;

	if (get_user(room, &user->nmsrs) || put_user(count, &user->nmsrs))
		return -EFAULT;
	if (room < count)
		return -E2BIG;
	for (i = 0; i < count; i++)
		if (put_user(msr_index(i), &user->indices[i]))
			return -EFAULT;
	return 0;
}

static long get_supported_cpuid(struct minivmx_cpuid2 __user *user)
{
	struct minivmx_cpuid_entry2 *entries;
	struct minivmx_cpuid2 head;
	long n = -EFAULT;
	u32 room;

	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	room = min_t(u32, head.nent, MINIVMX_MAX_CPUID_ENTRIES);
	entries = kcalloc(MINIVMX_MAX_CPUID_ENTRIES, sizeof(*entries), GFP_KERNEL_ACCOUNT);
	if (!entries)
		return -ENOMEM;
	n = cpuid_supported(entries, room);
	if (n >= 0 && (copy_to_user(user->entries, entries, n * sizeof(*entries)) ||
		       put_user(n, &user->nent)))
		n = -EFAULT;
	kfree(entries);
	return min(n, 0L);
}

static long get_vmx_caps(void __user *user)
{
	struct minivmx_vmx_caps caps;

	vmx_cpu_report(&caps);
	return copy_to_user(user, &caps, sizeof(caps)) ? -EFAULT : 0;
}

static long dev_ioctl(struct file *file, unsigned int number, unsigned long arg)
{
	void __user *user = (void __user *)arg;

	switch (number) {
	case MINIVMX_GET_API_VERSION:
		return arg ? -EINVAL : MINIVMX_API_VERSION;
	case MINIVMX_CREATE_VM:
		return arg ? -EINVAL : create_vm();
	case MINIVMX_CHECK_EXTENSION:
		return check_extension(arg);
	case MINIVMX_GET_VCPU_MMAP_SIZE:
		return arg ? -EINVAL : VCPU_NR_PAGES * PAGE_SIZE;
	case MINIVMX_GET_MSR_INDEX_LIST:
		return get_msr_index_list(user);
	case MINIVMX_GET_SUPPORTED_CPUID:
		return get_supported_cpuid(user);
	case MINIVMX_GET_VMX_CAPS:
		return get_vmx_caps(user);
	default:
		return -ENOTTY;
	}
}

static int dev_open(struct inode *inode, struct file *file)
{
	return mitigation_complete() || capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
}

static const struct file_operations dev_fops = {
	.owner = THIS_MODULE,
	.open = dev_open,
	.unlocked_ioctl = dev_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

static const struct attribute_group *groups[] = { &mitigation_group, NULL };

static struct miscdevice dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "minivmx",
	.fops = &dev_fops,
	.groups = groups,
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
