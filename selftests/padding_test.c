// SPDX-License-Identifier: GPL-2.0
/*
 * What structures have for padding, and what is reserved in them, is zero: it
 * does not show what the kernel's memory was used for before.
 *
 * Breakage it catches: a structure on the stack or from kmalloc() that is filled in
 * member by member and then copied whole; a page that is mapped as it comes.
 */
#include "devices.h"
#include "guest_code.h"
#include "vm.h"

#define MEMBER(type, member) \
	offsetof(struct minivmx_##type, member), \
	sizeof(((struct minivmx_##type *)0)->member)

#define SEGMENT(name) \
	{ MINIVMX_GET_SREGS, "sregs." #name, MEMBER(sregs, name.padding) }

/* What is nothing in the structures that come from the kernel. */
static const struct {
	unsigned long number;
	const char *name;
	size_t offset, size;
} paddings[] = {
	SEGMENT(cs), SEGMENT(ds), SEGMENT(es), SEGMENT(fs), SEGMENT(gs), SEGMENT(ss),
	SEGMENT(tr), SEGMENT(ldt), SEGMENT(gdt), SEGMENT(idt),
	{ MINIVMX_GET_VCPU_EVENTS, "nmi.pad", MEMBER(vcpu_events, nmi.pad) },
	{ MINIVMX_GET_VCPU_EVENTS, "reserved", MEMBER(vcpu_events, reserved) },
	{ MINIVMX_GET_VCPU_EVENTS, "payload", MEMBER(vcpu_events, exception_payload) },
	{ MINIVMX_GET_DEBUGREGS, "flags", MEMBER(debugregs, flags) },
	{ MINIVMX_GET_DEBUGREGS, "reserved", MEMBER(debugregs, reserved) },
	{ MINIVMX_GET_FPU, "pad1", MEMBER(fpu, pad1) },
	{ MINIVMX_GET_FPU, "pad2", MEMBER(fpu, pad2) },
	{ MINIVMX_GET_XCRS, "flags", MEMBER(xcrs, flags) },
	{ MINIVMX_GET_XCRS, "reserved", MEMBER(xcrs, xcrs[0].reserved) },
	{ MINIVMX_GET_XCRS, "xcrs[1] and on", offsetof(struct minivmx_xcrs, xcrs[1]),
	  15 * sizeof(struct minivmx_xcr) },
	{ MINIVMX_GET_XCRS, "padding", MEMBER(xcrs, padding) },
	/* Of the header, all but which components there are; SDM Vol. 1, 13.4.2. */
	{ MINIVMX_GET_XSAVE, "header", 512 + 16, 48 },
	/* Standard form: nothing is behind the last component, PKRU. */
	{ MINIVMX_GET_XSAVE, "end", 3072, 1024 },
};

/* These are minivmx's own. */
static const struct {
	unsigned long number;
	const char *name;
	size_t offset, size;
} own_paddings[] = {
	{ MINIVMX_GET_EXIT_STATS, "reasons that there are not",
	  offsetof(struct minivmx_exit_stats, count[78]), 2 * sizeof(uint64_t) },
	{ MINIVMX_GET_EXIT_STATS, "times that were not taken",
	  offsetof(struct minivmx_exit_stats, cycles),
	  sizeof(((struct minivmx_exit_stats *)0)->cycles) },
};

/* Writes of all ones, most of which are refused, after they were copied. */
static const unsigned long writes[] = {
	MINIVMX_SET_SREGS, MINIVMX_SET_VCPU_EVENTS, MINIVMX_SET_DEBUGREGS, MINIVMX_SET_XCRS,
	MINIVMX_SET_XSAVE, MINIVMX_SET_GUEST_DEBUG, MINIVMX_SET_MP_STATE, MINIVMX_TRANSLATE,
	MINIVMX_SET_EXIT_POLICY,
};

DEVICE_FIXTURE(padding) {
	struct vm vm;
};

DEVICE_FIXTURE_SETUP(padding)
{
	ASSERT_EQ(0, vm_open(&self->vm, variant->path));
}

FIXTURE_TEARDOWN(padding)
{
	vm_close(&self->vm);
}

/* Stack and heap of the kernel are full of ones, where the next ioctl takes them. */
static void poison(struct vm *vm)
{
	static uint8_t ones[16384];
	size_t i;

	memset(ones, 0xff, sizeof(ones));
	for (i = 0; i < ARRAY_SIZE(writes); i++) {
		vm_ioctl_p(vm->vcpu, writes[i], ones);
		vm_ioctl_p(vm->fd, MINIVMX_SET_USER_MEMORY_REGION, ones);
	}
}

static void expect_zero(struct __test_metadata *_metadata, struct vm *vm,
			unsigned long number, const char *name, size_t offset, size_t size)
{
	static uint8_t answer[16384];
	size_t i;

	memset(answer, 0xff, sizeof(answer));
	poison(vm);
	ASSERT_EQ(0, vm_ioctl_p(vm->vcpu, number, answer)) {
		TH_LOG("%s", name);
	}
	for (i = 0; i < size && !answer[offset + i]; i++)
		;
	/* That is how far there are only zeros. */
	EXPECT_EQ(size, i) {
		TH_LOG("%s, byte %zu", name, i);
	}
}

TEST_DEVICE(padding, of_structures)
{
	struct minivmx_fpu fpu;
	size_t i;

	/* The initial state: what no other call has made. */
	ASSERT_EQ(0, vm_ioctl_p(self->vm.vcpu, MINIVMX_GET_FPU, &fpu));
	for (i = 0; i < ARRAY_SIZE(paddings); i++)
		expect_zero(_metadata, &self->vm, paddings[i].number, paddings[i].name,
			    paddings[i].offset, paddings[i].size);
	for (i = 0; variant->minivmx && i < ARRAY_SIZE(own_paddings); i++)
		expect_zero(_metadata, &self->vm, own_paddings[i].number,
			    own_paddings[i].name, own_paddings[i].offset,
			    own_paddings[i].size);
}

GUEST_CODE(16, just_hlt, "hlt\n");

/* What the caller had there is not kept, before the guest runs and after. */
TEST_DEVICE(padding, of_segments)
{
	struct minivmx_debugregs debugregs = { .dr6 = 0xffff0ff0, .dr7 = 0x400 };
	struct minivmx_guest_debug no_debug = { 0 };
	struct minivmx_sregs sregs;
	struct vm *vm = &self->vm;
	size_t i;

	ASSERT_EQ(0, vm_load(vm, CODE(just_hlt)));
	ASSERT_EQ(0, vm_get_sregs(vm->vcpu, &sregs));
	for (i = 0; i < ARRAY_SIZE(paddings); i++)
		if (paddings[i].number == MINIVMX_GET_SREGS)
			memset((uint8_t *)&sregs + paddings[i].offset, 0xff,
			       paddings[i].size);
	ASSERT_EQ(0, vm_set_sregs(vm->vcpu, &sregs));
	for (i = 0; i < 2 * ARRAY_SIZE(paddings); i++) {
		size_t row = i % ARRAY_SIZE(paddings);

		if (i == ARRAY_SIZE(paddings)) {
			/* KVM took those of all ones, and cannot enter with them. */
			ASSERT_EQ(0, vm_ioctl_p(vm->vcpu, MINIVMX_SET_DEBUGREGS, &debugregs));
			ASSERT_EQ(0, vm_ioctl_p(vm->vcpu, MINIVMX_SET_GUEST_DEBUG, &no_debug));
			ASSERT_EQ(0, vm_run(vm->vcpu));
			ASSERT_EQ(MINIVMX_EXIT_HLT, vm->run->exit_reason);
		}
		if (paddings[row].number == MINIVMX_GET_SREGS)
			expect_zero(_metadata, vm, MINIVMX_GET_SREGS, paddings[row].name,
				    paddings[row].offset, paddings[row].size);
	}
}

TEST_DEVICE(padding, of_cpuid_entries)
{
	static struct {
		struct minivmx_cpuid2 head;
		struct minivmx_cpuid_entry2 entries[MINIVMX_MAX_CPUID_ENTRIES];
	} table;
	uint32_t i, j;

	memset(&table, 0xff, sizeof(table));
	table.head.nent = MINIVMX_MAX_CPUID_ENTRIES;
	/* A table of that size is freed when there is an empty one. */
	vm_ioctl_p(self->vm.vcpu, MINIVMX_SET_CPUID2, &table);
	vm_ioctl_p(self->vm.vcpu, MINIVMX_SET_CPUID2, &(struct minivmx_cpuid2){ 0 });
	ASSERT_EQ(0, vm_ioctl_p(self->vm.dev, MINIVMX_GET_SUPPORTED_CPUID, &table));
	ASSERT_LT(0, table.head.nent);
	ASSERT_GT(MINIVMX_MAX_CPUID_ENTRIES, table.head.nent);
	for (i = 0; i < table.head.nent; i++)
		for (j = 0; j < ARRAY_SIZE(table.entries[i].padding); j++)
			EXPECT_EQ(0, table.entries[i].padding[j]);
	/* And nothing is written behind the last one. */
	EXPECT_EQ(0xffffffff, table.entries[table.head.nent].function);
}

TEST_DEVICE(padding, of_vmx_caps)
{
	struct minivmx_vmx_caps caps;

	if (!variant->minivmx)
		SKIP(return, "KVM does not have it");
	memset(&caps, 0xff, sizeof(caps));
	poison(&self->vm);
	ASSERT_EQ(0, vm_ioctl_p(self->vm.dev, MINIVMX_GET_VMX_CAPS, &caps));
	EXPECT_EQ(0, caps.padding);
}

/* The pages that are mapped are fresh ones: that of the run, of ports, of the ring. */
TEST_DEVICE(padding, of_shared_pages)
{
	struct minivmx_run *run;
	const uint8_t *bytes;
	size_t i;
	int vcpu;

	poison(&self->vm);
	vcpu = vm_ioctl(self->vm.fd, MINIVMX_CREATE_VCPU, 1);
	ASSERT_LE(0, vcpu);
	run = vm_map_run(vcpu, self->vm.run_size);
	ASSERT_NE(MAP_FAILED, (void *)run);
	bytes = (uint8_t *)run;
	for (i = 0; i < self->vm.run_size; i++) {
		/* KVM says here which registers it can put into the page. */
		if (i >= offsetof(struct minivmx_run, kvm_valid_regs) &&
		    i < offsetof(struct minivmx_run, s))
			continue;
		if (bytes[i])
			break;
	}
	EXPECT_EQ(self->vm.run_size, i);
	munmap(run, self->vm.run_size);
	close(vcpu);
}

GUEST_CODE(16, undecodable,
	   "mov	$0x2000, %ax\n"
	   "mov	%ax, %ds\n"
	   "fnstcw	0\n");

#define LAST_INSN	4	/* bytes of FNSTCW, with which memory ends */

/* There are 15 bytes for an instruction: those that are not there are NOPs. */
TEST_DEVICE(padding, of_an_instruction)
{
	size_t i, size = undecodable_end - undecodable;
	struct minivmx_run *run = self->vm.run;

	if (!variant->minivmx)
		SKIP(return, "KVM emulates it");
	memcpy(self->vm.memory + VM_MEMORY - size, undecodable, size);
	ASSERT_EQ(0, vm_enter_at(self->vm.vcpu, VM_MEMORY - size, 0));
	memset(run->padding, 0xff, sizeof(run->padding));
	poison(&self->vm);
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	ASSERT_EQ(MINIVMX_EXIT_INTERNAL_ERROR, run->exit_reason);
	ASSERT_EQ(LAST_INSN, run->emulation_failure.insn_size);
	EXPECT_EQ(0, memcmp(run->emulation_failure.insn_bytes,
			    self->vm.memory + VM_MEMORY - LAST_INSN, LAST_INSN));
	for (i = LAST_INSN; i < sizeof(run->emulation_failure.insn_bytes); i++)
		EXPECT_EQ(0x90, run->emulation_failure.insn_bytes[i]);
}

TEST_HARNESS_MAIN
