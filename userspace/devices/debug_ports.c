// SPDX-License-Identifier: GPL-2.0
/*
 * Ports for debugging: the console of Bochs and QEMU, a PC's POST code, and an exit.
 */
#include "debug_ports.h"

/* Who reads 0xe9 from port 0xe9 knows that the console is there. */
static __u64 console_read(void *device, unsigned int offset, unsigned int size)
{
	(void)device;
	(void)offset;
	(void)size;
	return DEBUG_CONSOLE_PORT;
}

static void console_write(void *device, unsigned int offset, __u64 value, unsigned int size)
{
	const struct debug_ports *ports = device;

	(void)offset;
	(void)size;
	if (ports->output)
		ports->output(ports->arg, value);
}

const struct bus_ops debug_console_ops = {
	.read = console_read, .write = console_write, .bytes = true
};

static __u64 post_read(void *device, unsigned int offset, unsigned int size)
{
	const struct debug_ports *ports = device;

	(void)offset;
	(void)size;
	return ports->post;
}

static void post_write(void *device, unsigned int offset, __u64 value, unsigned int size)
{
	struct debug_ports *ports = device;

	(void)offset;
	(void)size;
	ports->post = value;
}

const struct bus_ops debug_post_ops = {
	.read = post_read, .write = post_write, .bytes = true
};

static void exit_write(void *device, unsigned int offset, __u64 value, unsigned int size)
{
	const struct debug_ports *ports = device;

	(void)offset;
	(void)size;
	if (ports->exit)
		ports->exit(ports->arg, value);
}

const struct bus_ops debug_exit_ops = { .write = exit_write, .bytes = true };

/** debug_ports_state() - save or restore what they keep: see struct state */
void debug_ports_state(void *ports, struct state *state)
{
	state_u8(state, &((struct debug_ports *)ports)->post);
}
