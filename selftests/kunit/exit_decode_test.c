// SPDX-License-Identifier: GPL-2.0
/*
 * Exit information, taken apart.
 */
#include "../../module/exit_decode.h"
#include "suites.h"

static void io_qualifications(struct kunit *test)
{
	static const struct {
		u64 qualification;
		struct exit_io_info info;
	} rows[] = {
		/* out %al, $0x80 */
		{ 0x00800040, { .port = 0x80, .size = 1 } },
		/* out %al, %dx with DX 0x3f8 */
		{ 0x03f80000, { .port = 0x3f8, .size = 1 } },
		/* in %dx, %al */
		{ 0x03fd0008, { .port = 0x3fd, .size = 1, .in = true } },
		/* out %ax, %dx; out %eax, %dx */
		{ 0xffff0001, { .port = 0xffff, .size = 2 } },
		{ 0x00000003, { .port = 0, .size = 4 } },
		/* in %dx, %eax */
		{ 0x0cfc000b, { .port = 0xcfc, .size = 4, .in = true } },
		/* rep outsb; insw */
		{ 0x03f80030, { .port = 0x3f8, .size = 1, .string = true,
				.rep = true } },
		{ 0x01f00019, { .port = 0x1f0, .size = 2, .in = true,
				.string = true } },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct exit_io_info info = exit_decode_io(rows[i].qualification);

		KUNIT_EXPECT_EQ(test, info.port, rows[i].info.port);
		KUNIT_EXPECT_EQ(test, info.size, rows[i].info.size);
		KUNIT_EXPECT_EQ(test, info.in, rows[i].info.in);
		KUNIT_EXPECT_EQ(test, info.string, rows[i].info.string);
		KUNIT_EXPECT_EQ(test, info.rep, rows[i].info.rep);
	}
}

static void exit_reasons(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, exit_basic_reason(EXIT_REASON_HLT), EXIT_REASON_HLT);
	/* Bits above the basic reason, among them the entry failure, go away. */
	KUNIT_EXPECT_EQ(test, exit_basic_reason(0x80000021), 33);
	KUNIT_EXPECT_EQ(test, exit_basic_reason(0xffff0000), 0);
}

static void ept_violations(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, exit_ept_is_write(0x1));	/* read */
	KUNIT_EXPECT_TRUE(test, exit_ept_is_write(0x2));	/* write */
	KUNIT_EXPECT_TRUE(test, exit_ept_is_write(0x3));	/* both */
	KUNIT_EXPECT_FALSE(test, exit_ept_is_write(0x4));	/* fetch */
	/* What the page allowed is not what the guest did. */
	KUNIT_EXPECT_FALSE(test, exit_ept_is_write(0x38 | 0x1));
}

static void events_for_entry(struct kunit *test)
{
	/* Nothing valid, nothing to inject, whatever else is set. */
	KUNIT_EXPECT_EQ(test, exit_event_to_entry(0), 0);
	KUNIT_EXPECT_EQ(test, exit_event_to_entry(0x7fffffff), 0);
	/* #GP with error code: vector 13, type 3, deliver code, valid. */
	KUNIT_EXPECT_EQ(test, exit_event_to_entry(0x80000b0d), 0x80000b0d);
	/* Bit 12 and the reserved ones make VM entry fail. */
	KUNIT_EXPECT_EQ(test, exit_event_to_entry(0xfffff301), 0x80000301);
}

static void events_with_length(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, exit_event_has_length(INTR_TYPE_EXT_INTR));
	KUNIT_EXPECT_FALSE(test, exit_event_has_length(INTR_TYPE_NMI_INTR));
	KUNIT_EXPECT_FALSE(test, exit_event_has_length(INTR_TYPE_HARD_EXCEPTION));
	KUNIT_EXPECT_TRUE(test, exit_event_has_length(INTR_TYPE_SOFT_INTR));
	KUNIT_EXPECT_TRUE(test, exit_event_has_length(INTR_TYPE_SOFT_EXCEPTION));
	KUNIT_EXPECT_TRUE(test, exit_event_has_length(INTR_TYPE_PRIV_SW_EXCEPTION));
	/* The vector and the valid bit do not matter. */
	KUNIT_EXPECT_TRUE(test, exit_event_has_length(0x80000080 | INTR_TYPE_SOFT_INTR));
}

static void ept_unblocked_nmi(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, exit_ept_unblocked_nmi(0x1000));
	KUNIT_EXPECT_TRUE(test, exit_ept_unblocked_nmi(~0ULL));
	KUNIT_EXPECT_FALSE(test, exit_ept_unblocked_nmi(0));
	KUNIT_EXPECT_FALSE(test, exit_ept_unblocked_nmi(~0x1000ULL));
}

static void cr_accesses(struct kunit *test)
{
	static const struct {
		u64 qualification;
		struct exit_cr_info info;
	} rows[] = {
		/* mov %rax, %cr0 */
		{ 0x000, { .number = 0, .type = EXIT_CR_WRITE, .gpr = 0 } },
		/* mov %rsp, %cr3; mov %r15, %cr4 */
		{ 0x403, { .number = 3, .type = EXIT_CR_WRITE, .gpr = 4 } },
		{ 0xf04, { .number = 4, .type = EXIT_CR_WRITE, .gpr = 15 } },
		/* mov %cr3, %rcx; mov %cr8, %r8 */
		{ 0x113, { .number = 3, .type = EXIT_CR_READ, .gpr = 1 } },
		{ 0x818, { .number = 8, .type = EXIT_CR_READ, .gpr = 8 } },
		/* clts */
		{ 0x020, { .number = 0, .type = EXIT_CR_CLTS } },
		/* lmsw %bx, whose value is above; lmsw from memory */
		{ 0x12340030, { .number = 0, .type = EXIT_CR_LMSW } },
		{ 0xffff0070, { .number = 0, .type = EXIT_CR_LMSW } },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct exit_cr_info info = exit_decode_cr(rows[i].qualification);

		KUNIT_EXPECT_EQ_MSG(test, info.number, rows[i].info.number, "row %zu", i);
		KUNIT_EXPECT_EQ_MSG(test, info.type, rows[i].info.type, "row %zu", i);
		KUNIT_EXPECT_EQ_MSG(test, info.gpr, rows[i].info.gpr, "row %zu", i);
	}
}

static void dr_accesses(struct kunit *test)
{
	static const struct {
		u64 qualification;
		struct exit_dr_info info;
	} rows[] = {
		/* mov %rax, %db0; mov %r15, %db7 */
		{ 0x000, { .number = 0, .read = false, .gpr = 0 } },
		{ 0xf07, { .number = 7, .read = false, .gpr = 15 } },
		/* mov %db6, %rbx; mov %db3, %rsp */
		{ 0x316, { .number = 6, .read = true, .gpr = 3 } },
		{ 0x413, { .number = 3, .read = true, .gpr = 4 } },
		/* Bits 3, 7:5 and those from 12 on mean nothing. */
		{ ~0ULL << 12 | 0xe8, { .number = 0, .read = false, .gpr = 0 } },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct exit_dr_info info = exit_decode_dr(rows[i].qualification);

		KUNIT_EXPECT_EQ_MSG(test, info.number, rows[i].info.number, "row %zu", i);
		KUNIT_EXPECT_EQ_MSG(test, info.read, rows[i].info.read, "row %zu", i);
		KUNIT_EXPECT_EQ_MSG(test, info.gpr, rows[i].info.gpr, "row %zu", i);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(io_qualifications),
	KUNIT_CASE(exit_reasons),
	KUNIT_CASE(ept_violations),
	KUNIT_CASE(ept_unblocked_nmi),
	KUNIT_CASE(cr_accesses),
	KUNIT_CASE(dr_accesses),
	KUNIT_CASE(events_for_entry),
	KUNIT_CASE(events_with_length),
	{}
};

struct kunit_suite exit_decode_suite = {
	.name = "minivmx_exit_decode",
	.test_cases = cases,
};
