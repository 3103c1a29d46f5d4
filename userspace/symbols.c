// SPDX-License-Identifier: GPL-2.0
/*
 * Names of addresses, if the guest's file is an ELF file that has them. Nobody depends
 * on them: without a table, or with a corrupt one, there are none.
 */
#include <gelf.h>
#include <stdbool.h>

#include "symbols.h"

/**
 * symbols_open() - find the table; in the sandbox, there is no memory for that
 * @symbols: filled in; call symbols_close()
 * @image: the guest's file; it stays there
 */
void symbols_open(struct symbols *symbols, const struct image *image)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	*symbols = (struct symbols){ .elf = NULL };
	elf_version(EV_CURRENT);
	symbols->elf = elf_memory((char *)image->data, image->size);
	if (!symbols->elf || elf_kind(symbols->elf) != ELF_K_ELF)
		return;
	while ((section = elf_nextscn(symbols->elf, section))) {
		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_SYMTAB ||
		    !header.sh_entsize)
			continue;
		symbols->table = elf_getdata(section, NULL);
		symbols->names = header.sh_link;
		symbols->nr = header.sh_size / header.sh_entsize;
		/* This reads them. */
		elf_strptr(symbols->elf, symbols->names, 0);
		return;
	}
}

static bool is_label(const GElf_Sym *symbol)
{
	int type = GELF_ST_TYPE(symbol->st_info);

	return symbol->st_shndx != SHN_UNDEF && symbol->st_shndx != SHN_ABS &&
		(type == STT_NOTYPE || type == STT_FUNC || type == STT_OBJECT);
}

/**
 * symbols_find() - the name of an address
 * @symbols: from symbols_open(); if it is all 0, there are no names
 * @address: the address
 * @offset: gets its distance from where that name stands
 *
 * Return: the last name before it; NULL if there is none.
 */
const char *symbols_find(const struct symbols *symbols, __u64 address, __u64 *offset)
{
	const char *found = NULL, *name;
	GElf_Sym symbol;
	__u64 best = 0;
	size_t i;

	for (i = 0; symbols->table && i < symbols->nr; i++) {
		if (!gelf_getsym(symbols->table, i, &symbol) || !is_label(&symbol))
			continue;
		if (symbol.st_value > address || (found && symbol.st_value < best) ||
		    (symbol.st_size && address - symbol.st_value >= symbol.st_size))
			continue;
		name = elf_strptr(symbols->elf, symbols->names, symbol.st_name);
		if (!name || !*name)
			continue;
		found = name;
		best = symbol.st_value;
	}
	*offset = address - best;
	return found;
}

/** symbols_close() - give up what symbols_open() took */
void symbols_close(struct symbols *symbols)
{
	elf_end(symbols->elf);
}
