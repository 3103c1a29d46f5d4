/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A thread of the fuzzer of ioctls, and what it does.
 */
#ifndef SELFTESTS_FUZZ_WORKER_H
#define SELFTESTS_FUZZ_WORKER_H

#include <setjmp.h>

#include "argument.h"

#define NR_FDS		24
#define NR_MAPPINGS	6

enum { REACHED_OK, REACHED_FAILED, REACHED_RUN, REACHED_EXIT, REACHED_INTERRUPTED,
	REACHED_MAPPED, REACHED_FORK, REACHED_RACE, REACHED_CLOSED, REACHED_UNKNOWN };

/* Threads share them, and do not ask each other. */
extern struct descriptor {
	int fd;
	enum kind kind;
	volatile struct minivmx_run *run;	/* of a vCPU */
} fds[NR_FDS];

struct worker {
	struct rng rng;
	struct arena arena;
	unsigned int thread, actions;
	struct {
		uint8_t *at;
		size_t size;
	} mappings[NR_MAPPINGS];
};

/* ioctl.c: of the kind, mostly; if there is none, any. */
struct descriptor *fd_for(struct rng *rng, enum kind kind);

/* mapping.c */
extern __thread sigjmp_buf gone;
extern __thread volatile bool touching;
/* Memory that is touched may be gone: SIGSEGV and SIGBUS mean no more than that. */
void on_fault(int number);
void do_mapping(struct worker *w);
void do_memory(struct worker *w);

#endif /* SELFTESTS_FUZZ_WORKER_H */
