/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Machine code for guests, written in assembler where it is used.
 *
 *	GUEST_CODE(16, hello,
 *		   "out	%al, $0x10\n"
 *		   "hlt\n");
 *
 * gives hello[] and hello_end[]. The code runs at VM_ENTRY, wherever the
 * assembler puts it here: jumps are relative anyway, and HERE(label, hello)
 * is the address that a label has in the guest.
 */
#ifndef SELFTESTS_GUEST_CODE_H
#define SELFTESTS_GUEST_CODE_H

#include <stdint.h>

#define GUEST_CODE(bits, name, text)					\
	asm(".pushsection .rodata, \"a\"\n"				\
	    ".code" #bits "\n"						\
	    #name ":\n"							\
	    text							\
	    #name "_end:\n"						\
	    ".code64\n"							\
	    ".popsection\n");						\
	extern const uint8_t name[], name##_end[]

/* The guest's address of a label of the code that is called @code here. */
#define HERE(label, code)	"(" #label " - " #code " + 0x1000)"

/* For vm_load(): both ends. */
#define CODE(name)		name, name##_end

#endif /* SELFTESTS_GUEST_CODE_H */
