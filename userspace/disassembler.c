// SPDX-License-Identifier: GPL-2.0
/*
 * One instruction as text, in the syntax that the guests are written in.
 */
#include "disassembler.h"

/**
 * disassembler_open() - get ready
 * @disassembler: filled in; call disassembler_close() after success and failure
 *
 * Return: false if there is no memory.
 */
bool disassembler_open(struct disassembler *disassembler)
{
	static const __u8 hlt[] = { 0xf4 };

	*disassembler = (struct disassembler){ .handle = 0 };
	if (cs_open(CS_ARCH_X86, CS_MODE_16, &disassembler->handle) != CS_ERR_OK)
		return false;
	cs_option(disassembler->handle, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
	disassembler->insn = cs_malloc(disassembler->handle);
	/* The first instruction makes capstone sort its tables: in the sandbox, too late. */
	return disassembler->insn && disassemble(disassembler, 16, hlt, sizeof(hlt), 0);
}

/**
 * disassemble() - one instruction
 * @disassembler: from disassembler_open(); if it is all 0, nothing is known
 * @bits: 16, 32 or 64: what the code segment is for
 * @code: the bytes
 * @size: how many there are
 * @rip: the instruction pointer at the first of them
 *
 * Return: the instruction, until the next call; NULL if it is none.
 */
const cs_insn *disassemble(struct disassembler *disassembler, unsigned int bits,
			   const __u8 *code, size_t size, __u64 rip)
{
	cs_mode mode = bits == 64 ? CS_MODE_64 : bits == 32 ? CS_MODE_32 : CS_MODE_16;
	uint64_t address = rip;

	if (!disassembler->handle)
		return NULL;
	cs_option(disassembler->handle, CS_OPT_MODE, mode);
	if (!cs_disasm_iter(disassembler->handle, &code, &size, &address, disassembler->insn))
		return NULL;
	return disassembler->insn;
}

/** disassembler_close() - give up what disassembler_open() took */
void disassembler_close(struct disassembler *disassembler)
{
	if (disassembler->insn)
		cs_free(disassembler->insn, 1);
	if (disassembler->handle)
		cs_close(&disassembler->handle);
}
