// SPDX-License-Identifier: GPL-2.0
/*
 * vmrun caps: what VT-x can do, what minivmx uses of it, and why a machine is
 * refused. Most of it needs no VT-x: the values of the MSRs are recorded ones.
 *
 * Breakage it catches: a bit that is decoded wrongly, a control or a reason that
 * is not printed, a verdict that is not insmod's, a recording that is believed
 * although a part of it is missing, a status that is not the documented one.
 */
#include <fcntl.h>
#include <stdio.h>

#include "../userspace/exit_status.h"
#include "devices_open.h"
#include "minivmx.h"
#include "vmx_controls.h"

#define MAX_OUTPUT	65536
#define RECORDING	"/tmp/caps_test.json"
#define MSR_DEVICE	"/dev/cpu/0/msr"

/* What Bochs's corei7_skylake_x says. */
static const struct recorded {
	const char *name, *value;
} recorded[] = {
	{ "IA32_FEATURE_CONTROL", "0x5" },
	{ "IA32_VMX_BASIC", "0xd810000000002b" },
	{ "IA32_VMX_MISC", "0x600401e0" },
	{ "IA32_VMX_EPT_VPID_CAP", "0xf0106334141" },
	{ "IA32_VMX_TRUE_PINBASED_CTLS", "0x7f00000016" },
	{ "IA32_VMX_TRUE_PROCBASED_CTLS", "0xf7f9fffe04006172" },
	{ "IA32_VMX_PROCBASED_CTLS2", "0x2177fff00000000" },
	{ "IA32_VMX_TRUE_EXIT_CTLS", "0x7fffff00036dfb" },
	{ "IA32_VMX_TRUE_ENTRY_CTLS", "0xffff000011fb" },
	{ "IA32_VMX_CR0_FIXED0", "0x80000021" },
	{ "IA32_VMX_CR0_FIXED1", "0xffffffff" },
	{ "IA32_VMX_CR4_FIXED0", "0x2000" },
	{ "IA32_VMX_CR4_FIXED1", "0x3727ff" },
};

/* That, with one value changed; without one, if the value is NULL. */
static void record(struct __test_metadata *_metadata, const char *cpuid,
		   const struct recorded *change)
{
	FILE *file = fopen(RECORDING, "w");
	const char *comma = "";
	size_t i;

	ASSERT_NE(NULL, file);
	fprintf(file, "{ \"cpuid\": %s, \"msrs\": {", cpuid);
	for (i = 0; i < ARRAY_SIZE(recorded); i++) {
		const char *value = recorded[i].value;

		if (change && !strcmp(change->name, recorded[i].name))
			value = change->value;
		if (!value)
			continue;
		fprintf(file, "%s\n\"%s\": \"%s\"", comma, recorded[i].name, value);
		comma = ",";
	}
	fputs("} }\n", file);
	ASSERT_EQ(0, fclose(file));
}

/* Runs vmrun caps; what it says on both of its outputs comes back. */
static int run_caps(struct __test_metadata *_metadata, const char *arguments, char *output)
{
	const char *vmrun = getenv("VMRUN") ?: "vmrun";
	char command[256];
	size_t length;
	FILE *pipe;
	int status;

	snprintf(command, sizeof(command), "%s caps %s 2>&1", vmrun, arguments);
	pipe = popen(command, "r");
	ASSERT_NE(NULL, pipe);
	length = fread(output, 1, MAX_OUTPUT - 1, pipe);
	output[length] = '\0';
	status = pclose(pipe);
	ASSERT_TRUE(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void expect_text(struct __test_metadata *_metadata, const char *output,
			const char *text)
{
	EXPECT_NE(NULL, strstr(output, text)) {
		TH_LOG("\"%s\" is not in\n%s", text, output);
	}
}

/* ------------------------- recorded machines ------------------------------- */

#define VMX	"{ \"vmx\": true, \"perfmon\": 2 }"

static const struct {
	const char *cpuid;
	struct recorded change;
	int status;
	const char *says;
} machines[] = {
	{ VMX, { "" }, 0, "Verdict: minivmx can run here\n" },
	{ "{ \"vmx\": false, \"perfmon\": 0 }", { "" }, STATUS_REFUSED,
	  "this processor has no VT-x" },
	{ VMX, { "IA32_FEATURE_CONTROL", "0x1" }, STATUS_REFUSED, "off in the firmware" },
	{ VMX, { "IA32_FEATURE_CONTROL", "0x4" }, STATUS_REFUSED, "off in the firmware" },
	{ VMX, { "IA32_VMX_PROCBASED_CTLS2", "0x2177ffd00000000" }, STATUS_REFUSED,
	  "no EPT (missing: enable EPT)" },
	{ VMX, { "IA32_VMX_PROCBASED_CTLS2", "0x2177f7f00000000" }, STATUS_REFUSED,
	  "no unrestricted guest (missing: unrestricted guest)" },
	{ VMX, { "IA32_VMX_TRUE_PROCBASED_CTLS", "0x77f9fffe04006172" }, STATUS_REFUSED,
	  "no EPT (missing: activate secondary controls)" },
	{ VMX, { "IA32_VMX_EPT_VPID_CAP", "0xf0104334141" }, STATUS_REFUSED,
	  "no EPT (missing: single-context INVEPT)" },
	{ VMX, { "IA32_VMX_TRUE_PINBASED_CTLS", "0x7700000016" }, STATUS_REFUSED,
	  "cannot do what minivmx needs (missing: NMI exiting)" },
	{ VMX, { "IA32_VMX_TRUE_EXIT_CTLS", "0x7fffff0003edfb" }, STATUS_REFUSED,
	  "(missing: acknowledge interrupt on exit)" },
	{ VMX, { "IA32_VMX_TRUE_PINBASED_CTLS", "0x3f00000016" }, 0,
	  "    6  0       0        optional   activate VMX-preemption timer" },

	/* Recordings that are none. */
	{ "null", { "" }, STATUS_LOAD, "cpuid.vmx or cpuid.perfmon is not there" },
	{ VMX, { "IA32_VMX_MISC", NULL }, STATUS_LOAD,
	  "msrs.IA32_VMX_MISC: not a string of a hexadecimal number\n" },
	{ VMX, { "IA32_VMX_MISC", "" }, STATUS_LOAD, "msrs.IA32_VMX_MISC: not" },
	{ VMX, { "IA32_VMX_MISC", "0x1g" }, STATUS_LOAD, "msrs.IA32_VMX_MISC: not" },
	{ VMX, { "IA32_VMX_MISC", "0x10000000000000000" }, STATUS_LOAD, "IA32_VMX_MISC: not" },
	/* Without the TRUE MSRs, it is others that have to be there. */
	{ VMX, { "IA32_VMX_BASIC", "0x5810000000002b" }, STATUS_LOAD,
	  "msrs.IA32_VMX_PINBASED_CTLS: not" },
	{ "", { "" }, STATUS_LOAD, RECORDING ":1: " },
};

TEST(recorded_machines)
{
	static char output[MAX_OUTPUT];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(machines); i++) {
		record(_metadata, machines[i].cpuid, &machines[i].change);
		EXPECT_EQ(machines[i].status,
			  run_caps(_metadata, "--from=" RECORDING, output)) {
			TH_LOG("row %zu", i);
		}
		expect_text(_metadata, output, machines[i].says);
	}
	unlink(RECORDING);
}

/* Bit by bit, as the SDM has it, in both forms. */
static const char *const decoded[] = {
	"IA32_VMX_BASIC (480H) = 0x00d810000000002b\n",
	"VMCS revision identifier: 0x2b\n",
	"bytes of a VMCS or VMXON region: 4096\n",
	"memory type of VMX structures: 6 (write-back)\n",
	"  24:16             CR3-target values: 4\n",
	"recommended most MSRs in a list: 512\n",
	"IA32_VMX_TRUE_PROCBASED_CTLS (48EH) = 0xf7f9fffe04006172, written: 0xb5986dfa\n",
	"    2  0 1     0        switched   interrupt-window exiting\n",
	"    3  0 1     1        required   NMI exiting\n",
	"   15  0 1     0        forbidden  acknowledge interrupt on exit\n",
	"   15  0       0        optional   enable ENCLS exiting\n",
	"  without a name here, must be 1: 1 2 4\n",
	"  must be 1: PE NE PG\n",
	"  must be 1: VMXE\n",
};

static const char *const decoded_json[] = {
	"\"usable\": true",
	"\"IA32_VMX_TRUE_PROCBASED_CTLS\": \"0xf7f9fffe04006172\"",
	"\"primary\": \"0xb5986dfa\"",
	"      \"word\": \"pin\",\n      \"bit\": 3,\n      \"name\": \"NMI exiting\",\n"
	"      \"may_be_0\": true,\n      \"may_be_1\": true,\n      \"written\": true,\n"
	"      \"wish\": \"required\",",
	"      \"name\": \"process posted interrupts\",\n      \"may_be_0\": true,\n"
	"      \"may_be_1\": false,\n      \"written\": false,\n      \"wish\": \"unused\",",
	"      \"high\": 24,\n      \"low\": 16,\n      \"name\": \"CR3-target values\",\n"
	"      \"value\": \"0x4\",",
};

static const struct {
	const char *name, *why;
} controls[] = {
#define C(word, bit, name, need, sdm_name, why)	{ sdm_name, why },
	VMX_CONTROLS(C)
#undef C
#define E(bit, name, need, what, why)		{ what, why },
	VMX_EPT_CAPABILITIES(E)
#undef E
};

TEST(each_bit)
{
	static char text[MAX_OUTPUT], json[MAX_OUTPUT];
	size_t i;

	record(_metadata, VMX, NULL);
	ASSERT_EQ(0, run_caps(_metadata, "--from=" RECORDING, text));
	ASSERT_EQ(0, run_caps(_metadata, "--json --from=" RECORDING, json));
	unlink(RECORDING);
	for (i = 0; i < ARRAY_SIZE(decoded); i++)
		expect_text(_metadata, text, decoded[i]);
	for (i = 0; i < ARRAY_SIZE(decoded_json); i++)
		expect_text(_metadata, json, decoded_json[i]);
	for (i = 0; i < ARRAY_SIZE(controls); i++) {
		expect_text(_metadata, text, controls[i].name);
		expect_text(_metadata, text, controls[i].why);
		expect_text(_metadata, json, controls[i].name);
		expect_text(_metadata, json, controls[i].why);
	}
}

/* What it prints, it can read: with the same result. */
TEST(its_own_json)
{
	static char first[MAX_OUTPUT], again[MAX_OUTPUT];
	FILE *file;

	record(_metadata, VMX, NULL);
	ASSERT_EQ(0, run_caps(_metadata, "--json --from=" RECORDING, first));
	file = fopen(RECORDING, "w");
	ASSERT_NE(NULL, file);
	fputs(first, file);
	ASSERT_EQ(0, fclose(file));
	ASSERT_EQ(0, run_caps(_metadata, "--json --from=" RECORDING, again));
	EXPECT_STREQ(first, again);
	unlink(RECORDING);
}

TEST(command_line)
{
	static char output[MAX_OUTPUT];

	EXPECT_EQ(STATUS_USAGE, run_caps(_metadata, "hello.bin", output));
	expect_text(_metadata, output, "hello.bin: caps takes no file\n");
	EXPECT_EQ(STATUS_USAGE, run_caps(_metadata, "--jason", output));
	EXPECT_EQ(STATUS_LOAD, run_caps(_metadata, "--from=/no/such/file", output));
	expect_text(_metadata, output, "/no/such/file: No such file or directory");
	EXPECT_EQ(0, run_caps(_metadata, "--help", output));
	expect_text(_metadata, output, "248  minivmx cannot run here");
}

/* ------------------------- this machine ------------------------------------ */

static void need(struct __test_metadata *_metadata, const char *path)
{
	if (access(path, R_OK))
		SKIP(longjmp(_metadata->env, 1), "%s: %s", path, strerror(errno));
}

/* "NAME": "0x..."; not all MSRs are there on all processors. */
static bool value_of(const char *json, const char *name, __u64 *value)
{
	const char *at;
	char key[64];

	snprintf(key, sizeof(key), "\"%s\": \"0x", name);
	at = strstr(json, key);
	if (at)
		*value = strtoull(at + strlen(key), NULL, 16);
	return at;
}

static const struct {
	__u32 number;
	const char *name;
} msrs[] = {
#define M(name, number, sdm_name)	{ number, sdm_name },
	VMX_MSRS(M)
#undef M
};

/* What the kernel's own driver reads from the MSRs. */
TEST(as_rdmsr)
{
	static char json[MAX_OUTPUT];
	int fd, seen = 0;
	__u64 value, said;
	size_t i;

	device_need(_metadata, MINIVMX_PATH);
	need(_metadata, MSR_DEVICE);
	ASSERT_EQ(0, run_caps(_metadata, "--json", json));
	expect_text(_metadata, json, "\"source\": \"" MINIVMX_PATH "\"");
	fd = open(MSR_DEVICE, O_RDONLY);
	ASSERT_LE(0, fd);
	for (i = 0; i < ARRAY_SIZE(msrs); i++) {
		if (!value_of(json, msrs[i].name, &said))
			continue;
		ASSERT_EQ(sizeof(value), pread(fd, &value, sizeof(value), msrs[i].number));
		EXPECT_EQ(value, said) {
			TH_LOG("%s", msrs[i].name);
		}
		seen++;
	}
	close(fd);
	EXPECT_LE(ARRAY_SIZE(recorded), seen);
}

/* The module and vmrun judge alike: what one writes, the other would write. */
TEST(without_the_module)
{
	static char with[MAX_OUTPUT], without[MAX_OUTPUT];
	const char *rest_with, *rest_without;

	device_need(_metadata, MINIVMX_PATH);
	need(_metadata, MSR_DEVICE);
	ASSERT_EQ(0, run_caps(_metadata, "--json", with));
	ASSERT_EQ(0, run_caps(_metadata, "--json --device=/dev/no-such", without));
	expect_text(_metadata, without, "\"source\": \"" MSR_DEVICE "\"");
	expect_text(_metadata, without, "/dev/no-such: No such file or directory");
	rest_with = strstr(with, "\"verdict\"");
	rest_without = strstr(without, "\"verdict\"");
	ASSERT_NE(NULL, rest_with);
	ASSERT_NE(NULL, rest_without);
	EXPECT_STREQ(rest_with, rest_without);
}

/* Nobody but root reads MSRs: then there is one line, and no guess. */
TEST(without_rights)
{
	static char output[MAX_OUTPUT];

	device_need(_metadata, MINIVMX_PATH);
	need(_metadata, MSR_DEVICE);
	ASSERT_EQ(0, setresuid(NOBODY, NOBODY, NOBODY));
	EXPECT_EQ(STATUS_HOST, run_caps(_metadata, "--device=/dev/no-such", output));
	EXPECT_STREQ("vmrun: " MSR_DEVICE
		     ": Permission denied (there is VT-x: insmod minivmx.ko, or be root and modprobe msr)\n",
		     output);
}

TEST(not_minivmx)
{
	static char output[MAX_OUTPUT];

	device_need(_metadata, KVM_PATH);
	EXPECT_EQ(STATUS_HOST, run_caps(_metadata, "--device=" KVM_PATH, output));
	EXPECT_STREQ("vmrun: /dev/kvm: keeps its capabilities to itself (caps needs minivmx)\n",
		     output);
}

TEST_HARNESS_MAIN
