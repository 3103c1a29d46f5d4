// SPDX-License-Identifier: GPL-2.0
/*
 * What root may see of all VMs: /sys/kernel/debug/minivmx/PID-N/vcpuN, a table of
 * the exits of a vCPU, as it runs. Docs: docs/trace.md.
 */
#include <linux/atomic.h>
#include <linux/debugfs.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <asm/vmx.h>

#include "exit_stats.h"
#include "vm.h"

static struct dentry *root;

static const struct {
	u32 reason;
	const char *name;
} names[] = { VMX_EXIT_REASONS };

static const char *reason_name(u32 reason)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].reason == reason)
			return names[i].name;
	return "UNKNOWN";
}

/* The vCPU is not locked: it may run for ever. */
static int vcpu_show(struct seq_file *file, void *unused)
{
	struct vcpu *vcpu = file->private;
	struct minivmx_exit_times *times = kmalloc(sizeof(*times), GFP_KERNEL);
	u32 i;

	if (!times)
		return -ENOMEM;
	exit_stats_get_times(vcpu, times);
	seq_puts(file, "reason name count cycles min median p99 max\n");
	for (i = 0; i < MINIVMX_NR_EXIT_REASONS; i++)
		if (READ_ONCE(vcpu->stats.count[i]))
			seq_printf(file, "%u %s %llu %llu %llu %llu %llu %llu\n", i,
				   reason_name(i), READ_ONCE(vcpu->stats.count[i]),
				   READ_ONCE(vcpu->stats.cycles[i]), times->min[i],
				   times->median[i], times->p99[i], times->max[i]);
	kfree(times);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(vcpu);

/** debugfs_add_vm() - a folder for a VM of the calling process */
void debugfs_add_vm(struct vm *vm)
{
	static atomic64_t last_number = ATOMIC64_INIT(0);
	char name[40];

	snprintf(name, sizeof(name), "%d-%lld", current->tgid,
		 atomic64_inc_return(&last_number));
	vm->debugfs = debugfs_create_dir(name, root);
}

/** debugfs_add_vcpu() - a file in it; whoever reads it delays its removal */
void debugfs_add_vcpu(struct vcpu *vcpu)
{
	char name[16];

	snprintf(name, sizeof(name), "vcpu%u", vcpu->id);
	vcpu->debugfs = debugfs_create_file(name, 0400, vcpu->vm->debugfs, vcpu,
					    &vcpu_fops);
}

/** debugfs_init() - the folder of all; without debugfs, nothing is there */
void debugfs_init(void)
{
	root = debugfs_create_dir("minivmx", NULL);
}

/** debugfs_exit() - it goes; no VM is left */
void debugfs_exit(void)
{
	debugfs_remove(root);
}
