/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_ELF_NOTE_H
#define VMRUN_ELF_NOTE_H

#include <stdbool.h>

#include "image.h"

/**
 * struct elf_notes - what an ELF file says of itself, beside what to load
 * @has_entry: it has a note with a PVH entry
 * @entry: that: a guest-physical address
 * @interpreter: it is a program that asks for an interpreter
 */
struct elf_notes {
	bool has_entry;
	__u64 entry;
	bool interpreter;
};

struct elf_notes elf_notes(const struct image *image);

#endif /* VMRUN_ELF_NOTE_H */
