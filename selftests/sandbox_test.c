// SPDX-License-Identifier: GPL-2.0
/*
 * vmrun in its sandbox, seen from outside: guests of each kind run as they do
 * without it, and the kernel says what is left of the process. Root's vmrun and
 * an ordinary user's, on both devices.
 *
 * Breakage it catches: a system call that the run loop needs and the filter
 * refuses, a step that is left out or does nothing, a thread that it misses, a
 * sandbox that is incomplete although the user insisted on it.
 */
#include <dirent.h>
#include <signal.h>
#include <sys/statvfs.h>

#include "devices_open.h"
#include "file_text.h"
#include "vmrun.h"

#define MAX_USER_NAMESPACES	"/proc/sys/user/max_user_namespaces"
#define TRACE			"/tmp/sandbox.trace"

static const uid_t users[] = { 0, NOBODY };

DEVICE_FIXTURE(sandbox) {
	char device[64];
	char namespaces[16];	/* how many users may have, to be put back */
	mode_t mode;
};

DEVICE_FIXTURE_SETUP(sandbox)
{
	snprintf(self->device, sizeof(self->device), "--device=%s", variant->path);
	self->mode = device_mode(_metadata, variant->path, 0666);
}

FIXTURE_TEARDOWN(sandbox)
{
	if (self->namespaces[0])
		EXPECT_EQ(0, file_write(MAX_USER_NAMESPACES, self->namespaces));
	device_mode(_metadata, variant->path, self->mode);
}

/* ------------------------- guests ---------------------------------------- */

/* A row for each way through vmrun. */
static const struct guest_run runs[] = {
	{ .guest = "hello.bin", .output = "Hello, world!\n" },
	{ .guest = "hello.bin", .options = { "--sandbox" }, .output = "Hello, world!\n" },
	{ .guest = "echo.bin", .input = "ab\nc", .output = "ab\nc" },
	{ .guest = "echo.bin" },
	{ .guest = "exitcode.bin", .status = 42 },
	{ .guest = "timer.bin", .output = "tick\ntick\ntick\ntick\ntick\ndone\n" },
	{ .guest = "mmio.bin", .output = "counter: 123\nnobody: all ones\n" },
	{ .guest = "mmio.bin", .options = { "--strict" }, .status = STATUS_PORT,
	  .output = "counter: 123", .says = "0xd0000008, which nothing claims" },
	{ .guest = "long.bin", .output = "64-bit long mode\n" },
	{ .guest = "kernel64.elf", .output = "64-bit kernel\n" },
	{ .guest = "spinlock.bin", .options = { "--cpus=2" }, .output = "2000\n" },
	{ .guest = "exitcode.bin", .options = { "--cpus=4" }, .status = 42 },
	{ .guest = "exitcode.bin", .options = { "--trace" }, .status = 42,
	  .says = " OUT 0xf4 <- 0x2a\n" },
	{ .guest = "triplefault.bin", .status = STATUS_TRIPLE_FAULT, .says = "code at" },
	{ .guest = "hello.bin", .options = { "--trace=/dev/full" }, .status = STATUS_HOST,
	  .output = "Hello, world!\n", .says = "not all of it could be written" },
	{ .guest = "hello.bin", .options = { "--sandbox=off" }, .output = "Hello, world!\n" },
	{ .guest = "hello.bin", .options = { "--sandbox=auto" }, .output = "Hello, world!\n" },
	{ .guest = "hello.bin", .options = { "--sandbox=no" }, .status = STATUS_USAGE,
	  .says = "use on, off or auto" },
};

static void expect_in_sandbox(struct __test_metadata *_metadata, const char *device,
			      struct guest_run run, uid_t uid)
{
	char messages[MAX_OUTPUT];
	int i = 0;

	while (run.options[i])
		i++;
	/* An option of the row's own stays the last one. */
	memmove(run.options + 1, run.options, i * sizeof(run.options[0]));
	run.options[0] = "--sandbox=on";
	run.uid = uid;
	vmrun_expect(_metadata, device, &run, messages);
}

TEST_DEVICE(sandbox, guests)
{
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(users); i++)
		for (j = 0; j < ARRAY_SIZE(runs); j++)
			expect_in_sandbox(_metadata, self->device, runs[j], users[i]);
}

TEST_DEVICE(sandbox, hypercalls)
{
	const struct guest_run run = {
		.guest = "hypercall.bin", .options = { "--hypercalls" },
		.output = "Hello by hypercall!\n21\n",
	};

	if (!variant->minivmx)
		SKIP(return, "KVM answers VMCALL itself");
	expect_in_sandbox(_metadata, self->device, run, NOBODY);
}

/* The one file that is written to from inside. */
TEST_DEVICE(sandbox, trace)
{
	const struct guest_run run = {
		.guest = "hello.bin", .options = { "--trace=" TRACE },
		.output = "Hello, world!\n",
	};
	char trace[MAX_OUTPUT];
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(users); i++) {
		expect_in_sandbox(_metadata, self->device, run, users[i]);
		fd = open(TRACE, O_RDONLY);
		ASSERT_LE(0, fd);
		read_all(fd, trace);
		unlink(TRACE);
		EXPECT_NE(NULL, strstr(trace, " OUT 0x3f8 <- 0x48 'H'\n"));
		EXPECT_NE(NULL, strstr(trace, " HLT\n"));
	}
}

/* ------------------------- what the kernel says -------------------------- */

/* Says that it runs, then spins. */
static const unsigned char spin[] = {
	0xfb,			/* sti */
	0xba, 0xf8, 0x03,	/* mov $0x3f8, %dx */
	0xb0, 'x',		/* mov $'x', %al */
	0xee,			/* out %al, (%dx) */
	0xeb, 0xfe,		/* jmp . */
};

/* Returns with the guest running. */
static void start_spinning(struct __test_metadata *_metadata, struct vmrun *vmrun,
			   const char *device, const char *sandbox, uid_t uid)
{
	char path[] = "/tmp/guest.XXXXXX", byte = 0;
	struct guest_run run = {
		.options = { "--cpus=2", sandbox }, .guest = path, .uid = uid,
	};
	int fd = mkstemp(path);

	ASSERT_LE(0, fd);
	ASSERT_EQ(sizeof(spin), write(fd, spin, sizeof(spin)));
	ASSERT_EQ(0, fchmod(fd, 0644));
	close(fd);
	ASSERT_EQ(0, vmrun_start(vmrun, device, &run));
	ASSERT_EQ(1, read(vmrun->output, &byte, 1));
	EXPECT_EQ('x', byte);
	unlink(path);
}

static void stop_spinning(struct __test_metadata *_metadata, struct vmrun *vmrun)
{
	int status;

	ASSERT_EQ(0, kill(vmrun->pid, SIGKILL));
	ASSERT_EQ(vmrun->pid, waitpid(vmrun->pid, &status, 0));
	close(vmrun->output);
	close(vmrun->messages);
}

/* What follows a name at the start of a line, to its end. */
static void expect_line(struct __test_metadata *_metadata, const char *path,
			const char *name, const char *expected)
{
	FILE *file = fopen(path, "r");
	char line[256] = "";

	ASSERT_NE(NULL, file);
	do
		line[strcspn(line, "\n")] = '\0';
	while (strncmp(line, name, strlen(name)) && fgets(line, sizeof(line), file));
	fclose(file);
	line[strcspn(line, "\n")] = '\0';
	EXPECT_EQ(0, strncmp(line, name, strlen(name)));
	EXPECT_STREQ(expected, line + strlen(name)) {
		TH_LOG("%s: %s", path, name);
	}
}

static const struct {
	const char *name;
	const char *value;
} state[] = {
	{ "Seccomp:", "\t2" },
	{ "Seccomp_filters:", "\t1" },
	{ "NoNewPrivs:", "\t1" },
	{ "CapInh:", "\t0000000000000000" },
	{ "CapPrm:", "\t0000000000000000" },
	{ "CapEff:", "\t0000000000000000" },
	{ "CapBnd:", "\t0000000000000000" },
	{ "CapAmb:", "\t0000000000000000" },
}, limits[] = {
	{ "Max open files", "            2                    2                    files     " },
	{ "Max processes", "             0                    0                    processes " },
	{ "Max core file size", "        0                    0                    bytes     " },
	{ "Max file size", "             1073741824           1073741824           bytes     " },
};

/* Entries of a directory, but for the two that all have. */
static int count_entries(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int count = 0;

	if (!dir)
		return -1;
	while ((entry = readdir(dir)))
		count += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
	closedir(dir);
	return count;
}

/* Each thread, for a thread may have what another has given up. */
static void expect_state(struct __test_metadata *_metadata, pid_t pid)
{
	char tasks[64], path[384];
	struct dirent *entry;
	int threads = 0;
	size_t i;
	DIR *dir;

	snprintf(tasks, sizeof(tasks), "/proc/%d/task", pid);
	dir = opendir(tasks);
	ASSERT_NE(NULL, dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		threads++;
		snprintf(path, sizeof(path), "%s/%s/status", tasks, entry->d_name);
		for (i = 0; i < ARRAY_SIZE(state); i++)
			expect_line(_metadata, path, state[i].name, state[i].value);
	}
	closedir(dir);
	EXPECT_EQ(2, threads);
	snprintf(path, sizeof(path), "/proc/%d/limits", pid);
	for (i = 0; i < ARRAY_SIZE(limits); i++)
		expect_line(_metadata, path, limits[i].name, limits[i].value);
}

static bool same_namespace(pid_t pid, const char *name)
{
	char path[64], ours[64] = "", theirs[64] = "";

	snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
	if (readlink(path, ours, sizeof(ours) - 1) < 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, name);
	return readlink(path, theirs, sizeof(theirs) - 1) > 0 && !strcmp(ours, theirs);
}

/* A kernel without System V IPC has no namespace for it, either. */
static const char *const namespaces[] = { "user", "mnt", "net", "uts", "ipc", "cgroup" };

static void expect_confined(struct __test_metadata *_metadata, pid_t pid)
{
	struct statvfs root;
	char path[64];
	size_t i;

	expect_state(_metadata, pid);
	for (i = 0; i < ARRAY_SIZE(namespaces); i++)
		EXPECT_FALSE(same_namespace(pid, namespaces[i]));
	snprintf(path, sizeof(path), "/proc/%d/root", pid);
	EXPECT_EQ(0, count_entries(path));
	ASSERT_EQ(0, statvfs(path, &root));
	EXPECT_TRUE(root.f_flag & ST_RDONLY);
	snprintf(path, sizeof(path), "/proc/%d/cwd", pid);
	EXPECT_EQ(0, count_entries(path));
	/* 0 to 2, and two vCPUs: vmrun_start() leaves more than these open. */
	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	EXPECT_EQ(5, count_entries(path));
}

TEST_DEVICE(sandbox, confined)
{
	static const char *const modes[] = { "--sandbox=on", "--sandbox=auto", NULL };
	struct vmrun vmrun;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(users); i++)
		for (j = 0; j < ARRAY_SIZE(modes); j++) {
			start_spinning(_metadata, &vmrun, self->device, modes[j], users[i]);
			expect_confined(_metadata, vmrun.pid);
			stop_spinning(_metadata, &vmrun);
		}
}

/* Which also shows that the test can tell. */
TEST_DEVICE(sandbox, off)
{
	struct vmrun vmrun;
	char path[64];
	size_t i;

	start_spinning(_metadata, &vmrun, self->device, "--sandbox=off", 0);
	snprintf(path, sizeof(path), "/proc/%d/status", vmrun.pid);
	expect_line(_metadata, path, "Seccomp:", "\t0");
	expect_line(_metadata, path, "NoNewPrivs:", "\t0");
	for (i = 0; i < ARRAY_SIZE(namespaces); i++) {
		snprintf(path, sizeof(path), "/proc/self/ns/%s", namespaces[i]);
		EXPECT_EQ(!access(path, F_OK), same_namespace(vmrun.pid, namespaces[i]));
	}
	snprintf(path, sizeof(path), "/proc/%d/root", vmrun.pid);
	EXPECT_LT(0, count_entries(path));
	stop_spinning(_metadata, &vmrun);
}

/* ------------------------- where it cannot be had ------------------------ */

/* Root does without a user namespace; another user lacks more, then. */
TEST_DEVICE(sandbox, refused)
{
	struct guest_run run = {
		.guest = "hello.bin", .options = { "--sandbox=on" }, .uid = NOBODY,
		.status = STATUS_SANDBOX, .says = "--sandbox=on: user namespace: No space",
	};
	char messages[MAX_OUTPUT], path[64];
	struct vmrun vmrun;

	ASSERT_EQ(0, file_read(MAX_USER_NAMESPACES, self->namespaces,
			       sizeof(self->namespaces)));

	ASSERT_EQ(0, file_write(MAX_USER_NAMESPACES, "0"));
	vmrun_expect(_metadata, self->device, &run, messages);
	EXPECT_EQ(strlen(messages) - 1, strcspn(messages, "\n"));
	run.options[0] = "--sandbox=auto";
	run.output = "Hello, world!\n";
	run.says = NULL;
	run.status = 0;
	vmrun_expect(_metadata, self->device, &run, messages);
	EXPECT_STREQ("", messages);
	run.options[0] = "--sandbox=on";
	run.uid = 0;
	vmrun_expect(_metadata, self->device, &run, messages);

	/* What needs no namespace is there all the same. */
	start_spinning(_metadata, &vmrun, self->device, "--sandbox=auto", NOBODY);
	snprintf(path, sizeof(path), "/proc/%d/status", vmrun.pid);
	expect_line(_metadata, path, "Seccomp:", "\t2");
	expect_line(_metadata, path, "CapEff:", "\t0000000000000000");
	EXPECT_TRUE(same_namespace(vmrun.pid, "mnt"));
	stop_spinning(_metadata, &vmrun);
}

TEST_HARNESS_MAIN
