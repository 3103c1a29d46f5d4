// SPDX-License-Identifier: GPL-2.0
/*
 * Hostile owners: any ioctl on any descriptor, mappings that come and go,
 * descriptors that are closed in use, children that inherit them, and threads
 * that do the same at the same time.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "../guest_code.h"
#include "../vm.h"
#include "worker.h"

#define MAX_THREADS	3
#define RUN_SIZE	(3 * PAGE)

struct descriptor fds[NR_FDS];

/* ------------------------- descriptors ----------------------------------- */

static void add_fd(int fd, enum kind kind)
{
	volatile struct minivmx_run *run = NULL;
	unsigned int i;

	if (fd < 0)
		return;
	if (kind == KIND_VCPU) {
		run = vm_map_run(fd, RUN_SIZE);
		run = run == MAP_FAILED ? NULL : run;
	}
	for (i = 0; i < NR_FDS; i++)
		if (fds[i].fd < 0) {
			fds[i] = (struct descriptor) { fd, kind, run };
			return;
		}
	close(fd);
}

static struct descriptor *any_fd(struct rng *rng)
{
	return &fds[rng_below(rng, NR_FDS)];
}

struct descriptor *fd_for(struct rng *rng, enum kind kind)
{
	struct descriptor *d = any_fd(rng);
	int tries;

	if (rng_below(rng, 16) == 0)
		return d;
	for (tries = 0; tries < 100 && (d->fd < 0 || d->kind != kind); tries++)
		d = any_fd(rng);
	return d;
}

/* ------------------------- ioctls ---------------------------------------- */

/* The kernel writes where it was told to, and nowhere else. */
static void judge_writes(struct worker *w, const struct call *call, const uint8_t *at,
			 size_t size)
{
	size_t before = at - w->arena.pages, all = ARENA_PAGES * PAGE;

	if (memcmp(w->arena.pages, w->arena.copy, before) ||
	    memcmp(at + size, w->arena.copy + before + size, all - before - size))
		fuzz_fail("%s writes outside of its argument", call->name);
}

static void do_call(struct worker *w)
{
	const struct call *call = &calls[rng_below(&w->rng, nr_calls)];
	struct descriptor *d = fd_for(&w->rng, call->kind);
	size_t size = 0, i;
	uint8_t *at = NULL;
	unsigned long arg;
	int ret;

	arg = argument_make(&w->rng, call, d->fd, &w->arena, &at, &size);
	/* A 32-bit number finds a structure of the device's elsewhere. */
	if (at)
		for (i = 0; i < ARENA_PAGES; i++)
			memcpy(w->arena.copy + i * PAGE, w->arena.pages + i * PAGE, PAGE);
	ret = vm_ioctl(d->fd, call->number, arg);
	if (at)
		judge_writes(w, call, at, size);
	fuzz_reach(ret < 0 ? REACHED_FAILED : REACHED_OK);
	if (ret < 0 && !call_may_fail_with(call, -ret) && d->kind != KIND_OTHER)
		fuzz_fail("%s failed with errno %d, which is not documented", call->name, -ret);
	if (call->number == MINIVMX_CREATE_VM)
		add_fd(ret, KIND_VM);
	else if (call->number == MINIVMX_CREATE_VCPU)
		add_fd(ret, KIND_VCPU);
}

/* A number of KVM's range or of minivmx's, known or not, with anything. */
static void do_unknown(struct worker *w)
{
	struct descriptor *d = any_fd(&w->rng);
	unsigned int type = rng_below(&w->rng, 4) ? MINIVMX_IO : MINIVMX_EXT_IO;
	unsigned int nr = rng_below(&w->rng, type == MINIVMX_IO ? 256 : 8);
	unsigned long number = _IOC(rng_below(&w->rng, 4), type, nr,
				    rng_below(&w->rng, 4) ? rng_below(&w->rng, 64) * 8 : 0);
	unsigned int i;

	/* Those that are known have arguments that are looked at. */
	for (i = 0; i < nr_calls; i++)
		if (_IOC_NR(calls[i].number) == nr && _IOC_TYPE(calls[i].number) == type)
			number = _IOC(_IOC_DIR(number), type, nr, 0x1ff8);
	if (number == MINIVMX_RUN)
		return;
	memset(w->arena.pages, 0x11, 64);
	if (vm_ioctl_p(d->fd, number, w->arena.pages) >= 0 && d->kind != KIND_OTHER)
		fuzz_fail("ioctl %#lx is unknown, and does not fail", number);
	fuzz_reach(REACHED_UNKNOWN);
}

static void do_run(struct worker *w)
{
	struct descriptor *d = fd_for(&w->rng, KIND_VCPU);
	volatile struct minivmx_run *run = d->run;
	uint32_t reason;
	int ret;

	if (d->kind != KIND_VCPU || d->fd < 0 || !run)
		return;
	if (rng_below(&w->rng, 4) == 0)
		run->request_interrupt_window = rng_u64(&w->rng);
	run->immediate_exit = rng_below(&w->rng, 8) == 0;
	run->cr8 = rng_below(&w->rng, 16) ? rng_below(&w->rng, 16) : rng_edge(&w->rng);
	ret = vm_ioctl(d->fd, MINIVMX_RUN, rng_below(&w->rng, 32) ? 0 : rng_edge(&w->rng));
	fuzz_reach(REACHED_RUN);
	if (ret == -EINTR)
		fuzz_reach(REACHED_INTERRUPTED);
	if (!ret)
		fuzz_reach(REACHED_EXIT);
	/* Owner's memory comes and goes; descriptors are closed meanwhile. */
	if (ret && ret != -EINTR && ret != -EINVAL && ret != -EFAULT && ret != -EBADF &&
	    ret != -ENOMEM && ret != -ENOTTY)
		fuzz_fail("RUN failed with errno %d, which is not documented", -ret);
	/* Another thread's RUN may have ended by a signal. */
	reason = run->exit_reason;
	if (!ret && reason && reason != MINIVMX_EXIT_INTR && !judge_known_reason(reason))
		fuzz_fail("exit reason %u", reason);
}

/* ------------------------- guests ---------------------------------------- */

GUEST_CODE(16, guest,
	   "mov	$0x7000, %sp\n"
	   "mov	$0x2000, %bx\n"
	   "mov	%bx, %fs\n"
	   "1:\n"
	   "out	%al, $0x10\n"
	   "in	$0x11, %ax\n"
	   "mov	$0x3ff0, %si\n"
	   "mov	$20, %cx\n"
	   "rep outsw\n"
	   "mov	$0x3ff0, %di\n"
	   "mov	$20, %cx\n"
	   "rep insb\n"
	   "mov	%ax, %fs:0x20\n"
	   "mov	%fs:0xffe, %eax\n"
	   "addl	$1, %fs:0x40\n"
	   "incw	0x4000\n"
	   "cpuid\n"
	   "mov	$0xc0000080, %ecx\n"
	   "rdmsr\n"
	   "sti\n"
	   "nop\n"
	   "hlt\n"
	   "cli\n"
	   "int3\n"
	   "jmp	1b\n"
	   ".org guest + 0x100\n"
	   "iret\n");

/* So that a vCPU has something to do. */
static void do_start(struct worker *w)
{
	struct descriptor *d = fd_for(&w->rng, KIND_VCPU);
	unsigned int i;

	if (!sigsetjmp(gone, 0)) {
		touching = true;
		for (i = 0; i < 256; i++)
			memcpy((void *)(FUZZ_MEMORY + 4 * i), (uint16_t[]){ 0x1100, 0 }, 4);
		memcpy((void *)(FUZZ_MEMORY + VM_ENTRY), guest, guest_end - guest);
	}
	touching = false;
	if (d->kind == KIND_VCPU)
		vm_enter_at(d->fd, VM_ENTRY, 0);
}

/* ------------------------- processes and descriptors --------------------- */

/* A child has the descriptors, but they are not for it. */
static void in_child(void)
{
	unsigned int i;

	for (i = 0; i < NR_FDS; i++) {
		unsigned long number = fds[i].kind == KIND_VM ? MINIVMX_SET_TSS_ADDR :
			fds[i].kind == KIND_VCPU ? MINIVMX_GET_TSC_KHZ : 0;

		if (number && fds[i].fd >= 0 && ioctl(fds[i].fd, number, 0) >= 0)
			fuzz_fail("another process can use a %s",
				  fds[i].kind == KIND_VM ? "VM" : "vCPU");
		if (fds[i].run)
			(void)*(volatile uint8_t *)fds[i].run;
	}
	_exit(0);
}

static void do_fork(struct worker *w)
{
	pid_t pid = fork();
	int status;

	(void)w;
	if (!pid)
		in_child();
	if (pid < 0)
		return;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status))
		fuzz_fail("a child died of signal %d", WTERMSIG(status));
	fuzz_reach(REACHED_FORK);
}

static void do_descriptor(struct worker *w)
{
	struct descriptor *d = any_fd(&w->rng);
	int fd = d->fd;

	if (fd < 0)
		return;
	if (rng_below(&w->rng, 2)) {
		add_fd(dup(fd), d->kind);
		return;
	}
	/* A number that is closed stays in use, now and then. */
	if (rng_below(&w->rng, 4))
		d->fd = -1;
	close(fd);
	fuzz_reach(REACHED_CLOSED);
}

/* ------------------------- an iteration ---------------------------------- */

static const struct {
	unsigned int weight;
	void (*act)(struct worker *w);
} actions[] = {
	{ 20, do_call }, { 8, do_run }, { 2, do_start }, { 3, do_unknown }, { 3, do_mapping },
	{ 3, do_memory }, { 1, do_descriptor }, { 1, do_fork },
};

static void act(struct worker *w)
{
	unsigned int i, left = rng_below(&w->rng, 41);

	for (i = 0; left >= actions[i].weight; i++)
		left -= actions[i].weight;
	actions[i].act(w);
}

static void *work(void *arg)
{
	struct worker *w = arg;
	unsigned int i;

	if (w->thread && w->thread < COVERAGE_THREADS)
		coverage_start(w->thread);
	timer_start(10000);
	for (i = 0; i < w->actions; i++)
		act(w);
	return NULL;
}

static void open_some(struct rng *rng)
{
	int dev = open(FUZZ_DEVICE, O_RDWR | O_CLOEXEC), vm, ends[2];
	unsigned int i, n = 1 + rng_below(rng, 2);

	for (i = 0; i < NR_FDS; i++)
		fds[i] = (struct descriptor) { -1, KIND_OTHER, NULL };
	add_fd(dev, KIND_DEVICE);
	for (i = 0; i < n; i++) {
		vm = vm_ioctl(dev, MINIVMX_CREATE_VM, 0);
		add_fd(vm, KIND_VM);
		vm_region(vm, 0, 0, FUZZ_MEMORY_SIZE, (void *)FUZZ_MEMORY);
		add_fd(vm_ioctl(vm, MINIVMX_CREATE_VCPU, 0), KIND_VCPU);
		add_fd(vm_ioctl(vm, MINIVMX_CREATE_VCPU, 1), KIND_VCPU);
	}
	add_fd(open("/dev/null", O_RDWR | O_CLOEXEC), KIND_OTHER);
	if (!pipe(ends)) {
		add_fd(ends[0], KIND_OTHER);
		add_fd(ends[1], KIND_OTHER);
	}
}

static void once(struct rng *rng, uint64_t seed)
{
	unsigned int i, n = rng_below(rng, 3) ? 1 : 2 + rng_below(rng, MAX_THREADS - 1);
	static struct worker workers[MAX_THREADS];
	pthread_t threads[MAX_THREADS];

	(void)seed;
	if (mmap((void *)FUZZ_MEMORY, FUZZ_MEMORY_SIZE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		fuzz_fail("no memory");
	open_some(rng);
	for (i = 0; i < n; i++) {
		workers[i].rng.state = rng_u64(rng);
		workers[i].thread = i;
		workers[i].actions = 40 + rng_below(rng, 80);
		arena_open(&workers[i].arena);
	}
	do_start(&workers[0]);
	for (i = 1; i < n; i++)
		if (pthread_create(&threads[i], NULL, work, &workers[i]))
			fuzz_fail("no thread");
	work(&workers[0]);
	timer_stop();
	for (i = 1; i < n; i++)
		pthread_join(threads[i], NULL);
	if (n > 1)
		fuzz_reach(REACHED_RACE);
	/* The VM that this one makes may have another's number. */
	for (i = 0; i < NR_FDS; i++)
		if (rng_below(rng, 2) && fds[i].fd >= 0)
			close(fds[i].fd);
	judge_fresh_vm();
}

static void begin(void)
{
	struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}

/* One iteration a child: what it leaves behind goes with it. */
const struct fuzzer fuzz_ioctl = {
	.name = "ioctl",
	.what = "ioctls and mappings in any order fail in a documented way",
	.chunk = 1,
	.count = 100,
	.begin = begin,
	.once = once,
	.reached = {
		[REACHED_OK] = "done", [REACHED_FAILED] = "refused", [REACHED_RUN] = "RUN",
		[REACHED_EXIT] = "exit", [REACHED_INTERRUPTED] = "signal",
		[REACHED_MAPPED] = "mapped", [REACHED_FORK] = "fork", [REACHED_RACE] = "threads",
		[REACHED_CLOSED] = "closed", [REACHED_UNKNOWN] = "unknown number",
	},
};
