/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_OPTIONS_H
#define VMRUN_OPTIONS_H

#include <stdbool.h>
#include <linux/types.h>

#define DEFAULT_DEVICE	"/dev/minivmx"

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
 * struct options - what the command line asks for
 * @file: the guest, a flat binary
 * @device: path of the hypervisor's device
 * @mem_size: bytes of guest memory, a multiple of 4096, starting at address 0
 * @load: guest-physical address of the first byte of @file
 * @entry: guest-physical address of the first instruction; inside the memory
 *	and the first 1 MiB
 * @exit_code: meaning of a write to port 0xf4
 * @strict: a port that nothing claims ends the run
 * @trace: print a line for each exit
 * @trace_file: where to; NULL for standard error
 */
struct options {
	const char *file;
	const char *device;
	__u64 mem_size;
	__u64 load;
	__u64 entry;
	enum exit_code exit_code;
	bool strict;
	bool trace;
	const char *trace_file;
};

void options_parse(struct options *opt, int argc, char **argv);

#endif /* VMRUN_OPTIONS_H */
