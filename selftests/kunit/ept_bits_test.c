// SPDX-License-Identifier: GPL-2.0
/*
 * EPT index and entry arithmetic.
 */
#include "../../module/ept_bits.h"
#include "suites.h"

static void index_of_each_level(struct kunit *test)
{
	static const struct {
		u64 gpa;
		unsigned int index[EPT_LEVELS + 1];	/* [0] is not used */
	} rows[] = {
		{ 0x0, { 0, 0, 0, 0, 0 } },
		{ 0xfff, { 0, 0, 0, 0, 0 } },
		{ 0x1000, { 0, 1, 0, 0, 0 } },
		{ 0x1fffff, { 0, 511, 0, 0, 0 } },
		{ 0x200000, { 0, 0, 1, 0, 0 } },
		{ 0x3fffffff, { 0, 511, 511, 0, 0 } },
		{ 0x40000000, { 0, 0, 0, 1, 0 } },
		{ 0x8000000000, { 0, 0, 0, 0, 1 } },
		{ 0xffffffffffff, { 0, 511, 511, 511, 511 } },
		{ 0x0000010080403000, { 0, 3, 2, 2, 2 } },
	};
	size_t i;
	int level;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		for (level = 1; level <= EPT_LEVELS; level++)
			KUNIT_EXPECT_EQ_MSG(test, ept_index(rows[i].gpa, level),
					    rows[i].index[level],
					    "gpa %#llx level %d",
					    rows[i].gpa, level);
}

static void size_of_each_level(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ept_level_size(1), 4096ULL);
	KUNIT_EXPECT_EQ(test, ept_level_size(2), 2ULL << 20);
	KUNIT_EXPECT_EQ(test, ept_level_size(3), 1ULL << 30);
	KUNIT_EXPECT_EQ(test, ept_level_size(4), 512ULL << 30);
	KUNIT_EXPECT_EQ(test, ept_level_size(EPT_LEVELS) * EPT_ENTRIES,
			1ULL << EPT_GPA_BITS);
}

/* The indices and the offset are the address: no bit lost, none used twice. */
static void indices_make_up_the_address(struct kunit *test)
{
	u64 gpa = 0x123456789abc, sum = gpa & 0xfff;
	int level;

	for (level = 1; level <= EPT_LEVELS; level++)
		sum += ept_index(gpa, level) * ept_level_size(level);
	KUNIT_EXPECT_EQ(test, sum, gpa);
}

static void leaf_entries(struct kunit *test)
{
	u64 rw = ept_leaf_entry(0x123456000, EPT_RIGHTS_WRITE);
	u64 ro = ept_leaf_entry(0x123456000, EPT_RIGHTS_READ);

	/*
	 * bits 2:0 RWX, 5:3 memory type 6, 6 whatever the PAT says, bit 7 would be a
	 * large page; bit 52 remembers W
	 */
	KUNIT_EXPECT_EQ(test, rw, 0x0010000123456077ULL);
	KUNIT_EXPECT_EQ(test, ro, 0x123456075ULL);
	KUNIT_EXPECT_EQ(test, ept_address(rw), 0x123456000ULL);
	KUNIT_EXPECT_TRUE(test, ept_present(rw));
	KUNIT_EXPECT_TRUE(test, ept_present(ro));
	/* Without W, it still says that the owner may write. */
	KUNIT_EXPECT_TRUE(test, rw & ~EPT_WRITE & EPT_OWNER_WRITABLE);
	KUNIT_EXPECT_FALSE(test, ro & EPT_OWNER_WRITABLE);
	/* Write without read is a misconfiguration: it must not come about. */
	KUNIT_EXPECT_TRUE(test, ro & EPT_READ);
}

static void large_pages(struct kunit *test)
{
	u64 small = ept_leaf_entry(0x123456000, EPT_RIGHTS_WRITE);
	u64 large = ept_leaf_entry(0x123400000, EPT_RIGHTS_WRITE) | EPT_LARGE;

	KUNIT_EXPECT_EQ(test, large, 0x00100001234000f7ULL);
	KUNIT_EXPECT_EQ(test, ept_page_size(small), 4096ULL);
	KUNIT_EXPECT_EQ(test, ept_page_size(large), 2ULL << 20);
	KUNIT_EXPECT_TRUE(test, ept_is_leaf(small, 1));
	KUNIT_EXPECT_TRUE(test, ept_is_leaf(large, 2));
	KUNIT_EXPECT_FALSE(test, ept_is_leaf(ept_table_entry(0x1000), 2));
}

static void table_entries(struct kunit *test)
{
	u64 entry = ept_table_entry(0xabcdef000);

	KUNIT_EXPECT_EQ(test, entry, 0xabcdef007ULL);
	KUNIT_EXPECT_EQ(test, ept_address(entry), 0xabcdef000ULL);
	KUNIT_EXPECT_FALSE(test, ept_present(0));
	/* An address alone, such as the link between dead tables. */
	KUNIT_EXPECT_FALSE(test, ept_present(0xabcdef000));
}

static void highest_address(struct kunit *test)
{
	u64 top = 0x000ffffffffff000ULL;

	KUNIT_EXPECT_EQ(test, ept_address(ept_leaf_entry(top, EPT_RIGHTS_WRITE)), top);
	KUNIT_EXPECT_EQ(test, ept_address(~0ULL), top);
}

/* SDM Vol. 3C, "Extended-Page-Table Pointer (EPTP)", table 25-9. */
static void pointer(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ept_pointer(0x7000, false), 0x701eULL);
	KUNIT_EXPECT_EQ(test, ept_pointer(0x7000, true), 0x705eULL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(index_of_each_level),
	KUNIT_CASE(size_of_each_level),
	KUNIT_CASE(indices_make_up_the_address),
	KUNIT_CASE(leaf_entries),
	KUNIT_CASE(large_pages),
	KUNIT_CASE(table_entries),
	KUNIT_CASE(highest_address),
	KUNIT_CASE(pointer),
	{}
};

struct kunit_suite ept_bits_suite = {
	.name = "minivmx_ept_bits",
	.test_cases = cases,
};
