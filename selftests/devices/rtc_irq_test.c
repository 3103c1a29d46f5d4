// SPDX-License-Identifier: GPL-2.0
/*
 * The interrupts of vmrun's real-time clock. Needs no VT-x.
 *
 * Breakage it catches: an alarm at the wrong second, a periodic interrupt that is a
 * nanosecond off or drifts, a flag that stays or an interrupt that register C does not
 * end, a next moment at which nothing happens.
 */
#include "rtc.h"

static void update_ended(void **state)
{
	(void)state;
	start_at(0, 64 * MIB);
	set_cmos(A, 0x20);
	now = 2500 * MS;
	/* The flag comes without being enabled; enabling it then interrupts. */
	assert_int_equal(cmos(C), UF);
	now = 3500 * MS;
	set_cmos(B, UIE | H24);
	assert_true(level);
	assert_true(rtc_next(&rtc) == CLOCK_NEVER);
	assert_int_equal(cmos(C), IRQF | UF);
	assert_false(level);
	assert_int_equal(cmos(C), 0);
	assert_true(rtc_next(&rtc) == 4 * SEC);
	now = 4 * SEC - 1;
	rtc_run(&rtc);
	assert_false(level);
	now = 4 * SEC;
	assert_true(rtc_next(&rtc) == now);
	rtc_run(&rtc);
	assert_true(level);
	assert_int_equal(edges, 2);
	/* Disabled, it does not interrupt, but is there. */
	set_cmos(B, H24);
	assert_false(level);
	assert_int_equal(cmos(C), UF);
}

/* Sets the alarm, and looks when it comes. */
static void assert_alarm(__u8 hour, __u8 minute, __u8 second, __u64 after)
{
	__u64 start = now / SEC * SEC;

	set_cmos(5, hour);
	set_cmos(3, minute);
	set_cmos(1, second);
	set_cmos(B, (cmos(B) & (BINARY | H24)) | AIE);
	cmos(C);
	if (!after) {
		assert_true(rtc_next(&rtc) == CLOCK_NEVER);
		now += 2 * 86400 * SEC;
		assert_int_equal(cmos(C) & AF, 0);
		return;
	}
	assert_true(rtc_next(&rtc) == start + after * SEC);
	now = start + after * SEC - 1;
	rtc_run(&rtc);
	assert_false(level);
	assert_true(rtc_next(&rtc) == now + 1);
	now++;
	rtc_run(&rtc);
	assert_true(level);
	assert_int_equal(cmos(C) & (IRQF | AF | UF), IRQF | AF | UF);
	assert_false(level);
}

static void alarm_comes(void **state)
{
	(void)state;
	start_at(utc(2024, 5, 6, 10, 20, 30), 64 * MIB);
	now = 100 * MS;
	assert_alarm(0x10, 0x20, 0x31, 1);
	assert_alarm(0x10, 0x20, 0x31, 86400);
	assert_alarm(0x10, 0x20, 0x30, 86399);
	assert_alarm(0xc0, 0xff, 0xc5, 1);		/* each second */
	assert_alarm(0xff, 0xff, 0x00, 29);		/* each minute: 10:21:00 */
	assert_alarm(0xff, 0xff, 0x00, 60);
	assert_alarm(0xff, 0x00, 0x00, 38 * 60);	/* each hour: 11:00:00 */
	assert_alarm(0xff, 0x00, 0x00, 3600);
	assert_alarm(0x13, 0xff, 0xff, 3600);		/* in an hour, each second */
	assert_alarm(0x13, 0xff, 0xff, 1);
	assert_alarm(0x00, 0x00, 0x00, 11 * 3600 - 1);	/* midnight */
	assert_alarm(0xff, 0x75, 0x00, 0);
	assert_alarm(0xbf, 0xff, 0xff, 0);
	assert_alarm(0x00, 0x00, 0x0a, 0);
}

static void alarm_of_12_hours(void **state)
{
	(void)state;
	start_at(utc(2024, 5, 6, 10, 0, 0), 64 * MIB);
	set_cmos(B, 0);
	assert_alarm(0x92, 0x00, 0x01, 2 * 3600 + 1);	/* 12:00:01 PM */
	assert_alarm(0x12, 0x00, 0x01, 12 * 3600);	/* 12:00:01 AM */
	assert_alarm(0x81, 0x00, 0x00, 13 * 3600 - 1);	/* 1 PM */
	set_cmos(B, BINARY);
	set_date(20, 24, 5, 7, 0x80 | 11, 59, 0);
	assert_alarm(0x80 | 10, 0xff, 58, 22 * 3600 + 60 + 58);
}

/* The alarm, seen a long time later, was there; the time is right as well. */
static void long_sleep(void **state)
{
	(void)state;
	start_at(utc(2024, 5, 6, 10, 0, 0), 64 * MIB);
	set_cmos(5, 0x11);
	set_cmos(3, 0x00);
	set_cmos(1, 0x00);
	now = 3599 * SEC;
	assert_int_equal(cmos(C) & AF, 0);
	now = 86400ULL * 300 * SEC;
	assert_int_equal(cmos(C), PF | AF | UF);
	assert_time(0x20, 0x25, 0x03, 0x02, 0x10, 0x00, 0x00);
}

/* Each moment is where the data sheet's frequency has it, for ten seconds. */
static void periodic(void **state)
{
	static const unsigned int hz[] = {
		0, 256, 128, 8192, 4096, 2048, 1024, 512, 256, 128, 64, 32, 16, 8, 4, 2
	};
	unsigned int rate, i, nr;
	__u64 zero = 777 * MS + 7;

	(void)state;
	for (rate = 1; rate < 16; rate++) {
		start_at(0, 64 * MIB);
		now = zero;
		set_cmos(A, 0x70);	/* The chain starts when this ends. */
		set_cmos(A, 0x20 | rate);
		set_cmos(B, PIE | H24);
		cmos(C);
		edges = 0;
		nr = hz[rate] * 10;
		for (i = 1; i <= nr; i++) {
			/* The first whole nanosecond that is not before i / hz. */
			__u64 due = zero + (i * SEC + hz[rate] - 1) / hz[rate];

			assert_true(rtc_next(&rtc) == due);
			now = due - 1;
			rtc_run(&rtc);
			assert_false(level);
			now = due;
			rtc_run(&rtc);
			assert_true(level);
			assert_true(rtc_next(&rtc) == CLOCK_NEVER);
			assert_int_equal(cmos(C) & (IRQF | PF), IRQF | PF);
			assert_false(level);
		}
		assert_int_equal(edges, nr);
		assert_true(now == zero + 10 * SEC);
	}
	set_cmos(A, 0x20);
	assert_true(rtc_next(&rtc) == CLOCK_NEVER);
	now += 5 * SEC;
	assert_int_equal(cmos(C) & PF, 0);
}

/* 2 Hz and the update have 1.984 ms between them: both are from one chain. */
static void one_chain(void **state)
{
	(void)state;
	start_at(0, 64 * MIB);
	set_cmos(A, 0x2f);
	set_cmos(B, PIE | UIE | H24);
	cmos(C);
	assert_true(rtc_next(&rtc) == 500 * MS - 1984000);
	now = rtc_next(&rtc);
	assert_int_equal(cmos(C), IRQF | PF);
	assert_true(rtc_next(&rtc) == SEC - 1984000);
	now = rtc_next(&rtc);
	assert_int_equal(cmos(C), IRQF | PF);
	assert_true(rtc_next(&rtc) == SEC);
	now = rtc_next(&rtc);
	assert_int_equal(cmos(C), IRQF | UF);
	/* Several missed ones are one. */
	now = 10 * SEC;
	rtc_run(&rtc);
	assert_int_equal(edges, 4);
	assert_int_equal(cmos(C), IRQF | PF | UF);
}

/* Twenty years on, nothing has overflowed. */
static void a_long_time(void **state)
{
	(void)state;
	start_at(0, 64 * MIB);
	set_cmos(B, SET | PIE | H24);
	now = 20ULL * 365 * 86400 * SEC;
	cmos(C);
	set_cmos(A, 0x2f);
	assert_true(rtc_next(&rtc) == now + 500 * MS - 1984000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(update_ended),
		cmocka_unit_test(alarm_comes),
		cmocka_unit_test(alarm_of_12_hours),
		cmocka_unit_test(long_sleep),
		cmocka_unit_test(periodic),
		cmocka_unit_test(one_chain),
		cmocka_unit_test(a_long_time),
	};

	return cmocka_run_group_tests_name("rtc_irq", tests, NULL, NULL);
}
