// SPDX-License-Identifier: GPL-2.0
/*
 * Snapshots, and the machines that they are restored to, with a kernel that takes all.
 * Inputs have the right checksums: whoever means harm knows how they are made.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>
#include <sys/mman.h>

#include "../../userspace/devices/clock.h"
#include "../../userspace/exit_status.h"
#include "../../userspace/snapshot_file.h"
#include "../../userspace/snapshot_pc.h"
#include "../../userspace/snapshot_vcpu.h"
#include "fuzz.h"

#define MAX_SECTIONS	SNAPSHOT_NR_SECTIONS(2)
#define MAX_SEED	0x4000	/* as fuzz_loaders.sh has it for all inputs */
#define TSC_KHZ		1000000
#define LAST_PORT	0xd00

/* ------------------------- the kernel ------------------------------------- */

/* All of vmrun calls this one: it has every feature, and takes what it is given. */
int ioctl(int fd, unsigned long request, ...)
{
	struct minivmx_cpuid2 *cpuid;
	struct minivmx_msrs *msrs;
	va_list args;
	void *arg;

	(void)fd;
	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	switch (request) {
	case MINIVMX_GET_TSC_KHZ:
		return TSC_KHZ;
	case MINIVMX_GET_SUPPORTED_CPUID:
		cpuid = arg;
		EXPECT(cpuid->nent == MINIVMX_MAX_CPUID_ENTRIES);
		cpuid->nent = 1;
		cpuid->entries[0] = (struct minivmx_cpuid_entry2){ 1, 0, 0, ~0u, ~0u, ~0u, ~0u };
		return 0;
	case MINIVMX_SET_CPUID2:
		cpuid = arg;
		EXPECT(cpuid->nent <= MINIVMX_MAX_CPUID_ENTRIES);
		return 0;
	case MINIVMX_GET_MSRS:
		msrs = arg;
		EXPECT(msrs->nmsrs == 1);
		msrs->entries[0].data = 0;
		return 1;
	case MINIVMX_SET_MSRS:
		return 1;
	default:
		return 0;
	}
}

/* ------------------------- files ------------------------------------------ */

/**
 * struct parts - a file in parts: where each of them goes follows from their sizes
 * @nr: how many there are
 * @types: what they are
 * @numbers: of which vCPU
 * @sizes: their bytes
 * @bytes: and they
 */
struct parts {
	unsigned int nr;
	__u32 types[MAX_SECTIONS], numbers[MAX_SECTIONS];
	size_t sizes[MAX_SECTIONS];
	__u8 bytes[MAX_SECTIONS][MAX_SEED];
};

static struct snapshot_section *sections_of(uint8_t *data)
{
	return (struct snapshot_section *)(data + sizeof(struct snapshot_header));
}

/* Of a table that may be wrong: what there is of it. */
static unsigned int nr_sections(const uint8_t *data, size_t size)
{
	const struct snapshot_header *header = (const void *)data;
	size_t most;

	if (size < sizeof(*header))
		return 0;
	most = (size - sizeof(*header)) / sizeof(struct snapshot_section);
	if (most > MAX_SECTIONS)
		most = MAX_SECTIONS;
	return header->nr_sections < most ? header->nr_sections : most;
}

static void seal(uint8_t *data, size_t size)
{
	struct snapshot_header *header = (void *)data;
	unsigned int i, nr = nr_sections(data, size);

	for (i = 0; i < nr; i++) {
		struct snapshot_section *section = &sections_of(data)[i];

		if (section->offset <= size && section->size <= size - section->offset)
			section->crc = crc32_z(0, data + section->offset, section->size);
	}
	if (nr && nr == header->nr_sections)
		header->crc = snapshot_header_crc(header, sections_of(data));
}

/* Return: how long the file is; 0: longer than @room. */
static size_t pack(const struct parts *parts, uint8_t *data, size_t room)
{
	size_t at = sizeof(struct snapshot_header) +
		parts->nr * sizeof(struct snapshot_section);
	unsigned int i;

	if (at > room)
		return 0;
	memset(data, 0, room);
	for (i = 0; i < parts->nr; i++) {
		at = snapshot_align(at, parts->types[i]);
		if (at > room || parts->sizes[i] > room - at)
			return 0;
		sections_of(data)[i] = (struct snapshot_section){
			.type = parts->types[i], .number = parts->numbers[i],
			.offset = at, .size = parts->sizes[i],
		};
		memcpy(data + at, parts->bytes[i], parts->sizes[i]);
		at += parts->sizes[i];
	}
	*(struct snapshot_header *)data = (struct snapshot_header){
		.magic = SNAPSHOT_MAGIC, .version = SNAPSHOT_VERSION,
		.nr_sections = parts->nr, .size = at,
	};
	seal(data, at);
	return at;
}

static void unpack(uint8_t *data, size_t size, struct parts *parts)
{
	unsigned int i;

	parts->nr = nr_sections(data, size);
	for (i = 0; i < parts->nr; i++) {
		const struct snapshot_section *section = &sections_of(data)[i];
		bool fits = section->offset <= size && section->size <= size - section->offset;

		parts->types[i] = section->type;
		parts->numbers[i] = section->number;
		parts->sizes[i] = fits && section->size <= MAX_SEED ? section->size : 0;
		if (parts->sizes[i])
			memcpy(parts->bytes[i], data + section->offset, parts->sizes[i]);
	}
}

/* ------------------------- boards ----------------------------------------- */

/* With one serial port, which leads nowhere. */
static void open_board(struct pc *pc, struct consoles *consoles, struct options *opt,
		       const struct vm *vm, const struct vcpu *vcpu)
{
	opt->nr_serial = 1;
	opt->serial[0] = (struct serial_options){ .kind = SERIAL_NULL, .arg = "null" };
	opt->timeout = CLOCK_NEVER;
	EXPECT(!consoles_open(consoles, opt));
	EXPECT(!pc_open(pc, opt, consoles, vm, vcpu));
}

static void close_board(struct pc *pc, struct consoles *consoles)
{
	pc_close(pc);
	consoles_close(consoles);
}

/* ------------------------- seeds ------------------------------------------ */

static void add_part(struct parts *parts, enum snapshot_type type, unsigned int vcpu,
		     size_t size)
{
	parts->types[parts->nr] = type;
	parts->numbers[parts->nr] = vcpu;
	parts->sizes[parts->nr] = size;
	memset(parts->bytes[parts->nr++], 0, size);
}

/* Devices as they are at the start. */
static void add_devices(struct parts *parts, unsigned int cpus)
{
	struct snapshot_machine machine = {
		.cpus = cpus, .mem_size = 64 * SNAPSHOT_PAGE, .tsc_khz = TSC_KHZ,
		.wall_clock = 1750000000ULL * 1000000000,
	};
	struct state state = { parts->bytes[0], MAX_SEED, .saving = true };
	struct options opt = { .cpus = cpus, .mem_size = machine.mem_size };
	static struct consoles consoles;
	static struct pc pc;
	enum snapshot_type type;

	open_board(&pc, &consoles, &opt, NULL, NULL);
	snapshot_machine_state(&machine, &state);
	parts->nr = 1;
	parts->sizes[0] = state.at;
	for (type = SNAPSHOT_BOARD; type < SNAPSHOT_OF_MACHINE; type++) {
		add_part(parts, type, 0, 0);
		parts->sizes[type] = snapshot_pc_save(&pc, type, parts->bytes[type], MAX_SEED);
		EXPECT(parts->sizes[type]);
	}
	close_board(&pc, &consoles);
}

/* How many bytes of a vCPU's section there are here. */
static const size_t sizes[SNAPSHOT_NR_TYPES] = {
	[SNAPSHOT_VCPU] = 9,
	[SNAPSHOT_CPUID] = 2 * sizeof(struct minivmx_cpuid_entry2),
	[SNAPSHOT_SREGS2] = sizeof(struct minivmx_sregs2),
	[SNAPSHOT_XCRS] = sizeof(struct minivmx_xcrs),
	[SNAPSHOT_XSAVE] = sizeof(struct minivmx_xsave),
	[SNAPSHOT_REGS] = sizeof(struct minivmx_regs),
	[SNAPSHOT_MSRS] = 3 * sizeof(struct minivmx_msr_entry),
	[SNAPSHOT_DEBUGREGS] = sizeof(struct minivmx_debugregs),
	[SNAPSHOT_MP_STATE] = sizeof(struct minivmx_mp_state),
	[SNAPSHOT_EVENTS] = sizeof(struct minivmx_vcpu_events),
};

/* A machine of so many vCPUs, in which so many pages hold something. */
static size_t make_seed(uint8_t *data, size_t room, unsigned int cpus, unsigned int pages)
{
	static struct parts parts;
	enum snapshot_type type;
	struct snapshot_run *runs;
	unsigned int i;

	add_devices(&parts, cpus);
	for (i = 0; i < cpus; i++)
		for (type = SNAPSHOT_VCPU; type < SNAPSHOT_RUNS; type++)
			add_part(&parts, type, i, sizes[type]);
	runs = (void *)parts.bytes[parts.nr];
	add_part(&parts, SNAPSHOT_RUNS, 0, pages * sizeof(*runs));
	for (i = 0; i < pages; i++)
		runs[i] = (struct snapshot_run){ .page = 3 + 7 * i, .nr = 1 };
	add_part(&parts, SNAPSHOT_MEMORY, 0, pages * SNAPSHOT_PAGE);
	memset(parts.bytes[parts.nr - 1], 0xf4, pages * SNAPSHOT_PAGE);
	return pack(&parts, data, room);
}

/* ------------------------- mutation --------------------------------------- */

/* A section grows, shrinks or changes, and what comes after it moves. */
static size_t change_section(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	static struct parts parts;
	unsigned int i;

	unpack(data, size, &parts);
	if (!parts.nr)
		return 0;
	i = seed % parts.nr;
	/* More bytes of a device's are seldom of use, and a section is never as long. */
	parts.sizes[i] = LLVMFuzzerMutate(parts.bytes[i], parts.sizes[i],
					  seed & 0x10000 || !parts.sizes[i] ?
					  MAX_SEED / 2 : parts.sizes[i]);
	return pack(&parts, data, max_size);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	static uint8_t copy[MAX_SEED];
	size_t changed;

	if (max_size > MAX_SEED)
		max_size = MAX_SEED;
	/* Somebody else's file is none to begin with. */
	if (size < sizeof(struct snapshot_header) || memcmp(data, SNAPSHOT_MAGIC, 8)) {
		size = make_seed(copy, max_size, 1 + seed % 2, 2 - seed % 2);
		memcpy(data, copy, size);
		return size;
	}
	if (seed >> 20 & 7) {
		memcpy(copy, data, size);
		changed = change_section(copy, size, max_size, seed);
		if (changed) {
			memcpy(data, copy, changed);
			return changed;
		}
	}
	size = LLVMFuzzerMutate(data, size, max_size);
	seal(data, size);
	return size;
}

/* ------------------------- what vmrun does -------------------------------- */

/* A read of memory that is not in the file would be a SIGBUS. */
static void map(const struct snapshot_file *file, struct vm *vm, struct options *opt)
{
	const struct snapshot_section *section =
		snapshot_find(&file->snapshot, SNAPSHOT_RUNS, 0);
	const struct snapshot_run *runs = (const void *)(file->snapshot.data + section->offset);
	const __u8 *bytes = file->snapshot.data +
		snapshot_find(&file->snapshot, SNAPSHOT_MEMORY, 0)->offset;
	size_t i;

	EXPECT(!snapshot_map(file, vm, opt));
	for (i = 0; i < section->size / sizeof(*runs); i++) {
		EXPECT(!memcmp(vm->mem + runs[i].page * SNAPSHOT_PAGE, bytes,
			       runs[i].nr * SNAPSHOT_PAGE));
		bytes += runs[i].nr * SNAPSHOT_PAGE;
	}
}

/* What was restored is what would be saved, but for the time. */
static void save_again(const struct snapshot *snapshot, struct pc *pc)
{
	__u8 bytes[SNAPSHOT_MAX_DEVICE];
	enum snapshot_type type;

	for (type = SNAPSHOT_PIC; type < SNAPSHOT_OF_MACHINE; type++) {
		const struct snapshot_section *section = snapshot_find(snapshot, type, 0);
		size_t size = snapshot_pc_save(pc, type, bytes, sizeof(bytes));

		EXPECT(size == section->size);
		if (type != SNAPSHOT_RTC)
			EXPECT(!memcmp(bytes, snapshot->data + section->offset, size));
	}
}

/* The guest looks at each port, and writes what it found. */
static void use_board(struct pc *pc)
{
	unsigned int port;

	pc_run(pc);
	for (port = 0; port < LAST_PORT; port++) {
		__u8 byte = 0;

		if (bus_read(&pc->ports, port, &byte, 1))
			bus_write(&pc->ports, port, &byte, 1);
	}
	pc_run(pc);
	if (pc_interrupts(pc))
		pc_acknowledge(pc);
	EXPECT(!alarm_set(&pc->alarm, pc_next(pc)));
}

static void restore(const struct snapshot_file *file, struct vm *vm, struct options *opt)
{
	struct vcpu vcpu = { .fd = -1, .run = calloc(1, sizeof(*vcpu.run)) };
	static struct consoles consoles;
	static struct pc pc;
	int status = 0;

	EXPECT(vcpu.run);
	for (; vcpu.number < opt->cpus && !status; vcpu.number++)
		status = snapshot_vcpu_restore(&file->snapshot, vm, &vcpu);
	free(vcpu.run);
	EXPECT(!status || status == STATUS_LOAD);
	if (status)
		return;
	open_board(&pc, &consoles, opt, vm, &vcpu);
	status = snapshot_pc_restore(&file->snapshot, &pc);
	EXPECT(!status || status == STATUS_LOAD);
	if (!status) {
		save_again(&file->snapshot, &pc);
		use_board(&pc);
	}
	close_board(&pc, &consoles);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct snapshot_file file = SNAPSHOT_FILE_INIT;
	struct options opt = { .snapshot.restore = fuzz_file(data, size) };
	struct vm vm = VM_INIT;
	struct snapshot snapshot;
	sigset_t signals;
	bool sound;
	int status;

	/* As run_guest() has it. */
	sigemptyset(&signals);
	sigaddset(&signals, ALARM_SIGNAL);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	/* Of the heap, ASan knows the end; of a mapping, it does not. */
	sound = snapshot_parse(data, size, &snapshot);
	EXPECT(sound == !snapshot.why[0]);
	status = snapshot_open(&file, &opt);
	EXPECT(status == (sound ? 0 : STATUS_LOAD));
	if (sound) {
		vm.device = "/dev/all";
		vm.mem_size = opt.mem_size;
		vm.mem = mmap(NULL, vm.mem_size, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		EXPECT(vm.mem != MAP_FAILED);
		map(&file, &vm, &opt);
		opt.ept.page_size = MINIVMX_EPT_2M;
		map(&file, &vm, &opt);
		restore(&file, &vm, &opt);
		munmap(vm.mem, vm.mem_size);
	}
	snapshot_close(&file);
	return 0;
}
