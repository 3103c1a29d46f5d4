// SPDX-License-Identifier: GPL-2.0
/*
 * Where the serial lines of the guest lead: each kind of --serial.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "consoles.h"
#include "exit_status.h"
#include "terminal.h"

#define PTY_NAME_SIZE	64

/* ------------------------- kinds ------------------------------------------ */

static int failed(const char *name)
{
	warn("%s", name);
	return STATUS_HOST;
}

static int open_file(struct console *console, const char *name, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (fd < 0)
		return failed(name);
	console_init(console, name, -1, fd);
	return 0;
}

/* Without it the line discipline would send the guest its own output. */
static bool make_raw(const char *slave)
{
	int fd = open(slave, O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios termios;
	bool ok;

	if (fd < 0)
		return false;
	ok = !tcgetattr(fd, &termios);
	cfmakeraw(&termios);
	ok = ok && !tcsetattr(fd, TCSANOW, &termios);
	/* From here on, POLLHUP tells that nobody has it open. */
	close(fd);
	return ok;
}

/* Not to wait for a reader: there may be none. */
static int open_pty(struct console *console, const char *name)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	char slave[PTY_NAME_SIZE];

	if (fd < 0)
		return failed(name);
	if (grantpt(fd) < 0 || unlockpt(fd) < 0 || ptsname_r(fd, slave, sizeof(slave)) ||
	    !make_raw(slave)) {
		failed(name);
		close(fd);
		return STATUS_HOST;
	}
	console_init(console, name, fd, fd);
	console->reconnects = true;
	warnx("%s: %s", name, slave);
	return 0;
}

/*
 * A socket of a vmrun that was killed while it waited: nobody has it. Who lives there
 * waits for one peer, so it is asked with a type that is not its own, and sees nothing of
 * it: EPROTOTYPE, whether it listens or not.
 */
static bool is_left_over(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct stat file;
	bool refused;

	if (fd < 0)
		return false;
	refused = !lstat(address->sun_path, &file) && S_ISSOCK(file.st_mode) &&
		connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 &&
		errno == ECONNREFUSED;
	close(fd);
	return refused;
}

static int bind_to(int fd, const struct sockaddr_un *address)
{
	const struct sockaddr *generic = (const struct sockaddr *)address;
	int error;

	if (!bind(fd, generic, sizeof(*address)))
		return 0;
	error = errno;
	if (error == EADDRINUSE && is_left_over(address) && !unlink(address->sun_path))
		return bind(fd, generic, sizeof(*address));
	errno = error;
	return -1;
}

/* One peer, before the guest starts; then the socket's file has served its purpose. */
static int accept_peer(int fd, const struct sockaddr_un *address, const char *name)
{
	int peer, error;

	if (bind_to(fd, address) < 0)
		return -1;
	warnx("%s: waiting for a connection", name);
	do {
		peer = listen(fd, 1) < 0 ? -1 :
			accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	} while (peer < 0 && errno == EINTR);
	error = errno;
	unlink(address->sun_path);
	errno = error;
	return peer;
}

static int open_unix(struct console *console, const char *name, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, peer;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return failed(name);
	}
	memcpy(address.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return failed(name);
	peer = accept_peer(fd, &address, name);
	if (peer < 0)
		failed(name);
	close(fd);
	if (peer < 0)
		return STATUS_HOST;
	/* That the peer goes is no reason to die. */
	signal(SIGPIPE, SIG_IGN);
	console_init(console, name, peer, peer);
	console->ends = true;
	return 0;
}

/*
 * A write to a terminal that nobody reads may block although poll() saw room. Not to block
 * is up to a descriptor of our own: the one that we were given is the shell's, too.
 */
static int standard_output(void)
{
	char slave[PTY_NAME_SIZE];
	int fd = -1;

	/* Of the other side of a pseudo-terminal, this would open a new one. */
	if (isatty(STDOUT_FILENO) && ptsname_r(STDOUT_FILENO, slave, sizeof(slave)))
		fd = open("/proc/self/fd/1", O_WRONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	return fd < 0 ? STDOUT_FILENO : fd;
}

/* ------------------------- all of them ------------------------------------ */

static int open_one(struct consoles *consoles, unsigned int number,
		    const struct serial_options *serial)
{
	struct console *own = &consoles->own[number];
	char *name = consoles->names[number];

	snprintf(name, sizeof(consoles->names[number]), "--serial=%s", serial->arg);
	consoles->ports[number] = own;
	switch (serial->kind) {
	case SERIAL_STDIO:
		consoles->ports[number] = &consoles->standard;
		console_init(&consoles->standard, "standard output", STDIN_FILENO,
			     consoles->standard.out);
		return 0;
	case SERIAL_FILE:
		return open_file(own, name, serial->path);
	case SERIAL_PTY:
		return open_pty(own, name);
	case SERIAL_UNIX:
		return open_unix(own, name, serial->path);
	case SERIAL_NULL:
		break;
	}
	console_init(own, name, -1, -1);
	return 0;
}

/**
 * consoles_open() - open what the command line names
 * @consoles: filled in; consoles_close() has to follow, whatever comes of it
 * @opt: the command line
 *
 * Return: 0, or an exit status after a message.
 */
int consoles_open(struct consoles *consoles, const struct options *opt)
{
	struct console *standard = &consoles->standard;
	int status = 0;

	memset(consoles, 0, sizeof(*consoles));
	console_init(standard, "standard output", -1, standard_output());
	for (; consoles->nr_ports < opt->nr_serial && !status; consoles->nr_ports++) {
		console_init(&consoles->own[consoles->nr_ports], NULL, -1, -1);
		status = open_one(consoles, consoles->nr_ports,
				  &opt->serial[consoles->nr_ports]);
	}
	if (status)
		return status;
	standard->by_line = isatty(STDOUT_FILENO);
	/* Output and trace lines of one terminal come in the order in which they were made. */
	standard->unbuffered = opt->trace || opt->lab.check;
	/* The last step: until here, Ctrl-C ends vmrun. */
	if (standard->in >= 0)
		standard->escapes = terminal_raw();
	return 0;
}

/**
 * consoles_keep() - what has to stay open in the sandbox, beside 0 to 2
 * @consoles: from consoles_open()
 * @keep: gets descriptors, MAX_CONSOLES at most
 *
 * Return: how many.
 */
unsigned int consoles_keep(const struct consoles *consoles, int *keep)
{
	unsigned int i, nr = 0;

	if (consoles->standard.out != STDOUT_FILENO)
		keep[nr++] = consoles->standard.out;
	for (i = 0; i < consoles->nr_ports; i++)
		if (consoles->own[i].out >= 0)
			keep[nr++] = consoles->own[i].out;
	return nr;
}

/** consoles_flush() - let go what was written to any of them */
void consoles_flush(struct consoles *consoles)
{
	unsigned int i;

	console_flush(&consoles->standard);
	for (i = 0; i < consoles->nr_ports; i++)
		console_flush(&consoles->own[i]);
}

/** consoles_give_up() - who is asked while nobody takes output: see struct console */
void consoles_give_up(struct consoles *consoles, bool (*gives_up)(void *arg), void *arg)
{
	unsigned int i;

	consoles->standard.gives_up = gives_up;
	consoles->standard.gives_up_arg = arg;
	for (i = 0; i < consoles->nr_ports; i++) {
		consoles->own[i].gives_up = gives_up;
		consoles->own[i].gives_up_arg = arg;
	}
}

/** consoles_status() - the exit status that one of them ends vmrun with, or 0 */
int consoles_status(const struct consoles *consoles)
{
	int status = consoles->standard.status;
	unsigned int i;

	for (i = 0; i < consoles->nr_ports && !status; i++)
		status = consoles->own[i].status;
	return status;
}

/**
 * consoles_close() - the end of all of them
 * @consoles: from consoles_open()
 */
void consoles_close(struct consoles *consoles)
{
	unsigned int i;

	terminal_restore();
	for (i = 0; i < consoles->nr_ports; i++) {
		struct console *console = &consoles->own[i];

		/* It goes with the pseudo-terminal. */
		if (console->reconnects && !console_wait(console, 0) && console->unread)
			warnx("%s: nobody has read the output", console->name);
		if (console->in >= 0 && console->in != console->out)
			close(console->in);
		if (console->out >= 0)
			close(console->out);
	}
	if (consoles->standard.out != STDOUT_FILENO)
		close(consoles->standard.out);
}
