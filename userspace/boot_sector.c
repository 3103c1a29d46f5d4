// SPDX-License-Identifier: GPL-2.0
/*
 * Boot sectors: the first sector of a disk, which the BIOS loads and starts.
 */
#include <err.h>

#include "bios_start.h"
#include "boot_sector.h"
#include "exit_status.h"

/* How a boot sector ends. */
#define SIGNATURE_OFFSET	510
#define SIGNATURE_LOW		0x55
#define SIGNATURE_HIGH		0xaa

/**
 * boot_sector_is() - is a file a disk to boot from?
 * @image: the file
 *
 * Return: it consists of sectors, and the first one has the signature.
 */
bool boot_sector_is(const struct image *image)
{
	return image->size >= SECTOR_SIZE && image->size % SECTOR_SIZE == 0 &&
		image->data[SIGNATURE_OFFSET] == SIGNATURE_LOW &&
		image->data[SIGNATURE_OFFSET + 1] == SIGNATURE_HIGH;
}

/**
 * boot_sector_load() - put a boot sector and the BIOS into guest memory
 * @image: the disk
 * @vm: where to
 * @opt: not asked: a PC says where all of it goes
 * @start: filled in: how the guest starts
 *
 * Return: 0, or an exit status after a message.
 */
int boot_sector_load(const struct image *image, const struct vm *vm,
		     const struct options *opt, struct start *start)
{
	const struct range to = { .start = BOOT_ADDR, .size = SECTOR_SIZE };
	/* The stack is below the code. */
	struct bios_start from_bios = { .flags = FLAG_INTERRUPT, .sp = BOOT_ADDR };
	struct bios_disk disk;
	int status;

	(void)opt;
	if (!boot_sector_is(image)) {
		warnx("%s: no disk to boot from: whole sectors, the first of which ends in 55 aa",
		      image->file);
		return STATUS_LOAD;
	}
	*start = (struct start){ .mode = START_REAL, .entry = BOOT_ADDR };
	status = image_copy(image, vm, 0, SECTOR_SIZE, &to, NULL);
	if (status)
		return status;
	bios_disk_insert(&disk, image->data, image->size);
	from_bios.dx = disk.drive;
	return bios_start_at(image, vm, &to, start, &from_bios);
}
