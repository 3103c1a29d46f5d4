/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_BOOT_SECTOR_H
#define VMRUN_BOOT_SECTOR_H

#include <stdbool.h>

#include "image.h"
#include "vcpu.h"

bool boot_sector_is(const struct image *image);
int boot_sector_load(const struct image *image, const struct vm *vm,
		     const struct options *opt, struct start *start);

#endif /* VMRUN_BOOT_SECTOR_H */
