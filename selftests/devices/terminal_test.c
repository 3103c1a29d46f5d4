// SPDX-License-Identifier: GPL-2.0
/*
 * The terminal of vmrun: raw while the guest runs, and as before after each end. A child
 * process has a pseudo-terminal as its standard input. Needs no VT-x.
 *
 * Breakage it catches: a shell that does not show what is typed after vmrun.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "../../userspace/terminal.h"

static int master, slave;
static struct termios before;

static int setup(void **state)
{
	char name[64];

	(void)state;
	master = posix_openpt(O_RDWR | O_NOCTTY);
	if (master < 0 || unlockpt(master) || ptsname_r(master, name, sizeof(name)))
		return -1;
	slave = open(name, O_RDWR | O_NOCTTY);
	return tcgetattr(slave, &before);
}

static int teardown(void **state)
{
	(void)state;
	close(slave);
	close(master);
	return 0;
}

static void assert_restored(void)
{
	struct termios now;

	/* It has holes. */
	memset(&now, 0, sizeof(now));
	assert_int_equal(tcgetattr(slave, &now), 0);
	assert_memory_equal(&now, &before, sizeof(now));
}

static bool is_raw(void)
{
	struct termios now;

	return !tcgetattr(slave, &now) && !(now.c_lflag & ICANON);
}

static void assert_raw(void)
{
	struct termios now;

	assert_int_equal(tcgetattr(slave, &now), 0);
	assert_false(now.c_lflag & (ICANON | ECHO | ISIG | IEXTEN));
	assert_false(now.c_iflag & (ICRNL | IXON | BRKINT));
	assert_int_equal(now.c_cc[VMIN], 1);
	/* Messages are written to it, too. */
	assert_int_equal(now.c_oflag, before.c_oflag);
}

/* Returns when the terminal is raw; the child lives until a byte comes. */
static pid_t start(void)
{
	int ready[2];
	pid_t pid;
	char byte;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		close(ready[0]);
		dup2(slave, STDIN_FILENO);
		/* ASan has a handler of its own. */
		signal(SIGSEGV, SIG_DFL);
		if (!terminal_raw())
			_exit(1);
		if (write(ready[1], "", 1) == 1 && read(STDIN_FILENO, &byte, 1) == 1)
			terminal_restore();
		_exit(byte);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	assert_raw();
	return pid;
}

static int wait_for(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	return status;
}

/* Ctrl-C is a byte like others. */
static void the_end_restores(void **state)
{
	pid_t pid = start();
	int status;

	(void)state;
	assert_int_equal(write(master, "\3", 1), 1);
	status = wait_for(pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 3);
	assert_restored();
}

static void signals_restore(void **state)
{
	static const int signals[] = {
		SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGSEGV, SIGABRT, SIGUSR1,
	};
	unsigned int i;
	int status;

	(void)state;
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		pid_t pid = start();

		kill(pid, signals[i]);
		status = wait_for(pid);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), signals[i]);
		assert_restored();
	}
}

static void a_stop_restores_until_it_goes_on(void **state)
{
	pid_t pid = start();
	int status;

	(void)state;
	kill(pid, SIGTSTP);
	status = wait_for(pid);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(WSTOPSIG(status), SIGSTOP);
	assert_restored();
	kill(pid, SIGCONT);
	/* In its own time; if it never is, devices_test.sh ends this. */
	while (!is_raw())
		usleep(1000);
	assert_raw();
	assert_int_equal(write(master, "\3", 1), 1);
	status = wait_for(pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 3);
	assert_restored();
}

static void what_is_ignored_stays_so(void **state)
{
	pid_t pid;

	(void)state;
	signal(SIGHUP, SIG_IGN);
	pid = start();
	signal(SIGHUP, SIG_DFL);
	kill(pid, SIGHUP);
	assert_int_equal(write(master, "\5", 1), 1);
	assert_int_equal(WEXITSTATUS(wait_for(pid)), 5);
	assert_restored();
}

static void has_its_own_use(int number)
{
	_exit(number == SIGUSR1 ? 7 : 8);
}

/* --save-on=SIGUSR1 waits for it. */
static void who_has_a_handler_keeps_it(void **state)
{
	pid_t pid;

	(void)state;
	signal(SIGUSR1, has_its_own_use);
	pid = start();
	signal(SIGUSR1, SIG_DFL);
	kill(pid, SIGUSR1);
	assert_int_equal(WEXITSTATUS(wait_for(pid)), 7);
}

static void a_pipe_is_no_terminal(void **state)
{
	int ends[2], input = dup(STDIN_FILENO);

	(void)state;
	assert_int_equal(pipe(ends), 0);
	dup2(ends[0], STDIN_FILENO);
	assert_false(terminal_raw());
	terminal_restore();
	dup2(input, STDIN_FILENO);
	close(input);
	close(ends[0]);
	close(ends[1]);
}

/* A shell's "&": raw() would stop it (SIGTTOU), and its keys are the shell's. */
static void the_background_has_no_keys(void **state)
{
	pid_t shell = fork(), pid;
	int status;

	(void)state;
	if (!shell) {
		setsid();
		dup2(slave, STDIN_FILENO);
		if (ioctl(STDIN_FILENO, TIOCSCTTY, 0))
			_exit(2);
		pid = fork();
		if (!pid) {
			setpgid(0, 0);
			_exit(terminal_raw());
		}
		if (waitpid(pid, &status, WUNTRACED) != pid)
			_exit(3);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 4);
	}
	status = wait_for(shell);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_restored();
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_end_restores),
		TEST(signals_restore),
		TEST(a_stop_restores_until_it_goes_on),
		TEST(what_is_ignored_stays_so),
		TEST(who_has_a_handler_keeps_it),
		TEST(a_pipe_is_no_terminal),
		TEST(the_background_has_no_keys),
	};

	return cmocka_run_group_tests_name("terminal", tests, NULL, NULL);
}
