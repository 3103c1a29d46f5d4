/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An instruction that has to be known, with no byte behind it, and not with one
 * less. For both suites of the decoder; decode_test.c has it.
 */
#ifndef MINIVMX_KUNIT_DECODE_WHOLE_H
#define MINIVMX_KUNIT_DECODE_WHOLE_H

#include <kunit/test.h>

#include "../../module/decode.h"

/* The kernel's log is short: the first failure of a long loop is enough. */
static inline bool has_failed(struct kunit *test)
{
	return READ_ONCE(test->status) == KUNIT_FAILURE;
}

int decode_make_page(struct kunit *test);
void decode_free_page(struct kunit *test);

/* By itself, with bytes behind it that are not its own, and cut short. */
void decode_whole(struct kunit *test, const u8 *bytes, u32 size, u8 code_size,
		  struct decoded *insn);

#endif /* MINIVMX_KUNIT_DECODE_WHOLE_H */
