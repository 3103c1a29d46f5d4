// SPDX-License-Identifier: GPL-2.0
/*
 * The smallest program that runs a guest, written to the KVM API alone.
 *
 *	smallest_vmm DEVICE FILE
 *
 * runs FILE, a flat binary of up to 4 KiB, on /dev/kvm or on /dev/minivmx: it
 * cannot tell one from the other. The guest prints with OUT to port 0x3f8 and
 * ends with HLT.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/kvm.h>

#define LOAD_ADDRESS	0x1000
#define SERIAL_PORT	0x3f8

/* ioctl(), or the end of the program. */
static int do_ioctl(int fd, unsigned long number, const char *name, void *arg)
{
	int ret = ioctl(fd, number, arg);

	if (ret < 0)
		err(1, "%s", name);
	return ret;
}

#define IOCTL(fd, number, arg)	do_ioctl(fd, number, #number, (void *)(arg))

static void *map(int fd, size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);

	if (p == MAP_FAILED)
		err(1, "mmap");
	return p;
}

int main(int argc, char **argv)
{
	struct kvm_regs regs = { .rip = LOAD_ADDRESS, .rflags = 2 };
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = LOAD_ADDRESS,
		.memory_size = 4096,
	};
	struct kvm_sregs sregs;
	struct kvm_run *run;
	int dev, vm, vcpu, file;
	char *page;

	if (argc != 3)
		errx(1, "usage: smallest_vmm DEVICE FILE");
	dev = open(argv[1], O_RDWR | O_CLOEXEC);
	if (dev < 0)
		err(1, "%s", argv[1]);
	file = open(argv[2], O_RDONLY | O_CLOEXEC);
	page = map(-1, 4096);
	if (file < 0 || read(file, page, 4096) < 0)
		err(1, "%s", argv[2]);

	/* A machine with one page of memory, shared with us, and one processor. */
	vm = IOCTL(dev, KVM_CREATE_VM, 0);
	region.userspace_addr = (unsigned long)page;
	IOCTL(vm, KVM_SET_USER_MEMORY_REGION, &region);
	vcpu = IOCTL(vm, KVM_CREATE_VCPU, 0);
	run = map(vcpu, IOCTL(dev, KVM_GET_VCPU_MMAP_SIZE, 0));

	/* It wakes up in real mode, at the end of 4 GiB: send it to our page. */
	IOCTL(vcpu, KVM_GET_SREGS, &sregs);
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	IOCTL(vcpu, KVM_SET_SREGS, &sregs);
	IOCTL(vcpu, KVM_SET_REGS, &regs);

	for (;;) {
		IOCTL(vcpu, KVM_RUN, 0);
		if (run->exit_reason == KVM_EXIT_HLT)
			return 0;
		if (run->exit_reason != KVM_EXIT_IO ||
		    run->io.direction != KVM_EXIT_IO_OUT ||
		    run->io.port != SERIAL_PORT)
			errx(1, "exit reason %u", run->exit_reason);
		fwrite((char *)run + run->io.data_offset, run->io.size,
		       run->io.count, stdout);
	}
}
