/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_BOOT_H
#define VMRUN_BOOT_H

#include <stdbool.h>

#include "bios.h"
#include "image.h"
#include "vcpu.h"

bool boot_is(const struct image *image);
int boot_load(const struct image *image, const struct vm *vm,
	      const struct options *opt, struct start *start);
int boot_through_bios(const struct image *image, const struct vm *vm,
		      const struct range *code, struct start *start,
		      struct bios_start *from_bios);

#endif /* VMRUN_BOOT_H */
