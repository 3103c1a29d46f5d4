// SPDX-License-Identifier: GPL-2.0
/*
 * Who holds VMX on this CPU.
 *
 * The only place that touches CR4.VMXE, VMXON and VMXOFF. VMX is borrowed for
 * a window with interrupts off and given back at its end, so nothing of VMX
 * outlives the window: CPU hotplug, suspend, reboot and other hypervisors need
 * no code here. Only an NMI that never returns, that of a crash, can end in the
 * middle of a window; the kernel then does VMXOFF itself where it looks at
 * CR4.VMXE for that, which it did not from 6.6 to 7.0.
 */
#include <linux/cpu.h>
#include <linux/gfp.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/smp.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include <asm/vmx.h>

#include "vmx_cpu.h"
#include "vmx_insn.h"

struct vmx_caps vmx_caps;

/* The VMXON region of each possible CPU; written by the processor alone. */
static DEFINE_PER_CPU(void *, vmxon_region);

/* On some CPUs Intel PT cannot trace in VMX operation: perf must know, if it may. */
static inline void tell_perf(bool vmx_on)
{
#ifndef MINIVMX_CLOSED_intel_pt_handle_vmx
	intel_pt_handle_vmx(vmx_on);
#endif
}

static inline void write_cr4_raw(unsigned long cr4)
{
	/*
	 * Not through the kernel's helpers: their shadow of CR4 must not learn
	 * of a bit that is gone before anybody can look.
	 */
	asm volatile("mov %0, %%cr4" : : "r" (cr4) : "memory");
}

/**
 * vmx_cpu_enter() - begin a window: VMX operation on this CPU
 * @host_cr4: where CR4 is put, for vmx_cpu_leave()
 *
 * Context: interrupts off, until after vmx_cpu_leave().
 * Source: SDM Vol. 3C, "Enabling and Entering VMX Operation", 24.7, edition 083.
 * Return: 0; -EBUSY if another hypervisor holds VMX here; -EIO if VMXON failed.
 */
int vmx_cpu_enter(unsigned long *host_cr4)
{
	unsigned long cr4 = __read_cr4();
	int err;

	if (cr4 & X86_CR4_VMXE)
		return -EBUSY;

	tell_perf(true);
	write_cr4_raw(cr4 | X86_CR4_VMXE);
	err = vmxon(__pa(__this_cpu_read(vmxon_region)));
	if (err) {
		write_cr4_raw(cr4);
		tell_perf(false);
		return err;
	}
	*host_cr4 = cr4;
	return 0;
}

/**
 * vmx_cpu_leave() - end a window: VMX is given back
 * @host_cr4: what vmx_cpu_enter() returned
 *
 * Context: interrupts off since vmx_cpu_enter(); no VMCS is active.
 */
void vmx_cpu_leave(unsigned long host_cr4)
{
	vmxoff();
	write_cr4_raw(host_cr4);
	tell_perf(false);
}

/**
 * vmx_cpu_holder() - who may be holding VMX, for a message
 *
 * Every module with a parameter, built in or not, has a folder in
 * /sys/module, beside ours.
 *
 * Return: "kvm_intel" if it is there, else "an unknown hypervisor".
 */
const char *vmx_cpu_holder(void)
{
	struct kobject *kobj;

	kobj = kset_find_obj(THIS_MODULE->mkobj.kobj.kset, "kvm_intel");
	if (!kobj)
		return "an unknown hypervisor";
	kobject_put(kobj);
	return "kvm_intel";
}

static bool read_msr(void *unused, enum vmx_msr msr, u64 *value)
{
	rdmsrl(msr, *value);
	return true;
}

/** vmx_msrs_read() - what this CPU says of itself */
void vmx_msrs_read(struct vmx_msrs *msrs)
{
	memset(msrs, 0, sizeof(*msrs));
	msrs->cr4 = __read_cr4();
	msrs->cpuid_vmx = cpuid_ecx(1) & BIT(X86_FEATURE_VMX & 31);
	if (!msrs->cpuid_vmx)
		return;
	if (cpuid_eax(0) >= 0xa)
		msrs->perfmon = cpuid_eax(0xa) & 0xff;
	vmx_msrs_collect(msrs, read_msr, NULL);
}

/**
 * vmx_cpu_report() - see MINIVMX_GET_VMX_CAPS
 * @report: filled in, from the CPU that this runs on: all are the same
 */
void vmx_cpu_report(struct minivmx_vmx_caps *report)
{
	struct vmx_msrs msrs;

	vmx_msrs_read(&msrs);
	*report = (struct minivmx_vmx_caps) {
		.feature_control = msrs.feature_control, .basic = msrs.basic,
		.pin = msrs.ctl[VMX_CTL_PIN], .primary = msrs.ctl[VMX_CTL_PRIMARY],
		.secondary = msrs.ctl[VMX_CTL_SECONDARY],
		.exit = msrs.ctl[VMX_CTL_EXIT], .entry = msrs.ctl[VMX_CTL_ENTRY],
		.ept_vpid = msrs.ept_vpid, .misc = msrs.misc,
		.cr0_fixed0 = msrs.cr0_fixed0, .cr0_fixed1 = msrs.cr0_fixed1,
		.cr4_fixed0 = msrs.cr4_fixed0, .cr4_fixed1 = msrs.cr4_fixed1,
	};
	memcpy(report->used, vmx_caps.ctl, sizeof(report->used));
}

/* What the trial on each CPU found; the first failure wins. */
struct vmx_trial {
	raw_spinlock_t lock;	/* guards all below */
	bool judged;		/* vmx_caps is filled in */
	bool failed;
	int cpu;
	enum vmx_verdict verdict;
	const char *control;
	int err;		/* of VMXON, when the verdict is VMX_OK */
};

/* Runs on each CPU with interrupts off: judge it, then borrow VMX once. */
static void vmx_try_cpu(void *arg)
{
	struct vmx_trial *trial = arg;
	enum vmx_verdict verdict;
	struct vmx_caps caps = {};
	unsigned long host_cr4;
	struct vmx_msrs msrs;
	const char *control;
	int err = 0;

	vmx_msrs_read(&msrs);
	verdict = vmx_caps_judge(&msrs, &caps, &control);
	if (verdict == VMX_OK) {
		*(u32 *)__this_cpu_read(vmxon_region) = caps.revision;
		err = vmx_cpu_enter(&host_cr4);
		if (!err)
			vmx_cpu_leave(host_cr4);
	}

	raw_spin_lock(&trial->lock);
	if (verdict == VMX_OK && !err && !trial->judged) {
		vmx_caps = caps;
		trial->judged = true;
	} else if (verdict == VMX_OK && !err &&
		   memcmp(&vmx_caps, &caps, sizeof(caps))) {
		verdict = VMX_NO_CONTROL;
		control = "the same controls as the first CPU";
	}
	if ((verdict != VMX_OK || err) && !trial->failed) {
		trial->failed = true;
		trial->cpu = smp_processor_id();
		trial->verdict = verdict;
		trial->control = control;
		trial->err = err;
	}
	raw_spin_unlock(&trial->lock);
}

static int vmx_trial_report(const struct vmx_trial *trial)
{
	const struct vmx_verdict_text *text = &vmx_verdicts[trial->verdict];

	if (trial->verdict == VMX_OK) {
		pr_err("CPU %d refused VMXON (%d) although its capability MSRs allow it; boot with another processor model or firmware\n",
		       trial->cpu, trial->err);
		return trial->err;
	}
	pr_err("CPU %d: %s%s%s%s%s%s; %s\n", trial->cpu, text->why,
	       trial->control ? " (missing: " : "", trial->control ?: "",
	       trial->control ? ")" : "",
	       trial->verdict == VMX_HELD ? "; holder: " : "",
	       trial->verdict == VMX_HELD ? vmx_cpu_holder() : "", text->remedy);
	return -text->errno_;
}

static void vmxon_regions_free(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		free_page((unsigned long)per_cpu(vmxon_region, cpu));
		per_cpu(vmxon_region, cpu) = NULL;
	}
}

/**
 * vmx_cpu_init() - preflight: judge each CPU and borrow VMX on it once
 *
 * A machine that cannot run guests is known here, not at the first guest. What
 * is wrong goes to dmesg, with what to do about it.
 *
 * Return: 0, or the errno of the verdict (see vmx_verdicts[]), -ENOMEM, or -EIO
 * if a CPU refused VMXON.
 */
int vmx_cpu_init(void)
{
	struct vmx_trial trial = {};
	int cpu;

	raw_spin_lock_init(&trial.lock);
	for_each_possible_cpu(cpu) {
		void *page = (void *)get_zeroed_page(GFP_KERNEL);

		if (!page) {
			vmxon_regions_free();
			return -ENOMEM;
		}
		per_cpu(vmxon_region, cpu) = page;
	}

	on_each_cpu(vmx_try_cpu, &trial, 1);
	if (trial.failed) {
		vmxon_regions_free();
		return vmx_trial_report(&trial);
	}

	/* A CPU that comes online later has the same revision, or it refuses. */
	for_each_possible_cpu(cpu) {
		u32 *region = per_cpu(vmxon_region, cpu);

		*region = vmx_caps.revision;
	}
	return 0;
}

/** vmx_cpu_exit() - give back what vmx_cpu_init() took */
void vmx_cpu_exit(void)
{
	vmxon_regions_free();
}
