/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_IMAGE_H
#define VMRUN_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "options.h"
#include "vm.h"

/**
 * struct image - the guest's file
 * @file: its path, for messages
 * @data: all its bytes
 * @size: how many
 * @format: what it is; not FORMAT_AUTO
 */
struct image {
	const char *file;
	unsigned char *data;
	size_t size;
	enum format format;
};

/**
 * struct range - a piece of guest-physical memory
 * @start: its first byte
 * @size: its size in bytes
 */
struct range {
	__u64 start;
	__u64 size;
};

static inline bool range_overlaps(const struct range *a, const struct range *b)
{
	return a->start < b->start + b->size && b->start < a->start + a->size;
}

/**
 * struct loaded - a kernel in guest memory
 * @entry: guest-physical address of its first instruction
 * @end: that of the first byte above all of it
 */
struct loaded {
	__u64 entry;
	__u64 end;
};

/* Nothing is open yet; image_close() may be called. */
#define IMAGE_INIT	{ .data = NULL }

int image_read(struct image *image, const char *file, const char *hint);
int image_open(struct image *image, const struct options *opt);
int image_copy(const struct image *image, const struct vm *vm, __u64 offset,
	       __u64 file_size, const struct range *to, const struct range *reserved);
void image_close(struct image *image);

#endif /* VMRUN_IMAGE_H */
