/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_IRQ_H
#define VMRUN_IRQ_H

#include <stdbool.h>

/**
 * struct irq - a wire from a device to an interrupt controller
 * @set: the level changes, or is said again
 * @controller: for @set
 * @line: its input there
 *
 * All zero: a wire that leads nowhere.
 */
struct irq {
	void (*set)(void *controller, unsigned int line, bool level);
	void *controller;
	unsigned int line;
};

static inline void irq_set(const struct irq *irq, bool level)
{
	if (irq->set)
		irq->set(irq->controller, irq->line, level);
}

#endif /* VMRUN_IRQ_H */
