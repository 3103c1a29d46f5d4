// SPDX-License-Identifier: GPL-2.0
/*
 * vmrun's loaders on files that are damaged in each of many ways, built with
 * ASan and UBSan: a read or a write outside of the file or of the guest's memory
 * ends the program. It needs no device, and prints TAP.
 *
 *	loader_sanitize PATH...		guests that can be loaded
 *
 * Breakage it catches: a length or an offset of the file that is believed.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>

#include "../userspace/boot_sector.h"
#include "../userspace/bzimage.h"
#include "../userspace/exit_status.h"
#include "../userspace/flat.h"
#include "../userspace/image.h"
#include "../userspace/multiboot.h"
#include "loader_sanitize.h"

/* Headers are here; what follows is code, which the loaders only copy. */
static const struct range executable = { 0, 0x200 };
static const struct range bzimage = { 0x1f0, 0xa0 };

/* Of memory: thousands of files on a disk take their time. */
static int damaged;

/* Return: 0, or an exit status. */
static int load(const char *path, enum format format, const char *append)
{
	struct options opt = {
		.file = path, .format = format, .append = append, .mem_size = MEMORY,
		.load = 0x1000, .entry = 0x1000, .cpus = 1, .bios = true,
	};
	struct vm vm = VM_INIT;
	struct image image = IMAGE_INIT;
	struct start start;
	int status;

	/* Of the heap, ASan knows the end. */
	vm.mem_size = MEMORY;
	vm.mem = calloc(1, MEMORY);
	status = image_open(&image, &opt);
	if (!status && image.format == FORMAT_MULTIBOOT)
		status = multiboot_load(&image, &vm, &opt, &start);
	else if (!status && image.format == FORMAT_LINUX)
		status = bzimage_load(&image, &vm, &opt, &start);
	else if (!status && image.format == FORMAT_BOOT)
		status = boot_sector_load(&image, &vm, &opt, &start);
	else if (!status)
		status = flat_load(&image, &vm, &opt, &start);
	image_close(&image);
	free(vm.mem);
	return status;
}

static size_t read_file(const char *path, unsigned char *bytes)
{
	int fd = open(path, O_RDONLY);
	ssize_t size = fd < 0 ? -1 : read(fd, bytes, MAX_FILE);

	close(fd);
	return size < 0 ? 0 : size;
}

static int load_bytes(const unsigned char *bytes, size_t size, enum format format,
		      const char *append)
{
	char path[32];

	if (ftruncate(damaged, 0) || pwrite(damaged, bytes, size, 0) != (ssize_t)size)
		exit(1);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", damaged);
	return load(path, format, append);
}

static bool loads(const unsigned char *bytes, size_t size)
{
	return load_bytes(bytes, size, FORMAT_AUTO, NULL) == 0;
}

/* Return: it was refused in the documented way, or loaded. */
static bool try_file(const unsigned char *bytes, size_t size, enum format format)
{
	int status = load_bytes(bytes, size, format, "a command line");

	return status == 0 || status == STATUS_LOAD;
}

/* Each field of the headers holds, in turn, a number that is likely to hurt. */
static bool damage_headers(const unsigned char *good, size_t size,
			   const struct range *headers, unsigned long *tries)
{
	static const unsigned long values[] = {
		0, 1, 0x7fffffff, 0x80000000, 0xfffff000, 0xffffffff, MEMORY - 1, MEMORY,
		0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffff000, ~0UL,
	};
	unsigned char bad[MAX_FILE];
	size_t end = headers->start + headers->size;
	size_t offset, width, i;

	for (offset = headers->start; offset + 8 <= end && offset + 8 <= size; offset += 2)
		for (width = 2; width <= 8; width *= 2)
			for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
				memcpy(bad, good, size);
				memcpy(bad + offset, &values[i], width);
				++*tries;
				if (!try_file(bad, size, FORMAT_AUTO))
					return false;
			}
	return true;
}

/* Cut off at each byte of the headers, and at some beyond. */
static bool truncate_file(const unsigned char *good, size_t size,
			  const struct range *headers, unsigned long *tries)
{
	size_t whole = headers->start + headers->size, end;

	for (end = 0; end < size; end += end < whole ? 1 : 61) {
		*tries += 4;
		if (!try_file(good, end, FORMAT_AUTO) ||
		    !try_file(good, end, FORMAT_MULTIBOOT) ||
		    !try_file(good, end, FORMAT_LINUX) ||
		    !try_file(good, end, FORMAT_BOOT))
			return false;
	}
	return true;
}

static void check(const char *name, const unsigned char *good, size_t size,
		  const struct range *headers, int number)
{
	unsigned long tries = 0;
	bool passed;

	passed = size && loads(good, size) &&
		 truncate_file(good, size, headers, &tries) &&
		 damage_headers(good, size, headers, &tries);
	printf("%sok %d - loader_sanitize %s # %lu files\n", passed ? "" : "not ",
	       number, name, tries);
	fflush(stdout);
}

/* A kernel that is no ELF file: its header has the addresses. */
static const __u32 addresses[] = {
	0x1badb002, 1 << 16, -(0x1badb002 + (1 << 16)),
	0x10000, 0x10000, 0x10020, 0x10100, 0x10000,
};

int main(int argc, char **argv)
{
	static unsigned char good[MAX_FILE];
	int i;

	damaged = memfd_create("damaged", 0);
	if (damaged < 0)
		return 1;
	printf("TAP version 13\n1..%d\n", argc + 1 + linux_nr_rows);
	for (i = 1; i < argc; i++)
		check(strrchr(argv[i], '/') + 1, good, read_file(argv[i], good),
		      &executable, i);
	check("addresses", (const unsigned char *)addresses, sizeof(addresses),
	      &executable, i++);
	check("bzImage", good, linux_kernel(good), &bzimage, i++);
	linux_rows(i);
	return argc < 2;
}
