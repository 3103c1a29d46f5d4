/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_SERIAL_H
#define VMRUN_SERIAL_H

#include <stdbool.h>
#include <linux/types.h>

/* The first serial port of a PC, by its ports. */
#define SERIAL_PORT	0x3f8
#define SERIAL_NR_PORTS	8

/**
 * struct serial - what a guest needs of an 8250 UART, without interrupts
 * @regs: what was last written to each register
 * @divisor: the registers 0 and 1 of the other bank (LCR bit 7, DLAB)
 * @input_ended: standard input is at its end, and the guest was told so
 * @waiting: the last access read the line status and found no input
 */
struct serial {
	__u8 regs[SERIAL_NR_PORTS];
	__u8 divisor[2];
	bool input_ended;
	bool waiting;
};

__u8 serial_in(struct serial *serial, unsigned int reg);
int serial_write(__u8 byte);
int serial_out(struct serial *serial, unsigned int reg, __u8 value);

#endif /* VMRUN_SERIAL_H */
