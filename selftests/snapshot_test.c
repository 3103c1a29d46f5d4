// SPDX-License-Identifier: GPL-2.0
/*
 * Machines that are saved in the middle of what they do, and go on in another process:
 * the result is that of a run that nobody interrupted. Then many from one file, and files
 * that are refused.
 *
 *	MINIVMX_SNAPSHOTS	how often, at moments at random (default: 20)
 *	MINIVMX_SEED		of these (default: another one each time)
 *	MINIVMX_CLONES		how many machines from one file (default: 100)
 *
 * Breakage it catches: a register, a device's field or a page that is not saved, or not
 * restored; an access to a device that is lost or done twice; a file that is damaged, or
 * of another machine, and taken; clones that disturb each other.
 */
#include <signal.h>
#include <time.h>

#include "../userspace/snapshot.h"
#include "../userspace/vcpu.h"
#include "vmrun.h"

#define MAX_TEXT	0x10000
#define SNAPSHOT	"/tmp/snapshot.vmsnap"
#define RESTORE		"--restore=" SNAPSHOT
#define DAMAGED		"/tmp/damaged.vmsnap"

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
	unlink(DAMAGED);
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
				    "--save-on=exits:20:" DAMAGED, NULL, self->text));
	EXPECT_EQ(STATUS_SAVED, run(self->device, "--restore=" DAMAGED,
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

/* ------------------------- what is refused -------------------------------- */

static __u32 crc32(__u32 crc, const __u8 *bytes, size_t nr)
{
	int i;

	for (crc = ~crc; nr; nr--, bytes++)
		for (crc ^= *bytes, i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	return ~crc;
}

struct file {
	__u8 *data;
	size_t size;
};

static struct file load(struct __test_metadata *_metadata)
{
	struct file file = { malloc(0x400000), 0 };
	int fd = open(SNAPSHOT, O_RDONLY);
	ssize_t n;

	ASSERT_NE(NULL, file.data);
	while ((n = read(fd, file.data + file.size, 0x400000 - file.size)) > 0)
		file.size += n;
	close(fd);
	ASSERT_LT(0, file.size);
	return file;
}

static void refused(struct __test_metadata *_metadata, const char *device,
		    const struct file *file, const char *says)
{
	const struct guest_run run = {
		.guest = "--restore=" DAMAGED, .status = STATUS_LOAD, .says = says,
	};
	char messages[MAX_OUTPUT];
	int fd = open(DAMAGED, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ASSERT_EQ((ssize_t)file->size, write(fd, file->data, file->size));
	close(fd);
	vmrun_expect(_metadata, device, &run, messages);
	/* One line. */
	EXPECT_EQ(strlen(messages) - 1, strcspn(messages, "\n"));
}

/* The snapshot of one vCPU: a section of it, with a checksum that is made anew. */
static void change(const struct file *file, unsigned int i, size_t at, __u8 value)
{
	struct snapshot_header *header = (void *)file->data;
	struct snapshot_section *sections = (void *)(header + 1);

	file->data[sections[i].offset + at] = value;
	sections[i].crc = crc32(0, file->data + sections[i].offset, sections[i].size);
	header->crc = 0;
	header->crc = crc32(0, file->data, sizeof(*header) +
			    header->nr_sections * sizeof(*sections));
}

static size_t cpuid_entry(const struct file *file, __u32 function)
{
	const struct snapshot_section *section =
		(struct snapshot_section *)((struct snapshot_header *)file->data + 1) +
		SNAPSHOT_CPUID;
	const struct minivmx_cpuid_entry2 *entries = (void *)(file->data + section->offset);
	size_t i;

	for (i = 0; entries[i].function != function; i++)
		;
	return i * sizeof(*entries);
}

TEST_DEVICE(snapshot, refused)
{
	const char *device = self->device;
	struct file file, half;
	size_t entry;

	self->text[0] = '\0';
	EXPECT_EQ(STATUS_SAVED, run(device, compute.guest, "--save-on=exits:50:" SNAPSHOT,
				    NULL, self->text));
	file = load(_metadata);
	half = file;
	half.size /= 2;
	refused(_metadata, device, &half, "cut short");
	half.size = 7;
	refused(_metadata, device, &half, "no snapshot");
	half.size = 0;
	refused(_metadata, device, &half, "empty");
	file.data[file.size / 2] ^= 1;
	refused(_metadata, device, &file, "checksum of section memory");
	file.data[file.size / 2] ^= 1;
	file.data[8]++;
	refused(_metadata, device, &file, "version 2");
	file.data[8]--;
	change(&file, SNAPSHOT_PIC, 5, 9);
	refused(_metadata, device, &file, "damaged: the section interrupt controllers");
	change(&file, SNAPSHOT_PIC, 5, 7);
	change(&file, SNAPSHOT_SERIAL, 0, 2);
	refused(_metadata, device, &file, "the machine has 2 serial ports, and not 1");
	change(&file, SNAPSHOT_SERIAL, 0, 255);
	refused(_metadata, device, &file, "damaged: the section serial ports");
	change(&file, SNAPSHOT_SERIAL, 0, 1);
	change(&file, SNAPSHOT_VCPU, 0, VCPU_STOPPED);
	refused(_metadata, device, &file, "damaged: the section vCPU");
	change(&file, SNAPSHOT_VCPU, 0, VCPU_RUNS);
	/* A reserved bit of CR0. */
	change(&file, SNAPSHOT_SREGS2, offsetof(struct minivmx_sregs2, cr0) + 7, 1);
	refused(_metadata, device, &file, "MINIVMX_SET_SREGS2");
	change(&file, SNAPSHOT_SREGS2, offsetof(struct minivmx_sregs2, cr0) + 7, 0);
	/* A processor with all features. */
	entry = cpuid_entry(&file, 7);
	change(&file, SNAPSHOT_CPUID, entry + offsetof(struct minivmx_cpuid_entry2, ebx), 0xff);
	change(&file, SNAPSHOT_CPUID, entry + offsetof(struct minivmx_cpuid_entry2, ebx) + 3,
	       0xff);
	refused(_metadata, device, &file, "CPUID 0x7");
	free(file.data);
}

/* Of the command line; and a file that stays as it was, as there was nothing to save. */
TEST_DEVICE(snapshot, usage)
{
	static const struct guest_run runs[] = {
		{ .guest = "hello.bin", .options = { "--save-on=SIGUSR3:/tmp/x" },
		  .status = STATUS_USAGE, .says = "not WHEN:FILE" },
		{ .guest = "hello.bin", .options = { "--save-on=SIGUSR1:" },
		  .status = STATUS_USAGE, .says = "not WHEN:FILE" },
		{ .guest = "hello.bin", .options = { "--save-on=exits:0:/tmp/x" },
		  .status = STATUS_USAGE, .says = "not WHEN:FILE" },
		{ .guest = "hello.bin", .options = { "--save-on=exits:1:/no/such/file" },
		  .status = STATUS_HOST, .says = "/no/such/file" },
		{ .guest = "hello.bin", .options = { RESTORE },
		  .status = STATUS_USAGE, .says = "--restore takes no guest" },
		{ .guest = RESTORE, .options = { "--mem=2M" },
		  .status = STATUS_USAGE, .says = "as it was saved" },
		{ .guest = RESTORE, .options = { "--start=register" },
		  .status = STATUS_USAGE, .says = "as it was saved" },
		{ .guest = RESTORE, .options = { "--bios" },
		  .status = STATUS_USAGE, .says = "no machine with a BIOS" },
		{ .guest = "hello.bin", .options = { "--clone=2" },
		  .status = STATUS_USAGE, .says = "of what?" },
		{ .guest = RESTORE, .options = { "--clone=0" },
		  .status = STATUS_USAGE, .says = "not a number" },
		{ .guest = "--restore=/no/such/file", .status = STATUS_LOAD,
		  .says = "/no/such/file" },
		{ .guest = "hello.bin", .options = { "--save-on=exits:1:" SNAPSHOT },
		  .output = "H", .status = STATUS_SAVED },
		{ .guest = RESTORE, .options = { "--save-on=exits:1:" SNAPSHOT },
		  .status = STATUS_USAGE, .says = "are the same file" },
		{ .guest = RESTORE, .options = { "--serial=stdio", "--serial=null" },
		  .status = STATUS_LOAD, .says = "the machine has 1 serial port, and not 2" },
		{ .guest = "hello.bin", .options = { "--save-on=exits:1000:" SNAPSHOT },
		  .output = "Hello, world!\n", .says = "ended before it was saved" },
		{ .guest = RESTORE, .output = "ello, world!\n" },
	};
	char messages[MAX_OUTPUT];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(runs); i++)
		vmrun_expect(_metadata, self->device, &runs[i], messages);
}

TEST_HARNESS_MAIN
