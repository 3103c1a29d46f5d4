// SPDX-License-Identifier: GPL-2.0
/*
 * Which pages of a guest's memory are saved: those that hold something.
 */
#include <zlib.h>

#include "save.h"

#define PAGES_OF_GAP	8

static bool is_zero(const unsigned char *page)
{
	const unsigned long *words = (const unsigned long *)page;
	size_t i;

	for (i = 0; i < SNAPSHOT_PAGE / sizeof(*words); i++)
		if (words[i])
			return false;
	return true;
}

/**
 * save_find_runs() - find the pages that hold something
 * @vm: the VM
 * @runs: gets them; room for SNAPSHOT_MAX_RUNS
 * @nr: how many there are
 *
 * A few pages of zeros between two others are saved with them: each run is a mapping.
 */
void save_find_runs(const struct vm *vm, struct snapshot_run *runs, size_t *nr)
{
	__u64 pages = vm->mem_size / SNAPSHOT_PAGE, gap, page, end = 0;

	/* However the pages lie, there are not too many runs. */
	gap = PAGES_OF_GAP + pages / SNAPSHOT_MAX_RUNS;
	*nr = 0;
	for (page = 0; page < pages; page++) {
		if (is_zero(vm->mem + page * SNAPSHOT_PAGE))
			continue;
		if (!*nr || page - end > gap)
			runs[(*nr)++] = (struct snapshot_run){ .page = page };
		end = page + 1;
		runs[*nr - 1].nr = end - runs[*nr - 1].page;
	}
}

/** save_memory_crc() - the checksum of these pages */
__u32 save_memory_crc(const struct vm *vm, const struct snapshot_run *runs, size_t nr)
{
	__u32 crc = crc32_z(0, NULL, 0);
	size_t i;

	for (i = 0; i < nr; i++)
		crc = crc32_z(crc, vm->mem + runs[i].page * SNAPSHOT_PAGE,
			      runs[i].nr * SNAPSHOT_PAGE);
	return crc;
}
