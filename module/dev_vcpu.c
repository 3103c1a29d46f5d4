// SPDX-License-Identifier: GPL-2.0
/*
 * The descriptor of a vCPU: its ioctls and its mapping, and every copy that they
 * make from and to user space.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/tsc.h>
#include <minivmx.h>

#include "dev.h"
#include "event.h"
#include "exit_stats.h"
#include "lab.h"
#include "paging.h"
#include "policy.h"
#include "snapshot.h"
#include "vcpu.h"
#include "vm.h"

/* Arguments up to this size are on the stack. */
#define SMALL	400

/* ------------------------- arguments of one structure -------------------- */

static int get_mp_state(struct vcpu *vcpu, void *arg)
{
	((struct minivmx_mp_state *)arg)->mp_state = MINIVMX_MP_STATE_RUNNABLE;
	return 0;
}

static int set_mp_state(struct vcpu *vcpu, void *arg)
{
	const struct minivmx_mp_state *state = arg;

	return state->mp_state == MINIVMX_MP_STATE_RUNNABLE ? 0 : -EINVAL;
}

static int get_xcrs(struct vcpu *vcpu, void *arg)
{
	bool there = guest_fpu_xcr0();

	*(struct minivmx_xcrs *)arg = (struct minivmx_xcrs) {
		.nr_xcrs = there, .xcrs[0].value = there ? vcpu->fpu.xcr0 : 0,
	};
	return 0;
}

static int set_xcrs(struct vcpu *vcpu, void *arg)
{
	const struct minivmx_xcrs *xcrs = arg;
	u32 i;

	if (!guest_fpu_xcr0() || xcrs->nr_xcrs > MINIVMX_MAX_XCRS || xcrs->flags)
		return -EINVAL;
	for (i = 0; i < xcrs->nr_xcrs; i++) {
		if (xcrs->xcrs[i].xcr)
			continue;
		if (!guest_fpu_xcr0_valid(vcpu, xcrs->xcrs[i].value))
			return -EINVAL;
		vcpu->fpu.xcr0 = xcrs->xcrs[i].value;
		break;
	}
	return 0;
}

/* What the number says of the argument, its size and direction, holds. */
static const struct {
	unsigned int number;
	int (*fn)(struct vcpu *vcpu, void *arg);
} by_structure[] = {
	{ MINIVMX_GET_REGS, vcpu_get_regs },
	{ MINIVMX_SET_REGS, vcpu_set_regs },
	{ MINIVMX_GET_SREGS, vcpu_get_sregs },
	{ MINIVMX_SET_SREGS, vcpu_set_sregs },
	{ MINIVMX_TRANSLATE, paging_translate },
	{ MINIVMX_INTERRUPT, event_interrupt },
	{ MINIVMX_GET_FPU, guest_fpu_get },
	{ MINIVMX_SET_FPU, guest_fpu_set },
	{ MINIVMX_GET_MP_STATE, get_mp_state },
	{ MINIVMX_SET_MP_STATE, set_mp_state },
	{ MINIVMX_SET_GUEST_DEBUG, debug_set_guest_debug },
	{ MINIVMX_GET_VCPU_EVENTS, event_get },
	{ MINIVMX_SET_VCPU_EVENTS, event_set },
	{ MINIVMX_GET_DEBUGREGS, debug_get_regs },
	{ MINIVMX_SET_DEBUGREGS, debug_set_regs },
	{ MINIVMX_GET_XSAVE, guest_fpu_get_xsave },
	{ MINIVMX_SET_XSAVE, guest_fpu_set_xsave },
	{ MINIVMX_GET_XCRS, get_xcrs },
	{ MINIVMX_SET_XCRS, set_xcrs },
	{ MINIVMX_GET_SREGS2, vcpu_get_sregs2 },
	{ MINIVMX_SET_SREGS2, vcpu_set_sregs2 },
	{ MINIVMX_SET_EXIT_POLICY, policy_set },
	{ MINIVMX_GET_EXIT_STATS, exit_stats_get },
	{ MINIVMX_GET_EXIT_TIMES, exit_stats_get_times },
	{ MINIVMX_SET_QUANTUM, quantum_set },
	{ MINIVMX_GET_QUANTUM, quantum_get },
	{ MINIVMX_GET_VMCS, snapshot_get_vmcs },
	{ MINIVMX_TRY_ENTRY, lab_try_entry },
};

static long call(struct vcpu *vcpu, int (*fn)(struct vcpu *vcpu, void *arg),
		 unsigned int number, void __user *user)
{
	u8 small[SMALL] __aligned(8);
	size_t size = _IOC_SIZE(number);
	void *arg = small;
	long ret = -EFAULT;

	if (size > SMALL) {
		arg = kmalloc(size, GFP_KERNEL_ACCOUNT);
		if (!arg)
			return -ENOMEM;
	}
	if (_IOC_DIR(number) & _IOC_WRITE && copy_from_user(arg, user, size))
		goto out;
	ret = fn(vcpu, arg);
	if (!ret && _IOC_DIR(number) & _IOC_READ && copy_to_user(user, arg, size))
		ret = -EFAULT;
out:
	if (arg != small)
		kfree(arg);
	return ret;
}

/* ------------------------- arguments that have a list -------------------- */

static long set_cpuid2(struct vcpu *vcpu, struct minivmx_cpuid2 __user *user)
{
	struct minivmx_cpuid_entry2 *entries;
	struct minivmx_cpuid2 head;
	u32 nent;
	int err;

	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	nent = head.nent;
	if (nent > MINIVMX_MAX_CPUID_ENTRIES)
		return -E2BIG;
	entries = vmemdup_user(user->entries, nent * sizeof(*entries));
	if (IS_ERR(entries))
		return PTR_ERR(entries);
	err = cpuid_set(vcpu, nent ? entries : NULL, nent);
	if (err || !nent)
		kvfree(entries);
	return err;
}

static long get_cpuid2(struct vcpu *vcpu, struct minivmx_cpuid2 __user *user)
{
	const struct guest_cpuid *cpuid = &vcpu->cpuid;
	struct minivmx_cpuid2 head;

	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	if (head.nent < cpuid->nent)
		return -E2BIG;
	if (copy_to_user(user->entries, cpuid->entries,
			 cpuid->nent * sizeof(*cpuid->entries)) ||
	    put_user(cpuid->nent, &user->nent))
		return -EFAULT;
	return 0;
}

/* Both ways: as many as go well, from the first one on. */
static long access_msrs(struct vcpu *vcpu, struct minivmx_msrs __user *user, bool write)
{
	struct minivmx_msr_entry entry;
	struct minivmx_msrs head;
	u32 n, i;
	long err;

	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	n = head.nmsrs;
	if (n >= MINIVMX_MAX_MSRS)
		return -E2BIG;
	err = vcpu_refresh(vcpu);
	if (err)
		return err;
	for (i = 0; i < n; i++) {
		err = -EFAULT;
		if (copy_from_user(&entry, &user->entries[i], sizeof(entry)))
			goto out;
		if (write ? msr_write(vcpu, entry.index, entry.data) :
		    msr_read(vcpu, entry.index, &entry.data))
			break;
		if (!write && put_user(entry.data, &user->entries[i].data))
			goto out;
	}
	err = i;
out:
	/* Those before an error are written. */
	if (write) {
		vcpu_follow_efer(vcpu, vcpu->sregs.efer);
		vcpu->sregs_dirty = true;
	}
	return err;
}

static long set_signal_mask(struct vcpu *vcpu, struct minivmx_signal_mask __user *user)
{
	sigset_t sigset;
	u32 len;

	if (!user) {
		vcpu->sigset_active = false;
		return 0;
	}
	if (get_user(len, &user->len))
		return -EFAULT;
	if (len != sizeof(sigset))
		return -EINVAL;
	if (copy_from_user(&sigset, user->sigset, sizeof(sigset)))
		return -EFAULT;
	sigdelsetmask(&sigset, sigmask(SIGKILL) | sigmask(SIGSTOP));
	vcpu->sigset = sigset;
	vcpu->sigset_active = true;
	return 0;
}

/* ------------------------- the descriptor -------------------------------- */

static long locked_ioctl(struct vcpu *vcpu, unsigned int number, unsigned long arg)
{
	void __user *user = (void __user *)arg;
	size_t i;

	switch (number) {
	case MINIVMX_RUN:
		return arg ? -EINVAL : vcpu_run(vcpu);
	case MINIVMX_NMI:
		return event_nmi(vcpu);
	case MINIVMX_GET_TSC_KHZ:
		return tsc_khz;
	case MINIVMX_TIME_EXITS:
		return exit_stats_time(vcpu, arg);
	case MINIVMX_GET_MSRS:
		return access_msrs(vcpu, user, false);
	case MINIVMX_SET_MSRS:
		return access_msrs(vcpu, user, true);
	case MINIVMX_SET_TRACE:
		return trace_ring_set(vcpu, arg);
	case MINIVMX_SET_SIGNAL_MASK:
		return set_signal_mask(vcpu, user);
	case MINIVMX_SET_CPUID2:
		return set_cpuid2(vcpu, user);
	case MINIVMX_GET_CPUID2:
		return get_cpuid2(vcpu, user);
	}
	for (i = 0; i < ARRAY_SIZE(by_structure); i++)
		if (by_structure[i].number == number)
			return call(vcpu, by_structure[i].fn, number, user);
	return -ENOTTY;
}

static long vcpu_ioctl(struct file *file, unsigned int number, unsigned long arg)
{
	struct vcpu *vcpu = file->private_data;
	long ret;

	if (vcpu->vm->mm != current->mm)
		return -EIO;
	if (mutex_lock_killable(&vcpu->lock))
		return -EINTR;
	ret = locked_ioctl(vcpu, number, arg);
	mutex_unlock(&vcpu->lock);
	return ret;
}

static vm_fault_t vcpu_fault(struct vm_fault *fault)
{
	struct vcpu *vcpu = fault->vma->vm_file->private_data;

	if (fault->pgoff >= VCPU_PAGE_TRACE) {
		fault->page = trace_ring_page(&vcpu->trace,
					      fault->pgoff - VCPU_PAGE_TRACE);
		return fault->page ? 0 : VM_FAULT_SIGBUS;
	}
	if (fault->pgoff < VCPU_OWN_PAGES)
		fault->page = virt_to_page(vcpu->pages[fault->pgoff]);
	else if (fault->pgoff == VCPU_PAGE_RING)
		fault->page = virt_to_page(vcpu->vm->ring.page);
	else
		return VM_FAULT_SIGBUS;
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

const struct file_operations dev_vcpu_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = vcpu_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = vcpu_mmap,
	.release = vcpu_close,
	.llseek = noop_llseek,
};
