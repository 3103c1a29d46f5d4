// SPDX-License-Identifier: GPL-2.0
/*
 * How the BIOS comes into guest memory, and goes on to code that was loaded.
 */
#include <err.h>

#include "bios_start.h"
#include "exit_status.h"

/**
 * bios_start_at() - let the BIOS start code that is loaded
 * @image: the code's file
 * @vm: its memory, which reaches up to BIOS_END at least
 * @code: where it lies
 * @start: has the entry; becomes that of the BIOS
 * @from_bios: how it starts, but for CS and IP, which are its entry
 *
 * Return: 0, or an exit status after a message.
 */
int bios_start_at(const struct image *image, const struct vm *vm,
		  const struct range *code, struct start *start,
		  struct bios_start *from_bios)
{
	const struct range data = { .start = 0, .size = BIOS_DATA_END };
	const struct range rom = { .start = BIOS_ADDR, .size = BIOS_END - BIOS_ADDR };
	bool high = start->entry > 0xffff;

	from_bios->ip = high ? start->entry & 0xf : start->entry;
	from_bios->cs = high ? start->entry >> 4 : 0;
	if (range_overlaps(code, &data) || range_overlaps(code, &rom)) {
		warnx("%s: lies where the BIOS does, below 0x%x or at 0x%llx to 0x%llx",
		      image->file, BIOS_DATA_END, BIOS_ADDR, BIOS_END - 1);
		return STATUS_LOAD;
	}
	bios_install(vm->mem, from_bios);
	start->entry = BIOS_ADDR;
	return 0;
}
