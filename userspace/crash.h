/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_CRASH_H
#define VMRUN_CRASH_H

#include "disassembler.h"
#include "image.h"
#include "options.h"
#include "symbols.h"
#include "vcpu.h"

/**
 * struct crash - what the report of a crash needs, got ready before anything crashes
 * @vm: the VM
 * @vcpus: its vCPUs
 * @opt: the command line: names the guest
 * @disassembler: for the instruction
 * @symbols: for its address
 */
struct crash {
	const struct vm *vm;
	const struct vcpu *vcpus;
	const struct options *opt;
	struct disassembler disassembler;
	struct symbols symbols;
};

int crash_open(struct crash *crash, const struct vm *vm, const struct vcpu *vcpus,
	       const struct options *opt, const struct image *image);
int crash_exit(struct crash *crash, const struct vcpu *vcpu);
int crash_check(struct crash *crash, const struct vcpu *vcpu,
		const struct minivmx_entry_try *try);
int crash_timeout(struct crash *crash);
void crash_close(struct crash *crash);

#endif /* VMRUN_CRASH_H */
