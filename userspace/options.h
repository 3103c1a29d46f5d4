/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_OPTIONS_H
#define VMRUN_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <linux/types.h>

#include "minivmx.h"

#define DEFAULT_DEVICE	"/dev/minivmx"
#define MAX_CPUS	64
#define MAX_MODULES	16
#define MAX_SERIAL	2

/**
 * enum exit_code - how a value written to port 0xf4 becomes an exit status
 * @EXIT_CODE_RAW: its low byte
 * @EXIT_CODE_QEMU: as QEMU's isa-debug-exit device: value * 2 + 1, low byte
 */
enum exit_code {
	EXIT_CODE_RAW,
	EXIT_CODE_QEMU,
};

/**
 * enum format - what the guest's file is
 * @FORMAT_AUTO: the file tells
 * @FORMAT_FLAT: a flat binary
 * @FORMAT_MULTIBOOT: a Multiboot 1 kernel
 * @FORMAT_PVH: an ELF kernel with a PVH entry
 * @FORMAT_LINUX: a Linux kernel, as a bzImage
 * @FORMAT_BOOT: a disk whose first sector is a boot sector
 */
enum format {
	FORMAT_AUTO,
	FORMAT_FLAT,
	FORMAT_MULTIBOOT,
	FORMAT_PVH,
	FORMAT_LINUX,
	FORMAT_BOOT,
};

/**
 * enum sandbox - does vmrun give up what it does not need, before the guest runs
 * @SANDBOX_AUTO: as much of it as can be
 * @SANDBOX_ON: all of it, or vmrun ends
 * @SANDBOX_OFF: nothing of it
 */
enum sandbox {
	SANDBOX_AUTO,
	SANDBOX_ON,
	SANDBOX_OFF,
};

/**
 * enum serial_kind - where a serial line leads
 * @SERIAL_STDIO: standard output and standard input
 * @SERIAL_FILE: output to a file, no input
 * @SERIAL_PTY: a pseudo-terminal
 * @SERIAL_UNIX: a socket that one peer connects to
 * @SERIAL_NULL: nowhere
 */
enum serial_kind {
	SERIAL_STDIO,
	SERIAL_FILE,
	SERIAL_PTY,
	SERIAL_UNIX,
	SERIAL_NULL,
};

/**
 * struct serial_options - a serial line
 * @kind: where it leads
 * @path: of a file or a socket
 * @arg: all of it, for messages
 */
struct serial_options {
	enum serial_kind kind;
	const char *path, *arg;
};

/**
 * struct ept_options - what of EPT is shown, and how it is filled
 * @show: show what it maps, after the run
 * @have_address: @address was given
 * @address: show how this guest-physical address is translated
 * @eager: all memory is mapped before the guest runs
 * @lazy: the opposite was asked for, and is not just the default
 * @page_size: what one entry maps, in bytes; 0 if not given
 */
struct ept_options {
	bool show;
	bool have_address;
	__u64 address;
	bool eager;
	bool lazy;
	__u32 page_size;
};

/**
 * enum dump - when the VMCS is shown
 * @DUMP_NONE: never
 * @DUMP_BEFORE: before the first entry
 * @DUMP_AFTER: after the run
 * @DUMP_DIFF: after it, what it changed
 */
enum dump {
	DUMP_NONE,
	DUMP_BEFORE,
	DUMP_AFTER,
	DUMP_DIFF,
};

/**
 * struct lab_change - a field of the VMCS to change
 * @encoding: which
 * @op: '=', or one of "^|&": the value is combined with the present one
 * @value: what it gets
 */
struct lab_change {
	__u32 encoding;
	char op;
	__u64 value;
};

/**
 * struct lab_options - what of VM entry and of the VMCS is looked at
 * @check: judge each entry before it is made
 * @dump: when the VMCS is shown
 * @nr_changes: entries of @changes
 * @changes: try an entry with these, instead of running the guest
 */
struct lab_options {
	bool check;
	enum dump dump;
	unsigned int nr_changes;
	struct lab_change changes[MINIVMX_TRY_MAX_FIELDS];
};

/* The highest --weight. */
#define MAX_WEIGHT	10000

/**
 * struct share_options - when the guest's turn is over, and whose is next
 * @file: what guests that take turns have in common; NULL: this one takes none
 * @weight: this guest's part, 1 to MAX_WEIGHT
 * @quantum_us: how long a turn is, in microseconds; 0: there is none
 */
struct share_options {
	const char *file;
	unsigned int weight;
	__u64 quantum_us;
};

/* Clones that --clone makes at most: each is a process, with a pipe to the first one. */
#define MAX_CLONES	1000

/**
 * struct snapshot_options - which machines become files, and the reverse
 * @save: path of the file that the machine is saved to; NULL for none
 * @signal: the signal that says when; 0: @exits does
 * @exits: after how many exits of vCPU 0
 * @restore: path of the file that the machine comes from; NULL: it starts anew
 * @clones: how many machines come from it; 0: one, in this process
 */
struct snapshot_options {
	const char *save;
	int signal;
	__u64 exits;
	const char *restore;
	unsigned int clones;
};

/**
 * struct module_option - a file that a kernel gets
 * @file: its path
 * @string: what the kernel is told of it
 */
struct module_option {
	const char *file;
	const char *string;
};

/**
 * struct options - what the command line asks for
 * @file: the guest
 * @format: what @file is
 * @append: command line of a kernel; NULL if not given
 * @initrd: path of a Linux or PVH kernel's initrd; NULL for none
 * @nr_modules: entries of @modules
 * @modules: of a Multiboot or PVH kernel
 * @bios: the guest has a BIOS
 * @device: path of the hypervisor's device
 * @mem_size: bytes of guest memory, a multiple of 4096, starting at address 0
 * @load: of a flat binary: guest-physical address of the first byte of @file
 * @entry: of a flat binary: guest-physical address of the first instruction;
 *	inside the memory and the first 1 MiB
 * @cpus: number of vCPUs
 * @start_given: --start was given
 * @start_register: only vCPU 0 starts by itself
 * @exit_code: meaning of a write to port 0xf4
 * @hypercalls: VMCALL is served by vmrun
 * @nr_serial: how many serial ports there are
 * @serial: where they lead
 * @strict: a port or an address that nothing claims ends the run
 * @sandbox: what vmrun gives up
 * @timeout: nanoseconds until the run ends; CLOCK_NEVER if it may take for ever
 * @timeout_text: the same in seconds, as the command line has it; NULL if not given
 * @trace: tell of each exit
 * @trace_file: where to; NULL for standard error
 * @ept: of EPT
 * @stat: count and measure exits
 * @json: tell of both as JSON
 * @lab: of VM entry and of the VMCS
 * @share: of turns
 * @report: path of a page in HTML about all exits; NULL for none
 * @snapshot: of snapshots
 */
struct options {
	const char *file;
	enum format format;
	const char *append;
	const char *initrd;
	unsigned int nr_modules;
	struct module_option modules[MAX_MODULES];
	bool bios;
	const char *device;
	__u64 mem_size;
	__u64 load;
	__u64 entry;
	unsigned int cpus;
	bool start_given;
	bool start_register;
	enum exit_code exit_code;
	bool hypercalls;
	unsigned int nr_serial;
	struct serial_options serial[MAX_SERIAL];
	bool strict;
	enum sandbox sandbox;
	__u64 timeout;
	const char *timeout_text;
	bool trace;
	const char *trace_file;
	bool stat;
	bool json;
	const char *report;
	struct ept_options ept;
	struct lab_options lab;
	struct share_options share;
	struct snapshot_options snapshot;
};

extern const char options_doc[];		/* options_doc.c */

struct argp;
extern const struct argp options_linux;		/* options_linux.c */
extern const struct argp options_boot;		/* options_boot.c */
extern const struct argp options_trace;		/* options_trace.c */
extern const struct argp options_serial;	/* options_serial.c */
extern const struct argp options_report;	/* options_report.c */
extern const struct argp options_timeout;	/* options_timeout.c */
extern const struct argp options_ept;		/* options_ept.c */
extern const struct argp options_lab;		/* options_lab.c */
extern const struct argp options_share;		/* options_share.c */
extern const struct argp options_start;		/* options_start.c */
extern const struct argp options_snapshot;	/* options_snapshot.c */

void options_parse(struct options *opt, int argc, char **argv);
void options_complete(struct options *opt, enum format format);
void options_check_memory(const struct options *opt);
void options_check_bios(struct options *opt, enum format format);
void options_check_kernel(const struct options *opt, enum format format);
bool options_parse_number(const char *arg, __u64 *value, char **end);
const char *options_file(const char *option, const char *arg, struct argp_state *state);
void options_check_files(const struct options *opt, struct argp_state *state);
void options_parse_address(const char *option, const char *arg, __u64 *value,
			   struct argp_state *state);
void options_parse_size(const char *option, const char *arg, __u64 *value,
			struct argp_state *state);

#endif /* VMRUN_OPTIONS_H */
