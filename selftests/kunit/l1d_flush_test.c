// SPDX-License-Identifier: GPL-2.0
/*
 * When the L1 data cache is flushed.
 */
#include "../../module/l1d_flush.h"
#include "suites.h"

static void choice(struct kunit *test)
{
	static const struct {
		bool affected, skip;
		enum l1tf_mitigations asked;
		enum l1d_flush flush;
	} rows[] = {
		{ false, false, L1TF_MITIGATION_FULL_FORCE, L1D_FLUSH_NOT_AFFECTED },
		{ true, true, L1TF_MITIGATION_FULL, L1D_FLUSH_NOT_AFFECTED },
		{ true, false, L1TF_MITIGATION_OFF, L1D_FLUSH_NEVER },
		{ true, false, L1TF_MITIGATION_FLUSH_NOWARN, L1D_FLUSH_CONDITIONAL },
		{ true, false, L1TF_MITIGATION_FLUSH, L1D_FLUSH_CONDITIONAL },
		{ true, false, L1TF_MITIGATION_FLUSH_NOSMT, L1D_FLUSH_CONDITIONAL },
		{ true, false, L1TF_MITIGATION_FULL, L1D_FLUSH_ALWAYS },
		{ true, false, L1TF_MITIGATION_FULL_FORCE, L1D_FLUSH_ALWAYS },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, l1d_flush_choose(rows[i].affected, rows[i].skip,
							   rows[i].asked),
				    rows[i].flush, "row %zu", i);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(choice),
	{}
};

struct kunit_suite l1d_flush_suite = {
	.name = "l1d_flush",
	.test_cases = cases,
};
