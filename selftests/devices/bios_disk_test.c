// SPDX-License-Identifier: GPL-2.0
/*
 * INT 13h of vmrun's BIOS, without a guest. Needs no VT-x.
 *
 * Breakage it catches: a geometry that is not the disk's, a wrong sector, a read beyond
 * the file or the guest's memory, a failure that changes memory, that has the wrong
 * status or no CF, a disk that can be written to.
 */
#include "bios.h"

#define SECTORS		40		/* of the disk */
#define TO		0x2000		/* where sectors are read to: ES */

static __u8 *disk;

/* Each byte of a sector is its number plus 1. */
static int insert(void **state)
{
	unsigned int i;

	if (open_bios(state))
		return -1;
	disk = malloc(SECTORS * SECTOR_SIZE);
	for (i = 0; i < SECTORS; i++)
		memset(disk + i * SECTOR_SIZE, i + 1, SECTOR_SIZE);
	bios_disk_insert(&bios.disk, disk, SECTORS * SECTOR_SIZE);
	return 0;
}

static int eject(void **state)
{
	free(disk);
	return close_bios(state);
}

static struct bios_call read_chs(unsigned int count, unsigned int cx, unsigned int dx,
				 __u16 es, __u16 bx)
{
	const struct minivmx_regs regs = {
		.rax = 0x0200 | count, .rbx = bx, .rcx = cx, .rdx = dx,
	};

	return int_n(0x13, regs, 0, es);
}

/* @nr sectors are in memory, from @first on, and nothing after them. */
static void assert_read(const __u8 *at, unsigned int first, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr * SECTOR_SIZE; i++)
		assert_int_equal(at[i], first + i / SECTOR_SIZE + 1);
	assert_int_equal(at[i], 0);
}

static void chs(void **state)
{
	struct bios_call call;

	(void)state;
	call = read_chs(1, 0x0002, 0x0080, TO, 0x10);
	assert_int_equal(status_of(&call), 0);
	assert_int_equal(LOW(call.regs.rax), 1);
	assert_read(bios.mem + TO * 16 + 0x10, 1, 1);
	/* All of it. */
	call = read_chs(SECTORS, 0x0001, 0x0080, TO, 0);
	assert_int_equal(status_of(&call), 0);
	assert_read(bios.mem + TO * 16, 0, SECTORS);
}

static void assert_fails(__u8 status, struct bios_call call)
{
	__u32 i;

	assert_int_equal(status_of(&call), status);
	assert_int_equal(LOW(call.regs.rax), 0);
	for (i = 0x1000; i < BIOS_ADDR; i++)
		if (bios.mem[i])
			fail_msg("0x%x was changed", i);
}

static void chs_wrong(void **state)
{
	(void)state;
	assert_fails(0x01, read_chs(0, 0x0001, 0x0080, TO, 0));
	assert_fails(0x01, read_chs(129, 0x0001, 0x0080, TO, 0));
	assert_fails(0x01, read_chs(255, 0x0001, 0x0080, TO, 0));
	assert_fails(0x01, read_chs(1, 0x0000, 0x0080, TO, 0));	/* no sector 0 */
	/* Beyond the file, and beyond the geometry: cylinder 0, 16 heads of 63 sectors. */
	assert_fails(0x04, read_chs(1, SECTORS + 1, 0x0080, TO, 0));
	assert_fails(0x04, read_chs(2, SECTORS, 0x0080, TO, 0));
	assert_fails(0x04, read_chs(128, 0x0001, 0x0080, TO, 0));
	assert_fails(0x04, read_chs(1, 0x0001, 0x0180, TO, 0));
	assert_fails(0x04, read_chs(1, 0x0001, 0xff80, TO, 0));
	assert_fails(0x04, read_chs(1, 0x0101, 0x0080, TO, 0));
	assert_fails(0x04, read_chs(1, 0x0041, 0x0080, TO, 0));
	assert_fails(0x04, read_chs(1, 0xffff, 0xff80, TO, 0));
}

static void other_drive(void **state)
{
	struct bios_call call;

	(void)state;
	call = read_chs(1, 0x0001, 0x0000, TO, 0);
	assert_int_equal(status_of(&call), 0x01);
	call = read_chs(1, 0x0001, 0x0081, TO, 0);
	assert_int_equal(status_of(&call), 0x01);
	bios.disk.data = NULL;
	call = read_chs(1, 0x0001, 0x0080, TO, 0);
	assert_int_equal(status_of(&call), 0x01);
}

/* ES:BX: to the last byte of the segment, and of the memory, but no further. */
static void buffer(void **state)
{
	struct bios_call call;

	(void)state;
	assert_fails(0x09, read_chs(1, 0x0001, 0x0080, TO, 0xfe01));
	assert_fails(0x09, read_chs(1, 0x0001, 0x0080, TO, 0xffff));
	assert_fails(0x09, read_chs(2, 0x0001, 0x0080, TO, 0xfe00));
	assert_fails(0x09, read_chs(1, 0x0001, 0x0080, 0xffff, MEMORY - 0xffff0 - 511));
	assert_fails(0x09, read_chs(1, 0x0001, 0x0080, 0xffff, 0xfe00));
	call = read_chs(1, 0x0001, 0x0080, TO, 0xfe00);
	assert_int_equal(status_of(&call), 0);
	assert_read(bios.mem + TO * 16 + 0xfe00, 0, 1);
	call = read_chs(1, 0x0002, 0x0080, 0xffff, MEMORY - 0xffff0 - 512);
	assert_int_equal(status_of(&call), 0);
	assert_int_equal(bios.mem[MEMORY - 513], 0);
	assert_int_equal(bios.mem[MEMORY - 512], 2);
	assert_int_equal(bios.mem[MEMORY - 1], 2);
}

static struct bios_call call_disk(__u16 ax)
{
	const struct minivmx_regs regs = { .rax = ax, .rbx = 0xabcd, .rdx = bios.disk.drive };

	return int_n(0x13, regs, 0, 0);
}

static void geometry(void **state)
{
	/* Drive, then what AH=08h says in CX, DH and BL. */
	static const struct {
		__u64 sectors;
		__u8 drive;
		__u16 cx;
		__u8 dh, bl;
	} rows[] = {
		{ 2880, 0x00, 79 << 8 | 18, 1, 4 },
		{ 1440, 0x00, 79 << 8 | 9, 1, 3 },
		{ 320, 0x00, 39 << 8 | 8, 0, 1 },
		{ 1, 0x80, 0 << 8 | 63, 15, 0 },
		{ 16 * 63, 0x80, 0 << 8 | 63, 15, 0 },
		{ 16 * 63 + 1, 0x80, 1 << 8 | 63, 15, 0 },
		{ 1024 * 16 * 63, 0x80, 0xff << 8 | 0xc0 | 63, 15, 0 },
		{ 1024 * 16 * 63 + 1, 0x80, 64 << 8 | 63, 254, 0 },
		{ 1ULL << 40, 0x80, 0xff << 8 | 0xc0 | 63, 254, 0 },
	};
	struct bios_call call;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bios_disk_insert(&bios.disk, disk, rows[i].sectors * SECTOR_SIZE);
		assert_int_equal(bios.disk.drive, rows[i].drive);
		call = call_disk(0x0800);
		assert_int_equal(status_of(&call), 0);
		assert_int_equal(WORD(call.regs.rcx), rows[i].cx);
		assert_int_equal(HIGH(call.regs.rdx), rows[i].dh);
		assert_int_equal(LOW(call.regs.rdx), 1);
		assert_int_equal(WORD(call.regs.rbx), 0xab00 | rows[i].bl);
	}
}

/* Cylinder, head and sector of a floppy disk, which are not the numbers of a hard disk. */
static void floppy(void **state)
{
	__u8 *image = calloc(2880, SECTOR_SIZE);
	struct bios_call call;

	(void)state;
	memset(image + ((3 * 2 + 1) * 18 + 4) * SECTOR_SIZE, 0x77, SECTOR_SIZE);
	bios_disk_insert(&bios.disk, image, 2880 * SECTOR_SIZE);
	call = read_chs(1, 3 << 8 | 5, 1 << 8, TO, 0);
	assert_int_equal(status_of(&call), 0);
	assert_int_equal(bios.mem[TO * 16], 0x77);
	assert_int_equal(bios.mem[TO * 16 + 511], 0x77);
	call = read_chs(1, 19, 0, TO, 0);
	assert_int_equal(status_of(&call), 0x04);
	call = read_chs(1, 1, 2 << 8, TO, 0);
	assert_int_equal(status_of(&call), 0x04);
	call = read_chs(1, 80 << 8 | 1, 0, TO, 0);
	assert_int_equal(status_of(&call), 0x04);
	free(image);
}

#define PACKET	0x6000			/* where it is: DS 0 */

struct packet {
	__u8 size, reserved;
	__u16 count, offset, segment;
	__u64 sector;
};

static struct bios_call by_packet(unsigned int function, struct packet packet)
{
	const struct minivmx_regs regs = {
		.rax = function << 8, .rdx = 0x80, .rsi = PACKET,
	};

	memcpy(bios.mem + PACKET, &packet, sizeof(packet));
	return int_n(0x13, regs, 0, 0);
}

static struct bios_call read_lba(struct packet packet)
{
	return by_packet(0x42, packet);
}

static void lba(void **state)
{
	struct packet packet = { 16, 0, 2, 0x10, TO, 38 };
	struct bios_call call;

	(void)state;
	call = read_lba(packet);
	assert_int_equal(status_of(&call), 0);
	assert_memory_equal(bios.mem + PACKET, &packet, sizeof(packet));
	assert_read(bios.mem + TO * 16 + 0x10, 38, 2);
	/* A longer packet is a later version's. */
	packet = (struct packet){ 24, 0, 1, 0, TO, 0 };
	call = read_lba(packet);
	assert_int_equal(status_of(&call), 0);
	packet.count = 0;
	call = read_lba(packet);
	assert_int_equal(status_of(&call), 0);
}

/* The packet says then that nothing was read, unless it is none. */
static void assert_lba_fails(__u8 status, struct packet packet)
{
	struct bios_call call = read_lba(packet);

	assert_int_equal(status_of(&call), status);
	if (status != 0x01)
		packet.count = 0;
	assert_memory_equal(bios.mem + PACKET, &packet, sizeof(packet));
	memset(bios.mem + PACKET, 0, sizeof(packet));
	assert_fails(status, call);
}

static void lba_wrong(void **state)
{
	const struct minivmx_regs regs = { .rax = 0x4200, .rdx = 0x80, .rsi = 0xfff8 };
	struct bios_call call;

	(void)state;
	assert_lba_fails(0x01, (struct packet){ 15, 0, 1, 0, TO, 0 });
	assert_lba_fails(0x01, (struct packet){ 0, 0, 1, 0, TO, 0 });
	assert_lba_fails(0x01, (struct packet){ 16, 0, 129, 0, TO, 0 });
	assert_lba_fails(0x01, (struct packet){ 16, 0, 0xffff, 0, TO, 0 });
	assert_lba_fails(0x04, (struct packet){ 16, 0, 1, 0, TO, SECTORS });
	assert_lba_fails(0x04, (struct packet){ 16, 0, 2, 0, TO, SECTORS - 1 });
	assert_lba_fails(0x04, (struct packet){ 16, 0, 1, 0, TO, ~0ULL });
	assert_lba_fails(0x04, (struct packet){ 16, 0, 2, 0, TO, ~0ULL });
	assert_lba_fails(0x04, (struct packet){ 16, 0, 1, 0, TO, ~0ULL / SECTOR_SIZE + 1 });
	assert_lba_fails(0x09, (struct packet){ 16, 0, 1, 0xfe01, TO, 0 });
	assert_lba_fails(0x09, (struct packet){ 16, 0, 1, 0xffff, 0xffff, 0 });
	/* The packet itself leaves its segment, and the memory. */
	call = int_n(0x13, regs, 0, 0);
	assert_int_equal(status_of(&call), 0x01);
	call = int_n(0x13, regs, 0xffff, 0);
	assert_int_equal(status_of(&call), 0x01);
}

/* What is read lands on the packet: it says no more than that. */
static void lba_onto_packet(void **state)
{
	struct bios_call call;

	(void)state;
	call = read_lba((struct packet){ 16, 0, 1, PACKET, 0, 4 });
	assert_int_equal(status_of(&call), 0);
	assert_int_equal(bios.mem[PACKET], 5);
	assert_int_equal(bios.mem[PACKET + 2], 1);
	assert_int_equal(bios.mem[PACKET + 4], 5);
}

/* Nothing is transferred, so it does not matter to where. */
static void verify_and_seek(void **state)
{
	const struct packet packet = { 16, 0, 2, 0xffff, 0xffff, 38 };
	struct packet wrong = packet;
	struct bios_call call;

	(void)state;
	call = by_packet(0x44, packet);
	assert_int_equal(status_of(&call), 0);
	assert_memory_equal(bios.mem + PACKET, &packet, sizeof(packet));
	memset(bios.mem + PACKET, 0, sizeof(packet));
	assert_fails(0, call);
	wrong.sector = 39;
	call = by_packet(0x44, wrong);
	assert_int_equal(status_of(&call), 0x04);
	assert_int_equal(((struct packet *)(bios.mem + PACKET))->count, 0);
	/* A seek does not ask how many. */
	call = by_packet(0x47, wrong);
	assert_int_equal(status_of(&call), 0);
	assert_memory_equal(bios.mem + PACKET, &wrong, sizeof(wrong));
	wrong.sector = SECTORS;
	call = by_packet(0x47, wrong);
	assert_int_equal(status_of(&call), 0x04);
	wrong.size = 15;
	call = by_packet(0x44, wrong);
	assert_int_equal(status_of(&call), 0x01);
	call = by_packet(0x47, wrong);
	assert_int_equal(status_of(&call), 0x01);
}

/* By their offsets in the specification. */
static void parameters(void **state)
{
	static const struct {
		unsigned int at, size;
		__u64 value;
	} fields[] = {
		{ 0, 2, 26 }, { 2, 2, 0x0002 }, { 4, 4, 1 }, { 8, 4, 16 }, { 12, 4, 63 },
		{ 16, 8, SECTORS }, { 24, 2, 512 }, { 26, 4, 0xeeeeeeee },
	};
	struct minivmx_regs regs = { .rax = 0x4800, .rdx = 0x80, .rsi = PACKET };
	__u8 *at = bios.mem + PACKET;
	struct bios_call call;
	size_t i;

	(void)state;
	memset(at, 0xee, 30);
	memcpy(at, &(__u16){ 30 }, 2);
	call = int_n(0x13, regs, 0, 0);
	assert_int_equal(status_of(&call), 0);
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		assert_memory_equal(at + fields[i].at, &fields[i].value, fields[i].size);
	/* A buffer that is too short, and one that leaves its segment. */
	memcpy(at, &(__u16){ 25 }, 2);
	call = int_n(0x13, regs, 0, 0);
	assert_int_equal(status_of(&call), 0x01);
	assert_int_equal(at[0], 25);
	regs.rsi = 0xfff0;
	memcpy(bios.mem + 0xfff0, &(__u16){ 26 }, 2);
	call = int_n(0x13, regs, 0, 0);
	assert_int_equal(status_of(&call), 0x01);
	call = int_n(0x13, regs, 0xffff, 0);
	assert_int_equal(status_of(&call), 0x01);
}

static void others(void **state)
{
	static const __u16 to_write[] = { 0x0301, 0x4300 };
	static const __u16 not_there[] = { 0x0100, 0x0501, 0x1500, 0x4500, 0x4900, 0xff00 };
	__u8 before[SECTOR_SIZE];
	struct minivmx_regs regs = { .rax = 0x4100, .rbx = 0x55aa, .rdx = 0x80 };
	struct bios_call call;
	size_t i;

	(void)state;
	call = call_disk(0x0000);
	assert_int_equal(status_of(&call), 0);
	memcpy(before, disk, sizeof(before));
	for (i = 0; i < 2; i++) {
		call = call_disk(to_write[i]);
		assert_int_equal(status_of(&call), 0x03);
	}
	assert_memory_equal(disk, before, sizeof(before));
	for (i = 0; i < sizeof(not_there) / sizeof(not_there[0]); i++) {
		call = call_disk(not_there[i]);
		assert_unknown(&call);
	}
	/* Are there extensions? */
	call = int_n(0x13, regs, 0, 0);
	assert_false(call.flags & FLAG_CARRY);
	assert_int_equal(WORD(call.regs.rbx), 0xaa55);
	assert_true(call.regs.rcx & 1);
	regs.rbx = 0;
	call = int_n(0x13, regs, 0, 0);
	assert_int_equal(status_of(&call), 0x01);
}

#define test(name)	cmocka_unit_test_setup_teardown(name, insert, eject)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(chs), test(chs_wrong), test(other_drive), test(buffer), test(geometry),
		test(floppy), test(lba), test(lba_wrong), test(lba_onto_packet),
		test(verify_and_seek), test(parameters), test(others),
	};

	return cmocka_run_group_tests_name("bios_disk", tests, NULL, NULL);
}
