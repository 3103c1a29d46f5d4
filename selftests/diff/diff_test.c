// SPDX-License-Identifier: GPL-2.0
/*
 * Runs each case on KVM and on minivmx and compares what they recorded: see
 * diff.h. Prints TAP, and at the end a table with a row for each ioctl.
 *
 *	diff_test [--case=PATTERN]	the test; PATTERN as a shell's, on
 *					"IOCTL: NAME", or a part of that
 *	diff_test --list		names of the cases
 *	diff_test --record=FILE		write KVM's texts
 *	diff_test --record-explained=FILE
 *					write those of minivmx that are explained
 *	diff_test --stable=N		run on KVM N times: is it always the same
 *	diff_test --show[=PATH]		print texts of a device, compare nothing
 *
 * Environment: MINIVMX_SKIP_KVM, why KVM is not to be asked: minivmx is then
 * compared with kvm.golden. MINIVMX_REQUIRE_KVM=1: fail without /dev/kvm.
 *
 * Breakage it catches: any answer of minivmx's that a program written to the
 * KVM API could tell from KVM's, and that nobody has explained.
 */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

#include "diff.h"

#define MINIVMX_PATH	"/dev/minivmx"
#define KVM_PATH	"/dev/kvm"

enum result { SAME, EXPLAINED, DIFFERENT, SKIPPED, NR_RESULTS };

static struct diff_case *all_cases;
static size_t nr_cases;

static const char *option_case, *option_show;
static const char *option_record, *option_record_explained;
static int option_stable;
static bool option_list;
const char *no_kvm;

void diff_add(const struct diff_case *cases, size_t nr)
{
	all_cases = reallocarray(all_cases, nr_cases + nr, sizeof(*cases));
	if (!all_cases)
		exit(2);
	memcpy(all_cases + nr_cases, cases, nr * sizeof(*cases));
	nr_cases += nr;
}

static const char *key_of(const struct diff_case *c)
{
	static char key[256];

	snprintf(key, sizeof(key), "%s: %s", c->ioctl, c->name);
	return key;
}

static bool is_chosen(const struct diff_case *c)
{
	const char *key = key_of(c);

	return !option_case || strstr(key, option_case) ||
		!fnmatch(option_case, key, 0);
}

/* ------------------------- comparing ------------------------------------- */

static bool is_nested(const struct explained *e)
{
	return !strcmp(e->why, NESTED);
}

static const struct explained *explanation(const struct diff_case *c)
{
	size_t i;

	for (i = 0; i < nr_explained; i++)
		if ((!is_nested(&explained[i]) || no_kvm) &&
		    !strcmp(explained[i].ioctl, c->ioctl) &&
		    !fnmatch(explained[i].name, c->name, 0))
			return &explained[i];
	return NULL;
}

static void not_ok(size_t number, const struct diff_case *c, const char *why)
{
	printf("not ok %zu - %s # %s\n", number, key_of(c), why);
}

static enum result compare(size_t number, const struct diff_case *c,
			   const char *kvm, const char *minivmx)
{
	const struct explained *e = explanation(c);
	bool same = !strcmp(kvm, minivmx);
	const char *text = e ? golden_find(golden_minivmx, key_of(c)) : NULL;
	const char *why = NULL;

	if (!e && !same)
		why = "they differ";
	else if (e && (is_nested(e) || c->flags & DIFF_CPU))
		why = NULL;		/* on this processor or on another */
	else if (e && same)
		why = "explained, but they do not differ";
	else if (e && (!text || strcmp(text, minivmx)))
		why = "explained, but it is not what minivmx.golden says";
	if (!why) {
		printf("ok %zu - %s%s\n", number, key_of(c),
		       same ? "" : " (explained)");
		return same ? SAME : EXPLAINED;
	}
	not_ok(number, c, why);
	print_text("# kvm:     ", kvm);
	print_text("# minivmx: ", minivmx);
	if (text)
		print_text("# explained: ", text);
	return DIFFERENT;
}

/* Whether kvm.golden still says what KVM says. */
static bool golden_agrees(size_t number, const struct diff_case *c,
			  const char *kvm)
{
	const char *text = golden_find(golden_kvm, key_of(c));

	if (text && !strcmp(text, kvm))
		return true;
	not_ok(number, c, text ? "kvm.golden is out of date" :
	       "not in kvm.golden");
	print_text("# kvm:    ", kvm);
	if (text)
		print_text("# golden: ", text);
	return false;
}

static enum result skip(size_t number, const struct diff_case *c,
			const char *why)
{
	printf("ok %zu - %s # SKIP %s\n", number, key_of(c), why);
	return SKIPPED;
}

static enum result run_one(size_t number, const struct diff_case *c)
{
	char *kvm = NULL, *minivmx;
	enum result result;
	const char *text;

	if (no_kvm) {
		if (c->flags & DIFF_CPU)
			return skip(number, c, "it depends on the processor, and KVM cannot be asked");
		text = golden_find(golden_kvm, key_of(c));
		if (!text) {
			not_ok(number, c, "not in kvm.golden");
			return DIFFERENT;
		}
		kvm = strdup(text);
	} else {
		kvm = run_case(c, KVM_PATH);
		if (!(c->flags & DIFF_CPU) && golden_is_live() &&
		    !golden_agrees(number, c, kvm)) {
			free(kvm);
			return DIFFERENT;
		}
	}
	if (access(MINIVMX_PATH, F_OK)) {
		free(kvm);
		return skip(number, c, "there is no " MINIVMX_PATH);
	}
	minivmx = run_case(c, MINIVMX_PATH);
	result = compare(number, c, kvm, minivmx);
	free(kvm);
	free(minivmx);
	return result;
}

/* ------------------------- what else it can do --------------------------- */

static int record_file(const char *name, const char *path, bool only_explained)
{
	FILE *file = fopen(name, "w");
	size_t i, recorded = 0;
	char *text, *line;

	if (!file) {
		perror(name);
		return 2;
	}
	fprintf(file, "# Linux %s\n", kernel_series());
	for (i = 0; i < nr_cases; i++) {
		if (all_cases[i].flags & DIFF_CPU ||
		    (only_explained && !explanation(&all_cases[i])))
			continue;
		fprintf(file, "== %s\n", key_of(&all_cases[i]));
		text = run_case(&all_cases[i], path);
		for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
			fprintf(file, "\t%s\n", line);
		free(text);
		recorded++;
	}
	printf("# %zu of %zu cases recorded\n", recorded, nr_cases);
	return fclose(file) ? 2 : 0;
}

static int check_stable(void)
{
	size_t i, bad = 0, chosen = 0;
	char *first, *again;
	int n;

	for (i = 0; i < nr_cases; i++) {
		if (!is_chosen(&all_cases[i]))
			continue;
		chosen++;
		first = run_case(&all_cases[i], KVM_PATH);
		for (n = 1; n < option_stable; n++) {
			again = run_case(&all_cases[i], KVM_PATH);
			if (strcmp(first, again)) {
				bad++;
				printf("# %s: not the same each time\n",
				       key_of(&all_cases[i]));
				print_text("# first: ", first);
				print_text("# again: ", again);
			}
			free(again);
		}
		free(first);
	}
	printf("# %zu cases, %d times each on KVM, %zu differences\n", chosen,
	       option_stable, bad);
	return !!bad;
}

static int show(void)
{
	size_t i;
	char *text;

	for (i = 0; i < nr_cases; i++) {
		if (!is_chosen(&all_cases[i]))
			continue;
		printf("== %s\n", key_of(&all_cases[i]));
		text = run_case(&all_cases[i], option_show);
		print_text("\t", text);
		free(text);
	}
	return 0;
}

/* ------------------------- the test -------------------------------------- */

/* A row for each ioctl, in the order of their first cases. */
static void print_table(const enum result *results)
{
	size_t i, k, count[NR_RESULTS];
	const char *name;

	printf("# ioctl | cases | same | explained | different | skipped\n");
	for (i = 0; i < nr_cases; i++) {
		name = all_cases[i].ioctl;
		for (k = 0; k < i && strcmp(all_cases[k].ioctl, name); k++)
			;
		if (k < i)
			continue;
		memset(count, 0, sizeof(count));
		for (; k < nr_cases; k++)
			if (!strcmp(all_cases[k].ioctl, name) &&
			    results[k] < NR_RESULTS)
				count[results[k]]++;
		if (count[SAME] + count[EXPLAINED] + count[DIFFERENT] + count[SKIPPED])
			printf("# %s | %zu cases | %zu same | %zu explained | %zu different | %zu skipped\n",
			       name, count[SAME] + count[EXPLAINED] +
			       count[DIFFERENT] + count[SKIPPED], count[SAME],
			       count[EXPLAINED], count[DIFFERENT], count[SKIPPED]);
	}
}

/* An explanation of nothing. */
static size_t check_explained(size_t *number)
{
	size_t i, k, bad = 0;

	for (i = 0; i < nr_explained; i++) {
		if (is_nested(&explained[i]) && !no_kvm)
			continue;
		for (k = 0; k < nr_cases; k++)
			if (explanation(&all_cases[k]) == &explained[i])
				break;
		if (k < nr_cases)
			continue;
		printf("not ok %zu - %s: %s # explained, but there is no such case\n",
		       ++*number, explained[i].ioctl, explained[i].name);
		bad++;
	}
	return bad;
}

static int run_test(void)
{
	const char *require = getenv("MINIVMX_REQUIRE_KVM");
	size_t i, number = 0, bad;
	enum result *results = calloc(nr_cases, sizeof(*results));

	no_kvm = getenv("MINIVMX_SKIP_KVM");
	if (!no_kvm && access(KVM_PATH, R_OK | W_OK)) {
		if (require && !strcmp(require, "1")) {
			printf("1..1\nnot ok 1 - there is no " KVM_PATH ", and MINIVMX_REQUIRE_KVM=1\n");
			return 1;
		}
		no_kvm = "there is no " KVM_PATH;
	}
	if (!results)
		return 2;
	if (no_kvm)
		printf("# compared with kvm.golden (Linux %s): %s\n",
		       golden_release(), no_kvm);
	else if (!golden_is_live())
		printf("# kvm.golden is of Linux %s, this is %s: it is not compared\n",
		       golden_release(), kernel_series());
	bad = option_case ? 0 : check_explained(&number);
	for (i = 0; i < nr_cases; i++) {
		results[i] = NR_RESULTS;
		if (!is_chosen(&all_cases[i]))
			continue;
		results[i] = run_one(++number, &all_cases[i]);
		if (results[i] == DIFFERENT)
			bad++;
	}
	printf("1..%zu\n", number);
	print_table(results);
	free(results);
	return !!bad;
}

static bool parse(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--list"))
			option_list = true;
		else if (!strncmp(argv[i], "--case=", 7))
			option_case = argv[i] + 7;
		else if (!strncmp(argv[i], "--record=", 9))
			option_record = argv[i] + 9;
		else if (!strncmp(argv[i], "--record-explained=", 19))
			option_record_explained = argv[i] + 19;
		else if (!strncmp(argv[i], "--stable=", 9))
			option_stable = atoi(argv[i] + 9);
		else if (!strcmp(argv[i], "--show"))
			option_show = KVM_PATH;
		else if (!strncmp(argv[i], "--show=", 7))
			option_show = argv[i] + 7;
		else
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	static void (*const add[])(void) = {
		add_system,
		add_arguments,
		add_regs,
		add_sregs,
		add_cpuid,
		add_cpuid_guest,
		add_msrs,
		add_fpu,
		add_events,
		add_irq,
		add_debug,
		add_memory,
		add_dirty,
		add_coalesced,
		add_mmio,
		add_translate,
		add_run,
		add_execute,
	};
	size_t i;

	if (!parse(argc, argv)) {
		fprintf(stderr, "usage: diff_test [--case=PATTERN] [--list|--record=FILE|--record-explained=FILE|--stable=N|--show[=PATH]]\n");
		return 2;
	}
	for (i = 0; i < ARRAY_SIZE(add); i++)
		add[i]();
	if (option_list) {
		for (i = 0; i < nr_cases; i++)
			printf("%s\n", key_of(&all_cases[i]));
		return 0;
	}
	if (option_record)
		return record_file(option_record, KVM_PATH, false);
	if (option_record_explained)
		return record_file(option_record_explained, MINIVMX_PATH, true);
	if (option_stable)
		return check_stable();
	if (option_show)
		return show();
	return run_test();
}
