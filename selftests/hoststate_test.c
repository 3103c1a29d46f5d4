// SPDX-License-Identifier: GPL-2.0
/*
 * After guests have run, the host's CPUs are as before: control, debug and
 * descriptor-table registers, segments and MSRs, on each CPU, with selectors
 * and bases that a VM exit would lose.
 *
 * Breakage it catches: a limit of GDT or IDT left at 0xffff, a segment base or
 * selector of the caller that an exit cleared, DR7 or an MSR not given back.
 * hoststate.ko shows the registers.
 */
#include <asm/hwcap2.h>
#include <asm/prctl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/syscall.h>

#include "devices.h"
#include "guest_code.h"
#include "host_registers.h"
#include "vm.h"

#define MAX_CPUS	8		/* of those that there are */
#define USER_DS		0x2b

#define EXITS_DEFAULT	100000	/* MINIVMX_EXITS in the environment changes it */

/* Two exits each time round: one for the owner, one for the kernel. */
GUEST_CODE(16, exit_twice,
	   "again:\n"
	   "out	%al, $0x10\n"
	   "cpuid\n"
	   "jmp	again\n");

FIXTURE(hoststate) {
	struct vm vm;
	long exits;
	int cpus;
};

FIXTURE_SETUP(hoststate)
{
	const char *exits = getenv("MINIVMX_EXITS");

	/* KVM's host state is not our business: minivmx alone is tested. */
	device_need(_metadata, MINIVMX_PATH);
	if (access(HOST_REGISTERS, R_OK))
		SKIP(longjmp(_metadata->env, 1), "%s: load hoststate.ko", HOST_REGISTERS);
	self->exits = exits ? atol(exits) : EXITS_DEFAULT;
	ASSERT_LT(0, self->exits);
	self->cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (self->cpus > MAX_CPUS)
		self->cpus = MAX_CPUS;
	ASSERT_EQ(0, vm_open(&self->vm, MINIVMX_PATH));
	ASSERT_EQ(0, vm_load(&self->vm, CODE(exit_twice)));
}

FIXTURE_TEARDOWN(hoststate)
{
	vm_close(&self->vm);
}

static void same_state(struct __test_metadata *_metadata,
		       const struct host_registers *before,
		       const struct host_registers *after)
{
	int i;

	ASSERT_EQ(before->lines, after->lines);
	for (i = 0; i < before->lines; i++) {
		EXPECT_STREQ(before->name[i], after->name[i]);
		EXPECT_EQ(before->value[i], after->value[i]) {
			TH_LOG("%s was %#lx, is %#lx", before->name[i],
			       before->value[i], after->value[i]);
		}
	}
}

static void pin(struct __test_metadata *_metadata, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(set), &set));
}

/* Each RUN but the first is two exits. */
static void take_exits(struct __test_metadata *_metadata,
		       FIXTURE_DATA(hoststate) *self)
{
	long i;

	for (i = 0; i < self->exits; i += 2) {
		if (vm_run(self->vm.vcpu) ||
		    self->vm.run->exit_reason != MINIVMX_EXIT_IO)
			break;
	}
	ASSERT_LE(self->exits, i);
}

static void test_each_cpu(struct __test_metadata *_metadata,
			  FIXTURE_DATA(hoststate) *self)
{
	struct host_registers before, after;
	int cpu;

	for (cpu = 0; cpu < self->cpus; cpu++) {
		pin(_metadata, cpu);
		ASSERT_TRUE(host_registers_read(&before));
		take_exits(_metadata, self);
		ASSERT_TRUE(host_registers_read(&after));
		same_state(_metadata, &before, &after);
		TH_LOG("CPU %d: %d registers equal after %ld exits", cpu,
		       before.lines, self->exits);
	}
}

TEST_F_TIMEOUT(hoststate, plain, TIMEOUT)
{
	test_each_cpu(_metadata, self);
}

/* The vCPU goes from CPU to CPU, and stays on each for a few exits or for many. */
TEST_F_TIMEOUT(hoststate, migrating, TIMEOUT)
{
	struct host_registers before[MAX_CPUS], after;
	long exits = 10 * self->exits, done = 0;
	int cpu, moves = 0;

	if (self->cpus < 2)
		SKIP(return, "this machine has one CPU");
	for (cpu = 0; cpu < self->cpus; cpu++) {
		pin(_metadata, cpu);
		ASSERT_TRUE(host_registers_read(&before[cpu]));
	}
	for (; done < exits; moves++) {
		pin(_metadata, moves % self->cpus);
		self->exits = 2 + moves * 7 % 400;
		take_exits(_metadata, self);
		done += self->exits;
	}
	for (cpu = 0; cpu < self->cpus; cpu++) {
		pin(_metadata, cpu);
		ASSERT_TRUE(host_registers_read(&after));
		same_state(_metadata, &before[cpu], &after);
	}
	TH_LOG("%d CPUs: %d registers equal on each after %ld exits and %d migrations",
	       self->cpus, after.lines, done, moves);
}

/*
 * Selectors that are not null, and a base above 4 GiB: the exit loads none of
 * them.
 */
TEST_F_TIMEOUT(hoststate, user_segments, TIMEOUT)
{
	const unsigned long gs_base = 0x123456789000;
	unsigned long base = 0;
	unsigned short selector;

	asm volatile("mov %0, %%ds\n\tmov %0, %%es" : : "r" (USER_DS));
	ASSERT_EQ(0, syscall(SYS_arch_prctl, ARCH_SET_GS, gs_base));
	test_each_cpu(_metadata, self);
	ASSERT_EQ(0, syscall(SYS_arch_prctl, ARCH_GET_GS, &base));
	EXPECT_EQ(gs_base, base);
	asm volatile("mov %%ds, %0" : "=r" (selector));
	EXPECT_EQ(USER_DS, selector);
	asm volatile("mov %%es, %0" : "=r" (selector));
	EXPECT_EQ(USER_DS, selector);
}

/* GS with a selector: its base comes from the descriptor, not from the MSR. */
TEST_F_TIMEOUT(hoststate, gs_selector, TIMEOUT)
{
	unsigned short selector;

	asm volatile("mov %0, %%gs" : : "r" (USER_DS));
	test_each_cpu(_metadata, self);
	asm volatile("mov %%gs, %0" : "=r" (selector));
	EXPECT_EQ(USER_DS, selector);
}

/* FS with a selector, and yet with the base that the C library needs. */
TEST_F_TIMEOUT(hoststate, fs_selector, TIMEOUT)
{
	unsigned long base, now;
	unsigned short selector;

	if (!(getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE))
		SKIP(return, "this CPU or kernel has no WRFSBASE");
	asm volatile("rdfsbase	%0\n\t"
		     "mov	%1, %%fs\n\t"
		     "wrfsbase	%0"
		     : "=&r" (base) : "r" (USER_DS));
	test_each_cpu(_metadata, self);
	asm volatile("rdfsbase %0" : "=r" (now));
	EXPECT_EQ(base, now);
	asm volatile("mov %%fs, %0" : "=r" (selector));
	EXPECT_EQ(USER_DS, selector);
}

/* A segment of the caller's own LDT. */
TEST_F_TIMEOUT(hoststate, ldt, TIMEOUT)
{
	/* struct user_desc: entry 0, base 0x10000, 64 KiB of data. */
	const uint32_t desc[4] = { 0, 0x10000, 0xffff, 0x51 };
	const unsigned short entry = 7;		/* index 0, LDT, RPL 3 */
	unsigned short selector;

	if (syscall(SYS_modify_ldt, 1, desc, sizeof(desc)))
		SKIP(return, "modify_ldt: %s", strerror(errno));
	asm volatile("mov %0, %%gs" : : "r" (entry));
	test_each_cpu(_metadata, self);
	asm volatile("mov %%gs, %0" : "=r" (selector));
	EXPECT_EQ(entry, selector);
}

/* The TSS is longer when a task has an I/O bitmap. */
TEST_F_TIMEOUT(hoststate, io_bitmap, TIMEOUT)
{
	if (syscall(SYS_ioperm, 0x80, 1, 1))
		SKIP(return, "ioperm: %s", strerror(errno));
	asm volatile("outb %%al, $0x80" : : "a" (0));
	test_each_cpu(_metadata, self);
	/* Without its limit this is a #GP. */
	asm volatile("outb %%al, $0x80" : : "a" (0));
}

TEST_HARNESS_MAIN
