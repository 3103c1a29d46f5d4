/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_RTC_TIME_H
#define VMRUN_RTC_TIME_H

#include "rtc.h"

/* Registers; those up to the century are the time of day, with its alarm. */
enum {
	SECONDS,
	SECONDS_ALARM,
	MINUTES,
	MINUTES_ALARM,
	HOURS,
	HOURS_ALARM,
	WEEKDAY,		/* 1 is Sunday */
	DAY,
	MONTH,
	YEAR,
	REG_A,
	REG_B,
	REG_C,
	REG_D,
	BASE_MEMORY = 0x15,	/* in KiB; each of these has two bytes, the low one first */
	EXTENDED_MEMORY = 0x17,	/* from 1 MiB on, in KiB */
	EXTENDED_MEMORY_2 = 0x30,	/* the same, as the firmware found it */
	CENTURY = 0x32,
	HIGH_MEMORY = 0x34,	/* from 16 MiB on, in 64 KiB */
};

/* Of register B: the format of the time. */
#define B_DM_BINARY	0x04
#define B_24_HOURS	0x02

#define HOURS_PM	0x80

__u8 rtc_encode(const struct rtc *rtc, unsigned int value);
__u8 rtc_encode_hours(const struct rtc *rtc, unsigned int hours);
unsigned int rtc_get(const struct rtc *rtc, unsigned int reg);
void rtc_add_second(struct rtc *rtc);
bool rtc_get_time(const struct rtc *rtc, __s64 *time);
void rtc_set_time(struct rtc *rtc, __s64 time);

#endif /* VMRUN_RTC_TIME_H */
