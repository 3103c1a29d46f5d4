// SPDX-License-Identifier: GPL-2.0
/*
 * The interrupt controllers, against the Intel 8259A data sheet, order 231468.
 *
 * Breakage it catches: a command word that is taken for another, a vector off by one,
 * an interrupt that comes in spite of its mask or of one in service, an end of interrupt
 * that ends the wrong one, an edge taken twice or lost, a level not taken again, a
 * slave's request that the master does not see, a spurious interrupt that is in service.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../userspace/devices/irq.h"
#include "../../userspace/devices/pic.h"

#define MASTER		0x20
#define SLAVE		0xa0
#define ELCR		0x4d0

#define EOI		0x20
#define SPECIFIC_EOI	0x60
#define ROTATE_EOI	0xa0
#define ROTATE_SPECIFIC	0xe0
#define SET_PRIORITY	0xc0
#define ROTATE_AEOI	0x80
#define NO_ROTATE_AEOI	0x00

#define READ_IRR	0x0a
#define READ_ISR	0x0b
#define POLL		0x0c
#define SPECIAL_MASK	0x68
#define NO_SPECIAL_MASK	0x48

static struct pic pic;
static struct bus bus;

static void out(unsigned int port, __u8 value)
{
	assert_true(bus_write(&bus, port, &value, 1));
}

static __u8 in(unsigned int port)
{
	__u8 value;

	assert_true(bus_read(&bus, port, &value, 1));
	return value;
}

static __u8 irr(unsigned int port)
{
	out(port, READ_IRR);
	return in(port);
}

static __u8 isr(unsigned int port)
{
	out(port, READ_ISR);
	return in(port);
}

static void raise(unsigned int line)
{
	pic_set(&pic, line, true);
}

static void lower(unsigned int line)
{
	pic_set(&pic, line, false);
}

static void pulse(unsigned int line)
{
	lower(line);
	raise(line);
}

/* The processor takes one: its vector; -1: there is none. */
static int taken(void)
{
	return pic_pending(&pic) ? pic_acknowledge(&pic) : -1;
}

static void init_chip(unsigned int port, __u8 icw1, __u8 base, __u8 icw3, __u8 icw4)
{
	out(port, icw1);
	out(port + 1, base);
	if (!(icw1 & 2))
		out(port + 1, icw3);
	if (icw1 & 1)
		out(port + 1, icw4);
}

/* With vectors from 0x20 and 0x28; nothing is masked. */
static void init_both(__u8 master_icw4, __u8 slave_icw4)
{
	init_chip(MASTER, 0x11, 0x20, 0x04, master_icw4);
	init_chip(SLAVE, 0x11, 0x28, 0x02, slave_icw4);
}

static int setup(void **state)
{
	const struct bus_claim claims[] = {
		{ "pic", PIC_MASTER_PORT, PIC_NR_PORTS, &pic_ops, &pic.chips[0] },
		{ "pic", PIC_SLAVE_PORT, PIC_NR_PORTS, &pic_ops, &pic.chips[1] },
		{ "elcr", PIC_ELCR_PORT, 2, &pic_elcr_ops, &pic },
	};
	unsigned int i;

	(void)state;
	bus = (struct bus){ .name = "port" };
	pic_init(&pic);
	for (i = 0; i < 3; i++)
		assert_int_equal(bus_claim(&bus, &claims[i]), 0);
	return 0;
}

static int setup_init(void **state)
{
	setup(state);
	init_both(0x01, 0x01);
	return 0;
}

static void starts_as_a_bios_leaves_it(void **state)
{
	(void)state;
	assert_int_equal(in(MASTER + 1), 0xff);
	assert_int_equal(in(SLAVE + 1), 0xff);
	raise(0);
	raise(12);
	assert_int_equal(taken(), -1);
	out(MASTER + 1, 0);
	out(SLAVE + 1, 0);
	assert_int_equal(taken(), 0x08);
	out(MASTER, EOI);
	assert_int_equal(taken(), 0x74);
}

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

static void icw1_starts_anew(void **state)
{
	(void)state;
	raise(1);
	raise(5);
	assert_int_equal(taken(), 0x21);
	out(MASTER + 1, 0x55);
	out(MASTER, SET_PRIORITY + 3);
	out(MASTER, SPECIAL_MASK);
	out(MASTER, READ_ISR);
	out(MASTER, 0x11);
	/* Not ready, and the second port is of ICW2 to 4. */
	assert_false(pic_pending(&pic));
	pulse(3);
	assert_false(pic_pending(&pic));
	out(MASTER + 1, 0x47);
	out(MASTER + 1, 0x04);
	assert_false(pic_pending(&pic));
	out(MASTER + 1, 0x01);
	assert_int_equal(in(MASTER + 1), 0);
	/* The IRR again; 1 and 5 have to rise anew. */
	assert_int_equal(in(MASTER), 0x08);
	assert_int_equal(taken(), 0x43);
	assert_int_equal(isr(MASTER), 0x08);
	pulse(1);
	assert_int_equal(taken(), 0x41);
	out(MASTER, EOI);
	out(MASTER, EOI);
	/* The lowest three bits of ICW2 are not of the vector; priorities as ever. */
	pulse(0);
	pulse(4);
	assert_int_equal(taken(), 0x40);
}

static void icw3_and_icw4_are_optional(void **state)
{
	(void)state;
	init_chip(MASTER, 0x12, 0x50, 0, 0);
	out(MASTER + 1, 0xf0);
	assert_int_equal(in(MASTER + 1), 0xf0);
	raise(1);
	assert_int_equal(taken(), 0x51);
	/* Without ICW4, no automatic EOI, though it was on. */
	init_chip(MASTER, 0x13, 0x50, 0, 0x03);
	pulse(1);
	assert_int_equal(taken(), 0x51);
	assert_int_equal(isr(MASTER), 0);
	init_chip(MASTER, 0x10, 0x50, 0x04, 0);
	out(MASTER + 1, 0xf0);
	pulse(1);
	assert_int_equal(taken(), 0x51);
	assert_int_equal(isr(MASTER), 0x02);
	/* Alone, its input 2 is as any other. */
	init_chip(MASTER, 0x13, 0x50, 0, 0x01);
	raise(9);
	assert_int_equal(taken(), 0x52);
}

static void masks_hold_off(void **state)
{
	(void)state;
	out(MASTER + 1, 0x12);
	assert_int_equal(in(MASTER + 1), 0x12);
	raise(1);
	raise(4);
	assert_int_equal(irr(MASTER), 0x12);
	assert_int_equal(taken(), -1);
	raise(5);
	assert_int_equal(taken(), 0x25);
	out(MASTER + 1, 0x10);
	assert_int_equal(taken(), 0x21);
	out(MASTER, EOI);
	out(MASTER + 1, 0);
	assert_int_equal(taken(), 0x24);
	/* The slave's way to the processor. */
	out(MASTER, EOI);
	out(MASTER, EOI);
	out(MASTER + 1, 0x04);
	raise(10);
	assert_int_equal(taken(), -1);
	out(MASTER + 1, 0);
	assert_int_equal(taken(), 0x2a);
}

/* Masked, and what is pending withdraws without a trace. */
static void mask_withdraws(void **state)
{
	(void)state;
	raise(4);
	assert_true(pic_pending(&pic));
	out(MASTER + 1, 0x10);
	assert_false(pic_pending(&pic));
	out(MASTER + 1, 0);
	assert_int_equal(taken(), 0x24);
}

static void higher_interrupts_lower(void **state)
{
	(void)state;
	raise(6);
	raise(4);
	raise(7);
	assert_int_equal(taken(), 0x24);
	assert_int_equal(taken(), -1);
	raise(3);
	assert_int_equal(taken(), 0x23);
	assert_int_equal(isr(MASTER), 0x18);
	/* The one in service holds off itself, too. */
	pulse(3);
	assert_int_equal(taken(), -1);
	assert_int_equal(irr(MASTER), 0xc8);
	/* A nonspecific EOI ends the highest. */
	out(MASTER, EOI);
	assert_int_equal(isr(MASTER), 0x10);
	assert_int_equal(taken(), 0x23);
	out(MASTER, EOI);
	assert_int_equal(taken(), -1);
	out(MASTER, EOI);
	assert_int_equal(taken(), 0x26);
	out(MASTER, EOI);
	assert_int_equal(taken(), 0x27);
	out(MASTER, EOI);
	assert_int_equal(isr(MASTER), 0);
	out(MASTER, EOI);
	assert_int_equal(isr(MASTER), 0);
}

static void specific_eoi_ends_its_own(void **state)
{
	(void)state;
	raise(5);
	assert_int_equal(taken(), 0x25);
	raise(1);
	assert_int_equal(taken(), 0x21);
	out(MASTER, SPECIFIC_EOI + 5);
	assert_int_equal(isr(MASTER), 0x02);
	out(MASTER, SPECIFIC_EOI + 3);
	assert_int_equal(isr(MASTER), 0x02);
	out(MASTER, 0x40);
	assert_int_equal(isr(MASTER), 0x02);
	out(MASTER, SPECIFIC_EOI + 1);
	assert_int_equal(isr(MASTER), 0);
}

static void rotation_is_fair(void **state)
{
	(void)state;
	raise(4);
	raise(6);
	assert_int_equal(taken(), 0x24);
	/* The data sheet's example: 4 was served, and is now the lowest; 5 the highest. */
	out(MASTER, ROTATE_EOI);
	assert_int_equal(isr(MASTER), 0);
	pulse(4);
	pulse(3);
	assert_int_equal(taken(), 0x26);
	out(MASTER, EOI);
	assert_int_equal(taken(), 0x23);
	out(MASTER, EOI);
	assert_int_equal(taken(), 0x24);
	/* 5 is higher than 4 in service. */
	raise(5);
	assert_int_equal(taken(), 0x25);
	out(MASTER, EOI);
	assert_int_equal(isr(MASTER), 0x10);
}

static void rotation_can_be_told(void **state)
{
	(void)state;
	out(MASTER, SET_PRIORITY + 5);
	raise(0);
	raise(5);
	raise(6);
	assert_int_equal(taken(), 0x26);
	out(MASTER, ROTATE_SPECIFIC + 6);
	assert_int_equal(isr(MASTER), 0);
	pulse(6);
	pulse(7);
	assert_int_equal(taken(), 0x27);
	out(MASTER, EOI);
	assert_int_equal(taken(), 0x20);
	out(MASTER, EOI);
	assert_int_equal(taken(), 0x25);
	out(MASTER, EOI);
	assert_int_equal(taken(), 0x26);
}

static void automatic_eoi_rotates_if_told(void **state)
{
	(void)state;
	init_both(0x03, 0x01);
	raise(3);
	raise(4);
	assert_int_equal(taken(), 0x23);
	assert_int_equal(isr(MASTER), 0);
	pulse(3);
	assert_int_equal(taken(), 0x23);
	out(MASTER, ROTATE_AEOI);
	pulse(3);
	assert_int_equal(taken(), 0x23);
	pulse(3);
	assert_int_equal(taken(), 0x24);
	out(MASTER, NO_ROTATE_AEOI);
	assert_int_equal(taken(), 0x23);
	pulse(3);
	pulse(4);
	/* 4 is still the lowest. */
	assert_int_equal(taken(), 0x23);
}

static void special_mask_lets_lower_ones_in(void **state)
{
	(void)state;
	raise(2 + 1);
	assert_int_equal(taken(), 0x23);
	raise(6);
	out(MASTER + 1, 0x08);
	assert_int_equal(taken(), -1);
	out(MASTER, SPECIAL_MASK);
	assert_int_equal(taken(), 0x26);
	assert_int_equal(isr(MASTER), 0x48);
	/* What is not masked holds off as before. */
	raise(7);
	assert_int_equal(taken(), -1);
	/* A nonspecific EOI does not end what is masked. */
	out(MASTER, EOI);
	assert_int_equal(isr(MASTER), 0x08);
	assert_int_equal(taken(), 0x27);
	out(MASTER, EOI);
	/* Without ESMM, the bit is not meant. */
	out(MASTER, READ_IRR);
	pulse(7);
	assert_int_equal(taken(), 0x27);
	out(MASTER, EOI);
	pulse(7);
	out(MASTER, NO_SPECIAL_MASK);
	assert_int_equal(taken(), -1);
	out(MASTER, EOI);
	assert_int_equal(isr(MASTER), 0);
}

static void edges_count_once(void **state)
{
	(void)state;
	raise(4);
	raise(4);
	assert_int_equal(taken(), 0x24);
	assert_int_equal(irr(MASTER), 0);
	out(MASTER, EOI);
	raise(4);
	assert_int_equal(taken(), -1);
	pulse(4);
	assert_int_equal(irr(MASTER), 0x10);
	assert_int_equal(taken(), 0x24);
	out(MASTER, EOI);
	assert_int_equal(taken(), -1);
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

static void elcr_acts_at_once(void **state)
{
	(void)state;
	raise(5);
	assert_int_equal(taken(), 0x25);
	out(MASTER, EOI);
	assert_int_equal(taken(), -1);
	out(ELCR, 0x20);
	assert_true(pic_pending(&pic));
	out(ELCR, 0);
	assert_false(pic_pending(&pic));
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

static void spurious_are_seventh(void **state)
{
	(void)state;
	raise(4);
	lower(4);
	assert_true(pic_pending(&pic));
	assert_int_equal(pic_acknowledge(&pic), 0x27);
	/* The way to tell it from a real one. */
	assert_int_equal(isr(MASTER), 0);
	assert_int_equal(taken(), -1);
	assert_int_equal(pic_acknowledge(&pic), 0x27);
	raise(7);
	assert_int_equal(taken(), 0x27);
	assert_int_equal(isr(MASTER), 0x80);
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

/* One that is left takes the place of one that went. */
static void what_is_left_comes(void **state)
{
	(void)state;
	raise(6);
	raise(4);
	lower(4);
	assert_int_equal(taken(), 0x26);
}

static void polls_acknowledge(void **state)
{
	(void)state;
	out(MASTER + 1, 0x01);
	out(MASTER, POLL);
	assert_int_equal(in(MASTER), 0);
	raise(6);
	raise(3);
	out(MASTER, POLL);
	assert_int_equal(in(MASTER), 0x83);
	assert_int_equal(isr(MASTER), 0x08);
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
		cmocka_unit_test_setup(starts_as_a_bios_leaves_it, setup),
		cmocka_unit_test_setup(linux_finds_it, setup),
		cmocka_unit_test_setup(teaching_kernel_finds_it, setup),
		cmocka_unit_test_setup(icw1_starts_anew, setup_init),
		cmocka_unit_test_setup(icw3_and_icw4_are_optional, setup_init),
		cmocka_unit_test_setup(masks_hold_off, setup_init),
		cmocka_unit_test_setup(mask_withdraws, setup_init),
		cmocka_unit_test_setup(higher_interrupts_lower, setup_init),
		cmocka_unit_test_setup(specific_eoi_ends_its_own, setup_init),
		cmocka_unit_test_setup(rotation_is_fair, setup_init),
		cmocka_unit_test_setup(rotation_can_be_told, setup_init),
		cmocka_unit_test_setup(automatic_eoi_rotates_if_told, setup_init),
		cmocka_unit_test_setup(special_mask_lets_lower_ones_in, setup_init),
		cmocka_unit_test_setup(edges_count_once, setup_init),
		cmocka_unit_test_setup(levels_come_again, setup_init),
		cmocka_unit_test_setup(elcr_acts_at_once, setup_init),
		cmocka_unit_test_setup(slave_has_the_priority_of_its_input, setup_init),
		cmocka_unit_test_setup(slave_waits_for_both_ends, setup_init),
		cmocka_unit_test_setup(special_nesting_lets_the_slave_in, setup_init),
		cmocka_unit_test_setup(slave_pulses, setup_init),
		cmocka_unit_test_setup(slave_answers_to_its_number, setup_init),
		cmocka_unit_test_setup(spurious_are_seventh, setup_init),
		cmocka_unit_test_setup(spurious_of_the_slave_is_in_service_at_the_master,
				       setup_init),
		cmocka_unit_test_setup(what_is_left_comes, setup_init),
		cmocka_unit_test_setup(polls_acknowledge, setup_init),
		cmocka_unit_test_setup(wires_lead_to_it, setup_init),
	};

	return cmocka_run_group_tests_name("pic", tests, NULL, NULL);
}
