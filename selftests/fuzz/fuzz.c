// SPDX-License-Identifier: GPL-2.0
/*
 * Runs fuzzers, and says in TAP what came of it.
 *
 *	fuzz [OPTION...] [FUZZER...]
 *
 * Iteration i of a fuzzer has the seed SEED + i. A failure is printed with its
 * seed: "fuzz FUZZER --seed=THAT --count=1" repeats it. MINIVMX_FUZZ in the
 * environment is a percentage of the usual number of iterations.
 *
 * Iterations run in children: what dies is known by its seed. After each child
 * the kernel's log is looked at.
 */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

/* Guards against a hang and decides nothing else: emulated clocks run fast. */
#define HANG	600

static const struct fuzzer * const fuzzers[] = {
	&fuzz_ioctl, &fuzz_runpage, &fuzz_guest, &fuzz_mmio,
};

#define NR_FUZZERS	(sizeof(fuzzers) / sizeof(fuzzers[0]))

/* What children tell their parent. */
static struct shared {
	uint64_t seed;			/* running now */
	uint64_t reached[MAX_REACHED];
	bool failed;
	char why[400];
} *shared;

static struct {
	uint64_t seed, count;
	unsigned int percent;		/* of each fuzzer's own count */
	long seconds;
	unsigned int chosen;		/* a bit for each fuzzer */
} options = { .seed = 1, .percent = 100 };

static int kernel_log = -1;

/* ------------------------- random numbers -------------------------------- */

void rng_fill(struct rng *rng, void *to, size_t size)
{
	uint8_t *bytes = to;

	while (size--)
		*bytes++ = rng_u64(rng) >> 40;
}

uint64_t rng_edge(struct rng *rng)
{
	static const uint64_t edges[] = {
		0, 1, 2, 3, 7, 8, 0x7f, 0x80, 0xff, 0x100, 0xfff, 0x1000, 0x1001, 0x7fff,
		0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
		0x7fffffffefff, 0x7fffffffffff, 0x800000000000, 0xffff800000000000,
		0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffff000,
		0xfffffffffffffffe, 0xffffffffffffffff,
	};

	switch (rng_below(rng, 4)) {
	case 0:
		return rng_u64(rng);
	case 1:
		return 1ULL << rng_below(rng, 64);
	case 2:
		return rng_below(rng, 64);
	default:
		return RNG_OF(rng, edges);
	}
}

void rng_mutate(struct rng *rng, void *at, size_t size)
{
	size_t width = 1ULL << rng_below(rng, 4);
	uint8_t *bytes = at;
	uint64_t value;

	if (width > size || rng_below(rng, 3) == 0) {
		bytes[rng_below(rng, size)] ^= 1 << rng_below(rng, 8);
		return;
	}
	value = rng_edge(rng);
	memcpy(bytes + rng_below(rng, size / width) * width, &value, width);
}

/* ------------------------- children -------------------------------------- */

/* The first failure of a child is the one that counts. */
void fuzz_fail(const char *format, ...)
{
	va_list args;

	if (!__atomic_exchange_n(&shared->failed, true, __ATOMIC_SEQ_CST)) {
		va_start(args, format);
		vsnprintf(shared->why, sizeof(shared->why), format, args);
		va_end(args);
	}
	_exit(1);
}

void fuzz_reach(unsigned int which)
{
	__atomic_add_fetch(&shared->reached[which], 1, __ATOMIC_RELAXED);
}

static void child(const struct fuzzer *fuzzer, uint64_t seed, uint64_t n)
{
	sigset_t none;
	uint64_t i;

	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	coverage_start(0);
	if (fuzzer->begin)
		fuzzer->begin();
	for (i = 0; i < n; i++) {
		struct rng rng = { seed + i };

		shared->seed = seed + i;
		fuzzer->once(&rng, seed + i);
	}
	_exit(0);
}

static void fail(const char *why)
{
	if (!shared->failed)
		snprintf(shared->why, sizeof(shared->why), "%s", why);
	shared->failed = true;
}

/* A child that hangs is killed, if it can be. */
static void wait_for(pid_t pid)
{
	const struct timespec hang = { .tv_sec = HANG };
	char why[100];
	sigset_t set;
	int status;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	while (waitpid(pid, &status, WNOHANG) != pid) {
		if (sigtimedwait(&set, NULL, &hang) >= 0 || errno != EAGAIN)
			continue;
		fail("hangs");
		kill(-pid, SIGKILL);
		if (sigtimedwait(&set, NULL, &hang) < 0 && errno == EAGAIN) {
			fail("hangs, and cannot be killed");
			return;
		}
	}
	/* What the child has left behind. */
	kill(-pid, SIGKILL);
	if (status && !shared->failed) {
		snprintf(why, sizeof(why), "the process ended with wait status %#x", status);
		fail(why);
	}
}

/* ------------------------- the kernel's log ------------------------------ */

static void open_kernel_log(void)
{
	kernel_log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kernel_log >= 0)
		lseek(kernel_log, 0, SEEK_END);
}

/* As run.sh has them, mostly. */
static void look_for_splats(void)
{
	static const char * const splats[] = {
		"WARNING:", "BUG:", "UBSAN:", "kernel BUG", "Oops", "general protection",
		"soft lockup", "blocked for more than", "INVEPT failed",
	};
	char line[1200], why[400], *text;
	ssize_t n;
	size_t i;

	while (kernel_log >= 0) {
		n = read(kernel_log, line, sizeof(line) - 1);
		/* EPIPE: some lines were lost. */
		if (n < 0 && errno == EPIPE)
			continue;
		if (n <= 0)
			return;
		line[n] = '\0';
		line[strcspn(line, "\n")] = '\0';
		text = strchr(line, ';') ?: line;
		for (i = 0; i < sizeof(splats) / sizeof(splats[0]); i++)
			if (strstr(text, splats[i])) {
				snprintf(why, sizeof(why), "kernel log: %.300s", text + 1);
				fail(why);
			}
	}
}

/* ------------------------- one fuzzer ------------------------------------ */

static double seconds_since(const struct timespec *from)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - from->tv_sec + (now.tv_nsec - from->tv_nsec) / 1e9;
}

static void summary(const struct fuzzer *fuzzer, uint64_t done, bool coverage)
{
	unsigned int i;

	printf("# %s: %llu iterations, seeds %llu to %llu", fuzzer->name,
	       (unsigned long long)done, (unsigned long long)options.seed,
	       (unsigned long long)(options.seed + done - 1));
	if (coverage)
		printf(", %u distinct basic blocks", coverage_blocks());
	printf("\n# %s:", fuzzer->name);
	for (i = 0; fuzzer->reached[i]; i++)
		printf("%s %s %llu", i ? "," : "", fuzzer->reached[i],
		       (unsigned long long)shared->reached[i]);
	printf("\n");
}

/* Now and then: whoever has to look for the seed of a panic knows where. */
static void progress(const struct fuzzer *fuzzer, uint64_t done)
{
	static unsigned int children;

	if (++children % 256 == 0)
		printf("# %s: %llu iterations so far\n", fuzzer->name,
		       (unsigned long long)done);
}

/* Returns the number of failures, of two. */
static int run_fuzzer(const struct fuzzer *fuzzer, unsigned int *tests, bool coverage)
{
	uint64_t count = options.count ?: options.seconds ? UINT64_MAX :
		(uint64_t)fuzzer->count * options.percent / 100;
	const char *missed = NULL;
	struct timespec from;
	uint64_t done, n;
	unsigned int i;
	pid_t pid;

	memset(shared, 0, sizeof(*shared));
	coverage_forget();
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (done = 0; done < count && !shared->failed; done += n) {
		if (options.seconds && seconds_since(&from) >= options.seconds)
			break;
		n = count - done < fuzzer->chunk ? count - done : fuzzer->chunk;
		progress(fuzzer, done);
		fflush(stdout);
		pid = fork();
		if (pid < 0)
			fail("fork");
		else if (!pid)
			child(fuzzer, options.seed + done, n);
		else
			wait_for(pid);
		coverage_collect();
		look_for_splats();
	}
	if (!done)
		fail("nothing ran");
	summary(fuzzer, done, coverage);
	if (shared->failed) {
		printf("# seed %llu: %s\n", (unsigned long long)shared->seed, shared->why);
		printf("# to repeat it: fuzz %s --seed=%llu --count=1\n", fuzzer->name,
		       (unsigned long long)shared->seed);
	}
	printf("%sok %u - fuzz %s: %s\n", shared->failed ? "not " : "", ++*tests,
	       fuzzer->name, fuzzer->what);

	for (i = 0; fuzzer->reached[i]; i++)
		if (!shared->reached[i])
			missed = fuzzer->reached[i];
	if (done < fuzzer->count && missed) {
		printf("ok %u - fuzz %s: goes everywhere # SKIP only %llu iterations\n",
		       ++*tests, fuzzer->name, (unsigned long long)done);
		return shared->failed;
	}
	printf("%sok %u - fuzz %s: goes everywhere%s%s\n", missed ? "not " : "", ++*tests,
	       fuzzer->name, missed ? " # never reached: " : "", missed ?: "");
	return shared->failed + !!missed;
}

/* ------------------------- options --------------------------------------- */

static error_t parse(int key, char *value, struct argp_state *state)
{
	unsigned int i;

	switch (key) {
	case 's':
		options.seed = strtoull(value, NULL, 0);
		return 0;
	case 'n':
		options.count = strtoull(value, NULL, 0);
		return 0;
	case 't':
		options.seconds = strtol(value, NULL, 0);
		return 0;
	case ARGP_KEY_ARG:
		for (i = 0; i < NR_FUZZERS && strcmp(value, fuzzers[i]->name); i++)
			;
		if (i == NR_FUZZERS)
			argp_error(state, "%s: no such fuzzer", value);
		options.chosen |= 1 << i;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option argp_options[] = {
	{ "seed", 's', "N", 0, "seed of the first iteration (1)", 0 },
	{ "count", 'n', "N", 0, "iterations of each fuzzer", 0 },
	{ "seconds", 't', "N", 0, "or as many as end in that time", 0 },
	{ 0 }
};

static const struct argp argp = {
	argp_options, parse, "[ioctl] [runpage] [guest] [mmio]",
	"Throws random input at " FUZZ_DEVICE ".", NULL, NULL, NULL,
};

int main(int argc, char **argv)
{
	unsigned int i, tests = 0;
	int failures = 0;
	bool coverage;
	sigset_t set;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (getenv("MINIVMX_FUZZ"))
		options.percent = strtoul(getenv("MINIVMX_FUZZ"), NULL, 0);
	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	if (!options.chosen)
		options.chosen = (1 << NR_FUZZERS) - 1;
	printf("TAP version 13\n1..%d\n", 2 * __builtin_popcount(options.chosen));
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED || access(FUZZ_DEVICE, R_OK | W_OK)) {
		perror(FUZZ_DEVICE);
		return 1;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	open_kernel_log();
	coverage = coverage_open();
	for (i = 0; i < NR_FUZZERS; i++)
		if (options.chosen >> i & 1)
			failures += run_fuzzer(fuzzers[i], &tests, coverage);
	return failures != 0;
}
