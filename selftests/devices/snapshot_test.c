// SPDX-License-Identifier: GPL-2.0
/*
 * The files of vmrun --save-on, as --restore looks at them. Needs no VT-x.
 *
 * Breakage it catches: a damage that is not seen, a file cut short that is taken, a size
 * or an offset that leads out of the file, pages that overlap or lie outside of memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <zlib.h>

#include "../../userspace/options.h"
#include "../../userspace/snapshot.h"

#define CPUS		2
#define NR_SECTIONS	SNAPSHOT_NR_SECTIONS(CPUS)
#define PAGES		16

/* A file in memory, at a multiple of 8, and nothing after it: ASan looks. */
struct file {
	__u8 *data;
	size_t size;
};

static struct snapshot_header *header(const struct file *file)
{
	return (void *)file->data;
}

static struct snapshot_section *section(const struct file *file, unsigned int i)
{
	return (struct snapshot_section *)(header(file) + 1) + i;
}

/* As if whoever damaged it knew how checksums are made. */
static void seal(const struct file *file)
{
	unsigned int i;

	for (i = 0; i < NR_SECTIONS; i++) {
		struct snapshot_section *this = section(file, i);

		if (this->offset <= file->size && this->size <= file->size - this->offset)
			this->crc = crc32_z(0, file->data + this->offset, this->size);
	}
	if (header(file)->nr_sections <= NR_SECTIONS)
		header(file)->crc = snapshot_header_crc(header(file), section(file, 0));
}

/* How many bytes a section has here. */
static size_t size_of(enum snapshot_type type)
{
	switch (type) {
	case SNAPSHOT_CPUID:
		return 3 * sizeof(struct minivmx_cpuid_entry2);
	case SNAPSHOT_SREGS2:
		return sizeof(struct minivmx_sregs2);
	case SNAPSHOT_XCRS:
		return sizeof(struct minivmx_xcrs);
	case SNAPSHOT_XSAVE:
		return sizeof(struct minivmx_xsave);
	case SNAPSHOT_REGS:
		return sizeof(struct minivmx_regs);
	case SNAPSHOT_MSRS:
		return 5 * sizeof(struct minivmx_msr_entry);
	case SNAPSHOT_DEBUGREGS:
		return sizeof(struct minivmx_debugregs);
	case SNAPSHOT_MP_STATE:
		return sizeof(struct minivmx_mp_state);
	case SNAPSHOT_EVENTS:
		return sizeof(struct minivmx_vcpu_events);
	case SNAPSHOT_RUNS:
		return 2 * sizeof(struct snapshot_run);
	case SNAPSHOT_MEMORY:
		return 3 * SNAPSHOT_PAGE;
	default:
		return 11;
	}
}

static struct file make(void)
{
	struct snapshot_machine machine = { .cpus = CPUS, .mem_size = PAGES * SNAPSHOT_PAGE };
	size_t at = sizeof(struct snapshot_header) + NR_SECTIONS * sizeof(struct snapshot_section);
	struct file file = { calloc(1, 0x20000), 0 };
	struct snapshot_run *runs;
	struct state state;
	unsigned int i, vcpu;

	assert_non_null(file.data);
	for (i = 0; i < NR_SECTIONS; i++) {
		enum snapshot_type type = snapshot_type_at(i, CPUS, &vcpu);

		at = snapshot_align(at, type);
		*section(&file, i) = (struct snapshot_section){
			.type = type, .number = vcpu, .offset = at, .size = size_of(type),
		};
		if (type == SNAPSHOT_MACHINE) {
			state = (struct state){ file.data + at, 64, .saving = true };
			snapshot_machine_state(&machine, &state);
			section(&file, i)->size = state.at;
		} else {
			memset(file.data + at, 0x51 + i, size_of(type));
		}
		if (type == SNAPSHOT_SERIAL)
			file.data[at] = MAX_SERIAL;
		at += section(&file, i)->size;
	}
	runs = (void *)(file.data + section(&file, NR_SECTIONS - 2)->offset);
	runs[0] = (struct snapshot_run){ .page = 1, .nr = 2 };
	runs[1] = (struct snapshot_run){ .page = PAGES - 1, .nr = 1 };
	memcpy(header(&file)->magic, SNAPSHOT_MAGIC, 8);
	header(&file)->version = SNAPSHOT_VERSION;
	header(&file)->nr_sections = NR_SECTIONS;
	header(&file)->size = at;
	file.size = at;
	seal(&file);
	/* What is beyond it is nobody's. */
	file.data = realloc(file.data, file.size);
	assert_non_null(file.data);
	return file;
}

static bool parse(const struct file *file, struct snapshot *snapshot)
{
	bool sound = snapshot_parse(file->data, file->size, snapshot);

	assert_int_equal(sound, !snapshot->why[0]);
	return sound;
}

static void a_sound_one_is_taken(void **state)
{
	struct file file = make();
	struct snapshot snapshot;

	(void)state;
	assert_true(parse(&file, &snapshot));
	assert_int_equal(snapshot.machine.cpus, CPUS);
	assert_int_equal(snapshot.machine.mem_size, PAGES * SNAPSHOT_PAGE);
	assert_int_equal(snapshot_find(&snapshot, SNAPSHOT_REGS, 1)->type, SNAPSHOT_REGS);
	assert_int_equal(snapshot_find(&snapshot, SNAPSHOT_REGS, 1)->number, 1);
	assert_int_equal(snapshot_find(&snapshot, SNAPSHOT_VCPU, 1)->type, SNAPSHOT_VCPU);
	assert_int_equal(snapshot_find(&snapshot, SNAPSHOT_VCPU, 1)->number, 1);
	assert_int_equal(snapshot_find(&snapshot, SNAPSHOT_PIT, 0)->type, SNAPSHOT_PIT);
	assert_int_equal(snapshot_find(&snapshot, SNAPSHOT_MEMORY, 0)->size, 3 * SNAPSHOT_PAGE);
	free(file.data);
}

static void each_byte_counts(void **state)
{
	struct file file = make();
	struct snapshot snapshot;
	size_t i;

	(void)state;
	for (i = 0; i < file.size; i++) {
		file.data[i] ^= 1 << i % 8;
		if (parse(&file, &snapshot))
			print_error("byte %zu\n", i);
		assert_false(parse(&file, &snapshot));
		file.data[i] ^= 1 << i % 8;
	}
	assert_true(parse(&file, &snapshot));
	free(file.data);
}

static void each_length_counts(void **state)
{
	struct file file = make(), part;
	struct snapshot snapshot;
	size_t i;

	(void)state;
	for (i = 0; i < file.size; i += i < 0x1000 ? 1 : 509) {
		part.data = malloc(i ?: 1);
		part.size = i;
		assert_non_null(part.data);
		memcpy(part.data, file.data, i);
		assert_false(parse(&part, &snapshot));
		/* It may say so itself. */
		if (i >= sizeof(struct snapshot_header)) {
			header(&part)->size = i;
			assert_false(parse(&part, &snapshot));
		}
		free(part.data);
	}
	file.data = realloc(file.data, file.size + 1);
	assert_non_null(file.data);
	file.data[file.size++] = 0;
	assert_false(parse(&file, &snapshot));
	header(&file)->size = file.size;
	seal(&file);
	assert_false(parse(&file, &snapshot));
	assert_non_null(strstr(snapshot.why, "after its end"));
	free(file.data);
}

/* Of the header, of the row of a section, or of a section: @at bytes after its start. */
enum place { HEADER, ROW, BYTES };

#define HEADER_AT(member)	offsetof(struct snapshot_header, member)
#define ROW_AT(member)		offsetof(struct snapshot_section, member)

/* The checksums are right. */
static const struct {
	const char *name;
	enum place place;
	unsigned int i;
	size_t at, size;
	__u64 value;
	const char *why;
} damages[] = {
	{ "magic", HEADER, 0, 0, 1, 'v', "no snapshot" },
	{ "line ends were converted", HEADER, 0, 6, 1, '\n', "no snapshot" },
	{ "a later version", HEADER, 0, HEADER_AT(version), 4, 2, "a snapshot of version 2" },
	{ "version 0", HEADER, 0, HEADER_AT(version), 4, 0, "a snapshot of version 0" },
	{ "sections: none", HEADER, 0, HEADER_AT(nr_sections), 4, 0, "header" },
	{ "sections: one less", HEADER, 0, HEADER_AT(nr_sections), 4, NR_SECTIONS - 1,
	  "no section" },
	{ "sections: too many", HEADER, 0, HEADER_AT(nr_sections), 4, ~0u, "header" },
	{ "size: less", HEADER, 0, HEADER_AT(size), 8, 4096, "damaged" },
	{ "size: more", HEADER, 0, HEADER_AT(size), 8, ~0ULL, "cut short" },
	{ "reserved", HEADER, 0, HEADER_AT(reserved), 4, 1, "header" },
	{ "type", ROW, 3, ROW_AT(type), 4, SNAPSHOT_PIC, "no section PIT" },
	{ "type: unknown", ROW, 3, ROW_AT(type), 4, ~0u, "no section PIT" },
	{ "number", ROW, 12, ROW_AT(number), 4, 1, "no section" },
	{ "offset: another", ROW, 5, ROW_AT(offset), 8, 4096, "no section" },
	{ "offset: outside", ROW, 5, ROW_AT(offset), 8, ~0ULL - 7, "no section" },
	{ "size: outside", ROW, 5, ROW_AT(size), 8, ~0ULL, "no section" },
	{ "size: none", ROW, 5, ROW_AT(size), 8, 0, "no section" },
	{ "size of REGS", ROW, 15, ROW_AT(size), 8, 152, "no section REGS" },
	{ "size of CPUID: half an entry", ROW, 11, ROW_AT(size), 8, 60, "no section CPUID" },
	{ "size of MSRS: half an entry", ROW, 16, ROW_AT(size), 8, 24, "no section MSRS" },
	{ "size of memory", ROW, NR_SECTIONS - 1, ROW_AT(size), 8, 4096, "damaged" },
	{ "reserved of a row", ROW, 5, ROW_AT(reserved), 4, 1, "no section" },
	{ "vCPUs: none", BYTES, 0, 0, 4, 0, "machine" },
	{ "vCPUs: more", BYTES, 0, 0, 4, CPUS + 1, "machine" },
	{ "vCPUs: too many", BYTES, 0, 0, 4, ~0u, "machine" },
	/* Times the sections of each, it is the right number again. */
	{ "vCPUs: wrap around", BYTES, 0, 0, 4, CPUS + (1u << 31), "machine" },
	{ "memory: none", BYTES, 0, 4, 8, 0, "machine" },
	{ "memory: part of a page", BYTES, 0, 4, 8, 0x10800, "machine" },
	{ "memory: where devices are", BYTES, 0, 4, 8, 0xd0001000, "machine" },
	{ "memory: less than its pages", BYTES, 0, 4, 8, 0x8000, "pages" },
	{ "hypercalls: a bool", BYTES, 0, 12, 1, 2, "machine" },
	{ "exit code", BYTES, 0, 13, 1, 2, "machine" },
	{ "time: after the year 2262", BYTES, 0, 18, 8, 1ULL << 63, "machine" },
	{ "serial ports: none", BYTES, SNAPSHOT_SERIAL, 0, 1, 0, "serial ports" },
	{ "serial ports: too many", BYTES, SNAPSHOT_SERIAL, 0, 1, MAX_SERIAL + 1, "serial ports" },
	{ "serial ports: far too many", BYTES, SNAPSHOT_SERIAL, 0, 1, 255, "serial ports" },
	{ "pages: none in a run", BYTES, NR_SECTIONS - 2, 8, 8, 0, "pages" },
	{ "pages: too many", BYTES, NR_SECTIONS - 2, 8, 8, ~0ULL, "pages" },
	{ "pages: overlap", BYTES, NR_SECTIONS - 2, 16, 8, 2, "pages" },
	{ "pages: descend", BYTES, NR_SECTIONS - 2, 16, 8, 0, "pages" },
	{ "pages: outside", BYTES, NR_SECTIONS - 2, 16, 8, PAGES, "pages" },
	{ "pages: wrap around", BYTES, NR_SECTIONS - 2, 16, 8, ~0ULL, "pages" },
	{ "pages: more than there are", BYTES, NR_SECTIONS - 2, 8, 8, 3, "memory" },
};

static void what_is_damaged_is_refused(void **state)
{
	struct snapshot snapshot;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		struct file file = make();
		__u8 *at = file.data + damages[i].at;

		if (damages[i].place == ROW)
			at += (__u8 *)section(&file, damages[i].i) - file.data;
		else if (damages[i].place == BYTES)
			at += section(&file, damages[i].i)->offset;
		assert_memory_not_equal(at, &damages[i].value, damages[i].size);
		memcpy(at, &damages[i].value, damages[i].size);
		seal(&file);
		if (parse(&file, &snapshot) || !strstr(snapshot.why, damages[i].why))
			print_error("%s: \"%s\"\n", damages[i].name, snapshot.why);
		assert_false(parse(&file, &snapshot));
		assert_non_null(strstr(snapshot.why, damages[i].why));
		free(file.data);
	}
}

/* Zeros that align a section are in no checksum. */
static void nothing_is_hidden_between_sections(void **state)
{
	struct file file = make();
	struct snapshot snapshot;

	(void)state;
	file.data[section(&file, 2)->offset - 1] = 1;
	assert_false(parse(&file, &snapshot));
	free(file.data);
}

/* Random damage, with checksums that are right: the sanitizers look. */
static void strange_files_do_no_harm(void **state)
{
	struct snapshot snapshot;
	unsigned int i, n;

	(void)state;
	srand(1);
	for (i = 0; i < 3000; i++) {
		struct file file = make();
		__u8 *const places[] = {
			file.data,
			(__u8 *)section(&file, rand() % NR_SECTIONS),
			file.data + section(&file, 0)->offset,
			file.data + section(&file, NR_SECTIONS - 2)->offset,
		};

		for (n = rand() % 8; n; n--)
			places[rand() % 4][rand() % 32] = rand() % 4 ? rand() : -(rand() % 2);
		seal(&file);
		parse(&file, &snapshot);
		free(file.data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_one_is_taken),
		cmocka_unit_test(each_byte_counts),
		cmocka_unit_test(each_length_counts),
		cmocka_unit_test(what_is_damaged_is_refused),
		cmocka_unit_test(nothing_is_hidden_between_sections),
		cmocka_unit_test(strange_files_do_no_harm),
	};

	return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
