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
	for (i = 0; i < size; i++) {
		EXPECT_EQ(0, answer[offset + i]) {
			TH_LOG("%s, byte %zu", name, i);
			return;
		}
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

TEST_DEVICE(padding, of_cpuid_entries)
{
	static struct {
		struct minivmx_cpuid2 head;
		struct minivmx_cpuid_entry2 entries[MINIVMX_MAX_CPUID_ENTRIES];
	} table;
	uint32_t i, j;

	memset(&table, 0xff, sizeof(table));
	table.head.nent = MINIVMX_MAX_CPUID_ENTRIES;
	poison(&self->vm);
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
		EXPECT_EQ(0, bytes[i]) {
			TH_LOG("byte %zu", i);
			break;
		}
	}
	munmap(run, self->vm.run_size);
	close(vcpu);
}

/* An exit fills in what it has; the rest of the page is what it was. */
GUEST_CODE(16, undecodable,
	   "mov	$0x2000, %ax\n"
	   "mov	%ax, %ds\n"
	   "fnstcw	0\n"
	   "hlt\n");

TEST_DEVICE(padding, of_an_emulation_failure)
{
	struct minivmx_run *run = self->vm.run;
	size_t i, from = offsetof(struct minivmx_run, emulation_failure.insn_bytes) + 15;

	if (!variant->minivmx)
		SKIP(return, "KVM emulates it");
	ASSERT_EQ(0, vm_load(&self->vm, CODE(undecodable)));
	memset(run->padding, 0, sizeof(run->padding));
	poison(&self->vm);
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	ASSERT_EQ(MINIVMX_EXIT_INTERNAL_ERROR, run->exit_reason);
	EXPECT_EQ(15, run->emulation_failure.insn_size);
	EXPECT_EQ(0, memcmp(run->emulation_failure.insn_bytes,
			    self->vm.memory + VM_ENTRY + 5, 15));
	for (i = from; i < offsetof(struct minivmx_run, kvm_valid_regs); i++)
		EXPECT_EQ(0, ((uint8_t *)run)[i]);
}

TEST_HARNESS_MAIN
