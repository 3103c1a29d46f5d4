// SPDX-License-Identifier: GPL-2.0
/*
 * minivmx: an educational hypervisor. What happens at insmod and at rmmod.
 */
#include <linux/module.h>
#include <asm/vmx.h>

#include "dev.h"
#include "entry_cpu.h"
#include "exit_stats.h"
#include "mitigation.h"
#include "observe.h"
#include "vmx_cpu.h"

static int __init minivmx_init(void)
{
	int err;

	/* Judge each CPU, and borrow VMX on it once: say what is wrong now. */
	err = vmx_cpu_init();
	if (err)
		return err;

	/* Ask how it checks a VM entry, to say what was wrong with one. */
	entry_cpu_init();

	/* Choose what is done against speculative attacks by guests. */
	err = mitigation_init();
	if (err)
		goto err_cpu;

	/* Where root may see the exits of all vCPUs. */
	debugfs_init();

	/* Let programs in. The last step: they may come at once. */
	err = dev_register();
	if (err)
		goto err_debugfs;

	pr_info("ready: VMCS revision %#x, EPT, unrestricted guest%s%s\n",
		vmx_caps.revision,
		vmx_has(&vmx_caps, VMX_CTL_PIN, PIN_BASED_VMX_PREEMPTION_TIMER) ?
			", preemption timer" : "",
		vmx_has(&vmx_caps, VMX_CTL_EXIT,
			VM_EXIT_LOAD_IA32_PERF_GLOBAL_CTRL) ?
			", performance counters off in the guest" : "");
	return 0;

err_debugfs:
	debugfs_exit();
	mitigation_exit();
err_cpu:
	vmx_cpu_exit();
	return err;
}

static void __exit minivmx_exit(void)
{
	/* Every descriptor holds the module: no VM is left by now. */
	dev_unregister();
	observe_flush();
	debugfs_exit();
	mitigation_exit();
	vmx_cpu_exit();
}

module_init(minivmx_init);
module_exit(minivmx_exit);

MODULE_DESCRIPTION("An educational hypervisor that speaks KVM's API");
MODULE_AUTHOR("The minivmx authors");
MODULE_LICENSE("GPL");
