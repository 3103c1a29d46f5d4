// SPDX-License-Identifier: GPL-2.0
/*
 * The real-time clock of a PC: Motorola's MC146818A, with a crystal of 32.768 kHz and as
 * much RAM as its successors have. What is quoted is its data sheet.
 *
 * As on the chip, the registers are the time: once a second an update adds one to them.
 * Whoever changes the format (DM or 24/12) has to write them anew.
 *
 * Of the data sheet there is no daylight saving (DSE) and no square wave, and an update
 * that SET interrupts is not lost if SET is cleared before it would have ended.
 */
#include <string.h>

#include "../nsec.h"
#include "rtc.h"
#include "rtc_time.h"

#define A_UIP		0x80	/* update in progress */
#define A_DV		0x70	/* divider */
#define A_DV_32KHZ	0x20	/* it counts; all else stops it, as on the DS12887 */
#define A_RS		0x0f	/* rate of the periodic interrupt */
#define B_SET		0x80	/* no updates */
#define B_UIE		0x10	/* PIE, AIE and UIE are where PF, AF and UF are in C */
#define C_IRQF		0x80
#define C_PF		0x40	/* periodic */
#define C_AF		0x20	/* alarm */
#define C_UF		0x10	/* update ended */
#define C_FLAGS		(C_PF | C_AF | C_UF)
#define D_VRT		0x80	/* the battery is good */

#define ALARM_ANY	0xc0	/* both bits: the alarm does not care */

#define DAY_SECONDS	86400
#define CYCLES		32768	/* of the crystal, a second */

/* "When the divider reset is removed the first update cycle begins one-half second later." */
#define UPDATE_CYCLE	1984000	/* t_UC, at 32.768 kHz */
#define UPDATE_SOON	244000	/* t_BUC: UIP is set so long before */
#define FIRST_UPDATE	(NSEC_PER_SEC / 2 + UPDATE_CYCLE)

/*
 * The divider chain.
 */

static bool counts(const struct rtc *rtc)
{
	return (rtc->registers[REG_A] & A_DV) == A_DV_32KHZ;
}

/* How many updates have ended at @moment, and when the one that makes it @nr does. */
static __u64 updates_at(const struct rtc *rtc, __u64 moment)
{
	return (moment - rtc->chain + NSEC_PER_SEC - FIRST_UPDATE) / NSEC_PER_SEC;
}

static __u64 moment_of_update(const struct rtc *rtc, __u64 nr)
{
	return rtc->chain + FIRST_UPDATE + (nr - 1) * NSEC_PER_SEC;
}

/* From one periodic interrupt to the next, in cycles; 0: there are none. */
static unsigned int period(const struct rtc *rtc)
{
	unsigned int rate = rtc->registers[REG_A] & A_RS;

	/* The taps for 1 and 2 would be before the first stage of this crystal. */
	if (rate == 1 || rate == 2)
		rate += 7;
	return rate ? 1u << (rate - 1) : 0;
}

/* A cycle has 1953125/64 ns; seconds are apart, so that nothing overflows. */
static __u64 ticks_at(const struct rtc *rtc, __u64 moment)
{
	__u64 since = moment - rtc->chain;
	__u64 cycles = since / NSEC_PER_SEC * CYCLES + since % NSEC_PER_SEC * 64 / 1953125;

	return cycles / period(rtc);
}

static __u64 moment_of_tick(const struct rtc *rtc, __u64 nr)
{
	__u64 cycles = nr * period(rtc);

	return rtc->chain + cycles / CYCLES * NSEC_PER_SEC + (cycles % CYCLES * 1953125 + 63) / 64;
}

/*
 * Alarm and interrupts.
 */

static bool alarm_takes(const struct rtc *rtc, unsigned int reg, __u8 byte)
{
	__u8 alarm = rtc->registers[reg];

	return (alarm & ALARM_ANY) == ALARM_ANY || alarm == byte;
}

static bool is_alarm(const struct rtc *rtc)
{
	return alarm_takes(rtc, SECONDS_ALARM, rtc->registers[SECONDS]) &&
	       alarm_takes(rtc, MINUTES_ALARM, rtc->registers[MINUTES]) &&
	       alarm_takes(rtc, HOURS_ALARM, rtc->registers[HOURS]);
}

/* How many updates there are up to the alarm; 0: it does not come. */
static unsigned int updates_to_alarm(const struct rtc *rtc)
{
	unsigned int now = rtc_get(rtc, HOURS) * 3600 + rtc_get(rtc, MINUTES) * 60 +
		rtc_get(rtc, SECONDS);
	unsigned int wait = 1;

	while (wait <= DAY_SECONDS) {
		unsigned int then = (now + wait) % DAY_SECONDS;

		if (!alarm_takes(rtc, HOURS_ALARM, rtc_encode_hours(rtc, then / 3600)))
			wait += 3600 - then % 3600;
		else if (!alarm_takes(rtc, MINUTES_ALARM, rtc_encode(rtc, then / 60 % 60)))
			wait += 60 - then % 60;
		else if (!alarm_takes(rtc, SECONDS_ALARM, rtc_encode(rtc, then % 60)))
			wait++;
		else
			return wait;
	}
	return 0;
}

static bool interrupts(const struct rtc *rtc)
{
	return rtc->registers[REG_B] & rtc->registers[REG_C] & C_FLAGS;
}

/**
 * rtc_next() - when the clock interrupts next
 * @rtc: the clock
 *
 * Return: the moment in nanoseconds; CLOCK_NEVER if it does not, or does already.
 */
__u64 rtc_next(const struct rtc *rtc)
{
	__u8 b = rtc->registers[REG_B];
	__u64 next = CLOCK_NEVER, moment;
	unsigned int updates = 0;

	if (!counts(rtc) || interrupts(rtc))
		return CLOCK_NEVER;
	if (b & C_PF && period(rtc))
		next = moment_of_tick(rtc, ticks_at(rtc, rtc->ran) + 1);
	if (b & C_UF)
		updates = 1;
	else if (b & C_AF)
		updates = updates_to_alarm(rtc);
	if (b & B_SET || !updates)
		return next;
	moment = moment_of_update(rtc, updates_at(rtc, rtc->ran) + updates);
	return moment < next ? moment : next;
}

/**
 * rtc_run() - do what is due by now
 * @rtc: the clock
 */
void rtc_run(struct rtc *rtc)
{
	__u64 now = clock_now(&rtc->clock);
	__u8 *c = &rtc->registers[REG_C];
	__u64 updates = 0;

	if (counts(rtc) && period(rtc) && ticks_at(rtc, now) != ticks_at(rtc, rtc->ran))
		*c |= C_PF;
	if (counts(rtc) && !(rtc->registers[REG_B] & B_SET))
		updates = updates_at(rtc, now) - updates_at(rtc, rtc->ran);
	while (updates--) {
		rtc_add_second(rtc);
		*c |= C_UF;
		if (is_alarm(rtc))
			*c |= C_AF;
	}
	rtc->ran = now;
	irq_set(&rtc->irq, interrupts(rtc));
}

/*
 * Registers.
 */

static bool is_update_soon(const struct rtc *rtc)
{
	__u64 end = moment_of_update(rtc, updates_at(rtc, rtc->ran) + 1);

	return counts(rtc) && !(rtc->registers[REG_B] & B_SET) &&
	       end - rtc->ran <= UPDATE_CYCLE + UPDATE_SOON;
}

static __u64 rtc_read(void *device, unsigned int offset, unsigned int size)
{
	struct rtc *rtc = device;
	__u8 value;

	(void)size;
	if (offset == 0)
		return 0xff;	/* The index is write-only. */
	rtc_run(rtc);
	value = rtc->registers[rtc->index];
	if (rtc->index == REG_A && is_update_soon(rtc))
		value |= A_UIP;
	if (rtc->index == REG_C) {
		if (interrupts(rtc))
			value |= C_IRQF;
		rtc->registers[REG_C] = 0;
		irq_set(&rtc->irq, false);
	}
	return value;
}

static void rtc_write(void *device, unsigned int offset, __u64 value, unsigned int size)
{
	struct rtc *rtc = device;
	bool counted;

	(void)size;
	if (offset == 0) {
		rtc->index = value & 0x7f;	/* Bit 7 masks the NMI: there is none. */
		return;
	}
	rtc_run(rtc);
	switch (rtc->index) {
	case REG_A:
		counted = counts(rtc);
		rtc->registers[REG_A] = value & ~A_UIP;
		if (!counted)
			rtc->chain = rtc->ran;
		break;
	case REG_B:
		/* "The SET bit going high clears the UIE bit." */
		if (value & ~rtc->registers[REG_B] & B_SET)
			value &= ~B_UIE;
		rtc->registers[REG_B] = value;
		irq_set(&rtc->irq, interrupts(rtc));
		break;
	case REG_C:
	case REG_D:
		break;
	default:
		rtc->registers[rtc->index] = value;
	}
}

const struct bus_ops rtc_ops = { .read = rtc_read, .write = rtc_write, .bytes = true };

/* Two bytes: how much of @memory there is above @start, in @unit, as far as they count. */
static void set_memory(struct rtc *rtc, unsigned int reg, __u64 memory, __u64 start, __u64 unit)
{
	__u64 units = memory > start ? (memory - start) / unit : 0;

	if (units > 0xffff)
		units = 0xffff;
	rtc->registers[reg] = units;
	rtc->registers[reg + 1] = units >> 8;
}

/**
 * rtc_init() - set the clock, as firmware leaves it: BCD, 24 hours, no interrupts
 * @rtc: the clock; it has @clock and @irq
 * @start: what time it was when the machine started: seconds since 1970, UTC
 * @memory: how many bytes of memory there are from address 0 on, below 4 GiB
 */
void rtc_init(struct rtc *rtc, __s64 start, __u64 memory)
{
	const __u64 base = 640 << 10;

	/* A new second starts with the machine: the update before it has just ended. */
	rtc->chain = 0 - FIRST_UPDATE;
	rtc->ran = 0;
	rtc->index = SECONDS;
	memset(rtc->registers, 0, sizeof(rtc->registers));
	rtc->registers[REG_A] = A_DV_32KHZ | 6;	/* 1024 Hz */
	rtc->registers[REG_B] = B_24_HOURS;
	rtc->registers[REG_D] = D_VRT;
	rtc_set_time(rtc, start);
	set_memory(rtc, BASE_MEMORY, memory < base ? memory : base, 0, 1 << 10);
	set_memory(rtc, EXTENDED_MEMORY, memory, 1 << 20, 1 << 10);
	set_memory(rtc, EXTENDED_MEMORY_2, memory, 1 << 20, 1 << 10);
	set_memory(rtc, HIGH_MEMORY, memory, 16 << 20, 1 << 16);
}

/**
 * rtc_advance() - the machine stood still, and its clock, on its battery, did not
 * @rtc: the clock
 * @seconds: for how long
 *
 * What would have interrupted meanwhile does not. A time that is none, or that the guest
 * is about to set, stays as it is.
 */
void rtc_advance(struct rtc *rtc, __s64 seconds)
{
	__s64 time;

	if (!(rtc->registers[REG_B] & B_SET) && counts(rtc) && rtc_get_time(rtc, &time))
		rtc_set_time(rtc, time + seconds);
}

/**
 * rtc_state() - save or restore it: see struct state
 * @rtc: the clock; the time since the machine started goes on where it was
 * @state: from or to where
 */
void rtc_state(void *rtc, struct state *state)
{
	struct rtc *this = rtc;
	__u64 now = clock_now(&this->clock);

	state_u64(state, &this->chain);
	state_u64(state, &this->ran);
	state_u8(state, &this->index);
	state_bytes(state, this->registers, RTC_NR_REGISTERS);
	state_valid(state, this->index < RTC_NR_REGISTERS);
	/* Each second that is left to do costs time: a file cannot ask for years of them. */
	state_valid(state, this->ran <= now && now - this->ran < DAY_SECONDS * NSEC_PER_SEC);
	/* It was zero before that, and after rtc_init() had its say. */
	state_valid(state, this->ran - this->chain <= this->ran + FIRST_UPDATE);
}
