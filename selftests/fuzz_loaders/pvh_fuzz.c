// SPDX-License-Identifier: GPL-2.0
/*
 * PVH kernels, with what they are given.
 */
#include "../../userspace/pvh.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_load(data, size, FORMAT_PVH, pvh_load);
	return 0;
}
