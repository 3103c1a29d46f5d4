// SPDX-License-Identifier: GPL-2.0
/*
 * A bus: which device takes an access.
 */
#include <err.h>
#include <string.h>

#include "../exit_status.h"
#include "bus.h"

/**
 * bus_claim() - a device takes a range of addresses
 * @bus: the bus
 * @claim: the range, and the device
 *
 * Return: 0, or an exit status after a message: another device has some of them.
 */
int bus_claim(struct bus *bus, const struct bus_claim *claim)
{
	__u64 last = claim->base + claim->size - 1;
	unsigned int i;

	for (i = 0; i < bus->nr; i++) {
		const struct bus_claim *other = &bus->claims[i];

		if (last < other->base || claim->base > other->base + other->size - 1)
			continue;
		warnx("%s 0x%llx: both %s and %s claim it", bus->name,
		      claim->base > other->base ? claim->base : other->base,
		      other->name, claim->name);
		return STATUS_HOST;
	}
	if (bus->nr == BUS_MAX_CLAIMS) {
		warnx("%s 0x%llx: no room for %s: there are %d devices", bus->name,
		      claim->base, claim->name, BUS_MAX_CLAIMS);
		return STATUS_HOST;
	}
	bus->claims[bus->nr++] = *claim;
	return 0;
}

static const struct bus_claim *find(const struct bus *bus, __u64 address)
{
	unsigned int i;

	for (i = 0; i < bus->nr; i++)
		if (address - bus->claims[i].base < bus->claims[i].size)
			return &bus->claims[i];
	return NULL;
}

/* An access that one device takes as it is. */
static bool is_whole(const struct bus_claim *claim, __u64 address, unsigned int size)
{
	return claim && !claim->ops->bytes && size <= claim->size &&
		address - claim->base <= claim->size - size;
}

static void read_one(const struct bus_claim *claim, __u64 address, void *data,
		     unsigned int size)
{
	__u64 value = ~0ULL;

	if (claim->ops->read)
		value = claim->ops->read(claim->device, address - claim->base, size);
	memcpy(data, &value, size);
}

static void write_one(const struct bus_claim *claim, __u64 address, const void *data,
		      unsigned int size)
{
	__u64 value = 0;

	memcpy(&value, data, size);
	if (claim->ops->write)
		claim->ops->write(claim->device, address - claim->base, value, size);
}

/**
 * bus_read() - the guest reads
 * @bus: the bus
 * @address: from where
 * @data: gets the bytes; ones where no device is
 * @size: how many: 1, 2, 4 or 8
 *
 * Return: false if no device took any of them.
 */
bool bus_read(const struct bus *bus, __u64 address, void *data, unsigned int size)
{
	const struct bus_claim *claim = find(bus, address);
	bool claimed = false;
	unsigned int i;

	memset(data, 0xff, size);
	if (is_whole(claim, address, size)) {
		read_one(claim, address, data, size);
		return true;
	}
	for (i = 0; i < size; i++) {
		claim = find(bus, address + i);
		if (!claim)
			continue;
		read_one(claim, address + i, (__u8 *)data + i, 1);
		claimed = true;
	}
	return claimed;
}

/**
 * bus_write() - the guest writes
 * @bus: the bus
 * @address: to where
 * @data: the bytes
 * @size: how many: 1, 2, 4 or 8
 *
 * Return: false if no device took any of them.
 */
bool bus_write(const struct bus *bus, __u64 address, const void *data, unsigned int size)
{
	const struct bus_claim *claim = find(bus, address);
	bool claimed = false;
	unsigned int i;

	if (is_whole(claim, address, size)) {
		write_one(claim, address, data, size);
		return true;
	}
	for (i = 0; i < size; i++) {
		claim = find(bus, address + i);
		if (!claim)
			continue;
		write_one(claim, address + i, (const __u8 *)data + i, 1);
		claimed = true;
	}
	return claimed;
}
