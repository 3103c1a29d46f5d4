// SPDX-License-Identifier: GPL-2.0
/*
 * A VM on a device: it is made once, and runs one stream after the other.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stream.h"

#define MSR_EFER	0xc0000080
#define MSR_FS_BASE	0xc0000100
#define MSR_GS_BASE	0xc0000101

struct msr_list {
	struct minivmx_msrs head;
	struct minivmx_msr_entry entries[MAX_MSRS];
};

/* ------------------------- opening --------------------------------------- */

static int set_region(struct device *d, int slot, uint32_t at, uint32_t end, int flags)
{
	struct minivmx_userspace_memory_region region = {
		.slot = slot,
		.flags = flags,
		.guest_phys_addr = at,
		.memory_size = end - at,
		.userspace_addr = (unsigned long)d->memory + at,
	};

	return ioctl(d->vm, MINIVMX_SET_USER_MEMORY_REGION, &region);
}

/*
 * KVM has MSRs of its own, such as that of its clock, which writes to memory
 * from then on. A table of CPUID without them does not make them go away; this
 * does. minivmx has neither them nor this ioctl.
 */
static void no_paravirtualization(int vcpu)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_ENFORCE_PV_FEATURE_CPUID,
		.args[0] = 1,
	};

	ioctl(vcpu, KVM_ENABLE_CAP, &cap);
}

static const char *start(struct device *d);

/*
 * Returns what failed, or NULL. As long as a VM of KVM's exists, KVM may hold
 * VMX, and minivmx has none: there is only one device open at a time.
 */
const char *device_open(struct device *d, const char *path, struct minivmx_cpuid2 *cpuid)
{
	memset(d, 0, sizeof(*d));
	d->path = path;
	d->fd = open(path, O_RDWR | O_CLOEXEC);
	if (d->fd < 0)
		return "open";
	d->run_size = ioctl(d->fd, MINIVMX_GET_VCPU_MMAP_SIZE, 0);
	d->vm = ioctl(d->fd, MINIVMX_CREATE_VM, 0);
	if (d->vm < 0)
		return "CREATE_VM";
	d->memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (d->memory == MAP_FAILED)
		return "mmap of memory";
	if (set_region(d, 0, 0, AT_HOLE, 0) ||
	    set_region(d, 1, AT_ROM, AT_ROM + PAGE, MINIVMX_MEM_READONLY) ||
	    set_region(d, 2, AT_ROM + PAGE, MEMORY, 0))
		return "SET_USER_MEMORY_REGION";
	d->vcpu = ioctl(d->vm, MINIVMX_CREATE_VCPU, 0);
	d->keeper = ioctl(d->vm, MINIVMX_CREATE_VCPU, 1);
	if (d->vcpu < 0 || d->keeper < 0)
		return "CREATE_VCPU";
	no_paravirtualization(d->vcpu);
	d->run = mmap(NULL, d->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, d->vcpu, 0);
	if (d->run == MAP_FAILED)
		return "mmap of the run page";
	if (cpuid && (ioctl(d->vcpu, MINIVMX_SET_CPUID2, cpuid) ||
		      ioctl(d->keeper, MINIVMX_SET_CPUID2, cpuid)))
		return "SET_CPUID2";
	return start(d);
}

static bool same_leaf(const struct minivmx_cpuid_entry2 *a,
		      const struct minivmx_cpuid_entry2 *b)
{
	return a->function == b->function && a->index == b->index;
}

struct cpuid_table {
	struct minivmx_cpuid2 head;
	struct minivmx_cpuid_entry2 e[MINIVMX_MAX_CPUID_ENTRIES];
};

static int get_cpuid(const char *path, struct cpuid_table *table)
{
	int fd = open(path, O_RDWR | O_CLOEXEC), ret;

	table->head.nent = MINIVMX_MAX_CPUID_ENTRIES;
	ret = ioctl(fd, MINIVMX_GET_SUPPORTED_CPUID, table);
	close(fd);
	return ret;
}

/* What both can do, and no more; NULL if one has no such table. */
struct minivmx_cpuid2 *device_cpuid(const char *a, const char *b)
{
	static struct cpuid_table ca, cb;
	unsigned int i, j, n = 0;

	if (get_cpuid(a, &ca) || get_cpuid(b, &cb))
		return NULL;
	for (i = 0; i < ca.head.nent; i++) {
		struct minivmx_cpuid_entry2 e = ca.e[i];
		uint32_t f = e.function;

		for (j = 0; j < cb.head.nent && !same_leaf(&e, &cb.e[j]); j++)
			;
		/* Leaf 0xa: performance; 0x4...: the hypervisor's own */
		if (j == cb.head.nent || f == 0xa || f >> 28 == 4 || f == 0x15 || f == 0x16)
			continue;
		if (f == 1 || f == 7 || f == 0x80000001 || (f == 0xd && e.index == 1)) {
			e.eax = f == 1 ? e.eax : e.eax & cb.e[j].eax;
			e.ebx = f == 1 ? 0x00010800 : e.ebx & cb.e[j].ebx;
			e.ecx &= cb.e[j].ecx;
			e.edx &= cb.e[j].edx;
		}
		if (f == 1) {	/* no MONITOR, VMX, SMX, PDCM, x2APIC, deadline, RDRAND */
			e.ecx &= ~0x61208068;
			e.edx &= ~0x10000000;
			e.edx |= 0x200;	/* the APIC's bit follows the APIC base */
		}
		ca.e[n++] = e;
	}
	ca.head.nent = n;
	return &ca.head;
}

/* ------------------------- MSRs ------------------------------------------ */

void device_get_msrs(struct device *d, uint64_t *values)
{
	struct msr_list list = { 0 };
	unsigned int i, n = 0;

	for (i = 0; i < nr_stream_msrs; i++)
		if (d->has_msr[i])
			list.entries[n++].index = stream_msrs[i];
	list.head.nmsrs = n;
	if (n)
		ioctl(d->vcpu, MINIVMX_GET_MSRS, &list);
	for (i = 0, n = 0; i < nr_stream_msrs; i++)
		values[i] = d->has_msr[i] ? list.entries[n++].data : 0;
}

/* Is it put back by MINIVMX_SET_SREGS? */
static bool in_sregs(uint32_t index)
{
	return index == MSR_EFER || index == MSR_FS_BASE || index == MSR_GS_BASE;
}

bool device_msrs_changed(const struct device *d, const struct result *r)
{
	unsigned int i;

	for (i = 0; i < nr_stream_msrs; i++)
		if (r->msrs[i] != d->msrs[i] && !in_sregs(stream_msrs[i]))
			return true;
	return false;
}

void device_set_msrs(struct device *d)
{
	struct msr_list list = { 0 };
	unsigned int i, n = 0;

	for (i = 0; i < nr_stream_msrs; i++) {
		if (!d->has_msr[i] || in_sregs(stream_msrs[i]))
			continue;
		list.entries[n].index = stream_msrs[i];
		list.entries[n++].data = d->msrs[i];
	}
	list.head.nmsrs = n;
	if (n)
		ioctl(d->vcpu, MINIVMX_SET_MSRS, &list);
}

static void start_msrs(struct device *d)
{
	static const uint64_t values[] = {
		SEL_CODE32, AT_STACK0, AT_HANDLERS + 8 * 0xe0, 0x0033002800000000,
		AT_HANDLERS + 8 * 0xe1, AT_HANDLERS + 8 * 0xe2, 0x500,
	};
	unsigned int i;

	for (i = 0; i < nr_stream_msrs; i++) {
		struct msr_list one = { .head.nmsrs = 1, .entries[0].index = stream_msrs[i] };

		d->has_msr[i] = ioctl(d->vcpu, MINIVMX_GET_MSRS, &one) == 1;
		d->msrs[i] = one.entries[0].data;
		if (i < sizeof(values) / sizeof(values[0]))
			d->msrs[i] = values[i];
	}
	device_set_msrs(d);
}

static const char *start(struct device *d)
{
	struct minivmx_run *run = mmap(NULL, d->run_size, PROT_READ | PROT_WRITE,
				       MAP_SHARED, d->keeper, 0);
	struct minivmx_regs regs = { .rip = AT_CODE, .rflags = 2 };
	struct minivmx_xcrs xcrs;
	struct minivmx_sregs sregs;

	if (run == MAP_FAILED || ioctl(d->vcpu, MINIVMX_GET_SREGS, &d->reset))
		return "GET_SREGS";
	sregs = d->reset;
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	d->memory[AT_CODE] = 0xf4;
	if (ioctl(d->keeper, MINIVMX_SET_SREGS, &sregs) ||
	    ioctl(d->keeper, MINIVMX_SET_REGS, &regs))
		return "SET_SREGS";
	while (ioctl(d->keeper, MINIVMX_RUN, 0))
		if (errno != EINTR)
			return "RUN";
	if (run->exit_reason != MINIVMX_EXIT_HLT)
		return "exit of the second vCPU";
	munmap(run, d->run_size);
	start_msrs(d);
	ioctl(d->vcpu, MINIVMX_GET_FPU, &d->fpu);
	ioctl(d->vcpu, MINIVMX_GET_XSAVE, &d->xsave);
	d->has_xcrs = !ioctl(d->vcpu, MINIVMX_GET_XCRS, &xcrs);
	return NULL;
}

void device_close(struct device *d)
{
	munmap(d->run, d->run_size);
	close(d->vcpu);
	close(d->keeper);
	close(d->vm);
	close(d->fd);
	munmap(d->memory, MEMORY);
}
