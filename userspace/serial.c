// SPDX-License-Identifier: GPL-2.0
/*
 * The serial port: the guest's way to standard output and input.
 *
 * Bytes go out as the guest writes them. At the end of input the guest reads
 * one byte 0x04, what a terminal sends for Ctrl-D; after it, nothing comes.
 */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <unistd.h>
#include <linux/serial_reg.h>

#include "exit_status.h"
#include "serial.h"

#define END_OF_INPUT	0x04

/*
 * How long to wait for input, in milliseconds, when the guest asks for the
 * second time in a row: it polls, and would burn a CPU. A guest that reads the
 * status before each byte it writes is not slowed down.
 */
#define WAIT_MS		1

static bool input_available(struct serial *serial, int timeout)
{
	/* poll() skips a negative descriptor, and only waits. */
	struct pollfd input = {
		.fd = serial->input_ended ? -1 : STDIN_FILENO,
		.events = POLLIN,
	};

	/* An end and an error are there to be read, too. */
	return poll(&input, 1, timeout) > 0;
}

static __u8 read_input(struct serial *serial)
{
	unsigned char byte;
	ssize_t n;

	if (!input_available(serial, 0))
		return 0;
	n = read(STDIN_FILENO, &byte, 1);
	if (n == 1)
		return byte;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	serial->input_ended = true;
	return END_OF_INPUT;
}

static __u8 line_status(struct serial *serial)
{
	/* Output never has to wait. */
	__u8 status = UART_LSR_THRE | UART_LSR_TEMT;

	if (input_available(serial, serial->waiting ? WAIT_MS : 0))
		status |= UART_LSR_DR;
	return status;
}

/**
 * serial_write() - write a byte to standard output
 * @byte: the byte
 *
 * Return: 0, or an exit status after a message.
 */
int serial_write(__u8 byte)
{
	struct pollfd output = { .fd = STDOUT_FILENO, .events = POLLOUT };

	while (write(STDOUT_FILENO, &byte, 1) != 1) {
		if (errno == EAGAIN) {
			poll(&output, 1, -1);
		} else if (errno != EINTR) {
			warn("standard output");
			return STATUS_HOST;
		}
	}
	return 0;
}

/* With DLAB set, registers 0 and 1 are the divisor of the clock. */
static bool is_divisor(const struct serial *serial, unsigned int reg)
{
	return reg <= UART_DLM && serial->regs[UART_LCR] & UART_LCR_DLAB;
}

/**
 * serial_in() - the guest reads a register
 * @serial: the port
 * @reg: register, 0 to 7
 *
 * Return: its value.
 */
__u8 serial_in(struct serial *serial, unsigned int reg)
{
	__u8 value;

	if (is_divisor(serial, reg))
		value = serial->divisor[reg];
	else if (reg == UART_RX)
		value = read_input(serial);
	else if (reg == UART_LSR)
		value = line_status(serial);
	else if (reg == UART_IIR)
		value = UART_IIR_NO_INT;
	else
		value = serial->regs[reg];

	serial->waiting = reg == UART_LSR && !(value & UART_LSR_DR);
	return value;
}

/**
 * serial_out() - the guest writes a register
 * @serial: the port
 * @reg: register, 0 to 7
 * @value: what it writes
 *
 * Return: as serial_write().
 */
int serial_out(struct serial *serial, unsigned int reg, __u8 value)
{
	serial->waiting = false;
	if (reg == UART_TX && !is_divisor(serial, reg))
		return serial_write(value);

	if (is_divisor(serial, reg))
		serial->divisor[reg] = value;
	else
		serial->regs[reg] = value;
	return 0;
}
