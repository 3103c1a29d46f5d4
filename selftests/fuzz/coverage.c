// SPDX-License-Identifier: GPL-2.0
/*
 * How much of the module was reached, from KCOV: there in the debug kernel, where
 * the module alone is instrumented. See Documentation/dev-tools/kcov.rst.
 */
#include <fcntl.h>
#include <linux/kcov.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

#define ENTRIES		0x20000
#define MAX_BLOCKS	0x8000	/* power of 2; the module has a few thousand */

static struct {
	int fd;
	unsigned long *area;	/* a count, and as many program counters */
} threads[COVERAGE_THREADS];

static unsigned long blocks[MAX_BLOCKS];	/* a hash table */
static unsigned int nr_blocks;

/* Returns false where the kernel does not tell. */
bool coverage_open(void)
{
	unsigned int i;

	for (i = 0; i < COVERAGE_THREADS; i++) {
		int fd = open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC);

		threads[i].area = NULL;
		if (fd < 0 || ioctl(fd, KCOV_INIT_TRACE, ENTRIES))
			return false;
		threads[i].fd = fd;
		threads[i].area = mmap(NULL, ENTRIES * sizeof(long), PROT_READ | PROT_WRITE,
				       MAP_SHARED, fd, 0);
		if (threads[i].area == MAP_FAILED) {
			threads[i].area = NULL;
			return false;
		}
	}
	return true;
}

/* It ends with the thread. */
void coverage_start(unsigned int thread)
{
	if (threads[thread].area)
		ioctl(threads[thread].fd, KCOV_ENABLE, KCOV_TRACE_PC);
}

static void add(unsigned long pc)
{
	unsigned int at = (pc * 0x9e3779b97f4a7c15UL) >> 49;

	while (blocks[at] && blocks[at] != pc)
		at = (at + 1) % MAX_BLOCKS;
	if (blocks[at] || nr_blocks == MAX_BLOCKS / 2)
		return;
	blocks[at] = pc;
	nr_blocks++;
}

/* In the parent, after a child. */
void coverage_collect(void)
{
	unsigned long i, n;
	unsigned int t;

	for (t = 0; t < COVERAGE_THREADS && threads[t].area; t++) {
		n = threads[t].area[0];
		for (i = 0; i < n && i + 1 < ENTRIES; i++)
			add(threads[t].area[i + 1]);
		threads[t].area[0] = 0;
	}
}

unsigned int coverage_blocks(void)
{
	return nr_blocks;
}

/* The next fuzzer counts its own. */
void coverage_forget(void)
{
	memset(blocks, 0, sizeof(blocks));
	nr_blocks = 0;
}
