/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_SERIAL_H
#define VMRUN_SERIAL_H

#include <stdbool.h>

#include "console.h"
#include "devices/uart.h"

/**
 * struct serial - a serial port: a UART, and the console at the other end of its line
 * @uart: the UART
 * @console: the console; other ports do not have it
 * @polling: the guest looks for input itself, rather than be interrupted
 * @nr_polls: how often in a row it read the line status, and found no input
 */
struct serial {
	struct uart uart;
	struct console *console;
	bool polling;
	unsigned int nr_polls;
};

extern const struct bus_ops serial_ops;

void serial_init(struct serial *serial, struct console *console, const struct irq *irq);
bool serial_wants_input(const struct serial *serial);
void serial_run(struct serial *serial);
void serial_state(struct serial *serial, struct state *state);

#endif /* VMRUN_SERIAL_H */
