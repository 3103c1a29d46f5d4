// SPDX-License-Identifier: GPL-2.0
/*
 * ELF files, of 32 and of 64 bits: what to put where in guest memory.
 */
#include <err.h>
#include <gelf.h>
#include <libelf.h>

#include "elf_file.h"
#include "exit_status.h"

/**
 * struct elf_file - an ELF file that is being loaded
 * @image: its bytes
 * @vm: whose memory it goes into
 * @reserved: where nothing must go
 * @elf: libelf's view of it
 * @header: its header
 * @want: where the kernel starts: a physical address; NULL is what the header says
 * @nr_loaded: segments that were loaded
 * @entry_found: the entry point lies in one of them
 * @loaded: what was loaded
 */
struct elf_file {
	const struct image *image;
	const struct vm *vm;
	const struct range *reserved;
	Elf *elf;
	GElf_Ehdr header;
	const __u64 *want;
	size_t nr_loaded;
	bool entry_found;
	struct loaded *loaded;
};

static int libelf_error(const struct elf_file *file)
{
	warnx("%s: corrupt ELF file: %s", file->image->file, elf_errmsg(-1));
	return STATUS_LOAD;
}

static int refuse(const struct elf_file *file, const char *why)
{
	warnx("%s: %s", file->image->file, why);
	return STATUS_LOAD;
}

/**
 * elf_refuse_program() - say that an ELF file is no kernel
 * @image: the file, which has a segment PT_INTERP
 *
 * Return: the exit status.
 */
int elf_refuse_program(const struct image *image)
{
	warnx("%s: a program, not a kernel: it asks for an interpreter (PT_INTERP)",
	      image->file);
	return STATUS_LOAD;
}

static int check_header(const struct elf_file *file)
{
	const GElf_Ehdr *header = &file->header;

	if (header->e_ident[EI_DATA] != ELFDATA2LSB ||
	    (header->e_machine != EM_386 && header->e_machine != EM_X86_64))
		return refuse(file, "an ELF file for another processor than x86");
	if (header->e_type != ET_EXEC)
		return refuse(file, "an ELF file, but no program with fixed addresses (ET_EXEC)");
	return 0;
}

/*
 * The entry point of the header is a virtual address, in the file's own words.
 * Before the kernel has set up paging, it is reached at its physical one.
 */
static void look_for_entry(struct elf_file *file, const GElf_Phdr *segment)
{
	__u64 offset = file->want ? *file->want - segment->p_paddr :
				    file->header.e_entry - segment->p_vaddr;

	if (file->entry_found || offset >= segment->p_memsz)
		return;
	file->entry_found = true;
	file->loaded->entry = segment->p_paddr + offset;
}

static int load_segment(struct elf_file *file, const GElf_Phdr *segment)
{
	const struct range to = { .start = segment->p_paddr, .size = segment->p_memsz };
	int status;

	if (segment->p_type == PT_INTERP)
		return elf_refuse_program(file->image);
	if (segment->p_type != PT_LOAD || !segment->p_memsz)
		return 0;
	look_for_entry(file, segment);
	file->nr_loaded++;
	status = image_copy(file->image, file->vm, segment->p_offset, segment->p_filesz,
			    &to, file->reserved);
	if (!status && to.start + to.size > file->loaded->end)
		file->loaded->end = to.start + to.size;
	return status;
}

static int load_segments(struct elf_file *file)
{
	size_t i, nr_segments;
	GElf_Phdr segment;
	int status;

	if (elf_getphdrnum(file->elf, &nr_segments) < 0)
		return libelf_error(file);
	for (i = 0; i < nr_segments; i++) {
		if (!gelf_getphdr(file->elf, i, &segment))
			return libelf_error(file);
		status = load_segment(file, &segment);
		if (status)
			return status;
	}
	if (!file->nr_loaded)
		return refuse(file, "an ELF file without a segment to load");
	if (!file->entry_found) {
		warnx("%s: entry 0x%llx: outside of what is loaded", file->image->file,
		      file->want ? *file->want : (__u64)file->header.e_entry);
		return STATUS_LOAD;
	}
	return 0;
}

/**
 * elf_load() - copy the segments of an ELF file into guest memory
 * @image: the file
 * @vm: where to
 * @reserved: where nothing must go
 * @entry: guest-physical address of the entry point, inside of a segment; NULL: the
 *	header has it
 * @loaded: filled in: where the kernel is
 *
 * Return: 0, or an exit status after a message.
 */
int elf_load(const struct image *image, const struct vm *vm, const struct range *reserved,
	     const __u64 *entry, struct loaded *loaded)
{
	struct elf_file file = {
		.image = image, .vm = vm, .reserved = reserved, .want = entry, .loaded = loaded,
	};
	int status;

	*loaded = (struct loaded){ .end = 0 };
	elf_version(EV_CURRENT);
	file.elf = elf_memory((char *)image->data, image->size);
	if (!file.elf)
		return libelf_error(&file);
	if (elf_kind(file.elf) != ELF_K_ELF)
		status = refuse(&file, "neither an ELF file nor an a.out kludge (flags bit 16)");
	else if (!gelf_getehdr(file.elf, &file.header))
		status = libelf_error(&file);
	else
		status = check_header(&file) ?: load_segments(&file);
	elf_end(file.elf);
	return status;
}
