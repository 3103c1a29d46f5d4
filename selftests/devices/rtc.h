/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SELFTESTS_DEVICES_RTC_H
#define SELFTESTS_DEVICES_RTC_H

/*
 * A real-time clock on a bus, at a time that the test sets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "../../userspace/devices/rtc.h"

#define MS	1000000ULL
#define SEC	(1000 * MS)
#define MIB	(1024ULL * 1024)

#define A	0x0a
#define B	0x0b
#define C	0x0c
#define D	0x0d
#define CENTURY	0x32
#define SET	0x80
#define PIE	0x40
#define AIE	0x20
#define UIE	0x10
#define BINARY	0x04
#define H24	0x02
#define IRQF	0x80
#define PF	0x40
#define AF	0x20
#define UF	0x10

static __u64 now;
static bool level;
static unsigned int edges;
static struct rtc rtc;
static struct bus bus;

static inline __u64 test_now(void *arg)
{
	(void)arg;
	return now;
}

static inline void test_set(void *controller, unsigned int line, bool up)
{
	assert_ptr_equal(controller, &edges);
	assert_int_equal(line, 8);
	if (up && !level)
		edges++;
	level = up;
}

static inline void start_at(__s64 start, __u64 memory)
{
	static const struct bus_claim claim = {
		"rtc", RTC_PORT, RTC_NR_PORTS, &rtc_ops, &rtc
	};

	now = 0;
	level = false;
	edges = 0;
	memset(&bus, 0, sizeof(bus));
	memset(&rtc, 0xa5, sizeof(rtc));
	rtc.clock = (struct clock){ .now = test_now };
	rtc.irq = (struct irq){ .set = test_set, .controller = &edges, .line = 8 };
	rtc_init(&rtc, start, memory);
	assert_int_equal(bus_claim(&bus, &claim), 0);
}

static inline void out(__u16 port, __u8 value)
{
	assert_true(bus_write(&bus, port, &value, 1));
}

static inline __u8 cmos(__u8 reg)
{
	__u8 value;

	out(RTC_PORT, reg);
	assert_true(bus_read(&bus, RTC_PORT + 1, &value, 1));
	return value;
}

static inline void set_cmos(__u8 reg, __u8 value)
{
	out(RTC_PORT, reg);
	out(RTC_PORT + 1, value);
}

/* Seconds since 1970. */
static inline __s64 utc(int year, int month, int day, int hour, int minute, int second)
{
	struct tm tm = {
		.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day,
		.tm_hour = hour, .tm_min = minute, .tm_sec = second,
	};
	__s64 time = timegm(&tm);

	/* There is such a day: it has not been carried to the next month. */
	assert_int_equal(tm.tm_mday, day);
	return time;
}

static inline void assert_time(__u8 century, __u8 year, __u8 month, __u8 day, __u8 hour,
			       __u8 minute, __u8 second)
{
	assert_int_equal(cmos(0), second);
	assert_int_equal(cmos(2), minute);
	assert_int_equal(cmos(4), hour);
	assert_int_equal(cmos(7), day);
	assert_int_equal(cmos(8), month);
	assert_int_equal(cmos(9), year);
	assert_int_equal(cmos(CENTURY), century);
}

static inline void set_date(__u8 century, __u8 year, __u8 month, __u8 day, __u8 hour,
			    __u8 minute, __u8 second)
{
	set_cmos(CENTURY, century);
	set_cmos(9, year);
	set_cmos(8, month);
	set_cmos(7, day);
	set_cmos(4, hour);
	set_cmos(2, minute);
	set_cmos(0, second);
}

#endif /* SELFTESTS_DEVICES_RTC_H */
