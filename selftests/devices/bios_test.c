// SPDX-License-Identifier: GPL-2.0
/*
 * vmrun's BIOS but for its disk and its keyboard, without a guest. Needs no VT-x.
 *
 * Breakage it catches: vectors that lead elsewhere, characters that are lost, a map of
 * the memory that is not the memory's, a service that touches what is not the guest's,
 * an unknown function that says nothing.
 */
#include "../../userspace/devices/rtc.h"
#include "bios.h"

static char text[64];
static unsigned int nr, limit, refused, resets;

static int output(void *arg, __u8 byte)
{
	assert_ptr_equal(arg, text);
	if (nr == limit)
		return ++refused;
	text[nr++] = byte;
	return 0;
}

static bool no_input(void *arg, int timeout_ms, __u8 *byte)
{
	(void)arg;
	(void)timeout_ms;
	(void)byte;
	return false;
}

static void reset(void *arg)
{
	assert_ptr_equal(arg, text);
	resets++;
}

static int start(void **state)
{
	int ret = open_bios(state);

	memset(text, 0, sizeof(text));
	nr = 0;
	refused = 0;
	resets = 0;
	limit = sizeof(text) - 1;
	bios.output = output;
	bios.input = no_input;
	bios.reset = reset;
	bios.arg = text;
	return ret;
}

static __u16 word_at(__u32 address)
{
	__u16 word;

	memcpy(&word, bios.mem + address, sizeof(word));
	return word;
}

/* Each leads to an instruction of the kind that it should begin with. */
static void vectors(void **state)
{
	unsigned int vector;

	(void)state;
	for (vector = 0; vector < 256; vector++) {
		const __u8 *code = bios.mem + BIOS_ADDR + word_at(vector * 4);

		assert_int_equal(word_at(vector * 4 + 2), BIOS_ADDR / 16);
		if (vector == 0x16)
			assert_int_equal(*code++, 0xfb);	/* STI */
		if (vector >= 0x10 && vector <= 0x1a) {
			assert_int_equal(code[0], 0xe6);	/* OUT */
			assert_int_equal(code[1], BIOS_PORT + vector - BIOS_FIRST);
		} else if (vector == 0x08) {
			assert_int_equal(*code, 0x1e);		/* PUSH DS */
		} else if ((vector & 0xf8) == 0x08 || (vector & 0xf8) == 0x70) {
			assert_int_equal(*code, 0x50);		/* PUSH AX */
		} else {
			assert_int_equal(*code, 0xcf);		/* IRET */
		}
	}
	assert_int_equal(bios.mem[BIOS_ADDR], 0xfa);		/* CLI */
}

static void screen(void **state)
{
	static const __u16 accepted[] = { 0x0003, 0x0100, 0x0200, 0x0500, 0x0600, 0x0700 };
	struct bios_call call;
	const char *c;
	size_t i;

	(void)state;
	for (c = "hi\r\n\377"; *c; c++) {
		call = int_ax(0x10, 0x0e00 | (__u8)*c);
		assert_false(call.flags & FLAG_CARRY);
		assert_int_equal(call.regs.rax, 0x0e00 | (__u8)*c);
	}
	for (i = 0; i < sizeof(accepted) / sizeof(accepted[0]); i++) {
		call = int_ax(0x10, accepted[i]);
		assert_false(call.flags & FLAG_CARRY);
	}
	call = int_ax(0x10, 0x0300);
	assert_int_equal(WORD(call.regs.rdx), 0);
	call = int_ax(0x10, 0x0f00);
	assert_int_equal(WORD(call.regs.rax), 0x5003);
	assert_int_equal(HIGH(call.regs.rbx), 0);
	assert_string_equal(text, "hi\r\n\377");
	call = int_ax(0x10, 0x0900);
	assert_unknown(&call);
	call = int_ax(0x10, 0x4f02);
	assert_unknown(&call);
}

static void strings(void **state)
{
	struct minivmx_regs regs = { .rax = 0x1301, .rcx = 3, .rbp = 0x10 };

	(void)state;
	memcpy(bios.mem + 0x20010, "abcdef", 6);
	int_n(0x10, regs, 0, 0x2000);
	assert_string_equal(text, "abc");
	regs.rax = 0x1303;	/* each with its colour */
	int_n(0x10, regs, 0, 0x2000);
	assert_string_equal(text, "abcace");
	/* From the end of the segment on, it is at its start again. */
	bios.mem[0x2ffff] = 'x';
	bios.mem[0x20000] = 'y';
	regs = (struct minivmx_regs){ .rax = 0x1300, .rcx = 2, .rbp = 0xffff };
	int_n(0x10, regs, 0, 0x2000);
	assert_string_equal(text, "abcacexy");
	/* Up to the end of the memory, and of what output takes. */
	bios.mem[MEMORY - 1] = 'z';
	regs = (struct minivmx_regs){ .rax = 0x1300, .rcx = 0xffff, .rbp = MEMORY - 1 - 0xffff0 };
	int_n(0x10, regs, 0, 0xffff);
	assert_string_equal(text, "abcacexyz");
	limit = nr + 1;
	memset(bios.mem + 0x20000, '!', 0x100);
	regs = (struct minivmx_regs){ .rax = 0x1300, .rcx = 0x100 };
	int_n(0x10, regs, 0, 0x2000);
	assert_string_equal(text, "abcacexyz!");
	assert_int_equal(refused, 1);
}

static void what_there_is(void **state)
{
	struct bios_call call;

	(void)state;
	call = int_ax(0x11, 0xffff);
	assert_int_equal(call.regs.rax, 0x0222);
	call = int_ax(0x12, 0xffff);
	assert_int_equal(call.regs.rax, 640);
	assert_int_equal(word_at(0x400), 0x3f8);
	/* Where there is nothing, and what is no call of the BIOS. */
	call = int_ax(0x14, 0);
	assert_unknown(&call);
	call = int_ax(0x17, 0);
	assert_unknown(&call);
	call = int_ax(0x18, 0);
	assert_unknown(&call);
	call = int_ax(0x0f, 0);
	assert_unknown(&call);
	call = int_ax(0x1b, 0);
	assert_unknown(&call);
}

#define SMAP	0x534d4150

static struct bios_call e820(__u32 index, __u32 size, __u32 smap, __u16 es, __u16 di)
{
	const struct minivmx_regs regs = {
		.rax = 0xe820, .rbx = index, .rcx = size, .rdx = smap, .rdi = di,
	};

	return int_n(0x15, regs, 0, es);
}

static void memory_map(void **state)
{
	/* Of which the first 20 bytes count. */
	static const struct entry {
		__u64 start, size;
		__u32 type;
	} entries[] = {
		{ 0, 0xa0000, 1 }, { 0xf0000, 0x10000, 2 }, { 0x100000, MEMORY - 0x100000, 1 },
	};
	struct bios_call call;
	__u32 next = 0;
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		bios.mem[0x20010 + 20] = 0x5a;
		call = e820(next, 24, SMAP, 0x2000, 0x10);
		assert_false(call.flags & FLAG_CARRY);
		assert_int_equal(call.regs.rax, SMAP);
		assert_int_equal(call.regs.rcx, 20);
		assert_memory_equal(bios.mem + 0x20010, &entries[i], 20);
		assert_int_equal(bios.mem[0x20010 + 20], 0x5a);
		next = call.regs.rbx;
		assert_int_equal(!next, i == 2);
	}
	/* Without memory above 1 MiB, there are two. */
	bios.mem_size = BIOS_END;
	call = e820(1, 20, SMAP, 0x2000, 0x10);
	assert_int_equal(call.regs.rbx, 0);
}

static void memory_map_wrong(void **state)
{
	static const struct {
		__u32 index, size, smap;
		__u16 es, di;
	} rows[] = {
		{ 3, 20, SMAP, 0x2000, 0 },
		{ 0xffffffff, 20, SMAP, 0x2000, 0 },
		{ 0, 19, SMAP, 0x2000, 0 },
		{ 0, 0, SMAP, 0x2000, 0 },
		{ 0, 20, 0, 0x2000, 0 },
		{ 0, 20, SMAP, 0x2000, 0xffed },
		{ 0, 20, SMAP, 0xffff, MEMORY - 0xffff0 - 19 },
		{ 0, 20, SMAP, 0xffff, 0xffec },
	};
	struct bios_call call;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		call = e820(rows[i].index, rows[i].size, rows[i].smap, rows[i].es, rows[i].di);
		assert_unknown(&call);
	}
	for (i = 0x1000; i < BIOS_ADDR; i++)
		assert_int_equal(bios.mem[i], 0);
}

static void memory_size(void **state)
{
	/* Memory, AH=88h, and AX=e801h: KiB from 1 MiB on, 64 KiB from 16 MiB on. */
	static const struct {
		__u64 memory;
		__u16 kib, low, high;
	} rows[] = {
		{ 0x100000, 0, 0, 0 },
		{ 0x101000, 4, 4, 0 },
		{ 0x1000000, 15360, 15360, 0 },
		{ 0x1020000, 15488, 15360, 2 },
		{ 0x8000000, 0xffff, 15360, 0x700 },
		{ 0x200000000, 0xffff, 15360, 0xff00 },
	};
	struct bios_call call;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bios.mem_size = rows[i].memory;
		call = int_ax(0x15, 0x8800);
		assert_false(call.flags & FLAG_CARRY);
		assert_int_equal(call.regs.rax, rows[i].kib);
		call = int_ax(0x15, 0xe801);
		assert_false(call.flags & FLAG_CARRY);
		assert_int_equal(call.regs.rax, rows[i].low);
		assert_int_equal(call.regs.rcx, rows[i].low);
		assert_int_equal(call.regs.rbx, rows[i].high);
		assert_int_equal(call.regs.rdx, rows[i].high);
	}
	call = int_ax(0x15, 0x8700);
	assert_unknown(&call);
}

static void address_line_20(void **state)
{
	struct bios_call call;

	(void)state;
	call = int_ax(0x15, 0x2400);
	assert_unknown(&call);
	call = int_ax(0x15, 0x2401);
	assert_int_equal(status_of(&call), 0);
	call = int_ax(0x15, 0x2402);
	assert_int_equal(call.regs.rax, 1);
	call = int_ax(0x15, 0x2403);
	assert_int_equal(status_of(&call), 0);
	assert_int_equal(call.regs.rbx, 3);
}

static void start_anew(void **state)
{
	(void)state;
	assert_int_equal(resets, 0);
	int_ax(0x19, 0);
	assert_int_equal(resets, 1);
}

static __u64 no_time(void *arg)
{
	(void)arg;
	return 0;
}

static void time_of_day(void **state)
{
	struct rtc clock = { .clock = { .now = no_time } };
	const struct bus_claim claim = { "RTC", RTC_PORT, RTC_NR_PORTS, &rtc_ops, &clock };
	const __u32 ticks = 0x00123456;
	struct bios_call call;

	(void)state;
	memcpy(bios.mem + 0x46c, &ticks, sizeof(ticks));
	bios.mem[0x470] = 1;
	call = int_ax(0x1a, 0x00ff);
	assert_int_equal(call.regs.rcx, 0x12);
	assert_int_equal(call.regs.rdx, 0x3456);
	assert_int_equal(call.regs.rax, 1);
	/* Midnight is told once. */
	call = int_ax(0x1a, 0x0000);
	assert_int_equal(call.regs.rax, 0);

	/* 2026-03-04 15:06:07 UTC */
	rtc_init(&clock, 1772636767, MEMORY);
	assert_int_equal(bus_claim(&ports, &claim), 0);
	call = int_ax(0x1a, 0x0200);
	assert_int_equal(status_of(&call), 0);
	assert_int_equal(call.regs.rcx, 0x1506);
	assert_int_equal(call.regs.rdx, 0x0700);
	call = int_ax(0x1a, 0x0400);
	assert_int_equal(status_of(&call), 0);
	assert_int_equal(call.regs.rcx, 0x2026);
	assert_int_equal(call.regs.rdx, 0x0304);
	call = int_ax(0x1a, 0x0100);
	assert_unknown(&call);
}

static __u64 seed = 1;

static __u64 random_number(void)
{
	/* Knuth's MMIX generator; its low bits are the poor ones. */
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return seed >> 16;
}

/* Whatever the registers hold, nobody leaves the memory or the disk: ASan looks. */
static void any_registers(void **state)
{
	static const __u16 functions[] = {
		0x0200, 0x0800, 0x4100, 0x4200, 0x1300, 0xe820, 0xe801, 0x0000, 0x0100,
	};
	__u8 *disk = calloc(1, 5 * SECTOR_SIZE);
	struct bios_call call;
	unsigned long i, j;
	__u64 *regs;

	(void)state;
	limit = 0;
	bios_disk_insert(&bios.disk, disk, 5 * SECTOR_SIZE);
	for (i = 0; i < 300000; i++) {
		regs = (__u64 *)&call.regs;
		for (j = 0; j < sizeof(call.regs) / sizeof(*regs); j++)
			regs[j] = random_number() >> random_number() % 48;
		call.regs.rax = functions[random_number() % 9] | random_number() % 8;
		call.regs.rdx = random_number() % 4 ? 0x80 : SMAP;
		call.ds = random_number() >> random_number() % 48;
		call.es = random_number() % 2 ? random_number() % 0x110000 : random_number();
		/* A packet for the disk, now and then. */
		bios.mem[0x600] = 16;
		bios.mem[0x602] = random_number() % 6;
		memcpy(bios.mem + 0x604, &regs[1], sizeof(regs[1]));
		if (random_number() % 2) {
			call.ds = 0;
			call.regs.rsi = 0x600;
		}
		bios_call(&bios, BIOS_FIRST + random_number() % BIOS_NR, &call);
	}
	free(disk);
}

#define test(name)	cmocka_unit_test_setup_teardown(name, start, close_bios)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(vectors), test(screen), test(strings), test(what_there_is),
		test(memory_map), test(memory_map_wrong), test(memory_size),
		test(address_line_20), test(start_anew), test(time_of_day), test(any_registers),
	};

	return cmocka_run_group_tests_name("bios", tests, NULL, NULL);
}
