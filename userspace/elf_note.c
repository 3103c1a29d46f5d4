// SPDX-License-Identifier: GPL-2.0
/*
 * What an ELF file says of itself: that it is a program, or that it has an entry for
 * PVH. What is no ELF file, or a damaged one, says nothing.
 */
#include <gelf.h>
#include <libelf.h>
#include <string.h>

#include "elf_note.h"

/* Of Xen's public/elfnote.h. The entry is as wide as an address of the file. */
#define XEN_NOTE_NAME		"Xen"
#define XEN_NOTE_PHYS32_ENTRY	18

static void read_entry(struct elf_notes *notes, const unsigned char *bytes, size_t size)
{
	__u32 entry32;

	if (notes->has_entry)
		return;
	if (size == sizeof(notes->entry)) {
		memcpy(&notes->entry, bytes, size);
	} else if (size == sizeof(entry32)) {
		memcpy(&entry32, bytes, size);
		notes->entry = entry32;
	} else {
		return;
	}
	notes->has_entry = true;
}

static void read_notes(struct elf_notes *notes, Elf *elf, const GElf_Phdr *segment)
{
	Elf_Type type = segment->p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR;
	size_t at = 0, name, descriptor;
	Elf_Data *data;
	GElf_Nhdr note;

	data = elf_getdata_rawchunk(elf, segment->p_offset, segment->p_filesz, type);
	if (!data)
		return;
	while ((at = gelf_getnote(data, at, &note, &name, &descriptor))) {
		const unsigned char *bytes = data->d_buf;

		if (note.n_type == XEN_NOTE_PHYS32_ENTRY &&
		    note.n_namesz == sizeof(XEN_NOTE_NAME) &&
		    !memcmp(bytes + name, XEN_NOTE_NAME, sizeof(XEN_NOTE_NAME)))
			read_entry(notes, bytes + descriptor, note.n_descsz);
	}
}

static void read_segments(struct elf_notes *notes, Elf *elf, size_t size)
{
	size_t i, nr_segments, left = size;
	GElf_Phdr segment;

	if (elf_getphdrnum(elf, &nr_segments) < 0)
		return;
	for (i = 0; i < nr_segments && gelf_getphdr(elf, i, &segment); i++) {
		if (segment.p_type == PT_INTERP)
			notes->interpreter = true;
		if (segment.p_type != PT_NOTE || segment.p_filesz > left)
			continue;
		/* They do not overlap, or a file could have the same bytes read for ever. */
		left -= segment.p_filesz;
		read_notes(notes, elf, &segment);
	}
}

/**
 * elf_notes() - see what an ELF file says of itself
 * @image: the file
 *
 * Return: that.
 */
struct elf_notes elf_notes(const struct image *image)
{
	struct elf_notes notes = { .has_entry = false };
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = elf_memory((char *)image->data, image->size);
	if (elf && elf_kind(elf) == ELF_K_ELF)
		read_segments(&notes, elf, image->size);
	elf_end(elf);
	return notes;
}
