// SPDX-License-Identifier: GPL-2.0
/* One run of a case, in a process of its own: it may crash, or hang. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "diff.h"

/* A guard against hangs, in emulated time; it decides nothing else. */
#define TIMEOUT_MS	120000

/* What the child writes until it ends, or the time is up. */
static size_t collect(int fd, char *text, size_t size)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	size_t length = 0;
	ssize_t got;

	while (length < size - 1) {
		if (poll(&poll_fd, 1, TIMEOUT_MS) <= 0)
			return length + snprintf(text + length, size - length,
						 "hangs\n");
		got = read(fd, text + length, size - 1 - length);
		if (got <= 0)
			break;
		length += got;
	}
	text[length] = 0;
	return length;
}

char *run_case(const struct diff_case *c, const char *path)
{
	const size_t size = 65536;
	char *text = malloc(size);
	size_t length;
	int pipe_fd[2], status;
	pid_t child;

	fflush(stdout);
	if (!text || pipe(pipe_fd))
		exit(2);
	child = fork();
	if (child < 0)
		exit(2);
	if (!child) {
		struct rec r = { .path = path, .fd = pipe_fd[1] };

		close(pipe_fd[0]);
		setpgid(0, 0);
		c->run(&r, c);
		_exit(0);
	}
	close(pipe_fd[1]);
	length = collect(pipe_fd[0], text, size - 64);
	close(pipe_fd[0]);
	kill(child, SIGKILL);
	if (waitpid(child, &status, 0) != child)
		exit(2);
	/* The kill comes after the child closed the pipe: it may win. */
	if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
		snprintf(text + length, size - length, "killed by SIG%s\n",
			 sigabbrev_np(WTERMSIG(status)));
	else if (WIFEXITED(status) && WEXITSTATUS(status))
		snprintf(text + length, size - length, "exit status %d\n",
			 WEXITSTATUS(status));
	return text;
}

void print_text(const char *prefix, const char *text)
{
	const char *end;

	for (; *text; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		printf("%s%.*s\n", prefix, (int)(end - text), text);
	}
}
