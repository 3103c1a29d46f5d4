// SPDX-License-Identifier: GPL-2.0
/*
 * The terminal that is standard input: while the guest runs, each key is the guest's,
 * Ctrl-C included. Afterwards, all is as before, however vmrun ends.
 *
 * Only SIGKILL leaves it as it is, and SIGSYS, with which the sandbox kills: neither
 * can be caught. After Ctrl-Z of another process (SIGTSTP, SIGSTOP), SIGCONT makes it raw
 * again; in the background that stops vmrun (SIGTTOU), as it stops any program.
 *
 * The kernel's structure, and its own call: the C library's tcsetattr() makes other
 * calls in other versions, and the sandbox lets through this one.
 */
#include <errno.h>
#include <signal.h>
#include <unistd.h>
#include <asm/ioctls.h>
#include <asm/termbits.h>

#include "array_size.h"
#include "terminal.h"

/* <sys/ioctl.h> has a structure of the same name as <asm/termbits.h>. */
int ioctl(int fd, unsigned long request, ...);

/* What ends a process that does not know better. */
static const int fatal[] = {
	SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGUSR1, SIGSEGV, SIGUSR2,
	SIGPIPE, SIGALRM, SIGTERM, SIGXCPU,
};

static struct termios before, raw;
static volatile sig_atomic_t is_raw;

static void set_raw(void)
{
	is_raw = 1;
	while (ioctl(STDIN_FILENO, TCSETS, &raw) < 0 && errno == EINTR)
		;
}

/** terminal_restore() - as before terminal_raw(), if that was called */
void terminal_restore(void)
{
	if (!is_raw)
		return;
	while (ioctl(STDIN_FILENO, TCSETS, &before) < 0 && errno == EINTR)
		;
	is_raw = 0;
}

/* SA_RESETHAND: this time the signal does what it always does. */
static void end(int number)
{
	terminal_restore();
	raise(number);
}

static void stop(int number)
{
	int error = errno;

	(void)number;
	terminal_restore();
	raise(SIGSTOP);
	errno = error;
}

/* It may have been SIGSTOP, and the shell has set the terminal as it likes it. */
static void go_on(int number)
{
	int error = errno;

	(void)number;
	set_raw();
	errno = error;
}

/*
 * What whoever started vmrun told it to ignore, such as nohup, stays ignored; and
 * --save-on has its own use for a signal.
 */
static void catch(int number, void (*handler)(int number), int flags, bool alone)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags }, old;

	if (!sigaction(number, NULL, &old) && old.sa_handler != SIG_DFL)
		return;
	/* No SIGTTOU stops a vmrun in the background that is to end. */
	if (alone)
		sigfillset(&action.sa_mask);
	sigaction(number, &action, NULL);
}

/**
 * terminal_raw() - hand the keys of standard input to the guest
 *
 * Return: false if standard input is no terminal, or one whose keys are for others, since
 * vmrun is in the background; nothing has changed, then.
 */
bool terminal_raw(void)
{
	unsigned int i;
	pid_t group;

	if (ioctl(STDIN_FILENO, TCGETS, &before) < 0)
		return false;
	/* It fails if the terminal controls other processes than these. */
	group = tcgetpgrp(STDIN_FILENO);
	if (group >= 0 && group != getpgrp())
		return false;
	raw = before;
	/* Output stays as it is: a guest's "\n" begins a line at its left end. */
	raw.c_iflag &= ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
	raw.c_lflag &= ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	for (i = 0; i < ARRAY_SIZE(fatal); i++)
		catch(fatal[i], end, SA_RESETHAND, true);
	catch(SIGTSTP, stop, SA_RESTART, true);
	catch(SIGCONT, go_on, SA_RESTART, false);
	set_raw();
	return true;
}
