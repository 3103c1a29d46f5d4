// SPDX-License-Identifier: GPL-2.0
/*
 * The bus of vmrun. Needs no VT-x.
 *
 * Breakage it catches: an overlap that is taken, a range that is one too long or too
 * short, a wide access that a device of bytes gets whole, bytes in the wrong order, a
 * read of nothing that is not all ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../../userspace/devices/bus.h"
#include "../../userspace/exit_status.h"

static unsigned int nr;
static struct {
	unsigned int offset, size;
	__u64 value;
} seen[8];

static __u64 test_read(void *device, unsigned int offset, unsigned int size)
{
	(void)size;
	return *(__u64 *)device + offset;
}

static void test_write(void *device, unsigned int offset, __u64 value, unsigned int size)
{
	(void)device;
	seen[nr].offset = offset;
	seen[nr].value = value;
	seen[nr++].size = size;
}

static const struct bus_ops wide = { .read = test_read, .write = test_write };
static const struct bus_ops bytes = { .read = test_read, .write = test_write, .bytes = true };
static __u64 start;

static struct bus_claim claim_of(__u64 base, __u64 size, const struct bus_ops *ops)
{
	return (struct bus_claim){ "device", base, size, ops, &start };
}

static int claim(struct bus *bus, __u64 base, __u64 size, const struct bus_ops *ops)
{
	struct bus_claim claim = claim_of(base, size, ops);

	return bus_claim(bus, &claim);
}

static void claims_do_not_overlap(void **state)
{
	struct bus bus = { .name = "port" };

	(void)state;
	assert_int_equal(claim(&bus, 0x60, 1, &bytes), 0);
	assert_int_equal(claim(&bus, 0x64, 4, &bytes), 0);
	assert_int_equal(claim(&bus, 0x61, 3, &bytes), 0);
	assert_int_equal(claim(&bus, 0x60, 1, &bytes), STATUS_HOST);
	assert_int_equal(claim(&bus, 0x67, 2, &bytes), STATUS_HOST);
	assert_int_equal(claim(&bus, 0x50, 0x30, &bytes), STATUS_HOST);
	assert_int_equal(claim(&bus, 0x68, 1, &bytes), 0);
	assert_int_equal(claim(&bus, ~0ULL, 1, &bytes), 0);
	assert_int_equal(bus.nr, 5);
}

static void there_is_an_end(void **state)
{
	struct bus bus = { .name = "port" };
	unsigned int i;

	(void)state;
	for (i = 0; i < BUS_MAX_CLAIMS; i++)
		assert_int_equal(claim(&bus, i, 1, &bytes), 0);
	assert_int_equal(claim(&bus, i, 1, &bytes), STATUS_HOST);
}

static void a_range_has_two_ends(void **state)
{
	struct bus bus = { .name = "port" };
	__u8 value;

	(void)state;
	start = 0x40;
	assert_int_equal(claim(&bus, 0x10, 2, &bytes), 0);
	assert_false(bus_read(&bus, 0xf, &value, 1));
	assert_int_equal(value, 0xff);
	assert_true(bus_read(&bus, 0x10, &value, 1));
	assert_int_equal(value, 0x40);
	assert_true(bus_read(&bus, 0x11, &value, 1));
	assert_int_equal(value, 0x41);
	assert_false(bus_read(&bus, 0x12, &value, 1));
}

static void bytes_come_one_by_one(void **state)
{
	struct bus bus = { .name = "port" };
	__u32 value = 0x44332211;

	(void)state;
	nr = 0;
	start = 0x80;
	assert_int_equal(claim(&bus, 0x10, 3, &bytes), 0);
	assert_true(bus_write(&bus, 0x10, &value, 4));
	assert_int_equal(nr, 3);
	assert_int_equal(seen[2].offset, 2);
	assert_int_equal(seen[2].value, 0x33);
	assert_int_equal(seen[2].size, 1);
	assert_true(bus_read(&bus, 0xf, &value, 4));
	assert_int_equal(value, 0x828180ff);
}

static void wide_ones_come_whole(void **state)
{
	struct bus bus = { .name = "address" };
	__u64 value = 0x8877665544332211;

	(void)state;
	nr = 0;
	start = 0x1122334455667700;
	assert_int_equal(claim(&bus, 0xd0000000, 16, &wide), 0);
	assert_true(bus_write(&bus, 0xd0000008, &value, 8));
	assert_int_equal(nr, 1);
	assert_int_equal(seen[0].offset, 8);
	assert_true(seen[0].value == value);
	assert_true(bus_write(&bus, 0xd0000000, &value, 2));
	assert_int_equal(seen[1].value, 0x2211);
	assert_true(bus_read(&bus, 0xd0000004, &value, 8));
	assert_true(value == 0x1122334455667704);
	/* Over the end: what is left comes in bytes. */
	assert_true(bus_write(&bus, 0xd000000e, &value, 4));
	assert_int_equal(nr, 4);
	/* As wide as all of it; and wider: that comes in bytes, too. */
	nr = 0;
	assert_int_equal(claim(&bus, 0xd0001000, 2, &wide), 0);
	assert_true(bus_write(&bus, 0xd0001000, &value, 2));
	assert_int_equal(nr, 1);
	assert_true(bus_write(&bus, 0xd0001000, &value, 4));
	assert_int_equal(nr, 3);
	assert_int_equal(seen[2].size, 1);
}

static void no_handler_is_no_fault(void **state)
{
	static const struct bus_ops nothing;
	struct bus bus = { .name = "port" };
	__u16 value = 0;

	(void)state;
	assert_int_equal(claim(&bus, 0x80, 2, &nothing), 0);
	assert_true(bus_write(&bus, 0x80, &value, 2));
	assert_true(bus_read(&bus, 0x80, &value, 2));
	assert_int_equal(value, 0xffff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(claims_do_not_overlap),
		cmocka_unit_test(there_is_an_end),
		cmocka_unit_test(a_range_has_two_ends),
		cmocka_unit_test(bytes_come_one_by_one),
		cmocka_unit_test(wide_ones_come_whole),
		cmocka_unit_test(no_handler_is_no_fault),
	};

	return cmocka_run_group_tests_name("bus", tests, NULL, NULL);
}
