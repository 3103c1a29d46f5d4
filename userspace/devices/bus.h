/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_BUS_H
#define VMRUN_BUS_H

#include <stdbool.h>
#include <linux/types.h>

#define BUS_MAX_CLAIMS	32

/**
 * struct bus_ops - what a device does at an access
 * @read: returns @size bytes from @offset on, the lowest first in the value
 * @write: takes them
 * @bytes: its registers have 8 bits: a wider access comes as one for each byte
 *
 * @offset counts from the start of the claim. @size is 1, 2, 4 or 8.
 */
struct bus_ops {
	__u64 (*read)(void *device, unsigned int offset, unsigned int size);
	void (*write)(void *device, unsigned int offset, __u64 value, unsigned int size);
	bool bytes;
};

/**
 * struct bus_claim - a range of addresses, and whose it is
 * @name: of the device, for messages
 * @base: the first address
 * @size: how many there are
 * @ops: what it does; a NULL read gives all ones, a NULL write is dropped
 * @device: for @ops
 */
struct bus_claim {
	const char *name;
	__u64 base, size;
	const struct bus_ops *ops;
	void *device;
};

/**
 * struct bus - ports, or memory that is not there
 * @name: "port" or "address", for messages
 * @nr: how many claims there are
 * @claims: they do not overlap
 */
struct bus {
	const char *name;
	unsigned int nr;
	struct bus_claim claims[BUS_MAX_CLAIMS];
};

int bus_claim(struct bus *bus, const struct bus_claim *claim);
bool bus_read(const struct bus *bus, __u64 address, void *data, unsigned int size);
bool bus_write(const struct bus *bus, __u64 address, const void *data, unsigned int size);

#endif /* VMRUN_BUS_H */
