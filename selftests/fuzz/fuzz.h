/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fuzzers: hostile owners and hostile guests, made from random numbers.
 *
 *	fuzz.c		options, children, what is said about them
 *	coverage.c	which code of the module was reached, where the kernel tells
 *	judge.c		what holds whatever the input was
 *	timer.c		no MINIVMX_RUN lasts for ever
 *	argument.c	the ioctls, and arguments for them
 *	ioctl.c		fuzzer: sequences of ioctls, mappings, forks and threads
 *	mapping.c	the mappings of that
 *	runpage.c	fuzzer: the run page and the ring change at any moment
 *	guest.c		fuzzer: any state, any code, any events
 *	mmio.c		fuzzer: instructions that access no slot, at ends of pages
 *
 * An iteration follows from its seed alone, but for what threads do to each other.
 */
#ifndef SELFTESTS_FUZZ_H
#define SELFTESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <minivmx.h>

#define FUZZ_DEVICE	"/dev/minivmx"
#define MAX_REACHED	16

/* ------------------------- random numbers -------------------------------- */

struct rng {
	uint64_t state;
};

/* splitmix64: neighbouring seeds have nothing to do with each other. */
static inline uint64_t rng_u64(struct rng *rng)
{
	uint64_t x = rng->state += 0x9e3779b97f4a7c15ULL;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

static inline unsigned int rng_below(struct rng *rng, unsigned int n)
{
	return (rng_u64(rng) >> 32) * n >> 32;
}

#define RNG_OF(rng, table) \
	((table)[rng_below(rng, sizeof(table) / sizeof((table)[0]))])

void rng_fill(struct rng *rng, void *to, size_t size);
/* A number that programs trip over. */
uint64_t rng_edge(struct rng *rng);
/* Changes something in a structure: bits, or a whole field. */
void rng_mutate(struct rng *rng, void *at, size_t size);

/* ------------------------- fuzzers --------------------------------------- */

/**
 * struct fuzzer - a kind of input
 * @name: on the command line
 * @what: what is held against it, for people
 * @chunk: iterations that share a child process
 * @count: iterations, if nobody says how many
 * @begin: once in each child; may be NULL
 * @once: one iteration
 * @reached: what all iterations together have to have come to, or the fuzzer
 *	has lost its way; fuzz_reach() counts
 */
struct fuzzer {
	const char *name;
	const char *what;
	unsigned int chunk;
	unsigned int count;
	void (*begin)(void);
	void (*once)(struct rng *rng, uint64_t seed);
	const char *reached[MAX_REACHED + 1];
};

extern const struct fuzzer fuzz_ioctl, fuzz_runpage, fuzz_guest, fuzz_mmio;

/* fuzz.c */
/* Ends the child: the invariant that does not hold. */
void fuzz_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void fuzz_reach(unsigned int which);

/* coverage.c */
#define COVERAGE_THREADS	2
bool coverage_open(void);
/* In the thread that is looked at: the fuzzer's own, or the one that it races. */
void coverage_start(unsigned int thread);
void coverage_collect(void);
unsigned int coverage_blocks(void);
void coverage_forget(void);

/* timer.c */
/* Interrupts this thread's system calls, each so many microseconds. */
void timer_start(int microseconds);
void timer_stop(void);

/* ------------------------- what always holds ----------------------------- */

/* judge.c */
bool judge_known_reason(uint32_t reason);
/* MINIVMX_RUN returned 0: are the exit and what it says documented? */
void judge_exit(const struct minivmx_run *run, size_t run_size);
/* A small guest of known result, on a vCPU that anything was done to. */
void judge_good_guest(int vcpu, struct minivmx_run *run, uint8_t *memory,
		      const struct minivmx_sregs *reset);
void judge_fresh_vm(void);

/* Pages that nobody may write to. */
#define CANARY_SIZE	4096
void canary_make(void *at);
void canary_check(const void *at, const char *where);

#endif /* SELFTESTS_FUZZ_H */
