// SPDX-License-Identifier: GPL-2.0
/*
 * Each kind of --serial, and what may be wrong with it. Needs no VT-x.
 *
 * Breakage it catches: a line that leads elsewhere; a file that stays, or that is taken
 * from somebody; a guest that hears its own echo.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "../../userspace/consoles.h"
#include "../../userspace/exit_status.h"

#define TEMPLATE	"/tmp/consoles.XXXXXX"

static struct consoles consoles;
static struct options opt;
static char directory[sizeof(TEMPLATE)] = TEMPLATE, path[64], said[256];

/* What goes to standard error meanwhile is in said[]. */
static int open_them(void)
{
	int ends[2], error = dup(STDERR_FILENO), status;
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	status = consoles_open(&consoles, &opt);
	dup2(error, STDERR_FILENO);
	close(error);
	n = read(ends[0], said, sizeof(said) - 1);
	close(ends[0]);
	assert_true(n >= 0);
	said[n] = '\0';
	return status;
}

/* A descriptor becomes standard output. Return: what has been it. */
static int put_on_standard_output(int fd)
{
	int before = dup(STDOUT_FILENO);

	assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
	close(fd);
	return before;
}

static void add(enum serial_kind kind, const char *arg)
{
	opt.serial[opt.nr_serial++] = (struct serial_options){
		.kind = kind, .path = path, .arg = arg,
	};
}

static int setup(void **state)
{
	(void)state;
	opt = (struct options){ 0 };
	snprintf(path, sizeof(path), "%s/it", directory);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static void put(unsigned int port, const char *text)
{
	while (*text)
		console_write(consoles.ports[port], *text++);
	consoles_flush(&consoles);
}

static __u16 next_input(unsigned int port)
{
	__u16 input;

	assert_true(console_wait(consoles.ports[port], 10000));
	console_look(consoles.ports[port]);
	assert_true(console_read(consoles.ports[port], &input));
	return input;
}

/* ------------------------- files ------------------------------------------ */

static void a_file_gets_output(void **state)
{
	char seen[16] = "";
	int fd;

	(void)state;
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_int_equal(write(fd, "long before", 11), 11);
	close(fd);
	add(SERIAL_FILE, "file:");
	assert_int_equal(open_them(), 0);
	put(0, "output");
	assert_int_equal(next_input(0), 4);
	assert_false(console_may_read(consoles.ports[0]));
	consoles_close(&consoles);
	fd = open(path, O_RDONLY);
	assert_int_equal(read(fd, seen, sizeof(seen)), 6);
	assert_string_equal(seen, "output");
	close(fd);
}

static void a_file_that_cannot_be_is_named(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "%s/no/it", directory);
	add(SERIAL_FILE, "file:there");
	assert_int_equal(open_them(), STATUS_HOST);
	assert_non_null(strstr(said, ": --serial=file:there: No such file or directory\n"));
	consoles_close(&consoles);
}

static void two_ports_are_two(void **state)
{
	int keep[MAX_CONSOLES];

	(void)state;
	add(SERIAL_NULL, "null");
	add(SERIAL_FILE, "file:");
	assert_int_equal(open_them(), 0);
	assert_int_equal(consoles_keep(&consoles, keep), 1);
	assert_int_equal(keep[0], consoles.ports[1]->out);
	put(0, "first");
	put(1, "second");
	assert_int_equal(lseek(keep[0], 0, SEEK_CUR), 6);
	assert_int_equal(next_input(0), 4);
	/* A failure of any is one of all. */
	consoles.ports[1]->status = STATUS_HOST;
	assert_int_equal(consoles_status(&consoles), STATUS_HOST);
	consoles_close(&consoles);
}

static void standard_output_is_one_of_them(void **state)
{
	int keep[MAX_CONSOLES], before = put_on_standard_output(open("/dev/null", O_WRONLY));

	(void)state;
	add(SERIAL_NULL, "null");
	add(SERIAL_STDIO, "stdio");
	assert_int_equal(open_them(), 0);
	assert_ptr_equal(consoles.ports[1], &consoles.standard);
	assert_int_equal(consoles.standard.in, STDIN_FILENO);
	assert_int_equal(consoles.standard.out, STDOUT_FILENO);
	assert_false(consoles.standard.unbuffered);
	assert_int_equal(consoles_keep(&consoles, keep), 0);
	consoles_close(&consoles);

	/* Lines of a trace come between. */
	opt.trace = true;
	assert_int_equal(open_them(), 0);
	assert_true(consoles.standard.unbuffered);
	consoles_close(&consoles);

	/* No port has it; a debug port's output still goes there. */
	opt.nr_serial = 1;
	assert_int_equal(open_them(), 0);
	assert_int_equal(consoles.standard.in, -1);
	assert_int_equal(consoles.standard.out, STDOUT_FILENO);
	consoles_close(&consoles);
	put_on_standard_output(before);
}

static bool had_enough(void *asked)
{
	++*(unsigned int *)asked;
	return true;
}

/* The shell's own descriptor stays as it was. */
static void a_terminal_that_nobody_reads(void **state)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), keep[MAX_CONSOLES], before;
	unsigned int asked = 0, i;

	(void)state;
	assert_int_equal(unlockpt(master), 0);
	before = put_on_standard_output(open(ptsname(master), O_RDWR | O_NOCTTY));
	assert_int_equal(open_them(), 0);
	assert_int_equal(consoles_keep(&consoles, keep), 1);
	assert_int_equal(keep[0], consoles.standard.out);
	assert_int_equal(fcntl(STDOUT_FILENO, F_GETFL) & O_NONBLOCK, 0);
	consoles_give_up(&consoles, had_enough, &asked);
	/* More than any terminal holds. */
	for (i = 0; i < 1 << 20 && !asked; i++)
		console_write(&consoles.standard, i % 60 ? 'x' : '\n');
	consoles_close(&consoles);
	put_on_standard_output(before);
	close(master);
	assert_int_equal(asked, 1);
	assert_true(consoles.standard.lost);
}

/* ------------------------- pseudo-terminals ------------------------------- */

static void a_pty_is_named_and_served(void **state)
{
	char name[64], seen[16] = "";
	int slave;

	(void)state;
	add(SERIAL_PTY, "pty");
	assert_int_equal(open_them(), 0);
	snprintf(name, sizeof(name), "%s", strstr(said, "/dev/"));
	name[strcspn(name, "\n")] = '\0';
	put(0, "early\n");
	/* It is raw, so there is no echo, and "\n" is not changed. */
	slave = open(name, O_RDWR | O_NOCTTY);
	assert_int_equal(read(slave, seen, sizeof(seen)), 6);
	assert_string_equal(seen, "early\n");
	console_look(consoles.ports[0]);
	assert_int_equal(consoles.ports[0]->nr_input, 0);
	assert_int_equal(write(slave, "\3", 1), 1);
	assert_int_equal(next_input(0), 3);
	close(slave);
	said[0] = '\0';
	consoles_close(&consoles);
}

/* ------------------------- sockets ---------------------------------------- */

static const struct sockaddr *address(void)
{
	static struct sockaddr_un address;

	address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	strcpy(address.sun_path, path);
	return (const struct sockaddr *)&address;
}

/* Another process, which says "hi" as soon as it is let in, and waits for an answer. */
static pid_t start_peer(void)
{
	pid_t pid = fork();
	char answer;
	int fd;

	if (pid)
		return pid;
	/* Nobody may let it in. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	while (connect(fd, address(), sizeof(struct sockaddr_un)))
		usleep(1000);
	_exit(write(fd, "hi", 2) == 2 && read(fd, &answer, 1) == 1 ? answer : 1);
}

static void assert_serves_a_peer(void)
{
	pid_t pid = start_peer();
	int status;

	assert_int_equal(open_them(), 0);
	/* There will be no other. */
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(next_input(0), 'h');
	put(0, "*");
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), '*');
	/* Nor does it end vmrun that it has gone. */
	put(0, "x");
	assert_int_equal(consoles_status(&consoles), 0);
	consoles_close(&consoles);
}

static void a_socket_waits_for_its_peer(void **state)
{
	(void)state;
	add(SERIAL_UNIX, "unix:");
	assert_serves_a_peer();
}

static int bound_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, address(), sizeof(struct sockaddr_un)), 0);
	return fd;
}

static void a_socket_left_over_is_replaced(void **state)
{
	(void)state;
	close(bound_socket());
	assert_int_equal(access(path, F_OK), 0);
	add(SERIAL_UNIX, "unix:");
	assert_serves_a_peer();
}

static void assert_in_use(void)
{
	assert_int_equal(open_them(), STATUS_HOST);
	assert_non_null(strstr(said, ": --serial=unix:: Address already in use\n"));
	assert_int_equal(access(path, F_OK), 0);
	consoles_close(&consoles);
}

static void what_is_in_use_is_not_taken(void **state)
{
	int fd;

	(void)state;
	add(SERIAL_UNIX, "unix:");
	fd = bound_socket();
	assert_int_equal(listen(fd, 8), 0);
	assert_in_use();
	/* Who listens has not been given a peer. */
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(accept(fd, NULL, NULL), -1);
	assert_int_equal(errno, EAGAIN);
	close(fd);

	/* Who is about to listen is there, too. */
	unlink(path);
	fd = bound_socket();
	assert_in_use();
	close(fd);

	/* A file is no socket. */
	unlink(path);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(open_them(), STATUS_HOST);
	assert_int_equal(access(path, F_OK), 0);
	consoles_close(&consoles);
}

static void a_long_path_is_refused(void **state)
{
	char long_path[sizeof(((struct sockaddr_un *)0)->sun_path) + 1];

	(void)state;
	/* Without the 0 at its end, it would fit. */
	memset(long_path, 'x', sizeof(long_path) - 1);
	memcpy(long_path, "/no/", 4);
	long_path[sizeof(long_path) - 1] = '\0';
	add(SERIAL_UNIX, "unix:");
	opt.serial[0].path = long_path;
	assert_int_equal(open_them(), STATUS_HOST);
	assert_non_null(strstr(said, "File name too long\n"));
	consoles_close(&consoles);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_gets_output),
		TEST(a_file_that_cannot_be_is_named),
		TEST(two_ports_are_two),
		TEST(standard_output_is_one_of_them),
		TEST(a_terminal_that_nobody_reads),
		TEST(a_pty_is_named_and_served),
		TEST(a_socket_waits_for_its_peer),
		TEST(a_socket_left_over_is_replaced),
		TEST(what_is_in_use_is_not_taken),
		TEST(a_long_path_is_refused),
	};
	int failed;

	if (!mkdtemp(directory))
		return 1;
	failed = cmocka_run_group_tests_name("consoles", tests, NULL, NULL);
	rmdir(directory);
	return failed;
}
