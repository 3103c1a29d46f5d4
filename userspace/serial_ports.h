/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_SERIAL_PORTS_H
#define VMRUN_SERIAL_PORTS_H

#include <poll.h>
#include <stdbool.h>

#include "consoles.h"
#include "devices/bus.h"
#include "devices/clock.h"
#include "devices/pic.h"
#include "serial.h"

/* The first serial port of a PC. */
#define SERIAL_PORT	0x3f8

/**
 * struct serial_ports - the serial ports of a PC, and all consoles
 * @consoles: the other ends of their lines
 * @ports: as many as @consoles has
 * @pic: gets their interrupts
 * @clock: the time
 * @look: when consoles are to be looked at again
 * @masked: vCPU 0 takes no interrupt: so no input comes, since a driver that sets a port
 *	up would drop it (Linux enables the interrupt first, and then the FIFO)
 */
struct serial_ports {
	struct consoles *consoles;
	struct serial ports[MAX_SERIAL];
	struct pic *pic;
	struct clock clock;
	__u64 look;
	bool masked;
};

int serial_ports_open(struct serial_ports *serial, struct consoles *consoles,
		      struct bus *bus, struct pic *pic, const struct clock *clock);
bool serial_ports_want_input(const struct serial_ports *serial);
void serial_ports_run(struct serial_ports *serial);
void serial_ports_state(void *serial, struct state *state);
__u64 serial_ports_next(const struct serial_ports *serial);
__u64 serial_ports_poll(const struct serial_ports *serial, struct pollfd polls[MAX_SERIAL]);

#endif /* VMRUN_SERIAL_PORTS_H */
