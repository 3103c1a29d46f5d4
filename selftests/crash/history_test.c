// SPDX-License-Identifier: GPL-2.0
/*
 * The last exits: what is kept, and how it is printed. Needs no VT-x.
 *
 * Breakage it catches: the oldest exit kept in place of the newest, equal exits that
 * are not one, different ones that are, a value of another size, a guest that polls
 * and is not found out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../userspace/exit_history.h"

static struct {
	struct minivmx_run run;
	__u8 data[8];
} page;
static struct exit_history history;

static int start(void **state)
{
	(void)state;
	memset(&history, 0, sizeof(history));
	memset(&page, 0, sizeof(page));
	return 0;
}

static void add_io(bool in, __u16 port, __u32 value, __u8 size, __u32 count)
{
	page.run.exit_reason = MINIVMX_EXIT_IO;
	page.run.io.direction = in ? MINIVMX_EXIT_IO_IN : MINIVMX_EXIT_IO_OUT;
	page.run.io.port = port;
	page.run.io.size = size;
	page.run.io.count = count;
	page.run.io.data_offset = sizeof(page.run);
	memcpy(page.data, &value, sizeof(value));
	exit_history_add(&history, &page.run);
}

static void add_mmio(bool write, __u64 address, __u64 value, __u32 size)
{
	page.run.exit_reason = MINIVMX_EXIT_MMIO;
	page.run.mmio.phys_addr = address;
	page.run.mmio.is_write = write;
	page.run.mmio.len = size;
	memcpy(page.run.mmio.data, &value, sizeof(value));
	exit_history_add(&history, &page.run);
}

static void add(__u32 reason)
{
	page.run.exit_reason = reason;
	exit_history_add(&history, &page.run);
}

static void expect(const char *text)
{
	char seen[4096];
	int copy = dup(2);
	FILE *file = tmpfile();
	size_t size;

	assert_non_null(file);
	dup2(fileno(file), 2);
	exit_history_print(&history);
	dup2(copy, 2);
	close(copy);
	rewind(file);
	size = fread(seen, 1, sizeof(seen) - 1, file);
	seen[size] = '\0';
	fclose(file);
	assert_string_equal(seen, text);
}

static void nothing(void **state)
{
	__u64 port;

	(void)state;
	expect("  no exit reached vmrun\n");
	assert_false(exit_history_polls(&history, &port));
}

static void kinds(void **state)
{
	(void)state;
	add_io(false, 0x3f8, 'H', 1, 1);
	add_io(true, 0x1f0, 0xffff1234, 2, 1);
	add_io(false, 0x3f8, 'A', 1, 42);
	add_mmio(true, 0xd0000000, 'c', 4);
	add_mmio(false, 0xfee00020, 0x1122334455667788, 8);
	/* It is vmrun that asked for this one. */
	add(MINIVMX_EXIT_IRQ_WINDOW_OPEN);
	add(MINIVMX_EXIT_HLT);
	add(MINIVMX_EXIT_INTERNAL_ERROR);
	expect("  last exits:\n"
	       "    OUT 0x3f8 <- 0x48 'H'\n"
	       "    IN 0x1f0 -> 0x1234\n"
	       "    OUT 0x3f8 <- 0x41 'A', the first of 42\n"
	       "    MMIO write 0xd0000000 <- 0x00000063 'c'\n"
	       "    MMIO read 0xfee00020 -> 0x1122334455667788\n"
	       "    HLT\n"
	       "    INTERNAL_ERROR\n");
}

static void newest(void **state)
{
	__u32 i;

	(void)state;
	for (i = 0; i < 20; i++)
		add_io(false, 0x80, i, 1, 1);
	expect("  last exits:\n"
	       "    OUT 0x80 <- 0x0c\n    OUT 0x80 <- 0x0d\n    OUT 0x80 <- 0x0e\n"
	       "    OUT 0x80 <- 0x0f\n    OUT 0x80 <- 0x10\n    OUT 0x80 <- 0x11\n"
	       "    OUT 0x80 <- 0x12\n    OUT 0x80 <- 0x13\n");
}

static void equal_ones(void **state)
{
	__u64 port = 0;
	int i;

	(void)state;
	add_io(true, 0x60, 0, 1, 1);
	for (i = 0; i < 9; i++)
		add_io(true, 0x64, 0x14, 1, 1);
	assert_false(exit_history_polls(&history, &port));
	add_io(true, 0x64, 0x14, 1, 1);
	assert_true(exit_history_polls(&history, &port));
	assert_int_equal(port, 0x64);
	expect("  last exits:\n    IN 0x60 -> 0x00\n    IN 0x64 -> 0x14, 10 times\n");
	add_io(true, 0x64, 0x15, 1, 1);
	add_io(false, 0x64, 0x15, 1, 1);
	add_io(false, 0x64, 0x15, 2, 1);
	assert_false(exit_history_polls(&history, &port));
	expect("  last exits:\n    IN 0x60 -> 0x00\n    IN 0x64 -> 0x14, 10 times\n"
	       "    IN 0x64 -> 0x15\n    OUT 0x64 <- 0x15\n    OUT 0x64 <- 0x0015\n");
	/* To write again and again is no question. */
	for (i = 0; i < 200; i++)
		add_io(false, 0x80, 1, 1, 1);
	assert_false(exit_history_polls(&history, &port));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nothing, start),
		cmocka_unit_test_setup(kinds, start),
		cmocka_unit_test_setup(newest, start),
		cmocka_unit_test_setup(equal_ones, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
