// SPDX-License-Identifier: GPL-2.0
/*
 * vmrun's serial lines, with guests: a terminal that is raw while a guest runs, and how
 * a user leaves it; pseudo-terminals, sockets and files. All of it in the sandbox.
 *
 * Breakage it catches: a terminal that stays raw; a guest that spins and cannot be left;
 * a sandbox that does not let the terminal be restored; output that is not seen while
 * the guest runs.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>

#include "guest_code.h"
#include "vmrun.h"

#define CTRL_A		"\1"
#define PTY_LINE	"vmrun: --serial=pty: "
#define SOCKET		"/tmp/console_test.socket"
#define SECOND_FILE	"/tmp/console_test.second"

GUEST_CODE(16, prints_and_spins,
	   "mov $0x3f8, %dx\n"
	   "mov $'a', %al\n"
	   "out %al, %dx\n"
	   "mov $'b', %al\n"
	   "out %al, %dx\n"
	   "sti\n"
	   "1: jmp 1b\n");

GUEST_CODE(16, prints_for_ever,
	   "mov $0x3f8, %dx\n"
	   "mov $'a', %al\n"
	   "1: out %al, %dx\n"
	   "jmp 1b\n");

GUEST_CODE(16, prints_twice,
	   "mov $'1', %al\n"
	   "mov $0x3f8, %dx\n"
	   "out %al, %dx\n"
	   "mov $'2', %al\n"
	   "mov $0x2f8, %dx\n"
	   "out %al, %dx\n"
	   "hlt\n");

/* Two controllers, the serial port's interrupt alone: its byte becomes the status. */
GUEST_CODE(16, waits_for_input,
	   "movw $" HERE(2f, waits_for_input) ", 0x24 * 4\n"
	   "mov $0x11, %al\n"
	   "out %al, $0x20\n"
	   "mov $0x20, %al\n"
	   "out %al, $0x21\n"
	   "mov $4, %al\n"
	   "out %al, $0x21\n"
	   "mov $1, %al\n"
	   "out %al, $0x21\n"
	   "mov $0xef, %al\n"
	   "out %al, $0x21\n"
	   "mov $0x3fc, %dx\n"
	   "mov $0x0b, %al\n"
	   "out %al, %dx\n"
	   "mov $0x3f9, %dx\n"
	   "mov $1, %al\n"
	   "out %al, %dx\n"
	   "sti\n"
	   "3: hlt\n"
	   "jmp 3b\n"
	   "2: mov $0x3f8, %dx\n"
	   "in %dx, %al\n"
	   "out %al, $0xf4\n");

DEVICE_FIXTURE(console) {
	char device[64];
	int master, slave;
	struct termios before;
	char code[32];
};

DEVICE_FIXTURE_SETUP(console)
{
	char name[64];

	snprintf(self->device, sizeof(self->device), "--device=%s", variant->path);
	self->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	ASSERT_LE(0, self->master);
	ASSERT_EQ(0, unlockpt(self->master));
	ASSERT_EQ(0, ptsname_r(self->master, name, sizeof(name)));
	self->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	ASSERT_LE(0, self->slave);
	ASSERT_EQ(0, tcgetattr(self->slave, &self->before));
}

FIXTURE_TEARDOWN(console)
{
	close(self->slave);
	close(self->master);
	if (self->code[0])
		unlink(self->code);
	unlink(SOCKET);
	unlink(SECOND_FILE);
}

static const char *code_file(struct __test_metadata *_metadata, FIXTURE_DATA(console) *self,
			     const void *code, size_t size)
{
	int fd;

	strcpy(self->code, "/tmp/guest.XXXXXX");
	fd = mkstemp(self->code);
	EXPECT_LE(0, fd);
	EXPECT_EQ(size, write(fd, code, size));
	close(fd);
	return self->code;
}

#define CODE_FILE(name)	code_file(_metadata, self, name, name##_end - name)

static bool is_raw(int slave)
{
	struct termios now;

	return !tcgetattr(slave, &now) &&
		!(now.c_lflag & (ICANON | ECHO | ISIG)) && !(now.c_iflag & ICRNL);
}

/* Starts a vmrun at the terminal, and returns when its guest is about to run. */
static void start_at_terminal(struct __test_metadata *_metadata, FIXTURE_DATA(console) *self,
			      struct vmrun *vmrun, const char *guest)
{
	const struct guest_run run = { .guest = guest, .options = { "--sandbox=on" } };
	int status;

	ASSERT_EQ(0, vmrun_start_from(vmrun, self->device, &run, self->slave));
	while (!is_raw(self->slave)) {
		ASSERT_EQ(0, waitpid(vmrun->pid, &status, WNOHANG));
		usleep(1000);
	}
}

static void type(struct __test_metadata *_metadata, int fd, const char *text)
{
	ASSERT_EQ(strlen(text), write(fd, text, strlen(text)));
}

/* What comes next, as it comes, is just this. */
static void expect_text(struct __test_metadata *_metadata, int fd, const char *text)
{
	char seen[64] = "";
	size_t length = 0;
	ssize_t n = 1;

	while (n > 0 && length < strlen(text)) {
		n = read(fd, seen + length, strlen(text) - length);
		length += n > 0 ? n : 0;
	}
	EXPECT_STREQ(text, seen);
}

/* The status of waitpid() of its end; the terminal is as before. */
static int end_of(struct __test_metadata *_metadata, FIXTURE_DATA(console) *self,
		  struct vmrun *vmrun)
{
	struct termios now;
	int status = -1;

	memset(&now, 0, sizeof(now));
	EXPECT_EQ(vmrun->pid, waitpid(vmrun->pid, &status, 0));
	close(vmrun->output);
	close(vmrun->messages);
	EXPECT_EQ(0, tcgetattr(self->slave, &now));
	EXPECT_EQ(0, memcmp(&now, &self->before, sizeof(now)));
	return status;
}

static void expect_exit(struct __test_metadata *_metadata, int status, int expected)
{
	ASSERT_TRUE(WIFEXITED(status)) {
		TH_LOG("ended with %#x", status);
	}
	EXPECT_EQ(expected, WEXITSTATUS(status));
}

/* ------------------------- a terminal ------------------------------------- */

/* Each key is for the guest, as it is: also those that a terminal understands. */
TEST_DEVICE(console, keys_are_the_guests)
{
	struct vmrun vmrun;

	start_at_terminal(_metadata, self, &vmrun, "echo.bin");
	type(_metadata, self->master, "a\r\3" CTRL_A CTRL_A "\x1a");
	expect_text(_metadata, vmrun.output, "a\r\3" CTRL_A "\x1a");
	type(_metadata, self->master, "\4");
	expect_exit(_metadata, end_of(_metadata, self, &vmrun), STATUS_HLT);
}

/* Neither guest ends by itself; the second one never even looks. */
TEST_DEVICE(console, any_guest_can_be_left)
{
	static const char *const guests[] = { "echo.bin", "spin.bin", "spin_cli.bin" };
	struct vmrun vmrun;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(guests); i++) {
		/* With IF=0 in the guest, Bochs lets nothing interrupt KVM's. */
		if (!variant->minivmx && !strcmp(guests[i], "spin_cli.bin"))
			continue;
		start_at_terminal(_metadata, self, &vmrun, guests[i]);
		type(_metadata, self->master, CTRL_A "x");
		expect_exit(_metadata, end_of(_metadata, self, &vmrun), STATUS_QUIT);
	}
}

TEST_DEVICE(console, signals_restore)
{
	static const int signals[] = { SIGTERM, SIGHUP, SIGINT };
	struct vmrun vmrun;
	size_t i;
	int status;

	for (i = 0; i < ARRAY_SIZE(signals); i++) {
		start_at_terminal(_metadata, self, &vmrun, "spin.bin");
		kill(vmrun.pid, signals[i]);
		status = end_of(_metadata, self, &vmrun);
		EXPECT_TRUE(WIFSIGNALED(status));
		EXPECT_EQ(signals[i], WTERMSIG(status));
	}
}

TEST_DEVICE(console, stopped_and_continued)
{
	struct vmrun vmrun;
	int status;

	start_at_terminal(_metadata, self, &vmrun, "echo.bin");
	kill(vmrun.pid, SIGTSTP);
	ASSERT_EQ(vmrun.pid, waitpid(vmrun.pid, &status, WUNTRACED));
	ASSERT_TRUE(WIFSTOPPED(status));
	EXPECT_FALSE(is_raw(self->slave));
	kill(vmrun.pid, SIGCONT);
	while (!is_raw(self->slave)) {
		ASSERT_EQ(0, waitpid(vmrun.pid, &status, WNOHANG));
		usleep(1000);
	}
	type(_metadata, self->master, CTRL_A "x");
	expect_exit(_metadata, end_of(_metadata, self, &vmrun), STATUS_QUIT);
}

/* ------------------------- time ------------------------------------------- */

/* While it runs; this read would wait for ever. */
TEST_DEVICE(console, output_of_a_spinner)
{
	struct guest_run run = { .options = { "--sandbox=on" } };
	struct vmrun vmrun;

	run.guest = CODE_FILE(prints_and_spins);
	ASSERT_EQ(0, vmrun_start(&vmrun, self->device, &run));
	expect_text(_metadata, vmrun.output, "ab");
	kill(vmrun.pid, SIGKILL);
	end_of(_metadata, self, &vmrun);
}

/* A pipe, of a page if that can be, in which nothing moves any more. */
static void wait_until_full(struct __test_metadata *_metadata, int output)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	int before, now = 0;

	/* If there is more than a page in it by now, it stays as it is, and takes longer. */
	if (fcntl(output, F_SETPIPE_SZ, 1) < 0) {
		ASSERT_EQ(EBUSY, errno);
	}
	do {
		before = now;
		nanosleep(&pause, NULL);
		ASSERT_EQ(0, ioctl(output, FIONREAD, &now));
	} while (!now || now != before);
}

/* Output that nobody reads stops the guest, but not what is to end it. */
TEST_DEVICE(console, nobody_reads)
{
	struct guest_run run = { .options = { "--sandbox=on", "--timeout=8" } };
	struct vmrun vmrun;
	int status;

	run.guest = CODE_FILE(prints_for_ever);
	ASSERT_EQ(0, vmrun_start(&vmrun, self->device, &run));
	wait_until_full(_metadata, vmrun.output);
	ASSERT_EQ(vmrun.pid, waitpid(vmrun.pid, &status, 0));
	expect_exit(_metadata, status, STATUS_TIMEOUT);
	close(vmrun.output);
	close(vmrun.messages);

	start_at_terminal(_metadata, self, &vmrun, run.guest);
	wait_until_full(_metadata, vmrun.output);
	type(_metadata, self->master, CTRL_A "x");
	expect_exit(_metadata, end_of(_metadata, self, &vmrun), STATUS_QUIT);
}

/* Its HLT waits, in the sandbox, for both ports. */
TEST_DEVICE(console, input_interrupts)
{
	const struct timespec pause = { .tv_nsec = 50000000 };
	struct guest_run run = { .options = { "--sandbox=on", "--serial=stdio", "--serial=pty" } };
	struct vmrun vmrun;
	int ends[2];

	run.guest = CODE_FILE(waits_for_input);
	ASSERT_EQ(0, pipe2(ends, O_CLOEXEC));
	ASSERT_EQ(0, vmrun_start_from(&vmrun, self->device, &run, ends[0]));
	/* Most likely it halts by now; if not, all is the same. */
	nanosleep(&pause, NULL);
	type(_metadata, ends[1], "*");
	expect_exit(_metadata, end_of(_metadata, self, &vmrun), '*');
	close(ends[1]);
}

/* ------------------------- other lines ------------------------------------ */

static void read_messages(struct __test_metadata *_metadata, struct vmrun *vmrun, char *text)
{
	ssize_t n = pread(vmrun->messages, text, MAX_OUTPUT - 1, 0);

	ASSERT_LE(0, n);
	text[n] = '\0';
}

TEST_DEVICE(console, pseudo_terminal)
{
	const struct guest_run run = {
		.guest = "echo.bin", .options = { "--sandbox=on", "--serial=pty" },
	};
	char messages[MAX_OUTPUT], name[64];
	struct vmrun vmrun;
	int status, slave;

	ASSERT_EQ(0, vmrun_start(&vmrun, self->device, &run));
	do {
		usleep(1000);
		ASSERT_EQ(0, waitpid(vmrun.pid, &status, WNOHANG));
		read_messages(_metadata, &vmrun, messages);
	} while (!strchr(messages, '\n'));
	ASSERT_EQ(0, strncmp(messages, PTY_LINE, strlen(PTY_LINE)));
	snprintf(name, sizeof(name), "%.63s", messages + strlen(PTY_LINE));
	name[strcspn(name, "\n")] = '\0';
	/* The guest runs on without it, and another one comes. */
	close(open(name, O_RDWR | O_NOCTTY));
	slave = open(name, O_RDWR | O_NOCTTY);
	ASSERT_LE(0, slave);
	type(_metadata, slave, "hi" CTRL_A "x");
	expect_text(_metadata, slave, "hi" CTRL_A "x");
	type(_metadata, slave, "\4");
	expect_exit(_metadata, end_of(_metadata, self, &vmrun), STATUS_HLT);
	close(slave);
}

TEST_DEVICE(console, socket)
{
	const struct guest_run run = {
		.guest = "echo.bin", .options = { "--sandbox=on", "--serial=unix:" SOCKET },
	};
	const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = SOCKET };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), status;
	struct vmrun vmrun;

	ASSERT_EQ(0, vmrun_start(&vmrun, self->device, &run));
	while (connect(fd, (const struct sockaddr *)&address, sizeof(address))) {
		ASSERT_EQ(0, waitpid(vmrun.pid, &status, WNOHANG));
		usleep(1000);
	}
	type(_metadata, fd, "hi");
	expect_text(_metadata, fd, "hi");
	/* It may not read any more, and is not missed; that is the end of input. */
	type(_metadata, fd, "bye");
	close(fd);
	expect_exit(_metadata, end_of(_metadata, self, &vmrun), STATUS_HLT);
}

TEST_DEVICE(console, second_port)
{
	struct guest_run run = {
		.options = { "--sandbox=on", "--serial=stdio", "--serial=file:" SECOND_FILE },
		.output = "1",
	};
	char messages[MAX_OUTPUT];
	int fd;

	run.guest = CODE_FILE(prints_twice);
	vmrun_expect(_metadata, self->device, &run, messages);
	fd = open(SECOND_FILE, O_RDONLY);
	ASSERT_LE(0, fd);
	expect_text(_metadata, fd, "2");
	close(fd);
	/* Without one, it is nobody's port. */
	run.options[1] = "--strict";
	run.options[2] = NULL;
	run.status = STATUS_PORT;
	run.says = "0x2f8, which nothing claims";
	vmrun_expect(_metadata, self->device, &run, messages);
}

/* One line that names the option, and no run. */
TEST_DEVICE(console, refused)
{
	static const struct guest_run runs[] = {
		{ .options = { "--serial=x" }, .status = STATUS_USAGE },
		{ .options = { "--serial=file:" }, .status = STATUS_USAGE },
		{ .options = { "--serial=pty:" }, .status = STATUS_USAGE },
		{ .options = { "--serial=stdio", "--serial=stdio" }, .status = STATUS_USAGE },
		{ .options = { "--serial=null", "--serial=null", "--serial=null" },
		  .status = STATUS_USAGE },
		{ .options = { "--serial=file:/no/such/file" }, .status = STATUS_HOST },
		{ .options = { "--serial=unix:/no/such/file" }, .status = STATUS_HOST },
	};
	char messages[MAX_OUTPUT];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(runs); i++) {
		struct guest_run run = runs[i];

		run.guest = "hello.bin";
		run.says = run.options[0];
		vmrun_expect(_metadata, self->device, &run, messages);
		EXPECT_EQ(strlen(messages) - 1, strcspn(messages, "\n"));
	}
}

TEST_HARNESS_MAIN
