// SPDX-License-Identifier: GPL-2.0
/*
 * Mappings of vCPUs, and the memory that guests have: both come and go.
 */
#include <signal.h>
#include <sys/mman.h>

#include "../vm.h"
#include "worker.h"

/* ------------------------- memory that may be gone ----------------------- */

__thread sigjmp_buf gone;
__thread volatile bool touching;

void on_fault(int number)
{
	if (touching)
		siglongjmp(gone, 1);
	fuzz_fail("signal %d in the fuzzer itself", number);
}

static void touch(volatile uint8_t *at, uint8_t value)
{
	if (!sigsetjmp(gone, 0)) {
		touching = true;
		*at ^= value;
	}
	touching = false;
}

/* ------------------------- mappings -------------------------------------- */

void do_mapping(struct worker *w)
{
	static const int protections[] = {
		PROT_READ | PROT_WRITE, PROT_READ, PROT_NONE, PROT_READ | PROT_EXEC,
	};
	unsigned int i = rng_below(&w->rng, NR_MAPPINGS);
	struct descriptor *d = fd_for(&w->rng, KIND_VCPU);
	size_t size = PAGE * (1 + rng_below(&w->rng, 5));
	off_t offset = rng_below(&w->rng, 4) ? PAGE * rng_below(&w->rng, 5) :
		(rng_edge(&w->rng) & -PAGE);
	uint8_t *at = w->mappings[i].at;

	switch (at ? rng_below(&w->rng, 6) : 0) {
	case 0:
		if (at)
			munmap(at, w->mappings[i].size);
		at = mmap(NULL, size, RNG_OF(&w->rng, protections),
			  rng_below(&w->rng, 4) ? MAP_SHARED : MAP_PRIVATE, d->fd, offset);
		w->mappings[i].at = at == MAP_FAILED ? NULL : at;
		w->mappings[i].size = size;
		if (at != MAP_FAILED)
			fuzz_reach(REACHED_MAPPED);
		break;
	case 1:
		munmap(at + PAGE * rng_below(&w->rng, w->mappings[i].size / PAGE), PAGE);
		break;
	case 2:
		at = mremap(at, w->mappings[i].size, size, MREMAP_MAYMOVE);
		if (at != MAP_FAILED) {
			w->mappings[i].at = at;
			w->mappings[i].size = size;
		}
		break;
	case 3:
		mprotect(at, w->mappings[i].size, RNG_OF(&w->rng, protections));
		break;
	case 4:
		madvise(at, w->mappings[i].size, rng_below(&w->rng, 26));
		break;
	default:
		touch(at + rng_below(&w->rng, w->mappings[i].size), 0);
		break;
	}
}

/* Under the guest's feet. */
void do_memory(struct worker *w)
{
	static const int protections[] = { PROT_READ | PROT_WRITE, PROT_READ, PROT_NONE };
	size_t page = rng_below(&w->rng, 16), pages = 1 + rng_below(&w->rng, 4);
	void *at = (void *)(FUZZ_MEMORY + page * PAGE);
	size_t size = (page + pages > 16 ? 16 - page : pages) * PAGE;

	switch (rng_below(&w->rng, 6)) {
	case 0:
		munmap(at, size);
		break;
	case 1:
		mprotect(at, size, RNG_OF(&w->rng, protections));
		break;
	case 2:
		madvise(at, size, MADV_DONTNEED);
		break;
	case 3:
		touch(at, rng_u64(&w->rng));
		break;
	default:
		mmap(at, size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		break;
	}
}
