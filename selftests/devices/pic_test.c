// SPDX-License-Identifier: GPL-2.0
/*
 * An interrupt controller, against the Intel 8259A data sheet, order 231468.
 *
 * Breakage it catches: a command word that is taken for another, a vector off by one,
 * an interrupt that comes in spite of its mask or of one in service, an end of interrupt
 * that ends the wrong one, an edge taken twice or lost, a spurious interrupt that is in
 * service.
 */
#include "pic.h"

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
	/* No operation. */
	out(MASTER, 0x41);
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

static void a_request_waits_until_it_is_taken(void **state)
{
	(void)state;
	assert_false(pic_requested(&pic, 4));
	out(MASTER + 1, 0xff);
	raise(4);
	assert_true(pic_requested(&pic, 4));
	assert_false(pic_requested(&pic, 12));
	out(MASTER + 1, 0);
	assert_int_equal(taken(), 0x24);
	assert_false(pic_requested(&pic, 4));
	raise(12);
	assert_true(pic_requested(&pic, 12));
	lower(12);
	assert_false(pic_requested(&pic, 12));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(starts_as_a_bios_leaves_it, setup),
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
		cmocka_unit_test_setup(elcr_acts_at_once, setup_init),
		cmocka_unit_test_setup(spurious_are_seventh, setup_init),
		cmocka_unit_test_setup(a_request_waits_until_it_is_taken, setup_init),
		cmocka_unit_test_setup(what_is_left_comes, setup_init),
	};

	return cmocka_run_group_tests_name("pic", tests, NULL, NULL);
}
