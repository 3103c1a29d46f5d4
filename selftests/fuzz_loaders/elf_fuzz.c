// SPDX-License-Identifier: GPL-2.0
/*
 * ELF files: what they say of themselves, and their segments. And any file: what it is
 * recognised as.
 */
#include "../../userspace/elf_file.h"
#include "../../userspace/elf_note.h"
#include "../../userspace/exit_status.h"
#include "fuzz.h"

/* Where a kernel might be, but must not. */
static const struct range reserved = { 0x500, 0x300 };

/* Once for each kind of entry. */
static int load(const struct image *image, const struct vm *vm, const struct options *opt,
		struct start *start)
{
	const struct elf_notes notes = elf_notes(image);
	struct loaded loaded;
	int status;

	(void)opt;
	*start = (struct start){ .mode = START_PVH };
	if (!elf_load(image, vm, &reserved, NULL, &loaded))
		EXPECT(loaded.entry < loaded.end && loaded.end <= vm->mem_size);
	status = elf_load(image, vm, &reserved, &notes.entry, &loaded);
	if (!status)
		EXPECT(loaded.entry < loaded.end && loaded.end <= vm->mem_size);
	return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_load(data, size, FORMAT_AUTO, load);
	return 0;
}
