// SPDX-License-Identifier: GPL-2.0
/*
 * One end of a serial line: its buffers, the keyboard's commands, and peers that vanish.
 * Needs no VT-x.
 *
 * Breakage it catches: output that stays, or that goes out byte by byte; a command that
 * the guest gets, or input that is taken for one; a guest that does not read, and so
 * cannot be left; a peer that takes vmrun with it.
 */
#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <sys/socket.h>

#include "../../userspace/console.h"
#include "../../userspace/exit_status.h"
#include "line_ends.h"

/* Ctrl-A is \1. */
static struct console console;

static int setup(void **state)
{
	(void)state;
	if (open_ends())
		return -1;
	console_init(&console, "a console", keys[0], screen[1]);
	return 0;
}

static void put(const char *text)
{
	while (*text)
		console_write(&console, *text++);
}

static void assert_read(const char *text)
{
	__u16 input;

	console_look(&console);
	for (; *text; text++) {
		assert_true(console_read(&console, &input));
		assert_int_equal(input, *text);
	}
	assert_false(console_read(&console, &input));
}

/* ------------------------- output ----------------------------------------- */

static void output_waits_for_a_flush(void **state)
{
	(void)state;
	put("one\ntwo");
	assert_seen("");
	console_flush(&console);
	assert_seen("one\ntwo");
	console_flush(&console);
	assert_seen("");
}

static void output_of_a_terminal_goes_by_lines(void **state)
{
	(void)state;
	console.by_line = true;
	put("one\ntwo");
	assert_seen("one\n");
}

static void output_beside_a_trace_goes_at_once(void **state)
{
	(void)state;
	console.unbuffered = true;
	put("a");
	assert_seen("a");
}

static void a_full_buffer_goes_out(void **state)
{
	static char seen[CONSOLE_OUTPUT_SIZE + 1];
	unsigned int i;

	(void)state;
	for (i = 0; i < CONSOLE_OUTPUT_SIZE - 1; i++)
		put("x");
	assert_seen("");
	put("x");
	assert_int_equal(read(screen[0], seen, sizeof(seen)), CONSOLE_OUTPUT_SIZE);
}

static void output_that_fails_ends_vmrun(void **state)
{
	(void)state;
	console.out = open("/dev/full", O_WRONLY);
	put("x");
	console_flush(&console);
	assert_int_equal(console.status, STATUS_HOST);
	assert_int_equal(console_write(&console, 'x'), STATUS_HOST);
	close(console.out);
}

static void output_to_nowhere_is_no_work(void **state)
{
	(void)state;
	console.out = -1;
	put("x");
	assert_int_equal(console.nr_output, 0);
	assert_int_equal(console.status, 0);
}

/* ------------------------- input ------------------------------------------ */

/* A file may hold any byte. */
static void piped_input_is_not_looked_into(void **state)
{
	(void)state;
	type("a\1x\1\1\1h\1b");
	assert_read("a\1x\1\1\1h\1b");
	assert_int_equal(console.status, 0);
}

static void commands_are_not_the_guests(void **state)
{
	__u16 input;

	(void)state;
	console.escapes = true;
	type("a\3\1\1b\1?\1hc");
	assert_read("a\3\1bc");
	/* It may come in two parts. */
	type("\1");
	assert_read("");
	type("b");
	console_look(&console);
	assert_true(console_read(&console, &input));
	assert_int_equal(input, CONSOLE_BREAK);
	assert_read("");
	assert_int_equal(console.status, 0);
}

static void the_user_leaves(void **state)
{
	(void)state;
	console.escapes = true;
	put("last words");
	type("a\1xb");
	assert_read("a");
	assert_int_equal(console.status, STATUS_QUIT);
	assert_seen("last words");
}

/* The keyboard's buffer is full: what is typed is lost, but not a command. */
static void a_guest_that_does_not_read_is_left(void **state)
{
	unsigned int i;

	(void)state;
	console.escapes = true;
	for (i = 0; i < 4 * CONSOLE_INPUT_SIZE; i += 4) {
		type("abcd");
		console_look(&console);
	}
	assert_int_equal(console.status, 0);
	type("\1x");
	console_look(&console);
	assert_int_equal(console.status, STATUS_QUIT);
}

/* A pipe holds what the guest does not read. */
static void piped_input_waits(void **state)
{
	unsigned int i;
	__u16 input;

	(void)state;
	for (i = 0; i < 4 * CONSOLE_INPUT_SIZE; i++) {
		type((char []){ 'a' + i % 26, 0 });
		console_look(&console);
	}
	for (i = 0; i < 4 * CONSOLE_INPUT_SIZE; i++) {
		if (!console_read(&console, &input)) {
			console_look(&console);
			assert_true(console_read(&console, &input));
		}
		assert_int_equal(input, 'a' + i % 26);
	}
	assert_read("");
}

static void the_end_is_read_once(void **state)
{
	(void)state;
	type("a");
	close(keys[1]);
	assert_true(console_wait(&console, 0));
	assert_read("a");
	assert_true(console_may_read(&console));
	assert_read("\4");
	assert_false(console_wait(&console, 0));
	assert_false(console_may_read(&console));
	assert_read("");
}

static void no_input_is_at_its_end(void **state)
{
	(void)state;
	console_init(&console, "a console", -1, -1);
	assert_read("\4");
	assert_false(console_may_read(&console));
}

/* ------------------------- peers ------------------------------------------ */

static void connect_peer(int ends[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	signal(SIGPIPE, SIG_IGN);
	console_init(&console, "a socket", ends[0], ends[0]);
	console.ends = true;
}

static void a_socket_outlives_its_peer(void **state)
{
	int ends[2];

	(void)state;
	connect_peer(ends);
	assert_int_equal(write(ends[1], "hi", 2), 2);
	close(ends[1]);
	put("x");
	console_flush(&console);
	put("y");
	console_flush(&console);
	assert_int_equal(console.status, 0);
	assert_int_equal(console.out, -1);
	assert_read("hi");
	assert_read("\4");
	assert_false(console_may_read(&console));
	close(ends[0]);
}

/* It has said all it wants to say, and listens on. */
static void a_socket_may_be_half_closed(void **state)
{
	char seen;
	int ends[2];

	(void)state;
	connect_peer(ends);
	assert_int_equal(shutdown(ends[1], SHUT_WR), 0);
	assert_read("\4");
	put("x");
	console_flush(&console);
	assert_int_equal(read(ends[1], &seen, 1), 1);
	assert_int_equal(console.status, 0);
	close(ends[0]);
	close(ends[1]);
}

/* That there are unread bytes makes it ECONNRESET, not an end. */
static void a_socket_may_be_reset(void **state)
{
	int ends[2];

	(void)state;
	connect_peer(ends);
	put("x");
	console_flush(&console);
	close(ends[1]);
	assert_read("\4");
	assert_int_equal(console.status, 0);
	close(ends[0]);
}

static int slave_of(int master)
{
	char name[64];

	assert_int_equal(ptsname_r(master, name, sizeof(name)), 0);
	return open(name, O_RDWR | O_NOCTTY);
}

/* consoles_test has the rest of them. */
static void open_pty(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK), slave;
	struct termios termios;

	assert_int_equal(unlockpt(master), 0);
	slave = slave_of(master);
	assert_int_equal(tcgetattr(slave, &termios), 0);
	cfmakeraw(&termios);
	assert_int_equal(tcsetattr(slave, TCSANOW, &termios), 0);
	/* Only that somebody had it once tells that nobody has it now. */
	close(slave);
	console_init(&console, "a pseudo-terminal", master, master);
	console.reconnects = true;
}

static void peers_of_a_pty_come_and_go(void **state)
{
	char seen[8];
	int slave, i;

	(void)state;
	open_pty();
	put("hi\n");
	console_flush(&console);
	assert_true(console.away);
	assert_true(console.unread);
	assert_read("");
	for (i = 0; i < 2; i++) {
		slave = slave_of(console.in);
		console_wait(&console, 0);
		assert_false(console.away);
		assert_false(console.unread);
		assert_int_equal(write(slave, "x", 1), 1);
		/* The kernel hands it over in its own time. */
		assert_true(console_wait(&console, 10000));
		console_look(&console);
		assert_true(console.nr_input);
		console.nr_input = 0;
		close(slave);
		assert_false(console_wait(&console, 0));
		assert_true(console.away);
		assert_true(console_may_read(&console));
	}
	slave = slave_of(console.in);
	assert_in_range(read(slave, seen, sizeof(seen)), 1, sizeof(seen));
	close(slave);
	assert_int_equal(console.status, 0);
	close(console.in);
}

/* It does not block, and is said once. */
static void output_that_nobody_reads_is_lost(void **state)
{
	unsigned int i;

	(void)state;
	open_pty();
	for (i = 0; i < 200000; i++)
		put("x");
	console_flush(&console);
	assert_true(console.lost);
	assert_int_equal(console.nr_output, 0);
	assert_int_equal(console.status, 0);
	close(console.in);
}

static bool third_time(void *asked)
{
	return ++*(unsigned int *)asked == 3;
}

/* A pipe that is full, and would block; until somebody who is asked has had enough. */
static void nobody_waits_for_ever(void **state)
{
	char bytes[4096] = "";
	unsigned int asked = 0;

	(void)state;
	assert_int_equal(fcntl(screen[1], F_SETFL, O_NONBLOCK), 0);
	while (write(screen[1], bytes, sizeof(bytes)) > 0)
		;
	assert_int_equal(fcntl(screen[1], F_SETFL, 0), 0);
	console.gives_up = third_time;
	console.gives_up_arg = &asked;
	put("x");
	console_flush(&console);
	assert_int_equal(asked, 3);
	assert_true(console.lost);
	assert_int_equal(console.status, 0);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, close_ends)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(output_waits_for_a_flush),
		TEST(output_of_a_terminal_goes_by_lines),
		TEST(output_beside_a_trace_goes_at_once),
		TEST(a_full_buffer_goes_out),
		TEST(output_that_fails_ends_vmrun),
		TEST(output_to_nowhere_is_no_work),
		TEST(piped_input_is_not_looked_into),
		TEST(commands_are_not_the_guests),
		TEST(the_user_leaves),
		TEST(a_guest_that_does_not_read_is_left),
		TEST(piped_input_waits),
		TEST(the_end_is_read_once),
		TEST(no_input_is_at_its_end),
		TEST(a_socket_outlives_its_peer),
		TEST(a_socket_may_be_half_closed),
		TEST(a_socket_may_be_reset),
		TEST(peers_of_a_pty_come_and_go),
		TEST(output_that_nobody_reads_is_lost),
		TEST(nobody_waits_for_ever),
	};

	return cmocka_run_group_tests_name("console", tests, NULL, NULL);
}
