// SPDX-License-Identifier: GPL-2.0
/*
 * Between UART and console: when a guest gets its input, when its output goes out, and
 * how many accesses a byte costs. Needs no VT-x.
 *
 * Breakage it catches: input that a driver drops while it sets the UART up; a guest that
 * polls and gets nothing; output that stays; a driver that needs more interrupts.
 */
#include <signal.h>
#include <linux/serial_reg.h>

#include "../../userspace/serial_ports.h"
#include "line_ends.h"

#define PORT		0x3f8
#define SECOND		0x2f8
#define IRQ		4
#define SECOND_IRQ	3
#define LOOK		10000000

static struct consoles consoles;
static struct serial_ports ports;
static struct pic pic;
static struct bus bus;
static __u64 time_now;
static unsigned int accesses;

static __u64 now(void *arg)
{
	assert_ptr_equal(arg, &time_now);
	return time_now;
}

static void out_at(__u16 port, unsigned int size, __u64 value)
{
	accesses++;
	assert_true(bus_write(&bus, port, &value, size));
}

static __u8 in_at(__u16 port)
{
	__u8 value;

	accesses++;
	assert_true(bus_read(&bus, port, &value, 1));
	return value;
}

static void out(unsigned int reg, __u8 value)
{
	out_at(PORT + reg, 1, value);
}

static __u8 in(unsigned int reg)
{
	return in_at(PORT + reg);
}

static int setup(void **state)
{
	const struct clock clock = { now, &time_now };

	(void)state;
	memset(&consoles, 0, sizeof(consoles));
	bus = (struct bus){ .name = "port" };
	if (open_ends())
		return -1;
	console_init(&consoles.standard, "a console", keys[0], screen[1]);
	console_init(&consoles.own[0], NULL, -1, -1);
	console_init(&consoles.own[1], "nowhere", -1, -1);
	consoles.ports[0] = &consoles.standard;
	consoles.ports[1] = &consoles.own[1];
	consoles.nr_ports = 2;
	pic_init(&pic);
	time_now = 1;
	return serial_ports_open(&ports, &consoles, &bus, &pic, &clock);
}

/* Interrupts of the UARTs, as the processor would get them. */
static void unmask(void)
{
	static const __u8 init[][2] = {
		{ 0x11, 0x11 }, { 0x30, 0x38 }, { 0x04, 0x02 }, { 0x01, 0x01 },
	};
	unsigned int i;

	for (i = 0; i < 4; i++) {
		chip_ops.write(&pic.chips[0], i > 0, init[i][0], 1);
		chip_ops.write(&pic.chips[1], i > 0, init[i][1], 1);
	}
	chip_ops.write(&pic.chips[0], 1, 0xe7, 1);
}

/* ------------------------- input of a simple guest ------------------------ */

static void a_simple_guest_gets_it_at_once(void **state)
{
	(void)state;
	type("ab");
	assert_true(in(UART_LSR) & UART_LSR_DR);
	assert_int_equal(in(UART_RX), 'a');
	assert_true(in(UART_LSR) & UART_LSR_DR);
	assert_int_equal(in(UART_RX), 'b');
	assert_false(in(UART_LSR) & UART_LSR_DR);
	/* Or without a question. */
	type("c");
	assert_int_equal(in(UART_RX), 'c');
	close(keys[1]);
	assert_true(in(UART_LSR) & UART_LSR_DR);
	assert_int_equal(in(UART_RX), 4);
	assert_false(in(UART_LSR) & UART_LSR_DR);
	assert_false(in(UART_LSR) & UART_LSR_DR);
}

/* Nor is it taken for a look at what is no input: the divisor has the register of it. */
static void only_a_look_takes_input(void **state)
{
	(void)state;
	type("a");
	in(UART_IIR);
	in(UART_MSR);
	assert_int_equal(uart_room(&ports.ports[0].uart), 1);
	ports.ports[0].uart.lcr = UART_LCR_DLAB;
	in(UART_DLL);
	assert_int_equal(uart_room(&ports.ports[0].uart), 1);
	ports.ports[0].uart.lcr = 0;
	assert_int_equal(in(UART_RX), 'a');
}

/* What it has printed is seen before it waits for an answer. */
static void a_question_is_seen(void **state)
{
	(void)state;
	out(UART_TX, '?');
	in(UART_LSR);
	assert_seen("");
	in(UART_LSR);
	assert_seen("?");
}

/* ------------------------- input of a driver ------------------------------ */

struct access {
	char op;		/* r: read, w: write */
	__u8 reg, value;
};

/*
 * What Linux 6.1 does, with earlyprintk=ttyS0: arch/x86/kernel/early_printk.c, then
 * drivers/tty/serial/8250/8250_port.c: autoconfig(), serial8250_set_mctrl() for the
 * console, serial8250_console_write(), serial8250_do_startup(). The speed is left out.
 */
static const struct access linux_starts[] = {
	{ 'w', UART_LCR, 3 }, { 'w', UART_IER, 0 }, { 'w', UART_FCR, 0 }, { 'w', UART_MCR, 3 },
	{ 'r', UART_LSR, 0 }, { 'w', UART_TX, 'e' }, { 'r', UART_LSR, 0 }, { 'w', UART_TX, '\n' },
	/* autoconfig() */
	{ 'r', UART_IER, 0 }, { 'w', UART_IER, 0 }, { 'r', UART_IER, 0 },
	{ 'w', UART_IER, 15 }, { 'r', UART_IER, 0 }, { 'w', UART_IER, 0 },
	{ 'r', UART_MCR, 0 }, { 'r', UART_LCR, 0 },
	{ 'w', UART_MCR, 0x1a }, { 'r', UART_MSR, 0 }, { 'w', UART_MCR, 3 },
	{ 'w', UART_LCR, 0xbf }, { 'r', UART_FCR, 0 }, { 'w', UART_LCR, 0 },
	{ 'w', UART_FCR, 1 }, { 'r', UART_IIR, 0 },
	{ 'w', UART_FCR, 1 }, { 'w', UART_FCR, 7 }, { 'w', UART_FCR, 0 },
	{ 'r', UART_RX, 0 }, { 'w', UART_IER, 0 },
	/* DTR, for the console, and its messages. */
	{ 'w', UART_MCR, 1 },
	{ 'r', UART_IER, 0 }, { 'w', UART_IER, 0 },
	{ 'r', UART_LSR, 0 }, { 'w', UART_TX, 'm' }, { 'r', UART_LSR, 0 }, { 'w', UART_TX, '\n' },
	{ 'r', UART_LSR, 0 }, { 'w', UART_IER, 0 },
	/* serial8250_do_startup() */
	{ 'w', UART_FCR, 1 }, { 'w', UART_FCR, 7 }, { 'w', UART_FCR, 0 },
	{ 'r', UART_LSR, 0 }, { 'r', UART_RX, 0 }, { 'r', UART_IIR, 0 }, { 'r', UART_MSR, 0 },
	{ 'r', UART_LSR, 0 }, { 'r', UART_LSR, 0 },
	{ 'w', UART_IER, 2 }, { 'r', UART_IIR, 0 }, { 'w', UART_IER, 0 },
	{ 'w', UART_IER, 2 }, { 'r', UART_IIR, 0 }, { 'w', UART_IER, 0 },
	{ 'w', UART_LCR, 3 }, { 'w', UART_MCR, 0x0b },
	{ 'w', UART_IER, 2 }, { 'r', UART_LSR, 0 }, { 'r', UART_IIR, 0 }, { 'w', UART_IER, 0 },
	{ 'r', UART_LSR, 0 }, { 'r', UART_RX, 0 }, { 'r', UART_IIR, 0 }, { 'r', UART_MSR, 0 },
	/* serial8250_do_set_termios() */
	{ 'w', UART_FCR, 0x81 }, { 'w', UART_MCR, 0x0b },
};

static void start_linux(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(linux_starts) / sizeof(linux_starts[0]); i++) {
		const struct access *access = &linux_starts[i];

		if (access->op == 'w')
			out(access->reg, access->value);
		else
			in(access->reg);
		time_now += LOOK;
		serial_ports_run(&ports);
	}
}

static void assert_received(const char *text)
{
	for (; *text; text++) {
		assert_true(in(UART_LSR) & UART_LSR_DR);
		assert_int_equal(in(UART_RX), *text);
	}
}

static void what_comes_early_is_not_lost(void **state)
{
	(void)state;
	unmask();
	type("typed ahead, more than is in a FIFO");
	start_linux();
	out(UART_IER, UART_IER_RDI | UART_IER_RLSI);
	time_now += LOOK;
	serial_ports_run(&ports);
	assert_true(pic_pending(&pic));
	assert_received("typed ahead, more than is in a FIFO");
	assert_false(in(UART_LSR) & UART_LSR_DR);
}

/* Of Linux, too: the interrupt is there, but masked, when the FIFO is enabled, and cleared. */
static void nothing_comes_while_interrupts_are_masked(void **state)
{
	(void)state;
	unmask();
	type("ahead");
	out(UART_MCR, UART_MCR_OUT2);
	ports.masked = true;
	out(UART_IER, UART_IER_RDI);
	time_now += LOOK;
	serial_ports_run(&ports);
	out(UART_FCR, UART_FCR_ENABLE_FIFO);
	serial_ports_run(&ports);
	ports.masked = false;
	serial_ports_run(&ports);
	assert_received("ahead");
}

/* Nobody who waits for the transmitter asks so often. */
static void a_driver_that_polls_shows_it(void **state)
{
	(void)state;
	type("abc");
	out(UART_LCR, 3);
	out(UART_MCR, 3);
	assert_false(in(UART_LSR) & UART_LSR_DR);
	assert_false(in(UART_LSR) & UART_LSR_DR);
	out(UART_TX, 'x');
	assert_false(in(UART_LSR) & UART_LSR_DR);
	assert_false(in(UART_LSR) & UART_LSR_DR);
	assert_received("ab");
	/* With echo, too; but not once another driver takes over. */
	out(UART_TX, 'b');
	assert_received("c");
	type("d");
	out(UART_FCR, 7);
	assert_false(in(UART_LSR) & UART_LSR_DR);
}

/* Its interrupt is enabled, but it does not wait for it. */
static void a_driver_may_do_both(void **state)
{
	(void)state;
	out(UART_IER, UART_IER_RDI);
	out(UART_MCR, UART_MCR_OUT2);
	type("abc");
	in(UART_LSR);
	in(UART_LSR);
	assert_received("abc");
}

static void a_loop_is_not_fed(void **state)
{
	(void)state;
	type("abc");
	out(UART_MCR, UART_MCR_LOOP);
	out(UART_TX, 'x');
	in(UART_SCR);
	assert_int_equal(in(UART_RX), 'x');
	assert_int_equal(in(UART_LSR) & UART_LSR_DR, 0);
	in(UART_LSR);
	in(UART_LSR);
	assert_int_equal(in(UART_LSR) & UART_LSR_DR, 0);
	out(UART_MCR, 0);
	in(UART_LSR);
	in(UART_LSR);
	assert_received("abc");
}

static void a_break_comes_in_its_place(void **state)
{
	(void)state;
	consoles.standard.escapes = true;
	type("a\1bt");
	assert_int_equal(in(UART_LSR) & (UART_LSR_DR | UART_LSR_BI), UART_LSR_DR);
	assert_int_equal(in(UART_RX), 'a');
	assert_int_equal(in(UART_LSR) & (UART_LSR_DR | UART_LSR_BI), UART_LSR_DR | UART_LSR_BI);
	assert_int_equal(in(UART_RX), 0);
	assert_received("t");
}

/* ------------------------- time ------------------------------------------- */

/* A guest that prints and then spins. */
static void output_is_seen_in_time(void **state)
{
	(void)state;
	assert_int_equal(serial_ports_next(&ports), CLOCK_NEVER);
	out(UART_TX, 'a');
	serial_ports_run(&ports);
	assert_seen("a");
	assert_int_equal(serial_ports_next(&ports), CLOCK_NEVER);
	out(UART_TX, 'b');
	out(UART_TX, 'c');
	serial_ports_run(&ports);
	assert_seen("");
	assert_int_equal(serial_ports_next(&ports), time_now + LOOK);
	time_now += LOOK - 1;
	serial_ports_run(&ports);
	assert_seen("");
	time_now++;
	serial_ports_run(&ports);
	assert_seen("bc");
	assert_int_equal(serial_ports_next(&ports), CLOCK_NEVER);
}

static void a_keyboard_is_watched(void **state)
{
	(void)state;
	consoles.standard.escapes = true;
	serial_ports_run(&ports);
	assert_int_equal(serial_ports_next(&ports), time_now + LOOK);
	type("\1x");
	serial_ports_run(&ports);
	assert_int_equal(consoles_status(&consoles), 0);
	time_now += LOOK;
	serial_ports_run(&ports);
	assert_int_not_equal(consoles_status(&consoles), 0);
}

static void who_halts_is_woken_by_input(void **state)
{
	struct pollfd polls[MAX_SERIAL];

	(void)state;
	assert_false(serial_ports_want_input(&ports));
	out(UART_IER, UART_IER_RDI);
	out(UART_MCR, UART_MCR_OUT2);
	assert_false(serial_ports_want_input(&ports));
	unmask();
	assert_true(serial_ports_want_input(&ports));
	assert_int_equal(serial_ports_poll(&ports, polls), CLOCK_NEVER);
	assert_int_equal(polls[0].fd, keys[0]);
	assert_int_equal(polls[1].fd, -1);
	/* Who is away is looked for. */
	consoles.standard.away = true;
	assert_int_equal(serial_ports_poll(&ports, polls), time_now + LOOK);
	assert_int_equal(polls[0].fd, -1);
	/* The end, which is a byte, and then nothing. */
	consoles.standard.away = false;
	close(keys[1]);
	time_now += LOOK;
	serial_ports_run(&ports);
	assert_true(pic_pending(&pic));
	assert_int_equal(in(UART_RX), 4);
	assert_false(serial_ports_want_input(&ports));
}

/* ------------------------- ports ------------------------------------------ */

static void the_second_port_is_another(void **state)
{
	(void)state;
	unmask();
	type("a");
	assert_true(in_at(SECOND + UART_LSR) & UART_LSR_DR);
	assert_int_equal(in_at(SECOND + UART_RX), 4);
	assert_false(in_at(SECOND + UART_LSR) & UART_LSR_DR);
	out_at(SECOND + UART_TX, 1, 'x');
	consoles_flush(&consoles);
	assert_seen("");
	out_at(SECOND + UART_MCR, 1, UART_MCR_OUT2);
	out_at(SECOND + UART_IER, 1, UART_IER_THRI);
	assert_true(pic_pending(&pic));
	assert_int_equal(pic_acknowledge(&pic), 0x30 + SECOND_IRQ);
}

/* ------------------------- what a byte costs ------------------------------ */

/* As serial8250_handle_irq() does it; true: there was something. */
static bool handle_interrupt(unsigned int *left)
{
	unsigned int i;

	if (in(UART_IIR) & UART_IIR_NO_INT)
		return false;
	if (in(UART_LSR) & UART_LSR_THRE) {
		in(UART_MSR);
		if (!*left)
			out(UART_IER, UART_IER_RDI);
		for (i = 0; i < 16 && *left; i++, --*left)
			out(UART_TX, 'x');
		if (!*left)
			out(UART_IER, UART_IER_RDI);
	}
	return true;
}

/* One interrupt for all of it, and three more accesses for 16 bytes. */
static void linux_sends_cheaply(void **state)
{
	unsigned int left = 1600, interrupts = 0;

	(void)state;
	unmask();
	start_linux();
	serial_ports_run(&ports);
	accesses = 0;
	out(UART_IER, UART_IER_RDI | UART_IER_THRI);
	while (pic_pending(&pic)) {
		assert_int_equal(pic_acknowledge(&pic), 0x30 + IRQ);
		interrupts++;
		while (handle_interrupt(&left))
			;
		chip_ops.write(&pic.chips[0], 0, 0x20, 1);
	}
	assert_int_equal(left, 0);
	assert_int_equal(interrupts, 1);
	assert_in_range(accesses, 1600, 1600 + 1600 / 16 * 3 + 10);
	assert_int_equal(consoles.standard.nr_output, 1600);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, close_ends)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_simple_guest_gets_it_at_once),
		TEST(only_a_look_takes_input),
		TEST(a_question_is_seen),
		TEST(what_comes_early_is_not_lost),
		TEST(nothing_comes_while_interrupts_are_masked),
		TEST(a_driver_that_polls_shows_it),
		TEST(a_driver_may_do_both),
		TEST(a_loop_is_not_fed),
		TEST(a_break_comes_in_its_place),
		TEST(output_is_seen_in_time),
		TEST(a_keyboard_is_watched),
		TEST(who_halts_is_woken_by_input),
		TEST(the_second_port_is_another),
		TEST(linux_sends_cheaply),
	};

	return cmocka_run_group_tests_name("serial", tests, NULL, NULL);
}
