// SPDX-License-Identifier: GPL-2.0
/*
 * What kernels of several kinds are given: a memory map, modules, and strings.
 *
 * Functions here that fail have said so on standard error, in one line, and
 * return the exit status for it.
 */
#include <err.h>
#include <string.h>

#include "bios.h"
#include "boot.h"
#include "exit_status.h"

#define VIDEO_START	0xa0000ULL

/**
 * boot_memory_map() - the memory, as E820h of a PC's firmware tells it
 * @vm: whose memory, which is larger than 1 MiB
 * @map: BOOT_MAP_ROWS rows, filled in
 *
 * All memory is below REGISTERS_BASE, and so in one piece.
 */
void boot_memory_map(const struct vm *vm, struct boot_range *map)
{
	const struct boot_range rows[BOOT_MAP_ROWS] = {
		{ { 0, LOWER_END }, MEMORY_RAM },
		{ { LOWER_END, VIDEO_START - LOWER_END }, MEMORY_RESERVED },
		{ { BIOS_ADDR, BIOS_END - BIOS_ADDR }, MEMORY_RESERVED },
		{ { UPPER_START, vm->mem_size - UPPER_START }, MEMORY_RAM },
	};

	memcpy(map, rows, sizeof(rows));
}

/* @floor becomes the end of the module. */
static int load_module(struct boot_modules *modules, const struct vm *vm,
		       const struct module_option *from, __u64 *floor)
{
	struct boot_module *module = &modules->list[modules->nr++];
	struct image image = IMAGE_INIT;
	int status;

	status = image_read(&image, from->file, "a module is a file with something in it");
	if (!status) {
		module->string = from->string;
		module->at.start = (*floor + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
		module->at.size = image.size;
		*floor = module->at.start + module->at.size;
		status = image_copy(&image, vm, 0, image.size, &module->at, NULL);
	}
	image_close(&image);
	return status;
}

/**
 * boot_load_modules() - load an initrd and modules, each at the start of a page
 * @modules: filled in; an initrd is the first
 * @vm: where to
 * @opt: names them
 * @floor: the end of the kernel: they lie above, and above the first 1 MiB
 *
 * Return: 0, or an exit status after a message.
 */
int boot_load_modules(struct boot_modules *modules, const struct vm *vm,
		      const struct options *opt, __u64 floor)
{
	const struct module_option initrd = { .file = opt->initrd, .string = "" };
	unsigned int i;
	int status = 0;

	modules->nr = 0;
	if (floor < UPPER_START)
		floor = UPPER_START;
	if (opt->initrd)
		status = load_module(modules, vm, &initrd, &floor);
	for (i = 0; i < opt->nr_modules && !status; i++)
		status = load_module(modules, vm, &opt->modules[i], &floor);
	return status;
}

/**
 * boot_info_range() - where the boot information will lie
 * @image: the kernel, for the message
 * @vm: whose memory
 * @opt: has the strings that belong to it: of the kernel and of modules
 * @fixed_size: its size without them
 * @info: filled in: where; strings are behind the first @fixed_size bytes
 *
 * Return: 0, or an exit status after a message.
 */
int boot_info_range(const struct image *image, const struct vm *vm, const struct options *opt,
		    size_t fixed_size, struct range *info)
{
	size_t size = fixed_size + strlen(opt->append ?: "") + 1;
	unsigned int i;

	if (opt->initrd)
		size++;
	for (i = 0; i < opt->nr_modules; i++)
		size += strlen(opt->modules[i].string) + 1;
	*info = (struct range){ .start = BOOT_INFO_ADDR, .size = size };
	if (info->start + info->size > vm->mem_size) {
		warnx("%s: no room for the boot information in %zu bytes (use --mem)",
		      image->file, vm->mem_size);
		return STATUS_LOAD;
	}
	if (info->start + info->size > LOWER_END) {
		warnx("%s: no room for boot information of %zu bytes (use shorter strings)",
		      image->file, size);
		return STATUS_LOAD;
	}
	return 0;
}

/**
 * boot_put_string() - write one of the strings of the boot information
 * @vm: whose memory
 * @at: where; gets the address behind it
 * @string: the string
 *
 * Return: its guest-physical address.
 */
__u32 boot_put_string(const struct vm *vm, __u64 *at, const char *string)
{
	__u32 address = *at;

	strcpy((char *)vm->mem + address, string);
	*at += strlen(string) + 1;
	return address;
}
