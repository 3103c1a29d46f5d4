/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fuzzers of what vmrun reads: each TARGET_fuzz.c has an LLVMFuzzerTestOneInput(), and
 * is linked with fuzz.c and all of vmrun but its main().
 */
#ifndef SELFTESTS_FUZZ_LOADERS_H
#define SELFTESTS_FUZZ_LOADERS_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "../../userspace/image.h"
#include "../../userspace/vcpu.h"

/* libFuzzer calls them: once, and once for each input. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* If there is one, it calls this for the next input, and this calls the other. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* What does not hold ends the fuzzer, which keeps the input. */
#define EXPECT(condition)	((condition) ? (void)0 : abort())

typedef int fuzz_loader(const struct image *image, const struct vm *vm,
			const struct options *opt, struct start *start);

const char *fuzz_file(const uint8_t *data, size_t size);
void fuzz_load(const uint8_t *data, size_t size, enum format format, fuzz_loader *load);

#endif /* SELFTESTS_FUZZ_LOADERS_H */
