// SPDX-License-Identifier: GPL-2.0
/*
 * Mitigations: what KVM does on the same processor with the same command line, and
 * what sysfs says of it. Those that belong next to VM entry and VM exit are in vmenter.S.
 *
 * A guest never sees IA32_SPEC_CTRL: what the host put there is in force for it too.
 */
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/cpu.h>
#include <linux/device.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/sched/smt.h>
#include <linux/string.h>
#include <asm/barrier.h>
#include <asm/msr.h>
#include <asm/processor.h>

#include "l1d_flush.h"
#include "mitigation.h"
#include "vmx_cpu.h"

/* More than any L1 data cache has. */
#define FLUSH_ORDER	4
#define FLUSH_SIZE	(PAGE_SIZE << FLUSH_ORDER)
#define CACHE_LINE	64

DEFINE_STATIC_KEY_FALSE(mitigation_flushes_l1d);
DEFINE_STATIC_KEY_FALSE(mitigation_always_flushes_l1d);
DEFINE_PER_CPU(u64, mitigation_last_vcpu);

static enum l1d_flush l1d_flush;
static u8 *flush_pages;

/* Closed to this module by the kernel: see Kbuild. */
#ifdef MINIVMX_CLOSED_x86_spec_ctrl_current
#define NO_IBRS	true
#else
#define NO_IBRS	false
#endif
#ifdef MINIVMX_CLOSED_clear_bhb_loop
#define NO_BHB	true
#else
#define NO_BHB	false
#endif
#ifdef MITIGATION_NO_IBPB
#define NO_IBPB	true
#else
#define NO_IBPB	false
#endif
#ifdef MINIVMX_CLOSED_x86_ibpb_exit_to_user
#define NO_USER_IBPB true
#else
#define NO_USER_IBPB false
#endif

/* No processor has it, and no kernel sets it. */
#define NONE	-1

/* Kernels that lack these lack the mitigation. */
#ifndef X86_BUG_VMSCAPE
#define X86_BUG_VMSCAPE NONE
#endif
#ifndef X86_BUG_RFDS
#define X86_BUG_RFDS NONE
#endif
#ifndef X86_FEATURE_IBPB_EXIT_TO_USER
#define X86_FEATURE_IBPB_EXIT_TO_USER NONE
#endif
#ifndef X86_FEATURE_CLEAR_BHB_LOOP_ON_VMEXIT
#define X86_FEATURE_CLEAR_BHB_LOOP_ON_VMEXIT NONE
#endif
#ifndef X86_FEATURE_CLEAR_CPU_BUF_VM
#define X86_FEATURE_CLEAR_CPU_BUF_VM NONE
#endif

static ssize_t show_bits(struct device *dev, struct device_attribute *attr, char *buf);

/*
 * The mitigations that the kernel's feature bits decide.
 * @attr: the file in sysfs
 * @bugs: processors that have one of these are affected
 * @features: and with one of these, the kernel wants it mitigated
 * @how: what is done then
 * @closed: it cannot be done
 */
static struct mitigation {
	struct device_attribute attr;
	int bugs[4];
	int features[2];
	const char *how;
	bool closed;
} mitigations[] = {
	{ __ATTR(rsb, 0444, show_bits, NULL),
	  { X86_BUG_SPECTRE_V2, NONE, NONE, NONE },
	  { X86_FEATURE_RSB_VMEXIT, X86_FEATURE_RSB_VMEXIT_LITE },
	  "return stack buffer is made harmless after each exit", false },
	{ __ATTR(ibrs, 0444, show_bits, NULL),
	  { X86_BUG_SPECTRE_V2, NONE, NONE, NONE },
	  { X86_FEATURE_KERNEL_IBRS, NONE }, "written after each exit", NO_IBRS },
	{ __ATTR(branch_history, 0444, show_bits, NULL),
	  { X86_BUG_SPECTRE_V2, NONE, NONE, NONE },
	  { X86_FEATURE_CLEAR_BHB_LOOP_ON_VMEXIT, NONE }, "cleared after each exit",
	  NO_BHB },
	{ __ATTR(ibpb, 0444, show_bits, NULL),
	  { X86_BUG_SPECTRE_V2, NONE, NONE, NONE },
	  { MITIGATION_IBPB, NONE }, "when a CPU takes another vCPU", NO_IBPB },
	{ __ATTR(ibpb_user, 0444, show_bits, NULL),
	  { X86_BUG_VMSCAPE, NONE, NONE, NONE },
	  { X86_FEATURE_IBPB_EXIT_TO_USER, NONE }, "before the VMM runs again",
	  NO_USER_IBPB },
	{ __ATTR(verw, 0444, show_bits, NULL),
	  { X86_BUG_MDS, X86_BUG_TAA, X86_BUG_RFDS, NONE },
	  { X86_FEATURE_CLEAR_CPU_BUF, X86_FEATURE_CLEAR_CPU_BUF_VM },
	  "before each entry", false },
};

static bool one_of(const int *bits, size_t n)
{
	while (n--)
		if (bits[n] != NONE && boot_cpu_has(bits[n]))
			return true;
	return false;
}

static bool is_wanted(const struct mitigation *m)
{
	return one_of(m->features, ARRAY_SIZE(m->features));
}

/**
 * mitigation_complete() - is all done that the kernel wants done?
 *
 * If not, only those may have guests who may do as they like anyway.
 */
bool mitigation_complete(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mitigations); i++)
		if (is_wanted(&mitigations[i]) && mitigations[i].closed)
			return false;
	return true;
}

/*
 * iTLB multihit: a guest that has instructions fetched through an entry for 2 MiB
 * while it changes its own tables can bring the whole machine down. KVM takes the
 * right to execute from such entries; here there are none.
 */
static bool forbids_large_pages(void)
{
	return boot_cpu_has_bug(X86_BUG_ITLB_MULTIHIT) && !cpu_mitigations_off();
}

/* ------------------------- the L1 data cache ----------------------------- */

/**
 * mitigation_flush_l1d() - have nothing of the host's in the L1 data cache
 *
 * Without the command for it, which came with microcode, other lines take the place
 * of those that are there: a copy of nothing, in pages that the TLB knows by then.
 *
 * Context: interrupts off.
 * Source: SDM Vol. 4, IA32_FLUSH_CMD, edition 083.
 */
void mitigation_flush_l1d(void)
{
	size_t at;

	if (boot_cpu_has(X86_FEATURE_FLUSH_L1D)) {
		native_wrmsrl(MSR_IA32_FLUSH_CMD, L1D_FLUSH);
		return;
	}
	for (at = 0; at < FLUSH_SIZE; at += PAGE_SIZE)
		READ_ONCE(flush_pages[at]);
	/* Not before the TLB knows them; and no entry before the cache is full. */
	rmb();
	for (at = 0; at < FLUSH_SIZE; at += CACHE_LINE)
		READ_ONCE(flush_pages[at]);
	/* See above. */
	rmb();
}

static bool needs_no_flush(void)
{
	u64 capabilities = 0;

	if (boot_cpu_has(X86_FEATURE_ARCH_CAPABILITIES))
		rdmsrl(MSR_IA32_ARCH_CAPABILITIES, capabilities);
	return capabilities & ARCH_CAP_SKIP_VMENTRY_L1DFLUSH;
}

/* What "l1tf=" says; a kernel without KVM does not tell, and so the safest. */
#ifdef MINIVMX_CLOSED_l1tf_mitigation
#define L1TF_ASKED	L1TF_MITIGATION_FULL
#else
#define L1TF_ASKED	l1tf_mitigation
#endif

static int setup_l1d_flush(void)
{
	size_t i;

	l1d_flush = l1d_flush_choose(boot_cpu_has_bug(X86_BUG_L1TF), needs_no_flush(),
				     L1TF_ASKED);
	if (l1d_flush <= L1D_FLUSH_NEVER)
		return 0;
	if (!boot_cpu_has(X86_FEATURE_FLUSH_L1D)) {
		flush_pages = (u8 *)__get_free_pages(GFP_KERNEL, FLUSH_ORDER);
		if (!flush_pages)
			return -ENOMEM;
		/* Below us may be a hypervisor that merges pages which are equal. */
		for (i = 0; i < FLUSH_SIZE; i += PAGE_SIZE)
			memset(flush_pages + i, 1 + (i >> PAGE_SHIFT), PAGE_SIZE);
	}
	static_branch_enable(&mitigation_flushes_l1d);
	if (l1d_flush == L1D_FLUSH_ALWAYS)
		static_branch_enable(&mitigation_always_flushes_l1d);
	if (sched_smt_active())
		pr_warn("L1TF, and SMT is on: a guest may read what another thread of its core has in the L1 data cache\n");
	return 0;
}

/* ------------------------- sysfs ------------------------------------------ */

static ssize_t show_bits(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct mitigation *m = container_of(attr, struct mitigation, attr);

	if (!is_wanted(m))
		return sysfs_emit(buf, "%s\n", one_of(m->bugs, ARRAY_SIZE(m->bugs)) ?
				  "Not chosen by the kernel" : "Not affected");
	if (m->closed)
		return sysfs_emit(buf, "Vulnerable: this kernel lets no module do it\n");
	return sysfs_emit(buf, "Mitigation: %s\n", m->how);
}

static ssize_t l1d_flush_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	static const char *const texts[] = {
		[L1D_FLUSH_NOT_AFFECTED] = "Not affected",
		[L1D_FLUSH_NEVER] = "Not chosen by the kernel",
		[L1D_FLUSH_CONDITIONAL] = "Mitigation: before the first entry of each window",
		[L1D_FLUSH_ALWAYS] = "Mitigation: before each entry",
	};

	return sysfs_emit(buf, "%s%s\n", texts[l1d_flush],
			  l1d_flush > L1D_FLUSH_NEVER && sched_smt_active() ?
			  "; SMT vulnerable" : "");
}

static ssize_t large_pages_show(struct device *dev, struct device_attribute *attr,
				char *buf)
{
	if (!boot_cpu_has_bug(X86_BUG_ITLB_MULTIHIT))
		return sysfs_emit(buf, "Not affected\n");
	return sysfs_emit(buf, "%s\n", forbids_large_pages() ?
			  "Mitigation: a guest has no pages of 2 MiB" :
			  "Not chosen by the kernel");
}

static ssize_t registers_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	return sysfs_emit(buf, "Mitigation: cleared after each exit\n");
}

static ssize_t complete_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	return sysfs_emit(buf, "%s\n", mitigation_complete() ? "yes" : "no");
}

static DEVICE_ATTR_RO(l1d_flush);
static DEVICE_ATTR_RO(large_pages);
static DEVICE_ATTR_RO(registers);
static DEVICE_ATTR_RO(complete);

static struct attribute *attributes[] = {
	&mitigations[0].attr.attr, &mitigations[1].attr.attr,
	&mitigations[2].attr.attr, &mitigations[3].attr.attr,
	&mitigations[4].attr.attr, &mitigations[5].attr.attr,
	&dev_attr_l1d_flush.attr, &dev_attr_large_pages.attr,
	&dev_attr_registers.attr, &dev_attr_complete.attr, NULL
};

/* /sys/class/misc/minivmx/mitigations/ */
const struct attribute_group mitigation_group = {
	.name = "mitigations",
	.attrs = attributes,
};

/**
 * mitigation_init() - choose; after vmx_cpu_init(), before the first guest
 *
 * Return: 0 or -ENOMEM.
 */
int mitigation_init(void)
{
	int err = setup_l1d_flush();

	/* Each of them has a file. */
	BUILD_BUG_ON(ARRAY_SIZE(mitigations) != 6);
	if (err)
		return err;
	if (forbids_large_pages())
		vmx_caps.ept_large = false;
	if (!mitigation_complete())
		pr_warn("this kernel lets no module do all that it wants done against speculative attacks (see /sys/class/misc/minivmx/mitigations): the device is for root alone\n");
	return 0;
}

/** mitigation_exit() - give back what mitigation_init() took; no guest is left */
void mitigation_exit(void)
{
	free_pages((unsigned long)flush_pages, FLUSH_ORDER);
}
