/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_RESET_H
#define VMRUN_RESET_H

#include "bus.h"
#include "state.h"

/*
 * The register is the byte 0xcf9, in the middle of PCI's configuration address, which is
 * the 32 bits at 0xcf8. To have only the former, the claim is of both. A device for PCI
 * takes the claim over, and gives what has one byte to reset_ops.
 */
#define RESET_PORT	0xcf8
#define RESET_NR_PORTS	4

/**
 * struct reset - the reset of the machine, and the register that asks for it
 * @pulse: the machine is to start anew; NULL: nothing becomes of it
 * @arg: for @pulse
 * @control: the register
 */
struct reset {
	void (*pulse)(void *arg);
	void *arg;
	__u8 control;
};

extern const struct bus_ops reset_ops;

void reset_state(void *reset, struct state *state);

static inline void reset_pulse(const struct reset *reset)
{
	if (reset->pulse)
		reset->pulse(reset->arg);
}

#endif /* VMRUN_RESET_H */
