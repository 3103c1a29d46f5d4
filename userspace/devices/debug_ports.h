/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_DEBUG_PORTS_H
#define VMRUN_DEBUG_PORTS_H

#include "bus.h"
#include "state.h"

/* One port each: a console, a progress code, the end of the run. */
#define DEBUG_CONSOLE_PORT	0xe9
#define DEBUG_POST_PORT		0x80
#define DEBUG_EXIT_PORT		0xf4

/**
 * struct debug_ports - what emulators have for guests that have no drivers yet
 * @output: a byte was written to the console
 * @exit: the guest ends, and says with which value
 * @arg: for both; either may be NULL
 * @post: the last code that was written, as a diagnostic card shows it
 */
struct debug_ports {
	void (*output)(void *arg, __u8 byte);
	void (*exit)(void *arg, __u8 value);
	void *arg;
	__u8 post;
};

extern const struct bus_ops debug_console_ops;
extern const struct bus_ops debug_post_ops;
extern const struct bus_ops debug_exit_ops;

void debug_ports_state(void *ports, struct state *state);

#endif /* VMRUN_DEBUG_PORTS_H */
