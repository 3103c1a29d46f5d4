/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_PIT_H
#define VMRUN_PIT_H

#include <linux/types.h>

#include "bus.h"
#include "clock.h"
#include "irq.h"
#include "pit_counter.h"
#include "state.h"

/* Where a PC has it, and how fast it counts there. */
#define PIT_PORT	0x40
#define PIT_NR_PORTS	4
#define PIT_PORT61	0x61
#define PIT_HZ		1193182
#define PIT_NR_COUNTERS	3

/**
 * struct pit - the interval timer of a PC, and port 0x61
 * @clock: where the time is from
 * @irq: where OUT of counter 0 leads
 * @counters: 0 is the timer, 2 the speaker's; 1 refreshed memory
 * @tick: all that was due up to this tick is done
 * @port61: what the guest wrote to that port
 */
struct pit {
	struct clock clock;
	struct irq irq;
	struct pit_counter counters[PIT_NR_COUNTERS];
	__u64 tick;
	__u8 port61;
};

extern const struct bus_ops pit_ops, pit_port61_ops;

void pit_init(struct pit *pit, const struct clock *clock, const struct irq *irq);
__u64 pit_next(const struct pit *pit);
void pit_run(struct pit *pit);
void pit_state(void *pit, struct state *state);

#endif /* VMRUN_PIT_H */
