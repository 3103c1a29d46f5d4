// SPDX-License-Identifier: GPL-2.0
/*
 * The field table: sane in itself, and equal to the kernel's own constants.
 */
#include <linux/string.h>

#include <vmcs_fields.h>
#include "suites.h"

struct row {
	u32 encoding;
	const char *name;
	const char *sdm_name;
};

#define F(name, encoding, sdm_name) { (encoding), #name, (sdm_name) },
static const struct row control[] = { VMCS_CONTROL_FIELDS(F) };
static const struct row exit_information[] = { VMCS_EXIT_INFORMATION_FIELDS(F) };
static const struct row guest[] = { VMCS_GUEST_FIELDS(F) };
static const struct row host[] = { VMCS_HOST_FIELDS(F) };
static const struct row all[] = { VMCS_FIELDS(F) };
#undef F

static void check_type(struct kunit *test, const struct row *rows, size_t n,
		       enum vmcs_type type)
{
	size_t i;

	for (i = 0; i < n; i++)
		KUNIT_EXPECT_EQ_MSG(test, VMCS_FIELD_TYPE(rows[i].encoding),
				    (u32)type, "%s", rows[i].name);
}

/* The group that a field is listed under is the one its encoding says. */
static void groups(struct kunit *test)
{
	check_type(test, control, ARRAY_SIZE(control), VMCS_TYPE_CONTROL);
	check_type(test, exit_information, ARRAY_SIZE(exit_information),
		   VMCS_TYPE_EXIT_INFORMATION);
	check_type(test, guest, ARRAY_SIZE(guest), VMCS_TYPE_GUEST);
	check_type(test, host, ARRAY_SIZE(host), VMCS_TYPE_HOST);
}

static void encodings(struct kunit *test)
{
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		/* Bit 0 is the upper half of a 64-bit field; 12 and 15 up are 0. */
		KUNIT_EXPECT_EQ_MSG(test, all[i].encoding & ~0x6ffe, 0,
				    "%s", all[i].name);
		for (j = 0; j < i; j++) {
			KUNIT_EXPECT_NE_MSG(test, all[i].encoding,
					    all[j].encoding, "%s and %s",
					    all[i].name, all[j].name);
			KUNIT_EXPECT_STRNEQ(test, all[i].sdm_name,
					    all[j].sdm_name);
		}
	}
}

static void names(struct kunit *test)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(guest); i++) {
		if (!strncmp(guest[i].name, "GUEST_", 6))
			KUNIT_EXPECT_EQ_MSG(test, strncmp(guest[i].sdm_name, "Guest ", 6),
					    0, "%s", guest[i].name);
	}
	for (i = 0; i < ARRAY_SIZE(host); i++) {
		KUNIT_EXPECT_EQ_MSG(test, strncmp(host[i].name, "HOST_", 5), 0,
				    "%s", host[i].name);
		KUNIT_EXPECT_EQ_MSG(test, strncmp(host[i].sdm_name, "Host ", 5), 0,
				    "%s", host[i].name);
	}
}

static void widths(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, VMCS_FIELD_WIDTH(VMCS_GUEST_CS_SELECTOR), VMCS_WIDTH_16);
	KUNIT_EXPECT_EQ(test, VMCS_FIELD_WIDTH(VMCS_GUEST_CS_LIMIT), VMCS_WIDTH_32);
	KUNIT_EXPECT_EQ(test, VMCS_FIELD_WIDTH(VMCS_EPT_POINTER), VMCS_WIDTH_64);
	KUNIT_EXPECT_EQ(test, VMCS_FIELD_WIDTH(VMCS_GUEST_RIP), VMCS_WIDTH_NATURAL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(groups),
	KUNIT_CASE(encodings),
	KUNIT_CASE(names),
	KUNIT_CASE(widths),
	{}
};

struct kunit_suite vmcs_fields_suite = {
	.name = "minivmx_vmcs_fields",
	.test_cases = cases,
};
