// SPDX-License-Identifier: GPL-2.0
/*
 * Capability MSRs -> controls, and the preflight verdict.
 */
#include <linux/errno.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

/* The file under test is pure: the suite has a copy of its own. */
#include "../../module/vmx_caps.c"
#include "suites.h"

/* A capability MSR: which bits must be 1, which may be. */
static u64 capability(u32 must, u32 may)
{
	return (u64)may << 32 | must;
}

/* All may be 1 but @bit. */
static u64 without(u32 bit)
{
	return capability(0, ~bit);
}

static void adjust(struct kunit *test)
{
	static const struct {
		u32 must, may, required, optional, forbidden;
		bool ok;
		u32 value;
	} rows[] = {
		/* nothing wished, nothing insisted on */
		{ 0x00, 0xff, 0x00, 0x00, 0x00, true, 0x00 },
		/* the default1 class stays 1 */
		{ 0x16, 0xff, 0x00, 0x00, 0x00, true, 0x16 },
		{ 0x16, 0xff, 0x81, 0x00, 0x00, true, 0x97 },
		/* a required control that may not be 1 */
		{ 0x00, 0x0f, 0x10, 0x00, 0x00, false, 0x00 },
		/* one of two required */
		{ 0x00, 0x0f, 0x18, 0x00, 0x00, false, 0x08 },
		/* an optional one that may not, and one that may */
		{ 0x00, 0x0f, 0x01, 0x12, 0x00, true, 0x03 },
		/* a forbidden control that must be 1, and one that need not */
		{ 0x04, 0xff, 0x00, 0x00, 0x04, false, 0x04 },
		{ 0x00, 0xff, 0x00, 0x00, 0x04, true, 0x00 },
		/* impossible: must be 1, may not be */
		{ 0x01, 0x00, 0x00, 0x00, 0x00, false, 0x01 },
		{ 0xffffffff, 0xffffffff, 0, 0, 0, true, 0xffffffff },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		u32 value = 0xdeadbeef;
		bool ok = vmx_ctl_adjust(capability(rows[i].must, rows[i].may),
					 rows[i].required, rows[i].optional,
					 rows[i].forbidden, &value);

		KUNIT_EXPECT_EQ_MSG(test, ok, rows[i].ok, "row %zu", i);
		KUNIT_EXPECT_EQ_MSG(test, value, rows[i].value, "row %zu", i);
	}
}

/* A processor that can do everything and insists on nothing. */
static struct vmx_msrs perfect(void)
{
	struct vmx_msrs msrs = {
		.cpuid_vmx = true,
		.feature_control = FEAT_CTL_LOCKED |
				   FEAT_CTL_VMX_ENABLED_OUTSIDE_SMX,
		.perfmon = 2,
		.basic = 0x12345678,
		.ept_vpid = ~0ULL,
		.misc = 5,
		.cr0_fixed0 = 0x80000021,
		.cr0_fixed1 = 0xffffffff,
		.cr4_fixed0 = X86_CR4_VMXE,
		.cr4_fixed1 = 0x3767ff,
	};
	int word;

	for (word = 0; word < VMX_NR_CTL_WORDS; word++)
		msrs.ctl[word] = capability(0, ~0U);
	return msrs;
}

static enum vmx_verdict judge(const struct vmx_msrs *msrs)
{
	struct vmx_caps caps;
	const char *control;

	return vmx_caps_judge(msrs, &caps, &control);
}

static void good_processor(struct kunit *test)
{
	struct vmx_msrs msrs = perfect();
	struct vmx_caps caps = {};
	const char *control = "x";

	KUNIT_EXPECT_EQ(test, vmx_caps_judge(&msrs, &caps, &control), VMX_OK);
	KUNIT_EXPECT_TRUE(test, !control);
	KUNIT_EXPECT_EQ(test, caps.revision, 0x12345678);
	KUNIT_EXPECT_EQ(test, caps.preemption_timer_shift, 5);
	KUNIT_EXPECT_TRUE(test, vmx_has(&caps, VMX_CTL_SECONDARY,
					SECONDARY_EXEC_ENABLE_EPT));
	KUNIT_EXPECT_TRUE(test, vmx_has(&caps, VMX_CTL_PIN,
					PIN_BASED_EXT_INTR_MASK));
	/* What is not wished for stays off. */
	KUNIT_EXPECT_FALSE(test, vmx_has(&caps, VMX_CTL_PRIMARY,
					 CPU_BASED_RDTSC_EXITING));
	KUNIT_EXPECT_FALSE(test, vmx_has(&caps, VMX_CTL_EXIT,
					 VM_EXIT_ACK_INTR_ON_EXIT));
}

static void verdicts(struct kunit *test)
{
	struct vmx_msrs msrs;

	msrs = perfect();
	msrs.cpuid_vmx = false;
	KUNIT_EXPECT_EQ(test, judge(&msrs), VMX_ABSENT);

	/* locked without VMX; VMX only inside SMX; never locked */
	msrs = perfect();
	msrs.feature_control = FEAT_CTL_LOCKED;
	KUNIT_EXPECT_EQ(test, judge(&msrs), VMX_OFF_IN_FIRMWARE);
	msrs.feature_control = FEAT_CTL_LOCKED | FEAT_CTL_VMX_ENABLED_INSIDE_SMX;
	KUNIT_EXPECT_EQ(test, judge(&msrs), VMX_OFF_IN_FIRMWARE);
	msrs.feature_control = FEAT_CTL_VMX_ENABLED_OUTSIDE_SMX;
	KUNIT_EXPECT_EQ(test, judge(&msrs), VMX_OFF_IN_FIRMWARE);

	msrs = perfect();
	msrs.ctl[VMX_CTL_SECONDARY] = without(SECONDARY_EXEC_ENABLE_EPT);
	KUNIT_EXPECT_EQ(test, judge(&msrs), VMX_NO_EPT);
	msrs = perfect();
	msrs.ctl[VMX_CTL_PRIMARY] =
		without(CPU_BASED_ACTIVATE_SECONDARY_CONTROLS);
	KUNIT_EXPECT_EQ(test, judge(&msrs), VMX_NO_EPT);
	msrs = perfect();
	msrs.ept_vpid &= ~VMX_EPT_INVEPT_BIT;
	KUNIT_EXPECT_EQ(test, judge(&msrs), VMX_NO_EPT);

	msrs = perfect();
	msrs.ctl[VMX_CTL_SECONDARY] =
		without(SECONDARY_EXEC_UNRESTRICTED_GUEST);
	KUNIT_EXPECT_EQ(test, judge(&msrs), VMX_NO_UNRESTRICTED_GUEST);

	msrs = perfect();
	msrs.cr4 = CR4_FRED;
	KUNIT_EXPECT_EQ(test, judge(&msrs), VMX_FRED_HOST);
	msrs = perfect();
	msrs.cr4 = X86_CR4_VMXE;
	KUNIT_EXPECT_EQ(test, judge(&msrs), VMX_HELD);
	/* The more lasting reason is named first. */
	msrs.ctl[VMX_CTL_SECONDARY] = without(SECONDARY_EXEC_ENABLE_EPT);
	KUNIT_EXPECT_EQ(test, judge(&msrs), VMX_NO_EPT);
}

/* Take away each required control, insist on each forbidden one, in turn. */
static void each_rule_counts(struct kunit *test)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		const struct vmx_ctl_rule *rule = &rules[i];
		struct vmx_msrs msrs = perfect();
		struct vmx_caps caps;
		const char *control;
		enum vmx_verdict verdict;

		msrs.ctl[rule->word] = rule->need == VMX_FORBIDDEN ?
			capability(rule->bit, ~0U) : without(rule->bit);
		verdict = vmx_caps_judge(&msrs, &caps, &control);
		if (rule->need == VMX_OPTIONAL || rule->need == VMX_UNUSED) {
			KUNIT_EXPECT_EQ_MSG(test, verdict, VMX_OK, "%s", rule->name);
			KUNIT_EXPECT_FALSE_MSG(test, caps.ctl[rule->word] & rule->bit,
					       "%s", rule->name);
		} else {
			KUNIT_EXPECT_EQ_MSG(test, verdict, verdict_without(rule),
					    "%s", rule->name);
			KUNIT_EXPECT_STREQ(test, control, rule->name);
		}
	}
}

/* The table's numbers against those of the kernel's own header. */
static void bits_are_the_kernels(struct kunit *test)
{
	static const struct {
		u32 ours, kernels;
	} rows[] = {
		{ VMX_PIN_EXTERNAL_INTERRUPT_EXITING, PIN_BASED_EXT_INTR_MASK },
		{ VMX_PIN_NMI_EXITING, PIN_BASED_NMI_EXITING },
		{ VMX_PIN_VIRTUAL_NMIS, PIN_BASED_VIRTUAL_NMIS },
		{ VMX_PIN_PREEMPTION_TIMER, PIN_BASED_VMX_PREEMPTION_TIMER },
		{ VMX_PIN_POSTED_INTERRUPTS, PIN_BASED_POSTED_INTR },
		{ VMX_PRIMARY_INTERRUPT_WINDOW_EXITING, CPU_BASED_INTR_WINDOW_EXITING },
		{ VMX_PRIMARY_TSC_OFFSETTING, CPU_BASED_USE_TSC_OFFSETTING },
		{ VMX_PRIMARY_HLT_EXITING, CPU_BASED_HLT_EXITING },
		{ VMX_PRIMARY_INVLPG_EXITING, CPU_BASED_INVLPG_EXITING },
		{ VMX_PRIMARY_MWAIT_EXITING, CPU_BASED_MWAIT_EXITING },
		{ VMX_PRIMARY_RDPMC_EXITING, CPU_BASED_RDPMC_EXITING },
		{ VMX_PRIMARY_RDTSC_EXITING, CPU_BASED_RDTSC_EXITING },
		{ VMX_PRIMARY_CR3_LOAD_EXITING, CPU_BASED_CR3_LOAD_EXITING },
		{ VMX_PRIMARY_CR3_STORE_EXITING, CPU_BASED_CR3_STORE_EXITING },
		{ VMX_PRIMARY_CR8_LOAD_EXITING, CPU_BASED_CR8_LOAD_EXITING },
		{ VMX_PRIMARY_CR8_STORE_EXITING, CPU_BASED_CR8_STORE_EXITING },
		{ VMX_PRIMARY_TPR_SHADOW, CPU_BASED_TPR_SHADOW },
		{ VMX_PRIMARY_NMI_WINDOW_EXITING, CPU_BASED_NMI_WINDOW_EXITING },
		{ VMX_PRIMARY_MOV_DR_EXITING, CPU_BASED_MOV_DR_EXITING },
		{ VMX_PRIMARY_UNCONDITIONAL_IO_EXITING, CPU_BASED_UNCOND_IO_EXITING },
		{ VMX_PRIMARY_IO_BITMAPS, CPU_BASED_USE_IO_BITMAPS },
		{ VMX_PRIMARY_MONITOR_TRAP_FLAG, CPU_BASED_MONITOR_TRAP_FLAG },
		{ VMX_PRIMARY_MSR_BITMAPS, CPU_BASED_USE_MSR_BITMAPS },
		{ VMX_PRIMARY_MONITOR_EXITING, CPU_BASED_MONITOR_EXITING },
		{ VMX_PRIMARY_PAUSE_EXITING, CPU_BASED_PAUSE_EXITING },
		{ VMX_PRIMARY_SECONDARY_CONTROLS, CPU_BASED_ACTIVATE_SECONDARY_CONTROLS },
		{ VMX_SECONDARY_ENABLE_EPT, SECONDARY_EXEC_ENABLE_EPT },
		{ VMX_SECONDARY_ENABLE_VPID, SECONDARY_EXEC_ENABLE_VPID },
		{ VMX_SECONDARY_WBINVD_EXITING, SECONDARY_EXEC_WBINVD_EXITING },
		{ VMX_SECONDARY_UNRESTRICTED_GUEST, SECONDARY_EXEC_UNRESTRICTED_GUEST },
		{ VMX_SECONDARY_VMCS_SHADOWING, SECONDARY_EXEC_SHADOW_VMCS },
		{ VMX_SECONDARY_ENCLS_EXITING, SECONDARY_EXEC_ENCLS_EXITING },
		{ VMX_SECONDARY_ENABLE_PML, SECONDARY_EXEC_ENABLE_PML },
		{ VMX_SECONDARY_TSC_SCALING, SECONDARY_EXEC_TSC_SCALING },
		{ VMX_EXIT_SAVE_DEBUG_CONTROLS, VM_EXIT_SAVE_DEBUG_CONTROLS },
		{ VMX_EXIT_HOST_ADDRESS_SPACE_SIZE, VM_EXIT_HOST_ADDR_SPACE_SIZE },
		{ VMX_EXIT_LOAD_PERF_GLOBAL_CTRL, VM_EXIT_LOAD_IA32_PERF_GLOBAL_CTRL },
		{ VMX_EXIT_ACKNOWLEDGE_INTERRUPT, VM_EXIT_ACK_INTR_ON_EXIT },
		{ VMX_EXIT_SAVE_PAT, VM_EXIT_SAVE_IA32_PAT },
		{ VMX_EXIT_LOAD_PAT, VM_EXIT_LOAD_IA32_PAT },
		{ VMX_EXIT_SAVE_EFER, VM_EXIT_SAVE_IA32_EFER },
		{ VMX_EXIT_LOAD_EFER, VM_EXIT_LOAD_IA32_EFER },
		{ VMX_EXIT_SAVE_PREEMPTION_TIMER, VM_EXIT_SAVE_VMX_PREEMPTION_TIMER },
		{ VMX_ENTRY_LOAD_DEBUG_CONTROLS, VM_ENTRY_LOAD_DEBUG_CONTROLS },
		{ VMX_ENTRY_IA32E_MODE_GUEST, VM_ENTRY_IA32E_MODE },
		{ VMX_ENTRY_LOAD_PERF_GLOBAL_CTRL, VM_ENTRY_LOAD_IA32_PERF_GLOBAL_CTRL },
		{ VMX_ENTRY_LOAD_PAT, VM_ENTRY_LOAD_IA32_PAT },
		{ VMX_ENTRY_LOAD_EFER, VM_ENTRY_LOAD_IA32_EFER },
		{ BIT(VMX_EPT_CAP_WALK_4), VMX_EPT_PAGE_WALK_4_BIT },
		{ BIT(VMX_EPT_CAP_WRITE_BACK), VMX_EPTP_WB_BIT },
		{ BIT(VMX_EPT_CAP_LARGE_2M), VMX_EPT_2MB_PAGE_BIT },
		{ BIT(VMX_EPT_CAP_INVEPT), VMX_EPT_INVEPT_BIT },
		{ BIT(VMX_EPT_CAP_ACCESSED_DIRTY), VMX_EPT_AD_BIT },
		{ BIT(VMX_EPT_CAP_INVEPT_SINGLE), VMX_EPT_EXTENT_CONTEXT_BIT },
		{ VMX_MSR_FEATURE_CONTROL, MSR_IA32_FEAT_CTL },
		{ VMX_MSR_BASIC, MSR_IA32_VMX_BASIC },
		{ VMX_MSR_PIN, MSR_IA32_VMX_PINBASED_CTLS },
		{ VMX_MSR_PRIMARY, MSR_IA32_VMX_PROCBASED_CTLS },
		{ VMX_MSR_SECONDARY, MSR_IA32_VMX_PROCBASED_CTLS2 },
		{ VMX_MSR_EXIT, MSR_IA32_VMX_EXIT_CTLS },
		{ VMX_MSR_ENTRY, MSR_IA32_VMX_ENTRY_CTLS },
		{ VMX_MSR_MISC, MSR_IA32_VMX_MISC },
		{ VMX_MSR_CR0_FIXED0, MSR_IA32_VMX_CR0_FIXED0 },
		{ VMX_MSR_CR0_FIXED1, MSR_IA32_VMX_CR0_FIXED1 },
		{ VMX_MSR_CR4_FIXED0, MSR_IA32_VMX_CR4_FIXED0 },
		{ VMX_MSR_CR4_FIXED1, MSR_IA32_VMX_CR4_FIXED1 },
		{ VMX_MSR_EPT_VPID_CAP, MSR_IA32_VMX_EPT_VPID_CAP },
		{ VMX_MSR_TRUE_PIN, MSR_IA32_VMX_TRUE_PINBASED_CTLS },
		{ VMX_MSR_TRUE_PRIMARY, MSR_IA32_VMX_TRUE_PROCBASED_CTLS },
		{ VMX_MSR_TRUE_EXIT, MSR_IA32_VMX_TRUE_EXIT_CTLS },
		{ VMX_MSR_TRUE_ENTRY, MSR_IA32_VMX_TRUE_ENTRY_CTLS },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, rows[i].ours, rows[i].kernels, "row %zu", i);
	KUNIT_EXPECT_EQ(test, FEATURE_LOCKED | FEATURE_VMX_OUTSIDE_SMX,
			FEAT_CTL_LOCKED | FEAT_CTL_VMX_ENABLED_OUTSIDE_SMX);
}

/* Only what exists is read: each MSR answers with its own number. */
static bool answer(void *context, enum vmx_msr msr, u64 *value)
{
	const struct vmx_msrs *processor = context;

	*value = msr;
	if (msr == VMX_MSR_BASIC)
		*value = processor->basic;
	else if (msr == VMX_MSR_PRIMARY || msr == VMX_MSR_TRUE_PRIMARY)
		*value = processor->ctl[VMX_CTL_PRIMARY];
	else if (msr == VMX_MSR_SECONDARY)
		*value = processor->ctl[VMX_CTL_SECONDARY];
	return msr != processor->misc;
}

static void collect(struct kunit *test)
{
	struct vmx_msrs processor = {}, msrs = {};

	KUNIT_EXPECT_TRUE(test, vmx_msrs_collect(&msrs, answer, &processor));
	KUNIT_EXPECT_EQ(test, msrs.ctl[VMX_CTL_PIN], VMX_MSR_PIN);
	KUNIT_EXPECT_EQ(test, msrs.ctl[VMX_CTL_SECONDARY], 0);
	KUNIT_EXPECT_EQ(test, msrs.ept_vpid, 0);
	KUNIT_EXPECT_EQ(test, msrs.cr4_fixed1, VMX_MSR_CR4_FIXED1);

	processor.basic = BIT_ULL(55);
	processor.ctl[VMX_CTL_PRIMARY] =
		capability(0, CPU_BASED_ACTIVATE_SECONDARY_CONTROLS);
	KUNIT_EXPECT_TRUE(test, vmx_msrs_collect(&msrs, answer, &processor));
	KUNIT_EXPECT_EQ(test, msrs.ctl[VMX_CTL_PIN], VMX_MSR_TRUE_PIN);
	KUNIT_EXPECT_EQ(test, msrs.ctl[VMX_CTL_ENTRY], VMX_MSR_TRUE_ENTRY);
	KUNIT_EXPECT_EQ(test, msrs.ept_vpid, 0);

	processor.ctl[VMX_CTL_SECONDARY] = capability(0, SECONDARY_EXEC_ENABLE_EPT);
	KUNIT_EXPECT_TRUE(test, vmx_msrs_collect(&msrs, answer, &processor));
	KUNIT_EXPECT_EQ(test, msrs.ept_vpid, VMX_MSR_EPT_VPID_CAP);

	/* One that cannot be read. */
	processor.misc = VMX_MSR_EPT_VPID_CAP;
	KUNIT_EXPECT_FALSE(test, vmx_msrs_collect(&msrs, answer, &processor));
}

/* Controls that make sense only together. */
static void pairs(struct kunit *test)
{
	struct vmx_msrs msrs = perfect();
	struct vmx_caps caps;
	const char *control;

	KUNIT_EXPECT_EQ(test, vmx_caps_judge(&msrs, &caps, &control), VMX_OK);
	KUNIT_EXPECT_TRUE(test, vmx_has(&caps, VMX_CTL_EXIT,
					VM_EXIT_SAVE_VMX_PREEMPTION_TIMER));
	KUNIT_EXPECT_TRUE(test, vmx_has(&caps, VMX_CTL_EXIT,
					VM_EXIT_LOAD_IA32_PERF_GLOBAL_CTRL));

	/* No MSR to load, whatever the controls offer. */
	msrs.perfmon = 1;
	KUNIT_EXPECT_EQ(test, vmx_caps_judge(&msrs, &caps, &control), VMX_OK);
	KUNIT_EXPECT_FALSE(test, vmx_has(&caps, VMX_CTL_EXIT,
					 VM_EXIT_LOAD_IA32_PERF_GLOBAL_CTRL));

	msrs = perfect();
	msrs.ctl[VMX_CTL_PIN] = without(PIN_BASED_VMX_PREEMPTION_TIMER);
	msrs.ctl[VMX_CTL_ENTRY] =
		without(VM_ENTRY_LOAD_IA32_PERF_GLOBAL_CTRL);
	KUNIT_EXPECT_EQ(test, vmx_caps_judge(&msrs, &caps, &control), VMX_OK);
	KUNIT_EXPECT_FALSE(test, vmx_has(&caps, VMX_CTL_EXIT,
					 VM_EXIT_SAVE_VMX_PREEMPTION_TIMER));
	KUNIT_EXPECT_FALSE(test, vmx_has(&caps, VMX_CTL_EXIT,
					 VM_EXIT_LOAD_IA32_PERF_GLOBAL_CTRL));
}

static void contradiction(struct kunit *test)
{
	struct vmx_msrs msrs = perfect();

	/* A bit that nobody wishes for must be 1 and may not be. */
	msrs.ctl[VMX_CTL_PIN] = capability(1U << 30, ~(1U << 30));
	KUNIT_EXPECT_EQ(test, judge(&msrs), VMX_NO_CONTROL);
}

/* insmod's errno says which verdict it was, and every text is there. */
static void errnos_differ(struct kunit *test)
{
	int i, j;

	for (i = 0; i < VMX_NR_VERDICTS; i++) {
		KUNIT_EXPECT_TRUE(test, vmx_verdicts[i].why);
		KUNIT_EXPECT_TRUE(test, vmx_verdicts[i].remedy);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_NE(test, vmx_verdicts[i].errno_,
					vmx_verdicts[j].errno_);
	}
	KUNIT_EXPECT_EQ(test, vmx_verdicts[VMX_OK].errno_, 0);
	KUNIT_EXPECT_EQ(test, vmx_verdicts[VMX_ABSENT].errno_, ENODEV);
	KUNIT_EXPECT_EQ(test, vmx_verdicts[VMX_HELD].errno_, EBUSY);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(adjust),
	KUNIT_CASE(good_processor),
	KUNIT_CASE(verdicts),
	KUNIT_CASE(each_rule_counts),
	KUNIT_CASE(bits_are_the_kernels),
	KUNIT_CASE(collect),
	KUNIT_CASE(pairs),
	KUNIT_CASE(contradiction),
	KUNIT_CASE(errnos_differ),
	{}
};

struct kunit_suite vmx_caps_suite = {
	.name = "minivmx_vmx_caps",
	.test_cases = cases,
};
