// SPDX-License-Identifier: GPL-2.0
/*
 * What each operation costs on minivmx and on KVM, in the same boot, and the
 * ratio of the two.
 *
 * The unit is the time-stamp counter's: cycles of some clock on hardware,
 * instructions in Bochs. The least of several runs counts: the others were
 * interrupted by something.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <x86intrin.h>

#include "guest_code.h"
#include "vm.h"

#define ROUNDS	7
#define LOOPS	500	/* operations in a round */
#define PAGES	8	/* pages that the guest touches for the first time */

/* OUT for ever. */
GUEST_CODE(16, pio_code,
	   "1: out	%al, $0x80\n"
	   "jmp	1b\n");

/* LOOPS times CPUID or VMCALL, then OUT, for ever. */
GUEST_CODE(16, cpuid_code,
	   "2: mov	$500, %si\n"
	   "1: cpuid\n"
	   "dec	%si\n"
	   "jnz	1b\n"
	   "out	%al, $0x80\n"
	   "jmp	2b\n");
GUEST_CODE(16, vmcall_code,
	   "2: mov	$500, %si\n"
	   "1: xor	%eax, %eax\n"
	   "vmcall\n"
	   "dec	%si\n"
	   "jnz	1b\n"
	   "out	%al, $0x80\n"
	   "jmp	2b\n");

/*
 * The shortest of 500, as the guest's own time-stamp counter has it: no interrupt
 * of the host is in it. OUT to port 0x81 tells.
 */
#define SHORTEST(instruction)			\
	"mov	$500, %si\n"			\
	"mov	$-1, %ebp\n"			\
	"1: rdtsc\n"				\
	"mov	%eax, %edi\n"			\
	"xor	%eax, %eax\n"			\
	instruction "\n"			\
	"rdtsc\n"				\
	"sub	%edi, %eax\n"			\
	"cmp	%ebp, %eax\n"			\
	"jae	2f\n"				\
	"mov	%eax, %ebp\n"			\
	"2: dec	%si\n"				\
	"jnz	1b\n"				\
	"mov	%ebp, %eax\n"			\
	"out	%eax, $0x81\n"

GUEST_CODE(16, shortest_cpuid, SHORTEST("cpuid"));
GUEST_CODE(16, shortest_out, SHORTEST("out	%al, $0x80"));

/* Pages 2 to 9, one byte each, then OUT. */
GUEST_CODE(16, touch_code,
	   "mov	$0x2000, %bx\n"
	   "out	%al, $0x80\n"
	   "1: mov	%al, (%bx)\n"
	   "add	$0x1000, %bx\n"
	   "cmp	$0xa000, %bx\n"
	   "jne	1b\n"
	   "out	%al, $0x80\n");

GUEST_CODE(16, hlt_code, "hlt\n");

/* Who watches a vCPU: nobody, until an ioctl says so. */
struct watcher {
	const char *name;
	unsigned long number, argument;
};

static const struct watcher watchers[] = {
	{ "nobody" },
	{ "MINIVMX_TIME_EXITS", MINIVMX_TIME_EXITS, 1 },
	{ "MINIVMX_SET_TRACE", MINIVMX_SET_TRACE, MINIVMX_TRACE_MAX },
};

#define WATCHERS	(sizeof(watchers) / sizeof(watchers[0]))

static const struct watcher *watcher = watchers;
static const char *device;

static void check(int ret, const char *what)
{
	if (ret < 0)
		errx(1, "%s: %s: %s", device, what, strerror(-ret));
}

static void run(struct vm *vm, unsigned int reason)
{
	check(vm_run(vm->vcpu), "RUN");
	if (vm->run->exit_reason != reason)
		errx(1, "%s: exit reason %u instead of %u", device,
		     vm->run->exit_reason, reason);
}

static void least(unsigned long *best, unsigned long now)
{
	if (!*best || now < *best)
		*best = now;
}

/* @exits: how often RUN is called; @operations: what they add up to. */
static unsigned long time_runs(const uint8_t *code, const uint8_t *end,
			       int exits, int operations)
{
	unsigned long best = 0, start;
	struct vm vm;
	int i, j;

	check(vm_open(&vm, device), "open");
	check(vm_load(&vm, code, end), "load");
	run(&vm, MINIVMX_EXIT_IO);
	for (i = 0; i < ROUNDS; i++) {
		start = __rdtsc();
		for (j = 0; j < exits; j++)
			run(&vm, MINIVMX_EXIT_IO);
		least(&best, __rdtsc() - start);
	}
	vm_close(&vm);
	return best / operations;
}

static unsigned long shortest(const uint8_t *code, const uint8_t *end)
{
	uint32_t ticks;
	struct vm vm;

	check(vm_open(&vm, device), "open");
	check(vm_load(&vm, code, end), "load");
	if (watcher->number)
		check(vm_ioctl(vm.vcpu, watcher->number, watcher->argument), watcher->name);
	do {
		run(&vm, MINIVMX_EXIT_IO);
	} while (vm.run->io.port != 0x81);
	memcpy(&ticks, vm_io_data(vm.run), sizeof(ticks));
	vm_close(&vm);
	return ticks;
}

static unsigned long time_pio(void)
{
	return time_runs(CODE(pio_code), LOOPS, LOOPS);
}

static unsigned long time_cpuid(void)
{
	return time_runs(CODE(cpuid_code), 1, LOOPS);
}

static unsigned long time_vmcall(void)
{
	return time_runs(CODE(vmcall_code), 1, LOOPS);
}

static unsigned long time_ioctl(void)
{
	unsigned long best = 0, start;
	int dev = open(device, O_RDWR | O_CLOEXEC);
	int i, j;

	for (i = 0; i < ROUNDS; i++) {
		start = __rdtsc();
		for (j = 0; j < LOOPS; j++)
			check(vm_ioctl(dev, MINIVMX_GET_API_VERSION, 0), "version");
		least(&best, __rdtsc() - start);
	}
	close(dev);
	return best / LOOPS;
}

static unsigned long time_touch(void)
{
	unsigned long best = 0, start;
	struct vm vm;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		check(vm_open(&vm, device), "open");
		/* The host's own first touch is not what is measured. */
		memset(vm.memory, 1, VM_MEMORY);
		check(vm_load(&vm, CODE(touch_code)), "load");
		run(&vm, MINIVMX_EXIT_IO);
		start = __rdtsc();
		run(&vm, MINIVMX_EXIT_IO);
		least(&best, __rdtsc() - start);
		vm_close(&vm);
	}
	return best / PAGES;
}

static unsigned long life[3];

/* A VM's life in three parts: made, run to its first HLT, taken apart. */
static void time_life(void)
{
	unsigned long t[4];
	struct vm vm;
	int i, j;

	memset(life, 0, sizeof(life));
	for (i = 0; i < ROUNDS; i++) {
		t[0] = __rdtsc();
		check(vm_open(&vm, device), "open");
		t[1] = __rdtsc();
		check(vm_load(&vm, CODE(hlt_code)), "load");
		run(&vm, MINIVMX_EXIT_HLT);
		t[2] = __rdtsc();
		vm_close(&vm);
		t[3] = __rdtsc();
		for (j = 0; j < 3; j++)
			least(&life[j], t[j + 1] - t[j]);
	}
}

static unsigned long time_create(void)
{
	time_life();
	return life[0];
}

static unsigned long time_first_run(void)
{
	return life[1];
}

static unsigned long time_destroy(void)
{
	return life[2];
}

static const struct {
	const char *name;
	unsigned long (*time)(void);
} rows[] = {
	{ "ioctl GET_API_VERSION", time_ioctl },
	{ "OUT to user space and back", time_pio },
	{ "CPUID, handled in the kernel", time_cpuid },
	{ "VMCALL, handled in the kernel", time_vmcall },
	{ "first touch of a guest page", time_touch },
	{ "create VM, memory and vCPU", time_create },
	{ "first RUN to HLT", time_first_run },
	{ "destroy", time_destroy },
};

#define ROWS	(sizeof(rows) / sizeof(rows[0]))

int main(void)
{
	static const char * const devices[] = { "/dev/minivmx", "/dev/kvm" };
	unsigned long cost[2][ROWS];
	size_t d, i;

	for (d = 0; d < 2; d++) {
		device = devices[d];
		for (i = 0; i < ROWS; i++)
			cost[d][i] = rows[i].time();
	}
	printf("%-30s %12s %12s %9s\n", "TSC ticks per operation", "minivmx",
	       "KVM", "ratio");
	for (i = 0; i < ROWS; i++)
		printf("%-30s %12lu %12lu %9.2f\n", rows[i].name, cost[0][i],
		       cost[1][i], (double)cost[0][i] / cost[1][i]);

	device = devices[0];
	printf("\n%-30s %12s %12s\n", "minivmx, watched by", "CPUID", "OUT");
	for (i = 0; i < WATCHERS; i++) {
		watcher = &watchers[i];
		printf("%-30s %12lu", watcher->name, shortest(CODE(shortest_cpuid)));
		printf(" %12lu\n", shortest(CODE(shortest_out)));
	}
	return 0;
}
