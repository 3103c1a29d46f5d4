// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctls of the device, of a VM and of a vCPU: what they return, and each
 * documented error. Memory regions, registers and lifetimes have files of
 * their own.
 *
 * Breakage it catches: a missing check of an argument, a wrong errno, a number
 * that the wrong kind of descriptor accepts, a descriptor that survives exec,
 * a VM that another process may use, a run page that is too long.
 */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "devices.h"
#include "vm.h"

/* Of no kind of descriptor: KVM's type, a number that it never used. */
#define UNKNOWN_IOCTL	_IO(MINIVMX_IO, 0xff)

#define BAD_POINTER	1UL	/* never mapped */

DEVICE_FIXTURE(api) {
	struct vm vm;
};

DEVICE_FIXTURE_SETUP(api)
{
	ASSERT_EQ(0, vm_open(&self->vm, variant->path));
}

FIXTURE_TEARDOWN(api)
{
	vm_close(&self->vm);
}

TEST_DEVICE(api, version)
{
	EXPECT_EQ(MINIVMX_API_VERSION,
		  vm_ioctl(self->vm.dev, MINIVMX_GET_API_VERSION, 0));
	EXPECT_EQ(-EINVAL, vm_ioctl(self->vm.dev, MINIVMX_GET_API_VERSION, 1));
}

TEST_DEVICE(api, create_vm)
{
	int fd = vm_ioctl(self->vm.dev, MINIVMX_CREATE_VM, 0);

	ASSERT_LE(0, fd);
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(-EINVAL, vm_ioctl(self->vm.dev, MINIVMX_CREATE_VM, 99));
	EXPECT_EQ(-EINVAL, vm_ioctl(self->vm.dev, MINIVMX_CREATE_VM, ~0UL));
}

TEST_DEVICE(api, capabilities)
{
	static const int yes[] = {
		MINIVMX_CAP_USER_MEMORY,
		MINIVMX_CAP_DESTROY_MEMORY_REGION_WORKS,
		MINIVMX_CAP_JOIN_MEMORY_REGIONS_WORKS,
		MINIVMX_CAP_INTERNAL_ERROR_DATA,
		MINIVMX_CAP_CHECK_EXTENSION_VM,
		MINIVMX_CAP_IMMEDIATE_EXIT,
	};
	int dev = self->vm.dev;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(yes); i++) {
		EXPECT_EQ(1, vm_ioctl(dev, MINIVMX_CHECK_EXTENSION, yes[i])) {
			TH_LOG("capability %d", yes[i]);
		}
	}
	EXPECT_LE(8, vm_ioctl(dev, MINIVMX_CHECK_EXTENSION, MINIVMX_CAP_NR_MEMSLOTS));
	EXPECT_LE(1, vm_ioctl(dev, MINIVMX_CHECK_EXTENSION, MINIVMX_CAP_NR_VCPUS));
	EXPECT_LE(vm_ioctl(dev, MINIVMX_CHECK_EXTENSION, MINIVMX_CAP_NR_VCPUS),
		  vm_ioctl(dev, MINIVMX_CHECK_EXTENSION, MINIVMX_CAP_MAX_VCPUS));
	EXPECT_LE(vm_ioctl(dev, MINIVMX_CHECK_EXTENSION, MINIVMX_CAP_MAX_VCPUS),
		  vm_ioctl(dev, MINIVMX_CHECK_EXTENSION, MINIVMX_CAP_MAX_VCPU_ID));
	EXPECT_EQ(0, vm_ioctl(dev, MINIVMX_CHECK_EXTENSION, 100000));
	EXPECT_EQ(0, vm_ioctl(dev, MINIVMX_CHECK_EXTENSION, ~0UL));
}

/* minivmx says yes to those of minivmx.h only; the rest of KVM's it has not. */
TEST_DEVICE(api, capabilities_of_the_vm)
{
	int capability, yes = 0;

	for (capability = 0; capability < 256; capability++) {
		int dev = vm_ioctl(self->vm.dev, MINIVMX_CHECK_EXTENSION, capability);
		int vm = vm_ioctl(self->vm.fd, MINIVMX_CHECK_EXTENSION, capability);

		EXPECT_EQ(dev, vm) {
			TH_LOG("capability %d", capability);
		}
		yes += dev != 0;
	}
	/* Two of them depend on the processor's XSAVE. */
	EXPECT_LE(25, yes);
	if (variant->minivmx) {
		EXPECT_GE(27, yes);
	}
}

TEST_DEVICE(api, create_vcpu)
{
	int max = vm_ioctl(self->vm.dev, MINIVMX_CHECK_EXTENSION,
			   MINIVMX_CAP_MAX_VCPU_ID);
	int vm = self->vm.fd;
	int fd[2];

	EXPECT_EQ(-EEXIST, vm_ioctl(vm, MINIVMX_CREATE_VCPU, 0));
	EXPECT_EQ(-EINVAL, vm_ioctl(vm, MINIVMX_CREATE_VCPU, max));
	EXPECT_EQ(-EINVAL, vm_ioctl(vm, MINIVMX_CREATE_VCPU, 0xffffffff));

	fd[0] = vm_ioctl(vm, MINIVMX_CREATE_VCPU, 1);
	ASSERT_LE(0, fd[0]);
	fd[1] = vm_ioctl(vm, MINIVMX_CREATE_VCPU, max - 1);
	ASSERT_LE(0, fd[1]);
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd[0], F_GETFD));
	EXPECT_EQ(-EEXIST, vm_ioctl(vm, MINIVMX_CREATE_VCPU, 1));
	EXPECT_EQ(-EEXIST, vm_ioctl(vm, MINIVMX_CREATE_VCPU, max - 1));

	/* A number stays taken after its descriptor is closed. */
	EXPECT_EQ(0, close(fd[0]));
	EXPECT_EQ(-EEXIST, vm_ioctl(vm, MINIVMX_CREATE_VCPU, 1));
	EXPECT_EQ(0, close(fd[1]));
}

/* Without room for a descriptor nothing is left behind: the number is free. */
TEST_DEVICE(api, no_descriptor_left)
{
	struct rlimit limit, none = { .rlim_cur = 0 };
	int fd;

	ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &limit));
	none.rlim_max = limit.rlim_max;
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &none));
	EXPECT_EQ(-EMFILE, vm_ioctl(self->vm.dev, MINIVMX_CREATE_VM, 0));
	EXPECT_EQ(-EMFILE, vm_ioctl(self->vm.fd, MINIVMX_CREATE_VCPU, 3));
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	fd = vm_ioctl(self->vm.fd, MINIVMX_CREATE_VCPU, 3);
	EXPECT_LE(0, fd);
	close(fd);
}

TEST_DEVICE(api, mmap_size)
{
	int size = vm_ioctl(self->vm.dev, MINIVMX_GET_VCPU_MMAP_SIZE, 0);

	EXPECT_LE((int)sizeof(struct minivmx_run), size);
	EXPECT_EQ(0, size % (int)PAGE);
	EXPECT_EQ(-EINVAL, vm_ioctl(self->vm.dev, MINIVMX_GET_VCPU_MMAP_SIZE, 1));
}

/* The page is zero before the first run, and what is written stays there. */
TEST_DEVICE(api, run_page)
{
	static const struct minivmx_run zero;
	struct minivmx_run *again;

	EXPECT_EQ(0, memcmp(self->vm.run, &zero, sizeof(zero)));
	again = vm_map_run(self->vm.vcpu, PAGE);
	ASSERT_NE(MAP_FAILED, (void *)again);
	again->cr8 = 7;
	EXPECT_EQ(7, self->vm.run->cr8);
	EXPECT_EQ(0, munmap(again, PAGE));
}

static int child_status(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid ? status : -1;
}

TEST_DEVICE(api, run_page_ends)
{
	size_t size = self->vm.run_size;
	volatile char *page;
	int status;
	pid_t pid;

	page = mmap(NULL, size + PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
		    self->vm.vcpu, 0);
	ASSERT_NE(MAP_FAILED, (void *)page);
	page[size - 1] = 1;

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		signal(SIGBUS, SIG_DFL);
		page[size] = 1;
		_exit(0);
	}
	status = child_status(pid);
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(SIGBUS, WTERMSIG(status));
	EXPECT_EQ(0, munmap((void *)page, size + PAGE));
}

TEST_DEVICE(api, wrong_kind)
{
	struct minivmx_regs regs;
	int dev = self->vm.dev, vm = self->vm.fd, vcpu = self->vm.vcpu;
	/*
	 * KVM hands what it does not know to code of the architecture, which
	 * says EINVAL for the device and for a vCPU. minivmx says what the
	 * system calls' own convention is, everywhere.
	 */
	int err = variant->minivmx ? -ENOTTY : -EINVAL;

	EXPECT_EQ(err, vm_ioctl(dev, MINIVMX_CREATE_VCPU, 1));
	EXPECT_EQ(err, vm_ioctl(dev, MINIVMX_RUN, 0));
	EXPECT_EQ(err, vm_ioctl(dev, UNKNOWN_IOCTL, 0));
	EXPECT_EQ(-ENOTTY, vm_ioctl(vm, MINIVMX_CREATE_VM, 0));
	EXPECT_EQ(-ENOTTY, vm_ioctl(vm, MINIVMX_GET_VCPU_MMAP_SIZE, 0));
	EXPECT_EQ(-ENOTTY, vm_ioctl_p(vm, MINIVMX_GET_REGS, &regs));
	EXPECT_EQ(-ENOTTY, vm_ioctl(vm, MINIVMX_RUN, 0));
	EXPECT_EQ(-ENOTTY, vm_ioctl(vm, UNKNOWN_IOCTL, 0));
	EXPECT_EQ(err, vm_ioctl(vcpu, MINIVMX_CREATE_VM, 0));
	EXPECT_EQ(err, vm_ioctl(vcpu, MINIVMX_CREATE_VCPU, 1));
	EXPECT_EQ(err, vm_ioctl(vcpu, MINIVMX_CHECK_EXTENSION, 3));
	EXPECT_EQ(err, vm_ioctl(vcpu, UNKNOWN_IOCTL, 0));
	/* Not KVM's type at all. */
	EXPECT_EQ(variant->minivmx ? -ENOTTY : -EINVAL,
		  vm_ioctl(vcpu, _IO('x', 0x80), 0));
	/* The size of the argument is part of the number. */
	EXPECT_EQ(err, vm_ioctl_p(vcpu, _IOR(MINIVMX_IO, 0x81, char), &regs));
}

TEST_DEVICE(api, bad_pointers)
{
	int vm = self->vm.fd, vcpu = self->vm.vcpu;

	EXPECT_EQ(-EFAULT, vm_ioctl(vm, MINIVMX_SET_USER_MEMORY_REGION, BAD_POINTER));
	EXPECT_EQ(-EFAULT, vm_ioctl(vm, MINIVMX_SET_USER_MEMORY_REGION, 0));
	EXPECT_EQ(-EFAULT, vm_ioctl(vcpu, MINIVMX_GET_REGS, BAD_POINTER));
	EXPECT_EQ(-EFAULT, vm_ioctl(vcpu, MINIVMX_SET_REGS, BAD_POINTER));
	EXPECT_EQ(-EFAULT, vm_ioctl(vcpu, MINIVMX_GET_SREGS, BAD_POINTER));
	EXPECT_EQ(-EFAULT, vm_ioctl(vcpu, MINIVMX_SET_SREGS, BAD_POINTER));
	/* Of the kernel. */
	EXPECT_EQ(-EFAULT, vm_ioctl(vcpu, MINIVMX_GET_REGS, 0xffff888000000000));
	EXPECT_EQ(-EFAULT, vm_ioctl(vcpu, MINIVMX_SET_SREGS, 0xffff888000000000));
}

TEST_DEVICE(api, run_argument)
{
	EXPECT_EQ(-EINVAL, vm_ioctl(self->vm.vcpu, MINIVMX_RUN, 1));
	self->vm.run->cr8 = 16;
	EXPECT_EQ(-EINVAL, vm_ioctl(self->vm.vcpu, MINIVMX_RUN, 0));
}

/* Returns which call did not say EIO, or 0. Runs in another process. */
static int use_foreign_vm(const struct vm *vm)
{
	struct minivmx_regs regs;
	struct minivmx_sregs sregs;

	if (vm_ioctl(vm->fd, MINIVMX_CREATE_VCPU, 2) != -EIO)
		return 1;
	if (vm_ioctl(vm->fd, MINIVMX_CHECK_EXTENSION, 3) != -EIO)
		return 2;
	if (vm_region(vm->fd, 1, VM_MEMORY, PAGE, vm->memory) != -EIO)
		return 3;
	if (vm_ioctl(vm->vcpu, MINIVMX_RUN, 0) != -EIO)
		return 4;
	if (vm_get_regs(vm->vcpu, &regs) != -EIO)
		return 5;
	if (vm_get_sregs(vm->vcpu, &sregs) != -EIO)
		return 6;
	return 0;
}

TEST_DEVICE(api, another_process)
{
	struct minivmx_regs regs;
	pid_t pid = fork();
	int status;

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(use_foreign_vm(&self->vm));
	status = child_status(pid);
	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_EQ(0, WEXITSTATUS(status));
	EXPECT_EQ(0, vm_get_regs(self->vm.vcpu, &regs));
}

TEST_HARNESS_MAIN
