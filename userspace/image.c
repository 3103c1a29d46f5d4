// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's file: read, recognised, and copied into guest memory by pieces.
 *
 * Functions here that fail have said so on standard error, in one line, and
 * return the exit status for it.
 */
#include <elf.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "boot_sector.h"
#include "bzimage.h"
#include "elf_file.h"
#include "elf_note.h"
#include "exit_status.h"
#include "image.h"
#include "multiboot.h"
#include "snapshot.h"

static int read_all(int fd, struct image *image)
{
	size_t done = 0;

	while (done < image->size) {
		ssize_t n = read(fd, image->data + done, image->size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			warn("%s", image->file);
			return STATUS_LOAD;
		}
		if (n == 0) {
			warnx("%s: became shorter while it was read", image->file);
			return STATUS_LOAD;
		}
		done += n;
	}
	return 0;
}

static int read_file(int fd, struct image *image, const char *hint)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		warn("%s", image->file);
		return STATUS_LOAD;
	}
	if (!S_ISREG(st.st_mode)) {
		warnx("%s: not a regular file (%s)", image->file, hint);
		return STATUS_LOAD;
	}
	if (st.st_size == 0) {
		warnx("%s: empty (%s)", image->file, hint);
		return STATUS_LOAD;
	}
	image->size = st.st_size;
	image->data = malloc(image->size);
	if (!image->data) {
		warn("%s: %zu bytes", image->file, image->size);
		return STATUS_LOAD;
	}
	return read_all(fd, image);
}

/**
 * image_read() - read a file
 * @image: IMAGE_INIT; call image_close() after success and failure
 * @file: its path
 * @hint: for the message, if it cannot be what is wanted
 *
 * Return: 0, or an exit status after a message.
 */
int image_read(struct image *image, const char *file, const char *hint)
{
	int fd, status;

	image->file = file;
	/* Of a pipe, nobody need have the other end. */
	fd = open(image->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	status = read_file(fd, image, hint);
	if (fd >= 0)
		close(fd);
	return status;
}

static int recognise_elf(struct image *image, enum multiboot_search found)
{
	const struct elf_notes notes = elf_notes(image);

	if (notes.has_entry) {
		image->format = FORMAT_PVH;
		return 0;
	}
	if (notes.interpreter)
		return elf_refuse_program(image);
	/* Its first bytes are no code, whoever wrote them. */
	warnx("%s: an ELF file without a PVH entry, and %s (--format=flat runs it byte by byte)",
	      image->file, multiboot_search_text(found));
	return STATUS_LOAD;
}

static bool starts_with(const struct image *image, const char *magic, size_t length)
{
	return image->size >= length && !memcmp(image->data, magic, length);
}

static int recognise(struct image *image)
{
	enum multiboot_search found = multiboot_search(image, NULL);

	if (starts_with(image, SNAPSHOT_MAGIC, strlen(SNAPSHOT_MAGIC))) {
		warnx("%s: a snapshot: say --restore=%s", image->file, image->file);
		return STATUS_LOAD;
	}
	if (bzimage_is(image))
		image->format = FORMAT_LINUX;
	else if (found == MULTIBOOT_FOUND)
		image->format = FORMAT_MULTIBOOT;
	else
		image->format = FORMAT_FLAT;
	if (image->format == FORMAT_FLAT && starts_with(image, ELFMAG, SELFMAG))
		return recognise_elf(image, found);
	if (image->format == FORMAT_FLAT && boot_sector_is(image))
		image->format = FORMAT_BOOT;
	return 0;
}

/**
 * image_open() - read the guest's file, and see what it is
 * @image: IMAGE_INIT; call image_close() after success and failure
 * @opt: names the file and, perhaps, the format
 *
 * Return: 0, or an exit status after a message.
 */
int image_open(struct image *image, const struct options *opt)
{
	int status;

	status = image_read(image, opt->file,
			    "a guest is a flat binary, a boot sector or a kernel");
	if (status)
		return status;
	if (opt->format == FORMAT_AUTO)
		return recognise(image);
	image->format = opt->format;
	return 0;
}

/**
 * image_copy() - copy a piece of the file into guest memory
 * @image: the file
 * @vm: whose memory
 * @offset: where the piece starts in the file
 * @file_size: how long it is there
 * @to: where it goes; what is beyond @file_size is filled with zeros
 * @reserved: what it must not overlap; NULL is nothing
 *
 * Return: 0, or an exit status after a message.
 */
int image_copy(const struct image *image, const struct vm *vm, __u64 offset,
	       __u64 file_size, const struct range *to, const struct range *reserved)
{
	/* Where nothing of it is in the file, its offset means nothing. */
	if (file_size && (offset > image->size || file_size > image->size - offset)) {
		warnx("%s: cut short: 0x%llx bytes at offset 0x%llx are not in the file",
		      image->file, file_size, offset);
		return STATUS_LOAD;
	}
	if (file_size > to->size) {
		warnx("%s: corrupt: 0x%llx bytes shall go into 0x%llx bytes at 0x%llx",
		      image->file, file_size, to->size, to->start);
		return STATUS_LOAD;
	}
	if (to->start > vm->mem_size || to->size > vm->mem_size - to->start) {
		warnx("%s: %llu bytes at 0x%llx do not fit into %zu bytes (use --mem)",
		      image->file, to->size, to->start, vm->mem_size);
		return STATUS_LOAD;
	}
	if (reserved && range_overlaps(to, reserved)) {
		warnx("%s: %llu bytes at 0x%llx overlap the boot information at 0x%llx to 0x%llx",
		      image->file, to->size, to->start, reserved->start,
		      reserved->start + reserved->size - 1);
		return STATUS_LOAD;
	}
	if (file_size)
		memcpy(vm->mem + to->start, image->data + offset, file_size);
	memset(vm->mem + to->start + file_size, 0, to->size - file_size);
	return 0;
}

/**
 * image_close() - give up what image_open() or image_read() read
 * @image: IMAGE_INIT at least
 */
void image_close(struct image *image)
{
	free(image->data);
}
