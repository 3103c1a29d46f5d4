// SPDX-License-Identifier: GPL-2.0
/*
 * INT 13h: the disk, which is the file that was booted. It is only read.
 *
 * Functions 41h to 48h are those of the BIOS Enhanced Disk Drive Specification 3.0.
 */
#include <string.h>

#include "array_size.h"
#include "bios.h"

/* What AH says of a failure. */
enum {
	INVALID = 0x01,		/* a parameter, or a disk that is not there */
	WRITE_PROTECTED = 0x03,
	NOT_FOUND = 0x04,	/* there is no such sector */
	BOUNDARY = 0x09,	/* it leaves the segment, or the memory */
};

#define FIRST_HARD_DISK		0x80
#define MAX_COUNT		128	/* all that fits into a segment */
#define MAX_CYLINDERS		1024	/* 10 bits */
/* Of a hard disk: at most 504 MiB with the fewer heads. */
#define HEADS			16
#define MAX_HEADS		255
#define SECTORS			63

#define EXTENSIONS_ASKED	0x55aa
#define EXTENSIONS_THERE	0xaa55
#define EXTENSIONS_VERSION	0x30
#define EXTENSIONS_READ		0x0001	/* functions 42h to 44h, 47h and 48h */

/* The disk address packet of functions 42h, 44h and 47h; nothing in it needs padding. */
struct packet {
	__u8 size, reserved;
	__u16 count;
	__u16 offset, segment;
	__u64 sector;
};

/* What function 48h says of the disk: the first 26 bytes, without what C adds to them. */
struct parameters {
	__u16 size, flags;
	__u32 cylinders, heads, sectors;
	__u64 nr_sectors;
	__u16 sector_size;
};

#define PARAMETERS_SIZE		26
#define GEOMETRY_IS_VALID	0x0002	/* of its flags: it reaches to the end */

/* The floppy disks there are, by their size. */
static const struct {
	unsigned int nr_sectors;
	__u8 cylinders, heads, sectors, type;
} floppies[] = {
	{ 320, 40, 1, 8, 1 },
	{ 360, 40, 1, 9, 1 },
	{ 640, 40, 2, 8, 1 },
	{ 720, 40, 2, 9, 1 },
	{ 1440, 80, 2, 9, 3 },
	{ 2400, 80, 2, 15, 2 },
	{ 2880, 80, 2, 18, 4 },
	{ 5760, 80, 2, 36, 5 },
};

/**
 * bios_disk_insert() - make a file the disk
 * @disk: filled in
 * @data: the file
 * @size: its bytes: a multiple of SECTOR_SIZE; the rest of it is not seen
 */
void bios_disk_insert(struct bios_disk *disk, const __u8 *data, size_t size)
{
	__u64 nr = size / SECTOR_SIZE, cylinders;
	unsigned int i;

	*disk = (struct bios_disk){ .data = data, .nr_sectors = nr, .sectors = SECTORS };
	for (i = 0; i < ARRAY_SIZE(floppies); i++)
		if (nr == floppies[i].nr_sectors) {
			disk->type = floppies[i].type;
			disk->cylinders = floppies[i].cylinders;
			disk->heads = floppies[i].heads;
			disk->sectors = floppies[i].sectors;
			return;
		}
	disk->drive = FIRST_HARD_DISK;
	disk->heads = nr > MAX_CYLINDERS * HEADS * SECTORS ? MAX_HEADS : HEADS;
	/* The last cylinder need not be whole. */
	cylinders = (nr + disk->heads * SECTORS - 1) / (disk->heads * SECTORS);
	disk->cylinders = cylinders < MAX_CYLINDERS ? cylinders : MAX_CYLINDERS;
}

static __u8 find_sectors(const struct bios_disk *disk, __u64 sector, unsigned int count)
{
	return sector > disk->nr_sectors || count > disk->nr_sectors - sector ? NOT_FOUND : 0;
}

/* Return: what becomes of a transfer to @to, which may be NULL. */
static __u8 read_sectors(const struct bios_disk *disk, __u64 sector, unsigned int count,
			 void *to)
{
	if (find_sectors(disk, sector, count))
		return NOT_FOUND;
	if (!to)
		return BOUNDARY;
	memcpy(to, disk->data + sector * SECTOR_SIZE, count * SECTOR_SIZE);
	return 0;
}

/* CX: bits 15:8 of the cylinder's 10 are its low ones, 7:6 the high ones, then the sector. */
static __u8 read_chs(const struct bios *bios, const struct bios_call *call)
{
	const struct bios_disk *disk = &bios->disk;
	const struct minivmx_regs *regs = &call->regs;
	unsigned int count = LOW(regs->rax), head = HIGH(regs->rdx);
	unsigned int sector = LOW(regs->rcx) & 0x3f;
	unsigned int cylinder = HIGH(regs->rcx) | (LOW(regs->rcx) & 0xc0) << 2;

	if (!count || count > MAX_COUNT || !sector)
		return INVALID;
	/* A cylinder that is not there begins beyond the end. */
	if (head >= disk->heads || sector > disk->sectors)
		return NOT_FOUND;
	return read_sectors(disk, (cylinder * disk->heads + head) * disk->sectors + sector - 1,
			    count, bios_memory(bios, call->es, WORD(regs->rbx),
					       count * SECTOR_SIZE));
}

static void chs(struct bios *bios, struct bios_call *call)
{
	__u8 status = read_chs(bios, call);

	bios_status(call, status);
	/* How many were read: all or none. */
	if (status)
		set_low(&call->regs.rax, 0);
}

static void geometry(struct bios *bios, struct bios_call *call)
{
	const struct bios_disk *disk = &bios->disk;
	unsigned int last = disk->cylinders - 1;

	set_word(&call->regs.rcx, last << 8 | (last >> 2 & 0xc0) | disk->sectors);
	set_word(&call->regs.rdx, (disk->heads - 1) << 8 | 1);
	set_low(&call->regs.rbx, disk->type);
	bios_status(call, 0);
	set_low(&call->regs.rax, 0);
}

static void extensions(struct bios_call *call)
{
	if (WORD(call->regs.rbx) != EXTENSIONS_ASKED) {
		bios_status(call, INVALID);
		return;
	}
	set_word(&call->regs.rbx, EXTENSIONS_THERE);
	set_word(&call->regs.rcx, EXTENSIONS_READ);
	call->flags &= ~FLAG_CARRY;
	set_high(&call->regs.rax, EXTENSIONS_VERSION);
}

/* Return: where the packet is, at DS:SI; NULL if there is none. */
static __u8 *get_packet(const struct bios *bios, const struct bios_call *call,
			struct packet *packet)
{
	void *at = bios_memory(bios, call->ds, WORD(call->regs.rsi), sizeof(*packet));

	if (!at)
		return NULL;
	memcpy(packet, at, sizeof(*packet));
	return packet->size < sizeof(*packet) ? NULL : at;
}

/* Read, or only verify: the file is as good as it is. */
static void lba(struct bios *bios, struct bios_call *call, bool reads)
{
	struct packet packet;
	__u8 *at = get_packet(bios, call, &packet), status;

	if (!at || packet.count > MAX_COUNT) {
		bios_status(call, INVALID);
		return;
	}
	status = find_sectors(&bios->disk, packet.sector, packet.count);
	if (reads)
		status = read_sectors(&bios->disk, packet.sector, packet.count,
				      bios_memory(bios, packet.segment * 16, packet.offset,
						  packet.count * SECTOR_SIZE));
	if (status)
		packet.count = 0;
	/* How many there were. The sectors may have been put there. */
	memcpy(at + offsetof(struct packet, count), &packet.count, sizeof(packet.count));
	bios_status(call, status);
}

static void seek(struct bios *bios, struct bios_call *call)
{
	struct packet packet;
	__u8 *at = get_packet(bios, call, &packet);

	bios_status(call, at ? find_sectors(&bios->disk, packet.sector, 1) : INVALID);
}

static void parameters(struct bios *bios, struct bios_call *call)
{
	const struct bios_disk *disk = &bios->disk;
	void *to = bios_memory(bios, call->ds, WORD(call->regs.rsi), PARAMETERS_SIZE);
	const struct parameters parameters = {
		.size = PARAMETERS_SIZE,
		.flags = disk->nr_sectors > disk->cylinders * disk->heads * disk->sectors ?
			 0 : GEOMETRY_IS_VALID,
		.cylinders = disk->cylinders, .heads = disk->heads, .sectors = disk->sectors,
		.nr_sectors = disk->nr_sectors, .sector_size = SECTOR_SIZE,
	};
	__u16 room = 0;

	if (to)
		memcpy(&room, to, sizeof(room));
	if (room < PARAMETERS_SIZE) {
		bios_status(call, INVALID);
		return;
	}
	memcpy(to, &parameters, PARAMETERS_SIZE);
	bios_status(call, 0);
}

/** bios_disk_call() - INT 13h */
void bios_disk_call(struct bios *bios, struct bios_call *call)
{
	if (!bios->disk.data || LOW(call->regs.rdx) != bios->disk.drive) {
		bios_status(call, INVALID);
		return;
	}
	switch (HIGH(call->regs.rax)) {
	case 0x00:	/* reset */
		bios_status(call, 0);
		break;
	case 0x02:
		chs(bios, call);
		break;
	case 0x03:	/* write */
	case 0x43:
		bios_status(call, WRITE_PROTECTED);
		break;
	case 0x08:
		geometry(bios, call);
		break;
	case 0x41:
		extensions(call);
		break;
	case 0x42:
		lba(bios, call, true);
		break;
	case 0x44:	/* verify */
		lba(bios, call, false);
		break;
	case 0x47:
		seek(bios, call);
		break;
	case 0x48:
		parameters(bios, call);
		break;
	default:
		bios_status(call, BIOS_UNKNOWN);
		break;
	}
}
