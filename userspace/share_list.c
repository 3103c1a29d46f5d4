// SPDX-License-Identifier: GPL-2.0
/*
 * vmrun share FILE: who takes turns there, and how much time each has had.
 */
#include <argp.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exit_status.h"
#include "help.h"
#include "share.h"

static const char doc[] =
	"Show the guests that take turns with --share=FILE: the weight of each, turns\n"
	"that ended with its quantum, the time it used, in TSC ticks, and its part of\n"
	"all of it. It is running, waiting for its turn, or idle: it wants none.\n";

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	const char **path = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (*path)
			argp_failure(state, STATUS_USAGE, 0, "%s: one FILE only", arg);
		*path = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_failure(state, STATUS_USAGE, 0, "no FILE given (see --help)");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* A place is somebody's if its byte is locked. */
static bool is_taken(int fd, unsigned int place)
{
	struct flock lock = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = place, .l_len = 1,
	};

	return !fcntl(fd, F_OFD_GETLK, &lock) && lock.l_type != F_UNLCK;
}

static void print_places(int fd, const struct share_file *file)
{
	static const char *const states[] = {
		[SHARE_IDLE] = "idle", [SHARE_WAITING] = "waiting", [SHARE_RUNNING] = "running",
	};
	__u64 used[SHARE_PLACES], quanta[SHARE_PLACES], sum = 0;
	unsigned int i;

	/* They run meanwhile: first all numbers, then the system calls. */
	for (i = 0; i < SHARE_PLACES; i++) {
		used[i] = file->places[i].used;
		quanta[i] = file->places[i].quanta;
	}
	for (i = 0; i < SHARE_PLACES; i++)
		sum += is_taken(fd, i) ? used[i] : 0;
	printf("%-10s %5s %7s %-8s %8s %16s %6s\n", "process", "vCPU", "weight", "state",
	       "quanta", "time", "part");
	for (i = 0; i < SHARE_PLACES; i++) {
		const struct share_place *place = &file->places[i];
		__u32 state = place->state;

		if (!is_taken(fd, i) || state == SHARE_FREE || state > SHARE_RUNNING)
			continue;
		printf("%-10u %5u %7u %-8s %8llu %16llu %5.1f%%\n", place->guest, place->vcpu,
		       place->weight, states[state], quanta[i],
		       used[i], sum ? 100.0 * used[i] / sum : 0.0);
	}
}

/** share_main() - "vmrun share": main() with the command as first argument */
int share_main(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = parse_option, .args_doc = "FILE", .doc = doc,
		.children = help_children,
	};
	const struct share_file *file;
	const char *path = NULL;
	struct stat stat;
	int fd;

	argp_err_exit_status = STATUS_USAGE;
	argv[0] = "vmrun share";
	argp_parse(&argp, argc, argv, 0, NULL, &path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &stat)) {
		warn("%s", path);
		return STATUS_HOST;
	}
	file = MAP_FAILED;
	if (S_ISREG(stat.st_mode) && stat.st_size == sizeof(*file))
		file = mmap(NULL, sizeof(*file), PROT_READ, MAP_SHARED, fd, 0);
	if (file == MAP_FAILED || file->magic != SHARE_MAGIC) {
		warnx("%s: no file of --share", path);
		return STATUS_HOST;
	}
	print_places(fd, file);
	if (fflush(stdout) || ferror(stdout)) {
		warn("standard output");
		return STATUS_HOST;
	}
	return 0;
}
