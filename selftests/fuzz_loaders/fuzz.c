// SPDX-License-Identifier: GPL-2.0
/*
 * What the fuzzers have in common: files in memory, a guest's memory, silence.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>

#include "../../userspace/exit_status.h"
#include "fuzz.h"

/* One of a few pages, and one of which a second finds no room. */
static const size_t module_sizes[] = { 5000, 0x90000 };

/* The least that a Linux kernel of today asks for, and one that is cleared at once. */
#define LINUX_MEMORY	0x4000000UL
#define MEMORY		0x200000UL

/* libFuzzer and the sanitizers write to descriptor 2; warnx() and guests do not. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	stderr = fopen("/dev/null", "w");
	return stderr && freopen("/dev/null", "w", stdout) ? 0 : 1;
}

static void write_file(int fd, char *path, size_t path_size, const void *data, size_t size)
{
	EXPECT(fd >= 0 && !ftruncate(fd, 0) && pwrite(fd, data, size, 0) == (ssize_t)size);
	snprintf(path, path_size, "/proc/self/fd/%d", fd);
}

/**
 * fuzz_file() - make a file of an input
 * @data: what is in it
 * @size: bytes of @data
 *
 * Return: its path, for as long as there is no next call.
 */
const char *fuzz_file(const uint8_t *data, size_t size)
{
	static char path[32];
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("input", 0);
	write_file(fd, path, sizeof(path), data, size);
	return path;
}

/* Each is the same for all inputs. */
static const char *module_file(bool large)
{
	static char paths[2][32];
	char *path = paths[large];
	void *bytes;

	if (!path[0]) {
		bytes = calloc(1, module_sizes[large]);
		EXPECT(bytes);
		write_file(memfd_create("module", 0), path, sizeof(paths[0]), bytes,
			   module_sizes[large]);
		free(bytes);
	}
	return path;
}

/* Of the heap, ASan knows the end. */
static const struct vm *memory(size_t size)
{
	static struct vm vm = VM_INIT;

	if (!vm.mem) {
		vm.mem_size = size;
		vm.mem = calloc(1, size);
		EXPECT(vm.mem);
	}
	return &vm;
}

/**
 * fuzz_load() - load an input as a guest
 * @data: the guest's file; the last byte says, too, what is given along
 * @size: bytes of @data
 * @format: what --format says
 * @load: the loader
 *
 * It is refused in the documented way, or starts somewhere in memory.
 */
void fuzz_load(const uint8_t *data, size_t size, enum format format, fuzz_loader *load)
{
	const struct vm *vm = memory(format == FORMAT_LINUX ? LINUX_MEMORY : MEMORY);
	unsigned int given = size ? data[size - 1] : 0, i;
	struct options opt = {
		.file = fuzz_file(data, size), .format = format, .cpus = 1,
		.append = given & 1 ? "a command line" : NULL,
		.initrd = given & 2 ? module_file(given & 16) : NULL,
		.nr_modules = given >> 2 & 3,
	};
	struct image image = IMAGE_INIT;
	struct start start;
	int status;

	/* As options_check_kernel() has it. */
	if (format == FORMAT_MULTIBOOT)
		opt.initrd = NULL;
	for (i = 0; i < opt.nr_modules; i++)
		opt.modules[i] =
			(struct module_option){ module_file(given & 16), "a module" };
	status = image_open(&image, &opt);
	if (!status)
		status = load(&image, vm, &opt, &start);
	image_close(&image);
	EXPECT(!status || status == STATUS_LOAD);
	if (!status)
		EXPECT(start.entry < vm->mem_size && start.info < vm->mem_size);
}
