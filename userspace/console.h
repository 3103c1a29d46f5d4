/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_CONSOLE_H
#define VMRUN_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#define CONSOLE_OUTPUT_SIZE	4096
#define CONSOLE_INPUT_SIZE	1024

/* Among the bytes of input: the other side holds the wire. */
#define CONSOLE_BREAK	0x100

/**
 * struct console - what the guest writes to and reads from: one end of a serial line
 * @name: of it, for messages
 * @in: descriptor for input; -1 for none
 * @out: descriptor for output; -1 for none: what is written is dropped
 * @escapes: input is a person's keyboard, and Ctrl-A begins a command for vmrun
 * @by_line: output goes on at the end of each line
 * @unbuffered: output goes on at once
 * @reconnects: a peer may go, and come back: a pseudo-terminal
 * @ends: a peer may go, and that is not vmrun's end: a socket
 * @away: the peer that may come back is not there
 * @unread: bytes were written for a peer that has not come yet
 * @lost: some of them were dropped, and that was said
 * @gives_up: asked while nobody takes output: is it time to drop it; NULL: it never is
 * @gives_up_arg: its argument
 * @input_ended: input is at its end, and what remains is in @input
 * @more: there was more to read than there was room
 * @escaped: the last byte from the keyboard was Ctrl-A
 * @status: exit status of vmrun, after a message, if it shall end; else 0
 * @nr_output: entries of @output
 * @output: bytes that wait to go out
 * @first_input: the oldest entry of @input
 * @nr_input: entries of @input, which is a ring
 * @input: bytes for the guest, and CONSOLE_BREAK
 */
struct console {
	const char *name;
	int in, out;
	bool escapes, by_line, unbuffered, reconnects, ends;
	bool away, unread, lost;
	bool (*gives_up)(void *arg);
	void *gives_up_arg;
	bool input_ended, more, escaped;
	int status;
	size_t nr_output;
	__u8 output[CONSOLE_OUTPUT_SIZE];
	unsigned int first_input, nr_input;
	__u16 input[CONSOLE_INPUT_SIZE];
};

void console_init(struct console *console, const char *name, int in, int out);
int console_write(void *console, __u8 byte);
void console_flush(struct console *console);
bool console_wait(struct console *console, int timeout_ms);
void console_look(struct console *console);
bool console_read(struct console *console, __u16 *input);
bool console_may_read(const struct console *console);

#endif /* VMRUN_CONSOLE_H */
