/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_UART_H
#define VMRUN_UART_H

#include <stdbool.h>
#include <linux/types.h>

#include "bus.h"
#include "irq.h"
#include "state.h"

#define UART_NR_REGISTERS	8
#define UART_FIFO_SIZE		16

/**
 * struct uart - a 16550A, with its peer always there and ready
 * @irq: its INTR pin, behind the gate that OUT2 opens on a PC
 * @output: sends a byte; what is not 0 is kept in @status, and it is the last
 * @arg: for @output
 * @status: 0, or what the machine is to end with
 * @ier: Interrupt Enable Register
 * @fcr: FIFO Control Register, 0 while the FIFOs are off
 * @lcr: Line Control Register
 * @mcr: Modem Control Register
 * @scr: Scratch Register
 * @divisor: of the clock, which nothing here depends on: DLL and DLM
 * @errors: OE, PE, FE and BI of the Line Status Register, until it is read
 * @deltas: bits 3:0 of the Modem Status Register, until it is read
 * @thre: the interrupt of the empty transmitter waits for the guest to read IIR
 * @timeout: what is in the FIFO has been there for the time of four characters
 * @nr: how many characters wait to be read: one at most while the FIFOs are off
 * @fifo: they, the oldest first, and the errors that the line status does not show yet
 *
 * The machine sets the first three and calls uart_reset().
 */
struct uart {
	struct irq irq;
	int (*output)(void *arg, __u8 byte);
	void *arg;
	int status;
	__u8 ier, fcr, lcr, mcr, scr;
	__u8 divisor[2];
	__u8 errors, deltas;
	bool thre, timeout;
	unsigned int nr;
	struct {
		__u8 byte, errors;
	} fifo[UART_FIFO_SIZE];
};

extern const struct bus_ops uart_ops;

void uart_reset(struct uart *uart);
unsigned int uart_room(const struct uart *uart);
bool uart_input(struct uart *uart, __u8 byte);
bool uart_break(struct uart *uart);
void uart_state(void *uart, struct state *state);

#endif /* VMRUN_UART_H */
