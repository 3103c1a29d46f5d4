// SPDX-License-Identifier: GPL-2.0
/*
 * Linux kernels, with what they are given.
 */
#include "../../userspace/bzimage.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_load(data, size, FORMAT_LINUX, bzimage_load);
	return 0;
}
