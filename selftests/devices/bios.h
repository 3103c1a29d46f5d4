/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A BIOS without a guest: its calls are made by hand. The memory is of the heap, so
 * that ASan knows its end.
 */
#ifndef SELFTESTS_DEVICES_BIOS_H
#define SELFTESTS_DEVICES_BIOS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../userspace/bios.h"

/* More than 1 MiB, and less than a segment reaches from there. */
#define MEMORY		0x101000UL

static struct bios bios;
static struct bus ports;

static inline int open_bios(void **state)
{
	const struct bios_start start = { .ip = BOOT_ADDR };

	(void)state;
	memset(&ports, 0, sizeof(ports));
	bios = (struct bios){
		.mem = calloc(1, MEMORY), .mem_size = MEMORY, .ports = &ports,
	};
	bios_install(bios.mem, &start);
	return !bios.mem;
}

static inline int close_bios(void **state)
{
	(void)state;
	free(bios.mem);
	return 0;
}

/* With all registers but these 0, and with both flags set that may be cleared. */
static inline struct bios_call int_n(unsigned int vector, struct minivmx_regs regs,
				     __u16 ds, __u16 es)
{
	struct bios_call call = {
		.regs = regs, .ds = ds * 16ULL, .es = es * 16ULL,
		.flags = FLAG_CARRY | FLAG_ZERO | FLAG_INTERRUPT,
	};

	/* Upper halves are not the BIOS's business. */
	call.regs.rsi |= 0xdead0000;
	call.regs.rflags = FLAG_CARRY;
	bios_call(&bios, vector, &call);
	assert_int_equal(call.regs.rsi >> 16, 0xdead);
	assert_true(call.flags & FLAG_INTERRUPT);
	return call;
}

static inline struct bios_call int_ax(unsigned int vector, __u16 ax)
{
	const struct minivmx_regs regs = { .rax = ax };

	return int_n(vector, regs, 0, 0);
}

/* AH, with CF as it has to be. */
static inline __u8 status_of(const struct bios_call *call)
{
	assert_int_equal(!!(call->flags & FLAG_CARRY), HIGH(call->regs.rax) != 0);
	return HIGH(call->regs.rax);
}

static inline void assert_unknown(const struct bios_call *call)
{
	assert_int_equal(status_of(call), BIOS_UNKNOWN);
}

#endif /* SELFTESTS_DEVICES_BIOS_H */
