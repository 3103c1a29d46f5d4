// SPDX-License-Identifier: GPL-2.0
/*
 * The part of the host's state that a VM exit does not give back by itself:
 * saved at the start of each window, restored at its end.
 */
#include <linux/percpu.h>
#include <asm/cpufeature.h>
#include <asm/debugreg.h>
#include <asm/desc.h>
#include <asm/fsgsbase.h>
#include <asm/msr.h>
#include <asm/segment.h>
#include <asm/special_insns.h>

#include "host_state.h"

#define DR7_AFTER_EXIT	0x400UL	/* SDM Vol. 3C, 28.5.1, edition 083 */

static unsigned long read_fs_base(void)
{
	unsigned long base;

	if (boot_cpu_has(X86_FEATURE_FSGSBASE))
		return rdfsbase();
	rdmsrl(MSR_FS_BASE, base);
	return base;
}

static void write_fs_base(unsigned long base)
{
	if (boot_cpu_has(X86_FEATURE_FSGSBASE))
		wrfsbase(base);
	else
		wrmsrl(MSR_FS_BASE, base);
}

/**
 * host_state_save() - note what the exits of this window will lose
 * @host: filled in
 *
 * Context: interrupts off; before the first VM entry of the window.
 */
void host_state_save(struct host_state *host)
{
	native_store_gdt(&host->gdt);
	store_idt(&host->idt);
	store_ldt(host->ldt_selector);
	savesegment(ds, host->ds);
	savesegment(es, host->es);
	savesegment(fs, host->fs);
	savesegment(gs, host->gs);
	host->fs_base = read_fs_base();
	if (unlikely(host->gs))
		rdmsrl(MSR_KERNEL_GS_BASE, host->user_gs_base);
	get_debugreg(host->dr7, 7);
	rdmsrl(MSR_IA32_DEBUGCTLMSR, host->debugctl);
	host->cr2 = native_read_cr2();
	if (boot_cpu_has(X86_FEATURE_OSPKE))
		host->pkru = rdpkru();
}

/**
 * host_state_restore() - put back what the exits of this window lost
 * @host: what host_state_save() noted
 *
 * Context: interrupts off, on the CPU of host_state_save().
 */
void host_state_restore(const struct host_state *host)
{
	native_load_gdt(&host->gdt);
	native_load_idt(&host->idt);
	/*
	 * The cached limit of TR is 0x67 now. The kernel reloads it before a task
	 * that has I/O permissions returns to user space.
	 */
	this_cpu_write(__tss_limit_invalid, true);

	if (unlikely(host->ldt_selector))
		asm volatile("lldt %0" : : "m" (host->ldt_selector));
	if (unlikely(host->ds))
		loadsegment(ds, host->ds);
	if (unlikely(host->es))
		loadsegment(es, host->es);
	if (unlikely(host->fs)) {
		/* Loading the selector loads a base as well: the wrong one. */
		loadsegment(fs, host->fs);
		write_fs_base(host->fs_base);
	}
	if (unlikely(host->gs)) {
		load_gs_index(host->gs);
		wrmsrl(MSR_KERNEL_GS_BASE, host->user_gs_base);
	}

	if (unlikely(host->dr7 != DR7_AFTER_EXIT))
		set_debugreg(host->dr7, 7);
	if (unlikely(host->debugctl))
		wrmsrl(MSR_IA32_DEBUGCTLMSR, host->debugctl);
	native_write_cr2(host->cr2);
	if (boot_cpu_has(X86_FEATURE_OSPKE))
		wrpkru(host->pkru);
}
