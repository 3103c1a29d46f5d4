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
#include "../userspace/pvh.h"
#include "../userspace/snapshot.h"
#include "loader_sanitize.h"

/* Headers are here, up to a size of 0; what follows is code, which the loaders copy. */
static const struct range executable[] = { { 0, 0x200 }, { 0x1000, 0x30 }, { 0 } };
static const struct range bzimage[] = { { 0x1f0, 0xa0 }, { 0 } };

/* Of memory: thousands of files on a disk take their time. */
static int damaged;

/* CD, NW and ET. */
#define CR0_RESET	0x60000010

/* Results, and those that are not ok. */
static unsigned int nr_results, nr_failed;

struct minivmx_sregs loader_sregs;
struct minivmx_regs loader_regs;

/* vcpu.c calls it; vm.c is not here. */
int vm_named_ioctl(const struct vm *vm, int fd, unsigned long request, const char *name,
		   unsigned long arg)
{
	(void)vm, (void)fd, (void)name;
	if (request == MINIVMX_GET_SREGS)
		*(struct minivmx_sregs *)arg = (struct minivmx_sregs){ .cr0 = CR0_RESET };
	else if (request == MINIVMX_SET_SREGS)
		memcpy(&loader_sregs, (void *)arg, sizeof(loader_sregs));
	else if (request == MINIVMX_SET_REGS)
		memcpy(&loader_regs, (void *)arg, sizeof(loader_regs));
	else
		return -1;
	return 0;
}

/* The beginning of a line of TAP. */
void loader_result(bool good)
{
	nr_failed += !good;
	printf("%sok %u - loader_sanitize ", good ? "" : "not ", ++nr_results);
}

/* What is not as it should be is printed. */
bool loader_is(bool holds, const char *what)
{
	if (!holds)
		printf("# not so: %s\n", what);
	return holds;
}

/* The registers that a guest starts with are in loader_sregs and loader_regs. */
bool loader_sets_start(const struct vm *vm, const struct start *start)
{
	const struct vcpu vcpu = { .fd = -1 };

	return IS(!vcpu_set_start(&vcpu, vm, start));
}

/* In one line that names the file and says why. */
bool loader_refused(const char *file, const char *says, int status, const char *message)
{
	const char *end = strchr(message, '\n');
	bool good = IS(status == STATUS_LOAD) && IS(strstr(message, file)) &&
		    IS(strstr(message, says)) && IS(end && !end[1]);

	if (!good)
		printf("# message: %s\n", message);
	return good;
}

/* Return: a descriptor of a file of memory, whose path is filled in. */
int loader_file(char *path, size_t size, const void *bytes, size_t length)
{
	int fd = memfd_create("loader", 0);

	if (fd < 0 || write(fd, bytes, length) != (ssize_t)length)
		exit(1);
	snprintf(path, size, "/proc/self/fd/%d", fd);
	return fd;
}

static int load_as(const struct image *image, const struct vm *vm, const struct options *opt,
		   struct start *start)
{
	switch (image->format) {
	case FORMAT_MULTIBOOT:
		return multiboot_load(image, vm, opt, start);
	case FORMAT_PVH:
		return pvh_load(image, vm, opt, start);
	case FORMAT_LINUX:
		return bzimage_load(image, vm, opt, start);
	case FORMAT_BOOT:
		return boot_sector_load(image, vm, opt, start);
	default:
		return flat_load(image, vm, opt, start);
	}
}

/* Return: 0, or an exit status. What was said is in memory that free() takes. */
int loader_load(struct options *opt, const struct vm *vm, enum format *format,
		struct start *start, char **message)
{
	struct image image = IMAGE_INIT;
	FILE *real = stderr;
	size_t length;
	int status;

	/* The sanitizers write to the descriptor. */
	stderr = open_memstream(message, &length);
	status = image_open(&image, opt);
	if (!status)
		status = load_as(&image, vm, opt, start);
	*format = image.format;
	image_close(&image);
	fclose(stderr);
	stderr = real;
	return status;
}

/* Return: 0, or an exit status. */
static int load(const char *path, enum format format, const char *append)
{
	struct options opt = {
		.file = path, .format = format, .append = append, .mem_size = MEMORY,
		.load = 0x1000, .entry = 0x1000, .cpus = 1, .bios = true,
	};
	static struct vm vm = { .mem_size = MEMORY };
	struct start start;
	char *message;
	int status;

	/* Of the heap, ASan knows the end. */
	if (!vm.mem)
		vm.mem = calloc(1, MEMORY);
	status = loader_load(&opt, &vm, &format, &start, &message);
	free(message);
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
static bool damage_header(const unsigned char *good, size_t size,
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

static bool damage_headers(const unsigned char *good, size_t size,
			   const struct range *headers, unsigned long *tries)
{
	for (; headers->size; headers++)
		if (!damage_header(good, size, headers, tries))
			return false;
	return true;
}

/* Cut off at each byte of the first header, and at some beyond; as each format. */
static bool truncate_file(const unsigned char *good, size_t size,
			  const struct range *headers, unsigned long *tries)
{
	size_t whole = headers->start + headers->size, end;
	enum format format;

	for (end = 0; end < size; end += end < whole ? 1 : 61)
		for (format = FORMAT_AUTO; format <= FORMAT_BOOT; format++, ++*tries)
			if (!try_file(good, end, format))
				return false;
	return true;
}

static void check(const char *name, const unsigned char *good, size_t size,
		  const struct range *headers)
{
	unsigned long tries = 0;
	bool passed;

	passed = size && loads(good, size) &&
		 truncate_file(good, size, headers, &tries) &&
		 damage_headers(good, size, headers, &tries);
	loader_result(passed);
	printf("%s # %lu files\n", name, tries);
}

/* Only if that is asked for, it is run byte by byte. */
static void snapshot_row(void)
{
	static const char bytes[] = SNAPSHOT_MAGIC "a machine";
	static unsigned char memory[MEMORY];
	const struct vm vm = { .mem = memory, .mem_size = MEMORY };
	struct options opt = { .load = 0x1000, .entry = 0x1000, .cpus = 1 };
	enum format format;
	struct start start;
	char path[32], *message;
	int status, fd;
	bool passed;

	opt.file = path;
	fd = loader_file(path, sizeof(path), bytes, sizeof(bytes));
	status = loader_load(&opt, &vm, &format, &start, &message);
	passed = loader_refused(path, ": a snapshot: say --restore=/", status, message);
	free(message);
	opt.format = FORMAT_FLAT;
	passed = IS(!loader_load(&opt, &vm, &format, &start, &message)) && passed;
	free(message);
	close(fd);
	loader_result(passed);
	printf("a snapshot\n");
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
	/* What is printed is there when a sanitizer ends the process. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n1..%d\n", argc + 2 + pvh_nr_rows + linux_nr_rows);
	for (i = 1; i < argc; i++)
		check(strrchr(argv[i], '/') + 1, good, read_file(argv[i], good), executable);
	check("addresses", (const unsigned char *)addresses, sizeof(addresses), executable);
	check("bzImage", good, linux_kernel(good), bzimage);
	snapshot_row();
	pvh_rows();
	linux_rows();
	return argc < 2 || nr_failed;
}
