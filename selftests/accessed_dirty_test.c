// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest did to a page becomes known to the kernel when the page is taken from
 * it: whether it has to be written out before somebody else gets its memory.
 *
 * Breakage it catches: writes of a guest's that are lost when memory gets short, and
 * pages that are written out although nobody has changed them.
 */
#include <fcntl.h>
#include <stdio.h>

#include "adder.h"
#include "devices.h"
#include "guest_code.h"
#include "vm.h"

#define GPA	0x200000UL
#define SLOT	1

/* include/uapi/linux/kernel-page-flags.h */
#define PAGE_DIRTY	4

DEVICE_FIXTURE(accessed_dirty) {
	struct vm vm;
};

DEVICE_FIXTURE_SETUP(accessed_dirty)
{
	ASSERT_EQ(0, vm_open(&self->vm, variant->path));
}

FIXTURE_TEARDOWN(accessed_dirty)
{
	vm_close(&self->vm);
}

static uint64_t word_of(const char *path, uint64_t index)
{
	int fd = open(path, O_RDONLY);
	uint64_t word = 0;

	if (fd < 0)
		return 0;
	if (pread(fd, &word, sizeof(word), index * sizeof(word)) != sizeof(word))
		word = 0;
	close(fd);
	return word;
}

/* The kernel's flags of the page that is at an address now; 0 if it will not say. */
static uint64_t page_flags(const void *address)
{
	uint64_t entry = word_of("/proc/self/pagemap", (unsigned long)address / PAGE);
	uint64_t pfn = entry & ((1ULL << 55) - 1);

	return entry >> 63 && pfn ? word_of("/proc/kpageflags", pfn) : 0;
}

GUEST_CODE(32, looker,
	   "mov	(%ebx), %eax\n"
	   "hlt\n");

TEST_DEVICE(accessed_dirty, dirty)
{
	struct vm *vm = &self->vm;
	uint8_t *memory = vm_pages(2 * PAGE);
	struct minivmx_vmx_caps caps;

	ASSERT_NE(MAP_FAILED, (void *)memory);
	/* The owner may write to them, and has: a read maps them writable too. */
	memory[0] = 1;
	memory[PAGE] = 1;
	if (!page_flags(memory))
		SKIP(return, "this kernel does not tell the flags of pages");
	ASSERT_EQ(0, page_flags(memory) >> PAGE_DIRTY & 1);
	ASSERT_EQ(0, vm_region(vm->fd, SLOT, GPA, 2 * PAGE, memory));

	ASSERT_EQ(0, adder_start(vm, GPA));
	ASSERT_EQ(0, vm_run(vm->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, vm->run->exit_reason);
	ASSERT_EQ(0, adder_start(vm, GPA + PAGE));
	memcpy(vm->memory + VM_ENTRY, looker, looker_end - looker);
	ASSERT_EQ(0, vm_run(vm->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, vm->run->exit_reason);

	/* The guest loses both, and the owner keeps them. */
	ASSERT_EQ(0, mprotect(memory, 2 * PAGE, PROT_READ));
	EXPECT_EQ(1, page_flags(memory) >> PAGE_DIRTY & 1);
	/*
	 * KVM takes it for written to because it might have been; so does minivmx
	 * where EPT keeps no dirty bits: IA32_VMX_EPT_VPID_CAP, bit 21.
	 */
	if (variant->minivmx && !vm_ioctl_p(vm->dev, MINIVMX_GET_VMX_CAPS, &caps) &&
	    caps.ept_vpid >> 21 & 1)
		EXPECT_EQ(0, page_flags(memory + PAGE) >> PAGE_DIRTY & 1);
	munmap(memory, 2 * PAGE);
}

/* What the kernel writes in the guest's place is a write too. */
TEST_DEVICE(accessed_dirty, written_on_its_behalf)
{
	struct vm *vm = &self->vm;
	uint8_t *memory = vm_pages(PAGE);
	struct minivmx_regs regs;

	ASSERT_NE(MAP_FAILED, (void *)memory);
	memory[0] = 1;
	if (!page_flags(memory))
		SKIP(return, "this kernel does not tell the flags of pages");
	ASSERT_EQ(0, vm_region(vm->fd, SLOT, GPA, PAGE, memory));
	ASSERT_EQ(0, adder_start(vm, GPA));
	ASSERT_EQ(0, vm_get_regs(vm->vcpu, &regs));
	/* INSB to the page: user space has the data, the kernel puts it there. */
	memcpy(vm->memory + VM_ENTRY, "\x6c\xf4", 2);
	regs.rdi = GPA;
	regs.rdx = 0x10;
	ASSERT_EQ(0, vm_set_regs(vm->vcpu, &regs));
	ASSERT_EQ(0, vm_run(vm->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_IO, vm->run->exit_reason);
	*(uint8_t *)vm_io_data(vm->run) = 0x5a;
	ASSERT_EQ(0, vm_run(vm->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, vm->run->exit_reason);
	EXPECT_EQ(0x5a, memory[0]);
	ASSERT_EQ(0, mprotect(memory, PAGE, PROT_READ));
	/* KVM copies through the owner's own mapping, whose entry knows it. */
	if (variant->minivmx)
		EXPECT_EQ(1, page_flags(memory) >> PAGE_DIRTY & 1);
	munmap(memory, PAGE);
}

TEST_HARNESS_MAIN
