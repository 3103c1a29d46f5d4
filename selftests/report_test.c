// SPDX-License-Identifier: GPL-2.0
/*
 * vmrun --report: what is in the page, as text. What the page does with it is
 * looked at in a browser, by report_page_test.sh.
 *
 * Breakage it catches: an exit that is missing or there twice, an instruction that
 * is another one's, a page that is not whole, a system call for it that the sandbox
 * refuses, a report on a hypervisor that keeps no records.
 */
#include "minivmx.h"
#include "vmrun.h"

#define REPORT		"/tmp/report.html"
#define OPTION		"--report=" REPORT
#define MAX_PAGE	0x40000

FIXTURE(report) {
	char page[MAX_PAGE];
};

FIXTURE_SETUP(report)
{
	device_need(_metadata, MINIVMX_PATH);
	unlink(REPORT);
}

FIXTURE_TEARDOWN(report)
{
	unlink(REPORT);
}

/* The page that vmrun has written. */
static void make_page(struct __test_metadata *_metadata, FIXTURE_DATA(report) *self,
		      const struct guest_run *run)
{
	char messages[MAX_OUTPUT];
	FILE *file;

	vmrun_expect(_metadata, "--device=" MINIVMX_PATH, run, messages);
	file = fopen(REPORT, "r");
	ASSERT_NE(NULL, file);
	self->page[fread(self->page, 1, MAX_PAGE - 1, file)] = '\0';
	fclose(file);
	EXPECT_EQ(0, strncmp(self->page, "<!DOCTYPE html>\n", 16));
	EXPECT_NE(NULL, strstr(self->page, "</html>\n"));
}

/* How many values of a column are @value. */
static unsigned int count(FIXTURE_DATA(report) *self, const char *column, unsigned long value)
{
	const char *at = strstr(self->page, column);
	unsigned int nr = 0;
	char *end;

	if (!at)
		return 0;
	at += strlen(column);
	for (;;) {
		nr += strtoul(at, &end, 10) == value && end != at;
		if (*end != ',')
			return nr;
		at = end + 1;
	}
}

TEST_F_TIMEOUT(report, hello, TIMEOUT)
{
	static const struct guest_run run = {
		.guest = "hello.bin", .options = { OPTION, "--sandbox=on" },
		.output = "Hello, world!\n",
	};

	make_page(_metadata, self, &run);
	EXPECT_EQ(14, count(self, "\"reason\":[", 30));
	EXPECT_EQ(1, count(self, "\"reason\":[", 12));
	EXPECT_EQ(1, count(self, "\"reason\":[", 48));
	EXPECT_EQ(14, count(self, "\"user_exit\":[", MINIVMX_EXIT_IO));
	EXPECT_EQ(1, count(self, "\"user_exit\":[", MINIVMX_EXIT_HLT));
	/* OUT of a byte to 0x3f8, by DX. */
	EXPECT_EQ(14, count(self, "\"qualification\":[", 0x3f80000));
	EXPECT_NE(NULL, strstr(self->page, "[\"ee\",\"out dx, al\"]"));
	EXPECT_NE(NULL, strstr(self->page, "[\"f4\",\"hlt\"]"));
	EXPECT_NE(NULL, strstr(self->page, "hello.bin\""));
}

/* In 64-bit mode, where instructions are found through the guest's page tables. */
TEST_F_TIMEOUT(report, kernel, TIMEOUT)
{
	static const struct guest_run run = {
		.guest = "kernel64.elf", .options = { OPTION }, .output = "64-bit kernel\n",
	};

	make_page(_metadata, self, &run);
	/* For each byte, is the port ready, and the byte; at last, the exit status. */
	EXPECT_EQ(29, count(self, "\"reason\":[", 30));
	EXPECT_EQ(1, count(self, "\"reason\":[", 32));
	EXPECT_NE(NULL, strstr(self->page, "[\"0f 30\",\"wrmsr\"]"));
	EXPECT_NE(NULL, strstr(self->page, "[\"ec\",\"in al, dx\"]"));
	EXPECT_NE(NULL, strstr(self->page, "[\"e6 f4\",\"out 0xf4, al\"]"));
}

TEST_F_TIMEOUT(report, two_vcpus, TIMEOUT)
{
	static const struct guest_run run = {
		.guest = "spinlock.bin", .options = { OPTION, "--cpus=2" }, .output = "2000\n",
	};

	make_page(_metadata, self, &run);
	EXPECT_EQ(2, count(self, "\"reason\":[", 12));
	EXPECT_LE(6, count(self, "\"cpu\":[", 0));
	EXPECT_LE(1, count(self, "\"cpu\":[", 1));
}

/* A guest that ends badly has a report, too; and a trace beside it. */
TEST_F_TIMEOUT(report, triple_fault, TIMEOUT)
{
	static const struct guest_run run = {
		.guest = "triplefault.bin", .options = { OPTION, "--trace" },
		.says = "triple fault", .status = STATUS_TRIPLE_FAULT,
	};

	make_page(_metadata, self, &run);
	EXPECT_EQ(1, count(self, "\"reason\":[", 2));
	EXPECT_EQ(1, count(self, "\"user_exit\":[", MINIVMX_EXIT_SHUTDOWN));
}

TEST_F_TIMEOUT(report, cannot_be_written, TIMEOUT)
{
	static const struct guest_run nowhere = {
		.guest = "hello.bin", .options = { "--report=/nowhere/page" },
		.status = STATUS_HOST,
		.says = "--report=/nowhere/page: No such file or directory\n",
	};
	static const struct guest_run full = {
		.guest = "hello.bin", .options = { "--report=/dev/full" },
		.status = STATUS_HOST, .says = "--report=/dev/full: No space left on device\n",
	};
	char messages[MAX_OUTPUT];

	vmrun_expect(_metadata, "--device=" MINIVMX_PATH, &nowhere, messages);
	vmrun_expect(_metadata, "--device=" MINIVMX_PATH, &full, messages);
}

TEST(not_on_kvm)
{
	static const struct guest_run run = {
		.guest = "hello.bin", .options = { OPTION }, .status = STATUS_HOST,
		.says = "vmrun: --report: /dev/kvm keeps no record of exits\n",
	};
	char messages[MAX_OUTPUT];

	device_need(_metadata, KVM_PATH);
	vmrun_expect(_metadata, "--device=" KVM_PATH, &run, messages);
	EXPECT_EQ(-1, access(REPORT, F_OK));
}

TEST_HARNESS_MAIN
