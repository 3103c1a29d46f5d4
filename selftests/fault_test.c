// SPDX-License-Identifier: GPL-2.0
/*
 * Allocations and copies that fail, one after the other: each call of a VM's life
 * is made with its first, second, third ... of them failing, until none is left.
 * The call says what is missing, or does without it, and the same life without a
 * fault goes well afterwards. Whether something is lost, kmemleak and KASAN say.
 *
 * Needs a kernel with fault injection: the lab's debug kernel.
 *
 * Breakage it catches: an error path that forgets, frees or unlocks something, or
 * that says nothing.
 */
#include <stdio.h>

#include "devices.h"
#include "guest_code.h"
#include "vm.h"

#define FAIL_NTH	"/proc/thread-self/fail-nth"
#define GPA		0x20000UL
#define SLOT		1

/* More faults than that in one call: it does not end. */
#define MOST		1000

/* Touches a page of each slot, reads MMIO, and halts. */
GUEST_CODE(16, touch,
	   "mov	$0x2000, %ax\n"
	   "mov	%ax, %ds\n"
	   "addl	$1, 0x10\n"
	   "mov	0x8000, %eax\n"		/* 0x28000: in no slot */
	   "hlt\n");

/**
 * struct life - one VM
 * @vm: it
 * @page: memory of slot 1
 * @step: the call that is made now
 * @at: the call that is to fail
 * @nth: which of its allocations and copies
 * @injected: there was such a one
 * @failed: the call said so, with this errno
 */
struct life {
	struct vm vm;
	uint8_t *page;
	int step, at, nth;
	bool injected;
	int failed;
};

/* Open all the time: to open it would take allocations, too. */
static int fail_nth = -1;

static void let_fail(int nth)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", nth);
	if (pwrite(fail_nth, text, strlen(text), 0) < 0 && nth)
		_exit(2);
}

/* It counts down to the fault. If this copy is the one to fail, no other was. */
static bool has_failed(void)
{
	char text[16] = "";

	return pread(fail_nth, text, sizeof(text) - 1, 0) > 0 && !atoi(text);
}

/* One call of the life, perhaps with a fault. */
static int call(struct life *life, int fd, unsigned long number, unsigned long arg)
{
	int ret;

	if (++life->step != life->at)
		return vm_ioctl(fd, number, arg);
	let_fail(life->nth);
	ret = vm_ioctl(fd, number, arg);
	life->injected = has_failed();
	let_fail(0);
	if (ret < 0)
		life->failed = ret;
	return ret;
}

/* Again after a fault, as user space would. */
static int run(struct life *life, uint32_t reason)
{
	int ret;

	do
		ret = call(life, life->vm.vcpu, MINIVMX_RUN, 0);
	while (ret == -ENOMEM || ret == -EFAULT);
	if (!ret && life->vm.run->exit_reason != reason)
		ret = -EPROTO;
	return ret;
}

/* The calls of a life that has begun. */
static int live(struct life *life)
{
	static struct {
		struct minivmx_cpuid2 head;
		struct minivmx_cpuid_entry2 entries[MINIVMX_MAX_CPUID_ENTRIES];
	} cpuid;
	static struct minivmx_xsave xsave;
	struct minivmx_userspace_memory_region region = {
		.slot = SLOT, .flags = MINIVMX_MEM_LOG_DIRTY_PAGES,
		.guest_phys_addr = GPA, .memory_size = PAGE,
		.userspace_addr = (unsigned long)life->page,
	};
	struct minivmx_coalesced_mmio_zone zone = { .addr = 0x100, .size = 4, .pio = 1 };
	struct minivmx_exit_policy policy = { .nr_ports = 0 };
	struct minivmx_regs regs = { .rip = VM_ENTRY, .rflags = RFLAGS_FIXED };
	struct minivmx_sregs sregs;
	struct minivmx_fpu fpu;
	uint64_t bits[1];
	struct minivmx_dirty_log log = { .slot = SLOT, .dirty_bitmap = bits };
	struct vm *vm = &life->vm;
	const struct {
		int fd;
		unsigned long number;
		void *arg;
	} calls[] = {
		{ vm->dev, MINIVMX_GET_SUPPORTED_CPUID, &cpuid },
		{ vm->vcpu, MINIVMX_SET_CPUID2, &cpuid },
		{ vm->vcpu, MINIVMX_GET_CPUID2, &cpuid },
		{ vm->fd, MINIVMX_SET_USER_MEMORY_REGION, &region },
		{ vm->fd, MINIVMX_REGISTER_COALESCED_MMIO, &zone },
		{ vm->vcpu, MINIVMX_SET_EXIT_POLICY, &policy },
		{ vm->vcpu, MINIVMX_GET_XSAVE, &xsave },
		{ vm->vcpu, MINIVMX_SET_XSAVE, &xsave },
		{ vm->vcpu, MINIVMX_GET_FPU, &fpu },
		{ vm->vcpu, MINIVMX_SET_REGS, &regs },
		{ vm->vcpu, MINIVMX_GET_SREGS, &sregs },
		{ vm->vcpu, MINIVMX_SET_SREGS, &sregs },
	};
	size_t i;
	int ret;

	cpuid.head.nent = MINIVMX_MAX_CPUID_ENTRIES;
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		ret = call(life, calls[i].fd, calls[i].number, (unsigned long)calls[i].arg);
		if (ret)
			return ret;
		sregs.cs.selector = 0;
		sregs.cs.base = 0;
	}
	memcpy(vm->memory + VM_ENTRY, touch, touch_end - touch);
	ret = run(life, MINIVMX_EXIT_MMIO);
	if (!ret)
		ret = run(life, MINIVMX_EXIT_HLT);
	if (!ret && life->page[0x10] != 1)
		ret = -EPROTO;
	if (!ret)
		ret = call(life, vm->fd, MINIVMX_GET_DIRTY_LOG, (unsigned long)&log);
	region.memory_size = 0;
	return ret ? ret : call(life, vm->fd, MINIVMX_SET_USER_MEMORY_REGION,
				(unsigned long)&region);
}

/* From nothing to nothing. Return: what the first call that failed returned. */
static int whole_life(struct life *life)
{
	struct vm *vm = &life->vm;
	int ret;

	*vm = (struct vm) { .dev = -1, .fd = -1, .vcpu = -1 };
	life->step = 0;
	life->failed = 0;
	life->injected = false;
	life->page[0x10] = 0;
	vm->dev = open(MINIVMX_PATH, O_RDWR | O_CLOEXEC);
	ret = vm->dev < 0 ? -errno : vm_ioctl(vm->dev, MINIVMX_GET_VCPU_MMAP_SIZE, 0);
	if (ret < 0)
		goto out;
	vm->run_size = ret;
	vm->fd = call(life, vm->dev, MINIVMX_CREATE_VM, 0);
	ret = vm->fd;
	if (ret < 0)
		goto out;
	vm->memory = vm_pages(VM_MEMORY);
	ret = vm_region(vm->fd, VM_SLOT, 0, VM_MEMORY, vm->memory);
	if (ret)
		goto out;
	vm->vcpu = call(life, vm->fd, MINIVMX_CREATE_VCPU, 0);
	ret = vm->vcpu;
	if (ret < 0)
		goto out;
	vm->run = vm_map_run(vm->vcpu, vm->run_size);
	ret = vm->run == MAP_FAILED ? -ENOMEM : live(life);
out:
	vm_close(vm);
	return ret;
}

static bool set_knob(const char *dir, const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", dir, name);
	file = fopen(path, "w");
	if (!file)
		return false;
	fputs(text, file);
	return !fclose(file);
}

FIXTURE(fault) {
	struct life life;
};

FIXTURE_SETUP(fault)
{
	device_need(_metadata, MINIVMX_PATH);
	fail_nth = open(FAIL_NTH, O_RDWR | O_CLOEXEC);
	if (fail_nth < 0 || !set_knob("failslab", "ignore-gfp-wait", "N") ||
	    !set_knob("fail_page_alloc", "ignore-gfp-wait", "N") ||
	    !set_knob("fail_page_alloc", "min-order", "0"))
		SKIP(longjmp(_metadata->env, 1), "this kernel has no fault injection");
	set_knob("failslab", "verbose", "0");
	set_knob("fail_page_alloc", "verbose", "0");
	set_knob("fail_usercopy", "verbose", "0");
	self->life.page = vm_pages(PAGE);
}

FIXTURE_TEARDOWN(fault)
{
	close(fail_nth);
}

TEST_F_TIMEOUT(fault, each_one, 3600)
{
	struct life *life = &self->life;
	int steps, faults = 0, ret;

	ASSERT_EQ(0, whole_life(life));
	steps = life->step;
	for (life->at = 1; life->at <= steps; life->at++) {
		for (life->nth = 1; life->nth < MOST; life->nth++) {
			ret = whole_life(life);
			if (!life->injected)
				break;
			faults++;
			/* It is told, or it does not matter. */
			if (life->failed)
				EXPECT_TRUE(life->failed == -ENOMEM ||
					    life->failed == -EFAULT) {
					TH_LOG("call %d, fault %d: errno %d", life->at,
					       life->nth, -life->failed);
				}
			if (ret)
				EXPECT_EQ(life->failed, ret) {
					TH_LOG("call %d, fault %d", life->at, life->nth);
				}
		}
		EXPECT_GT(MOST, life->nth);
		EXPECT_EQ(0, ret);
	}
	TH_LOG("%d calls, %d faults", steps, faults);
	EXPECT_LE(50, faults);
	life->at = 0;
	EXPECT_EQ(0, whole_life(life));
}

TEST_HARNESS_MAIN
