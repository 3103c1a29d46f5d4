// SPDX-License-Identifier: GPL-2.0
/*
 * Command lines that are wrong, and some that are not: what vmrun says of them before it
 * opens anything. Needs no VT-x.
 *
 * Breakage it catches: an option that is taken and ignored; a file that is written to, and
 * was given for something else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "../../userspace/exit_status.h"
#include "../../userspace/options.h"

#define MAX_ARGUMENTS	5
#define TEMPLATE	"/tmp/options.XXXXXX"

static char directory[sizeof(TEMPLATE)] = TEMPLATE;

/* Files that are there: two names of one of them. */
static const char *const files[] = { "h", "x" };
#define LINK_OF_H	"link"

/* Who ends in the middle of argp_parse() does not free what that has. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

/* In the child: what options_parse() ends with, or 0. */
static void parse(const char *const *arguments, int error)
{
	char *argv[MAX_ARGUMENTS + 2] = { "vmrun" };
	static struct options opt;
	int argc;

	for (argc = 1; argc <= MAX_ARGUMENTS && arguments[argc - 1]; argc++)
		argv[argc] = strdup(arguments[argc - 1]);
	dup2(error, STDERR_FILENO);
	options_parse(&opt, argc, argv);
	_exit(0);
}

/* @says: all that is said, but for "vmrun: " and the end of the line; NULL: it is right */
static void expect(const char *const *arguments, const char *says)
{
	char said[1024], line[1024] = "";
	int ends[2], status;
	ssize_t n, length = 0;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (!pid)
		parse(arguments, ends[1]);
	close(ends[1]);
	while ((n = read(ends[0], said + length, sizeof(said) - 1 - length)) > 0)
		length += n;
	said[length] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (says)
		snprintf(line, sizeof(line), "vmrun: %s\n", says);
	assert_string_equal(said, line);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), says ? STATUS_USAGE : 0);
}

struct row {
	const char *arguments[MAX_ARGUMENTS];
	const char *says;
};

static void expect_rows(const struct row *rows, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		expect(rows[i].arguments, rows[i].says);
}

#define EXPECT_ROWS(rows)	expect_rows(rows, sizeof(rows) / sizeof((rows)[0]))

#define LOST(one, other) \
	one " and " other " are the same file, whose contents would be lost"

static void a_file_is_for_one_thing(void **state)
{
	static const struct row rows[] = {
		{ { "h", "--trace=h" }, LOST("the guest h", "--trace h") },
		{ { "h", "--trace=link" }, LOST("the guest h", "--trace link") },
		{ { "./h", "--serial=file:h" }, LOST("the guest ./h", "--serial h") },
		{ { "h", "--report=h" }, LOST("the guest h", "--report h") },
		{ { "h", "--share=h" }, LOST("the guest h", "--share h") },
		{ { "h", "--save-on=exits:1:h" }, LOST("the guest h", "--save-on h") },
		{ { "--restore=x", "--save-on=exits:1:x" }, LOST("--restore x", "--save-on x") },
		{ { "h", "--initrd=x", "--trace=x" }, LOST("--initrd x", "--trace x") },
		{ { "h", "--module=h", "--module=x,text", "--report=x" },
		  LOST("--module x", "--report x") },
		{ { "h", "--serial=file:x", "--serial=file:x" }, LOST("--serial x", "--serial x") },
		/* They are not there yet. */
		{ { "h", "--serial=file:new", "--trace=new" },
		  LOST("--serial new", "--trace new") },
		{ { "h", "--save-on=SIGUSR1:new", "--trace=./new" },
		  LOST("--trace ./new", "--save-on new") },

		{ { "h", "--trace=new", "--report=old", "--serial=file:x" }, NULL },
		{ { "h", "--trace=no/new", "--report=new" }, NULL },
		{ { "h", "--initrd=h", "--module=x", "--module=x" }, NULL },
		{ { "h", "--serial=unix:h" }, NULL },
		{ { "/dev/null", "--trace=/dev/null", "--report=/dev/null" }, NULL },
	};

	(void)state;
	EXPECT_ROWS(rows);
}

static void a_file_has_a_name(void **state)
{
	static const struct row rows[] = {
		{ { "" }, "no FILE given (see --help)" },
		{ { NULL }, "no FILE given (see --help)" },
		{ { "--restore=" }, "--restore: no FILE given" },
		{ { "h", "--share=" }, "--share: no FILE given" },
		{ { "h", "--device=" }, "--device: no FILE given" },
		{ { "h", "--trace=" }, "--trace: no FILE given" },
		{ { "h", "--report=" }, "--report: no FILE given" },
		{ { "h", "--initrd=" }, "--initrd: no FILE given" },
		{ { "h", "--module=" }, "--module: no FILE given" },
		{ { "h", "--module=,text" }, "--module: no FILE given" },
		{ { "h", "--trace" }, NULL },
		{ { "h", "--trace=new", "--share=a", "--initrd=x", "--module=x," }, NULL },
	};

	(void)state;
	EXPECT_ROWS(rows);
}

static void a_machine_is_saved_once(void **state)
{
	static const struct row rows[] = {
		{ { "h", "--save-on=exits:1:a", "--save-on=SIGUSR1:b" },
		  "--save-on=SIGUSR1:b: one WHEN:FILE only (a is the first)" },
		{ { "h", "--save-on=exits:1:a" }, NULL },
	};

	(void)state;
	EXPECT_ROWS(rows);
}

#define RESTORED \
	"--restore: the machine is as it was saved (no --mem, --cpus, --start, --format, --load, --entry, --append, --initrd, --module, --hypercalls, --exit-code, --set-vmcs)"

static void a_restored_machine_is_as_it_was(void **state)
{
	static const struct row rows[] = {
		{ { "--restore=x", "--start=all" }, RESTORED },
		{ { "--restore=x", "--start=register" }, RESTORED },
		{ { "--restore=x", "--mem=2M" }, RESTORED },
		{ { "--restore=x" }, NULL },
		{ { "h", "--start=all" }, NULL },
	};

	(void)state;
	EXPECT_ROWS(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_for_one_thing),
		cmocka_unit_test(a_file_has_a_name),
		cmocka_unit_test(a_machine_is_saved_once),
		cmocka_unit_test(a_restored_machine_is_as_it_was),
	};
	size_t i;
	int failed;

	if (!mkdtemp(directory) || chdir(directory))
		return 1;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		fclose(fopen(files[i], "w"));
	if (symlink(files[0], LINK_OF_H))
		return 1;
	failed = cmocka_run_group_tests_name("options", tests, NULL, NULL);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(files[i]);
	unlink(LINK_OF_H);
	rmdir(directory);
	return failed;
}
