/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_CRASH_CAUSE_TABLE_H
#define VMRUN_CRASH_CAUSE_TABLE_H

#include "array_size.h"
#include "crash_cause.h"
#include "guest_memory.h"

/**
 * struct cause - a row
 * @kinds: the crashes that it may explain
 * @holds: does it; NULL asks for @text, which is NULL if it does not
 * @sentence: what to say; may have a %llx, for @value, or a %s, for @text
 * @value: a number to say
 * @text: a word to say
 */
struct cause {
	unsigned int kinds;
	bool (*holds)(const struct crash_facts *f);
	const char *sentence;
	__u64 (*value)(const struct crash_facts *f);
	const char *(*text)(const struct crash_facts *f);
};

#define ROW(kinds_, holds_, sentence_, ...)				\
	{ .kinds = kinds_, .holds = holds_, .sentence = sentence_, ##__VA_ARGS__ }

/* The next push goes nowhere. */
static inline bool crash_stack_unmapped(const struct crash_facts *f)
{
	return f->stack_address == NOWHERE;
}

bool crash_say(const struct cause *rows, size_t nr, const struct crash_facts *f, char *sentence);

#endif /* VMRUN_CRASH_CAUSE_TABLE_H */
