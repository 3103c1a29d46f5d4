/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_TRACE_H
#define VMRUN_TRACE_H

#include <stdbool.h>
#include <stdio.h>

#include "minivmx.h"
#include "options.h"
#include "vcpu.h"

/**
 * struct trace - a line of text for each exit
 * @out: where to; NULL if no trace is wanted
 * @file: its path, for messages
 * @nr_exits: number of the last line
 * @buffer: of @out, if it is a file
 * @cpus: lines name the vCPU, since there are several
 */
struct trace {
	FILE *out;
	const char *file;
	unsigned long nr_exits;
	char buffer[BUFSIZ];
	bool cpus;
};

int trace_open(struct trace *trace, const struct options *opt);
void trace_exit(struct trace *trace, const struct vcpu *vcpu);
int trace_close(struct trace *trace);

#endif /* VMRUN_TRACE_H */
