/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The registers of the CPU that this runs on, as hoststate.ko shows them.
 */
#ifndef SELFTESTS_HOST_REGISTERS_H
#define SELFTESTS_HOST_REGISTERS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define HOST_REGISTERS	"/sys/kernel/debug/minivmx_hoststate"
#define HOST_MAX_LINES	64

struct host_registers {
	int lines;
	char name[HOST_MAX_LINES][32];
	uint64_t value[HOST_MAX_LINES];
};

/** host_registers_read() - all of them. Return: false if they cannot be read. */
static inline bool host_registers_read(struct host_registers *r)
{
	FILE *file = fopen(HOST_REGISTERS, "r");
	unsigned long long value;
	char name[32];
	bool whole;

	r->lines = 0;
	if (!file)
		return false;
	while (r->lines < HOST_MAX_LINES &&
	       fscanf(file, "%31s %llx", name, &value) == 2) {
		/* Which of its PCIDs an address space has is the kernel's choice. */
		if (!strcmp(name, "CR3"))
			value &= ~0xfffULL;
		strcpy(r->name[r->lines], name);
		r->value[r->lines++] = value;
	}
	whole = feof(file) && r->lines > 20;
	fclose(file);
	return whole;
}

/** host_registers_differ() - the name of a register that is another; NULL if none */
static inline const char *host_registers_differ(const struct host_registers *a,
						const struct host_registers *b)
{
	int i;

	if (a->lines != b->lines)
		return "their number";
	for (i = 0; i < a->lines; i++)
		if (strcmp(a->name[i], b->name[i]) || a->value[i] != b->value[i])
			return a->name[i];
	return NULL;
}

#endif /* SELFTESTS_HOST_REGISTERS_H */
