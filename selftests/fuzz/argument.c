// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctls, what each may fail with, and arguments: good ones that are damaged,
 * numbers from nowhere, pointers to where nothing is.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>

#include "../vm.h"
#include "argument.h"

/* ------------------------- good arguments -------------------------------- */

static void fill_region(struct rng *rng, void *arg)
{
	static const uint64_t places[] = { 0, 0, 0x8000, 0x10000, 0x20000, 0xfffff000, 1UL << 40 };
	static const uint64_t sizes[] = { 0, PAGE, 4 * PAGE, 16 * PAGE, 1 << 30, 1UL << 42 };
	struct minivmx_userspace_memory_region *region = arg;

	*region = (struct minivmx_userspace_memory_region) {
		.slot = rng_below(rng, 4),
		.flags = rng_below(rng, 4),
		.guest_phys_addr = RNG_OF(rng, places),
		.memory_size = RNG_OF(rng, sizes),
		.userspace_addr = FUZZ_MEMORY + PAGE * rng_below(rng, 16),
	};
}

static void fill_dirty_log(struct rng *rng, void *arg)
{
	*(struct minivmx_dirty_log *)arg = (struct minivmx_dirty_log) {
		.slot = rng_below(rng, 4),
	};
}

static void fill_zone(struct rng *rng, void *arg)
{
	*(struct minivmx_coalesced_mmio_zone *)arg = (struct minivmx_coalesced_mmio_zone) {
		.addr = rng_below(rng, 2) ? 0x20000 : rng_below(rng, 0x400),
		.size = 1 + rng_below(rng, 0x1000),
		.pio = rng_below(rng, 2),
	};
}

static void fill_walk(struct rng *rng, void *arg)
{
	((struct minivmx_ept_walk *)arg)->guest_phys_addr = rng_below(rng, 0x30000);
}

static void fill_shape(struct rng *rng, void *arg)
{
	struct minivmx_ept_shape *shape = arg;

	shape->start = rng_below(rng, 2) ? rng_below(rng, 0x30000) : rng_edge(rng);
	shape->flags = rng_below(rng, 8) == 0;
}

static void fill_populate(struct rng *rng, void *arg)
{
	*(struct minivmx_ept_populate *)arg = (struct minivmx_ept_populate) {
		.guest_phys_addr = rng_below(rng, 0x30) << 12,
		.size = rng_below(rng, 8) ? rng_below(rng, 0x30) << 12 : rng_edge(rng),
		.flags = rng_below(rng, 8) == 0,
	};
}

static void fill_translation(struct rng *rng, void *arg)
{
	((struct minivmx_translation *)arg)->linear_address = rng_below(rng, 0x30000);
}

static void fill_interrupt(struct rng *rng, void *arg)
{
	((struct minivmx_interrupt *)arg)->irq = rng_below(rng, 256);
}

static void fill_msrs(struct rng *rng, void *arg)
{
	static const uint32_t some[] = {
		0x10, 0x174, 0x175, 0x176, 0x277, 0x1d9, 0x1b, 0x1a0, 0xc0000080, 0xc0000081,
		0xc0000082, 0xc0000083, 0xc0000084, 0xc0000100, 0xc0000101, 0xc0000102,
	};
	struct minivmx_msrs *msrs = arg;
	unsigned int i;

	msrs->nmsrs = rng_below(rng, 20);
	for (i = 0; i < msrs->nmsrs; i++) {
		msrs->entries[i].index = RNG_OF(rng, some);
		msrs->entries[i].data = rng_below(rng, 2) ? rng_edge(rng) : 0x1000;
	}
	if (rng_below(rng, 8) == 0)
		msrs->nmsrs = rng_edge(rng);
}

static void fill_msr_list(struct rng *rng, void *arg)
{
	((struct minivmx_msr_list *)arg)->nmsrs = rng_below(rng, 2) ? 400 : rng_edge(rng);
}

/* Room for all, or for few; or a table that makes little sense. */
static void fill_cpuid(struct rng *rng, void *arg)
{
	struct minivmx_cpuid2 *cpuid = arg;
	unsigned int i;

	cpuid->nent = rng_below(rng, 2) ? MINIVMX_MAX_CPUID_ENTRIES : rng_below(rng, 100);
	for (i = 0; i < cpuid->nent; i++)
		cpuid->entries[i].function = rng_below(rng, 2) ? i : 0x80000000 + i / 2;
	if (rng_below(rng, 8) == 0)
		cpuid->nent = rng_edge(rng);
}

static void fill_policy(struct rng *rng, void *arg)
{
	struct minivmx_exit_policy *policy = arg;

	memset(policy, 0, sizeof(*policy));
	policy->reasons[0] = rng_below(rng, 2) ? 1ULL << rng_below(rng, 64) : 0;
	policy->exceptions = rng_below(rng, 2) ? 1U << rng_below(rng, 32) : 0;
	policy->nr_ports = rng_below(rng, MINIVMX_POLICY_MAX + 1);
	policy->nr_msrs = rng_below(rng, MINIVMX_POLICY_MAX + 1);
	policy->ports[0] = 0x10;
	policy->msrs[0] = 0xc0000080;
}

static void fill_debug(struct rng *rng, void *arg)
{
	struct minivmx_guest_debug *debug = arg;

	memset(debug, 0, sizeof(*debug));
	debug->control = rng_below(rng, 2) | rng_below(rng, 2) << 1 |
		rng_below(rng, 32) << 16;
	debug->arch.debugreg[0] = VM_ENTRY + rng_below(rng, 64);
	debug->arch.debugreg[7] = rng_below(rng, 2) ? 0x402 : rng_edge(rng);
}

/* The timer's signal stays open, or RUN would not come back. */
static void fill_signal_mask(struct rng *rng, void *arg)
{
	uint64_t mask = rng_edge(rng) & ~(1ULL << (SIGALRM - 1));
	struct minivmx_signal_mask *m = arg;

	m->len = rng_below(rng, 8) ? 8 : rng_edge(rng);
	memcpy(m->sigset, &mask, sizeof(mask));
}

/* ------------------------- the ioctls ------------------------------------ */

#define CALL(name, kind, ...) { #name, MINIVMX_##name, KIND_##kind, __VA_ARGS__ }

const struct call calls[] = {
	CALL(GET_API_VERSION, DEVICE, .errors = { EINVAL }),
	CALL(CREATE_VM, DEVICE, .errors = { EINVAL, EMFILE, ENFILE }),
	CALL(CHECK_EXTENSION, DEVICE),
	CALL(GET_VCPU_MMAP_SIZE, DEVICE, .errors = { EINVAL }),
	CALL(GET_MSR_INDEX_LIST, DEVICE, .fill = fill_msr_list, .errors = { E2BIG }),
	CALL(GET_SUPPORTED_CPUID, DEVICE, .fill = fill_cpuid, .errors = { E2BIG }),
	CALL(GET_VMX_CAPS, DEVICE),

	CALL(CHECK_EXTENSION, VM),
	CALL(CREATE_VCPU, VM, .errors = { EINVAL, EEXIST, EMFILE, ENFILE }),
	CALL(GET_DIRTY_LOG, VM, .fill = fill_dirty_log, .errors = { EINVAL, ENOENT }),
	CALL(SET_USER_MEMORY_REGION, VM, .fill = fill_region, .errors = { EINVAL, EEXIST }),
	CALL(SET_USER_MEMORY_REGION, VM, .fill = fill_region, .errors = { EINVAL, EEXIST }),
	CALL(SET_TSS_ADDR, VM, .errors = { EINVAL }),
	CALL(SET_IDENTITY_MAP_ADDR, VM, .errors = { EINVAL }),
	CALL(REGISTER_COALESCED_MMIO, VM, .fill = fill_zone, .errors = { EINVAL, ENOSPC }),
	CALL(UNREGISTER_COALESCED_MMIO, VM, .fill = fill_zone, .errors = { EINVAL }),
	CALL(EPT_WALK, VM, .fill = fill_walk, .errors = { EINVAL }),
	CALL(EPT_SHAPE, VM, .fill = fill_shape, .errors = { EINVAL }),
	CALL(EPT_PAGE_SIZE, VM, .errors = { EINVAL, EOPNOTSUPP }),
	CALL(EPT_POPULATE, VM, .fill = fill_populate, .errors = { EINVAL, ENOENT }),

	CALL(GET_REGS, VCPU),
	CALL(SET_REGS, VCPU, MINIVMX_GET_REGS),
	CALL(GET_SREGS, VCPU),
	CALL(SET_SREGS, VCPU, MINIVMX_GET_SREGS, .errors = { EINVAL }),
	CALL(SET_SREGS, VCPU, MINIVMX_GET_SREGS, .errors = { EINVAL }),
	CALL(TRANSLATE, VCPU, .fill = fill_translation),
	CALL(INTERRUPT, VCPU, .fill = fill_interrupt, .errors = { EINVAL }),
	CALL(GET_MSRS, VCPU, .fill = fill_msrs, .errors = { E2BIG }),
	CALL(SET_MSRS, VCPU, .fill = fill_msrs, .errors = { E2BIG }),
	CALL(SET_SIGNAL_MASK, VCPU, .fill = fill_signal_mask, .errors = { EINVAL }),
	CALL(GET_FPU, VCPU),
	CALL(SET_FPU, VCPU, MINIVMX_GET_FPU),
	CALL(SET_CPUID2, VCPU, .fill = fill_cpuid, .errors = { E2BIG, EINVAL }),
	CALL(GET_CPUID2, VCPU, .fill = fill_cpuid, .errors = { E2BIG }),
	CALL(GET_MP_STATE, VCPU),
	CALL(SET_MP_STATE, VCPU, MINIVMX_GET_MP_STATE, .errors = { EINVAL }),
	CALL(NMI, VCPU),
	CALL(SET_GUEST_DEBUG, VCPU, .fill = fill_debug, .errors = { EINVAL, EBUSY }),
	CALL(GET_VCPU_EVENTS, VCPU),
	CALL(SET_VCPU_EVENTS, VCPU, MINIVMX_GET_VCPU_EVENTS, .errors = { EINVAL }),
	CALL(GET_DEBUGREGS, VCPU),
	CALL(SET_DEBUGREGS, VCPU, MINIVMX_GET_DEBUGREGS, .errors = { EINVAL }),
	CALL(GET_TSC_KHZ, VCPU),
	CALL(GET_XSAVE, VCPU),
	CALL(SET_XSAVE, VCPU, MINIVMX_GET_XSAVE, .errors = { EINVAL }),
	CALL(GET_XCRS, VCPU),
	CALL(SET_XCRS, VCPU, MINIVMX_GET_XCRS, .errors = { EINVAL }),
	CALL(SET_EXIT_POLICY, VCPU, .fill = fill_policy, .errors = { EINVAL }),
	CALL(GET_EXIT_STATS, VCPU),
	CALL(TIME_EXITS, VCPU, .errors = { EINVAL }),
};

const unsigned int nr_calls = sizeof(calls) / sizeof(calls[0]);

/* What all may fail with; 0 is the end of a list. */
bool call_may_fail_with(const struct call *call, int error)
{
	static const int any[] = { ENOTTY, EFAULT, EIO, EINTR, ENOMEM, EBADF };
	unsigned int i;

	for (i = 0; i < sizeof(any) / sizeof(any[0]); i++)
		if (any[i] == error)
			return true;
	for (i = 0; i < MAX_ERRORS; i++)
		if (error && call->errors[i] == error)
			return true;
	return false;
}

/* ------------------------- where they lie -------------------------------- */

void arena_open(struct arena *arena)
{
	arena->pages = vm_pages((ARENA_PAGES + 1) * PAGE);
	arena->read_only = mmap(NULL, ARENA_PAGES * PAGE, PROT_READ,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	arena->copy = vm_pages(ARENA_PAGES * PAGE);
	if (arena->pages == MAP_FAILED || arena->read_only == MAP_FAILED ||
	    arena->copy == MAP_FAILED ||
	    mprotect(arena->pages + ARENA_PAGES * PAGE, PAGE, PROT_NONE))
		fuzz_fail("no memory for arguments");
}

uint64_t hostile_pointer(struct rng *rng, const struct arena *arena)
{
	static const uint64_t nowhere[] = {
		0, 1, 0xfff, 0x7fffffffefff, 0x7ffffffff000, 0x7fffffffffff, 0x800000000000,
		0xffff800000000000, 0xffff888000000000, 0xffffc90000000000, 0xffffffff81000000,
		0xffffffffff600000, 0xfffffffffffff000, 0xffffffffffffffff,
		0x8000000000000000,
	};

	switch (rng_below(rng, 4)) {
	case 0:		/* ends too early */
		return (uintptr_t)arena->pages + ARENA_PAGES * PAGE - rng_below(rng, 24);
	case 1:
		return (uintptr_t)arena->read_only + rng_below(rng, PAGE);
	default:
		return RNG_OF(rng, nowhere);
	}
}

/* ------------------------- an argument ----------------------------------- */

/* What a list of this kind may make the kernel write, with its head. */
static size_t room_of(const struct call *call)
{
	switch (call->number) {
	case MINIVMX_GET_SUPPORTED_CPUID:
	case MINIVMX_GET_CPUID2:
		return 8 + MINIVMX_MAX_CPUID_ENTRIES * sizeof(struct minivmx_cpuid_entry2);
	case MINIVMX_GET_MSRS:
		return 8 + MINIVMX_MAX_MSRS * sizeof(struct minivmx_msr_entry);
	case MINIVMX_GET_MSR_INDEX_LIST:
		return 4 + 400 * sizeof(uint32_t);
	default:
		return _IOC_DIR(call->number) & _IOC_READ ? _IOC_SIZE(call->number) : 0;
	}
}

static size_t size_of(const struct call *call)
{
	size_t size = room_of(call);

	switch (call->number) {
	case MINIVMX_SET_CPUID2:
		return 8 + MINIVMX_MAX_CPUID_ENTRIES * sizeof(struct minivmx_cpuid_entry2);
	case MINIVMX_SET_MSRS:
		return 8 + MINIVMX_MAX_MSRS * sizeof(struct minivmx_msr_entry);
	case MINIVMX_SET_SIGNAL_MASK:
		return 12;
	default:
		return size ?: _IOC_SIZE(call->number);
	}
}

/*
 * What goes where the fuzzer itself must not be hurt: a guest reaches its slots,
 * the kernel writes logs, and the timer's signal stays open.
 */
static void make_safe(struct rng *rng, const struct call *call, void *arg,
		      const struct arena *arena)
{
	static const uint64_t wrong[] = {
		0, FUZZ_MEMORY + 1, 0xffff888000000000, 0x800000000000, 0xfffffffffffff000,
	};
	struct minivmx_userspace_memory_region *region = arg;
	struct minivmx_signal_mask *mask = arg;
	struct minivmx_dirty_log *log = arg;

	switch (call->number) {
	case MINIVMX_SET_USER_MEMORY_REGION:
		if (region->userspace_addr < FUZZ_MEMORY ||
		    region->userspace_addr > FUZZ_MEMORY + FUZZ_MEMORY_SIZE)
			region->userspace_addr = RNG_OF(rng, wrong);
		/* A log of 128 KiB is long enough. */
		if (region->memory_size > 1UL << 32)
			region->flags &= ~MINIVMX_MEM_LOG_DIRTY_PAGES;
		break;
	case MINIVMX_GET_DIRTY_LOG:
		/* Into FUZZ_MEMORY, of which the log's end may not be there. */
		log->padding2 = rng_below(rng, 2) ? hostile_pointer(rng, arena) :
			FUZZ_MEMORY + rng_below(rng, FUZZ_MEMORY_SIZE);
		if (log->padding2 - (uintptr_t)arena->pages < ARENA_PAGES * PAGE)
			log->padding2 = 0;
		break;
	case MINIVMX_SET_SIGNAL_MASK:
		mask->sigset[(SIGALRM - 1) / 8] &= ~(1 << (SIGALRM - 1) % 8);
		break;
	}
}

unsigned long argument_make(struct rng *rng, const struct call *call, int fd,
			    const struct arena *arena, uint8_t **at, size_t *size)
{
	size_t need = size_of(call);
	unsigned int n;

	*size = 0;
	if (!need)
		return rng_below(rng, 2) ? 0 : rng_edge(rng);
	/* A mask of nobody knows what might keep the timer out: not this one. */
	if (call->number == MINIVMX_SET_SIGNAL_MASK ? 0 : rng_below(rng, 8) == 0)
		return hostile_pointer(rng, arena);

	/* At the very end of what is there, or before it. */
	*at = arena->pages + ARENA_PAGES * PAGE - need;
	if (call->number == MINIVMX_GET_MSR_INDEX_LIST || rng_below(rng, 2))
		*at -= rng_below(rng, (ARENA_PAGES * PAGE - need) / 2);
	switch (rng_below(rng, 8)) {
	case 0:
		rng_fill(rng, *at, need);
		break;
	case 1:
		memset(*at, rng_below(rng, 2) ? 0xff : 0, need);
		break;
	default:
		if (call->fill)
			call->fill(rng, *at);
		else if (call->get)
			ioctl(fd, call->get, *at);
		for (n = rng_below(rng, 2) ? 0 : rng_below(rng, 5); n; n--)
			rng_mutate(rng, *at, need < 64 ? need : rng_below(rng, 4) ? 64 : need);
		break;
	}
	make_safe(rng, call, *at, arena);
	*size = room_of(call);
	return (unsigned long)*at;
}
