// SPDX-License-Identifier: GPL-2.0
/*
 * The UART of vmrun: its loop, and the errors that only a loop makes, against the data
 * sheet of National's PC16550D, whose sections are named here. Needs no VT-x.
 *
 * Breakage it catches: a loop that leaks in or out; errors that are lost, that stay, or
 * are seen before their character.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "uart_port.h"

/* "Modem Control Register", bit 4: what is sent is received. */
static void loop_returns_data(void **state)
{
	unsigned int i;

	(void)state;
	out(UART_LCR, UART_LCR_WLEN8);
	out(UART_MCR, UART_MCR_LOOP);
	for (i = 0; i < 256; i++) {
		out(UART_TX, i);
		assert_int_equal(in(UART_LSR), EMPTY | UART_LSR_DR);
		assert_int_equal(in(UART_RX), i);
		assert_int_equal(in(UART_LSR), EMPTY);
	}
	/* The wire leads nowhere, in both directions. */
	assert_int_equal(nr_sent, 0);
	assert_int_equal(uart_room(&uart), 0);
	assert_false(uart_input(&uart, 'x'));
	assert_int_equal(in(UART_LSR), EMPTY);
	out(UART_MCR, 0);
	assert_int_equal(uart_room(&uart), 1);
	out(UART_TX, 'y');
	assert_int_equal(nr_sent, 1);
}

/* In a loop, each modem input is an output. */
static void loop_returns_modem_lines(void **state)
{
	static const struct {
		__u8 mcr, msr, delta;
	} rows[] = {
		{ UART_MCR_DTR, UART_MSR_DSR, UART_MSR_DDSR },
		{ UART_MCR_RTS, UART_MSR_CTS, UART_MSR_DCTS },
		{ UART_MCR_OUT1, UART_MSR_RI, UART_MSR_TERI },
		{ UART_MCR_OUT2, UART_MSR_DCD, UART_MSR_DDCD },
	};
	unsigned int i;

	(void)state;
	out(UART_IER, UART_IER_MSI);
	out(UART_MCR, UART_MCR_LOOP);
	assert_int_equal(in(UART_MSR), UART_MSR_DDCD | UART_MSR_DDSR | UART_MSR_DCTS);
	for (i = 0; i < SIZE(rows); i++) {
		/* Of a ring, only its end is told: it is a trailing edge. */
		__u8 rise = rows[i].msr == UART_MSR_RI ? 0 : rows[i].delta;

		out(UART_MCR, UART_MCR_LOOP | rows[i].mcr);
		assert_int_equal(in(UART_IIR), rise ? UART_IIR_MSI : UART_IIR_NO_INT);
		assert_int_equal(in(UART_MSR), rows[i].msr | rise);
		assert_int_equal(in(UART_MSR), rows[i].msr);
		assert_int_equal(in(UART_IIR), UART_IIR_NO_INT);
		out(UART_MCR, UART_MCR_LOOP);
		assert_int_equal(in(UART_IIR), UART_IIR_MSI);
		assert_int_equal(in(UART_MSR), rows[i].delta);
		assert_int_equal(in(UART_MSR), 0);
	}
	/* A delta stays until it is read, even if the line is back. */
	out(UART_MCR, UART_MCR_LOOP | UART_MCR_DTR);
	out(UART_MCR, UART_MCR_LOOP);
	out(UART_MCR, UART_MCR_LOOP | UART_MCR_RTS);
	assert_int_equal(in(UART_MSR), UART_MSR_CTS | UART_MSR_DDSR | UART_MSR_DCTS);
	/* Outside of a loop, outputs are not inputs. */
	out(UART_MCR, 0);
	in(UART_MSR);
	out(UART_MCR, UART_MCR_DTR | UART_MCR_RTS | UART_MCR_OUT1);
	assert_int_equal(in(UART_MSR), UART_MSR_DCD | UART_MSR_DSR | UART_MSR_CTS);
}

/* "Line Status Register", bit 1. */
static void overrun_without_fifos_takes_the_old(void **state)
{
	(void)state;
	out(UART_IER, UART_IER_RLSI);
	out(UART_MCR, UART_MCR_LOOP);
	out(UART_TX, 'a');
	assert_int_equal(in(UART_LSR), EMPTY | UART_LSR_DR);
	out(UART_TX, 'b');
	assert_int_equal(in(UART_IIR), UART_IIR_RLSI);
	assert_int_equal(in(UART_LSR), EMPTY | UART_LSR_DR | UART_LSR_OE);
	assert_int_equal(in(UART_LSR), EMPTY | UART_LSR_DR);
	assert_int_equal(in(UART_IIR), UART_IIR_NO_INT);
	assert_int_equal(in(UART_RX), 'b');
	assert_int_equal(in(UART_LSR), EMPTY);
}

static void overrun_with_fifos_takes_the_new(void **state)
{
	unsigned int i;

	(void)state;
	out(UART_IER, UART_IER_RLSI);
	out(UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_TRIGGER_4);
	out(UART_MCR, UART_MCR_LOOP);
	for (i = 0; i < 16; i++) {
		out(UART_TX, 'a' + i);
		assert_int_equal(in(UART_LSR), EMPTY | UART_LSR_DR);
	}
	out(UART_TX, 'z');
	assert_int_equal(in(UART_IIR), FIFO_ON | UART_IIR_RLSI);
	/* It is no error of a character: bit 7 stays 0. */
	assert_int_equal(in(UART_LSR), EMPTY | UART_LSR_DR | UART_LSR_OE);
	assert_int_equal(in(UART_IIR), FIFO_ON | UART_IIR_NO_INT);
	for (i = 0; i < 16; i++)
		assert_int_equal(in(UART_RX), 'a' + i);
	assert_int_equal(in(UART_LSR), EMPTY);
}

/* "Line Status Register", bits 2 to 4 and 7: an error goes with its character. */
static void a_break_shows_when_its_turn_comes(void **state)
{
	(void)state;
	out(UART_IER, UART_IER_RLSI);
	out(UART_FCR, UART_FCR_ENABLE_FIFO);
	out(UART_MCR, UART_MCR_LOOP);
	out(UART_TX, 'a');
	out(UART_TX, 'b');
	out(UART_LCR, UART_LCR_SBC | UART_LCR_WLEN8);
	/* One zero, however long it is; and what is sent is not heard. */
	out(UART_LCR, UART_LCR_SBC);
	out(UART_TX, 'x');
	out(UART_LCR, 0);
	out(UART_TX, 'c');

	assert_int_equal(in(UART_IIR), FIFO_ON | UART_IIR_NO_INT);
	assert_int_equal(in(UART_LSR), EMPTY | UART_LSR_DR | UART_LSR_FIFOE);
	assert_int_equal(in(UART_LSR), EMPTY | UART_LSR_DR | UART_LSR_FIFOE);
	assert_int_equal(in(UART_RX), 'a');
	assert_int_equal(in(UART_IIR), FIFO_ON | UART_IIR_NO_INT);
	assert_int_equal(in(UART_RX), 'b');
	assert_int_equal(in(UART_IIR), FIFO_ON | UART_IIR_RLSI);
	assert_int_equal(in(UART_LSR), EMPTY | UART_LSR_DR | UART_LSR_FIFOE |
			 UART_LSR_BI | UART_LSR_FE);
	assert_int_equal(in(UART_LSR), EMPTY | UART_LSR_DR);
	assert_int_equal(in(UART_IIR), FIFO_ON | UART_IIR_NO_INT);
	assert_int_equal(in(UART_RX), 0);
	assert_int_equal(in(UART_RX), 'c');
	assert_int_equal(in(UART_LSR), EMPTY);
}

/* Two breaks: bit 7 stays as long as there is another one. */
static void bit_7_is_for_all_of_the_fifo(void **state)
{
	unsigned int i;

	(void)state;
	out(UART_FCR, UART_FCR_ENABLE_FIFO);
	out(UART_MCR, UART_MCR_LOOP);
	for (i = 0; i < 2; i++) {
		out(UART_LCR, UART_LCR_SBC);
		out(UART_LCR, 0);
	}
	assert_int_equal(in(UART_LSR) & ~UART_LSR_DR, EMPTY | UART_LSR_FIFOE |
			 UART_LSR_BI | UART_LSR_FE);
	assert_int_equal(in(UART_LSR), EMPTY | UART_LSR_DR | UART_LSR_FIFOE);
	/* The first is cleared out with the second. */
	out(UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_CLEAR_RCVR);
	assert_int_equal(in(UART_LSR), EMPTY);
	out(UART_TX, 'a');
	out(UART_TX, 'b');
	in(UART_RX);
	assert_int_equal(in(UART_LSR), EMPTY | UART_LSR_DR);
}

/* Without FIFOs bit 7 is 0; a break that began before the loop is heard in it, too. */
static void a_break_without_fifos(void **state)
{
	(void)state;
	out(UART_LCR, UART_LCR_SBC);
	assert_int_equal(in(UART_LSR), EMPTY);
	out(UART_MCR, UART_MCR_LOOP);
	assert_int_equal(in(UART_LSR), EMPTY | UART_LSR_DR | UART_LSR_BI | UART_LSR_FE);
	assert_int_equal(in(UART_LSR), EMPTY | UART_LSR_DR);
	assert_int_equal(in(UART_RX), 0);
	/* A next break is a next one. */
	out(UART_LCR, 0);
	assert_int_equal(in(UART_LSR), EMPTY);
	out(UART_LCR, UART_LCR_SBC);
	assert_int_equal(in(UART_LSR), EMPTY | UART_LSR_DR | UART_LSR_BI | UART_LSR_FE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(loop_returns_data),
		TEST(loop_returns_modem_lines),
		TEST(overrun_without_fifos_takes_the_old),
		TEST(overrun_with_fifos_takes_the_new),
		TEST(a_break_shows_when_its_turn_comes),
		TEST(bit_7_is_for_all_of_the_fifo),
		TEST(a_break_without_fifos),
	};

	return cmocka_run_group_tests_name("uart_loop", tests, NULL, NULL);
}
