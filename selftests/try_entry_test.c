// SPDX-License-Identifier: GPL-2.0
/*
 * MINIVMX_TRY_ENTRY: what it leaves alone, and what it does not try. The verdicts are
 * for entry_fuzz. Needs minivmx.ko loaded with lab=1.
 *
 * Breakage it catches: a check that takes an event away from the guest; an entry that
 * would cost the host its MSRs or its memory.
 */
#include <entry_rules.h>
#include <vmcs_fields.h>

#include "devices.h"
#include "vm.h"

#define MSR_LSTAR		0xc0000082U
#define MSR_FS_BASE		0xc0000100U
#define ACTIVATE_SECONDARY	0x80000000U	/* bit 31 */
#define MSR_LOAD_FAILED		0x80000022U	/* exit reason 34 */

FIXTURE(try) {
	struct vm vm;
	struct minivmx_vmcs vmcs;
	struct minivmx_entry_try try;
};

FIXTURE_SETUP(try)
{
	device_need(_metadata, MINIVMX_PATH);
	ASSERT_EQ(0, vm_open(&self->vm, MINIVMX_PATH));
	ASSERT_EQ(0, vm_enter_at(self->vm.vcpu, VM_ENTRY, 0));
}

FIXTURE_TEARDOWN(try)
{
	vm_close(&self->vm);
}

static int try_entry(FIXTURE_DATA(try) *self)
{
	return vm_ioctl_p(self->vm.vcpu, MINIVMX_TRY_ENTRY, &self->try);
}

static uint64_t field(struct __test_metadata *_metadata, FIXTURE_DATA(try) *self,
		      uint32_t encoding)
{
	uint32_t i;

	ASSERT_EQ(0, vm_ioctl_p(self->vm.vcpu, MINIVMX_GET_VMCS, &self->vmcs));
	for (i = 0; i < self->vmcs.nr && self->vmcs.fields[i].encoding != encoding; i++)
		;
	ASSERT_GT(self->vmcs.nr, i);
	return self->vmcs.fields[i].value;
}

/* An NMI that waits goes on waiting, judged or tried. */
TEST_F_TIMEOUT(try, what_waits, TIMEOUT)
{
	struct minivmx_vcpu_events before, after;

	ASSERT_EQ(0, vm_ioctl(self->vm.vcpu, MINIVMX_NMI, 0));
	ASSERT_EQ(0, vm_ioctl_p(self->vm.vcpu, MINIVMX_GET_VCPU_EVENTS, &before));
	EXPECT_EQ(1, before.nmi.pending);
	self->try.flags = MINIVMX_TRY_CHECK_ONLY;
	EXPECT_EQ(0, try_entry(self));
	EXPECT_EQ(0, self->try.nr_broken);
	ASSERT_EQ(0, vm_ioctl_p(self->vm.vcpu, MINIVMX_GET_VCPU_EVENTS, &after));
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
	self->try.flags = 0;
	EXPECT_EQ(0, try_entry(self));
	EXPECT_EQ(MINIVMX_ENTRY_ENTERED, self->try.outcome);
	ASSERT_EQ(0, vm_ioctl_p(self->vm.vcpu, MINIVMX_GET_VCPU_EVENTS, &after));
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
}

/* The processor loads one after the other, and takes none back. */
TEST_F_TIMEOUT(try, first_msr_decides, TIMEOUT)
{
	self->try.nr_msrs = 2;
	self->try.msrs[0].index = MSR_LSTAR;
	self->try.msrs[1].index = MSR_FS_BASE;
	EXPECT_EQ(0, try_entry(self));
	EXPECT_EQ(1, self->try.nr_broken);
	EXPECT_EQ(ENTRY_RULE_MSR_LOAD, self->try.broken[0].rule);
	EXPECT_EQ(MINIVMX_ENTRY_NOT_TRIED, self->try.outcome);

	self->try.msrs[0].index = MSR_FS_BASE;
	self->try.msrs[1].index = MSR_LSTAR;
	EXPECT_EQ(0, try_entry(self));
	EXPECT_EQ(MINIVMX_ENTRY_FAIL_EXIT, self->try.outcome);
	EXPECT_EQ(MSR_LOAD_FAILED, self->try.exit_reason);
	EXPECT_EQ(1, self->try.qualification);

	self->try.nr_fields = 1;
	self->try.fields[0].encoding = VMCS_VM_ENTRY_MSR_LOAD_ADDRESS;
	EXPECT_EQ(-EINVAL, try_entry(self));
}

/* With the secondary controls goes EPT, and the guest's memory is the host's. */
TEST_F_TIMEOUT(try, ept_stays, TIMEOUT)
{
	self->try.nr_fields = 1;
	self->try.fields[0].encoding = VMCS_PRIMARY_EXEC_CONTROLS;
	self->try.fields[0].value = field(_metadata, self, VMCS_PRIMARY_EXEC_CONTROLS) &
		~ACTIVATE_SECONDARY;
	EXPECT_EQ(0, try_entry(self));
	EXPECT_EQ(MINIVMX_ENTRY_NOT_TRIED, self->try.outcome);
}

TEST_HARNESS_MAIN
