// SPDX-License-Identifier: GPL-2.0
/*
 * The traces of all guests, twice each, against files: selftests/trace/NAME.trace
 * is what "vmrun --trace=t NAME; sed 's/^ *[0-9]* //' t | uniq -c" gives.
 *
 * Breakage it catches: a trace that differs from run to run, one that lacks an
 * exit or has it twice, one that tells of the host, a guest that nobody traces.
 *
 *	MINIVMX_TRACES	a directory: write the files there, and compare nothing
 */
#include <dirent.h>
#include <signal.h>

#include "golden_trace.h"
#include "vmrun.h"

#define TRACE		"/tmp/trace_test.trace"
#define MAX_LINE	1024

/*
 * Ticks come when the host's clock says so: where they meet the guest, and whether
 * it waits for them already, is nobody's to tell. Nor is it whether vCPU 1 gets to
 * its HLT before vCPU 0 ends the run. All else stands.
 */
#define TICKS		"inject interrupt 0x20"
#define CLOCK_TICKS	"inject interrupt 0x40"
#define BIOS_TICKS	"inject interrupt 0x8", " OUT 0x20 <- 0x20"
#define OTHER_VCPU	"vCPU 1 "

GOLDEN(bench);
GOLDEN(boot);
GOLDEN(clock);
GOLDEN(compat);
GOLDEN(compute);
GOLDEN(count);
GOLDEN(cpuid_loop);
GOLDEN(echo);
GOLDEN(echo_irq);
GOLDEN(exitcode);
GOLDEN(hello);
GOLDEN(hypercall);
GOLDEN(keyboard);
GOLDEN(kernel32);
GOLDEN(kernel64);
GOLDEN(long);
GOLDEN(mmio);
GOLDEN(nostack);
GOLDEN(pae);
GOLDEN(pagefault);
GOLDEN(paging32);
GOLDEN(protected);
GOLDEN(pvh);
GOLDEN(selfmod);
GOLDEN(sensitive);
GOLDEN(smp);
GOLDEN(spin);
GOLDEN(spin_cli);
GOLDEN(spinlock);
GOLDEN(storm);
GOLDEN(string);
GOLDEN(syscall);
GOLDEN(sysenter);
GOLDEN(timer);
GOLDEN(touch);
GOLDEN(triplefault);
GOLDEN(undefined);
GOLDEN(weeds);

#define ROW(id, suffix, ...)						\
	{ .run.guest = #id "." #suffix, .name = #id, .golden = golden_##id, \
	  __VA_ARGS__ }

/* @without: lines with one of these are left out; @endless: it has to be stopped. */
static const struct {
	struct guest_run run;
	const char *name;
	const char *golden;
	const char *without[2];
	bool endless;
} rows[] = {
	ROW(bench, bin),
	ROW(boot, bin, .run.input = "a", .without = { BIOS_TICKS }),
	ROW(clock, bin, .without = { CLOCK_TICKS, " HLT" }),
	ROW(compat, bin),
	ROW(compute, bin),
	ROW(count, bin),
	ROW(cpuid_loop, bin),
	ROW(echo, bin, .run.input = "ab\nc"),
	ROW(echo_irq, bin),
	ROW(exitcode, bin),
	ROW(hello, bin),
	ROW(hypercall, bin, .run.options = { "--hypercalls" }),
	ROW(keyboard, bin),
	ROW(kernel32, elf),
	ROW(kernel64, elf),
	ROW(long, bin),
	ROW(mmio, bin),
	ROW(nostack, bin),
	ROW(pae, bin),
	ROW(pagefault, bin),
	ROW(paging32, bin),
	ROW(protected, bin),
	ROW(pvh, elf, .run.options = { "--append=root=none  x", "--mem=2M" }),
	ROW(selfmod, bin),
	ROW(sensitive, bin),
	ROW(smp, bin, .run.options = { "--cpus=2", "--start=register" },
	    .without = { OTHER_VCPU }),
	ROW(spin, bin, .endless = true),
	ROW(spin_cli, bin, .endless = true),
	ROW(spinlock, bin, .run.options = { "--cpus=2" }, .without = { OTHER_VCPU }),
	ROW(storm, bin, .without = { TICKS }),
	ROW(string, bin),
	ROW(syscall, bin),
	ROW(sysenter, bin),
	ROW(timer, bin, .without = { TICKS, " HLT" }),
	ROW(touch, bin, .run.options = { "--mem=16M" }),
	ROW(triplefault, bin),
	ROW(undefined, bin),
	ROW(weeds, bin),
};

/*
 * Its ticks and the bytes of its input meet in another order in each run, and so do all
 * the exits that follow from them: no line stands where it was.
 */
static const char *const by_time[] = { "kernel_irq.elf", "storm_pit.bin" };

FIXTURE(trace) {
};

FIXTURE_SETUP(trace)
{
	device_need(_metadata, MINIVMX_PATH);
}

FIXTURE_TEARDOWN(trace)
{
	unlink(TRACE);
}

static bool left_out(const char *line, const char *const *without)
{
	return (without[0] && strstr(line, without[0])) ||
	       (without[1] && strstr(line, without[1]));
}

/* Lines without their numbers; equal ones become one, with their count. */
static char *folded_trace(struct __test_metadata *_metadata, const char *const *without)
{
	char line[MAX_LINE], before[MAX_LINE] = "", *text = NULL;
	FILE *file = fopen(TRACE, "r"), *out;
	unsigned long count = 0;
	size_t size;

	/* Some traces are empty, but none is missing. */
	ASSERT_NE(NULL, file);
	out = open_memstream(&text, &size);
	while (fgets(line, sizeof(line), file)) {
		char *rest = line + strspn(line, " ");

		rest += strspn(rest, "0123456789");
		rest += *rest == ' ';
		if (left_out(rest, without))
			continue;
		if (count && !strcmp(rest, before)) {
			count++;
			continue;
		}
		if (count)
			fprintf(out, "%7lu %s", count, before);
		strcpy(before, rest);
		count = 1;
	}
	if (count)
		fprintf(out, "%7lu %s", count, before);
	fclose(out);
	fclose(file);
	return text;
}

/* Runs a guest with a trace; one without an end is stopped when it has run a bit. */
static void run_traced(struct __test_metadata *_metadata, size_t row)
{
	struct guest_run run = rows[row].run;
	struct vmrun vmrun;
	char output[MAX_OUTPUT];
	int status, tries;

	run.options[2] = run.options[1];
	run.options[1] = run.options[0];
	run.options[0] = "--trace=" TRACE;
	unlink(TRACE);
	ASSERT_EQ(0, vmrun_start(&vmrun, "--device=" MINIVMX_PATH, &run));
	if (rows[row].endless) {
		for (tries = 0; access(TRACE, F_OK) && tries < 1000; tries++)
			usleep(10000);
		/* A stop makes it read what there is. */
		usleep(300000);
		kill(vmrun.pid, SIGSTOP);
		usleep(10000);
		kill(vmrun.pid, SIGCONT);
		usleep(100000);
		kill(vmrun.pid, SIGTERM);
	}
	read_all(vmrun.output, output);
	close(vmrun.messages);
	ASSERT_EQ(vmrun.pid, waitpid(vmrun.pid, &status, 0));
	ASSERT_EQ(!rows[row].endless, WIFEXITED(status));
}

static void save(struct __test_metadata *_metadata, const char *dir, const char *name,
		 const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.trace", dir, name);
	file = fopen(path, "w");
	ASSERT_NE(NULL, file);
	fputs(text, file);
	ASSERT_EQ(0, fclose(file));
}

/* The first line that is another one. */
static void expect_same(struct __test_metadata *_metadata, const char *name,
			const char *golden, const char *seen)
{
	size_t same = 0, line = 1, i;

	while (golden[same] && golden[same] == seen[same])
		same++;
	EXPECT_STREQ(golden + same, seen + same) {
		for (i = 0; i < same; i++)
			line += golden[i] == '\n';
		while (same && golden[same - 1] != '\n')
			same--;
		TH_LOG("%s.trace:%zu: expected \"%.*s\", seen \"%.*s\"", name, line,
		       (int)strcspn(golden + same, "\n"), golden + same,
		       (int)strcspn(seen + same, "\n"), seen + same);
	}
}

TEST_F_TIMEOUT(trace, golden, TIMEOUT)
{
	const char *dir = getenv("MINIVMX_TRACES");
	/* Where all is slow, the file is what the run is compared with. */
	int times = getenv("MINIVMX_TRACES_ONCE") ? 1 : 2, time;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		for (time = 0; time < times; time++) {
			char *text;

			run_traced(_metadata, i);
			text = folded_trace(_metadata, rows[i].without);
			if (dir)
				save(_metadata, dir, rows[i].name, text);
			else
				expect_same(_metadata, rows[i].name, rows[i].golden, text);
			free(text);
		}
	TH_LOG("%zu guests, runs of each: %d", ARRAY_SIZE(rows), times);
}

static bool is_known(const char *guest)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (!strcmp(rows[i].run.guest, guest))
			return true;
	for (i = 0; i < ARRAY_SIZE(by_time); i++)
		if (!strcmp(by_time[i], guest))
			return true;
	return false;
}

TEST_F_TIMEOUT(trace, no_guest_forgotten, TIMEOUT)
{
	DIR *dir = opendir(environment("GUESTS", "guests"));
	struct dirent *entry;
	size_t found = 0;

	ASSERT_NE(NULL, dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		EXPECT_TRUE(is_known(entry->d_name)) {
			TH_LOG("%s has no golden trace", entry->d_name);
		}
		found++;
	}
	closedir(dir);
	EXPECT_EQ(ARRAY_SIZE(rows) + ARRAY_SIZE(by_time), found);
}

TEST_HARNESS_MAIN
