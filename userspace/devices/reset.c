// SPDX-License-Identifier: GPL-2.0
/*
 * The reset control register, RST_CNT in the data sheets of Intel's I/O controller hubs.
 */
#include "reset.h"

#define RST_CNT		1	/* from RESET_PORT on */
#define RST_CPU		0x04	/* going high resets */
#define RST_BITS	0x0e	/* SYS_RST, RST_CPU, FULL_RST; of which kind makes no odds */

static __u64 reset_read(void *device, unsigned int offset, unsigned int size)
{
	const struct reset *reset = device;

	return offset == RST_CNT && size == 1 ? reset->control : ~0ULL;
}

static void reset_write(void *device, unsigned int offset, __u64 value, unsigned int size)
{
	struct reset *reset = device;
	bool pulse = value & ~reset->control & RST_CPU;

	if (offset != RST_CNT || size != 1)
		return;
	reset->control = value & RST_BITS;
	if (!pulse)
		return;
	/* The register is reset as well. */
	reset->control = 0;
	reset_pulse(reset);
}

const struct bus_ops reset_ops = { .read = reset_read, .write = reset_write };

/** reset_state() - save or restore the register: see struct state */
void reset_state(void *reset, struct state *state)
{
	state_u8(state, &((struct reset *)reset)->control);
}
