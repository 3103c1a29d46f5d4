// SPDX-License-Identifier: GPL-2.0
/*
 * vmrun's sandbox from within: a process enters it as vmrun does, and then
 * makes one system call. Those of one table have to end it with SIGSYS, those of
 * the other have to work. Without the sandbox, none of them ends it so.
 *
 * Breakage it catches: a filter that lets through too much, or too little, or
 * that holds for one thread only.
 */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>

#include "../userspace/sandbox.h"
#include "devices_open.h"
#include "guest_code.h"
#include "vm.h"

/* Where a process of ours has the vCPU. */
#define VCPU		10

/* Stands for its own process and thread. */
#define SELF		-4242L

/* The other way to call x86-64's kernel. */
#define X32_CALL	0x40000000

GUEST_CODE(16, halt, "hlt\n");

/**
 * struct call - a system call
 * @name: for messages
 * @number: which
 * @args: its arguments
 * @result: of one that is allowed
 */
struct call {
	const char *name;
	long number;
	long args[6];
	long result;
};

static _Alignas(PAGE) char buffer[PAGE];
static struct minivmx_regs regs;
static struct minivmx_sregs sregs;
static struct minivmx_translation translation;
static struct pollfd inputs[] = {
	{ .fd = 0, .events = POLLIN }, { .fd = 0, .events = POLLIN }, { .fd = -1 },
};
static const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/tmp/none" };
static const struct timespec no_time;
static const sigset_t no_signals;

#define ARG(pointer)	((long)(pointer))

/* Errors of those that get through, without a sandbox, do not matter. */
static const struct call forbidden[] = {
	/* Files. */
	{ "openat", SYS_openat, { AT_FDCWD, ARG("/"), O_RDONLY } },
	{ "open", SYS_open, { ARG("/"), O_RDONLY } },
	{ "openat2", SYS_openat2, { AT_FDCWD, ARG("/"), 0, 0 } },
	{ "creat", SYS_creat, { ARG("/no/file"), 0 } },
	{ "unlink", SYS_unlink, { ARG("/no/file") } },
	{ "mkdir", SYS_mkdir, { ARG("/no/file"), 0 } },
	{ "chdir", SYS_chdir, { ARG("/no/file") } },
	{ "getdents64", SYS_getdents64, { 0, ARG(buffer), sizeof(buffer) } },
	{ "dup", SYS_dup, { 0 } },
	{ "fcntl", SYS_fcntl, { 0, F_GETFL } },
	{ "pipe2", SYS_pipe2, { ARG(buffer), 0 } },
	{ "memfd_create", SYS_memfd_create, { ARG("none"), 0 } },
	{ "io_uring_setup", SYS_io_uring_setup, { 1, 0 } },
	/* The network. */
	{ "socket", SYS_socket, { AF_UNIX, SOCK_STREAM, 0 } },
	{ "connect", SYS_connect, { 0, ARG(&address), sizeof(address) } },
	{ "sendto", SYS_sendto, { 1, ARG(buffer), 0, 0, 0, 0 } },
	{ "recvmsg", SYS_recvmsg, { 0, 0, 0 } },
	/* Programs, processes and threads. */
	{ "execve", SYS_execve, { ARG("/no/file"), 0, 0 } },
	{ "execveat", SYS_execveat, { AT_FDCWD, ARG("/no/file"), 0, 0, 0 } },
	{ "fork", SYS_fork, { } },
	{ "vfork", SYS_clone, { CLONE_VM | CLONE_VFORK | CLONE_THREAD } },
	{ "clone", SYS_clone, { SIGCHLD } },
	{ "clone3", SYS_clone3, { 0, 0 } },
	{ "wait4", SYS_wait4, { -1, 0, WNOHANG, 0 } },
	{ "ptrace", SYS_ptrace, { PTRACE_PEEKDATA, 1 } },
	{ "process_vm_readv", SYS_process_vm_readv, { 1, 0, 0, 0, 0, 0 } },
	{ "kill", SYS_kill, { 1, 0 } },
	{ "kill of itself", SYS_kill, { SELF, 0 } },
	{ "tkill", SYS_tkill, { 1, 0 } },
	{ "tgkill of another", SYS_tgkill, { 1, 1, 0 } },
	{ "pidfd_open", SYS_pidfd_open, { 1, 0 } },
	{ "prlimit64", SYS_prlimit64, { 1, 0, 0, 0 } },
	/* Memory that can be executed, or any that is new. */
	{ "mprotect", SYS_mprotect, { ARG(buffer), PAGE, PROT_READ | PROT_EXEC } },
	{ "mprotect without exec", SYS_mprotect, { ARG(buffer), PAGE, PROT_READ } },
	{ "pkey_mprotect", SYS_pkey_mprotect, { ARG(buffer), PAGE, PROT_EXEC, -1 } },
	{ "mmap", SYS_mmap, { 0, PAGE, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 } },
	{ "mremap", SYS_mremap, { ARG(buffer), PAGE, PAGE, 0, 0 } },
	{ "shmat", SYS_shmat, { 0, 0, 0 } },
	/* What undoes a sandbox, or uses rare code of the kernel's. */
	{ "unshare", SYS_unshare, { CLONE_NEWUTS } },
	{ "setns", SYS_setns, { 0, 0 } },
	{ "chroot", SYS_chroot, { ARG("/no/file") } },
	{ "mount", SYS_mount, { 0, ARG("/no/file"), 0, MS_REMOUNT, 0 } },
	{ "umount2", SYS_umount2, { ARG("/no/file"), 0 } },
	{ "setuid", SYS_setuid, { 0 } },
	{ "capset", SYS_capset, { 0, 0 } },
	{ "prctl", SYS_prctl, { PR_GET_DUMPABLE, 0, 0, 0, 0 } },
	{ "seccomp", SYS_seccomp, { 1, 0, 0 } },
	{ "bpf", SYS_bpf, { 0, 0, 0 } },
	{ "perf_event_open", SYS_perf_event_open, { 0, 0, -1, -1, 0 } },
	{ "userfaultfd", SYS_userfaultfd, { -1 } },
	{ "keyctl", SYS_keyctl, { 0, 0, 0, 0, 0 } },
	{ "init_module", SYS_init_module, { 0, 0, 0 } },
	{ "setrlimit", SYS_setrlimit, { 0, 0 } },
	/* Requests that are not the run loop's. */
	{ "TCSETS of standard output", SYS_ioctl, { 1, TCSETS, ARG(buffer) } },
	{ "TCGETS", SYS_ioctl, { 0, TCGETS, ARG(buffer) } },
	{ "TIOCSTI", SYS_ioctl, { 0, TIOCSTI, ARG(buffer) } },
	{ "CREATE_VM", SYS_ioctl, { VCPU, MINIVMX_CREATE_VM, 0 } },
	{ "CREATE_VCPU", SYS_ioctl, { VCPU, MINIVMX_CREATE_VCPU, 1 } },
	{ "SET_USER_MEMORY_REGION", SYS_ioctl, { VCPU, MINIVMX_SET_USER_MEMORY_REGION, 0 } },
	{ "SET_SREGS", SYS_ioctl, { VCPU, MINIVMX_SET_SREGS, ARG(&sregs) } },
	{ "SET_MSRS", SYS_ioctl, { VCPU, MINIVMX_SET_MSRS, ARG(buffer) } },
	/* The kernel would take it for RUN: it looks at 32 bits. */
	{ "RUN, and a bit more", SYS_ioctl, { VCPU, 1L << 32 | MINIVMX_RUN, 0 } },
	/* Another table of numbers. */
	{ "getpid of x32", X32_CALL | SYS_getpid, { } },
	{ "no such call", 5000, { } },
};

static const struct call allowed[] = {
	{ "RUN", SYS_ioctl, { VCPU, MINIVMX_RUN, 0 } },
	{ "GET_REGS", SYS_ioctl, { VCPU, MINIVMX_GET_REGS, ARG(&regs) } },
	{ "SET_REGS", SYS_ioctl, { VCPU, MINIVMX_SET_REGS, ARG(&regs) } },
	{ "GET_SREGS", SYS_ioctl, { VCPU, MINIVMX_GET_SREGS, ARG(&sregs) } },
	{ "TRANSLATE", SYS_ioctl, { VCPU, MINIVMX_TRANSLATE, ARG(&translation) } },
	{ "INTERRUPT", SYS_ioctl, { VCPU, MINIVMX_INTERRUPT, 0 }, -EFAULT },
	{ "read", SYS_read, { 0, ARG(buffer), 1 } },
	{ "write", SYS_write, { 1, ARG(buffer), 0 } },
	{ "poll", SYS_poll, { ARG(inputs), 2, 0 }, 2 },
	/* It is no terminal. */
	{ "TCSETS", SYS_ioctl, { 0, TCSETS, ARG(buffer) }, -ENOTTY },
	{ "tgkill of itself", SYS_tgkill, { SELF, SELF, 0 } },
	{ "rt_sigtimedwait", SYS_rt_sigtimedwait, { ARG(&no_signals), 0, ARG(&no_time), 8 },
	  -EAGAIN },
	{ "rt_sigprocmask", SYS_rt_sigprocmask, { SIG_BLOCK, 0, 0, 8 } },
	{ "timer_settime", SYS_timer_settime, { 77, 0, 0, 0 }, -EINVAL },
	{ "timer_delete", SYS_timer_delete, { 77 }, -EINVAL },
	{ "munmap", SYS_munmap, { ARG(buffer), PAGE } },
	{ "close", SYS_close, { VCPU } },
	/* The descriptors that the process may have are in use. */
	{ "poll of three", SYS_poll, { ARG(inputs), 3, 0 }, -EINVAL },
};

/* ------------------------- processes that make them ---------------------- */

DEVICE_FIXTURE(calls) {
	mode_t mode;
};

DEVICE_FIXTURE_SETUP(calls)
{
	self->mode = device_mode(_metadata, variant->path, 0666);
}

FIXTURE_TEARDOWN(calls)
{
	device_mode(_metadata, variant->path, self->mode);
}

static long make(const struct call *call)
{
	long args[6], ret;
	int i;

	for (i = 0; i < 6; i++)
		args[i] = call->args[i] == SELF ? getpid() : call->args[i];
	ret = syscall(call->number, args[0], args[1], args[2], args[3], args[4], args[5]);
	return ret < 0 ? -errno : ret;
}

static void *make_in_thread(void *call)
{
	static pthread_mutex_t *const lock = (pthread_mutex_t *)buffer;

	/* As vmrun's threads wait until the sandbox is complete. */
	pthread_mutex_lock(lock);
	make(call);
	pthread_mutex_unlock(lock);
	return NULL;
}

/* A VM, since it belongs to the process that makes it. */
static bool prepare(const char *path, uid_t uid)
{
	int null = open("/dev/null", O_RDWR);
	struct vm vm;

	return null >= 0 && dup2(null, 0) == 0 && dup2(null, 1) == 1 &&
	       !setresgid(uid, uid, uid) && !setresuid(uid, uid, uid) &&
	       !vm_open(&vm, path) && !vm_load(&vm, CODE(halt)) &&
	       !vm_get_regs(vm.vcpu, &regs) && dup2(vm.vcpu, VCPU) == VCPU;
}

/* Exit status: 0 if the result is the right one. */
static int call_and_compare(const struct call *call, const char *path, uid_t uid,
			    enum sandbox mode)
{
	const int keep = VCPU;

	if (!prepare(path, uid))
		return 2;
	if (sandbox_enter(mode, &keep, 1) || sandbox_seal(mode))
		return 3;
	return make(call) != call->result;
}

static int call_in_thread(const struct call *call, const char *path, enum sandbox mode)
{
	pthread_mutex_t *lock = (pthread_mutex_t *)buffer;
	const int keep = VCPU;
	pthread_t thread;

	pthread_mutex_init(lock, NULL);
	pthread_mutex_lock(lock);
	if (!prepare(path, NOBODY) || sandbox_enter(mode, &keep, 1) ||
	    pthread_create(&thread, NULL, make_in_thread, (void *)call))
		return 2;
	if (sandbox_seal(mode))
		return 3;
	pthread_mutex_unlock(lock);
	pthread_join(thread, NULL);
	return 0;
}

static int status_of(struct __test_metadata *_metadata, pid_t pid)
{
	int status;

	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	return status;
}

static void expect(struct __test_metadata *_metadata, const char *path,
		   const struct call *call, uid_t uid, enum sandbox mode, bool survives)
{
	int status;
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid) {
		pid = getpid();
		status = call_and_compare(call, path, uid, mode);
		/* fork() returns twice. */
		if (getpid() != pid)
			_exit(0);
		_exit(status);
	}
	status = status_of(_metadata, pid);
	if (survives) {
		EXPECT_TRUE(WIFEXITED(status));
	} else {
		EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	}
	/* In the sandbox, each has to do its work. */
	if (survives && mode == SANDBOX_ON) {
		EXPECT_EQ(0, WEXITSTATUS(status));
	}
	/* Outside of it, it has to be tried at least. */
	EXPECT_GT(2, WIFEXITED(status) ? WEXITSTATUS(status) : 0);
	if (!_metadata->passed)
		TH_LOG("%s, uid %u, sandbox mode %d: status %#x", call->name, uid, mode,
		       status);
}

TEST_DEVICE(calls, forbidden)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(forbidden) && _metadata->passed; i++) {
		expect(_metadata, variant->path, &forbidden[i], 0, SANDBOX_OFF, true);
		expect(_metadata, variant->path, &forbidden[i], 0, SANDBOX_ON, false);
		expect(_metadata, variant->path, &forbidden[i], NOBODY, SANDBOX_ON, false);
	}
	TH_LOG("%zu calls", i);
}

TEST_DEVICE(calls, allowed)
{
	size_t i;

	/* The end of a file can be read. */
	for (i = 0; i < ARRAY_SIZE(allowed) && _metadata->passed; i++) {
		expect(_metadata, variant->path, &allowed[i], 0, SANDBOX_ON, true);
		expect(_metadata, variant->path, &allowed[i], NOBODY, SANDBOX_ON, true);
	}
	TH_LOG("%zu calls", i);
}

/* One that was there before the filter. A thread dies, and the process with it. */
TEST_DEVICE(calls, threads)
{
	static const struct {
		const struct call *call;
		enum sandbox mode;
		bool survives;
	} rows[] = {
		{ &forbidden[0], SANDBOX_ON, false },
		{ &forbidden[0], SANDBOX_OFF, true },
		{ &allowed[0], SANDBOX_ON, true },
	};
	int status;
	pid_t pid;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			_exit(call_in_thread(rows[i].call, variant->path, rows[i].mode));
		status = status_of(_metadata, pid);
		if (rows[i].survives) {
			EXPECT_EQ(0, status);
		} else {
			EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
		}
	}
}

TEST_HARNESS_MAIN
