// SPDX-License-Identifier: GPL-2.0
/*
 * Ports: which device takes an IN or OUT.
 */
#include <string.h>

#include "ports.h"

#define EXIT_PORT	0xf4

static enum port_result exit_port(struct ports *ports, const __u8 *data)
{
	/* The status has 8 bits, so the low byte is all that counts. */
	__u8 value = data[0];

	if (ports->exit_code == EXIT_CODE_QEMU)
		value = value << 1 | 1;
	ports->status = value;
	return PORT_END;
}

static enum port_result serial_port(struct ports *ports, unsigned int reg,
				    bool in, __u8 *byte)
{
	if (in) {
		*byte = serial_in(&ports->serial, reg);
		return PORT_CLAIMED;
	}
	ports->status = serial_out(&ports->serial, reg, *byte);
	return ports->status ? PORT_END : PORT_CLAIMED;
}

static enum port_result timer_port(struct ports *ports, const __u8 *data)
{
	__u16 period;

	memcpy(&period, data, sizeof(period));
	ports->status = timer_set(&ports->timer, period);
	return ports->status ? PORT_END : PORT_CLAIMED;
}

/* One item of 1, 2 or 4 bytes. */
static enum port_result access_item(struct ports *ports, unsigned int port,
				    bool in, __u8 *data, unsigned int size)
{
	enum port_result result = PORT_UNCLAIMED;
	unsigned int i;

	if (port == EXIT_PORT && !in)
		return exit_port(ports, data);
	if (port == TIMER_PORT && !in && size == sizeof(__u16))
		return timer_port(ports, data);

	if (in)
		memset(data, 0xff, size);
	/* The UART is a device of 8 bits: byte i goes to port + i. */
	for (i = 0; i < size; i++) {
		unsigned int reg = port + i - SERIAL_PORT;

		if (reg >= SERIAL_NR_PORTS)
			continue;
		result = serial_port(ports, reg, in, &data[i]);
		if (result == PORT_END)
			break;
	}
	return result;
}

/**
 * ports_access() - carry out what a MINIVMX_EXIT_IO asks for
 * @ports: the devices
 * @run: the run page; for IN, the data is put there
 *
 * Return: what became of it; of several items, all fare alike but for an end.
 */
enum port_result ports_access(struct ports *ports, struct minivmx_run *run)
{
	bool in = run->io.direction == MINIVMX_EXIT_IO_IN;
	__u8 *data = (__u8 *)run + run->io.data_offset;
	enum port_result result = PORT_UNCLAIMED;
	__u32 i;

	/* INS and OUTS with REP may bring many items at once. */
	for (i = 0; i < run->io.count && result != PORT_END; i++) {
		result = access_item(ports, run->io.port, in, data, run->io.size);
		data += run->io.size;
	}
	return result;
}
