// SPDX-License-Identifier: GPL-2.0
/*
 * The UART of vmrun: its registers and data, against the data sheet of National's
 * PC16550D, whose sections are named here, and the probes of Linux. Needs no VT-x.
 *
 * Breakage it catches: bits that a 16550A does not have, or that Linux takes for another
 * chip; bytes that are lost, doubled or late.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "uart_port.h"

/* "Reset Configuration". */
static void reset_is_a_row_each(void **state)
{
	static const struct {
		__u8 reg, value;
	} rows[] = {
		{ UART_IER, 0 },
		{ UART_IIR, UART_IIR_NO_INT },
		{ UART_LCR, 0 },
		{ UART_MCR, 0 },
		{ UART_LSR, EMPTY },
		{ UART_MSR, UART_MSR_DCD | UART_MSR_DSR | UART_MSR_CTS },
		{ UART_RX, 0 },
	};
	unsigned int again, i;

	(void)state;
	for (again = 0; again < 2; again++) {
		assert_false(line);
		for (i = 0; i < SIZE(rows); i++)
			assert_int_equal(in(rows[i].reg), rows[i].value);
		assert_int_equal(uart_room(&uart), 1);

		/* Everything is something else, and then reset. */
		output_result = 242;
		out(UART_TX, 'x');
		out(UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_TRIGGER_14);
		out(UART_MCR, UART_MCR_LOOP);
		for (i = 0; i < 17; i++)
			out(UART_TX, 'x');
		out(UART_MCR, UART_MCR_OUT2);
		out(UART_IER, ALL_INTERRUPTS);
		out(UART_LCR, UART_LCR_DLAB | UART_LCR_WLEN8);
		assert_int_equal(uart.status, 242);
		assert_true(line);
		uart_reset(&uart);
		assert_int_equal(uart.status, 0);
	}
}

/* A divisor of 0 is what Linux, told of no speed, divides by. */
static void reset_leaves_a_speed(void **state)
{
	(void)state;
	out(UART_LCR, UART_LCR_DLAB);
	assert_int_equal(in(UART_DLL), 1);
	assert_int_equal(in(UART_DLM), 0);
}

/* "Summary of Registers": which bits are there. */
static void registers_keep_what_they_have(void **state)
{
	static const struct {
		__u8 reg, write, read;
	} rows[] = {
		{ UART_IER, 0xff, 0x0f }, { UART_IER, 0x05, 0x05 }, { UART_IER, 0x00, 0x00 },
		{ UART_LCR, 0xff, 0xff }, { UART_LCR, 0x55, 0x55 }, { UART_LCR, 0x00, 0x00 },
		{ UART_MCR, 0xef, 0x0f }, { UART_MCR, 0xf5, 0x15 }, { UART_MCR, 0x00, 0x00 },
		{ UART_SCR, 0xa5, 0xa5 }, { UART_SCR, 0x5a, 0x5a },
		/* Only read. */
		{ UART_LSR, 0x00, EMPTY }, { UART_LSR, 0x9f, EMPTY },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < SIZE(rows); i++) {
		out(rows[i].reg, rows[i].write);
		assert_int_equal(in(rows[i].reg), rows[i].read);
	}
	/* Here what the loop changed is read. */
	in(UART_MSR);
	out(UART_MSR, 0x0f);
	assert_int_equal(in(UART_MSR), 0xb0);
	/* No register is another. */
	assert_int_equal(in(UART_SCR), 0x5a);
}

static void divisor_is_behind_dlab(void **state)
{
	(void)state;
	out(UART_IER, UART_IER_MSI);
	out(UART_FCR, UART_FCR_ENABLE_FIFO);
	input(1);
	out(UART_LCR, UART_LCR_DLAB);
	out(UART_DLL, 0x34);
	out(UART_DLM, 0x12);
	assert_int_equal(in(UART_DLL), 0x34);
	assert_int_equal(in(UART_DLM), 0x12);
	/* Others are what they were. */
	assert_int_equal(in(UART_IIR), FIFO_ON | UART_IIR_NO_INT);
	assert_int_equal(in(UART_LSR), EMPTY | UART_LSR_DR);
	out(UART_LCR, 0);
	assert_int_equal(nr_sent, 0);
	assert_int_equal(in(UART_IER), UART_IER_MSI);
	assert_int_equal(in(UART_RX), 'a');
	out(UART_LCR, UART_LCR_DLAB);
	assert_int_equal(in(UART_DLL), 0x34);
}

static void output_goes_at_once(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 256; i++) {
		out(UART_TX, i);
		assert_int_equal(nr_sent, i + 1);
		assert_int_equal((__u8)sent[i], i);
		assert_int_equal(in(UART_LSR), EMPTY);
	}
}

static void a_failure_is_kept(void **state)
{
	(void)state;
	output_result = 242;
	out(UART_TX, 'x');
	output_result = 1;
	out(UART_TX, 'y');
	assert_int_equal(uart.status, 242);
	assert_int_equal(nr_sent, 1);
	assert_int_equal(in(UART_LSR), EMPTY);
}

/* "Line Control Register", bit 6: the wire is held, the transmitter goes on. */
static void nothing_leaves_during_a_break(void **state)
{
	(void)state;
	out(UART_MCR, UART_MCR_OUT2);
	out(UART_LCR, UART_LCR_SBC | UART_LCR_WLEN8);
	out(UART_TX, 'x');
	assert_int_equal(nr_sent, 0);
	out(UART_IER, UART_IER_THRI);
	assert_int_equal(in(UART_IIR), UART_IIR_THRI);
	out(UART_TX, 'x');
	assert_int_equal(in(UART_IIR), UART_IIR_THRI);
	out(UART_LCR, UART_LCR_WLEN8);
	out(UART_TX, 'y');
	assert_int_equal(nr_sent, 1);
	assert_int_equal(sent[0], 'y');
	assert_int_equal(in(UART_LSR), EMPTY);
}

static void input_waits_for_room(void **state)
{
	unsigned int i;

	(void)state;
	assert_int_equal(uart_room(&uart), 1);
	assert_true(uart_input(&uart, 'a'));
	assert_int_equal(uart_room(&uart), 0);
	assert_false(uart_input(&uart, 'b'));
	assert_int_equal(in(UART_LSR), EMPTY | UART_LSR_DR);
	assert_int_equal(in(UART_RX), 'a');
	assert_int_equal(in(UART_LSR), EMPTY);

	out(UART_FCR, UART_FCR_ENABLE_FIFO);
	for (i = 0; i < 16; i++) {
		assert_int_equal(uart_room(&uart), 16 - i);
		assert_true(uart_input(&uart, 'A' + i));
	}
	assert_int_equal(uart_room(&uart), 0);
	assert_false(uart_input(&uart, 'z'));
	for (i = 0; i < 16; i++) {
		assert_int_equal(in(UART_LSR), EMPTY | UART_LSR_DR);
		assert_int_equal(in(UART_RX), 'A' + i);
	}
	assert_int_equal(in(UART_LSR), EMPTY);
	assert_int_equal(in(UART_RX), 0);
}

/* "FIFO Control Register", bits 0 to 2. */
static void fifos_are_cleared(void **state)
{
	static const struct {
		__u8 before, fcr;
		unsigned int room;
	} rows[] = {
		/* Each change of bit 0 clears. */
		{ 0, UART_FCR_ENABLE_FIFO, 16 },
		{ UART_FCR_ENABLE_FIFO, 0, 1 },
		{ UART_FCR_ENABLE_FIFO, UART_FCR_ENABLE_FIFO, 15 },
		{ 0, 0, 0 },
		{ UART_FCR_ENABLE_FIFO, UART_FCR_ENABLE_FIFO | UART_FCR_CLEAR_RCVR, 16 },
		{ UART_FCR_ENABLE_FIFO, UART_FCR_ENABLE_FIFO | UART_FCR_CLEAR_XMIT, 15 },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < SIZE(rows); i++) {
		bool kept = rows[i].room == 15 || !rows[i].room;

		out(UART_FCR, rows[i].before);
		in(UART_RX);
		input(1);
		out(UART_FCR, rows[i].fcr);
		assert_int_equal(uart_room(&uart), rows[i].room);
		assert_int_equal(in(UART_LSR), EMPTY | (kept ? UART_LSR_DR : 0));
		assert_int_equal(in(UART_IIR) & FIFO_ON, rows[i].fcr ? FIFO_ON : 0);
		/* A bit that clears is not kept: the next byte is not lost. */
		in(UART_RX);
		input(1);
		assert_int_equal(in(UART_RX), 'a');
	}
	/* Without bit 0, the trigger level is not set. */
	out(UART_FCR, UART_FCR_TRIGGER_14);
	out(UART_IER, UART_IER_RDI);
	input(1);
	assert_int_equal(in(UART_IIR), UART_IIR_RDI);
}

/* A wide access to the bus is one for each register. */
static void registers_have_eight_bits(void **state)
{
	__u16 both = 0x0c03;

	(void)state;
	assert_true(bus_write(&bus, PORT + UART_LCR, &both, 2));
	assert_int_equal(in(UART_LCR), UART_LCR_WLEN8);
	assert_int_equal(in(UART_MCR), UART_MCR_OUT1 | UART_MCR_OUT2);
	assert_true(bus_read(&bus, PORT + UART_LSR, &both, 2));
	assert_int_equal(both, 0xb060);
}

/* What Linux's size_fifo() counts: 16 is a 16550A, 64 another chip. */
static unsigned int size_of_fifo(void)
{
	unsigned int nr;

	out(UART_LCR, 0);
	out(UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_CLEAR_RCVR | UART_FCR_CLEAR_XMIT);
	out(UART_MCR, UART_MCR_LOOP);
	out(UART_LCR, UART_LCR_DLAB);
	out(UART_DLL, 1);
	out(UART_DLM, 0);
	out(UART_LCR, UART_LCR_WLEN8);
	for (nr = 0; nr < 256; nr++)
		out(UART_TX, nr);
	for (nr = 0; in(UART_LSR) & UART_LSR_DR && nr < 256; nr++)
		assert_int_equal(in(UART_RX), nr);
	out(UART_MCR, 0);
	return nr;
}

/* The steps of Linux's autoconfig() and autoconfig_16550a(), with all variants. */
static void linux_finds_a_16550a(void **state)
{
	__u8 plain, behind_dlab;

	(void)state;
	/* There is a UART. */
	out(UART_IER, 0);
	assert_int_equal(in(UART_IER), 0);
	out(UART_IER, 0x0f);
	assert_int_equal(in(UART_IER), 0x0f);
	out(UART_IER, 0);
	out(UART_MCR, UART_MCR_LOOP | UART_MCR_OUT2 | UART_MCR_RTS);
	assert_int_equal(in(UART_MSR) & 0xf0, UART_MSR_DCD | UART_MSR_CTS);
	out(UART_MCR, 0);

	/* Not an 8250, which has no scratch register, nor a 16450 or 16550. */
	out(UART_SCR, 0xa5);
	assert_int_equal(in(UART_SCR), 0xa5);
	out(UART_SCR, 0x5a);
	assert_int_equal(in(UART_SCR), 0x5a);
	out(UART_LCR, UART_LCR_CONF_MODE_B);
	out(UART_EFR, 0);
	out(UART_LCR, 0);
	out(UART_FCR, UART_FCR_ENABLE_FIFO);
	assert_int_equal(in(UART_IIR) >> 6, 3);

	/* No EFR, in either bank. */
	out(UART_LCR, UART_LCR_CONF_MODE_A);
	assert_int_not_equal(in(UART_EFR), 0);
	out(UART_LCR, UART_LCR_CONF_MODE_B);
	assert_int_not_equal(in(UART_EFR), 0);

	/* A SuperIO of National has MCR's LOOP in EXCR1, bank 2. */
	out(UART_LCR, 0xe0);
	plain = in(UART_IIR);
	out(UART_LCR, 0);
	out(UART_MCR, UART_MCR_LOOP);
	out(UART_LCR, 0xe0);
	assert_int_equal((in(UART_IIR) ^ plain) & UART_MCR_LOOP, 0);
	out(UART_LCR, 0);
	out(UART_MCR, 0);

	/* A 16750 has FIFOs of 64. */
	out(UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR7_64BYTE);
	plain = in(UART_IIR) >> 5;
	out(UART_FCR, UART_FCR_ENABLE_FIFO);
	out(UART_LCR, UART_LCR_CONF_MODE_A);
	out(UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR7_64BYTE);
	behind_dlab = in(UART_IIR) >> 5;
	out(UART_FCR, UART_FCR_ENABLE_FIFO);
	out(UART_LCR, 0);
	assert_int_equal(plain, 6);
	assert_int_equal(behind_dlab, 6);

	/* An XScale keeps bit 6 of IER. */
	out(UART_IER, UART_IER_UUE);
	assert_int_equal(in(UART_IER) & UART_IER_UUE, 0);
	assert_int_equal(size_of_fifo(), 16);
	assert_int_equal(nr_sent, 0);
}

/* The tests of Linux's serial8250_do_startup(): no UART_BUG_THRE, no UART_BUG_TXEN. */
static void linux_finds_no_bug(void **state)
{
	unsigned int i;

	(void)state;
	out(UART_FCR, UART_FCR_ENABLE_FIFO);
	out(UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_CLEAR_RCVR | UART_FCR_CLEAR_XMIT);
	out(UART_FCR, 0);
	in(UART_LSR);
	in(UART_RX);
	in(UART_IIR);
	in(UART_MSR);
	assert_int_not_equal(in(UART_LSR), 0xff);
	for (i = 0; i < 3; i++) {
		out(UART_IER, UART_IER_THRI);
		assert_true(in(UART_LSR) & UART_LSR_TEMT);
		assert_int_equal(in(UART_IIR), UART_IIR_THRI);
		out(UART_IER, 0);
		assert_int_equal(in(UART_IIR), UART_IIR_NO_INT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reset_is_a_row_each),
		TEST(reset_leaves_a_speed),
		TEST(registers_keep_what_they_have),
		TEST(divisor_is_behind_dlab),
		TEST(output_goes_at_once),
		TEST(a_failure_is_kept),
		TEST(nothing_leaves_during_a_break),
		TEST(input_waits_for_room),
		TEST(fifos_are_cleared),
		TEST(registers_have_eight_bits),
		TEST(linux_finds_a_16550a),
		TEST(linux_finds_no_bug),
	};

	return cmocka_run_group_tests_name("uart", tests, NULL, NULL);
}
