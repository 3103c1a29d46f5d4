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

		msrs.ctl[rule->word] = rule->need == FORBIDDEN ?
			capability(rule->bit, ~0U) : without(rule->bit);
		verdict = vmx_caps_judge(&msrs, &caps, &control);
		if (rule->need == OPTIONAL) {
			KUNIT_EXPECT_EQ_MSG(test, verdict, VMX_OK, "%s", rule->name);
			KUNIT_EXPECT_FALSE_MSG(test, caps.ctl[rule->word] & rule->bit,
					       "%s", rule->name);
		} else {
			KUNIT_EXPECT_EQ_MSG(test, verdict, rule->verdict,
					    "%s", rule->name);
			KUNIT_EXPECT_STREQ(test, control, rule->name);
		}
	}
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
	KUNIT_CASE(pairs),
	KUNIT_CASE(contradiction),
	KUNIT_CASE(errnos_differ),
	{}
};

struct kunit_suite vmx_caps_suite = {
	.name = "minivmx_vmx_caps",
	.test_cases = cases,
};
