// SPDX-License-Identifier: GPL-2.0
/*
 * Guests in processes of their own, at the same time: none finds anything of another, in
 * its memory or around it, not even after the other has ended and the host has given its
 * pages to somebody else.
 *
 * Breakage it catches: a page that two guests have, one that is not zero when a guest
 * gets it, a translation that outlives its guest, an address outside of all memory that
 * leads somewhere.
 */
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "devices.h"
#include "guest_code.h"
#include "vm.h"

#define OWN		0x100000UL	/* 1 MiB, at 1 MiB */
#define OWN_SIZE	0x100000UL
#define OWN_SLOT	1
#define AROUND		0x200000UL	/* where there is nothing */
#define AROUND_PAGES	64		/* up to 0x240000, see tenant */

#define LIVES		4	/* of guests, one after the other, in each process */
#define ROUNDS		2	/* looks at its memory in each life */
#define PROCESSES	3

/* What a guest says, with OUT to port 0x10. */
enum answer {
	ANSWER_CLEAN = 0x11,	/* all its memory was zero, nothing was around it */
	ANSWER_KEPT,		/* all that it wrote is still there, and nothing else */
	ANSWER_DIRTY,		/* there was something in its memory: ESI says where */
	ANSWER_LOST,
	ANSWER_FOUND,		/* there is something outside */
};

/* EBX is its pattern; what it finds is in EAX. */
GUEST_CODE(32, tenant,
	   "mov	$0x100000, %esi\n"
	   "tenant_fresh:\n"
	   "lodsl\n"
	   "test	%eax, %eax\n"
	   "jnz	tenant_dirty\n"
	   "cmp	$0x200000, %esi\n"
	   "jb	tenant_fresh\n"
	   "tenant_around:\n"
	   "mov	(%esi), %eax\n"
	   "cmp	$0xffffffff, %eax\n"
	   "jne	tenant_found\n"
	   "mov	%ebx, (%esi)\n"
	   "add	$0x1000, %esi\n"
	   "cmp	$0x240000, %esi\n"
	   "jb	tenant_around\n"
	   "mov	$0x11, %al\n"
	   "out	%al, $0x10\n"
	   "mov	%ebx, %eax\n"
	   "mov	$0x100000, %edi\n"
	   "mov	$0x40000, %ecx\n"
	   "rep stosl\n"
	   "tenant_round:\n"
	   "mov	$0x100000, %esi\n"
	   "tenant_looks:\n"
	   "lodsl\n"
	   "cmp	%ebx, %eax\n"
	   "jne	tenant_lost\n"
	   "cmp	$0x200000, %esi\n"
	   "jb	tenant_looks\n"
	   "mov	$0x12, %al\n"
	   "out	%al, $0x10\n"
	   "jmp	tenant_round\n"
	   "tenant_dirty:\n"
	   "mov	$0x13, %al\n"
	   "out	%al, $0x10\n"
	   "tenant_lost:\n"
	   "mov	$0x14, %al\n"
	   "out	%al, $0x10\n"
	   "tenant_found:\n"
	   "mov	$0x15, %al\n"
	   "out	%al, $0x10\n");

/* What a process has to say at its end. */
enum end { END_WELL, END_HOST, END_EXIT, END_ANSWER, END_AROUND };

static const char *const ends[] = {
	[END_HOST] = "an ioctl failed", [END_EXIT] = "another exit",
	[END_ANSWER] = "it found something", [END_AROUND] = "not all of what is around exited",
};

/* Return: what the guest says next; *@around counts accesses to what is not there. */
static int next_answer(struct vm *vm, unsigned int *around)
{
	struct minivmx_run *run = vm->run;

	for (;;) {
		if (vm_run(vm->vcpu))
			return -END_HOST;
		switch (run->exit_reason) {
		case MINIVMX_EXIT_IO:
			return *(uint8_t *)vm_io_data(run);
		case MINIVMX_EXIT_MMIO:
			if (run->mmio.phys_addr !=
			    AROUND + *around / 2 * PAGE || run->mmio.len != 4)
				return -END_AROUND;
			++*around;
			if (!run->mmio.is_write)
				memset(run->mmio.data, 0xff, run->mmio.len);
			break;
		default:
			return -END_EXIT;
		}
	}
}

static enum end look_around(struct vm *vm, uint32_t pattern)
{
	struct minivmx_regs regs = { .rip = VM_ENTRY, .rflags = RFLAGS_IF | RFLAGS_FIXED };
	struct minivmx_sregs sregs;
	unsigned int around = 0;
	int i;

	if (vm_load(vm, CODE(tenant)) || vm_get_sregs(vm->vcpu, &sregs))
		return END_HOST;
	vm_flat_segments(&sregs, 0);
	regs.rbx = pattern;
	if (vm_set_sregs(vm->vcpu, &sregs) || vm_set_regs(vm->vcpu, &regs))
		return END_HOST;
	if (next_answer(vm, &around) != ANSWER_CLEAN)
		return END_ANSWER;
	/* A read and a write for each page. */
	if (around != 2 * AROUND_PAGES)
		return END_AROUND;
	for (i = 0; i < ROUNDS; i++)
		if (next_answer(vm, &around) != ANSWER_KEPT)
			return END_ANSWER;
	return END_WELL;
}

static enum end live(const char *path, uint32_t pattern)
{
	void *own = vm_pages(OWN_SIZE);
	enum end end = END_HOST;
	struct vm vm;

	if (own == MAP_FAILED || vm_open(&vm, path))
		return END_HOST;
	if (!vm_region(vm.fd, OWN_SLOT, OWN, OWN_SIZE, own))
		end = look_around(&vm, pattern);
	vm_close(&vm);
	munmap(own, OWN_SIZE);
	return end;
}

/* One life after the other, from CPU to CPU. */
static enum end live_often(const char *path, unsigned int process)
{
	enum end end = END_WELL;
	cpu_set_t cpus;
	int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 0; i < LIVES && end == END_WELL; i++) {
		CPU_ZERO(&cpus);
		CPU_SET((i / 3 + process) % 2, &cpus);
		sched_setaffinity(0, sizeof(cpus), &cpus);
		end = live(path, 0x5ec00001 + (process << 16 | i << 8));
	}
	return end;
}

DEVICE_FIXTURE(parallel) {
};

DEVICE_FIXTURE_SETUP(parallel)
{
}

FIXTURE_TEARDOWN(parallel)
{
}

TEST_DEVICE(parallel, processes)
{
	pid_t children[PROCESSES];
	unsigned int i;
	int status;

	for (i = 0; i < PROCESSES; i++) {
		children[i] = fork();
		ASSERT_LE(0, children[i]);
		if (!children[i])
			_exit(live_often(variant->path, i));
	}
	for (i = 0; i < PROCESSES; i++) {
		ASSERT_EQ(children[i], waitpid(children[i], &status, 0));
		EXPECT_TRUE(WIFEXITED(status));
		EXPECT_EQ(END_WELL, WEXITSTATUS(status)) {
			TH_LOG("process %u: %s", i, ends[WEXITSTATUS(status)]);
		}
	}
}

/*
 * Two VMs of one process, one vCPU each, that run in turn on one CPU: their translations
 * are in the same TLB.
 */
TEST_DEVICE(parallel, one_process)
{
	struct vm vms[2];
	void *own[2];
	int i, round;

	for (i = 0; i < 2; i++) {
		own[i] = vm_pages(OWN_SIZE);
		ASSERT_NE(MAP_FAILED, own[i]);
		ASSERT_EQ(0, vm_open(&vms[i], variant->path));
		ASSERT_EQ(0, vm_region(vms[i].fd, OWN_SLOT, OWN, OWN_SIZE, own[i]));
		ASSERT_EQ(END_WELL, look_around(&vms[i], 0xa0000001 + i));
	}
	for (round = 0; round < ROUNDS; round++)
		for (i = 0; i < 2; i++) {
			unsigned int around = 0;

			ASSERT_EQ(ANSWER_KEPT, next_answer(&vms[i], &around));
			EXPECT_EQ(0xa0000001 + i, *(uint32_t *)own[i]);
		}
	for (i = 0; i < 2; i++) {
		vm_close(&vms[i]);
		munmap(own[i], OWN_SIZE);
	}
}

TEST_HARNESS_MAIN
