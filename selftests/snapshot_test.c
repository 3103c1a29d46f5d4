// SPDX-License-Identifier: GPL-2.0
/*
 * Machines that are saved in the middle of what they do, and go on in another process:
 * the result is that of a run that nobody interrupted. Then many from one file.
 *
 *	MINIVMX_SNAPSHOTS	how often, at moments at random (default: 20)
 *	MINIVMX_SEED		of these (default: another one each time)
 *	MINIVMX_CLONES		how many machines from one file (default: 100)
 *
 * Breakage it catches: a register, a device's field or a page that is not saved, or not
 * restored; an access to a device that is lost or done twice; clones that disturb each
 * other.
 */
#include <signal.h>
#include <time.h>

#include "../userspace/snapshot.h"
#include "../userspace/vcpu.h"
#include "vmrun.h"

#define MAX_TEXT	0x10000
#define SNAPSHOT	"/tmp/snapshot.vmsnap"
#define RESTORE		"--restore=" SNAPSHOT
#define SECOND		"/tmp/second.vmsnap"

DEVICE_FIXTURE(snapshot) {
	char device[64];
	unsigned int seed;
	char whole[MAX_TEXT], text[MAX_TEXT];
};

DEVICE_FIXTURE_SETUP(snapshot)
{
	snprintf(self->device, sizeof(self->device), "--device=%s", variant->path);
	self->seed = atoi(environment("MINIVMX_SEED", "0"));
	if (!self->seed)
		self->seed = time(NULL);
	TH_LOG("MINIVMX_SEED=%u", self->seed);
}

FIXTURE_TEARDOWN(snapshot)
{
	unlink(SNAPSHOT);
	unlink(SECOND);
}

/* A guest, and how many exits to vmrun it has at least, on either device. */
struct subject {
	const char *guest;
	const char *options[2];
	unsigned int exits;
	unsigned int exits_on_kvm;
};

static const struct subject compute = { "compute.bin", { }, 150, 700 };
static const struct subject clock_guest = { "clock.bin", { }, 60, 60 };
static const struct subject timer = { "timer.bin", { }, 30, 30 };
static const struct subject echo = { "echo.bin", { }, 20, 20 };
static const struct subject spinlock = { "spinlock.bin", { "--cpus=2" }, 5, 5 };

static size_t add_output(int fd, char *text, size_t most)
{
	size_t length = strlen(text);
	ssize_t n;

	while (most && length < MAX_TEXT - 1) {
		n = read(fd, text + length, most < MAX_TEXT - 1 - length ? most :
			 MAX_TEXT - 1 - length);
		if (n <= 0)
			break;
		length += n;
		most -= n;
	}
	text[length] = '\0';
	return length;
}

/* Runs vmrun to its end. Return: its exit status, or -1 after a signal. */
static int finish(struct vmrun *vmrun, char *text)
{
	int status;

	add_output(vmrun->output, text, MAX_TEXT);
	close(vmrun->output);
	close(vmrun->messages);
	if (waitpid(vmrun->pid, &status, 0) != vmrun->pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static int run(const char *device, const char *guest, const char *option,
	       const struct subject *subject, char *text)
{
	struct guest_run run = { .guest = guest, .options = { option } };
	struct vmrun vmrun;

	if (subject)
		run.options[1] = subject->options[0];
	/* No option is the first that is not there. */
	if (!option) {
		run.options[0] = run.options[1];
		run.options[1] = NULL;
	}
	return vmrun_start(&vmrun, device, &run) ? -1 : finish(&vmrun, text);
}

/* The uninterrupted run. */
static int run_whole(struct __test_metadata *_metadata, FIXTURE_DATA(snapshot) *self,
		     const struct subject *subject)
{
	int status;

	self->whole[0] = '\0';
	status = run(self->device, subject->guest, NULL, subject, self->whole);
	EXPECT_LE(0, status);
	EXPECT_NE('\0', self->whole[0]);
	return status;
}

static void go_on(struct __test_metadata *_metadata, FIXTURE_DATA(snapshot) *self,
		  const char *option, int expected)
{
	EXPECT_EQ(expected, run(self->device, RESTORE, NULL, NULL, self->text));
	EXPECT_STREQ(self->whole, self->text);
	if (!_metadata->passed)
		TH_LOG("%s", option);
}

static void save_after(struct __test_metadata *_metadata, FIXTURE_DATA(snapshot) *self,
		       const struct subject *subject, unsigned int exits, int expected)
{
	char option[64];

	snprintf(option, sizeof(option), "--save-on=exits:%u:" SNAPSHOT, exits);
	self->text[0] = '\0';
	EXPECT_EQ(STATUS_SAVED, run(self->device, subject->guest, option, subject, self->text));
	go_on(_metadata, self, option, expected);
}

/*
 * The signal comes after so many bytes of output. Return: the guest was saved; it may
 * have been faster.
 */
static bool save_by_signal(struct __test_metadata *_metadata, FIXTURE_DATA(snapshot) *self,
			   const struct subject *subject, size_t bytes, int expected)
{
	const struct guest_run run = {
		.guest = subject->guest, .options = { "--save-on=SIGUSR1:" SNAPSHOT },
	};
	struct vmrun vmrun;
	int status;

	self->text[0] = '\0';
	ASSERT_EQ(0, vmrun_start(&vmrun, self->device, &run));
	add_output(vmrun.output, self->text, bytes);
	kill(vmrun.pid, SIGUSR1);
	status = finish(&vmrun, self->text);
	if (status == expected)
		return false;
	EXPECT_EQ(STATUS_SAVED, status);
	go_on(_metadata, self, "--save-on=SIGUSR1", expected);
	return true;
}

static void at_random(struct __test_metadata *_metadata, FIXTURE_DATA(snapshot) *self,
		      const struct subject *subject, bool minivmx, int times)
{
	unsigned int exits = minivmx ? subject->exits : subject->exits_on_kvm;
	int expected = run_whole(_metadata, self, subject), by_exits = 0, by_signal = 0, i;

	srandom(self->seed);
	for (i = 0; i < times && _metadata->passed; i++) {
		if (i % 2 && save_by_signal(_metadata, self, subject,
					    1 + random() % (strlen(self->whole) * 3 / 4),
					    expected)) {
			by_signal++;
		} else {
			save_after(_metadata, self, subject, 1 + random() % exits, expected);
			by_exits++;
		}
	}
	TH_LOG("%s: %d times after a number of exits, %d times by a signal", subject->guest,
	       by_exits, by_signal);
}

static int times(void)
{
	return atoi(environment("MINIVMX_SNAPSHOTS", "20"));
}

TEST_DEVICE(snapshot, computation)
{
	at_random(_metadata, self, &compute, variant->minivmx, times());
}

/* The first line of output, exit by exit: in the middle of strings, too. */
TEST_DEVICE(snapshot, each_exit)
{
	int expected = run_whole(_metadata, self, &compute);
	unsigned int exits;

	for (exits = 1; exits <= 8; exits++)
		save_after(_metadata, self, &compute, exits, expected);
}

/* The PIC and the PIT; the interval timer. */
TEST_DEVICE(snapshot, timers)
{
	at_random(_metadata, self, &clock_guest, variant->minivmx, times() / 5);
	at_random(_metadata, self, &timer, variant->minivmx, times() / 5);
}

/* What vCPU 0 did when it was saved. */
static __u8 saved_activity(struct __test_metadata *_metadata)
{
	struct snapshot_section section;
	int fd = open(SNAPSHOT, O_RDONLY);
	__u8 activity;

	ASSERT_EQ(sizeof(section), pread(fd, &section, sizeof(section),
					 sizeof(struct snapshot_header) +
					 SNAPSHOT_VCPU * sizeof(section)));
	ASSERT_EQ(1, pread(fd, &activity, 1, section.offset));
	close(fd);
	return activity;
}

/* Its eighth exit is the HLT in which it waits for input. */
TEST_DEVICE(snapshot, waits_in_hlt)
{
	const struct guest_run from = {
		.guest = "echo_irq.bin", .options = { "--save-on=exits:8:" SNAPSHOT },
		.silent = true, .status = STATUS_SAVED,
	};
	/* Nothing comes, so it has no exit: a second HLT would be one. */
	const struct guest_run silent = {
		.guest = RESTORE, .options = { "--trace=/proc/self/fd/1", "--timeout=1" },
		.silent = true, .status = STATUS_TIMEOUT,
	};
	const struct guest_run input = {
		.guest = RESTORE, .input = "cd", .output = "cd",
	};
	char messages[MAX_OUTPUT];

	vmrun_expect(_metadata, self->device, &from, messages);
	EXPECT_EQ(VCPU_WAITS, saved_activity(_metadata));
	vmrun_expect(_metadata, self->device, &silent, messages);
	vmrun_expect(_metadata, self->device, &input, messages);
}

TEST_DEVICE(snapshot, two_vcpus)
{
	int expected = run_whole(_metadata, self, &spinlock);
	unsigned int exits;

	for (exits = 1; exits <= spinlock.exits; exits++)
		save_after(_metadata, self, &spinlock, exits, expected);
}

/* A machine that was restored can be saved again. */
TEST_DEVICE(snapshot, twice)
{
	int expected = run_whole(_metadata, self, &compute);

	self->text[0] = '\0';
	EXPECT_EQ(STATUS_SAVED, run(self->device, compute.guest,
				    "--save-on=exits:20:" SECOND, NULL, self->text));
	EXPECT_EQ(STATUS_SAVED, run(self->device, "--restore=" SECOND,
				    "--save-on=exits:20:" SNAPSHOT, NULL, self->text));
	go_on(_metadata, self, "a second time", expected);
}

/* What it read before is not read again, and what it did not is read elsewhere. */
TEST_DEVICE(snapshot, input)
{
	const struct guest_run from = {
		.guest = echo.guest, .options = { "--save-on=exits:6:" SNAPSHOT },
		.input = "ab", .output = "ab", .status = STATUS_SAVED,
	};
	const struct guest_run to = {
		.guest = RESTORE, .input = "cd", .output = "cd",
	};
	char messages[MAX_OUTPUT];

	vmrun_expect(_metadata, self->device, &from, messages);
	vmrun_expect(_metadata, self->device, &to, messages);
}

/* ------------------------- clones ----------------------------------------- */

/* What clone @number wrote, without its number. */
static void lines_of(const char *text, unsigned int number, char *lines)
{
	char prefix[16];
	size_t length;

	snprintf(prefix, sizeof(prefix), "[%u] ", number);
	lines[0] = '\0';
	for (; *text; text += length + 1) {
		length = strcspn(text, "\n");
		if (!strncmp(text, prefix, strlen(prefix)))
			strncat(lines, text + strlen(prefix), length + 1 - strlen(prefix));
		if (!text[length])
			break;
	}
}

static void print_lines(int fd, const char *with)
{
	char text[MAX_TEXT] = "", *line, *save = NULL;

	lseek(fd, 0, SEEK_SET);
	add_output(fd, text, MAX_TEXT);
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (strstr(line, with))
			printf("# %s\n", line);
}

TEST_DEVICE(snapshot, clones)
{
	int expected = run_whole(_metadata, self, &compute), status;
	unsigned int nr = atoi(environment("MINIVMX_CLONES", "100")), i;
	static char all[MAX_TEXT * 4];
	char option[32], lines[MAX_OUTPUT];
	struct guest_run many = { .guest = RESTORE, .options = { option, "--stat" } };
	struct vmrun vmrun;
	ssize_t n, length = 0;
	const char *rest;

	self->text[0] = '\0';
	EXPECT_EQ(STATUS_SAVED, run(self->device, compute.guest,
				    variant->minivmx ? "--save-on=exits:120:" SNAPSHOT :
				    "--save-on=exits:540:" SNAPSHOT, NULL, self->text));
	rest = self->whole + strlen(self->text);
	snprintf(option, sizeof(option), "--clone=%u", nr);
	ASSERT_EQ(0, vmrun_start(&vmrun, self->device, &many));
	while ((n = read(vmrun.output, all + length, sizeof(all) - 1 - length)) > 0)
		length += n;
	all[length] = '\0';
	ASSERT_EQ(vmrun.pid, waitpid(vmrun.pid, &status, 0));
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(expected, WEXITSTATUS(status));
	for (i = 0; i < nr; i++) {
		lines_of(all, i, lines);
		EXPECT_STREQ(rest, lines);
	}
	print_lines(vmrun.messages, "clone 0:");
	print_lines(vmrun.messages, "clones:");
	close(vmrun.output);
	close(vmrun.messages);
}

TEST_HARNESS_MAIN
