// SPDX-License-Identifier: GPL-2.0
/*
 * The pages that owner and kernel share change at any moment: between two
 * MINIVMX_RUN, and from another thread while one is on its way.
 *
 * Nothing that the kernel wrote there may be believed when it is read again.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "../guest_code.h"
#include "../vm.h"
#include "fuzz.h"

#define MMIO_ZONE	0x20000UL	/* its first bytes are coalesced */
#define PORT_ZONE	0x80
#define NR_RUNS		60
#define TICK		20000		/* microseconds */
#define FORGED		0x7e000000u	/* an exit reason that we have written */

enum { REACHED_IO_IN, REACHED_IO_OUT, REACHED_READ, REACHED_WRITE, REACHED_WINDOW,
	REACHED_HLT, REACHED_COALESCED, REACHED_REFUSED, REACHED_SIGNAL };

/* ------------------------- what the guest does --------------------------- */

GUEST_CODE(16, block_ports,
	   "out	%al, $0x10\n"
	   "out	%ax, $0x11\n"
	   "out	%eax, $0x12\n"
	   "in	$0x10, %al\n"
	   "in	$0x11, %ax\n"
	   "in	$0x12, %eax\n"
	   "out	%al, $0x80\n"
	   "out	%ax, $0x82\n");

/* Across the end of a page, and both ways. */
GUEST_CODE(16, block_strings,
	   "mov	$0x4ff0, %di\n"
	   "mov	$0x4ff0, %si\n"
	   "mov	$0x1234, %dx\n"
	   "mov	$24, %cx\n"
	   "rep insb\n"
	   "mov	$9, %cx\n"
	   "rep insl\n"
	   "insw\n"
	   "mov	$24, %cx\n"
	   "rep outsb\n"
	   "mov	$9, %cx\n"
	   "rep outsl\n"
	   "mov	$0x5008, %si\n"
	   "mov	$8, %cx\n"
	   "std\n"
	   "rep outsw\n"
	   "cld\n");

GUEST_CODE(16, block_mmio,
	   "mov	$0x2000, %bx\n"
	   "mov	%bx, %fs\n"
	   "mov	%al, %fs:0x200\n"
	   "mov	%fs:0x201, %ax\n"
	   "mov	%fs:0x204, %eax\n"
	   "addl	%eax, %fs:0x208\n"
	   "xchg	%ax, %fs:0x20c\n"
	   "mov	%fs:0xffe, %eax\n"
	   "mov	%eax, %fs:0xffd\n"
	   "cmpw	$7, %fs:0x300\n"
	   "movzbl	%fs:0x301, %eax\n");

GUEST_CODE(16, block_moves,
	   "mov	$0x2000, %bx\n"
	   "mov	%bx, %es\n"
	   "mov	%bx, %fs\n"
	   "mov	$0x5000, %si\n"
	   "mov	$0x400, %di\n"
	   "mov	$5, %cx\n"
	   "rep movsb\n"
	   "mov	$2, %cx\n"
	   "rep movsl	%fs:(%si), %es:(%di)\n"
	   "stosl\n"
	   "lodsw	%fs:(%si), %ax\n"
	   "xor	%bx, %bx\n"
	   "mov	%bx, %es\n");

GUEST_CODE(16, block_coalesced,
	   "mov	$0x2000, %bx\n"
	   "mov	%bx, %fs\n"
	   "mov	$40, %cx\n"
	   "1:\n"
	   "mov	%eax, %fs:0x10\n"
	   "mov	%al, %fs:0x7f\n"
	   "out	%al, $0x81\n"
	   "loop	1b\n");

GUEST_CODE(16, block_interrupts,
	   "sti\n"
	   "nop\n"
	   "cpuid\n"
	   "cli\n"
	   "nop\n"
	   "sti\n"
	   "hlt\n"
	   "pushf\n"
	   "popf\n");

static const struct {
	const uint8_t *code, *end;
} blocks[] = {
	{ CODE(block_ports) }, { CODE(block_strings) }, { CODE(block_mmio) },
	{ CODE(block_moves) }, { CODE(block_coalesced) }, { CODE(block_interrupts) },
};

/* Blocks in any order, again and again; each interrupt leads to an IRET. */
static void write_guest(struct rng *rng, uint8_t *memory)
{
	unsigned int i, n = 6 + rng_below(rng, 8);
	uint8_t *at = memory + VM_ENTRY;
	int16_t back;

	for (i = 0; i < 256; i++)
		memcpy(memory + 4 * i, (uint16_t[]){ 0x800, 0 }, 4);
	memory[0x800] = 0xcf;
	for (i = 0; i < n; i++) {
		unsigned int b = rng_below(rng, sizeof(blocks) / sizeof(blocks[0]));

		memcpy(at, blocks[b].code, blocks[b].end - blocks[b].code);
		at += blocks[b].end - blocks[b].code;
	}
	back = memory + VM_ENTRY - (at + 3);
	*at = 0xe9;		/* JMP */
	memcpy(at + 1, &back, sizeof(back));
}

/* ------------------------- scribbling ------------------------------------ */

/* Where it hurts: offset and size. */
static const struct {
	uint16_t offset, size;
} fields[] = {
	{ offsetof(struct minivmx_run, request_interrupt_window), 1 },
	{ offsetof(struct minivmx_run, immediate_exit), 1 },
	{ offsetof(struct minivmx_run, ready_for_interrupt_injection), 2 },
	{ offsetof(struct minivmx_run, cr8), 8 },
	{ offsetof(struct minivmx_run, apic_base), 8 },
	{ offsetof(struct minivmx_run, io.direction), 2 },
	{ offsetof(struct minivmx_run, io.port), 2 },
	{ offsetof(struct minivmx_run, io.count), 4 },
	{ offsetof(struct minivmx_run, io.data_offset), 8 },
	{ offsetof(struct minivmx_run, mmio.phys_addr), 8 },
	{ offsetof(struct minivmx_run, mmio.data), 8 },
	{ offsetof(struct minivmx_run, mmio.len), 4 },
	{ offsetof(struct minivmx_run, mmio.is_write), 1 },
	{ offsetof(struct minivmx_run, kvm_valid_regs), 8 },
	{ offsetof(struct minivmx_run, kvm_dirty_regs), 8 },
};

/* The pages as words and bytes that somebody else writes, too. */
static void scribble(struct rng *rng, struct minivmx_run *run, size_t size)
{
	volatile uint32_t *ring = (void *)((uint8_t *)run + 2 * PAGE);
	volatile uint8_t *page = (void *)run;
	unsigned int f, i;
	uint64_t value;

	switch (rng_below(rng, 8)) {
	case 0:
		run->exit_reason = FORGED | rng_below(rng, 0x10000);
		break;
	case 1:		/* first and last */
		ring[rng_below(rng, 2)] = rng_below(rng, 2) ? rng_edge(rng) :
			rng_below(rng, 2 * MINIVMX_COALESCED_MMIO_MAX);
		break;
	case 2:		/* anywhere but on exit_reason */
		i = rng_below(rng, size);
		if (i < 8 || i >= 12)
			page[i] = rng_u64(rng);
		break;
	default:
		f = rng_below(rng, sizeof(fields) / sizeof(fields[0]));
		value = rng_below(rng, 3) ? rng_edge(rng) : rng_below(rng, 16);
		/* CR8 is refused most of the time, and then nothing runs. */
		if (f == 3 && rng_below(rng, 8))
			value &= 15;
		if (f == 1)
			value = rng_below(rng, 8) == 0;
		for (i = 0; i < fields[f].size; i++)
			page[fields[f].offset + i] = value >> 8 * i;
	}
}

struct scribbler {
	struct rng rng;
	struct vm *vm;
	volatile bool stop;
};

static void *scribble_on(void *arg)
{
	struct scribbler *s = arg;

	while (!s->stop) {
		scribble(&s->rng, s->vm->run, s->vm->run_size);
		if (rng_below(&s->rng, 64) == 0)
			sched_yield();
	}
	return NULL;
}

/* ------------------------- an iteration ---------------------------------- */

/* A VM with nobody's pages around its memory and around its run page. */
static void open_between_canaries(struct vm *vm, uint8_t **memory, uint8_t **run)
{
	int ret = vm_open(vm, FUZZ_DEVICE);

	if (ret)
		fuzz_fail("no VM: %d", ret);
	*memory = vm_pages(VM_MEMORY + 2 * PAGE);
	*run = vm_pages(vm->run_size + 2 * PAGE);
	if (*memory == MAP_FAILED || *run == MAP_FAILED)
		fuzz_fail("no memory");
	munmap(vm->run, vm->run_size);
	vm->run = mmap(*run + PAGE, vm->run_size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_FIXED, vm->vcpu, 0);
	if (vm->run == MAP_FAILED || vm_region(vm->fd, VM_SLOT, 0, 0, NULL) ||
	    vm_region(vm->fd, VM_SLOT, 0, VM_MEMORY, *memory + PAGE))
		fuzz_fail("cannot lay out a VM: %d", errno);
	canary_make(*memory);
	canary_make(*memory + PAGE + VM_MEMORY);
	canary_make(*run);
	canary_make(*run + PAGE + vm->run_size);
}

static void set_zones(struct vm *vm)
{
	struct minivmx_coalesced_mmio_zone mmio = { .addr = MMIO_ZONE, .size = 0x100 };
	struct minivmx_coalesced_mmio_zone ports = {
		.addr = PORT_ZONE, .size = 4, .pio = 1,
	};

	if (vm_ioctl_p(vm->fd, MINIVMX_REGISTER_COALESCED_MMIO, &mmio) ||
	    vm_ioctl_p(vm->fd, MINIVMX_REGISTER_COALESCED_MMIO, &ports))
		fuzz_fail("no zones");
}

/* The reason is what RUN said, or what the other thread has written since. */
static void judge_run(struct vm *vm, int ret)
{
	uint32_t reason = *(volatile uint32_t *)&vm->run->exit_reason;

	if (ret == -EINTR) {
		fuzz_reach(REACHED_SIGNAL);
		return;
	}
	if (ret == -EINVAL) {		/* CR8 */
		fuzz_reach(REACHED_REFUSED);
		return;
	}
	if (ret)
		fuzz_fail("RUN failed with %d", ret);
	if (reason >> 16 == FORGED >> 16)
		return;
	if (!judge_known_reason(reason))
		fuzz_fail("exit reason %u", reason);
	switch (reason) {
	case MINIVMX_EXIT_IO:
		fuzz_reach(vm->run->io.direction ? REACHED_IO_OUT : REACHED_IO_IN);
		break;
	case MINIVMX_EXIT_MMIO:
		fuzz_reach(vm->run->mmio.is_write ? REACHED_WRITE : REACHED_READ);
		break;
	case MINIVMX_EXIT_IRQ_WINDOW_OPEN:
		fuzz_reach(REACHED_WINDOW);
		break;
	case MINIVMX_EXIT_HLT:
		fuzz_reach(REACHED_HLT);
		break;
	}
}

static void run_many(struct rng *rng, struct vm *vm, uint8_t *memory)
{
	volatile uint32_t *ring = (void *)((uint8_t *)vm->run + 2 * PAGE);
	struct minivmx_interrupt interrupt = { .irq = 0x20 + rng_below(rng, 0xe0) };
	unsigned int i, n;
	uint32_t last;
	int ret;

	for (i = 0; i < NR_RUNS; i++) {
		for (n = rng_below(rng, 3) ? rng_below(rng, 6) : 0; n; n--)
			scribble(rng, vm->run, vm->run_size);
		/* Guests get lost, with such answers. */
		if (rng_below(rng, 20) == 0) {
			write_guest(rng, memory);
			ret = vm_enter_at(vm->vcpu, VM_ENTRY, 0);
			if (ret)
				fuzz_fail("cannot start again: %d", ret);
		}
		if (rng_below(rng, 16) == 0 && vm->run->ready_for_interrupt_injection)
			vm_ioctl_p(vm->vcpu, MINIVMX_INTERRUPT, &interrupt);
		if (rng_below(rng, 4) == 0)
			ring[0] = ring[1];
		last = ring[1];
		judge_run(vm, vm_run(vm->vcpu));
		if (last != ring[1])
			fuzz_reach(REACHED_COALESCED);
	}
}

static void once(struct rng *rng, uint64_t seed)
{
	struct scribbler scribbler = { .rng = { rng_u64(rng) } };
	bool race = rng_below(rng, 2);
	struct minivmx_sregs reset;
	uint8_t *memory, *run;
	pthread_t thread;
	struct vm vm;

	(void)seed;
	open_between_canaries(&vm, &memory, &run);
	set_zones(&vm);
	write_guest(rng, memory + PAGE);
	if (vm_get_sregs(vm.vcpu, &reset) || vm_enter_at(vm.vcpu, VM_ENTRY, 0))
		fuzz_fail("cannot start");
	scribbler.vm = &vm;
	if (race && pthread_create(&thread, NULL, scribble_on, &scribbler))
		fuzz_fail("no thread");
	timer_start(TICK);
	run_many(rng, &vm, memory + PAGE);
	timer_stop();
	scribbler.stop = true;
	if (race)
		pthread_join(thread, NULL);
	canary_check(memory, "before the slot");
	canary_check(memory + PAGE + VM_MEMORY, "behind the slot");
	canary_check(run, "before the run page");
	canary_check(run + PAGE + vm.run_size, "behind the run pages");
	judge_good_guest(vm.vcpu, vm.run, memory + PAGE, &reset);
	munmap(run, vm.run_size + 2 * PAGE);
	vm.run = NULL;
	vm_close(&vm);
	munmap(memory, VM_MEMORY + 2 * PAGE);
}

const struct fuzzer fuzz_runpage = {
	.name = "runpage",
	.what = "shared pages that change at any moment are not believed",
	.chunk = 16,
	.count = 60,
	.once = once,
	.reached = {
		[REACHED_IO_IN] = "IN", [REACHED_IO_OUT] = "OUT", [REACHED_READ] = "MMIO read",
		[REACHED_WRITE] = "MMIO write", [REACHED_WINDOW] = "interrupt window",
		[REACHED_HLT] = "HLT", [REACHED_COALESCED] = "coalesced",
		[REACHED_REFUSED] = "CR8 refused", [REACHED_SIGNAL] = "signal",
	},
};
