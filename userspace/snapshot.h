/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_SNAPSHOT_H
#define VMRUN_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include "minivmx.h"
#include "devices/state.h"

/*
 * The file of a machine that was saved: docs/snapshot.md. A header, a table of sections,
 * and these, in the order of enum snapshot_type, those of a vCPU once for each. Integers
 * have their lowest byte first, as x86 has them, whose machines are saved here.
 */
#define SNAPSHOT_MAGIC		"VMSNAP\r\n"
#define SNAPSHOT_VERSION	1

#define SNAPSHOT_PAGE		0x1000ULL
#define SNAPSHOT_ALIGN		8	/* of a section; of the memory, SNAPSHOT_PAGE */
#define SNAPSHOT_MAX_DEVICE	1024	/* bytes of a device's section */
#define SNAPSHOT_MAX_RUNS	0x4000	/* each costs up to two mappings, of 65530 */
#define SNAPSHOT_MAX_MEMORY	0xd0000000ULL	/* --mem has the same: REGISTERS_BASE */

enum snapshot_type {
	SNAPSHOT_MACHINE,
	/* Of devices, as their X_state() has it. */
	SNAPSHOT_BOARD,
	SNAPSHOT_PIC,
	SNAPSHOT_PIT,
	SNAPSHOT_RTC,
	SNAPSHOT_SERIAL,
	SNAPSHOT_I8042,
	SNAPSHOT_RESET,
	SNAPSHOT_DEBUG_PORTS,
	SNAPSHOT_TICKER,
	/* Of each vCPU: what vmrun knows of it, then structures of uapi/minivmx.h. */
	SNAPSHOT_VCPU,
	SNAPSHOT_CPUID,
	SNAPSHOT_SREGS2,
	SNAPSHOT_XCRS,
	SNAPSHOT_XSAVE,
	SNAPSHOT_REGS,
	SNAPSHOT_MSRS,
	SNAPSHOT_DEBUGREGS,
	SNAPSHOT_MP_STATE,
	SNAPSHOT_EVENTS,
	/* Which pages of memory are not all zero, and they. */
	SNAPSHOT_RUNS,
	SNAPSHOT_MEMORY,
	SNAPSHOT_NR_TYPES
};

#define SNAPSHOT_OF_MACHINE	(SNAPSHOT_VCPU)			/* sections before it */
#define SNAPSHOT_OF_VCPU	(SNAPSHOT_RUNS - SNAPSHOT_VCPU)	/* and of each */
#define SNAPSHOT_NR_SECTIONS(cpus) \
	(SNAPSHOT_OF_MACHINE + (cpus) * SNAPSHOT_OF_VCPU + 2)

/**
 * struct snapshot_header - how the file begins
 * @magic: SNAPSHOT_MAGIC; text that was converted loses it
 * @version: SNAPSHOT_VERSION
 * @nr_sections: entries of the table, which follows
 * @size: bytes of the whole file
 * @crc: CRC-32 of the header, with 0 here, and the table
 * @reserved: 0
 */
struct snapshot_header {
	__u8 magic[8];
	__u32 version;
	__u32 nr_sections;
	__u64 size;
	__u32 crc;
	__u32 reserved;
};

/**
 * struct snapshot_section - a row of the table
 * @type: enum snapshot_type
 * @number: of the vCPU that it is of; else 0
 * @offset: where it is in the file: right after the one before, but for zeros that align it
 * @size: its bytes
 * @crc: their CRC-32
 * @reserved: 0
 */
struct snapshot_section {
	__u32 type;
	__u32 number;
	__u64 offset;
	__u64 size;
	__u32 crc;
	__u32 reserved;
};

/**
 * struct snapshot_run - pages of SNAPSHOT_RUNS that follow each other, here and there
 * @page: the first one's guest-physical address, in pages
 * @nr: how many
 */
struct snapshot_run {
	__u64 page;
	__u64 nr;
};

/**
 * struct snapshot_machine - the section SNAPSHOT_MACHINE
 * @cpus: vCPUs
 * @mem_size: bytes of memory
 * @hypercalls: --hypercalls was given
 * @exit_code: enum exit_code
 * @tsc_khz: how fast the time-stamp counters went
 * @wall_clock: what time it was: nanoseconds since 1970, UTC
 */
struct snapshot_machine {
	__u32 cpus;
	__u64 mem_size;
	bool hypercalls;
	__u8 exit_code;
	__u32 tsc_khz;
	__u64 wall_clock;
};

/**
 * struct snapshot - a file that was found to be sound
 * @file: its name, for messages; the caller's to set
 * @data: all its bytes
 * @sections: its table
 * @machine: its first section
 * @why: if it is not sound: why
 */
struct snapshot {
	const char *file;
	const __u8 *data;
	const struct snapshot_section *sections;
	struct snapshot_machine machine;
	char why[96];
};

/* snapshot_parse.c: pure functions. */
bool snapshot_parse(const void *data, size_t size, struct snapshot *snapshot);
const struct snapshot_section *snapshot_find(const struct snapshot *snapshot,
					     enum snapshot_type type, unsigned int vcpu);
const char *snapshot_name(enum snapshot_type type);
void snapshot_machine_state(struct snapshot_machine *machine, struct state *state);
__u32 snapshot_header_crc(const struct snapshot_header *header,
			  const struct snapshot_section *sections);

static inline __u64 snapshot_align(__u64 at, enum snapshot_type type)
{
	__u64 align = type == SNAPSHOT_MEMORY ? SNAPSHOT_PAGE : SNAPSHOT_ALIGN;

	return (at + align - 1) & ~(align - 1);
}

/* The type and the vCPU of the @i-th section. */
static inline enum snapshot_type snapshot_type_at(unsigned int i, unsigned int cpus,
						  unsigned int *vcpu)
{
	*vcpu = 0;
	if (i < SNAPSHOT_OF_MACHINE)
		return i;
	i -= SNAPSHOT_OF_MACHINE;
	if (i >= cpus * SNAPSHOT_OF_VCPU)
		return SNAPSHOT_RUNS + i - cpus * SNAPSHOT_OF_VCPU;
	*vcpu = i / SNAPSHOT_OF_VCPU;
	return SNAPSHOT_VCPU + i % SNAPSHOT_OF_VCPU;
}

#endif /* VMRUN_SNAPSHOT_H */
