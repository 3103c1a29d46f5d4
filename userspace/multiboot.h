/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_MULTIBOOT_H
#define VMRUN_MULTIBOOT_H

#include "image.h"
#include "vcpu.h"

/**
 * enum multiboot_search - what a look for a Multiboot header brought
 * @MULTIBOOT_FOUND: a header
 * @MULTIBOOT_NONE: not even the magic number
 * @MULTIBOOT_CHECKSUM: the magic number, but a checksum that is wrong
 */
enum multiboot_search {
	MULTIBOOT_FOUND,
	MULTIBOOT_NONE,
	MULTIBOOT_CHECKSUM,
};

enum multiboot_search multiboot_search(const struct image *image, size_t *offset);
const char *multiboot_search_text(enum multiboot_search found);
int multiboot_load(const struct image *image, const struct vm *vm,
		   const struct options *opt, struct start *start);

#endif /* VMRUN_MULTIBOOT_H */
