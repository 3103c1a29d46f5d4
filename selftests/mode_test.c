// SPDX-License-Identifier: GPL-2.0
/*
 * Modes of the processor in a guest: real mode to protected mode and back,
 * protected mode from the start, 32-bit paging, and exceptions, interrupt
 * shadows and single steps on the way.
 *
 * Breakage it catches: CR0 or CR4 bits that do not reach the guest or come
 * back wrong, stale segments after a mode switch, an exception that is lost or
 * delivered twice, an entry that fails for a shadow left behind.
 */
#include "devices.h"
#include "guest_code.h"
#include "vm.h"

DEVICE_FIXTURE(mode) {
	struct vm vm;
	struct minivmx_run *run;
	struct minivmx_regs regs;
	struct minivmx_sregs sregs;
	int vcpu;
};

DEVICE_FIXTURE_SETUP(mode)
{
	ASSERT_EQ(0, vm_open(&self->vm, variant->path));
	self->run = self->vm.run;
	self->vcpu = self->vm.vcpu;
}

FIXTURE_TEARDOWN(mode)
{
	vm_close(&self->vm);
}

/* Runs to the next HLT and fetches the registers. */
static void run_to_halt(struct __test_metadata *_metadata,
			FIXTURE_DATA(mode) *self)
{
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &self->regs));
	ASSERT_EQ(0, vm_get_sregs(self->vcpu, &self->sregs));
}

/* Flat protected mode at VM_ENTRY, at privilege level @dpl. */
static void start_protected(struct __test_metadata *_metadata,
			    FIXTURE_DATA(mode) *self, uint8_t dpl)
{
	ASSERT_EQ(0, vm_get_sregs(self->vcpu, &self->sregs));
	vm_flat_segments(&self->sregs, dpl);
	ASSERT_EQ(0, vm_set_sregs(self->vcpu, &self->sregs));
}

/* ------------------------- protected mode -------------------------------- */

/* The guest does it all by itself, and comes back. */
GUEST_CODE(16, switch_modes,
	   "lgdtl " HERE(gdt_pointer, switch_modes) "\n"
	   "mov	%cr0, %eax\n"
	   "or	$1, %al\n"
	   "mov	%eax, %cr0\n"
	   "ljmpl	$8, $" HERE(flat, switch_modes) "\n"
	   ".code32\n"
	   "flat:\n"
	   "mov	$16, %ax\n"
	   "mov	%ax, %ds\n"
	   "mov	%ax, %ss\n"
	   "movl	$0xc0ffee, 0x3000\n"
	   "mov	$0xffffffff, %esp\n"
	   "hlt\n"
	   "ljmp	$24, $" HERE(small, switch_modes) "\n"
	   ".code16\n"
	   "small:\n"
	   "mov	%cr0, %eax\n"
	   "and	$0xfe, %al\n"
	   "mov	%eax, %cr0\n"
	   "ljmp	$0, $" HERE(real, switch_modes) "\n"
	   "real:\n"
	   "mov	$0x300, %ax\n"
	   "mov	%ax, %ds\n"
	   "mov	0, %ebx\n"
	   "hlt\n"
	   ".balign 8\n"
	   "gdt:\n"
	   ".quad 0\n"
	   ".quad 0x00cf9b000000ffff\n"	/* 8: code, flat, 32 bits */
	   ".quad 0x00cf93000000ffff\n"	/* 16: data, flat */
	   ".quad 0x00009b000000ffff\n"	/* 24: code, 64 KiB, 16 bits */
	   "gdt_pointer:\n"
	   ".word . - gdt - 1\n"
	   ".long " HERE(gdt, switch_modes) "\n");

TEST_DEVICE(mode, by_guest)
{
	ASSERT_EQ(0, vm_load(&self->vm, CODE(switch_modes)));
	run_to_halt(_metadata, self);
	EXPECT_EQ(0xc0ffee, *(uint32_t *)(self->vm.memory + 0x3000));
	EXPECT_EQ(0xffffffff, self->regs.rsp);
	EXPECT_EQ(0x60000011, self->sregs.cr0);
	EXPECT_EQ(8, self->sregs.cs.selector);
	EXPECT_EQ(0xffffffff, self->sregs.cs.limit);
	EXPECT_EQ(1, self->sregs.cs.db);
	EXPECT_EQ(1, self->sregs.cs.g);
	EXPECT_EQ(11, self->sregs.cs.type);
	EXPECT_EQ(16, self->sregs.ss.selector);
	EXPECT_EQ(31, self->sregs.gdt.limit);

	run_to_halt(_metadata, self);
	EXPECT_EQ(0xc0ffee, self->regs.rbx);
	EXPECT_EQ(0x60000010, self->sregs.cr0);
	EXPECT_EQ(0x300, self->sregs.ds.selector);
	EXPECT_EQ(0x3000, self->sregs.ds.base);
	EXPECT_EQ(0, self->sregs.cs.db);
}

GUEST_CODE(32, far_store,
	   "movl	$0x12345678, 0x8000\n"
	   "mov	0x8000, %ebx\n"
	   "mov	%cr0, %ecx\n"
	   "hlt\n");

TEST_DEVICE(mode, by_sregs)
{
	ASSERT_EQ(0, vm_load(&self->vm, CODE(far_store)));
	start_protected(_metadata, self, 0);
	run_to_halt(_metadata, self);
	EXPECT_EQ(0x12345678, self->regs.rbx);
	EXPECT_EQ(self->sregs.cr0, self->regs.rcx);
	EXPECT_EQ(0x60000011, self->sregs.cr0);
}

/* ------------------------- paging ---------------------------------------- */

#define TABLES		0x8000		/* page directory; then a page table */
#define PTE		3		/* present, writable */
#define PDE_LARGE	0x83

GUEST_CODE(32, use_paging,
	   "mov	0x00402000, %eax\n"	/* 0x5000 */
	   "mov	0x00800000, %ebx\n"	/* 0, 4 MiB page */
	   "incl	0x00402004\n"
	   "mov	%cr3, %ecx\n"
	   "mov	%ecx, %cr3\n"
	   "movl	$0, 0x9000 + 2 * 4\n"
	   "invlpg	0x00402000\n"
	   "mov	$0x55, %edx\n"
	   "hlt\n"
	   "mov	0x00402000, %eax\n"
	   "hlt\n");

static void start_paging(struct __test_metadata *_metadata,
			 FIXTURE_DATA(mode) *self)
{
	uint32_t *directory = (uint32_t *)(self->vm.memory + TABLES);
	uint32_t *table = (uint32_t *)(self->vm.memory + TABLES + PAGE);

	directory[0] = PDE_LARGE;		/* 0: identical */
	directory[1] = TABLES + PAGE + PTE;	/* 4 MiB: by the table */
	directory[2] = PDE_LARGE;		/* 8 MiB: again 0 */
	table[2] = 0x5000 + PTE;

	ASSERT_EQ(0, vm_get_sregs(self->vcpu, &self->sregs));
	vm_flat_segments(&self->sregs, 0);
	self->sregs.cr3 = TABLES;
	self->sregs.cr4 |= CR4_PSE;
	self->sregs.cr0 |= CR0_PG;
	ASSERT_EQ(0, vm_set_sregs(self->vcpu, &self->sregs));
}

TEST_DEVICE(mode, paging)
{
	uint32_t *data = (uint32_t *)(self->vm.memory + 0x5000);

	ASSERT_EQ(0, vm_load(&self->vm, CODE(use_paging)));
	start_paging(_metadata, self);
	data[0] = 0xabcdef01;
	data[1] = 7;
	*(uint32_t *)self->vm.memory = 0x1badb002;
	run_to_halt(_metadata, self);
	EXPECT_EQ(0xabcdef01, self->regs.rax);
	EXPECT_EQ(0x1badb002, self->regs.rbx);
	EXPECT_EQ(TABLES, self->regs.rcx);
	EXPECT_EQ(0x55, self->regs.rdx);
	EXPECT_EQ(8, data[1]);
	EXPECT_EQ(TABLES, self->sregs.cr3);
	EXPECT_EQ(0xe0000011, self->sregs.cr0);
	EXPECT_EQ(CR4_PSE, self->sregs.cr4);

	/* The guest took the page away: #PF, and no IDT leads to a shutdown. */
	self->sregs.idt.limit = 0;
	ASSERT_EQ(0, vm_set_sregs(self->vcpu, &self->sregs));
	ASSERT_EQ(0, vm_run(self->vcpu));
	EXPECT_EQ(MINIVMX_EXIT_SHUTDOWN, self->run->exit_reason);
	ASSERT_EQ(0, vm_get_sregs(self->vcpu, &self->sregs));
	EXPECT_EQ(0x00402000, self->sregs.cr2);
}

GUEST_CODE(32, enable_paging,
	   "mov	$0x8000, %eax\n"
	   "mov	%eax, %cr3\n"
	   "mov	%cr4, %eax\n"
	   "or	$0x10, %eax\n"		/* PSE */
	   "mov	%eax, %cr4\n"
	   "mov	%cr0, %eax\n"
	   "or	$0x80000000, %eax\n"
	   "mov	%eax, %cr0\n"
	   "mov	0x00800000, %ebx\n"
	   "mov	%cr0, %ecx\n"
	   "mov	%cr4, %edx\n"
	   "hlt\n");

TEST_DEVICE(mode, paging_by_guest)
{
	ASSERT_EQ(0, vm_load(&self->vm, CODE(enable_paging)));
	start_paging(_metadata, self);
	self->sregs.cr0 &= ~CR0_PG;
	self->sregs.cr3 = 0;
	self->sregs.cr4 = 0;
	ASSERT_EQ(0, vm_set_sregs(self->vcpu, &self->sregs));
	*(uint32_t *)self->vm.memory = 0x1badb002;
	run_to_halt(_metadata, self);
	EXPECT_EQ(0x1badb002, self->regs.rbx);
	EXPECT_EQ(0xe0000011, self->regs.rcx);
	EXPECT_EQ(CR4_PSE, self->regs.rdx);
	EXPECT_EQ(TABLES, self->sregs.cr3);
}

/* ------------------------- exceptions ------------------------------------ */

/* Real-mode vectors in the first page: handler of vector @n. */
static void set_vector(struct vm *vm, int n, uint16_t handler)
{
	uint16_t entry[2] = { handler, 0 };

	memcpy(vm->memory + 4 * n, entry, sizeof(entry));
}

GUEST_CODE(16, divide,
	   "mov	$0x7000, %sp\n"
	   "xor	%cx, %cx\n"
	   "div	%cl\n"			/* #DE: two bytes long */
	   "int3\n"
	   "int	$0x21\n"
	   "ud2\n"
	   "hlt\n"
	   ".org divide + 0x100\n"
	   "inc	%bx\n"			/* #DE: skip the DIV */
	   "pop	%ax\n"
	   "add	$2, %ax\n"
	   "push	%ax\n"
	   "iret\n"
	   ".org divide + 0x200\n"
	   "inc	%si\n"			/* INT3, INT n: after them already */
	   "iret\n");

/* Vectors are the guest's own business: none of them is seen outside. */
TEST_DEVICE(mode, exceptions)
{
	ASSERT_EQ(0, vm_load(&self->vm, CODE(divide)));
	set_vector(&self->vm, 0, VM_ENTRY + 0x100);
	set_vector(&self->vm, 6, VM_ENTRY + 0x100);
	set_vector(&self->vm, 3, VM_ENTRY + 0x200);
	set_vector(&self->vm, 0x21, VM_ENTRY + 0x200);
	run_to_halt(_metadata, self);
	EXPECT_EQ(2, self->regs.rbx);
	EXPECT_EQ(2, self->regs.rsi);
	EXPECT_EQ(0x7000, self->regs.rsp);
}

/*
 * The stack is on a page that nobody has touched: delivery itself misses in
 * EPT, and the event has to be delivered again, once.
 */
TEST_DEVICE(mode, delivery_faults_in_stack)
{
	ASSERT_EQ(0, vm_load(&self->vm, CODE(divide)));
	set_vector(&self->vm, 0, VM_ENTRY + 0x100);
	set_vector(&self->vm, 6, VM_ENTRY + 0x100);
	set_vector(&self->vm, 3, VM_ENTRY + 0x200);
	set_vector(&self->vm, 0x21, VM_ENTRY + 0x200);
	ASSERT_EQ(0, madvise(self->vm.memory + 0x6000, PAGE, MADV_DONTNEED));
	run_to_halt(_metadata, self);
	EXPECT_EQ(2, self->regs.rbx);
	EXPECT_EQ(2, self->regs.rsi);
}

GUEST_CODE(16, step,
	   "mov	$0x7000, %sp\n"
	   "pushf\n"
	   "pop	%ax\n"
	   "or	$0x100, %ax\n"		/* TF */
	   "push	%ax\n"
	   "popf\n"
	   "inc	%cx\n"			/* after POPF and this: #DB */
	   "inc	%cx\n"
	   "cpuid\n"			/* exits, and is a step too */
	   "pushf\n"
	   "pop	%ax\n"
	   "and	$0xfeff, %ax\n"
	   "push	%ax\n"
	   "popf\n"
	   "hlt\n"
	   ".org step + 0x100\n"
	   "inc	%si\n"
	   "iret\n");

TEST_DEVICE(mode, single_step)
{
	ASSERT_EQ(0, vm_load(&self->vm, CODE(step)));
	set_vector(&self->vm, 1, VM_ENTRY + 0x100);
	run_to_halt(_metadata, self);
	/* inc, inc, cpuid, pushf, pop, and, push, popf */
	EXPECT_EQ(8, self->regs.rsi);
}

/* ------------------------- interrupt shadows ----------------------------- */

GUEST_CODE(16, shadows,
	   "mov	$0x2000, %ax\n"
	   "sti\n"
	   "out	%al, $0x10\n"		/* IO exit in the shadow of STI */
	   "cli\n"
	   "mov	%ax, %ss\n"
	   "out	%al, $0x11\n"		/* in that of MOV SS */
	   "mov	%ax, %ss\n"
	   "cpuid\n"			/* answered in the kernel */
	   "sti\n"
	   "wbinvd\n"
	   "sti\n"
	   "hlt\n"
	   "nop\n"
	   "hlt\n");

/*
 * With the shadow of STI, VM entry demands that IF is 1: if the shadow outlives
 * its instruction, clearing IF here makes the entry fail.
 */
TEST_DEVICE(mode, shadows)
{
	int i;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(shadows)));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, vm_run(self->vcpu));
		ASSERT_EQ(MINIVMX_EXIT_IO, self->run->exit_reason);
		EXPECT_EQ(0x10 + i, self->run->io.port);
		ASSERT_EQ(0, vm_get_regs(self->vcpu, &self->regs));
		self->regs.rflags &= ~RFLAGS_IF;
		ASSERT_EQ(0, vm_set_regs(self->vcpu, &self->regs));
	}
	run_to_halt(_metadata, self);
	EXPECT_EQ(RFLAGS_IF, self->regs.rflags & RFLAGS_IF);
	self->regs.rflags &= ~RFLAGS_IF;
	ASSERT_EQ(0, vm_set_regs(self->vcpu, &self->regs));
	run_to_halt(_metadata, self);
}

TEST_HARNESS_MAIN
