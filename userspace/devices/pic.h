/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_PIC_H
#define VMRUN_PIC_H

#include <stdbool.h>

#include "bus.h"
#include "pic_chip.h"
#include "state.h"

/* Where a PC has them. */
#define PIC_MASTER_PORT	0x20
#define PIC_SLAVE_PORT	0xa0
#define PIC_NR_PORTS	2
#define PIC_ELCR_PORT	0x4d0
#define PIC_NR_LINES	16

/**
 * struct pic - the two 8259A of a PC
 * @chips: the master, with lines 0 to 7, and the slave, 8 to 15; each is the device of
 *	   its own claim with &chip_ops; the whole is that of &pic_elcr_ops
 */
struct pic {
	struct pic_chip chips[2];
};

extern const struct bus_ops pic_elcr_ops;

void pic_init(struct pic *pic);
void pic_set(void *pic, unsigned int line, bool level);
bool pic_pending(const struct pic *pic);
bool pic_masked(const struct pic *pic, unsigned int line);
bool pic_requested(const struct pic *pic, unsigned int line);
int pic_acknowledge(struct pic *pic);
void pic_state(void *pic, struct state *state);

#endif /* VMRUN_PIC_H */
