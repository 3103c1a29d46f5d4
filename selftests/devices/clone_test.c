// SPDX-License-Identifier: GPL-2.0
/*
 * What clones write, with something else in place of their machines. Needs no VT-x.
 *
 * Breakage it catches: lines of several clones that are mixed, or that nobody knows the
 * clone of.
 */
#include <err.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../userspace/clone.h"

#define CLONES		3
#define LINES		50
#define LONG_LINE	300
#define STATUS		7

/* A clone ends where it is, as vmrun's do. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

/* As a report is written: lines in pieces, and pieces of several lines. */
static int complain(const struct options *opt, const struct snapshot_file *from)
{
	unsigned int i;

	(void)opt;
	(void)from;
	clone_ready();
	for (i = 0; i < LINES; i++) {
		fputs("line", stderr);
		fprintf(stderr, " %u", i);
		fputs(" and\nits rest", stderr);
		fputc('\n', stderr);
	}
	warnx("%0*u", LONG_LINE, 0);
	return STATUS;
}

static void expect_line(char **text, const char *line)
{
	size_t length = strlen(line);

	assert_int_equal(strncmp(*text, line, length), 0);
	*text += length;
}

/* What one of them wrote, without its numbers; the rest stays. */
static void take_lines(char *text, unsigned int number, char *lines)
{
	char prefix[16], *from = text, *end;

	snprintf(prefix, sizeof(prefix), "[%u] ", number);
	for (lines[0] = '\0'; *from; from = end) {
		end = strchr(from, '\n');
		assert_non_null(end);
		end++;
		if (!strncmp(from, prefix, strlen(prefix))) {
			strncat(lines, from + strlen(prefix), end - from - strlen(prefix));
			continue;
		}
		memmove(text, from, end - from);
		text += end - from;
	}
	*text = '\0';
}

static void messages_have_numbers(void **state)
{
	const struct options opt = { .snapshot = { .clones = CLONES } };
	static char said[0x8000], lines[sizeof(said)];
	int error = dup(STDERR_FILENO), status;
	FILE *file = tmpfile();
	unsigned int number, i;
	char line[64], *at;

	(void)state;
	assert_non_null(file);
	dup2(fileno(file), STDERR_FILENO);
	status = clone_run(&opt, NULL, complain);
	dup2(error, STDERR_FILENO);
	close(error);
	rewind(file);
	said[fread(said, 1, sizeof(said) - 1, file)] = '\0';
	fclose(file);
	assert_int_equal(status, STATUS);

	for (number = 0; number < CLONES; number++) {
		take_lines(said, number, lines);
		for (at = lines, i = 0; i < LINES; i++) {
			snprintf(line, sizeof(line), "line %u and\nits rest\n", i);
			expect_line(&at, line);
		}
		/* Some of it is a line of its own. */
		assert_int_equal(strcspn(at, "\n"), 256);
		assert_int_equal(strspn(strchr(at, '\n') + 1, "0"),
				 strlen(program_invocation_short_name) + 2 + LONG_LINE - 256);
	}
	assert_string_equal(said, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_have_numbers),
	};

	return cmocka_run_group_tests_name("clone", tests, NULL, NULL);
}
