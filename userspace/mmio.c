// SPDX-License-Identifier: GPL-2.0
/*
 * Memory-mapped devices: which one takes an access to an address without
 * memory.
 */
#include <string.h>

#include "mmio.h"
#include "serial.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/* Offsets in the register device; each register has 4 bytes. */
#define REGISTER_OUTPUT		0	/* write: a byte to standard output */
#define REGISTER_COUNTER	4	/* read: how often this was read */
#define REGISTERS_SIZE		8

/* What a read gives is in @data at first: all ones. */
static void registers_read(struct mmio *mmio, __u64 offset, __u8 *data, __u32 len)
{
	if (offset == REGISTER_COUNTER && len <= sizeof(mmio->nr_reads)) {
		mmio->nr_reads++;
		memcpy(data, &mmio->nr_reads, len);
	}
}

static int registers_write(__u64 offset, const __u8 *data)
{
	return offset == REGISTER_OUTPUT ? serial_write(data[0]) : 0;
}

/* Which addresses belong to whom. @write returns 0, or a status after a message. */
static const struct mmio_claim {
	__u64 base;
	__u64 size;
	void (*read)(struct mmio *mmio, __u64 offset, __u8 *data, __u32 len);
	int (*write)(__u64 offset, const __u8 *data);
} claims[] = {
	{ REGISTERS_BASE, REGISTERS_SIZE, registers_read, registers_write },
};

static const struct mmio_claim *find_claim(__u64 addr, __u32 len)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(claims); i++)
		if (addr >= claims[i].base && addr - claims[i].base < claims[i].size &&
		    len <= claims[i].size - (addr - claims[i].base))
			return &claims[i];
	return NULL;
}

/**
 * mmio_access() - carry out what a MINIVMX_EXIT_MMIO asks for
 * @mmio: the devices
 * @run: the run page; for a read, the data is put there
 *
 * Return: what became of it.
 */
enum mmio_result mmio_access(struct mmio *mmio, struct minivmx_run *run)
{
	const struct mmio_claim *claim = find_claim(run->mmio.phys_addr, run->mmio.len);
	__u64 offset;

	if (!run->mmio.is_write)
		memset(run->mmio.data, 0xff, sizeof(run->mmio.data));
	if (!claim)
		return MMIO_UNCLAIMED;
	offset = run->mmio.phys_addr - claim->base;
	if (run->mmio.is_write)
		return claim->write(offset, run->mmio.data) ? MMIO_FAILED : MMIO_CLAIMED;
	claim->read(mmio, offset, run->mmio.data, run->mmio.len);
	return MMIO_CLAIMED;
}
