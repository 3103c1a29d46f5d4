// SPDX-License-Identifier: GPL-2.0
/*
 * MINIVMX_SET_EXIT_POLICY: exits that the owner of a guest takes for himself.
 * KVM has no such thing, so these tests ask minivmx alone; what they expect is
 * the SDM's: Vol. 3C, "Basic VM-Exit Information", 28.2.1, edition 083.
 *
 * Breakage it catches: an exit that is answered by the kernel although the
 * owner wants it, or the other way round, a policy that outlives the next one,
 * an instruction that is skipped or executed behind the owner's back, an
 * exception that reaches the guest although it was taken, or not at all.
 */
#include "devices.h"
#include "guest_code.h"
#include "vm.h"

/* Basic exit reasons: SDM Vol. 3D, Appendix C. */
enum reason {
	R_EXCEPTION = 0, R_INTERRUPT = 1, R_TRIPLE_FAULT = 2,
	R_INTERRUPT_WINDOW = 7, R_NMI_WINDOW = 8, R_CPUID = 10, R_HLT = 12,
	R_INVD = 13, R_INVLPG = 14, R_RDPMC = 15, R_RDTSC = 16, R_VMCALL = 18,
	R_CR = 28, R_DR = 29, R_IO = 30, R_RDMSR = 31, R_WRMSR = 32,
	R_INVALID_STATE = 33, R_MSR_LOADING = 34, R_MONITOR_TRAP = 37,
	R_PAUSE = 40, R_MACHINE_CHECK = 41, R_EPT_VIOLATION = 48,
	R_PREEMPTION_TIMER = 52, R_WBINVD = 54,
};

#define GP		13
#define MC		18

#define VALID		0x80000000U

FIXTURE(policy) {
	struct vm vm;
	struct minivmx_run *run;
	struct minivmx_exit_policy policy;
	int vcpu;
};

FIXTURE_SETUP(policy)
{
	device_need(_metadata, MINIVMX_PATH);
	ASSERT_EQ(0, vm_open(&self->vm, MINIVMX_PATH));
	self->run = self->vm.run;
	self->vcpu = self->vm.vcpu;
	memset(&self->policy, 0, sizeof(self->policy));
}

FIXTURE_TEARDOWN(policy)
{
	vm_close(&self->vm);
}

static void want(FIXTURE_DATA(policy) *self, enum reason reason)
{
	self->policy.reasons[reason / 64] |= 1ULL << reason % 64;
}

static int set(FIXTURE_DATA(policy) *self)
{
	return vm_ioctl_p(self->vcpu, MINIVMX_SET_EXIT_POLICY, &self->policy);
}

/* Runs to an exit that the owner has asked for. */
static void run_to(struct __test_metadata *_metadata, FIXTURE_DATA(policy) *self,
		   enum reason reason)
{
	memset(self->run->padding, 0xff, sizeof(self->run->padding));
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_VMX, self->run->exit_reason) {
		TH_LOG("instead of reason %u", reason);
	}
	ASSERT_EQ(reason, self->run->vmx.reason);
}

/* Goes on behind the instruction. */
static void skip(struct __test_metadata *_metadata, FIXTURE_DATA(policy) *self)
{
	struct minivmx_regs regs;

	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	regs.rip += self->run->vmx.instruction_length;
	ASSERT_EQ(0, vm_set_regs(self->vcpu, &regs));
}

static uint64_t rip(FIXTURE_DATA(policy) *self)
{
	struct minivmx_regs regs = {};

	vm_get_regs(self->vcpu, &regs);
	return regs.rip;
}

/* ------------------------- what is refused ------------------------------- */

TEST_F_TIMEOUT(policy, refused_reasons, TIMEOUT)
{
	static const enum reason refused[] = {
		R_EXCEPTION, R_INTERRUPT, R_INTERRUPT_WINDOW, R_NMI_WINDOW,
		R_INVALID_STATE, R_MSR_LOADING, R_MONITOR_TRAP, R_MACHINE_CHECK,
		R_EPT_VIOLATION, R_PREEMPTION_TIMER,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		memset(&self->policy, 0, sizeof(self->policy));
		want(self, refused[i]);
		EXPECT_EQ(-EINVAL, set(self)) {
			TH_LOG("reason %u", refused[i]);
		}
	}
}

TEST_F_TIMEOUT(policy, refused_lists, TIMEOUT)
{
	self->policy.nr_ports = MINIVMX_POLICY_MAX;
	self->policy.nr_msrs = MINIVMX_POLICY_MAX;
	EXPECT_EQ(0, set(self));
	self->policy.nr_ports++;
	EXPECT_EQ(-EINVAL, set(self));
	self->policy.nr_ports = ~0U;
	EXPECT_EQ(-EINVAL, set(self));
	self->policy.nr_ports = 0;
	EXPECT_EQ(0, set(self));
	self->policy.nr_msrs++;
	EXPECT_EQ(-EINVAL, set(self));
	self->policy.nr_msrs = ~0U;
	EXPECT_EQ(-EINVAL, set(self));
}

TEST_F_TIMEOUT(policy, refused_flags_and_vectors, TIMEOUT)
{
	int bit;

	for (bit = 0; bit < 32; bit++) {
		memset(&self->policy, 0, sizeof(self->policy));
		self->policy.flags = 1U << bit;
		EXPECT_EQ(-EINVAL, set(self));
		self->policy.flags = 0;
		self->policy.exceptions = 1U << bit;
		EXPECT_EQ(bit == MC ? -EINVAL : 0, set(self)) {
			TH_LOG("vector %d", bit);
		}
	}
}

GUEST_CODE(16, cpuid_and_halt, "cpuid\nhlt\n");

/* What is refused leaves the policy as it was. */
TEST_F_TIMEOUT(policy, refused_changes_nothing, TIMEOUT)
{
	want(self, R_CPUID);
	ASSERT_EQ(0, set(self));
	memset(&self->policy, 0, sizeof(self->policy));
	self->policy.flags = 1;
	ASSERT_EQ(-EINVAL, set(self));
	want(self, R_HLT);
	ASSERT_EQ(-EINVAL, set(self));

	ASSERT_EQ(0, vm_load(&self->vm, CODE(cpuid_and_halt)));
	run_to(_metadata, self, R_CPUID);
	skip(_metadata, self);
	ASSERT_EQ(0, vm_run(self->vcpu));
	EXPECT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
}

/* ------------------------- instructions ---------------------------------- */

/* In the order of the table below. */
GUEST_CODE(16, instructions,
	   "mov	$0x174, %ecx\n"		/* 6 bytes: IA32_SYSENTER_CS */
	   "cpuid\n"
	   "invlpg	0x1234\n"
	   "vmcall\n"
	   "rdtsc\n"
	   "rdmsr\n"
	   "wrmsr\n"
	   "pause\n"
	   "mov	%cr3, %ebp\n"
	   "mov	%esi, %cr3\n"
	   "wbinvd\n"
	   "invd\n"
	   "rdpmc\n"
	   "mov	%db6, %edi\n"
	   "mov	%ebx, %db0\n"
	   "out	%al, $0x10\n"
	   "in	$0x10, %eax\n"
	   "out	%ax, %dx\n"
	   "rep outsb\n"
	   "hlt\n"
	   "inc	%bx\n"
	   "hlt\n");

static const struct {
	enum reason reason;
	uint8_t length;
	bool no_qualification;	/* the SDM says that it is cleared */
	uint64_t qualification;
} expected[] = {
	{ R_CPUID, 2, true }, { R_INVLPG, 5, false, 0x1234 }, { R_VMCALL, 3, true },
	{ R_RDTSC, 2, true }, { R_RDMSR, 2, true }, { R_WRMSR, 2, true },
	{ R_PAUSE, 2, true },
	{ R_CR, 3, false, 0x513 },	/* from CR3, to register 5 */
	{ R_CR, 3, false, 0x603 },	/* to CR3, from register 6 */
	{ R_WBINVD, 2, true }, { R_INVD, 2, true }, { R_RDPMC, 2, true },
	{ R_DR, 3, false, 0x716 },	/* from DR6, to register 7 */
	{ R_DR, 3, false, 0x300 },	/* to DR0, from register 3 */
	{ R_IO, 2, false, 0x00100040 },	/* immediate port */
	{ R_IO, 3, false, 0x0010004b },	/* IN, 4 bytes */
	{ R_IO, 1, false, 0x03f80001 },	/* 2 bytes */
	{ R_IO, 2, false, 0x03f80030 },	/* string, REP */
	{ R_HLT, 1, true },
};

static void start_instructions(struct __test_metadata *_metadata,
			       FIXTURE_DATA(policy) *self)
{
	struct minivmx_regs regs;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(instructions)));
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	regs.rdx = 0x3f8;
	regs.rax = 0x11;
	ASSERT_EQ(0, vm_set_regs(self->vcpu, &regs));
}

TEST_F_TIMEOUT(policy, instructions, TIMEOUT)
{
	struct minivmx_regs before, after;
	uint64_t at = VM_ENTRY + 6;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(expected); i++)
		want(self, expected[i].reason);
	self->policy.msrs[0] = 0x174;
	self->policy.nr_msrs = 1;
	ASSERT_EQ(0, set(self));
	start_instructions(_metadata, self);
	for (i = 0; i < ARRAY_SIZE(expected); i++) {
		ASSERT_EQ(0, vm_get_regs(self->vcpu, &before));
		run_to(_metadata, self, expected[i].reason);
		EXPECT_EQ(expected[i].length, self->run->vmx.instruction_length) {
			TH_LOG("instruction %zu", i);
		}
		if (!expected[i].no_qualification) {
			EXPECT_EQ(expected[i].qualification,
				  self->run->vmx.qualification) {
				TH_LOG("instruction %zu", i);
			}
		}
		EXPECT_EQ(0, self->run->vmx.idt_vectoring_info & VALID);
		/* Nothing has been done about it. */
		ASSERT_EQ(at, rip(self));
		ASSERT_EQ(0, vm_get_regs(self->vcpu, &after));
		if (i) {
			before.rflags = after.rflags;
			EXPECT_EQ(0, memcmp(&before, &after, sizeof(after))) {
				TH_LOG("instruction %zu changed registers", i);
			}
		}
		at += expected[i].length;
		skip(_metadata, self);
	}
	/* The guest goes on behind the first HLT, to the second one. */
	run_to(_metadata, self, R_HLT);
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &after));
	EXPECT_EQ(before.rbx + 1, after.rbx);
	EXPECT_EQ(at + 1, after.rip);
}

/* An exit that is not skipped happens again. */
TEST_F_TIMEOUT(policy, not_skipped, TIMEOUT)
{
	want(self, R_CPUID);
	ASSERT_EQ(0, set(self));
	ASSERT_EQ(0, vm_load(&self->vm, CODE(cpuid_and_halt)));
	run_to(_metadata, self, R_CPUID);
	run_to(_metadata, self, R_CPUID);
	EXPECT_EQ(VM_ENTRY, rip(self));
	/* Given back: now the kernel answers it. */
	memset(&self->policy, 0, sizeof(self->policy));
	ASSERT_EQ(0, set(self));
	ASSERT_EQ(0, vm_run(self->vcpu));
	EXPECT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
}

/* The owner's own answer is what the guest sees. */
TEST_F_TIMEOUT(policy, answer_of_owner, TIMEOUT)
{
	struct minivmx_regs regs;

	want(self, R_CPUID);
	ASSERT_EQ(0, set(self));
	ASSERT_EQ(0, vm_load(&self->vm, CODE(cpuid_and_halt)));
	run_to(_metadata, self, R_CPUID);
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	regs.rip += self->run->vmx.instruction_length;
	regs.rax = 0x1111;
	regs.rbx = 0x2222;
	regs.rcx = 0x3333;
	regs.rdx = 0x4444;
	ASSERT_EQ(0, vm_set_regs(self->vcpu, &regs));
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	EXPECT_EQ(0x1111, regs.rax);
	EXPECT_EQ(0x2222, regs.rbx);
	EXPECT_EQ(0x3333, regs.rcx);
	EXPECT_EQ(0x4444, regs.rdx);
}

/* A policy of zeros gives all back, and so all is as if there were none. */
TEST_F_TIMEOUT(policy, given_back, TIMEOUT)
{
	static const struct {
		uint16_t port;
		uint8_t direction, size;
	} io[] = {
		{ 0x10, MINIVMX_EXIT_IO_OUT, 1 }, { 0x10, MINIVMX_EXIT_IO_IN, 4 },
		{ 0x3f8, MINIVMX_EXIT_IO_OUT, 2 },
	};
	struct minivmx_regs regs;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(expected); i++)
		want(self, expected[i].reason);
	self->policy.exceptions = 1U << GP;
	self->policy.msrs[0] = 0x174;
	self->policy.nr_msrs = 1;
	self->policy.ports[0] = 0x10;
	self->policy.nr_ports = 1;
	ASSERT_EQ(0, set(self));
	start_instructions(_metadata, self);
	run_to(_metadata, self, R_CPUID);
	memset(&self->policy, 0, sizeof(self->policy));
	ASSERT_EQ(0, set(self));

	/* RDPMC faults: IVT entry 13 leads behind it. */
	memcpy(self->vm.memory + GP * 4, "\x00\x20\x00\x00", 4);
	memcpy(self->vm.memory + 0x2000,
	       "\x5d\x83\xc5\x02\x55\xcf", 6);	/* pop %bp; add $2, %bp; push %bp; iret */
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	regs.rsp = 0x8000;
	regs.rdx = 0x3f8;
	ASSERT_EQ(0, vm_set_regs(self->vcpu, &regs));
	/* CPUID and RDTSC change EDX, on which the port of OUT depends. */
	for (i = 0; i < ARRAY_SIZE(io); i++) {
		ASSERT_EQ(0, vm_run(self->vcpu));
		ASSERT_EQ(MINIVMX_EXIT_IO, self->run->exit_reason);
		if (io[i].port == 0x10)
			EXPECT_EQ(io[i].port, self->run->io.port);
		EXPECT_EQ(io[i].direction, self->run->io.direction);
		EXPECT_EQ(io[i].size, self->run->io.size);
	}
	do {
		ASSERT_EQ(0, vm_run(self->vcpu));
	} while (self->run->exit_reason == MINIVMX_EXIT_IO);
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
	ASSERT_EQ(0, vm_run(self->vcpu));
	EXPECT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
	EXPECT_EQ(VM_ENTRY + (instructions_end - instructions), rip(self));
}

GUEST_CODE(16, no_idt,
	   "lidtl " HERE(no_idt_pointer, no_idt) "\n"
	   "ud2\n"
	   "no_idt_pointer:\n"
	   ".word 0\n"
	   ".long 0\n");

TEST_F_TIMEOUT(policy, triple_fault, TIMEOUT)
{
	want(self, R_TRIPLE_FAULT);
	ASSERT_EQ(0, set(self));
	ASSERT_EQ(0, vm_load(&self->vm, CODE(no_idt)));
	run_to(_metadata, self, R_TRIPLE_FAULT);
}

/* ------------------------- ports and MSRs -------------------------------- */

GUEST_CODE(16, ports,
	   "out	%al, $0x10\n"
	   "out	%al, $0x11\n"
	   "in	$0x12, %al\n"
	   "out	%al, $0x13\n"
	   "hlt\n");

TEST_F_TIMEOUT(policy, ports, TIMEOUT)
{
	struct minivmx_coalesced_mmio_zone zone = { .addr = 0x10, .size = 2, .pio = 1 };
	struct minivmx_regs regs;

	self->policy.ports[0] = 0x12;
	self->policy.ports[1] = 0x10;
	self->policy.ports[2] = 0x13;	/* behind the end */
	self->policy.nr_ports = 2;
	ASSERT_EQ(0, set(self));
	/* Before coalescing: 0x10 never gets there, 0x11 does. */
	ASSERT_EQ(0, vm_ioctl_p(self->vm.fd, MINIVMX_REGISTER_COALESCED_MMIO, &zone));
	ASSERT_EQ(0, vm_load(&self->vm, CODE(ports)));
	run_to(_metadata, self, R_IO);
	EXPECT_EQ(0x00100040, self->run->vmx.qualification);
	skip(_metadata, self);
	run_to(_metadata, self, R_IO);
	EXPECT_EQ(0x00120048, self->run->vmx.qualification);
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	regs.rax = 0x5a;
	regs.rip += self->run->vmx.instruction_length;
	ASSERT_EQ(0, vm_set_regs(self->vcpu, &regs));

	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_IO, self->run->exit_reason);
	EXPECT_EQ(0x13, self->run->io.port);
	EXPECT_EQ(0x5a, *(uint8_t *)vm_io_data(self->run));
	ASSERT_EQ(0, vm_run(self->vcpu));
	EXPECT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
}

GUEST_CODE(16, msrs,
	   ".irp index, 0x174, 0x175, 0xc0000101, 0x12345\n"
	   "mov	$\\index, %ecx\n"
	   "rdmsr\n"
	   "mov	$\\index, %ecx\n"
	   "wrmsr\n"
	   ".endr\n"
	   "hlt\n");

/* A list: one MSR each of both halves of the bitmap, and one beyond it. */
TEST_F_TIMEOUT(policy, msrs, TIMEOUT)
{
	static const uint32_t listed[] = { 0x174, 0xc0000101, 0x12345 };
	struct minivmx_regs regs;
	size_t i;
	int write;

	memcpy(self->policy.msrs, listed, sizeof(listed));
	self->policy.nr_msrs = ARRAY_SIZE(listed);
	ASSERT_EQ(0, set(self));
	ASSERT_EQ(0, vm_load(&self->vm, CODE(msrs)));
	for (i = 0; i < ARRAY_SIZE(listed); i++)
		for (write = 0; write < 2; write++) {
			run_to(_metadata, self, write ? R_WRMSR : R_RDMSR);
			EXPECT_EQ(2, self->run->vmx.instruction_length);
			ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
			EXPECT_EQ(listed[i], (uint32_t)regs.rcx);
			skip(_metadata, self);
		}
	/* 0x175 was the kernel's, or the processor's. */
	ASSERT_EQ(0, vm_run(self->vcpu));
	EXPECT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);

	/* And without the list, 0x174 goes straight to the processor again. */
	self->policy.nr_msrs = 0;
	want(self, R_HLT);
	ASSERT_EQ(0, set(self));
	memcpy(self->vm.memory + VM_ENTRY, "\x66\xb9\x74\x01\x00\x00\x0f\x32\xf4", 9);
	ASSERT_EQ(0, vm_enter_at(self->vcpu, VM_ENTRY, 0));
	run_to(_metadata, self, R_HLT);
}

TEST_HARNESS_MAIN
