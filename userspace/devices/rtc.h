/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_RTC_H
#define VMRUN_RTC_H

#include "bus.h"
#include "clock.h"
#include "irq.h"
#include "state.h"

#define RTC_PORT	0x70
#define RTC_NR_PORTS	2
#define RTC_NR_REGISTERS	128

/**
 * struct rtc - the MC146818: time of day, alarm, periodic interrupt, and CMOS RAM
 * @clock: the time since the machine started
 * @irq: the interrupt, up until register C is read: line 8 of a PC
 * @chain: when the divider chain was zero, modulo 2^64; all it does follows from that
 * @ran: what was due by this moment has been done
 * @index: the register that port 0x71 is
 * @registers: what they hold; the time in the format that register B says
 *
 * @clock and @irq are the caller's to set, rtc_init() does the rest.
 */
struct rtc {
	struct clock clock;
	struct irq irq;
	__u64 chain;
	__u64 ran;
	__u8 index;
	__u8 registers[RTC_NR_REGISTERS];
};

extern const struct bus_ops rtc_ops;

void rtc_init(struct rtc *rtc, __s64 start, __u64 memory);
__u64 rtc_next(const struct rtc *rtc);
void rtc_run(struct rtc *rtc);
void rtc_advance(struct rtc *rtc, __s64 seconds);
void rtc_state(void *rtc, struct state *state);

#endif /* VMRUN_RTC_H */
