// SPDX-License-Identifier: GPL-2.0
/*
 * The guests of guests/, run by vmrun on both devices: what comes out, and the
 * exit status. Then what is wrong with a command line or a file, and signals.
 *
 *	VMRUN	the program (default: vmrun, in PATH)
 *	GUESTS	the directory of the guests (default: guests)
 *
 * Breakage it catches: vmrun, a guest and the module that do not fit together,
 * a status that is not the documented one, a vmrun that no signal can end.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>

#include "../userspace/exit_status.h"
#include "devices.h"

#define MAX_OUTPUT	4096

/**
 * struct guest_run - a command line, and what has to come of it
 * @options: for vmrun, beside --device
 * @guest: a file in the directory of the guests
 * @input: standard input; NULL is that of /dev/null
 * @output: standard output
 * @status: exit status
 */
struct guest_run {
	const char *options[3];
	const char *guest;
	const char *input;
	const char *output;
	int status;
};

static const struct guest_run runs[] = {
	{ .guest = "hello.bin", .output = "Hello, world!\n" },
	{ .guest = "count.bin", .output = "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n" },
	{ .guest = "echo.bin", .input = "ab\nc", .output = "ab\nc" },
	{ .guest = "echo.bin", .input = "ab\4c", .output = "ab" },
	{ .guest = "echo.bin" },
	{ .guest = "bench.bin" },
	{ .guest = "cpuid_loop.bin" },
	{ .guest = "exitcode.bin", .status = 42 },
	{ .guest = "exitcode.bin", .options = { "--exit-code=qemu" }, .status = 85 },
	{ .guest = "exitcode.bin", .options = { "--exit-code=raw" }, .status = 42 },
	{ .guest = "triplefault.bin", .status = STATUS_TRIPLE_FAULT },

	/* Port 0x80 is nobody's, 0x3f8 is somebody's. */
	{ .guest = "bench.bin", .options = { "--strict" }, .status = STATUS_PORT },
	{ .guest = "hello.bin", .options = { "--strict" },
	  .output = "Hello, world!\n" },

	/* The code does not care where it is, but for its message. */
	{ .guest = "exitcode.bin", .options = { "--load=0x8000", "--mem=64K" },
	  .status = 42 },
	{ .guest = "exitcode.bin", .options = { "--load=0x20000" }, .status = 42 },

	{ .guest = "hello.bin", .options = { "--nonsense" }, .status = STATUS_USAGE },
	{ .guest = "hello.bin", .options = { "--mem=1" }, .status = STATUS_USAGE },
	{ .guest = "hello.bin", .options = { "--entry=0x100000" },
	  .status = STATUS_USAGE },
	{ .guest = "no such file", .status = STATUS_LOAD },
	/* There is no room for it. */
	{ .guest = "hello.bin", .options = { "--mem=8K", "--load=0x1ff8", "--entry=0" },
	  .status = STATUS_LOAD },
};

DEVICE_FIXTURE(guests) {
	char device[64];
};

DEVICE_FIXTURE_SETUP(guests)
{
	snprintf(self->device, sizeof(self->device), "--device=%s", variant->path);
}

FIXTURE_TEARDOWN(guests)
{
}

static const char *environment(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value && *value ? value : otherwise;
}

/* A descriptor from which @text can be read, and then the end. */
static int text_to_read(const char *text)
{
	int ends[2];

	if (!text)
		return open("/dev/null", O_RDONLY);
	if (pipe(ends) || write(ends[1], text, strlen(text)) != (ssize_t)strlen(text))
		return -1;
	close(ends[1]);
	return ends[0];
}

/* Starts vmrun. Return: its process; *output is its standard output. */
static pid_t start_vmrun(const char *device, const struct guest_run *run, int *output)
{
	const char *vmrun = environment("VMRUN", "vmrun");
	const char *argv[8] = { vmrun, device };
	char guest[256];
	int input = text_to_read(run->input), ends[2], argc = 2;
	size_t i;
	pid_t pid;

	snprintf(guest, sizeof(guest), "%s/%s", environment("GUESTS", "guests"),
		 run->guest);
	for (i = 0; i < ARRAY_SIZE(run->options) && run->options[i]; i++)
		argv[argc++] = run->options[i];
	argv[argc] = guest;

	if (input < 0 || pipe(ends))
		return -1;
	pid = fork();
	if (!pid) {
		/* Its messages are not what is tested. */
		int null = open("/dev/null", O_WRONLY);

		if (dup2(input, 0) < 0 || dup2(ends[1], 1) < 0 || dup2(null, 2) < 0)
			_exit(127);
		close(ends[0]);
		close(ends[1]);
		execvp(vmrun, (char **)argv);
		_exit(127);
	}
	close(input);
	close(ends[1]);
	*output = ends[0];
	return pid;
}

/* All that comes until the end; the buffer is larger than any of it. */
static void read_all(int fd, char *buffer)
{
	size_t length = 0;
	ssize_t n;

	while (length < MAX_OUTPUT - 1 &&
	       (n = read(fd, buffer + length, MAX_OUTPUT - 1 - length)) > 0)
		length += n;
	buffer[length] = '\0';
	close(fd);
}

static void expect_run(struct __test_metadata *_metadata, const char *device,
		       const struct guest_run *run)
{
	char seen[MAX_OUTPUT];
	int output, status, failed = !_metadata->passed;
	pid_t pid = start_vmrun(device, run, &output);

	ASSERT_LT(0, pid);
	read_all(output, seen);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(run->status, WEXITSTATUS(status));
	EXPECT_STREQ(run->output ?: "", seen);
	if (!failed && !_metadata->passed)
		TH_LOG("vmrun %s %s %s", device, run->options[0] ?: "", run->guest);
}

TEST_DEVICE(guests, table)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(runs); i++)
		expect_run(_metadata, self->device, &runs[i]);
	TH_LOG("%zu runs", ARRAY_SIZE(runs));
}

/* No such device is the host's fault, not the guest's. */
TEST_DEVICE(guests, no_device)
{
	const struct guest_run run = {
		.guest = "hello.bin", .status = STATUS_HOST,
	};

	expect_run(_metadata, "--device=/dev/null", &run);
	expect_run(_metadata, "--device=/no/such/device", &run);
}

/* Ticks of CPU time that a process has had: its guest runs, or will soon. */
static long ticks_of(pid_t pid)
{
	unsigned long user, system;
	char path[64], line[512];
	FILE *file;
	bool ok;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "r");
	if (!file)
		return -1;
	ok = fgets(line, sizeof(line), file) &&
	     sscanf(line, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
		    &user, &system) == 2;
	fclose(file);
	return ok ? (long)(user + system) : -1;
}

static void expect_killed(struct __test_metadata *_metadata, const char *device,
			  const char *guest, int number)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	const struct guest_run run = { .guest = guest };
	int output, status;
	pid_t pid = start_vmrun(device, &run, &output);

	ASSERT_LT(0, pid);
	while (ticks_of(pid) >= 0 && ticks_of(pid) < 5 &&
	       !waitpid(pid, &status, WNOHANG))
		nanosleep(&pause, NULL);
	ASSERT_EQ(0, kill(pid, number));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	close(output);
	ASSERT_TRUE(WIFSIGNALED(status)) {
		TH_LOG("%s ended with %#x", guest, status);
	}
	EXPECT_EQ(number, WTERMSIG(status));
}

TEST_DEVICE(guests, killed)
{
	expect_killed(_metadata, self->device, "spin.bin", SIGINT);
	expect_killed(_metadata, self->device, "spin.bin", SIGTERM);
	expect_killed(_metadata, self->device, "spin.bin", SIGKILL);
	/* With IF=0 in the guest, Bochs lets nothing interrupt KVM's. */
	if (variant->minivmx)
		expect_killed(_metadata, self->device, "spin_cli.bin", SIGINT);
}

TEST_HARNESS_MAIN
