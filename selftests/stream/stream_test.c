// SPDX-License-Identifier: GPL-2.0
/*
 * Random programs, each run on KVM and on minivmx from the same state: the
 * exits, the registers and the memory afterwards have to be the same.
 *
 *	stream_test [--streams=N] [--seed=N] [--only=SEED] [--modes=0,1,...]
 *		    [--devices=ORACLE,TESTED] [--print=DIFFERENCES] [--show]
 *
 * The first stream has the seed --seed, the next ones those that follow. A
 * difference is printed with its seed: --only=SEED repeats it. The environment
 * may say MINIVMX_STREAMS instead of --streams.
 *
 * A child runs a chunk of them: if it dies, the seed is known.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "stream.h"

#define CHUNK		2500
#define NR_REASONS	32

/* What children tell their parent. */
static struct shared {
	uint64_t seed;			/* running now */
	unsigned int run[NR_MODES];
	unsigned int same[NR_MODES];
	unsigned int failed[NR_MODES];
	unsigned int endless[NR_MODES];	/* KVM itself does not end */
	unsigned int limited[NR_MODES];	/* too many exits to be compared to the end */
	unsigned int unsteady[NR_MODES]; /* KVM's own results differ */
	unsigned int untried;		/* endless, with IF = 0: KVM might not come back */
	unsigned int documented[32];
	uint64_t reasons[NR_REASONS];
	uint64_t vectors[32];
	unsigned int printed;
	char broken[200];
} *shared;

static const char *paths[2] = { "/dev/kvm", "/dev/minivmx" };
static uint64_t first_seed = 1, streams = 100000;
static unsigned int modes = (1 << NR_MODES) - 1;
static unsigned int max_printed = 40;
static bool show;

static void tick(int signal)
{
	(void)signal;		/* that MINIVMX_RUN returns is all */
}

/* So that no run lasts for ever. It decides nothing but that. */
static void set_timer(int microseconds)
{
	struct sigaction action = { .sa_handler = tick };
	struct itimerval period = { { 0, microseconds }, { 0, microseconds } };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &period, NULL);
}

static void count(const struct result *r)
{
	unsigned int i;

	for (i = 0; i < r->nr_records; i++) {
		const struct record *record = &r->records[i];

		shared->reasons[record->what % NR_REASONS]++;
		if (record->what == MINIVMX_EXIT_HLT && record->where < 32)
			shared->vectors[record->where]++;
	}
}

/* Judges a difference. */
static void differ(struct device *devices, const struct stream *s,
		   const struct result *a, const struct result *b,
		   const struct difference *d)
{
	static struct difference again;
	static struct result repeated;
	unsigned int i;

	for (i = 0; i < nr_documented; i++) {
		if (documented[i].matches(s, a, b, d)) {
			shared->documented[i]++;
			return;
		}
	}
	/* Only what KVM does each time is worth to be compared with. */
	device_run(&devices[0], s, &repeated);
	if (results_differ(s, &devices[0], &devices[0], a, &repeated, &again)) {
		shared->unsteady[s->mode]++;
	} else {
		shared->failed[s->mode]++;
		if (shared->printed++ < max_printed) {
			stream_print(s);
			difference_print(&devices[0], &devices[1], a, b, d);
		}
	}
	free(repeated.pages);
}

/* Runs a stream on the oracle, and compares: @b is what the other one did. */
static void judge(struct device *devices, const struct stream *s, const struct result *b)
{
	static struct difference d;
	static struct result a;

	shared->run[s->mode]++;
	if (show)
		stream_print(s);
	/* In an emulator, KVM might never come back: see the lab's page on IF=0. */
	if (b->ending == ENDED_TIME && !(b->regs.rflags & 0x200)) {
		shared->untried++;
		return;
	}
	device_run(&devices[0], s, &a);
	if (show) {
		result_print(devices[0].path, &a);
		result_print(devices[1].path, b);
	}
	count(&a);
	if (a.ending == ENDED_TIME)
		shared->endless[s->mode]++;
	else if (results_differ(s, &devices[0], &devices[1], &a, b, &d))
		differ(devices, s, &a, b, &d);
	else if (a.ending == ENDED_LIMIT || b->ending == ENDED_LIMIT)
		shared->limited[s->mode]++;
	else
		shared->same[s->mode]++;
	free(a.pages);
}

static void open_device(struct device *d, const char *path, struct minivmx_cpuid2 *cpuid)
{
	const char *what = device_open(d, path, cpuid);

	if (!what)
		return;
	snprintf(shared->broken, sizeof(shared->broken), "%s: %s: %s", path, what,
		 strerror(errno));
	exit(1);
}

/*
 * All of a chunk runs on the tested device first: that one can end any guest.
 */
static void run_chunk(uint64_t seed, uint64_t n)
{
	struct minivmx_cpuid2 *cpuid = device_cpuid(paths[0], paths[1]);
	struct result *results = calloc(n, sizeof(*results));
	static struct device devices[2];
	static struct stream stream;
	uint64_t i;
	int which;

	if (!cpuid && seed == first_seed)
		printf("# no common CPUID: %s\n", strerror(errno));
	for (which = 1; which >= 0; which--) {
		open_device(&devices[which], paths[which], cpuid);
		set_timer(20000);
		for (i = 0; i < n; i++) {
			shared->seed = seed + i;
			stream_generate(&stream, seed + i, &devices[1].reset);
			if (!(modes >> stream.mode & 1))
				continue;
			if (which)
				device_run(&devices[1], &stream, &results[i]);
			else
				judge(devices, &stream, &results[i]);
			if (!which)
				free(results[i].pages);
		}
		set_timer(0);
		device_close(&devices[which]);
	}
	fflush(stdout);
	_exit(0);
}

/* ------------------------- the parent ------------------------------------ */

static void options(int argc, char **argv)
{
	static char devices[200];
	char *comma;
	int i;

	if (getenv("MINIVMX_STREAMS"))
		streams = strtoull(getenv("MINIVMX_STREAMS"), NULL, 0);
	for (i = 1; i < argc; i++) {
		char *value = strchr(argv[i], '=');

		value = value ? value + 1 : argv[i] + strlen(argv[i]);
		if (!strncmp(argv[i], "--streams=", 10)) {
			streams = strtoull(value, NULL, 0);
		} else if (!strncmp(argv[i], "--seed=", 7)) {
			first_seed = strtoull(value, NULL, 0);
		} else if (!strncmp(argv[i], "--only=", 7)) {
			first_seed = strtoull(value, NULL, 0);
			streams = 1;
		} else if (!strncmp(argv[i], "--modes=", 8)) {
			for (modes = 0; *value; value += *value == ',')
				modes |= 1 << strtoul(value, &value, 0);
		} else if (!strncmp(argv[i], "--devices=", 10) && strchr(value, ',')) {
			snprintf(devices, sizeof(devices), "%s", value);
			comma = strchr(devices, ',');
			*comma = 0;
			paths[0] = devices;
			paths[1] = comma + 1;
		} else if (!strncmp(argv[i], "--print=", 8)) {
			max_printed = strtoul(value, NULL, 0);
		} else if (!strcmp(argv[i], "--show")) {
			show = true;
		} else {
			fprintf(stderr, "%s: unknown; see the head of the source\n", argv[i]);
			exit(2);
		}
	}
}

static void summary(double seconds)
{
	static const char * const reasons[NR_REASONS] = {
		[MINIVMX_EXIT_IO] = "IO items", [MINIVMX_EXIT_HLT] = "HLT",
		[MINIVMX_EXIT_MMIO] = "MMIO", [MINIVMX_EXIT_SHUTDOWN] = "SHUTDOWN",
		[MINIVMX_EXIT_FAIL_ENTRY] = "FAIL_ENTRY", [MINIVMX_EXIT_SET_TPR] = "SET_TPR",
		[MINIVMX_EXIT_INTERNAL_ERROR] = "INTERNAL_ERROR",
	};
	uint64_t total = 0;
	unsigned int i;

	printf("# %-18s %8s %8s %8s %8s %8s %8s\n", "mode", "streams", "same", "failed",
	       "limited", "endless", "unsteady");
	for (i = 0; i < NR_MODES; i++) {
		total += shared->run[i];
		printf("# %-18s %8u %8u %8u %8u %8u %8u\n", mode_names[i], shared->run[i],
		       shared->same[i], shared->failed[i], shared->limited[i],
		       shared->endless[i], shared->unsteady[i]);
	}
	printf("# exits:");
	for (i = 0; i < NR_REASONS; i++)
		if (shared->reasons[i])
			printf(" %s(%u) %llu", reasons[i] ? reasons[i] : "?", i,
			       (unsigned long long)shared->reasons[i]);
	printf("\n# exceptions:");
	for (i = 0; i < 32; i++)
		if (shared->vectors[i])
			printf(" #%u %llu", i, (unsigned long long)shared->vectors[i]);
	printf("\n");
	for (i = 0; i < nr_documented; i++)
		printf("# documented: %u %s: %s\n", shared->documented[i], documented[i].name,
		       documented[i].why);
	printf("# not run on the oracle, because they do not end on the tested device: %u\n",
	       shared->untried);
	printf("# %llu streams, %.0f seconds of this machine's clock\n",
	       (unsigned long long)total, seconds);
}

/* Without KVM there is nothing to compare with. Returns the status, or -1. */
static int need_oracle(void)
{
	const char *why = getenv("MINIVMX_SKIP_KVM"), *require = getenv("MINIVMX_REQUIRE_KVM");

	if (!why && !access(paths[0], R_OK | W_OK))
		return -1;
	if (!why && require && !strcmp(require, "1")) {
		printf("1..1\nnot ok 1 - streams # %s: %s\n", paths[0], strerror(errno));
		return 1;
	}
	printf("1..1\nok 1 - streams # SKIP %s: %s\n", paths[0], why ? why : strerror(errno));
	return 0;
}

int main(int argc, char **argv)
{
	struct timespec from, to;
	int status, failures;
	uint64_t done = 0, n;
	unsigned int i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	options(argc, argv);
	printf("TAP version 13\n");
	status = need_oracle();
	if (status >= 0)
		return status;
	printf("1..%d\n", NR_MODES + 1);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (; done < streams && !shared->broken[0]; done += n) {
		n = streams - done < CHUNK ? streams - done : CHUNK;
		if (!fork())
			run_chunk(first_seed + done, n);
		wait(&status);
		if (status && !shared->broken[0])
			snprintf(shared->broken, sizeof(shared->broken),
				 "wait status %x in the stream of seed %llu", status,
				 (unsigned long long)shared->seed);
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	summary(to.tv_sec - from.tv_sec + (to.tv_nsec - from.tv_nsec) / 1e9);
	printf("%sok 1 - every stream was run%s%s\n", shared->broken[0] ? "not " : "",
	       shared->broken[0] ? " # " : "", shared->broken);
	failures = shared->broken[0] != 0;
	for (i = 0; i < NR_MODES; i++) {
		/* Half of them at least have to be comparable to the end. */
		bool ok = !shared->failed[i] && shared->same[i] >= shared->run[i] / 2 &&
			  (shared->run[i] || streams < 100);

		failures += !ok;
		printf("%sok %u - streams: %s\n", ok ? "" : "not ", i + 2, mode_names[i]);
	}
	return failures != 0;
}
