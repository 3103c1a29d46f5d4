// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest costs: what it has touched, and little else. And who pays: its owner.
 *
 * Breakage it catches: memory that is taken before the guest has touched it, tables
 * that are not accounted for, anything that an owner leaves who was killed for want
 * of memory.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "adder.h"
#include "devices.h"
#include "number_in.h"
#include "vm.h"

#define GPA	0x200000UL
#define SLOT	1

DEVICE_FIXTURE(memory_cost) {
	struct vm vm;
};

DEVICE_FIXTURE_SETUP(memory_cost)
{
	ASSERT_EQ(0, vm_open(&self->vm, variant->path));
}

FIXTURE_TEARDOWN(memory_cost)
{
	vm_close(&self->vm);
}

static bool write_to(const char *dir, const char *name, const char *text)
{
	char path[256];
	FILE *file;
	bool good;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	if (!file)
		return false;
	good = fputs(text, file) >= 0;
	return !fclose(file) && good;
}

/* A control group for memory, with nobody in it; false if that cannot be. */
static bool make_group(char *dir, size_t size)
{
	const char *top = "/sys/fs/cgroup";

	snprintf(dir, size, "%s/memory_cost.%d", top, getpid());
	return write_to(top, "cgroup.subtree_control", "+memory") && !mkdir(dir, 0755);
}

/* Of what the group has taken, what the kernel has for itself; -1 if unknown. */
static long kernel_bytes(const char *group)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/memory.stat", group);
	return number_in(path, "kernel %ld");
}

#define GIB	0x40000000UL

TEST_DEVICE(memory_cost, one_page_of_a_gib)
{
	long rss, kernel;
	char group[128];
	uint8_t *memory;

	if (!make_group(group, sizeof(group)))
		SKIP(return, "this kernel has no control groups for memory");
	ASSERT_TRUE(write_to(group, "cgroup.procs", "0"));
	vm_close(&self->vm);
	rss = number_in("/proc/self/status", "VmRSS: %ld");
	kernel = kernel_bytes(group);

	ASSERT_EQ(0, vm_open(&self->vm, variant->path));
	memory = mmap(NULL, GIB, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)memory);
	ASSERT_EQ(0, vm_region(self->vm.fd, SLOT, GPA, GIB, memory));
	ASSERT_EQ(0, adder_start(&self->vm, GPA + GIB / 2));
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->vm.run->exit_reason);
	EXPECT_EQ(1, memory[GIB / 2]);

	rss = number_in("/proc/self/status", "VmRSS: %ld") - rss;
	kernel = (kernel_bytes(group) - kernel) / 1024;
	TH_LOG("1 GiB guest that touched one page: VMM %ld KiB, kernel %ld KiB", rss,
	       kernel);
	EXPECT_GT(4096, rss);
	/* KVM has a reverse map of each slot. KASAN adds a quarter to what minivmx has. */
	if (variant->minivmx)
		EXPECT_GT(128, kernel);
	munmap(memory, GIB);
	EXPECT_TRUE(write_to("/sys/fs/cgroup", "cgroup.procs", "0"));
	vm_close(&self->vm);
	rmdir(group);
}

#define MANY	16

/* Small guests: what one takes beside its tables of EPT, of which there are four. */
TEST_DEVICE(memory_cost, many_vms)
{
	struct vm vms[MANY];
	char group[128];
	long kernel;
	int i;

	if (!make_group(group, sizeof(group)))
		SKIP(return, "this kernel has no control groups for memory");
	ASSERT_TRUE(write_to(group, "cgroup.procs", "0"));
	kernel = kernel_bytes(group);
	for (i = 0; i < MANY; i++) {
		ASSERT_EQ(0, vm_open(&vms[i], variant->path));
		ASSERT_EQ(0, adder_start(&vms[i], 0x8000));
		ASSERT_EQ(0, vm_run(vms[i].vcpu));
		ASSERT_EQ(MINIVMX_EXIT_HLT, vms[i].run->exit_reason);
	}
	kernel = (kernel_bytes(group) - kernel) / MANY / 1024;
	TH_LOG("a VM with one vCPU that ran: kernel %ld KiB, tables of EPT included", kernel);
	EXPECT_LT(0, kernel);
	if (variant->minivmx)
		EXPECT_GT(64 + 4 * 4, kernel);
	for (i = 0; i < MANY; i++)
		vm_close(&vms[i]);
	EXPECT_TRUE(write_to("/sys/fs/cgroup", "cgroup.procs", "0"));
	rmdir(group);
}

/* A guest that takes more than its owner may have: the owner is killed, and gone. */
TEST_DEVICE(memory_cost, out_of_memory)
{
	const char *users = variant->minivmx ? "/sys/module/minivmx/refcnt" :
		"/sys/module/kvm_intel/refcnt";
	int status, tries = 0;
	uint8_t *memory;
	char group[128];
	uint64_t page;
	pid_t child;

	if (!make_group(group, sizeof(group)))
		SKIP(return, "this kernel has no control groups for memory");
	vm_close(&self->vm);
	ASSERT_TRUE(write_to(group, "memory.max", "8M"));
	child = fork();
	ASSERT_LE(0, child);
	if (!child) {
		memory = mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (!write_to(group, "cgroup.procs", "0") ||
		    vm_open(&self->vm, variant->path) || memory == MAP_FAILED ||
		    vm_region(self->vm.fd, SLOT, GPA, 64 << 20, memory))
			_exit(1);
		for (page = 0; page < 64 << 20; page += PAGE) {
			if (adder_start(&self->vm, GPA + page) || vm_run(self->vm.vcpu))
				_exit(2);
		}
		_exit(3);
	}
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status)) {
		TH_LOG("exit status %d", WEXITSTATUS(status));
	}
	EXPECT_EQ(SIGKILL, WTERMSIG(status));
	/* What it had open is given up a moment later. */
	while (number_in(users, "%ld") && ++tries < 1000)
		usleep(1000);
	EXPECT_EQ(0, number_in(users, "%ld"));
	rmdir(group);
}

TEST_HARNESS_MAIN
