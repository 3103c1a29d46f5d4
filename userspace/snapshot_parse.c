// SPDX-License-Identifier: GPL-2.0
/*
 * Is it a snapshot, whole and sound? Pure functions over the bytes of a file, which
 * anybody may have written: docs/snapshot.md.
 *
 * There is one right file for a machine: the order of its sections and where each of
 * them begins are given. So all else is refused, and nothing is there that is not looked
 * at. What devices and the kernel make of the values is theirs to check.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "options.h"
#include "snapshot.h"

#define MAX_DEVICE	SNAPSHOT_MAX_DEVICE

static_assert(sizeof(struct snapshot_header) == 32, "the format is given");
static_assert(sizeof(struct snapshot_section) == 32, "the format is given");

#define EXACTLY(name, type)	{ name, sizeof(type), sizeof(type), sizeof(type) }

/* A section has from @min to @max bytes, a multiple of @unit. */
static const struct {
	const char *name;
	__u64 min, max, unit;
} rules[SNAPSHOT_NR_TYPES] = {
	[SNAPSHOT_MACHINE] = { "machine", 1, MAX_DEVICE, 1 },
	[SNAPSHOT_BOARD] = { "board", 1, MAX_DEVICE, 1 },
	[SNAPSHOT_PIC] = { "interrupt controllers", 1, MAX_DEVICE, 1 },
	[SNAPSHOT_PIT] = { "PIT", 1, MAX_DEVICE, 1 },
	[SNAPSHOT_RTC] = { "RTC", 1, MAX_DEVICE, 1 },
	[SNAPSHOT_SERIAL] = { "serial ports", 1, MAX_DEVICE, 1 },
	[SNAPSHOT_I8042] = { "keyboard controller", 1, MAX_DEVICE, 1 },
	[SNAPSHOT_RESET] = { "reset", 1, MAX_DEVICE, 1 },
	[SNAPSHOT_DEBUG_PORTS] = { "debug ports", 1, MAX_DEVICE, 1 },
	[SNAPSHOT_TICKER] = { "interval timer", 1, MAX_DEVICE, 1 },
	[SNAPSHOT_VCPU] = { "vCPU", 1, MAX_DEVICE, 1 },
	[SNAPSHOT_CPUID] = {
		"CPUID", 0, MINIVMX_MAX_CPUID_ENTRIES * sizeof(struct minivmx_cpuid_entry2),
		sizeof(struct minivmx_cpuid_entry2)
	},
	[SNAPSHOT_SREGS2] = EXACTLY("SREGS2", struct minivmx_sregs2),
	[SNAPSHOT_XCRS] = EXACTLY("XCRS", struct minivmx_xcrs),
	[SNAPSHOT_XSAVE] = EXACTLY("XSAVE", struct minivmx_xsave),
	[SNAPSHOT_REGS] = EXACTLY("REGS", struct minivmx_regs),
	[SNAPSHOT_MSRS] = {
		"MSRS", 0, (MINIVMX_MAX_MSRS - 1) * sizeof(struct minivmx_msr_entry),
		sizeof(struct minivmx_msr_entry)
	},
	[SNAPSHOT_DEBUGREGS] = EXACTLY("DEBUGREGS", struct minivmx_debugregs),
	[SNAPSHOT_MP_STATE] = EXACTLY("MP_STATE", struct minivmx_mp_state),
	[SNAPSHOT_EVENTS] = EXACTLY("VCPU_EVENTS", struct minivmx_vcpu_events),
	[SNAPSHOT_RUNS] = {
		"pages", 0, SNAPSHOT_MAX_RUNS * sizeof(struct snapshot_run),
		sizeof(struct snapshot_run)
	},
	[SNAPSHOT_MEMORY] = { "memory", 0, ~0ULL, SNAPSHOT_PAGE },
};

#define REFUSE(snapshot, ...) \
	(snprintf((snapshot)->why, sizeof((snapshot)->why), __VA_ARGS__), false)

/** snapshot_name() - what a section is, for messages */
const char *snapshot_name(enum snapshot_type type)
{
	return rules[type].name;
}

/** snapshot_machine_state() - what the first section holds: see struct state */
void snapshot_machine_state(struct snapshot_machine *machine, struct state *state)
{
	state_u32(state, &machine->cpus);
	state_u64(state, &machine->mem_size);
	state_bool(state, &machine->hypercalls);
	state_u8(state, &machine->exit_code);
	state_u32(state, &machine->tsc_khz);
	state_u64(state, &machine->wall_clock);
	state_valid(state, machine->cpus && machine->cpus <= MAX_CPUS);
	state_valid(state, machine->mem_size && machine->mem_size % SNAPSHOT_PAGE == 0);
	/* Above it are devices. */
	state_valid(state, machine->mem_size <= SNAPSHOT_MAX_MEMORY);
	state_valid(state, machine->exit_code <= EXIT_CODE_QEMU);
	/* Until the year 2262: a difference of two of them is a number, too. */
	state_valid(state, machine->wall_clock <= ~0ULL / 2);
}

/** snapshot_header_crc() - what @crc of a header has to be; the table is there */
__u32 snapshot_header_crc(const struct snapshot_header *header,
			  const struct snapshot_section *sections)
{
	struct snapshot_header copy = *header;
	__u32 crc;

	copy.crc = 0;
	crc = crc32_z(0, (const void *)&copy, sizeof(copy));
	return crc32_z(crc, (const void *)sections,
		       header->nr_sections * sizeof(*sections));
}

static bool check_header(struct snapshot *snapshot, const struct snapshot_header *header,
			 size_t size)
{
	if (size < sizeof(*header) ||
	    memcmp(header->magic, SNAPSHOT_MAGIC, sizeof(header->magic)))
		return REFUSE(snapshot, "no snapshot of a machine");
	if (header->version != SNAPSHOT_VERSION)
		return REFUSE(snapshot, "a snapshot of version %u, and not of version %u",
			      header->version, SNAPSHOT_VERSION);
	if (header->size > size)
		return REFUSE(snapshot, "cut short: %zu bytes instead of %llu", size,
			      header->size);
	if (header->size < size)
		return REFUSE(snapshot, "damaged: %zu bytes instead of %llu", size,
			      header->size);
	if (header->nr_sections > SNAPSHOT_NR_SECTIONS(MAX_CPUS) ||
	    header->nr_sections * sizeof(*snapshot->sections) > size - sizeof(*header) ||
	    header->crc != snapshot_header_crc(header, snapshot->sections) || header->reserved)
		return REFUSE(snapshot, "damaged: the header");
	return true;
}

static bool is_zero(const __u8 *bytes, __u64 nr)
{
	while (nr && !*bytes) {
		bytes++;
		nr--;
	}
	return !nr;
}

/* @at: where the section before it ended. */
static bool check_section(struct snapshot *snapshot, const struct snapshot_section *section,
			  enum snapshot_type type, unsigned int vcpu, __u64 at, __u64 size)
{
	__u64 offset = snapshot_align(at, type);

	if (section->type != type || section->number != vcpu || section->reserved ||
	    section->offset != offset || offset > size || section->size > size - offset ||
	    section->size < rules[type].min || section->size > rules[type].max ||
	    section->size % rules[type].unit)
		return REFUSE(snapshot, "damaged: no section %s where it should be",
			      rules[type].name);
	if (!is_zero(snapshot->data + at, offset - at) ||
	    section->crc != crc32_z(0, snapshot->data + offset, section->size))
		return REFUSE(snapshot, "damaged: the checksum of section %s",
			      rules[type].name);
	return true;
}

/* How many there are of a vCPU is what the first one says. */
static bool parse_machine(struct snapshot *snapshot, const struct snapshot_section *section,
			  unsigned int nr_sections)
{
	struct state state = {
		.data = (__u8 *)snapshot->data + section->offset, .size = section->size,
	};

	snapshot_machine_state(&snapshot->machine, &state);
	if (!state_ended(&state) ||
	    nr_sections != SNAPSHOT_NR_SECTIONS(snapshot->machine.cpus))
		return REFUSE(snapshot, "damaged: the section %s", rules[SNAPSHOT_MACHINE].name);
	return true;
}

/* What no --serial could ask for. Any other number is compared with what it asks for. */
static bool check_serial(struct snapshot *snapshot, const struct snapshot_section *section)
{
	__u8 nr = snapshot->data[section->offset];

	if (!nr || nr > MAX_SERIAL)
		return REFUSE(snapshot, "damaged: the section %s", rules[SNAPSHOT_SERIAL].name);
	return true;
}

static bool check_sections(struct snapshot *snapshot, unsigned int nr, __u64 size)
{
	__u64 at = sizeof(struct snapshot_header) + nr * sizeof(struct snapshot_section);
	unsigned int i, vcpu;

	if (!nr)
		return REFUSE(snapshot, "damaged: the header");
	for (i = 0; i < nr; i++) {
		const struct snapshot_section *section = &snapshot->sections[i];
		enum snapshot_type type = snapshot_type_at(i, snapshot->machine.cpus, &vcpu);

		if (!check_section(snapshot, section, type, vcpu, at, size))
			return false;
		if (!i && !parse_machine(snapshot, section, nr))
			return false;
		if (type == SNAPSHOT_SERIAL && !check_serial(snapshot, section))
			return false;
		at = section->offset + section->size;
	}
	if (at != size)
		return REFUSE(snapshot, "damaged: bytes after its end");
	return true;
}

/* Ascending, apart, inside the memory, and as many pages as there are. */
static bool check_runs(struct snapshot *snapshot)
{
	const struct snapshot_section *section = snapshot_find(snapshot, SNAPSHOT_RUNS, 0);
	const struct snapshot_run *runs = (const void *)(snapshot->data + section->offset);
	__u64 pages = snapshot->machine.mem_size / SNAPSHOT_PAGE, next = 0, sum = 0;
	size_t i;

	for (i = 0; i < section->size / sizeof(*runs); i++) {
		if (runs[i].page < next || runs[i].page >= pages || !runs[i].nr ||
		    runs[i].nr > pages - runs[i].page)
			return REFUSE(snapshot, "damaged: the section %s",
				      rules[SNAPSHOT_RUNS].name);
		next = runs[i].page + runs[i].nr;
		sum += runs[i].nr;
	}
	if (sum * SNAPSHOT_PAGE != snapshot_find(snapshot, SNAPSHOT_MEMORY, 0)->size)
		return REFUSE(snapshot, "damaged: the section %s", rules[SNAPSHOT_MEMORY].name);
	return true;
}

/**
 * snapshot_parse() - look at the bytes of a file
 * @data: the bytes, at a multiple of 8
 * @size: how many there are
 * @snapshot: filled in, but for @file; it points into @data
 *
 * Return: it is a snapshot, and nothing of it is damaged; if not, @snapshot->why says why.
 */
bool snapshot_parse(const void *data, size_t size, struct snapshot *snapshot)
{
	const struct snapshot_header *header = data;

	*snapshot = (struct snapshot){ .file = snapshot->file, .data = data };
	snapshot->sections = (const void *)(header + 1);
	return check_header(snapshot, header, size) &&
		check_sections(snapshot, header->nr_sections, size) && check_runs(snapshot);
}

/**
 * snapshot_find() - a section of a snapshot
 * @snapshot: from snapshot_parse(), which succeeded
 * @type: which
 * @vcpu: of which vCPU it is, if it is of one
 *
 * Return: the section.
 */
const struct snapshot_section *snapshot_find(const struct snapshot *snapshot,
					     enum snapshot_type type, unsigned int vcpu)
{
	unsigned int i = type;

	if (type >= SNAPSHOT_RUNS)
		i += (snapshot->machine.cpus - 1) * SNAPSHOT_OF_VCPU;
	else if (type >= SNAPSHOT_VCPU)
		i += vcpu * SNAPSHOT_OF_VCPU;
	return &snapshot->sections[i];
}
