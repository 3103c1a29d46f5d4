// SPDX-License-Identifier: GPL-2.0
/*
 * Multiboot kernels, with what they are given.
 */
#include "../../userspace/multiboot.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_load(data, size, FORMAT_MULTIBOOT, multiboot_load);
	return 0;
}
