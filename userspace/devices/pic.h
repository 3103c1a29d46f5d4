/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_PIC_H
#define VMRUN_PIC_H

#include <stdbool.h>
#include <linux/types.h>

#include "bus.h"
#include "state.h"

/* Where a PC has them. */
#define PIC_MASTER_PORT	0x20
#define PIC_SLAVE_PORT	0xa0
#define PIC_NR_PORTS	2
#define PIC_ELCR_PORT	0x4d0
#define PIC_NR_LINES	16

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

/**
 * struct pic - the two 8259A of a PC
 * @chips: the master, with lines 0 to 7, and the slave, 8 to 15; each is the device of
 *	   its own claim with &pic_ops; the whole is that of &pic_elcr_ops
 */
struct pic {
	struct pic_chip chips[2];
};

extern const struct bus_ops pic_ops, pic_elcr_ops;

void pic_init(struct pic *pic);
void pic_set(void *pic, unsigned int line, bool level);
bool pic_pending(const struct pic *pic);
bool pic_masked(const struct pic *pic, unsigned int line);
bool pic_requested(const struct pic *pic, unsigned int line);
int pic_acknowledge(struct pic *pic);
void pic_state(void *pic, struct state *state);

#endif /* VMRUN_PIC_H */
