// SPDX-License-Identifier: GPL-2.0
/*
 * GET and SET of REGS and SREGS: the state of a reset, round trips, and what
 * SET_SREGS refuses.
 *
 * Breakage it catches: two registers mixed up, a field that is lost or cut
 * short on its way to or from the VMCS, a reset value that is not KVM's, a
 * check of SET_SREGS left out.
 */
#include <stdio.h>

#include "devices.h"
#include "guest_code.h"
#include "vm.h"

GUEST_CODE(16, halt, "hlt\n");

DEVICE_FIXTURE(registers) {
	struct vm vm;
	struct minivmx_sregs sregs;
};

DEVICE_FIXTURE_SETUP(registers)
{
	ASSERT_EQ(0, vm_open(&self->vm, variant->path));
	ASSERT_EQ(0, vm_get_sregs(self->vm.vcpu, &self->sregs));
}

FIXTURE_TEARDOWN(registers)
{
	vm_close(&self->vm);
}

/* Something different for each register. */
static struct minivmx_regs distinct_regs(void)
{
	struct minivmx_regs regs;
	uint64_t *reg = (uint64_t *)&regs;
	size_t i;

	for (i = 0; i < sizeof(regs) / sizeof(*reg); i++)
		reg[i] = 0x0123456789abcd00 * (i + 1) + i;
	regs.rip = VM_ENTRY;
	regs.rflags = RFLAGS_FIXED | 0x8d5;	/* OF, SF, ZF, AF, PF, CF */
	return regs;
}

TEST_DEVICE(registers, regs_round_trip)
{
	struct minivmx_regs set = distinct_regs(), get;

	ASSERT_EQ(0, vm_set_regs(self->vm.vcpu, &set));
	memset(&get, 0xff, sizeof(get));
	ASSERT_EQ(0, vm_get_regs(self->vm.vcpu, &get));
	EXPECT_EQ(0, memcmp(&set, &get, sizeof(set)));
}

/* The guest only halts: all but RIP comes back as it went in. */
TEST_DEVICE(registers, regs_through_guest)
{
	struct minivmx_regs set = distinct_regs(), get;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(halt)));
	ASSERT_EQ(0, vm_set_regs(self->vm.vcpu, &set));
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->vm.run->exit_reason);
	ASSERT_EQ(0, vm_get_regs(self->vm.vcpu, &get));
	set.rip++;
	EXPECT_EQ(0, memcmp(&set, &get, sizeof(set)));
}

TEST_DEVICE(registers, rflags_bit_1)
{
	struct minivmx_regs regs = { .rip = VM_ENTRY };

	ASSERT_EQ(0, vm_set_regs(self->vm.vcpu, &regs));
	ASSERT_EQ(0, vm_get_regs(self->vm.vcpu, &regs));
	EXPECT_EQ(RFLAGS_FIXED, regs.rflags);
}

TEST_DEVICE(registers, reset)
{
	struct minivmx_regs regs;

	ASSERT_EQ(0, vm_get_regs(self->vm.vcpu, &regs));
	EXPECT_EQ(0xfff0, regs.rip);
	EXPECT_EQ(RFLAGS_FIXED, regs.rflags);
	EXPECT_EQ(0xf000, self->sregs.cs.selector);
	EXPECT_EQ(0xffff0000, self->sregs.cs.base);
	EXPECT_EQ(0xffff, self->sregs.cs.limit);
	EXPECT_EQ(0x60000010, self->sregs.cr0);
	EXPECT_EQ(0, self->sregs.cr4);
	EXPECT_EQ(0, self->sregs.efer);
}

static void same_words(struct __test_metadata *_metadata, const char *what,
		       const void *is, const void *ought, size_t size)
{
	const uint32_t *got = is, *want = ought;
	size_t i;

	for (i = 0; i < size / sizeof(*want); i++) {
		EXPECT_EQ(want[i], got[i]) {
			TH_LOG("%s, offset %zu: %#x, want %#x", what,
			       i * sizeof(*want), got[i], want[i]);
		}
	}
}

/* Of vCPU 0 and of another one, which is no bootstrap processor. */
TEST(reset_is_that_of_kvm)
{
	static const char *const paths[2] = { MINIVMX_PATH, KVM_PATH };
	struct {
		struct minivmx_regs regs;
		struct minivmx_sregs sregs;
	} state[2][2];
	struct vm vm;
	int i, id, fd;

	memset(state, 0, sizeof(state));
	for (i = 0; i < 2; i++) {
		device_need(_metadata, paths[i]);
		ASSERT_EQ(0, vm_open(&vm, paths[i]));
		for (id = 0; id < 2; id++) {
			fd = id ? vm_ioctl(vm.fd, MINIVMX_CREATE_VCPU, id) : vm.vcpu;
			ASSERT_LE(0, fd);
			ASSERT_EQ(0, vm_get_regs(fd, &state[i][id].regs));
			ASSERT_EQ(0, vm_get_sregs(fd, &state[i][id].sregs));
			if (id)
				close(fd);
		}
		vm_close(&vm);
	}
	for (id = 0; id < 2; id++) {
		same_words(_metadata, id ? "vCPU 1 regs" : "vCPU 0 regs",
			   &state[0][id].regs, &state[1][id].regs,
			   sizeof(struct minivmx_regs));
		same_words(_metadata, id ? "vCPU 1 sregs" : "vCPU 0 sregs",
			   &state[0][id].sregs, &state[1][id].sregs,
			   sizeof(struct minivmx_sregs));
	}
}

static void distinct_segment(struct minivmx_segment *s, int i)
{
	s->base = 0x10000 * (i + 1);
	s->limit = 0xffff;
	s->selector = s->base >> 4;
}

/* Real mode, so that VM entry accepts it: base = selector * 16. */
static void distinct_sregs(struct minivmx_sregs *sregs)
{
	struct minivmx_segment *segment[] = {
		&sregs->cs, &sregs->ds, &sregs->es, &sregs->fs, &sregs->gs,
		&sregs->ss,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(segment); i++)
		distinct_segment(segment[i], i);
	sregs->cs.base = 0;
	sregs->cs.selector = 0;
	/*
	 * In real mode code is writable: 3 is as good as the 11 of the reset,
	 * and Bochs makes it 3 whatever it was.
	 */
	sregs->cs.type = 3;
	sregs->tr.base = 0x71230;
	sregs->tr.limit = 0x167;
	sregs->tr.selector = 0x28;
	sregs->ldt.base = 0x81230;
	sregs->ldt.limit = 0x1f;
	sregs->ldt.selector = 0x30;
	sregs->gdt.base = 0x12345678;
	sregs->gdt.limit = 0x1234;
	sregs->idt.base = 0x23456789;
	sregs->idt.limit = 0x2345;
	sregs->cr2 = 0xabcdef0123456789;
	sregs->cr3 = 0x7000;
	sregs->cr4 = 0x210;			/* PSE, OSFXSR */
	sregs->cr8 = 5;
}

TEST_DEVICE(registers, sregs_round_trip)
{
	struct minivmx_sregs set = self->sregs, get;

	distinct_sregs(&set);
	ASSERT_EQ(0, vm_set_sregs(self->vm.vcpu, &set));
	memset(&get, 0xff, sizeof(get));
	ASSERT_EQ(0, vm_get_sregs(self->vm.vcpu, &get));
	same_words(_metadata, "sregs", &get, &set, sizeof(set));
}

TEST_DEVICE(registers, sregs_through_guest)
{
	struct minivmx_sregs set = self->sregs, get;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(halt)));
	distinct_sregs(&set);
	ASSERT_EQ(0, vm_set_sregs(self->vm.vcpu, &set));
	self->vm.run->cr8 = 9;
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->vm.run->exit_reason);
	memset(&get, 0xff, sizeof(get));
	ASSERT_EQ(0, vm_get_sregs(self->vm.vcpu, &get));
	/* CR8 and the APIC base are in the run page as well. */
	set.cr8 = 9;
	EXPECT_EQ(9, self->vm.run->cr8);
	EXPECT_EQ(set.apic_base, self->vm.run->apic_base);
	same_words(_metadata, "sregs", &get, &set, sizeof(set));
}

/* GET_SREGS between two runs disturbs nothing. */
TEST_DEVICE(registers, sregs_untouched)
{
	struct minivmx_sregs first, second;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(halt)));
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	ASSERT_EQ(0, vm_get_sregs(self->vm.vcpu, &first));
	ASSERT_EQ(0, vm_get_sregs(self->vm.vcpu, &second));
	same_words(_metadata, "sregs", &second, &first, sizeof(first));
	ASSERT_EQ(0, vm_set_sregs(self->vm.vcpu, &first));
	ASSERT_EQ(0, vm_enter_at(self->vm.vcpu, VM_ENTRY, 0));
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->vm.run->exit_reason);
	ASSERT_EQ(0, vm_get_sregs(self->vm.vcpu, &second));
	same_words(_metadata, "sregs", &second, &first, sizeof(first));
}

/* Tries one change of the reset state; what is refused changes nothing. */
#define EXPECT_SREGS(expected, change)					\
	do {								\
		struct minivmx_sregs s = self->sregs, get;		\
									\
		change;							\
		EXPECT_EQ(expected, vm_set_sregs(self->vm.vcpu, &s)) {	\
			TH_LOG("%s", #change);				\
		}							\
		ASSERT_EQ(0, vm_get_sregs(self->vm.vcpu, &get));	\
		if ((expected) != 0) {					\
			EXPECT_EQ(0, memcmp(&get, &self->sregs, sizeof(get))) { \
				TH_LOG("%s changed something", #change); \
			}						\
		}							\
		ASSERT_EQ(0, vm_set_sregs(self->vm.vcpu, &self->sregs)); \
	} while (0)

TEST_DEVICE(registers, sregs_refused)
{
	EXPECT_SREGS(-EINVAL, s.cr0 |= 1UL << 32);
	EXPECT_SREGS(-EINVAL, s.cr0 = CR0_PG);			/* without PE */
	EXPECT_SREGS(-EINVAL, s.cr0 = 0x20000010);		/* NW without CD */
	EXPECT_SREGS(-EINVAL, s.cr4 |= 1UL << 63);
	EXPECT_SREGS(-EINVAL, s.cr4 |= 1UL << 15);		/* reserved */
	EXPECT_SREGS(-EINVAL, s.cs.l = 1);			/* not in long mode */
	EXPECT_SREGS(-EINVAL, s.apic_base |= 1);		/* reserved */
	EXPECT_SREGS(-EINVAL, s.apic_base |= 1UL << 60);
}

/*
 * What KVM can do and minivmx cannot is refused, not ignored: VMX in the guest
 * (in KVM a parameter), bits of EFER that nobody has. And a CR8 that does not
 * exist is an error to minivmx, where KVM leaves the old one.
 */
TEST_DEVICE(registers, sregs_outside_of_subset)
{
	int err = variant->minivmx ? -EINVAL : 0;

	EXPECT_SREGS(err, s.efer = 1 << 2);
	EXPECT_SREGS(err, s.cr8 = 16);
	if (variant->minivmx)
		EXPECT_SREGS(-EINVAL, s.cr4 |= 1UL << 13);	/* VMXE */
}

TEST_HARNESS_MAIN
