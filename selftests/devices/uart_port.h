/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A UART at ports of a bus, and what comes out of it: for its tests.
 */
#ifndef UART_PORT_H
#define UART_PORT_H

#include <linux/serial_reg.h>

#include "../../userspace/devices/uart.h"

#define PORT	0x3f8
#define SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define EMPTY		(UART_LSR_TEMT | UART_LSR_THRE)
#define FIFO_ON		0xc0	/* of IIR */
#define ALL_INTERRUPTS	(UART_IER_MSI | UART_IER_RLSI | UART_IER_THRI | UART_IER_RDI)

static struct uart uart;
static struct bus bus;

/* What comes out of its pins. */
static char sent[300];
static unsigned int nr_sent, edges;
static int output_result;
static bool line;

static inline int output(void *arg, __u8 byte)
{
	assert_ptr_equal(arg, sent);
	assert_in_range(nr_sent, 0, sizeof(sent) - 1);
	sent[nr_sent++] = byte;
	return output_result;
}

static inline void set_line(void *controller, unsigned int number, bool level)
{
	assert_ptr_equal(controller, &edges);
	assert_int_equal(number, 4);
	if (level && !line)
		edges++;
	line = level;
}

static inline int setup(void **state)
{
	static const struct bus_claim claim = {
		"uart", PORT, UART_NR_REGISTERS, &uart_ops, &uart
	};

	(void)state;
	bus = (struct bus){ .name = "port" };
	uart = (struct uart){
		.irq = { set_line, &edges, 4 },
		.output = output,
		.arg = sent,
	};
	uart_reset(&uart);
	nr_sent = 0;
	edges = 0;
	output_result = 0;
	return bus_claim(&bus, &claim);
}

static inline __u8 in(unsigned int reg)
{
	__u8 value;

	assert_true(bus_read(&bus, PORT + reg, &value, 1));
	return value;
}

static inline void out(unsigned int reg, __u8 value)
{
	assert_true(bus_write(&bus, PORT + reg, &value, 1));
}

static inline void input(unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		assert_true(uart_input(&uart, 'a' + i));
}

#define TEST(name)	cmocka_unit_test_setup(name, setup)

#endif /* UART_PORT_H */
