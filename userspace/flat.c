// SPDX-License-Identifier: GPL-2.0
/*
 * Flat binaries: the bytes of the file are the bytes of the memory.
 */
#include "bios_start.h"
#include "flat.h"

/**
 * flat_load() - copy a flat binary into guest memory
 * @image: the binary
 * @vm: where to
 * @opt: says where to
 * @start: filled in: how the guest starts
 *
 * Return: 0, or an exit status after a message.
 */
int flat_load(const struct image *image, const struct vm *vm,
	      const struct options *opt, struct start *start)
{
	const struct range to = { .start = opt->load, .size = image->size };
	/* As without a BIOS: interrupts are off, and the first push goes to 0xfffe. */
	struct bios_start from_bios = { 0 };
	int status;

	*start = (struct start){ .mode = START_REAL, .entry = opt->entry };
	status = image_copy(image, vm, 0, image->size, &to, NULL);
	if (!status && opt->bios)
		status = bios_start_at(image, vm, &to, start, &from_bios);
	return status;
}
