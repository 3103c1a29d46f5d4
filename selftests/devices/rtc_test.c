// SPDX-License-Identifier: GPL-2.0
/*
 * The time of day and the RAM of vmrun's real-time clock. Needs no VT-x.
 *
 * Breakage it catches: a carry from second to century that is lost or one too early, a
 * leap year too many or too few, a wrong format, a time that moves while SET is set, a
 * UIP too long or too short, nonsense of the guest that hangs it, RAM that is not kept.
 */
#include "rtc.h"

/* As Linux's mc146818_avoid_UIP() and mc146818_get_time() read. */
static bool linux_time(__u64 step, __s64 *time)
{
	unsigned int i, second, minute, hour, day, month, year, century, control;

	for (i = 0; i < 100; i++) {
		second = cmos(0);
		if (cmos(A) & 0x80) {
			now += step;
			continue;
		}
		if (second != cmos(0))
			continue;
		minute = cmos(2);
		hour = cmos(4);
		day = cmos(7);
		month = cmos(8);
		year = cmos(9);
		century = cmos(CENTURY);
		control = cmos(B);
		if (cmos(A) & 0x80 || second != cmos(0)) {
			now += step;
			continue;
		}
		assert_int_equal(control & (BINARY | H24), H24);
#define BCD(value) ((value) = ((value) & 0xf) + ((value) >> 4) * 10)
		BCD(second), BCD(minute), BCD(hour), BCD(day), BCD(month), BCD(year);
		BCD(century);
#undef BCD
		*time = utc(century * 100 + year, month, day, hour, minute, second);
		return true;
	}
	return false;
}

static void linux_reads_it(void **state)
{
	__s64 start = utc(2024, 2, 28, 23, 59, 57);
	__s64 time = 0;
	unsigned int i;

	(void)state;
	start_at(start, 64 * MIB);
	/* Steps of 251.3 ms and more: somewhere in the second, and in UIP, too. */
	for (i = 0; i < 4000; i++) {
		assert_true(linux_time(MS / 10, &time));
		assert_true(time == start + (__s64)(now / SEC));
		now += 251300000 + i * 1000;
	}
	/* It has met UIP only if it waits for its end. */
	now = (now / SEC + 1) * SEC - MS;
	assert_true(linux_time(MS / 10, &time));
	assert_true(now % SEC == 0);
}

static void firmware_was_here(void **state)
{
	(void)state;
	start_at(utc(1999, 12, 31, 7, 8, 9), 64 * MIB);
	assert_time(0x19, 0x99, 0x12, 0x31, 0x07, 0x08, 0x09);
	assert_int_equal(cmos(6), 6);	/* a Friday */
	assert_int_equal(cmos(A), 0x26);
	assert_int_equal(cmos(B), H24);
	assert_int_equal(cmos(C), 0);
	assert_int_equal(cmos(D), 0x80);
	assert_true(rtc_next(&rtc) == CLOCK_NEVER);
}

static void late_start(void **state)
{
	(void)state;
	start_at(utc(2001, 1, 1, 0, 0, 0), 64 * MIB);
	now = 3723 * SEC + SEC / 2;
	assert_time(0x20, 0x01, 0x01, 0x01, 0x01, 0x02, 0x03);
}

static void carries(void **state)
{
	static const struct {
		int from[6], to[6];
	} row[] = {
		{ { 2021, 5, 6, 7, 8, 58 },	{ 2021, 5, 6, 7, 8, 59 } },
		{ { 2021, 5, 6, 7, 8, 59 },	{ 2021, 5, 6, 7, 9, 0 } },
		{ { 2021, 5, 6, 7, 59, 59 },	{ 2021, 5, 6, 8, 0, 0 } },
		{ { 2021, 5, 6, 23, 59, 59 },	{ 2021, 5, 7, 0, 0, 0 } },
		{ { 2021, 4, 30, 23, 59, 59 },	{ 2021, 5, 1, 0, 0, 0 } },
		{ { 2021, 7, 30, 23, 59, 59 },	{ 2021, 7, 31, 0, 0, 0 } },
		{ { 2021, 2, 28, 23, 59, 59 },	{ 2021, 3, 1, 0, 0, 0 } },
		{ { 2024, 2, 28, 23, 59, 59 },	{ 2024, 2, 29, 0, 0, 0 } },
		{ { 2024, 2, 29, 23, 59, 59 },	{ 2024, 3, 1, 0, 0, 0 } },
		{ { 2000, 2, 28, 23, 59, 59 },	{ 2000, 2, 29, 0, 0, 0 } },
		{ { 2100, 2, 28, 23, 59, 59 },	{ 2100, 3, 1, 0, 0, 0 } },
		{ { 2023, 12, 31, 23, 59, 59 },	{ 2024, 1, 1, 0, 0, 0 } },
		{ { 1999, 12, 31, 23, 59, 59 },	{ 2000, 1, 1, 0, 0, 0 } },
		{ { 2099, 12, 31, 23, 59, 59 },	{ 2100, 1, 1, 0, 0, 0 } },
	};
	__s64 time = 0;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const int *from = row[i].from, *to = row[i].to;

		start_at(utc(from[0], from[1], from[2], from[3], from[4], from[5]), 64 * MIB);
		now = SEC - 1;
		assert_int_equal(cmos(0), from[5] / 10 << 4 | from[5] % 10);
		now = SEC;
		assert_true(linux_time(MS / 10, &time));
		assert_true(time == utc(to[0], to[1], to[2], to[3], to[4], to[5]));
	}
}

/* The end of every day from 1996 to 2103, against the C library. */
static void calendar(void **state)
{
	__s64 first = utc(1996, 1, 1, 23, 59, 59);
	__s64 last = utc(2103, 12, 31, 23, 59, 59);
	__s64 start, time = 0;
	unsigned int day = 1;	/* 1 January 1996 was a Monday. */

	(void)state;
	for (start = first; start <= last; start += 86400) {
		start_at(start, 64 * MIB);
		assert_int_equal(cmos(6), day + 1);
		now = SEC;
		assert_true(linux_time(MS / 10, &time));
		assert_true(time == start + 1);
		day = (day + 1) % 7;
		assert_int_equal(cmos(6), day + 1);
	}
}

static void formats(void **state)
{
	(void)state;
	start_at(0, 64 * MIB);
	set_cmos(B, SET | BINARY | H24);
	set_date(19, 99, 12, 31, 23, 59, 59);
	set_cmos(B, BINARY | H24);
	assert_time(19, 99, 12, 31, 23, 59, 59);
	now = SEC;
	assert_time(20, 0, 1, 1, 0, 0, 0);
	now = 59 * SEC;
	assert_time(20, 0, 1, 1, 0, 0, 58);

	/* 12 hours: 11:59:59 AM, 12:59:59 PM and 11:59:59 PM. */
	set_cmos(B, SET | BINARY);
	set_date(20, 19, 10, 9, 11, 59, 59);
	set_cmos(B, BINARY);
	now += SEC;
	assert_time(20, 19, 10, 9, 0x80 | 12, 0, 0);
	now += 3600 * SEC;
	assert_time(20, 19, 10, 9, 0x80 | 1, 0, 0);
	now += 11 * 3600 * SEC;
	assert_time(20, 19, 10, 10, 12, 0, 0);
	now += 3600 * SEC;
	assert_time(20, 19, 10, 10, 1, 0, 0);

	set_cmos(B, SET);
	set_date(0x20, 0x19, 0x09, 0x30, 0x91, 0x59, 0x59);
	set_cmos(B, 0);
	assert_time(0x20, 0x19, 0x09, 0x30, 0x91, 0x59, 0x59);
	now += SEC;
	assert_time(0x20, 0x19, 0x10, 0x01, 0x12, 0x00, 0x00);
	now += 10 * 3600 * SEC;
	assert_time(0x20, 0x19, 0x10, 0x01, 0x10, 0x00, 0x00);
	now += 12 * 3600 * SEC;
	assert_time(0x20, 0x19, 0x10, 0x01, 0x90, 0x00, 0x00);
}

/* Whatever is in the registers, an update ends, and so does rtc_next(). */
static void nonsense_is_no_end(void **state)
{
	unsigned int value, mode;

	(void)state;
	for (value = 0; value < 256; value++) {
		for (mode = 0; mode < 8; mode += 2) {
			start_at(0, 64 * MIB);
			set_cmos(B, SET | mode);
			set_date(value, value, value, value, value, value, value);
			set_cmos(6, value);
			set_cmos(5, value);
			set_cmos(3, value ^ 1);
			set_cmos(1, value ^ 2);
			set_cmos(B, AIE | mode);
			(void)rtc_next(&rtc);
			now = 5000 * SEC;
			rtc_run(&rtc);
			(void)rtc_next(&rtc);
			assert_in_range(cmos(0) & 0xf, 0, mode & BINARY ? 15 : 9);
		}
	}
}

/* As Linux's mc146818_set_time() writes. */
static void the_guest_sets_it(void **state)
{
	__u8 control, select;
	__s64 time = 0;

	(void)state;
	start_at(utc(2024, 5, 6, 7, 8, 9), 64 * MIB);
	now = 10 * SEC + 123 * MS;
	control = cmos(B);
	set_cmos(B, control | SET);
	select = cmos(A);
	set_cmos(A, select | 0x70);
	set_date(0x19, 0x72, 0x02, 0x28, 0x23, 0x59, 0x59);
	now += 5 * SEC;
	assert_time(0x19, 0x72, 0x02, 0x28, 0x23, 0x59, 0x59);
	set_cmos(B, control);
	/* The divider is still held. */
	now += 5 * SEC;
	assert_time(0x19, 0x72, 0x02, 0x28, 0x23, 0x59, 0x59);
	set_cmos(A, select);
	/* The update begins half a second later, and takes 1984 us. */
	now += 500 * MS + 1984000 - 1;
	assert_int_equal(cmos(0), 0x59);
	assert_int_equal(cmos(A) & 0x80, 0x80);
	now++;
	assert_int_equal(cmos(A) & 0x80, 0);
	assert_true(linux_time(MS / 10, &time));
	assert_true(time == utc(1972, 2, 29, 0, 0, 0));
	now += 3 * SEC - 1;
	assert_int_equal(cmos(0), 0x02);
	now++;
	assert_int_equal(cmos(0), 0x03);
}

/* SET stops the updates, not the divider. */
static void set_freezes(void **state)
{
	(void)state;
	start_at(0, 64 * MIB);
	now = 5 * SEC + 300 * MS;
	set_cmos(B, SET | UIE | AIE | H24);
	/* "The SET bit going high clears the UIE bit." */
	assert_int_equal(cmos(B), SET | AIE | H24);
	cmos(C);
	assert_true(rtc_next(&rtc) == CLOCK_NEVER);
	now = 6 * SEC - 1;
	assert_int_equal(cmos(A), 0x26);
	now = 9 * SEC + 900 * MS;
	assert_int_equal(cmos(0), 0x05);
	assert_int_equal(cmos(C), PF);
	set_cmos(B, H24);
	now = 10 * SEC - 1;
	assert_int_equal(cmos(0), 0x05);
	now = 10 * SEC;
	assert_int_equal(cmos(0), 0x06);
}

static void uip(void **state)
{
	(void)state;
	start_at(0, 64 * MIB);
	assert_int_equal(cmos(A), 0x26);
	now = 7 * SEC - 2228001;
	assert_int_equal(cmos(A), 0x26);
	now++;
	assert_int_equal(cmos(A), 0xa6);
	/* It cannot be written. */
	set_cmos(A, 0x26);
	assert_int_equal(cmos(A), 0xa6);
	now = 7 * SEC - 1;
	assert_int_equal(cmos(A), 0xa6);
	assert_int_equal(cmos(0), 0x06);
	set_cmos(B, SET | H24);
	assert_int_equal(cmos(A), 0x26);
	set_cmos(B, H24);
	now++;
	assert_int_equal(cmos(A), 0x26);
	assert_int_equal(cmos(0), 0x07);
	set_cmos(A, 0xe6);
	assert_int_equal(cmos(A), 0x66);
}

static void ram_is_kept(void **state)
{
	unsigned int i;

	(void)state;
	start_at(0, 64 * MIB);
	for (i = 0x0e; i < 0x80; i++)
		set_cmos(i, i ^ 0x5a);
	now = 5000 * SEC;
	for (i = 0x0e; i < 0x80; i++)
		assert_int_equal(cmos(i), i ^ 0x5a);
	/* Bit 7 is the mask of the NMI. */
	assert_int_equal(cmos(0x80 | 0x40), 0x40 ^ 0x5a);
	/* C and D are read-only, the index write-only. */
	set_cmos(C, 0xff);
	set_cmos(D, 0);
	assert_int_equal(cmos(C) & 0x8f, 0);
	assert_int_equal(cmos(D), 0x80);
	assert_true(bus_read(&bus, RTC_PORT, &i, 1));
	assert_int_equal(i & 0xff, 0xff);
}

static void memory_sizes(void **state)
{
	static const struct {
		__u64 memory;
		unsigned int base, extended, high;
	} row[] = {
		{ 512 << 10,	512, 0, 0 },
		{ MIB,		640, 0, 0 },
		{ 16 * MIB,	640, 15 << 10, 0 },
		{ 17 * MIB,	640, 16 << 10, 16 },
		{ 65 * MIB,	640, 0xffff, 49 * 16 },
		{ 512 * MIB,	640, 0xffff, 496 * 16 },
		{ 3072 * MIB,	640, 0xffff, 3056 * 16 },
		{ 8192 * MIB,	640, 0xffff, 0xffff },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		start_at(0, row[i].memory);
		assert_int_equal(cmos(0x15) | cmos(0x16) << 8, row[i].base);
		assert_int_equal(cmos(0x17) | cmos(0x18) << 8, row[i].extended);
		assert_int_equal(cmos(0x30) | cmos(0x31) << 8, row[i].extended);
		assert_int_equal(cmos(0x34) | cmos(0x35) << 8, row[i].high);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(firmware_was_here),
		cmocka_unit_test(late_start),
		cmocka_unit_test(linux_reads_it),
		cmocka_unit_test(carries),
		cmocka_unit_test(calendar),
		cmocka_unit_test(formats),
		cmocka_unit_test(nonsense_is_no_end),
		cmocka_unit_test(the_guest_sets_it),
		cmocka_unit_test(set_freezes),
		cmocka_unit_test(uip),
		cmocka_unit_test(ram_is_kept),
		cmocka_unit_test(memory_sizes),
	};

	return cmocka_run_group_tests_name("rtc", tests, NULL, NULL);
}
