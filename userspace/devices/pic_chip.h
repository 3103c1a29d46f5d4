/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_PIC_CHIP_H
#define VMRUN_PIC_CHIP_H

#include <stdbool.h>
#include <linux/types.h>

#include "bus.h"
#include "state.h"

#define CHIP_NR_INPUTS		8
#define CHIP_SLAVE_INPUT	2	/* of the master */

/**
 * struct pic_chip - one 8259A
 * @master: whose input 2 its output goes to; NULL: it is the master
 * @lines: the levels at its inputs
 * @edges: inputs that have risen and were not acknowledged since; a part of @lines
 * @isr: in service: acknowledged, and no end of interrupt yet
 * @imr: masked
 * @elcr: inputs that are triggered by their level, each for itself
 * @lowest: the input of lowest priority; the highest is the next one
 * @icw: which initialization command word comes next; 0: it is ready
 * @base: the vector of input 0
 * @cascade: ICW3: inputs with a slave; in a slave, its own number
 * @needs_icw4: from ICW1
 * @single: from ICW1: there is no ICW3, and no slave
 * @level: from ICW1: all inputs are triggered by their level
 * @special_nested: from ICW4: a slave in service may interrupt again
 * @auto_eoi: from ICW4: an acknowledge is an end of interrupt, too
 * @rotate: each automatic end of interrupt makes its input the lowest
 * @special_mask: what is masked does not hold off others while it is in service
 * @read_isr: the first port reads the ISR, not the IRR
 * @poll: the next read is an acknowledge
 * @intr: the output
 */
struct pic_chip {
	struct pic_chip *master;
	__u8 lines, edges, isr, imr, elcr;
	__u8 lowest;
	__u8 icw;
	__u8 base, cascade;
	bool needs_icw4, single, level;
	bool special_nested, auto_eoi;
	bool rotate, special_mask;
	bool read_isr, poll;
	bool intr;
};

extern const struct bus_ops chip_ops;

__u8 chip_requests(const struct pic_chip *chip);
bool chip_has_slave(const struct pic_chip *chip, unsigned int input);
void chip_set_input(struct pic_chip *chip, unsigned int input, bool level);
void chip_settle(struct pic_chip *chip);
int chip_acknowledge(struct pic_chip *chip);
void chip_state(struct pic_chip *chip, struct state *state);

#endif /* VMRUN_PIC_CHIP_H */
