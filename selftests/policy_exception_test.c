// SPDX-License-Identifier: GPL-2.0
/*
 * MINIVMX_SET_EXIT_POLICY for exceptions of the guest: they are told to the
 * owner, who may repair what caused them, skip the instruction, or let the
 * guest have them after all.
 *
 * Breakage it catches: an exception that is told with a wrong vector, error
 * code or address, that the guest gets although it was taken, or twice; an
 * interrupt that is lost because its delivery faulted.
 */
#include "devices.h"
#include "guest_code.h"
#include "vm.h"

#define DE		0
#define BP		3
#define UD		6
#define NP		11
#define GP		13
#define PF		14

/* VM-exit interruption information: SDM Vol. 3C, 25.9.2, edition 083. */
#define VALID		0x80000000U
#define HARDWARE	0x300U
#define SOFTWARE	0x600U		/* INT3 and INTO */
#define HAS_CODE	0x800U

#define TABLES		0x8000		/* a page directory */
#define GDT		0x7000
#define IDT		0x6000
#define HANDLER		0x5000
#define STACK		0x4000
#define UNMAPPED	0x800010
#define IRQ		0x20

FIXTURE(exceptions) {
	struct vm vm;
	struct minivmx_run *run;
	struct minivmx_sregs sregs;
	struct minivmx_regs regs;
	int vcpu;
};

FIXTURE_SETUP(exceptions)
{
	device_need(_metadata, MINIVMX_PATH);
	ASSERT_EQ(0, vm_open(&self->vm, MINIVMX_PATH));
	self->run = self->vm.run;
	self->vcpu = self->vm.vcpu;
}

FIXTURE_TEARDOWN(exceptions)
{
	vm_close(&self->vm);
}

/* Each vector's handler: it says that it ran. */
GUEST_CODE(32, handler,
	   "mov	%cr2, %ebx\n"
	   "hlt\n"
	   "iret\n");

static int set_policy(FIXTURE_DATA(exceptions) *self, uint32_t vectors)
{
	struct minivmx_exit_policy policy = { .exceptions = vectors };

	return vm_ioctl_p(self->vcpu, MINIVMX_SET_EXIT_POLICY, &policy);
}

/* An interrupt gate, of 32 bits. */
static void set_gate(FIXTURE_DATA(exceptions) *self, int vector, bool present)
{
	const uint16_t gate[4] = { HANDLER, 8, present ? 0x8e00 : 0x0e00, 0 };

	memcpy(self->vm.memory + IDT + 8 * vector, gate, sizeof(gate));
}

/* Flat protected mode with 4 MiB of it mapped, and handlers for all vectors. */
static void start(struct __test_metadata *_metadata, FIXTURE_DATA(exceptions) *self,
		  const uint8_t *code, const uint8_t *end)
{
	static const uint64_t gdt[] = { 0, 0x00cf9b000000ffff, 0x00cf93000000ffff };
	const uint32_t identical = 0x83;	/* 4 MiB */
	int vector;

	ASSERT_EQ(0, vm_load(&self->vm, code, end));
	memcpy(self->vm.memory + GDT, gdt, sizeof(gdt));
	memcpy(self->vm.memory + TABLES, &identical, sizeof(identical));
	memcpy(self->vm.memory + HANDLER, handler, handler_end - handler);
	for (vector = 0; vector <= IRQ; vector++)
		set_gate(self, vector, true);

	ASSERT_EQ(0, vm_get_sregs(self->vcpu, &self->sregs));
	vm_flat_segments(&self->sregs, 0);
	self->sregs.gdt.base = GDT;
	self->sregs.gdt.limit = sizeof(gdt) - 1;
	self->sregs.idt.base = IDT;
	self->sregs.idt.limit = 8 * (IRQ + 1) - 1;
	self->sregs.cr3 = TABLES;
	self->sregs.cr4 |= CR4_PSE;
	self->sregs.cr0 |= CR0_PG;
	self->sregs.cr2 = 0x77;
	ASSERT_EQ(0, vm_set_sregs(self->vcpu, &self->sregs));
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &self->regs));
	self->regs.rsp = STACK;
	ASSERT_EQ(0, vm_set_regs(self->vcpu, &self->regs));
}

static void get_state(struct __test_metadata *_metadata, FIXTURE_DATA(exceptions) *self)
{
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &self->regs));
	ASSERT_EQ(0, vm_get_sregs(self->vcpu, &self->sregs));
}

static void run_to_exception(struct __test_metadata *_metadata,
			     FIXTURE_DATA(exceptions) *self, uint32_t info)
{
	memset(self->run->padding, 0xff, sizeof(self->run->padding));
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_VMX, self->run->exit_reason);
	ASSERT_EQ(0, self->run->vmx.reason);
	EXPECT_EQ(info, self->run->vmx.interruption_info & ~(1U << 12));
	get_state(_metadata, self);
}

GUEST_CODE(32, divide, "div	%ecx\nhlt\n");
GUEST_CODE(32, breakpoint, "int3\nhlt\n");
GUEST_CODE(32, undefined, "ud2\nhlt\n");
GUEST_CODE(32, bad_selector, "mov	%eax, %ds\nhlt\n");
GUEST_CODE(32, write_unmapped, "movl	%ebp, 0x800010\nhlt\n");

static const struct {
	const char *name;
	const uint8_t *code, *end;
	uint8_t vector, length;
	uint32_t info, error_code;
	uint64_t qualification;
} rows[] = {
	{ "#DE", CODE(divide), DE, 2, VALID | HARDWARE | DE },
	{ "#BP", CODE(breakpoint), BP, 1, VALID | SOFTWARE | BP },
	{ "#UD", CODE(undefined), UD, 2, VALID | HARDWARE | UD },
	{ "#GP", CODE(bad_selector), GP, 2, VALID | HARDWARE | HAS_CODE | GP, 0x1238 },
	{ "#PF", CODE(write_unmapped), PF, 6, VALID | HARDWARE | HAS_CODE | PF, 2,
	  UNMAPPED },
};

static void start_row(struct __test_metadata *_metadata, FIXTURE_DATA(exceptions) *self,
		      size_t i)
{
	start(_metadata, self, rows[i].code, rows[i].end);
	self->regs.rax = 0x1238;
	self->regs.rcx = 0;
	ASSERT_EQ(0, vm_set_regs(self->vcpu, &self->regs));
}

TEST_F_TIMEOUT(exceptions, told, TIMEOUT)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ASSERT_EQ(0, set_policy(self, 1U << rows[i].vector));
		start_row(_metadata, self, i);
		run_to_exception(_metadata, self, rows[i].info);
		if (rows[i].info & HAS_CODE)
			EXPECT_EQ(rows[i].error_code,
				  self->run->vmx.interruption_error_code);
		if (rows[i].vector == PF)
			EXPECT_EQ(rows[i].qualification, self->run->vmx.qualification);
		if (rows[i].vector == BP)
			EXPECT_EQ(1, self->run->vmx.instruction_length);
		EXPECT_EQ(0, self->run->vmx.idt_vectoring_info & VALID);
		/* The guest has seen nothing of it. */
		EXPECT_EQ(VM_ENTRY, self->regs.rip);
		EXPECT_EQ(STACK, self->regs.rsp);
		EXPECT_EQ(0x77, self->sregs.cr2);
		/* It is no event of the guest's, so it happens again. */
		run_to_exception(_metadata, self, rows[i].info);
		EXPECT_EQ(VM_ENTRY, self->regs.rip);
		/* The owner answers the instruction. */
		self->regs.rip += rows[i].length;
		ASSERT_EQ(0, vm_set_regs(self->vcpu, &self->regs));
		ASSERT_EQ(0, vm_run(self->vcpu));
		EXPECT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
		get_state(_metadata, self);
		EXPECT_EQ(VM_ENTRY + rows[i].length + 1, self->regs.rip);
	}
}

/* The guest is in its handler, as if the exception had never been taken. */
static void expect_handler(struct __test_metadata *_metadata,
			   FIXTURE_DATA(exceptions) *self, size_t i, uint64_t cr2)
{
	uint32_t frame[4], return_to = VM_ENTRY;
	int words = rows[i].info & HAS_CODE ? 4 : 3;

	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
	get_state(_metadata, self);
	EXPECT_EQ(HANDLER + 4, self->regs.rip);
	EXPECT_EQ(cr2, self->regs.rbx);
	EXPECT_EQ(STACK - 4 * words, self->regs.rsp) {
		TH_LOG("%s", rows[i].name);
	}
	memcpy(frame, self->vm.memory + STACK - 4 * words, 4 * words);
	if (words == 4)
		EXPECT_EQ(rows[i].error_code, frame[0]);
	if (rows[i].vector == BP)
		return_to++;
	EXPECT_EQ(return_to, frame[words - 3]) {
		TH_LOG("%s", rows[i].name);
	}
	EXPECT_EQ(8, frame[words - 2]);
}

TEST_F_TIMEOUT(exceptions, injected_after_all, TIMEOUT)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct minivmx_vcpu_events events;

		ASSERT_EQ(0, set_policy(self, 1U << rows[i].vector));
		start_row(_metadata, self, i);
		run_to_exception(_metadata, self, rows[i].info);

		ASSERT_EQ(0, vm_ioctl_p(self->vcpu, MINIVMX_GET_VCPU_EVENTS, &events));
		EXPECT_EQ(0, events.exception.injected);
		EXPECT_EQ(0, events.exception.pending);
		events.exception.injected = 1;
		events.exception.nr = rows[i].vector;
		events.exception.has_error_code = !!(rows[i].info & HAS_CODE);
		events.exception.error_code = self->run->vmx.interruption_error_code;
		ASSERT_EQ(0, vm_ioctl_p(self->vcpu, MINIVMX_SET_VCPU_EVENTS, &events));
		if (rows[i].vector == PF) {
			self->sregs.cr2 = self->run->vmx.qualification;
			ASSERT_EQ(0, vm_set_sregs(self->vcpu, &self->sregs));
		}
		expect_handler(_metadata, self, i,
			       rows[i].vector == PF ? UNMAPPED : 0x77);
	}
}

/* Vectors that were not asked for, and those that were given back. */
TEST_F_TIMEOUT(exceptions, others, TIMEOUT)
{
	size_t i;
	int zeros;

	for (zeros = 0; zeros < 2; zeros++)
		for (i = 0; i < ARRAY_SIZE(rows); i++) {
			ASSERT_EQ(0, set_policy(self, ~(1U << 18 | 1U << rows[i].vector)));
			if (zeros) {
				ASSERT_EQ(0, set_policy(self, 1U << rows[i].vector));
				start_row(_metadata, self, i);
				run_to_exception(_metadata, self, rows[i].info);
				ASSERT_EQ(0, set_policy(self, 0));
			} else {
				start_row(_metadata, self, i);
			}
			expect_handler(_metadata, self, i,
				       rows[i].vector == PF ? UNMAPPED : 0x77);
		}
}

/* ------------------------- in the middle of a delivery ------------------- */

GUEST_CODE(32, waiting, "nop\nhlt\n");

/* An interrupt whose gate is not present, until the owner makes it so. */
TEST_F_TIMEOUT(exceptions, during_delivery, TIMEOUT)
{
	struct minivmx_interrupt interrupt = { .irq = IRQ };
	int tries;

	ASSERT_EQ(0, set_policy(self, 1U << NP));
	start(_metadata, self, CODE(waiting));
	set_gate(self, IRQ, false);
	self->regs.rflags |= RFLAGS_IF;
	ASSERT_EQ(0, vm_set_regs(self->vcpu, &self->regs));
	ASSERT_EQ(0, vm_ioctl_p(self->vcpu, MINIVMX_INTERRUPT, &interrupt));
	for (tries = 0; tries < 2; tries++) {
		run_to_exception(_metadata, self, VALID | HARDWARE | HAS_CODE | NP);
		EXPECT_EQ(IRQ * 8 + 3, self->run->vmx.interruption_error_code);
		EXPECT_EQ(VALID | IRQ, self->run->vmx.idt_vectoring_info & ~(1U << 12));
		EXPECT_EQ(VM_ENTRY, self->regs.rip);
		EXPECT_EQ(STACK, self->regs.rsp);
	}
	set_gate(self, IRQ, true);
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
	get_state(_metadata, self);
	EXPECT_EQ(HANDLER + 4, self->regs.rip);
	EXPECT_EQ(STACK - 12, self->regs.rsp);
	/* Once: after IRET the guest is at its own HLT. */
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
	get_state(_metadata, self);
	EXPECT_EQ(VM_ENTRY + 2, self->regs.rip);
	EXPECT_EQ(STACK, self->regs.rsp);
}

/* ------------------------- without a policy, as on KVM -------------------- */

/*
 * A debugger that finds an INT3 to be the guest's own hands it on. What
 * MINIVMX_EXIT_VMX does with #BP is the same, and here KVM can be asked.
 */
DEVICE_FIXTURE(breakpoints) {
	struct vm vm;
};

DEVICE_FIXTURE_SETUP(breakpoints)
{
	ASSERT_EQ(0, vm_open(&self->vm, variant->path));
}

FIXTURE_TEARDOWN(breakpoints)
{
	vm_close(&self->vm);
}

GUEST_CODE(16, own_breakpoint, "nop\nint3\nhlt\n");

TEST_DEVICE(breakpoints, handed_on)
{
	struct minivmx_guest_debug debug = {
		.control = MINIVMX_GUESTDBG_ENABLE | MINIVMX_GUESTDBG_USE_SW_BP,
	};
	struct minivmx_vcpu_events events;
	struct minivmx_regs regs;
	uint16_t return_to;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(own_breakpoint)));
	memcpy(self->vm.memory + BP * 4, "\x00\x50\x00\x00", 4);
	memcpy(self->vm.memory + HANDLER, handler, handler_end - handler);
	ASSERT_EQ(0, vm_get_regs(self->vm.vcpu, &regs));
	regs.rsp = STACK;
	ASSERT_EQ(0, vm_set_regs(self->vm.vcpu, &regs));
	ASSERT_EQ(0, vm_ioctl_p(self->vm.vcpu, MINIVMX_SET_GUEST_DEBUG, &debug));
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	ASSERT_EQ(MINIVMX_EXIT_DEBUG, self->vm.run->exit_reason);
	ASSERT_EQ(0, vm_ioctl_p(self->vm.vcpu, MINIVMX_GET_VCPU_EVENTS, &events));
	events.exception.injected = 1;
	events.exception.nr = BP;
	ASSERT_EQ(0, vm_ioctl_p(self->vm.vcpu, MINIVMX_SET_VCPU_EVENTS, &events));
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->vm.run->exit_reason);
	ASSERT_EQ(0, vm_get_regs(self->vm.vcpu, &regs));
	EXPECT_EQ(HANDLER + 4, regs.rip);
	ASSERT_EQ(STACK - 6, regs.rsp);
	memcpy(&return_to, self->vm.memory + STACK - 6, sizeof(return_to));
	EXPECT_EQ(VM_ENTRY + 2, return_to);
}

TEST_HARNESS_MAIN
