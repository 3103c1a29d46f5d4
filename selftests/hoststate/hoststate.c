// SPDX-License-Identifier: GPL-2.0
/*
 * The state of the CPU that reads /sys/kernel/debug/minivmx_hoststate, one
 * register a line: "NAME 0xVALUE". A test reads it before and after guests
 * have run; the two must be equal.
 *
 * Only for the tests: it shows kernel addresses to root.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <asm/debugreg.h>
#include <asm/desc.h>
#include <asm/msr.h>
#include <asm/msr-index.h>
#include <asm/special_insns.h>

static const struct {
	const char *name;
	u32 msr;
} msrs[] = {
	{ "EFER", MSR_EFER },
	{ "STAR", MSR_STAR },
	{ "LSTAR", MSR_LSTAR },
	{ "CSTAR", MSR_CSTAR },
	{ "FMASK", MSR_SYSCALL_MASK },
	{ "SYSENTER_CS", MSR_IA32_SYSENTER_CS },
	{ "SYSENTER_ESP", MSR_IA32_SYSENTER_ESP },
	{ "SYSENTER_EIP", MSR_IA32_SYSENTER_EIP },
	{ "FS_BASE", MSR_FS_BASE },
	{ "GS_BASE", MSR_GS_BASE },
	{ "KERNEL_GS_BASE", MSR_KERNEL_GS_BASE },
	{ "DEBUGCTL", MSR_IA32_DEBUGCTLMSR },
	{ "PAT", MSR_IA32_CR_PAT },
	{ "TSC_AUX", MSR_TSC_AUX },
	{ "SPEC_CTRL", MSR_IA32_SPEC_CTRL },
	{ "PERF_GLOBAL_CTRL", MSR_CORE_PERF_GLOBAL_CTRL },
	{ "FEATURE_CONTROL", MSR_IA32_FEAT_CTL },
};

struct snapshot {
	unsigned long cr0, cr3, cr4, dr[4], dr6, dr7;
	struct desc_ptr gdt, idt;
	unsigned long tr, ldt;
	u16 cs, ss, ds, es, fs, gs;
	u64 msr[ARRAY_SIZE(msrs)];
	bool msr_exists[ARRAY_SIZE(msrs)];
};

/* Interrupts are off: one CPU, one moment. */
static void take(struct snapshot *s)
{
	size_t i;

	s->cr0 = read_cr0();
	s->cr3 = __read_cr3();
	s->cr4 = __read_cr4();
	get_debugreg(s->dr[0], 0);
	get_debugreg(s->dr[1], 1);
	get_debugreg(s->dr[2], 2);
	get_debugreg(s->dr[3], 3);
	get_debugreg(s->dr6, 6);
	get_debugreg(s->dr7, 7);
	native_store_gdt(&s->gdt);
	store_idt(&s->idt);
	store_tr(s->tr);
	store_ldt(s->ldt);
	savesegment(cs, s->cs);
	savesegment(ss, s->ss);
	savesegment(ds, s->ds);
	savesegment(es, s->es);
	savesegment(fs, s->fs);
	savesegment(gs, s->gs);
	for (i = 0; i < ARRAY_SIZE(msrs); i++)
		s->msr_exists[i] = !rdmsrl_safe(msrs[i].msr, &s->msr[i]);
}

static int hoststate_show(struct seq_file *file, void *unused)
{
	struct snapshot s = {};
	size_t i;

	local_irq_disable();
	take(&s);
	local_irq_enable();

	seq_printf(file, "CR0 %#lx\nCR3 %#lx\nCR4 %#lx\n", s.cr0, s.cr3, s.cr4);
	for (i = 0; i < ARRAY_SIZE(s.dr); i++)
		seq_printf(file, "DR%zu %#lx\n", i, s.dr[i]);
	seq_printf(file, "DR6 %#lx\nDR7 %#lx\n", s.dr6, s.dr7);
	seq_printf(file, "GDTR_BASE %#lx\nGDTR_LIMIT %#x\n",
		   s.gdt.address, s.gdt.size);
	seq_printf(file, "IDTR_BASE %#lx\nIDTR_LIMIT %#x\n",
		   s.idt.address, s.idt.size);
	seq_printf(file, "TR %#lx\nLDTR %#lx\n", s.tr, s.ldt);
	seq_printf(file, "CS %#x\nSS %#x\nDS %#x\nES %#x\nFS %#x\nGS %#x\n",
		   s.cs, s.ss, s.ds, s.es, s.fs, s.gs);
	for (i = 0; i < ARRAY_SIZE(msrs); i++)
		if (s.msr_exists[i])
			seq_printf(file, "%s %#llx\n", msrs[i].name, s.msr[i]);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(hoststate);

static struct dentry *entry;

static int __init hoststate_init(void)
{
	entry = debugfs_create_file("minivmx_hoststate", 0400, NULL, NULL,
				    &hoststate_fops);
	return PTR_ERR_OR_ZERO(entry);
}

static void __exit hoststate_exit(void)
{
	debugfs_remove(entry);
}

module_init(hoststate_init);
module_exit(hoststate_exit);

MODULE_DESCRIPTION("Shows processor state to the tests of minivmx");
MODULE_AUTHOR("The minivmx authors");
MODULE_LICENSE("GPL");
