/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SELFTESTS_FUZZ_ARGUMENT_H
#define SELFTESTS_FUZZ_ARGUMENT_H

#include "fuzz.h"

enum kind { KIND_DEVICE, KIND_VM, KIND_VCPU, KIND_OTHER };

#define MAX_ERRORS	6

/**
 * struct call - an ioctl
 * @kind: of descriptor
 * @get: the ioctl that reads what this one writes, or 0
 * @fill: makes an argument that is good; NULL: @get, or a number, or anything
 * @errors: what it may fail with, beside what all may fail with
 */
struct call {
	const char *name;
	unsigned long number;
	enum kind kind;
	unsigned long get;
	void (*fill)(struct rng *rng, void *arg);
	int errors[MAX_ERRORS];
};

extern const struct call calls[];
extern const unsigned int nr_calls;

/* The pages that arguments lie in; each thread has its own. */
#define ARENA_PAGES	6	/* and one behind that nobody may touch */

struct arena {
	uint8_t *pages;		/* readable and writable */
	uint8_t *read_only;
	uint8_t *copy;		/* of pages, before a call */
};

/* Where the VMs of the fuzzer have their memory: nothing else is near. */
#define FUZZ_MEMORY	0x100000000000UL
#define FUZZ_MEMORY_SIZE	0x10000UL

/* argument.c */
void arena_open(struct arena *arena);
uint64_t hostile_pointer(struct rng *rng, const struct arena *arena);
bool call_may_fail_with(const struct call *call, int error);

/*
 * An argument for @call on @fd. If it is a pointer into the arena, *at says where
 * and *size how much of it the kernel may write; else *size is 0.
 */
unsigned long argument_make(struct rng *rng, const struct call *call, int fd,
			    const struct arena *arena, uint8_t **at, size_t *size);

#endif /* SELFTESTS_FUZZ_ARGUMENT_H */
