// SPDX-License-Identifier: GPL-2.0
/*
 * The classic mistakes of whoever writes a hypervisor, one after the other: vmrun
 * --set-vmcs makes each, the processor refuses it, and vmrun has to name the rule of
 * the SDM and the field. Needs minivmx.ko loaded with lab=1.
 *
 * Breakage it catches: a rule that is not checked, or named after another one; a field
 * that is named wrongly; a wrong status; an operator that is not applied; a check of
 * privileges that is not made.
 */
#include <sched.h>

#include <entry_rules.h>
#include <vmcs_fields.h>

#include "devices_open.h"
#include "minivmx.h"
#include "vmrun.h"

#define SET		"--set-vmcs="
#define EVENT		SET "VM_ENTRY_INTERRUPTION_INFO="
#define BLOCKING	SET "GUEST_INTERRUPTIBILITY_STATE="
#define ACTIVITY	SET "GUEST_ACTIVITY_STATE="
#define IF		SET "GUEST_RFLAGS|=0x200"
#define HIGH		"0x8000000000000000"

#define REAL		"hello.bin"
#define PROTECTED	"kernel32.elf"

struct mistake {
	const char *options[4];
	const char *rule, *field;
	const char *guest;		/* NULL: REAL */
	bool not_tried;			/* two fields are risky, and one rule is broken */
};

static const struct mistake mistakes[] = {
	/* Controls. */
	{ { SET "PIN_EXEC_CONTROLS^=2" }, "PIN_CONTROLS", "PIN_EXEC_CONTROLS" },
	{ { SET "CR3_TARGET_COUNT=512" }, "CR3_TARGETS", "CR3_TARGET_COUNT" },
	{ { SET "PRIMARY_EXEC_CONTROLS|=0x2000000", SET "IO_BITMAP_A=0x10" },
	  "IO_BITMAPS", "IO_BITMAP_A" },
	{ { SET "MSR_BITMAPS|=0x10" }, "MSR_BITMAPS", "MSR_BITMAPS" },
	{ { SET "PIN_EXEC_CONTROLS&=0xfffffff7" }, "VIRTUAL_NMIS", "PIN_EXEC_CONTROLS" },
	{ { SET "SECONDARY_EXEC_CONTROLS|=0x20", SET "VPID=0" }, "VPID", "VPID" },
	{ { SET "EPT_POINTER|=7" }, "EPT_MEMORY_TYPE", "EPT_POINTER" },
	{ { SET "EPT_POINTER^=0x20" }, "EPT_WALK_LENGTH", "EPT_POINTER" },
	{ { SET "EPT_POINTER|=0x800" }, "EPT_POINTER", "EPT_POINTER" },
	{ { SET "SECONDARY_EXEC_CONTROLS&=0xfffffffd" }, "EPT_NEEDED",
	  "SECONDARY_EXEC_CONTROLS" },
	{ { SET "SECONDARY_EXEC_CONTROLS|=0x2000000", SET "TSC_MULTIPLIER=0" },
	  "TSC_MULTIPLIER", "TSC_MULTIPLIER" },
	{ { SET "PRIMARY_VM_EXIT_CONTROLS|=0x400000", SET "PIN_EXEC_CONTROLS&=0xffffffbf" },
	  "TIMER_SAVED", "PRIMARY_VM_EXIT_CONTROLS", REAL, true },
	{ { EVENT "0x80000120" }, "INJECTED_TYPE", "VM_ENTRY_INTERRUPTION_INFO" },
	{ { EVENT "0x80000203" }, "INJECTED_VECTOR", "VM_ENTRY_INTERRUPTION_INFO" },
	{ { EVENT "0x80000b06" }, "INJECTED_ERROR_CODE", "VM_ENTRY_INTERRUPTION_INFO" },
	{ { EVENT "0x80000421", SET "VM_ENTRY_INSTRUCTION_LENGTH=16" }, "INJECTED_LENGTH",
	  "VM_ENTRY_INSTRUCTION_LENGTH" },
	{ { SET "VM_ENTRY_MSR_LOAD_COUNT=1", SET "VM_ENTRY_MSR_LOAD_ADDRESS=8" },
	  "ENTRY_MSR_LOAD", "VM_ENTRY_MSR_LOAD_ADDRESS", REAL, true },
	/* The host's state. */
	{ { SET "HOST_CR3|=" HIGH }, "HOST_CR3", "HOST_CR3" },
	{ { SET "HOST_IA32_EFER&=0xfffffffffffffeff" }, "HOST_EFER_MODE", "HOST_IA32_EFER" },
	{ { SET "HOST_DS_SELECTOR|=3" }, "HOST_SELECTORS", "HOST_DS_SELECTOR" },
	{ { SET "HOST_CS_SELECTOR=0" }, "HOST_CS_NULL", "HOST_CS_SELECTOR" },
	{ { SET "HOST_TR_SELECTOR=0" }, "HOST_TR_NULL", "HOST_TR_SELECTOR" },
	{ { SET "HOST_GS_BASE^=" HIGH }, "HOST_BASES", "HOST_GS_BASE" },
	{ { SET "HOST_CR4&=0xffffffffffffffdf" }, "HOST_PAE", "HOST_CR4" },
	{ { SET "HOST_RIP^=" HIGH }, "HOST_RIP", "HOST_RIP" },
	/* The guest's registers. */
	{ { SET "GUEST_CR0^=0x20" }, "GUEST_CR0", "GUEST_CR0" },
	{ { SET "GUEST_CR0|=0x80000000" }, "GUEST_CR0_PAGING", "GUEST_CR0" },
	{ { SET "GUEST_CR4^=0x2000" }, "GUEST_CR4", "GUEST_CR4" },
	{ { SET "VM_ENTRY_CONTROLS|=0x200" }, "GUEST_IA32E_PAGING", "GUEST_CR0" },
	{ { SET "GUEST_CR4|=0x20000" }, "GUEST_PCIDE", "GUEST_CR4" },
	{ { SET "GUEST_CR3|=" HIGH }, "GUEST_CR3", "GUEST_CR3" },
	{ { SET "GUEST_DR7|=0x100000000" }, "GUEST_DR7", "GUEST_DR7" },
	{ { SET "GUEST_IA32_SYSENTER_EIP=" HIGH }, "GUEST_SYSENTER",
	  "GUEST_IA32_SYSENTER_EIP" },
	{ { SET "GUEST_IA32_PAT=0x0007040600070402" }, "GUEST_PAT", "GUEST_IA32_PAT" },
	{ { SET "GUEST_IA32_EFER|=0x400" }, "GUEST_EFER_LMA", "GUEST_IA32_EFER" },
	{ { SET "GUEST_RIP=0x100000000" }, "GUEST_RIP_HIGH", "GUEST_RIP" },
	{ { SET "GUEST_RFLAGS^=2" }, "GUEST_RFLAGS", "GUEST_RFLAGS" },
	{ { SET "0x6820&=0xfffffffffffffffd" }, "GUEST_RFLAGS", "GUEST_RFLAGS", PROTECTED },
	{ { EVENT "0x80000020" }, "GUEST_RFLAGS_IF", "GUEST_RFLAGS" },
	/* Its segments. */
	{ { SET "GUEST_LDTR_SELECTOR=4" }, "GUEST_LDTR_TI", "GUEST_LDTR_SELECTOR" },
	{ { SET "GUEST_RFLAGS|=0x20000" }, "GUEST_V86_BASE", "GUEST_CS_BASE", PROTECTED },
	{ { SET "GUEST_FS_BASE=" HIGH }, "GUEST_BASES", "GUEST_FS_BASE" },
	{ { SET "GUEST_CS_BASE=0x100000000" }, "GUEST_BASES_HIGH", "GUEST_CS_BASE" },
	{ { SET "GUEST_CS_ACCESS_RIGHTS=0xc09a" }, "GUEST_CS_TYPE",
	  "GUEST_CS_ACCESS_RIGHTS", PROTECTED },
	{ { SET "GUEST_SS_ACCESS_RIGHTS=0xc091" }, "GUEST_SS_TYPE",
	  "GUEST_SS_ACCESS_RIGHTS", PROTECTED },
	{ { SET "VMCS_GUEST_CS_ACCESS_RIGHTS^=0x80" }, "GUEST_P", "GUEST_CS_ACCESS_RIGHTS" },
	{ { SET "GUEST_CS_LIMIT=0xfffff000" }, "GUEST_G", "GUEST_CS_ACCESS_RIGHTS",
	  PROTECTED },
	{ { SET "GUEST_CS_LIMIT=0x100fff" }, "GUEST_G", "GUEST_CS_ACCESS_RIGHTS" },
	{ { SET "GUEST_TR_ACCESS_RIGHTS^=2" }, "GUEST_TR_TYPE", "GUEST_TR_ACCESS_RIGHTS" },
	{ { SET "GUEST_TR_ACCESS_RIGHTS|=0x10000" }, "GUEST_TR_RIGHTS",
	  "GUEST_TR_ACCESS_RIGHTS" },
	{ { SET "GUEST_GDTR_LIMIT=0x10000" }, "GUEST_TABLE_LIMITS", "GUEST_GDTR_LIMIT" },
	/* What is no register. */
	{ { ACTIVITY "7" }, "ACTIVITY", "GUEST_ACTIVITY_STATE" },
	{ { ACTIVITY "1", SET "GUEST_SS_ACCESS_RIGHTS|=0x60",
	    SET "GUEST_CS_ACCESS_RIGHTS|=0x60" }, "ACTIVITY_HLT", "GUEST_ACTIVITY_STATE",
	  PROTECTED },
	{ { ACTIVITY "1", BLOCKING "1", IF }, "ACTIVITY_BLOCKED", "GUEST_ACTIVITY_STATE" },
	{ { BLOCKING "3", IF }, "BLOCKING_BOTH", "GUEST_INTERRUPTIBILITY_STATE" },
	{ { BLOCKING "1" }, "BLOCKING_STI", "GUEST_INTERRUPTIBILITY_STATE" },
	{ { EVENT "0x80000020", BLOCKING "2", IF }, "BLOCKING_INTERRUPT",
	  "GUEST_INTERRUPTIBILITY_STATE" },
	{ { SET "GUEST_PENDING_DEBUG_EXCEPTIONS=0x10" }, "PENDING_RESERVED",
	  "GUEST_PENDING_DEBUG_EXCEPTIONS" },
	{ { SET "VMCS_LINK_POINTER=0xfff" }, "LINK_POINTER", "VMCS_LINK_POINTER" },
	{ { SET "GUEST_CR0|=0x80000000", SET "GUEST_CR4|=0x20", SET "GUEST_PDPTE_0=0x21" },
	  "PDPTES", "GUEST_PDPTE_0", PROTECTED },
};

static const struct {
	const char *name;
	enum entry_section section;
} rules[] = {
#define R(name, section, what, mend)	{ #name, ENTRY_SECTION_##section },
	ENTRY_RULES(R)
#undef R
};

/* How the processor refuses, by where the rule stands (27.2 and 27.3). */
static const char *refusal(const struct mistake *mistake)
{
	size_t i = 0;

	if (mistake->not_tried)
		return "\nnot tried: the host would not survive its success\n";
	while (strcmp(rules[i].name, mistake->rule))
		i++;
	if (rules[i].section < ENTRY_SECTION_HOST_CR)
		return "\nVM entry failed: VMfailValid, VM-instruction error 7: ";
	if (rules[i].section < ENTRY_SECTION_GUEST_CR)
		return "\nVM entry failed: VMfailValid, VM-instruction error 8: ";
	return "\nVM entry refused: the guest state is invalid (exit reason 0x80000021, ";
}

/* KVM's nested VT-x does not check all that a processor checks. */
static bool is_virtual_machine(void)
{
	FILE *file = fopen("/proc/cpuinfo", "r");
	bool found = false;
	char line[4096];

	while (file && !found && fgets(line, sizeof(line), file))
		found = strstr(line, " hypervisor");
	if (file)
		fclose(file);
	return found;
}

FIXTURE(lab) {
	char messages[MAX_OUTPUT];
};

FIXTURE_SETUP(lab)
{
	char parameter[2] = "";
	cpu_set_t set;
	int fd;

	device_need(_metadata, MINIVMX_PATH);
	fd = open("/sys/module/minivmx/parameters/lab", O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(2, read(fd, parameter, sizeof(parameter)));
	close(fd);
	ASSERT_EQ('Y', parameter[0]);
	/* The other CPUs of Bochs have fields of the VMCS that its model lacks. */
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(set), &set));
}

FIXTURE_TEARDOWN(lab)
{
}

static void expect(struct __test_metadata *_metadata, struct guest_run run, char *messages)
{
	vmrun_expect(_metadata, "--device=" MINIVMX_PATH, &run, messages);
}

/* The rule that comes first, and its field. */
static void expect_first(struct __test_metadata *_metadata, const struct mistake *mistake,
			 const char *messages)
{
	const char *rule = strstr(messages, ": SDM Vol. 3C, "), *line;
	char name[64], field[64];

	snprintf(name, sizeof(name), "\n  %s", mistake->rule);
	snprintf(field, sizeof(field), "(%s): 0x", mistake->field);
	ASSERT_NE(NULL, rule) {
		TH_LOG("%s %s: no rule in\n%s", mistake->options[0], mistake->rule, messages);
	}
	for (line = rule; line > messages && *line != '\n'; )
		line--;
	EXPECT_EQ(strlen(name), (size_t)(rule - line));
	EXPECT_EQ(0, strncmp(name, line, strlen(name))) {
		TH_LOG("%s: not %s first in\n%s", mistake->options[0], mistake->rule, messages);
	}
	line = strchr(rule, '\n');
	ASSERT_NE(NULL, line);
	line = strstr(line, "(");
	ASSERT_NE(NULL, line);
	EXPECT_EQ(0, strncmp(field, line, strlen(field))) {
		TH_LOG("%s: not %s in\n%s", mistake->options[0], mistake->field, messages);
	}
}

TEST_F_TIMEOUT(lab, mistakes, 3 * TIMEOUT)
{
	bool virtual = is_virtual_machine();
	size_t i, absent = 0;
	struct vmrun vmrun;
	int status;

	for (i = 0; i < ARRAY_SIZE(mistakes); i++) {
		const struct mistake *mistake = &mistakes[i];
		struct guest_run run = { .guest = mistake->guest ?: REAL };

		memcpy(run.options, mistake->options, sizeof(run.options));
		ASSERT_EQ(0, vmrun_start(&vmrun, "--device=" MINIVMX_PATH, &run));
		close(vmrun.output);
		ASSERT_EQ(vmrun.pid, waitpid(vmrun.pid, &status, 0));
		ASSERT_EQ(0, lseek(vmrun.messages, 0, SEEK_SET));
		read_all(vmrun.messages, self->messages);
		if (strstr(self->messages, "this processor has no ")) {
			absent++;
			continue;
		}
		EXPECT_TRUE(WIFEXITED(status));
		expect_first(_metadata, mistake, self->messages);
		if (virtual && strstr(self->messages, "\nentered, and left at once: ")) {
			TH_LOG("%s: KVM takes it", mistake->options[0]);
			continue;
		}
		EXPECT_EQ(STATUS_ENTRY, WEXITSTATUS(status));
		EXPECT_NE(NULL, strstr(self->messages, refusal(mistake))) {
			TH_LOG("%s: not refused so:\n%s", mistake->options[0], self->messages);
		}
	}
	TH_LOG("%zu mistakes; %zu of them need what this processor does not have",
	       ARRAY_SIZE(mistakes), absent);
	EXPECT_LE(40, ARRAY_SIZE(mistakes) - absent);
}

/* What the processor takes: a second change sees the first. */
TEST_F_TIMEOUT(lab, entered, TIMEOUT)
{
	expect(_metadata, (struct guest_run) {
		.guest = REAL, .options = { SET "GUEST_RFLAGS^=0x200", SET "GUEST_RFLAGS|=1" },
		.says = ": 0x0000000000000202 -> 0x0000000000000203  CF, fixed 1, IF\n"
			"entered, and left at once: exit reason 52, PREEMPTION_TIMER\n",
	}, self->messages);
}

TEST_F_TIMEOUT(lab, qualifications, TIMEOUT)
{
	expect(_metadata, (struct guest_run) {
		.guest = REAL, .options = { SET "VMCS_LINK_POINTER=0xfff" },
		.status = STATUS_ENTRY,
		.says = ", qualification 4: the VMCS link pointer is not valid)\n",
	}, self->messages);
	expect(_metadata, (struct guest_run) {
		.guest = PROTECTED, .status = STATUS_ENTRY,
		.options = { SET "GUEST_CR0|=0x80000000", SET "GUEST_CR4|=0x20",
			     SET "GUEST_PDPTE_0=0x21" },
		.says = ", qualification 2: a PDPTE is not valid)\n",
	}, self->messages);
}

TEST_F_TIMEOUT(lab, judged_only, TIMEOUT)
{
	expect(_metadata, (struct guest_run) {
		.guest = REAL, .options = { "--check-entry", SET "GUEST_RFLAGS^=2" },
		.status = STATUS_ENTRY, .says = "\njudged only\n  GUEST_RFLAGS: SDM Vol. 3C, ",
	}, self->messages);
	expect(_metadata, (struct guest_run) {
		.guest = REAL, .options = { "--check-entry", SET "GUEST_RFLAGS|=0x200" },
		.says = "\njudged only\n  no rule is known to be broken\n",
	}, self->messages);
}

TEST_F_TIMEOUT(lab, not_tried, TIMEOUT)
{
	expect(_metadata, (struct guest_run) {
		.guest = REAL, .options = { SET "HOST_RIP=0" }, .status = STATUS_HOST,
		.says = "\nnot tried: the host would not survive its success\n",
	}, self->messages);
}

/* lab=1 is for root. */
TEST_F_TIMEOUT(lab, refused_to_others, TIMEOUT)
{
	mode_t mode = device_mode(_metadata, MINIVMX_PATH, 0666);
	struct guest_run run = {
		.guest = REAL, .options = { SET "GUEST_RFLAGS=2" }, .status = STATUS_HOST,
		.says = MINIVMX_PATH ": --set-vmcs needs root and minivmx.ko loaded with lab=1\n",
		.uid = NOBODY,
	};

	expect(_metadata, run, self->messages);
	EXPECT_STREQ(run.says, self->messages + strlen("vmrun: "));
	device_mode(_metadata, MINIVMX_PATH, mode);
}

/* All is as before: the guest runs, and nothing is left of the tries. */
TEST_F_TIMEOUT(lab, guest_runs_after, TIMEOUT)
{
	expect(_metadata, (struct guest_run) {
		.guest = REAL, .options = { "--check-entry" }, .output = "Hello, world!\n",
	}, self->messages);
}

TEST_HARNESS_MAIN
