// SPDX-License-Identifier: GPL-2.0
/*
 * One end of a serial line: a buffer for each direction, and the keyboard's commands.
 *
 * A system call for each byte would cost more than the guest's exit. So bytes that go
 * out wait for a reason to go: whoever owns the console calls console_flush() before
 * anything that may take time.
 *
 * Output that nobody takes stops the guest, and vmrun with it. That is as it should be,
 * until --timeout or a key of the keyboard says otherwise (struct console.gives_up).
 *
 * At the end of input the guest reads one byte 0x04, what a terminal sends for Ctrl-D;
 * after it, nothing comes.
 */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "console.h"
#include "exit_status.h"

#define END_OF_INPUT	0x04
#define CTRL_A		0x01

/* How often to ask whether to go on waiting for a reader. */
#define ASK_MS		10

static const char help[] =
	"Ctrl-A x: end vmrun; Ctrl-A b: send a break; Ctrl-A Ctrl-A: send Ctrl-A; Ctrl-A h: this";

static void add_input(struct console *console, __u16 input)
{
	unsigned int last = console->first_input + console->nr_input++;

	console->input[last % CONSOLE_INPUT_SIZE] = input;
}

static void end_input(struct console *console)
{
	console->input_ended = true;
	add_input(console, END_OF_INPUT);
}

/**
 * console_init() - a console
 * @console: filled in; the rest of its kind is for the caller to set
 * @name: for messages
 * @in: descriptor for input; without one (-1) it is at its end from the start
 * @out: descriptor for output, or -1
 */
void console_init(struct console *console, const char *name, int in, int out)
{
	memset(console, 0, sizeof(*console));
	console->name = name;
	console->in = in;
	console->out = out;
	if (in < 0)
		end_input(console);
}

/* ------------------------- output ----------------------------------------- */

/* Nobody reads, and there is no room for more. */
static void lose(struct console *console)
{
	if (!console->lost)
		warnx("%s: nobody reads: output is lost", console->name);
	console->lost = true;
}

static bool gives_up(const struct console *console)
{
	return console->gives_up && console->gives_up(console->gives_up_arg);
}

/* Waits until write() would not. Return: what poll() says, or 0 if it is time to give up. */
static short wait_for_room(const struct console *console)
{
	struct pollfd output = { .fd = console->out, .events = POLLOUT };

	while (poll(&output, 1, ASK_MS) <= 0)
		if (gives_up(console))
			return 0;
	return output.revents;
}

/*
 * There is room, and yet it would block: a terminal has too little for the two bytes that
 * it makes of a newline, or another process writes to it. Return: whether to try again.
 */
static bool wait_for_more_room(const struct console *console)
{
	short events;

	poll(NULL, 0, 1);
	events = gives_up(console) ? 0 : wait_for_room(console);
	return events && !(console->reconnects && events & POLLHUP);
}

/* A write failed. Return: whether to try again. */
static bool write_again(struct console *console)
{
	if (errno == EINTR)
		return true;
	if (errno == EAGAIN) {
		if (wait_for_more_room(console))
			return true;
		lose(console);
		return false;
	}
	if (console->ends && (errno == EPIPE || errno == ECONNRESET)) {
		warnx("%s: the peer has gone: output is lost from here on", console->name);
		console->out = -1;
		return false;
	}
	warn("%s", console->name);
	console->status = STATUS_HOST;
	return false;
}

/**
 * console_flush() - let go what was written
 * @console: the console; gets a status if it cannot be
 */
void console_flush(struct console *console)
{
	size_t done = 0, nr = console->nr_output;
	ssize_t n;

	console->nr_output = 0;
	if (nr && console->reconnects) {
		console_wait(console, 0);
		console->unread |= console->away;
	}
	while (done < nr && console->out >= 0) {
		if (!wait_for_room(console)) {
			lose(console);
			return;
		}
		n = write(console->out, console->output + done, nr - done);
		if (n >= 0)
			done += n;
		else if (!write_again(console))
			return;
	}
}

/**
 * console_write() - write a byte
 * @console: struct console: this is the output of devices
 * @byte: the byte
 *
 * Return: 0, or an exit status, which is in @console, too, after a message.
 */
int console_write(void *console, __u8 byte)
{
	struct console *this = console;

	if (this->status || this->out < 0)
		return this->status;
	this->output[this->nr_output++] = byte;
	if (this->unbuffered || this->nr_output == CONSOLE_OUTPUT_SIZE ||
	    (this->by_line && byte == '\n'))
		console_flush(this);
	return this->status;
}

/* ------------------------- input ------------------------------------------ */

/* There is always an entry left for the end. */
static unsigned int room(const struct console *console)
{
	return CONSOLE_INPUT_SIZE - 1 - console->nr_input;
}

/* Who types faster than the guest reads has to type it again. */
static void type(struct console *console, __u16 input)
{
	if (room(console))
		add_input(console, input);
}

/* What follows a Ctrl-A; as QEMU has it. What means nothing is dropped. */
static void command(struct console *console, __u8 byte)
{
	switch (byte) {
	case 'x':
		console_flush(console);
		if (!console->status)
			console->status = STATUS_QUIT;
		break;
	case 'b':
		type(console, CONSOLE_BREAK);
		break;
	case 'h':
		console_flush(console);
		warnx("%s", help);
		break;
	case CTRL_A:
		type(console, CTRL_A);
		break;
	}
}

static void take(struct console *console, __u8 byte)
{
	if (!console->escapes) {
		add_input(console, byte);
	} else if (console->escaped) {
		console->escaped = false;
		command(console, byte);
	} else if (byte == CTRL_A) {
		console->escaped = true;
	} else {
		type(console, byte);
	}
}

/* poll() skips a negative descriptor, and only waits. */
static int input_of(const struct console *console)
{
	return console->input_ended ? -1 : console->in;
}

/**
 * console_wait() - wait for input
 * @console: the console
 * @timeout_ms: how long
 *
 * Return: is there something to read. An end and an error are, too.
 */
bool console_wait(struct console *console, int timeout_ms)
{
	struct pollfd input = { .fd = input_of(console), .events = POLLIN };

	if (console->nr_input)
		return true;
	if (console->away)
		poll(NULL, 0, timeout_ms);
	if (poll(&input, 1, console->away ? 0 : timeout_ms) <= 0)
		input.revents = 0;
	/* Nobody is there; what he wrote before he went can be read. */
	console->away = console->reconnects && (input.revents & (POLLIN | POLLHUP)) == POLLHUP;
	if (console->reconnects && !(input.revents & POLLHUP))
		console->unread = false;
	return input.revents && !console->away;
}

/**
 * console_look() - take what input there is, without waiting
 * @console: the console
 */
void console_look(struct console *console)
{
	__u8 bytes[CONSOLE_INPUT_SIZE];
	size_t most = console->escapes ? sizeof(bytes) : room(console);
	struct pollfd input = { .fd = input_of(console), .events = POLLIN };
	ssize_t n, i;

	console->more = false;
	if (!most || console->status || input.fd < 0)
		return;
	if (console->reconnects ? !console_wait(console, 0) : poll(&input, 1, 0) <= 0)
		return;
	n = read(console->in, bytes, most);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	for (i = 0; i < n && !console->status; i++)
		take(console, bytes[i]);
	console->more = n == (ssize_t)most;
	if (n <= 0 && !console->reconnects)
		end_input(console);
}

/**
 * console_read() - the next of what console_look() took
 * @console: the console
 * @input: gets a byte, or CONSOLE_BREAK
 *
 * Return: false if there is none.
 */
bool console_read(struct console *console, __u16 *input)
{
	if (!console->nr_input && console->more)
		console_look(console);
	if (!console->nr_input)
		return false;
	*input = console->input[console->first_input];
	console->first_input = (console->first_input + 1) % CONSOLE_INPUT_SIZE;
	console->nr_input--;
	return true;
}

/** console_may_read() - is there input, or may there be some, ever */
bool console_may_read(const struct console *console)
{
	return console->nr_input || input_of(console) >= 0;
}
