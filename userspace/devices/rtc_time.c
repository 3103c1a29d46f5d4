// SPDX-License-Identifier: GPL-2.0
/*
 * The time of day in the registers of a real-time clock.
 */
#include <time.h>

#include "rtc_time.h"

/* The years 0 and 9999 begin and end with these. */
#define FIRST_SECOND	-62167219200LL
#define LAST_SECOND	253402300799LL

/** rtc_encode() - a number as the registers have it: binary, or BCD */
__u8 rtc_encode(const struct rtc *rtc, unsigned int value)
{
	if (rtc->registers[REG_B] & B_DM_BINARY)
		return value;
	return value / 10 << 4 | value % 10;
}

/** rtc_encode_hours() - hours of 0 to 23 as they have them */
__u8 rtc_encode_hours(const struct rtc *rtc, unsigned int hours)
{
	if (rtc->registers[REG_B] & B_24_HOURS)
		return rtc_encode(rtc, hours);
	return rtc_encode(rtc, hours % 12 ? hours % 12 : 12) | (hours < 12 ? 0 : HOURS_PM);
}

static unsigned int decode(const struct rtc *rtc, __u8 byte)
{
	if (rtc->registers[REG_B] & B_DM_BINARY)
		return byte;
	return (byte >> 4) * 10 + (byte & 0xf);
}

/** rtc_get() - what a register of the time says; of hours, 0 to 23 */
unsigned int rtc_get(const struct rtc *rtc, unsigned int reg)
{
	__u8 byte = rtc->registers[reg];

	if (reg != HOURS || rtc->registers[REG_B] & B_24_HOURS)
		return decode(rtc, byte);
	return decode(rtc, byte & ~HOURS_PM) % 12 + (byte & HOURS_PM ? 12 : 0);
}

static void set(struct rtc *rtc, unsigned int reg, unsigned int value)
{
	rtc->registers[reg] = reg == HOURS ? rtc_encode_hours(rtc, value) : rtc_encode(rtc, value);
}

static unsigned int days_of_month(const struct rtc *rtc)
{
	static const __u8 days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	unsigned int year = rtc_get(rtc, CENTURY) * 100 + rtc_get(rtc, YEAR);
	unsigned int month = rtc_get(rtc, MONTH);
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	if (month == 2 && leap)
		return 29;
	/* The guest may have written anything. */
	return month >= 1 && month <= 12 ? days[month - 1] : 31;
}

/* Adds one. Return: it was the last, and the next register has its turn. */
static bool wraps(struct rtc *rtc, unsigned int reg, unsigned int first, unsigned int last)
{
	unsigned int value = rtc_get(rtc, reg);

	set(rtc, reg, value < last ? value + 1 : first);
	return value >= last;
}

/** rtc_add_second() - an update: the next second */
void rtc_add_second(struct rtc *rtc)
{
	if (!wraps(rtc, SECONDS, 0, 59) || !wraps(rtc, MINUTES, 0, 59) ||
	    !wraps(rtc, HOURS, 0, 23))
		return;
	wraps(rtc, WEEKDAY, 1, 7);
	if (wraps(rtc, DAY, 1, days_of_month(rtc)) && wraps(rtc, MONTH, 1, 12) &&
	    wraps(rtc, YEAR, 0, 99))
		wraps(rtc, CENTURY, 0, 99);
}

/**
 * rtc_get_time() - what time it is
 * @rtc: the clock
 * @time: gets seconds since 1970, UTC
 *
 * Return: false if the registers hold none: whatever the guest wrote.
 */
bool rtc_get_time(const struct rtc *rtc, __s64 *time)
{
	struct tm tm = {
		.tm_sec = rtc_get(rtc, SECONDS), .tm_min = rtc_get(rtc, MINUTES),
		.tm_hour = rtc_get(rtc, HOURS), .tm_mday = rtc_get(rtc, DAY),
		.tm_mon = (int)rtc_get(rtc, MONTH) - 1,
		.tm_year = (int)(rtc_get(rtc, CENTURY) * 100 + rtc_get(rtc, YEAR)) - 1900,
	};
	struct tm same = tm;

	*time = timegm(&same);
	/* It carries what is too much of one into the next. */
	return same.tm_sec == tm.tm_sec && same.tm_min == tm.tm_min &&
		same.tm_hour == tm.tm_hour && same.tm_mday == tm.tm_mday &&
		same.tm_mon == tm.tm_mon && same.tm_year == tm.tm_year;
}

/**
 * rtc_set_time() - set the clock
 * @rtc: the clock
 * @time: seconds since 1970, UTC; what has no year of four digits is not taken
 */
void rtc_set_time(struct rtc *rtc, __s64 time)
{
	time_t start = time;
	struct tm tm;

	if (time < FIRST_SECOND || time > LAST_SECOND)
		return;
	gmtime_r(&start, &tm);
	set(rtc, SECONDS, tm.tm_sec);
	set(rtc, MINUTES, tm.tm_min);
	set(rtc, HOURS, tm.tm_hour);
	set(rtc, WEEKDAY, tm.tm_wday + 1);
	set(rtc, DAY, tm.tm_mday);
	set(rtc, MONTH, tm.tm_mon + 1);
	set(rtc, YEAR, (tm.tm_year + 1900) % 100);
	set(rtc, CENTURY, (tm.tm_year + 1900) / 100);
}
