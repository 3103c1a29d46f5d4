// SPDX-License-Identifier: GPL-2.0
/*
 * What vmrun prints of exits for programs: events for Perfetto, an object for each
 * exit, statistics; and the statistics of VMs that run.
 *
 * Breakage it catches: text that is not JSON, a member that docs/trace.md promises
 * and that is not there, two who have a vCPU's processor at once, or nobody, exits
 * that are not counted, options that are taken and do nothing.
 */
#include <signal.h>

#include "json_check.h"
#include "vmrun.h"

#define FILE_NAME	"/tmp/trace_test.json"
#define DEVICE		"--device=" MINIVMX_PATH
#define MAX_FILE	0x40000

FIXTURE(json) {
	char text[MAX_FILE];
	char messages[MAX_OUTPUT];
};

FIXTURE_SETUP(json)
{
	device_need(_metadata, MINIVMX_PATH);
	unlink(FILE_NAME);
}

FIXTURE_TEARDOWN(json)
{
	unlink(FILE_NAME);
}

static void read_file(struct __test_metadata *_metadata, FIXTURE_DATA(json) *self)
{
	FILE *file = fopen(FILE_NAME, "r");
	size_t size;

	ASSERT_NE(NULL, file);
	size = fread(self->text, 1, MAX_FILE - 1, file);
	self->text[size] = '\0';
	fclose(file);
	ASSERT_LT(size, MAX_FILE - 1);
}

static size_t count(const char *text, const char *part)
{
	size_t nr = 0;

	while ((text = strstr(text, part))) {
		text++;
		nr++;
	}
	return nr;
}

/* ------------------------- events ----------------------------------------- */

#define LANES		3	/* guest, kernel, vmrun */
#define MAX_EVENTS	1000
#define SLICE		"{\"ph\":\"X\",\"pid\":1,\"tid\":%u,\"ts\":%lu.%3lu,\"dur\":%lu.%3lu,"

struct slice {
	unsigned int lane;
	unsigned long begin, end;	/* nanoseconds */
};

static int by_time(const void *a, const void *b)
{
	const struct slice *one = a, *other = b;

	if (one->begin != other->begin)
		return one->begin < other->begin ? -1 : 1;
	return one->end < other->end ? -1 : one->end > other->end;
}

/* The slices of a vCPU; each event has a line of its own. */
static size_t slices_of(const char *text, unsigned int vcpu, struct slice *slices)
{
	unsigned long us, ns, dur_us, dur_ns;
	const char *line = text;
	unsigned int tid;
	size_t nr = 0;

	while ((line = strstr(line, "{\"ph\":\"X\"")) && nr < MAX_EVENTS) {
		if (sscanf(line, SLICE, &tid, &us, &ns, &dur_us, &dur_ns) == 5 &&
		    (tid - 1) / LANES == vcpu) {
			slices[nr].lane = (tid - 1) % LANES;
			slices[nr].begin = us * 1000 + ns;
			slices[nr].end = slices[nr].begin + dur_us * 1000 + dur_ns;
			nr++;
		}
		line++;
	}
	return nr;
}

/* At any time one has the processor: from the first slice to the last, no gaps. */
static void expect_partition(struct __test_metadata *_metadata, struct slice *slices,
			     size_t nr)
{
	size_t i;

	qsort(slices, nr, sizeof(*slices), by_time);
	for (i = 1; i < nr; i++) {
		EXPECT_EQ(slices[i - 1].end, slices[i].begin) {
			TH_LOG("slice %zu, lane %u", i, slices[i].lane);
		}
		/* The guest comes from the kernel and goes there; so does vmrun. */
		EXPECT_TRUE(slices[i - 1].lane == 1 || slices[i].lane == 1);
	}
}

TEST_F_TIMEOUT(json, events, TIMEOUT)
{
	const struct guest_run run = {
		.guest = "hello.bin", .options = { "--trace=" FILE_NAME },
		.output = "Hello, world!\n",
	};
	static struct slice slices[MAX_EVENTS];
	size_t nr, lanes[LANES] = { 0 }, i;

	vmrun_expect(_metadata, DEVICE, &run, self->messages);
	read_file(_metadata, self);
	EXPECT_TRUE(json_is_object(self->text));
	EXPECT_EQ(1, count(self->text, "\"schema\":\"minivmx-events-1\""));
	EXPECT_EQ(1, count(self->text, "\"traceEvents\":["));
	EXPECT_EQ(1, count(self->text, "\"name\":\"vCPU 0 guest\""));
	EXPECT_EQ(1, count(self->text, "\"name\":\"vCPU 0 kernel\""));
	EXPECT_EQ(1, count(self->text, "\"name\":\"vCPU 0 vmrun\""));
	EXPECT_EQ(1, count(self->text, "\"name\":\"OUT 0x3f8 <- 0x48 'H'\""));
	EXPECT_EQ(1, count(self->text, "\"name\":\"OUT 0x3f8 <- 0x0a '\\\\n'\""));
	EXPECT_EQ(1, count(self->text, "\"name\":\"HLT\""));

	nr = slices_of(self->text, 0, slices);
	EXPECT_EQ(nr, count(self->text, "\"ph\":\"X\""));
	expect_partition(_metadata, slices, nr);
	for (i = 0; i < nr; i++)
		lanes[slices[i].lane]++;
	/* An exit each; vmrun has it after each OUT. */
	EXPECT_EQ(count(self->text, "\"sequence\":"), lanes[0]);
	EXPECT_EQ(14, lanes[2]);
}

TEST_F_TIMEOUT(json, events_of_two, TIMEOUT)
{
	const struct guest_run run = {
		.guest = "spinlock.bin", .options = { "--cpus=2", "--trace=" FILE_NAME },
		.output = "2000\n",
	};
	static struct slice slices[MAX_EVENTS];
	unsigned int vcpu;
	size_t nr;

	vmrun_expect(_metadata, DEVICE, &run, self->messages);
	read_file(_metadata, self);
	EXPECT_TRUE(json_is_object(self->text));
	EXPECT_EQ(1, count(self->text, "\"name\":\"vCPU 1 guest\""));
	for (vcpu = 0; vcpu < 2; vcpu++) {
		nr = slices_of(self->text, vcpu, slices);
		EXPECT_LT(1, nr);
		expect_partition(_metadata, slices, nr);
	}
}

/* More exits than the ring has room for, all of them in the kernel. */
TEST_F_TIMEOUT(json, ring_is_read_in_time, TIMEOUT)
{
	const struct guest_run run = {
		.guest = "cpuid_loop.bin", .options = { "--trace=" FILE_NAME "l", "--json" },
	};
	unsigned long nr = 0, cpuids = 0;
	char line[2048];
	FILE *file;

	/* Not a name that ends in .json: objects. */
	unlink(FILE_NAME "l");
	vmrun_expect(_metadata, DEVICE, &run, self->messages);
	file = fopen(FILE_NAME "l", "r");
	ASSERT_NE(NULL, file);
	while (fgets(line, sizeof(line), file)) {
		char sequence[40];

		snprintf(sequence, sizeof(sequence), "\"sequence\":%lu,", nr - 1);
		if (nr && !strstr(line, sequence))
			break;
		cpuids += !!strstr(line, "\"name\":\"CPUID\"");
		nr++;
	}
	EXPECT_TRUE(feof(file));
	fclose(file);
	unlink(FILE_NAME "l");
	EXPECT_EQ(10000, cpuids);
}

/* ------------------------- an object for each exit ------------------------ */

static const char *const members[] = {
	"vcpu", "sequence", "reason", "name", "host", "entry_failed", "to_user", "rip",
	"cs_base", "qualification", "linear", "physical", "value", "result", "rcx",
	"interruption_info", "interruption_error", "idt_vectoring_info", "injected",
	"instruction_info", "instruction_length", "entry_tsc", "exit_tsc", "done_tsc",
	"text",
};

TEST_F_TIMEOUT(json, objects, TIMEOUT)
{
	const struct guest_run run = {
		.guest = "hello.bin", .options = { "--json", "--trace" },
		.output = "Hello, world!\n",
	};
	size_t lines = 0, i;
	struct vmrun vmrun;
	char member[40];
	char *line;
	int status;

	ASSERT_EQ(0, vmrun_start(&vmrun, DEVICE, &run));
	read_all(vmrun.output, self->messages);
	ASSERT_EQ(vmrun.pid, waitpid(vmrun.pid, &status, 0));
	ASSERT_EQ(0, status);
	ASSERT_EQ(0, lseek(vmrun.messages, 0, SEEK_SET));
	self->text[read(vmrun.messages, self->text, MAX_FILE - 1)] = '\0';
	close(vmrun.messages);
	for (line = strtok(self->text, "\n"); line; line = strtok(NULL, "\n")) {
		EXPECT_TRUE(json_is_object(line)) {
			TH_LOG("%s", line);
		}
		if (!lines++) {
			EXPECT_EQ(1, count(line, "\"schema\":\"minivmx-trace-1\""));
			continue;
		}
		for (i = 0; i < ARRAY_SIZE(members); i++) {
			snprintf(member, sizeof(member), "\"%s\":", members[i]);
			EXPECT_EQ(1, count(line, member)) {
				TH_LOG("%s in %s", members[i], line);
			}
		}
	}
	EXPECT_LE(16, lines);
}

TEST_F_TIMEOUT(json, of_nothing, TIMEOUT)
{
	const struct guest_run run = {
		.guest = "hello.bin", .options = { "--json" }, .status = STATUS_USAGE,
		.says = "--json: of what? (give --trace or --stat, too)\n",
	};

	vmrun_expect(_metadata, DEVICE, &run, self->messages);
}

/* ------------------------- statistics ------------------------------------- */

TEST_F_TIMEOUT(json, stat, TIMEOUT)
{
	struct guest_run run = {
		.guest = "cpuid_loop.bin", .options = { "--stat" }, .says = "CPUID",
	};
	unsigned long long cpuids = 0, cycles = 0, min = 0, median = 0, p99 = 0, max = 0;
	const char *row;
	int members;

	vmrun_expect(_metadata, DEVICE, &run, self->messages);
	row = strstr(self->messages, "\nCPUID ");
	ASSERT_NE(NULL, row);
	members = sscanf(row, " CPUID %llu %llu %llu %llu %llu %llu", &cpuids, &cycles, &min,
			 &median, &p99, &max);
	EXPECT_EQ(6, members);
	EXPECT_EQ(10000, cpuids);
	EXPECT_LT(0, min);
	EXPECT_LE(min, median);
	EXPECT_LE(median, p99);
	EXPECT_LE(p99, max);
	EXPECT_LE(min * cpuids, cycles);

	run.options[1] = "--json";
	vmrun_expect(_metadata, DEVICE, &run, self->messages);
	EXPECT_TRUE(json_is_object(self->messages));
	EXPECT_EQ(1, count(self->messages, "\"schema\":\"minivmx-stat-1\""));
	EXPECT_EQ(1, count(self->messages, "\"name\":\"CPUID\",\"count\":10000,\"cycles\":"));
}

/* Where standard error takes nothing, only the status can tell. */
TEST_F_TIMEOUT(json, stat_is_not_written, TIMEOUT)
{
	char command[512], guest[256];
	int status;

	guest_path(guest, sizeof(guest), "hello.bin");
	snprintf(command, sizeof(command), "%s " DEVICE " --stat %s >/dev/null 2>/dev/full",
		 environment("VMRUN", "vmrun"), guest);
	status = system(command);
	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_EQ(STATUS_HOST, WEXITSTATUS(status));
}

/* Runs "vmrun stat" with an option, or none; its output is in @text. */
static int run_stat(const char *option, char *text)
{
	const char *program = environment("VMRUN", "vmrun");
	char command[256];
	size_t size;
	FILE *pipe;

	snprintf(command, sizeof(command), "%s stat %s 2>/dev/null", program, option);
	pipe = popen(command, "r");
	if (!pipe)
		return -1;
	size = fread(text, 1, MAX_OUTPUT - 1, pipe);
	text[size] = '\0';
	return pclose(pipe);
}

TEST_F_TIMEOUT(json, stat_live, TIMEOUT)
{
	const struct guest_run run = { .guest = "spin.bin", .options = { "--stat" } };
	struct vmrun vmrun;
	char whose[40];
	int tries = 0;

	if (access("/sys/kernel/debug/minivmx", X_OK))
		SKIP(return, "no debugfs here");
	EXPECT_EQ(0, run_stat("", self->messages));
	EXPECT_STREQ("no virtual machine\n", self->messages);
	ASSERT_EQ(0, vmrun_start(&vmrun, DEVICE, &run));
	/* Its page has to be faulted in, at least. */
	do {
		usleep(10000);
		EXPECT_EQ(0, run_stat("", self->messages));
	} while (!strstr(self->messages, "\nEPT_VIOLATION") && ++tries < 1000);
	snprintf(whose, sizeof(whose), "%d-", vmrun.pid);
	EXPECT_EQ(0, strncmp(self->messages, whose, strlen(whose)));
	EXPECT_NE(NULL, strstr(self->messages, "\nEPT_VIOLATION"));
	EXPECT_EQ(0, run_stat("--json", self->messages));
	EXPECT_TRUE(json_is_object(self->messages));
	EXPECT_EQ(1, count(self->messages, "\"name\":\"EPT_VIOLATION\""));
	kill(vmrun.pid, SIGKILL);
	waitpid(vmrun.pid, NULL, 0);
	close(vmrun.output);
	close(vmrun.messages);
}

TEST_F_TIMEOUT(json, stat_usage, TIMEOUT)
{
	static const char *const wrong[] = {
		"--interval=0", "--interval=", "--interval=-1", "--interval=1x", "thing",
		"--nonsense",
	};
	size_t i;
	int status;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		status = run_stat(wrong[i], self->messages);
		EXPECT_EQ(STATUS_USAGE, WEXITSTATUS(status)) {
			TH_LOG("%s", wrong[i]);
		}
	}
}

/* KVM keeps no records: one line says so, and what to do. */
TEST(not_on_kvm)
{
	static const char *const options[] = { "--trace=" FILE_NAME };

	vmrun_refused_on_kvm(_metadata, options, ARRAY_SIZE(options),
			     "keeps no record of exits (a trace in JSON needs minivmx)");
	unlink(FILE_NAME);
}

TEST_HARNESS_MAIN
