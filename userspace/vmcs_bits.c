// SPDX-License-Identifier: GPL-2.0
/*
 * What the bits of a VMCS field mean.
 *
 * Source: SDM Vol. 3C, "Virtual Machine Control Structures", chapter 25; Vol. 3A,
 * "Control Registers", 2.5; Vol. 4, "IA-32 Architectural MSRs" (IA32_EFER), edition
 * 083.
 */
#include <asm/vmx.h>

#include "array_size.h"
#include "caps.h"
#include "names.h"
#include "vmcs.h"

#define NO_BIT	64

/* Of access rights: code or data, not system. */
#define RIGHTS_S	0x10

struct bit {
	unsigned int bit;
	const char *name;
};

static const struct bit efer[] = {
	{ 0, "SCE" }, { 8, "LME" }, { 10, "LMA" }, { 11, "NXE" }, { NO_BIT, NULL },
};

static const struct bit rflags[] = {
	{ 0, "CF" }, { 1, "fixed 1" }, { 2, "PF" }, { 4, "AF" }, { 6, "ZF" }, { 7, "SF" },
	{ 8, "TF" }, { 9, "IF" }, { 10, "DF" }, { 11, "OF" }, { 14, "NT" }, { 16, "RF" },
	{ 17, "VM" }, { 18, "AC" }, { 19, "VIF" }, { 20, "VIP" }, { 21, "ID" }, { NO_BIT, NULL },
};

static const struct bit interruptibility[] = {
	{ 0, "blocking by STI" }, { 1, "blocking by MOV SS" }, { 2, "blocking by SMI" },
	{ 3, "blocking by NMI" }, { 4, "enclave interruption" }, { NO_BIT, NULL },
};

static const struct bit pending[] = {
	{ 0, "B0" }, { 1, "B1" }, { 2, "B2" }, { 3, "B3" }, { 11, "BLD" },
	{ 12, "enabled breakpoint" }, { 14, "BS" }, { 16, "RTM" }, { NO_BIT, NULL },
};

static const struct bit exceptions[] = {
	{ 0, "#DE" }, { 1, "#DB" }, { 2, "NMI" }, { 3, "#BP" }, { 4, "#OF" }, { 5, "#BR" },
	{ 6, "#UD" }, { 7, "#NM" }, { 8, "#DF" }, { 10, "#TS" }, { 11, "#NP" }, { 12, "#SS" },
	{ 13, "#GP" }, { 14, "#PF" }, { 16, "#MF" }, { 17, "#AC" }, { 18, "#MC" },
	{ 19, "#XM" }, { 20, "#VE" }, { 21, "#CP" }, { NO_BIT, NULL },
};

static const struct bit rights[] = {
	{ 4, "S" }, { 7, "P" }, { 12, "AVL" }, { 13, "L" }, { 14, "D/B" }, { 15, "G" },
	{ 16, "unusable" }, { NO_BIT, NULL },
};

static const struct {
	__u32 encoding;
	const struct bit *bits;
} flags[] = {
	{ VMCS_GUEST_IA32_EFER, efer }, { VMCS_HOST_IA32_EFER, efer },
	{ VMCS_GUEST_RFLAGS, rflags },
	{ VMCS_GUEST_INTERRUPTIBILITY_STATE, interruptibility },
	{ VMCS_GUEST_PENDING_DEBUG_EXCEPTIONS, pending },
	{ VMCS_EXCEPTION_BITMAP, exceptions },
};

static const struct {
	__u32 encoding;
	enum vmx_ctl_word word;
} controls[] = {
	{ VMCS_PIN_EXEC_CONTROLS, VMX_CTL_PIN },
	{ VMCS_PRIMARY_EXEC_CONTROLS, VMX_CTL_PRIMARY },
	{ VMCS_SECONDARY_EXEC_CONTROLS, VMX_CTL_SECONDARY },
	{ VMCS_PRIMARY_VM_EXIT_CONTROLS, VMX_CTL_EXIT },
	{ VMCS_VM_ENTRY_CONTROLS, VMX_CTL_ENTRY },
};

/* Which of caps_registers[] a field is like. */
static const struct {
	__u32 encoding;
	unsigned int number;
} registers[] = {
	{ VMCS_GUEST_CR0, 0 }, { VMCS_HOST_CR0, 0 }, { VMCS_CR0_GUEST_HOST_MASK, 0 },
	{ VMCS_CR0_READ_SHADOW, 0 },
	{ VMCS_GUEST_CR4, 1 }, { VMCS_HOST_CR4, 1 }, { VMCS_CR4_GUEST_HOST_MASK, 1 },
	{ VMCS_CR4_READ_SHADOW, 1 },
};

/**
 * struct words - what is said of a value, in pieces
 * @out: where
 * @next: stands before the next piece
 */
struct words {
	FILE *out;
	const char *next;
};

static void say(struct words *words, const char *piece)
{
	fprintf(words->out, "%s%s", words->next, piece);
	words->next = ", ";
}

/* Bits without a name are told by number: often, one of them is what is wrong. */
static void say_rest(struct words *words, __u64 value)
{
	unsigned int low, high;

	for (low = 0; low < 64; low = high + 1) {
		for (high = low; high < 63 && (value >> low & 1) && (value >> (high + 1) & 1); )
			high++;
		if (!(value >> low & 1))
			continue;
		if (high > low)
			fprintf(words->out, "%sbits %u:%u", words->next, high, low);
		else
			fprintf(words->out, "%sbit %u", words->next, low);
		words->next = ", ";
	}
}

static void say_flags(struct words *words, const struct bit *bits, __u64 value)
{
	for (; bits->name; bits++) {
		if (value >> bits->bit & 1)
			say(words, bits->name);
		value &= ~(1ULL << bits->bit);
	}
	say_rest(words, value);
}

static const char *control_name(enum vmx_ctl_word word, unsigned int bit)
{
	unsigned int i;

	for (i = 0; i < caps_nr_controls; i++)
		if (caps_controls[i].word == word && caps_controls[i].bit == bit)
			return caps_controls[i].name;
	return NULL;
}

static void say_controls(struct words *words, enum vmx_ctl_word word, __u64 value)
{
	unsigned int bit;

	for (bit = 0; bit < 32; bit++) {
		const char *name = control_name(word, bit);

		if (!name || !(value >> bit & 1))
			continue;
		say(words, name);
		value &= ~(1ULL << bit);
	}
	say_rest(words, value);
}

static void say_register(struct words *words, const struct caps_field *bits, __u64 value)
{
	for (; bits->name; bits++) {
		if (value >> bits->low & 1)
			say(words, bits->name);
		value &= ~(1ULL << bits->low);
	}
	say_rest(words, value);
}

/* Types: SDM Vol. 3A, tables 3-1 and 3-2. */
static void say_rights(struct words *words, __u64 value)
{
	static const char *const code_and_data[16] = {
		"data, read-only", "data, read-only, accessed", "data, read/write",
		"data, read/write, accessed", "data, read-only, expand-down",
		"data, read-only, expand-down, accessed", "data, read/write, expand-down",
		"data, read/write, expand-down, accessed", "code, execute-only",
		"code, execute-only, accessed", "code, execute/read",
		"code, execute/read, accessed", "code, conforming",
		"code, conforming, accessed", "code, conforming, readable",
		"code, conforming, readable, accessed",
	};
	static const char *const system[16] = {
		[1] = "16-bit TSS, available", [2] = "LDT", [3] = "16-bit TSS, busy",
		[9] = "TSS, available", [11] = "TSS, busy",
	};
	unsigned int type = value & 15;
	const char *name = value & RIGHTS_S ? code_and_data[type] : system[type];

	fprintf(words->out, "%stype %u (%s), DPL %llu", words->next, type,
		name ?: "no such segment", value >> 5 & 3);
	words->next = ", ";
	say_flags(words, rights, value & ~0x6fULL);
}

/* Of an event that an entry injects, or that an exit tells of: tables 25-17 to 25-19. */
static void say_event(struct words *words, __u32 encoding, __u64 value)
{
	static const char *const types[8] = {
		"external interrupt", "reserved type", "NMI", "hardware exception",
		"software interrupt", "privileged software exception",
		"software exception", "other event",
	};
	bool entry = encoding == VMCS_VM_ENTRY_INTERRUPTION_INFO;

	if (!(value >> 31 & 1)) {
		say(words, "not valid");
		return;
	}
	say(words, types[value >> 8 & 7]);
	fprintf(words->out, ", vector %llu", value & 0xff);
	if (value >> 11 & 1)
		say(words, entry ? "deliver error code" : "error code valid");
	if (value >> 12 & 1 && encoding == VMCS_VM_EXIT_INTERRUPTION_INFO) {
		say(words, "NMI unblocking due to IRET");
		value &= ~(1ULL << 12);
	}
	say_rest(words, value & 0x7ffff000);
}

static void say_ept_pointer(struct words *words, __u64 value)
{
	fprintf(words->out, "%smemory type %llu, page-walk length %llu", words->next,
		value & 7, (value >> 3 & 7) + 1);
	words->next = ", ";
	if (value >> 6 & 1)
		say(words, "accessed and dirty flags");
	/* No processor has addresses beyond bit 51. */
	say_rest(words, value & (0xf80 | 0xfffULL << 52));
}

static void say_activity(struct words *words, __u64 value)
{
	static const char *const states[] = { "active", "HLT", "shutdown", "wait-for-SIPI" };

	say(words, value < ARRAY_SIZE(states) ? states[value] : "no such state");
}

static void say_reason(struct words *words, __u64 value)
{
	fprintf(words->out, "%s%llu %s", words->next, value & 0xffff,
		vmx_exit_name(value & 0xffff));
	words->next = ", ";
	if (value & VMX_EXIT_REASONS_FAILED_VMENTRY)
		say(words, "VM-entry failure");
	say_rest(words, value & 0x7fff0000);
}

/**
 * vmcs_print_bits() - what a value means, after two spaces; nothing if no table knows
 * @out: where
 * @encoding: of which field
 * @value: the value
 */
void vmcs_print_bits(FILE *out, __u32 encoding, __u64 value)
{
	struct words words = { .out = out, .next = "  " };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		if (flags[i].encoding == encoding)
			say_flags(&words, flags[i].bits, value);
	for (i = 0; i < ARRAY_SIZE(controls); i++)
		if (controls[i].encoding == encoding)
			say_controls(&words, controls[i].word, value);
	for (i = 0; i < ARRAY_SIZE(registers); i++)
		if (registers[i].encoding == encoding)
			say_register(&words, caps_registers[registers[i].number].bits, value);
	if (encoding >= VMCS_GUEST_ES_ACCESS_RIGHTS && encoding <= VMCS_GUEST_TR_ACCESS_RIGHTS)
		say_rights(&words, value);
	switch (encoding) {
	case VMCS_VM_ENTRY_INTERRUPTION_INFO:
	case VMCS_VM_EXIT_INTERRUPTION_INFO:
	case VMCS_IDT_VECTORING_INFO:
		say_event(&words, encoding, value);
		break;
	case VMCS_EPT_POINTER:
		say_ept_pointer(&words, value);
		break;
	case VMCS_GUEST_ACTIVITY_STATE:
		say_activity(&words, value);
		break;
	case VMCS_EXIT_REASON:
		say_reason(&words, value);
		break;
	case VMCS_VM_INSTRUCTION_ERROR:
		if (value)
			say(&words, vm_instruction_error_text(value));
		break;
	}
}

/** vmcs_print_value() - a value in the width of its field */
void vmcs_print_value(FILE *out, __u32 encoding, __u64 value)
{
	fprintf(out, "0x%0*llx", (int)vmcs_width(encoding) / 4, value);
}
