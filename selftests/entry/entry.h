/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VM entries with one or two fields changed: what the checker of minivmx says, and
 * what the processor does.
 *
 *	entry_fuzz.c	how many, what is said about them
 *	mutate.c	which fields are changed, to what
 *	directed.c	changes that break one rule each, for every rule
 *	explained.c	where the processor and the SDM differ, and why
 */
#ifndef SELFTESTS_ENTRY_H
#define SELFTESTS_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <entry_rules.h>
#include <minivmx.h>
#include <vmcs_fields.h>

#include "../fuzz/fuzz.h"

/**
 * struct base - a good VMCS to start from
 * @name: the guest's mode
 * @present: which fields the processor has
 * @value: in the order of vmcs_fields.h
 */
struct base {
	char name[32];
	bool present[VMCS_NR_FIELDS];
	uint64_t value[VMCS_NR_FIELDS];
};

/**
 * struct directed - a change that breaks a rule
 * @rule: which
 * @fields: encodings of fields that change
 * @set: bits that become 1, in each
 * @clear: bits that become 0 before
 */
struct directed {
	enum entry_rule rule;
	uint32_t fields[3];
	uint64_t set[3], clear[3];
};

extern const struct directed directed[];
extern const unsigned int nr_directed;

/* How many bits a field has. */
static inline unsigned int field_bits(uint32_t encoding)
{
	static const unsigned int bits[] = { 16, 64, 32, 64 };

	return bits[VMCS_FIELD_WIDTH(encoding)];
}

uint32_t field_encoding(unsigned int index);
const char *field_name(uint32_t encoding);
int field_index(uint32_t encoding);

void mutate(struct rng *rng, const struct base *base, struct minivmx_entry_try *try);
void direct(const struct directed *row, const struct base *base,
	    struct minivmx_entry_try *try);

bool explain(const struct base *base, const struct minivmx_entry_try *try,
	     struct minivmx_entry_try *left);
const char *explain_missing(enum entry_rule rule);
void explain_print(void);
bool is_nested(void);

#endif /* SELFTESTS_ENTRY_H */
