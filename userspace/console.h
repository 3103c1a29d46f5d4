/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_CONSOLE_H
#define VMRUN_CONSOLE_H

#include <stdbool.h>
#include <linux/types.h>

/**
 * struct console - standard output and input, for the guest
 * @input_ended: standard input is at its end, and the guest was told so
 * @status: exit status of vmrun, after a message, if standard output failed; else 0
 */
struct console {
	bool input_ended;
	int status;
};

int console_write(void *console, __u8 byte);
bool console_has_input(const struct console *console, int timeout_ms);
bool console_read(struct console *console, __u8 *byte);

#endif /* VMRUN_CONSOLE_H */
