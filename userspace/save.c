// SPDX-License-Identifier: GPL-2.0
/*
 * --save-on: when a machine is saved, and the file that it becomes.
 *
 * All that needs memory or a name is done before the sandbox: within it, the file is
 * written and nothing else.
 *
 * Functions here that fail have said so on standard error, in one line, and return the
 * exit status for it.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>
#include <zlib.h>
#include <sys/stat.h>

#include "exit_status.h"
#include "nsec.h"
#include "save.h"
#include "snapshot_pc.h"

/* Set where a signal is delivered, and not collected: while vCPU 0 waits. */
static atomic_bool signalled;

static void note_signal(int number)
{
	(void)number;
	atomic_store(&signalled, true);
}

/* ------------------------- before the run --------------------------------- */

static int open_file(struct save *save)
{
	struct stat st;

	/* What it holds stays until there is something to save. */
	save->fd = open(save->file, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
	if (save->fd < 0 || fstat(save->fd, &st) < 0) {
		warn("--save-on: %s", save->file);
		return STATUS_HOST;
	}
	if (!S_ISREG(st.st_mode)) {
		warnx("--save-on: %s: not a regular file", save->file);
		return STATUS_HOST;
	}
	return 0;
}

static int get_room(struct save *save, unsigned int cpus)
{
	save->room = snapshot_room(cpus);
	save->bytes = calloc(1, save->room);
	if (save->bytes)
		return 0;
	warn("--save-on: %zu bytes", save->room);
	return STATUS_HOST;
}

/* It may come at any time: until it is looked for, it waits. */
static void catch(int number)
{
	const struct sigaction action = { .sa_handler = note_signal };
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, number);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	sigaction(number, &action, NULL);
}

/**
 * save_open() - get ready to save a machine, if that is asked for
 * @save: SAVE_INIT; call save_close() after success and failure
 * @opt: says so
 * @vm: the VM, not complete yet
 * @vcpus: its vCPUs
 */
int save_open(struct save *save, const struct options *opt, const struct vm *vm,
	      const struct vcpu *vcpus)
{
	int status;

	save->file = opt->snapshot.save;
	if (!save->file)
		return 0;
	save->signal = opt->snapshot.signal;
	save->exits = opt->snapshot.exits;
	save->before = vcpus[0].nr_exits;
	status = open_file(save);
	if (!status)
		status = get_room(save, opt->cpus);
	if (!status)
		status = snapshot_list_msrs(vm, &save->msrs);
	if (!status && save->signal)
		catch(save->signal);
	return status;
}

/** save_unblock() - take the signal out of those that are blocked while a guest runs */
void save_unblock(const struct save *save, sigset_t *signals)
{
	if (save->signal)
		sigdelset(signals, save->signal);
}

/* ------------------------- during the run --------------------------------- */

/**
 * save_is_due() - is this the moment to save the machine
 * @save: from save_open()
 * @vcpu: whose exit is over, or whose MINIVMX_RUN a signal ended
 */
bool save_is_due(const struct save *save, const struct vcpu *vcpu)
{
	const struct timespec now = { 0 };
	sigset_t signals;

	if (save->exits)
		return !vcpu->number && vcpu->nr_exits - save->before >= save->exits;
	if (!save->signal)
		return false;
	/* It ends MINIVMX_RUN, and stays blocked and pending. */
	sigemptyset(&signals);
	sigaddset(&signals, save->signal);
	return sigtimedwait(&signals, NULL, &now) > 0 || atomic_load(&signalled);
}

/* ------------------------- the file --------------------------------------- */

/* Where the next section will be, and a row of the table for it. */
static struct snapshot_section *add_section(struct save *save, enum snapshot_type type,
					    unsigned int vcpu)
{
	struct snapshot_header *header = (struct snapshot_header *)save->bytes;
	struct snapshot_section *sections = (struct snapshot_section *)(header + 1);
	struct snapshot_section *section = &sections[header->nr_sections++];
	size_t offset = snapshot_align(save->size, type);

	memset(save->bytes + save->size, 0, offset - save->size);
	*section = (struct snapshot_section){ .type = type, .number = vcpu, .offset = offset };
	return section;
}

static void end_section(struct save *save, struct snapshot_section *section, size_t size)
{
	section->size = size;
	section->crc = crc32_z(0, save->bytes + section->offset, size);
	save->size = section->offset + size;
}

static int add_machine(struct save *save, const struct vm *vm, const struct vcpu *vcpus,
		       const struct options *opt)
{
	struct snapshot_section *section = add_section(save, SNAPSHOT_MACHINE, 0);
	struct state state = {
		.data = save->bytes + section->offset, .size = SNAPSHOT_MAX_DEVICE,
		.saving = true,
	};
	struct snapshot_machine machine = {
		.cpus = opt->cpus, .mem_size = vm->mem_size, .hypercalls = opt->hypercalls,
		.exit_code = opt->exit_code,
	};
	int khz;

	khz = vm_ioctl(vm, vcpus[0].fd, MINIVMX_GET_TSC_KHZ, 0);
	if (khz < 0)
		return STATUS_HOST;
	machine.tsc_khz = khz;
	machine.wall_clock = nsec_now(CLOCK_REALTIME);
	snapshot_machine_state(&machine, &state);
	end_section(save, section, state.at);
	return 0;
}

static int add_vcpu(struct save *save, const struct vm *vm, const struct vcpu *vcpu)
{
	enum snapshot_type type;
	int status = 0;
	size_t size;

	for (type = SNAPSHOT_VCPU; type < SNAPSHOT_RUNS && !status; type++) {
		struct snapshot_section *section = add_section(save, type, vcpu->number);

		status = snapshot_vcpu_save(vm, vcpu, &save->msrs, type,
					    save->bytes + section->offset, &size);
		if (!status)
			end_section(save, section, size);
	}
	return status;
}

/* Its bytes are not here: they follow, as the guest's memory has them. */
static void add_memory(struct save *save, const struct vm *vm, const struct snapshot_run **runs,
		       size_t *nr)
{
	struct snapshot_section *section = add_section(save, SNAPSHOT_RUNS, 0);
	struct snapshot_run *found = (struct snapshot_run *)(save->bytes + section->offset);
	size_t i;

	save_find_runs(vm, found, nr);
	end_section(save, section, *nr * sizeof(*found));
	section = add_section(save, SNAPSHOT_MEMORY, 0);
	for (i = 0; i < *nr; i++)
		section->size += found[i].nr * SNAPSHOT_PAGE;
	section->crc = save_memory_crc(vm, found, *nr);
	save->size = section->offset;
	*runs = found;
}

static void add_header(struct save *save)
{
	struct snapshot_header *header = (struct snapshot_header *)save->bytes;
	const struct snapshot_section *sections = (void *)(header + 1);
	const struct snapshot_section *last = &sections[header->nr_sections - 1];

	memcpy(header->magic, SNAPSHOT_MAGIC, sizeof(header->magic));
	header->version = SNAPSHOT_VERSION;
	header->size = last->offset + last->size;
	header->crc = snapshot_header_crc(header, sections);
}

static int write_all(const struct save *save, const void *bytes, size_t size)
{
	const char *at = bytes;
	ssize_t n;

	while (size) {
		n = write(save->fd, at, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			warn("--save-on: %s", save->file);
			return STATUS_HOST;
		}
		at += n;
		size -= n;
	}
	return 0;
}

static int write_file(const struct save *save, const struct vm *vm,
		      const struct snapshot_run *runs, size_t nr)
{
	int status;
	size_t i;

	if (ftruncate(save->fd, 0) < 0) {
		warn("--save-on: %s", save->file);
		return STATUS_HOST;
	}
	status = write_all(save, save->bytes, save->size);
	for (i = 0; i < nr && !status; i++)
		status = write_all(save, vm->mem + runs[i].page * SNAPSHOT_PAGE,
				   runs[i].nr * SNAPSHOT_PAGE);
	return status;
}

/**
 * save_machine() - save a machine
 * @save: from save_open()
 * @vm: the VM
 * @vcpus: its vCPUs: none of them runs, and nothing is in flight
 * @pc: its devices
 * @opt: the command line
 */
int save_machine(struct save *save, const struct vm *vm, const struct vcpu *vcpus,
		 struct pc *pc, const struct options *opt)
{
	const struct snapshot_run *runs;
	enum snapshot_type type;
	unsigned int i;
	int status;
	size_t nr;

	save->done = true;
	save->msrs.tsc = __rdtsc();
	save->size = sizeof(struct snapshot_header) +
		SNAPSHOT_NR_SECTIONS(opt->cpus) * sizeof(struct snapshot_section);
	pc_run(pc);
	status = add_machine(save, vm, vcpus, opt);
	for (type = SNAPSHOT_BOARD; type < SNAPSHOT_OF_MACHINE; type++) {
		struct snapshot_section *section = add_section(save, type, 0);

		end_section(save, section,
			    snapshot_pc_save(pc, type, save->bytes + section->offset,
					     SNAPSHOT_MAX_DEVICE));
	}
	for (i = 0; i < opt->cpus && !status; i++)
		status = add_vcpu(save, vm, &vcpus[i]);
	if (status)
		return status;
	add_memory(save, vm, &runs, &nr);
	add_header(save);
	return write_file(save, vm, runs, nr);
}

/**
 * save_close() - give up what save_open() took
 * @save: from it
 */
void save_close(struct save *save)
{
	if (save->file && save->ran && !save->done)
		warnx("--save-on: %s: the guest ended before it was saved", save->file);
	free(save->bytes);
	if (save->fd >= 0)
		close(save->fd);
}
