// SPDX-License-Identifier: GPL-2.0
/*
 * What the instruction is at which a guest ended, as far as that may be the cause. In
 * the disassembler's words: AT&T syntax.
 */
#include <string.h>
#include <asm/processor-flags.h>

#include "array_size.h"
#include "crash_insn.h"

static bool is(const struct crash_facts *f, const char *mnemonic)
{
	return !strcmp(f->mnemonic, mnemonic);
}

static bool starts(const struct crash_facts *f, const char *mnemonic)
{
	return !strncmp(f->mnemonic, mnemonic, strlen(mnemonic));
}

/** insn_is_none() - the bytes are no instruction */
bool insn_is_none(const struct crash_facts *f)
{
	return f->code_size && !*f->mnemonic;
}

/** insn_is_ud() - UD2, or another that is undefined for good */
bool insn_is_ud(const struct crash_facts *f)
{
	return is(f, "ud2") || is(f, "ud2b") || is(f, "ud0");
}

/** insn_is_int3() - INT3 */
bool insn_is_int3(const struct crash_facts *f)
{
	return is(f, "int3");
}

/** insn_is_int() - a software interrupt */
bool insn_is_int(const struct crash_facts *f)
{
	return is(f, "int") || is(f, "int1") || is(f, "into");
}

/* SDM Vol. 3A, "Privileged Instructions", 5.9. */
static bool is_privileged(const struct crash_facts *f)
{
	static const char *const names[] = {
		"lgdt", "lidt", "lldt", "ltr", "lmsw", "clts", "hlt", "invd", "wbinvd",
		"invlpg", "rdmsr", "wrmsr", "rdpmc", "sysexit", "sysret", "cli", "sti", "in",
		"out", "ins", "outs",
	};
	size_t i;

	if (starts(f, "mov") && (strstr(f->operands, "%cr") || strstr(f->operands, "%dr")))
		return true;
	/* int and insert are none, but have the same beginning. */
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		size_t length = strlen(names[i]);

		if (starts(f, names[i]) && strlen(f->mnemonic) <= length + 1 &&
		    (!f->mnemonic[length] || strchr("bwlqd", f->mnemonic[length])))
			return true;
	}
	return false;
}

/** insn_is_forbidden() - a privileged instruction, in ring 3 */
bool insn_is_forbidden(const struct crash_facts *f)
{
	return f->sregs.cr0 & X86_CR0_PE && f->sregs.ss.dpl == 3 && is_privileged(f);
}

/** insn_is_sse_switched_off() - SSE, which CR4 does not allow */
bool insn_is_sse_switched_off(const struct crash_facts *f)
{
	return strstr(f->operands, "%xmm") && !(f->sregs.cr4 & X86_CR4_OSFXSR);
}

/** insn_is_fpu_switched_off() - FPU or SSE, which CR0 does not allow */
bool insn_is_fpu_switched_off(const struct crash_facts *f)
{
	return (f->mnemonic[0] == 'f' || strstr(f->operands, "%xmm")) &&
		f->sregs.cr0 & (X86_CR0_EM | X86_CR0_TS);
}

/** insn_is_msr() - RDMSR or WRMSR */
bool insn_is_msr(const struct crash_facts *f)
{
	return is(f, "rdmsr") || is(f, "wrmsr");
}

/** insn_is_division() - DIV or IDIV */
bool insn_is_division(const struct crash_facts *f)
{
	return starts(f, "div") || starts(f, "idiv");
}

/** insn_is_selector_load() - it loads a segment register, TR or LDTR */
bool insn_is_selector_load(const struct crash_facts *f)
{
	static const char *const names[] = {
		"ljmp", "lcall", "lret", "iret", "ltr", "lldt", "lss", "lds", "les", "lfs", "lgs",
	};
	static const char *const registers[] = { "%ds", "%es", "%fs", "%gs", "%ss" };
	const char *last = strrchr(f->operands, ',');
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (starts(f, names[i]))
			return true;
	last = last ? last + 1 + strspn(last + 1, " ") : f->operands;
	for (i = 0; i < ARRAY_SIZE(registers); i++)
		if ((starts(f, "mov") || starts(f, "pop")) && !strcmp(last, registers[i]))
			return true;
	return false;
}

/** insn_is_control_register_write() - MOV to a control register */
bool insn_is_control_register_write(const struct crash_facts *f)
{
	const char *last = strrchr(f->operands, ',');

	return starts(f, "mov") && last && strstr(last, "%cr");
}

/** insn_is_jump_to_itself() - JMP to its own first byte */
bool insn_is_jump_to_itself(const struct crash_facts *f)
{
	static const __u8 near32[] = { 0xe9, 0xfb, 0xff, 0xff, 0xff };
	static const __u8 near16[] = { 0xe9, 0xfd, 0xff };

	if (f->code_size >= 2 && f->code[0] == 0xeb && f->code[1] == 0xfe)
		return true;
	if (f->sregs.cs.l || f->sregs.cs.db)
		return f->code_size >= sizeof(near32) &&
			!memcmp(f->code, near32, sizeof(near32));
	return f->code_size >= sizeof(near16) && !memcmp(f->code, near16, sizeof(near16));
}

/** insn_is_pause() - PAUSE */
bool insn_is_pause(const struct crash_facts *f)
{
	return is(f, "pause");
}
