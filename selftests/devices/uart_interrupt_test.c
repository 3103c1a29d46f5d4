// SPDX-License-Identifier: GPL-2.0
/*
 * The UART of vmrun: its interrupts, against the data sheet of National's PC16550D,
 * whose sections are named here. Needs no VT-x.
 *
 * Breakage it catches: an interrupt that is lost, that stays, or that a more urgent one
 * does not hide; an edge that a controller does not see.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "uart_port.h"

/* All five reasons at once, the two of the receiver one after the other. */
static void everything_happens(void)
{
	unsigned int i;

	out(UART_IER, 0);
	out(UART_LCR, 0);
	out(UART_FCR, 0);
	out(UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_TRIGGER_14);
	out(UART_MCR, UART_MCR_LOOP);
	for (i = 0; i < 17; i++)
		out(UART_TX, i);
	out(UART_MCR, UART_MCR_OUT2);
	assert_false(line);
}

/* "Interrupt Control Functions": each reason, its place, and what ends it. */
static void interrupts_come_in_order(void **state)
{
	unsigned int i;

	(void)state;
	everything_happens();
	out(UART_IER, ALL_INTERRUPTS);
	assert_true(line);

	assert_int_equal(in(UART_IIR), FIFO_ON | UART_IIR_RLSI);
	assert_int_equal(in(UART_IIR), FIFO_ON | UART_IIR_RLSI);
	assert_int_equal(in(UART_LSR), EMPTY | UART_LSR_DR | UART_LSR_OE);
	for (i = 16; i; i--) {
		__u8 id = i >= 14 ? UART_IIR_RDI : UART_IIR_RX_TIMEOUT;

		assert_int_equal(in(UART_IIR), FIFO_ON | id);
		assert_int_equal(in(UART_IIR), FIFO_ON | id);
		in(UART_RX);
	}
	assert_true(line);
	assert_int_equal(in(UART_IIR), FIFO_ON | UART_IIR_THRI);
	/* To read it was to end it. */
	assert_int_equal(in(UART_IIR), FIFO_ON | UART_IIR_MSI);
	assert_int_equal(in(UART_IIR), FIFO_ON | UART_IIR_MSI);
	assert_true(line);
	assert_int_equal(in(UART_MSR) & UART_MSR_ANY_DELTA,
			 UART_MSR_DDCD | UART_MSR_DDSR | UART_MSR_DCTS);
	assert_false(line);
	assert_int_equal(in(UART_IIR), FIFO_ON | UART_IIR_NO_INT);
}

/* Of those that are enabled, the most urgent is told. */
static void interrupts_are_enabled_each(void **state)
{
	static const __u8 ids[] = {
		UART_IIR_NO_INT, UART_IIR_RDI, UART_IIR_THRI, UART_IIR_RDI,
		UART_IIR_RLSI, UART_IIR_RLSI, UART_IIR_RLSI, UART_IIR_RLSI,
		UART_IIR_MSI, UART_IIR_RDI, UART_IIR_THRI, UART_IIR_RDI,
		UART_IIR_RLSI, UART_IIR_RLSI, UART_IIR_RLSI, UART_IIR_RLSI,
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < SIZE(ids); i++) {
		everything_happens();
		out(UART_IER, i);
		assert_int_equal(line, i != 0);
		assert_int_equal(in(UART_IIR), FIFO_ON | ids[i]);
		out(UART_IER, 0);
		assert_false(line);
		in(UART_LSR);
	}
}

/* On a PC, OUT2 is a gate; in a loop, the pin is off. IIR does not care. */
static void out2_is_a_gate(void **state)
{
	unsigned int mcr;

	(void)state;
	out(UART_IER, UART_IER_RDI);
	input(1);
	assert_false(line);
	assert_int_equal(in(UART_IIR), UART_IIR_RDI);
	for (mcr = 0; mcr < 0x20; mcr++) {
		out(UART_MCR, mcr);
		assert_int_equal(line, mcr & UART_MCR_OUT2 && !(mcr & UART_MCR_LOOP));
		assert_int_equal(in(UART_IIR), UART_IIR_RDI);
	}
}

/* Without FIFOs, the first byte is an interrupt and there is no timeout. */
static void one_byte_without_fifos(void **state)
{
	(void)state;
	out(UART_MCR, UART_MCR_OUT2);
	out(UART_IER, UART_IER_RDI);
	assert_false(line);
	input(1);
	assert_true(line);
	assert_int_equal(in(UART_IIR), UART_IIR_RDI);
	assert_int_equal(in(UART_RX), 'a');
	assert_false(line);
	assert_int_equal(in(UART_IIR), UART_IIR_NO_INT);
	input(1);
	assert_int_equal(edges, 2);
}

/* "FIFO Control Register", bits 6 and 7, and "FIFO Interrupt Mode Operation". */
static void triggers_are_1_4_8_14(void **state)
{
	static const struct {
		__u8 fcr;
		unsigned int trigger;
	} rows[] = {
		{ UART_FCR_TRIGGER_1, 1 },
		{ UART_FCR_TRIGGER_4, 4 },
		{ UART_FCR_TRIGGER_8, 8 },
		{ UART_FCR_TRIGGER_14, 14 },
	};
	unsigned int i, nr;

	(void)state;
	out(UART_IER, UART_IER_RDI);
	for (i = 0; i < SIZE(rows); i++) {
		out(UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_CLEAR_RCVR | rows[i].fcr);
		assert_int_equal(in(UART_IIR), FIFO_ON | UART_IIR_NO_INT);
		for (nr = 1; nr <= 16; nr++) {
			input(1);
			assert_int_equal(in(UART_IIR), FIFO_ON | (nr < rows[i].trigger ?
					 UART_IIR_RX_TIMEOUT : UART_IIR_RDI));
		}
		for (nr = 15; nr; nr--) {
			in(UART_RX);
			assert_int_equal(in(UART_IIR), FIFO_ON | (nr < rows[i].trigger ?
					 UART_IIR_RX_TIMEOUT : UART_IIR_RDI));
		}
		in(UART_RX);
		assert_int_equal(in(UART_IIR), FIFO_ON | UART_IIR_NO_INT);
	}
}

/* A guest may read one byte at each interrupt; a timeout ends with the byte read. */
static void each_timeout_is_an_edge(void **state)
{
	(void)state;
	out(UART_MCR, UART_MCR_OUT2);
	out(UART_IER, UART_IER_RDI);
	out(UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_TRIGGER_4);
	input(1);
	assert_int_equal(edges, 1);
	input(5);
	assert_int_equal(edges, 1);
	/* Four are left: it is the same interrupt as before. */
	in(UART_RX);
	in(UART_RX);
	assert_int_equal(edges, 1);
	in(UART_RX);
	assert_int_equal(edges, 2);
	in(UART_RX);
	assert_int_equal(edges, 3);
	in(UART_RX);
	assert_int_equal(edges, 4);
	assert_true(line);
	in(UART_RX);
	assert_int_equal(edges, 4);
	assert_false(line);
	in(UART_RX);
	assert_int_equal(edges, 4);
}

/* Written, the transmitter is full; and, as output takes no time, empty again. */
static void each_byte_sent_is_an_edge(void **state)
{
	(void)state;
	out(UART_MCR, UART_MCR_OUT2);
	out(UART_TX, 'x');
	assert_false(line);
	out(UART_IER, UART_IER_THRI);
	assert_int_equal(edges, 1);
	out(UART_TX, 'y');
	assert_true(line);
	assert_int_equal(edges, 2);
	assert_int_equal(in(UART_IIR), UART_IIR_THRI);
	assert_false(line);
	assert_int_equal(in(UART_IIR), UART_IIR_NO_INT);
	out(UART_TX, 'z');
	assert_int_equal(edges, 3);
	/* Whether IIR is read or not. */
	out(UART_TX, 'z');
	assert_int_equal(edges, 4);
	assert_true(line);
	/* Another reason holds the line: there is no edge then. */
	out(UART_IER, UART_IER_THRI | UART_IER_RDI);
	input(1);
	out(UART_TX, 'z');
	assert_int_equal(edges, 4);
}

static void empty_says_so_who_ever_asks(void **state)
{
	(void)state;
	out(UART_MCR, UART_MCR_OUT2);
	out(UART_IER, UART_IER_THRI);
	assert_int_equal(in(UART_IIR), UART_IIR_THRI);
	/* It was enabled already. */
	out(UART_IER, UART_IER_THRI);
	assert_int_equal(in(UART_IIR), UART_IIR_NO_INT);
	out(UART_IER, UART_IER_THRI | UART_IER_RDI);
	assert_int_equal(in(UART_IIR), UART_IIR_NO_INT);
	assert_false(line);
	out(UART_IER, 0);
	out(UART_IER, UART_IER_THRI);
	assert_true(line);
	/* A more urgent one that IIR tells does not end it. */
	out(UART_IER, UART_IER_THRI | UART_IER_RDI);
	input(1);
	assert_int_equal(in(UART_IIR), UART_IIR_RDI);
	in(UART_RX);
	assert_int_equal(in(UART_IIR), UART_IIR_THRI);
	/* "The first transmitter interrupt after changing FCR0 will be immediate." */
	assert_false(line);
	out(UART_FCR, UART_FCR_ENABLE_FIFO);
	assert_true(line);
	assert_int_equal(in(UART_IIR), FIFO_ON | UART_IIR_THRI);
	out(UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_TRIGGER_14);
	assert_false(line);
}

/* Errors that nobody reads outlive their character, and hold the line. */
static void an_overrun_interrupts(void **state)
{
	(void)state;
	out(UART_MCR, UART_MCR_LOOP);
	out(UART_TX, 'a');
	out(UART_TX, 'b');
	in(UART_RX);
	out(UART_IER, UART_IER_RLSI);
	out(UART_MCR, UART_MCR_OUT2);
	assert_true(line);
	in(UART_LSR);
	assert_false(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(interrupts_come_in_order),
		TEST(interrupts_are_enabled_each),
		TEST(out2_is_a_gate),
		TEST(one_byte_without_fifos),
		TEST(triggers_are_1_4_8_14),
		TEST(each_timeout_is_an_edge),
		TEST(each_byte_sent_is_an_edge),
		TEST(empty_says_so_who_ever_asks),
		TEST(an_overrun_interrupts),
	};

	return cmocka_run_group_tests_name("uart_interrupt", tests, NULL, NULL);
}
