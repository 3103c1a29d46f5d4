// SPDX-License-Identifier: GPL-2.0
/*
 * The files that the command line names: each has a name, and what vmrun writes to is
 * nothing that it reads, nor written to twice.
 */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "exit_status.h"
#include "options.h"

/* The guest, its initrd, --trace, --report, --share and --save-on. */
#define MAX_FILES	(6 + MAX_MODULES + MAX_SERIAL)

/**
 * struct named_file - a file, as the command line names it
 * @option: which; for messages
 * @path: its path; NULL: not given
 * @written: what it holds is lost
 */
struct named_file {
	const char *option;
	const char *path;
	bool written;
};

/**
 * options_file() - the value of an option that is a path
 * @option: its name, for the message
 * @arg: its value
 * @state: argp's
 *
 * Return: @arg. Does not return if it is empty.
 */
const char *options_file(const char *option, const char *arg, struct argp_state *state)
{
	if (!*arg)
		argp_failure(state, STATUS_USAGE, 0, "--%s: no FILE given", option);
	return arg;
}

static unsigned int list_files(const struct options *opt, struct named_file *files)
{
	unsigned int nr = 0, i;

	files[nr++] = (struct named_file){
		opt->snapshot.restore ? "--restore" : "the guest", opt->file, false,
	};
	files[nr++] = (struct named_file){ "--initrd", opt->initrd, false };
	for (i = 0; i < opt->nr_modules; i++)
		files[nr++] = (struct named_file){ "--module", opt->modules[i].file, false };
	for (i = 0; i < opt->nr_serial; i++)
		if (opt->serial[i].kind == SERIAL_FILE)
			files[nr++] = (struct named_file){
				"--serial", opt->serial[i].path, true,
			};
	files[nr++] = (struct named_file){ "--trace", opt->trace_file, true };
	files[nr++] = (struct named_file){ "--report", opt->report, true };
	files[nr++] = (struct named_file){ "--share", opt->share.file, true };
	files[nr++] = (struct named_file){ "--save-on", opt->snapshot.save, true };
	return nr;
}

static bool is_same_inode(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Neither is there yet: they would be the same, in the same directory. */
static bool becomes_same(const char *a, const char *b)
{
	char copies[4][PATH_MAX];
	struct stat in[2];
	unsigned int i;

	for (i = 0; i < 4; i++)
		if (snprintf(copies[i], PATH_MAX, "%s", i % 2 ? b : a) >= PATH_MAX)
			return false;
	return !strcmp(basename(copies[0]), basename(copies[1])) &&
		!stat(dirname(copies[2]), &in[0]) && !stat(dirname(copies[3]), &in[1]) &&
		is_same_inode(&in[0], &in[1]);
}

/* A device or a pipe may well be given twice. */
static bool is_same(const char *a, const char *b)
{
	struct stat st[2];

	if (stat(a, &st[0]) < 0)
		return errno == ENOENT && stat(b, &st[1]) < 0 && errno == ENOENT &&
			becomes_same(a, b);
	return S_ISREG(st[0].st_mode) && !stat(b, &st[1]) && is_same_inode(&st[0], &st[1]);
}

/**
 * options_check_files() - is each file that is written to there for that only
 * @opt: the command line
 * @state: argp's
 *
 * Does not return if it is not.
 */
void options_check_files(const struct options *opt, struct argp_state *state)
{
	struct named_file files[MAX_FILES];
	unsigned int nr = list_files(opt, files), a, b;

	for (b = 1; b < nr; b++)
		for (a = 0; a < b; a++)
			if ((files[a].written || files[b].written) && files[a].path &&
			    files[b].path && is_same(files[a].path, files[b].path))
				argp_failure(state, STATUS_USAGE, 0,
					     "%s %s and %s %s are the same file, whose contents would be lost",
					     files[a].option, files[a].path, files[b].option,
					     files[b].path);
}
