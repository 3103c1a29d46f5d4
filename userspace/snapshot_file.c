// SPDX-License-Identifier: GPL-2.0
/*
 * The file that a machine is restored from. Its memory is not read: it is mapped, and a
 * page that the guest writes to becomes the guest's own (MAP_PRIVATE). Machines that are
 * restored from one file share all other pages.
 *
 * Whoever may write to the file may do so at any time. That changes the guest's memory,
 * and nothing else: all that vmrun goes by is its own before it is looked at.
 *
 * Functions here that fail have said so on standard error, in one line, and return the
 * exit status for it.
 */
#include <assert.h>
#include <err.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "exit_status.h"
#include "pc.h"
#include "snapshot_file.h"
#include "snapshot_vcpu.h"

static_assert(SNAPSHOT_MAX_MEMORY == REGISTERS_BASE, "as --mem has it");

static int map_file(struct snapshot_file *file)
{
	const char *name = file->snapshot.file;
	struct stat st;
	void *data;

	/* Of a pipe, nobody need have the other end. */
	file->fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (file->fd < 0 || fstat(file->fd, &st) < 0) {
		warn("--restore=%s", name);
		return STATUS_LOAD;
	}
	if (!S_ISREG(st.st_mode) || !st.st_size) {
		warnx("--restore=%s: %s", name, S_ISREG(st.st_mode) ?
		      "empty: nothing was saved" : "not a regular file");
		return STATUS_LOAD;
	}
	data = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, file->fd, 0);
	if (data == MAP_FAILED) {
		warn("--restore=%s", name);
		return STATUS_LOAD;
	}
	file->snapshot.data = data;
	file->size = st.st_size;
	return 0;
}

/* A page that was written to is the process's own. What is before @from is already. */
static int own(const struct snapshot_file *file, size_t from, size_t to)
{
	__u8 *bytes = (__u8 *)file->snapshot.data;

	if (to > file->size)
		to = file->size;
	if (from >= to)
		return 0;
	if (!mprotect(bytes, to, PROT_READ | PROT_WRITE) &&
	    pread(file->fd, bytes + from, to - from, from) == (ssize_t)(to - from))
		return 0;
	warn("--restore=%s", file->snapshot.file);
	return STATUS_LOAD;
}

/* The table first: it says how much there is before the memory, which comes last. */
static int own_all_but_memory(const struct snapshot_file *file)
{
	const struct snapshot_header *header = (const void *)file->snapshot.data;
	const struct snapshot_section *sections = (const void *)(header + 1);
	const size_t most = SNAPSHOT_NR_SECTIONS(MAX_CPUS);
	const size_t table_end = sizeof(*header) + most * sizeof(*sections);
	__u64 end;
	int status;

	status = own(file, 0, table_end);
	/* What it says is checked later: here, anything will do. */
	if (status || file->size < sizeof(*header) || !header->nr_sections ||
	    header->nr_sections > most ||
	    file->size < sizeof(*header) + header->nr_sections * sizeof(*sections))
		return status;
	end = sections[header->nr_sections - 1].offset;
	return own(file, table_end, end < snapshot_room(MAX_CPUS) ? end : snapshot_room(MAX_CPUS));
}

/* The machine is as it was: the command line has no say in that. */
static void take_options(const struct snapshot_machine *machine, struct options *opt)
{
	opt->cpus = machine->cpus;
	opt->mem_size = machine->mem_size;
	opt->hypercalls = machine->hypercalls;
	opt->exit_code = machine->exit_code;
}

/**
 * snapshot_open() - open a snapshot
 * @file: SNAPSHOT_FILE_INIT; call snapshot_close() after success and failure
 * @opt: names it, and gets what it says of the machine
 */
int snapshot_open(struct snapshot_file *file, struct options *opt)
{
	struct snapshot *snapshot = &file->snapshot;
	int status;

	snapshot->file = opt->snapshot.restore;
	status = map_file(file);
	if (!status)
		status = own_all_but_memory(file);
	if (status)
		return status;
	if (!snapshot_parse(snapshot->data, file->size, snapshot)) {
		warnx("--restore=%s: %s", snapshot->file, snapshot->why);
		return STATUS_LOAD;
	}
	take_options(&snapshot->machine, opt);
	return 0;
}

static int map_run(const struct snapshot_file *file, const struct vm *vm, const void *to,
		   __u64 size, __u64 offset, bool copy)
{
	if (copy) {
		memcpy((void *)to, file->snapshot.data + offset, size);
		return 0;
	}
	if (mmap((void *)to, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, file->fd,
		 offset) != MAP_FAILED)
		return 0;
	warn("--restore=%s: %zu bytes of memory", file->snapshot.file, vm->mem_size);
	return STATUS_HOST;
}

/**
 * snapshot_map() - the memory of a machine that is restored
 * @file: from snapshot_open()
 * @vm: its memory is all zeros
 * @opt: pages of 2 MiB are the machine's own, with a copy of the file in them
 */
int snapshot_map(const struct snapshot_file *file, const struct vm *vm,
		 const struct options *opt)
{
	const struct snapshot *snapshot = &file->snapshot;
	const struct snapshot_section *section = snapshot_find(snapshot, SNAPSHOT_RUNS, 0);
	const struct snapshot_run *runs = (const void *)(snapshot->data + section->offset);
	__u64 offset = snapshot_find(snapshot, SNAPSHOT_MEMORY, 0)->offset;
	size_t i, nr = section->size / sizeof(*runs);
	int status = 0;

	for (i = 0; i < nr && !status; i++) {
		__u64 size = runs[i].nr * SNAPSHOT_PAGE;

		status = map_run(file, vm, vm->mem + runs[i].page * SNAPSHOT_PAGE, size, offset,
				 opt->ept.page_size == MINIVMX_EPT_2M);
		offset += size;
	}
	return status;
}

/** snapshot_close() - give up what snapshot_open() took; memory stays mapped */
void snapshot_close(struct snapshot_file *file)
{
	if (file->size)
		munmap((void *)file->snapshot.data, file->size);
	if (file->fd >= 0)
		close(file->fd);
}
