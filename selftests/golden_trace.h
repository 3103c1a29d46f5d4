/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SELFTESTS_GOLDEN_TRACE_H
#define SELFTESTS_GOLDEN_TRACE_H

/* GOLDEN(hello) - trace/hello.trace as a string, golden_hello. */
#define GOLDEN(name)						\
	asm(".pushsection .rodata, \"a\"\n"			\
	    "golden_" #name ": .incbin \"trace/" #name ".trace\"\n"	\
	    ".byte 0\n"						\
	    ".popsection\n");					\
	extern const char golden_##name[]

#endif /* SELFTESTS_GOLDEN_TRACE_H */
