// SPDX-License-Identifier: GPL-2.0
/*
 * The two interrupt controllers of a PC, against the Intel 8259A data sheet, order
 * 231468, and as kernels use them.
 *
 * Breakage it catches: a slave's request that the master does not see, or sees once too
 * often, a slave's vector of the master, a level not taken again, a poll that is no
 * acknowledge.
 */
#include "pic.h"

/* As Linux's probe_8259A() and init_8259A() do it. */
static void linux_finds_it(void **state)
{
	unsigned int line;

	(void)state;
	out(SLAVE + 1, 0xff);
	out(MASTER + 1, 0xfb);
	assert_int_equal(in(MASTER + 1), 0xfb);

	out(MASTER + 1, 0xff);
	init_chip(MASTER, 0x11, 0x30, 0x04, 0x01);
	init_chip(SLAVE, 0x11, 0x38, 0x02, 0x01);
	out(MASTER + 1, 0xfb);
	out(SLAVE + 1, 0xff);
	for (line = 0; line < PIC_NR_LINES; line++) {
		if (line == 2)
			continue;
		raise(line);
		assert_int_equal(taken(), -1);
		if (line < 8)
			out(MASTER + 1, 0xfb & ~(1 << line));
		else
			out(SLAVE + 1, 0xff & ~(1 << (line - 8)));
		assert_int_equal(taken(), 0x30 + line);
		/* As mask_and_ack_8259A(): mask, then end it, the slave's first. */
		if (line < 8) {
			out(MASTER + 1, 0xfb);
			out(MASTER, SPECIFIC_EOI + line);
		} else {
			out(SLAVE + 1, 0xff);
			out(SLAVE, SPECIFIC_EOI + (line & 7));
			out(MASTER, SPECIFIC_EOI + 2);
		}
		assert_int_equal(isr(MASTER), 0);
		assert_int_equal(isr(SLAVE), 0);
		assert_int_equal(taken(), -1);
		lower(line);
	}
}

/* As xv6 for PCs did: automatic EOI, base 32, special mask mode, reads of the IRR. */
static void teaching_kernel_finds_it(void **state)
{
	(void)state;
	out(MASTER + 1, 0xff);
	out(SLAVE + 1, 0xff);
	init_chip(MASTER, 0x11, 32, 0x04, 0x03);
	init_chip(SLAVE, 0x11, 40, 0x02, 0x03);
	out(MASTER, SPECIAL_MASK);
	out(MASTER, READ_IRR);
	out(SLAVE, SPECIAL_MASK);
	out(SLAVE, READ_IRR);
	out(MASTER + 1, 0xf8);
	out(SLAVE + 1, 0xbf);
	raise(1);
	raise(14);
	assert_int_equal(in(MASTER), 0x06);
	assert_int_equal(in(SLAVE), 0x40);
	assert_int_equal(taken(), 33);
	assert_int_equal(taken(), 46);
	assert_int_equal(taken(), -1);
	pulse(14);
	assert_int_equal(taken(), 46);
}

static void levels_come_again(void **state)
{
	(void)state;
	out(ELCR, 0xff);
	out(ELCR + 1, 0xff);
	assert_int_equal(in(ELCR), 0xf8);
	assert_int_equal(in(ELCR + 1), 0xde);
	out(ELCR, 0x20);
	out(ELCR + 1, 0x08);
	raise(5);
	raise(11);
	assert_int_equal(taken(), 0x2b);
	assert_int_equal(irr(SLAVE), 0x08);
	assert_int_equal(taken(), -1);
	out(SLAVE, EOI);
	out(MASTER, EOI);
	assert_int_equal(taken(), 0x2b);
	lower(11);
	out(SLAVE, EOI);
	out(MASTER, EOI);
	assert_int_equal(taken(), 0x25);
	lower(5);
	assert_int_equal(irr(MASTER), 0);
	out(MASTER, EOI);
	assert_int_equal(taken(), -1);
	/* The others count edges. */
	raise(4);
	assert_int_equal(taken(), 0x24);
	out(MASTER, EOI);
	assert_int_equal(taken(), -1);
	/* ICW1's LTIM is for all. */
	init_chip(MASTER, 0x19, 0x20, 0x04, 0x01);
	assert_int_equal(taken(), 0x24);
	out(MASTER, EOI);
	assert_int_equal(taken(), 0x24);
}

static void slave_has_the_priority_of_its_input(void **state)
{
	(void)state;
	raise(15);
	raise(8);
	raise(3);
	raise(1);
	assert_int_equal(irr(MASTER), 0x0e);
	assert_int_equal(irr(SLAVE), 0x81);
	assert_int_equal(taken(), 0x21);
	out(MASTER, EOI);
	assert_int_equal(taken(), 0x28);
	assert_int_equal(isr(MASTER), 0x04);
	assert_int_equal(isr(SLAVE), 0x01);
	out(SLAVE, EOI);
	assert_int_equal(taken(), -1);
	out(MASTER, EOI);
	assert_int_equal(taken(), 0x2f);
	out(MASTER, EOI);
	/* The slave's is not ended: 15 holds off itself only. */
	assert_int_equal(taken(), 0x23);
	raise(14);
	out(MASTER, EOI);
	assert_int_equal(taken(), 0x2e);
}

static void slave_waits_for_both_ends(void **state)
{
	(void)state;
	raise(12);
	assert_int_equal(taken(), 0x2c);
	/* Higher at the slave, but the master's input is in service. */
	raise(9);
	assert_int_equal(taken(), -1);
	out(MASTER, EOI);
	assert_int_equal(taken(), 0x29);
	assert_int_equal(isr(SLAVE), 0x12);
}

static void special_nesting_lets_the_slave_in(void **state)
{
	(void)state;
	init_both(0x11, 0x01);
	raise(12);
	assert_int_equal(taken(), 0x2c);
	raise(13);
	raise(4);
	assert_int_equal(taken(), -1);
	raise(9);
	assert_int_equal(taken(), 0x29);
	assert_int_equal(isr(SLAVE), 0x12);
	/* As the data sheet has it: the master's ends when the slave has none. */
	out(SLAVE, EOI);
	assert_int_not_equal(isr(SLAVE), 0);
	assert_int_equal(taken(), -1);
	out(SLAVE, EOI);
	assert_int_equal(isr(SLAVE), 0);
	assert_int_equal(taken(), 0x2d);
	out(SLAVE, EOI);
	out(MASTER, EOI);
	assert_int_equal(taken(), 0x24);
	/* It is not for inputs without a slave. */
	pulse(4);
	assert_int_equal(taken(), -1);
}

/* In automatic EOI mode the slave's output pulses, or the master would miss one. */
static void slave_pulses(void **state)
{
	(void)state;
	init_both(0x03, 0x03);
	raise(9);
	raise(10);
	raise(11);
	assert_int_equal(taken(), 0x29);
	assert_int_equal(taken(), 0x2a);
	assert_int_equal(taken(), 0x2b);
	assert_int_equal(taken(), -1);
}

static void slave_answers_to_its_number(void **state)
{
	(void)state;
	init_chip(SLAVE, 0x11, 0x28, 0x03, 0x01);
	raise(9);
	assert_int_equal(taken(), 0xff);
	assert_int_equal(isr(SLAVE), 0);
	/* A master that does not know of it gives a vector of its own. */
	init_both(0x01, 0x01);
	init_chip(MASTER, 0x11, 0x20, 0x00, 0x01);
	pulse(9);
	assert_int_equal(taken(), 0x22);
}

static void spurious_of_the_slave_is_in_service_at_the_master(void **state)
{
	(void)state;
	raise(12);
	lower(12);
	assert_int_equal(taken(), 0x2f);
	assert_int_equal(isr(SLAVE), 0);
	assert_int_equal(isr(MASTER), 0x04);
	out(MASTER, SPECIFIC_EOI + 2);
	assert_int_equal(taken(), -1);
	raise(15);
	assert_int_equal(taken(), 0x2f);
	assert_int_equal(isr(SLAVE), 0x80);
}

static void polls_acknowledge(void **state)
{
	(void)state;
	out(MASTER + 1, 0x01);
	out(MASTER, POLL);
	assert_int_equal(in(MASTER), 0);
	raise(6);
	raise(3);
	out(MASTER, READ_ISR);
	out(MASTER, POLL);
	assert_int_equal(in(MASTER), 0x83);
	/* Once; then the port reads as before. */
	assert_int_equal(in(MASTER), 0x08);
	assert_int_equal(taken(), -1);
	out(MASTER, EOI);
	/* Any read of the chip. */
	out(MASTER, POLL);
	assert_int_equal(in(MASTER + 1), 0x86);
	assert_int_equal(in(MASTER + 1), 0x01);
	out(MASTER, EOI);
	/* The slave's is a poll of its own. */
	raise(13);
	out(MASTER, POLL);
	assert_int_equal(in(MASTER), 0x82);
	out(SLAVE, POLL);
	assert_int_equal(in(SLAVE), 0x85);
	assert_int_equal(isr(SLAVE), 0x20);
	out(SLAVE, EOI);
	out(MASTER, EOI);
	assert_int_equal(taken(), -1);
}

static void wires_lead_to_it(void **state)
{
	const struct irq irq = { pic_set, &pic, 14 };

	(void)state;
	irq_set(&irq, true);
	assert_int_equal(taken(), 0x2e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(linux_finds_it, setup),
		cmocka_unit_test_setup(teaching_kernel_finds_it, setup),
		cmocka_unit_test_setup(levels_come_again, setup_init),
		cmocka_unit_test_setup(slave_has_the_priority_of_its_input, setup_init),
		cmocka_unit_test_setup(slave_waits_for_both_ends, setup_init),
		cmocka_unit_test_setup(special_nesting_lets_the_slave_in, setup_init),
		cmocka_unit_test_setup(slave_pulses, setup_init),
		cmocka_unit_test_setup(slave_answers_to_its_number, setup_init),
		cmocka_unit_test_setup(spurious_of_the_slave_is_in_service_at_the_master,
				       setup_init),
		cmocka_unit_test_setup(polls_acknowledge, setup_init),
		cmocka_unit_test_setup(wires_lead_to_it, setup_init),
	};

	return cmocka_run_group_tests_name("pic_cascade", tests, NULL, NULL);
}
