// SPDX-License-Identifier: GPL-2.0
/*
 * VM entries from good states with fields changed at random: the checker's verdict and
 * the processor's have to be the same, but for what explained.c knows.
 *
 *	entry_fuzz [--entries=N] [--seed=N] [--show=N] [--trace]
 *
 * The environment may say MINIVMX_ENTRIES instead of --entries. Needs root, and
 * minivmx.ko loaded with lab=1. With --trace, each change is printed before it is tried:
 * for changes that the machine does not survive.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "../stream/stream.h"
#undef PAGE
#include "../vm.h"
#include "entry.h"

/* A base is worth so many changes by chance, beside those that break a rule. */
#define CHANGES		128
#define MIN_BASES	16	/* each rule can be broken from one of them */
#define MAX_BASES	64

static const char * const rule_names[] = {
#define R(name, section, what, mend)	#name,
	ENTRY_RULES(R)
#undef R
};

static const enum entry_section rule_sections[] = {
#define R(name, section, what, mend)	ENTRY_SECTION_##section,
	ENTRY_RULES(R)
#undef R
};

static unsigned long entries = 200000;
static uint64_t seed = 1;
static unsigned int show = 20;
static bool trace;

static struct {
	unsigned long tried, not_tried, entered, failed;
	unsigned long explained, unexplained, missing;
	/* Of a rule: how often it alone was broken, and the processor refused. */
	unsigned long hits[ENTRY_NR_RULES];
} count;

/* Of a rule: it is about a control that this processor has not, and its fields neither. */
static bool lacks_field[ENTRY_NR_RULES];

static struct minivmx_vmx_caps caps;

static int fail(const char *what, int err)
{
	printf("Bail out! %s: %s\n", what, strerror(-err));
	return 1;
}

/* What the checker says that the processor will do. */
static bool agrees(const struct minivmx_entry_try *try)
{
	enum entry_section first, last = 0;
	unsigned int i;

	if (!try->nr_broken)
		return try->outcome == MINIVMX_ENTRY_ENTERED;
	first = rule_sections[try->broken[0].rule];
	for (i = 0; i < try->nr_broken && i < MINIVMX_TRY_MAX_BROKEN; i++)
		if (rule_sections[try->broken[i].rule] < ENTRY_SECTION_GUEST_CR)
			last = rule_sections[try->broken[i].rule];
	/* Controls and host state are checked in any order (27.2). */
	if (first < ENTRY_SECTION_GUEST_CR)
		return try->outcome == MINIVMX_ENTRY_FAIL_VALID &&
			((try->instruction_error == 7 && first < ENTRY_SECTION_HOST_CR) ||
			 (try->instruction_error == 8 && last >= ENTRY_SECTION_HOST_CR));
	return try->outcome == MINIVMX_ENTRY_FAIL_EXIT &&
		(try->exit_reason & 0xffff) ==
		(first == ENTRY_SECTION_MSR_LOAD ? 34 : 33);
}

static void print_fields(const struct base *base, const struct minivmx_entry_try *try)
{
	unsigned int i;

	printf("# %s:", base->name);
	for (i = 0; i < try->nr_fields; i++)
		printf(" %s %#llx -> %#llx", field_name(try->fields[i].encoding),
		       (unsigned long long)base->value[field_index(try->fields[i].encoding)],
		       try->fields[i].value);
}

static void print_try(const struct base *base, const struct minivmx_entry_try *try)
{
	static const char * const outcomes[] = {
		"not tried", "VMfailInvalid", "VMfailValid", "failed by exit", "entered",
	};
	unsigned int i;

	print_fields(base, try);
	printf("; processor: %s, error %u, reason %#x; checker:", outcomes[try->outcome],
	       try->instruction_error, try->exit_reason);
	for (i = 0; i < try->nr_broken && i < MINIVMX_TRY_MAX_BROKEN; i++)
		printf(" %s", rule_names[try->broken[i].rule]);
	puts(try->nr_broken ? "" : " no rule broken");
}

static void judge(const struct base *base, const struct minivmx_entry_try *try)
{
	struct minivmx_entry_try left;

	if (try->outcome == MINIVMX_ENTRY_NOT_TRIED) {
		count.not_tried++;
		return;
	}
	count.tried++;
	if (try->outcome == MINIVMX_ENTRY_ENTERED)
		count.entered++;
	else
		count.failed++;
	if (agrees(try)) {
		if (try->nr_broken == 1)
			count.hits[try->broken[0].rule]++;
		return;
	}
	if (explain(base, try, &left) && agrees(&left)) {
		count.explained++;
		return;
	}
	if (count.unexplained++ < show)
		print_try(base, try);
}

static void make_virtual_8086(struct stream *stream)
{
	struct minivmx_segment *segments[] = {
		&stream->sregs.cs, &stream->sregs.ds, &stream->sregs.es,
		&stream->sregs.fs, &stream->sregs.gs, &stream->sregs.ss,
	};
	unsigned int i;

	stream->regs.rflags |= 1 << 17;
	for (i = 0; i < 6; i++)
		*segments[i] = (struct minivmx_segment) {
			.selector = 0x100, .base = 0x1000, .limit = 0xffff,
			.type = 3, .s = 1, .dpl = 3, .present = 1,
		};
}

/* A guest in some mode, as the streams have them. */
static int make_base(struct vm *vm, const struct minivmx_sregs *reset, uint64_t number,
		     struct base *base)
{
	static struct minivmx_vmcs vmcs;
	static struct stream stream;
	bool virtual_8086;
	unsigned int i;
	int ret;

	stream_generate(&stream, number, reset);
	virtual_8086 = number % 8 == 7 && stream.mode != MODE_REAL && !stream.sregs.efer;
	if (virtual_8086)
		make_virtual_8086(&stream);
	ret = vm_set_sregs(vm->vcpu, &stream.sregs) ?: vm_set_regs(vm->vcpu, &stream.regs) ?:
		vm_ioctl_p(vm->vcpu, MINIVMX_GET_VMCS, &vmcs);
	if (ret)
		return ret;
	memset(base, 0, sizeof(*base));
	snprintf(base->name, sizeof(base->name), "%s%s", mode_names[stream.mode],
		 virtual_8086 ? ", V86" : stream.user ? ", ring 3" : "");
	for (i = 0; i < vmcs.nr; i++) {
		int index = field_index(vmcs.fields[i].encoding);

		base->present[index] = true;
		base->value[index] = vmcs.fields[i].value;
	}
	return 0;
}

static int try_entry(struct vm *vm, const struct base *base, struct minivmx_entry_try *try)
{
	int ret;

	if (trace) {
		print_fields(base, try);
		putchar('\n');
		fflush(stdout);
	}
	ret = vm_ioctl_p(vm->vcpu, MINIVMX_TRY_ENTRY, try);

	/* A field that this processor does not have. */
	return ret == -EOPNOTSUPP ? 1 : ret;
}

static int run_directed(struct vm *vm, const struct base *base)
{
	struct minivmx_entry_try try;
	unsigned int i;
	int ret;

	for (i = 0; i < nr_directed; i++) {
		direct(&directed[i], base, &try);
		ret = try_entry(vm, base, &try);
		if (ret < 0)
			return ret;
		/* That the field is not there is believed if the control is not, either. */
		if (!ret)
			judge(base, &try);
		else if (directed[i].fields[0] == VMCS_SECONDARY_EXEC_CONTROLS &&
			 directed[i].set[0] & ~(caps.secondary >> 32))
			lacks_field[directed[i].rule] = true;
	}
	return 0;
}

/* What is wrong is in memory. */
static int run_memory(struct vm *vm, const struct base *base)
{
	static const struct minivmx_entry_try rows[] = {
		{ .nr_msrs = 1, .msrs[0] = { .index = 0xc0000100 } },	/* FS base */
		{ .nr_msrs = 1, .msrs[0] = { .index = 0x808 } },	/* x2APIC TPR */
		{ .nr_msrs = 1, .msrs[0] = { .index = 0x174, .reserved = 1 } },
		{ .flags = MINIVMX_TRY_LINK_ZEROS },
		{ .flags = MINIVMX_TRY_LINK_SELF },
	};
	struct minivmx_entry_try try;
	unsigned int i;
	int ret;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		try = rows[i];
		ret = try_entry(vm, base, &try);
		if (ret < 0)
			return ret;
		judge(base, &try);
	}
	return 0;
}

/* SDM Vol. 3C, "VM Instruction Error Numbers", 31.4: 5, VMRESUME with non-launched VMCS. */
static bool resume_fails(struct vm *vm)
{
	struct minivmx_entry_try try = { .flags = MINIVMX_TRY_RESUME };

	return !vm_ioctl_p(vm->vcpu, MINIVMX_TRY_ENTRY, &try) && !try.nr_broken &&
		try.outcome == MINIVMX_ENTRY_FAIL_VALID && try.instruction_error == 5;
}

static int run_all(struct vm *vm)
{
	struct rng rng = { .state = seed };
	struct minivmx_entry_try try;
	struct minivmx_sregs reset;
	unsigned long n, i, bases, of_base;
	struct base base;
	int ret;

	bases = entries / CHANGES;
	bases = bases < MIN_BASES ? MIN_BASES : bases > MAX_BASES ? MAX_BASES : bases;
	of_base = entries / bases + 1;
	ret = vm_get_sregs(vm->vcpu, &reset);
	for (i = 0; i < bases && !ret; i++) {
		ret = make_base(vm, &reset, seed + i, &base);
		if (!ret)
			ret = run_directed(vm, &base) ?: run_memory(vm, &base);
		for (n = 0; n < of_base && !ret; ) {
			mutate(&rng, &base, &try);
			ret = try_entry(vm, &base, &try);
			if (!ret) {
				judge(&base, &try);
				n += try.outcome != MINIVMX_ENTRY_NOT_TRIED;
			}
		}
	}
	return ret;
}

static void print_counts(void)
{
	unsigned int i, hit = 0;

	printf("# %lu entries tried: %lu entered, %lu refused\n", count.tried, count.entered,
	       count.failed);
	printf("# %lu more not tried: the host would not survive their success\n",
	       count.not_tried);
	printf("# %lu verdicts differ and are explained, %lu are not\n", count.explained,
	       count.unexplained);
	explain_print();
	for (i = 0; i < ENTRY_NR_RULES; i++) {
		hit += !!count.hits[i];
		if (count.hits[i])
			printf("# rule %s: refused %lu times for it alone\n", rule_names[i],
			       count.hits[i]);
	}
	printf("# %u of %u rules were broken alone, and the processor agreed\n", hit,
	       ENTRY_NR_RULES);
	for (i = 0; i < ENTRY_NR_RULES; i++) {
		const char *why = lacks_field[i] ? "this model has no such field" :
				  explain_missing(i);

		if (count.hits[i])
			continue;
		printf("# not broken alone: %s: %s\n", rule_names[i], why ?: "WHY NOT?");
		count.missing += !why;
	}
}

static int parse(int argc, char **argv)
{
	static const struct option options[] = {
		{ "entries", required_argument, NULL, 'n' },
		{ "seed", required_argument, NULL, 's' },
		{ "show", required_argument, NULL, 'w' },
		{ "trace", no_argument, NULL, 't' },
		{ }
	};
	const char *env = getenv("MINIVMX_ENTRIES");
	int c;

	if (env)
		entries = strtoul(env, NULL, 0);
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (c) {
		case 'n':
			entries = strtoul(optarg, NULL, 0);
			break;
		case 's':
			seed = strtoull(optarg, NULL, 0);
			break;
		case 'w':
			show = strtoul(optarg, NULL, 0);
			break;
		case 't':
			trace = true;
			break;
		default:
			return -1;
		}
	return 0;
}

int main(int argc, char **argv)
{
	cpu_set_t set;
	bool resumed;
	struct vm vm;
	int ret;

	if (parse(argc, argv))
		return 2;
	/* The other CPUs of Bochs have fields of the VMCS that its model lacks. */
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		return fail("CPU 0", -errno);
	puts("TAP version 13\n1..3");
	ret = vm_open(&vm, FUZZ_DEVICE);
	if (ret)
		return fail(FUZZ_DEVICE, ret);
	ret = vm_ioctl_p(vm.dev, MINIVMX_GET_VMX_CAPS, &caps) ?: run_all(&vm);
	resumed = !resume_fails(&vm);
	vm_close(&vm);
	if (ret < 0)
		return fail("MINIVMX_TRY_ENTRY (lab=1?)", ret);
	print_counts();
	printf("%s 1 entry_fuzz.verdicts\n", count.unexplained ? "not ok" : "ok");
	if (count.missing && is_nested()) {
		puts("ok 2 entry_fuzz.rules # SKIP KVM has fewer controls: see lane bochs");
		count.missing = 0;
	} else {
		printf("%s 2 entry_fuzz.rules\n", count.missing ? "not ok" : "ok");
	}
	printf("%s 3 entry_fuzz.resume\n", resumed ? "not ok" : "ok");
	return count.unexplained || count.missing || resumed;
}
