/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_DISASSEMBLER_H
#define VMRUN_DISASSEMBLER_H

#include <stdbool.h>
#include <stddef.h>
#include <capstone/capstone.h>
#include <linux/types.h>

/**
 * struct disassembler - what turns code into text
 * @handle: capstone's; 0 if there is none
 * @insn: the last instruction
 */
struct disassembler {
	csh handle;
	cs_insn *insn;
};

bool disassembler_open(struct disassembler *disassembler);
const cs_insn *disassemble(struct disassembler *disassembler, unsigned int bits,
			   const __u8 *code, size_t size, __u64 rip);
void disassembler_close(struct disassembler *disassembler);

#endif /* VMRUN_DISASSEMBLER_H */
