// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's way to standard output and input.
 *
 * Bytes go out as the guest writes them. At the end of input the guest reads
 * one byte 0x04, what a terminal sends for Ctrl-D; after it, nothing comes.
 */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "console.h"
#include "exit_status.h"

#define END_OF_INPUT	0x04

/**
 * console_write() - write a byte to standard output
 * @console: struct console: this is the output of devices
 * @byte: the byte
 *
 * Return: 0, or an exit status, which is in @console, too, after a message.
 */
int console_write(void *console, __u8 byte)
{
	struct pollfd output = { .fd = STDOUT_FILENO, .events = POLLOUT };
	struct console *this = console;

	while (!this->status && write(STDOUT_FILENO, &byte, 1) != 1) {
		if (errno == EAGAIN) {
			poll(&output, 1, -1);
		} else if (errno != EINTR) {
			warn("standard output");
			this->status = STATUS_HOST;
		}
	}
	return this->status;
}

/**
 * console_has_input() - is there a byte to read
 * @console: the console
 * @timeout_ms: how long to wait for one
 */
bool console_has_input(const struct console *console, int timeout_ms)
{
	/* poll() skips a negative descriptor, and only waits. */
	struct pollfd input = {
		.fd = console->input_ended ? -1 : STDIN_FILENO,
		.events = POLLIN,
	};

	/* An end and an error are there to be read, too. */
	return poll(&input, 1, timeout_ms) > 0;
}

/** console_read() - the next byte. Return: false if there is none now. */
bool console_read(struct console *console, __u8 *byte)
{
	ssize_t n;

	if (!console_has_input(console, 0))
		return false;
	n = read(STDIN_FILENO, byte, 1);
	if (n == 1)
		return true;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return false;
	console->input_ended = true;
	*byte = END_OF_INPUT;
	return true;
}
