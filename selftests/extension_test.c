// SPDX-License-Identifier: GPL-2.0
/*
 * What minivmx_ext.h offers beyond KVM, but for the exit policy: capabilities
 * of VMX, the EPT walk, and the count and time of exits.
 *
 * Breakage it catches: an answer that contradicts itself or the guest, a
 * question that changes what it asks for, a count that misses exits or has them
 * twice, and a pointer, descriptor or process that is not checked.
 */
#include <sys/wait.h>

#include "devices.h"
#include "guest_code.h"
#include "vm.h"

FIXTURE(extension) {
	struct vm vm;
	struct minivmx_run *run;
	int vcpu;
};

FIXTURE_SETUP(extension)
{
	device_need(_metadata, MINIVMX_PATH);
	ASSERT_EQ(0, vm_open(&self->vm, MINIVMX_PATH));
	self->run = self->vm.run;
	self->vcpu = self->vm.vcpu;
}

FIXTURE_TEARDOWN(extension)
{
	vm_close(&self->vm);
}

static void run_to_halt(struct __test_metadata *_metadata, FIXTURE_DATA(extension) *self)
{
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
}

/* ------------------------- capabilities of VMX ---------------------------- */

#define FEATURE_LOCKED		1
#define FEATURE_VMX		4	/* outside of SMX */
#define PRIMARY_SECONDARY	0x80000000U
#define SECONDARY_EPT		0x2U
#define SECONDARY_UNRESTRICTED	0x80U
#define EXIT_ACK_INTERRUPT	0x8000U
#define CR4_VMXE		0x2000UL

TEST_F_TIMEOUT(extension, vmx_caps, TIMEOUT)
{
	struct minivmx_vmx_caps caps, again;
	const __u64 *words = &caps.pin;
	int i;

	memset(&caps, 0xff, sizeof(caps));
	ASSERT_EQ(0, vm_ioctl_p(self->vm.dev, MINIVMX_GET_VMX_CAPS, &caps));
	EXPECT_EQ(FEATURE_LOCKED | FEATURE_VMX,
		  caps.feature_control & (FEATURE_LOCKED | FEATURE_VMX));
	EXPECT_EQ(0, caps.basic & 1UL << 31);		/* always 0 */
	EXPECT_LT(0, caps.basic >> 32 & 0x1fff);	/* the size of a VMCS */
	EXPECT_GE(4096, caps.basic >> 32 & 0x1fff);
	for (i = 0; i < 5; i++) {
		uint32_t must = words[i], may = words[i] >> 32;

		EXPECT_EQ(0, must & ~may) {
			TH_LOG("word %d contradicts itself", i);
		}
		EXPECT_EQ(must, caps.used[i] & must) {
			TH_LOG("word %d: %#x used", i, caps.used[i]);
		}
		EXPECT_EQ(0, caps.used[i] & ~may) {
			TH_LOG("word %d: %#x used", i, caps.used[i]);
		}
	}
	EXPECT_NE(0, caps.used[1] & PRIMARY_SECONDARY);
	EXPECT_EQ(SECONDARY_EPT | SECONDARY_UNRESTRICTED,
		  caps.used[2] & (SECONDARY_EPT | SECONDARY_UNRESTRICTED));
	EXPECT_EQ(0, caps.used[3] & EXIT_ACK_INTERRUPT);
	EXPECT_NE(0, caps.ept_vpid & 1UL << 6);		/* page walks of 4 levels */
	EXPECT_NE(0, caps.ept_vpid & 1UL << 14);	/* write-back */
	EXPECT_EQ(0, caps.cr0_fixed0 & ~caps.cr0_fixed1);
	EXPECT_EQ(0, caps.cr4_fixed0 & ~caps.cr4_fixed1);
	EXPECT_NE(0, caps.cr4_fixed0 & CR4_VMXE);
	EXPECT_EQ(0, caps.padding);

	ASSERT_EQ(0, vm_ioctl_p(self->vm.dev, MINIVMX_GET_VMX_CAPS, &again));
	EXPECT_EQ(0, memcmp(&caps, &again, sizeof(caps)));
}

/* ------------------------- EPT walk --------------------------------------- */

#define READ		1UL
#define WRITE		2UL
#define EXECUTE		4UL
#define RIGHTS		(READ | WRITE | EXECUTE)
#define ADDRESS		0x000ffffffffff000UL
#define WRITE_BACK	6UL
#define SECOND		0x40000000UL	/* a slot far away, at 1 GiB */
#define CONSTANT	0x80000000UL	/* one that the guest may only read */
#define FAR_SIZE	(4 * PAGE)

static struct minivmx_ept_walk walk(struct __test_metadata *_metadata,
				    FIXTURE_DATA(extension) *self, uint64_t gpa)
{
	struct minivmx_ept_walk walk;

	memset(&walk, 0xff, sizeof(walk));
	walk.guest_phys_addr = gpa;
	EXPECT_EQ(0, vm_ioctl_p(self->vm.fd, MINIVMX_EPT_WALK, &walk));
	EXPECT_EQ(gpa, walk.guest_phys_addr);
	EXPECT_EQ(0, walk.flags);
	/* Write-back, 4 levels: SDM Vol. 3C, table 25-9, edition 083. */
	EXPECT_EQ(WRITE_BACK | 3 << 3, walk.pointer & 0x3f);
	EXPECT_NE(0, walk.pointer & ADDRESS);
	return walk;
}

static void expect_no_page(struct __test_metadata *_metadata,
			   FIXTURE_DATA(extension) *self, uint64_t gpa)
{
	struct minivmx_ept_walk w = walk(_metadata, self, gpa);
	uint32_t i;

	ASSERT_LE(1, w.levels);
	ASSERT_GE(4, w.levels);
	for (i = w.levels - 1; i < 4; i++) {
		EXPECT_EQ(0, w.entries[i]) {
			TH_LOG("gpa %#lx level %u", (unsigned long)gpa, i);
		}
	}
}

static void expect_page(struct __test_metadata *_metadata, FIXTURE_DATA(extension) *self,
			uint64_t gpa, uint64_t rights)
{
	struct minivmx_ept_walk w = walk(_metadata, self, gpa);
	int i;

	ASSERT_EQ(4, w.levels) {
		TH_LOG("gpa %#lx", (unsigned long)gpa);
	}
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(RIGHTS, w.entries[i] & RIGHTS);
		EXPECT_EQ(0, w.entries[i] & 0xf8);	/* reserved in tables */
		EXPECT_NE(0, w.entries[i] & ADDRESS);
	}
	EXPECT_EQ(rights, w.entries[3] & RIGHTS) {
		TH_LOG("gpa %#lx", (unsigned long)gpa);
	}
	EXPECT_EQ(WRITE_BACK, w.entries[3] >> 3 & 7);
	EXPECT_NE(0, w.entries[3] & ADDRESS);
}

GUEST_CODE(32, touch,
	   "mov	$1, %eax\n"
	   "mov	%eax, 0x40001ff8\n"
	   "mov	0x80002000, %ebx\n"
	   "hlt\n");

static void add_far_slots(struct __test_metadata *_metadata, FIXTURE_DATA(extension) *self,
			  uint8_t **memory)
{
	struct minivmx_userspace_memory_region constant = {
		.slot = 2, .flags = MINIVMX_MEM_READONLY, .guest_phys_addr = CONSTANT,
		.memory_size = FAR_SIZE,
	};

	*memory = vm_pages(2 * FAR_SIZE);
	ASSERT_NE(MAP_FAILED, *memory);
	constant.userspace_addr = (unsigned long)*memory + FAR_SIZE;
	(*memory)[FAR_SIZE + 2 * PAGE] = 0x77;
	ASSERT_EQ(0, vm_region(self->vm.fd, 1, SECOND, FAR_SIZE, *memory));
	ASSERT_EQ(0, vm_ioctl_p(self->vm.fd, MINIVMX_SET_USER_MEMORY_REGION, &constant));
}

TEST_F_TIMEOUT(extension, ept_walk, TIMEOUT)
{
	struct minivmx_sregs sregs;
	struct minivmx_regs regs;
	uint8_t *memory;

	/* No page anywhere, and not even tables. */
	EXPECT_EQ(1, walk(_metadata, self, 0).levels);
	EXPECT_EQ(1, walk(_metadata, self, (1UL << 48) - 1).levels);
	add_far_slots(_metadata, self, &memory);
	EXPECT_EQ(1, walk(_metadata, self, SECOND).levels);

	ASSERT_EQ(0, vm_load(&self->vm, CODE(touch)));
	ASSERT_EQ(0, vm_get_sregs(self->vcpu, &sregs));
	vm_flat_segments(&sregs, 0);
	ASSERT_EQ(0, vm_set_sregs(self->vcpu, &sregs));
	run_to_halt(_metadata, self);
	ASSERT_EQ(0, vm_get_regs(self->vcpu, &regs));
	EXPECT_EQ(0x77, regs.rbx);

	/* What was touched, to the byte, and no other page. */
	expect_page(_metadata, self, SECOND + PAGE, RIGHTS);
	expect_page(_metadata, self, SECOND + 2 * PAGE - 1, RIGHTS);
	expect_page(_metadata, self, CONSTANT + 2 * PAGE, READ | EXECUTE);
	expect_page(_metadata, self, VM_ENTRY, RIGHTS);
	expect_no_page(_metadata, self, SECOND);
	expect_no_page(_metadata, self, SECOND + 2 * PAGE);
	expect_no_page(_metadata, self, CONSTANT + PAGE);
	expect_no_page(_metadata, self, CONSTANT + 3 * PAGE);
	expect_no_page(_metadata, self, 0x2000);
	/* Tables reach that far, pages do not. */
	EXPECT_EQ(4, walk(_metadata, self, SECOND).levels);
	EXPECT_EQ(1, walk(_metadata, self, 1UL << 40).levels);
	EXPECT_NE(walk(_metadata, self, SECOND + PAGE).entries[3] & ADDRESS,
		  walk(_metadata, self, CONSTANT + 2 * PAGE).entries[3] & ADDRESS);

	/* Asking has mapped nothing. */
	expect_no_page(_metadata, self, SECOND + 2 * PAGE);

	ASSERT_EQ(0, vm_region(self->vm.fd, 1, SECOND, 0, NULL));
	expect_no_page(_metadata, self, SECOND + PAGE);
	expect_page(_metadata, self, CONSTANT + 2 * PAGE, READ | EXECUTE);
	munmap(memory, 2 * FAR_SIZE);
}

TEST_F_TIMEOUT(extension, ept_walk_address, TIMEOUT)
{
	struct minivmx_ept_walk w = { .guest_phys_addr = 1UL << 48 };

	EXPECT_EQ(-EINVAL, vm_ioctl_p(self->vm.fd, MINIVMX_EPT_WALK, &w));
	w.guest_phys_addr = ~0UL;
	EXPECT_EQ(-EINVAL, vm_ioctl_p(self->vm.fd, MINIVMX_EPT_WALK, &w));
	w.guest_phys_addr = (1UL << 48) - 1;
	EXPECT_EQ(0, vm_ioctl_p(self->vm.fd, MINIVMX_EPT_WALK, &w));
}

/* ------------------------- counts and times ------------------------------- */

/* Basic exit reasons. */
#define CPUID		10
#define HLT		12
#define VMCALL		18
#define IO		30
#define EPT_VIOLATION	48

GUEST_CODE(16, known_exits,
	   "cpuid\n"
	   "cpuid\n"
	   "cpuid\n"
	   "vmcall\n"
	   "vmcall\n"
	   "out	%al, $0x10\n"
	   "hlt\n");

static struct minivmx_exit_stats get_stats(struct __test_metadata *_metadata,
					   FIXTURE_DATA(extension) *self)
{
	struct minivmx_exit_stats stats;

	memset(&stats, 0xff, sizeof(stats));
	EXPECT_EQ(0, vm_ioctl_p(self->vcpu, MINIVMX_GET_EXIT_STATS, &stats));
	return stats;
}

static void run_known_exits(struct __test_metadata *_metadata,
			    FIXTURE_DATA(extension) *self)
{
	ASSERT_EQ(0, vm_load(&self->vm, CODE(known_exits)));
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_IO, self->run->exit_reason);
	run_to_halt(_metadata, self);
}

TEST_F_TIMEOUT(extension, counts, TIMEOUT)
{
	struct minivmx_exit_stats stats = get_stats(_metadata, self);
	uint64_t times, i;

	for (i = 0; i < MINIVMX_NR_EXIT_REASONS; i++) {
		EXPECT_EQ(0, stats.count[i]);
		EXPECT_EQ(0, stats.cycles[i]);
	}
	for (times = 1; times <= 3; times++) {
		run_known_exits(_metadata, self);
		stats = get_stats(_metadata, self);
		EXPECT_EQ(3 * times, stats.count[CPUID]);
		EXPECT_EQ(2 * times, stats.count[VMCALL]);
		EXPECT_EQ(times, stats.count[IO]);
		EXPECT_EQ(times, stats.count[HLT]);
		/* The page of its code, and only once. */
		EXPECT_EQ(1, stats.count[EPT_VIOLATION]);
	}
	for (i = 0; i < MINIVMX_NR_EXIT_REASONS; i++)
		EXPECT_EQ(0, stats.cycles[i]);
}

/* Exits that the owner takes count as well. */
TEST_F_TIMEOUT(extension, counts_by_policy, TIMEOUT)
{
	struct minivmx_exit_policy policy = { .reasons = { 1UL << CPUID } };

	ASSERT_EQ(0, vm_ioctl_p(self->vcpu, MINIVMX_SET_EXIT_POLICY, &policy));
	ASSERT_EQ(0, vm_load(&self->vm, CODE(known_exits)));
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_VMX, self->run->exit_reason);
	EXPECT_EQ(1, get_stats(_metadata, self).count[CPUID]);
}

TEST_F_TIMEOUT(extension, times, TIMEOUT)
{
	static const int measured[] = { CPUID, VMCALL, IO, HLT };
	struct minivmx_exit_stats stats, before;
	size_t i;

	ASSERT_EQ(0, vm_ioctl(self->vcpu, MINIVMX_TIME_EXITS, 1));
	run_known_exits(_metadata, self);
	/* HLT is over with the next entry. */
	EXPECT_EQ(0, get_stats(_metadata, self).cycles[HLT]);
	run_known_exits(_metadata, self);
	before = get_stats(_metadata, self);
	for (i = 0; i < ARRAY_SIZE(measured); i++) {
		EXPECT_LT(0, before.cycles[measured[i]]) {
			TH_LOG("reason %d", measured[i]);
		}
	}
	for (i = 0; i < MINIVMX_NR_EXIT_REASONS; i++)
		if (!before.count[i])
			EXPECT_EQ(0, before.cycles[i]);

	/* Off: what was measured stays. */
	ASSERT_EQ(0, vm_ioctl(self->vcpu, MINIVMX_TIME_EXITS, 0));
	run_known_exits(_metadata, self);
	stats = get_stats(_metadata, self);
	EXPECT_EQ(9, stats.count[CPUID]);
	EXPECT_EQ(0, memcmp(before.cycles, stats.cycles, sizeof(stats.cycles)));
}

TEST_F_TIMEOUT(extension, times_argument, TIMEOUT)
{
	EXPECT_EQ(-EINVAL, vm_ioctl(self->vcpu, MINIVMX_TIME_EXITS, 2));
	EXPECT_EQ(-EINVAL, vm_ioctl(self->vcpu, MINIVMX_TIME_EXITS, ~0UL));
	EXPECT_EQ(-EINVAL, vm_ioctl(self->vcpu, MINIVMX_TIME_EXITS, 1UL << 32));
}

/* ------------------------- descriptors, pointers, processes --------------- */

#define BAD_POINTER	0xdead0000UL

static const struct {
	unsigned long number;
	char on;		/* device, VM or vCPU */
	bool pointer;
} ioctls[] = {
	{ MINIVMX_GET_VMX_CAPS, 'd', true }, { MINIVMX_EPT_WALK, 'm', true },
	{ MINIVMX_SET_EXIT_POLICY, 'c', true }, { MINIVMX_GET_EXIT_STATS, 'c', true },
	{ MINIVMX_TIME_EXITS, 'c', false }, { MINIVMX_EPT_SHAPE, 'm', true },
	{ MINIVMX_EPT_POPULATE, 'm', true },
	{ MINIVMX_SET_TRACE, 'c', false }, { MINIVMX_GET_EXIT_TIMES, 'c', true },
};

TEST_F_TIMEOUT(extension, descriptors, TIMEOUT)
{
	static const char kinds[] = "dmc";
	const int fds[] = { self->vm.dev, self->vm.fd, self->vcpu };
	char argument[4096];
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(ioctls); i++) {
		for (k = 0; k < ARRAY_SIZE(fds); k++) {
			memset(argument, 0, sizeof(argument));
			EXPECT_EQ(ioctls[i].on == kinds[k] ? 0 : -ENOTTY,
				  vm_ioctl(fds[k], ioctls[i].number,
					   ioctls[i].pointer ? (unsigned long)argument : 0)) {
				TH_LOG("ioctl %zu on descriptor %zu", i, k);
			}
		}
	}
	/* No number beside them. */
	for (k = 0; k < ARRAY_SIZE(fds); k++)
		EXPECT_EQ(-ENOTTY, vm_ioctl(fds[k], _IO(MINIVMX_EXT_IO, 0x05), 0));
}

TEST_F_TIMEOUT(extension, bad_pointers, TIMEOUT)
{
	static const unsigned long bad[] = { BAD_POINTER, 0xffff888000000000 };
	void *constant = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t i, k;

	ASSERT_NE(MAP_FAILED, constant);
	for (i = 0; i < ARRAY_SIZE(ioctls); i++) {
		int fd = ioctls[i].on == 'd' ? self->vm.dev :
			ioctls[i].on == 'm' ? self->vm.fd : self->vcpu;

		if (!ioctls[i].pointer)
			continue;
		for (k = 0; k < ARRAY_SIZE(bad); k++) {
			EXPECT_EQ(-EFAULT, vm_ioctl(fd, ioctls[i].number, bad[k])) {
				TH_LOG("ioctl %zu", i);
			}
		}
		EXPECT_EQ(ioctls[i].number == MINIVMX_SET_EXIT_POLICY ? 0 : -EFAULT,
			  vm_ioctl_p(fd, ioctls[i].number, constant)) {
			TH_LOG("ioctl %zu", i);
		}
	}
	munmap(constant, PAGE);
}

/* Returns which call did not say EIO, or 0. Runs in another process. */
static int use_foreign_vm(const struct vm *vm)
{
	char argument[4096] = {};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ioctls); i++) {
		int fd = ioctls[i].on == 'm' ? vm->fd : vm->vcpu;

		if (ioctls[i].on != 'd' &&
		    vm_ioctl_p(fd, ioctls[i].number, argument) != -EIO)
			return i + 1;
	}
	return 0;
}

TEST_F_TIMEOUT(extension, another_process, TIMEOUT)
{
	pid_t pid = fork();
	int status;

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(use_foreign_vm(&self->vm));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_EQ(0, WEXITSTATUS(status));
}

TEST_HARNESS_MAIN
