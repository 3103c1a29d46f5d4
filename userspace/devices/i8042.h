/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_I8042_H
#define VMRUN_I8042_H

#include "bus.h"
#include "irq.h"
#include "reset.h"
#include "state.h"

/* One port each: port 0x61 between them is another device's. */
#define I8042_DATA_PORT		0x60
#define I8042_COMMAND_PORT	0x64
#define I8042_RAM_SIZE		32

/**
 * struct i8042 - a keyboard controller to which no keyboard is connected
 * @irq: up while the guest has something to read: line 1 of a PC
 * @reset: the reset of the machine
 * @command: waits for its data; 0: none does
 * @status: of the status register: output buffer, who wrote last, errors
 * @output: the output buffer
 * @output_port: pins of the controller
 * @ram: its memory; the first byte is the command byte
 *
 * @irq and @reset are the caller's to set, i8042_init() does the rest.
 */
struct i8042 {
	struct irq irq;
	struct reset *reset;
	__u8 command;
	__u8 status;
	__u8 output;
	__u8 output_port;
	__u8 ram[I8042_RAM_SIZE];
};

extern const struct bus_ops i8042_data_ops;
extern const struct bus_ops i8042_command_ops;

void i8042_init(struct i8042 *kbc);
void i8042_state(void *kbc, struct state *state);

#endif /* VMRUN_I8042_H */
