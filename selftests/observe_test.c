// SPDX-License-Identifier: GPL-2.0
/*
 * How long exits take, and what root sees of them: debugfs and tracepoints.
 *
 * Breakage it catches: a median that no exit took, a time without an exit, a table
 * without a row, a file that outlives its vCPU, an event that does not come, or that
 * comes when it is off.
 */
#include <dirent.h>
#include <stdio.h>

#include "devices.h"
#include "traced_guest.h"

FIXTURE(observe) {
	struct vm vm;
	struct minivmx_run *run;
	int vcpu;
};

FIXTURE_SETUP(observe)
{
	device_need(_metadata, MINIVMX_PATH);
	ASSERT_EQ(0, vm_open(&self->vm, MINIVMX_PATH));
	self->run = self->vm.run;
	self->vcpu = self->vm.vcpu;
}

FIXTURE_TEARDOWN(observe)
{
	vm_close(&self->vm);
}

/* ------------------------- times ------------------------------------------ */

TEST_F_TIMEOUT(observe, times, TIMEOUT)
{
	struct minivmx_exit_times times;
	struct minivmx_exit_stats stats;
	int i;

	memset(&times, 0xff, sizeof(times));
	ASSERT_EQ(0, vm_ioctl_p(self->vcpu, MINIVMX_GET_EXIT_TIMES, &times));
	for (i = 0; i < MINIVMX_NR_EXIT_REASONS; i++)
		EXPECT_EQ(0, times.max[i]);
	ASSERT_EQ(0, vm_ioctl(self->vcpu, MINIVMX_TIME_EXITS, 1));
	ASSERT_EQ(0, vm_load(&self->vm, CODE(many)));
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(0, vm_ioctl_p(self->vcpu, MINIVMX_GET_EXIT_TIMES, &times));
	ASSERT_EQ(0, vm_ioctl_p(self->vcpu, MINIVMX_GET_EXIT_STATS, &stats));
	for (i = 0; i < MINIVMX_NR_EXIT_REASONS; i++) {
		EXPECT_LE(times.min[i], times.median[i]);
		EXPECT_LE(times.median[i], times.p99[i]);
		EXPECT_LE(times.p99[i], times.max[i]);
		EXPECT_EQ(!stats.cycles[i], !times.max[i]);
		EXPECT_LE(times.max[i], stats.cycles[i]);
	}
	EXPECT_EQ(LOOPS, stats.count[CPUID]);
	EXPECT_LT(0, times.min[CPUID]);
	/* All are alike; an eighth is what an interval may add. */
	EXPECT_GE(times.min[CPUID] * LOOPS * 9 / 8 + times.max[CPUID] * LOOPS / 2,
		  stats.cycles[CPUID]);
	EXPECT_LE(times.min[CPUID] * LOOPS, stats.cycles[CPUID]);
}

#define TSS_AVAILABLE	9
#define GUEST_STATE	33	/* basic exit reason of an entry that fails for it */

/* A failed entry is no exit: it has neither count nor time. */
TEST_F_TIMEOUT(observe, no_exit_no_time, TIMEOUT)
{
	struct minivmx_exit_stats stats;
	struct minivmx_sregs sregs;
	int i;

	ASSERT_EQ(0, vm_load(&self->vm, CODE(many)));
	ASSERT_EQ(0, vm_get_sregs(self->vcpu, &sregs));
	sregs.tr.type = TSS_AVAILABLE;
	ASSERT_EQ(0, vm_set_sregs(self->vcpu, &sregs));
	ASSERT_EQ(0, vm_ioctl(self->vcpu, MINIVMX_TIME_EXITS, 1));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, vm_run(self->vcpu));
		ASSERT_EQ(MINIVMX_EXIT_FAIL_ENTRY, self->run->exit_reason);
	}
	ASSERT_EQ(0, vm_ioctl_p(self->vcpu, MINIVMX_GET_EXIT_STATS, &stats));
	EXPECT_EQ(0, stats.count[GUEST_STATE]);
	EXPECT_EQ(0, stats.cycles[GUEST_STATE]);
}

/* ------------------------- debugfs ---------------------------------------- */

#define DEBUGFS	"/sys/kernel/debug/minivmx"

/* The file of a VM of this process; false if there is none. */
static bool find_file(char *path, size_t size, const char *name)
{
	struct dirent *entry;
	char prefix[32];
	DIR *dir = opendir(DEBUGFS);
	bool found = false;

	snprintf(prefix, sizeof(prefix), "%d-", getpid());
	while (dir && !found && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, prefix, strlen(prefix)))
			continue;
		snprintf(path, size, DEBUGFS "/%s/%s", entry->d_name, name);
		found = !access(path, R_OK);
	}
	if (dir)
		closedir(dir);
	return found;
}

TEST_F_TIMEOUT(observe, debugfs, TIMEOUT)
{
	unsigned long long count = 0, cycles, min, median, p99, max;
	char path[512], line[256];
	unsigned int reason;
	FILE *file;

	if (access(DEBUGFS, X_OK))
		SKIP(return, "no debugfs here");
	EXPECT_TRUE(find_file(path, sizeof(path), "vcpu0"));
	EXPECT_FALSE(find_file(line, sizeof(line), "vcpu1"));
	ASSERT_EQ(0, vm_ioctl(self->vcpu, MINIVMX_TIME_EXITS, 1));
	ASSERT_EQ(0, vm_load(&self->vm, CODE(many)));
	ASSERT_EQ(0, vm_run(self->vcpu));
	file = fopen(path, "r");
	ASSERT_NE(NULL, file);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%u CPUID %llu %llu %llu %llu %llu %llu", &reason, &count,
			   &cycles, &min, &median, &p99, &max) == 7)
			break;
	fclose(file);
	EXPECT_EQ(LOOPS, count);
	EXPECT_EQ(CPUID, reason);
	EXPECT_LE(min * LOOPS, cycles);
	EXPECT_LE(median, max);
	vm_close(&self->vm);
	EXPECT_NE(0, access(path, F_OK));
}

/* ------------------------- tracepoints ------------------------------------ */

#define TRACEFS		"/sys/kernel/tracing"
#define EVENTS		TRACEFS "/events/minivmx/"

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC);
	bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return good;
}

/* How many lines of the trace have both texts. */
static int lines_with(const char *one, const char *other)
{
	FILE *file = fopen(TRACEFS "/trace", "r");
	char line[512];
	int nr = 0;

	while (file && fgets(line, sizeof(line), file))
		nr += strstr(line, one) && strstr(line, other);
	if (file)
		fclose(file);
	return nr;
}

/* #GP, whose handler is at address 0x500. */
GUEST_CODE(16, raises,
	   "movw	$0x500, 13 * 4\n"
	   "movb	$0xf4, 0x500\n"
	   "mov	$0x12345678, %ecx\n"
	   "rdmsr\n");

TEST_F_TIMEOUT(observe, tracepoints, TIMEOUT)
{
	if (access(EVENTS "enable", W_OK))
		SKIP(return, "no tracefs here");
	ASSERT_TRUE(write_text(TRACEFS "/trace", "\n"));
	ASSERT_TRUE(write_text(EVENTS "enable", "1"));
	ASSERT_EQ(0, tell_story(&self->vm));
	ASSERT_EQ(0, vm_load(&self->vm, CODE(raises)));
	ASSERT_EQ(0, vm_run(self->vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->run->exit_reason);
	ASSERT_TRUE(write_text(EVENTS "enable", "0"));

	EXPECT_LE(STORY_EXITS, lines_with("vm_entry:", "rip 0x10"));
	EXPECT_EQ(1, lines_with("vm_exit:", "reason CPUID "));
	EXPECT_EQ(2, lines_with("vm_exit:", "reason MSR_READ "));
	EXPECT_EQ(1, lines_with("ept_fault:", "gpa 0x3000 write: mapped"));
	/* Once more if its delivery met a page that was not there. */
	EXPECT_LE(1, lines_with("inject:", "exception vector 0xd "));

	/* Off: nothing is added. */
	ASSERT_TRUE(write_text(TRACEFS "/trace", "\n"));
	ASSERT_EQ(0, tell_story(&self->vm));
	EXPECT_EQ(0, lines_with("vm_", "vcpu"));
}

TEST_HARNESS_MAIN
