// SPDX-License-Identifier: GPL-2.0
/*
 * vmrun's view of VM entry and of the VMCS, with the module as it usually is: the
 * report of an entry that failed, entries that are checked before, --dump-vmcs; and
 * that no VMCS is broken for anybody without lab=1.
 *
 * vmrun cannot put a guest into a state that the processor refuses; so its files are
 * linked, and called, with a vCPU that is.
 *
 * Breakage it catches: a rule or a register that the report leaves out, KVM's run page
 * read as if it were minivmx's, a bad entry that is made all the same, a good one that
 * is not, fields in the wrong group or width, a change that a diff does not show, a
 * value of the host's that an ordinary user sees, a sandbox that has no way to look.
 */
#include <sys/ioctl.h>

#include <entry_rules.h>
#include <vmcs_fields.h>

#include "../userspace/crash.h"
#include "../userspace/entry_report.h"
#include "../userspace/lab.h"
#include "devices_open.h"
#include "vmrun.h"

#define MAX_DUMP	32768
#define TSS_AVAILABLE	9
#define FAILED_STATE	0x80000021

/* ------------------------- a vCPU in a bad state --------------------------- */

DEVICE_FIXTURE(bad) {
	struct options opt;
	struct vm vm;
	struct vcpu vcpu;
	struct crash crash;
	char said[MAX_OUTPUT];
	int messages, stderr_copy;
};

DEVICE_FIXTURE_SETUP(bad)
{
	const struct start start = { .mode = START_REAL, .entry = 0x1000 };
	struct minivmx_sregs sregs;

	self->opt = (struct options) {
		.file = "bad", .device = variant->path, .mem_size = 0x10000, .cpus = 1,
	};
	self->vm = (struct vm) VM_INIT;
	ASSERT_EQ(0, vm_create(&self->vm, &self->opt));
	EXPECT_EQ(variant->minivmx, self->vm.minivmx);
	ASSERT_EQ(0, vcpu_create(&self->vcpu, &self->vm, 0));
	ASSERT_EQ(0, vcpu_set_start(&self->vcpu, &self->vm, &start));
	ASSERT_EQ(0, ioctl(self->vcpu.fd, MINIVMX_GET_SREGS, &sregs));
	sregs.tr.type = TSS_AVAILABLE;
	self->crash = (struct crash) {
		.vm = &self->vm, .vcpus = &self->vcpu, .opt = &self->opt,
	};
	ASSERT_EQ(0, ioctl(self->vcpu.fd, MINIVMX_SET_SREGS, &sregs));
}

FIXTURE_TEARDOWN(bad)
{
	vcpu_destroy(&self->vcpu);
	vm_destroy(&self->vm);
}

/* What goes to standard error between the two is in said[]. */
static void listen_to_stderr(struct __test_metadata *_metadata, FIXTURE_DATA(bad) *self)
{
	self->messages = scratch_file();
	self->stderr_copy = dup(2);
	ASSERT_LE(0, self->messages);
	ASSERT_EQ(2, dup2(self->messages, 2));
}

static void heard(struct __test_metadata *_metadata, FIXTURE_DATA(bad) *self)
{
	ASSERT_EQ(2, dup2(self->stderr_copy, 2));
	close(self->stderr_copy);
	ASSERT_EQ(0, lseek(self->messages, 0, SEEK_SET));
	read_all(self->messages, self->said);
}

static void expect_said(struct __test_metadata *_metadata, FIXTURE_DATA(bad) *self,
			const char *text)
{
	EXPECT_NE(NULL, strstr(self->said, text)) {
		TH_LOG("\"%s\" is not in\n%s", text, self->said);
	}
}

#define RULE								\
	"  GUEST_TR_TYPE: SDM Vol. 3C, 27.3.1.2 Checks on Guest Segment Registers\n" \
	"    Guest TR access rights (GUEST_TR_ACCESS_RIGHTS): 0x00000089"
#define REST								\
	"  type 9 (TSS, available), DPL 0, P\n"				\
	"    must hold: the guest's TR is a busy TSS: type 11, or 3 outside of IA-32e mode\n" \
	"    to mend:   0x8b: "

TEST_DEVICE(bad, run)
{
	const struct minivmx_run *run = self->vcpu.run;
	int status;

	/* As an MMIO exit might have left it. */
	self->vcpu.run->fail_entry.nr_broken = 1;
	ASSERT_EQ(0, ioctl(self->vcpu.fd, MINIVMX_RUN, 0));
	ASSERT_EQ(MINIVMX_EXIT_FAIL_ENTRY, run->exit_reason);
	EXPECT_EQ(FAILED_STATE, run->fail_entry.hardware_entry_failure_reason);
	listen_to_stderr(_metadata, self);
	status = crash_exit(&self->crash, &self->vcpu);
	heard(_metadata, self);
	EXPECT_EQ(STATUS_ENTRY, status);
	expect_said(_metadata, self, ": bad: VM entry refused: the guest state is invalid ");
	expect_said(_metadata, self, "\n  tr  0000  base 00000000  limit 0000ffff  type 9 ");
	if (!variant->minivmx) {
		expect_said(_metadata, self,
			    "(exit reason 0x80000021, qualification unknown), at 0000:1000\n  instruction: ");
		return;
	}
	expect_said(_metadata, self,
		    "(exit reason 0x80000021, qualification 0), at 0000:1000\n" RULE);
	expect_said(_metadata, self, REST);
	EXPECT_EQ(0, run->fail_entry.qualification);
	ASSERT_EQ(1, run->fail_entry.nr_broken);
	EXPECT_EQ(ENTRY_RULE_GUEST_TR_TYPE, run->fail_entry.broken[0].rule);
	EXPECT_EQ(VMCS_GUEST_TR_ACCESS_RIGHTS, run->fail_entry.broken[0].field);
	EXPECT_EQ(0x80 | TSS_AVAILABLE, run->fail_entry.broken[0].value);
}

TEST_DEVICE(bad, check)
{
	struct minivmx_sregs sregs;
	int status;

	if (!variant->minivmx)
		SKIP(return, "an extension of minivmx");
	self->vcpu.run->exit_reason = MINIVMX_EXIT_UNKNOWN;
	listen_to_stderr(_metadata, self);
	status = lab_check(&self->crash, &self->vcpu);
	heard(_metadata, self);
	EXPECT_EQ(STATUS_ENTRY, status);
	expect_said(_metadata, self,
		    ": bad: VM entry not made: it breaks 1 rule, at 0000:1000\n" RULE);
	expect_said(_metadata, self, REST);
	expect_said(_metadata, self, "\n  tr  0000  base 00000000  limit 0000ffff  type 9 ");
	EXPECT_EQ(MINIVMX_EXIT_UNKNOWN, self->vcpu.run->exit_reason);

	ASSERT_EQ(0, ioctl(self->vcpu.fd, MINIVMX_GET_SREGS, &sregs));
	sregs.tr.type = TSS_AVAILABLE | 2;
	ASSERT_EQ(0, ioctl(self->vcpu.fd, MINIVMX_SET_SREGS, &sregs));
	EXPECT_EQ(0, lab_check(&self->crash, &self->vcpu));
}

/* Those who may see a value of the host's see it; 0 may be hidden, or not. */
TEST_DEVICE(bad, host_values)
{
	struct minivmx_broken_rule broken = {
		.rule = ENTRY_RULE_HOST_SELECTORS, .field = VMCS_HOST_DS_SELECTOR, .value = 3,
	};

	listen_to_stderr(_metadata, self);
	entry_report_rules(&broken, 1, 1, false);
	broken.value = 0;
	entry_report_rules(&broken, 1, 1, false);
	heard(_metadata, self);
	expect_said(_metadata, self, "(HOST_DS_SELECTOR): 0x0003\n");
	expect_said(_metadata, self,
		    "(HOST_DS_SELECTOR): 0, or its value is only for root, with --sandbox=off\n");
}

/* ------------------------- vmrun ------------------------------------------- */

FIXTURE(vmcs) {
	char text[MAX_DUMP];
};

FIXTURE_SETUP(vmcs)
{
	device_need(_metadata, MINIVMX_PATH);
}

FIXTURE_TEARDOWN(vmcs)
{
}

static const struct guest_run runs[] = {
	{ .guest = "hello.bin", .options = { "--check-entry" }, .output = "Hello, world!\n" },
	{ .guest = "spinlock.bin", .options = { "--check-entry", "--cpus=2" },
	  .output = "2000\n" },
	{ .guest = "timer.bin", .options = { "--check-entry" }, .contains = "" },
	{ .guest = "triplefault.bin", .options = { "--check-entry", "--dump-vmcs=diff" },
	  .status = STATUS_TRIPLE_FAULT, .says = "\nVMCS of vCPU 0, what the run changed\n" },
};

/* One line each. */
static const struct guest_run refused[] = {
	{ .guest = "hello.bin", .options = { "--set-vmcs=GUEST_RFLAGS=2" },
	  .status = STATUS_HOST,
	  .says = MINIVMX_PATH ": --set-vmcs needs root and minivmx.ko loaded with lab=1\n" },
	{ .guest = "hello.bin", .options = { "--set-vmcs=RFLAGS=2" }, .status = STATUS_USAGE,
	  .says = "--set-vmcs=RFLAGS=2: no such field (near it: GUEST_RFLAGS, " },
	{ .guest = "hello.bin", .options = { "--set-vmcs=0x6821=2" }, .status = STATUS_USAGE,
	  .says = "--set-vmcs=0x6821=2: no field has that encoding\n" },
	{ .guest = "hello.bin", .options = { "--set-vmcs=GUEST_RFLAGS" },
	  .status = STATUS_USAGE, .says = "--set-vmcs=GUEST_RFLAGS: not FIELD=VALUE " },
	{ .guest = "hello.bin", .options = { "--set-vmcs=GUEST_RFLAGS=2x" },
	  .status = STATUS_USAGE, .says = "--set-vmcs=GUEST_RFLAGS=2x: not FIELD=VALUE " },
	{ .guest = "hello.bin", .options = { "--set-vmcs=VPID=0x10000" },
	  .status = STATUS_USAGE, .says = "--set-vmcs=VPID=0x10000: the field has 16 bits\n" },
	{ .guest = "hello.bin", .options = { "--set-vmcs=EXIT_REASON=0" },
	  .status = STATUS_USAGE, .says = "--set-vmcs=EXIT_REASON=0: the field is read-only\n" },
	{ .guest = "hello.bin", .options = { "--set-vmcs=HOST_RSP=0" },
	  .status = STATUS_USAGE, .says = "--set-vmcs=HOST_RSP=0: the entry itself sets it" },
	{ .guest = "hello.bin", .options = { "--set-vmcs=VPID=1", "--dump-vmcs=diff" },
	  .status = STATUS_USAGE, .says = "there is no run to look at after" },
	{ .guest = "hello.bin", .options = { "--set-vmcs=VPID=1", "--trace" },
	  .status = STATUS_USAGE, .says = "there is no run for --trace, --stat, " },
	{ .guest = "hello.bin", .options = { "--set-vmcs=VPID=1", "--stat" },
	  .status = STATUS_USAGE, .says = "there is no run for --trace, --stat, " },
	{ .guest = "hello.bin", .options = { "--set-vmcs=VPID=1", "--report=/nowhere/page" },
	  .status = STATUS_USAGE, .says = "there is no run for --trace, --stat, " },
	{ .guest = "hello.bin", .options = { "--set-vmcs=VPID=1", "--ept" },
	  .status = STATUS_USAGE, .says = "there is no run for --trace, --stat, " },
	{ .guest = "hello.bin", .options = { "--dump-vmcs=now" }, .status = STATUS_USAGE,
	  .says = "--dump-vmcs=now: unknown (use before, after or diff)\n" },
};

static void expect_runs(struct __test_metadata *_metadata, uid_t uid)
{
	char messages[MAX_OUTPUT];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(runs); i++) {
		struct guest_run run = runs[i];

		run.options[2] = "--sandbox=on";
		if (!run.options[1])
			run.options[1] = "--check-entry";
		run.uid = uid;
		vmrun_expect(_metadata, "--device=" MINIVMX_PATH, &run, messages);
	}
	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		struct guest_run run = refused[i];

		run.uid = uid;
		vmrun_expect(_metadata, "--device=" MINIVMX_PATH, &run, messages);
		EXPECT_EQ(messages + strlen(messages) - 1, strchr(messages, '\n')) {
			TH_LOG("%s: more than one line: %s", run.options[0], messages);
		}
	}
}

TEST_F_TIMEOUT(vmcs, vmrun, TIMEOUT)
{
	mode_t mode;

	mode = device_mode(_metadata, MINIVMX_PATH, 0666);
	expect_runs(_metadata, 0);
	expect_runs(_metadata, NOBODY);
	device_mode(_metadata, MINIVMX_PATH, mode);
}

TEST(vmrun_on_kvm)
{
	static const char *const options[] = {
		"--check-entry", "--set-vmcs=VPID=1", "--dump-vmcs", "--dump-vmcs=diff",
	};

	vmrun_refused_on_kvm(_metadata, options, ARRAY_SIZE(options),
			     "shows no VMCS (--*-vmcs and --check-entry need minivmx)");
}

/* ------------------------- --dump-vmcs ------------------------------------- */

static void dump(struct __test_metadata *_metadata, const char *option, const char *sandbox,
		 uid_t uid, char *text)
{
	struct guest_run run = {
		.guest = "hello.bin", .options = { option, sandbox }, .uid = uid,
	};
	char output[MAX_OUTPUT];
	size_t length = 0;
	struct vmrun vmrun;
	int status;
	ssize_t n;

	ASSERT_EQ(0, vmrun_start(&vmrun, "--device=" MINIVMX_PATH, &run));
	read_all(vmrun.output, output);
	EXPECT_STREQ("Hello, world!\n", output);
	ASSERT_EQ(vmrun.pid, waitpid(vmrun.pid, &status, 0));
	EXPECT_EQ(0, status);
	ASSERT_EQ(0, lseek(vmrun.messages, 0, SEEK_SET));
	while ((n = read(vmrun.messages, text + length, MAX_DUMP - 1 - length)) > 0)
		length += n;
	text[length] = '\0';
	close(vmrun.messages);
}

/* They come in this order. */
static void expect_lines(struct __test_metadata *_metadata, const char *text,
			 const char *const *lines, size_t nr)
{
	const char *at = text;
	size_t i;

	for (i = 0; i < nr; i++) {
		const char *found = strstr(at, lines[i]);

		EXPECT_NE(NULL, found) {
			TH_LOG("\"%s\" is not there, or not in its place, in\n%s", lines[i],
			       text);
		}
		at = found ?: at;
	}
}

static void expect_not(struct __test_metadata *_metadata, const char *text, const char *what)
{
	EXPECT_EQ(NULL, strstr(text, what)) {
		TH_LOG("\"%s\" is in\n%s", what, text);
	}
}

#define HIDDEN		"\nhost state and addresses: "
#define FOR_ROOT	HIDDEN "only for root; after a run, with --sandbox=off\n"
#define IN_SANDBOX	HIDDEN "hidden in the sandbox (use --sandbox=off)\n"

/* Where the values begin. */
#define LABEL(encoding, name)	"\n  " encoding "  " name

TEST_F_TIMEOUT(vmcs, dump_before, TIMEOUT)
{
	static const char *const lines[] = {
		"VMCS of vCPU 0, before its first entry\n", "Control fields\n",
		LABEL("201a", "EPT pointer   "), "memory type 6, page-walk length 4",
		LABEL("4000", "Pin-based VM-execution controls   "), "NMI exiting, ",
		"\nVM-exit information fields\n",
		"\nGuest-state area\n",
		LABEL("0802", "Guest CS selector"), "  0x0000\n",
		LABEL("4816", "Guest CS access rights"),
		"  0x0000009b  type 11 (code, execute/read, accessed), DPL 0, S, P\n",
		LABEL("4826", "Guest activity state"), "  0x00000000  active\n",
		LABEL("6820", "Guest RFLAGS"), "  0x0000000000000002  fixed 1\n",
		"\nHost-state area\n",
		LABEL("0c02", "Host CS selector"), "  0x0010\n",
		LABEL("6c04", "Host CR4"), "VMXE, ",
	};

	dump(_metadata, "--dump-vmcs", "--sandbox=on", 0, self->text);
	expect_lines(_metadata, self->text, lines, ARRAY_SIZE(lines));
	expect_not(_metadata, self->text, HIDDEN);
}

/* Nothing of the host's for others, and after the run not even for root in the sandbox. */
TEST_F_TIMEOUT(vmcs, dump_hidden, TIMEOUT)
{
	mode_t mode;
	int i;

	mode = device_mode(_metadata, MINIVMX_PATH, 0666);
	for (i = 0; i < 2; i++) {
		dump(_metadata, i ? "--dump-vmcs=after" : "--dump-vmcs=before",
		     "--sandbox=on", i ? 0 : NOBODY, self->text);
		EXPECT_NE(NULL, strstr(self->text, i ? IN_SANDBOX : FOR_ROOT));
		EXPECT_NE(NULL, strstr(self->text, LABEL("6820", "Guest RFLAGS")));
		expect_not(_metadata, self->text, "Host-state area");
		expect_not(_metadata, self->text, "Host CS selector");
		expect_not(_metadata, self->text, "EPT pointer");
		expect_not(_metadata, self->text, "VMCS link pointer");
	}
	dump(_metadata, "--dump-vmcs=after", "--sandbox=off", 0, self->text);
	EXPECT_NE(NULL, strstr(self->text, "Host-state area"));
	device_mode(_metadata, MINIVMX_PATH, mode);
}

TEST_F_TIMEOUT(vmcs, dump_diff, TIMEOUT)
{
	static const char *const lines[] = {
		"VMCS of vCPU 0, what the run changed\n",
		LABEL("4402", "Exit reason"), "  0x00000000 -> 0x0000000c  12 HLT\n",
		LABEL("681e", "Guest RIP"), "  0x0000000000001000 -> 0x000000000000100f\n",
	};
	int i;

	for (i = 0; i < 2; i++) {
		dump(_metadata, "--dump-vmcs=diff", i ? "--sandbox=off" : "--sandbox=on", 0,
		     self->text);
		expect_lines(_metadata, self->text, lines, ARRAY_SIZE(lines));
		EXPECT_EQ(!i, !!strstr(self->text, IN_SANDBOX));
		/* What did not change, and what only hiding changed. */
		expect_not(_metadata, self->text, "Guest CR4");
		expect_not(_metadata, self->text, "Host CS selector");
		expect_not(_metadata, self->text, "EPT pointer");
	}
}

TEST_HARNESS_MAIN
