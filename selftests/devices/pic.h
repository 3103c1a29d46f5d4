/* SPDX-License-Identifier: GPL-2.0 */
/* For the tests of the interrupt controllers: both, on a bus. */
#ifndef SELFTESTS_DEVICES_PIC_H
#define SELFTESTS_DEVICES_PIC_H

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

static inline void out(unsigned int port, __u8 value)
{
	assert_true(bus_write(&bus, port, &value, 1));
}

static inline __u8 in(unsigned int port)
{
	__u8 value;

	assert_true(bus_read(&bus, port, &value, 1));
	return value;
}

static inline __u8 irr(unsigned int port)
{
	out(port, READ_IRR);
	return in(port);
}

static inline __u8 isr(unsigned int port)
{
	out(port, READ_ISR);
	return in(port);
}

static inline void raise(unsigned int line)
{
	pic_set(&pic, line, true);
}

static inline void lower(unsigned int line)
{
	pic_set(&pic, line, false);
}

static inline void pulse(unsigned int line)
{
	lower(line);
	raise(line);
}

/* The processor takes one: its vector; -1: there is none. */
static inline int taken(void)
{
	return pic_pending(&pic) ? pic_acknowledge(&pic) : -1;
}

static inline void init_chip(unsigned int port, __u8 icw1, __u8 base, __u8 icw3, __u8 icw4)
{
	out(port, icw1);
	out(port + 1, base);
	if (!(icw1 & 2))
		out(port + 1, icw3);
	if (icw1 & 1)
		out(port + 1, icw4);
}

/* With vectors from 0x20 and 0x28; nothing is masked. */
static inline void init_both(__u8 master_icw4, __u8 slave_icw4)
{
	init_chip(MASTER, 0x11, 0x20, 0x04, master_icw4);
	init_chip(SLAVE, 0x11, 0x28, 0x02, slave_icw4);
}

static inline int setup(void **state)
{
	const struct bus_claim claims[] = {
		{ "pic", PIC_MASTER_PORT, PIC_NR_PORTS, &chip_ops, &pic.chips[0] },
		{ "pic", PIC_SLAVE_PORT, PIC_NR_PORTS, &chip_ops, &pic.chips[1] },
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

static inline int setup_init(void **state)
{
	setup(state);
	init_both(0x01, 0x01);
	return 0;
}

#endif /* SELFTESTS_DEVICES_PIC_H */
