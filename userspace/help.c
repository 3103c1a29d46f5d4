// SPDX-License-Identifier: GPL-2.0
/*
 * --help and --usage, from the tables that argp has.
 *
 * What argp makes of them has holes: when the 200 bytes of its buffer have no room left for
 * a margin, it writes the margin at once, before what waits in the buffer
 * (_argp_fmtstream_update() of glibc 2.36). And it wraps lines that are wrapped already.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exit_status.h"
#include "help.h"

#define WIDTH		79
#define TEXT_COLUMN	29		/* where texts of options begin */
#define USAGE_INDENT	7		/* behind "Usage: " */
#define MAX_OPTIONS	64

/* Options without a one-letter form; no other file has these. */
enum {
	OPT_USAGE = 0xe00,
};

/**
 * struct help - what is to be printed
 * @options: those of all tables, by name
 * @nr: how many
 * @doc: the text before them and, after a \v, behind them
 * @args_doc: what is no option
 */
struct help {
	const struct argp_option *options[MAX_OPTIONS];
	size_t nr;
	const char *doc, *args_doc;
};

static void collect(struct help *help, const struct argp *argp)
{
	const struct argp_option *option;
	const struct argp_child *child;

	if (!help->doc)
		help->doc = argp->doc;
	if (!help->args_doc)
		help->args_doc = argp->args_doc;
	for (option = argp->options; option && option->name; option++)
		if (!(option->flags & OPTION_HIDDEN)) {
			assert(help->nr < MAX_OPTIONS);
			help->options[help->nr++] = option;
		}
	for (child = argp->children; child && child->argp; child++)
		collect(help, child->argp);
}

static int by_name(const void *a, const void *b)
{
	const struct argp_option *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

/* --NAME=ARG or --NAME[=ARG]. Return: its length. */
static int name_option(char *to, size_t size, const struct argp_option *option)
{
	const char *format = !option->arg ? "--%s" :
		option->flags & OPTION_ARG_OPTIONAL ? "--%s[=%s]" : "--%s=%s";

	return snprintf(to, size, format, option->name, option->arg);
}

/* A word goes to the next line if it does not fit. Return: the column after it. */
static int print_word(const char *word, int length, int column, int indent)
{
	if (column > indent && column + 1 + length > WIDTH) {
		printf("\n%*s", indent, "");
		column = indent;
	}
	return column + printf("%s%.*s", column > indent ? " " : "", length, word);
}

static void print_option(const struct argp_option *option)
{
	bool has_letter = option->key > ' ' && option->key < 0x7f;
	const char *word;
	int column, length;
	char name[128];

	name_option(name, sizeof(name), option);
	column = has_letter ? printf("  -%c, %s", option->key, name) :
		printf("      %s", name);
	if (column < TEXT_COLUMN)
		printf("%*s", TEXT_COLUMN - column, "");
	else
		printf("\n%*s", TEXT_COLUMN, "");
	column = TEXT_COLUMN;
	for (word = option->doc; *word; word += length + strspn(word + length, " ")) {
		length = strcspn(word, " ");
		column = print_word(word, length, column, TEXT_COLUMN);
	}
	putchar('\n');
}

static void print_help(const struct help *help, const char *program)
{
	const char *doc = help->doc ? help->doc : "", *after = strchr(doc, '\v');
	size_t i;

	printf("Usage: %s [OPTION...]%s%s\n", program, help->args_doc ? " " : "",
	       help->args_doc ? help->args_doc : "");
	printf("%.*s\n", (int)strcspn(doc, "\v"), doc);
	for (i = 0; i < help->nr; i++)
		print_option(help->options[i]);
	if (after)
		printf("\n%s\n", after + 1);
}

static void print_usage(const struct help *help, const char *program)
{
	int column = printf("Usage: %s", program), length;
	char word[128] = "[";
	size_t i;

	for (i = 0; i < help->nr; i++) {
		length = 1 + name_option(word + 1, sizeof(word) - 2, help->options[i]);
		word[length++] = ']';
		column = print_word(word, length, column, USAGE_INDENT);
	}
	if (help->args_doc)
		print_word(help->args_doc, strlen(help->args_doc), column, USAGE_INDENT);
	putchar('\n');
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct help help = { .nr = 0 };

	(void)arg;
	if (key != '?' && key != OPT_USAGE)
		return ARGP_ERR_UNKNOWN;
	collect(&help, state->root_argp);
	qsort(help.options, help.nr, sizeof(help.options[0]), by_name);
	if (key == '?')
		print_help(&help, state->name);
	else
		print_usage(&help, state->name);
	exit(fflush(stdout) || ferror(stdout) ? STATUS_HOST : 0);
}

/* Hidden: argp has options of these names, too, and the list shows those. */
static const struct argp_option option_table[] = {
	{ "help", '?', NULL, OPTION_HIDDEN, NULL, 0 },
	{ "usage", OPT_USAGE, NULL, OPTION_HIDDEN, NULL, 0 },
	{ 0 }
};

const struct argp help_argp = { .options = option_table, .parser = parse_option };
const struct argp_child help_children[] = { { .argp = &help_argp }, { 0 } };
