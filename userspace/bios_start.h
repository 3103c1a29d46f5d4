/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_BIOS_START_H
#define VMRUN_BIOS_START_H

#include "bios.h"
#include "image.h"
#include "vcpu.h"

int bios_start_at(const struct image *image, const struct vm *vm,
		  const struct range *code, struct start *start,
		  struct bios_start *from_bios);

#endif /* VMRUN_BIOS_START_H */
