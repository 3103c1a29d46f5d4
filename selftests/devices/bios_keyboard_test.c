// SPDX-License-Identifier: GPL-2.0
/*
 * INT 16h of vmrun's BIOS, without a guest. Needs no VT-x.
 *
 * Breakage it catches: keys with another code, or that are there twice; a guest that
 * polls and burns a CPU.
 */
#include "bios.h"

static unsigned int waits;
static const char *keys;

static bool input(void *arg, int timeout_ms, __u8 *byte)
{
	assert_ptr_equal(arg, &waits);
	waits += timeout_ms > 0;
	if (!*keys)
		return false;
	*byte = *keys++;
	return true;
}

static int start(void **state)
{
	int ret = open_bios(state);

	waits = 0;
	keys = "";
	bios.input = input;
	bios.arg = &waits;
	return ret;
}

static void key_codes(void **state)
{
	/* As an American keyboard has them. */
	static const struct {
		const char *byte;
		__u16 key;
	} rows[] = {
		{ "a", 0x1e61 }, { "A", 0x1e41 }, { "1", 0x0231 }, { "!", 0x0221 },
		{ "0", 0x0b30 }, { " ", 0x3920 }, { "\n", 0x1c0d }, { "\r", 0x1c0d },
		{ "\b", 0x0e08 }, { "\177", 0x0e08 }, { "\t", 0x0f09 }, { "\033", 0x011b },
		{ "\4", 0x2004 }, { "\32", 0x2c1a }, { "\34", 0x2b1c }, { "/", 0x352f },
		{ "?", 0x353f }, { "~", 0x297e }, { "'", 0x2827 }, { "\\", 0x2b5c },
		{ "z", 0x2c7a }, { "]", 0x1b5d }, { "=", 0x0d3d }, { "\344", 0x00e4 },
	};
	struct bios_call call;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		keys = rows[i].byte;
		call = int_ax(0x16, i % 2 ? 0x0000 : 0x1000);
		assert_int_equal(call.regs.rax, rows[i].key);
		assert_false((call.flags | call.regs.rflags) & FLAG_CARRY);
	}
}

static void keyboard(void **state)
{
	struct bios_call call, none = { .regs.rax = 0x0100 };

	(void)state;
	/* None: it is asked again, and not before a while. */
	call = int_ax(0x16, 0x0000);
	assert_true(call.regs.rflags & FLAG_CARRY);
	assert_int_equal(call.regs.rax, 0);
	assert_int_equal(waits, 0);
	call = int_ax(0x16, 0x0100);
	assert_true(call.flags & FLAG_ZERO);
	assert_false(call.regs.rflags & FLAG_CARRY);
	assert_int_equal(waits, 1);
	bios_call(&bios, 0x16, &none);
	assert_true(none.flags & FLAG_ZERO);
	/* One may be looked at more than once, and taken once. */
	keys = "ab";
	call = int_ax(0x16, 0x0100);
	assert_false(call.flags & FLAG_ZERO);
	assert_int_equal(call.regs.rax, 0x1e61);
	call = int_ax(0x16, 0x1100);
	assert_int_equal(call.regs.rax, 0x1e61);
	call = int_ax(0x16, 0x0000);
	assert_int_equal(call.regs.rax, 0x1e61);
	call = int_ax(0x16, 0x0000);
	assert_int_equal(call.regs.rax, 0x3062);
	call = int_ax(0x16, 0x0000);
	assert_true(call.regs.rflags & FLAG_CARRY);
	call = int_ax(0x16, 0x02ff);
	assert_int_equal(LOW(call.regs.rax), 0);
	call = int_ax(0x16, 0x0300);
	assert_unknown(&call);
}

#define test(name)	cmocka_unit_test_setup_teardown(name, start, close_bios)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(key_codes), test(keyboard),
	};

	return cmocka_run_group_tests_name("bios_keyboard", tests, NULL, NULL);
}
