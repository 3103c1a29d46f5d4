// SPDX-License-Identifier: GPL-2.0
/*
 * INT 16h: the keyboard, which is standard input. A byte is a key of an American
 * keyboard, as far as one has it.
 */
#include "array_size.h"
#include "bios.h"

/* How long a guest waits that asks for the second time: it polls, and would burn a CPU. */
#define POLL_MS		1

#define KEY_ENTER	0x1c0d
#define KEY_BACKSPACE	0x0e08
#define DELETE		0x7f	/* what a terminal sends for it */

/* Scan codes: of the keys in each row, from the first one on. */
static const struct {
	__u8 first;
	const char *plain, *shifted;
} rows[] = {
	{ 0x02, "1234567890-=", "!@#$%^&*()_+" },
	{ 0x0f, "\t", "" },
	{ 0x10, "qwertyuiop[]", "QWERTYUIOP{}" },
	{ 0x1e, "asdfghjkl;'`", "ASDFGHJKL:\"~" },
	{ 0x2b, "\\zxcvbnm,./", "|ZXCVBNM<>?" },
	{ 0x39, " ", "" },
	{ 0x01, "\033", "" },
};

static __u8 position(const char *keys, __u8 byte)
{
	unsigned int i;

	for (i = 0; keys[i]; i++)
		if ((__u8)keys[i] == byte)
			return i + 1;
	return 0;
}

static __u8 scan_code(__u8 byte)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		__u8 at = position(rows[i].plain, byte);

		if (!at)
			at = position(rows[i].shifted, byte);
		if (at)
			return rows[i].first + at - 1;
	}
	return 0;
}

/* Scan code and character. No key has a byte above 0x7f: its scan code is 0. */
static __u16 key_of(__u8 byte)
{
	if (byte == '\n' || byte == '\r')
		return KEY_ENTER;
	if (byte == '\b' || byte == DELETE)
		return KEY_BACKSPACE;
	/* With Ctrl, letters and some others have the number of their place. */
	if (byte < ' ' && byte != '\t' && byte != '\033')
		return scan_code(byte + '@') << 8 | byte;
	return scan_code(byte) << 8 | byte;
}

static bool look(struct bios *bios)
{
	__u8 byte;

	if (bios->key)
		return true;
	if (!bios->input(bios->arg, bios->polled ? POLL_MS : 0, &byte)) {
		bios->polled = true;
		return false;
	}
	bios->polled = false;
	bios->key = key_of(byte);
	return true;
}

/** bios_keyboard_call() - INT 16h */
void bios_keyboard_call(struct bios *bios, struct bios_call *call)
{
	switch (HIGH(call->regs.rax)) {
	case 0x00:	/* wait for a key, and take it */
	case 0x10:
		if (!look(bios)) {
			call->regs.rflags |= FLAG_CARRY;
			return;
		}
		set_word(&call->regs.rax, bios->key);
		bios->key = 0;
		break;
	case 0x01:	/* is there one? */
	case 0x11:
		call->flags |= FLAG_ZERO;
		if (!look(bios))
			break;
		set_word(&call->regs.rax, bios->key);
		call->flags &= ~FLAG_ZERO;
		break;
	case 0x02:	/* Shift and its like: of a byte, nobody knows */
		set_low(&call->regs.rax, 0);
		break;
	default:
		bios_status(call, BIOS_UNKNOWN);
		return;
	}
	call->flags &= ~FLAG_CARRY;
}
