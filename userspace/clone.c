// SPDX-License-Identifier: GPL-2.0
/*
 * --clone: many machines from one snapshot, each in a process of its own, as a VM serves
 * one address space. All map the same file: what none of them has written to is in
 * memory once.
 *
 * The first process starts one after the other, lets them go when all are ready, passes
 * on what they write to standard output, and waits for them.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "clone.h"
#include "exit_status.h"
#include "nsec.h"

#define PAUSE_NS	2000000
#define MAX_LINE	256	/* without its number, and its end */

/**
 * struct cost - what a clone takes, in memory that it shares with the first process
 * @ready: from its fork() to the moment before its guest runs, in nanoseconds
 * @known: the kernel told the next two
 * @pss: its memory at the end of its run, what is shared in parts, in KiB
 * @private_dirty: of that, what it has written to
 */
struct cost {
	__u64 ready;
	bool known;
	unsigned long pss, private_dirty;
};

/**
 * struct clone - a clone, seen from the first process
 * @pid: its process
 * @output: what it writes can be read here; -1: it has ended
 * @length: bytes of @line
 * @line: a line of output that is not complete
 * @status: how it ended
 */
struct clone {
	pid_t pid;
	int output;
	size_t length;
	char line[MAX_LINE];
	int status;
};

/**
 * struct clones - all of them
 * @nr: how many
 * @clones: they
 * @costs: what they take
 * @polls: for poll()
 * @gate: a pipe; its end for reading ends when all may go
 */
struct clones {
	unsigned int nr;
	struct clone *clones;
	struct cost *costs;
	struct pollfd *polls;
	int gate[2];
};

/* ------------------------- in a clone ------------------------------------- */

static struct {
	unsigned int number;
	int ready, gate, rollup;
	struct cost *cost;
} self = { .ready = -1, .gate = -1, .rollup = -1 };

/** clone_keep() - what has to stay open. Return: how many were put into @descriptors */
unsigned int clone_keep(int *descriptors)
{
	const int all[] = { self.ready, self.gate, self.rollup };
	unsigned int i, nr = 0;

	for (i = 0; i < 3; i++)
		if (all[i] >= 0)
			descriptors[nr++] = all[i];
	return nr;
}

/** clone_ready() - the guest could run: waits until it may */
void clone_ready(void)
{
	char byte = 0;

	if (self.ready < 0)
		return;
	if (write(self.ready, &byte, 1) != 1)
		_exit(STATUS_HOST);
	close(self.ready);
	while (read(self.gate, &byte, 1) < 0 && errno == EINTR)
		;
	close(self.gate);
}

static bool find_number(const char *text, const char *name, unsigned long *value)
{
	const char *line = strstr(text, name);

	if (line)
		*value = strtoul(line + strlen(name), NULL, 10);
	return line;
}

/** clone_ended() - the guest has run: what did it take */
void clone_ended(void)
{
	char text[2048];
	ssize_t n;

	if (self.rollup < 0)
		return;
	n = read(self.rollup, text, sizeof(text) - 1);
	close(self.rollup);
	if (n <= 0)
		return;
	text[n] = '\0';
	self.cost->known = find_number(text, "\nPss:", &self.cost->pss) &&
		find_number(text, "\nPrivate_Dirty:", &self.cost->private_dirty);
}

/*
 * Standard error: a line is one write(), with the number before it, as others write there,
 * too. No pipe for it as for standard output: with two for each, descriptors run out.
 */
static ssize_t write_numbered(void *cookie, const char *bytes, size_t size)
{
	char line[MAX_LINE + 16];
	size_t done = 0;

	(void)cookie;
	while (done < size) {
		const char *from = bytes + done;
		size_t left = size - done < MAX_LINE ? size - done : MAX_LINE;
		const char *end = memchr(from, '\n', left);
		int length = end ? end - from : (ssize_t)left;

		done += length + !!end;
		length = snprintf(line, sizeof(line), "[%u] %.*s\n", self.number, length, from);
		if (write(STDERR_FILENO, line, length) != length)
			return 0;
	}
	return size;
}

static bool number_messages(void)
{
	static char buffer[4 * MAX_LINE];
	FILE *file = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = write_numbered });

	if (!file || setvbuf(file, buffer, _IOLBF, sizeof(buffer)))
		return false;
	stderr = file;
	return true;
}

/* ------------------------- in the first process --------------------------- */

static int failed(const char *what)
{
	warn("--clone: %s", what);
	return STATUS_HOST;
}

/* Its output is a pipe, and its input is nobody's: there is only one. */
static void become_clone(const struct clones *all, unsigned int number, pid_t first,
			 const int *ready, const int *output)
{
	int input = open("/dev/null", O_RDONLY | O_CLOEXEC);

	/* It may have died before. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != first)
		exit(STATUS_HOST);
	if (input < 0 || dup2(input, STDIN_FILENO) < 0 || dup2(output[1], STDOUT_FILENO) < 0)
		exit(failed("standard input and output"));
	close(input);
	close(output[0]);
	close(output[1]);
	close(ready[0]);
	close(all->gate[1]);
	self.number = number;
	if (!number_messages())
		exit(failed("standard error"));
	self.ready = ready[1];
	self.gate = all->gate[0];
	self.cost = &all->costs[number];
	self.rollup = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
}

/* Return: 0 in the first process, 1 in the clone, -1 after a failure. */
static int start(struct clones *all, unsigned int number)
{
	struct clone *clone = &all->clones[number];
	pid_t first = getpid();
	int ready[2], output[2];
	__u64 begin = nsec_now(CLOCK_MONOTONIC);
	char byte;

	if (pipe2(ready, O_CLOEXEC) < 0)
		return -1;
	if (pipe2(output, O_CLOEXEC) < 0) {
		close(ready[0]);
		close(ready[1]);
		return -1;
	}
	clone->pid = fork();
	if (!clone->pid) {
		become_clone(all, number, first, ready, output);
		return 1;
	}
	close(ready[1]);
	close(output[1]);
	clone->output = output[0];
	/* One that fails says so by its status. */
	while (clone->pid > 0 && read(ready[0], &byte, 1) < 0 && errno == EINTR)
		;
	all->costs[number].ready = nsec_now(CLOCK_MONOTONIC) - begin;
	close(ready[0]);
	return clone->pid < 0 ? -1 : 0;
}

static int write_line(unsigned int number, struct clone *clone)
{
	printf("[%u] %.*s\n", number, (int)clone->length, clone->line);
	clone->length = 0;
	return fflush(stdout) ? failed("standard output") : 0;
}

/* A line at a time, with the number of the clone before it. */
static int pass_on(unsigned int number, struct clone *clone)
{
	int status = 0;
	char bytes[512];
	ssize_t n, i;

	n = read(clone->output, bytes, sizeof(bytes));
	if (n < 0)
		return errno == EINTR ? 0 : failed("output of a clone");
	for (i = 0; i < n && !status; i++) {
		if (bytes[i] != '\n')
			clone->line[clone->length++] = bytes[i];
		if (bytes[i] == '\n' || clone->length == sizeof(clone->line))
			status = write_line(number, clone);
	}
	if (n)
		return status;
	close(clone->output);
	clone->output = -1;
	return clone->length ? write_line(number, clone) : 0;
}

/* Guests write byte by byte: a pause, and there are many to read at once. */
static int pass_on_all(struct clones *all)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	unsigned int i, open;
	int status = 0;

	do {
		for (i = open = 0; i < all->nr; i++) {
			all->polls[i] = (struct pollfd){
				.fd = all->clones[i].output, .events = POLLIN,
			};
			open += all->clones[i].output >= 0;
		}
		if (open && poll(all->polls, all->nr, -1) < 0 && errno != EINTR)
			return failed("poll");
		nanosleep(&pause, NULL);
		for (i = 0; i < all->nr && open && !status; i++)
			if (all->polls[i].revents)
				status = pass_on(i, &all->clones[i]);
	} while (open && !status);
	return status;
}

static int wait_for(unsigned int number, struct clone *clone)
{
	int status;

	while (waitpid(clone->pid, &status, 0) < 0)
		if (errno != EINTR)
			return failed("waiting for a clone");
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	warnx("--clone: signal %d ended clone %u", WTERMSIG(status), number);
	return STATUS_HOST;
}

static void print_costs(const struct clones *all)
{
	unsigned long long ready = 0, dirty = 0;
	unsigned int i;

	for (i = 0; i < all->nr; i++) {
		const struct cost *cost = &all->costs[i];

		fprintf(stderr, "clone %u: ready after %llu us; ", i,
			cost->ready / NSEC_PER_USEC);
		if (cost->known)
			fprintf(stderr, "Pss %lu kB, Private_Dirty %lu kB; ", cost->pss,
				cost->private_dirty);
		fprintf(stderr, "status %d\n", all->clones[i].status);
		ready += cost->ready;
		dirty += cost->private_dirty;
	}
	fprintf(stderr, "%u clones: each ready after %llu us, Private_Dirty %llu kB on average\n",
		all->nr, ready / NSEC_PER_USEC / all->nr, dirty / all->nr);
}

/* Lets them go; or, after a failure, ends them. */
static int finish(struct clones *all, unsigned int started, int status, bool costs)
{
	unsigned int i;

	all->nr = started;
	if (!status) {
		close(all->gate[1]);
		status = pass_on_all(all);
	}
	for (i = 0; i < started && status; i++)
		kill(all->clones[i].pid, SIGKILL);
	for (i = 0; i < started; i++) {
		struct clone *clone = &all->clones[i];

		clone->status = status ? waitpid(clone->pid, NULL, 0) : wait_for(i, clone);
	}
	if (status)
		return status;
	for (i = 0; i < started; i++)
		if (all->clones[i].status > status)
			status = all->clones[i].status;
	if (costs)
		print_costs(all);
	return status;
}

static int make_room(struct clones *all, unsigned int nr)
{
	all->clones = calloc(nr, sizeof(*all->clones));
	all->polls = calloc(nr, sizeof(*all->polls));
	all->costs = mmap(NULL, nr * sizeof(*all->costs), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!all->clones || !all->polls || all->costs == MAP_FAILED ||
	    pipe2(all->gate, O_CLOEXEC) < 0)
		return failed("cannot begin");
	return 0;
}

/**
 * clone_run() - run many machines
 * @opt: says how many
 * @from: what they all come from
 * @restore: runs one of them, in a process of its own. Return: its exit status
 *
 * Return: the highest exit status of them, or one after a message.
 */
int clone_run(const struct options *opt, const struct snapshot_file *from,
	      int (*restore)(const struct options *opt, const struct snapshot_file *from))
{
	struct options own = *opt;
	struct clones all = { 0 };
	unsigned int i;
	int status, ret;

	status = make_room(&all, opt->snapshot.clones);
	for (i = 0; i < opt->snapshot.clones && !status; i++) {
		ret = start(&all, i);
		if (ret == 1) {
			/* What it is about is the clone, and not its exits. */
			own.stat = false;
			exit(restore(&own, from));
		}
		if (ret < 0) {
			status = failed("cannot start a clone");
			break;
		}
	}
	status = finish(&all, i, status, opt->stat);
	free(all.clones);
	free(all.polls);
	return status;
}
