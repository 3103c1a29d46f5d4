/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_SYMBOLS_H
#define VMRUN_SYMBOLS_H

#include <libelf.h>

#include "image.h"

/**
 * struct symbols - names of addresses, from the guest's file
 * @elf: the file; NULL if it is no ELF file
 * @table: its table of symbols; NULL if it has none
 * @names: number of the section with their names
 * @nr: how many symbols there are
 */
struct symbols {
	Elf *elf;
	Elf_Data *table;
	size_t names;
	size_t nr;
};

void symbols_open(struct symbols *symbols, const struct image *image);
const char *symbols_find(const struct symbols *symbols, __u64 address, __u64 *offset);
void symbols_close(struct symbols *symbols);

#endif /* VMRUN_SYMBOLS_H */
