// SPDX-License-Identifier: GPL-2.0
/*
 * What is between a UART and its console: when the guest gets its input.
 *
 * A guest that never writes to a control register of the UART knows nothing but "is
 * there a byte". It gets what there is whenever it asks, so it sees the same in each
 * run with the same input.
 *
 * Any other has a driver, and a driver that sets the UART up drops what has come before:
 * Linux empties the FIFO four times, reads the receiver to be sure, and prints messages
 * in between, with DTR set, by polling. What is typed ahead, or piped in, would be lost.
 * So input is held back until the driver enables its interrupt; or until it polls for
 * input, which shows because the transmitter is never busy: nobody who waits for that
 * asks three times in a row. (Linux does so twice, in serial8250_do_startup().)
 */
#include <linux/serial_reg.h>

#include "serial.h"

/* So many questions in a row are about input. */
#define POLLS	3

/*
 * How long to wait for input when a guest polls: it would burn a CPU. One that reads the
 * status before each byte it writes is not slowed down.
 */
#define POLL_MS	1

/**
 * serial_init() - a serial port after reset
 * @serial: filled in
 * @console: where it leads
 * @irq: the interrupt of the UART
 */
void serial_init(struct serial *serial, struct console *console, const struct irq *irq)
{
	*serial = (struct serial){
		.uart = { .irq = *irq, .output = console_write, .arg = console },
		.console = console,
		.polling = true,
	};
	uart_reset(&serial->uart);
}

/* Input interrupts the guest. To write to IER alone is to try what it can do. */
static bool has_interrupt(const struct serial *serial)
{
	return serial->uart.ier & UART_IER_RDI && serial->uart.mcr & UART_MCR_OUT2;
}

/* What there is goes to the UART, as much as there is room for. */
static void pull(struct serial *serial)
{
	__u16 input;

	while (uart_room(&serial->uart) && console_read(serial->console, &input)) {
		if (input == CONSOLE_BREAK)
			uart_break(&serial->uart);
		else
			uart_input(&serial->uart, input);
	}
}

/* The guest is about to look at the line status, or at the received byte. */
static void before_read(struct serial *serial, bool status)
{
	struct console *console = serial->console;

	if (status && serial->nr_polls >= POLLS - 1)
		serial->polling = true;
	if (!serial->polling && !has_interrupt(serial))
		return;
	if (serial->polling && uart_room(&serial->uart)) {
		if (status && serial->nr_polls) {
			console_flush(console);
			console_wait(console, POLL_MS);
		}
		if (!console->nr_input)
			console_look(console);
	}
	pull(serial);
}

static __u64 serial_read(void *device, unsigned int reg, unsigned int size)
{
	struct serial *serial = device;
	bool status = reg == UART_LSR;
	__u64 value;

	if (status || (reg == UART_RX && !(serial->uart.lcr & UART_LCR_DLAB)))
		before_read(serial, status);
	value = uart_ops.read(&serial->uart, reg, size);
	if (status && !(value & UART_LSR_DR))
		serial->nr_polls++;
	else
		serial->nr_polls = 0;
	return value;
}

static void serial_write(void *device, unsigned int reg, __u64 value, unsigned int size)
{
	struct serial *serial = device;

	serial->nr_polls = 0;
	/* A driver sets the UART up: it says anew what it wants. */
	if (reg >= UART_IER && reg <= UART_MCR)
		serial->polling = false;
	uart_ops.write(&serial->uart, reg, value, size);
}

const struct bus_ops serial_ops = {
	.read = serial_read, .write = serial_write, .bytes = true,
};

/** serial_wants_input() - the guest has to be told by an interrupt when there is input */
bool serial_wants_input(const struct serial *serial)
{
	return has_interrupt(serial) && uart_room(&serial->uart) &&
		console_may_read(serial->console);
}

/** serial_run() - hand on what input is there already */
void serial_run(struct serial *serial)
{
	if (has_interrupt(serial))
		pull(serial);
}

/** serial_state() - save or restore a port; its console is another one: see struct state */
void serial_state(struct serial *serial, struct state *state)
{
	uart_state(&serial->uart, state);
	state_bool(state, &serial->polling);
	state_u32(state, &serial->nr_polls);
}
