// SPDX-License-Identifier: GPL-2.0
/*
 * The sandbox: vmrun gives up what it does not need any more before the guest
 * executes its first instruction. A guest that finds a bug in vmrun's devices,
 * and makes vmrun run code of its own, has little to run it on.
 *
 * It is made of what containers are made of, but without fork(): a VM serves
 * the address space that created it, and no other. So there is no PID namespace,
 * which is for children only. That other processes can be seen does no harm:
 * the filter has no call that reaches them.
 *
 * sandbox_enter() comes before vmrun starts its threads, since a process with
 * threads may not change its user namespace; they inherit what it did.
 * sandbox_seal() comes after it, so that no more threads can be started.
 *
 * Each step returns 0 or an error number.
 */
#include <err.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include <linux/capability.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "array_size.h"
#include "exit_status.h"
#include "sandbox.h"

/* What a file may grow to, be it standard output or the trace. */
#define MAX_FILE_SIZE	0x40000000

struct step {
	const char *name;
	int (*take)(void);
};

/* ------------------------- descriptors ----------------------------------- */

/*
 * Whatever vmrun has inherited, or opened on the way, is a way out. What is
 * open already is not asked for permission again, wherever the process is.
 */
static int close_others(const int *keep, unsigned int nr)
{
	unsigned int first = STDERR_FILENO + 1, next, i;

	do {
		next = ~0U;
		for (i = 0; i < nr; i++)
			if (keep[i] >= (int)first && (unsigned int)keep[i] < next)
				next = keep[i];
		if (next > first && close_range(first, next == ~0U ? next : next - 1, 0) < 0)
			return errno;
		first = next + 1;
	} while (next != ~0U);
	return 0;
}

/* ------------------------- capabilities ---------------------------------- */

static int get_capabilities(struct __user_cap_data_struct *data)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };

	return syscall(SYS_capget, &header, data) < 0 ? errno : 0;
}

static bool has_capability(unsigned int capability)
{
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	return !get_capabilities(data) &&
	       data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability);
}

/* What an execve() could bring back, if there were one. */
static int empty_bounding_set(void)
{
	unsigned int capability = 0;

	while (!prctl(PR_CAPBSET_DROP, capability, 0, 0, 0))
		capability++;
	/* There are no more. */
	return errno == EINVAL && capability ? 0 : errno;
}

/*
 * A new user namespace came with all capabilities over the others, which were
 * of use to empty them.
 */
static int drop_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };
	int error = has_capability(CAP_SETPCAP) ? empty_bounding_set() : 0;

	if (error)
		return error;
	return syscall(SYS_capset, &header, none) < 0 ? errno : 0;
}

/* ------------------------- namespaces ------------------------------------ */

/*
 * Here an ordinary user may make the others. No user is mapped into it, so to
 * all that is inside, this process is nobody in particular.
 */
static int leave_users(void)
{
	int error = unshare(CLONE_NEWUSER) < 0 ? errno : 0;

	/* Root can do without: in a chroot, for one, there is none to be had. */
	return has_capability(CAP_SYS_ADMIN) ? 0 : error ? error : EPERM;
}

static bool has_network(int kind)
{
	int error = errno, fd;

	if (kind != CLONE_NEWNET)
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd >= 0)
		close(fd);
	errno = error;
	return fd >= 0;
}

/* An empty one of each: no network but a loopback that is down, no host name. */
static int leave_namespaces(void)
{
	static const int kinds[] = {
		CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP,
	};
	unsigned int i;

	/* EINVAL: the kernel lacks the namespace. Is there a network all the same? */
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (unshare(kinds[i]) < 0 && (errno != EINVAL || has_network(kinds[i])))
			return errno;
	return 0;
}

/* A file system in memory, without a file, that cannot be written to. */
static int make_empty_mount(void)
{
	int fs = fsopen("tmpfs", FSOPEN_CLOEXEC), empty;

	if (fs < 0)
		return -1;
	if (fsconfig(fs, FSCONFIG_SET_STRING, "mode", "0555", 0) < 0 ||
	    fsconfig(fs, FSCONFIG_SET_FLAG, "ro", NULL, 0) < 0 ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		empty = -1;
	else
		empty = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
				MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	close(fs);
	return empty;
}

/* The new root lies upon the old one, and is the current directory. */
static int swap_roots(void)
{
	/* The old root comes to lie upon the new one, and goes. */
	if (!syscall(SYS_pivot_root, ".", "."))
		return umount2(".", MNT_DETACH) < 0 ? errno : 0;
	/* The kernel's first root, an initramfs, has to stay where it is. */
	if (errno != EINVAL)
		return errno;
	return chroot(".") < 0 ? errno : 0;
}

/*
 * A root without files. A mount namespace of our own comes first: nobody else
 * shall see these mounts, and MS_PRIVATE keeps them from going elsewhere.
 */
static int leave_files(void)
{
	int empty, error = 0;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return errno;
	empty = make_empty_mount();
	if (empty < 0)
		return errno;
	if (move_mount(empty, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0 ||
	    fchdir(empty) < 0)
		error = errno;
	close(empty);
	if (!error)
		error = swap_roots();
	if (!error && chdir("/") < 0)
		error = errno;
	return error;
}

/* ------------------------- promises -------------------------------------- */

/* No set-user-ID program gives anything back. An ordinary user's filter needs it. */
static int promise_no_privileges(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? errno : 0;
}

static int limit(int resource, rlim_t most)
{
	struct rlimit limits;

	if (getrlimit(resource, &limits) < 0)
		return errno;
	if (limits.rlim_max > most)
		limits.rlim_max = most;
	if (limits.rlim_cur > most)
		limits.rlim_cur = most;
	return setrlimit(resource, &limits) < 0 ? errno : 0;
}

static int limit_resources(void)
{
	static const struct {
		int resource;
		rlim_t most;
	} limits[] = {
		/* No more descriptors: 0 to 2 are in use. poll() needs one for each console. */
		{ RLIMIT_NOFILE, MAX_SERIAL },
		/* No more processes and threads. */
		{ RLIMIT_NPROC, 0 },
		/* No guest's memory on a disk. */
		{ RLIMIT_CORE, 0 },
		/* A guest that talks without end does not fill it, either. */
		{ RLIMIT_FSIZE, MAX_FILE_SIZE },
	};
	unsigned int i;
	int error = 0;

	/* Then write() fails, which gets a message, instead. */
	signal(SIGXFSZ, SIG_IGN);
	for (i = 0; i < ARRAY_SIZE(limits) && !error; i++)
		error = limit(limits[i].resource, limits[i].most);
	return error;
}

/* ------------------------- all of it ------------------------------------- */

static const struct step steps_before_threads[] = {
	{ "user namespace", leave_users },
	{ "namespaces", leave_namespaces },
	{ "empty root", leave_files },
	{ "no_new_privs", promise_no_privileges },
	{ "capabilities", drop_capabilities },
	{ NULL }
};

static const struct step steps_after_threads[] = {
	{ "limits", limit_resources },
	{ "filter of system calls", sandbox_filter },
	{ NULL }
};

/* A step that failed is missing, and the others do what they can. */
static int judge(enum sandbox mode, const char *name, int error)
{
	if (!error || mode == SANDBOX_AUTO)
		return 0;
	warnx("--sandbox=on: %s: %s (--sandbox=auto does without)", name, strerror(error));
	return STATUS_SANDBOX;
}

static int take(const struct step *step, enum sandbox mode)
{
	int status = 0;

	for (; step->name && !status; step++)
		status = judge(mode, step->name, step->take());
	return status;
}

/**
 * sandbox_enter() - leave the files, the network and all privileges
 * @mode: whether at all, and whether all of it has to succeed
 * @keep: descriptors that stay open, beside 0 to 2
 * @nr: how many
 *
 * The process has one thread. What it starts afterwards is in the sandbox too.
 *
 * Return: 0, or an exit status after a message.
 */
int sandbox_enter(enum sandbox mode, const int *keep, unsigned int nr)
{
	int status;

	if (mode == SANDBOX_OFF)
		return 0;
	status = judge(mode, "descriptors", close_others(keep, nr));
	return status ? status : take(steps_before_threads, mode);
}

/**
 * sandbox_seal() - from here on, only what the run loop needs
 * @mode: as for sandbox_enter(), which comes first
 *
 * All threads are there; it holds for each of them.
 *
 * Return: 0, or an exit status after a message.
 */
int sandbox_seal(enum sandbox mode)
{
	return mode == SANDBOX_OFF ? 0 : take(steps_after_threads, mode);
}
